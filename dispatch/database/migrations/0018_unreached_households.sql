-- Households that a batch is to reach, as a number: a page can then write it in any language. Written by "allocation".

-- Households of the zone without a copy when the batch was planned, rounded; null: not applicable.
alter table batch add column unreached_households int
    constraint batch_unreached_not_negative check (unreached_households >= 0);

-- Batches made before: the figure follows from what their plan was made from and from the copies of the zone's earlier
-- batches in the plan, by the curve of reach. A plan whose material does not count for reach, and a zone without
-- households, have no figure. exp() is kept from underflow, which PostgreSQL refuses. The planner has no idea how many
-- zones a plan has: without nested loops a large city is done within the limit.
set local enable_nestloop = off;
with basis as (
    select a.city_id, a.allocation_id, z.key::uuid as zone_id, (z.value ->> 'households')::float8 as households,
           (z.value ->> 'committed_copies')::float8 as committed,
           (a.parameters #>> '{request,genuine_share}')::float8 as genuine,
           (a.parameters #>> '{request,spread}')::float8 as spread
    from allocation a, jsonb_each(a.parameters -> 'zones') z
    where a.city_id is not null and (a.parameters ->> 'counts_for_reach')::boolean
      and (z.value ->> 'households')::float8 > 0
), planned as (
    select b.city_id, b.batch_id, s.households, s.spread,
           s.genuine / s.households * (s.committed + coalesce(sum(b.copies) over earlier, 0)) as per_household
    from batch b
    join basis s on s.city_id = b.city_id and s.allocation_id = b.allocation_id and s.zone_id = b.zone_id
    where b.city_id is not null
    window earlier as (partition by b.city_id, b.allocation_id, b.zone_id order by length(b.code), b.code
                       rows between unbounded preceding and 1 preceding)
), missed as (
    select city_id, batch_id, households * exp(greatest(-700, case
               when spread > 1e-9 then -ln(1 + spread * per_household) / spread else -per_household end)) as unreached
    from planned where city_id is not null
), rounded as (
    select city_id, batch_id, unreached, case when unreached >= 1000 then 100 else 10 end as step
    from missed where city_id is not null
)
update batch set unreached_households = (round(r.unreached / r.step) * r.step)::int
from rounded r where batch.city_id = r.city_id and batch.batch_id = r.batch_id;
