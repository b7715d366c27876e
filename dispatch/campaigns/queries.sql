-- name: read_campaigns
-- Campaigns, or one of them, newest first, with their waves. A partner has those it is invited to; if asked for, those
-- it gave one answer to. No row: none in scope.
select c.campaign_id, c.code, c.name, c.starts_on, c.ends_on, c.target_reach, c.status, c.closed_at, c.retention_days,
       c.rider_idle_hours, c.revision, c.created_at,
       coalesce((select jsonb_agg(jsonb_build_object('number', w.number, 'name', w.name, 'starts_on', w.starts_on,
                     'ends_on', w.ends_on, 'planned_share', w.planned_share, 'zone_codes', w.zone_codes)
                     order by w.number)
                 from wave w where w.city_id = :city_id and w.campaign_id = c.campaign_id), '[]') as waves,
       (select i.status from invitation i
        where i.city_id = :city_id and i.campaign_id = c.campaign_id
          and i.partner_id = :scope_partner) as invitation_status
from campaign c
where c.city_id = :city_id and (:campaign_id::uuid is null or c.campaign_id = :campaign_id)
  and (:scope_partner::uuid is null or exists (
      select 1 from invitation i
      where i.city_id = :city_id and i.campaign_id = c.campaign_id and i.partner_id = :scope_partner
        and (:answer::text is null or i.status = :answer)))
order by c.starts_on desc, c.code;

-- name: read_unknown_zones
-- Which of these codes name no zone of the city. No row: all are known.
select x.code from unnest(:codes::text[]) as x(code)
where not exists (select 1 from zone z where z.city_id = :city_id and z.code = x.code)
order by x.code;

-- name: insert_campaign
-- Set up a campaign as a draft. No row: the id or the code is taken.
insert into campaign (city_id, campaign_id, code, name, starts_on, ends_on, target_reach, retention_days,
                      rider_idle_hours, created_at)
values (:city_id, :campaign_id, :code, :name, :starts_on, :ends_on, :target_reach, :retention_days,
        :rider_idle_hours, :now)
on conflict do nothing
returning campaign_id;

-- name: insert_waves
-- The waves of a campaign; the zone codes of each travel joined by commas.
insert into wave (city_id, campaign_id, number, name, starts_on, ends_on, planned_share, zone_codes)
select :city_id, :campaign_id, x.number, x.name, x.starts_on, x.ends_on, x.planned_share,
       string_to_array(x.zone_codes, ',')
from unnest(:numbers::int[], :names::text[], :first_days::date[], :last_days::date[], :planned_shares::float8[],
            :zone_codes::text[])
    as x(number, name, starts_on, ends_on, planned_share, zone_codes)
order by x.number;

-- name: change_campaign
-- A draft gets another code, name, days, target, retention and idle hours of riders. No row: the code is another
-- campaign's.
update campaign c
set code = :code, name = :name, starts_on = :starts_on, ends_on = :ends_on, target_reach = :target_reach,
    retention_days = :retention_days, rider_idle_hours = :rider_idle_hours
where c.city_id = :city_id and c.campaign_id = :campaign_id
  and not exists (select 1 from campaign o
                  where o.city_id = :city_id and o.code = :code and o.campaign_id <> :campaign_id)
returning c.campaign_id;

-- name: delete_waves
-- Delete the waves of a campaign, to be written again.
delete from wave where city_id = :city_id and campaign_id = :campaign_id;

-- name: lock_campaign
-- The status of a campaign, held until the transaction ends. No row: there is none.
select status from campaign where city_id = :city_id and campaign_id = :campaign_id for update;

-- name: change_status
-- A campaign takes another status; `closed_at` is the instant of the close, or null.
update campaign set status = :status, closed_at = :closed_at where city_id = :city_id and campaign_id = :campaign_id;

-- name: read_partners_by_code
-- Active partners with these codes. No row: none of them.
select code, partner_id from partner where city_id = :city_id and code = any(:codes::text[]) and active;

-- name: insert_invitations
-- Invite partners to a campaign. The rows are those not invited before.
insert into invitation (city_id, campaign_id, partner_id, status, invited_at)
select :city_id, :campaign_id, x.partner_id, 'invited', :now
from unnest(:partner_ids::uuid[]) as x(partner_id) order by x.partner_id
on conflict (city_id, campaign_id, partner_id) do nothing
returning partner_id;

-- name: read_invitations
-- Who is invited to a campaign, by code; a partner sees only itself. No row: nobody in scope.
select i.partner_id, p.code as partner_code, p.name as partner_name, p.kind as partner_kind, i.status, i.invited_at,
       i.answered_at,
       (select count(*) from outlet o
        where o.city_id = :city_id and o.partner_id = i.partner_id and o.active) as outlets,
       (select count(*) from account a where a.city_id = :city_id and a.partner_id = i.partner_id
          and a.role = 'firm_manager' and a.active) as accounts,
       (select max(a.signed_in_at) from account a where a.city_id = :city_id and a.partner_id = i.partner_id
          and a.role = 'firm_manager' and a.active) as signed_in_at
