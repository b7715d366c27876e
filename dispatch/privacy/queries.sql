-- name: read_city_id
-- The city with this code, or the only city there is when no code is given. No row: unknown, or more than one.
select city_id from city
where code = :city_code or (:city_code::text is null and (select count(*) from city) = 1);

-- name: read_newest_notice
-- The notice in force: the newest published one, or the standard as it was kept with its first answer. No row: neither
-- exists, the standard is shown. Kept standards of earlier versions stay for what was agreed to by them.
select version, text_zh, text_en, published_at from privacy_notice
where city_id = :city_id and (published_by is not null or version >= :standard_version) order by version desc limit 1;

-- name: is_notice_kept
-- Whether the city keeps a version of the notice.
select exists (select from privacy_notice where city_id = :city_id and version = :version);

-- name: read_notices
-- Every notice, newest first, with how many riders agree by it now, to taking part and to location, and how many have
-- withdrawn. No row: none was published or answered.
with answers as materialized (
    select distinct on (c.rider_id, c.purpose) c.rider_id, c.purpose, c.version, c.given
    from privacy_consent c where c.city_id = :city_id
    order by c.rider_id, c.purpose, c.answered_at desc, c.consent_id desc
), counts as (
    select version,
           count(*) filter (where given and purpose = 'taking_part') as riders_agreed,
           count(*) filter (where given and purpose = 'location') as riders_agreed_to_location,
           count(*) filter (where not given and purpose = 'taking_part') as riders_withdrawn
    from answers group by version
)
select n.version, n.text_zh, n.text_en, n.published_at, coalesce(a.riders_agreed, 0) as riders_agreed,
       coalesce(a.riders_agreed_to_location, 0) as riders_agreed_to_location,
       coalesce(a.riders_withdrawn, 0) as riders_withdrawn
from privacy_notice n
left join counts a on a.version = n.version
where n.city_id = :city_id
order by n.version desc;

-- name: insert_notice
-- Keeps a version of the notice; without a publisher it is the standard. No row: the version is taken.
insert into privacy_notice (city_id, version, text_zh, text_en, published_at, published_by)
values (:city_id, :version, :text_zh, :text_en, :now, :published_by)
on conflict do nothing
returning version;

-- name: insert_consent
-- Keeps a rider's answer. No row: the id is taken.
insert into privacy_consent (city_id, consent_id, rider_id, purpose, version, given, answered_at)
values (:city_id, :consent_id, :rider_id, :purpose, :version, :given, :now)
on conflict do nothing
returning consent_id;

-- name: read_consent
-- The answer with this id. No row: there is none.
select rider_id, purpose, version, given from privacy_consent where city_id = :city_id and consent_id = :consent_id;

-- name: note_withdrawal
-- Notes since when a rider has withdrawn a purpose; an earlier withdrawal stays.
insert into privacy_withdrawal (city_id, rider_id, purpose, since) values (:city_id, :rider_id, :purpose, :now)
on conflict do nothing;

-- name: end_withdrawal
-- A rider agrees to a purpose again.
delete from privacy_withdrawal where city_id = :city_id and rider_id = :rider_id and purpose = :purpose;

-- name: read_consents
-- The answers of a rider, newest first. No row: never asked.
select purpose, version, given, answered_at from privacy_consent where city_id = :city_id and rider_id = :rider_id
order by answered_at desc, consent_id desc;

-- name: read_rider
-- A rider, with outlet and firm. No row: there is none.
select r.rider_id, r.code, r.name, o.code as outlet_code, o.name as outlet_name, p.name as partner_name, r.active,
       r.pin_digest is not null as has_pin, r.created_at
from rider r
join outlet o on o.city_id = :city_id and o.outlet_id = r.outlet_id
join partner p on p.city_id = :city_id and p.partner_id = o.partner_id
where r.city_id = :city_id and r.rider_id = :rider_id;

