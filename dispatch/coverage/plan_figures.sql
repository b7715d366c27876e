-- Days and waves of a campaign with the copies handed out in them. "counted": see queries.sql. Nothing is written.

-- name: read_days
-- Copies of these materials per day they were handed out, in the zones in scope or by the firm's outlets. Days without
-- copies have no row.
with counted as materialized (
    select d.zone_id, d.day, sum(d.copies) as copies
    from zone_day_tally d
    where :scope_partner::uuid is null and d.city_id = :city_id and d.campaign_id = :campaign_id
      and d.material_id = any(:material_ids::uuid[]) and d.known_on <= coalesce(:known_on::date, 'infinity'::date)
    group by d.zone_id, d.day
    union all
    select d.zone_id, d.day, sum(d.copies)
    from outlet o
    join zone_day_tally d on d.city_id = :city_id and d.campaign_id = :campaign_id and d.outlet_id = o.outlet_id
    where :scope_partner::uuid is not null and o.city_id = :city_id and o.partner_id = :scope_partner::uuid
      and (:scope_outlet::uuid is null or o.outlet_id = :scope_outlet::uuid)
      and d.material_id = any(:material_ids::uuid[]) and d.known_on <= coalesce(:known_on::date, 'infinity'::date)
    group by d.zone_id, d.day
)
select c.day, sum(c.copies)::bigint as copies
from counted c
join zone z on z.city_id = :city_id and z.zone_id = c.zone_id
    and (:scope_division::text is null or starts_with(z.division_code, :scope_division))
group by c.day
order by c.day;

-- name: read_waves
-- The waves of a campaign by number, without their copies. No row: it has none.
select number, name, starts_on, ends_on, planned_share, zone_codes
from wave
where city_id = :city_id and campaign_id = :campaign_id
order by number;

-- name: read_wave_copies
-- Per wave: copies of these materials handed out during it (in its zones, where it names some) and anywhere by its end,
-- in the zones in scope or by the firm's outlets. No row: the campaign has no waves.
with counted as materialized (
    select d.zone_id, d.day, sum(d.copies) as copies
    from zone_day_tally d
    where :scope_partner::uuid is null and d.city_id = :city_id and d.campaign_id = :campaign_id
      and d.material_id = any(:material_ids::uuid[]) and d.known_on <= coalesce(:known_on::date, 'infinity'::date)
    group by d.zone_id, d.day
    union all
    select d.zone_id, d.day, sum(d.copies)
    from outlet o
    join zone_day_tally d on d.city_id = :city_id and d.campaign_id = :campaign_id and d.outlet_id = o.outlet_id
    where :scope_partner::uuid is not null and o.city_id = :city_id and o.partner_id = :scope_partner::uuid
      and (:scope_outlet::uuid is null or o.outlet_id = :scope_outlet::uuid)
      and d.material_id = any(:material_ids::uuid[]) and d.known_on <= coalesce(:known_on::date, 'infinity'::date)
    group by d.zone_id, d.day
), located as materialized (
    select z.code, c.day, c.copies
    from counted c
    join zone z on z.city_id = :city_id and z.zone_id = c.zone_id
        and (:scope_division::text is null or starts_with(z.division_code, :scope_division))
)
select w.number, w.name, w.starts_on, w.ends_on, w.planned_share,
       coalesce(sum(l.copies) filter (
           where l.day >= w.starts_on and (w.zone_codes = '{}' or l.code = any(w.zone_codes))), 0)::bigint
           as handed_out,
       coalesce(sum(l.copies), 0)::bigint as cumulative
from wave w
left join located l on l.day <= w.ends_on
where w.city_id = :city_id and w.campaign_id = :campaign_id
group by w.city_id, w.campaign_id, w.number
order by w.number;
