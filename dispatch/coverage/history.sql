-- Past days, read from tallies. Nothing is written.

-- name: read_zone_history
-- Copies of these materials per zone in scope and day on which we learnt of them, up to the last day. As columns of one
-- row; empty arrays when there are none.
with known as materialized (
    select d.zone_id, d.known_on, sum(d.copies)::bigint as copies
    from zone_day_tally d
    where d.city_id = :city_id and d.campaign_id = :campaign_id and d.material_id = any(:material_ids::uuid[])
      and d.known_on <= :last_day
    group by d.zone_id, d.known_on
)
select coalesce(array_agg(z.code order by z.code, k.known_on), '{}') as codes,
       coalesce(array_agg(k.known_on order by z.code, k.known_on), '{}') as known_on,
       coalesce(array_agg(k.copies order by z.code, k.known_on), '{}') as copies
from known k
join zone z on z.city_id = :city_id and z.zone_id = k.zone_id
    and (:scope_division::text is null or starts_with(z.division_code, :scope_division));

-- name: read_planned_zones
-- Copies of approved allocation lines of these materials, per zone in scope and instant of approval. No row: nothing is
-- approved.
select z.code, a.approved_at, sum(l.copies)::bigint as copies
from allocation a
join allocation_line l on l.city_id = :city_id and l.allocation_id = a.allocation_id
join zone z on z.city_id = :city_id and z.zone_id = l.zone_id
    and (:scope_division::text is null or starts_with(z.division_code, :scope_division))
where a.city_id = :city_id and a.campaign_id = :campaign_id and a.material_id = any(:material_ids::uuid[])
  and a.status = 'approved'
group by z.code, a.approved_at
order by z.code, a.approved_at;
