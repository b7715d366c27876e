-- Who hands out: partners, their outlets and riders, and the depots they collect from. Written by "partners".

create table partner (
    city_id int not null references city,
    partner_id uuid not null,
    code text not null,
    name text not null,
    kind text not null constraint partner_kind_known check (kind in
        ('parcel', 'post', 'meal', 'bank', 'school', 'community', 'property', 'telecom', 'printer')),
    active boolean not null default true,
    created_at timestamptz not null,
    constraint partner_key primary key (city_id, partner_id),
    constraint partner_code_unique unique (city_id, code)
);

create table outlet (
    city_id int not null,
    outlet_id uuid not null,
    partner_id uuid not null,
    code text not null,
    name text not null,
    zone_id uuid,
    active boolean not null default true,
    created_at timestamptz not null,
    constraint outlet_key primary key (city_id, outlet_id),
    constraint outlet_code_unique unique (city_id, code),
    constraint outlet_partner foreign key (city_id, partner_id) references partner (city_id, partner_id),
    constraint outlet_zone foreign key (city_id, zone_id) references zone (city_id, zone_id)
);
create index outlet_by_partner on outlet (city_id, partner_id);

create table rider (
    city_id int not null,
    rider_id uuid not null,
    outlet_id uuid not null,
    code text not null,
    name text not null,
    -- Keyed digest of the PIN: one look-up finds the rider, and the table alone does not give the PIN away.
    pin_digest bytea,
    active boolean not null default true,
    created_at timestamptz not null,
    constraint rider_key primary key (city_id, rider_id),
    constraint rider_code_unique unique (city_id, code),
    constraint rider_pin_unique unique (city_id, outlet_id, pin_digest),
    constraint rider_outlet foreign key (city_id, outlet_id) references outlet (city_id, outlet_id)
);

create table depot (
    city_id int not null references city,
    depot_id uuid not null,
    code text not null,
    name text not null,
    address text not null default '',
    active boolean not null default true,
    created_at timestamptz not null,
    constraint depot_key primary key (city_id, depot_id),
    constraint depot_code_unique unique (city_id, code)
);
