-- name: read_campaign_status
-- The status of campaign $2 of city $1, for partner $3 only where it is invited, with $4 only with that answer. No row: none.
select c.status from campaign c
where c.city_id = $1 and c.campaign_id = $2
  and ($3::uuid is null or exists (
      select 1 from invitation i
      where i.city_id = $1 and i.campaign_id = c.campaign_id and i.partner_id = $3 and ($4::text is null or i.status = $4)));

-- name: insert_material
-- Register material $3 for campaign $2 of city $1. No row: the code is taken.
insert into material (city_id, campaign_id, material_id, code, name, kind, channels, bundle_copies, carton_copies,
                      counts_for_reach, created_at)
values ($1, $2, $3, $4, $5, $6, $7::text[], $8, $9, $10, $11)
on conflict (city_id, campaign_id, code) do nothing
returning material_id;

-- name: read_materials
-- Materials of campaign $2 of city $1, or the one with code $3, in the order of their codes.
select material_id, code, name, kind, channels, bundle_copies, carton_copies, counts_for_reach, created_at
from material
where city_id = $1 and campaign_id = $2 and ($3::text is null or code = $3)
order by code;

-- name: read_material_and_depot
-- Ids of the material with code $3 of campaign $2 and of the active depot with code $4 in city $1; null where unknown.
select (select m.material_id from material m where m.city_id = $1 and m.campaign_id = $2 and m.code = $3) as material_id,
       (select d.depot_id from depot d where d.city_id = $1 and d.code = $4 and d.active) as depot_id;

-- name: insert_print_run
-- Register print run $3 for campaign $2 of city $1. No row: the id or the code is taken.
insert into print_run (city_id, campaign_id, print_run_id, material_id, code, copies, depot_id, due_on, created_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
on conflict do nothing
returning print_run_id;

-- name: read_print_runs
-- Print runs of campaign $2 of city $1, or the one with id $3, with the copies received less receipts reversed.
select r.print_run_id, r.code, m.code as material_code, m.name as material_name, r.copies, d.code as depot_code,
       d.name as depot_name, r.due_on, r.created_at,
       coalesce((select sum(s.copies) from stock_move s
                 where s.city_id = $1 and s.campaign_id = $2 and s.kind = 'receipt' and s.print_run_id = r.print_run_id
                   and not exists (select 1 from stock_move v where v.city_id = $1 and v.reversal_of = s.move_id)),
                0)::bigint as received_copies
from print_run r
join material m on m.city_id = $1 and m.material_id = r.material_id
join depot d on d.city_id = $1 and d.depot_id = r.depot_id
where r.city_id = $1 and r.campaign_id = $2 and ($3::uuid is null or r.print_run_id = $3)
order by r.due_on, r.code;
