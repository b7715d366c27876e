-- name: read_place
-- What the outlet with a code is called, whose it is, and who asks. No row: no active outlet of the city has it.
select c.name as city_name, c.centre_name, c.centre_phone, p.name as partner_name, o.name as outlet_name,
       o.code as outlet_code
from outlet o
join city c on c.city_id = :city_id
join partner p on p.city_id = :city_id and p.partner_id = o.partner_id and p.active
where o.city_id = :city_id and o.code = :outlet_code and o.active;
