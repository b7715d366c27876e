-- name: read_callers
-- Who stands behind these token hashes ($2) of city $1 at the instant $3. A hash that is unknown, expired, ended or whose
-- owner, outlet or partner is inactive gives no row. Idle time is judged by the reader, who may know of later uses.
select s.token_hash as secret_hash, coalesce(a.role, 'rider') as role, coalesce(a.account_id, r.rider_id) as subject_id,
       coalesce(a.partner_id, o.partner_id) as partner_id, coalesce(a.outlet_id, o.outlet_id) as outlet_id, a.division_code,
       s.session_id, s.last_used_at, s.idle_seconds, null::text[] as scopes,
       coalesce(a.must_change_password and s.method = 'password', false) as must_change_password,
       coalesce(a.role = 'planner' and a.second_factor_since is null and s.method = 'password', false) as lacks_second_factor
from session s
left join account a on a.city_id = $1 and a.account_id = s.account_id and a.active
left join rider r on r.city_id = $1 and r.rider_id = s.rider_id and r.active
  and (r.signed_out_at is null or s.created_at >= r.signed_out_at)
left join outlet o on o.city_id = $1 and o.outlet_id = coalesce(a.outlet_id, r.outlet_id) and o.active
  and (o.signed_out_at is null or s.created_at >= o.signed_out_at)
left join partner p on p.city_id = $1 and p.partner_id = coalesce(a.partner_id, o.partner_id) and p.active
  and (p.signed_out_at is null or s.created_at >= p.signed_out_at)
where s.city_id = $1 and s.token_hash = any($2::bytea[]) and s.expires_at > $3
  and (a.account_id is not null or r.rider_id is not null)
  and ((a.account_id is not null and a.partner_id is null) or p.partner_id is not null)
  and (coalesce(a.outlet_id, r.outlet_id) is null or o.outlet_id is not null)
union all
select k.key_hash, 'partner_system', k.api_key_id, k.partner_id, null::uuid, null::text,
       null::uuid, k.last_used_at, 0, k.scopes, false, false
from api_key k
join partner p on p.city_id = $1 and p.partner_id = k.partner_id and p.active
where k.city_id = $1 and k.key_hash = any($2::bytea[]) and k.expires_at > $3 and k.revoked_at is null;

-- name: write_session_uses
-- Sessions of city $1 with the token hashes $2 were used at $3. A later use that another process wrote stays.
update session s set last_used_at = x.at
from unnest($2::bytea[], $3::timestamptz[]) x (token_hash, at)
where s.city_id = $1 and s.token_hash = x.token_hash and s.last_used_at < x.at;

-- name: write_key_uses
-- Keys of city $1 with the hashes $2 were used at $3.
update api_key k set last_used_at = x.at
from unnest($2::bytea[], $3::timestamptz[]) x (key_hash, at)
where k.city_id = $1 and k.key_hash = x.key_hash and (k.last_used_at is null or k.last_used_at < x.at);

-- name: read_city
-- The city with this code ($1), or the only city there is when no code is given. No row: unknown, or more than one.
select city_id, code, name, datum, timezone, demonstration
from city
where code = $1 or ($1::text is null and (select count(*) from city) = 1);

-- name: read_city_number
-- City $1, if there is one.
select city_id from city where city_id = $1;

-- name: read_account_by_login
-- The account that signs in as $2 in city $1, active or not.
select account_id, role, password_hash, active, must_change_password, second_factor_since is not null as has_second_factor,
       second_factor_secret, second_factor_step
from account where city_id = $1 and login = $2;

-- name: read_account_by_subject
-- The active account of city $1 that is bound to the provider's subject $2; else the one with login $3 that is bound to none.
select account_id, role, oidc_subject from account
where city_id = $1 and active and (oidc_subject = $2 or (login = $3 and oidc_subject is null))
order by oidc_subject nulls last limit 1;

-- name: bind_subject
-- Account $2 of city $1 is the provider's subject $3 from now on.
update account set oidc_subject = $3 where city_id = $1 and account_id = $2 and oidc_subject is null;

-- name: read_outlet_for_sign_in
-- The active outlet with code $2 of an active partner in city $1.
select o.outlet_id from outlet o
join partner p on p.city_id = $1 and p.partner_id = o.partner_id and p.active
where o.city_id = $1 and o.code = $2 and o.active;

-- name: read_rider_by_pin
-- The active rider of outlet $2 in city $1 whose PIN has the digest $3.
select rider_id from rider where city_id = $1 and outlet_id = $2 and pin_digest = $3 and active;

