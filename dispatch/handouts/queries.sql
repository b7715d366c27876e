-- name: lock_holdings
-- What the riders and outlets $2 of city $1 hold, with the facts that bind its handout. Locked in key order until the
-- transaction ends, so that what is judged is what is written. A holder without a row was never handed anything.
select b.holder_id, b.campaign_id, b.material_id, b.quantity, c.status, c.starts_on, c.ends_on, m.channels, m.counts_for_reach
from stock_balance b
join campaign c on c.city_id = $1 and c.campaign_id = b.campaign_id
join material m on m.city_id = $1 and m.material_id = b.material_id
where b.city_id = $1 and b.holder_id = any($2::uuid[]) and b.holder_kind in ('rider', 'outlet')
order by b.holder_id, b.holder_kind, b.campaign_id, b.material_id
for update of b;

-- name: read_stored
-- Handouts of city $1 on record under the ids $4, whose ids were made from day $2 to day $3. No row: none is on record.
select h.handout_id as id, h.id_day, h.campaign_id, h.zone_id, h.cell, h.outlet_id, h.holder_id, h.holder_kind, h.material_id,
       h.channel, h.copies, h.day, h.handed_out_at, h.corrects_id, h.reason, h.first_copy_answer, m.counts_for_reach as counts
from handout h
join material m on m.city_id = $1 and m.material_id = h.material_id
where h.city_id = $1 and h.id_day between $2 and $3 and h.handout_id = any($4::uuid[]);

-- name: read_corrected
-- Copies already taken back of the handouts $2 of city $1. No row: nothing was.
select corrects_id, -sum(copies)::int as copies from handout where city_id = $1 and corrects_id = any($2::uuid[]) group by corrects_id;

-- name: read_zones_of_cells
-- The zone of each of the cells $2 of city $1. A cell of no zone gives no row.
select cell, zone_id from zone_cell where city_id = $1 and cell = any($2::bigint[]);

-- name: read_known_zones
-- Which of the zones $2 are zones of city $1.
select zone_id from zone where city_id = $1 and zone_id = any($2::uuid[]);

-- name: read_timezone
-- The time zone that makes days of city $1's instants.
select timezone from city where city_id = $1;

-- name: lock_tallies
-- Makes and locks, table by table and in key order, every tally row that a transaction with corrections will touch in city $1 on the
-- day $6 it is known: zones $2 to $5 and $7, $8, cells $9, $10. Such a transaction goes through the tallies twice, and
-- two of them would otherwise meet in opposite order. Answers nothing.
with incoming as materialized (
    select * from unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $7::date[], $8::uuid[], $9::bigint[], $10::boolean[])
        as t (campaign_id, zone_id, material_id, channel, day, outlet_id, cell, counts)
), zones as (
    insert into zone_tally as t (city_id, campaign_id, zone_id, material_id, channel)
    select distinct $1::int, campaign_id, zone_id, material_id, channel from incoming order by 2, 3, 4, 5
    on conflict on constraint zone_tally_key do update set copies = t.copies
), zone_days as (
    insert into zone_day_tally as t (city_id, campaign_id, zone_id, day, known_on, outlet_id, material_id, channel)
    select distinct $1::int, campaign_id, zone_id, day, $6::date, outlet_id, material_id, channel from incoming
    order by 2, 3, 4, 6, 7, 8
    on conflict on constraint zone_day_tally_key do update set copies = t.copies
), cells as (
    insert into cell_tally as t (city_id, campaign_id, cell)
    select distinct $1::int, campaign_id, cell from incoming where cell is not null and counts order by 2, 3
    on conflict on constraint cell_tally_key do update set copies = t.copies
)
insert into cell_day_tally as t (city_id, campaign_id, cell, known_on)
select distinct $1::int, campaign_id, cell, $6::date from incoming where cell is not null and counts order by 2, 3
on conflict on constraint cell_day_tally_key do update set copies = t.copies;

