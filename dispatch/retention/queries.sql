-- name: read_cities
-- Every city there is, by number.
select city_id from city order by city_id;

-- name: read_expired_campaigns
-- Campaigns of city $1 whose single records are no longer kept at the instant $2. No row: none.
select campaign_id from campaign
where city_id = $1 and status = 'closed' and closed_at + retention_days * interval '1 day' < $2
order by campaign_id;

-- name: read_days
-- The days of ids on which there are handouts of the campaigns $2 of city $1. No row: all are gone.
select distinct id_day from handout where city_id = $1 and campaign_id = any($2::uuid[]) order by id_day;

-- name: is_day_expired
-- Whether every handout of day $1, of whatever city, belongs to a campaign whose time was over at $2.
select not exists (
    select from handout h
    left join campaign c on c.city_id = h.city_id and c.campaign_id = h.campaign_id and c.status = 'closed'
         and c.closed_at + c.retention_days * interval '1 day' < $2
    where h.id_day = $1 and c.campaign_id is null);

-- name: count_day
-- How many handouts of the campaigns $3 of city $1 there are on day $2.
select count(*)::int from handout where city_id = $1 and id_day = $2 and campaign_id = any($3::uuid[]);

-- name: delete_handouts
-- Deletes at most $4 handouts of the campaigns $3 of city $1 on day $2; answers how many.
with chosen as materialized (
    select handout_id from handout where city_id = $1 and id_day = $2 and campaign_id = any($3::uuid[]) limit $4
), gone as (
    delete from handout h using chosen s where h.city_id = $1 and h.id_day = $2 and h.handout_id = s.handout_id returning 1
)
select count(*)::int from gone;

-- name: delete_visits
-- Deletes at most $3 visits of the campaigns $2 of city $1; answers how many.
with chosen as materialized (
    select visit_id from visit where city_id = $1 and campaign_id = any($2::uuid[]) limit $3
), gone as (
    delete from visit v using chosen s where v.city_id = $1 and v.visit_id = s.visit_id returning 1
)
select count(*)::int from gone;

-- name: delete_refused
-- Deletes at most $4 refused records of the campaigns $2 of city $1, and those of no campaign from before $3; answers how many.
with chosen as materialized (
    select handout_id, content_digest from handout_refused
    where city_id = $1 and (campaign_id = any($2::uuid[]) or (campaign_id is null and refused_at < $3)) limit $4
), gone as (
    delete from handout_refused r using chosen s
    where r.city_id = $1 and r.handout_id = s.handout_id and r.content_digest = s.content_digest
    returning 1
)
select count(*)::int from gone;

-- name: delete_sessions
-- Forgets the sign-ins of city $1 that ended before $2; answers how many.
with gone as (
    delete from session where city_id = $1 and expires_at < $2 returning 1
)
select count(*)::int from gone;

-- name: delete_attempts
-- Forgets who failed to sign in to city $1 before $2; answers how many.
with gone as (
    delete from sign_in_attempt where city_id = $1 and failed_at < $2 returning 1
)
select count(*)::int from gone;

-- name: delete_buckets
-- Forgets the calls counted in city $1 before $2, whose buckets are long full again; answers how many.
with gone as (
    delete from rate_bucket where city_id = $1 and filled_at < $2 returning 1
)
select count(*)::int from gone;

-- name: read_partitions
-- The days of handouts that have a partition of their own.
select substring(c.relname from 'handout_(\d{8})$') as day
from pg_inherits i join pg_class c on c.oid = i.inhrelid
where i.inhparent = 'handout'::regclass and c.relname ~ '^handout_\d{8}$';
