-- name: read_cities
-- The cities of this server, two at most: whether there is none, one or several is all the start page asks.
select city_id, name from city order by city_id limit 2;

-- name: is_demonstration
-- Whether the city with code $1 is here and is a demonstration.
select exists (select from city where code = $1 and demonstration);
