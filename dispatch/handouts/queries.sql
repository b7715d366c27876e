-- name: read_report_codes
-- What the codes of a report mean for a campaign, within the reporter's scope. A code that is not known gives no row.
select 'material' as kind, m.code, m.material_id as id, null::uuid as outlet_id
from material m
where m.city_id = :city_id and m.campaign_id = :campaign_id and m.code = any(:material_codes::text[])
union all
select 'outlet', o.code, o.outlet_id, o.outlet_id
from outlet o
where o.city_id = :city_id and o.code = any(:outlet_codes::text[])
  and (:scope_partner::uuid is null or o.partner_id = :scope_partner)
  and (:scope_outlet::uuid is null or o.outlet_id = :scope_outlet)
union all
select 'rider', r.code, r.rider_id, r.outlet_id
from rider r join outlet o on o.city_id = :city_id and o.outlet_id = r.outlet_id
where r.city_id = :city_id and r.code = any(:rider_codes::text[])
  and (:scope_partner::uuid is null or o.partner_id = :scope_partner)
  and (:scope_outlet::uuid is null or r.outlet_id = :scope_outlet)
union all
select 'zone', z.code, z.zone_id, null::uuid
from zone z where z.city_id = :city_id and z.code = any(:zone_codes::text[]);

-- name: read_holder_of_handout
-- Whose copies a handout took. No row: there is no such handout in scope. A correction is not corrected.
select h.holder_kind as kind, h.holder_id as id, h.outlet_id, h.campaign_id
from handout h
join outlet o on o.city_id = :city_id and o.outlet_id = h.outlet_id
join zone z on z.city_id = :city_id and z.zone_id = h.zone_id
where h.city_id = :city_id and h.handout_id = :handout_id and h.corrects_id is null
  and (:scope_partner::uuid is null or o.partner_id = :scope_partner)
  and (:scope_outlet::uuid is null or h.outlet_id = :scope_outlet)
  and (:scope_division::text is null or starts_with(z.division_code, :scope_division));

-- name: read_handouts
-- Recorded handouts of a campaign in scope, newest first; of one zone, one day, and before an id where given.
select h.handout_id, h.campaign_id, h.zone_id, h.outlet_id, h.material_id, h.channel, h.copies, h.day, h.handed_out_at,
       h.received_at, h.corrects_id, h.reason,
       coalesce((select -sum(x.copies) from handout x
                 where x.city_id = :city_id and x.corrects_id = h.handout_id), 0)::int as corrected
from handout h
join outlet o on o.city_id = :city_id and o.outlet_id = h.outlet_id
join zone z on z.city_id = :city_id and z.zone_id = h.zone_id
where h.city_id = :city_id and h.campaign_id = :campaign_id
  and (:scope_partner::uuid is null or o.partner_id = :scope_partner)
  and (:scope_outlet::uuid is null or h.outlet_id = :scope_outlet)
  and (:scope_rider::uuid is null or h.holder_id = :scope_rider)
  and (:scope_division::text is null or starts_with(z.division_code, :scope_division))
  and (:zone_id::uuid is null or h.zone_id = :zone_id) and (:day::date is null or h.day = :day)
  and (:before::uuid is null or h.handout_id < :before)
order by h.handout_id desc limit :most;

-- name: read_zone_visits
-- Doors of a campaign at which nothing was handed out, by zone in scope; of one zone where given. A zone without any
-- gives no row.
select z.zone_id, z.code as zone_code, z.name as zone_name,
       coalesce(sum(t.visits) filter (where t.result = 'declined'), 0)::int as declined,
       coalesce(sum(t.visits) filter (where t.result = 'nobody_reached'), 0)::int as nobody_reached
from zone_visit_tally t
join zone z on z.city_id = :city_id and z.zone_id = t.zone_id
where t.city_id = :city_id and t.campaign_id = :campaign_id
  and (:scope_division::text is null or starts_with(z.division_code, :scope_division))
  and (:zone_id::uuid is null or t.zone_id = :zone_id)
group by z.zone_id, z.code, z.name
having sum(t.visits) > 0
order by z.code;

-- name: read_own_day
-- Copies a rider handed out on a day, corrections taken off.
select coalesce(sum(copies), 0)::int from handout where city_id = :city_id and holder_id = :rider_id and day = :day;

-- name: read_holdings
-- What a rider holds of open campaigns, by material code.
select b.campaign_id, b.material_id, m.code as material_code, m.name as material_name, m.kind as material_kind,
       m.channels, b.quantity, m.bundle_copies
from stock_balance b
join campaign c on c.city_id = :city_id and c.campaign_id = b.campaign_id and c.status = 'open'
join material m on m.city_id = :city_id and m.material_id = b.material_id
where b.city_id = :city_id and b.holder_id = :rider_id
order by m.code;

-- name: read_own_handouts
-- The handouts a rider made on a day, newest first, at most 500, each with what was taken back of it.
select h.handout_id as id, h.campaign_id, h.material_id, h.channel, h.copies,
       coalesce(x.corrected, 0)::int as corrected, coalesce(x.corrections, '{}') as corrections, h.handed_out_at
from handout h
left join lateral (
    select -sum(c.copies) as corrected, array_agg(c.handout_id) as corrections
    from handout c where c.city_id = :city_id and c.corrects_id = h.handout_id
) x on true
where h.city_id = :city_id and h.holder_id = :rider_id and h.day = :day and h.corrects_id is null
order by h.handed_out_at desc, h.handout_id desc limit 500;

