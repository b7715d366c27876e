-- name: read_campaign_status
-- The status of a campaign; for a partner only where it is invited and, if asked for, gave one answer. No row: none in
-- scope.
select c.status from campaign c
where c.city_id = :city_id and c.campaign_id = :campaign_id
  and (:scope_partner::uuid is null or exists (
      select 1 from invitation i
      where i.city_id = :city_id and i.campaign_id = c.campaign_id and i.partner_id = :scope_partner
        and (:answer::text is null or i.status = :answer)));

-- name: insert_material
-- Register a material for a campaign. No row: the code is taken.
insert into material (city_id, campaign_id, material_id, code, name, kind, channels, bundle_copies, carton_copies,
                      counts_for_reach, created_at)
values (:city_id, :campaign_id, :material_id, :code, :name, :kind, :channels::text[], :bundle_copies, :carton_copies,
        :counts_for_reach, :now)
on conflict (city_id, campaign_id, code) do nothing
returning material_id;

-- name: read_materials
-- Materials of a campaign, or the one with a code, in the order of their codes. No row: none.
select material_id, code, name, kind, channels, bundle_copies, carton_copies, counts_for_reach, created_at
from material
where city_id = :city_id and campaign_id = :campaign_id and (:code::text is null or code = :code)
order by code;

-- name: read_material_and_depot
-- Ids of a material of the campaign and of an active depot by their codes; null where unknown. Always one row.
select (select m.material_id from material m
        where m.city_id = :city_id and m.campaign_id = :campaign_id and m.code = :material_code) as material_id,
       (select d.depot_id from depot d
        where d.city_id = :city_id and d.code = :depot_code and d.active) as depot_id;

-- name: insert_print_run
-- Register a print run for a campaign. No row: the id or the code is taken.
insert into print_run (city_id, campaign_id, print_run_id, material_id, code, copies, depot_id, due_on, created_at)
values (:city_id, :campaign_id, :print_run_id, :material_id, :code, :copies, :depot_id, :due_on, :now)
on conflict do nothing
returning print_run_id;

-- name: read_print_runs
-- Print runs of a campaign, or one of them, with the copies received less receipts reversed. No row: none.
select r.print_run_id, r.code, m.code as material_code, m.name as material_name, r.copies, d.code as depot_code,
       d.name as depot_name, r.due_on, r.created_at,
       coalesce((select sum(s.copies) from stock_move s
                 where s.city_id = :city_id and s.campaign_id = :campaign_id and s.kind = 'receipt'
                   and s.print_run_id = r.print_run_id
                   and not exists (select 1 from stock_move v
                                   where v.city_id = :city_id and v.reversal_of = s.move_id)),
                0)::bigint as received_copies
from print_run r
join material m on m.city_id = :city_id and m.material_id = r.material_id
join depot d on d.city_id = :city_id and d.depot_id = r.depot_id
where r.city_id = :city_id and r.campaign_id = :campaign_id
  and (:print_run_id::uuid is null or r.print_run_id = :print_run_id)
order by r.due_on, r.code;
