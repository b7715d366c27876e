-- name: read_zones
-- The zones within scope with what is known of their households, by code.
select code, name, households, population, households_source, households_as_of from zone
where city_id = :city_id and (:scope_division::text is null or starts_with(division_code, :scope_division))
order by code;

-- name: read_partners
-- Codes and names of the active partners, or of the caller's own.
select code, name from partner
where city_id = :city_id and active and (:scope_partner::uuid is null or partner_id = :scope_partner) order by code;

-- name: read_outlets
-- The active outlets within scope with the zones they are in, by code.
select o.code, o.name, z.code as zone_code, z.name as zone_name from outlet o
left join zone z on z.city_id = :city_id and z.zone_id = o.zone_id
where o.city_id = :city_id and o.active and (:scope_partner::uuid is null or o.partner_id = :scope_partner)
  and (:scope_outlet::uuid is null or o.outlet_id = :scope_outlet)
  and (:scope_division::text is null or starts_with(z.division_code, :scope_division))
order by o.code;