-- name: read_own_visits
-- The visits without a handout that a rider noted on a day, newest first, at most 500, each with what was taken back.
select v.visit_id as id, v.campaign_id, v.result, v.visits, coalesce(x.corrected, 0)::int as corrected,
       coalesce(x.corrections, '{}') as corrections, v.visited_at
from visit v
left join lateral (
    select -sum(c.visits) as corrected, array_agg(c.visit_id) as corrections
    from visit c where c.city_id = :city_id and c.corrects_id = v.visit_id
) x on true
where v.city_id = :city_id and v.rider_id = :rider_id and v.day = :day and v.corrects_id is null
order by v.visited_at desc, v.visit_id desc limit 500;

-- name: count_own_refused
-- Records of a rider that wait to be judged again.
select count(*)::int from handout_refused where city_id = :city_id and caller_id = :rider_id and status = 'waiting';

-- name: read_pack_frame
-- What surrounds the pack of a rider: city, rider, outlet, firm. No row: there is no such rider.
select c.name as city_name, c.datum, c.timezone, c.demonstration, r.name as rider_name, o.code as outlet_code,
       o.name as outlet_name, p.name as partner_name
from rider r
join city c on c.city_id = :city_id
join outlet o on o.city_id = :city_id and o.outlet_id = r.outlet_id
join partner p on p.city_id = :city_id and p.partner_id = o.partner_id
where r.city_id = :city_id and r.rider_id = :rider_id;

-- name: read_pack_campaigns
-- Open campaigns of which a rider holds, or held, something, by code.
select c.campaign_id, c.name, c.starts_on, c.ends_on from campaign c
where c.city_id = :city_id and c.status = 'open'
  and exists (select from stock_balance b
              where b.city_id = :city_id and b.holder_id = :rider_id and b.campaign_id = c.campaign_id)
order by c.code;

-- name: read_pack_zones
-- Zones for the riders of an outlet, the outlet's own first: that one, and those of batches of open campaigns for which
-- the outlet holds claims or received copies.
select z.zone_id, z.code, z.name, coalesce(z.zone_id = o.zone_id, false) as own
from outlet o
join zone z on z.city_id = :city_id and (z.zone_id = o.zone_id or z.zone_id in (
    select b.zone_id from claim k
    join batch b on b.city_id = :city_id and b.batch_id = k.batch_id
    join campaign c on c.city_id = :city_id and c.campaign_id = b.campaign_id and c.status = 'open'
    where k.city_id = :city_id and k.partner_id = o.partner_id
      and ((k.outlet_id = :outlet_id and k.status = 'held')
           or exists (select from waybill w where w.city_id = :city_id and w.claim_id = k.claim_id
                      and w.outlet_id = :outlet_id and w.received_at is not null))))
where o.city_id = :city_id and o.outlet_id = :outlet_id
order by own desc, z.code limit :most;

-- name: read_pack_cells
-- Cells of zones, ascending.
select cell, zone_id from zone_cell where city_id = :city_id and zone_id = any(:zone_ids::uuid[]) order by cell;

-- name: read_refused
-- Refused records in scope with one status, newest first; of one campaign, and after the one with the key :after_…,
-- where given. A rider sees the rider's own.
select handout_id, encode(content_digest, 'hex') as content_digest, entry, problem, detail, record, refused_at, tries,
       status
from handout_refused
where city_id = :city_id and (:campaign_id::uuid is null or campaign_id = :campaign_id)
  and (:scope_partner::uuid is null or partner_id = :scope_partner)
  and (:scope_outlet::uuid is null or outlet_id = :scope_outlet)
  and (:scope_rider::uuid is null or caller_id = :scope_rider) and status = :status
  and (:after_at::timestamptz is null or refused_at < :after_at or refused_at = :after_at
       and (handout_id, content_digest) > (:after_id::uuid, decode(:after_digest::text, 'hex')))
order by refused_at desc, handout_id, content_digest limit :most;

-- name: dismiss_refused
-- Settles waiting records in scope as looked at and left. Answers their ids; what is settled already gives no row.
update handout_refused set status = 'dismissed', settled_at = :now
where city_id = :city_id and handout_id = any(:handout_ids::uuid[])
  and (:scope_partner::uuid is null or partner_id = :scope_partner)
  and (:scope_outlet::uuid is null or outlet_id = :scope_outlet) and status = 'waiting'
returning handout_id;

-- name: read_waiting
-- Refused records in scope that wait for one of some causes to go, oldest first; of one campaign where given.
select entry as source, caller_role, caller_id, partner_id, outlet_id, campaign_id, record
from handout_refused
where city_id = :city_id and status = 'waiting' and problem = any(:problems::text[])
  and (:campaign_id::uuid is null or campaign_id = :campaign_id)
  and (:scope_partner::uuid is null or partner_id = :scope_partner)
  and (:scope_outlet::uuid is null or outlet_id = :scope_outlet)
order by refused_at, handout_id limit :most;

-- name: read_cities_waiting
-- The cities in which refused records wait for one of some causes to go, by number.
select distinct city_id from handout_refused
where status = 'waiting' and problem = any(:problems::text[])
order by city_id;

-- name: read_partitions
-- The days that have a partition of their own.
select substring(c.relname from 'handout_(\d{8})$') as day
from pg_inherits i join pg_class c on c.oid = i.inhrelid
where i.inhparent = 'handout'::regclass and c.relname ~ '^handout_\d{8}$';
