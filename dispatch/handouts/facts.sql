-- name: lock_holdings
-- What riders and outlets hold, with the facts that bind its handout. Locked in key order until the transaction ends,
-- so that what is judged is what is written. A holder without a row was never handed anything. What is on its way to an
-- outlet is not yet the outlet's to hand out.
select b.holder_id, b.campaign_id, b.material_id, b.quantity, c.status = 'open' as campaign_open, c.starts_on,
       c.ends_on, m.channels, m.counts_for_reach as counts
from stock_balance b
join campaign c on c.city_id = :city_id and c.campaign_id = b.campaign_id
join material m on m.city_id = :city_id and m.material_id = b.material_id
where b.city_id = :city_id and b.holder_id = any(:holder_ids::uuid[]) and b.holder_kind in ('rider', 'outlet')
order by b.holder_id, b.holder_kind, b.campaign_id, b.material_id
for update of b;

-- name: read_stored
-- Handouts and corrections on record under these ids, which were made on a range of days. No row: none is on record.
select h.handout_id as id, h.id_day, h.campaign_id, h.zone_id, h.cell, h.outlet_id, h.holder_id, h.holder_kind,
       h.material_id, h.channel, h.copies, h.day, h.handed_out_at, h.corrects_id, h.reason, h.first_copy_answer,
       m.counts_for_reach as counts
from handout h
join material m on m.city_id = :city_id and m.material_id = h.material_id
where h.city_id = :city_id and h.id_day between :first_day and :last_day and h.handout_id = any(:ids::uuid[]);

-- name: read_corrected
-- Copies already taken back, by handout. No row: nothing was.
select corrects_id, -sum(copies)::int as taken_back from handout
where city_id = :city_id and corrects_id = any(:corrected_ids::uuid[])
group by corrects_id;

-- name: read_zones_of_cells
-- The zone of each cell. A cell of no zone gives no row.
select cell, zone_id from zone_cell where city_id = :city_id and cell = any(:cells::bigint[]);

-- name: read_known_zones
-- Which of these are zones of the city.
select zone_id from zone where city_id = :city_id and zone_id = any(:zone_ids::uuid[]);

-- name: read_timezone
-- The time zone that makes days of the city's instants.
select timezone from city where city_id = :city_id;

-- name: read_withdrawn
-- What riders have withdrawn, and since when. No row: nothing, as nearly always.
select rider_id, purpose, since from privacy_withdrawal
where city_id = :city_id and rider_id = any(:rider_ids::uuid[]);

-- name: read_visits
-- Visits on record under these ids, corrections among them. No row: none is on record.
select visit_id as id, campaign_id, zone_id, cell, outlet_id, rider_id, result, visits, day, visited_at, corrects_id,
       reason
from visit where city_id = :city_id and visit_id = any(:ids::uuid[]);

-- name: read_corrected_visits
-- Doors already taken back, by visit. No row: nothing was.
select corrects_id, -sum(visits)::int as taken_back from visit
where city_id = :city_id and corrects_id = any(:corrected_ids::uuid[])
group by corrects_id;
