-- Review flags. $1 is the city everywhere. This slice writes review_flag and review_flag_opinion.

-- name: lock_campaign
-- Campaign $2 of city $1, held until the transaction ends, so that a week is never looked at twice at once. No row: none here.
select campaign_id from campaign where city_id = $1 and campaign_id = $2 for no key update;

-- name: read_timezone
-- The time zone of city $1 where campaign $2 is. No row: no such campaign here.
select ci.timezone from campaign c join city ci on ci.city_id = $1 where c.city_id = $1 and c.campaign_id = $2;

-- name: read_week
-- What riders confirmed in campaign $2 of city $1 on the local days $3 to $4, less what was taken back; a confirmation taken
-- back whole gives no row. Ids of the UTC days $5 to $6 only: that leaves the partitions of one week to be read, instead of
-- looking every rider up in every day's partition. No row: nobody confirmed anything, or the records have expired.
with week as materialized (
    select h.handout_id, h.corrects_id, h.holder_id, h.outlet_id, h.zone_id, h.cell, h.copies, h.day, h.handed_out_at, h.received_at
    from handout h
    where h.city_id = $1 and h.campaign_id = $2 and h.holder_kind = 'rider' and h.day between $3 and $4
      and h.id_day between $5 and $6
), undone as materialized (
    select corrects_id, sum(copies) as copies from week where corrects_id is not null group by corrects_id
)
select w.holder_id as rider_id, w.outlet_id, w.zone_id, w.cell, w.day, (w.copies + coalesce(u.copies, 0))::int as copies,
       floor(extract(epoch from w.handed_out_at))::bigint as second,
       floor(extract(epoch from w.handed_out_at - w.received_at))::bigint as ahead
from week w left join undone u on u.corrects_id = w.handout_id
where w.corrects_id is null and w.copies + coalesce(u.copies, 0) > 0;

-- name: read_refusals
-- What phones of riders confirmed in campaign $2 of city $1 and the server refused from $3 until before $4: for want of stock and
-- still waiting, or because it lay in the future. `copies` and `handed_out_at` as sent. No row: nothing was.
select r.caller_id as rider_id, r.problem, r.record->>'copies' as copies, r.record->>'handed_out_at' as handed_out_at, r.refused_at
from handout_refused r
where r.city_id = $1 and r.campaign_id = $2 and r.refused_at >= $3 and r.refused_at < $4
  and r.entry = 'sync' and r.caller_role = 'rider'
  and (r.problem in ('not-enough-stock', 'not-held') and r.status = 'waiting'
       or r.problem = 'clock-ahead' and r.status <> 'dismissed');

-- name: read_usual_zones
-- (outlet, zone) where an outlet declared capacity in campaign $2 of city $1, claimed or collected copies, or stands itself.
-- An outlet without a row has no usual zones.
select c.outlet_id, c.zone_id from capacity c where c.city_id = $1 and c.campaign_id = $2 and c.copies > 0
union
select cl.outlet_id, b.zone_id
from claim cl join batch b on b.city_id = $1 and b.batch_id = cl.batch_id and b.campaign_id = $2
where cl.city_id = $1 and cl.outlet_id is not null
union
select w.outlet_id, b.zone_id
from waybill w
join claim cl on cl.city_id = $1 and cl.claim_id = w.claim_id
join batch b on b.city_id = $1 and b.batch_id = cl.batch_id
where w.city_id = $1 and w.campaign_id = $2
union
select o.outlet_id, o.zone_id from outlet o where o.city_id = $1 and o.zone_id is not null;

-- name: read_week_flags
-- The flags of campaign $2 of city $1 for the week from $3. No row: none were raised.
select f.rider_id, f.status,
       num_nonnulls(f.rider_answer, f.outlet_answer) > 0
       or exists (select from review_flag_opinion p where p.city_id = $1 and p.flag_id = f.flag_id) as touched
from review_flag f
where f.city_id = $1 and f.campaign_id = $2 and f.week_starts_on = $3;

-- name: write_flags
-- Raises flags $5 of riders $6 with scores $7, reasons $8 and copies by zone $9 for campaign $2 of city $1 and the week from $3 at
-- $4, or brings open ones up to date. Rows: whose flags are new or changed. A rider that is gone is left out.
insert into review_flag as f (city_id, campaign_id, week_starts_on, raised_at, changed_at, flag_id, rider_id, outlet_id, score, reasons,
                              zone_copies, status)
select $1, $2, $3, $4, $4, t.flag_id, t.rider_id, r.outlet_id, t.score, t.reasons::jsonb, t.zone_copies::jsonb, 'open'
from unnest($5::uuid[], $6::uuid[], $7::float8[], $8::text[], $9::text[]) as t (flag_id, rider_id, score, reasons, zone_copies)
join rider r on r.city_id = $1 and r.rider_id = t.rider_id
order by t.rider_id
on conflict (city_id, campaign_id, rider_id, week_starts_on) do update
set score = excluded.score, reasons = excluded.reasons, zone_copies = excluded.zone_copies, status = 'open', changed_at = $4
where f.status = 'withdrawn'
   or f.status = 'open' and (f.score, f.reasons, f.zone_copies) is distinct from (excluded.score, excluded.reasons, excluded.zone_copies)
