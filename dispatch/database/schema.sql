-- The schema as the migrations leave it: one block a table, by name. Partitions that the server makes by the day are
-- left out. For reading only: the migrations are what is applied. Written by
--     uv run dispatch schema > dispatch/database/schema.sql

create table account (
    city_id integer not null,
    account_id uuid not null,
    role text not null,
    login text not null,
    password_hash text not null,
    display_name text not null,
    -- A district bureau sees the zones whose division code begins with this; null: the whole city.
    division_code text,
    partner_id uuid,
    outlet_id uuid,
    active boolean not null default true,
    created_at timestamp with time zone not null,
    must_change_password boolean not null default false,
    password_changed_at timestamp with time zone,
    language text not null default 'zh',
    created_by uuid,
    signed_in_at timestamp with time zone,
    -- Shared secret of the authenticator, sealed with a key that is not in the database; null: none.
    second_factor_secret bytea,
    -- Null while the first code has not been told: until then the secret counts for nothing.
    second_factor_since timestamp with time zone,
    -- The last time step whose code was used: no code opens the door twice.
    second_factor_step bigint,
    -- Who this is at the police network's own sign-in, as issuer and subject.
    oidc_subject text,
    constraint account_key primary key (city_id, account_id),
    constraint account_login_unique unique (city_id, login),
    constraint account_oidc_subject_unique unique (city_id, oidc_subject),
    constraint account_city_id_fkey foreign key (city_id) references city(city_id),
    constraint account_outlet foreign key (city_id, outlet_id) references outlet(city_id, outlet_id),
    constraint account_partner foreign key (city_id, partner_id) references partner(city_id, partner_id),
    constraint account_language_known check (language in ('zh', 'en')),
    constraint account_role_known check (role in ('planner', 'auditor', 'firm_manager', 'outlet_manager')),
    constraint account_scope_fits_role check (case role
        when 'firm_manager' then partner_id is not null and outlet_id is null and division_code is null
        when 'outlet_manager' then partner_id is not null and outlet_id is not null and division_code is null
        else partner_id is null and outlet_id is null end)
);
create unique index account_login_in_any_case on account (city_id, lower(login));

-- The passwords an account had, so that the last ones are not taken again.
create table account_password (
    city_id integer not null,
    account_id uuid not null,
    set_at timestamp with time zone not null,
    password_hash text not null,
    constraint account_password_key primary key (city_id, account_id, set_at, password_hash),
    constraint account_password_account foreign key (city_id, account_id) references account(city_id, account_id)
);

create table allocation (
    city_id integer not null,
    allocation_id uuid not null,
    campaign_id uuid not null,
    material_id uuid not null,
    -- draft: may be looked at and changed by hand; approved: has made its batches; dropped: kept for the record.
    status text not null default 'draft',
    copies integer not null,
    wave_number integer,
    parameters jsonb not null,
    certificate jsonb not null,
    created_at timestamp with time zone not null,
    created_by uuid not null,
    approved_at timestamp with time zone,
    approved_by uuid,
    revision integer not null default 0,
    constraint allocation_key primary key (city_id, allocation_id),
    constraint allocation_campaign foreign key (city_id, campaign_id) references campaign(city_id, campaign_id),
    constraint allocation_material foreign key (city_id, material_id) references material(city_id, material_id),
    constraint allocation_approved_by_somebody check ((status = 'approved') = (approved_at is not null)
        and (approved_at is null) = (approved_by is null)),
    constraint allocation_copies_positive check (copies > 0),
    constraint allocation_revision_not_negative check (revision >= 0),
    constraint allocation_status_known check (status in ('draft', 'approved', 'dropped'))
);

-- One line per zone and, where the plan names one, partner. partner_id is part of what the line is, so "any partner"
-- is the city's own nil id, not a null that a unique key would let in twice.
create table allocation_line (
    city_id integer not null,
    allocation_id uuid not null,
    zone_id uuid not null,
    partner_id uuid not null default '00000000-0000-0000-0000-000000000000'::uuid,
    copies integer not null,
    proposed_copies integer not null,
    risk_weight double precision not null,
    changed_by uuid,
    change_reason text,
    -- A line loses what its batches lost, so that planned copies and batches stay the same sum.
    withdrawn_copies integer not null default 0,
    constraint allocation_line_key primary key (city_id, allocation_id, zone_id, partner_id),
    constraint allocation_line_allocation foreign key (city_id, allocation_id)
        references allocation(city_id, allocation_id),
    constraint allocation_line_zone foreign key (city_id, zone_id) references zone(city_id, zone_id),
    constraint allocation_line_change_has_reason check ((copies + withdrawn_copies) = proposed_copies
        or changed_by is not null and change_reason <> ''),
    constraint allocation_line_not_negative check (copies >= 0),
    constraint allocation_line_proposal_not_negative check (proposed_copies >= 0),
    constraint allocation_line_withdrawal_not_negative check (withdrawn_copies >= 0)
);

create table api_key (
    city_id integer not null,
    key_hash bytea not null,
    api_key_id uuid not null,
    partner_id uuid not null,
    name text not null,
    created_at timestamp with time zone not null,
    expires_at timestamp with time zone not null,
    revoked_at timestamp with time zone,
    scopes text[] not null default '{read,report}'::text[],
    last_used_at timestamp with time zone,
    replaces uuid,
    created_by uuid,
    -- Null: the key is the whole firm's.
    outlet_id uuid,
    constraint api_key_key primary key (city_id, key_hash),
    constraint api_key_id_unique unique (city_id, api_key_id),
    constraint api_key_city_id_fkey foreign key (city_id) references city(city_id),
    constraint api_key_outlet foreign key (city_id, outlet_id) references outlet(city_id, outlet_id),
    constraint api_key_partner foreign key (city_id, partner_id) references partner(city_id, partner_id),
    -- What a key is for is one of these words. A key made before keeps its words, and with them what it could do.
    constraint api_key_scopes_known check (scopes <@ array['read', 'report', 'correct', 'read_handouts', 'claims',
        'waybills', 'riders', 'capacity'] and cardinality(scopes) > 0)
);

-- All zones whose division code begins with a prefix, together: '' is the city, and every beginning of every zone's
-- code has a row, so that a district of any length of code finds its own.
create table area_reach_estimate (
    city_id integer not null,
    campaign_id uuid not null,
    division_prefix text not null,
    median double precision not null,
    low double precision not null,
    high double precision not null,
    level text not null,
    sources_disagree boolean not null,
    first_copy_share double precision,
    spot_check_share double precision,
    estimated_at timestamp with time zone not null,
    constraint area_reach_estimate_key primary key (city_id, campaign_id, division_prefix),
    constraint area_reach_estimate_campaign foreign key (city_id, campaign_id)
        references campaign(city_id, campaign_id),
    constraint area_reach_estimate_in_order check (0 <= low and low <= median and median <= high and high <= 1),
    constraint area_reach_estimate_level_known check (level in ('A', 'B', 'C'))
);

