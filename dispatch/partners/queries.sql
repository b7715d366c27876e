-- name: read_partner_records
-- Partners of city $1 as kept: those with the codes $2 (null: any code), within partner $3 (null: all).
select partner_id, code, name, kind from partner
where city_id = $1 and ($2::text[] is null or code = any($2)) and ($3::uuid is null or partner_id = $3);

-- name: insert_partners
-- Make partners of city $1 at $2: ids $3, codes $4, names $5, kinds $6. Fewer rows than asked for: a race was lost.
insert into partner (city_id, partner_id, code, name, kind, created_at)
select $1, x.*, $2 from unnest($3::uuid[], $4::text[], $5::text[], $6::text[]) x
on conflict do nothing
returning partner_id;

-- name: update_partners
-- Change partners $2 of city $1: codes $3, names $4, kinds $5.
update partner p set code = x.code, name = x.name, kind = x.kind
from unnest($2::uuid[], $3::text[], $4::text[], $5::text[]) x (partner_id, code, name, kind)
where p.city_id = $1 and p.partner_id = x.partner_id;

-- name: read_outlet_records
-- Outlets of city $1 with the codes $2, within partner $3 and outlet $4 (null: all).
select outlet_id, partner_id, code, name, zone_id from outlet
where city_id = $1 and code = any($2::text[])
  and ($3::uuid is null or partner_id = $3) and ($4::uuid is null or outlet_id = $4);

-- name: read_zone_ids
-- The zones of city $1 with the codes $2.
select code, zone_id from zone where city_id = $1 and code = any($2::text[]);

-- name: insert_outlets
-- Make outlets of city $1 at $2: ids $3, partners $4, codes $5, names $6, zones $7. Fewer rows: a race was lost.
insert into outlet (city_id, outlet_id, partner_id, code, name, zone_id, created_at)
select $1, x.*, $2 from unnest($3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::uuid[]) x
on conflict do nothing
returning outlet_id;

-- name: update_outlets
-- Change outlets $2 of city $1: partners $3, codes $4, names $5, zones $6.
update outlet o set partner_id = x.partner_id, code = x.code, name = x.name, zone_id = x.zone_id
from unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::uuid[]) x (outlet_id, partner_id, code, name, zone_id)
where o.city_id = $1 and o.outlet_id = x.outlet_id;

-- name: read_rider_records
-- Riders of city $1 that have one of the codes $2 or belong to one of the outlets $3, with their partner.
select r.rider_id, r.outlet_id, r.code, r.name, r.pin_digest, o.partner_id
from rider r
join outlet o on o.city_id = $1 and o.outlet_id = r.outlet_id
where r.city_id = $1
  -- A sub-select is hashed; any(…) would compare each rider with ten thousand codes in turn.
  and (r.code in (select unnest($2::text[])) or r.outlet_id in (select unnest($3::uuid[])));

-- name: insert_riders
-- Make riders of city $1 at $2: ids $3, outlets $4, codes $5, names $6, PIN digests $7. Fewer rows: a race was lost.
insert into rider (city_id, rider_id, outlet_id, code, name, pin_digest, created_at)
select $1, x.*, $2 from unnest($3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::bytea[]) x
on conflict do nothing
returning rider_id;

-- name: clear_pins
-- Take the PINs of riders $2 of city $1 away at $3, so that they may be dealt out again in any order; who is signed in with
-- the old one is signed out.
update rider set pin_digest = null, signed_out_at = $3 where city_id = $1 and rider_id = any($2::uuid[]);

-- name: update_riders
-- Change riders $2 of city $1: outlets $3, codes $4, names $5, PIN digests $6.
update rider r set outlet_id = x.outlet_id, code = x.code, name = x.name, pin_digest = x.pin_digest
from unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::bytea[]) x (rider_id, outlet_id, code, name, pin_digest)
where r.city_id = $1 and r.rider_id = x.rider_id;

-- name: read_depot_records
-- Depots of city $1 with the codes $2.
select depot_id, code, name, address from depot where city_id = $1 and code = any($2::text[]);

-- name: insert_depots
-- Make depots of city $1 at $2: ids $3, codes $4, names $5, addresses $6. Fewer rows: a race was lost.
insert into depot (city_id, depot_id, code, name, address, created_at)
select $1, x.*, $2 from unnest($3::uuid[], $4::text[], $5::text[], $6::text[]) x
on conflict do nothing
returning depot_id;

-- name: update_depots
-- Change depots $2 of city $1: codes $3, names $4, addresses $5.
update depot d set code = x.code, name = x.name, address = x.address
from unnest($2::uuid[], $3::text[], $4::text[], $5::text[]) x (depot_id, code, name, address)
where d.city_id = $1 and d.depot_id = x.depot_id;

