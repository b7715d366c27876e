-- name: read_managers
-- The active partners with these codes, by code, each with the account of its managers that is in use, else the first
-- that was made, null where there is none. No row: none of these codes is an active partner's.
select p.code, p.partner_id, p.name, m.account_id, m.login, m.password_hash, m.signed_in_at
from partner p
left join lateral (
    select a.account_id, a.login, a.password_hash, a.signed_in_at from account a
    where a.city_id = :city_id and a.partner_id = p.partner_id and a.role = 'firm_manager' and a.active
    order by a.signed_in_at desc nulls last, a.created_at, a.account_id limit 1) m on true
where p.city_id = :city_id and p.code = any(:codes::text[]) and p.active
order by p.code;
