-- What was estimated of a campaign's reach and is stored: its zones, the areas callers have, and what it rests on.

-- name: read_stored_zones
-- Stored estimates of the zones in scope. No row: none are stored.
select e.zone_id, e.division_code, e.households, e.copies, e.first_yes, e.first_asked, e.have, e.sampled,
       e.median, e.low, e.high, e.meets_target, e.level, e.sources_disagree, e.first_copy_share, e.spot_check_share,
       e.estimated_at
from reach_estimate e
join zone z on z.city_id = :city_id and z.zone_id = e.zone_id
    and (:scope_division::text is null or starts_with(z.division_code, :scope_division))
where e.city_id = :city_id and e.campaign_id = :campaign_id;

-- name: read_stored_area
-- The stored estimate of all zones in scope together. No row: none is stored, or no zone there has households.
select division_prefix, median, low, high, level, sources_disagree, first_copy_share, spot_check_share, estimated_at
from area_reach_estimate
where city_id = :city_id and campaign_id = :campaign_id and division_prefix = coalesce(:scope_division::text, '');

-- name: write_estimate_state
-- What the campaign's stored estimates rest on from now on. Locks the row until the end of the transaction. No row:
-- estimates of newer evidence are stored.
insert into reach_estimate_state as e
    (city_id, campaign_id, revision, zones, zones_changed_at, target_reach, a_median, a_log_sd, estimated_at)
values (:city_id, :campaign_id, :revision, :zones, :zones_changed_at, :target_reach, :a_median, :a_log_sd,
        :estimated_at)
on conflict on constraint reach_estimate_state_key do update
set revision = excluded.revision, zones = excluded.zones, zones_changed_at = excluded.zones_changed_at,
    target_reach = excluded.target_reach, a_median = excluded.a_median, a_log_sd = excluded.a_log_sd,
    estimated_at = excluded.estimated_at
where e.revision <= excluded.revision
  and coalesce(e.zones_changed_at, '-infinity') <= coalesce(excluded.zones_changed_at, '-infinity')
returning e.campaign_id;

-- name: delete_estimates
-- Deletes the campaign's stored estimates, before others take their place in the same transaction.
with zones as (delete from reach_estimate where city_id = :city_id and campaign_id = :campaign_id)
delete from area_reach_estimate where city_id = :city_id and campaign_id = :campaign_id;

-- name: insert_zone_estimates
-- Stores the estimates of zones: one array per field, named as the field.
insert into reach_estimate
    (city_id, campaign_id, zone_id, division_code, households, copies, first_yes, first_asked, have, sampled, median,
     low, high, meets_target, level, sources_disagree, first_copy_share, spot_check_share, estimated_at)
select :city_id, :campaign_id, k.*
from unnest(:zone_id::uuid[], :division_code::text[], :households::int[], :copies::bigint[], :first_yes::bigint[],
            :first_asked::bigint[], :have::bigint[], :sampled::bigint[], :median::float8[], :low::float8[],
            :high::float8[], :meets_target::float8[], :level::text[], :sources_disagree::boolean[],
            :first_copy_share::float8[], :spot_check_share::float8[], :estimated_at::timestamptz[]) k;

-- name: insert_area_estimates
-- Stores the estimates of areas: one array per field, named as the field.
insert into area_reach_estimate
    (city_id, campaign_id, division_prefix, median, low, high, level, sources_disagree, first_copy_share,
     spot_check_share, estimated_at)
select :city_id, :campaign_id, k.*
from unnest(:division_prefix::text[], :median::float8[], :low::float8[], :high::float8[], :level::text[],
            :sources_disagree::boolean[], :first_copy_share::float8[], :spot_check_share::float8[],
            :estimated_at::timestamptz[]) k;
