-- name: insert_missing_balances
-- Makes those of the balances that do not exist yet, with nothing in them, in key order. Answers nothing.
insert into stock_balance (city_id, holder_id, holder_kind, campaign_id, material_id, quantity)
select :city_id, x.holder_id, x.holder_kind, x.campaign_id, x.material_id, 0
from unnest(:holder_ids::uuid[], :holder_kinds::text[], :campaign_ids::uuid[], :material_ids::uuid[])
     x (holder_id, holder_kind, campaign_id, material_id)
order by x.holder_id, x.holder_kind, x.campaign_id, x.material_id
on conflict do nothing;

-- name: lock_balances
-- Locks the balances in key order and answers what is in them. No row: that balance does not exist.
select b.holder_id, b.holder_kind, b.campaign_id, b.material_id, b.quantity, b.sealed_copies
from stock_balance b
join unnest(:holder_ids::uuid[], :holder_kinds::text[], :campaign_ids::uuid[], :material_ids::uuid[])
     x (holder_id, holder_kind, campaign_id, material_id)
  on b.holder_id = x.holder_id and b.holder_kind = x.holder_kind and b.campaign_id = x.campaign_id
 and b.material_id = x.material_id
where b.city_id = :city_id
order by b.holder_id, b.holder_kind, b.campaign_id, b.material_id
for update of b;

-- name: read_moves_by_id
-- The moves with these ids, each with the bundles it carried. No row: that move has not been recorded.
select m.move_id, m.kind, m.campaign_id, m.material_id, m.from_kind, m.from_id, m.to_kind, m.to_id, m.copies, m.reason,
       m.print_run_id, m.waybill_id, m.reversal_of, m.moved_at,
       array(select b.bundle_id from bundle_move b
             where b.city_id = :city_id and b.move_id = m.move_id order by b.bundle_id) as bundles
from stock_move m where m.city_id = :city_id and m.move_id = any(:move_ids::uuid[]);

-- name: insert_moves
-- Writes moves, one per position of the arrays; answers how many were written. Fewer than given: an id, or a reversal
-- of the same move, was written by somebody else meanwhile.
with written as (
    insert into stock_move (city_id, move_id, campaign_id, material_id, kind, from_kind, from_id, to_kind, to_id,
                            copies, reason, print_run_id, waybill_id, reversal_of, moved_at, recorded_at, recorded_by)
    select :city_id, x.move_id, x.campaign_id, x.material_id, x.kind, x.from_kind, x.from_id, x.to_kind, x.to_id,
           x.copies, x.reason, x.print_run_id, x.waybill_id, x.reversal_of, x.moved_at, :recorded_at, :recorded_by
    from unnest(:move_ids::uuid[], :campaign_ids::uuid[], :material_ids::uuid[], :kinds::text[], :from_kinds::text[],
                :from_ids::uuid[], :to_kinds::text[], :to_ids::uuid[], :copies::int[], :reasons::text[],
                :print_run_ids::uuid[], :waybill_ids::uuid[], :reversals_of::uuid[], :moved_at::timestamptz[])
         x (move_id, campaign_id, material_id, kind, from_kind, from_id, to_kind, to_id, copies, reason, print_run_id,
            waybill_id, reversal_of, moved_at)
    order by x.move_id
    on conflict do nothing
    returning 1
)
select count(*)::int from written;

-- name: change_balances
-- Adds the changes, and what of them is in sealed bundles, to balances that were locked before. Answers nothing.
update stock_balance b set quantity = b.quantity + x.change, sealed_copies = b.sealed_copies + x.sealed
from unnest(:holder_ids::uuid[], :holder_kinds::text[], :campaign_ids::uuid[], :material_ids::uuid[],
            :changes::bigint[], :sealed_changes::bigint[])
     x (holder_id, holder_kind, campaign_id, material_id, change, sealed)
where b.city_id = :city_id and b.holder_id = x.holder_id and b.holder_kind = x.holder_kind
  and b.campaign_id = x.campaign_id and b.material_id = x.material_id;

-- name: read_placed_bundles
-- Where bundles are. No row: there is no such bundle.
select bundle_id, code, copies, material_id, holder_kind, holder_id, opened_at is not null as opened
from bundle where city_id = :city_id and bundle_id = any(:bundle_ids::uuid[]);

-- name: insert_bundle_moves
-- Writes down which move carried which bundle, position by position. Answers nothing.
insert into bundle_move (city_id, bundle_id, move_id)
select :city_id, x.bundle_id, x.move_id from unnest(:bundle_ids::uuid[], :move_ids::uuid[]) x (bundle_id, move_id);

-- name: place_bundles
-- Writes down at which holders bundles are now, position by position. Answers nothing.
update bundle b set holder_kind = x.holder_kind, holder_id = x.holder_id
from unnest(:bundle_ids::uuid[], :holder_kinds::text[], :holder_ids::uuid[]) x (bundle_id, holder_kind, holder_id)
where b.city_id = :city_id and b.bundle_id = x.bundle_id;

-- name: open_bundles
-- Opens in each of the balances the first bundles by code that hold its excess, leaving out those being carried.
-- Answers the copies opened in each. No row: no bundle lies sealed there.
with picked as materialized (
    select x.holder_id, x.holder_kind, x.campaign_id, x.material_id, c.bundle_id, c.copies
    from unnest(:holder_ids::uuid[], :holder_kinds::text[], :campaign_ids::uuid[], :material_ids::uuid[],
                :excesses::bigint[]) x (holder_id, holder_kind, campaign_id, material_id, excess)
    cross join lateral (
        select b.bundle_id, b.copies, sum(b.copies) over (order by b.code) - b.copies as before
        from bundle b
        where b.city_id = :city_id and b.holder_id = x.holder_id and b.holder_kind = x.holder_kind
          and b.material_id = x.material_id and b.opened_at is null and b.bundle_id <> all(:carried_ids::uuid[])
        order by b.code
        limit x.excess) c
    where c.before < x.excess
), opened as (
    update bundle b set opened_at = :opened_at::timestamptz
    from picked p where b.city_id = :city_id and b.bundle_id = p.bundle_id
), sums as (
    select holder_id, holder_kind, campaign_id, material_id, sum(copies)::bigint as opened_copies
    from picked group by 1, 2, 3, 4
)
update stock_balance s set sealed_copies = s.sealed_copies - t.opened_copies
from sums t
where s.city_id = :city_id and s.holder_id = t.holder_id and s.holder_kind = t.holder_kind
  and s.campaign_id = t.campaign_id and s.material_id = t.material_id
returning s.holder_id, s.holder_kind, s.campaign_id, s.material_id, t.opened_copies;
