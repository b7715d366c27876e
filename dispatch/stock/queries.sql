-- name: insert_missing_balances
-- Make the balances of city $1 (holder ids $2, kinds $3, campaigns $4, materials $5) that are not there yet, in key order.
insert into stock_balance (city_id, holder_id, holder_kind, campaign_id, material_id, quantity)
select $1, x.holder_id, x.holder_kind, x.campaign_id, x.material_id, 0
from unnest($2::uuid[], $3::text[], $4::uuid[], $5::uuid[]) x (holder_id, holder_kind, campaign_id, material_id)
order by x.holder_id, x.holder_kind, x.campaign_id, x.material_id
on conflict do nothing;

-- name: lock_balances
-- Lock the balances of city $1 (holder ids $2, kinds $3, campaigns $4, materials $5) in key order, and read them.
select b.holder_id, b.holder_kind, b.campaign_id, b.material_id, b.quantity, b.sealed_copies
from stock_balance b
join unnest($2::uuid[], $3::text[], $4::uuid[], $5::uuid[]) x (holder_id, holder_kind, campaign_id, material_id)
  on b.holder_id = x.holder_id and b.holder_kind = x.holder_kind and b.campaign_id = x.campaign_id
 and b.material_id = x.material_id
where b.city_id = $1
order by b.holder_id, b.holder_kind, b.campaign_id, b.material_id
for update of b;

-- name: read_moves_by_id
-- The moves of city $1 among the ids $2, each with the bundles it carried.
select m.move_id, m.kind, m.campaign_id, m.material_id, m.from_kind, m.from_id, m.to_kind, m.to_id, m.copies, m.reason,
       m.print_run_id, m.waybill_id, m.reversal_of, m.moved_at,
       array(select b.bundle_id from bundle_move b where b.city_id = $1 and b.move_id = m.move_id order by b.bundle_id) as bundles
from stock_move m where m.city_id = $1 and m.move_id = any($2::uuid[]);

-- name: insert_moves
-- Write moves of city $1, one per position of $2…$15, recorded at $16 by $17; answers how many were written. Fewer than given:
-- an id, or a reversal of the same move, was written by somebody else meanwhile.
with written as (
    insert into stock_move (city_id, move_id, campaign_id, material_id, kind, from_kind, from_id, to_kind, to_id, copies,
                            reason, print_run_id, waybill_id, reversal_of, moved_at, recorded_at, recorded_by)
    select $1, x.move_id, x.campaign_id, x.material_id, x.kind, x.from_kind, x.from_id, x.to_kind, x.to_id, x.copies,
           x.reason, x.print_run_id, x.waybill_id, x.reversal_of, x.moved_at, $16, $17
    from unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::uuid[], $8::text[], $9::uuid[], $10::int[],
                $11::text[], $12::uuid[], $13::uuid[], $14::uuid[], $15::timestamptz[])
         x (move_id, campaign_id, material_id, kind, from_kind, from_id, to_kind, to_id, copies, reason, print_run_id,
            waybill_id, reversal_of, moved_at)
    order by x.move_id
    on conflict do nothing
    returning 1
)
select count(*)::int from written;

-- name: change_balances
-- Add $6, $7 of it in sealed bundles, to the balances of city $1 (holder ids $2, kinds $3, campaigns $4, materials $5), all of
-- them locked before.
update stock_balance b set quantity = b.quantity + x.change, sealed_copies = b.sealed_copies + x.sealed
from unnest($2::uuid[], $3::text[], $4::uuid[], $5::uuid[], $6::bigint[], $7::bigint[])
     x (holder_id, holder_kind, campaign_id, material_id, change, sealed)
where b.city_id = $1 and b.holder_id = x.holder_id and b.holder_kind = x.holder_kind and b.campaign_id = x.campaign_id
  and b.material_id = x.material_id;

-- name: read_campaign
-- The code of campaign $2 and the time zone of its city $1; no row: there is no such campaign.
select g.code, c.timezone from campaign g join city c on c.city_id = $1 where g.city_id = $1 and g.campaign_id = $2;

