-- Review flags. This slice writes review_flag and review_flag_opinion.

-- name: lock_campaign
-- The campaign, held until the transaction ends, so that a week is never looked at twice at once. No row: none here.
select campaign_id from campaign where city_id = :city_id and campaign_id = :campaign_id for no key update;

-- name: read_timezone
-- The time zone of the campaign's city. No row: no such campaign.
select ci.timezone
from campaign c
join city ci on ci.city_id = :city_id
where c.city_id = :city_id and c.campaign_id = :campaign_id;

-- name: read_week
-- What riders confirmed on these local days, less what was taken back; a confirmation taken back whole gives no row.
-- Ids of these UTC days only: that leaves the partitions of one week to be read, instead of looking every rider up in
-- every day's partition. No row: nobody confirmed anything, or the records have expired.
with week as materialized (
    select h.handout_id, h.corrects_id, h.holder_id, h.outlet_id, h.zone_id, h.cell, h.copies, h.day, h.handed_out_at,
           h.received_at
    from handout h
    where h.city_id = :city_id and h.campaign_id = :campaign_id and h.holder_kind = 'rider'
      and h.day between :first_day and :last_day and h.id_day between :first_id_day and :last_id_day
), undone as materialized (
    select corrects_id, sum(copies) as copies from week where corrects_id is not null group by corrects_id
)
select w.holder_id as rider_id, w.outlet_id, w.zone_id, w.cell, w.day,
       (w.copies + coalesce(u.copies, 0))::int as copies,
       floor(extract(epoch from w.handed_out_at))::bigint as second,
       floor(extract(epoch from w.handed_out_at - w.received_at))::bigint as ahead
from week w
left join undone u on u.corrects_id = w.handout_id
where w.corrects_id is null and w.copies + coalesce(u.copies, 0) > 0;

-- name: read_refusals
-- What phones of riders confirmed and the server refused in this time: for want of stock and still waiting, or because
-- it was in the future. `copies` and `handed_out_at` as sent. No row: nothing was.
select r.caller_id as rider_id, r.problem, r.record->>'copies' as copies, r.record->>'handed_out_at' as handed_out_at,
       r.refused_at
from handout_refused r
where r.city_id = :city_id and r.campaign_id = :campaign_id
  and r.refused_at >= :refused_from and r.refused_at < :refused_before
  and r.entry = 'sync' and r.caller_role = 'rider'
  and (r.problem in ('not-enough-stock', 'not-held') and r.status = 'waiting'
       or r.problem = 'clock-ahead' and r.status <> 'dismissed');

-- name: read_usual_zones
-- (outlet, zone) where an outlet declared capacity in the campaign, claimed or collected copies, or is itself. An
-- outlet without a row has no usual zones.
select c.outlet_id, c.zone_id
from capacity c
where c.city_id = :city_id and c.campaign_id = :campaign_id and c.copies > 0
union
select cl.outlet_id, b.zone_id
from claim cl
join batch b on b.city_id = :city_id and b.batch_id = cl.batch_id and b.campaign_id = :campaign_id
where cl.city_id = :city_id and cl.outlet_id is not null
union
select w.outlet_id, b.zone_id
from waybill w
join claim cl on cl.city_id = :city_id and cl.claim_id = w.claim_id
join batch b on b.city_id = :city_id and b.batch_id = cl.batch_id
where w.city_id = :city_id and w.campaign_id = :campaign_id
union
select o.outlet_id, o.zone_id
from outlet o
where o.city_id = :city_id and o.zone_id is not null;

-- name: read_week_flags
-- The flags of the campaign for a week. No row: none were raised.
select f.rider_id, f.status,
       num_nonnulls(f.rider_answer, f.outlet_answer) > 0
       or exists (select from review_flag_opinion p where p.city_id = :city_id and p.flag_id = f.flag_id) as touched
from review_flag f
where f.city_id = :city_id and f.campaign_id = :campaign_id and f.week_starts_on = :week_starts_on;

-- name: write_flags
-- Raises the flags of these riders for a week, one array element each, or brings open ones up to date. Rows: the riders
-- whose flags are new or changed. A rider that is gone is left out.
insert into review_flag as f
    (city_id, campaign_id, week_starts_on, raised_at, changed_at, flag_id, rider_id, outlet_id, score, reasons,
     zone_copies, status)
select :city_id, :campaign_id, :week_starts_on, :raised_at, :raised_at, t.flag_id, t.rider_id, r.outlet_id, t.score,
       t.reasons::jsonb, t.zone_copies::jsonb, 'open'
from unnest(:flag_ids::uuid[], :rider_ids::uuid[], :scores::float8[], :reasons::text[], :zone_copies::text[])
    as t (flag_id, rider_id, score, reasons, zone_copies)
join rider r on r.city_id = :city_id and r.rider_id = t.rider_id
order by t.rider_id
on conflict (city_id, campaign_id, rider_id, week_starts_on) do update
set score = excluded.score, reasons = excluded.reasons, zone_copies = excluded.zone_copies, status = 'open',
    changed_at = :raised_at
where f.status = 'withdrawn'
   or f.status = 'open' and (f.score, f.reasons, f.zone_copies)
      is distinct from (excluded.score, excluded.reasons, excluded.zone_copies)
returning f.rider_id;

