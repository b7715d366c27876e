-- name: read_places
-- Everything of city $1 that the demonstration knows by code, with its id.
select 'zones' as kind, z.code, z.zone_id as id from zone z where z.city_id = $1
union all
select 'outlets', o.code, o.outlet_id from outlet o where o.city_id = $1
union all
select 'partners', p.code, p.partner_id from partner p where p.city_id = $1
union all
select 'riders', r.code, r.rider_id from rider r where r.city_id = $1
union all
select 'depots', d.code, d.depot_id from depot d where d.city_id = $1;

-- name: read_balances
-- What outlets and riders of city $1 hold of campaign $2.
select holder_id, material_id, quantity from stock_balance
where city_id = $1 and campaign_id = $2 and holder_kind in ('outlet', 'rider') and quantity > 0;

-- name: read_print_runs
-- The print runs of campaign $2 of city $1 by code.
select code, print_run_id, copies, due_on from print_run where city_id = $1 and campaign_id = $2 order by due_on, code;

-- name: read_city
-- City $1, if this database holds it.
select code from city where city_id = $1;
