-- Where a bundle's holder opened some of its bundles by handing out, the first by code count as opened: `excess` is what the
-- balance falls short of the sealed copies, and "stock" writes the same down when copies next move.

-- name: read_campaign
-- The campaign $2 of city $1, if there is one.
select campaign_id from campaign where city_id = $1 and campaign_id = $2;

-- name: read_bundles
-- Sealed bundles of campaign $2 in city $1 by code, within partner $3, outlet $4, rider $5 and district $6 (which also sees the
-- depots). Optional: holder kind $7, holder code $8, material code $9, codes $10 of bundles or cartons. The page begins
-- behind code $11; $12 rows.
select b.code, b.carton_code, m.code as material_code, b.copies, b.holder_kind, coalesce(d.code, r.code, o.code, '') as holder_code,
       coalesce(d.name, case when b.holder_kind <> 'rider' then o.name end, '') as holder_name, o.code as outlet_code
from bundle b
join material m on m.city_id = $1 and m.material_id = b.material_id
join stock_balance s on s.city_id = $1 and s.holder_id = b.holder_id and s.holder_kind = b.holder_kind
    and s.campaign_id = b.campaign_id and s.material_id = b.material_id
left join depot d on d.city_id = $1 and b.holder_kind = 'depot' and d.depot_id = b.holder_id
left join rider r on r.city_id = $1 and b.holder_kind = 'rider' and r.rider_id = b.holder_id
left join outlet o on o.city_id = $1
    and o.outlet_id = case when b.holder_kind in ('outlet', 'transit') then b.holder_id else r.outlet_id end
left join zone z on z.city_id = $1 and z.zone_id = o.zone_id
where b.city_id = $1 and b.campaign_id = $2 and b.opened_at is null and b.holder_kind in ('depot', 'transit', 'outlet', 'rider')
  and ($3::uuid is null or o.partner_id = $3) and ($4::uuid is null or o.outlet_id = $4)
  and ($5::uuid is null or (b.holder_kind = 'rider' and b.holder_id = $5))
  and ($6::text is null or b.holder_kind = 'depot' or starts_with(z.division_code, $6))
  and ($7::text is null or b.holder_kind = $7) and ($8::text is null or coalesce(d.code, r.code, o.code) = $8)
  and ($9::text is null or m.code = $9)
  and ($10::text[] is null or b.code = any($10) or b.carton_code = any($10)) and ($11::text is null or b.code > $11)
  and case when s.sealed_copies > s.quantity then (
      select coalesce(sum(e.copies), 0) from bundle e
      where e.city_id = $1 and e.holder_id = b.holder_id and e.holder_kind = b.holder_kind and e.material_id = b.material_id
        and e.opened_at is null and e.code < b.code) >= s.sealed_copies - s.quantity else true end
order by b.code
limit $12;

-- name: read_bundle
-- The bundle of campaign $2 of city $1 with code $3, when its holder is within partner $4, outlet $5, rider $6 and district $7 (which
-- also sees depots and the far ends).
select b.bundle_id, b.code, b.carton_code, p.code as print_run_code, m.code as material_code, m.name as material_name, b.copies,
       b.holder_kind, coalesce(d.code, r.code, o.code, '') as holder_code,
       coalesce(d.name, case when b.holder_kind <> 'rider' then o.name end, '') as holder_name,
       case when b.opened_at is null and (s.quantity >= s.sealed_copies or b.holder_kind in ('printer', 'variance') or (
           select coalesce(sum(e.copies), 0) from bundle e
           where e.city_id = $1 and e.holder_id = b.holder_id and e.holder_kind = b.holder_kind and e.material_id = b.material_id
             and e.opened_at is null and e.code < b.code) >= s.sealed_copies - s.quantity)
            then 'sealed' else 'opened' end as status
from bundle b
join print_run p on p.city_id = $1 and p.print_run_id = b.print_run_id
join material m on m.city_id = $1 and m.material_id = b.material_id
join stock_balance s on s.city_id = $1 and s.holder_id = b.holder_id and s.holder_kind = b.holder_kind
    and s.campaign_id = b.campaign_id and s.material_id = b.material_id
left join depot d on d.city_id = $1 and b.holder_kind = 'depot' and d.depot_id = b.holder_id
left join rider r on r.city_id = $1 and b.holder_kind = 'rider' and r.rider_id = b.holder_id
left join outlet o on o.city_id = $1
    and o.outlet_id = case when b.holder_kind in ('outlet', 'transit') then b.holder_id else r.outlet_id end
