-- Figures of a campaign, read from tallies, never from raw handouts. This slice writes what it has estimated and keeps.
--
-- "counted" appears in several blocks with three branches, of which exactly one runs (the others are switched off by a
-- condition on parameters alone): the current totals; past days as they were known at the end of a day; the copies of
-- the caller's own outlets. Parameters that mean the same everywhere: $1 city, $2 campaign.
--
-- Statements are planned once for all parameters, hence three habits: "materialized", so that a total is not counted again
-- forevery zone; a one-row "gate" before a large branch, so that no parallel worker starts for a branch switched off; and
-- "offset 0", so that every range of cells is looked up in the index.

-- name: read_view
-- Campaign $2 of city $1 with what every figure needs around it, the parts of its version, and the state of its kept
-- estimates (null: none yet). $3: the code of one material, or null forevery material that counts for reach. No row: no
-- such campaign here.
select c.campaign_id, c.name, c.starts_on, c.ends_on, c.target_reach, ci.timezone, ci.datum, ci.demonstration,
       c.revision + t.revision as revision, z.zones, z.zones_changed_at, e.estimated_at, e.a_median, e.a_log_sd,
       e.target_reach as kept_target_reach, coalesce(e.revision = c.revision + t.revision and e.target_reach = c.target_reach
           and e.zones = z.zones and e.zones_changed_at is not distinct from z.zones_changed_at, false) as estimate_is_current,
       array(select m.material_id from material m where m.city_id = $1 and m.campaign_id = $2
             and (m.code = $3 or ($3::text is null and m.counts_for_reach)) order by m.code) as material_ids
from campaign c
join city ci on ci.city_id = $1
cross join (select count(*) as zones, max(changed_at) as zones_changed_at from zone where city_id = $1) z
cross join (select coalesce(sum(revision), 0)::bigint as revision from zone_tally where city_id = $1 and campaign_id = $2) t
left join reach_estimate_state e on e.city_id = $1 and e.campaign_id = $2
where c.city_id = $1 and c.campaign_id = $2;

-- name: read_version
-- What changes whenever a figure of campaign $2 in city $1 may have changed. No row: no such campaign here.
select c.revision + t.revision as revision, z.zones, z.zones_changed_at, e.estimated_at, e.a_median, e.a_log_sd,
       c.target_reach
from campaign c
cross join (select count(*) as zones, max(changed_at) as zones_changed_at from zone where city_id = $1) z
cross join (select coalesce(sum(revision), 0)::bigint as revision from zone_tally where city_id = $1 and campaign_id = $2) t
left join reach_estimate_state e on e.city_id = $1 and e.campaign_id = $2
where c.city_id = $1 and c.campaign_id = $2;

