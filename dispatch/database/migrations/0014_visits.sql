-- Visits without a hand-out: declined, or nobody reached. Counts of doors by zone and map cell, never an address or a
-- person; they take no copies and enter no figure of coverage. Written by "handouts".

create table visit (
    city_id int not null references city,
    visit_id uuid not null,
    campaign_id uuid not null,
    zone_id uuid not null,
    cell bigint,
    outlet_id uuid not null,
    rider_id uuid not null,
    result text not null constraint visit_result_known check (result in ('declined', 'nobody_reached')),
    -- Doors; negative in a correction, which is linked to what it takes back.
    visits int not null constraint visit_visits_not_zero check (visits <> 0),
    corrects_id uuid,
    reason text,
    day date not null,
    visited_at timestamptz not null,
    received_at timestamptz not null,
    constraint visit_key primary key (city_id, visit_id),
    constraint visit_correction_is_linked check ((visits < 0) = (corrects_id is not null)),
    constraint visit_campaign foreign key (city_id, campaign_id) references campaign (city_id, campaign_id),
    constraint visit_rider foreign key (city_id, rider_id) references rider (city_id, rider_id)
);
create index visit_by_rider on visit (city_id, rider_id, day);
create index visit_by_corrected on visit (city_id, corrects_id) where corrects_id is not null;

-- The same doors per zone and day: what a zone's sheet shows, and what stays when the raw rows have expired.
create table zone_visit_tally (
    city_id int not null references city,
    campaign_id uuid not null,
    zone_id uuid not null,
    day date not null,
    outlet_id uuid not null,
    result text not null constraint zone_visit_tally_result_known check (result in ('declined', 'nobody_reached')),
    visits bigint not null,
    constraint zone_visit_tally_key primary key (city_id, campaign_id, zone_id, day, outlet_id, result)
) with (fillfactor = 80);
