-- name: read_partner_records
-- Partners as kept, with these codes (null: any code), within scope. No row: none of them.
select partner_id, code, name, kind from partner
where city_id = :city_id and (:codes::text[] is null or code = any(:codes))
  and (:scope_partner::uuid is null or partner_id = :scope_partner);

-- name: insert_partners
-- Make partners, one for each place in the arrays. Fewer rows than asked for: a race was lost.
insert into partner (city_id, partner_id, code, name, kind, created_at)
select :city_id, x.*, :now from unnest(:partner_ids::uuid[], :codes::text[], :names::text[], :kinds::text[]) x
on conflict do nothing
returning partner_id;

-- name: update_partners
-- Change the partners with these ids to what the other arrays hold.
update partner p set code = x.code, name = x.name, kind = x.kind
from unnest(:partner_ids::uuid[], :codes::text[], :names::text[], :kinds::text[]) x (partner_id, code, name, kind)
where p.city_id = :city_id and p.partner_id = x.partner_id;

-- name: read_outlet_records
-- Outlets as kept, with these codes, within scope. No row: none of them.
select outlet_id, partner_id, code, name, zone_id from outlet
where city_id = :city_id and code = any(:codes::text[])
  and (:scope_partner::uuid is null or partner_id = :scope_partner)
  and (:scope_outlet::uuid is null or outlet_id = :scope_outlet);

-- name: read_zone_ids
-- The zones with these codes. No row: none of them.
select code, zone_id from zone where city_id = :city_id and code = any(:codes::text[]);

-- name: insert_outlets
-- Make outlets, one for each place in the arrays. Fewer rows than asked for: a race was lost.
insert into outlet (city_id, outlet_id, partner_id, code, name, zone_id, created_at)
select :city_id, x.*, :now
from unnest(:outlet_ids::uuid[], :partner_ids::uuid[], :codes::text[], :names::text[], :zone_ids::uuid[]) x
on conflict do nothing
returning outlet_id;

-- name: update_outlets
-- Change the outlets with these ids to what the other arrays hold.
update outlet o set partner_id = x.partner_id, code = x.code, name = x.name, zone_id = x.zone_id
from unnest(:outlet_ids::uuid[], :partner_ids::uuid[], :codes::text[], :names::text[], :zone_ids::uuid[])
     x (outlet_id, partner_id, code, name, zone_id)
where o.city_id = :city_id and o.outlet_id = x.outlet_id;

-- name: read_rider_records
-- Riders that have one of these codes or belong to one of these outlets, with their partner. No row: none.
select r.rider_id, r.outlet_id, r.code, r.name, r.pin_digest, o.partner_id
from rider r
join outlet o on o.city_id = :city_id and o.outlet_id = r.outlet_id
where r.city_id = :city_id
  -- A sub-select is hashed; any(…) would compare each rider with ten thousand codes in turn.
  and (r.code in (select unnest(:codes::text[])) or r.outlet_id in (select unnest(:outlet_ids::uuid[])));

-- name: insert_riders
-- Make riders, one for each place in the arrays. Fewer rows than asked for: a race was lost.
insert into rider (city_id, rider_id, outlet_id, code, name, pin_digest, created_at)
select :city_id, x.*, :now
from unnest(:rider_ids::uuid[], :outlet_ids::uuid[], :codes::text[], :names::text[], :pin_digests::bytea[]) x
on conflict do nothing
returning rider_id;

-- name: clear_pins
-- Take the PINs of these riders away, so that they may be dealt out again in any order; riders signed in with an old
-- one are signed out.
update rider set pin_digest = null, signed_out_at = :now
where city_id = :city_id and rider_id = any(:rider_ids::uuid[]);

-- name: update_riders
-- Change the riders with these ids to what the other arrays hold.
update rider r set outlet_id = x.outlet_id, code = x.code, name = x.name, pin_digest = x.pin_digest
from unnest(:rider_ids::uuid[], :outlet_ids::uuid[], :codes::text[], :names::text[], :pin_digests::bytea[])
     x (rider_id, outlet_id, code, name, pin_digest)
where r.city_id = :city_id and r.rider_id = x.rider_id;

-- name: read_depot_records
-- Depots as kept, with these codes. No row: none of them.
select depot_id, code, name, address from depot where city_id = :city_id and code = any(:codes::text[]);

-- name: insert_depots
-- Make depots, one for each place in the arrays. Fewer rows than asked for: a race was lost.
insert into depot (city_id, depot_id, code, name, address, created_at)
select :city_id, x.*, :now from unnest(:depot_ids::uuid[], :codes::text[], :names::text[], :addresses::text[]) x
on conflict do nothing
returning depot_id;

-- name: update_depots
-- Change the depots with these ids to what the other arrays hold.
update depot d set code = x.code, name = x.name, address = x.address
from unnest(:depot_ids::uuid[], :codes::text[], :names::text[], :addresses::text[]) x (depot_id, code, name, address)
where d.city_id = :city_id and d.depot_id = x.depot_id;

