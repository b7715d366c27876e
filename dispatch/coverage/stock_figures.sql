-- Copies ordered, printed, issued, in hands and lately handed out. Nothing is written.

-- name: read_stock
-- Per material of the campaign by the cut-off: copies ordered, received from the printer (`printed`), used in
-- activities, issued (out of depots less those brought back, reversals undone) and moved into hands (depots, transit,
-- outlets, riders; handouts not yet subtracted). For a firm ordered, printed and activities are null, issued is what
-- went to its outlets, hands are its outlets and riders. No row: no material.
with own as materialized (
    select o.outlet_id as holder_id
    from outlet o
    where :scope_partner::uuid is not null and o.city_id = :city_id and o.partner_id = :scope_partner::uuid
      and (:scope_outlet::uuid is null or o.outlet_id = :scope_outlet::uuid)
    union all
    select r.rider_id
    from outlet o
    join rider r on r.city_id = :city_id and r.outlet_id = o.outlet_id
    where :scope_partner::uuid is not null and o.city_id = :city_id and o.partner_id = :scope_partner::uuid
      and (:scope_outlet::uuid is null or o.outlet_id = :scope_outlet::uuid)
), moved as (
    select m.material_id, m.copies, m.from_kind, m.from_id, m.to_kind, m.to_id,
           case when o.move_id is null then 1 else -1 end as sign,
           coalesce(o.kind, m.kind) as meant, coalesce(o.from_kind, m.from_kind) as meant_from,
           coalesce(o.to_kind, m.to_kind) as meant_to,
           coalesce(w.outlet_id, case when m.to_kind = 'outlet' then m.to_id
                                      when m.from_kind = 'outlet' then m.from_id end) as outlet_id
    from stock_move m
    left join stock_move o on o.city_id = :city_id and o.move_id = m.reversal_of
    left join waybill w on w.city_id = :city_id and w.waybill_id = coalesce(m.waybill_id, o.waybill_id)
    where m.city_id = :city_id and m.campaign_id = :campaign_id and m.recorded_at <= :as_of
), summed as materialized (
    select m.material_id,
           sum(m.sign * m.copies * case when m.meant = 'issue' and m.meant_from = 'depot' then 1
                                        when m.meant = 'return' and m.meant_to = 'depot' then -1 else 0 end)
               filter (where :scope_partner::uuid is null or m.outlet_id in (select holder_id from own)) as issued,
           sum(m.copies) filter (where case when :scope_partner::uuid is null
               then m.to_kind in ('depot', 'transit', 'outlet', 'rider')
               else m.to_kind in ('outlet', 'rider') and m.to_id in (select holder_id from own) end) as moved_in,
           sum(m.copies) filter (where case when :scope_partner::uuid is null
               then m.from_kind in ('depot', 'transit', 'outlet', 'rider')
               else m.from_kind in ('outlet', 'rider') and m.from_id in (select holder_id from own) end) as moved_out,
           sum(case when m.from_kind = 'printer' then m.copies when m.to_kind = 'printer' then -m.copies end)
               as printed,
           sum(case when m.to_kind = 'activity' then m.copies when m.from_kind = 'activity' then -m.copies end)
               as activities
    from moved m
    group by m.material_id
)
select a.material_id, a.code, a.name, a.kind, a.counts_for_reach,
       case when :scope_partner::uuid is null then coalesce((
           select sum(p.copies) from print_run p
           where p.city_id = :city_id and p.campaign_id = :campaign_id and p.material_id = a.material_id
             and p.created_at <= :as_of), 0)::bigint
       end as ordered,
       case when :scope_partner::uuid is null then coalesce(s.printed, 0)::bigint end as printed,
       case when :scope_partner::uuid is null then coalesce(s.activities, 0)::bigint end as activities,
       coalesce(s.issued, 0)::bigint as issued,
       (coalesce(s.moved_in, 0) - coalesce(s.moved_out, 0))::bigint as moved_in
from material a
left join summed s on s.material_id = a.material_id
where a.city_id = :city_id and a.campaign_id = :campaign_id
order by a.code;

-- name: read_recent_copies
-- Copies of these materials handed out from the first day to the last, both included, by everybody or by the firm's
-- outlets. Always one row.
select coalesce(sum(copies), 0)::bigint as copies from (
    select d.copies
    from zone z
    join zone_day_tally d on d.city_id = :city_id and d.campaign_id = :campaign_id and d.zone_id = z.zone_id
        and d.day between :first_day and :last_day
    where :scope_partner::uuid is null and z.city_id = :city_id and d.material_id = any(:material_ids::uuid[])
      and d.known_on <= coalesce(:known_on::date, 'infinity'::date)
    union all
    select d.copies
    from outlet o
    join zone_day_tally d on d.city_id = :city_id and d.campaign_id = :campaign_id and d.outlet_id = o.outlet_id
        and d.day between :first_day and :last_day
    where :scope_partner::uuid is not null and o.city_id = :city_id and o.partner_id = :scope_partner::uuid
      and (:scope_outlet::uuid is null or o.outlet_id = :scope_outlet::uuid)
      and d.material_id = any(:material_ids::uuid[]) and d.known_on <= coalesce(:known_on::date, 'infinity'::date)
) counted;
