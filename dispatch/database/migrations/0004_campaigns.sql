-- A campaign, its waves, its partners' declared capacity ("campaigns"); its materials and print runs ("materials").

create table campaign (
    city_id int not null references city,
    campaign_id uuid not null,
    code text not null,
    name text not null,
    starts_on date not null,
    ends_on date not null,
    target_reach double precision not null
        constraint campaign_target_is_a_share check (target_reach > 0 and target_reach <= 1),
    -- draft: being set up; open: hand-outs are recorded; closed: only corrections and reports.
    status text not null default 'draft' constraint campaign_status_known check (status in ('draft', 'open', 'closed')),
    closed_at timestamptz,
    retention_days int not null default 90 constraint campaign_retention_positive check (retention_days > 0),
    -- Rises with every write that is not a hand-out; pages compare it with what they last saw.
    revision bigint not null default 0,
    created_at timestamptz not null,
    constraint campaign_key primary key (city_id, campaign_id),
    constraint campaign_code_unique unique (city_id, code),
    constraint campaign_dates_in_order check (ends_on >= starts_on),
    constraint campaign_closed_has_time check ((status = 'closed') = (closed_at is not null))
);

create table wave (
    city_id int not null,
    campaign_id uuid not null,
    number int not null constraint wave_number_positive check (number > 0),
    name text not null,
    starts_on date not null,
    ends_on date not null,
    -- Share of the campaign's copies planned to be handed out by the end of this wave.
    planned_share double precision not null
        constraint wave_planned_share_is_a_share check (planned_share >= 0 and planned_share <= 1),
    -- Zones the wave is confined to; empty: all.
    zone_codes text[] not null default '{}',
    constraint wave_key primary key (city_id, campaign_id, number),
    constraint wave_campaign foreign key (city_id, campaign_id) references campaign (city_id, campaign_id),
    constraint wave_dates_in_order check (ends_on >= starts_on)
);

create table material (
    city_id int not null,
    material_id uuid not null,
    campaign_id uuid not null,
    code text not null,
    name text not null,
    kind text not null constraint material_kind_known check (kind in
        ('handbook', 'leaflet', 'meal_mat', 'sticker', 'bag_seal', 'poster', 'letter')),
    channels text[] not null constraint material_channels_known check (
        channels <@ array['in_person', 'with_meal', 'with_parcel', 'placed', 'home_visit'] and channels <> '{}'),
    bundle_copies int not null constraint material_bundle_positive check (bundle_copies > 0),
    carton_copies int not null,
    -- Whether a copy of it informs a household; a poster at a counter does not count towards reach.
    counts_for_reach boolean not null default true,
    created_at timestamptz not null,
    constraint material_key primary key (city_id, material_id),
    constraint material_code_unique unique (city_id, campaign_id, code),
    constraint material_campaign foreign key (city_id, campaign_id) references campaign (city_id, campaign_id),
    constraint material_carton_holds_whole_bundles check (carton_copies > 0 and carton_copies % bundle_copies = 0)
);

create table print_run (
    city_id int not null,
    print_run_id uuid not null,
    campaign_id uuid not null,
    material_id uuid not null,
    code text not null,
    copies int not null constraint print_run_copies_positive check (copies > 0),
    depot_id uuid not null,
    due_on date not null,
    created_at timestamptz not null,
    constraint print_run_key primary key (city_id, print_run_id),
    constraint print_run_code_unique unique (city_id, campaign_id, code),
    constraint print_run_campaign foreign key (city_id, campaign_id) references campaign (city_id, campaign_id),
    constraint print_run_material foreign key (city_id, material_id) references material (city_id, material_id),
    constraint print_run_depot foreign key (city_id, depot_id) references depot (city_id, depot_id)
);

create table invitation (
    city_id int not null,
    campaign_id uuid not null,
    partner_id uuid not null,
    -- invited: waiting for an answer; accepted: capacity declared; declined: participation is never an order.
    status text not null constraint invitation_status_known check (status in ('invited', 'accepted', 'declined')),
    invited_at timestamptz not null,
    answered_at timestamptz,
    constraint invitation_key primary key (city_id, campaign_id, partner_id),
    constraint invitation_campaign foreign key (city_id, campaign_id) references campaign (city_id, campaign_id),
    constraint invitation_partner foreign key (city_id, partner_id) references partner (city_id, partner_id)
);

-- What an outlet can hand out in a zone in a week. A partner "serves" a zone when it declared more than nothing there.
create table capacity (
    city_id int not null,
    campaign_id uuid not null,
    outlet_id uuid not null,
    zone_id uuid not null,
    week_starts_on date not null constraint capacity_week_starts_on_monday check (extract(isodow from week_starts_on) = 1),
    copies int not null constraint capacity_not_negative check (copies >= 0),
    declared_at timestamptz not null,
    constraint capacity_key primary key (city_id, campaign_id, outlet_id, zone_id, week_starts_on),
    constraint capacity_campaign foreign key (city_id, campaign_id) references campaign (city_id, campaign_id),
    constraint capacity_outlet foreign key (city_id, outlet_id) references outlet (city_id, outlet_id),
    constraint capacity_zone foreign key (city_id, zone_id) references zone (city_id, zone_id)
);
create index capacity_by_zone on capacity (city_id, campaign_id, zone_id);
