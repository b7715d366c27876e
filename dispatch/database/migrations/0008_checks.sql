-- Spot checks: households drawn at random from the registry and asked at the door. Written by "checks".
-- Counts only: no name, no address and no position of a household is asked for or kept.

create table spot_check (
    city_id int not null,
    spot_check_id uuid not null,
    campaign_id uuid not null,
    zone_id uuid not null,
    sample int not null constraint spot_check_sample_positive check (sample > 0),
    clusters int not null constraint spot_check_clusters_fit_sample check (clusters between 1 and sample),
    -- The draw again from the same registry gives the same clusters.
    seed bigint not null,
    -- open: being asked, an interim figure at most; closed: measured. Only corrections are left then.
    status text not null default 'open' constraint spot_check_status_known check (status in ('open', 'closed')),
    planned_at timestamptz not null,
    planned_by uuid not null,
    closed_at timestamptz,
    closed_by uuid,
    constraint spot_check_key primary key (city_id, spot_check_id),
    constraint spot_check_campaign foreign key (city_id, campaign_id) references campaign (city_id, campaign_id),
    constraint spot_check_zone foreign key (city_id, zone_id) references zone (city_id, zone_id),
    constraint spot_check_closed_by_somebody check
        ((status = 'closed') = (closed_at is not null) and (closed_at is null) = (closed_by is null))
);
create index spot_check_by_campaign on spot_check (city_id, campaign_id, planned_at desc);

-- Where to ask, fixed when the check was planned. A large cell may be drawn more than once.
create table spot_check_cluster (
    city_id int not null,
    spot_check_id uuid not null,
    number int not null constraint spot_check_cluster_number_positive check (number > 0),
    cell bigint not null,
    households int not null constraint spot_check_cluster_households_positive check (households > 0),
    planned int not null constraint spot_check_cluster_planned_positive check (planned > 0),
    start_direction text not null constraint spot_check_cluster_direction_known check (start_direction in
        ('north', 'north_east', 'east', 'south_east', 'south', 'south_west', 'west', 'north_west')),
    first_door int not null,
    door_interval int not null,
    constraint spot_check_cluster_key primary key (city_id, spot_check_id, number),
    constraint spot_check_cluster_check foreign key (city_id, spot_check_id)
        references spot_check (city_id, spot_check_id),
    constraint spot_check_cluster_first_door_within_interval check (first_door between 1 and door_interval)
);

-- What was found in a cluster. Never changed: a mistake is replaced by a linked result, and the last of the chain counts.
create table spot_check_result (
    city_id int not null,
    result_id uuid not null,
    spot_check_id uuid not null,
    number int not null,
    asked int not null constraint spot_check_result_asked_not_negative check (asked >= 0),
    have int not null,
    read_and_remembered int,
    replaces_id uuid,
    recorded_at timestamptz not null,
    recorded_by uuid not null,
    constraint spot_check_result_key primary key (city_id, result_id),
    constraint spot_check_result_cluster foreign key (city_id, spot_check_id, number)
        references spot_check_cluster (city_id, spot_check_id, number),
    constraint spot_check_result_replaces foreign key (city_id, replaces_id)
        references spot_check_result (city_id, result_id),
    constraint spot_check_result_have_not_over_asked check (have between 0 and asked),
    constraint spot_check_result_remembered_not_over_have check (read_and_remembered between 0 and have)
);
-- A cluster has one first result, and a result at most one that replaces it.
create unique index spot_check_result_first on spot_check_result (city_id, spot_check_id, number) where replaces_id is null;
create unique index spot_check_result_replaced_once on spot_check_result (city_id, replaces_id) where replaces_id is not null;
create index spot_check_result_by_check on spot_check_result (city_id, spot_check_id);
