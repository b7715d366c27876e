-- Estimated reach, worked out when the evidence changes and kept, so that a read stays a read. Written by "coverage".
-- Everything here follows from other tables and may be emptied at any time: it is worked out again.

-- What the kept figures of a campaign rest on. The row is also the lock under which they are replaced.
create table reach_estimate_state (
    city_id int not null,
    campaign_id uuid not null,
    -- The campaign's revision and those of its tallies together; with the zones and their last change: which evidence.
    revision bigint not null,
    zones bigint not null,
    zones_changed_at timestamptz,
    target_reach double precision not null,
    -- How unevenly households order, as far as the evidence tells: median of a, standard deviation of log a.
    a_median double precision not null constraint reach_estimate_state_a_positive check (a_median > 0),
    a_log_sd double precision not null constraint reach_estimate_state_a_spread_not_negative check (a_log_sd >= 0),
    estimated_at timestamptz not null,
    constraint reach_estimate_state_key primary key (city_id, campaign_id),
    constraint reach_estimate_state_campaign foreign key (city_id, campaign_id)
        references campaign (city_id, campaign_id)
);

-- One zone's figure and the counts it was worked out from. Without households the figures are null: not applicable.
create table reach_estimate (
    city_id int not null,
    campaign_id uuid not null,
    zone_id uuid not null,
    division_code text not null,
    households int,
    copies bigint not null,
    first_yes bigint not null,
    first_asked bigint not null,
    have bigint not null,
    sampled bigint not null,
    median double precision,
    low double precision,
    high double precision,
    meets_target double precision,
    level text not null constraint reach_estimate_level_known check (level in ('A', 'B', 'C')),
    -- The two sources contradict each other: they are shown side by side, and the figure uses neither.
    sources_disagree boolean not null,
    first_copy_share double precision,
    spot_check_share double precision,
    estimated_at timestamptz not null,
    constraint reach_estimate_key primary key (city_id, campaign_id, zone_id),
    constraint reach_estimate_zone foreign key (city_id, zone_id) references zone (city_id, zone_id),
    constraint reach_estimate_first_not_over_asked check (first_yes <= first_asked),
    constraint reach_estimate_have_not_over_sampled check (have <= sampled),
    constraint reach_estimate_in_order check (0 <= low and low <= median and median <= high and high <= 1)
);

-- All zones whose division code begins with a prefix, together: '' is the city, and every beginning of every zone's
-- code has a row, so that a district of any length of code finds its own.
create table area_reach_estimate (
    city_id int not null,
    campaign_id uuid not null,
    division_prefix text not null,
    median double precision not null,
    low double precision not null,
    high double precision not null,
    level text not null constraint area_reach_estimate_level_known check (level in ('A', 'B', 'C')),
    sources_disagree boolean not null,
    first_copy_share double precision,
    spot_check_share double precision,
    estimated_at timestamptz not null,
    constraint area_reach_estimate_key primary key (city_id, campaign_id, division_prefix),
    constraint area_reach_estimate_campaign foreign key (city_id, campaign_id)
        references campaign (city_id, campaign_id),
    constraint area_reach_estimate_in_order check (0 <= low and low <= median and median <= high and high <= 1)
);
