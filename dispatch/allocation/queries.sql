-- name: read_plan_frame
-- Campaign $2 of city $1 with the material of code $3 and wave number $4, each null where unknown; today is the day at
-- instant $5 in the city. No row: no such campaign.
select c.status, c.starts_on, c.ends_on, ($5::timestamptz at time zone t.timezone)::date as today,
       m.material_id, m.bundle_copies, m.counts_for_reach,
       w.starts_on as wave_starts_on, w.ends_on as wave_ends_on, w.zone_codes
from campaign c
join city t on t.city_id = $1
left join material m on m.city_id = $1 and m.campaign_id = c.campaign_id and m.code = $3
left join wave w on w.city_id = $1 and w.campaign_id = c.campaign_id and w.number = $4
where c.city_id = $1 and c.campaign_id = $2;

-- name: read_printed
-- Copies of material $3 of campaign $2 of city $1: printed or ordered (whichever is more: stock may have come without a
-- registered run), already in batches, and lying in depots. Always one row.
select greatest(
           (select coalesce(sum(r.copies), 0) from print_run r
            where r.city_id = $1 and r.campaign_id = $2 and r.material_id = $3),
           (select -coalesce(sum(s.quantity), 0) from stock_balance s
            where s.city_id = $1 and s.campaign_id = $2 and s.material_id = $3 and s.holder_kind = 'printer'))::bigint as printed,
       (select coalesce(sum(b.copies), 0) from batch b
        where b.city_id = $1 and b.campaign_id = $2 and b.material_id = $3)::bigint as in_batches,
       (select coalesce(sum(s.quantity), 0) from stock_balance s
        where s.city_id = $1 and s.campaign_id = $2 and s.material_id = $3 and s.holder_kind = 'depot')::bigint as in_depots;

-- name: read_plan_zones
-- Zones of city $1 (with codes $4, all when empty) as a plan of campaign $2 for material $3 finds them, in the order of codes:
-- households; incidents of the months from $7 to $8; committed copies, that is what is handed out or in batches, whichever is
-- more, of all materials that count for reach when $3 does ($9), else of $3 alone; and capacity left in the days $5 to $6, that
-- is declared copies (a week partly inside counts for its campaign days inside) less what batches due in these days, or overdue
-- on the day $10, still have to be handed out, whatever the material. Parts are materialized: under a generic plan, and before
-- a bulk load is analysed, they would else be computed again forevery zone.
with made as materialized (
    select b.zone_id, b.material_id, sum(b.copies) as copies,
           coalesce(sum(b.copies) filter (where b.due_on <= $6), 0) as due_by_end,
           coalesce(sum(b.copies) filter (where b.due_on < $5), 0) as due_before,
           coalesce(sum(b.copies) filter (where b.due_on < $10), 0) as overdue
    from batch b where b.city_id = $1 and b.campaign_id = $2
    group by b.zone_id, b.material_id
), done as materialized (
    select t.zone_id, t.material_id, sum(t.copies) as copies
    from zone_tally t where t.city_id = $1 and t.campaign_id = $2
    group by t.zone_id, t.material_id
), held as materialized (
    select zone_id, material_id, greatest(coalesce(made.copies, 0), coalesce(done.copies, 0)) as committed,
           greatest(0, coalesce(due_by_end, 0) - greatest(coalesce(done.copies, 0), coalesce(due_before, 0)))
               + greatest(0, coalesce(overdue, 0) - coalesce(done.copies, 0)) as still_open
    from made full join done using (zone_id, material_id)
), zone_held as materialized (
    select h.zone_id, coalesce(sum(h.committed) filter (
               where h.material_id = $3 or ($9::boolean and m.counts_for_reach)), 0) as committed,
           sum(h.still_open) as still_open
    from held h join material m on m.city_id = $1 and m.material_id = h.material_id
    group by h.zone_id
), declared as materialized (
    select k.zone_id, sum(k.copies::numeric
               * greatest(0, least(k.week_starts_on + 6, $6::date) - greatest(k.week_starts_on, $5::date) + 1)
               / (least(k.week_starts_on + 6, c.ends_on) - greatest(k.week_starts_on, c.starts_on) + 1)) as copies
    from capacity k
    join campaign c on c.city_id = $1 and c.campaign_id = $2
    join outlet o on o.city_id = $1 and o.outlet_id = k.outlet_id and o.active
    join partner p on p.city_id = $1 and p.partner_id = o.partner_id and p.active
    where k.city_id = $1 and k.campaign_id = $2 and k.copies > 0
      and k.week_starts_on between $5::date - 6 and $6::date
    group by k.zone_id
), incidents as materialized (
    select i.zone_id, sum(i.incidents) as incidents
    from incident_count i where i.city_id = $1 and i.month between $7 and $8
    group by i.zone_id
)
select z.zone_id, z.code, z.name, z.households, coalesce(incidents.incidents, 0)::bigint as incidents, z.priority_groups,
       coalesce(zone_held.committed, 0)::bigint as committed_copies,
       greatest(0, floor(coalesce(declared.copies, 0)) - coalesce(zone_held.still_open, 0))::bigint as capacity_copies