-- name: read_places
-- The depots ($2), outlets ($3) and riders ($4) of city $1 with these codes, within partner $5, outlet $6 and district $7.
select 'depot' as kind, d.depot_id as id, d.code, null::uuid as outlet_id, null::uuid as partner_id, d.active
from depot d
where d.city_id = $1 and d.code = any($2::text[])
union all
select 'outlet', o.outlet_id, o.code, o.outlet_id, o.partner_id, o.active
from outlet o
left join zone z on z.city_id = $1 and z.zone_id = o.zone_id
where o.city_id = $1 and o.code = any($3::text[]) and ($5::uuid is null or o.partner_id = $5)
  and ($6::uuid is null or o.outlet_id = $6) and ($7::text is null or starts_with(z.division_code, $7))
union all
select 'rider', r.rider_id, r.code, o.outlet_id, o.partner_id, r.active
from rider r
join outlet o on o.city_id = $1 and o.outlet_id = r.outlet_id
left join zone z on z.city_id = $1 and z.zone_id = o.zone_id
where r.city_id = $1 and r.code = any($4::text[]) and ($5::uuid is null or o.partner_id = $5)
  and ($6::uuid is null or o.outlet_id = $6) and ($7::text is null or starts_with(z.division_code, $7));

-- name: count_ends_in_scope
-- How many of the ids $2 are outlets or riders of city $1 within partner $3, outlet $4 and district $5.
select count(*)::int from (
    select o.outlet_id as id, o.outlet_id from outlet o where o.city_id = $1 and o.outlet_id = any($2::uuid[])
    union all
    select r.rider_id, r.outlet_id from rider r where r.city_id = $1 and r.rider_id = any($2::uuid[])) e
join outlet o on o.city_id = $1 and o.outlet_id = e.outlet_id
left join zone z on z.city_id = $1 and z.zone_id = o.zone_id
where ($3::uuid is null or o.partner_id = $3) and ($4::uuid is null or o.outlet_id = $4)
  and ($5::text is null or starts_with(z.division_code, $5));

-- name: read_materials
-- The materials of city $1 by campaign ($2) and code ($3), position by position; the unknown give no row.
select m.campaign_id, m.code, m.material_id from material m
join unnest($2::uuid[], $3::text[]) x (campaign_id, code) on m.campaign_id = x.campaign_id and m.code = x.code
where m.city_id = $1
group by m.campaign_id, m.code, m.material_id;

-- name: read_move
-- Move $2 of city $1 with who recorded it, and the id of the move that reversed it, if any.
select m.recorded_by, x.move_id as reversed_by
from stock_move m
left join stock_move x on x.city_id = $1 and x.reversal_of = m.move_id
where m.city_id = $1 and m.move_id = $2;

-- name: lock_print_run
-- Print run $2 of city $1, locked, so that deliveries of it are counted one after the other.
select p.print_run_id, p.code, p.campaign_id, p.material_id, p.depot_id, p.copies as ordered
from print_run p where p.city_id = $1 and p.print_run_id = $2
for update;

-- name: read_delivered
-- Copies delivered of print run $2 of city $1 and campaign $3, deliveries taken back not counted, and without move $4.
select coalesce(sum(case when m.kind = 'reversal' then -m.copies else m.copies end), 0)::int
from stock_move m
where m.city_id = $1 and m.print_run_id = $2 and m.move_id <> $4
  and ((m.from_id = $3 and m.from_kind = 'printer') or (m.to_id = $3 and m.to_kind = 'printer'));

-- name: lock_batch_of_claim
-- Lock the batch of claim $2 of city $1 within district $3: issuing, claiming, releasing and taking over follow one another.
select b.batch_id, b.campaign_id from batch b
join claim c on c.city_id = $1 and c.batch_id = b.batch_id
join zone z on z.city_id = $1 and z.zone_id = b.zone_id and ($3::text is null or starts_with(z.division_code, $3))
where b.city_id = $1 and c.claim_id = $2
for update of b;

-- name: read_claim_to_issue
-- Claim $2 of city $1 with what was collected of it (waybills cancelled not counted) and its lease of $3 hours renewed by the
-- last collection; its batch, and how many waybills the batch has. Read it after the lock.
select c.claim_id, c.partner_id, c.outlet_id, c.copies, w.collected, c.status,
       greatest(c.lease_until, w.last_at + make_interval(hours => $3)) as lease_until,
       b.campaign_id, g.code as campaign_code, g.status as campaign_status, b.code as batch_code, b.material_id, b.depot_id,
       m.bundle_copies,
       (select count(*)::int from waybill v
        join claim k on k.city_id = $1 and k.claim_id = v.claim_id and k.batch_id = b.batch_id
        where v.city_id = $1) as waybills