-- name: insert_session
-- Keep a session of city $1: token hash $2, id $3, account $4 or rider $5, method $6, device $7, address $8, made and last
-- used at $9, valid until $10, and no longer than $11 seconds without use (0: that does not end it).
insert into session (city_id, token_hash, session_id, account_id, rider_id, method, device, address, created_at, last_used_at,
                     expires_at, idle_seconds)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10, $11);

-- name: note_sign_in
-- Account $2 of city $1 signed in at $3, with the password behind the hash $4 (null: without one). No row: meanwhile it was shut
-- out or the password was changed.
update account set signed_in_at = $3
where city_id = $1 and account_id = $2 and active and ($4::text is null or password_hash = $4)
returning account_id;

-- name: delete_old_sessions
-- Sessions of city $1 that account $2 or rider $3 had and that ended before $4 are forgotten.
delete from session where city_id = $1 and (account_id = $2 or rider_id = $3) and expires_at < $4;

-- name: delete_session
-- End the session with token hash $2 of city $1.
delete from session where city_id = $1 and token_hash = $2;

-- name: read_sessions
-- The sessions of city $1 of subject $2, account or rider, that hold at $3, the last used first.
select session_id, method, device, address, created_at, last_used_at, expires_at
from session
where city_id = $1 and (account_id = $2 or rider_id = $2) and expires_at > $3
  and (idle_seconds = 0 or last_used_at > $3 - idle_seconds * interval '1 second')
order by last_used_at desc, session_id;

-- name: end_session
-- End session $3 of subject $2 in city $1. No row: the subject has no such session.
delete from session where city_id = $1 and (account_id = $2 or rider_id = $2) and session_id = $3 returning session_id;

-- name: end_sessions
-- End the sessions of subject $2 in city $1, but not $3 (null: all of them).
delete from session
where city_id = $1 and (account_id = $2 or rider_id = $2) and ($3::uuid is null or session_id <> $3);

-- name: read_profile
-- What the caller is called: account or rider $2 of city $1, with the names of city, partner ($3) and outlet ($4), and the
-- session $5.
select c.code as city_code, c.name as city_name, c.datum, c.timezone, c.demonstration, a.login, a.language,
       coalesce(a.display_name, r.name, k.name) as display_name,
       coalesce(a.second_factor_since is not null, false) as has_second_factor,
       (select p.name from partner p where p.city_id = $1 and p.partner_id = $3) as partner_name,
       (select o.name from outlet o where o.city_id = $1 and o.outlet_id = $4) as outlet_name,
       coalesce(s.idle_seconds, 0) as idle_seconds, coalesce(s.expires_at, k.expires_at) as expires_at
from city c
left join account a on a.city_id = $1 and a.account_id = $2
left join rider r on r.city_id = $1 and r.rider_id = $2
left join api_key k on k.city_id = $1 and k.api_key_id = $2
left join session s on s.city_id = $1 and s.session_id = $5
where c.city_id = $1;

-- name: read_passwords
-- The login of account $2 of city $1, its present password hash and those before, the latest first.
select a.login, a.password_hash,
       array(select old.password_hash from account_password old where old.city_id = $1 and old.account_id = $2
             order by old.set_at desc) as earlier
from account a where a.city_id = $1 and a.account_id = $2;

-- name: set_password
-- Give account $2 of city $1 the password $3 at $4; whether it must be changed is $5. The old one ($6) must still be the
-- present one. No row: it is not.
update account set password_hash = $3, password_changed_at = $4, must_change_password = $5
where city_id = $1 and account_id = $2 and password_hash = $6
returning account_id;

-- name: remember_password
-- Account $2 of city $1 had the password $4 until $3.
insert into account_password (city_id, account_id, set_at, password_hash) values ($1, $2, $3, $4) on conflict do nothing;

-- name: forget_old_passwords
-- Of the former passwords of account $2 of city $1 only the last $3 are kept.
delete from account_password
where city_id = $1 and account_id = $2
  and (set_at, password_hash) in (select old.set_at, old.password_hash from account_password old
                                  where old.city_id = $1 and old.account_id = $2
                                  order by old.set_at desc, old.password_hash offset $3);

-- name: set_language
-- The pages speak $3 to account $2 of city $1. No row: it is no account.
update account set language = $3 where city_id = $1 and account_id = $2 returning account_id;

-- name: insert_account
-- Make an account of city $1 that must change the password it is given; $11 made it. No row: the login (in whatever
-- case) or the id is taken.
insert into account (city_id, account_id, role, login, password_hash, display_name, division_code, partner_id, outlet_id, created_at,
                     created_by, must_change_password)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, true)
