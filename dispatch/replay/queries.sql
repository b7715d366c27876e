-- name: read_places
-- Depot, outlet and material of a replay's city $1 and campaign $2, by their codes $3, $4, $5.
select (select d.depot_id from depot d where d.city_id = $1 and d.code = $3) as depot_id,
       (select o.outlet_id from outlet o where o.city_id = $1 and o.code = $4) as outlet_id,
       (select m.material_id from material m where m.city_id = $1 and m.campaign_id = $2 and m.code = $5) as material_id;

-- name: read_riders
-- Every rider of city $1 by code.
select code, rider_id from rider where city_id = $1;
