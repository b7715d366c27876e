-- Handouts are recorded by one of two statements. Both bring the same rows, sums and day tallies, written once as the
-- fragment "recorded"; they differ in how the sums reach the two tallies that the database keeps from falling below
-- zero. Handouts alone insert or add (record_handouts). A sum with corrections may be negative, and a negative row may
-- not even be proposed to such a table; but what is corrected was recorded before, so its tallies exist, and adding to
-- them is an update (record_with_corrections). One statement with both ways was measured: it takes 40 µs more of every
-- transaction, a tenth of what a transaction of one record takes here.
--
-- Rows that several transactions may change are locked in one order, or two of them could wait for each other: holders
-- first (lock_holdings), then the tallies table by table, within a table by key. PostgreSQL runs the parts of a
-- statement from the last to the first; lock_tallies names the tables in the same order as the others.

-- name: lock_tallies
-- Makes and locks, table by table and in key order, every tally row that a transaction with corrections will touch: its
-- updates would lock them in no order. Answers how many records were looked at.
with incoming as materialized (
    select * from unnest(:campaign_ids::uuid[], :zone_ids::uuid[], :material_ids::uuid[], :channels::text[],
                         :days::date[], :outlet_ids::uuid[], :cells::bigint[], :counts::boolean[])
        as t (campaign_id, zone_id, material_id, channel, day, outlet_id, cell, counts)
), zone_days as (
    insert into zone_day_tally as t (city_id, campaign_id, zone_id, day, known_on, outlet_id, material_id, channel)
    select distinct :city_id::int, campaign_id, zone_id, day, :known_on::date, outlet_id, material_id, channel
    from incoming order by 2, 3, 4, 6, 7, 8
    on conflict on constraint zone_day_tally_key do update set copies = t.copies
), cell_days as (
    insert into cell_day_tally as t (city_id, campaign_id, cell, known_on)
    select distinct :city_id::int, campaign_id, cell, :known_on::date
    from incoming where cell is not null and counts order by 2, 3
    on conflict on constraint cell_day_tally_key do update set copies = t.copies
), zones as (
    insert into zone_tally as t (city_id, campaign_id, zone_id, material_id, channel)
    select distinct :city_id::int, campaign_id, zone_id, material_id, channel from incoming order by 2, 3, 4, 5
    on conflict on constraint zone_tally_key do update set copies = t.copies
), cells as (
    insert into cell_tally as t (city_id, campaign_id, cell)
    select distinct :city_id::int, campaign_id, cell from incoming where cell is not null and counts order by 2, 3
    on conflict on constraint cell_tally_key do update set copies = t.copies
)
select count(*) from incoming;

-- fragment: recorded
-- The rows, one array element each (a null array is null in every row); what the whole transaction takes from its
-- holders; the sums per zone and cell; the tallies by day, which may be negative for a day; the end of earlier refusals
-- of the same ids: recorded later or, where a report was corrected, withdrawn. The first-copy question is asked on
-- single copies, so copies count answers, and a correction takes its answer off.
with incoming as materialized (
    select * from unnest(:ids::uuid[], :id_days::date[], :campaign_ids::uuid[], :zone_ids::uuid[], :cells::bigint[],
                         :outlet_ids::uuid[], :holder_ids::uuid[], :holder_kinds::text[], :material_ids::uuid[],
                         :channels::text[], :copies::int[], :days::date[], :instants::timestamptz[],
                         :first_copy_answers::text[], :corrected_ids::uuid[], :reasons::text[], :counts::boolean[])
        as t (handout_id, id_day, campaign_id, zone_id, cell, outlet_id, holder_id, holder_kind, material_id,
              channel, copies, day, handed_out_at, first_copy_answer, corrects_id, reason, counts)
), inserted as (
    insert into handout (city_id, handout_id, id_day, campaign_id, zone_id, cell, outlet_id, holder_id, holder_kind,
                         material_id, channel, copies, day, handed_out_at, first_copy_answer, corrects_id, reason,
                         received_at)
    select :city_id, handout_id, id_day, campaign_id, zone_id, cell, outlet_id, holder_id, holder_kind, material_id,
           channel, copies, day, handed_out_at, first_copy_answer, corrects_id, reason, :now
    from incoming order by handout_id
    on conflict do nothing
    returning 1
), held as (
    update stock_balance b set quantity = b.quantity - s.copies
    from unnest(:taken_holder_ids::uuid[], :taken_holder_kinds::text[], :taken_campaign_ids::uuid[],
                :taken_material_ids::uuid[], :taken_copies::bigint[])
        as s (holder_id, holder_kind, campaign_id, material_id, copies)
    where b.city_id = :city_id and b.holder_id = s.holder_id and b.holder_kind = s.holder_kind
      and b.campaign_id = s.campaign_id and b.material_id = s.material_id
), zone_sums as (
    select campaign_id, zone_id, material_id, channel, sum(copies) as copies,
           coalesce(sum(copies) filter (where first_copy_answer in ('yes', 'no')), 0) as asked,
           coalesce(sum(copies) filter (where first_copy_answer = 'yes'), 0) as yes,
           coalesce(sum(copies) filter (where first_copy_answer = 'unknown'), 0) as unknown
    from incoming group by campaign_id, zone_id, material_id, channel
), cell_sums as (
    select campaign_id, cell, sum(copies) as copies,
           coalesce(sum(copies) filter (where channel = 'in_person'), 0) as in_person
    from incoming where cell is not null and counts group by campaign_id, cell
), zone_days as (
    insert into zone_day_tally as t
        (city_id, campaign_id, zone_id, day, known_on, outlet_id, material_id, channel, copies)
    select :city_id, campaign_id, zone_id, day, :known_on::date, outlet_id, material_id, channel, sum(copies)
    from incoming group by campaign_id, zone_id, day, outlet_id, material_id, channel
    order by campaign_id, zone_id, day, outlet_id, material_id, channel
    on conflict on constraint zone_day_tally_key do update set copies = t.copies + excluded.copies
), cell_days as (
    insert into cell_day_tally as t (city_id, campaign_id, cell, known_on, copies)
    select :city_id, campaign_id, cell, :known_on::date, copies from cell_sums order by campaign_id, cell
    on conflict on constraint cell_day_tally_key do update set copies = t.copies + excluded.copies
), settled as (
    update handout_refused r
    set status = case when r.entry = 'report' and (r.holder_id, r.material_id, r.copies)
                           is distinct from (i.holder_id, i.material_id, i.copies)
                      then 'withdrawn' else 'recorded_later' end,
        settled_at = :now
    from incoming i where r.city_id = :city_id and r.handout_id = i.handout_id and r.status = 'waiting'
)

