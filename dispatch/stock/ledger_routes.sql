-- name: read_campaign
-- The code of a campaign and the time zone of its city. No row: there is no such campaign.
select g.code, c.timezone
from campaign g join city c on c.city_id = :city_id
where g.city_id = :city_id and g.campaign_id = :campaign_id;

-- name: read_balances
-- Who holds what of a campaign within the scope, where a district also sees the depots; of a holder kind, an outlet
-- (with what is on its way to it and its riders) or a material, from the one after a given key on. No row: nothing is
-- held.
select b.holder_kind, h.code as holder_code,
       coalesce(d.name, case when b.holder_kind <> 'rider' then o.name end, '') as holder_name,
       o.code as outlet_code, p.code as partner_code, m.code as material_code, m.name as material_name,
       b.quantity as copies
from stock_balance b
join material m on m.city_id = :city_id and m.material_id = b.material_id
left join depot d on d.city_id = :city_id and b.holder_kind = 'depot' and d.depot_id = b.holder_id
left join rider r on r.city_id = :city_id and b.holder_kind = 'rider' and r.rider_id = b.holder_id
left join outlet o on o.city_id = :city_id
    and o.outlet_id = case when b.holder_kind in ('outlet', 'transit') then b.holder_id else r.outlet_id end
left join partner p on p.city_id = :city_id and p.partner_id = o.partner_id
left join zone z on z.city_id = :city_id and z.zone_id = o.zone_id
cross join lateral (select coalesce(d.code, r.code, o.code, '') as code) h
where b.city_id = :city_id and b.campaign_id = :campaign_id and b.quantity <> 0
  and (:scope_partner::uuid is null or o.partner_id = :scope_partner)
  and (:scope_outlet::uuid is null or o.outlet_id = :scope_outlet)
  and (:scope_rider::uuid is null or (b.holder_kind = 'rider' and b.holder_id = :scope_rider))
  and (:scope_division::text is null or b.holder_kind = 'depot' or starts_with(z.division_code, :scope_division))
  and (:holder_kind::text is null or b.holder_kind = :holder_kind)
  and (:outlet_code::text is null or o.code = :outlet_code)
  and (:material_code::text is null or m.code = :material_code)
  and (:after_holder_kind::text is null or (b.holder_kind, h.code, m.code)
       > (:after_holder_kind, :after_holder_code::text, :after_material_code::text))
order by b.holder_kind, h.code, m.code
limit :rows;

