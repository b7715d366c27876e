-- Where a bundle's holder opened some of its bundles by handing out, the first by code count as opened: the excess is
-- what the balance falls short of the sealed copies, and "stock" writes the same down when copies next move.

-- name: read_campaign
-- Whether the campaign exists. No row: it does not.
select campaign_id from campaign where city_id = :city_id and campaign_id = :campaign_id;

-- name: read_bundles
-- Sealed bundles of a campaign by code, within the scope, where a district also sees the depots; of a holder kind, a
-- holder, a material, or with these codes of bundles or cartons, from the one after a given code on. No row: none such
-- there.
select b.code, b.carton_code, m.code as material_code, b.copies, b.holder_kind,
       coalesce(d.code, r.code, o.code, '') as holder_code,
       coalesce(d.name, case when b.holder_kind <> 'rider' then o.name end, '') as holder_name, o.code as outlet_code
from bundle b
join material m on m.city_id = :city_id and m.material_id = b.material_id
join stock_balance s on s.city_id = :city_id and s.holder_id = b.holder_id and s.holder_kind = b.holder_kind
    and s.campaign_id = b.campaign_id and s.material_id = b.material_id
left join depot d on d.city_id = :city_id and b.holder_kind = 'depot' and d.depot_id = b.holder_id
left join rider r on r.city_id = :city_id and b.holder_kind = 'rider' and r.rider_id = b.holder_id
left join outlet o on o.city_id = :city_id
    and o.outlet_id = case when b.holder_kind in ('outlet', 'transit') then b.holder_id else r.outlet_id end
left join zone z on z.city_id = :city_id and z.zone_id = o.zone_id
where b.city_id = :city_id and b.campaign_id = :campaign_id and b.opened_at is null
  and b.holder_kind in ('depot', 'transit', 'outlet', 'rider')
  and (:scope_partner::uuid is null or o.partner_id = :scope_partner)
  and (:scope_outlet::uuid is null or o.outlet_id = :scope_outlet)
  and (:scope_rider::uuid is null or (b.holder_kind = 'rider' and b.holder_id = :scope_rider))
  and (:scope_division::text is null or b.holder_kind = 'depot' or starts_with(z.division_code, :scope_division))
  and (:holder_kind::text is null or b.holder_kind = :holder_kind)
  and (:holder_code::text is null or coalesce(d.code, r.code, o.code) = :holder_code)
  and (:material_code::text is null or m.code = :material_code)
  and (:codes::text[] is null or b.code = any(:codes) or b.carton_code = any(:codes))
  and (:after_code::text is null or b.code > :after_code)
  and case when s.sealed_copies > s.quantity then (
      select coalesce(sum(e.copies), 0) from bundle e
      where e.city_id = :city_id and e.holder_id = b.holder_id and e.holder_kind = b.holder_kind
        and e.material_id = b.material_id and e.opened_at is null
        and e.code < b.code) >= s.sealed_copies - s.quantity else true end
order by b.code
limit :rows;

-- name: read_bundle
-- The bundle of a campaign with this code, when its holder is within the scope, where a district also sees depots and
-- the far ends of the ledger. No row: none such there.
select b.bundle_id, b.code, b.carton_code, p.code as print_run_code, m.code as material_code, m.name as material_name,
       b.copies, b.holder_kind, coalesce(d.code, r.code, o.code, '') as holder_code,
       coalesce(d.name, case when b.holder_kind <> 'rider' then o.name end, '') as holder_name,
       case when b.opened_at is null
             and (s.quantity >= s.sealed_copies or b.holder_kind in ('printer', 'variance') or (
                 select coalesce(sum(e.copies), 0) from bundle e
                 where e.city_id = :city_id and e.holder_id = b.holder_id and e.holder_kind = b.holder_kind
                   and e.material_id = b.material_id and e.opened_at is null
                   and e.code < b.code) >= s.sealed_copies - s.quantity)
            then 'sealed' else 'opened' end as status
from bundle b
join print_run p on p.city_id = :city_id and p.print_run_id = b.print_run_id
join material m on m.city_id = :city_id and m.material_id = b.material_id
join stock_balance s on s.city_id = :city_id and s.holder_id = b.holder_id and s.holder_kind = b.holder_kind
    and s.campaign_id = b.campaign_id and s.material_id = b.material_id
left join depot d on d.city_id = :city_id and b.holder_kind = 'depot' and d.depot_id = b.holder_id
left join rider r on r.city_id = :city_id and b.holder_kind = 'rider' and r.rider_id = b.holder_id
left join outlet o on o.city_id = :city_id
    and o.outlet_id = case when b.holder_kind in ('outlet', 'transit') then b.holder_id else r.outlet_id end
