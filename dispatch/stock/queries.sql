-- name: read_places
-- The depots, outlets and riders with these codes, the latter two within the scope. No row: none such there.
select 'depot' as kind, d.depot_id as id, d.code, null::uuid as outlet_id, null::uuid as partner_id, d.active
from depot d
where d.city_id = :city_id and d.code = any(:depot_codes::text[])
union all
select 'outlet', o.outlet_id, o.code, o.outlet_id, o.partner_id, o.active
from outlet o
left join zone z on z.city_id = :city_id and z.zone_id = o.zone_id
where o.city_id = :city_id and o.code = any(:outlet_codes::text[])
  and (:scope_partner::uuid is null or o.partner_id = :scope_partner)
  and (:scope_outlet::uuid is null or o.outlet_id = :scope_outlet)
  and (:scope_division::text is null or starts_with(z.division_code, :scope_division))
union all
select 'rider', r.rider_id, r.code, o.outlet_id, o.partner_id, r.active
from rider r
join outlet o on o.city_id = :city_id and o.outlet_id = r.outlet_id
left join zone z on z.city_id = :city_id and z.zone_id = o.zone_id
where r.city_id = :city_id and r.code = any(:rider_codes::text[])
  and (:scope_partner::uuid is null or o.partner_id = :scope_partner)
  and (:scope_outlet::uuid is null or o.outlet_id = :scope_outlet)
  and (:scope_division::text is null or starts_with(z.division_code, :scope_division));

-- name: count_ends_in_scope
-- How many of the ids are outlets or riders within the scope.
select count(*)::int from (
    select o.outlet_id as id, o.outlet_id from outlet o
    where o.city_id = :city_id and o.outlet_id = any(:holder_ids::uuid[])
    union all
    select r.rider_id, r.outlet_id from rider r
    where r.city_id = :city_id and r.rider_id = any(:holder_ids::uuid[])) e
join outlet o on o.city_id = :city_id and o.outlet_id = e.outlet_id
left join zone z on z.city_id = :city_id and z.zone_id = o.zone_id
where (:scope_partner::uuid is null or o.partner_id = :scope_partner)
  and (:scope_outlet::uuid is null or o.outlet_id = :scope_outlet)
  and (:scope_division::text is null or starts_with(z.division_code, :scope_division));

-- name: read_materials
-- The materials with these codes, each of the campaign at the same position. No row: the campaign has no such material.
select m.campaign_id, m.code, m.material_id from material m
join unnest(:campaign_ids::uuid[], :codes::text[]) x (campaign_id, code)
  on m.campaign_id = x.campaign_id and m.code = x.code
where m.city_id = :city_id
group by m.campaign_id, m.code, m.material_id;

-- name: read_named_bundles
-- The bundles that these codes name, each in the campaign at the same position: bundles, and all bundles of cartons. No
-- row: the campaign has neither a bundle nor a carton of that code.
select b.bundle_id, b.code, b.carton_code, b.campaign_id, b.material_id, b.copies
from unnest(:campaign_ids::uuid[], :codes::text[]) x (campaign_id, code)
join bundle b on b.city_id = :city_id and b.campaign_id = x.campaign_id and b.code = x.code
union
select b.bundle_id, b.code, b.carton_code, b.campaign_id, b.material_id, b.copies
from unnest(:campaign_ids::uuid[], :codes::text[]) x (campaign_id, code)
join bundle b on b.city_id = :city_id and b.campaign_id = x.campaign_id and b.carton_code = x.code
order by code;

-- name: read_move_record
-- Who recorded a move, and the move that reversed it, if any. No row: there is no such move.
select m.recorded_by, x.move_id as reversed_by
from stock_move m
left join stock_move x on x.city_id = :city_id and x.reversal_of = m.move_id
where m.city_id = :city_id and m.move_id = :move_id;

-- name: read_bundles_of_move
-- Where the bundles that a move carried are now, by code. No row: it carried none.
select b.bundle_id, b.code, b.copies, b.material_id, b.holder_kind, b.holder_id, b.opened_at is not null as opened
from bundle_move k
join bundle b on b.city_id = :city_id and b.bundle_id = k.bundle_id
where k.city_id = :city_id and k.move_id = :move_id
order by b.code;

-- name: lock_waybill
-- Locks a waybill within the scope, a district's by the zone of its batch, and answers it. No row: none such there.
select w.waybill_id, w.code, w.campaign_id, w.material_id, w.depot_id, w.outlet_id, w.claim_id, w.copies,
       w.received_copies, w.received_at
from waybill w
join outlet o on o.city_id = :city_id and o.outlet_id = w.outlet_id
join claim c on c.city_id = :city_id and c.claim_id = w.claim_id
join batch b on b.city_id = :city_id and b.batch_id = c.batch_id
join zone z on z.city_id = :city_id and z.zone_id = b.zone_id
where w.city_id = :city_id and w.waybill_id = :waybill_id
  and (:scope_partner::uuid is null or o.partner_id = :scope_partner)
  and (:scope_outlet::uuid is null or w.outlet_id = :scope_outlet)
  and (:scope_division::text is null or starts_with(z.division_code, :scope_division))
for update of w;
