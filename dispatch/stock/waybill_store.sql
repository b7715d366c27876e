-- name: lock_print_run
-- Locks a print run, so that deliveries of it are counted one after the other, and answers it. No row: none such here.
select p.print_run_id, p.code, p.campaign_id, p.material_id, p.depot_id, p.copies as ordered
from print_run p where p.city_id = :city_id and p.print_run_id = :print_run_id
for update;

-- name: read_delivered
-- Copies delivered of a print run, deliveries taken back not counted, and without the move that is just being judged.
select coalesce(sum(case when m.kind = 'reversal' then -m.copies else m.copies end), 0)::int
from stock_move m
where m.city_id = :city_id and m.print_run_id = :print_run_id and m.move_id <> :without_move_id
  and ((m.from_id = :campaign_id and m.from_kind = 'printer') or (m.to_id = :campaign_id and m.to_kind = 'printer'));

-- name: read_packing
-- How the material of a print run is packed, and the number of the last bundle made of the run; 0: none was made.
select m.bundle_copies, m.carton_copies,
       (select coalesce(max(b.number), 0) from bundle b
        where b.city_id = :city_id and b.print_run_id = :print_run_id) as made
from print_run p
join material m on m.city_id = :city_id and m.material_id = p.material_id
where p.city_id = :city_id and p.print_run_id = :print_run_id;

-- name: insert_bundles
-- Writes the bundles that a delivery brought to a depot whose balance was locked before, one per position of the
-- arrays. Answers nothing.
with made as (
    insert into bundle (city_id, bundle_id, campaign_id, material_id, print_run_id, number, carton_code, code, copies,
                        holder_kind, holder_id)
    select :city_id, x.bundle_id, :campaign_id, :material_id, :print_run_id, x.number, x.carton_code, x.code,
           :bundle_copies::int, 'depot', :depot_id
    from unnest(:bundle_ids::uuid[], :numbers::int[], :carton_codes::text[], :codes::text[])
         x (bundle_id, number, carton_code, code)
    returning bundle_id
), linked as (
    insert into bundle_move (city_id, bundle_id, move_id) select :city_id, m.bundle_id, :move_id from made m
)
update stock_balance b set sealed_copies = b.sealed_copies + :bundle_copies::int * (select count(*) from made)
where b.city_id = :city_id and b.holder_id = :depot_id and b.holder_kind = 'depot' and b.campaign_id = :campaign_id
  and b.material_id = :material_id;

-- name: lock_batch_of_claim
-- Locks the batch of a claim, of a zone within the scope: issuing, claiming, releasing and taking over follow one
-- another. No row: there is no such claim there.
select b.batch_id from batch b
join claim c on c.city_id = :city_id and c.batch_id = b.batch_id
join zone z on z.city_id = :city_id and z.zone_id = b.zone_id
where b.city_id = :city_id and c.claim_id = :claim_id
  and (:scope_division::text is null or starts_with(z.division_code, :scope_division))
for update of b;

-- name: read_claim_to_issue
-- A claim with what was collected of it (cancelled waybills not counted) and its lease renewed by the last collection;
-- its batch, and how many waybills the batch has. Read it after the lock. No row: there is no such claim.
select c.claim_id, c.partner_id, c.outlet_id, c.copies, w.collected, c.status,
       greatest(c.lease_until, w.last_at + make_interval(hours => :lease_hours)) as lease_until,
       b.campaign_id, g.code as campaign_code, g.status as campaign_status, b.code as batch_code, b.material_id,
       b.depot_id, m.bundle_copies,
       (select count(*)::int from waybill v
        join claim k on k.city_id = :city_id and k.claim_id = v.claim_id and k.batch_id = b.batch_id
        where v.city_id = :city_id) as waybills