from invitation i
join partner p on p.city_id = :city_id and p.partner_id = i.partner_id
where i.city_id = :city_id and i.campaign_id = :campaign_id
  and (:scope_partner::uuid is null or i.partner_id = :scope_partner)
order by p.code;

-- name: read_invited_by_code
-- Which of these codes name a partner invited to a campaign, each locked until the transaction ends, by code;
-- `engaged`: it holds a claim or has one reserved, or was ever given copies in it. No row: none of them is invited.
select p.code, i.partner_id,
       exists (select from claim c join batch b on b.city_id = :city_id and b.batch_id = c.batch_id
               where c.city_id = :city_id and c.partner_id = i.partner_id and b.campaign_id = :campaign_id
                 and c.status = 'held' and c.lease_until > :now)
       or exists (select from batch b
                  where b.city_id = :city_id and b.campaign_id = :campaign_id and b.reserved_partner_id = i.partner_id
                    and b.withdrawn_copies < b.copies)
       or exists (select from waybill w join claim c on c.city_id = :city_id and c.claim_id = w.claim_id
                  where w.city_id = :city_id and w.campaign_id = :campaign_id and c.partner_id = i.partner_id)
       or exists (select from zone_day_tally t join outlet o on o.city_id = :city_id and o.outlet_id = t.outlet_id
                  where t.city_id = :city_id and t.campaign_id = :campaign_id and o.partner_id = i.partner_id)
       as engaged
from invitation i
join partner p on p.city_id = :city_id and p.partner_id = i.partner_id
where i.city_id = :city_id and i.campaign_id = :campaign_id and p.code = any(:codes::text[])
order by p.code
for update of i;

-- name: delete_invitations
-- Takes invitations back. Answers nothing.
delete from invitation
where city_id = :city_id and campaign_id = :campaign_id and partner_id = any(:partner_ids::uuid[]);

-- name: lock_invitation
-- Hold the invitation of a partner until the transaction ends, so that an answer and a declaration of one firm never
-- cross. No row: it is not invited.
select status from invitation
where city_id = :city_id and campaign_id = :campaign_id and partner_id = :partner_id for update;

-- name: answer_invitation
-- A partner answers its invitation. No row: it had given this answer already.
update invitation set status = :status, answered_at = :now
where city_id = :city_id and campaign_id = :campaign_id and partner_id = :partner_id and status <> :status
returning partner_id;

-- name: withdraw_capacity
-- A partner takes back what it declared: it serves no zone of the campaign from now on.
update capacity k set copies = 0, declared_at = :now
where k.city_id = :city_id and k.campaign_id = :campaign_id and k.copies > 0
  and k.outlet_id in (select o.outlet_id from outlet o where o.city_id = :city_id and o.partner_id = :partner_id);

-- name: read_outlets_by_code
-- Active outlets with these codes, of a firm, or only an outlet manager's own. No row: none of them.
select code, outlet_id from outlet
where city_id = :city_id and partner_id = :scope_partner and (:scope_outlet::uuid is null or outlet_id = :scope_outlet)
  and active and code = any(:codes::text[]);

-- name: read_zones_by_code
-- Zones with these codes. No row: none of them.
select code, zone_id from zone where city_id = :city_id and code = any(:codes::text[]);

-- name: count_known_capacity
-- Of some rows of capacity: how many were declared before (`known`), how many of these with the same copies, by the
-- same word (`same`). Always one row.
select count(*) as known,
       count(*) filter (where k.copies = x.copies and k.told_by is not distinct from :told_by::text
                          and k.told_on is not distinct from :told_on::date) as same
from unnest(:outlet_ids::uuid[], :zone_ids::uuid[], :weeks::date[], :copies::int[])
    as x(outlet_id, zone_id, week_starts_on, copies)
join capacity k on k.city_id = :city_id and k.campaign_id = :campaign_id and k.outlet_id = x.outlet_id
    and k.zone_id = x.zone_id and k.week_starts_on = x.week_starts_on;

-- name: declare_capacity
-- Keep rows of capacity, which come sorted by their key. Rows that repeat what is known stay untouched.
-- A partner SERVES A ZONE in a campaign when one of its outlets has copies > 0 here; that is the whole definition:
--   exists (select 1 from capacity k join outlet o on o.city_id = … and o.outlet_id = k.outlet_id
--           where k.city_id = … and k.campaign_id = … and k.zone_id = … and o.partner_id = … and k.copies > 0)
-- What was told on the telephone is marked so; what the firm declares itself takes the mark away.
insert into capacity as k (city_id, campaign_id, outlet_id, zone_id, week_starts_on, copies, declared_at, entered_by,
                           told_by, told_on)
select :city_id, :campaign_id, x.outlet_id, x.zone_id, x.week_starts_on, x.copies, :now, :entered_by::uuid,
       :told_by::text, :told_on::date
from unnest(:outlet_ids::uuid[], :zone_ids::uuid[], :weeks::date[], :copies::int[])
    as x(outlet_id, zone_id, week_starts_on, copies)