create table audit_entry (
    city_id integer not null,
    entry_id uuid not null,
    at timestamp with time zone not null,
    -- change: committed together with this entry; request: answered, nothing changed; read, export: personal data or a
    -- file left; refusal: asked and not given; command: an operator's; upkeep: what the server did unasked.
    kind text not null,
    -- The operation's name, the same as in the contract.
    operation text not null,
    -- done, or the slug of the problem.
    result text not null,
    caller_role text not null,
    caller_id uuid,
    partner_id uuid,
    outlet_id uuid,
    request_id text not null,
    -- Of riders the network only: a volunteer's whereabouts are nobody's business.
    address text not null,
    -- On whom or what, by ids and codes: {"rider_id": "…"}. Never a name, a PIN, a text somebody wrote.
    subject jsonb not null,
    constraint audit_entry_key primary key (city_id, entry_id),
    constraint audit_entry_kind_known check (kind in ('change', 'request', 'read', 'export', 'refusal', 'command',
        'upkeep'))
);
create index audit_entry_by_caller on audit_entry (city_id, caller_id, entry_id);

-- The end of each city's chain, and the lock under which it grows. The signature is made with a key that is not in the
-- database: whoever can write here but does not know it cannot make up a new end.
create table audit_head (
    city_id integer not null,
    position bigint not null,
    hash bytea not null,
    signature bytea not null,
    sealed_at timestamp with time zone not null,
    -- Entries are kept for a time. The chain begins after this position, with this hash before the first that is left.
    anchor_position bigint not null,
    anchor_hash bytea not null,
    constraint audit_head_key primary key (city_id),
    constraint audit_head_not_before_anchor check ("position" >= anchor_position)
);

create table audit_seal (
    city_id integer not null,
    position bigint not null,
    entry_id uuid not null,
    hash bytea not null,
    constraint audit_seal_key primary key (city_id, "position"),
    constraint audit_seal_entry_once unique (city_id, entry_id),
    constraint audit_seal_position_positive check ("position" > 0)
);

-- Entries that have no seal yet: the sealer's list of work, so that it never has to search.
create table audit_unsealed (
    city_id integer not null,
    entry_id uuid not null,
    constraint audit_unsealed_key primary key (city_id, entry_id)
);

-- So many copies of one material for one zone. Never changed: what happens to a batch is told by its claims.
create table batch (
    city_id integer not null,
    batch_id uuid not null,
    code text not null,
    campaign_id uuid not null,
    allocation_id uuid not null,
    zone_id uuid not null,
    material_id uuid not null,
    depot_id uuid not null,
    copies integer not null,
    -- The only partner that may claim it; null: any partner that serves the zone.
    reserved_partner_id uuid,
    priority double precision not null,
    priority_reason text not null,
    due_on date not null,
    created_at timestamp with time zone not null,
    -- Households of the zone without a copy when the batch was planned, rounded; null: not applicable.
    unreached_households integer,
    -- Copies that were taken back before anybody held them: they are in no batch any more and may be planned again.
    withdrawn_copies integer not null default 0,
    withdrawn_at timestamp with time zone,
    withdrawn_by uuid,
    withdrawn_reason text,
    constraint batch_key primary key (city_id, batch_id),
    constraint batch_code_unique unique (city_id, campaign_id, code),
    constraint batch_allocation foreign key (city_id, allocation_id) references allocation(city_id, allocation_id),
    constraint batch_depot foreign key (city_id, depot_id) references depot(city_id, depot_id),
    constraint batch_material foreign key (city_id, material_id) references material(city_id, material_id),
    constraint batch_partner foreign key (city_id, reserved_partner_id) references partner(city_id, partner_id),
    constraint batch_zone foreign key (city_id, zone_id) references zone(city_id, zone_id),
    constraint batch_copies_positive check (copies > 0),
    constraint batch_unreached_not_negative check (unreached_households >= 0),
    constraint batch_withdrawn_by_somebody check ((withdrawn_copies > 0) = (withdrawn_at is not null)
        and (withdrawn_at is null) = (withdrawn_by is null) and (withdrawn_at is null) = (withdrawn_reason is null)),
    constraint batch_withdraws_what_it_has check (withdrawn_copies >= 0 and withdrawn_copies <= copies)
);
create index batch_by_campaign on batch (city_id, campaign_id, priority desc);

create table bundle (
    city_id integer not null,
    bundle_id uuid not null,
    campaign_id uuid not null,
    material_id uuid not null,
    print_run_id uuid not null,
    number integer not null,
    carton_code text not null,
    code text not null,
    copies integer not null,
    holder_kind text not null,
    holder_id uuid not null,
    -- Null: sealed. An opened bundle stays where it was opened; its copies are loose there.
    opened_at timestamp with time zone,
    constraint bundle_key primary key (city_id, bundle_id),
    constraint bundle_code_unique unique (city_id, campaign_id, code),
    constraint bundle_number_unique unique (city_id, print_run_id, number),
    constraint bundle_print_run foreign key (city_id, print_run_id) references print_run(city_id, print_run_id),
    constraint bundle_copies_positive check (copies > 0),
    constraint bundle_holder_known check (holder_kind in ('printer', 'depot', 'transit', 'outlet', 'rider', 'activity',
        'written_off', 'variance')),
    constraint bundle_number_positive check (number > 0)
) with (fillfactor = 85);
create index bundle_by_carton on bundle (city_id, campaign_id, carton_code);
create index bundle_by_holder on bundle (city_id, holder_id, holder_kind, material_id, code) where opened_at is null;

-- Which move carried which bundle. Only added to: so is a bundle's whole way read.
create table bundle_move (
    city_id integer not null,
    bundle_id uuid not null,
    move_id uuid not null,
    constraint bundle_move_key primary key (city_id, bundle_id, move_id),
    constraint bundle_move_bundle foreign key (city_id, bundle_id) references bundle(city_id, bundle_id),
    constraint bundle_move_move foreign key (city_id, move_id) references stock_move(city_id, move_id)
);
create index bundle_move_by_move on bundle_move (city_id, move_id);

