-- name: read_callers
-- Who has these token hashes at :now: an account, a rider or a partner's system. A hash that is unknown, expired, ended
-- or whose owner, outlet or partner is inactive gives no row. Idle time is judged by the reader, who may know of later
-- uses; of riders it is the shortest that an open campaign asks for, or what the session began with.
select s.token_hash, coalesce(a.role, 'rider') as role, coalesce(a.account_id, r.rider_id) as subject_id,
       coalesce(a.partner_id, o.partner_id) as partner_id, coalesce(a.outlet_id, o.outlet_id) as outlet_id,
       a.division_code, s.session_id, s.last_used_at,
       case when s.rider_id is null then s.idle_seconds
            else coalesce(least(nullif(s.idle_seconds, 0),
                                (select min(c.rider_idle_hours) * 3600 from campaign c
                                 where c.city_id = :city_id and c.status = 'open' and c.rider_idle_hours > 0)), 0)
       end as idle_seconds, null::text[] as scopes,
       coalesce(a.must_change_password and s.method = 'password', false) as must_change_password,
       coalesce(a.role = 'planner' and a.second_factor_since is null and s.method = 'password', false)
           as lacks_second_factor
from session s
left join account a on a.city_id = :city_id and a.account_id = s.account_id and a.active
left join rider r on r.city_id = :city_id and r.rider_id = s.rider_id and r.active
  and (r.signed_out_at is null or s.created_at >= r.signed_out_at)
left join outlet o on o.city_id = :city_id and o.outlet_id = coalesce(a.outlet_id, r.outlet_id) and o.active
  and (o.signed_out_at is null or s.created_at >= o.signed_out_at)
left join partner p on p.city_id = :city_id and p.partner_id = coalesce(a.partner_id, o.partner_id) and p.active
  and (p.signed_out_at is null or s.created_at >= p.signed_out_at)
where s.city_id = :city_id and s.token_hash = any(:token_hashes::bytea[]) and s.expires_at > :now
  and (a.account_id is not null or r.rider_id is not null)
  and ((a.account_id is not null and a.partner_id is null) or p.partner_id is not null)
  and (coalesce(a.outlet_id, r.outlet_id) is null or o.outlet_id is not null)
union all
select k.key_hash, 'partner_system', k.api_key_id, k.partner_id, k.outlet_id, null::text,
       null::uuid, k.last_used_at, 0, k.scopes, false, false
from api_key k
join partner p on p.city_id = :city_id and p.partner_id = k.partner_id and p.active
left join outlet o on o.city_id = :city_id and o.outlet_id = k.outlet_id and o.active
where k.city_id = :city_id and k.key_hash = any(:token_hashes::bytea[])
  and k.expires_at > :now and k.revoked_at is null and (k.outlet_id is null or o.outlet_id is not null);