on conflict (city_id, campaign_id, outlet_id, zone_id, week_starts_on)
do update set copies = excluded.copies, declared_at = excluded.declared_at, entered_by = excluded.entered_by,
              told_by = excluded.told_by, told_on = excluded.told_on
where k.copies <> excluded.copies or k.told_by is distinct from excluded.told_by
   or k.told_on is distinct from excluded.told_on;

-- name: read_capacity
-- A page of the capacity declared for a campaign by partner, outlet, zone and week, within scope: a district sees its
-- zones. Filters: the codes of a partner, an outlet, a zone; after the row with the key :after_…, where given. No row:
-- nothing further was declared.
select p.code as partner_code, p.name as partner_name, o.code as outlet_code, o.name as outlet_name,
       z.code as zone_code, z.name as zone_name, k.week_starts_on, k.copies, k.declared_at, k.told_by, k.told_on
from capacity k
join outlet o on o.city_id = :city_id and o.outlet_id = k.outlet_id
join partner p on p.city_id = :city_id and p.partner_id = o.partner_id
join zone z on z.city_id = :city_id and z.zone_id = k.zone_id
where k.city_id = :city_id and k.campaign_id = :campaign_id
  and (:scope_partner::uuid is null or o.partner_id = :scope_partner)
  and (:scope_outlet::uuid is null or k.outlet_id = :scope_outlet)
  and (:scope_division::text is null or starts_with(z.division_code, :scope_division))
  and (:partner_code::text is null or p.code = :partner_code) and (:outlet_code::text is null or o.code = :outlet_code)
  and (:zone_code::text is null or z.code = :zone_code)
  and (:after_week::date is null or (p.code, o.code, z.code, k.week_starts_on)
       > (:after_partner::text, :after_outlet::text, :after_zone::text, :after_week::date))
order by p.code, o.code, z.code, k.week_starts_on
limit :limit offset :offset;

-- name: read_declarable_zones
-- Every zone of the city by code: a firm may declare capacity where it serves nobody yet.
select code, name from zone where city_id = :city_id order by code;

-- name: sum_capacity_by_zone_and_week
-- Copies declared for a campaign per zone and week, within scope, of one partner if asked for. No row: none declared.
select z.code as zone_code, z.name as zone_name, k.week_starts_on, sum(k.copies)::bigint as copies
from capacity k
join outlet o on o.city_id = :city_id and o.outlet_id = k.outlet_id
join partner p on p.city_id = :city_id and p.partner_id = o.partner_id
join zone z on z.city_id = :city_id and z.zone_id = k.zone_id
where k.city_id = :city_id and k.campaign_id = :campaign_id and k.copies > 0
  and (:scope_partner::uuid is null or o.partner_id = :scope_partner)
  and (:scope_outlet::uuid is null or k.outlet_id = :scope_outlet)
  and (:scope_division::text is null or starts_with(z.division_code, :scope_division))
  and (:partner_code::text is null or p.code = :partner_code)
group by z.code, z.name, k.week_starts_on
order by z.code, k.week_starts_on;

-- name: sum_capacity_by_partner
-- What each partner within scope declared for a campaign: outlets, zones, copies. No row: nothing declared.
select p.code as partner_code, p.name as partner_name, count(distinct k.outlet_id) as outlets,
       count(distinct k.zone_id) as zones, sum(k.copies)::bigint as copies, max(k.declared_at) as declared_at,
       (coalesce(sum(k.copies) filter (where k.told_by is not null), 0))::bigint as told_copies
from capacity k
join outlet o on o.city_id = :city_id and o.outlet_id = k.outlet_id
join partner p on p.city_id = :city_id and p.partner_id = o.partner_id
join zone z on z.city_id = :city_id and z.zone_id = k.zone_id
where k.city_id = :city_id and k.campaign_id = :campaign_id and k.copies > 0
  and (:scope_partner::uuid is null or o.partner_id = :scope_partner)
  and (:scope_outlet::uuid is null or k.outlet_id = :scope_outlet)
  and (:scope_division::text is null or starts_with(z.division_code, :scope_division))
group by p.code, p.name
order by p.code;

-- name: sum_capacity
-- How many rows and copies read_capacity has on all of its pages, with the same scope and filters. Always one row.
select count(*) as total_rows, coalesce(sum(k.copies), 0)::bigint as total_copies
from capacity k
join outlet o on o.city_id = :city_id and o.outlet_id = k.outlet_id
join partner p on p.city_id = :city_id and p.partner_id = o.partner_id
join zone z on z.city_id = :city_id and z.zone_id = k.zone_id
where k.city_id = :city_id and k.campaign_id = :campaign_id
  and (:scope_partner::uuid is null or o.partner_id = :scope_partner)
  and (:scope_outlet::uuid is null or k.outlet_id = :scope_outlet)
  and (:scope_division::text is null or starts_with(z.division_code, :scope_division))
  and (:partner_code::text is null or p.code = :partner_code) and (:outlet_code::text is null or o.code = :outlet_code)
  and (:zone_code::text is null or z.code = :zone_code);