on conflict do nothing
returning account_id;

-- name: read_scope_of_new_account
-- Partner and outlet of city $1 by their codes ($2, $3), for an account that is to be limited to them, and the outlet's
-- district.
select (select p.partner_id from partner p where p.city_id = $1 and p.code = $2) as partner_id,
       o.outlet_id, o.partner_id as outlet_partner_id, z.division_code as outlet_division
from city c
left join outlet o on o.city_id = $1 and o.code = $3
left join zone z on z.city_id = $1 and z.zone_id = o.zone_id
where c.city_id = $1;

-- name: insert_api_key
-- Keep a key of partner $4 in city $1: hash $2, id $3, name $5, made $6, valid until $7, for the scopes $8, in the place of
-- key $9, by $10.
insert into api_key (city_id, key_hash, api_key_id, partner_id, name, created_at, expires_at, scopes, replaces, created_by)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);

-- name: revoke_api_key
-- End key $2 of city $1; a firm manager ($3) may end only the own firm's. No row: there is none, or it has ended.
update api_key set revoked_at = $4
where city_id = $1 and api_key_id = $2 and ($3::uuid is null or partner_id = $3) and revoked_at is null
returning api_key_id;

-- name: ensure_account
-- Make an account of city $1, or give the one that signs in with this login the password and make it active again.
insert into account as a (city_id, account_id, role, login, password_hash, display_name, division_code, partner_id, outlet_id, created_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
on conflict on constraint account_login_unique do update set password_hash = excluded.password_hash, active = true
where a.role = excluded.role;

-- name: lock_attempts
-- The failures of city $1 counted for the kinds $2 and subjects $3, locked for this transaction in order of their key.
select a.kind, a.subject, a.failures, a.locks, a.failed_at, a.locked_until
from sign_in_attempt a
where a.city_id = $1 and (a.kind, a.subject) in (select x.kind, x.subject from unnest($2::text[], $3::bytea[]) x (kind, subject))
order by a.kind, a.subject
for update;

-- name: begin_attempts
-- Make rows in city $1 for the kinds $2 and subjects $3 that have none, at $4.
insert into sign_in_attempt (city_id, kind, subject, failures, locks, failed_at)
select $1, x.kind, x.subject, 0, 0, $4 from unnest($2::text[], $3::bytea[]) x (kind, subject)
order by x.kind, x.subject
on conflict do nothing;

-- name: write_attempts
-- Keep what was counted in city $1 for the kinds $2 and subjects $3 at $7: failures $4, locks $5, locked until $6.
update sign_in_attempt a set failures = x.failures, locks = x.locks, locked_until = x.locked_until, failed_at = $7
from unnest($2::text[], $3::bytea[], $4::int[], $5::int[], $6::timestamptz[]) x (kind, subject, failures, locks, locked_until)
where a.city_id = $1 and a.kind = x.kind and a.subject = x.subject;

-- name: take_back_attempt
-- One failure less for kind $2 and subject $3 of city $1; the lock it may have brought is lifted.
update sign_in_attempt set failures = greatest(failures - 1, 0), locked_until = null
where city_id = $1 and kind = $2 and subject = $3;

-- name: forget_attempts
-- Nothing is counted any more for kind $2 and subject $3 of city $1.
delete from sign_in_attempt where city_id = $1 and kind = $2 and subject = $3;

-- name: take_healing
-- Whether the rider with digest $2 may take failures of city $1 off at $3 for the kinds $5 and subjects $6, which is noted: there
-- are some, and the last time was before $4. No row: no. Kept beside the failures of phones: it is a rider's, too.
insert into sign_in_attempt as a (city_id, kind, subject, failures, locks, failed_at)
select $1, 'phone', $2, 0, 0, $3
where exists (select from sign_in_attempt f where f.city_id = $1 and f.failures > 0
              and (f.kind, f.subject) in (select x.kind, x.subject from unnest($5::text[], $6::bytea[]) x (kind, subject)))
on conflict on constraint sign_in_attempt_key do update set failed_at = excluded.failed_at where a.failed_at <= $4
returning true;

-- name: heal_attempts
-- One failure less in city $1 for each of the kinds $2 and subjects $3.
update sign_in_attempt a set failures = a.failures - 1
from unnest($2::text[], $3::bytea[]) x (kind, subject)
where a.city_id = $1 and a.kind = x.kind and a.subject = x.subject and a.failures > 0;

-- name: read_second_factor
-- The second factor of account $2 of city $1: its sealed secret, since when it holds, the last time step used; the login.
select a.login, a.second_factor_secret, a.second_factor_since, a.second_factor_step, c.name as city_name
from account a join city c on c.city_id = $1
where a.city_id = $1 and a.account_id = $2;

-- name: propose_second_factor
-- Keep the sealed secret $3 for account $2 of city $1 until its first code is told. No row: a second factor holds already.
update account set second_factor_secret = $3, second_factor_step = null
where city_id = $1 and account_id = $2 and second_factor_since is null
returning account_id;

-- name: begin_second_factor
-- The second factor of account $2 of city $1 holds from $3, its first code was of step $4. No row: it holds already.
update account set second_factor_since = $3, second_factor_step = $4
where city_id = $1 and account_id = $2 and second_factor_since is null and second_factor_secret is not null
returning account_id;

-- name: use_step
-- The code of time step $3 was used by account $2 of city $1. No row: one of this step or a later one was used before.
update account set second_factor_step = $3
where city_id = $1 and account_id = $2 and (second_factor_step is null or second_factor_step < $3)
returning account_id;

-- name: use_recovery_code
-- The recovery code with digest $3 of account $2 of city $1 is used up at $4. No row: there is none, or it was used.
update recovery_code set used_at = $4
where city_id = $1 and account_id = $2 and code_digest = $3 and used_at is null
returning account_id;

-- name: delete_recovery_codes
-- Account $2 of city $1 has no recovery codes.
delete from recovery_code where city_id = $1 and account_id = $2;

-- name: insert_recovery_codes
-- Keep the digests $3 of recovery codes of account $2 of city $1.
insert into recovery_code (city_id, account_id, code_digest) select $1, $2, x from unnest($3::bytea[]) x;

-- name: remove_second_factor
-- Account $2 of city $1 has no second factor. No row: there is no such account, or it had none.
update account set second_factor_secret = null, second_factor_since = null, second_factor_step = null
where city_id = $1 and account_id = $2 and second_factor_since is not null
returning account_id;

-- name: read_accounts
-- The accounts of city $1, by role and login: within partner $2; of a district ($3) its own and the managers of outlets that
-- stand in it.
select a.account_id, a.role, a.login, a.display_name, a.division_code, p.code as partner_code, p.name as partner_name,
       o.code as outlet_code, o.name as outlet_name, a.active, a.must_change_password,
       a.second_factor_since is not null as has_second_factor, a.created_at, a.signed_in_at
from account a
left join partner p on p.city_id = $1 and p.partner_id = a.partner_id
left join outlet o on o.city_id = $1 and o.outlet_id = a.outlet_id
left join zone z on z.city_id = $1 and z.zone_id = o.zone_id
where a.city_id = $1 and ($2::uuid is null or a.partner_id = $2)
  and ($3::text is null or starts_with(a.division_code, $3) or starts_with(z.division_code, $3))
order by array_position(array['planner', 'auditor', 'firm_manager', 'outlet_manager'], a.role), p.code nulls first, a.login;

-- name: read_account
-- Account $2 of city $1, locked for this transaction, with the district of its outlet.
select a.account_id, a.role, a.login, a.password_hash, a.division_code, a.partner_id, a.outlet_id, a.active, a.created_by,
       a.signed_in_at, a.display_name,
       (select z.division_code from outlet o join zone z on z.city_id = $1 and z.zone_id = o.zone_id
        where o.city_id = $1 and o.outlet_id = a.outlet_id) as outlet_division
from account a
where a.city_id = $1 and a.account_id = $2
for update;

-- name: set_account_active
-- Account $2 of city $1 is active or not ($3).
update account set active = $3 where city_id = $1 and account_id = $2;

-- name: read_keys
-- The keys of city $1 within partner $2 that are not revoked, the latest first.
select k.api_key_id, k.name, k.scopes, p.code as partner_code, p.name as partner_name, k.created_at, k.expires_at,
       k.last_used_at, k.replaces
from api_key k join partner p on p.city_id = $1 and p.partner_id = k.partner_id
where k.city_id = $1 and ($2::uuid is null or k.partner_id = $2) and k.revoked_at is null
order by k.created_at desc, k.api_key_id;

-- name: read_key
-- Key $2 of city $1 within partner $3 that holds at $4, locked for this transaction. No row: there is none, or it has ended.
select partner_id, name, scopes, created_at, expires_at from api_key
where city_id = $1 and api_key_id = $2 and ($3::uuid is null or partner_id = $3) and revoked_at is null and expires_at > $4
for update;

-- name: shorten_key
-- Key $2 of city $1 ends at $3 at the latest.
update api_key set expires_at = least(expires_at, $3) where city_id = $1 and api_key_id = $2;
