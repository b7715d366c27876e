-- name: read_callers
-- Who stands behind these token hashes ($2) of city $1 at the instant $3. A hash that is unknown, expired, ended or whose
-- owner, outlet or partner is inactive gives no row.
select s.token_hash as secret_hash, coalesce(a.role, 'rider') as role, coalesce(a.account_id, r.rider_id) as subject_id,
       coalesce(a.partner_id, o.partner_id) as partner_id, coalesce(a.outlet_id, o.outlet_id) as outlet_id, a.division_code
from session s
left join account a on a.city_id = $1 and a.account_id = s.account_id and a.active
left join rider r on r.city_id = $1 and r.rider_id = s.rider_id and r.active
left join outlet o on o.city_id = $1 and o.outlet_id = coalesce(a.outlet_id, r.outlet_id) and o.active
left join partner p on p.city_id = $1 and p.partner_id = coalesce(a.partner_id, o.partner_id) and p.active
where s.city_id = $1 and s.token_hash = any($2::bytea[]) and s.expires_at > $3
  and (a.account_id is not null or r.rider_id is not null)
  and ((a.account_id is not null and a.partner_id is null) or p.partner_id is not null)
  and (coalesce(a.outlet_id, r.outlet_id) is null or o.outlet_id is not null)
union all
select k.key_hash, 'partner_system', k.api_key_id, k.partner_id, null::uuid, null::text
from api_key k
join partner p on p.city_id = $1 and p.partner_id = k.partner_id and p.active
where k.city_id = $1 and k.key_hash = any($2::bytea[]) and k.expires_at > $3 and k.revoked_at is null;

-- name: read_city
-- The city with this code ($1), or the only city there is when no code is given. No row: unknown, or more than one.
select city_id, code, name, datum, timezone, demonstration
from city
where code = $1 or ($1::text is null and (select count(*) from city) = 1);

-- name: read_account_by_login
-- The account that signs in as $2 in city $1, active or not.
select account_id, role, password_hash, active from account where city_id = $1 and login = $2;

-- name: read_outlet_for_sign_in
-- The active outlet with code $2 of an active partner in city $1.
select o.outlet_id from outlet o
join partner p on p.city_id = $1 and p.partner_id = o.partner_id and p.active
where o.city_id = $1 and o.code = $2 and o.active;

-- name: read_rider_by_pin
-- The active rider of outlet $2 in city $1 whose PIN has the digest $3.
select rider_id from rider where city_id = $1 and outlet_id = $2 and pin_digest = $3 and active;

-- name: insert_session
-- Keep a session of city $1: token hash $2, account $3 or rider $4, made at $5, valid until $6.
insert into session (city_id, token_hash, account_id, rider_id, created_at, expires_at) values ($1, $2, $3, $4, $5, $6);

-- name: delete_session
-- End the session with token hash $2 of city $1.
delete from session where city_id = $1 and token_hash = $2;

-- name: read_profile
-- What the caller is called: account or rider $2 of city $1, with the names of city, partner ($3) and outlet ($4).
select c.code as city_code, c.name as city_name, c.datum, c.timezone, c.demonstration,
       coalesce((select a.display_name from account a where a.city_id = $1 and a.account_id = $2),
                (select r.name from rider r where r.city_id = $1 and r.rider_id = $2),
                (select k.name from api_key k where k.city_id = $1 and k.api_key_id = $2)) as display_name,
       (select p.name from partner p where p.city_id = $1 and p.partner_id = $3) as partner_name,
       (select o.name from outlet o where o.city_id = $1 and o.outlet_id = $4) as outlet_name
from city c where c.city_id = $1;

-- name: insert_account
-- Make an account of city $1. A second use of the login gives no row.
insert into account (city_id, account_id, role, login, password_hash, display_name, division_code, partner_id, outlet_id, created_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
on conflict do nothing
returning account_id;

-- name: read_scope_of_new_account
-- Partner and outlet of city $1 by their codes ($2, $3), for an account that is to be limited to them.
select (select p.partner_id from partner p where p.city_id = $1 and p.code = $2) as partner_id,
       (select o.outlet_id from outlet o where o.city_id = $1 and o.code = $3) as outlet_id,
       (select o.partner_id from outlet o where o.city_id = $1 and o.code = $3) as outlet_partner_id;

-- name: insert_api_key
-- Keep a key of partner $4 in city $1: hash $2, id $3, name $5, made $6, valid until $7.
insert into api_key (city_id, key_hash, api_key_id, partner_id, name, created_at, expires_at)
values ($1, $2, $3, $4, $5, $6, $7);

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
