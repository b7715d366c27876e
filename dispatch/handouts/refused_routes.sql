-- name: read_refused
-- Refused records in scope with one status, newest first; of one campaign, of one problem, and after the one with the
-- key :after_…, where given. A rider sees the rider's own. Names of riders are null unless asked for.
select f.handout_id, encode(f.content_digest, 'hex') as content_digest, f.entry, f.problem, f.detail, f.record,
       f.refused_at, f.tries, f.status, f.caller_id = :caller_id::uuid as own, f.holder_kind, o.code as outlet_code,
       o.name as outlet_name, h.code as rider_code, case when :with_names::boolean then h.name end as rider_name,
       m.code as material_code, f.copies
from handout_refused f
left join outlet o on o.city_id = :city_id and o.outlet_id = coalesce(f.holder_outlet_id, f.outlet_id)
left join rider h on h.city_id = :city_id and h.rider_id = f.holder_id
left join material m on m.city_id = :city_id and m.material_id = f.material_id
where f.city_id = :city_id and (:campaign_id::uuid is null or f.campaign_id = :campaign_id)
  and (:scope_partner::uuid is null or f.partner_id = :scope_partner)
  and (:scope_outlet::uuid is null or f.outlet_id = :scope_outlet)
  and (:scope_rider::uuid is null or f.caller_id = :scope_rider) and f.status = :status
  and (:problem::text is null or f.problem = :problem)
  and (:after_at::timestamptz is null or f.refused_at < :after_at or f.refused_at = :after_at
       and (f.handout_id, f.content_digest) > (:after_id::uuid, decode(:after_digest::text, 'hex')))
order by f.refused_at desc, f.handout_id, f.content_digest limit :most;

-- name: count_refused
-- How many refused records in scope have one status, by problem and by the request they came in; of one campaign where
-- given. No row: there is none.
select problem, entry, count(*)::int as records, coalesce(sum(copies), 0)::bigint as copies
from handout_refused
where city_id = :city_id and (:campaign_id::uuid is null or campaign_id = :campaign_id)
  and (:scope_partner::uuid is null or partner_id = :scope_partner)
  and (:scope_outlet::uuid is null or outlet_id = :scope_outlet)
  and (:scope_rider::uuid is null or caller_id = :scope_rider) and status = :status
group by problem, entry
order by records desc, problem, entry;

-- name: dismiss_refused
-- Settles waiting records in scope as looked at and left. Answers their ids; what is settled already gives no row.
update handout_refused set status = 'dismissed', settled_at = :now
where city_id = :city_id and handout_id = any(:handout_ids::uuid[])
  and (:scope_partner::uuid is null or partner_id = :scope_partner)
  and (:scope_outlet::uuid is null or outlet_id = :scope_outlet) and status = 'waiting'
returning handout_id;

-- name: withdraw_refused
-- Settles what these senders reported as withdrawn, while it waits.
update handout_refused set status = 'withdrawn', settled_at = :now
where city_id = :city_id and handout_id = any(:handout_ids::uuid[]) and caller_id = any(:sender_ids::uuid[])
  and entry = 'report' and status = 'waiting';

-- name: read_withdrawn
-- Which of these ids these senders have withdrawn. No row: none of them.
select distinct handout_id from handout_refused
where city_id = :city_id and handout_id = any(:handout_ids::uuid[]) and caller_id = any(:sender_ids::uuid[])
  and status = 'withdrawn'
order by handout_id;

-- name: read_replaced_key
-- The key that a key took the place of. Null: it replaced none.
select replaces from api_key where city_id = :city_id and api_key_id = :api_key_id;
