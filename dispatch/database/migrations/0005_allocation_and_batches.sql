-- The plan and the batches it makes ("allocation"); the claims on them ("batches").

create table allocation (
    city_id int not null,
    allocation_id uuid not null,
    campaign_id uuid not null,
    material_id uuid not null,
    -- draft: may be looked at and changed by hand; approved: has made its batches; dropped: kept for the record.
    status text not null default 'draft'
        constraint allocation_status_known check (status in ('draft', 'approved', 'dropped')),
    copies int not null constraint allocation_copies_positive check (copies > 0),
    wave_number int,
    parameters jsonb not null,
    certificate jsonb not null,
    created_at timestamptz not null,
    created_by uuid not null,
    approved_at timestamptz,
    approved_by uuid,
    constraint allocation_key primary key (city_id, allocation_id),
    constraint allocation_campaign foreign key (city_id, campaign_id) references campaign (city_id, campaign_id),
    constraint allocation_material foreign key (city_id, material_id) references material (city_id, material_id),
    constraint allocation_approved_by_somebody check
        ((status = 'approved') = (approved_at is not null) and (approved_at is null) = (approved_by is null))
);

-- One line per zone and, where the plan names one, partner. partner_id is part of what the line is, so "any partner"
-- is the city's own nil id, not a null that a unique key would let in twice.
create table allocation_line (
    city_id int not null,
    allocation_id uuid not null,
    zone_id uuid not null,
    partner_id uuid not null default '00000000-0000-0000-0000-000000000000',
    copies int not null constraint allocation_line_not_negative check (copies >= 0),
    proposed_copies int not null constraint allocation_line_proposal_not_negative check (proposed_copies >= 0),
    risk_weight double precision not null,
    changed_by uuid,
    change_reason text,
    constraint allocation_line_key primary key (city_id, allocation_id, zone_id, partner_id),
    constraint allocation_line_allocation foreign key (city_id, allocation_id)
        references allocation (city_id, allocation_id),
    constraint allocation_line_zone foreign key (city_id, zone_id) references zone (city_id, zone_id),
    constraint allocation_line_change_has_reason check
        (copies = proposed_copies or (changed_by is not null and change_reason <> ''))
);

-- So many copies of one material for one zone. Never changed: what happens to a batch is told by its claims.
create table batch (
    city_id int not null,
    batch_id uuid not null,
    code text not null,
    campaign_id uuid not null,
    allocation_id uuid not null,
    zone_id uuid not null,
    material_id uuid not null,
    depot_id uuid not null,
    copies int not null constraint batch_copies_positive check (copies > 0),
    -- The only partner that may claim it; null: any partner that serves the zone.
    reserved_partner_id uuid,
    priority double precision not null,
    priority_reason text not null,
    due_on date not null,
    created_at timestamptz not null,
    constraint batch_key primary key (city_id, batch_id),
    constraint batch_code_unique unique (city_id, campaign_id, code),
    constraint batch_allocation foreign key (city_id, allocation_id) references allocation (city_id, allocation_id),
    constraint batch_zone foreign key (city_id, zone_id) references zone (city_id, zone_id),
    constraint batch_material foreign key (city_id, material_id) references material (city_id, material_id),
    constraint batch_depot foreign key (city_id, depot_id) references depot (city_id, depot_id),
    constraint batch_partner foreign key (city_id, reserved_partner_id) references partner (city_id, partner_id)
);
create index batch_by_campaign on batch (city_id, campaign_id, priority desc);

create table claim (
    city_id int not null,
    claim_id uuid not null,
    batch_id uuid not null,
    partner_id uuid not null,
    -- Set when an outlet manager claimed for the own outlet.
    outlet_id uuid,
    copies int not null constraint claim_copies_positive check (copies > 0),
    -- held: the one holder; released: given back by the holder; expired: the lease ran out uncollected.
    -- What was collected stays with the partner in every case; only the rest is free again.
    status text not null constraint claim_status_known check (status in ('held', 'released', 'expired')),
    lease_until timestamptz not null,
    claimed_at timestamptz not null,
    claimed_by uuid not null,
    assigned boolean not null default false,
    ended_at timestamptz,
    release_reason text,
    constraint claim_key primary key (city_id, claim_id),
    constraint claim_batch foreign key (city_id, batch_id) references batch (city_id, batch_id),
    constraint claim_partner foreign key (city_id, partner_id) references partner (city_id, partner_id),
    constraint claim_outlet foreign key (city_id, outlet_id) references outlet (city_id, outlet_id),
    constraint claim_ends_when_not_held check ((status = 'held') = (ended_at is null))
);
-- The rule itself: a batch has at most one holder.
create unique index claim_one_holder on claim (city_id, batch_id) where status = 'held';
create index claim_by_partner on claim (city_id, partner_id, claimed_at);
create index claim_by_batch on claim (city_id, batch_id);