create table campaign (
    city_id integer not null,
    campaign_id uuid not null,
    code text not null,
    name text not null,
    starts_on date not null,
    ends_on date not null,
    target_reach double precision not null,
    -- draft: being set up; open: hand-outs are recorded; closed: only corrections and reports.
    status text not null default 'draft',
    closed_at timestamp with time zone,
    retention_days integer not null default 90,
    -- Rises with every write that is not a hand-out; pages compare it with what they last saw.
    revision bigint not null default 0,
    created_at timestamp with time zone not null,
    -- After so many idle hours riders type the PIN again while the campaign is open; 0: it does not ask. Until now the
    -- server asked each morning, whatever the campaign; nobody had chosen that for a campaign, so those that exist do
    -- not ask.
    rider_idle_hours integer not null default 0,
    constraint campaign_key primary key (city_id, campaign_id),
    constraint campaign_code_unique unique (city_id, code),
    constraint campaign_city_id_fkey foreign key (city_id) references city(city_id),
    constraint campaign_closed_has_time check ((status = 'closed') = (closed_at is not null)),
    constraint campaign_dates_in_order check (ends_on >= starts_on),
    constraint campaign_retention_positive check (retention_days > 0),
    constraint campaign_rider_idle_hours_in_a_month check (rider_idle_hours >= 0 and rider_idle_hours <= 720),
    constraint campaign_status_known check (status in ('draft', 'open', 'closed')),
    constraint campaign_target_is_a_share check (target_reach > 0 and target_reach <= 1)
);

-- What an outlet can hand out in a zone in a week. A partner "serves" a zone when it declared more than nothing there.
create table capacity (
    city_id integer not null,
    campaign_id uuid not null,
    outlet_id uuid not null,
    zone_id uuid not null,
    week_starts_on date not null,
    copies integer not null,
    declared_at timestamp with time zone not null,
    -- Told on the telephone: who said so and when, and which planner wrote it down. Null: the firm declared it itself.
    entered_by uuid,
    told_by text,
    told_on date,
    constraint capacity_key primary key (city_id, campaign_id, outlet_id, zone_id, week_starts_on),
    constraint capacity_campaign foreign key (city_id, campaign_id) references campaign(city_id, campaign_id),
    constraint capacity_outlet foreign key (city_id, outlet_id) references outlet(city_id, outlet_id),
    constraint capacity_zone foreign key (city_id, zone_id) references zone(city_id, zone_id),
    constraint capacity_not_negative check (copies >= 0),
    constraint capacity_told_by_somebody check ((entered_by is null) = (told_by is null)
        and (entered_by is null) = (told_on is null) and told_by <> ''),
    constraint capacity_week_starts_on_monday check (extract(isodow from week_starts_on) = 1)
);
create index capacity_by_zone on capacity (city_id, campaign_id, zone_id);

create table cell_day_tally (
    city_id integer not null,
    campaign_id uuid not null,
    cell bigint not null,
    known_on date not null,
    copies bigint not null default 0,
    constraint cell_day_tally_key primary key (city_id, campaign_id, cell, known_on)
) with (fillfactor = 80);

-- Copies of materials that count for reach, per H3 cell of resolution 9. Children of a parent are one range.
create table cell_tally (
    city_id integer not null,
    campaign_id uuid not null,
    cell bigint not null,
    copies bigint not null default 0,
    in_person bigint not null default 0,
    constraint cell_tally_key primary key (city_id, campaign_id, cell),
    constraint cell_tally_in_person_not_negative check (in_person >= 0),
    constraint cell_tally_not_negative check (copies >= 0)
) with (fillfactor = 70);

-- Reference table: small, rarely written, the same everywhere.
create table city (
    city_id integer not null,
    code text not null,
    name text not null,
    -- Every coordinate of the city is kept in this datum; all others are converted at the gate.
    datum text not null,
    timezone text not null default 'Asia/Shanghai',
    -- 演示数据: shown on every page and file, so that nobody takes a demonstration for a record.
    demonstration boolean not null default false,
    created_at timestamp with time zone not null,
    -- A rider may call and ask whether the page that wants a PIN is ours. Not set: the pages name the city alone.
    centre_name text,
    centre_phone text,
    constraint city_key primary key (city_id),
    constraint city_code_unique unique (code),
    constraint city_centre_name_not_empty check (centre_name <> ''),
    constraint city_centre_phone_not_empty check (centre_phone <> ''),
    constraint city_datum_known check (datum in ('gcj02', 'wgs84', 'cgcs2000', 'bd09'))
);

create table claim (
    city_id integer not null,
    claim_id uuid not null,
    batch_id uuid not null,
    partner_id uuid not null,
    -- Set when an outlet manager claimed for the own outlet.
    outlet_id uuid,
    copies integer not null,
    -- held: the one holder; released: given back by the holder; expired: the lease ran out uncollected.
    -- What was collected stays with the partner in every case; only the rest is free again.
    status text not null,
    lease_until timestamp with time zone not null,
    claimed_at timestamp with time zone not null,
    claimed_by uuid not null,
    assigned boolean not null default false,
    ended_at timestamp with time zone,
    release_reason text,
    -- The city's wish to have the copies of a claim back; the firm decides.
    return_asked_at timestamp with time zone,
    return_asked_by uuid,
    return_asked_reason text,
    constraint claim_key primary key (city_id, claim_id),
    constraint claim_batch foreign key (city_id, batch_id) references batch(city_id, batch_id),
    constraint claim_outlet foreign key (city_id, outlet_id) references outlet(city_id, outlet_id),
    constraint claim_partner foreign key (city_id, partner_id) references partner(city_id, partner_id),
    constraint claim_copies_positive check (copies > 0),
    constraint claim_ends_when_not_held check ((status = 'held') = (ended_at is null)),
    constraint claim_return_asked_by_somebody check ((return_asked_at is null) = (return_asked_by is null)
        and (return_asked_at is null) = (return_asked_reason is null)),
    constraint claim_status_known check (status in ('held', 'released', 'expired'))
);
create index claim_by_batch on claim (city_id, batch_id);
create index claim_by_partner on claim (city_id, partner_id, claimed_at);
-- The rule itself: a batch has at most one holder.
create unique index claim_one_holder on claim (city_id, batch_id) where status = 'held';

create table depot (
    city_id integer not null,
    depot_id uuid not null,
    code text not null,
    name text not null,
    address text not null default '',
    active boolean not null default true,
    created_at timestamp with time zone not null,
    constraint depot_key primary key (city_id, depot_id),
    constraint depot_code_unique unique (city_id, code),
    constraint depot_city_id_fkey foreign key (city_id) references city(city_id)
);

create table district (
    city_id integer not null,
    code text not null,
    name text not null,
    changed_at timestamp with time zone not null,
    constraint district_key primary key (city_id, code),
    constraint district_city_id_fkey foreign key (city_id) references city(city_id),
    constraint district_has_code check (code <> ''),
    constraint district_has_name check (name <> '')
);