-- name: record_handouts
-- Writes judged handouts of city $1, one array element each, received at $16 and known on the day $17: the rows, the tallies, the
-- end of earlier refusals of the same ids, and what the whole transaction takes from its holders ($19 to $23). Answers
-- how many rows were new; fewer than sent means a race, and the caller rolls back.
with incoming as materialized (
    select * from unnest($2::uuid[], $3::date[], $4::uuid[], $5::uuid[], $6::bigint[], $7::uuid[], $8::uuid[], $9::text[], $10::uuid[],
                         $11::text[], $12::int[], $13::date[], $14::timestamptz[], $15::text[], $18::boolean[])
        as t (handout_id, id_day, campaign_id, zone_id, cell, outlet_id, holder_id, holder_kind, material_id,
              channel, copies, day, handed_out_at, first_copy_answer, counts)
), inserted as (
    insert into handout (city_id, handout_id, id_day, campaign_id, zone_id, cell, outlet_id, holder_id, holder_kind, material_id,
                         channel, copies, day, handed_out_at, first_copy_answer, received_at)
    select $1, handout_id, id_day, campaign_id, zone_id, cell, outlet_id, holder_id, holder_kind, material_id,
           channel, copies, day, handed_out_at, first_copy_answer, $16
    from incoming order by handout_id
    on conflict do nothing
    returning 1
), held as (
    update stock_balance b set quantity = b.quantity - s.copies
    from unnest($19::uuid[], $20::text[], $21::uuid[], $22::uuid[], $23::bigint[])
        as s (holder_id, holder_kind, campaign_id, material_id, copies)
    where b.city_id = $1 and b.holder_id = s.holder_id and b.holder_kind = s.holder_kind
      and b.campaign_id = s.campaign_id and b.material_id = s.material_id
), zones as (
    insert into zone_tally as t (city_id, campaign_id, zone_id, material_id, channel, copies, first_asked, first_yes, first_unknown)
    select $1, campaign_id, zone_id, material_id, channel, sum(copies),
           count(*) filter (where first_copy_answer in ('yes', 'no')), count(*) filter (where first_copy_answer = 'yes'),
           count(*) filter (where first_copy_answer = 'unknown')
    from incoming group by campaign_id, zone_id, material_id, channel
    order by campaign_id, zone_id, material_id, channel
    on conflict on constraint zone_tally_key do update
    set copies = t.copies + excluded.copies, first_asked = t.first_asked + excluded.first_asked,
        first_yes = t.first_yes + excluded.first_yes,
        first_unknown = t.first_unknown + excluded.first_unknown, revision = t.revision + 1
), zone_days as (
    insert into zone_day_tally as t (city_id, campaign_id, zone_id, day, known_on, outlet_id, material_id, channel, copies)
    select $1, campaign_id, zone_id, day, $17::date, outlet_id, material_id, channel, sum(copies)
    from incoming group by campaign_id, zone_id, day, outlet_id, material_id, channel
    order by campaign_id, zone_id, day, outlet_id, material_id, channel
    on conflict on constraint zone_day_tally_key do update set copies = t.copies + excluded.copies
), cells as (
    insert into cell_tally as t (city_id, campaign_id, cell, copies, in_person)
    select $1, campaign_id, cell, sum(copies), coalesce(sum(copies) filter (where channel = 'in_person'), 0)
    from incoming where cell is not null and counts group by campaign_id, cell order by campaign_id, cell
    on conflict on constraint cell_tally_key do update
    set copies = t.copies + excluded.copies, in_person = t.in_person + excluded.in_person
), cell_days as (
    insert into cell_day_tally as t (city_id, campaign_id, cell, known_on, copies)
    select $1, campaign_id, cell, $17::date, sum(copies)
    from incoming where cell is not null and counts group by campaign_id, cell order by campaign_id, cell
    on conflict on constraint cell_day_tally_key do update set copies = t.copies + excluded.copies
), settled as (
    update handout_refused r set status = 'taken_up', settled_at = $16
    from incoming i where r.city_id = $1 and r.handout_id = i.handout_id and r.status = 'waiting'
)
select count(*) from inserted;

