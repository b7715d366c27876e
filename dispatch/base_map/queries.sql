-- name: read_city_data
-- Every city's name and the datum its zones are kept in, for the base map that would lie under them.
select name, datum from city order by city_id;
