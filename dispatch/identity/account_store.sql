-- name: has_city
-- The number of a city, if there is one. No row: there is none.
select city_id from city where city_id = :city_id;

-- name: read_accounts
-- The accounts in the caller's scope, by role and login: of a district its own and the managers of outlets in it.
-- No row: there is none.
select a.account_id, a.role, a.login, a.display_name, a.division_code,
       (select d.name from district d
        where d.city_id = :city_id and d.code = left(a.division_code, 6)) as division_name,
       p.code as partner_code, p.name as partner_name,
       o.code as outlet_code, o.name as outlet_name, a.active, a.must_change_password,
       a.second_factor_since is not null as has_second_factor, a.created_at, a.signed_in_at
from account a
left join partner p on p.city_id = :city_id and p.partner_id = a.partner_id
left join outlet o on o.city_id = :city_id and o.outlet_id = a.outlet_id
left join zone z on z.city_id = :city_id and z.zone_id = o.zone_id
where a.city_id = :city_id and (:scope_partner::uuid is null or a.partner_id = :scope_partner)
  and (:scope_division::text is null or starts_with(a.division_code, :scope_division)
       or starts_with(z.division_code, :scope_division))
order by array_position(array['planner', 'auditor', 'firm_manager', 'outlet_manager'], a.role), p.code nulls first,
         a.login;

-- name: read_account
-- One account, locked for this transaction, with the district of its outlet. No row: there is no such account.
select a.account_id, a.role, a.login, a.password_hash, a.division_code, a.partner_id, a.created_by, a.signed_in_at,
       a.display_name,
       (select z.division_code from outlet o join zone z on z.city_id = :city_id and z.zone_id = o.zone_id
        where o.city_id = :city_id and o.outlet_id = a.outlet_id) as outlet_division
from account a
where a.city_id = :city_id and a.account_id = :account_id
for update;

-- name: read_login
-- The account with a login, and the hash of its password. No row: nobody signs in with it.
select account_id, password_hash from account where city_id = :city_id and login = :login;

-- name: read_named
-- What the codes of a partner and an outlet name, for an account that is to be limited to them; the outlet's district;
-- whether zones lie in the division. No row: there is no such city.
select exists (select from zone n where n.city_id = :city_id and starts_with(n.division_code, :division_code))
           as has_zones,
       (select p.partner_id from partner p where p.city_id = :city_id and p.code = :partner_code) as partner_id,
       o.outlet_id, o.partner_id as outlet_partner_id, z.division_code as outlet_division
from city c
left join outlet o on o.city_id = :city_id and o.code = :outlet_code
left join zone z on z.city_id = :city_id and z.zone_id = o.zone_id
where c.city_id = :city_id;

-- name: insert_account
-- Makes an account that must change the password it is given. No row: the login (in whatever case) or the id is taken.
insert into account (city_id, account_id, role, login, password_hash, display_name,
                     division_code, partner_id, outlet_id, created_at, created_by, must_change_password)
values (:city_id, :account_id, :role, :login, :password_hash, :display_name,
        :division_code, :partner_id, :outlet_id, :now, :created_by, true)
on conflict do nothing
returning account_id;

-- name: ensure_account
-- Makes an account, or gives the one that signs in with this login the password and makes it active again.
insert into account as a (city_id, account_id, role, login, password_hash, display_name,
                          division_code, partner_id, outlet_id, created_at)
values (:city_id, :account_id, :role, :login, :password_hash, :display_name,
        :division_code, :partner_id, :outlet_id, :now)
on conflict on constraint account_login_unique do update set password_hash = excluded.password_hash, active = true
where a.role = excluded.role;

-- name: set_account_active
-- An account is active or not.
update account set active = :active where city_id = :city_id and account_id = :account_id;
