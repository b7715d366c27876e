-- name: count_waiting
-- How many refused records of these senders wait. A sender without any gives no row.
select caller_id, count(*)::int as waiting from handout_refused
where city_id = :city_id and caller_id = any(:caller_ids::uuid[]) and status = 'waiting'
group by caller_id;

-- name: read_kept_keys
-- What is kept under these ids, each content a row of its own.
select handout_id, content_digest from handout_refused where city_id = :city_id and handout_id = any(:ids::uuid[]);

-- name: withdraw_superseded
-- Withdraws what senders reported before under these ids with other content: they have corrected it.
update handout_refused r set status = 'withdrawn', settled_at = :now
from unnest(:ids::uuid[], :content_digests::bytea[], :caller_ids::uuid[]) as t (handout_id, content_digest, caller_id)
where r.city_id = :city_id and r.handout_id = t.handout_id and r.content_digest <> t.content_digest
  and r.caller_id = t.caller_id and r.entry = 'report' and r.status = 'waiting';

-- name: keep_refused
-- Keeps refused records as they came. A record that comes again counts its tries; what its sender has withdrawn waits
-- again; what was settled otherwise stays so.
insert into handout_refused as r
    (city_id, refused_at, handout_id, content_digest, entry, caller_role, caller_id, partner_id, outlet_id, campaign_id,
     record, problem, detail, holder_kind, holder_id, holder_outlet_id, material_id, copies, happened_at, corrects_id,
     corrects_day)
select :city_id, :now, t.handout_id, t.content_digest, t.entry, t.caller_role, t.caller_id, t.partner_id, t.outlet_id,
       t.campaign_id, t.record::jsonb, t.problem, t.detail, t.holder_kind, t.holder_id, t.holder_outlet_id,
       t.material_id, t.copies, t.happened_at, t.corrects_id, t.corrects_day
from unnest(:ids::uuid[], :content_digests::bytea[], :sources::text[], :caller_roles::text[], :caller_ids::uuid[],
            :partner_ids::uuid[], :outlet_ids::uuid[], :campaign_ids::uuid[], :records::text[], :problems::text[],
            :details::text[], :holder_kinds::text[], :holder_ids::uuid[], :holder_outlet_ids::uuid[],
            :material_ids::uuid[], :copies::int[], :instants::timestamptz[], :corrected_ids::uuid[],
            :corrected_days::date[])
    as t (handout_id, content_digest, entry, caller_role, caller_id, partner_id, outlet_id, campaign_id, record,
          problem, detail, holder_kind, holder_id, holder_outlet_id, material_id, copies, happened_at, corrects_id,
          corrects_day)
on conflict on constraint handout_refused_key do update
set tries = r.tries + 1, last_tried_at = :now, problem = excluded.problem, detail = excluded.detail,
    holder_kind = excluded.holder_kind, holder_id = excluded.holder_id, holder_outlet_id = excluded.holder_outlet_id,
    material_id = excluded.material_id, copies = excluded.copies, happened_at = excluded.happened_at,
    status = 'waiting', settled_at = null
where r.status in ('waiting', 'withdrawn');