-- One row per confirmation; never deleted before its retention ends, then dropped by the day. A mistake is undone by
-- a linked row with negative copies. No coordinates: the phone sends an H3 cell or nothing.
create table handout (
    city_id integer not null,
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
    copies integer not null,
    corrects_id uuid,
    reason text,
    -- A correction carries the answer of what it takes back, so that the rows alone give the tallies.
    first_copy_answer text,
    day date not null,
    handed_out_at timestamp with time zone not null,
    received_at timestamp with time zone not null,
    -- The id before the day: an id is looked for by itself, and each partition holds one day anyway.
    constraint handout_key primary key (city_id, handout_id, id_day),
    constraint handout_answer_known check (first_copy_answer in ('yes', 'no', 'unknown')),
    constraint handout_channel_known check (channel in ('in_person', 'with_meal', 'with_parcel', 'placed',
        'home_visit')),
    constraint handout_copies_not_zero check (copies <> 0),
    constraint handout_correction_is_linked check ((copies < 0) = (corrects_id is not null)),
    constraint handout_holder_known check (holder_kind in ('rider', 'outlet'))
) partition by range (id_day);
create table handout_other_days partition of handout default;
create index handout_by_corrected on handout (city_id, corrects_id) where corrects_id is not null;
create index handout_by_holder on handout (city_id, holder_id, day);

-- What the server could not take, as it came. Nothing disappears: when the cause is gone it is taken up.
create table handout_refused (
    city_id integer not null,
    handout_id uuid not null,
    -- The same id may be refused first for want of stock and later as changed: one row per content.
    content_digest bytea not null,
    -- Which door it came through, and whose it is: enough to judge it again later.
    entry text not null,
    caller_role text not null,
    caller_id uuid not null,
    partner_id uuid,
    outlet_id uuid,
    campaign_id uuid,
    record jsonb not null,
    problem text not null,
    detail text not null,
    refused_at timestamp with time zone not null,
    tries integer not null default 1,
    -- waiting: judged again when its cause may be gone; recorded_later: recorded since; dismissed: looked at and left.
    status text not null default 'waiting',
    settled_at timestamp with time zone,
    holder_kind text,
    holder_id uuid,
    -- The holder's outlet; `outlet_id` is the sender's, and says who may see the record.
    holder_outlet_id uuid,
    material_id uuid,
    copies integer,
    -- When it happened, by the sender's clock.
    happened_at timestamp with time zone,
    corrects_id uuid,
    -- The UTC day inside that id: handouts are partitioned by it.
    corrects_day date,
    -- Null: not since it was refused first.
    last_tried_at timestamp with time zone,
    constraint handout_refused_key primary key (city_id, handout_id, content_digest),
    constraint handout_refused_corrects_has_day check ((corrects_id is null) = (corrects_day is null)),
    constraint handout_refused_entry_known check (entry in ('sync', 'report', 'correction')),
    constraint handout_refused_holder_is_whole check (num_nulls(holder_kind, holder_id, holder_outlet_id) in (0, 3)),
    constraint handout_refused_holder_known check (holder_kind in ('rider', 'outlet')),
    constraint handout_refused_settled_has_time check ((status = 'waiting') = (settled_at is null)),
    constraint handout_refused_status_known check (status in ('waiting', 'recorded_later', 'dismissed', 'withdrawn'))
);
-- A week's refusals of one campaign are read together, whatever became of them since.
create index handout_refused_by_campaign on handout_refused (city_id, campaign_id, refused_at);
create index handout_refused_by_sender on handout_refused (city_id, caller_id, refused_at) where status = 'waiting';
create index handout_refused_waiting on handout_refused (city_id, campaign_id, refused_at) where status = 'waiting';

-- Fraud cases per zone, month and scam type. Aggregates only; planners only.
create table incident_count (
    city_id integer not null,
    zone_id uuid not null,
    month date not null,
    scam_type text not null,
    incidents integer not null,
    constraint incident_count_key primary key (city_id, zone_id, month, scam_type),
    constraint incident_count_zone foreign key (city_id, zone_id) references zone(city_id, zone_id),
    constraint incident_count_month_starts_on_first check (extract(day from month) = 1),
    constraint incident_count_not_negative check (incidents >= 0)
);

create table invitation (
    city_id integer not null,
    campaign_id uuid not null,
    partner_id uuid not null,
    -- invited: waiting for an answer; accepted: capacity declared; declined: participation is never an order.
    status text not null,
    invited_at timestamp with time zone not null,
    answered_at timestamp with time zone,
    constraint invitation_key primary key (city_id, campaign_id, partner_id),
    constraint invitation_campaign foreign key (city_id, campaign_id) references campaign(city_id, campaign_id),
    constraint invitation_partner foreign key (city_id, partner_id) references partner(city_id, partner_id),
    constraint invitation_status_known check (status in ('invited', 'accepted', 'declined'))
);

create table material (
    city_id integer not null,
    material_id uuid not null,
    campaign_id uuid not null,
    code text not null,
    name text not null,
    kind text not null,
    channels text[] not null,
    bundle_copies integer not null,
    carton_copies integer not null,
    -- Whether a copy of it informs a household; a poster at a counter does not count towards reach.
    counts_for_reach boolean not null default true,
    created_at timestamp with time zone not null,
    constraint material_key primary key (city_id, material_id),
    constraint material_code_unique unique (city_id, campaign_id, code),
    constraint material_campaign foreign key (city_id, campaign_id) references campaign(city_id, campaign_id),
    constraint material_bundle_positive check (bundle_copies > 0),
    constraint material_carton_holds_whole_bundles check (carton_copies > 0 and (carton_copies % bundle_copies) = 0),
    constraint material_channels_known check (channels <@ array['in_person', 'with_meal', 'with_parcel', 'placed',
        'home_visit'] and channels <> '{}'::text[]),
    constraint material_kind_known check (kind in ('handbook', 'leaflet', 'meal_mat', 'sticker', 'bag_seal', 'poster',
        'letter'))
);

create table migration (
    name text not null,
    digest text not null,
    applied_at timestamp with time zone not null,
    constraint migration_pkey primary key (name)
);

create table outlet (
    city_id integer not null,
    outlet_id uuid not null,
    partner_id uuid not null,
    code text not null,
    name text not null,
    zone_id uuid,
    active boolean not null default true,
    created_at timestamp with time zone not null,
    signed_out_at timestamp with time zone,
    constraint outlet_key primary key (city_id, outlet_id),
    constraint outlet_code_unique unique (city_id, code),
    constraint outlet_partner foreign key (city_id, partner_id) references partner(city_id, partner_id),
    constraint outlet_zone foreign key (city_id, zone_id) references zone(city_id, zone_id)
);
create index outlet_by_partner on outlet (city_id, partner_id);

