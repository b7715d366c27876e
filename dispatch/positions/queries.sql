-- Precise positions: permits, agreements, and reading; $1 is the city throughout.

-- name: lock_campaign
-- The status of campaign $2, held until the transaction ends, so that two cannot turn positions on at once. No row: there is none.
select status from campaign where city_id = $1 and campaign_id = $2 for no key update;

-- name: read_campaign_id
-- Campaign $2, if there is one.
select campaign_id from campaign where city_id = $1 and campaign_id = $2;

-- name: read_permit
-- The permit $2, with its campaign. No row: there is none.
select campaign_id, permit_id, reason, keep_days, given_at, ended_at from position_permit where city_id = $1 and permit_id = $2;

-- name: read_open_permit
-- The permit by which positions are on in campaign $2. No row: they are off.
select permit_id from position_permit where city_id = $1 and campaign_id = $2 and ended_at is null;

-- name: read_permits
-- The permits of campaign $2, the one that stands first, then the newest, at most 50. No row: positions were never on.
select permit_id, reason, keep_days, given_at, ended_at from position_permit
where city_id = $1 and campaign_id = $2
order by ended_at is null desc, given_at desc, permit_id desc limit 50;

-- name: count_positions
-- Positions of campaign $2 that are kept at $3.
select count(*)::int from handout_position where city_id = $1 and campaign_id = $2 and erase_at > $3;

-- name: insert_permit
-- Turns positions on in campaign $3 with permit $2: reason $4, days $5, at $6 by $7.
insert into position_permit (city_id, permit_id, campaign_id, reason, keep_days, given_at, given_by)
values ($1, $2, $3, $4, $5, $6, $7);

-- name: end_permit
-- Turns positions off in campaign $2 at $3 by $4, once those who are recording some have done so. No row: they were off.
update position_permit set ended_at = $3, ended_by = $4
where city_id = $1 and campaign_id = $2 and ended_at is null
returning permit_id;

-- name: erase_campaign_positions
-- Erases every position of campaign $2. A statement of its own, after the permit has ended: it has to see what was recorded until then.
with gone as (
    delete from handout_position where city_id = $1 and campaign_id = $2 returning 1
)
select count(*)::int from gone;

-- name: read_zone
-- The zone with code $2, and the city's datum. No row: there is none.
select z.zone_id, z.code, c.datum
from zone z
join city c on c.city_id = $1
where z.city_id = $1 and z.code = $2;

-- name: read_zone_positions
-- Positions of campaign $2 in zone $3 that are kept at $4, without whose they are and when on the day; newest day first, then by
-- place, so that their order tells nothing either; at most 5,000. No row: fewer than $5, or all of one rider, whose way they would draw.
with found as materialized (
    select p.rider_id, p.day, round(p.longitude::numeric, 5)::float8 as longitude, round(p.latitude::numeric, 5)::float8 as latitude,
           ceil(p.accuracy_metres)::int as accuracy_metres
    from handout_position p
    where p.city_id = $1 and p.campaign_id = $2 and p.zone_id = $3 and p.erase_at > $4
    order by p.day desc, p.longitude, p.latitude limit 5000
)
select day, longitude, latitude, accuracy_metres from found
where (select count(*) from found) >= $5::int and (select count(distinct rider_id) from found) >= 2
order by day desc, longitude, latitude;

-- name: read_notice
-- The words of version $2 as they were first shown in this city. No row: nobody has answered to them yet.
select text_zh, text_en from position_notice where city_id = $1 and version = $2;

-- name: keep_notice
-- Keeps the words of version $2 (texts $3 and $4) as they are shown since $5.
insert into position_notice (city_id, version, text_zh, text_en, shown_since) values ($1, $2, $3, $4, $5)
on conflict do nothing;

-- name: read_asked
-- Open campaigns of which rider $2 holds, or held, something and in which positions are on, with how he stands towards the words of
-- version $3 and how many of his positions are kept at $4. No row: nothing is asked.
select p.permit_id, c.campaign_id, c.name as campaign_name, p.reason, p.keep_days,
       case when a.rider_id is not null then 'agreed'
            when exists (select from position_answer x where x.city_id = $1 and x.rider_id = $2 and x.permit_id = p.permit_id
                         and x.version = $3) then 'declined'
            else 'unanswered' end as state,
       (select count(*)::int from handout_position h where h.city_id = $1 and h.rider_id = $2 and h.campaign_id = c.campaign_id
        and h.erase_at > $4) as kept
from position_permit p
join campaign c on c.city_id = $1 and c.campaign_id = p.campaign_id and c.status = 'open'
left join position_agreement a on a.city_id = $1 and a.permit_id = p.permit_id and a.rider_id = $2 and a.version = $3
where p.city_id = $1 and p.ended_at is null
  and exists (select from stock_balance b where b.city_id = $1 and b.holder_id = $2 and b.campaign_id = p.campaign_id)
order by c.code;

-- name: lock_permit_for_rider
-- Whether permit $2 stands, of a campaign of which rider $3 holds, or held, something; it stays so until the transaction ends. No row: it
-- is not for him.
select p.campaign_id, p.ended_at is null as open from position_permit p
where p.city_id = $1 and p.permit_id = $2
  and exists (select from stock_balance b where b.city_id = $1 and b.holder_id = $3 and b.campaign_id = p.campaign_id)
for share of p;

-- name: insert_answer
-- Keeps answer $2 of rider $3 to permit $4: version $5, given $6, at $7. No row: the id is taken.
insert into position_answer (city_id, answer_id, rider_id, permit_id, version, given, answered_at) values ($1, $2, $3, $4, $5, $6, $7)
on conflict do nothing
returning answer_id;

-- name: read_answer
-- Answer $2. No row: there is none.
select rider_id, permit_id, version, given from position_answer where city_id = $1 and answer_id = $2;

-- name: begin_agreement
-- Rider $3 agrees to permit $2 in version $4 of the words since $5.
insert into position_agreement as a (city_id, permit_id, rider_id, version, since) values ($1, $2, $3, $4, $5)
on conflict on constraint position_agreement_key do update set version = excluded.version, since = excluded.since
where a.version <> excluded.version;

-- name: end_agreement
-- Rider $3 no longer agrees to permit $2, once those who are recording a position of his have done so.
delete from position_agreement where city_id = $1 and permit_id = $2 and rider_id = $3;

-- name: erase_rider_positions
-- Erases every position of rider $2 in campaign $3. A statement of its own, after his agreement has ended.
delete from handout_position where city_id = $1 and rider_id = $2 and campaign_id = $3;