-- name: read_moves
-- The ledger of a campaign, newest first, where somebody's scope is limited the moves that touch outlets and riders
-- within it; of a kind, a holder or a material, or only one move with what belongs to it (its reversal, what it
-- reverses, the other moves of its waybill), from the one after a given instant and id on. No row: no such move.
with outlets as (
    select o.outlet_id from outlet o
    left join zone z on z.city_id = :city_id and z.zone_id = o.zone_id
    where o.city_id = :city_id
      and (:scope_partner::uuid is null or o.partner_id = :scope_partner)
      and (:scope_outlet::uuid is null or o.outlet_id = :scope_outlet)
      and (:scope_division::text is null or starts_with(z.division_code, :scope_division))
), holders as (
    -- Ids as a set, made once: the whole ledger is looked through. Where nothing limits the scope it is not made.
    select outlet_id as id from outlets
    union all
    select r.rider_id from rider r join outlets o on o.outlet_id = r.outlet_id where r.city_id = :city_id
), named as (
    select d.depot_id as id from depot d where d.city_id = :city_id and d.code = :holder_code
    union all
    select o.outlet_id from outlet o where o.city_id = :city_id and o.code = :holder_code
    union all
    select r.rider_id from rider r where r.city_id = :city_id and r.code = :holder_code
), asked as (
    select x.move_id, x.reversal_of, x.waybill_id from stock_move x
    where x.city_id = :city_id and x.move_id = :story_of
), page as (
    -- The rows first, what they name after: so a page costs what it holds, not what the ledger does.
    select m.* from stock_move m
    where m.city_id = :city_id and m.campaign_id = :campaign_id
      and (num_nonnulls(:scope_partner::uuid, :scope_outlet::uuid, :scope_division::text) = 0
           or m.from_id in (select id from holders) or m.to_id in (select id from holders))
      and (:kind::text is null or m.kind = :kind)
      and (:holder_code::text is null or m.from_id in (select id from named) or m.to_id in (select id from named))
      and (:material_code::text is null or m.material_id in (
          select a.material_id from material a
          where a.city_id = :city_id and a.campaign_id = :campaign_id and a.code = :material_code))
      and (:story_of::uuid is null or m.move_id = :story_of or m.reversal_of = :story_of
           or m.move_id = (select reversal_of from asked) or m.waybill_id = (select waybill_id from asked))
      and (:after_recorded_at::timestamptz is null
           or (m.recorded_at, m.move_id) < (:after_recorded_at, :after_move_id::uuid))
    order by m.recorded_at desc, m.move_id desc
    limit :rows
)
select m.move_id, m.kind, a.code as material_code, a.name as material_name,
       m.from_kind, coalesce(fd.code, fo.code, fr.code, '') as from_code, coalesce(fd.name, fo.name, '') as from_name,
       m.to_kind, coalesce(td.code, tw.code, tr.code, '') as to_code, coalesce(td.name, tw.name, '') as to_name,
       m.copies, m.reason, w.code as waybill_code, p.code as print_run_code, m.reversal_of,
       (select x.move_id from stock_move x where x.city_id = :city_id and x.reversal_of = m.move_id) as reversed_by,
       m.moved_at, m.recorded_at
from page m
join material a on a.city_id = :city_id and a.material_id = m.material_id
left join depot fd on fd.city_id = :city_id and m.from_kind = 'depot' and fd.depot_id = m.from_id
left join outlet fo on fo.city_id = :city_id and m.from_kind in ('outlet', 'transit') and fo.outlet_id = m.from_id
left join rider fr on fr.city_id = :city_id and m.from_kind = 'rider' and fr.rider_id = m.from_id
left join depot td on td.city_id = :city_id and m.to_kind = 'depot' and td.depot_id = m.to_id
left join outlet tw on tw.city_id = :city_id and m.to_kind in ('outlet', 'transit') and tw.outlet_id = m.to_id
left join rider tr on tr.city_id = :city_id and m.to_kind = 'rider' and tr.rider_id = m.to_id
left join waybill w on w.city_id = :city_id and w.waybill_id = m.waybill_id
left join print_run p on p.city_id = :city_id and p.print_run_id = m.print_run_id
order by m.recorded_at desc, m.move_id desc;

-- name: read_balance_law
-- Where every printed copy of a campaign is, per material. One statement, so that all of it is of one instant. No row:
-- the campaign has no material.
select m.code as material_code, m.name as material_name,
       -coalesce(s.printer, 0) as printed, coalesce(s.depots, 0) as in_depots, coalesce(s.transit, 0) as in_transit,
       coalesce(s.outlets, 0) as with_outlets, coalesce(s.riders, 0) as with_riders,
       coalesce(t.copies, 0) as handed_out,
       coalesce(s.activities, 0) as activities, coalesce(s.written_off, 0) as written_off,
       coalesce(s.variance, 0) as variance
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
    from stock_balance b where b.city_id = :city_id and b.campaign_id = :campaign_id
    group by b.material_id) s on s.material_id = m.material_id
left join (
    select y.material_id, sum(y.copies)::bigint as copies
    from zone_tally y where y.city_id = :city_id and y.campaign_id = :campaign_id
    group by y.material_id) t on t.material_id = m.material_id
where m.city_id = :city_id and m.campaign_id = :campaign_id
order by m.code;
