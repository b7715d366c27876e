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

-- name: read_reported
-- What a firm reported and what became of it, the latest id first; of one reference, id, campaign or day, of some
-- outcomes, and before an id, where given. A reference of which nothing was recorded or refused gives no row. An outlet
-- sees what took its own copies, and what it sent itself.
select r.reference_id as id, nullif(r.source_id, r.reference_id::text) as source_id, y.outcome,
       coalesce(h.campaign_id, r.campaign_id) as campaign_id, coalesce(h.day, r.day) as day, h.copies,
       y.corrected, h.material_code, h.channel, h.zone_code, h.outlet_code,
       case when h.handout_id is null then x.problem end as problem,
       case when h.handout_id is null then x.detail end as detail,
       r.made_at as reported_at, h.received_at as recorded_at
from partner_reference r
left join lateral (
    select h.handout_id, h.campaign_id, h.day, h.copies, h.channel, h.outlet_id, h.received_at,
           m.code as material_code, z.code as zone_code, o.code as outlet_code
    from handout h
    join outlet o on o.city_id = :city_id and o.outlet_id = h.outlet_id
    join material m on m.city_id = :city_id and m.material_id = h.material_id
    join zone z on z.city_id = :city_id and z.zone_id = h.zone_id
    where h.city_id = :city_id and h.handout_id = r.reference_id and h.corrects_id is null
      and o.partner_id = r.partner_id
) h on true
left join lateral (
    select x.problem, x.detail, x.status, x.outlet_id from handout_refused x
    where x.city_id = :city_id and x.handout_id = r.reference_id and x.partner_id = r.partner_id and x.entry = 'report'
    order by x.status = 'waiting' desc, x.refused_at desc limit 1
) x on true
cross join lateral (
    select coalesce(-sum(c.copies), 0)::int as corrected,
           case when h.handout_id is null then case x.status when 'waiting' then 'waiting' else 'withdrawn' end
                when count(*) > 0 then 'corrected' else 'recorded' end as outcome
    from handout c where c.city_id = :city_id and c.corrects_id = h.handout_id
) y
where r.city_id = :city_id and r.partner_id = :scope_partner and r.kind = 'handout'
  and (h.handout_id is not null or x.status is not null)
  and (:scope_outlet::uuid is null or coalesce(h.outlet_id, x.outlet_id) = :scope_outlet)
  and (:source_id::text is null or r.source_id = :source_id) and (:id::uuid is null or r.reference_id = :id)
  and (:campaign_id::uuid is null or coalesce(h.campaign_id, r.campaign_id) = :campaign_id)
  and (:day::date is null or coalesce(h.day, r.day) = :day)
  and (:outcome::text is null or y.outcome = :outcome) and (:before::uuid is null or r.reference_id < :before)
order by r.reference_id desc limit :most;

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

-- name: read_day_handouts
-- What an outlet in scope and its riders have on record for a day of a campaign, each record with what was taken back
-- of it, in the order of the riders' codes and of time; the outlet's own copies first. What was reported for a day has
-- its first moment; its hour is that of the report.
select r.code as rider_code, r.name as rider_name, h.zone_id, h.material_id,
       date_trunc('hour', case when (h.handed_out_at at time zone c.timezone)::time = '00:00' then h.received_at
                               else h.handed_out_at end) as hour_at,
       h.handout_id, h.channel, h.copies, coalesce(x.corrected, 0)::int as corrected, h.handed_out_at
from handout h
join outlet o on o.city_id = :city_id and o.outlet_id = h.outlet_id
join city c on c.city_id = :city_id
left join rider r on r.city_id = :city_id and r.rider_id = h.holder_id
left join lateral (
    select -sum(y.copies) as corrected from handout y where y.city_id = :city_id and y.corrects_id = h.handout_id
) x on true
where h.city_id = :city_id and h.campaign_id = :campaign_id and h.day = :day and h.corrects_id is null
  and o.code = :outlet_code and (:scope_partner::uuid is null or o.partner_id = :scope_partner)
  and (:scope_outlet::uuid is null or h.outlet_id = :scope_outlet)
order by r.code nulls first, hour_at, h.zone_id, h.material_id, h.handout_id;

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

-- name: read_pack_frame
-- What surrounds the pack of a rider: city, rider, outlet, firm. No row: there is no such rider.
select c.name as city_name, c.datum, c.timezone, c.demonstration, r.name as rider_name, r.code as rider_code,
       o.code as outlet_code, o.name as outlet_name, p.name as partner_name
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

-- name: read_partitions
-- The days that have a partition of their own.
select substring(c.relname from 'handout_(\d{8})$') as day
from pg_inherits i join pg_class c on c.oid = i.inhrelid
where i.inhparent = 'handout'::regclass and c.relname ~ '^handout_\d{8}$';