-- name: read_partners
-- Partners of city $1 by code; a partner ($2) sees itself.
select partner_id, code, name, kind, active from partner
where city_id = $1 and ($2::uuid is null or partner_id = $2) order by code;

-- name: read_outlets
-- Outlets of city $1 by code, with active riders: those of partner $2, only outlet $3, of a district ($4) by their zone.
select o.outlet_id, o.code, o.name, o.partner_id, p.code as partner_code, p.name as partner_name, o.zone_id,
       z.code as zone_code, o.active,
       (select count(*) from rider r where r.city_id = $1 and r.outlet_id = o.outlet_id and r.active) as riders
from outlet o
join partner p on p.city_id = $1 and p.partner_id = o.partner_id
left join zone z on z.city_id = $1 and z.zone_id = o.zone_id
where o.city_id = $1
  and ($2::uuid is null or o.partner_id = $2)
  and ($3::uuid is null or o.outlet_id = $3)
  and ($4::text is null or starts_with(z.division_code, $4))
order by o.code;

-- name: read_riders
-- Riders of city $1 by code: of partner $2, of outlet $3, of a district ($4) by their outlet's zone, of the outlet asked
-- for ($5). Names only when $6.
select r.rider_id, r.code, case when $6::boolean then r.name end as name, r.outlet_id, o.code as outlet_code, r.active,
       r.pin_digest is not null as has_pin
from rider r
join outlet o on o.city_id = $1 and o.outlet_id = r.outlet_id
left join zone z on z.city_id = $1 and z.zone_id = o.zone_id
where r.city_id = $1
  and ($2::uuid is null or o.partner_id = $2)
  and ($3::uuid is null or o.outlet_id = $3)
  and ($4::text is null or starts_with(z.division_code, $4))
  and ($5::uuid is null or o.outlet_id = $5)
order by r.code;

-- name: read_depots
-- Depots of city $1 by code: partners of the whole city collect there.
select depot_id, code, name, address, active from depot where city_id = $1 order by code;

-- name: read_rider_for_pin
-- Rider $2 of city $1 within partner $3 and outlet $4. No row: there is none in the caller's scope.
select r.rider_id, r.code, r.outlet_id, o.code as outlet_code
from rider r
join outlet o on o.city_id = $1 and o.outlet_id = r.outlet_id
where r.city_id = $1 and r.rider_id = $2 and ($3::uuid is null or o.partner_id = $3) and ($4::uuid is null or o.outlet_id = $4);

-- name: set_pin
-- Give rider $2 of outlet $3 in city $1 the PIN digest $4 at $5: whoever holds the old slip or the lost phone is signed
-- out. No row: another rider of the outlet has it.
update rider r set pin_digest = $4, signed_out_at = $5
where r.city_id = $1 and r.rider_id = $2 and r.outlet_id = $3
  and not exists (select 1 from rider other where other.city_id = $1 and other.outlet_id = $3 and other.pin_digest = $4)
returning r.rider_id;

-- name: set_rider_active
-- Make rider $2 of city $1, within partner $3 and outlet $4, active or not ($5) at $6; sessions of before have ended.
-- No row: there is none in scope.
update rider r set active = $5, signed_out_at = $6
from outlet o
where r.city_id = $1 and r.rider_id = $2 and o.city_id = $1 and o.outlet_id = r.outlet_id
  and ($3::uuid is null or o.partner_id = $3) and ($4::uuid is null or o.outlet_id = $4)
returning r.rider_id;

-- name: set_partner_active
-- Make partner $2 of city $1 active or not ($3) at $4; sessions of before have ended. No row: there is none.
update partner set active = $3, signed_out_at = $4 where city_id = $1 and partner_id = $2 returning partner_id;

-- name: lock_riders
-- Riders $2 of city $1 within partner $3 and outlet $4, locked by id, with their outlet. Fewer rows: some are not in scope.
select r.rider_id, r.code, r.name, r.active, r.outlet_id, o.code as outlet_code, o.name as outlet_name
from rider r
join outlet o on o.city_id = $1 and o.outlet_id = r.outlet_id
where r.city_id = $1 and r.rider_id = any($2::uuid[])
  and ($3::uuid is null or o.partner_id = $3) and ($4::uuid is null or o.outlet_id = $4)
order by r.rider_id
for update of r;

-- name: read_pins
-- The PIN digests in use at the outlets $2 of city $1.
select pin_digest from rider where city_id = $1 and outlet_id = any($2::uuid[]) and pin_digest is not null;

