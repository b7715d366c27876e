-- Figures of a campaign, read from tallies, never from raw handouts. What was estimated is in estimate_store.sql.
--
-- "counted" appears in several blocks with three branches, of which exactly one runs (the others are switched off by a
-- condition on parameters alone): the current totals; past days as they were known at the end of a day; the copies of
-- the caller's own outlets. With `known_on` a figure is what was known by the end of that day, without it what is
-- known.
--
-- Statements are planned once for all parameters, hence three habits: "materialized", so that a total is not counted
-- again for every zone; a one-row "gate" before a large branch, so that no parallel worker starts for a branch switched
-- off; and "offset 0", so that every range of cells is looked up in the index.

-- name: read_view
-- A campaign with what every figure needs around it, the parts of its version, and the state of its stored estimates
-- (null: none yet). `material`: the code of one material; absent: every material that counts for reach. No row: no such
-- campaign here.
select c.campaign_id, c.name, c.status, c.starts_on, c.ends_on, c.target_reach, ci.timezone, ci.datum, ci.demonstration,
       c.revision + t.revision as revision, z.zones, z.zones_changed_at, e.estimated_at, e.a_median, e.a_log_sd,
       e.target_reach as estimated_target_reach,
       coalesce(e.revision = c.revision + t.revision and e.target_reach = c.target_reach and e.zones = z.zones
                and e.zones_changed_at is not distinct from z.zones_changed_at, false) as estimate_is_current,
       array(select m.material_id from material m
             where m.city_id = :city_id and m.campaign_id = :campaign_id
               and (m.code = :material or (:material::text is null and m.counts_for_reach))
             order by m.code) as material_ids
from campaign c
join city ci on ci.city_id = :city_id
cross join (select count(*) as zones, max(changed_at) as zones_changed_at from zone where city_id = :city_id) z
cross join (select coalesce(sum(revision), 0)::bigint as revision from zone_tally
            where city_id = :city_id and campaign_id = :campaign_id) t
left join reach_estimate_state e on e.city_id = :city_id and e.campaign_id = :campaign_id
where c.city_id = :city_id and c.campaign_id = :campaign_id;

-- name: read_version
-- What changes whenever a figure of a campaign may have changed. No row: no such campaign here.
select c.revision + t.revision as revision, z.zones, z.zones_changed_at, e.estimated_at, e.a_median, e.a_log_sd,
       c.target_reach
from campaign c
cross join (select count(*) as zones, max(changed_at) as zones_changed_at from zone where city_id = :city_id) z
cross join (select coalesce(sum(revision), 0)::bigint as revision from zone_tally
            where city_id = :city_id and campaign_id = :campaign_id) t
left join reach_estimate_state e on e.city_id = :city_id and e.campaign_id = :campaign_id
where c.city_id = :city_id and c.campaign_id = :campaign_id;

-- name: read_first_look
-- Whether estimates of a campaign are stored, and its city's time zone. No row: no such campaign here.
select ci.timezone, exists (select from reach_estimate_state e where e.city_id = :city_id
                            and e.campaign_id = :campaign_id) as is_estimated
from campaign c
join city ci on ci.city_id = :city_id
where c.city_id = :city_id and c.campaign_id = :campaign_id;

-- name: read_stale_campaigns
-- Campaigns of all cities that have begun and whose stored estimates rest on other evidence than there is now.
select c.city_id, c.campaign_id
from campaign c
left join reach_estimate_state e on e.city_id = c.city_id and e.campaign_id = c.campaign_id
where c.status <> 'draft' and (e.target_reach is distinct from c.target_reach
    or e.revision is distinct from c.revision + (
        select coalesce(sum(t.revision), 0) from zone_tally t
        where t.city_id = c.city_id and t.campaign_id = c.campaign_id)
    or not exists (select from zone z where z.city_id = c.city_id
                   having count(*) = e.zones and max(z.changed_at) is not distinct from e.zones_changed_at))
order by 1, 2;

