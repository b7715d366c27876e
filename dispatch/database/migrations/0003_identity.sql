-- Who is calling: accounts of planners and managers, sessions, keys of partner systems. Written by "identity".
-- Riders sign in with outlet code and PIN; they are found in "rider" and need no account.

create table account (
    city_id int not null references city,
    account_id uuid not null,
    role text not null constraint account_role_known check (role in
        ('planner', 'auditor', 'firm_manager', 'outlet_manager')),
    login text not null,
    password_hash text not null,
    display_name text not null,
    -- A district bureau sees the zones whose division code begins with this; null: the whole city.
    division_code text,
    partner_id uuid,
    outlet_id uuid,
    active boolean not null default true,
    created_at timestamptz not null,
    constraint account_key primary key (city_id, account_id),
    constraint account_login_unique unique (city_id, login),
    constraint account_partner foreign key (city_id, partner_id) references partner (city_id, partner_id),
    constraint account_outlet foreign key (city_id, outlet_id) references outlet (city_id, outlet_id),
    constraint account_scope_fits_role check (case role
        when 'firm_manager' then partner_id is not null and outlet_id is null and division_code is null
        when 'outlet_manager' then partner_id is not null and outlet_id is not null and division_code is null
        else partner_id is null and outlet_id is null end)
);

-- Opaque tokens; only their SHA-256 is kept.
create table session (
    city_id int not null references city,
    token_hash bytea not null,
    account_id uuid,
    rider_id uuid,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    constraint session_key primary key (city_id, token_hash),
    constraint session_account foreign key (city_id, account_id) references account (city_id, account_id),
    constraint session_rider foreign key (city_id, rider_id) references rider (city_id, rider_id),
    constraint session_has_one_subject check (num_nonnulls(account_id, rider_id) = 1)
);

create table api_key (
    city_id int not null references city,
    key_hash bytea not null,
    api_key_id uuid not null,
    partner_id uuid not null,
    name text not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    revoked_at timestamptz,
    constraint api_key_key primary key (city_id, key_hash),
    constraint api_key_id_unique unique (city_id, api_key_id),
    constraint api_key_partner foreign key (city_id, partner_id) references partner (city_id, partner_id)
);
