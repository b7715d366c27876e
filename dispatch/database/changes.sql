-- name: touch_campaigns
-- Raises the revision of the campaigns of a city, locked in key order so that two transactions never wait for each
-- other. Answers the status of each. No row: there is no such campaign.
update campaign set revision = revision + 1
where city_id = :city_id and campaign_id in (
    select g.campaign_id from campaign g where g.city_id = :city_id and g.campaign_id = any(:campaign_ids::uuid[])
    order by g.campaign_id for update)
returning campaign_id, status;

-- name: read_campaigns_of_city
-- Every campaign of a city. No row: it has none.
select campaign_id from campaign where city_id = :city_id;
