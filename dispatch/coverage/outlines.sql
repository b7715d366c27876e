-- The outlines a map is drawn with. Nothing is written.

-- name: read_zone_boundaries
-- Every zone in scope with its boundary (WKB, the city's datum), by code. No row: there is none.
select zone_id, code, name, boundary
from zone
where city_id = :city_id and (:scope_division::text is null or starts_with(division_code, :scope_division))
order by code;

-- name: read_cell_map
-- The cells (resolution 9) of the zones in scope, ascending, as columns of one row; empty arrays when there are none.
select coalesce(array_agg(c.cell order by c.cell), '{}') as cells,
       coalesce(array_agg(c.households order by c.cell), '{}') as households
from zone_cell c
join zone z on z.city_id = :city_id and z.zone_id = c.zone_id
where c.city_id = :city_id and (:scope_division::text is null or starts_with(z.division_code, :scope_division));
