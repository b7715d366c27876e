-- What one zone's figures are made of, read from tallies; $1 city, $2 campaign. Nothing is written.

-- name: read_zone_days
-- Copies of materials $3 handed out in zone $4 per day, known by the end of day $5 (null: now), by everybody ($6 null) or by
-- the outlets of firm $6 (outlet $7 or null).
select d.day, sum(d.copies)::bigint as copies
from zone_day_tally d
join outlet o on o.city_id = $1 and o.outlet_id = d.outlet_id
where d.city_id = $1 and d.campaign_id = $2 and d.zone_id = $4 and d.material_id = any($3::uuid[])
  and d.known_on <= coalesce($5::date, 'infinity'::date)
  and ($6::uuid is null or o.partner_id = $6) and ($7::uuid is null or o.outlet_id = $7)
group by d.day
order by d.day;

-- name: read_zone_mix
-- Copies handed out in zone $3 per outlet, material and channel; $4 to $6 as $5 to $7 of read_zone_days.
select p.partner_id, p.code, p.name, p.kind, d.outlet_id, d.material_id, d.channel, sum(d.copies)::bigint as copies
from zone_day_tally d
join outlet o on o.city_id = $1 and o.outlet_id = d.outlet_id
join partner p on p.city_id = $1 and p.partner_id = o.partner_id
where d.city_id = $1 and d.campaign_id = $2 and d.zone_id = $3 and d.known_on <= coalesce($4::date, 'infinity'::date)
  and ($5::uuid is null or o.partner_id = $5) and ($6::uuid is null or o.outlet_id = $6)
group by p.city_id, p.partner_id, d.outlet_id, d.material_id, d.channel
having sum(d.copies) <> 0
order by p.code, d.outlet_id, d.material_id, d.channel;

-- name: read_material_names
-- The materials of campaign $2, by code.
select material_id, code, name, kind, counts_for_reach from material
where city_id = $1 and campaign_id = $2 order by code;