-- name: record_corrections
-- Writes judged corrections of city $1 (copies $12 below zero), received at $16 and known on the day $17. The tallies they
-- lower exist, because the handouts they correct are on record. $19 to $23 as in record_handouts. The answers $25 of
-- the handouts taken back leave the tally with them. Answers how many rows
-- were new.
with incoming as materialized (
    select * from unnest($2::uuid[], $3::date[], $4::uuid[], $5::uuid[], $6::bigint[], $7::uuid[], $8::uuid[], $9::text[], $10::uuid[],
                         $11::text[], $12::int[], $13::date[], $14::timestamptz[], $15::text[], $18::boolean[], $24::uuid[],
                         $25::text[])
        as t (handout_id, id_day, campaign_id, zone_id, cell, outlet_id, holder_id, holder_kind, material_id,
              channel, copies, day, handed_out_at, reason, counts, corrects_id, first_copy_answer)
), inserted as (
    insert into handout (city_id, handout_id, id_day, campaign_id, zone_id, cell, outlet_id, holder_id, holder_kind, material_id,
                         channel, copies, day, handed_out_at, reason, corrects_id, first_copy_answer, received_at)
    select $1, handout_id, id_day, campaign_id, zone_id, cell, outlet_id, holder_id, holder_kind, material_id,
           channel, copies, day, handed_out_at, reason, corrects_id, first_copy_answer, $16
    from incoming order by handout_id
    on conflict do nothing
    returning 1
), held as (
    update stock_balance b set quantity = b.quantity - s.copies
    from unnest($19::uuid[], $20::text[], $21::uuid[], $22::uuid[], $23::bigint[])
        as s (holder_id, holder_kind, campaign_id, material_id, copies)
    where b.city_id = $1 and b.holder_id = s.holder_id and b.holder_kind = s.holder_kind
      and b.campaign_id = s.campaign_id and b.material_id = s.material_id
), zones as (
    update zone_tally t set copies = t.copies + s.copies, first_asked = t.first_asked - s.asked, first_yes = t.first_yes - s.yes,
                            first_unknown = t.first_unknown - s.unknown, revision = t.revision + 1
    from (select campaign_id, zone_id, material_id, channel, sum(copies) as copies,
                 count(*) filter (where first_copy_answer in ('yes', 'no')) as asked,
                 count(*) filter (where first_copy_answer = 'yes') as yes,
                 count(*) filter (where first_copy_answer = 'unknown') as unknown
          from incoming group by 1, 2, 3, 4) s
    where t.city_id = $1 and t.campaign_id = s.campaign_id and t.zone_id = s.zone_id
      and t.material_id = s.material_id and t.channel = s.channel
), zone_days as (
    insert into zone_day_tally as t (city_id, campaign_id, zone_id, day, known_on, outlet_id, material_id, channel, copies)
    select $1, campaign_id, zone_id, day, $17::date, outlet_id, material_id, channel, sum(copies)
    from incoming group by campaign_id, zone_id, day, outlet_id, material_id, channel
    order by campaign_id, zone_id, day, outlet_id, material_id, channel
    on conflict on constraint zone_day_tally_key do update set copies = t.copies + excluded.copies
), cells as (
    update cell_tally t set copies = t.copies + s.copies, in_person = t.in_person + s.in_person
    from (select campaign_id, cell, sum(copies) as copies, coalesce(sum(copies) filter (where channel = 'in_person'), 0) as in_person
          from incoming where cell is not null and counts group by 1, 2) s
    where t.city_id = $1 and t.campaign_id = s.campaign_id and t.cell = s.cell
), cell_days as (
    insert into cell_day_tally as t (city_id, campaign_id, cell, known_on, copies)
    select $1, campaign_id, cell, $17::date, sum(copies)
    from incoming where cell is not null and counts group by campaign_id, cell order by campaign_id, cell
    on conflict on constraint cell_day_tally_key do update set copies = t.copies + excluded.copies
), settled as (
    update handout_refused r set status = 'taken_up', settled_at = $16
    from incoming i where r.city_id = $1 and r.handout_id = i.handout_id and r.status = 'waiting'
)
select count(*) from inserted;

-- name: read_visits
-- Visits of city $1 on record under the ids $2, corrections among them. No row: none is on record.
select visit_id as id, campaign_id, zone_id, cell, outlet_id, rider_id, result, visits, day, visited_at, corrects_id, reason
from visit where city_id = $1 and visit_id = any($2::uuid[]);

-- name: read_corrected_visits
-- Doors already taken back of the visits $2 of city $1. No row: nothing was.
select corrects_id, -sum(visits)::int as visits from visit where city_id = $1 and corrects_id = any($2::uuid[]) group by corrects_id;

-- name: record_visits
-- Writes judged visits and corrections of visits of city $1, one array element each, received at $14: the rows, the doors per zone
-- and day, the end of earlier refusals of the same ids. Answers how many rows were new; fewer than sent means a race.
with incoming as materialized (
    select * from unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::bigint[], $6::uuid[], $7::uuid[], $8::text[], $9::int[], $10::uuid[],
                         $11::text[], $12::date[], $13::timestamptz[])
        as t (visit_id, campaign_id, zone_id, cell, outlet_id, rider_id, result, visits, corrects_id, reason, day, visited_at)
), inserted as (
    insert into visit (city_id, visit_id, campaign_id, zone_id, cell, outlet_id, rider_id, result, visits, corrects_id, reason, day,
                       visited_at, received_at)
    select $1, visit_id, campaign_id, zone_id, cell, outlet_id, rider_id, result, visits, corrects_id, reason, day, visited_at, $14
    from incoming order by visit_id
    on conflict do nothing
    returning 1
), tallied as (
    insert into zone_visit_tally as t (city_id, campaign_id, zone_id, day, outlet_id, result, visits)
    select $1, campaign_id, zone_id, day, outlet_id, result, sum(visits)
    from incoming group by campaign_id, zone_id, day, outlet_id, result order by campaign_id, zone_id, day, outlet_id, result
    on conflict on constraint zone_visit_tally_key do update set visits = t.visits + excluded.visits
), settled as (
    update handout_refused r set status = 'taken_up', settled_at = $14
    from incoming i where r.city_id = $1 and r.handout_id = i.visit_id and r.status = 'waiting'
)
select count(*) from inserted;

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

