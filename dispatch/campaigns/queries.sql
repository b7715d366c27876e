-- name: read_campaigns
-- Campaigns of city $1, or the one with id $2, newest first, with their waves. For partner $3 only those it is invited to;
-- with $4 only those where its invitation has that status. No row: none in scope.
select c.campaign_id, c.code, c.name, c.starts_on, c.ends_on, c.target_reach, c.status, c.closed_at, c.retention_days,
       c.revision, c.created_at,
       coalesce((select jsonb_agg(jsonb_build_object('number', w.number, 'name', w.name, 'starts_on', w.starts_on,
                     'ends_on', w.ends_on, 'planned_share', w.planned_share, 'zone_codes', w.zone_codes) order by w.number)
                 from wave w where w.city_id = $1 and w.campaign_id = c.campaign_id), '[]') as waves,
       (select i.status from invitation i
        where i.city_id = $1 and i.campaign_id = c.campaign_id and i.partner_id = $3) as invitation_status
from campaign c
where c.city_id = $1 and ($2::uuid is null or c.campaign_id = $2)
  and ($3::uuid is null or exists (
      select 1 from invitation i
      where i.city_id = $1 and i.campaign_id = c.campaign_id and i.partner_id = $3 and ($4::text is null or i.status = $4)))
order by c.starts_on desc, c.code;

-- name: read_unknown_zones
-- Which of the codes $2 name no zone of city $1. No row: all are known.
select x.code from unnest($2::text[]) as x(code)
where not exists (select 1 from zone z where z.city_id = $1 and z.code = x.code)
order by x.code;