-- name: deal_pins
-- Give the riders $2 of city $1 the PIN digests $3 at $4; who is signed in with an old one is signed out.
update rider r set pin_digest = x.pin_digest, signed_out_at = $4
from unnest($2::uuid[], $3::bytea[]) x (rider_id, pin_digest)
where r.city_id = $1 and r.rider_id = x.rider_id;

-- name: read_rider_by_code
-- The rider of city $1 with code $2, and whether it is within partner $3 and outlet $4.
select r.rider_id, r.code, r.name, r.outlet_id, o.code as outlet_code, r.active, r.pin_digest is not null as has_pin,
       ($3::uuid is null or o.partner_id = $3) and ($4::uuid is null or o.outlet_id = $4) as in_scope
from rider r
join outlet o on o.city_id = $1 and o.outlet_id = r.outlet_id
where r.city_id = $1 and r.code = $2;

-- name: read_outlet_for_rider
-- The active outlet of city $1 with code $2, or outlet $4, within partner $3.
select o.outlet_id from outlet o
where o.city_id = $1 and o.active and ($2::text is null or o.code = $2) and ($2::text is not null or $4::uuid is not null)
  and ($3::uuid is null or o.partner_id = $3) and ($4::uuid is null or o.outlet_id = $4);

-- name: insert_rider
-- Add rider $2 with code $3 and name $4 to outlet $5 of city $1 at $6. No row: the code is taken.
insert into rider (city_id, rider_id, code, name, outlet_id, created_at) values ($1, $2, $3, $4, $5, $6)
on conflict do nothing
returning rider_id;

-- name: read_campaign_day
-- What day it is at $3 in city $1, if there is a campaign $2.
select ($3::timestamptz at time zone c.timezone)::date
from campaign g join city c on c.city_id = $1 where g.city_id = $1 and g.campaign_id = $2;

-- name: read_outlets_progress
-- Outlets of city $1 by code, within partner $3, outlet $4 and district $5, with what they have of campaign $2 and have handed out by
-- the day $6. A bundle is sealed as far as the balance holds it.
select o.outlet_id, o.code, o.name, p.code as partner_code, z.code as zone_code, z.name as zone_name, o.active, r.riders,
       s.in_transit, s.with_outlet, s.with_riders, s.sealed_copies, t.handed_out, t.handed_out_today, t.handed_out_last_days,
       case when t.handed_out_last_days > 0 then
           round(((s.with_outlet + s.with_riders) * 7.0 / t.handed_out_last_days)::numeric, 1)::float8 end as days_left,
       (select coalesce(sum(y.copies), 0)::bigint from capacity y
        where y.city_id = $1 and y.campaign_id = $2 and y.outlet_id = o.outlet_id
          and y.week_starts_on = $6::date - (extract(isodow from $6::date)::int - 1)) as capacity_this_week
from outlet o
join partner p on p.city_id = $1 and p.partner_id = o.partner_id
left join zone z on z.city_id = $1 and z.zone_id = o.zone_id
cross join lateral (
    select count(*) filter (where q.active) as riders, array_agg(q.rider_id) as ids
    from rider q where q.city_id = $1 and q.outlet_id = o.outlet_id) r
cross join lateral (
    select coalesce(sum(b.quantity) filter (where b.holder_kind = 'transit'), 0)::bigint as in_transit,
           coalesce(sum(b.quantity) filter (where b.holder_kind = 'outlet'), 0)::bigint as with_outlet,
           coalesce(sum(b.quantity) filter (where b.holder_kind = 'rider'), 0)::bigint as with_riders,
           coalesce(sum(least(b.sealed_copies, b.quantity)) filter (where b.holder_kind = 'outlet'), 0)::bigint as sealed_copies
    from stock_balance b
    where b.city_id = $1 and b.campaign_id = $2
      and ((b.holder_kind in ('outlet', 'transit') and b.holder_id = o.outlet_id)
           or (b.holder_kind = 'rider' and b.holder_id = any(r.ids)))) s
cross join lateral (
    select coalesce(sum(t.copies), 0)::bigint as handed_out,
           coalesce(sum(t.copies) filter (where t.day = $6::date), 0)::bigint as handed_out_today,
           coalesce(sum(t.copies) filter (where t.day >= $6::date - 7 and t.day < $6::date), 0)::bigint as handed_out_last_days
    from zone_day_tally t where t.city_id = $1 and t.campaign_id = $2 and t.outlet_id = o.outlet_id) t
where o.city_id = $1 and ($3::uuid is null or o.partner_id = $3) and ($4::uuid is null or o.outlet_id = $4)
  and ($5::text is null or starts_with(z.division_code, $5))
order by o.code;
