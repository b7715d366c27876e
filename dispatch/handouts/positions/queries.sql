-- Precise positions of hand-outs; $1 is the city throughout.

-- name: lock_agreements
-- Which of the riders $2 agree to version $4 of the words in the campaigns $3 in which positions are on, for how many days each is kept,
-- and the city's datum. Held until the transaction ends: whoever withdraws or turns positions off waits and then finds what was
-- recorded. A rider without a row has not agreed, or there is nothing to agree to.
select a.rider_id, p.campaign_id, p.keep_days, c.datum
from position_permit p
join position_agreement a on a.city_id = $1 and a.permit_id = p.permit_id and a.rider_id = any($2::uuid[]) and a.version = $4
join city c on c.city_id = $1
where p.city_id = $1 and p.campaign_id = any($3::uuid[]) and p.ended_at is null
order by p.permit_id, a.rider_id
for share of p, a;

-- name: insert_positions
-- Keeps positions of hand-outs recorded in this transaction, one array element each.
insert into handout_position (city_id, handout_id, campaign_id, zone_id, rider_id, day, longitude, latitude, accuracy_metres, erase_at)
select $1, * from unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::date[], $7::float8[], $8::float8[], $9::float8[],
                         $10::timestamptz[])
on conflict do nothing;

-- name: read_pack_positions
-- Campaigns of which rider $2 holds, or held, something and in which positions are on, with how he stands towards version $3 of the words.
-- No row: they are off everywhere.
select p.campaign_id,
       case when a.rider_id is not null then 'agreed'
            when exists (select from position_answer x where x.city_id = $1 and x.rider_id = $2 and x.permit_id = p.permit_id
                         and x.version = $3) then 'declined'
            else 'unanswered' end as state
from position_permit p
left join position_agreement a on a.city_id = $1 and a.permit_id = p.permit_id and a.rider_id = $2 and a.version = $3
where p.city_id = $1 and p.ended_at is null
  and exists (select from stock_balance b where b.city_id = $1 and b.holder_id = $2 and b.campaign_id = p.campaign_id);
