-- The state of a claim is computed in the same words wherever it is needed here and in "stock":
--   collected  copies on its waybills, but for those cancelled (their issue, recorded under the waybill's id, reversed)
--   lease      lease_until, or the last collection plus the hours of a lease if that is later
--   holds      not ended, and the lease runs or everything is collected
-- rules.py says the same about single claims; tests/batches compares the two.

-- name: read_batches
-- Batches of a campaign in priority order, with what is open of them at an instant under leases of so many hours, and
-- the claim that holds them where it is the caller's to see. A partner, and an outlet of it, sees open batches of zones
-- it serves that are not reserved for another, and those it holds; a district its own zones. `status`: open, held (with
-- something left to collect), collected (all of it), withdrawn (something of it), mine (held by the caller), all. Of a
-- zone, a material or a partner that holds it or has it reserved, from the one after a given batch on. No row: none
-- such there.
select b.batch_id, b.code, b.copies, case when s.held then 0 else b.copies - b.withdrawn_copies - s.collected end
       as copies_open,
       case when s.held then 'held' when b.copies - b.withdrawn_copies > s.collected then 'open'
            when b.withdrawn_copies = b.copies then 'withdrawn' else 'collected' end as status,
       b.withdrawn_copies, b.withdrawn_at, b.withdrawn_reason,
       z.code as zone_code, z.name as zone_name, m.code as material_code, m.name as material_name, m.bundle_copies,
       d.code as depot_code, d.name as depot_name, d.address as depot_address, r.code as reserved_partner_code,
       case when :scope_partner::uuid is null then b.priority end as priority, b.priority_reason,
       l.change_reason, b.unreached_households, b.due_on,
       case when h.claim_id is not null then jsonb_build_object(
           'claim_id', h.claim_id, 'partner_code', p.code, 'partner_name', p.name, 'outlet_code', o.code,
           'copies', h.copies, 'collected', s.held_collected, 'lease_until', s.lease_until, 'assigned', h.assigned,
           'claimed_at', h.claimed_at, 'return_asked_at', h.return_asked_at,
           'return_asked_reason', h.return_asked_reason,
           'seconds_left', case when s.held_collected < h.copies then
               greatest(0, floor(extract(epoch from s.lease_until - :as_of::timestamptz)))::bigint end) end as claim
from batch b
join zone z on z.city_id = :city_id and z.zone_id = b.zone_id
join material m on m.city_id = :city_id and m.material_id = b.material_id
join depot d on d.city_id = :city_id and d.depot_id = b.depot_id
left join partner r on r.city_id = :city_id and r.partner_id = b.reserved_partner_id
left join allocation_line l on l.city_id = :city_id and l.allocation_id = b.allocation_id and l.zone_id = b.zone_id
    and l.partner_id = coalesce(b.reserved_partner_id, '00000000-0000-0000-0000-000000000000')
cross join lateral (
    select coalesce(bool_or(k.holds), false) as held, coalesce(sum(k.collected), 0)::int as collected,
           (array_agg(k.claim_id) filter (where k.holds))[1] as claim_id,
           (max(k.lease_until) filter (where k.holds)) as lease_until,
           (max(k.collected) filter (where k.holds)) as held_collected
    from (
        select c.claim_id, w.collected,
               greatest(c.lease_until, w.last_at + make_interval(hours => :lease_hours)) as lease_until,
               c.status = 'held' and (w.collected >= c.copies
                   or greatest(c.lease_until, w.last_at + make_interval(hours => :lease_hours)) > :as_of) as holds
        from claim c
        cross join lateral (
            select coalesce(sum(w.copies), 0)::int as collected, max(w.issued_at) as last_at from waybill w
            where w.city_id = :city_id and w.claim_id = c.claim_id and not exists
                (select from stock_move x where x.city_id = :city_id and x.reversal_of = w.waybill_id)) w
        where c.city_id = :city_id and c.batch_id = b.batch_id) k
) s
left join claim h on h.city_id = :city_id and h.claim_id = s.claim_id
    and (:scope_partner::uuid is null or h.partner_id = :scope_partner)
    and (:scope_outlet::uuid is null or h.outlet_id = :scope_outlet)
left join partner p on p.city_id = :city_id and p.partner_id = h.partner_id
left join outlet o on o.city_id = :city_id and o.outlet_id = h.outlet_id
where b.city_id = :city_id and b.campaign_id = :campaign_id
  and (:scope_division::text is null or starts_with(z.division_code, :scope_division))
  and (:zone_code::text is null or z.code = :zone_code)
  and (:after_batch_id::uuid is null or exists (
      select from batch e where e.city_id = :city_id and e.batch_id = :after_batch_id
         and (b.priority < e.priority or (b.priority = e.priority and b.batch_id > e.batch_id))))
  and case :status::text when 'open' then not s.held and b.copies - b.withdrawn_copies > s.collected
                        when 'held' then s.held and b.copies - b.withdrawn_copies > s.collected
                        when 'collected' then b.copies - b.withdrawn_copies <= s.collected
                             and b.withdrawn_copies < b.copies
                        when 'withdrawn' then b.withdrawn_copies > 0
                        when 'mine' then h.claim_id is not null else true end
  and (:material_code::text is null or m.code = :material_code)
  and (:partner_code::text is null or p.code = :partner_code or r.code = :partner_code)
  and (:scope_partner::uuid is null or h.claim_id is not null or (
      not s.held and b.copies - b.withdrawn_copies > s.collected
      and (b.reserved_partner_id is null or b.reserved_partner_id = :scope_partner)
      and exists (
          select from capacity y
          join outlet q on q.city_id = :city_id and q.outlet_id = y.outlet_id and q.partner_id = :scope_partner
          where y.city_id = :city_id and y.campaign_id = b.campaign_id and y.zone_id = b.zone_id and y.copies > 0
            and (:scope_outlet::uuid is null or y.outlet_id = :scope_outlet))))
order by b.priority desc, b.batch_id
limit :rows;

-- name: read_campaign
-- Whether the campaign exists. No row: it does not.
select campaign_id from campaign where city_id = :city_id and campaign_id = :campaign_id;

-- name: read_partner
-- The active partner with this code. No row: none such here.
select partner_id from partner where city_id = :city_id and code = :code and active;

-- name: read_outlet_of_partner
-- The partner's active outlet with this code. No row: it has none such.
select outlet_id from outlet
where city_id = :city_id and partner_id = :partner_id and code = :code and active;

-- name: lock_offer
-- Locks a batch of a zone within the scope until the end of the transaction, and answers it as a partner (and an
-- outlet, where one claims for itself) meets it. Everything that changes what is open of a batch takes this lock first.
-- No row: none such there.
select b.batch_id, b.campaign_id, g.status as campaign_status, z.code as zone_code,
       b.copies - b.withdrawn_copies as copies, b.withdrawn_copies, b.reserved_partner_id,
       exists (
           select from capacity y
           join outlet q on q.city_id = :city_id and q.outlet_id = y.outlet_id and q.partner_id = :partner_id
           where y.city_id = :city_id and y.campaign_id = b.campaign_id and y.zone_id = b.zone_id and y.copies > 0
             and (:outlet_id::uuid is null or y.outlet_id = :outlet_id)) as served
from batch b
join campaign g on g.city_id = :city_id and g.campaign_id = b.campaign_id
join zone z on z.city_id = :city_id and z.zone_id = b.zone_id
where b.city_id = :city_id and b.batch_id = :batch_id
  and (:scope_division::text is null or starts_with(z.division_code, :scope_division))
for update of b;

-- name: lock_batch_of_claim
-- Locks the batch of a claim within the scope and answers its campaign. No row: there is no such claim there.
select b.campaign_id from batch b
join claim c on c.city_id = :city_id and c.batch_id = b.batch_id
join zone z on z.city_id = :city_id and z.zone_id = b.zone_id
where b.city_id = :city_id and c.claim_id = :claim_id
  and (:scope_partner::uuid is null or c.partner_id = :scope_partner)
  and (:scope_outlet::uuid is null or c.outlet_id = :scope_outlet)
  and (:scope_division::text is null or starts_with(z.division_code, :scope_division))
for update of b;

-- name: read_claim_states
-- Every claim ever made on a batch, or one claim of any batch, under leases of so many hours. Read it after the lock.
-- No row: nobody ever claimed it.
select c.claim_id, c.batch_id, c.partner_id, p.code as partner_code, p.name as partner_name, p.kind as partner_kind,
       c.outlet_id, c.copies, w.collected, c.status, c.claimed_at,
       greatest(c.lease_until, w.last_at + make_interval(hours => :lease_hours)) as lease_until
from claim c
join partner p on p.city_id = :city_id and p.partner_id = c.partner_id
cross join lateral (
    select coalesce(sum(w.copies), 0)::int as collected, max(w.issued_at) as last_at from waybill w
    where w.city_id = :city_id and w.claim_id = c.claim_id and not exists
        (select from stock_move x where x.city_id = :city_id and x.reversal_of = w.waybill_id)) w
where c.city_id = :city_id and (c.batch_id = :batch_id or c.claim_id = :claim_id)
order by c.claimed_at, c.claim_id;

-- name: expire_claim
-- Writes down that a claim ended when its lease did. Answers nothing.
update claim set status = 'expired', ended_at = :ended_at
where city_id = :city_id and claim_id = :claim_id and status = 'held';

-- name: insert_claim
-- Writes a claim and answers its id. No row: somebody holds the batch, or the id is taken.
insert into claim (city_id, claim_id, batch_id, partner_id, outlet_id, copies, status, lease_until, claimed_at,
                   claimed_by, assigned)
values (:city_id, :claim_id, :batch_id, :partner_id, :outlet_id, :copies, 'held', :lease_until, :claimed_at,
        :claimed_by, :assigned)
on conflict do nothing
returning claim_id;

-- name: extend_claim
-- Prolongs a claim that is held. Answers nothing.
update claim set lease_until = :lease_until
where city_id = :city_id and claim_id = :claim_id and status = 'held';

-- name: ask_claim_back
-- Writes down that the city would like a claim's copies back; the latest wish counts. Answers nothing.
update claim set return_asked_at = :now, return_asked_by = :asked_by, return_asked_reason = :reason
where city_id = :city_id and claim_id = :claim_id and status = 'held';

-- name: release_claim
-- Gives back a claim that is held. Answers nothing.
update claim set status = 'released', ended_at = :ended_at, release_reason = :reason
where city_id = :city_id and claim_id = :claim_id and status = 'held';

-- name: read_claims
-- Claims within the scope, a district's by the zone of their batch, as they are at an instant under leases of so many
-- hours, newest first: one, or those of a campaign or a status (held, released, expired), from the one after a given
-- instant and id on. No row: none such there.
select c.claim_id, b.campaign_id, c.batch_id, b.code as batch_code, z.code as zone_code, z.name as zone_name,
       m.code as material_code, m.name as material_name, m.bundle_copies, d.code as depot_code, d.name as depot_name,
       p.code as partner_code, p.name as partner_name, o.code as outlet_code, b.due_on,
       c.copies, s.collected, c.copies - s.collected as uncollected, s.status, s.lease_until,
       case when s.status = 'held' and s.collected < c.copies then
           greatest(0, floor(extract(epoch from s.lease_until - :as_of::timestamptz)))::bigint end as seconds_left,
       c.assigned, c.claimed_at,
       case when s.status = 'expired' then coalesce(c.ended_at, s.lease_until) else c.ended_at end as ended_at,
       c.release_reason, c.return_asked_at, c.return_asked_reason
from claim c
join batch b on b.city_id = :city_id and b.batch_id = c.batch_id
join zone z on z.city_id = :city_id and z.zone_id = b.zone_id
join material m on m.city_id = :city_id and m.material_id = b.material_id
join depot d on d.city_id = :city_id and d.depot_id = b.depot_id
join partner p on p.city_id = :city_id and p.partner_id = c.partner_id
left join outlet o on o.city_id = :city_id and o.outlet_id = c.outlet_id
cross join lateral (
    select w.collected, greatest(c.lease_until, w.last_at + make_interval(hours => :lease_hours)) as lease_until,
           case when c.status = 'held' and w.collected < c.copies
                     and greatest(c.lease_until, w.last_at + make_interval(hours => :lease_hours)) <= :as_of
                then 'expired' else c.status end as status
    from (
        select coalesce(sum(w.copies), 0)::int as collected, max(w.issued_at) as last_at from waybill w
        where w.city_id = :city_id and w.claim_id = c.claim_id and not exists
            (select from stock_move x where x.city_id = :city_id and x.reversal_of = w.waybill_id)) w
) s
where c.city_id = :city_id
  and (:scope_partner::uuid is null or c.partner_id = :scope_partner)
  and (:scope_outlet::uuid is null or c.outlet_id = :scope_outlet)
  and (:scope_division::text is null or starts_with(z.division_code, :scope_division))
  and (:claim_id::uuid is null or c.claim_id = :claim_id)
  and (:campaign_id::uuid is null or b.campaign_id = :campaign_id) and (:status::text is null or s.status = :status)
  and (:after_claimed_at::timestamptz is null
       or (c.claimed_at, c.claim_id) < (:after_claimed_at, :after_claim_id::uuid))
order by c.claimed_at desc, c.claim_id desc
limit :rows;