-- name: withdraw_flags
-- Withdraws the open questions to these riders about a week, which later records have answered. Rows: those.
update review_flag set status = 'withdrawn', changed_at = :changed_at
where city_id = :city_id and campaign_id = :campaign_id and week_starts_on = :week_starts_on
  and rider_id = any(:rider_ids::uuid[]) and status = 'open'
returning flag_id;

-- name: read_flags
-- Flags of the campaign in scope (a district: by the outlet's zone), or one flag alone; of a week and a status where
-- given (no status: not yet decided, unless one flag is asked for). By score the highest first, else by zone, outlet,
-- week and rider; after the flag with the key :after_…, where given. No row: none further in scope.
select f.flag_id, f.campaign_id, f.week_starts_on, r.code as rider_code, o.code as outlet_code, z.code as zone_code,
       f.status, f.score, f.reasons, f.rider_answer, f.rider_answered_at, f.outlet_answer, f.outlet_answered_at,
       f.decision, f.decided_at, f.raised_at,
       coalesce((select jsonb_agg(jsonb_build_object('decision', p.decision, 'reason', p.reason, 'by', p.display_name,
                     'given_at', p.given_at) order by p.given_at, p.opinion_id)
                 from (select distinct on (p.account_id) p.opinion_id, p.decision, p.reason, p.given_at, a.display_name
                       from review_flag_opinion p
                       join account a on a.city_id = :city_id and a.account_id = p.account_id
                       where p.city_id = :city_id and p.flag_id = f.flag_id
                       order by p.account_id, p.given_at desc, p.opinion_id desc) p), '[]') as opinions
from review_flag f
join rider r on r.city_id = :city_id and r.rider_id = f.rider_id
join outlet o on o.city_id = :city_id and o.outlet_id = f.outlet_id
left join zone z on z.city_id = :city_id and z.zone_id = o.zone_id
where f.city_id = :city_id and f.campaign_id = :campaign_id and (:flag_id::uuid is null or f.flag_id = :flag_id)
  and (:scope_partner::uuid is null or o.partner_id = :scope_partner)
  and (:scope_outlet::uuid is null or f.outlet_id = :scope_outlet)
  and (:scope_division::text is null or starts_with(z.division_code, :scope_division))
  and (:week_starts_on::date is null or f.week_starts_on = :week_starts_on)
  and (f.status = :status
       or :status::text is null and (f.status in ('open', 'answered') or f.flag_id = :flag_id))
  and (:after_rider::text is null
       or (case when :by_score then -f.score else 0 end, z.code is null, coalesce(z.code, ''), o.code, f.week_starts_on,
           r.code)
          > (:after_score::double precision, :after_without_zone::boolean, :after_zone::text, :after_outlet::text,
             :after_week::date, :after_rider::text))
order by case when :by_score then -f.score else 0 end, z.code is null, coalesce(z.code, ''), o.code, f.week_starts_on,
         r.code
limit :page_size;

-- name: read_own_flags
-- What the rider is asked and is not yet decided, the newest week first. No row: nothing.
select f.flag_id, f.campaign_id, c.name as campaign_name, f.week_starts_on, f.reasons, f.rider_answer,
       f.rider_answered_at
from review_flag f
join campaign c on c.city_id = :city_id and c.campaign_id = f.campaign_id
where f.city_id = :city_id and f.rider_id = :scope_rider and f.status in ('open', 'answered')
order by f.week_starts_on desc, c.code;

-- name: lock_flag
-- A flag, held until the transaction ends. Riders reach their own, whichever outlet they belong to by now; managers
-- those of their outlet; a district's planners those of its outlets. No row: none in scope.
select f.campaign_id, f.status, f.rider_answer, f.rider_answered_at, f.outlet_answer, f.outlet_answered_at
from review_flag f
join outlet o on o.city_id = :city_id and o.outlet_id = f.outlet_id
left join zone z on z.city_id = :city_id and z.zone_id = o.zone_id
where f.city_id = :city_id and f.flag_id = :flag_id and (:scope_rider::uuid is null or f.rider_id = :scope_rider)
  and (:scope_outlet::uuid is null or :scope_rider::uuid is not null or f.outlet_id = :scope_outlet)
  and (:scope_division::text is null or starts_with(z.division_code, :scope_division))
for update of f;

-- name: answer_as_rider
-- Stores the rider's own words about a flag.
update review_flag set rider_answer = :answer, rider_answered_at = :answered_at, status = 'answered'
where city_id = :city_id and flag_id = :flag_id;

-- name: answer_as_outlet
-- Stores the words of the outlet's manager about a flag.
update review_flag
set outlet_answer = :answer, outlet_answered_at = :answered_at, outlet_answered_by = :answered_by, status = 'answered'
where city_id = :city_id and flag_id = :flag_id;

-- name: read_opinions
-- Every opinion on a flag, the oldest first. No row: none yet.
select opinion_id, account_id, decision, reason
from review_flag_opinion
where city_id = :city_id and flag_id = :flag_id
order by given_at, opinion_id;

-- name: insert_opinion
-- Stores a planner's opinion on a flag. No row: the id is taken.
insert into review_flag_opinion (city_id, opinion_id, flag_id, account_id, decision, reason, given_at)
values (:city_id, :opinion_id, :flag_id, :account_id, :decision, :reason, :given_at)
on conflict do nothing
returning opinion_id;

-- name: decide_flag
-- Stores the decision two planners agree on.
update review_flag set status = 'decided', decision = :decision, decided_at = :decided_at
where city_id = :city_id and flag_id = :flag_id;
