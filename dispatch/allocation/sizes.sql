-- name: read_sizing_row
-- A campaign with its target and a material, null where the code is unknown or none is given; today is the day in the
-- city. No row: there is no such campaign.
select c.starts_on, c.ends_on, c.target_reach, (:now::timestamptz at time zone t.timezone)::date as today,
       m.material_id, m.bundle_copies, m.counts_for_reach
from campaign c
join city t on t.city_id = :city_id
left join material m on m.city_id = :city_id and m.campaign_id = c.campaign_id and m.code = :material_code
where c.city_id = :city_id and c.campaign_id = :campaign_id;
