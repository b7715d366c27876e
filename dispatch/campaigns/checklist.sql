-- name: read_state
-- What a campaign, or one plan of it, has to begin with: of a plan only its zones and its material. Always one row.
select (select count(*) from zone z where z.city_id = :city_id) as zones,
       (select coalesce(array_agg(z.code order by z.code), '{}') from zone z
        where z.city_id = :city_id and coalesce(z.households, 0) = 0 and :allocation_id::uuid is null)
       as zones_without_households,
       (select coalesce(array_agg(z.code order by z.code), '{}') from zone z
        where z.city_id = :city_id and coalesce(z.households, 0) > 0
          and (:allocation_id::uuid is null or exists (
              select from allocation_line l
              where l.city_id = :city_id and l.allocation_id = :allocation_id and l.zone_id = z.zone_id
                and l.copies > 0))
          and not exists (
              select from capacity k
              join outlet o on o.city_id = :city_id and o.outlet_id = k.outlet_id and o.active
              join partner p on p.city_id = :city_id and p.partner_id = o.partner_id and p.active
              where k.city_id = :city_id and k.campaign_id = :campaign_id and k.zone_id = z.zone_id and k.copies > 0))
       as unserved_zones,
       (select count(*) from material m where m.city_id = :city_id and m.campaign_id = :campaign_id) as materials,
       (select count(*) from depot d where d.city_id = :city_id and d.active) as depots,
       greatest((select coalesce(sum(r.copies), 0) from print_run r
                 where r.city_id = :city_id and r.campaign_id = :campaign_id),
                (select -coalesce(sum(s.quantity), 0) from stock_balance s
                 where s.city_id = :city_id and s.campaign_id = :campaign_id and s.holder_kind = 'printer'))::bigint
       as printed,
       (select count(*) from allocation a
        where a.city_id = :city_id and a.campaign_id = :campaign_id and a.status = 'approved') as plans,
       (select sum(l.copies) from allocation_line l
        where l.city_id = :city_id and l.allocation_id = :allocation_id)::bigint as plan_copies,
       (select coalesce(sum(s.quantity), 0) from stock_balance s
        join allocation a on a.city_id = :city_id and a.material_id = s.material_id
        where s.city_id = :city_id and s.campaign_id = :campaign_id and s.holder_kind = 'depot'
          and a.allocation_id = :allocation_id)::bigint as in_depots;

-- name: read_partners
-- The active partners invited to a campaign, by code: answer, and accounts their managers can sign in with. No row:
-- nobody is invited.
select p.code, i.status,
       (select count(*) from account a where a.city_id = :city_id and a.partner_id = p.partner_id
          and a.role = 'firm_manager' and a.active) as accounts
from invitation i
join partner p on p.city_id = :city_id and p.partner_id = i.partner_id and p.active
where i.city_id = :city_id and i.campaign_id = :campaign_id
order by p.code;
