-- A city and the ground it stands on. Written by the slice "zones".
--
-- Rules every later table keeps (tests/database/test_schema_rules.py checks them), so that the same schema can be
-- spread over many servers by city_id: city_id in every primary key and unique constraint, foreign keys from
-- (city_id, x) to (city_id, x) or to a reference table, no triggers, no sequences with meaning, time as a parameter.

-- Reference table: small, rarely written, the same everywhere.
create table city (
    city_id int constraint city_key primary key,
    code text not null constraint city_code_unique unique,
    name text not null,
    -- Every coordinate of the city is kept in this datum; all others are converted at the gate.
    datum text not null constraint city_datum_known check (datum in ('gcj02', 'wgs84', 'cgcs2000', 'bd09')),
    timezone text not null default 'Asia/Shanghai',
    -- 演示数据: shown on every page and file, so that nobody takes a demonstration for a record.
    demonstration boolean not null default false,
    created_at timestamptz not null
);

create table zone (
    city_id int not null references city,
    zone_id uuid not null,
    code text not null,
    name text not null,
    kind text not null default 'other',
    division_code text not null default '',
    police_station text not null default '',
    -- Null: nobody has said. Every figure that divides by households is then "not applicable".
    households int constraint zone_households_not_negative check (households >= 0),
    population int constraint zone_population_not_negative check (population >= 0),
    households_source text not null default '',
    households_as_of date,
    -- Shares of the population by priority group, e.g. {"elderly": 0.18}.
    priority_groups jsonb not null default '{}',
    boundary bytea not null,      -- WKB in the city's datum, longitude before latitude
    area_square_metres double precision not null constraint zone_area_positive check (area_square_metres > 0),
    created_at timestamptz not null,
    changed_at timestamptz not null,
    constraint zone_key primary key (city_id, zone_id),
    constraint zone_code_unique unique (city_id, code)
);

-- The H3 cells (resolution 9) whose centre a zone covers. A cell has one zone: numbers belong to zones.
create table zone_cell (
    city_id int not null,
    cell bigint not null,
    zone_id uuid not null,
    households int not null default 0 constraint zone_cell_households_not_negative check (households >= 0),
    constraint zone_cell_key primary key (city_id, cell),
    constraint zone_cell_zone foreign key (city_id, zone_id) references zone (city_id, zone_id)
);
create index zone_cell_by_zone on zone_cell (city_id, zone_id);

-- Fraud cases per zone, month and scam type. Aggregates only; planners only.
create table incident_count (
    city_id int not null,
    zone_id uuid not null,
    month date not null constraint incident_count_month_starts_on_first check (extract(day from month) = 1),
    scam_type text not null,
    incidents int not null constraint incident_count_not_negative check (incidents >= 0),
    constraint incident_count_key primary key (city_id, zone_id, month, scam_type),
    constraint incident_count_zone foreign key (city_id, zone_id) references zone (city_id, zone_id)
);