-- name: read_zones
-- Counts of these materials per zone, and copies planned for it by the cut-off. A planner gets every zone in scope; a
-- firm gets the zones its outlets serve or handed out in, with their copies only and no households.
with counted as materialized (
    select t.zone_id, sum(t.copies)::bigint as copies,
           sum(t.copies) filter (where t.channel = 'in_person')::bigint as in_person,
           sum(t.first_yes)::bigint as first_yes, sum(t.first_asked)::bigint as first_asked,
           sum(t.first_unknown)::bigint as first_unknown
    from zone_tally t
    where :scope_partner::uuid is null and :known_on::date is null
      and t.city_id = :city_id and t.campaign_id = :campaign_id and t.material_id = any(:material_ids::uuid[])
    group by t.zone_id
    union all
    select past.zone_id, past.copies, past.in_person, 0, 0, 0
    from (select :known_on::date as known_on
          where :scope_partner::uuid is null and :known_on::date is not null offset 0) gate
    cross join lateral (
        select d.zone_id, sum(d.copies)::bigint as copies,
               sum(d.copies) filter (where d.channel = 'in_person')::bigint as in_person
        from zone_day_tally d
        where d.city_id = :city_id and d.campaign_id = :campaign_id and d.material_id = any(:material_ids::uuid[])
          and d.known_on <= gate.known_on
        group by d.zone_id
    ) past
    union all
    select d.zone_id, sum(d.copies)::bigint, sum(d.copies) filter (where d.channel = 'in_person')::bigint, 0, 0, 0
    from outlet o
    join zone_day_tally d on d.city_id = :city_id and d.campaign_id = :campaign_id and d.outlet_id = o.outlet_id
    where :scope_partner::uuid is not null and o.city_id = :city_id and o.partner_id = :scope_partner::uuid
      and (:scope_outlet::uuid is null or o.outlet_id = :scope_outlet::uuid)
      and d.material_id = any(:material_ids::uuid[]) and d.known_on <= coalesce(:known_on::date, 'infinity'::date)
    group by d.zone_id
), planned as materialized (
    select l.zone_id, sum(l.copies)::bigint as copies
    from allocation a
    join allocation_line l on l.city_id = :city_id and l.allocation_id = a.allocation_id
    where a.city_id = :city_id and a.campaign_id = :campaign_id and a.material_id = any(:material_ids::uuid[])
      and a.status = 'approved' and a.approved_at <= :as_of
      and (:scope_partner::uuid is null or l.partner_id = :scope_partner::uuid)
    group by l.zone_id
), served as materialized (
    select distinct k.zone_id
    from outlet o
    join capacity k on k.city_id = :city_id and k.campaign_id = :campaign_id and k.outlet_id = o.outlet_id
        and k.copies > 0
    where :scope_partner::uuid is not null and o.city_id = :city_id and o.partner_id = :scope_partner::uuid
      and (:scope_outlet::uuid is null or o.outlet_id = :scope_outlet::uuid)
)
select z.zone_id, z.code, z.name, z.kind, z.division_code,
       case when :scope_partner::uuid is null then z.households end as households,
       case when :scope_partner::uuid is null then z.population end as population,
       coalesce(c.copies, 0) as handed_out, coalesce(c.in_person, 0) as in_person,
       coalesce(c.first_yes, 0) as first_yes, coalesce(c.first_asked, 0) as first_asked,
       coalesce(c.first_unknown, 0) as first_unknown,
       case when :scope_outlet::uuid is null then coalesce(p.copies, 0) end as planned
from zone z
left join counted c on c.zone_id = z.zone_id
left join planned p on p.zone_id = z.zone_id
left join served s on s.zone_id = z.zone_id
where z.city_id = :city_id and (:scope_division::text is null or starts_with(z.division_code, :scope_division))
  and (:scope_partner::uuid is null or c.zone_id is not null or s.zone_id is not null
       or (p.copies > 0 and :scope_outlet::uuid is null))
order by z.code;

-- name: read_incidents
-- Incidents and households of every zone of the city: a risk weight compares a zone with the whole city, so that a zone
-- has the same weight on every screen. The counts themselves never leave the server.
select z.zone_id, coalesce(z.households, 0) as households, coalesce(sum(i.incidents), 0)::bigint as incidents
from zone z
left join incident_count i on i.city_id = :city_id and i.zone_id = z.zone_id
where z.city_id = :city_id
group by z.city_id, z.zone_id
order by z.code;

-- name: read_mix
-- Copies per material and channel in the zones in scope, or by the firm's outlets. No row: nothing handed out.
with counted as materialized (
    select t.zone_id, t.material_id, t.channel, t.copies from zone_tally t
    where :scope_partner::uuid is null and :known_on::date is null
      and t.city_id = :city_id and t.campaign_id = :campaign_id
    union all
    select past.zone_id, past.material_id, past.channel, past.copies
    from (select :known_on::date as known_on
          where :scope_partner::uuid is null and :known_on::date is not null offset 0) gate
    cross join lateral (
        select d.zone_id, d.material_id, d.channel, sum(d.copies) as copies from zone_day_tally d
        where d.city_id = :city_id and d.campaign_id = :campaign_id and d.known_on <= gate.known_on
        group by d.zone_id, d.material_id, d.channel
    ) past
    union all
    select d.zone_id, d.material_id, d.channel, sum(d.copies)
    from outlet o
    join zone_day_tally d on d.city_id = :city_id and d.campaign_id = :campaign_id and d.outlet_id = o.outlet_id
    where :scope_partner::uuid is not null and o.city_id = :city_id and o.partner_id = :scope_partner::uuid
      and (:scope_outlet::uuid is null or o.outlet_id = :scope_outlet::uuid)
      and d.known_on <= coalesce(:known_on::date, 'infinity'::date)
    group by 1, 2, 3
)
select c.material_id, c.channel, sum(c.copies)::bigint as copies
from counted c
join zone z on z.city_id = :city_id and z.zone_id = c.zone_id
    and (:scope_division::text is null or starts_with(z.division_code, :scope_division))
group by c.material_id, c.channel
order by c.channel, c.material_id;
