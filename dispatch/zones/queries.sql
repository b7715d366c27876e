-- name: insert_city
-- Make city $1 with code $2, name $3, datum $4; $5 whether it is a demonstration, $6 the instant. No row: number or code
-- are taken.
insert into city (city_id, code, name, datum, demonstration, created_at) values ($1, $2, $3, $4, $5, $6)
on conflict do nothing
returning city_id;

-- name: read_city
-- City $1 as it was made. No row: there is none.
select code, name, datum, demonstration from city where city_id = $1;

-- name: lock_city
-- The datum of city $1; other imports of its ground wait until this transaction ends. No row: there is no such city.
select datum from city where city_id = $1 for no key update;

-- name: read_zone_records
-- Every zone of city $1 as it is kept, by code.
select zone_id, code, name, kind, division_code, police_station, households, population, households_source,
       households_as_of, priority_groups, boundary, area_square_metres
from zone where city_id = $1 order by code;

-- name: insert_zones
-- Make zones of city $1 at the instant $2, one per place in the arrays $3 to $15.
insert into zone (city_id, zone_id, code, name, kind, division_code, police_station, households, population,
                  households_source, households_as_of, priority_groups, boundary, area_square_metres, created_at, changed_at)
select $1, x.*, $2, $2
from unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::int[], $10::int[], $11::text[],
            $12::date[], $13::jsonb[], $14::bytea[], $15::double precision[]) x;

-- name: update_zones
-- Change zones of city $1 at the instant $2: ids in $3, everything else as in insert_zones.
update zone z
set code = x.code, name = x.name, kind = x.kind, division_code = x.division_code, police_station = x.police_station,
    households = x.households, population = x.population, households_source = x.households_source,
    households_as_of = x.households_as_of, priority_groups = x.priority_groups, boundary = x.boundary,
    area_square_metres = x.area_square_metres, changed_at = $2
from unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::int[], $10::int[], $11::text[],
            $12::date[], $13::jsonb[], $14::bytea[], $15::double precision[])
     x (zone_id, code, name, kind, division_code, police_station, households, population, households_source,
        households_as_of, priority_groups, boundary, area_square_metres)
where z.city_id = $1 and z.zone_id = x.zone_id;

-- name: read_zone_cells
-- Cells of city $1 with zone and households: of the zones in $2, or of all when $2 is null; ascending.
select cell, zone_id, households from zone_cell
where city_id = $1 and ($2::uuid[] is null or zone_id = any($2)) order by cell;

-- name: delete_zone_cells
-- Take the cells $2 of city $1 away from their zones. What was handed out there stays counted in its tallies.
delete from zone_cell c using unnest($2::bigint[]) x (cell) where c.city_id = $1 and c.cell = x.cell;

-- name: write_zone_cells
-- Give the cells $2 of city $1 the zones $3 and the households $4, whether they had any before or not.
insert into zone_cell as c (city_id, cell, zone_id, households)
select $1, x.* from unnest($2::bigint[], $3::uuid[], $4::int[]) x
on conflict (city_id, cell) do update set zone_id = excluded.zone_id, households = excluded.households;

-- name: read_incident_counts
-- Incident counts of the zones $2 of city $1, oldest month first.
select zone_id, month, scam_type, incidents from incident_count
where city_id = $1 and zone_id = any($2::uuid[]) order by zone_id, month, scam_type;

-- name: write_incident_counts
-- Keep counts of city $1: zones $2, months $3, scam types $4, incidents $5. A count kept before is replaced.
insert into incident_count as i (city_id, zone_id, month, scam_type, incidents)
select $1, x.* from unnest($2::uuid[], $3::date[], $4::text[], $5::int[]) x
on conflict (city_id, zone_id, month, scam_type) do update set incidents = excluded.incidents;

-- name: read_zones
-- The zones of city $1 that the caller may see, by code, or only zone $6. Partner $2 and outlet $3 see the zones they
-- declared capacity in or hold claims on; a district ($4) sees its own. Incidents only when $5.
select z.zone_id, z.code, z.name, z.kind, z.division_code, z.police_station, z.households, z.population,
       z.households_source, z.households_as_of, z.priority_groups, z.area_square_metres / 1e6 as area_square_kilometres,
       (select count(*) from zone_cell c where c.city_id = $1 and c.zone_id = z.zone_id) as cells,
       case when $5::boolean then
           (select coalesce(sum(i.incidents), 0) from incident_count i where i.city_id = $1 and i.zone_id = z.zone_id)
       end as incidents
from zone z
where z.city_id = $1
  and ($6::uuid is null or z.zone_id = $6)
  and ($4::text is null or starts_with(z.division_code, $4))
  and ($2::uuid is null
       or z.zone_id in (
           select c.zone_id from capacity c
           join outlet o on o.city_id = $1 and o.outlet_id = c.outlet_id and o.partner_id = $2
           where c.city_id = $1 and c.copies > 0 and ($3::uuid is null or c.outlet_id = $3))
       or z.zone_id in (
           select b.zone_id from claim k
           join batch b on b.city_id = $1 and b.batch_id = k.batch_id
           where k.city_id = $1 and k.partner_id = $2 and k.status = 'held' and ($3::uuid is null or k.outlet_id = $3)))
order by z.code;

-- name: read_boundaries
-- The boundaries (WKB) of city $1, of a district's zones when $2 is given, by code.
select zone_id, code, name, kind, division_code, police_station, households, population, boundary
from zone where city_id = $1 and ($2::text is null or starts_with(division_code, $2)) order by code;
