-- Hand-outs and the tallies every figure is read from. Written by "handouts".

-- One row per confirmation; never deleted before its retention ends, then dropped by the day. A mistake is undone by
-- a linked row with negative copies. No coordinates: the phone sends an H3 cell or nothing.
create table handout (
    city_id int not null,
    -- UTC day inside the UUIDv7, so that the same id always lands in the same partition and can collide there.
    id_day date not null,
    handout_id uuid not null,
    campaign_id uuid not null,
    zone_id uuid not null,
    cell bigint,
    outlet_id uuid not null,
    holder_id uuid not null,
    holder_kind text not null,
    material_id uuid not null,
    channel text not null,
    copies int not null constraint handout_copies_not_zero check (copies <> 0),
    corrects_id uuid,
    reason text,
    -- A correction carries the answer of what it takes back, so that the rows alone give the tallies.
    first_copy_answer text,
    day date not null,
    handed_out_at timestamptz not null,
    received_at timestamptz not null,
    -- The id before the day: an id is looked for by itself, and each partition holds one day anyway.
    constraint handout_key primary key (city_id, handout_id, id_day),
    constraint handout_holder_known check (holder_kind in ('rider', 'outlet')),
    constraint handout_channel_known check (channel in ('in_person', 'with_meal', 'with_parcel', 'placed', 'home_visit')),
    constraint handout_answer_known check (first_copy_answer in ('yes', 'no', 'unknown')),
    constraint handout_correction_is_linked check ((copies < 0) = (corrects_id is not null))
) partition by range (id_day);
create table handout_other_days partition of handout default;
create index handout_by_holder on handout (city_id, holder_id, day);
create index handout_by_corrected on handout (city_id, corrects_id) where corrects_id is not null;

-- What the server could not take, as it came. Nothing disappears: when the cause is gone it is taken up.
create table handout_refused (
    city_id int not null,
    handout_id uuid not null,
    -- The same id may be refused first for want of stock and later as changed: one row per content.
    content_digest bytea not null,
    -- Which door it came through, and whose it is: enough to judge it again later.
    entry text not null constraint handout_refused_entry_known check (entry in ('sync', 'report', 'correction')),
    caller_role text not null,
    caller_id uuid not null,
    partner_id uuid,
    outlet_id uuid,
    campaign_id uuid,
    record jsonb not null,
    problem text not null,
    detail text not null,
    refused_at timestamptz not null,
    tries int not null default 1,
    -- waiting: may be taken up; taken_up: recorded since; dismissed: looked at and left.
    status text not null default 'waiting'
        constraint handout_refused_status_known check (status in ('waiting', 'taken_up', 'dismissed')),
    settled_at timestamptz,
    constraint handout_refused_key primary key (city_id, handout_id, content_digest),
    constraint handout_refused_settled_has_time check ((status = 'waiting') = (settled_at is null))
);
create index handout_refused_waiting on handout_refused (city_id, campaign_id, refused_at) where status = 'waiting';

-- Current totals per zone: few rows, read by every map and table.
create table zone_tally (
    city_id int not null,
    campaign_id uuid not null,
    zone_id uuid not null,
    material_id uuid not null,
    channel text not null,
    copies bigint not null default 0 constraint zone_tally_not_negative check (copies >= 0),
    first_asked bigint not null default 0,
    first_yes bigint not null default 0,
    -- "Don't know": left out of the estimate, but its share is shown.
    first_unknown bigint not null default 0,
    revision bigint not null default 1,
    constraint zone_tally_key primary key (city_id, campaign_id, zone_id, material_id, channel)
) with (fillfactor = 70);

-- The same copies by the day they were handed out and the day we learnt of them: "as it stood on day 37".
-- known_on is part of the key, so a correction of a later day may leave its own row below zero.
create table zone_day_tally (
    city_id int not null,
    campaign_id uuid not null,
    zone_id uuid not null,
    day date not null,
    known_on date not null,
    outlet_id uuid not null,
    material_id uuid not null,
    channel text not null,
    copies bigint not null default 0,
    constraint zone_day_tally_key primary key
        (city_id, campaign_id, zone_id, day, known_on, outlet_id, material_id, channel)
) with (fillfactor = 80);
create index zone_day_tally_by_outlet on zone_day_tally (city_id, campaign_id, outlet_id);

-- Copies of materials that count for reach, per H3 cell of resolution 9. Children of a parent are one range.
create table cell_tally (
    city_id int not null,
    campaign_id uuid not null,
    cell bigint not null,
    copies bigint not null default 0 constraint cell_tally_not_negative check (copies >= 0),
    in_person bigint not null default 0 constraint cell_tally_in_person_not_negative check (in_person >= 0),
    constraint cell_tally_key primary key (city_id, campaign_id, cell)
) with (fillfactor = 70);

create table cell_day_tally (
    city_id int not null,
    campaign_id uuid not null,
    cell bigint not null,
    known_on date not null,
    copies bigint not null default 0,
    constraint cell_day_tally_key primary key (city_id, campaign_id, cell, known_on)
) with (fillfactor = 80);
