-- Spot checks. A cluster's current result is the one no other replaces.

-- name: read_campaign_status
-- The status of campaign $2 of city $1. No row: no such campaign here.
select status from campaign where city_id = $1 and campaign_id = $2;

-- name: read_zone_cells
-- The zone with code $2 of city $1 within district $3 (null: any) and its cells with households, ascending, as columns of
-- one row; empty arrays without cells. No row: no such zone for this caller.
select z.zone_id, coalesce(array_agg(c.cell order by c.cell) filter (where c.households > 0), '{}') as cells,
       coalesce(array_agg(c.households order by c.cell) filter (where c.households > 0), '{}') as households
from zone z
left join zone_cell c on c.city_id = $1 and c.zone_id = z.zone_id
where z.city_id = $1 and z.code = $2 and ($3::text is null or starts_with(z.division_code, $3))
group by z.city_id, z.zone_id;

-- name: insert_check
-- Plans check $2 of campaign $3 in zone $4: $5 households in $6 clusters drawn with seed $7, at $8 by $9. No row: the id is
-- in use.
insert into spot_check (city_id, spot_check_id, campaign_id, zone_id, sample, clusters, seed, planned_at, planned_by)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
on conflict do nothing
returning spot_check_id;

-- name: insert_clusters
-- The clusters of check $2 of city $1, one array element each.
insert into spot_check_cluster
    (city_id, spot_check_id, number, cell, households, planned, start_direction, first_door, door_interval)
select $1, $2, c.* from unnest($3::int[], $4::bigint[], $5::int[], $6::int[], $7::text[], $8::int[], $9::int[]) c;

-- name: read_stored_check
-- Check $2 of city $1 within district $3 (null: any) as it was planned. No row: no such check for this caller.
select s.spot_check_id, s.campaign_id, z.code as zone_code, s.sample, s.clusters, s.seed, s.status
from spot_check s
join zone z on z.city_id = $1 and z.zone_id = s.zone_id and ($3::text is null or starts_with(z.division_code, $3))
where s.city_id = $1 and s.spot_check_id = $2;

-- name: lock_check
-- As read_stored_check, with the check locked: everything that changes what it says takes this lock first.
select s.spot_check_id, s.campaign_id, z.code as zone_code, s.sample, s.clusters, s.seed, s.status
from spot_check s
join zone z on z.city_id = $1 and z.zone_id = s.zone_id and ($3::text is null or starts_with(z.division_code, $3))
where s.city_id = $1 and s.spot_check_id = $2
for update of s;

-- name: read_planned
-- Households planned for cluster $3 of check $2 of city $1. No row: no such cluster.
select planned from spot_check_cluster where city_id = $1 and spot_check_id = $2 and number = $3;

-- name: read_results
-- Results of cluster $3 of check $2 of city $1, and that with id $4 wherever it belongs (its number is 0 when it is another
-- check's).
select r.result_id, case when r.spot_check_id = $2 then r.number else 0 end as number, r.asked, r.have,
       r.read_and_remembered, r.replaces_id,
       not exists (select from spot_check_result x where x.city_id = $1 and x.replaces_id = r.result_id) as current
from spot_check_result r
where r.city_id = $1 and ((r.spot_check_id = $2 and r.number = $3) or r.result_id = $4);

-- name: insert_result
-- Records result $2 of cluster $4 of check $3: $5 asked, $6 have it, $7 read and remember it, in place of result $8 (null:
-- the first), at $9 by $10. No row: somebody was faster.
insert into spot_check_result
    (city_id, result_id, spot_check_id, number, asked, have, read_and_remembered, replaces_id, recorded_at, recorded_by)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
on conflict do nothing
returning result_id;

-- name: close_check
-- Closes check $2 of city $1 at $3 by $4; one that is closed stays as it is.
update spot_check set status = 'closed', closed_at = $3, closed_by = $4
where city_id = $1 and spot_check_id = $2 and status = 'open';

-- name: read_checks
-- Checks of campaign $2 of city $1 (null: any) within district $3 (null: any) with the sums of their current results, newest
-- first. Optional: one check $4. The page begins behind planned_at $5, check $6; $7 rows.
select s.spot_check_id, s.campaign_id, z.code as zone_code, z.name as zone_name, z.division_code, s.sample,
       s.clusters as clusters_planned, s.seed, s.status, s.planned_at, s.closed_at, ci.datum, ci.timezone,
       r.clusters_answered, r.asked, r.have, r.remembered, r.remembered_asked
from spot_check s
join city ci on ci.city_id = $1
join zone z on z.city_id = $1 and z.zone_id = s.zone_id and ($3::text is null or starts_with(z.division_code, $3))
cross join lateral (
    select count(*) as clusters_answered, coalesce(sum(r.asked), 0) as asked, coalesce(sum(r.have), 0) as have,
           coalesce(sum(r.read_and_remembered), 0) as remembered,
           coalesce(sum(r.asked) filter (where r.read_and_remembered is not null), 0) as remembered_asked
    from spot_check_result r
    where r.city_id = $1 and r.spot_check_id = s.spot_check_id
      and not exists (select from spot_check_result x where x.city_id = $1 and x.replaces_id = r.result_id)
) r
where s.city_id = $1 and ($2::uuid is null or s.campaign_id = $2) and ($4::uuid is null or s.spot_check_id = $4)
  and ($5::timestamptz is null or (s.planned_at, s.spot_check_id) < ($5, $6::uuid))
order by s.planned_at desc, s.spot_check_id desc
limit $7;

-- name: read_clusters
-- Clusters of check $2 of city $1 by number, with their current results (null: none).
select c.number, c.cell, c.households, c.planned, c.start_direction, c.first_door, c.door_interval,
       r.result_id, r.asked, r.have, r.read_and_remembered, r.replaces_id, r.recorded_at
from spot_check_cluster c
left join spot_check_result r on r.city_id = $1 and r.spot_check_id = $2 and r.number = c.number
    and not exists (select from spot_check_result x where x.city_id = $1 and x.replaces_id = r.result_id)
where c.city_id = $1 and c.spot_check_id = $2
order by c.number;