from claim c
join batch b on b.city_id = $1 and b.batch_id = c.batch_id
join campaign g on g.city_id = $1 and g.campaign_id = b.campaign_id
join material m on m.city_id = $1 and m.material_id = b.material_id
cross join lateral (
    select coalesce(sum(w.copies), 0)::int as collected, max(w.issued_at) as last_at from waybill w
    where w.city_id = $1 and w.claim_id = c.claim_id and not exists
        (select from stock_move x where x.city_id = $1 and x.reversal_of = w.waybill_id)) w
where c.city_id = $1 and c.claim_id = $2;

-- name: insert_waybill
-- Write the waybill $2 of city $1. No row: its id or code is taken.
insert into waybill (city_id, waybill_id, code, campaign_id, claim_id, material_id, depot_id, outlet_id, copies, issued_at, issued_by)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
on conflict do nothing
returning waybill_id;

-- name: lock_waybill
-- Waybill $2 of city $1, locked, within partner $3, outlet $4 and district $5; and whether it was cancelled by reversing its issue.
select w.waybill_id, w.code, w.campaign_id, w.material_id, w.depot_id, w.outlet_id, w.claim_id, w.copies, w.received_copies,
       w.received_at
from waybill w
join outlet o on o.city_id = $1 and o.outlet_id = w.outlet_id
join claim c on c.city_id = $1 and c.claim_id = w.claim_id
join batch b on b.city_id = $1 and b.batch_id = c.batch_id
join zone z on z.city_id = $1 and z.zone_id = b.zone_id and ($5::text is null or starts_with(z.division_code, $5))
where w.city_id = $1 and w.waybill_id = $2
  and ($3::uuid is null or o.partner_id = $3) and ($4::uuid is null or w.outlet_id = $4)
for update of w;

-- name: receive_waybill
-- Write down that waybill $2 of city $1 was received: $3 copies, for reason $4 where they differ, at $5 by $6.
update waybill set received_copies = $3, variance_reason = $4, received_at = $5, received_by = $6
where city_id = $1 and waybill_id = $2 and received_at is null;

-- name: read_waybills
-- Waybills of city $1 within partner $2, outlet $3 and district $4, newest first. Optional: one waybill $5, campaign $6, claim $7,
-- status $8 (issued, received, cancelled). The page begins behind issued_at $9 and waybill $10; $11 rows.
select w.waybill_id, w.code, w.campaign_id, w.claim_id, b.code as batch_code, z.code as zone_code, z.name as zone_name,
       m.code as material_code, m.name as material_name, m.bundle_copies, d.code as depot_code, d.name as depot_name,
       o.code as outlet_code, o.name as outlet_name, p.code as partner_code, p.name as partner_name,
       w.copies, w.received_copies, w.variance_reason, w.issued_at, w.received_at, s.status
from waybill w
join claim c on c.city_id = $1 and c.claim_id = w.claim_id
join batch b on b.city_id = $1 and b.batch_id = c.batch_id
join zone z on z.city_id = $1 and z.zone_id = b.zone_id and ($4::text is null or starts_with(z.division_code, $4))
join material m on m.city_id = $1 and m.material_id = w.material_id
join depot d on d.city_id = $1 and d.depot_id = w.depot_id
join outlet o on o.city_id = $1 and o.outlet_id = w.outlet_id
join partner p on p.city_id = $1 and p.partner_id = o.partner_id
cross join lateral (
    select case when w.received_at is not null then 'received'
                when exists (select from stock_move x where x.city_id = $1 and x.reversal_of = w.waybill_id) then 'cancelled'
                else 'issued' end as status) s
where w.city_id = $1 and ($2::uuid is null or o.partner_id = $2) and ($3::uuid is null or w.outlet_id = $3)
  and ($5::uuid is null or w.waybill_id = $5) and ($6::uuid is null or w.campaign_id = $6)
  and ($7::uuid is null or w.claim_id = $7) and ($8::text is null or s.status = $8)
  and ($9::timestamptz is null or (w.issued_at, w.waybill_id) < ($9, $10::uuid))
order by w.issued_at desc, w.waybill_id desc
limit $11;

