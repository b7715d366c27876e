-- What closed spot checks found, cluster by cluster, and the copies known on the days they were closed. Nothing is
-- written.

-- name: read_rounds
-- Every spot check of the campaign closed by the cut-off in which somebody was asked, in the order of closing, with its
-- clusters by the results as corrected by then: also those of other districts, since how alike neighbours are is
-- learnt from all of them. `in_scope`: the zone is the caller's.
select s.spot_check_id, s.zone_id, s.closed_at, array_agg(r.asked order by r.number) as asked,
       array_agg(r.have order by r.number) as have,
       (:scope_division::text is null or starts_with(z.division_code, :scope_division)) as in_scope
from spot_check s
join zone z on z.city_id = :city_id and z.zone_id = s.zone_id
join spot_check_result r on r.city_id = :city_id and r.spot_check_id = s.spot_check_id and r.recorded_at <= :as_of
    and r.asked > 0
where s.city_id = :city_id and s.campaign_id = :campaign_id and s.closed_at <= :as_of
  and not exists (select from spot_check_result x
                  where x.city_id = :city_id and x.replaces_id = r.result_id and x.recorded_at <= :as_of)
group by s.city_id, s.spot_check_id, z.city_id, z.zone_id
order by s.closed_at, s.spot_check_id;

-- name: read_copies_then
-- Copies of these materials in these zones as they were known by the end of these days, one pair of arrays. A pair
-- without copies has no row.
select k.zone_id, k.known_on, sum(d.copies)::bigint as copies
from unnest(:zone_ids::uuid[], :days::date[]) k(zone_id, known_on)
join zone_day_tally d on d.city_id = :city_id and d.campaign_id = :campaign_id and d.zone_id = k.zone_id
    and d.known_on <= k.known_on
where d.material_id = any(:material_ids::uuid[])
group by k.zone_id, k.known_on;