from zone z
left join zone_held on zone_held.zone_id = z.zone_id
left join declared on declared.zone_id = z.zone_id
left join incidents on incidents.zone_id = z.zone_id
where z.city_id = $1 and (cardinality($4::text[]) = 0 or z.code = any($4::text[]))
order by z.code;

-- name: read_partner_capacity
-- What active partners declared for campaign $2 of city $1 in the days $3 to $4, per zone, less what the batches they hold or
-- that are reserved for them there still have to be handed out. No row: nobody declared anything.
with declared as (
    select k.zone_id, o.partner_id, sum(k.copies::numeric
               * greatest(0, least(k.week_starts_on + 6, $4::date) - greatest(k.week_starts_on, $3::date) + 1)
               / (least(k.week_starts_on + 6, c.ends_on) - greatest(k.week_starts_on, c.starts_on) + 1)) as copies
    from capacity k
    join campaign c on c.city_id = $1 and c.campaign_id = $2
    join outlet o on o.city_id = $1 and o.outlet_id = k.outlet_id and o.active
    where k.city_id = $1 and k.campaign_id = $2 and k.copies > 0
      and k.week_starts_on between $3::date - 6 and $4::date
    group by k.zone_id, o.partner_id
), made as (
    select b.zone_id, coalesce(h.partner_id, b.reserved_partner_id) as partner_id, sum(b.copies) as copies
    from batch b
    left join claim h on h.city_id = $1 and h.batch_id = b.batch_id and h.status = 'held'
    where b.city_id = $1 and b.campaign_id = $2 and b.due_on <= $4
      and coalesce(h.partner_id, b.reserved_partner_id) is not null
    group by b.zone_id, coalesce(h.partner_id, b.reserved_partner_id)
), done as (
    select t.zone_id, o.partner_id, sum(t.copies) as copies
    from zone_day_tally t
    join outlet o on o.city_id = $1 and o.outlet_id = t.outlet_id
    where t.city_id = $1 and t.campaign_id = $2
    group by t.zone_id, o.partner_id
)
select d.zone_id, d.partner_id, p.code as partner_code, p.name as partner_name,
       greatest(0, floor(d.copies) - greatest(0, coalesce(made.copies, 0) - coalesce(done.copies, 0)))::bigint as copies
from declared d
join partner p on p.city_id = $1 and p.partner_id = d.partner_id and p.active
left join made on made.zone_id = d.zone_id and made.partner_id = d.partner_id
left join done on done.zone_id = d.zone_id and done.partner_id = d.partner_id
order by p.code, d.zone_id;

-- name: insert_allocation
-- Keep draft $2 for material $4 of campaign $3 of city $1. No row: the id is taken.
insert into allocation (city_id, allocation_id, campaign_id, material_id, copies, wave_number, parameters, certificate,
                        created_at, created_by)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
on conflict (city_id, allocation_id) do nothing
returning allocation_id;

-- name: insert_lines
-- The lines of allocation $2 of city $1: zones $3, partners $4, copies $5, risk weights $6.
insert into allocation_line (city_id, allocation_id, zone_id, partner_id, copies, proposed_copies, risk_weight)
select $1, $2, x.zone_id, x.partner_id, x.copies, x.copies, x.risk_weight
from unnest($3::uuid[], $4::uuid[], $5::int[], $6::float8[]) as x(zone_id, partner_id, copies, risk_weight)
order by x.zone_id, x.partner_id;

-- name: read_allocations
-- Plans of city $1: all of campaign $2, or the one with id $3; newest first. No row: none.
select a.allocation_id, a.campaign_id, m.code as material_code, m.name as material_name, a.status, a.revision, a.copies,
       a.wave_number, a.created_at, a.approved_at,
       (select coalesce(sum(l.copies), 0) from allocation_line l
        where l.city_id = $1 and l.allocation_id = a.allocation_id)::bigint as planned_copies,
       exists (select 1 from allocation_line l
               where l.city_id = $1 and l.allocation_id = a.allocation_id and l.copies <> l.proposed_copies) as changed_by_hand,
       (select count(*) from batch b
        where b.city_id = $1 and b.campaign_id = a.campaign_id and b.allocation_id = a.allocation_id) as batches
from allocation a
join material m on m.city_id = $1 and m.material_id = a.material_id
where a.city_id = $1 and ($2::uuid is null or a.campaign_id = $2) and ($3::uuid is null or a.allocation_id = $3)
order by a.created_at desc, a.allocation_id desc;

-- name: read_papers
-- What allocation $2 of city $1 was made from and its certificate. No row: there is none.
select parameters, certificate from allocation where city_id = $1 and allocation_id = $2;

-- name: lock_allocation
-- Allocation $2 of city $1, held until the transaction ends, with its campaign and material. No row: there is none.
select a.status, a.revision, a.campaign_id, a.material_id, a.copies, m.bundle_copies, a.parameters,
       ($3::timestamptz at time zone t.timezone)::date as today