-- name: read_balances
-- Who holds what of campaign $2 in city $1, within partner $3, outlet $4, rider $5 and district $6 (which also sees the depots).
-- Optional: holder kind $7, outlet code $8 (the outlet, what is on its way to it, its riders), material code $9. Nothing held, no
-- row. The page begins behind kind $10, code $11 and material $12; $13 rows.
select b.holder_kind, h.code as holder_code, coalesce(d.name, case when b.holder_kind <> 'rider' then o.name end, '') as holder_name,
       o.code as outlet_code, p.code as partner_code, m.code as material_code, m.name as material_name, b.quantity as copies
from stock_balance b
join material m on m.city_id = $1 and m.material_id = b.material_id
left join depot d on d.city_id = $1 and b.holder_kind = 'depot' and d.depot_id = b.holder_id
left join rider r on r.city_id = $1 and b.holder_kind = 'rider' and r.rider_id = b.holder_id
left join outlet o on o.city_id = $1
    and o.outlet_id = case when b.holder_kind in ('outlet', 'transit') then b.holder_id else r.outlet_id end
left join partner p on p.city_id = $1 and p.partner_id = o.partner_id
left join zone z on z.city_id = $1 and z.zone_id = o.zone_id
cross join lateral (select coalesce(d.code, r.code, o.code, '') as code) h
where b.city_id = $1 and b.campaign_id = $2 and b.quantity <> 0
  and ($3::uuid is null or o.partner_id = $3) and ($4::uuid is null or o.outlet_id = $4)
  and ($5::uuid is null or (b.holder_kind = 'rider' and b.holder_id = $5))
  and ($6::text is null or b.holder_kind = 'depot' or starts_with(z.division_code, $6))
  and ($7::text is null or b.holder_kind = $7) and ($8::text is null or o.code = $8) and ($9::text is null or m.code = $9)
  and ($10::text is null or (b.holder_kind, h.code, m.code) > ($10, $11::text, $12::text))
order by b.holder_kind, h.code, m.code
limit $13;

-- name: read_moves
-- The ledger of campaign $2 in city $1, newest first; limited ($6) to moves that touch outlets and riders within partner $3,
-- outlet $4 and district $5. Optional: kind $7, code of a holder $8, material code $9, and only move $13 with what belongs to it: its
-- reversal, what it reverses, the other moves of its waybill. The page begins behind recorded_at $10 and move $11; $12 rows.
with mine as (
    select o.outlet_id as id from outlet o
    left join zone z on z.city_id = $1 and z.zone_id = o.zone_id
    where o.city_id = $1 and ($3::uuid is null or o.partner_id = $3) and ($4::uuid is null or o.outlet_id = $4)
      and ($5::text is null or starts_with(z.division_code, $5)) and $6::bool
    union all
    select r.rider_id from rider r
    join outlet o on o.city_id = $1 and o.outlet_id = r.outlet_id
    left join zone z on z.city_id = $1 and z.zone_id = o.zone_id
    where r.city_id = $1 and ($3::uuid is null or o.partner_id = $3) and ($4::uuid is null or o.outlet_id = $4)
      and ($5::text is null or starts_with(z.division_code, $5)) and $6::bool
), asked as (
    select x.move_id, x.reversal_of, x.waybill_id from stock_move x where x.city_id = $1 and x.move_id = $13
)
select m.move_id, m.kind, a.code as material_code, a.name as material_name,
       m.from_kind, coalesce(fd.code, fo.code, fr.code, '') as from_code, coalesce(fd.name, fo.name, '') as from_name,
       m.to_kind, coalesce(td.code, tw.code, tr.code, '') as to_code, coalesce(td.name, tw.name, '') as to_name,
       m.copies, m.reason, w.code as waybill_code, p.code as print_run_code, m.reversal_of,
       (select x.move_id from stock_move x where x.city_id = $1 and x.reversal_of = m.move_id) as reversed_by,
       m.moved_at, m.recorded_at
