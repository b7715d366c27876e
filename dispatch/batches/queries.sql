-- The state of a claim is computed in the same words wherever it is needed here and in "stock":
--   collected  copies on its waybills, but for those cancelled (their issue, recorded under the waybill's id, reversed)
--   lease      lease_until, or the last collection plus the hours of a lease if that is later
--   holds      not ended, and the lease runs or everything is collected
-- rules.py says the same about single claims; tests/batches compares the two.

-- name: read_batches
-- Batches of campaign $2 of city $1 in priority order, with what is open of them at $8 under leases of $9 hours, and the
-- claim that holds them where it is the caller's to see. Partner $3 and outlet $4 (null: a planner) see open batches of
-- zones they serve that are not reserved for another, and those they hold; a district $5 sees its own zones.
-- $6: open, held (with something left to collect), collected (all of it), mine (held by the caller), all. Optional: one zone by code $7, material $12, partner $13 that holds
-- it or has it reserved. The page begins behind batch $10; $11 rows.
select b.batch_id, b.code, b.copies, case when s.held then 0 else b.copies - s.collected end as copies_open,
       case when s.held then 'held' when b.copies > s.collected then 'open' else 'collected' end as status,
       z.code as zone_code, z.name as zone_name, m.code as material_code, m.name as material_name, m.bundle_copies,
       d.code as depot_code, d.name as depot_name, d.address as depot_address, r.code as reserved_partner_code,
       case when $3::uuid is null then b.priority end as priority, b.priority_reason, b.unreached_households, b.due_on,
       case when h.claim_id is not null then jsonb_build_object(
           'claim_id', h.claim_id, 'partner_code', p.code, 'partner_name', p.name, 'outlet_code', o.code, 'copies', h.copies,
           'collected', s.held_collected, 'lease_until', s.lease_until, 'assigned', h.assigned, 'claimed_at', h.claimed_at,
           'seconds_left', case when s.held_collected < h.copies
                                then greatest(0, floor(extract(epoch from s.lease_until - $8::timestamptz)))::bigint end) end as claim
from batch b
join zone z on z.city_id = $1 and z.zone_id = b.zone_id and ($5::text is null or starts_with(z.division_code, $5))
join material m on m.city_id = $1 and m.material_id = b.material_id
join depot d on d.city_id = $1 and d.depot_id = b.depot_id
left join partner r on r.city_id = $1 and r.partner_id = b.reserved_partner_id
cross join lateral (
    select coalesce(bool_or(k.holds), false) as held, coalesce(sum(k.collected), 0)::int as collected,
           (array_agg(k.claim_id) filter (where k.holds))[1] as claim_id,
           (max(k.lease_until) filter (where k.holds)) as lease_until,
           (max(k.collected) filter (where k.holds)) as held_collected
    from (
        select c.claim_id, w.collected, greatest(c.lease_until, w.last_at + make_interval(hours => $9)) as lease_until,
               c.status = 'held' and (w.collected >= c.copies
                   or greatest(c.lease_until, w.last_at + make_interval(hours => $9)) > $8) as holds
        from claim c
        cross join lateral (
            select coalesce(sum(w.copies), 0)::int as collected, max(w.issued_at) as last_at from waybill w
            where w.city_id = $1 and w.claim_id = c.claim_id and not exists
                (select from stock_move x where x.city_id = $1 and x.reversal_of = w.waybill_id)) w
        where c.city_id = $1 and c.batch_id = b.batch_id) k
) s
left join claim h on h.city_id = $1 and h.claim_id = s.claim_id
    and ($3::uuid is null or h.partner_id = $3) and ($4::uuid is null or h.outlet_id = $4)
left join partner p on p.city_id = $1 and p.partner_id = h.partner_id
left join outlet o on o.city_id = $1 and o.outlet_id = h.outlet_id
where b.city_id = $1 and b.campaign_id = $2 and ($7::text is null or z.code = $7)
  and ($10::uuid is null or exists (
      select from batch e where e.city_id = $1 and e.batch_id = $10
         and (b.priority < e.priority or (b.priority = e.priority and b.batch_id > e.batch_id))))
  and case $6::text when 'open' then not s.held and b.copies > s.collected when 'held' then s.held and b.copies > s.collected
                    when 'collected' then b.copies <= s.collected when 'mine' then h.claim_id is not null else true end
  and ($12::text is null or m.code = $12) and ($13::text is null or p.code = $13 or r.code = $13)
  and ($3::uuid is null or h.claim_id is not null or (
      not s.held and b.copies > s.collected and (b.reserved_partner_id is null or b.reserved_partner_id = $3)
      and exists (
          select from capacity y
          join outlet q on q.city_id = $1 and q.outlet_id = y.outlet_id and q.partner_id = $3
          where y.city_id = $1 and y.campaign_id = b.campaign_id and y.zone_id = b.zone_id and y.copies > 0
            and ($4::uuid is null or y.outlet_id = $4))))
order by b.priority desc, b.batch_id
limit $11;

-- name: read_campaign
-- The campaign $2 of city $1, if there is one.
select campaign_id from campaign where city_id = $1 and campaign_id = $2;

-- name: read_partner
-- The active partner of city $1 with code $2.
select partner_id from partner where city_id = $1 and code = $2 and active;

-- name: lock_offer
-- Batch $2 of city $1 within district $3, locked until the end of the transaction, as partner $4 (and outlet $5, where one
-- claims for itself) meets it. Everything that changes what is open of a batch takes this lock first.
select b.batch_id, b.campaign_id, g.status as campaign_status, z.code as zone_code, b.copies, b.reserved_partner_id,
       exists (
           select from capacity y
           join outlet q on q.city_id = $1 and q.outlet_id = y.outlet_id and q.partner_id = $4
           where y.city_id = $1 and y.campaign_id = b.campaign_id and y.zone_id = b.zone_id and y.copies > 0
             and ($5::uuid is null or y.outlet_id = $5)) as served
from batch b
join campaign g on g.city_id = $1 and g.campaign_id = b.campaign_id
join zone z on z.city_id = $1 and z.zone_id = b.zone_id and ($3::text is null or starts_with(z.division_code, $3))
where b.city_id = $1 and b.batch_id = $2
for update of b;

-- name: lock_batch_of_claim
-- Lock the batch of claim $2 of city $1, when the claim is within partner $3, outlet $4 and district $5.
select b.batch_id, b.campaign_id from batch b
join claim c on c.city_id = $1 and c.batch_id = b.batch_id
join zone z on z.city_id = $1 and z.zone_id = b.zone_id and ($5::text is null or starts_with(z.division_code, $5))
where b.city_id = $1 and c.claim_id = $2
  and ($3::uuid is null or c.partner_id = $3) and ($4::uuid is null or c.outlet_id = $4)
for update of b;

-- name: read_claim_states
-- Every claim ever made on batch $2 of city $1, or claim $3 of any batch, under leases of $4 hours. Read it after the lock.
select c.claim_id, c.batch_id, c.partner_id, p.code as partner_code, p.name as partner_name, p.kind as partner_kind,
       c.outlet_id, c.copies, w.collected, c.status, c.claimed_at,
       greatest(c.lease_until, w.last_at + make_interval(hours => $4)) as lease_until
from claim c
join partner p on p.city_id = $1 and p.partner_id = c.partner_id
cross join lateral (
    select coalesce(sum(w.copies), 0)::int as collected, max(w.issued_at) as last_at from waybill w
    where w.city_id = $1 and w.claim_id = c.claim_id and not exists
        (select from stock_move x where x.city_id = $1 and x.reversal_of = w.waybill_id)) w
where c.city_id = $1 and (c.batch_id = $2 or c.claim_id = $3)
order by c.claimed_at, c.claim_id;

-- name: expire_claim
-- Write down that claim $2 of city $1 ended when its lease did, at $3.
update claim set status = 'expired', ended_at = $3 where city_id = $1 and claim_id = $2 and status = 'held';

-- name: insert_claim
-- The claim itself: id $2 on batch $3 of city $1 by partner $4 (outlet $5) for $6 copies until $7, made at $8 by $9, assigned
-- by a planner or not ($10). No row: somebody holds the batch, or the id is taken.
insert into claim (city_id, claim_id, batch_id, partner_id, outlet_id, copies, status, lease_until, claimed_at, claimed_by, assigned)
values ($1, $2, $3, $4, $5, $6, 'held', $7, $8, $9, $10)
on conflict do nothing
returning claim_id;

-- name: extend_claim
-- Prolong claim $2 of city $1 to $3.
update claim set lease_until = $3 where city_id = $1 and claim_id = $2 and status = 'held';

-- name: release_claim
-- Give claim $2 of city $1 back at $3 for reason $4.
update claim set status = 'released', ended_at = $3, release_reason = $4
where city_id = $1 and claim_id = $2 and status = 'held';

-- name: read_claims
-- Claims of city $1 within partner $2, outlet $3 and district $4 at $5 under leases of $6 hours, newest first. Optional: one
-- claim $7, campaign $8, status $9 (held, released, expired). The page begins behind claimed_at $10, claim $11; $12 rows.
select c.claim_id, b.campaign_id, c.batch_id, b.code as batch_code, z.code as zone_code, z.name as zone_name,
       m.code as material_code, m.name as material_name, m.bundle_copies, d.code as depot_code, d.name as depot_name,
       p.code as partner_code, p.name as partner_name, o.code as outlet_code, b.due_on,
       c.copies, s.collected, c.copies - s.collected as uncollected, s.status, s.lease_until,
       case when s.status = 'held' and s.collected < c.copies
            then greatest(0, floor(extract(epoch from s.lease_until - $5::timestamptz)))::bigint end as seconds_left,
       c.assigned, c.claimed_at, case when s.status = 'expired' then coalesce(c.ended_at, s.lease_until) else c.ended_at end as ended_at,
       c.release_reason
from claim c
join batch b on b.city_id = $1 and b.batch_id = c.batch_id
join zone z on z.city_id = $1 and z.zone_id = b.zone_id and ($4::text is null or starts_with(z.division_code, $4))
join material m on m.city_id = $1 and m.material_id = b.material_id
join depot d on d.city_id = $1 and d.depot_id = b.depot_id
join partner p on p.city_id = $1 and p.partner_id = c.partner_id
left join outlet o on o.city_id = $1 and o.outlet_id = c.outlet_id
cross join lateral (
    select w.collected, greatest(c.lease_until, w.last_at + make_interval(hours => $6)) as lease_until,
           case when c.status = 'held' and w.collected < c.copies
                     and greatest(c.lease_until, w.last_at + make_interval(hours => $6)) <= $5
                then 'expired' else c.status end as status
    from (
        select coalesce(sum(w.copies), 0)::int as collected, max(w.issued_at) as last_at from waybill w
        where w.city_id = $1 and w.claim_id = c.claim_id and not exists
            (select from stock_move x where x.city_id = $1 and x.reversal_of = w.waybill_id)) w
) s
where c.city_id = $1 and ($2::uuid is null or c.partner_id = $2) and ($3::uuid is null or c.outlet_id = $3)
  and ($7::uuid is null or c.claim_id = $7) and ($8::uuid is null or b.campaign_id = $8)
  and ($9::text is null or s.status = $9)
  and ($10::timestamptz is null or (c.claimed_at, c.claim_id) < ($10, $11::uuid))
order by c.claimed_at desc, c.claim_id desc
limit $12;
