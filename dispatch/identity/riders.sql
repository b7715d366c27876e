-- name: read_outlet_for_sign_in
-- The outlet with a code, and whether it and its firm are active. No row: no outlet has this code.
select o.outlet_id, o.active and p.active as active from outlet o
join partner p on p.city_id = :city_id and p.partner_id = o.partner_id
where o.city_id = :city_id and o.code = :outlet_code;

-- name: read_rider_by_pin
-- The rider of an outlet whose PIN has this digest, active or not. No row: the PIN is nobody's there.
select rider_id, active from rider
where city_id = :city_id and outlet_id = :outlet_id and pin_digest = :pin_digest;

-- name: read_rider_by_code
-- The rider of an outlet with this code, active or not, with the digest of the PIN. No row: nobody there has it.
select rider_id, active, pin_digest from rider
where city_id = :city_id and outlet_id = :outlet_id and code = :rider_code;