-- name: read_partners
-- Partners by code; a partner sees only itself.
select partner_id, code, name, kind, active from partner
where city_id = :city_id and (:scope_partner::uuid is null or partner_id = :scope_partner) order by code;

-- name: read_outlets
-- Outlets within scope by code, with the number of their active riders; those of a district by their zone.
select o.outlet_id, o.code, o.name, o.partner_id, p.code as partner_code, p.name as partner_name, o.zone_id,
       z.code as zone_code, o.active,
       (select count(*) from rider r where r.city_id = :city_id and r.outlet_id = o.outlet_id and r.active) as riders
from outlet o
join partner p on p.city_id = :city_id and p.partner_id = o.partner_id
left join zone z on z.city_id = :city_id and z.zone_id = o.zone_id
where o.city_id = :city_id
  and (:scope_partner::uuid is null or o.partner_id = :scope_partner)
  and (:scope_outlet::uuid is null or o.outlet_id = :scope_outlet)
  and (:scope_division::text is null or starts_with(z.division_code, :scope_division))
order by o.code;

-- name: read_riders
-- Riders within scope by code, those of a district by their outlet's zone; of one outlet, if asked for. Names are null
-- unless asked for.
select r.rider_id, r.code, case when :with_names::boolean then r.name end as name, r.outlet_id, o.code as outlet_code,
       r.active, r.pin_digest is not null as has_pin
from rider r
join outlet o on o.city_id = :city_id and o.outlet_id = r.outlet_id
left join zone z on z.city_id = :city_id and z.zone_id = o.zone_id
where r.city_id = :city_id
  and (:scope_partner::uuid is null or o.partner_id = :scope_partner)
  and (:scope_outlet::uuid is null or o.outlet_id = :scope_outlet)
  and (:scope_division::text is null or starts_with(z.division_code, :scope_division))
  and (:outlet_id::uuid is null or o.outlet_id = :outlet_id)
order by r.code;

-- name: read_rider_holdings
-- Riders within scope who hold copies, or whose phone has called: what they hold of each material, and the day of the
-- last call. A rider without either gives no row; one without copies gives no material.
select r.rider_id, (s.last_used_at at time zone c.timezone)::date as last_seen_on, b.campaign_id,
       m.code as material_code, m.name as material_name, b.quantity::int as copies
from rider r
join outlet o on o.city_id = :city_id and o.outlet_id = r.outlet_id
join city c on c.city_id = :city_id
cross join lateral (
    select max(q.last_used_at) as last_used_at from session q where q.city_id = :city_id and q.rider_id = r.rider_id) s
left join stock_balance b on b.city_id = :city_id and b.holder_id = r.rider_id and b.holder_kind = 'rider'
     and b.quantity > 0
left join material m on m.city_id = :city_id and m.material_id = b.material_id
where r.city_id = :city_id and (b.holder_id is not null or s.last_used_at is not null)
  and (:scope_partner::uuid is null or o.partner_id = :scope_partner)
  and (:scope_outlet::uuid is null or o.outlet_id = :scope_outlet)
order by r.rider_id, m.code;

-- name: read_depots
-- Depots by code: partners of the whole city collect there.
select depot_id, code, name, address, active from depot where city_id = :city_id order by code;

-- name: set_rider_active
-- A rider within scope is active from now on, or not. Sessions of before hold no more: those of a rider who is back
-- have ended, and with that of one who left the phone can only hand in what was confirmed before. No row: there is none
-- in scope.
update rider r
set active = :active, signed_out_at = case when :active then :now::timestamptz else r.signed_out_at end,
    deactivated_at = case when :active then null else coalesce(r.deactivated_at, :now::timestamptz) end
from outlet o
where r.city_id = :city_id and r.rider_id = :rider_id and o.city_id = :city_id and o.outlet_id = r.outlet_id
  and (:scope_partner::uuid is null or o.partner_id = :scope_partner)
  and (:scope_outlet::uuid is null or o.outlet_id = :scope_outlet)
returning r.rider_id;

-- name: set_partner_active
-- A partner is active from now on, or not; sessions of before have ended. No row: there is none.
update partner set active = :active, signed_out_at = :now
where city_id = :city_id and partner_id = :partner_id
returning partner_id;

-- name: lock_riders
-- These riders within scope, held in the order of their ids, with their outlet, firm and city. Fewer rows: some are not
-- in scope.
select r.rider_id, r.code, r.name, r.active, r.outlet_id, o.code as outlet_code, o.name as outlet_name,
       p.name as partner_name, c.code as city_code, c.name as city_name, c.centre_name, c.centre_phone
from rider r
join outlet o on o.city_id = :city_id and o.outlet_id = r.outlet_id
join partner p on p.city_id = :city_id and p.partner_id = o.partner_id
join city c on c.city_id = :city_id
where r.city_id = :city_id and r.rider_id = any(:rider_ids::uuid[])
  and (:scope_partner::uuid is null or o.partner_id = :scope_partner)
  and (:scope_outlet::uuid is null or o.outlet_id = :scope_outlet)
order by r.rider_id
for update of r;

