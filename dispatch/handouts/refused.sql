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
