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