create table partner (
    city_id integer not null,
    partner_id uuid not null,
    code text not null,
    name text not null,
    kind text not null,
    active boolean not null default true,
    created_at timestamp with time zone not null,
    -- Sessions from before this instant have ended, also when the owner is let in again.
    signed_out_at timestamp with time zone,
    constraint partner_key primary key (city_id, partner_id),
    constraint partner_code_unique unique (city_id, code),
    constraint partner_city_id_fkey foreign key (city_id) references city(city_id),
    constraint partner_kind_known check (kind in ('parcel', 'post', 'meal', 'bank', 'school', 'community', 'property',
        'telecom', 'printer'))
);

-- A partner's own reference for something it sent, and the id it stands for. Kept by the partner and not by the key, so
-- that what is sent again with a renewed key is known. A table of its own: handouts are partitioned by the day inside
-- their id, and the same reference may come again with another day.
create table partner_reference (
    city_id integer not null,
    partner_id uuid not null,
    kind text not null,
    -- The id itself where the partner made one.
    source_id text not null,
    reference_id uuid not null,
    -- Of handouts: their campaign and the day they were handed out, as first sent.
    campaign_id uuid,
    day date,
    made_at timestamp with time zone not null,
    made_by uuid not null,
    constraint partner_reference_key primary key (city_id, partner_id, kind, source_id),
    constraint partner_reference_id_unique unique (city_id, partner_id, kind, reference_id),
    constraint partner_reference_partner foreign key (city_id, partner_id) references partner(city_id, partner_id),
    constraint partner_reference_kind_known check (kind in ('handout', 'correction', 'claim', 'receipt')),
    constraint partner_reference_source_id_visible check (source_id ~ '^[!-~\u4e00-\u9fff]{1,64}$')
);

create table print_run (
    city_id integer not null,
    print_run_id uuid not null,
    campaign_id uuid not null,
    material_id uuid not null,
    code text not null,
    copies integer not null,
    depot_id uuid not null,
    due_on date not null,
    created_at timestamp with time zone not null,
    constraint print_run_key primary key (city_id, print_run_id),
    constraint print_run_code_unique unique (city_id, campaign_id, code),
    constraint print_run_campaign foreign key (city_id, campaign_id) references campaign(city_id, campaign_id),
    constraint print_run_depot foreign key (city_id, depot_id) references depot(city_id, depot_id),
    constraint print_run_material foreign key (city_id, material_id) references material(city_id, material_id),
    constraint print_run_copies_positive check (copies > 0)
);

-- Append-only: the newest of each purpose counts. Location is agreed to by itself; without it the zone is used.
create table privacy_consent (
    city_id integer not null,
    consent_id uuid not null,
    rider_id uuid not null,
    purpose text not null,
    version integer not null,
    given boolean not null,
    answered_at timestamp with time zone not null,
    constraint privacy_consent_key primary key (city_id, consent_id),
    constraint privacy_consent_notice foreign key (city_id, version) references privacy_notice(city_id, version),
    constraint privacy_consent_rider foreign key (city_id, rider_id) references rider(city_id, rider_id),
    constraint privacy_consent_purpose_known check (purpose in ('taking_part', 'location'))
);
create index privacy_consent_by_rider on privacy_consent (city_id, rider_id, answered_at);

-- Every version of the notice is kept: whoever agreed, agreed to these words.
create table privacy_notice (
    city_id integer not null,
    version integer not null,
    text_zh text not null,
    text_en text not null,
    published_at timestamp with time zone not null,
    -- Null: the standard notice that comes with the product.
    published_by uuid,
    constraint privacy_notice_key primary key (city_id, version),
    constraint privacy_notice_city_id_fkey foreign key (city_id) references city(city_id),
    constraint privacy_notice_has_text check (text_zh <> ''),
    constraint privacy_notice_version_positive check (version > 0)
);

-- What is withdrawn now, and since when: few rows, looked at whenever hand-outs are recorded.
create table privacy_withdrawal (
    city_id integer not null,
    rider_id uuid not null,
    purpose text not null,
    since timestamp with time zone not null,
    constraint privacy_withdrawal_key primary key (city_id, rider_id, purpose)
);

-- How many calls somebody has left, shared by all server processes. City 0 is of those who are not signed in.
create table rate_bucket (
    city_id integer not null,
    class text not null,
    subject text not null,
    tokens double precision not null,
    filled_at timestamp with time zone not null,
    constraint rate_bucket_key primary key (city_id, class, subject)
);

-- One zone's figure and the counts it was worked out from. Without households the figures are null: not applicable.
create table reach_estimate (
    city_id integer not null,
    campaign_id uuid not null,
    zone_id uuid not null,
    division_code text not null,
    households integer,
    copies bigint not null,
    first_yes bigint not null,
    first_asked bigint not null,
    have bigint not null,
    sampled bigint not null,
    median double precision,
    low double precision,
    high double precision,
    meets_target double precision,
    level text not null,
    -- The two sources contradict each other: they are shown side by side, and the figure uses neither.
    sources_disagree boolean not null,
    first_copy_share double precision,
    spot_check_share double precision,
    estimated_at timestamp with time zone not null,
    constraint reach_estimate_key primary key (city_id, campaign_id, zone_id),
    constraint reach_estimate_zone foreign key (city_id, zone_id) references zone(city_id, zone_id),
    constraint reach_estimate_first_not_over_asked check (first_yes <= first_asked),
    constraint reach_estimate_have_not_over_sampled check (have <= sampled),
    constraint reach_estimate_in_order check (0 <= low and low <= median and median <= high and high <= 1),
    constraint reach_estimate_level_known check (level in ('A', 'B', 'C'))
);

-- What the kept figures of a campaign rest on. The row is also the lock under which they are replaced.
create table reach_estimate_state (
    city_id integer not null,
    campaign_id uuid not null,
    -- The campaign's revision and those of its tallies together; with the zones and their last change: which evidence.
    revision bigint not null,
    zones bigint not null,
    zones_changed_at timestamp with time zone,
    target_reach double precision not null,
    -- How unevenly households order, as far as the evidence tells: median of a, standard deviation of log a.
    a_median double precision not null,
    a_log_sd double precision not null,
    estimated_at timestamp with time zone not null,
    constraint reach_estimate_state_key primary key (city_id, campaign_id),
    constraint reach_estimate_state_campaign foreign key (city_id, campaign_id)
        references campaign(city_id, campaign_id),
    constraint reach_estimate_state_a_positive check (a_median > 0),
    constraint reach_estimate_state_a_spread_not_negative check (a_log_sd >= 0)
);

-- One-time codes for the day the phone with the authenticator is gone. Keyed digests; each opens the door once.
create table recovery_code (
    city_id integer not null,
    account_id uuid not null,
    code_digest bytea not null,
    used_at timestamp with time zone,
    constraint recovery_code_key primary key (city_id, account_id, code_digest),
    constraint recovery_code_account foreign key (city_id, account_id) references account(city_id, account_id)
);

