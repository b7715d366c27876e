-- name: read_places
-- Ids of the depot, the outlet and the material of a replay, by their codes; null where there is none.
select (select d.depot_id from depot d where d.city_id = :city_id and d.code = :depot_code) as depot_id,
       (select o.outlet_id from outlet o where o.city_id = :city_id and o.code = :outlet_code) as outlet_id,
       (select m.material_id from material m
        where m.city_id = :city_id and m.campaign_id = :campaign_id and m.code = :material_code) as material_id;

-- name: read_riders
-- Every rider of the city with their code.
select code, rider_id from rider where city_id = :city_id;