-- name: record_handouts
-- Writes judged handouts, received at one instant and known on one day of the city. Answers how many rows were new;
-- fewer than sent means a race, and the caller rolls back.
-- include: recorded
, zones as (
    insert into zone_tally as t
        (city_id, campaign_id, zone_id, material_id, channel, copies, first_asked, first_yes, first_unknown)
    select :city_id, campaign_id, zone_id, material_id, channel, copies, asked, yes, unknown
    from zone_sums order by campaign_id, zone_id, material_id, channel
    on conflict on constraint zone_tally_key do update
    set copies = t.copies + excluded.copies, first_asked = t.first_asked + excluded.first_asked,
        first_yes = t.first_yes + excluded.first_yes, first_unknown = t.first_unknown + excluded.first_unknown,
        revision = t.revision + 1
), cells as (
    insert into cell_tally as t (city_id, campaign_id, cell, copies, in_person)
    select :city_id, campaign_id, cell, copies, in_person from cell_sums order by campaign_id, cell
    on conflict on constraint cell_tally_key do update
    set copies = t.copies + excluded.copies, in_person = t.in_person + excluded.in_person
)
select count(*) from inserted;

-- name: record_with_corrections
-- Writes judged corrections and the handouts that came with them, after lock_tallies has made and locked the tally
-- rows. Answers how many rows were new; fewer than sent means a race, and the caller rolls back.
-- include: recorded
, zones as (
    update zone_tally t
    set copies = t.copies + s.copies, first_asked = t.first_asked + s.asked, first_yes = t.first_yes + s.yes,
        first_unknown = t.first_unknown + s.unknown, revision = t.revision + 1
    from zone_sums s
    where t.city_id = :city_id and t.campaign_id = s.campaign_id and t.zone_id = s.zone_id
      and t.material_id = s.material_id and t.channel = s.channel
), cells as (
    update cell_tally t set copies = t.copies + s.copies, in_person = t.in_person + s.in_person
    from cell_sums s
    where t.city_id = :city_id and t.campaign_id = s.campaign_id and t.cell = s.cell
)
select count(*) from inserted;

-- name: record_visits
-- Writes judged visits and corrections of visits: the rows, the doors per zone and day, the end of earlier refusals of
-- the same ids. Answers how many rows were new; fewer than sent means a race, and the caller rolls back.
with incoming as materialized (
    select * from unnest(:ids::uuid[], :campaign_ids::uuid[], :zone_ids::uuid[], :cells::bigint[], :outlet_ids::uuid[],
                         :rider_ids::uuid[], :results::text[], :visits::int[], :corrected_ids::uuid[], :reasons::text[],
                         :days::date[], :instants::timestamptz[])
        as t (visit_id, campaign_id, zone_id, cell, outlet_id, rider_id, result, visits, corrects_id, reason, day,
              visited_at)
), inserted as (
    insert into visit (city_id, visit_id, campaign_id, zone_id, cell, outlet_id, rider_id, result, visits, corrects_id,
                       reason, day, visited_at, received_at)
    select :city_id, visit_id, campaign_id, zone_id, cell, outlet_id, rider_id, result, visits, corrects_id, reason,
           day, visited_at, :now
    from incoming order by visit_id
    on conflict do nothing
    returning 1
), tallied as (
    insert into zone_visit_tally as t (city_id, campaign_id, zone_id, day, outlet_id, result, visits)
    select :city_id, campaign_id, zone_id, day, outlet_id, result, sum(visits)
    from incoming group by campaign_id, zone_id, day, outlet_id, result
    order by campaign_id, zone_id, day, outlet_id, result
    on conflict on constraint zone_visit_tally_key do update set visits = t.visits + excluded.visits
), settled as (
    update handout_refused r set status = 'recorded_later', settled_at = :now
    from incoming i where r.city_id = :city_id and r.handout_id = i.visit_id and r.status = 'waiting'
)
select count(*) from inserted;
