-- name: read_cities
-- Every city there is, by number.
select city_id from city order by city_id;

-- name: read_expired_campaigns
-- Campaigns whose single records are no longer kept. No row: none.
select campaign_id from campaign
where city_id = :city_id and status = 'closed' and closed_at + retention_days * interval '1 day' < :now
order by campaign_id;

-- name: read_days
-- The days of ids on which there are handouts of some campaigns. No row: all are deleted.
select distinct id_day from handout
where city_id = :city_id and campaign_id = any(:campaign_ids::uuid[]) order by id_day;

-- name: is_day_expired
-- Whether every handout of a day, of any city, belongs to a campaign whose time is over.
select not exists (
    select from handout h
    left join campaign c on c.city_id = h.city_id and c.campaign_id = h.campaign_id and c.status = 'closed'
         and c.closed_at + c.retention_days * interval '1 day' < :now
    where h.id_day = :day and c.campaign_id is null);

-- name: count_day
-- How many handouts of some campaigns there are on a day.
select count(*)::int from handout
where city_id = :city_id and id_day = :day and campaign_id = any(:campaign_ids::uuid[]);

-- name: delete_handouts
-- Deletes some handouts of some campaigns on a day; answers how many.
with chosen as materialized (
    select handout_id from handout
    where city_id = :city_id and id_day = :day and campaign_id = any(:campaign_ids::uuid[]) limit :most
), deleted as (
    delete from handout h using chosen s
    where h.city_id = :city_id and h.id_day = :day and h.handout_id = s.handout_id
    returning 1
)
select count(*)::int from deleted;

-- name: delete_visits
-- Deletes some visits of some campaigns; answers how many.
with chosen as materialized (
    select visit_id from visit where city_id = :city_id and campaign_id = any(:campaign_ids::uuid[]) limit :most
), deleted as (
    delete from visit v using chosen s where v.city_id = :city_id and v.visit_id = s.visit_id returning 1
)
select count(*)::int from deleted;

-- name: delete_refused
-- Deletes some refused records of some campaigns, and of those without a campaign the old ones; answers how many.
with chosen as materialized (
    select handout_id, content_digest from handout_refused
    where city_id = :city_id
      and (campaign_id = any(:campaign_ids::uuid[]) or (campaign_id is null and refused_at < :before))
    limit :most
), deleted as (
    delete from handout_refused r using chosen s
    where r.city_id = :city_id and r.handout_id = s.handout_id and r.content_digest = s.content_digest
    returning 1
)
select count(*)::int from deleted;

-- name: delete_references
-- Deletes some references of firms to records of some campaigns, and of those without a campaign the old ones; answers
-- how many.
with chosen as materialized (
    select partner_id, kind, source_id from partner_reference
    where city_id = :city_id
      and (campaign_id = any(:campaign_ids::uuid[]) or (campaign_id is null and made_at < :before))
    limit :most
), deleted as (
    delete from partner_reference r using chosen s
    where r.city_id = :city_id and r.partner_id = s.partner_id and r.kind = s.kind and r.source_id = s.source_id
    returning 1
)
select count(*)::int from deleted;

-- name: delete_sessions
-- Deletes the sign-ins that have ended; answers how many.
with deleted as (
    delete from session where city_id = :city_id and expires_at < :now returning 1
)
select count(*)::int from deleted;

-- name: delete_attempts
-- Deletes the failed sign-ins of before an instant; answers how many.
with deleted as (
    delete from sign_in_attempt where city_id = :city_id and failed_at < :before returning 1
)
select count(*)::int from deleted;

-- name: delete_buckets
-- Deletes the calls counted before an instant, whose buckets are long full again; answers how many.
with deleted as (
    delete from rate_bucket where city_id = :city_id and filled_at < :before returning 1
)
select count(*)::int from deleted;

-- name: read_partitions
-- The days of handouts that have a partition of their own.
select substring(c.relname from 'handout_(\d{8})$') as day
from pg_inherits i join pg_class c on c.oid = i.inhrelid
where i.inhparent = 'handout'::regclass and c.relname ~ '^handout_\d{8}$';