returning f.rider_id;

-- name: withdraw_flags
-- Later records of riders $4 answered the open questions of campaign $2 of city $1 about the week from $3, at $5. Rows: those.
update review_flag set status = 'withdrawn', changed_at = $5
where city_id = $1 and campaign_id = $2 and week_starts_on = $3 and rider_id = any($4::uuid[]) and status = 'open'
returning flag_id;

-- name: read_flags
-- Flags of campaign $2 of city $1 that are not withdrawn, or flag $3 alone, for partner $4, outlet $5, district $6 (by the outlet's
-- zone), week $7 and status $8 (null: not yet decided, unless one flag is asked for) where given, at most $9; with $10 the highest
-- score first, else by zone, outlet, week and rider. No row: none in scope.
select f.flag_id, f.campaign_id, f.week_starts_on, r.code as rider_code, o.code as outlet_code, z.code as zone_code, f.status,
       f.score, f.reasons, f.rider_answer, f.rider_answered_at, f.outlet_answer, f.outlet_answered_at, f.decision, f.decided_at,
       f.raised_at,
       coalesce((select jsonb_agg(jsonb_build_object('decision', p.decision, 'reason', p.reason, 'by', p.display_name,
                     'given_at', p.given_at) order by p.given_at, p.opinion_id)
                 from (select distinct on (p.account_id) p.opinion_id, p.decision, p.reason, p.given_at, a.display_name
                       from review_flag_opinion p
                       join account a on a.city_id = $1 and a.account_id = p.account_id
                       where p.city_id = $1 and p.flag_id = f.flag_id
                       order by p.account_id, p.given_at desc, p.opinion_id desc) p), '[]') as opinions
from review_flag f
join rider r on r.city_id = $1 and r.rider_id = f.rider_id
join outlet o on o.city_id = $1 and o.outlet_id = f.outlet_id
left join zone z on z.city_id = $1 and z.zone_id = o.zone_id
where f.city_id = $1 and f.campaign_id = $2 and ($3::uuid is null or f.flag_id = $3)
  and ($4::uuid is null or o.partner_id = $4) and ($5::uuid is null or f.outlet_id = $5)
  and ($6::text is null or starts_with(z.division_code, $6)) and ($7::date is null or f.week_starts_on = $7)
  and (f.status = $8 or $8::text is null and (f.status in ('open', 'answered') or f.flag_id = $3))
order by case when $10 then f.score end desc nulls last, z.code nulls last, o.code, f.week_starts_on, r.code
limit $9;

-- name: read_own_flags
-- What rider $2 of city $1 is asked and is not yet decided, the newest week first. No row: nothing.
select f.flag_id, f.campaign_id, c.name as campaign_name, f.week_starts_on, f.reasons, f.rider_answer, f.rider_answered_at
from review_flag f
join campaign c on c.city_id = $1 and c.campaign_id = f.campaign_id
where f.city_id = $1 and f.rider_id = $2 and f.status in ('open', 'answered')
order by f.week_starts_on desc, c.code;

-- name: lock_flag
-- Flag $2 of city $1, held until the transaction ends, for rider $3, outlet $4, district $5 where given. No row: none in scope.
select f.campaign_id, f.status, f.rider_answer, f.rider_answered_at, f.outlet_answer, f.outlet_answered_at
from review_flag f
join outlet o on o.city_id = $1 and o.outlet_id = f.outlet_id
left join zone z on z.city_id = $1 and z.zone_id = o.zone_id
where f.city_id = $1 and f.flag_id = $2 and ($3::uuid is null or f.rider_id = $3) and ($4::uuid is null or f.outlet_id = $4)
  and ($5::text is null or starts_with(z.division_code, $5))
for update of f;

-- name: answer_as_rider
-- The rider's own words $3 about flag $2 of city $1, at $4.
update review_flag set rider_answer = $3, rider_answered_at = $4, status = 'answered' where city_id = $1 and flag_id = $2;

-- name: answer_as_outlet
-- The words $3 of the outlet's manager $5 about flag $2 of city $1, at $4.
update review_flag set outlet_answer = $3, outlet_answered_at = $4, outlet_answered_by = $5, status = 'answered'
where city_id = $1 and flag_id = $2;

-- name: read_opinions
-- Every opinion on flag $2 of city $1, the oldest first. No row: none yet.
select opinion_id, account_id, decision, reason from review_flag_opinion
where city_id = $1 and flag_id = $2
order by given_at, opinion_id;

-- name: insert_opinion
-- Keep opinion $2 of planner $4 on flag $3 of city $1: decision $5 with reason $6 at $7. No row: the id is taken.
insert into review_flag_opinion (city_id, opinion_id, flag_id, account_id, decision, reason, given_at)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict do nothing
returning opinion_id;

-- name: decide_flag
-- Two planners agree on decision $3 of flag $2 of city $1, at $4.
update review_flag set status = 'decided', decision = $3, decided_at = $4 where city_id = $1 and flag_id = $2;
