-- name: read_plan_row
-- A campaign with a material and a wave, by code and number, each null where unknown; today is the day in the city. No
-- row: there is no such campaign.
select c.status, c.starts_on, c.ends_on, (:now::timestamptz at time zone t.timezone)::date as today,
       m.material_id, m.bundle_copies, m.counts_for_reach,
       w.starts_on as wave_starts_on, w.ends_on as wave_ends_on, w.zone_codes
from campaign c
join city t on t.city_id = :city_id
left join material m on m.city_id = :city_id and m.campaign_id = c.campaign_id and m.code = :material_code
left join wave w on w.city_id = :city_id and w.campaign_id = c.campaign_id and w.number = :wave_number
where c.city_id = :city_id and c.campaign_id = :campaign_id;

-- name: read_printed
-- Copies of a material: printed or ordered (whichever is more: stock may have come without a registered run), already
-- in batches, and lying in depots. Always one row.
select greatest(
           (select coalesce(sum(r.copies), 0) from print_run r
            where r.city_id = :city_id and r.campaign_id = :campaign_id and r.material_id = :material_id),
           (select -coalesce(sum(s.quantity), 0) from stock_balance s
            where s.city_id = :city_id and s.campaign_id = :campaign_id and s.material_id = :material_id
              and s.holder_kind = 'printer'))::bigint as printed,
       (select coalesce(sum(b.copies - b.withdrawn_copies), 0) from batch b
        where b.city_id = :city_id and b.campaign_id = :campaign_id
          and b.material_id = :material_id)::bigint as in_batches,
       (select coalesce(sum(s.quantity), 0) from stock_balance s
        where s.city_id = :city_id and s.campaign_id = :campaign_id and s.material_id = :material_id
          and s.holder_kind = 'depot')::bigint as in_depots;

-- name: read_plan_zones
-- The zones (of a wave, and among those chosen by code: all when none is named; of a district, where one is) as a plan
-- for a material finds them, in the order of codes: households; incidents of the months from `incidents_from` to today;
-- copies handed out, and promised (in batches, but not handed out), of all materials that count for reach when the
-- plan's does, else of that alone; and capacity left in the plan's days. Capacity left is declared copies (a week
-- partly inside counts for its campaign days inside) less what batches due in these days, or overdue today, still have
-- to be handed out, whatever the material. Without a material it is for all that count for reach.
-- Parts are materialized: under a generic plan, and before a bulk load is analysed, they would be computed again for
-- every zone.
with made as materialized (
    select b.zone_id, b.material_id, sum(b.copies - b.withdrawn_copies) as copies,
           coalesce(sum(b.copies - b.withdrawn_copies) filter (where b.due_on <= :ends_on), 0) as due_by_end,
           coalesce(sum(b.copies - b.withdrawn_copies) filter (where b.due_on < :starts_on), 0) as due_before,
           coalesce(sum(b.copies - b.withdrawn_copies) filter (where b.due_on < :today), 0) as overdue
    from batch b where b.city_id = :city_id and b.campaign_id = :campaign_id
    group by b.zone_id, b.material_id
), done as materialized (
    select t.zone_id, t.material_id, sum(t.copies) as copies
    from zone_tally t where t.city_id = :city_id and t.campaign_id = :campaign_id
    group by t.zone_id, t.material_id
), held as materialized (
    select zone_id, material_id, greatest(coalesce(made.copies, 0), coalesce(done.copies, 0)) as committed,
           coalesce(done.copies, 0) as handed_out,
           greatest(0, coalesce(due_by_end, 0) - greatest(coalesce(done.copies, 0), coalesce(due_before, 0)))
               + greatest(0, coalesce(overdue, 0) - coalesce(done.copies, 0)) as still_open
    from made full join done using (zone_id, material_id)
), zone_held as materialized (
    select h.zone_id, coalesce(sum(h.committed) filter (
               where h.material_id = :material_id::uuid or (:counts_for_reach::boolean and m.counts_for_reach)), 0)
               as committed,
           coalesce(sum(h.handed_out) filter (
               where h.material_id = :material_id::uuid or (:counts_for_reach::boolean and m.counts_for_reach)), 0)
               as handed_out,
           sum(h.still_open) as still_open
    from held h join material m on m.city_id = :city_id and m.material_id = h.material_id
    group by h.zone_id
), declared as materialized (
    select k.zone_id, sum(k.copies::numeric
               * greatest(0, least(k.week_starts_on + 6, :ends_on::date)
                             - greatest(k.week_starts_on, :starts_on::date) + 1)
               / (least(k.week_starts_on + 6, c.ends_on) - greatest(k.week_starts_on, c.starts_on) + 1)) as copies
    from capacity k
    join campaign c on c.city_id = :city_id and c.campaign_id = :campaign_id
    join outlet o on o.city_id = :city_id and o.outlet_id = k.outlet_id and o.active
    join partner p on p.city_id = :city_id and p.partner_id = o.partner_id and p.active
    where k.city_id = :city_id and k.campaign_id = :campaign_id and k.copies > 0
      and k.week_starts_on between :starts_on::date - 6 and :ends_on::date
    group by k.zone_id
), incidents as materialized (
    select i.zone_id, sum(i.incidents) as incidents
    from incident_count i where i.city_id = :city_id and i.month between :incidents_from and :today
    group by i.zone_id
)
select z.zone_id, z.code, z.name, z.households, coalesce(incidents.incidents, 0)::bigint as incidents,
       z.priority_groups, coalesce(zone_held.committed, 0)::bigint as committed_copies,
       coalesce(zone_held.handed_out, 0)::bigint as handed_out_copies,
       coalesce(zone_held.committed - zone_held.handed_out, 0)::bigint as promised_copies,
       greatest(0, floor(coalesce(declared.copies, 0)) - coalesce(zone_held.still_open, 0))::bigint as capacity_copies