-- name: find_rider
-- The rider with a code in the outlet with a code. No row: there is none.
select r.rider_id from rider r
join outlet o on o.city_id = :city_id and o.outlet_id = r.outlet_id
where r.city_id = :city_id and o.code = :outlet_code and r.code = :rider_code;

-- name: read_sessions
-- Sign-ins of a rider that are kept, oldest first.
select created_at, expires_at, last_used_at, device, address from session
where city_id = :city_id and rider_id = :rider_id order by created_at;

-- name: read_rider_handouts
-- Every confirmation and correction of a rider, oldest first, as far as single records are still kept.
select h.handout_id, c.code as campaign_code, m.code as material_code, z.code as zone_code, to_hex(h.cell) as cell,
       h.channel, h.copies, h.day, h.handed_out_at, h.corrects_id, h.reason, h.first_copy_answer
from handout h
join campaign c on c.city_id = :city_id and c.campaign_id = h.campaign_id
join material m on m.city_id = :city_id and m.material_id = h.material_id
left join zone z on z.city_id = :city_id and z.zone_id = h.zone_id
where h.city_id = :city_id and h.holder_id = :rider_id and h.holder_kind = 'rider'
order by h.handout_id;

-- name: read_rider_visits
-- Every visit without a handout of a rider, oldest first.
select v.visit_id, c.code as campaign_code, z.code as zone_code, to_hex(v.cell) as cell, v.result, v.visits,
       v.visited_at
from visit v
join campaign c on c.city_id = :city_id and c.campaign_id = v.campaign_id
left join zone z on z.city_id = :city_id and z.zone_id = v.zone_id
where v.city_id = :city_id and v.rider_id = :rider_id
order by v.visit_id;

-- name: read_rider_refused
-- Records of a rider that could not be taken, oldest first.
select handout_id, problem, detail, refused_at, status, record::text as record from handout_refused
where city_id = :city_id and caller_id = :rider_id
order by refused_at, handout_id;

-- name: read_rider_questions
-- Questions about weeks of a rider, oldest first.
select f.week_starts_on, c.code as campaign_code, f.status, f.reasons::text as reasons, f.rider_answer, f.decision,
       f.raised_at
from review_flag f
join campaign c on c.city_id = :city_id and c.campaign_id = f.campaign_id
where f.city_id = :city_id and f.rider_id = :rider_id
order by f.week_starts_on;

-- name: read_rider_moves
-- Copies handed over to or by a rider, oldest first.
select move_id, kind, copies, to_id = :rider_id as received, reason, moved_at from stock_move
where city_id = :city_id and (from_id = :rider_id or to_id = :rider_id)
order by moved_at, move_id;

-- name: read_rider_trail
-- What a rider did, by the audit trail, oldest first.
select at, operation, result, address from audit_entry
where city_id = :city_id
  and (caller_id = :rider_id or subject ->> 'rider_id' = :rider_id::uuid::text and caller_id is null)
order by entry_id;

-- name: erase_rider
-- Takes name, code and PIN of a rider out and ends the rider's access. The row stays: the ledger counts copies by it.
update rider set name = '—', code = :code, pin_digest = null, active = false, signed_out_at = :now
where city_id = :city_id and rider_id = :rider_id;

-- name: erase_sessions
-- Ends and deletes every sign-in of a rider.
delete from session where city_id = :city_id and rider_id = :rider_id;

-- name: erase_answers
-- Takes the rider's words out of the questions that were asked; that they were answered stays.
update review_flag set rider_answer = '—'
where city_id = :city_id and rider_id = :rider_id and rider_answer is not null;

-- name: erase_refused
-- Takes the content out of a rider's records that could not be taken; those that waited are settled.
update handout_refused
set record = '{}', detail = '', status = case status when 'waiting' then 'dismissed' else status end,
    settled_at = coalesce(settled_at, :now)
where city_id = :city_id and caller_id = :rider_id;