-- name: read_pins
-- The PIN digests in use at these outlets.
select pin_digest from rider
where city_id = :city_id and outlet_id = any(:outlet_ids::uuid[]) and pin_digest is not null;

-- name: deal_pins
-- Give these riders these PIN digests; riders signed in with an old one are signed out.
update rider r set pin_digest = x.pin_digest, signed_out_at = :now
from unnest(:rider_ids::uuid[], :pin_digests::bytea[]) x (rider_id, pin_digest)
where r.city_id = :city_id and r.rider_id = x.rider_id;

-- name: read_rider_by_code
-- The rider with this code, and whether they are within scope. No row: no rider of the city has it.
select r.rider_id, r.code, r.name, r.outlet_id, o.code as outlet_code, r.active, r.pin_digest is not null as has_pin,
       (:scope_partner::uuid is null or o.partner_id = :scope_partner)
           and (:scope_outlet::uuid is null or o.outlet_id = :scope_outlet) as in_scope
from rider r
join outlet o on o.city_id = :city_id and o.outlet_id = r.outlet_id
where r.city_id = :city_id and r.code = :code;

-- name: read_outlet_for_rider
-- The active outlet within scope with this code; without a code the caller's own. No row: there is none.
select o.outlet_id from outlet o
where o.city_id = :city_id and o.active and (:outlet_code::text is null or o.code = :outlet_code)
  and (:outlet_code::text is not null or :scope_outlet::uuid is not null)
  and (:scope_partner::uuid is null or o.partner_id = :scope_partner)
  and (:scope_outlet::uuid is null or o.outlet_id = :scope_outlet);

-- name: insert_rider
-- Add a rider to an outlet. No row: the code is taken.
insert into rider (city_id, rider_id, code, name, outlet_id, created_at)
values (:city_id, :rider_id, :code, :name, :outlet_id, :now)
on conflict do nothing
returning rider_id;

-- name: read_campaign_day
-- What day it is in the city. No row: there is no such campaign.
select (:now::timestamptz at time zone c.timezone)::date
from campaign g join city c on c.city_id = :city_id where g.city_id = :city_id and g.campaign_id = :campaign_id;

-- name: read_outlets_progress
-- Outlets within scope by code, with what they have of a campaign and have handed out by a day. A bundle is sealed as
-- far as the balance holds it.
select o.outlet_id, o.code, o.name, p.code as partner_code, z.code as zone_code, z.name as zone_name, o.active,
       r.riders, s.in_transit, s.with_outlet, s.with_riders, s.sealed_copies, t.handed_out, t.handed_out_today,
       t.handed_out_last_days,
       case when t.handed_out_last_days > 0 then
           round(((s.with_outlet + s.with_riders) * 7.0 / t.handed_out_last_days)::numeric, 1)::float8 end as days_left,
       (select coalesce(sum(y.copies), 0)::bigint from capacity y
        where y.city_id = :city_id and y.campaign_id = :campaign_id and y.outlet_id = o.outlet_id
          and y.week_starts_on = :day::date - (extract(isodow from :day::date)::int - 1)) as capacity_this_week
from outlet o
join partner p on p.city_id = :city_id and p.partner_id = o.partner_id
left join zone z on z.city_id = :city_id and z.zone_id = o.zone_id
cross join lateral (
    select count(*) filter (where q.active) as riders, array_agg(q.rider_id) as ids
    from rider q where q.city_id = :city_id and q.outlet_id = o.outlet_id) r
cross join lateral (
    select coalesce(sum(b.quantity) filter (where b.holder_kind = 'transit'), 0)::bigint as in_transit,
           coalesce(sum(b.quantity) filter (where b.holder_kind = 'outlet'), 0)::bigint as with_outlet,
           coalesce(sum(b.quantity) filter (where b.holder_kind = 'rider'), 0)::bigint as with_riders,
           coalesce(sum(least(b.sealed_copies, b.quantity)) filter (where b.holder_kind = 'outlet'), 0)::bigint
               as sealed_copies
    from stock_balance b
    where b.city_id = :city_id and b.campaign_id = :campaign_id
      and ((b.holder_kind in ('outlet', 'transit') and b.holder_id = o.outlet_id)
           or (b.holder_kind = 'rider' and b.holder_id = any(r.ids)))) s
cross join lateral (
    select coalesce(sum(t.copies), 0)::bigint as handed_out,
           coalesce(sum(t.copies) filter (where t.day = :day::date), 0)::bigint as handed_out_today,
           coalesce(sum(t.copies) filter (where t.day >= :day::date - 7 and t.day < :day::date), 0)::bigint
               as handed_out_last_days
    from zone_day_tally t
    where t.city_id = :city_id and t.campaign_id = :campaign_id and t.outlet_id = o.outlet_id) t
where o.city_id = :city_id and (:scope_partner::uuid is null or o.partner_id = :scope_partner)
  and (:scope_outlet::uuid is null or o.outlet_id = :scope_outlet)
  and (:scope_division::text is null or starts_with(z.division_code, :scope_division))
order by o.code;
