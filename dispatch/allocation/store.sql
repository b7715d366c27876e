-- name: insert_allocation
-- Keep a draft. No row: the id is taken.
insert into allocation (city_id, allocation_id, campaign_id, material_id, copies, wave_number, parameters, certificate,
                        created_at, created_by)
values (:city_id, :allocation_id, :campaign_id, :material_id, :copies, :wave_number, :basis, :certificate, :now,
        :created_by)
on conflict (city_id, allocation_id) do nothing
returning allocation_id;

-- name: insert_lines
-- The lines of a plan: one array for each column.
insert into allocation_line (city_id, allocation_id, zone_id, partner_id, copies, proposed_copies, risk_weight)
select :city_id, :allocation_id, x.zone_id, x.partner_id, x.copies, x.copies, x.risk_weight
from unnest(:zone_ids::uuid[], :partner_ids::uuid[], :copies::int[], :risk_weights::float8[])
    as x(zone_id, partner_id, copies, risk_weight)
order by x.zone_id, x.partner_id;

-- name: lock_allocation
-- A plan with its campaign and material, held until the transaction ends. No row: there is none.
select a.allocation_id, a.status, a.revision, a.campaign_id, a.material_id, a.copies, m.bundle_copies,
       a.parameters as basis, (:now::timestamptz at time zone t.timezone)::date as today
from allocation a
join material m on m.city_id = :city_id and m.material_id = a.material_id
join city t on t.city_id = :city_id
where a.city_id = :city_id and a.allocation_id = :allocation_id
for update of a;

-- name: read_serving_partner
-- An active partner if it serves a zone in a campaign, both named by code. No row: it does not.
select p.partner_id from partner p
where p.city_id = :city_id and p.code = :partner_code and p.active and exists (
    select 1 from capacity k
    join outlet o on o.city_id = :city_id and o.outlet_id = k.outlet_id
    join zone z on z.city_id = :city_id and z.zone_id = k.zone_id
    where k.city_id = :city_id and k.campaign_id = :campaign_id and z.code = :zone_code
      and o.partner_id = p.partner_id and k.copies > 0);

-- name: change_line
-- The line of a zone and partner gets other copies, by hand and with a reason; a new line has the zone's weight.
insert into allocation_line as l (city_id, allocation_id, zone_id, partner_id, copies, proposed_copies, risk_weight,
                                  changed_by, change_reason)
values (:city_id, :allocation_id, :zone_id, :partner_id, :copies, 0, :risk_weight, :changed_by, :reason)
on conflict (city_id, allocation_id, zone_id, partner_id)
do update set copies = excluded.copies, changed_by = excluded.changed_by, change_reason = excluded.change_reason;

-- name: raise_revision
-- A plan is not what it was before.
update allocation set revision = revision + 1 where city_id = :city_id and allocation_id = :allocation_id;

-- name: drop_allocation
-- A draft is kept for the record only.
update allocation set status = 'dropped' where city_id = :city_id and allocation_id = :allocation_id;

-- name: approve_allocation
-- A plan is approved, now and by somebody.
update allocation set status = 'approved', approved_at = :now, approved_by = :approved_by
where city_id = :city_id and allocation_id = :allocation_id;

-- name: read_depot
-- The active depot with this code; without a code the one that holds most of a material, then the one most of it is
-- ordered for. No row: there is none.
select d.depot_id from depot d
where d.city_id = :city_id and d.active and (:depot_code::text is null or d.code = :depot_code)
order by (select coalesce(sum(s.quantity), 0) from stock_balance s
          where s.city_id = :city_id and s.holder_id = d.depot_id and s.holder_kind = 'depot'
            and s.campaign_id = :campaign_id and s.material_id = :material_id) desc,
         (select coalesce(sum(r.copies), 0) from print_run r
          where r.city_id = :city_id and r.campaign_id = :campaign_id and r.material_id = :material_id
            and r.depot_id = d.depot_id) desc,
         d.code
limit 1;

-- name: read_last_batch_numbers
-- The highest number at the end of a batch's code, per zone of a campaign. No row: no batches yet.
select b.zone_id, max((regexp_match(b.code, '-([0-9]{1,9})$'))[1]::int) as number
from batch b
where b.city_id = :city_id and b.campaign_id = :campaign_id and b.code ~ '-[0-9]{1,9}$'
group by b.zone_id;

-- name: insert_batches
-- The batches of an approved plan: one array for each column that differs.
insert into batch (city_id, allocation_id, campaign_id, material_id, depot_id, due_on, created_at, batch_id, code,
                   zone_id, copies, reserved_partner_id, priority, priority_reason, unreached_households)
select :city_id, :allocation_id, :campaign_id, :material_id, :depot_id, :due_on, :now, x.batch_id, x.code, x.zone_id,
       x.copies, x.reserved_partner_id, x.priority, x.priority_reason, x.unreached_households
from unnest(:batch_ids::uuid[], :codes::text[], :zone_ids::uuid[], :copies::int[], :reserved_partner_ids::uuid[],
            :priorities::float8[], :priority_reasons::text[], :unreached_households::int[])
    as x(batch_id, code, zone_id, copies, reserved_partner_id, priority, priority_reason, unreached_households)
order by x.batch_id;