from stock_move m
join material a on a.city_id = $1 and a.material_id = m.material_id
left join depot fd on fd.city_id = $1 and m.from_kind = 'depot' and fd.depot_id = m.from_id
left join outlet fo on fo.city_id = $1 and m.from_kind in ('outlet', 'transit') and fo.outlet_id = m.from_id
left join rider fr on fr.city_id = $1 and m.from_kind = 'rider' and fr.rider_id = m.from_id
left join depot td on td.city_id = $1 and m.to_kind = 'depot' and td.depot_id = m.to_id
left join outlet tw on tw.city_id = $1 and m.to_kind in ('outlet', 'transit') and tw.outlet_id = m.to_id
left join rider tr on tr.city_id = $1 and m.to_kind = 'rider' and tr.rider_id = m.to_id
left join waybill w on w.city_id = $1 and w.waybill_id = m.waybill_id
left join print_run p on p.city_id = $1 and p.print_run_id = m.print_run_id
where m.city_id = $1 and m.campaign_id = $2
  and (not $6::bool or m.from_id in (select id from mine) or m.to_id in (select id from mine))
  and ($7::text is null or m.kind = $7) and ($9::text is null or a.code = $9)
  and ($8::text is null or coalesce(fd.code, fo.code, fr.code) = $8 or coalesce(td.code, tw.code, tr.code) = $8)
  and ($13::uuid is null or m.move_id = $13 or m.reversal_of = $13 or m.move_id = (select reversal_of from asked)
       or m.waybill_id = (select waybill_id from asked))
  and ($10::timestamptz is null or (m.recorded_at, m.move_id) < ($10, $11::uuid))
order by m.recorded_at desc, m.move_id desc
limit $12;

-- name: read_balance_law
-- Where every printed copy of campaign $2 in city $1 is, per material. One statement, so that all of it is of one instant.
select m.code as material_code, m.name as material_name,
       -coalesce(s.printer, 0) as printed, coalesce(s.depots, 0) as in_depots, coalesce(s.transit, 0) as in_transit,
       coalesce(s.outlets, 0) as with_outlets, coalesce(s.riders, 0) as with_riders, coalesce(t.copies, 0) as handed_out,
       coalesce(s.activities, 0) as activities, coalesce(s.written_off, 0) as written_off, coalesce(s.variance, 0) as variance
from material m
left join (
    select b.material_id,
           (sum(b.quantity) filter (where b.holder_kind = 'printer'))::bigint as printer,
           (sum(b.quantity) filter (where b.holder_kind = 'depot'))::bigint as depots,
           (sum(b.quantity) filter (where b.holder_kind = 'transit'))::bigint as transit,
           (sum(b.quantity) filter (where b.holder_kind = 'outlet'))::bigint as outlets,
           (sum(b.quantity) filter (where b.holder_kind = 'rider'))::bigint as riders,
           (sum(b.quantity) filter (where b.holder_kind = 'activity'))::bigint as activities,
           (sum(b.quantity) filter (where b.holder_kind = 'written_off'))::bigint as written_off,
           (sum(b.quantity) filter (where b.holder_kind = 'variance'))::bigint as variance
    from stock_balance b where b.city_id = $1 and b.campaign_id = $2 group by b.material_id) s on s.material_id = m.material_id
left join (
    select y.material_id, sum(y.copies)::bigint as copies
    from zone_tally y where y.city_id = $1 and y.campaign_id = $2 group by y.material_id) t on t.material_id = m.material_id
where m.city_id = $1 and m.campaign_id = $2
order by m.code;

-- name: read_named_bundles
-- The bundles of city $1 that the codes $3 of the campaigns $2, position by position, stand for: bundles, and all bundles of cartons.
select b.bundle_id, b.code, b.carton_code, b.campaign_id, b.material_id, b.copies
from unnest($2::uuid[], $3::text[]) x (campaign_id, code)
join bundle b on b.city_id = $1 and b.campaign_id = x.campaign_id and b.code = x.code
union
select b.bundle_id, b.code, b.carton_code, b.campaign_id, b.material_id, b.copies
from unnest($2::uuid[], $3::text[]) x (campaign_id, code)
join bundle b on b.city_id = $1 and b.campaign_id = x.campaign_id and b.carton_code = x.code
order by code;

-- name: read_placed_bundles
-- Where the bundles $2 of city $1 are.
select bundle_id, code, copies, material_id, holder_kind, holder_id, opened_at is not null as opened
from bundle where city_id = $1 and bundle_id = any($2::uuid[]);

-- name: read_bundles_of_move
-- Where the bundles that move $2 of city $1 carried are.
select b.bundle_id, b.code, b.copies, b.material_id, b.holder_kind, b.holder_id, b.opened_at is not null as opened
from bundle_move k
join bundle b on b.city_id = $1 and b.bundle_id = k.bundle_id
where k.city_id = $1 and k.move_id = $2
order by b.code;

