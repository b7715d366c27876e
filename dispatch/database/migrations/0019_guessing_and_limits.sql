-- What outsiders try: failed sign-ins, second factors' recovery codes, and how often somebody calls. Written by "identity".

-- Failures of a login, an address, an outlet, a phone. The subject is a keyed digest: a password typed into the wrong box
-- must not be read here.
create table sign_in_attempt (
    city_id int not null references city,
    kind text not null constraint sign_in_attempt_kind_known check (kind in
        ('login', 'address', 'outlet', 'outlet_address', 'pin_address', 'phone', 'code')),
    subject bytea not null,
    failures int not null constraint sign_in_attempt_failures_not_negative check (failures >= 0),
    -- How often it was locked of late: where guessing goes on, the locks grow.
    locks int not null constraint sign_in_attempt_locks_not_negative check (locks >= 0),
    failed_at timestamptz not null,
    locked_until timestamptz,
    constraint sign_in_attempt_key primary key (city_id, kind, subject)
);

-- One-time codes for the day the phone with the authenticator is gone. Keyed digests; each opens the door once.
create table recovery_code (
    city_id int not null,
    account_id uuid not null,
    code_digest bytea not null,
    used_at timestamptz,
    constraint recovery_code_key primary key (city_id, account_id, code_digest),
    constraint recovery_code_account foreign key (city_id, account_id) references account (city_id, account_id)
);

-- How many calls somebody has left, shared by all server processes. City 0 is of those who are not signed in.
create table rate_bucket (
    city_id int not null,
    class text not null,
    subject text not null,
    tokens double precision not null,
    filled_at timestamptz not null,
    constraint rate_bucket_key primary key (city_id, class, subject)
);
