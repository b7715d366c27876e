-- Passwords that must be changed, sessions with a face, keys with a purpose. Written by "identity", save for the
-- columns signed_out_at of partners, outlets and riders, which "partners" writes.

alter table account add must_change_password boolean not null default false;
alter table account add password_changed_at timestamptz;
alter table account add language text not null default 'zh' constraint account_language_known check (language in ('zh', 'en'));
alter table account add created_by uuid;
alter table account add signed_in_at timestamptz;
-- Shared secret of the authenticator, sealed with a key that is not in the database; null: none.
alter table account add second_factor_secret bytea;
-- Null while the first code has not been told: until then the secret counts for nothing.
alter table account add second_factor_since timestamptz;
-- The last time step whose code was used: no code opens the door twice.
alter table account add second_factor_step bigint;
-- Who this is at the police network's own sign-in, as issuer and subject.
alter table account add oidc_subject text;
alter table account add constraint account_oidc_subject_unique unique (city_id, oidc_subject);

-- The passwords an account had, so that the last ones are not taken again.
create table account_password (
    city_id int not null,
    account_id uuid not null,
    set_at timestamptz not null,
    password_hash text not null,
    constraint account_password_key primary key (city_id, account_id, set_at, password_hash),
    constraint account_password_account foreign key (city_id, account_id) references account (city_id, account_id)
);

-- Everybody signs in once more: a session of before has no name by which its owner could end it.
delete from session;
alter table session add session_id uuid not null;
alter table session add method text not null constraint session_method_known check (method in ('password', 'pin', 'oidc'));
-- What the browser says it is, and where it called from: for the owner, who looks for what is not theirs.
alter table session add device text not null;
alter table session add address text not null;
-- Within a minute: it is not written on every request.
alter table session add last_used_at timestamptz not null;
-- A session not used for so long has ended; 0: only expires_at ends it.
alter table session add idle_seconds int not null constraint session_idle_not_negative check (idle_seconds >= 0);
alter table session add constraint session_id_unique unique (city_id, session_id);
create index session_by_account on session (city_id, account_id);
create index session_by_rider on session (city_id, rider_id);

alter table api_key add scopes text[] not null default '{read,report}';
alter table api_key add last_used_at timestamptz;
alter table api_key add replaces uuid;
alter table api_key add created_by uuid;

-- Sessions from before this instant have ended, also when the owner is let in again.
alter table partner add signed_out_at timestamptz;
alter table outlet add signed_out_at timestamptz;
alter table rider add signed_out_at timestamptz;
