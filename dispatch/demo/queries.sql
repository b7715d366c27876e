-- name: read_places
-- Everything of the city that the demonstration knows by code, with its id.
select 'zones' as kind, z.code, z.zone_id as id from zone z where z.city_id = :city_id
union all
select 'outlets', o.code, o.outlet_id from outlet o where o.city_id = :city_id
union all
select 'partners', p.code, p.partner_id from partner p where p.city_id = :city_id
union all
select 'riders', r.code, r.rider_id from rider r where r.city_id = :city_id
union all
select 'depots', d.code, d.depot_id from depot d where d.city_id = :city_id;

-- name: read_balances
-- What outlets and riders hold of the materials of a campaign.
select holder_id, material_id, quantity from stock_balance
where city_id = :city_id and campaign_id = :campaign_id and holder_kind in ('outlet', 'rider') and quantity > 0;

-- name: read_print_runs
-- The print runs of a campaign, the earliest due first.
select code, print_run_id, copies, due_on from print_run
where city_id = :city_id and campaign_id = :campaign_id
order by due_on, code;

-- name: read_last_record
-- The latest instant at which the city recorded something: what was received, who signed in or was signed out, what was
-- asked for. Null: nothing yet.
select greatest(
    (select max(received_at) from handout where city_id = :city_id),
    (select max(received_at) from visit where city_id = :city_id),
    (select max(refused_at) from handout_refused where city_id = :city_id),
    (select max(recorded_at) from stock_move where city_id = :city_id),
    (select max(greatest(created_at, last_used_at)) from session where city_id = :city_id),
    (select max(signed_out_at) from rider where city_id = :city_id),
    (select max(at) from audit_entry where city_id = :city_id));

-- name: read_city
-- The code of the city. No row: this database does not hold it.
select code from city where city_id = :city_id;
