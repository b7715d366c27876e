-- name: read_own_figures
-- Figures of riders at one instant: copies handed out on a day, corrections taken off, records that wait to be judged
-- again, and what is held of open campaigns, by material code. One row per material; a rider who holds nothing has one.
with handed as (
    select holder_id, sum(copies) as copies from handout
    where city_id = :city_id and holder_id = any(:rider_ids::uuid[]) and day = :day
    group by holder_id
), refused as (
    select caller_id, count(*) as records from handout_refused
    where city_id = :city_id and caller_id = any(:rider_ids::uuid[]) and status = 'waiting'
    group by caller_id
), held as (
    select b.holder_id, b.campaign_id, b.material_id, m.code as material_code, m.name as material_name,
           m.kind as material_kind, m.channels, b.quantity, m.bundle_copies
    from stock_balance b
    join campaign c on c.city_id = :city_id and c.campaign_id = b.campaign_id and c.status = 'open'
    join material m on m.city_id = :city_id and m.material_id = b.material_id
    where b.city_id = :city_id and b.holder_id = any(:rider_ids::uuid[])
)
select r.rider_id, coalesce(d.copies, 0)::int as handed_out, coalesce(f.records, 0)::int as waiting_refused,
       h.campaign_id, h.material_id, h.material_code, h.material_name, h.material_kind, h.channels, h.quantity,
       h.bundle_copies
from rider r
left join handed d on d.holder_id = r.rider_id
left join refused f on f.caller_id = r.rider_id
left join held h on h.holder_id = r.rider_id
where r.city_id = :city_id and r.rider_id = any(:rider_ids::uuid[])
order by h.material_code;

-- name: read_own_handouts
-- The handouts a rider made on a day, newest first, at most 500, each with what was taken back of it.
select h.handout_id as id, h.campaign_id, h.material_id, h.channel, h.copies,
       coalesce(x.corrected, 0)::int as corrected, coalesce(x.corrections, '{}') as corrections, h.handed_out_at
from handout h
left join lateral (
    select -sum(c.copies) as corrected, array_agg(c.handout_id) as corrections
    from handout c where c.city_id = :city_id and c.corrects_id = h.handout_id
) x on true
where h.city_id = :city_id and h.holder_id = :rider_id and h.day = :day and h.corrects_id is null
order by h.handed_out_at desc, h.handout_id desc limit 500;

-- name: read_own_visits
-- The visits without a handout that a rider noted on a day, newest first, at most 500, each with what was taken back.
select v.visit_id as id, v.campaign_id, v.result, v.visits, coalesce(x.corrected, 0)::int as corrected,
       coalesce(x.corrections, '{}') as corrections, v.visited_at
from visit v
left join lateral (
    select -sum(c.visits) as corrected, array_agg(c.visit_id) as corrections
    from visit c where c.city_id = :city_id and c.corrects_id = v.visit_id
) x on true
where v.city_id = :city_id and v.rider_id = :rider_id and v.day = :day and v.corrects_id is null
order by v.visited_at desc, v.visit_id desc limit 500;
