-- What partners claimed, collected and handed out, read from tallies. Nothing is written.

-- name: read_partners
-- Per partner: copies of these materials its outlets handed out in the zones in scope, known by the end of `known_on`
-- (absent: now); and by the cut-off copies planned for it, claimed under leases of so many hours and collected
-- ("collected", "holds": see ../batches/queries.sql). Partners that handed out, claimed or were planned for nothing and
-- did not accept an invitation have no row.
with counted as materialized (
    select d.outlet_id, d.zone_id, sum(d.copies) as copies,
           sum(d.copies) filter (where d.channel = 'in_person') as in_person
    from zone_day_tally d
    where d.city_id = :city_id and d.campaign_id = :campaign_id and d.material_id = any(:material_ids::uuid[])
      and d.known_on <= coalesce(:known_on::date, 'infinity'::date)
    group by d.outlet_id, d.zone_id
    having sum(d.copies) <> 0
), handed_out as materialized (
    select o.partner_id, sum(c.copies)::bigint as copies, coalesce(sum(c.in_person), 0)::bigint as in_person,
           count(distinct c.zone_id)::int as zones, count(distinct c.outlet_id)::int as outlets
    from counted c
    join zone z on z.city_id = :city_id and z.zone_id = c.zone_id
        and (:scope_division::text is null or starts_with(z.division_code, :scope_division))
    join outlet o on o.city_id = :city_id and o.outlet_id = c.outlet_id
    group by o.partner_id
), undertaken as materialized (
    select k.partner_id, sum(case when h.holds then k.copies else w.collected end)::bigint as claimed,
           sum(w.collected)::bigint as collected
    from batch b
    join zone z on z.city_id = :city_id and z.zone_id = b.zone_id
        and (:scope_division::text is null or starts_with(z.division_code, :scope_division))
    join claim k on k.city_id = :city_id and k.batch_id = b.batch_id and k.claimed_at <= :as_of
    cross join lateral (
        select coalesce(sum(w.copies), 0)::bigint as collected, max(w.issued_at) as last_at
        from waybill w
        where w.city_id = :city_id and w.claim_id = k.claim_id and w.issued_at <= :as_of
          and not exists (select from stock_move x where x.city_id = :city_id and x.reversal_of = w.waybill_id
                          and x.recorded_at <= :as_of)) w
    cross join lateral (
        select coalesce(k.ended_at > :as_of, true) and (w.collected >= k.copies
            or greatest(k.lease_until, w.last_at + make_interval(hours => :lease_hours)) > :as_of) as holds) h
    where b.city_id = :city_id and b.campaign_id = :campaign_id and b.material_id = any(:material_ids::uuid[])
    group by k.partner_id
), planned as materialized (
    select l.partner_id, sum(l.copies)::bigint as copies
    from allocation a
    join allocation_line l on l.city_id = :city_id and l.allocation_id = a.allocation_id
    join zone z on z.city_id = :city_id and z.zone_id = l.zone_id
        and (:scope_division::text is null or starts_with(z.division_code, :scope_division))
    where a.city_id = :city_id and a.campaign_id = :campaign_id and a.material_id = any(:material_ids::uuid[])
      and a.status = 'approved' and a.approved_at <= :as_of
    group by l.partner_id
)
select p.partner_id, p.code, p.name, p.kind, coalesce(c.copies, 0) as copies, coalesce(c.in_person, 0) as in_person,
       coalesce(c.zones, 0) as zones, coalesce(c.outlets, 0) as outlets, l.copies as planned,
       coalesce(u.claimed, 0) as claimed, coalesce(u.collected, 0) as collected
from partner p
left join handed_out c on c.partner_id = p.partner_id
left join undertaken u on u.partner_id = p.partner_id
left join planned l on l.partner_id = p.partner_id
left join invitation i on i.city_id = :city_id and i.campaign_id = :campaign_id and i.partner_id = p.partner_id
    and i.status = 'accepted' and i.answered_at <= :as_of
where p.city_id = :city_id and (c.partner_id is not null or u.partner_id is not null or l.partner_id is not null
                                or i.partner_id is not null)
order by p.code;