create table review_flag (
    city_id integer not null,
    flag_id uuid not null,
    campaign_id uuid not null,
    rider_id uuid not null,
    outlet_id uuid not null,
    week_starts_on date not null,
    -- Capped sum of the reasons' points. It orders the planner's queue and decides nothing.
    score double precision not null,
    -- [{points, facts: {slug, …}}]: counts, minutes and kilometres, never a cell or a position.
    reasons jsonb not null,
    -- The week's copies confirmed with a cell, by zone, so that a reduced weight can still be applied when the raw
    -- records have expired.
    zone_copies jsonb not null,
    -- open → answered → decided; withdrawn: later records answered the question before anybody else did.
    status text not null default 'open',
    raised_at timestamp with time zone not null,
    changed_at timestamp with time zone not null,
    rider_answer text,
    rider_answered_at timestamp with time zone,
    outlet_answer text,
    outlet_answered_at timestamp with time zone,
    outlet_answered_by uuid,
    decision text,
    decided_at timestamp with time zone,
    constraint review_flag_key primary key (city_id, flag_id),
    constraint review_flag_once_a_week unique (city_id, campaign_id, rider_id, week_starts_on),
    constraint review_flag_campaign foreign key (city_id, campaign_id) references campaign(city_id, campaign_id),
    constraint review_flag_city_id_fkey foreign key (city_id) references city(city_id),
    constraint review_flag_outlet foreign key (city_id, outlet_id) references outlet(city_id, outlet_id),
    constraint review_flag_rider foreign key (city_id, rider_id) references rider(city_id, rider_id),
    constraint review_flag_decided_has_decision check ((status = 'decided') = (decision is not null)
        and (decision is null) = (decided_at is null)),
    constraint review_flag_decision_known check (decision in ('explained', 'reduced_weight', 'dismissed')),
    constraint review_flag_outlet_answer_has_author check (num_nonnulls(outlet_answer, outlet_answered_at,
        outlet_answered_by) in (0, 3)),
    constraint review_flag_rider_answer_has_time check (num_nonnulls(rider_answer, rider_answered_at) in (0, 2)),
    constraint review_flag_score_not_negative check (score >= 0),
    constraint review_flag_status_known check (status in ('open', 'answered', 'decided', 'withdrawn')),
    constraint review_flag_week_starts_on_monday check (extract(isodow from week_starts_on) = 1)
);
create index review_flag_by_rider on review_flag (city_id, rider_id);

-- What one planner thinks of a flag. Append-only: the newest of each planner counts, and two must agree.
create table review_flag_opinion (
    city_id integer not null,
    opinion_id uuid not null,
    flag_id uuid not null,
    account_id uuid not null,
    decision text not null,
    reason text not null,
    given_at timestamp with time zone not null,
    constraint review_flag_opinion_key primary key (city_id, opinion_id),
    constraint review_flag_opinion_account foreign key (city_id, account_id) references account(city_id, account_id),
    constraint review_flag_opinion_flag foreign key (city_id, flag_id) references review_flag(city_id, flag_id),
    constraint review_flag_opinion_decision_known check (decision in ('explained', 'reduced_weight', 'dismissed')),
    constraint review_flag_opinion_has_reason check (reason <> '')
);
create index review_flag_opinion_by_flag on review_flag_opinion (city_id, flag_id, given_at);

create table rider (
    city_id integer not null,
    rider_id uuid not null,
    outlet_id uuid not null,
    code text not null,
    name text not null,
    -- Keyed digest of the PIN: one look-up finds the rider, and the table alone does not give the PIN away.
    pin_digest bytea,
    active boolean not null default true,
    created_at timestamp with time zone not null,
    signed_out_at timestamp with time zone,
    deactivated_at timestamp with time zone,
    constraint rider_key primary key (city_id, rider_id),
    constraint rider_code_unique unique (city_id, code),
    constraint rider_pin_unique unique (city_id, outlet_id, pin_digest),
    constraint rider_outlet foreign key (city_id, outlet_id) references outlet(city_id, outlet_id),
    constraint rider_deactivated_is_inactive check (deactivated_at is null or not active)
);

-- Opaque tokens; only their SHA-256 is kept.
create table session (
    city_id integer not null,
    token_hash bytea not null,
    account_id uuid,
    rider_id uuid,
    created_at timestamp with time zone not null,
    expires_at timestamp with time zone not null,
    session_id uuid not null,
    method text not null,
    -- What the browser says it is, and where it called from: for the owner, who looks for what is not theirs.
    device text not null,
    address text not null,
    -- Within a minute: it is not written on every request.
    last_used_at timestamp with time zone not null,
    -- A session not used for so long has ended; 0: only expires_at ends it.
    idle_seconds integer not null,
    constraint session_key primary key (city_id, token_hash),
    constraint session_id_unique unique (city_id, session_id),
    constraint session_account foreign key (city_id, account_id) references account(city_id, account_id),
    constraint session_city_id_fkey foreign key (city_id) references city(city_id),
    constraint session_rider foreign key (city_id, rider_id) references rider(city_id, rider_id),
    constraint session_has_one_subject check (num_nonnulls(account_id, rider_id) = 1),
    constraint session_idle_not_negative check (idle_seconds >= 0),
    constraint session_method_known check (method in ('password', 'pin', 'oidc'))
);
create index session_by_account on session (city_id, account_id);
create index session_by_rider on session (city_id, rider_id);

-- Failures of a login, an address, an outlet, a phone. The subject is a keyed digest: a password typed into the wrong
-- box must not be read here.
create table sign_in_attempt (
    city_id integer not null,
    kind text not null,
    subject bytea not null,
    failures integer not null,
    -- How often it was locked of late: where guessing goes on, the locks grow.
    locks integer not null,
    failed_at timestamp with time zone not null,
    locked_until timestamp with time zone,
    constraint sign_in_attempt_key primary key (city_id, kind, subject),
    constraint sign_in_attempt_city_id_fkey foreign key (city_id) references city(city_id),
    constraint sign_in_attempt_failures_not_negative check (failures >= 0),
    constraint sign_in_attempt_kind_known check (kind in ('login', 'login_address', 'address', 'desk', 'outlet',
        'outlet_address', 'slip', 'slip_address', 'pin_address', 'phone', 'code')),
    constraint sign_in_attempt_locks_not_negative check (locks >= 0)
);

