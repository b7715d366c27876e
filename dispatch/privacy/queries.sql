-- name: read_city_id
-- The city with this code ($1), or the only city there is when no code is given. No row: unknown, or more than one.
select city_id from city where code = $1 or ($1::text is null and (select count(*) from city) = 1);

-- name: read_newest_notice
-- The notice of city $1 in force: the newest published one, or the standard of version $2 as it was kept with its first answer.
-- No row: neither exists, the standard is shown. Kept standards of earlier versions stay for what was agreed to by them.
select version, text_zh, text_en, published_at from privacy_notice
where city_id = $1 and (published_by is not null or version >= $2) order by version desc limit 1;

-- name: is_notice_kept
-- Whether city $1 keeps version $2 of the notice.
select exists (select from privacy_notice where city_id = $1 and version = $2);

-- name: read_notices
-- Every notice of city $1, newest first, with how many riders agree by it now, to taking part and to location, and how many
-- have withdrawn. No row: none was published.
with answers as materialized (
    select distinct on (c.rider_id, c.purpose) c.rider_id, c.purpose, c.version, c.given
    from privacy_consent c where c.city_id = $1
    order by c.rider_id, c.purpose, c.answered_at desc, c.consent_id desc
)
select n.version, n.text_zh, n.text_en, n.published_at,
       (select count(*) from answers a where a.version = n.version and a.given and a.purpose = 'taking_part') as riders_agreed,
       (select count(*) from answers a where a.version = n.version and a.given and a.purpose = 'location') as riders_agreed_to_location,
       (select count(*) from answers a where a.version = n.version and not a.given and a.purpose = 'taking_part') as riders_withdrawn
from privacy_notice n where n.city_id = $1
order by n.version desc;

-- name: insert_notice
-- Keep version $2 of city $1's notice: texts $3 and $4, published at $5 by $6 (null: the standard). No row: the version is taken.
insert into privacy_notice (city_id, version, text_zh, text_en, published_at, published_by) values ($1, $2, $3, $4, $5, $6)
on conflict do nothing
returning version;

-- name: insert_consent
-- Keep answer $2 of rider $3 of city $1: purpose $4, version $5, given $6, at $7. No row: the id is taken.
insert into privacy_consent (city_id, consent_id, rider_id, purpose, version, given, answered_at) values ($1, $2, $3, $4, $5, $6, $7)
on conflict do nothing
returning consent_id;

-- name: read_consent
-- Answer $2 of city $1. No row: there is none.
select rider_id, purpose, version, given from privacy_consent where city_id = $1 and consent_id = $2;

-- name: note_withdrawal
-- Rider $2 of city $1 has withdrawn purpose $3 since $4; an earlier withdrawal stays.
insert into privacy_withdrawal (city_id, rider_id, purpose, since) values ($1, $2, $3, $4)
on conflict do nothing;

-- name: end_withdrawal
-- Rider $2 of city $1 agrees to purpose $3 again.
delete from privacy_withdrawal where city_id = $1 and rider_id = $2 and purpose = $3;

-- name: read_consents
-- The answers of rider $2 of city $1, newest first. No row: never asked.
select purpose, version, given, answered_at from privacy_consent where city_id = $1 and rider_id = $2
order by answered_at desc, consent_id desc;

-- name: read_rider
-- Rider $2 of city $1 and where he belongs. No row: there is none.
select r.rider_id, r.code, r.name, o.code as outlet_code, o.name as outlet_name, p.name as partner_name, r.active,
       r.pin_digest is not null as has_pin, r.created_at
from rider r
join outlet o on o.city_id = $1 and o.outlet_id = r.outlet_id
join partner p on p.city_id = $1 and p.partner_id = o.partner_id
where r.city_id = $1 and r.rider_id = $2;

-- name: find_rider
-- The rider with code $3 of the outlet with code $2 in city $1. No row: there is none.
select r.rider_id from rider r
join outlet o on o.city_id = $1 and o.outlet_id = r.outlet_id
where r.city_id = $1 and o.code = $2 and r.code = $3;

-- name: read_sessions
-- Sign-ins of rider $2 of city $1 that are kept.
select created_at, expires_at, last_used_at, device, address from session where city_id = $1 and rider_id = $2 order by created_at;

-- name: read_rider_handouts
-- Every confirmation and correction of rider $2 of city $1, oldest first, as far as single records are still kept.
select h.handout_id, c.code as campaign_code, m.code as material_code, z.code as zone_code, to_hex(h.cell) as cell, h.channel,
       h.copies, h.day, h.handed_out_at, h.corrects_id, h.reason, h.first_copy_answer
from handout h
join campaign c on c.city_id = $1 and c.campaign_id = h.campaign_id
join material m on m.city_id = $1 and m.material_id = h.material_id
left join zone z on z.city_id = $1 and z.zone_id = h.zone_id
where h.city_id = $1 and h.holder_id = $2 and h.holder_kind = 'rider'
order by h.handout_id;

-- name: read_rider_visits
-- Every visit without a handout of rider $2 of city $1, oldest first.
select v.visit_id, c.code as campaign_code, z.code as zone_code, to_hex(v.cell) as cell, v.result, v.visits, v.visited_at
from visit v
join campaign c on c.city_id = $1 and c.campaign_id = v.campaign_id
left join zone z on z.city_id = $1 and z.zone_id = v.zone_id
where v.city_id = $1 and v.rider_id = $2
order by v.visit_id;

-- name: read_rider_refused
-- Records of rider $2 of city $1 that could not be taken, oldest first.
select handout_id, problem, detail, refused_at, status, record::text as record from handout_refused
where city_id = $1 and caller_id = $2
order by refused_at, handout_id;

-- name: read_rider_questions
-- Questions about weeks of rider $2 of city $1, oldest first.
select f.week_starts_on, c.code as campaign_code, f.status, f.reasons::text as reasons, f.rider_answer, f.decision, f.raised_at
from review_flag f
join campaign c on c.city_id = $1 and c.campaign_id = f.campaign_id
where f.city_id = $1 and f.rider_id = $2
order by f.week_starts_on;

-- name: read_rider_moves
-- Copies handed over to or by rider $2 of city $1, oldest first.
select move_id, kind, copies, to_id = $2 as received, reason, moved_at from stock_move
where city_id = $1 and (from_id = $2 or to_id = $2)
order by moved_at, move_id;

-- name: read_rider_trail
-- What rider $2 of city $1 did himself, by the audit trail, oldest first.
select at, operation, result, address from audit_entry
where city_id = $1 and (caller_id = $2 or subject ->> 'rider_id' = $3::text and caller_id is null)
order by entry_id;

-- name: erase_rider
-- Takes name, code and PIN of rider $2 of city $1 out and lets nobody in as him, at $3; the new code is $4. The row stays, for
-- the ledger counts copies by it.
update rider set name = '—', code = $4, pin_digest = null, active = false, signed_out_at = $3 where city_id = $1 and rider_id = $2;

-- name: erase_sessions
-- Ends and forgets every sign-in of rider $2 of city $1.
delete from session where city_id = $1 and rider_id = $2;

-- name: erase_answers
-- Takes the words of rider $2 of city $1 out of the questions put to him; that he answered stays.
update review_flag set rider_answer = '—' where city_id = $1 and rider_id = $2 and rider_answer is not null;

-- name: erase_refused
-- Takes the content out of records of rider $2 of city $1 that could not be taken; those that waited are settled at $3.
update handout_refused
set record = '{}', detail = '', status = case status when 'waiting' then 'dismissed' else status end,
    settled_at = coalesce(settled_at, $3)
where city_id = $1 and caller_id = $2;