-- name: read_bundles_to_pick
-- The first $4 sealed bundles of material $3 by code in depot $2 of city $1.
select b.bundle_id, b.code, b.carton_code, b.campaign_id, b.material_id, b.copies
from bundle b
where b.city_id = $1 and b.holder_id = $2 and b.holder_kind = 'depot' and b.material_id = $3 and b.opened_at is null
order by b.code
limit $4;

-- name: read_packing
-- How the material of print run $2 of city $1 is packed, and the number of the last bundle made of the run.
select m.bundle_copies, m.carton_copies,
       (select coalesce(max(b.number), 0) from bundle b where b.city_id = $1 and b.print_run_id = $2) as made
from print_run p
join material m on m.city_id = $1 and m.material_id = p.material_id
where p.city_id = $1 and p.print_run_id = $2;

-- name: insert_bundles
-- Bundles of print run $2 of city $1, which the delivery $3 of campaign $4 and material $5 brought to depot $6, $7 copies each:
-- ids $8, numbers $9, carton codes $10, codes $11. The depot's balance was locked before.
with made as (
    insert into bundle (city_id, bundle_id, campaign_id, material_id, print_run_id, number, carton_code, code, copies, holder_kind,
                        holder_id)
    select $1, x.bundle_id, $4, $5, $2, x.number, x.carton_code, x.code, $7::int, 'depot', $6
    from unnest($8::uuid[], $9::int[], $10::text[], $11::text[]) x (bundle_id, number, carton_code, code)
    returning bundle_id
), linked as (
    insert into bundle_move (city_id, bundle_id, move_id) select $1, m.bundle_id, $3 from made m
)
update stock_balance b set sealed_copies = b.sealed_copies + $7::int * (select count(*) from made)
where b.city_id = $1 and b.holder_id = $6 and b.holder_kind = 'depot' and b.campaign_id = $4 and b.material_id = $5;

-- name: insert_bundle_moves
-- The moves $3 of city $1 carried the bundles $2, position by position.
insert into bundle_move (city_id, bundle_id, move_id)
select $1, x.bundle_id, x.move_id from unnest($2::uuid[], $3::uuid[]) x (bundle_id, move_id);

-- name: place_bundles
-- The bundles $2 of city $1 have come to the holders of the kinds $3 and ids $4.
update bundle b set holder_kind = x.holder_kind, holder_id = x.holder_id
from unnest($2::uuid[], $3::text[], $4::uuid[]) x (bundle_id, holder_kind, holder_id)
where b.city_id = $1 and b.bundle_id = x.bundle_id;

-- name: open_bundles
-- Open at $8, in the balances of city $1 (holder ids $2, kinds $3, campaigns $4, materials $5), the first bundles by code that hold $6
-- copies, leaving out the bundles $7; answers the copies opened in each.
with picked as materialized (
    select x.holder_id, x.holder_kind, x.campaign_id, x.material_id, c.bundle_id, c.copies
    from unnest($2::uuid[], $3::text[], $4::uuid[], $5::uuid[], $6::bigint[]) x (holder_id, holder_kind, campaign_id, material_id, excess)
    cross join lateral (
        select b.bundle_id, b.copies, sum(b.copies) over (order by b.code) - b.copies as before
        from bundle b
        where b.city_id = $1 and b.holder_id = x.holder_id and b.holder_kind = x.holder_kind and b.material_id = x.material_id
          and b.opened_at is null and b.bundle_id <> all($7::uuid[])
        order by b.code
        limit x.excess) c
    where c.before < x.excess
), opened as (
    update bundle b set opened_at = $8::timestamptz from picked p where b.city_id = $1 and b.bundle_id = p.bundle_id
), told as (
    select holder_id, holder_kind, campaign_id, material_id, sum(copies)::bigint as opened_copies from picked group by 1, 2, 3, 4
)
update stock_balance s set sealed_copies = s.sealed_copies - t.opened_copies
from told t
where s.city_id = $1 and s.holder_id = t.holder_id and s.holder_kind = t.holder_kind and s.campaign_id = t.campaign_id
  and s.material_id = t.material_id
returning s.holder_id, s.holder_kind, s.campaign_id, s.material_id, t.opened_copies;