left join zone z on z.city_id = :city_id and z.zone_id = o.zone_id
where b.city_id = :city_id and b.campaign_id = :campaign_id and b.code = :code
  and (:scope_partner::uuid is null or o.partner_id = :scope_partner)
  and (:scope_outlet::uuid is null or o.outlet_id = :scope_outlet)
  and (:scope_rider::uuid is null or (b.holder_kind = 'rider' and b.holder_id = :scope_rider))
  and (:scope_division::text is null or o.outlet_id is null or starts_with(z.division_code, :scope_division));

-- name: read_way
-- The moves that carried a bundle, the first first; where somebody's scope is limited, those with an end at an outlet
-- within it, at a rider of such an outlet, or on the way to one. No row: no move of it is the caller's to see.
select m.move_id, m.kind,
       m.from_kind, coalesce(fd.code, fo.code, fr.code, '') as from_code, coalesce(fd.name, fo.name, '') as from_name,
       m.to_kind, coalesce(td.code, tw.code, tr.code, '') as to_code, coalesce(td.name, tw.name, '') as to_name,
       w.code as waybill_code, m.reason, m.moved_at
from bundle_move k
join stock_move m on m.city_id = :city_id and m.move_id = k.move_id
left join depot fd on fd.city_id = :city_id and m.from_kind = 'depot' and fd.depot_id = m.from_id
left join outlet fo on fo.city_id = :city_id and m.from_kind in ('outlet', 'transit') and fo.outlet_id = m.from_id
left join rider fr on fr.city_id = :city_id and m.from_kind = 'rider' and fr.rider_id = m.from_id
left join depot td on td.city_id = :city_id and m.to_kind = 'depot' and td.depot_id = m.to_id
left join outlet tw on tw.city_id = :city_id and m.to_kind in ('outlet', 'transit') and tw.outlet_id = m.to_id
left join rider tr on tr.city_id = :city_id and m.to_kind = 'rider' and tr.rider_id = m.to_id
left join waybill w on w.city_id = :city_id and w.waybill_id = m.waybill_id
where k.city_id = :city_id and k.bundle_id = :bundle_id
  -- Move by move, because a bundle has few. The whole ledger ("stock": read_moves) looks ends up in a set instead.
  and (num_nonnulls(:scope_partner::uuid, :scope_outlet::uuid, :scope_division::text) = 0 or exists (
      select from outlet o
      left join zone z on z.city_id = :city_id and z.zone_id = o.zone_id
      where o.city_id = :city_id
        and o.outlet_id = any(array[fo.outlet_id, fr.outlet_id, tw.outlet_id, tr.outlet_id])
        and (:scope_partner::uuid is null or o.partner_id = :scope_partner)
        and (:scope_outlet::uuid is null or o.outlet_id = :scope_outlet)
        and (:scope_division::text is null or starts_with(z.division_code, :scope_division))))
-- Of one instant, the copies came out of the depot first.
order by m.recorded_at, array_position(array['receipt', 'issue', 'acceptance'], m.kind) nulls last, m.move_id;

-- name: read_waybill
-- A waybill within the scope, a district's by the zone of its batch, and how its material is packed. No row: none such
-- there.
select w.code, w.copies, m.carton_copies / m.bundle_copies as bundles_a_carton from waybill w
join material m on m.city_id = :city_id and m.material_id = w.material_id
join outlet o on o.city_id = :city_id and o.outlet_id = w.outlet_id
join claim c on c.city_id = :city_id and c.claim_id = w.claim_id
join batch b on b.city_id = :city_id and b.batch_id = c.batch_id
join zone z on z.city_id = :city_id and z.zone_id = b.zone_id
where w.city_id = :city_id and w.waybill_id = :waybill_id
  and (:scope_partner::uuid is null or o.partner_id = :scope_partner)
  and (:scope_outlet::uuid is null or w.outlet_id = :scope_outlet)
  and (:scope_division::text is null or starts_with(z.division_code, :scope_division));

-- name: read_waybill_bundles
-- The bundles issued with a waybill, by code; its issue has the waybill's own id. No row: all copies were loose.
select b.code, b.carton_code, b.copies from bundle_move k
join bundle b on b.city_id = :city_id and b.bundle_id = k.bundle_id
where k.city_id = :city_id and k.move_id = :waybill_id
order by b.code;

-- name: read_print_run
-- A print run, how its material is packed, and how many cartons its bundles fill or begin. No row: none such here.
select p.code as print_run_code, m.code as material_code, m.name as material_name, g.name as campaign_name,
       m.carton_copies / m.bundle_copies as bundles_a_carton,
       (select count(distinct b.carton_code)::int from bundle b
        where b.city_id = :city_id and b.print_run_id = :print_run_id) as cartons
from print_run p
join material m on m.city_id = :city_id and m.material_id = p.material_id
join campaign g on g.city_id = :city_id and g.campaign_id = p.campaign_id
where p.city_id = :city_id and p.print_run_id = :print_run_id;

-- name: read_run_bundles
-- The bundles of a print run whose numbers lie in this range, in their order. No row: none has been made.
select code, carton_code, copies from bundle
where city_id = :city_id and print_run_id = :print_run_id and number between :first_number and :last_number
order by number;
