-- Spot checks. A cluster's current result is the one no other replaces. With `scope_division` only checks of zones
-- whose division begins with it are there.

-- name: read_campaign_target
-- The target of a campaign, of the checks' rule. No row: no such campaign here.
select target_reach from campaign where city_id = :city_id and campaign_id = :campaign_id;

-- name: read_closed_clusters
-- What every closed check of the campaign found, by cluster, of all districts: how alike neighbours are is learnt from
-- all of them. No row: none is closed.
select array_agg(r.asked order by r.number) as asked, array_agg(r.have order by r.number) as have
from spot_check s
join spot_check_result r on r.city_id = :city_id and r.spot_check_id = s.spot_check_id and r.asked > 0
where s.city_id = :city_id and s.campaign_id = :campaign_id and s.status = 'closed'
  and not exists (select from spot_check_result x where x.city_id = :city_id and x.replaces_id = r.result_id)
group by s.city_id, s.spot_check_id
order by s.spot_check_id;

-- name: read_campaign_status
-- The status of a campaign. No row: no such campaign here.
select status from campaign where city_id = :city_id and campaign_id = :campaign_id;

-- name: read_zone_cells
-- The zone with this code and its cells with households, ascending, as columns of one row; empty arrays without cells.
-- No row: no such zone for this caller.
select z.zone_id, coalesce(array_agg(c.cell order by c.cell) filter (where c.households > 0), '{}') as cells,
       coalesce(array_agg(c.households order by c.cell) filter (where c.households > 0), '{}') as households
from zone z
left join zone_cell c on c.city_id = :city_id and c.zone_id = z.zone_id
where z.city_id = :city_id and z.code = :zone_code
  and (:scope_division::text is null or starts_with(z.division_code, :scope_division))
group by z.city_id, z.zone_id;

-- name: insert_check
-- Plans a check of a zone: so many households in so many clusters, drawn with the seed. No row: the id is in use.
insert into spot_check
    (city_id, spot_check_id, campaign_id, zone_id, sample, clusters, seed, planned_at, planned_by)
values (:city_id, :spot_check_id, :campaign_id, :zone_id, :sample, :clusters, :seed, :planned_at, :planned_by)
on conflict do nothing
returning spot_check_id;

-- name: insert_clusters
-- The clusters of a check: one array per field.
insert into spot_check_cluster
    (city_id, spot_check_id, number, cell, households, planned, start_direction, first_door, door_interval)
select :city_id, :spot_check_id, c.*
from unnest(:numbers::int[], :cells::bigint[], :households::int[], :planned::int[], :start_directions::text[],
            :first_doors::int[], :door_intervals::int[]) c;

-- name: read_stored_check
-- A check as it was planned. No row: no such check for this caller.
select s.spot_check_id, s.campaign_id, z.code as zone_code, s.sample, s.clusters, s.seed, s.status
from spot_check s
join zone z on z.city_id = :city_id and z.zone_id = s.zone_id
    and (:scope_division::text is null or starts_with(z.division_code, :scope_division))
where s.city_id = :city_id and s.spot_check_id = :spot_check_id;

-- name: lock_check
-- As read_stored_check, with the check locked: everything that changes what it says takes this lock first.
select s.spot_check_id, s.campaign_id, z.code as zone_code, s.sample, s.clusters, s.seed, s.status
from spot_check s
join zone z on z.city_id = :city_id and z.zone_id = s.zone_id
    and (:scope_division::text is null or starts_with(z.division_code, :scope_division))
where s.city_id = :city_id and s.spot_check_id = :spot_check_id
for update of s;

-- name: read_planned
-- Households planned for a cluster. No row: no such cluster.
select planned
from spot_check_cluster
where city_id = :city_id and spot_check_id = :spot_check_id and number = :number;

-- name: read_results
-- Results of a cluster, and the one with this id wherever it belongs (its number is 0 when it is another check's). No
-- row: none.
select r.result_id, case when r.spot_check_id = :spot_check_id then r.number else 0 end as number, r.asked, r.have,
       r.read_and_remembered, r.replaces_id,
       not exists (select from spot_check_result x
                   where x.city_id = :city_id and x.replaces_id = r.result_id) as current
from spot_check_result r
where r.city_id = :city_id
  and ((r.spot_check_id = :spot_check_id and r.number = :number) or r.result_id = :result_id);

-- name: insert_result
-- Records a cluster's result, in place of the one it replaces (null: it is the first). No row: somebody was faster.
insert into spot_check_result
    (city_id, result_id, spot_check_id, number, asked, have, read_and_remembered, replaces_id, recorded_at, recorded_by)
values (:city_id, :result_id, :spot_check_id, :number, :asked, :have, :read_and_remembered, :replaces_id, :recorded_at,
        :recorded_by)
on conflict do nothing
returning result_id;

-- name: close_check
-- Closes an open check; one that is closed stays as it is.
update spot_check set status = 'closed', closed_at = :closed_at, closed_by = :closed_by
where city_id = :city_id and spot_check_id = :spot_check_id and status = 'open';

-- name: read_checks
-- Checks in scope, of one campaign or one check alone where given, with their current results by cluster in which
-- somebody was asked, newest first: a page that begins after the check named. No row: none.
select s.spot_check_id, s.campaign_id, z.code as zone_code, z.name as zone_name, z.division_code, s.sample,
       s.clusters as clusters_planned, s.seed, s.status, s.planned_at, s.closed_at, ci.datum, ci.timezone,
       ca.target_reach, r.clusters_answered, r.asked, r.have, r.remembered
from spot_check s
join city ci on ci.city_id = :city_id
join campaign ca on ca.city_id = :city_id and ca.campaign_id = s.campaign_id
join zone z on z.city_id = :city_id and z.zone_id = s.zone_id
    and (:scope_division::text is null or starts_with(z.division_code, :scope_division))
cross join lateral (
    select count(*) as clusters_answered,
           coalesce(array_agg(r.asked order by r.number) filter (where r.asked > 0), '{}') as asked,
           coalesce(array_agg(r.have order by r.number) filter (where r.asked > 0), '{}') as have,
           coalesce(array_agg(r.read_and_remembered order by r.number) filter (where r.asked > 0), '{}') as remembered
    from spot_check_result r
    where r.city_id = :city_id and r.spot_check_id = s.spot_check_id
      and not exists (select from spot_check_result x where x.city_id = :city_id and x.replaces_id = r.result_id)
) r
where s.city_id = :city_id and (:campaign_id::uuid is null or s.campaign_id = :campaign_id)
  and (:spot_check_id::uuid is null or s.spot_check_id = :spot_check_id)
  and (:after_planned_at::timestamptz is null
       or (s.planned_at, s.spot_check_id) < (:after_planned_at, :after_id::uuid))
order by s.planned_at desc, s.spot_check_id desc
limit :page_size;

-- name: read_clusters
-- Clusters of a check by number, with their current results (null: none).
select c.number, c.cell, c.households, c.planned, c.start_direction, c.first_door, c.door_interval,
       r.result_id, r.asked, r.have, r.read_and_remembered, r.replaces_id, r.recorded_at
from spot_check_cluster c
left join spot_check_result r on r.city_id = :city_id and r.spot_check_id = :spot_check_id and r.number = c.number
    and not exists (select from spot_check_result x where x.city_id = :city_id and x.replaces_id = r.result_id)
where c.city_id = :city_id and c.spot_check_id = :spot_check_id
order by c.number;
