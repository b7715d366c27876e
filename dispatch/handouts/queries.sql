-- name: read_zone_visits
-- Doors at which nothing was handed out in campaign $2 of city $1, by zone, of district $3 and zone $4 where given. A zone without any
-- gives no row.
select z.zone_id, z.code as zone_code, z.name as zone_name,
       coalesce(sum(t.visits) filter (where t.result = 'declined'), 0)::int as declined,
       coalesce(sum(t.visits) filter (where t.result = 'nobody_reached'), 0)::int as nobody_reached
from zone_visit_tally t
join zone z on z.city_id = $1 and z.zone_id = t.zone_id
where t.city_id = $1 and t.campaign_id = $2 and ($3::text is null or starts_with(z.division_code, $3))
  and ($4::uuid is null or t.zone_id = $4)
group by z.zone_id, z.code, z.name
having sum(t.visits) > 0
order by z.code;

-- name: read_refused
-- Refused records in scope, newest first: city $1, campaign $2, partner $3, outlet $4, subject $5 where given, status $6, at most $7.
select handout_id, encode(content_digest, 'hex') as content_digest, entry, problem, detail, record, refused_at, tries, status
from handout_refused
where city_id = $1 and ($2::uuid is null or campaign_id = $2) and ($3::uuid is null or partner_id = $3)
  and ($4::uuid is null or outlet_id = $4) and ($5::uuid is null or caller_id = $5) and status = $6
order by refused_at desc, handout_id limit $7;

-- name: dismiss_refused
-- Settles the refused records $2 of city $1 in scope (partner $3, outlet $4) as looked at and left, at $5. Answers their ids.
update handout_refused set status = 'dismissed', settled_at = $5
where city_id = $1 and handout_id = any($2::uuid[]) and ($3::uuid is null or partner_id = $3)
  and ($4::uuid is null or outlet_id = $4) and status = 'waiting'
returning handout_id;

-- name: read_report_codes
-- What the codes of a report mean in city $1 for campaign $2, within partner $3 and outlet $4 where given: materials $5, outlets $6,
-- riders $7, zones $8. A code that means nothing here gives no row.
select 'material' as kind, m.code, m.material_id as id, null::uuid as outlet_id
from material m where m.city_id = $1 and m.campaign_id = $2 and m.code = any($5::text[])
union all
select 'outlet', o.code, o.outlet_id, o.outlet_id
from outlet o where o.city_id = $1 and o.code = any($6::text[]) and ($3::uuid is null or o.partner_id = $3)
  and ($4::uuid is null or o.outlet_id = $4)
union all
select 'rider', r.code, r.rider_id, r.outlet_id
from rider r join outlet o on o.city_id = $1 and o.outlet_id = r.outlet_id
where r.city_id = $1 and r.code = any($7::text[]) and ($3::uuid is null or o.partner_id = $3)
  and ($4::uuid is null or r.outlet_id = $4)
union all
select 'zone', z.code, z.zone_id, null::uuid from zone z where z.city_id = $1 and z.code = any($8::text[]);

-- name: read_holder_of_handout
-- Whose copies handout $2 of city $1 took, in scope (partner $3, outlet $4, district $5).
select h.holder_kind, h.holder_id, h.outlet_id, h.campaign_id
from handout h
join outlet o on o.city_id = $1 and o.outlet_id = h.outlet_id
join zone z on z.city_id = $1 and z.zone_id = h.zone_id
where h.city_id = $1 and h.handout_id = $2 and h.corrects_id is null
  and ($3::uuid is null or o.partner_id = $3) and ($4::uuid is null or h.outlet_id = $4)
  and ($5::text is null or starts_with(z.division_code, $5));

-- name: read_handouts
-- Recorded handouts in scope, newest first: city $1, campaign $2, partner $3, outlet $4, holder $5, zone $6, day $7, district $8 where
-- given; ids before $9 where given; at most $10.
select h.handout_id, h.campaign_id, h.zone_id, h.outlet_id, h.material_id, h.channel, h.copies, h.day, h.handed_out_at, h.received_at,
       h.corrects_id, h.reason,
       coalesce((select -sum(x.copies) from handout x where x.city_id = $1 and x.corrects_id = h.handout_id), 0)::int as corrected
from handout h
join outlet o on o.city_id = $1 and o.outlet_id = h.outlet_id
join zone z on z.city_id = $1 and z.zone_id = h.zone_id
where h.city_id = $1 and h.campaign_id = $2 and ($3::uuid is null or o.partner_id = $3) and ($4::uuid is null or h.outlet_id = $4)
  and ($5::uuid is null or h.holder_id = $5) and ($6::uuid is null or h.zone_id = $6) and ($7::date is null or h.day = $7)
  and ($8::text is null or starts_with(z.division_code, $8)) and ($9::uuid is null or h.handout_id < $9)
order by h.handout_id desc limit $10;

-- name: read_own_day
-- Copies the rider $2 of city $1 handed out on day $3, corrections taken off.
select coalesce(sum(copies), 0)::int from handout where city_id = $1 and holder_id = $2 and day = $3;

-- name: read_holdings
-- What holder $2 of city $1 holds of open campaigns.
select b.campaign_id, b.material_id, m.code as material_code, m.name as material_name, m.kind as material_kind, m.channels,
       b.quantity, m.bundle_copies
from stock_balance b
join campaign c on c.city_id = $1 and c.campaign_id = b.campaign_id and c.status = 'open'
join material m on m.city_id = $1 and m.material_id = b.material_id
where b.city_id = $1 and b.holder_id = $2
order by m.code;

-- name: read_own_handouts
-- The handouts rider $2 of city $1 made on day $3, newest first, at most 500, each with what was taken back of it.
select h.handout_id as id, h.campaign_id, h.material_id, h.channel, h.copies, coalesce(x.corrected, 0)::int as corrected,
       coalesce(x.corrections, '{}') as corrections, h.handed_out_at
from handout h
left join lateral (
    select -sum(c.copies) as corrected, array_agg(c.handout_id) as corrections
    from handout c where c.city_id = $1 and c.corrects_id = h.handout_id
) x on true
where h.city_id = $1 and h.holder_id = $2 and h.day = $3 and h.corrects_id is null
order by h.handed_out_at desc, h.handout_id desc limit 500;

-- name: read_own_visits
-- The visits without a handout that rider $2 of city $1 noted on day $3, newest first, at most 500, with what was taken back.
select v.visit_id as id, v.campaign_id, v.result, v.visits, coalesce(x.corrected, 0)::int as corrected,
       coalesce(x.corrections, '{}') as corrections, v.visited_at
from visit v
left join lateral (
    select -sum(c.visits) as corrected, array_agg(c.visit_id) as corrections
    from visit c where c.city_id = $1 and c.corrects_id = v.visit_id
) x on true
where v.city_id = $1 and v.rider_id = $2 and v.day = $3 and v.corrects_id is null
order by v.visited_at desc, v.visit_id desc limit 500;

-- name: count_own_refused
-- Records of rider $2 of city $1 that wait to be taken up.
select count(*)::int from handout_refused where city_id = $1 and caller_id = $2 and status = 'waiting';

-- name: read_partitions
-- The days that have a partition of their own.
select substring(c.relname from 'handout_(\d{8})$') as day
from pg_inherits i join pg_class c on c.oid = i.inhrelid
where i.inhparent = 'handout'::regclass and c.relname ~ '^handout_\d{8}$';