left join zone z on z.city_id = $1 and z.zone_id = o.zone_id
where b.city_id = $1 and b.campaign_id = $2 and b.code = $3
  and ($4::uuid is null or o.partner_id = $4) and ($5::uuid is null or o.outlet_id = $5)
  and ($6::uuid is null or (b.holder_kind = 'rider' and b.holder_id = $6))
  and ($7::text is null or o.outlet_id is null or starts_with(z.division_code, $7));

-- name: read_way
-- The moves that carried bundle $2 of city $1, the first first; limited ($6) to those that touch outlets and riders within partner
-- $3, outlet $4 and district $5.
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
)
select m.move_id, m.kind,
       m.from_kind, coalesce(fd.code, fo.code, fr.code, '') as from_code, coalesce(fd.name, fo.name, '') as from_name,
       m.to_kind, coalesce(td.code, tw.code, tr.code, '') as to_code, coalesce(td.name, tw.name, '') as to_name,
       w.code as waybill_code, m.reason, m.moved_at
from bundle_move k
join stock_move m on m.city_id = $1 and m.move_id = k.move_id
left join depot fd on fd.city_id = $1 and m.from_kind = 'depot' and fd.depot_id = m.from_id
left join outlet fo on fo.city_id = $1 and m.from_kind in ('outlet', 'transit') and fo.outlet_id = m.from_id
left join rider fr on fr.city_id = $1 and m.from_kind = 'rider' and fr.rider_id = m.from_id
left join depot td on td.city_id = $1 and m.to_kind = 'depot' and td.depot_id = m.to_id
left join outlet tw on tw.city_id = $1 and m.to_kind in ('outlet', 'transit') and tw.outlet_id = m.to_id
left join rider tr on tr.city_id = $1 and m.to_kind = 'rider' and tr.rider_id = m.to_id
left join waybill w on w.city_id = $1 and w.waybill_id = m.waybill_id
where k.city_id = $1 and k.bundle_id = $2
  and (not $6::bool or m.from_id in (select id from mine) or m.to_id in (select id from mine))
-- Of one instant, the copies came out of the depot first.
order by m.recorded_at, array_position(array['receipt', 'issue', 'acceptance'], m.kind) nulls last, m.move_id;

-- name: read_waybill
-- The waybill $2 of city $1 within partner $3, outlet $4 and district $5, and how its material is packed.
select w.waybill_id, w.code, w.copies, m.carton_copies / m.bundle_copies as bundles_a_carton from waybill w
join material m on m.city_id = $1 and m.material_id = w.material_id
join outlet o on o.city_id = $1 and o.outlet_id = w.outlet_id
join claim c on c.city_id = $1 and c.claim_id = w.claim_id
join batch b on b.city_id = $1 and b.batch_id = c.batch_id
join zone z on z.city_id = $1 and z.zone_id = b.zone_id and ($5::text is null or starts_with(z.division_code, $5))
where w.city_id = $1 and w.waybill_id = $2
  and ($3::uuid is null or o.partner_id = $3) and ($4::uuid is null or w.outlet_id = $4);

-- name: read_waybill_bundles
-- The bundles issued with waybill $2 of city $1, by code. Its issue has the waybill's own id.
select b.code, b.carton_code, b.copies from bundle_move k
join bundle b on b.city_id = $1 and b.bundle_id = k.bundle_id
where k.city_id = $1 and k.move_id = $2
order by b.code;

-- name: read_print_run
-- Print run $2 of city $1, how its material is packed, and how many cartons its bundles fill or begin.
select p.print_run_id, p.code as print_run_code, m.code as material_code, m.name as material_name, g.name as campaign_name,
       m.carton_copies / m.bundle_copies as bundles_a_carton,
       (select count(distinct b.carton_code)::int from bundle b where b.city_id = $1 and b.print_run_id = $2) as cartons
from print_run p
join material m on m.city_id = $1 and m.material_id = p.material_id
join campaign g on g.city_id = $1 and g.campaign_id = p.campaign_id
where p.city_id = $1 and p.print_run_id = $2;

-- name: read_run_bundles
-- The bundles of print run $2 of city $1 with the numbers $3 to $4.
select code, carton_code, copies from bundle
where city_id = $1 and print_run_id = $2 and number between $3 and $4
order by number;
