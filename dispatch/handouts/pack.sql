-- name: read_pack_frame
-- What stands around the pack of rider $2 of city $1: city, rider, outlet, firm. No row: there is no such rider.
select c.name as city_name, c.datum, c.timezone, c.demonstration, r.name as rider_name, o.code as outlet_code, o.name as outlet_name,
       p.name as partner_name
from rider r
join city c on c.city_id = $1
join outlet o on o.city_id = $1 and o.outlet_id = r.outlet_id
join partner p on p.city_id = $1 and p.partner_id = o.partner_id
where r.city_id = $1 and r.rider_id = $2;

-- name: read_pack_campaigns
-- Open campaigns of city $1 of which rider $2 holds, or held, something, by code.
select c.campaign_id, c.name, c.starts_on, c.ends_on from campaign c
where c.city_id = $1 and c.status = 'open'
  and exists (select from stock_balance b where b.city_id = $1 and b.holder_id = $2 and b.campaign_id = c.campaign_id)
order by c.code;

-- name: read_pack_zones
-- Zones for the riders of outlet $2 of city $1, the outlet's own first: that one, and those of batches of open campaigns for which the
-- outlet has claims or received copies; at most $3.
select z.zone_id, z.code, z.name, z.zone_id = o.zone_id as own
from outlet o
join zone z on z.city_id = $1 and (z.zone_id = o.zone_id or z.zone_id in (
    select b.zone_id from claim k
    join batch b on b.city_id = $1 and b.batch_id = k.batch_id
    join campaign c on c.city_id = $1 and c.campaign_id = b.campaign_id and c.status = 'open'
    where k.city_id = $1 and k.partner_id = o.partner_id
      and ((k.outlet_id = $2 and k.status = 'held')
           or exists (select from waybill w where w.city_id = $1 and w.claim_id = k.claim_id and w.outlet_id = $2
                      and w.received_at is not null))))
where o.city_id = $1 and o.outlet_id = $2
order by own desc nulls last, z.code limit $3;

-- name: read_pack_cells
-- Cells of the zones $2 of city $1, ascending.
select cell, zone_id from zone_cell where city_id = $1 and zone_id = any($2::uuid[]) order by cell;