-- name: read_zones
-- Counts per zone for materials $3, known by the end of day $7 (null: now) and approved by the instant $8. A planner
-- ($5 null) gets every zone whose division begins with $4 (null: all). A firm ($5, outlet $6 or null) gets the zones its
-- outlets serve or handed out in, with their copies only and no households.
with counted as materialized (
    select t.zone_id, sum(t.copies)::bigint as copies, sum(t.copies) filter (where t.channel = 'in_person')::bigint as in_person,
           sum(t.first_yes)::bigint as first_yes, sum(t.first_asked)::bigint as first_asked,
           sum(t.first_unknown)::bigint as first_unknown
    from zone_tally t
    where $5::uuid is null and $7::date is null and t.city_id = $1 and t.campaign_id = $2 and t.material_id = any($3::uuid[])
    group by t.zone_id
    union all
    select past.zone_id, past.copies, past.in_person, 0, 0, 0
    from (select $7::date as known_on where $5::uuid is null and $7::date is not null offset 0) gate
    cross join lateral (
        select d.zone_id, sum(d.copies)::bigint as copies,
               sum(d.copies) filter (where d.channel = 'in_person')::bigint as in_person
        from zone_day_tally d
        where d.city_id = $1 and d.campaign_id = $2 and d.material_id = any($3::uuid[]) and d.known_on <= gate.known_on
        group by d.zone_id
    ) past
    union all
    select d.zone_id, sum(d.copies)::bigint, sum(d.copies) filter (where d.channel = 'in_person')::bigint, 0, 0, 0
    from outlet o
    join zone_day_tally d on d.city_id = $1 and d.campaign_id = $2 and d.outlet_id = o.outlet_id
    where $5::uuid is not null and o.city_id = $1 and o.partner_id = $5::uuid and ($6::uuid is null or o.outlet_id = $6::uuid)
      and d.material_id = any($3::uuid[]) and d.known_on <= coalesce($7::date, 'infinity'::date)
    group by d.zone_id
), planned as materialized (
    select l.zone_id, sum(l.copies)::bigint as copies
    from allocation a
    join allocation_line l on l.city_id = $1 and l.allocation_id = a.allocation_id
    where a.city_id = $1 and a.campaign_id = $2 and a.material_id = any($3::uuid[]) and a.status = 'approved'
      and a.approved_at <= $8 and ($5::uuid is null or l.partner_id = $5::uuid)
    group by l.zone_id
), served as materialized (
    select distinct k.zone_id
    from outlet o
    join capacity k on k.city_id = $1 and k.campaign_id = $2 and k.outlet_id = o.outlet_id and k.copies > 0
    where $5::uuid is not null and o.city_id = $1 and o.partner_id = $5::uuid and ($6::uuid is null or o.outlet_id = $6::uuid)
)
select z.zone_id, z.code, z.name, z.division_code,
       case when $5::uuid is null then z.households end as households,
       case when $5::uuid is null then z.population end as population,
       coalesce(c.copies, 0) as handed_out, coalesce(c.in_person, 0) as in_person,
       coalesce(c.first_yes, 0) as first_yes, coalesce(c.first_asked, 0) as first_asked,
       coalesce(c.first_unknown, 0) as first_unknown,
       case when $6::uuid is null then coalesce(p.copies, 0) end as planned
from zone z
left join counted c on c.zone_id = z.zone_id
left join planned p on p.zone_id = z.zone_id
left join served s on s.zone_id = z.zone_id
where z.city_id = $1 and ($4::text is null or starts_with(z.division_code, $4))
  and ($5::uuid is null or c.zone_id is not null or s.zone_id is not null or (p.copies > 0 and $6::uuid is null))
order by z.code;

-- name: read_verified
-- Per zone of city $1 whose division begins with $3 (null: all) where somebody was asked in spot checks of campaign $2 closed by
-- the instant $4 (and after $5, where given): households asked, those that have it, by the results as corrected by then, and when the last was closed.
select s.zone_id, sum(r.asked)::bigint as asked, sum(r.have)::bigint as have, max(s.closed_at) as checked_at
from spot_check s
join zone z on z.city_id = $1 and z.zone_id = s.zone_id and ($3::text is null or starts_with(z.division_code, $3))
join spot_check_result r on r.city_id = $1 and r.spot_check_id = s.spot_check_id and r.recorded_at <= $4
where s.city_id = $1 and s.campaign_id = $2 and s.closed_at <= $4 and s.closed_at > coalesce($5::timestamptz, $4::timestamptz - interval '100 years') and not exists (
    select from spot_check_result x where x.city_id = $1 and x.replaces_id = r.result_id and x.recorded_at <= $4)
group by s.zone_id
having sum(r.asked) > 0;

-- name: read_kept_zones
-- Kept estimates of campaign $2 in zones of city $1 whose division begins with $3 (null: all).
select e.zone_id, e.division_code, e.households, e.copies, e.first_yes, e.first_asked, e.have, e.sampled, e.median, e.low, e.high,
       e.meets_target, e.level, e.sources_disagree, e.first_copy_share, e.spot_check_share, e.estimated_at
from reach_estimate e
join zone z on z.city_id = $1 and z.zone_id = e.zone_id and ($3::text is null or starts_with(z.division_code, $3))
where e.city_id = $1 and e.campaign_id = $2;

-- name: read_kept_area
-- The kept estimate of campaign $2 in all zones of city $1 whose division begins with $3 (null: all). No row: none is kept, or
-- no zone there has households.
select division_prefix, median, low, high, level, sources_disagree, first_copy_share, spot_check_share, estimated_at
from area_reach_estimate where city_id = $1 and campaign_id = $2 and division_prefix = coalesce($3::text, '');

