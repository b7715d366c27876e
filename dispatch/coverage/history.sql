-- The days gone by, read from tallies; $1 city, $2 campaign. Nothing is written.

-- name: read_zone_history
-- Copies of materials $3 of campaign $2 per zone whose division begins with $4 (null: all) and day on which we learnt of them,
-- up to day $5. As columns of one row; empty arrays when there are none.
with known as materialized (
    select d.zone_id, d.known_on, sum(d.copies)::bigint as copies
    from zone_day_tally d
    where d.city_id = $1 and d.campaign_id = $2 and d.material_id = any($3::uuid[]) and d.known_on <= $5
    group by d.zone_id, d.known_on
)
select coalesce(array_agg(z.code order by z.code, k.known_on), '{}') as codes,
       coalesce(array_agg(k.known_on order by z.code, k.known_on), '{}') as known_on,
       coalesce(array_agg(k.copies order by z.code, k.known_on), '{}') as copies
from known k
join zone z on z.city_id = $1 and z.zone_id = k.zone_id and ($4::text is null or starts_with(z.division_code, $4));

-- name: read_planned_zones
-- Copies of approved allocation lines of materials $3 of campaign $2, per zone whose division begins with $4 (null: all) and
-- instant of approval.
select z.code, a.approved_at, sum(l.copies)::bigint as copies
from allocation a
join allocation_line l on l.city_id = $1 and l.allocation_id = a.allocation_id
join zone z on z.city_id = $1 and z.zone_id = l.zone_id and ($4::text is null or starts_with(z.division_code, $4))
where a.city_id = $1 and a.campaign_id = $2 and a.material_id = any($3::uuid[]) and a.status = 'approved'
group by z.code, a.approved_at
order by z.code, a.approved_at;
