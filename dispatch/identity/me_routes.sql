-- name: read_profile
-- What the caller is called: the account, rider or key, with the names of city, partner and outlet, and the session's
-- end. No row: there is no such city.
select c.code as city_code, c.name as city_name, c.datum, c.timezone, c.demonstration, c.centre_name,
       c.centre_phone, a.login, a.language, r.code as rider_code,
       coalesce(a.display_name, r.name, k.name) as display_name,
       coalesce(a.second_factor_since is not null, false) as has_second_factor,
       (select d.name from district d where d.city_id = :city_id and d.code = left(:scope_division::text, 6))
           as division_name,
       (select p.name from partner p where p.city_id = :city_id and p.partner_id = :scope_partner) as partner_name,
       (select o.name from outlet o where o.city_id = :city_id and o.outlet_id = :scope_outlet) as outlet_name,
       (select o.code from outlet o where o.city_id = :city_id and o.outlet_id = :scope_outlet) as outlet_code,
       case when s.rider_id is null then coalesce(s.idle_seconds, 0)
            else coalesce(least(nullif(s.idle_seconds, 0),
                                (select min(o.rider_idle_hours) * 3600 from campaign o
                                 where o.city_id = :city_id and o.status = 'open' and o.rider_idle_hours > 0)), 0)
       end as idle_seconds, coalesce(s.expires_at, k.expires_at) as expires_at
from city c
left join account a on a.city_id = :city_id and a.account_id = :subject_id
left join rider r on r.city_id = :city_id and r.rider_id = :subject_id
left join api_key k on k.city_id = :city_id and k.api_key_id = :subject_id
left join session s on s.city_id = :city_id and s.session_id = :session_id
where c.city_id = :city_id;

-- name: set_language
-- The pages use this language for an account.
update account set language = :language where city_id = :city_id and account_id = :account_id;
