-- name: insert_city
-- Make a city. No row: its number or its code is taken.
insert into city (city_id, code, name, datum, demonstration, created_at)
values (:city_id, :code, :name, :datum, :demonstration, :now)
on conflict do nothing
returning city_id;

-- name: read_city
-- The city as it was made. No row: there is none with this number.
select code, name, datum, demonstration from city where city_id = :city_id;

-- name: read_contact
-- What the pages and slips say of the city's centre. No row: there is no such city.
select centre_name, centre_phone from city where city_id = :city_id;

-- name: write_contact
-- The pages and slips say this from now on; null: nothing.
update city set centre_name = :centre_name, centre_phone = :centre_phone where city_id = :city_id;

-- name: lock_city
-- The datum of the city; other imports of its zones wait until this transaction ends. No row: there is no such city.
select datum from city where city_id = :city_id for no key update;

-- name: read_zone_records
-- Every zone of the city as it is kept, by code.
select zone_id, code, name, kind, division_code, police_station, households, population, households_source,
       households_as_of, priority_groups, boundary, area_square_metres
from zone where city_id = :city_id order by code;

-- name: insert_zones
-- Make zones, one for each place in the arrays.
insert into zone (city_id, zone_id, code, name, kind, division_code, police_station, households, population,
                  households_source, households_as_of, priority_groups, boundary, area_square_metres, created_at,
                  changed_at)
select :city_id, x.*, :now, :now
from unnest(:zone_ids::uuid[], :codes::text[], :names::text[], :kinds::text[], :division_codes::text[],
            :police_stations::text[], :households::int[], :populations::int[], :households_sources::text[],
            :households_as_of::date[], :priority_groups::jsonb[], :boundaries::bytea[],
            :areas_square_metres::double precision[]) x;

-- name: update_zones
-- Change the zones with these ids to what the other arrays hold.
update zone z
set code = x.code, name = x.name, kind = x.kind, division_code = x.division_code, police_station = x.police_station,
    households = x.households, population = x.population, households_source = x.households_source,
    households_as_of = x.households_as_of, priority_groups = x.priority_groups, boundary = x.boundary,
    area_square_metres = x.area_square_metres, changed_at = :now
from unnest(:zone_ids::uuid[], :codes::text[], :names::text[], :kinds::text[], :division_codes::text[],
            :police_stations::text[], :households::int[], :populations::int[], :households_sources::text[],
            :households_as_of::date[], :priority_groups::jsonb[], :boundaries::bytea[],
            :areas_square_metres::double precision[])
     x (zone_id, code, name, kind, division_code, police_station, households, population, households_source,
        households_as_of, priority_groups, boundary, area_square_metres)
where z.city_id = :city_id and z.zone_id = x.zone_id;

-- name: read_zone_cells
-- Map cells with their zone and households, in ascending order: of some zones, or of the whole city.
select cell, zone_id, households from zone_cell
where city_id = :city_id and (:zone_ids::uuid[] is null or zone_id = any(:zone_ids)) order by cell;

-- name: delete_zone_cells
-- Take cells away from their zones. What was handed out there stays counted in its tallies.
delete from zone_cell c using unnest(:cells::bigint[]) x (cell) where c.city_id = :city_id and c.cell = x.cell;

-- name: write_zone_cells
-- Give cells a zone and households, whether they had any before or not.
insert into zone_cell as c (city_id, cell, zone_id, households)
select :city_id, x.* from unnest(:cells::bigint[], :zone_ids::uuid[], :households::int[]) x
on conflict (city_id, cell) do update set zone_id = excluded.zone_id, households = excluded.households;

-- name: read_incident_counts
-- Incident counts of some zones, oldest month first.
select zone_id, month, scam_type, incidents from incident_count
where city_id = :city_id and zone_id = any(:zone_ids::uuid[]) order by zone_id, month, scam_type;

-- name: write_incident_counts
-- Keep incident counts by zone, month and scam type. A count kept before is replaced.
insert into incident_count as i (city_id, zone_id, month, scam_type, incidents)
select :city_id, x.* from unnest(:zone_ids::uuid[], :months::date[], :scam_types::text[], :incidents::int[]) x
on conflict (city_id, zone_id, month, scam_type) do update set incidents = excluded.incidents;

-- name: read_zones
-- The zones the caller may see, by code, or one of them. Partners and outlets see the zones they declared capacity in
-- or hold claims on; a district sees its own. Incidents are null unless asked for. No row: none in scope.
select z.zone_id, z.code, z.name, z.kind, z.division_code, z.police_station, z.households, z.population,
       z.households_source, z.households_as_of, z.priority_groups, z.area_square_metres / 1e6 as area_square_kilometres,
       (select count(*) from zone_cell c where c.city_id = :city_id and c.zone_id = z.zone_id) as cells,
       case when :with_incidents::boolean then
           (select coalesce(sum(i.incidents), 0) from incident_count i
            where i.city_id = :city_id and i.zone_id = z.zone_id)
       end as incidents
from zone z
where z.city_id = :city_id
  and (:zone_id::uuid is null or z.zone_id = :zone_id)
  and (:scope_division::text is null or starts_with(z.division_code, :scope_division))
  and (:scope_partner::uuid is null
       or z.zone_id in (
           select c.zone_id from capacity c
           join outlet o on o.city_id = :city_id and o.outlet_id = c.outlet_id and o.partner_id = :scope_partner
           where c.city_id = :city_id and c.copies > 0 and (:scope_outlet::uuid is null or c.outlet_id = :scope_outlet))
       or z.zone_id in (
           select b.zone_id from claim k
           join batch b on b.city_id = :city_id and b.batch_id = k.batch_id
           where k.city_id = :city_id and k.partner_id = :scope_partner and k.status = 'held'
             and (:scope_outlet::uuid is null or k.outlet_id = :scope_outlet)))
order by z.code;

-- name: read_boundaries
-- The zones with their boundaries (WKB), by code; a district sees its own.
select zone_id, code, name, kind, division_code, police_station, households, population, boundary
from zone
where city_id = :city_id and (:scope_division::text is null or starts_with(division_code, :scope_division))
order by code;

-- name: read_districts
-- The districts in which zones within scope lie, by number, with what they are called; or the one of this number.
-- No row: no zone within scope has a division code.
select left(z.division_code, 6) as code, max(d.name) as name, count(*) as zones, sum(z.households)::bigint as households
from zone z
left join district d on d.city_id = :city_id and d.code = left(z.division_code, 6)
where z.city_id = :city_id and z.division_code <> ''
  and (:scope_division::text is null or starts_with(z.division_code, :scope_division))
  and (:code::text is null or left(z.division_code, 6) = :code)
group by left(z.division_code, 6)
order by 1;

-- name: write_districts
-- Call districts so, one for each place in the arrays. A name that is the same is not written again.
insert into district as d (city_id, code, name, changed_at)
select :city_id, x.*, :now from unnest(:codes::text[], :names::text[]) x
on conflict (city_id, code) do update set name = excluded.name, changed_at = excluded.changed_at
where d.name <> excluded.name;