from claim c
join batch b on b.city_id = :city_id and b.batch_id = c.batch_id
join campaign g on g.city_id = :city_id and g.campaign_id = b.campaign_id
join material m on m.city_id = :city_id and m.material_id = b.material_id
cross join lateral (
    select coalesce(sum(w.copies), 0)::int as collected, max(w.issued_at) as last_at from waybill w
    where w.city_id = :city_id and w.claim_id = c.claim_id and not exists
        (select from stock_move x where x.city_id = :city_id and x.reversal_of = w.waybill_id)) w
where c.city_id = :city_id and c.claim_id = :claim_id;

-- name: read_bundles_to_pick
-- The first sealed bundles of a material in a depot, by code. Fewer than wanted: no more lie sealed there.
select b.bundle_id, b.code, b.carton_code, b.campaign_id, b.material_id, b.copies
from bundle b
where b.city_id = :city_id and b.holder_id = :depot_id and b.holder_kind = 'depot' and b.material_id = :material_id
  and b.opened_at is null
order by b.code
limit :bundles;

-- name: insert_waybill
-- Writes a waybill and answers its id. No row: its id or code is taken.
insert into waybill (city_id, waybill_id, code, campaign_id, claim_id, material_id, depot_id, outlet_id, copies,
                     issued_at, issued_by)
values (:city_id, :waybill_id, :code, :campaign_id, :claim_id, :material_id, :depot_id, :outlet_id, :copies,
        :issued_at, :issued_by)
on conflict do nothing
returning waybill_id;

-- name: receive_waybill
-- Writes down what arrived of a waybill, with the reason where that differs; what was received before stays as it is.
-- Answers nothing.
update waybill set received_copies = :received_copies, variance_reason = :variance_reason, received_at = :received_at,
                   received_by = :received_by
where city_id = :city_id and waybill_id = :waybill_id and received_at is null;

-- name: read_waybills
-- Waybills within the scope, a district's by the zone of their batch, newest first: one, or those of a campaign, a
-- claim, a status, from the one after a given instant and id on. No row: none such there.
select w.waybill_id, w.code, w.campaign_id, w.claim_id, b.code as batch_code, z.code as zone_code, z.name as zone_name,
       m.code as material_code, m.name as material_name, m.bundle_copies, d.code as depot_code, d.name as depot_name,
       o.code as outlet_code, o.name as outlet_name, p.code as partner_code, p.name as partner_name,
       w.copies, w.received_copies, w.variance_reason, w.issued_at, w.received_at, s.status
from waybill w
join claim c on c.city_id = :city_id and c.claim_id = w.claim_id
join batch b on b.city_id = :city_id and b.batch_id = c.batch_id
join zone z on z.city_id = :city_id and z.zone_id = b.zone_id
join material m on m.city_id = :city_id and m.material_id = w.material_id
join depot d on d.city_id = :city_id and d.depot_id = w.depot_id
join outlet o on o.city_id = :city_id and o.outlet_id = w.outlet_id
join partner p on p.city_id = :city_id and p.partner_id = o.partner_id
cross join lateral (
    select case when w.received_at is not null then 'received'
                when exists (select from stock_move x where x.city_id = :city_id and x.reversal_of = w.waybill_id)
                then 'cancelled' else 'issued' end as status) s
where w.city_id = :city_id
  and (:scope_partner::uuid is null or o.partner_id = :scope_partner)
  and (:scope_outlet::uuid is null or w.outlet_id = :scope_outlet)
  and (:scope_division::text is null or starts_with(z.division_code, :scope_division))
  and (:waybill_id::uuid is null or w.waybill_id = :waybill_id)
  and (:campaign_id::uuid is null or w.campaign_id = :campaign_id)
  and (:claim_id::uuid is null or w.claim_id = :claim_id) and (:status::text is null or s.status = :status)
  and (:after_issued_at::timestamptz is null
       or (w.issued_at, w.waybill_id) < (:after_issued_at, :after_waybill_id::uuid))
order by w.issued_at desc, w.waybill_id desc
limit :rows;
