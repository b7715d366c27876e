-- name: take_tokens
-- Take up to $4 tokens for class $2 and subject $3 of city $1 at $7 from the bucket that holds $5 and gains $6 a second:
-- how many there were to take. No row: somebody else's first call made the bucket meanwhile; take again.
with before as (
    select b.tokens, b.filled_at from rate_bucket b where b.city_id = $1 and b.class = $2 and b.subject = $3 for update
), filled as (
    select least($5::double precision, coalesce(
        (select tokens + $6::double precision * greatest(0, extract(epoch from $7::timestamptz - filled_at)) from before), $5)) as tokens
), written as (
    insert into rate_bucket as b (city_id, class, subject, tokens, filled_at)
    select $1, $2, $3, tokens - least($4::double precision, floor(tokens)), $7 from filled
    on conflict on constraint rate_bucket_key do update set tokens = excluded.tokens, filled_at = greatest(b.filled_at, excluded.filled_at)
    where exists (select from before)
    returning 1
)
select least($4, floor(tokens)) from filled, written;
