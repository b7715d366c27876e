-- name: read_former_rider
-- The rider who was deactivated while this session held, and when. No row: the session is unknown, had been ended
-- before or began later, or its rider is with us, or was deactivated before :not_before.
select r.rider_id, r.outlet_id, o.partner_id, r.deactivated_at
from session s
join rider r on r.city_id = :city_id and r.rider_id = s.rider_id
join outlet o on o.city_id = :city_id and o.outlet_id = r.outlet_id
where s.city_id = :city_id and s.token_hash = :token_hash and not r.active and r.deactivated_at >= :not_before
  and s.created_at <= r.deactivated_at and (r.signed_out_at is null or s.created_at >= r.signed_out_at);