-- name: read_stale_campaigns
-- Campaigns of all cities that have begun and whose kept estimates rest on other evidence than there is now.
select c.city_id, c.campaign_id
from campaign c
left join reach_estimate_state e on e.city_id = c.city_id and e.campaign_id = c.campaign_id
where c.status <> 'draft' and (e.target_reach is distinct from c.target_reach
    or e.revision is distinct from c.revision + (
        select coalesce(sum(t.revision), 0) from zone_tally t where t.city_id = c.city_id and t.campaign_id = c.campaign_id)
    or not exists (select from zone z where z.city_id = c.city_id
                   having count(*) = e.zones and max(z.changed_at) is not distinct from e.zones_changed_at))
order by 1, 2;

-- name: keep_state
-- Says what the estimates kept of campaign $2 in city $1 rest on: revision $3, $4 zones last changed at $5, target $6; orders
-- spread as $7, $8; computed at $9. Locks the row until the end of the transaction. No row: newer evidence is kept.
insert into reach_estimate_state as e
    (city_id, campaign_id, revision, zones, zones_changed_at, target_reach, a_median, a_log_sd, estimated_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict on constraint reach_estimate_state_key do update
set revision = excluded.revision, zones = excluded.zones, zones_changed_at = excluded.zones_changed_at, target_reach = excluded.target_reach,
    a_median = excluded.a_median, a_log_sd = excluded.a_log_sd, estimated_at = excluded.estimated_at
where e.revision <= excluded.revision
  and coalesce(e.zones_changed_at, '-infinity') <= coalesce(excluded.zones_changed_at, '-infinity')
returning e.campaign_id;

-- name: forget_estimates
-- Forgets the estimates kept of campaign $2 in city $1, before others take their place in the same transaction.
with zones as (delete from reach_estimate where city_id = $1 and campaign_id = $2)
delete from area_reach_estimate where city_id = $1 and campaign_id = $2;

-- name: keep_zones
-- Keeps the estimates of zones of campaign $2 in city $1, one array element each.
insert into reach_estimate (city_id, campaign_id, zone_id, division_code, households, copies, first_yes, first_asked, have, sampled,
    median, low, high, meets_target, level, sources_disagree, first_copy_share, spot_check_share, estimated_at)
select $1, $2, k.* from unnest($3::uuid[], $4::text[], $5::int[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[],
    $10::bigint[], $11::float8[], $12::float8[], $13::float8[], $14::float8[], $15::text[], $16::boolean[], $17::float8[],
    $18::float8[], $19::timestamptz[]) k;

-- name: keep_areas
-- Keeps the estimates of areas of campaign $2 in city $1, one array element each.
insert into area_reach_estimate (city_id, campaign_id, division_prefix, median, low, high, level, sources_disagree,
                                 first_copy_share, spot_check_share, estimated_at)
select $1, $2, k.* from unnest($3::text[], $4::float8[], $5::float8[], $6::float8[], $7::text[], $8::boolean[], $9::float8[],
    $10::float8[], $11::timestamptz[]) k;

-- name: read_zone_boundaries
-- Every zone whose division begins with $2 (null: all) of city $1 with its boundary (WKB, the city's datum), by code.
select zone_id, code, name, boundary from zone
where city_id = $1 and ($2::text is null or starts_with(division_code, $2))
order by code;

-- name: read_cell_map
-- The cells (resolution 9) of the zones whose division begins with $2 (null: all) in city $1, ascending, as columns of one
-- row; empty arrays when there are none.
select coalesce(array_agg(c.cell order by c.cell), '{}') as cells,
       coalesce(array_agg(c.households order by c.cell), '{}') as households
from zone_cell c
join zone z on z.city_id = $1 and z.zone_id = c.zone_id
where c.city_id = $1 and ($2::text is null or starts_with(z.division_code, $2));

-- name: read_tile_copies
-- Copies of the cells of campaign $2 in city $1 within the ranges $3…$4, summed per parent: a parent is the cell's number
-- with bits outside $5 cleared and those of $6 set. With a division ($7) only cells of its zones. One row of columns.
with found as (
    select (t.cell & $5::bigint) | $6::bigint as parent, sum(t.copies)::bigint as copies
    from unnest($3::bigint[], $4::bigint[]) r(low, high)
    cross join lateral (
        select c.cell, c.copies from cell_tally c
        where c.city_id = $1 and c.campaign_id = $2 and c.cell between r.low and r.high offset 0
    ) t
    where $7::text is null or exists (
        select from zone_cell c join zone z on z.city_id = $1 and z.zone_id = c.zone_id
        where c.city_id = $1 and c.cell = t.cell and starts_with(z.division_code, $7))
    group by 1
)
select coalesce(array_agg(parent), '{}') as cells, coalesce(array_agg(copies), '{}') as copies from found;

-- name: read_cells
-- Cells of campaign $2 in city $1, summed per parent (see read_tile_copies, $3 and $4), known by the end of day $5 (null:
-- now), of zones whose division begins with $6 (null: all) and of zone $7 (null: all); at most $8, ascending. One row of
-- columns with the number of cells there are. in_person is null for a past day.
with counted as materialized (
    select t.cell, t.copies, t.in_person from cell_tally t
    where $5::date is null and t.city_id = $1 and t.campaign_id = $2
    union all
    select d.cell, sum(d.copies)::bigint, null from cell_day_tally d
    where $5::date is not null and d.city_id = $1 and d.campaign_id = $2 and d.known_on <= $5::date
    group by d.cell
), summed as materialized (
    select (c.cell & $3::bigint) | $4::bigint as parent, sum(c.households)::bigint as households,
           coalesce(sum(t.copies), 0)::bigint as copies, coalesce(sum(t.in_person), 0)::bigint as in_person
    from zone z
    join zone_cell c on c.city_id = $1 and c.zone_id = z.zone_id
    left join counted t on t.cell = c.cell
    where z.city_id = $1 and ($6::text is null or starts_with(z.division_code, $6)) and ($7::uuid is null or z.zone_id = $7)
    group by 1
), listed as (
    select parent, households, copies, in_person from summed order by parent limit $8
)
select (select count(*) from summed) as total,
       coalesce(array_agg(parent order by parent), '{}') as cells,
       coalesce(array_agg(households order by parent), '{}') as households,
       coalesce(array_agg(copies order by parent), '{}') as copies,
       case when $5::date is null then coalesce(array_agg(in_person order by parent), '{}') end as in_person
from listed;

-- name: read_zone_id
-- The zone with code $2 of city $1, if its division begins with $3 (null: any). No row: not here, or not the caller's.
select zone_id from zone where city_id = $1 and code = $2 and ($3::text is null or starts_with(division_code, $3));

-- name: read_stock
-- Per material of campaign $2: copies printed, copies issued (out of depots less those brought back, reversals undone) and
-- copies moved into hands (depots, transit, outlets, riders; handouts not yet subtracted), by the instant $3. For a firm
-- ($4, outlet $5 or null): printed is null, issued is what went to its outlets, hands are its outlets and riders.
with own as materialized (
    select o.outlet_id as holder_id from outlet o
    where $4::uuid is not null and o.city_id = $1 and o.partner_id = $4::uuid and ($5::uuid is null or o.outlet_id = $5::uuid)
    union all
    select r.rider_id from outlet o join rider r on r.city_id = $1 and r.outlet_id = o.outlet_id
    where $4::uuid is not null and o.city_id = $1 and o.partner_id = $4::uuid and ($5::uuid is null or o.outlet_id = $5::uuid)
), moved as (
    select m.material_id, m.copies, m.from_kind, m.from_id, m.to_kind, m.to_id,
           case when o.move_id is null then 1 else -1 end as sign,
           coalesce(o.kind, m.kind) as meant, coalesce(o.from_kind, m.from_kind) as meant_from,
           coalesce(o.to_kind, m.to_kind) as meant_to,
           coalesce(w.outlet_id, case when m.to_kind = 'outlet' then m.to_id when m.from_kind = 'outlet' then m.from_id end)
               as outlet_id
    from stock_move m
    left join stock_move o on o.city_id = $1 and o.move_id = m.reversal_of
    left join waybill w on w.city_id = $1 and w.waybill_id = coalesce(m.waybill_id, o.waybill_id)
    where m.city_id = $1 and m.campaign_id = $2 and m.recorded_at <= $3
), summed as materialized (
    select m.material_id,
           sum(m.sign * m.copies * case when m.meant = 'issue' and m.meant_from = 'depot' then 1
                                        when m.meant = 'return' and m.meant_to = 'depot' then -1 else 0 end)
               filter (where $4::uuid is null or m.outlet_id in (select holder_id from own)) as issued,
           sum(m.copies) filter (where case when $4::uuid is null then m.to_kind in ('depot', 'transit', 'outlet', 'rider')
               else m.to_kind in ('outlet', 'rider') and m.to_id in (select holder_id from own) end) as moved_in,
           sum(m.copies) filter (where case when $4::uuid is null then m.from_kind in ('depot', 'transit', 'outlet', 'rider')
               else m.from_kind in ('outlet', 'rider') and m.from_id in (select holder_id from own) end) as moved_out
    from moved m
    group by m.material_id
)
select a.material_id, a.code, a.name, a.kind, a.counts_for_reach,
       case when $4::uuid is null then coalesce((select sum(p.copies) from print_run p
           where p.city_id = $1 and p.campaign_id = $2 and p.material_id = a.material_id and p.created_at <= $3), 0)::bigint
       end as printed,
       coalesce(s.issued, 0)::bigint as issued,
       (coalesce(s.moved_in, 0) - coalesce(s.moved_out, 0))::bigint as moved_in
from material a
left join summed s on s.material_id = a.material_id
where a.city_id = $1 and a.campaign_id = $2
order by a.code;

-- name: read_recent_copies
-- Copies of materials $3 handed out on the days $4…$5, known by the end of day $8 (null: now), by everybody ($6 null) or by
-- the outlets of firm $6 (outlet $7 or null). Always one row.
select coalesce(sum(copies), 0)::bigint as copies from (
    select d.copies
    from zone z
    join zone_day_tally d on d.city_id = $1 and d.campaign_id = $2 and d.zone_id = z.zone_id and d.day between $4 and $5
    where $6::uuid is null and z.city_id = $1 and d.material_id = any($3::uuid[])
      and d.known_on <= coalesce($8::date, 'infinity'::date)
    union all
    select d.copies
    from outlet o
    join zone_day_tally d on d.city_id = $1 and d.campaign_id = $2 and d.outlet_id = o.outlet_id and d.day between $4 and $5
    where $6::uuid is not null and o.city_id = $1 and o.partner_id = $6::uuid and ($7::uuid is null or o.outlet_id = $7::uuid)
      and d.material_id = any($3::uuid[]) and d.known_on <= coalesce($8::date, 'infinity'::date)
) counted;

-- name: read_mix
-- Copies of campaign $2 per material and channel, known by the end of day $3 (null: now), in zones whose division begins
-- with $4 (null: all), or by the outlets of firm $5 (outlet $6 or null). No row: nothing handed out.
with counted as materialized (
    select t.zone_id, t.material_id, t.channel, t.copies from zone_tally t
    where $5::uuid is null and $3::date is null and t.city_id = $1 and t.campaign_id = $2
    union all
    select past.zone_id, past.material_id, past.channel, past.copies
    from (select $3::date as known_on where $5::uuid is null and $3::date is not null offset 0) gate
    cross join lateral (
        select d.zone_id, d.material_id, d.channel, sum(d.copies) as copies from zone_day_tally d
        where d.city_id = $1 and d.campaign_id = $2 and d.known_on <= gate.known_on
        group by d.zone_id, d.material_id, d.channel
    ) past
    union all
    select d.zone_id, d.material_id, d.channel, sum(d.copies)
    from outlet o
    join zone_day_tally d on d.city_id = $1 and d.campaign_id = $2 and d.outlet_id = o.outlet_id
    where $5::uuid is not null and o.city_id = $1 and o.partner_id = $5::uuid and ($6::uuid is null or o.outlet_id = $6::uuid)
      and d.known_on <= coalesce($3::date, 'infinity'::date)
    group by 1, 2, 3
)
select c.material_id, c.channel, sum(c.copies)::bigint as copies
from counted c
join zone z on z.city_id = $1 and z.zone_id = c.zone_id and ($4::text is null or starts_with(z.division_code, $4))
group by c.material_id, c.channel
order by c.channel, c.material_id;

-- name: read_days
-- Copies of materials $3 per day they were handed out, known by the end of day $4 (null: now), scope $5 division, $6 firm,
-- $7 outlet as in read_mix. Days without copies have no row.
with counted as materialized (
    select d.zone_id, d.day, sum(d.copies) as copies from zone_day_tally d
    where $6::uuid is null and d.city_id = $1 and d.campaign_id = $2 and d.material_id = any($3::uuid[])
      and d.known_on <= coalesce($4::date, 'infinity'::date)
    group by d.zone_id, d.day
    union all
    select d.zone_id, d.day, sum(d.copies)
    from outlet o
    join zone_day_tally d on d.city_id = $1 and d.campaign_id = $2 and d.outlet_id = o.outlet_id
    where $6::uuid is not null and o.city_id = $1 and o.partner_id = $6::uuid and ($7::uuid is null or o.outlet_id = $7::uuid)
      and d.material_id = any($3::uuid[]) and d.known_on <= coalesce($4::date, 'infinity'::date)
    group by d.zone_id, d.day
)
select c.day, sum(c.copies)::bigint as copies
from counted c
join zone z on z.city_id = $1 and z.zone_id = c.zone_id and ($5::text is null or starts_with(z.division_code, $5))
group by c.day
order by c.day;

-- name: read_waves
-- The waves of campaign $2 by number, without their copies.
select number, name, starts_on, ends_on, planned_share from wave where city_id = $1 and campaign_id = $2 order by number;

-- name: read_wave_copies
-- Per wave of campaign $2: copies of materials $3 handed out during it (in its zones, where it names some) and anywhere by
-- its end, known by the end of day $4 (null: now); scope $5 division, $6 firm, $7 outlet as in read_mix.
with counted as materialized (
    select d.zone_id, d.day, sum(d.copies) as copies from zone_day_tally d
    where $6::uuid is null and d.city_id = $1 and d.campaign_id = $2 and d.material_id = any($3::uuid[])
      and d.known_on <= coalesce($4::date, 'infinity'::date)
    group by d.zone_id, d.day
    union all
    select d.zone_id, d.day, sum(d.copies)
    from outlet o
    join zone_day_tally d on d.city_id = $1 and d.campaign_id = $2 and d.outlet_id = o.outlet_id
    where $6::uuid is not null and o.city_id = $1 and o.partner_id = $6::uuid and ($7::uuid is null or o.outlet_id = $7::uuid)
      and d.material_id = any($3::uuid[]) and d.known_on <= coalesce($4::date, 'infinity'::date)
    group by d.zone_id, d.day
), located as materialized (
    select z.code, c.day, c.copies from counted c
    join zone z on z.city_id = $1 and z.zone_id = c.zone_id and ($5::text is null or starts_with(z.division_code, $5))
)
select w.number, w.name, w.starts_on, w.ends_on, w.planned_share,
       coalesce(sum(l.copies) filter (where l.day >= w.starts_on and (w.zone_codes = '{}' or l.code = any(w.zone_codes))), 0)::bigint
           as handed_out,
       coalesce(sum(l.copies), 0)::bigint as cumulative
from wave w
left join located l on l.day <= w.ends_on
where w.city_id = $1 and w.campaign_id = $2
group by w.city_id, w.campaign_id, w.number
order by w.number;

-- name: read_incidents
-- Incidents and households of every zone of city $1: a risk weight compares a zone with the whole city, so that a zone has
-- the same weight on every screen. The counts themselves never leave the server.
select z.zone_id, coalesce(z.households, 0) as households, coalesce(sum(i.incidents), 0)::bigint as incidents
from zone z
left join incident_count i on i.city_id = $1 and i.zone_id = z.zone_id
where z.city_id = $1
group by z.city_id, z.zone_id
order by z.code;
