-- What one zone's figures are made of, read from tallies: known by the end of `known_on` (absent: now), by everybody or
-- by the firm's outlets. Nothing is written.

-- name: read_zone_days
-- Copies of these materials handed out in the zone per day. Days without copies have no row.
select d.day, sum(d.copies)::bigint as copies
from zone_day_tally d
join outlet o on o.city_id = :city_id and o.outlet_id = d.outlet_id
where d.city_id = :city_id and d.campaign_id = :campaign_id and d.zone_id = :zone_id
  and d.material_id = any(:material_ids::uuid[]) and d.known_on <= coalesce(:known_on::date, 'infinity'::date)
  and (:scope_partner::uuid is null or o.partner_id = :scope_partner)
  and (:scope_outlet::uuid is null or o.outlet_id = :scope_outlet)
group by d.day
order by d.day;

-- name: read_zone_mix
-- Copies handed out in the zone per outlet, material and channel. No row: nothing.
select p.partner_id, p.code, p.name, p.kind, d.outlet_id, d.material_id, d.channel, sum(d.copies)::bigint as copies
from zone_day_tally d
join outlet o on o.city_id = :city_id and o.outlet_id = d.outlet_id
join partner p on p.city_id = :city_id and p.partner_id = o.partner_id
where d.city_id = :city_id and d.campaign_id = :campaign_id and d.zone_id = :zone_id
  and d.known_on <= coalesce(:known_on::date, 'infinity'::date)
  and (:scope_partner::uuid is null or o.partner_id = :scope_partner)
  and (:scope_outlet::uuid is null or o.outlet_id = :scope_outlet)
group by p.city_id, p.partner_id, d.outlet_id, d.material_id, d.channel
having sum(d.copies) <> 0
order by p.code, d.outlet_id, d.material_id, d.channel;

-- name: read_material_names
-- The materials of the campaign, by code. No row: it has none.
select material_id, code, name, kind, counts_for_reach
from material
where city_id = :city_id and campaign_id = :campaign_id
order by code;
