-- name: lock_batches
-- Locks batches of a campaign until the end of the transaction, those of a plan or those with these ids, in the order
-- of their ids. Everything that changes what is open of a batch takes this lock first. No row: none such.
select b.batch_id, b.code, b.allocation_id, b.zone_id, z.code as zone_code, b.reserved_partner_id, b.copies,
       b.withdrawn_copies
from batch b
join zone z on z.city_id = :city_id and z.zone_id = b.zone_id
where b.city_id = :city_id and b.campaign_id = :campaign_id
  and (b.allocation_id = :allocation_id or b.batch_id = any(:batch_ids::uuid[]))
order by b.batch_id
for update of b;

-- name: read_claims_of
-- Every claim ever made on these batches, under leases of so many hours, in the words of dispatch/batches/queries.sql.
-- Read it after the lock. No row: nobody ever claimed one.
select c.claim_id, c.batch_id, c.partner_id, p.code as partner_code, p.name as partner_name, p.kind as partner_kind,
       c.outlet_id, c.copies, w.collected, c.status, c.claimed_at,
       greatest(c.lease_until, w.last_at + make_interval(hours => :lease_hours)) as lease_until
from claim c
join partner p on p.city_id = :city_id and p.partner_id = c.partner_id
cross join lateral (
    select coalesce(sum(w.copies), 0)::int as collected, max(w.issued_at) as last_at from waybill w
    where w.city_id = :city_id and w.claim_id = c.claim_id and not exists
        (select from stock_move x where x.city_id = :city_id and x.reversal_of = w.waybill_id)) w
where c.city_id = :city_id and c.batch_id = any(:batch_ids::uuid[])
order by c.claimed_at, c.claim_id;

-- name: withdraw_batches
-- Writes down how many copies of batches are taken back, now, by somebody and why. Answers nothing.
update batch b set withdrawn_copies = x.copies, withdrawn_at = :now, withdrawn_by = :withdrawn_by,
                   withdrawn_reason = :reason
from unnest(:batch_ids::uuid[], :copies::int[]) as x(batch_id, copies)
where b.city_id = :city_id and b.batch_id = x.batch_id;

-- name: lower_lines
-- The lines these batches were made of lose the copies that are taken back. Answers nothing.
update allocation_line l set copies = l.copies - x.copies, withdrawn_copies = l.withdrawn_copies + x.copies
from unnest(:allocation_ids::uuid[], :zone_ids::uuid[], :partner_ids::uuid[], :copies::int[])
    as x(allocation_id, zone_id, partner_id, copies)
where l.city_id = :city_id and l.allocation_id = x.allocation_id and l.zone_id = x.zone_id
  and l.partner_id = x.partner_id;

-- name: read_campaign
-- Whether the campaign exists. No row: it does not.
select campaign_id from campaign where city_id = :city_id and campaign_id = :campaign_id;

-- name: read_plan
-- The campaign and status of a plan. No row: there is none.
select campaign_id, status from allocation where city_id = :city_id and allocation_id = :allocation_id;
