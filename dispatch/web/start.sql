-- name: read_cities
-- The cities of this server, two at most: whether there is none, one or several is all the start page asks.
select city_id, name, centre_name, centre_phone from city order by city_id limit 2;

-- name: is_demonstration
-- Whether a city is here that is a demonstration, and has this code where one is given.
select exists (select from city where demonstration and (:code::text is null or code = :code));