from zone z
left join zone_held on zone_held.zone_id = z.zone_id
left join declared on declared.zone_id = z.zone_id
left join incidents on incidents.zone_id = z.zone_id
where z.city_id = :city_id and (cardinality(:zone_codes::text[]) = 0 or z.code = any(:zone_codes::text[]))
  and (cardinality(:chosen_codes::text[]) = 0 or z.code = any(:chosen_codes::text[]))
  and (:division_code::text is null or starts_with(z.division_code, :division_code))
order by z.code;

-- name: read_partner_capacity
-- What active partners declared for the plan's days, per zone, less what the batches they hold or that are reserved for
-- them there still have to be handed out. No row: nobody declared anything.
with declared as (
    select k.zone_id, o.partner_id, sum(k.copies::numeric
               * greatest(0, least(k.week_starts_on + 6, :ends_on::date)
                             - greatest(k.week_starts_on, :starts_on::date) + 1)
               / (least(k.week_starts_on + 6, c.ends_on) - greatest(k.week_starts_on, c.starts_on) + 1)) as copies
    from capacity k
    join campaign c on c.city_id = :city_id and c.campaign_id = :campaign_id
    join outlet o on o.city_id = :city_id and o.outlet_id = k.outlet_id and o.active
    where k.city_id = :city_id and k.campaign_id = :campaign_id and k.copies > 0
      and k.week_starts_on between :starts_on::date - 6 and :ends_on::date
    group by k.zone_id, o.partner_id
), made as (
    select b.zone_id, coalesce(h.partner_id, b.reserved_partner_id) as partner_id,
           sum(b.copies - b.withdrawn_copies) as copies
    from batch b
    left join claim h on h.city_id = :city_id and h.batch_id = b.batch_id and h.status = 'held'
    where b.city_id = :city_id and b.campaign_id = :campaign_id and b.due_on <= :ends_on
      and coalesce(h.partner_id, b.reserved_partner_id) is not null
    group by b.zone_id, coalesce(h.partner_id, b.reserved_partner_id)
), done as (
    select t.zone_id, o.partner_id, sum(t.copies) as copies
    from zone_day_tally t
    join outlet o on o.city_id = :city_id and o.outlet_id = t.outlet_id
    where t.city_id = :city_id and t.campaign_id = :campaign_id
    group by t.zone_id, o.partner_id
)
select d.zone_id, d.partner_id, p.code as partner_code, p.name as partner_name,
       greatest(0, floor(d.copies) - greatest(0, coalesce(made.copies, 0) - coalesce(done.copies, 0)))::bigint as copies
from declared d
join partner p on p.city_id = :city_id and p.partner_id = d.partner_id and p.active
left join made on made.zone_id = d.zone_id and made.partner_id = d.partner_id
left join done on done.zone_id = d.zone_id and done.partner_id = d.partner_id
order by p.code, d.zone_id;

-- name: read_allocations
-- Plans: all of a campaign, or the one with this id; newest first. No row: none.
select a.allocation_id, a.campaign_id, m.code as material_code, m.name as material_name, a.status, a.revision, a.copies,
       a.wave_number, a.created_at, a.approved_at,
       (select coalesce(sum(l.copies), 0) from allocation_line l
        where l.city_id = :city_id and l.allocation_id = a.allocation_id)::bigint as planned_copies,
       exists (select 1 from allocation_line l
               where l.city_id = :city_id and l.allocation_id = a.allocation_id
                 and l.copies + l.withdrawn_copies <> l.proposed_copies) as changed_by_hand,
       (select coalesce(sum(l.withdrawn_copies), 0) from allocation_line l
        where l.city_id = :city_id and l.allocation_id = a.allocation_id)::bigint as withdrawn_copies,
       (select count(*) from batch b
        where b.city_id = :city_id and b.campaign_id = a.campaign_id and b.allocation_id = a.allocation_id) as batches
from allocation a
join material m on m.city_id = :city_id and m.material_id = a.material_id
where a.city_id = :city_id and (:campaign_id::uuid is null or a.campaign_id = :campaign_id)
  and (:allocation_id::uuid is null or a.allocation_id = :allocation_id)
order by a.created_at desc, a.allocation_id desc;

-- name: read_basis
-- What a plan was made from, and its certificate. No row: there is none.
select parameters as basis, certificate from allocation
where city_id = :city_id and allocation_id = :allocation_id;

-- name: read_lines
-- Lines of a plan by zone and partner. No row: it has none.
select l.zone_id, z.code as zone_code, z.name as zone_name, l.partner_id, p.code as partner_code,
       p.name as partner_name, l.copies, l.proposed_copies, l.withdrawn_copies, l.risk_weight, l.change_reason
from allocation_line l
join zone z on z.city_id = :city_id and z.zone_id = l.zone_id
left join partner p on p.city_id = :city_id and p.partner_id = l.partner_id
where l.city_id = :city_id and l.allocation_id = :allocation_id
order by z.code, p.code nulls first;

-- name: read_batches
-- Batches that a plan made, most urgent first. No row: it made none.
select b.batch_id, b.code, z.code as zone_code, b.copies, p.code as reserved_partner_code, d.code as depot_code,
       b.priority, b.priority_reason, b.due_on
from batch b
join zone z on z.city_id = :city_id and z.zone_id = b.zone_id
join depot d on d.city_id = :city_id and d.depot_id = b.depot_id
left join partner p on p.city_id = :city_id and p.partner_id = b.reserved_partner_id
where b.city_id = :city_id and b.campaign_id = :campaign_id and b.allocation_id = :allocation_id
order by b.priority desc, b.code;
