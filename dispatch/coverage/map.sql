-- Copies of cells. A cell's parent is its number with bits outside `kept_bits` cleared and those of `set_bits` set.
-- Nothing is written.

-- name: read_tile_copies
-- Copies of the cells within ranges of numbers, both ends included, summed per parent; for a district only of the cells
-- of its zones. One row of columns.
with found as (
    select (t.cell & :kept_bits::bigint) | :set_bits::bigint as parent, sum(t.copies)::bigint as copies
    from unnest(:lows::bigint[], :highs::bigint[]) r(low, high)
    cross join lateral (
        select c.cell, c.copies
        from cell_tally c
        where c.city_id = :city_id and c.campaign_id = :campaign_id and c.cell between r.low and r.high offset 0
    ) t
    where :scope_division::text is null or exists (
        select from zone_cell c
        join zone z on z.city_id = :city_id and z.zone_id = c.zone_id
        where c.city_id = :city_id and c.cell = t.cell and starts_with(z.division_code, :scope_division))
    group by 1
)
select coalesce(array_agg(parent), '{}') as cells, coalesce(array_agg(copies), '{}') as copies from found;

-- name: read_cells
-- Cells of the zones in scope, or of one zone, summed per parent, ascending, at most so many. One row of columns with
-- the number of cells there are. in_person is null for a past day.
with counted as materialized (
    select t.cell, t.copies, t.in_person
    from cell_tally t
    where :known_on::date is null and t.city_id = :city_id and t.campaign_id = :campaign_id
    union all
    select d.cell, sum(d.copies)::bigint, null
    from cell_day_tally d
    where :known_on::date is not null and d.city_id = :city_id and d.campaign_id = :campaign_id
      and d.known_on <= :known_on::date
    group by d.cell
), summed as materialized (
    select (c.cell & :kept_bits::bigint) | :set_bits::bigint as parent, sum(c.households)::bigint as households,
           coalesce(sum(t.copies), 0)::bigint as copies, coalesce(sum(t.in_person), 0)::bigint as in_person
    from zone z
    join zone_cell c on c.city_id = :city_id and c.zone_id = z.zone_id
    left join counted t on t.cell = c.cell
    where z.city_id = :city_id and (:scope_division::text is null or starts_with(z.division_code, :scope_division))
      and (:zone_id::uuid is null or z.zone_id = :zone_id)
    group by 1
), listed as (
    select parent, households, copies, in_person from summed order by parent limit :most_cells
)
select (select count(*) from summed) as total,
       coalesce(array_agg(parent order by parent), '{}') as cells,
       coalesce(array_agg(households order by parent), '{}') as households,
       coalesce(array_agg(copies order by parent), '{}') as copies,
       case when :known_on::date is null then coalesce(array_agg(in_person order by parent), '{}') end as in_person
from listed;

-- name: read_zone_id
-- The zone with this code, if it is in scope. No row: not here, or not the caller's.
select zone_id
from zone
where city_id = :city_id and code = :zone_code
  and (:scope_division::text is null or starts_with(division_code, :scope_division));