from allocation a
join material m on m.city_id = $1 and m.material_id = a.material_id
join city t on t.city_id = $1
where a.city_id = $1 and a.allocation_id = $2
for update of a;

-- name: read_lines
-- Lines of allocation $2 of city $1 by zone and partner.
select l.zone_id, z.code as zone_code, z.name as zone_name, l.partner_id, p.code as partner_code, p.name as partner_name,
       l.copies, l.proposed_copies, l.risk_weight, l.change_reason
from allocation_line l
join zone z on z.city_id = $1 and z.zone_id = l.zone_id
left join partner p on p.city_id = $1 and p.partner_id = l.partner_id
where l.city_id = $1 and l.allocation_id = $2
order by z.code, p.code nulls first;

-- name: read_serving_partner
-- The active partner with code $4 of city $1 if it serves the zone with code $3 in campaign $2. No row: it does not.
select p.partner_id from partner p
where p.city_id = $1 and p.code = $4 and p.active and exists (
    select 1 from capacity k
    join outlet o on o.city_id = $1 and o.outlet_id = k.outlet_id
    join zone z on z.city_id = $1 and z.zone_id = k.zone_id
    where k.city_id = $1 and k.campaign_id = $2 and z.code = $3 and o.partner_id = p.partner_id and k.copies > 0);

-- name: change_line
-- The line of zone $3 and partner $4 of allocation $2 of city $1 gets $5 copies, by $7 because of $8; $6 is its risk weight.
insert into allocation_line as l (city_id, allocation_id, zone_id, partner_id, copies, proposed_copies, risk_weight,
                                  changed_by, change_reason)
values ($1, $2, $3, $4, $5, 0, $6, $7, $8)
on conflict (city_id, allocation_id, zone_id, partner_id)
do update set copies = excluded.copies, changed_by = excluded.changed_by, change_reason = excluded.change_reason;

-- name: raise_revision
-- Plan $2 of city $1 is not what it was.
update allocation set revision = revision + 1 where city_id = $1 and allocation_id = $2;

-- name: drop_allocation
-- Draft $2 of city $1 is kept for the record only.
update allocation set status = 'dropped' where city_id = $1 and allocation_id = $2;

-- name: approve_allocation
-- Allocation $2 of city $1 is approved at $3 by $4.
update allocation set status = 'approved', approved_at = $3, approved_by = $4 where city_id = $1 and allocation_id = $2;

-- name: read_depot
-- The active depot with code $4 of city $1; without a code the one that holds most of material $3 of campaign $2, then the one
-- most of it is ordered for. No row: there is none.
select d.depot_id from depot d
where d.city_id = $1 and d.active and ($4::text is null or d.code = $4)
order by (select coalesce(sum(s.quantity), 0) from stock_balance s
          where s.city_id = $1 and s.holder_id = d.depot_id and s.holder_kind = 'depot' and s.campaign_id = $2
            and s.material_id = $3) desc,
         (select coalesce(sum(r.copies), 0) from print_run r
          where r.city_id = $1 and r.campaign_id = $2 and r.material_id = $3 and r.depot_id = d.depot_id) desc,
         d.code
limit 1;

-- name: read_last_batch_numbers
-- The highest number at the end of a batch code per zone of campaign $2 of city $1. No row: no batches yet.
select b.zone_id, max((regexp_match(b.code, '-([0-9]{1,9})$'))[1]::int) as number
from batch b
where b.city_id = $1 and b.campaign_id = $2 and b.code ~ '-[0-9]{1,9}$'
group by b.zone_id;

-- name: insert_batches
-- Batches of allocation $2, campaign $3, material $4, depot $5 of city $1, due on $6, made at $7; then one array per column.
insert into batch (city_id, allocation_id, campaign_id, material_id, depot_id, due_on, created_at,
                   batch_id, code, zone_id, copies, reserved_partner_id, priority, priority_reason, unreached_households)
select $1, $2, $3, $4, $5, $6, $7,
       x.batch_id, x.code, x.zone_id, x.copies, x.reserved_partner_id, x.priority, x.priority_reason, x.unreached_households
from unnest($8::uuid[], $9::text[], $10::uuid[], $11::int[], $12::uuid[], $13::float8[], $14::text[], $15::int[])
    as x(batch_id, code, zone_id, copies, reserved_partner_id, priority, priority_reason, unreached_households)
order by x.batch_id;

-- name: read_batches
-- Batches that allocation $3 of campaign $2 of city $1 made, most urgent first. No row: it made none.
select b.batch_id, b.code, z.code as zone_code, b.copies, p.code as reserved_partner_code, d.code as depot_code, b.priority,
       b.priority_reason, b.due_on
from batch b
join zone z on z.city_id = $1 and z.zone_id = b.zone_id
join depot d on d.city_id = $1 and d.depot_id = b.depot_id
left join partner p on p.city_id = $1 and p.partner_id = b.reserved_partner_id
where b.city_id = $1 and b.campaign_id = $2 and b.allocation_id = $3
order by b.priority desc, b.code;