-- name: keep_refused
-- Keeps refused records of city $1 as they came, at $2. A record that comes again counts its tries; one that was dismissed stays so.
insert into handout_refused as r (city_id, refused_at, handout_id, content_digest, entry, caller_role, caller_id, partner_id, outlet_id,
                                  campaign_id, record, problem, detail)
select $1, $2, t.handout_id, t.content_digest, t.entry, t.caller_role, t.caller_id, t.partner_id, t.outlet_id, t.campaign_id,
       t.record::jsonb, t.problem, t.detail
from unnest($3::uuid[], $4::bytea[], $5::text[], $6::text[], $7::uuid[], $8::uuid[], $9::uuid[], $10::uuid[],
                               $11::text[], $12::text[], $13::text[])
    as t (handout_id, content_digest, entry, caller_role, caller_id, partner_id, outlet_id, campaign_id, record, problem, detail)
on conflict on constraint handout_refused_key do update
set tries = r.tries + 1, problem = excluded.problem, detail = excluded.detail
where r.status = 'waiting';

-- name: read_waiting
-- Refused records of city $1 that wait for one of the causes $2 to go, oldest first, at most $3; of campaign $4, partner $5,
-- outlet $6 where given.
select handout_id, content_digest, entry, caller_role, caller_id, partner_id, outlet_id, campaign_id, record
from handout_refused
where city_id = $1 and status = 'waiting' and problem = any($2::text[])
  and ($4::uuid is null or campaign_id = $4) and ($5::uuid is null or partner_id = $5) and ($6::uuid is null or outlet_id = $6)
order by refused_at, handout_id limit $3;

-- name: read_cities_waiting
-- The cities that have refused records waiting, by number.
select distinct city_id from handout_refused where status = 'waiting' and problem = any($1::text[]) order by city_id;

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

-- name: read_pack_frame
-- What stands around the pack of rider $2 of city $1: city, rider, outlet, firm. No row: there is no such rider.
select c.name as city_name, c.datum, c.timezone, c.demonstration, r.name as rider_name, o.code as outlet_code, o.name as outlet_name,
       p.name as partner_name
from rider r
join city c on c.city_id = $1
join outlet o on o.city_id = $1 and o.outlet_id = r.outlet_id
join partner p on p.city_id = $1 and p.partner_id = o.partner_id
where r.city_id = $1 and r.rider_id = $2;

-- name: read_pack_campaigns
-- Open campaigns of city $1 of which rider $2 holds, or held, something, by code.
select c.campaign_id, c.name, c.starts_on, c.ends_on from campaign c
where c.city_id = $1 and c.status = 'open'
  and exists (select from stock_balance b where b.city_id = $1 and b.holder_id = $2 and b.campaign_id = c.campaign_id)
order by c.code;

-- name: read_pack_zones
-- Zones for the riders of outlet $2 of city $1, the outlet's own first: that one, and those of batches of open campaigns for which the
-- outlet has claims or received copies; at most $3.
select z.zone_id, z.code, z.name, z.zone_id = o.zone_id as own
from outlet o
join zone z on z.city_id = $1 and (z.zone_id = o.zone_id or z.zone_id in (
    select b.zone_id from claim k
    join batch b on b.city_id = $1 and b.batch_id = k.batch_id
    join campaign c on c.city_id = $1 and c.campaign_id = b.campaign_id and c.status = 'open'
    where k.city_id = $1 and k.partner_id = o.partner_id
      and ((k.outlet_id = $2 and k.status = 'held')
           or exists (select from waybill w where w.city_id = $1 and w.claim_id = k.claim_id and w.outlet_id = $2
                      and w.received_at is not null))))
where o.city_id = $1 and o.outlet_id = $2
order by own desc nulls last, z.code limit $3;

-- name: read_pack_cells
-- Cells of the zones $2 of city $1, ascending.
select cell, zone_id from zone_cell where city_id = $1 and zone_id = any($2::uuid[]) order by cell;

-- name: read_partitions
-- The days that have a partition of their own.
select substring(c.relname from 'handout_(\d{8})$') as day
from pg_inherits i join pg_class c on c.oid = i.inhrelid
where i.inhparent = 'handout'::regclass and c.relname ~ '^handout_\d{8}$';

-- name: read_withdrawn
-- What the riders $2 of city $1 have withdrawn, and since when. No row: nothing, as nearly always.
select rider_id, purpose, since from privacy_withdrawal where city_id = $1 and rider_id = any($2::uuid[]);
