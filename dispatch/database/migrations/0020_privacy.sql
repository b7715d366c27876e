-- What riders were told, what they agreed to, and what they withdrew. Written by "privacy".

-- Every version of the notice is kept: whoever agreed, agreed to these words.
create table privacy_notice (
    city_id int not null references city,
    version int not null constraint privacy_notice_version_positive check (version > 0),
    text_zh text not null constraint privacy_notice_has_text check (text_zh <> ''),
    text_en text not null,
    published_at timestamptz not null,
    -- Null: the standard notice that comes with the product.
    published_by uuid,
    constraint privacy_notice_key primary key (city_id, version)
);

-- Append-only: the newest of each purpose counts. Location is agreed to by itself; without it the zone is used.
create table privacy_consent (
    city_id int not null,
    consent_id uuid not null,
    rider_id uuid not null,
    purpose text not null constraint privacy_consent_purpose_known check (purpose in ('taking_part', 'location')),
    version int not null,
    given boolean not null,
    answered_at timestamptz not null,
    constraint privacy_consent_key primary key (city_id, consent_id),
    constraint privacy_consent_rider foreign key (city_id, rider_id) references rider (city_id, rider_id),
    constraint privacy_consent_notice foreign key (city_id, version) references privacy_notice (city_id, version)
);
create index privacy_consent_by_rider on privacy_consent (city_id, rider_id, answered_at);

-- What is withdrawn now, and since when: few rows, looked at whenever hand-outs are recorded.
create table privacy_withdrawal (
    city_id int not null,
    rider_id uuid not null,
    purpose text not null,
    since timestamptz not null,
    constraint privacy_withdrawal_key primary key (city_id, rider_id, purpose)
);