-- name: insert_campaign
-- Set up campaign $2 of city $1 as a draft. No row: the id or the code is taken.
insert into campaign (city_id, campaign_id, code, name, starts_on, ends_on, target_reach, retention_days, created_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
on conflict do nothing
returning campaign_id;

-- name: insert_waves
-- The waves of campaign $2 of city $1; zone codes of a wave travel joined by commas ($8).
insert into wave (city_id, campaign_id, number, name, starts_on, ends_on, planned_share, zone_codes)
select $1, $2, x.number, x.name, x.starts_on, x.ends_on, x.planned_share, string_to_array(x.zone_codes, ',')
from unnest($3::int[], $4::text[], $5::date[], $6::date[], $7::float8[], $8::text[])
    as x(number, name, starts_on, ends_on, planned_share, zone_codes)
order by x.number;

-- name: change_campaign
-- Draft $2 of city $1 gets another code, name, days, target and retention. No row: the code is another campaign's.
update campaign c
set code = $3, name = $4, starts_on = $5, ends_on = $6, target_reach = $7, retention_days = $8
where c.city_id = $1 and c.campaign_id = $2
  and not exists (select 1 from campaign o where o.city_id = $1 and o.code = $3 and o.campaign_id <> $2)
returning c.campaign_id;

-- name: delete_waves
-- Take the waves of campaign $2 of city $1 away, to be written again.
delete from wave where city_id = $1 and campaign_id = $2;

-- name: lock_campaign
-- The status of campaign $2 of city $1, held until the transaction ends. No row: there is none.
select status from campaign where city_id = $1 and campaign_id = $2 for update;

-- name: change_status
-- Campaign $2 of city $1 takes status $3; $4 is the instant of the close, or null.
update campaign set status = $3, closed_at = $4 where city_id = $1 and campaign_id = $2;

-- name: read_partners_by_code
-- Active partners of city $1 with the codes $2.
select code, partner_id from partner where city_id = $1 and code = any($2::text[]) and active;

-- name: insert_invitations
-- Invite partners $3 to campaign $2 of city $1 at $4. Rows: those not invited before.
insert into invitation (city_id, campaign_id, partner_id, status, invited_at)
select $1, $2, x.partner_id, 'invited', $4 from unnest($3::uuid[]) as x(partner_id) order by x.partner_id
on conflict (city_id, campaign_id, partner_id) do nothing
returning partner_id;

-- name: read_invitations
-- Who is invited to campaign $2 of city $1; for partner $3 only itself. No row: nobody in scope.
select i.partner_id, p.code as partner_code, p.name as partner_name, p.kind as partner_kind, i.status, i.invited_at,
       i.answered_at
from invitation i
join partner p on p.city_id = $1 and p.partner_id = i.partner_id
where i.city_id = $1 and i.campaign_id = $2 and ($3::uuid is null or i.partner_id = $3)
order by p.code;

-- name: lock_invitation
-- Hold the invitation of partner $3 to campaign $2 of city $1 until the transaction ends, so that an answer and a declaration
-- of one firm never cross. No row: it is not invited.
select status from invitation where city_id = $1 and campaign_id = $2 and partner_id = $3 for update;

-- name: answer_invitation
-- Partner $3 answers its invitation to campaign $2 of city $1 with status $4 at $5. No row: it stood so already.
update invitation set status = $4, answered_at = $5
where city_id = $1 and campaign_id = $2 and partner_id = $3 and status <> $4
returning partner_id;

-- name: withdraw_capacity
-- Partner $3 takes back what it declared for campaign $2 of city $1 at $4: it serves no zone from now on.
update capacity k set copies = 0, declared_at = $4
where k.city_id = $1 and k.campaign_id = $2 and k.copies > 0
  and k.outlet_id in (select o.outlet_id from outlet o where o.city_id = $1 and o.partner_id = $3);

-- name: read_outlets_by_code
-- Active outlets of partner $2 of city $1 with the codes $4; for an outlet manager only the own outlet $3.
select code, outlet_id from outlet
where city_id = $1 and partner_id = $2 and ($3::uuid is null or outlet_id = $3) and active and code = any($4::text[]);

-- name: read_zones_by_code
-- Zones of city $1 with the codes $2.
select code, zone_id from zone where city_id = $1 and code = any($2::text[]);

-- name: count_known_capacity
-- Of the rows ($3 outlets, $4 zones, $5 weeks, $6 copies) for campaign $2 of city $1: how many were declared before
-- (`known`), how many with the same copies (`same`). Always one row.
select count(*) as known, count(*) filter (where k.copies = x.copies) as same
from unnest($3::uuid[], $4::uuid[], $5::date[], $6::int[]) as x(outlet_id, zone_id, week_starts_on, copies)
join capacity k on k.city_id = $1 and k.campaign_id = $2 and k.outlet_id = x.outlet_id and k.zone_id = x.zone_id
    and k.week_starts_on = x.week_starts_on;

-- name: declare_capacity
-- Keep the rows ($3 outlets, $4 zones, $5 weeks, $6 copies, sorted by key) for campaign $2 of city $1, declared at $7.
-- Rows that say what is known already stay untouched.
-- A partner SERVES A ZONE in a campaign when one of its outlets has copies > 0 here; that is the whole definition:
--   exists (select 1 from capacity k join outlet o on o.city_id = $1 and o.outlet_id = k.outlet_id
--           where k.city_id = $1 and k.campaign_id = … and k.zone_id = … and o.partner_id = … and k.copies > 0)
insert into capacity as k (city_id, campaign_id, outlet_id, zone_id, week_starts_on, copies, declared_at)
select $1, $2, x.outlet_id, x.zone_id, x.week_starts_on, x.copies, $7
from unnest($3::uuid[], $4::uuid[], $5::date[], $6::int[]) as x(outlet_id, zone_id, week_starts_on, copies)
on conflict (city_id, campaign_id, outlet_id, zone_id, week_starts_on)
do update set copies = excluded.copies, declared_at = excluded.declared_at where k.copies <> excluded.copies;

-- name: read_capacity
-- Declared capacity of campaign $2 of city $1 by partner, outlet, zone and week; scope: partner $3, outlet $4, zones of the
-- division $5; filters: partner code $6, outlet code $7, zone code $8; $9 rows from $10 on. Totals are of all in scope.
select p.code as partner_code, p.name as partner_name, o.code as outlet_code, o.name as outlet_name, z.code as zone_code,
       z.name as zone_name, k.week_starts_on, k.copies, k.declared_at
from capacity k
join outlet o on o.city_id = $1 and o.outlet_id = k.outlet_id
join partner p on p.city_id = $1 and p.partner_id = o.partner_id
join zone z on z.city_id = $1 and z.zone_id = k.zone_id
where k.city_id = $1 and k.campaign_id = $2
  and ($3::uuid is null or o.partner_id = $3) and ($4::uuid is null or k.outlet_id = $4)
  and ($5::text is null or starts_with(z.division_code, $5))
  and ($6::text is null or p.code = $6) and ($7::text is null or o.code = $7) and ($8::text is null or z.code = $8)
order by p.code, o.code, z.code, k.week_starts_on
limit $9 offset $10;

-- name: read_declarable_zones
-- Every zone of city $1 by code: a firm may declare capacity where it serves nobody yet.
select code, name from zone where city_id = $1 order by code;

-- name: sum_capacity_by_zone_and_week
-- Copies declared for campaign $2 of city $1 per zone and week; scope and filter as in read_capacity ($3 to $6).
select z.code as zone_code, z.name as zone_name, k.week_starts_on, sum(k.copies)::bigint as copies
from capacity k
join outlet o on o.city_id = $1 and o.outlet_id = k.outlet_id
join partner p on p.city_id = $1 and p.partner_id = o.partner_id
join zone z on z.city_id = $1 and z.zone_id = k.zone_id
where k.city_id = $1 and k.campaign_id = $2 and k.copies > 0
  and ($3::uuid is null or o.partner_id = $3) and ($4::uuid is null or k.outlet_id = $4)
  and ($5::text is null or starts_with(z.division_code, $5)) and ($6::text is null or p.code = $6)
group by z.code, z.name, k.week_starts_on
order by z.code, k.week_starts_on;

-- name: sum_capacity_by_partner
-- What each partner declared for campaign $2 of city $1: outlets, zones, copies; scope as in read_capacity ($3 to $5).
select p.code as partner_code, p.name as partner_name, count(distinct k.outlet_id) as outlets,
       count(distinct k.zone_id) as zones, sum(k.copies)::bigint as copies, max(k.declared_at) as declared_at
from capacity k
join outlet o on o.city_id = $1 and o.outlet_id = k.outlet_id
join partner p on p.city_id = $1 and p.partner_id = o.partner_id
join zone z on z.city_id = $1 and z.zone_id = k.zone_id
where k.city_id = $1 and k.campaign_id = $2 and k.copies > 0
  and ($3::uuid is null or o.partner_id = $3) and ($4::uuid is null or k.outlet_id = $4)
  and ($5::text is null or starts_with(z.division_code, $5))
group by p.code, p.name
order by p.code;

-- name: sum_capacity
-- How many rows and copies read_capacity finds in all, with the same $1 to $8. Always one row.
select count(*) as total_rows, coalesce(sum(k.copies), 0)::bigint as total_copies
from capacity k
join outlet o on o.city_id = $1 and o.outlet_id = k.outlet_id
join partner p on p.city_id = $1 and p.partner_id = o.partner_id
join zone z on z.city_id = $1 and z.zone_id = k.zone_id
where k.city_id = $1 and k.campaign_id = $2
  and ($3::uuid is null or o.partner_id = $3) and ($4::uuid is null or k.outlet_id = $4)
  and ($5::text is null or starts_with(z.division_code, $5))
  and ($6::text is null or p.code = $6) and ($7::text is null or o.code = $7) and ($8::text is null or z.code = $8);