create table spot_check (
    city_id integer not null,
    spot_check_id uuid not null,
    campaign_id uuid not null,
    zone_id uuid not null,
    sample integer not null,
    clusters integer not null,
    -- The draw again from the same registry gives the same clusters.
    seed bigint not null,
    -- open: being asked, an interim figure at most; closed: measured. Only corrections are left then.
    status text not null default 'open',
    planned_at timestamp with time zone not null,
    planned_by uuid not null,
    closed_at timestamp with time zone,
    closed_by uuid,
    constraint spot_check_key primary key (city_id, spot_check_id),
    constraint spot_check_campaign foreign key (city_id, campaign_id) references campaign(city_id, campaign_id),
    constraint spot_check_zone foreign key (city_id, zone_id) references zone(city_id, zone_id),
    constraint spot_check_closed_by_somebody check ((status = 'closed') = (closed_at is not null)
        and (closed_at is null) = (closed_by is null)),
    constraint spot_check_clusters_fit_sample check (clusters >= 1 and clusters <= sample),
    constraint spot_check_sample_positive check (sample > 0),
    constraint spot_check_status_known check (status in ('open', 'closed'))
);
create index spot_check_by_campaign on spot_check (city_id, campaign_id, planned_at desc);

-- Where to ask, fixed when the check was planned. A large cell may be drawn more than once.
create table spot_check_cluster (
    city_id integer not null,
    spot_check_id uuid not null,
    number integer not null,
    cell bigint not null,
    households integer not null,
    planned integer not null,
    start_direction text not null,
    first_door integer not null,
    door_interval integer not null,
    constraint spot_check_cluster_key primary key (city_id, spot_check_id, number),
    constraint spot_check_cluster_check foreign key (city_id, spot_check_id)
        references spot_check(city_id, spot_check_id),
    constraint spot_check_cluster_direction_known check (start_direction in ('north', 'north_east', 'east',
        'south_east', 'south', 'south_west', 'west', 'north_west')),
    constraint spot_check_cluster_first_door_within_interval check (first_door >= 1 and first_door <= door_interval),
    constraint spot_check_cluster_households_positive check (households > 0),
    constraint spot_check_cluster_number_positive check (number > 0),
    constraint spot_check_cluster_planned_positive check (planned > 0)
);

-- What was found in a cluster. Never changed: a mistake is replaced by a linked result, and the last of the chain
-- counts.
create table spot_check_result (
    city_id integer not null,
    result_id uuid not null,
    spot_check_id uuid not null,
    number integer not null,
    asked integer not null,
    have integer not null,
    read_and_remembered integer,
    replaces_id uuid,
    recorded_at timestamp with time zone not null,
    recorded_by uuid not null,
    constraint spot_check_result_key primary key (city_id, result_id),
    constraint spot_check_result_cluster foreign key (city_id, spot_check_id, number)
        references spot_check_cluster(city_id, spot_check_id, number),
    constraint spot_check_result_replaces foreign key (city_id, replaces_id)
        references spot_check_result(city_id, result_id),
    constraint spot_check_result_asked_not_negative check (asked >= 0),
    constraint spot_check_result_have_not_over_asked check (have >= 0 and have <= asked),
    constraint spot_check_result_remembered_not_over_have check (read_and_remembered >= 0
        and read_and_remembered <= have)
);
create index spot_check_result_by_check on spot_check_result (city_id, spot_check_id);
-- A cluster has one first result, and a result at most one that replaces it.
create unique index spot_check_result_first on spot_check_result (city_id, spot_check_id, number)
    where replaces_id is null;
create unique index spot_check_result_replaced_once on spot_check_result (city_id, replaces_id)
    where replaces_id is not null;

-- Balance of every holder. printer, variance: the far ends of the ledger, which may be below zero.
create table stock_balance (
    city_id integer not null,
    holder_id uuid not null,
    holder_kind text not null,
    campaign_id uuid not null,
    material_id uuid not null,
    quantity bigint not null,
    -- Copies of the balance that lie in bundles written down as sealed. A hand-out leaves it alone: what it says beyond
    -- the balance is the copies of bundles opened since.
    sealed_copies bigint not null default 0,
    constraint stock_balance_key primary key (city_id, holder_id, holder_kind, campaign_id, material_id),
    constraint stock_balance_material foreign key (city_id, material_id) references material(city_id, material_id),
    constraint stock_balance_holder_known check (holder_kind in ('printer', 'depot', 'transit', 'outlet', 'rider',
        'activity', 'written_off', 'variance')),
    constraint stock_balance_not_negative check (quantity >= 0 or (holder_kind in ('printer', 'variance'))),
    constraint stock_balance_sealed_not_negative check (sealed_copies >= 0)
) with (fillfactor = 70);
create index stock_balance_by_campaign on stock_balance (city_id, campaign_id, holder_kind, material_id);

create table stock_move (
    city_id integer not null,
    move_id uuid not null,
    campaign_id uuid not null,
    material_id uuid not null,
    kind text not null,
    from_kind text not null,
    from_id uuid not null,
    to_kind text not null,
    to_id uuid not null,
    copies integer not null,
    reason text not null default '',
    print_run_id uuid,
    waybill_id uuid,
    reversal_of uuid,
    moved_at timestamp with time zone not null,
    recorded_at timestamp with time zone not null,
    recorded_by uuid not null,
    constraint stock_move_key primary key (city_id, move_id),
    constraint stock_move_campaign foreign key (city_id, campaign_id) references campaign(city_id, campaign_id),
    constraint stock_move_material foreign key (city_id, material_id) references material(city_id, material_id),
    constraint stock_move_reverses foreign key (city_id, reversal_of) references stock_move(city_id, move_id),
    constraint stock_move_waybill foreign key (city_id, waybill_id) references waybill(city_id, waybill_id),
    constraint stock_move_copies_positive check (copies > 0),
    constraint stock_move_goes_somewhere check (from_kind <> to_kind or from_id <> to_id),
    constraint stock_move_kind_known check (kind in ('receipt', 'issue', 'acceptance', 'transfer', 'return',
        'write_off', 'activity', 'variance', 'reversal')),
    constraint stock_move_loss_has_reason check ((kind not in ('write_off', 'variance', 'reversal')) or reason <> ''),
    constraint stock_move_reversal_names_original check ((kind = 'reversal') = (reversal_of is not null))
);
create index stock_move_by_campaign on stock_move (city_id, campaign_id, recorded_at);
create index stock_move_from on stock_move (city_id, from_id, recorded_at);
-- A move is reversed at most once.
create unique index stock_move_reversed_once on stock_move (city_id, reversal_of) where reversal_of is not null;
create index stock_move_to on stock_move (city_id, to_id, recorded_at);

create table upkeep_run (
    city_id integer not null,
    job text not null,
    begun_at timestamp with time zone not null,
    -- Until then the job is somebody's. A process that dies keeps it no longer than this; who is done ends it at once.
    held_until timestamp with time zone not null,
    constraint upkeep_run_key primary key (city_id, job),
    constraint upkeep_run_held_after_begin check (held_until >= begun_at)
);

