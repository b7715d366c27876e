-- name: lock_holdings
-- What the riders and outlets $2 of city $1 hold, with the facts that bind its handout. Locked in key order until the
-- transaction ends, so that what is judged is what is written. A holder without a row was never handed anything.
select b.holder_id, b.campaign_id, b.material_id, b.quantity, c.status, c.starts_on, c.ends_on, m.channels, m.counts_for_reach
from stock_balance b
join campaign c on c.city_id = $1 and c.campaign_id = b.campaign_id
join material m on m.city_id = $1 and m.material_id = b.material_id
where b.city_id = $1 and b.holder_id = any($2::uuid[]) and b.holder_kind in ('rider', 'outlet')
order by b.holder_id, b.holder_kind, b.campaign_id, b.material_id
for update of b;

-- name: read_stored
-- Handouts of city $1 on record under the ids $4, whose ids were made from day $2 to day $3. No row: none is on record.
select h.handout_id as id, h.id_day, h.campaign_id, h.zone_id, h.cell, h.outlet_id, h.holder_id, h.holder_kind, h.material_id,
       h.channel, h.copies, h.day, h.handed_out_at, h.corrects_id, h.reason, h.first_copy_answer, m.counts_for_reach as counts
from handout h
join material m on m.city_id = $1 and m.material_id = h.material_id
where h.city_id = $1 and h.id_day between $2 and $3 and h.handout_id = any($4::uuid[]);

-- name: read_corrected
-- Copies already taken back of the handouts $2 of city $1. No row: nothing was.
select corrects_id, -sum(copies)::int as taken_back from handout where city_id = $1 and corrects_id = any($2::uuid[]) group by corrects_id;

-- name: read_zones_of_cells
-- The zone of each of the cells $2 of city $1. A cell of no zone gives no row.
select cell, zone_id from zone_cell where city_id = $1 and cell = any($2::bigint[]);

-- name: read_known_zones
-- Which of the zones $2 are zones of city $1.
select zone_id from zone where city_id = $1 and zone_id = any($2::uuid[]);

-- name: read_timezone
-- The time zone that makes days of city $1's instants.
select timezone from city where city_id = $1;

-- name: read_withdrawn
-- What the riders $2 of city $1 have withdrawn, and since when. No row: nothing, as nearly always.
select rider_id, purpose, since from privacy_withdrawal where city_id = $1 and rider_id = any($2::uuid[]);

-- name: read_visits
-- Visits of city $1 on record under the ids $2, corrections among them. No row: none is on record.
select visit_id as id, campaign_id, zone_id, cell, outlet_id, rider_id, result, visits, day, visited_at, corrects_id, reason
from visit where city_id = $1 and visit_id = any($2::uuid[]);

-- name: read_corrected_visits
-- Doors already taken back of the visits $2 of city $1. No row: nothing was.
select corrects_id, -sum(visits)::int as taken_back from visit where city_id = $1 and corrects_id = any($2::uuid[]) group by corrects_id;
