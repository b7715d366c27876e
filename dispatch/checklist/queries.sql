-- name: read_ground
-- How many zones lie within scope, and how many of them have a division code, households, incident counts; how many
-- districts they make, and how many of those have a name. Always one row.
select count(*) as zones,
       count(*) filter (where z.division_code <> '') as with_division,
       count(*) filter (where z.households > 0) as with_households,
       count(*) filter (where exists (
           select from incident_count i where i.city_id = :city_id and i.zone_id = z.zone_id)) as with_incidents,
       count(distinct left(z.division_code, 6)) filter (where z.division_code <> '') as districts,
       count(distinct d.code) as named_districts
from zone z
left join district d on d.city_id = :city_id and d.code = left(z.division_code, 6)
where z.city_id = :city_id and (:scope_division::text is null or starts_with(z.division_code, :scope_division));

-- name: read_firms
-- How many active partners hand out (printers do not), how many have an active outlet, and in how many of those
-- somebody can sign in. Always one row.
select count(*) as firms,
       count(*) filter (where o.outlets > 0) as with_outlet,
       count(*) filter (where o.outlets > 0 and a.accounts > 0) as with_account
from partner p
left join (select partner_id, count(*) as outlets from outlet
           where city_id = :city_id and active group by partner_id) o
    on o.partner_id = p.partner_id
left join (select partner_id, count(*) as accounts from account
           where city_id = :city_id and active and role = 'firm_manager' group by partner_id) a
    on a.partner_id = p.partner_id
where p.city_id = :city_id and p.active and p.kind <> 'printer';

-- name: read_depots
-- How many depots are in use. Always one row.
select count(*) as depots from depot where city_id = :city_id and active;

-- name: read_campaign
-- The campaign that runs, otherwise the newest one being set up, and how many there are of both. No row: none.
select campaign_id, status = 'open' as running, count(*) over () as campaigns
from campaign where city_id = :city_id and status in ('draft', 'open')
order by status = 'open' desc, created_at desc, campaign_id desc limit 1;

-- name: read_preparation
-- What a campaign has so far: materials, copies ordered and received (less receipts reversed), firms invited, accepted
-- and able to sign in, plans computed and approved. Always one row.
select (select count(*) from material m where m.city_id = :city_id and m.campaign_id = :campaign_id) as materials,
       (select coalesce(sum(r.copies), 0) from print_run r
        where r.city_id = :city_id and r.campaign_id = :campaign_id)::bigint as ordered,
       (select coalesce(sum(s.copies), 0) from stock_move s
        where s.city_id = :city_id and s.campaign_id = :campaign_id and s.kind = 'receipt'
          and not exists (select from stock_move v
                          where v.city_id = :city_id and v.reversal_of = s.move_id))::bigint as received,
       (select count(*) from invitation i where i.city_id = :city_id and i.campaign_id = :campaign_id) as invited,
       (select count(*) from invitation i
        where i.city_id = :city_id and i.campaign_id = :campaign_id and i.status = 'accepted') as accepted,
       (select count(*) from invitation i
        where i.city_id = :city_id and i.campaign_id = :campaign_id and i.status <> 'declined'
          and not exists (select from account a
                          where a.city_id = :city_id and a.partner_id = i.partner_id and a.active
                            and a.role = 'firm_manager')) as invited_without_account,
       (select count(*) from allocation l
        where l.city_id = :city_id and l.campaign_id = :campaign_id and l.status <> 'dropped') as plans,
       (select count(*) from allocation l
        where l.city_id = :city_id and l.campaign_id = :campaign_id and l.status = 'approved') as approved;