create table visit (
    city_id integer not null,
    visit_id uuid not null,
    campaign_id uuid not null,
    zone_id uuid not null,
    cell bigint,
    outlet_id uuid not null,
    rider_id uuid not null,
    result text not null,
    -- Doors; negative in a correction, which is linked to what it takes back.
    visits integer not null,
    corrects_id uuid,
    reason text,
    day date not null,
    visited_at timestamp with time zone not null,
    received_at timestamp with time zone not null,
    constraint visit_key primary key (city_id, visit_id),
    constraint visit_campaign foreign key (city_id, campaign_id) references campaign(city_id, campaign_id),
    constraint visit_city_id_fkey foreign key (city_id) references city(city_id),
    constraint visit_rider foreign key (city_id, rider_id) references rider(city_id, rider_id),
    constraint visit_correction_is_linked check ((visits < 0) = (corrects_id is not null)),
    constraint visit_result_known check (result in ('declined', 'nobody_reached')),
    constraint visit_visits_not_zero check (visits <> 0)
);
create index visit_by_corrected on visit (city_id, corrects_id) where corrects_id is not null;
create index visit_by_rider on visit (city_id, rider_id, day);

create table wave (
    city_id integer not null,
    campaign_id uuid not null,
    number integer not null,
    name text not null,
    starts_on date not null,
    ends_on date not null,
    -- Share of the campaign's copies planned to be handed out by the end of this wave.
    planned_share double precision not null,
    -- Zones the wave is confined to; empty: all.
    zone_codes text[] not null default '{}'::text[],
    constraint wave_key primary key (city_id, campaign_id, number),
    constraint wave_campaign foreign key (city_id, campaign_id) references campaign(city_id, campaign_id),
    constraint wave_dates_in_order check (ends_on >= starts_on),
    constraint wave_number_positive check (number > 0),
    constraint wave_planned_share_is_a_share check (planned_share >= 0 and planned_share <= 1)
);

create table waybill (
    city_id integer not null,
    waybill_id uuid not null,
    code text not null,
    campaign_id uuid not null,
    claim_id uuid not null,
    material_id uuid not null,
    depot_id uuid not null,
    outlet_id uuid not null,
    copies integer not null,
    received_copies integer,
    variance_reason text,
    issued_at timestamp with time zone not null,
    issued_by uuid not null,
    received_at timestamp with time zone,
    received_by uuid,
    constraint waybill_key primary key (city_id, waybill_id),
    constraint waybill_code_unique unique (city_id, code),
    constraint waybill_claim foreign key (city_id, claim_id) references claim(city_id, claim_id),
    constraint waybill_depot foreign key (city_id, depot_id) references depot(city_id, depot_id),
    constraint waybill_outlet foreign key (city_id, outlet_id) references outlet(city_id, outlet_id),
    constraint waybill_copies_positive check (copies > 0),
    constraint waybill_received_by_somebody check (num_nonnulls(received_copies, received_at, received_by) in (0, 3)),
    constraint waybill_received_not_negative check (received_copies >= 0),
    constraint waybill_variance_has_reason check (received_copies is null or received_copies = copies
        or variance_reason <> '')
);
create index waybill_by_claim on waybill (city_id, claim_id);
create index waybill_by_outlet on waybill (city_id, outlet_id);

create table zone (
    city_id integer not null,
    zone_id uuid not null,
    code text not null,
    name text not null,
    kind text not null default 'other',
    division_code text not null default '',
    police_station text not null default '',
    -- Null: nobody has said. Every figure that divides by households is then "not applicable".
    households integer,
    population integer,
    households_source text not null default '',
    households_as_of date,
    -- Shares of the population by priority group, e.g. {"elderly": 0.18}.
    priority_groups jsonb not null default '{}'::jsonb,
    -- WKB in the city's datum, longitude before latitude
    boundary bytea not null,
    area_square_metres double precision not null,
    created_at timestamp with time zone not null,
    changed_at timestamp with time zone not null,
    constraint zone_key primary key (city_id, zone_id),
    constraint zone_code_unique unique (city_id, code),
    constraint zone_city_id_fkey foreign key (city_id) references city(city_id),
    constraint zone_area_positive check (area_square_metres > 0),
    constraint zone_households_not_negative check (households >= 0),
    constraint zone_population_not_negative check (population >= 0)
);

-- The H3 cells (resolution 9) whose centre a zone covers. A cell has one zone: numbers belong to zones.
create table zone_cell (
    city_id integer not null,
    cell bigint not null,
    zone_id uuid not null,
    households integer not null default 0,
    constraint zone_cell_key primary key (city_id, cell),
    constraint zone_cell_zone foreign key (city_id, zone_id) references zone(city_id, zone_id),
    constraint zone_cell_households_not_negative check (households >= 0)
);
create index zone_cell_by_zone on zone_cell (city_id, zone_id);

-- The same copies by the day they were handed out and the day we learnt of them: "as it stood on day 37".
-- known_on is part of the key, so a correction of a later day may leave its own row below zero.
create table zone_day_tally (
    city_id integer not null,
    campaign_id uuid not null,
    zone_id uuid not null,
    day date not null,
    known_on date not null,
    outlet_id uuid not null,
    material_id uuid not null,
    channel text not null,
    copies bigint not null default 0,
    constraint zone_day_tally_key primary key (city_id, campaign_id, zone_id, day, known_on, outlet_id, material_id,
        channel)
) with (fillfactor = 80);
create index zone_day_tally_by_outlet on zone_day_tally (city_id, campaign_id, outlet_id);

-- Current totals per zone: few rows, read by every map and table.
create table zone_tally (
    city_id integer not null,
    campaign_id uuid not null,
    zone_id uuid not null,
    material_id uuid not null,
    channel text not null,
    copies bigint not null default 0,
    first_asked bigint not null default 0,
    first_yes bigint not null default 0,
    -- "Don't know": left out of the estimate, but its share is shown.
    first_unknown bigint not null default 0,
    revision bigint not null default 1,
    constraint zone_tally_key primary key (city_id, campaign_id, zone_id, material_id, channel),
    constraint zone_tally_not_negative check (copies >= 0)
) with (fillfactor = 70);

-- The same doors per zone and day: what a zone's sheet shows, and what stays when the raw rows have expired.
create table zone_visit_tally (
    city_id integer not null,
    campaign_id uuid not null,
    zone_id uuid not null,
    day date not null,
    outlet_id uuid not null,
    result text not null,
    visits bigint not null,
    constraint zone_visit_tally_key primary key (city_id, campaign_id, zone_id, day, outlet_id, result),
    constraint zone_visit_tally_city_id_fkey foreign key (city_id) references city(city_id),
    constraint zone_visit_tally_result_known check (result in ('declined', 'nobody_reached'))
) with (fillfactor = 80);
