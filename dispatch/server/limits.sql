-- name: take_tokens
-- Takes up to :at_most tokens from a bucket that holds :size and gains :per_second, and answers how many there were to
-- take. No row: another process made the bucket meanwhile; take again.
with before as (
    select b.tokens, b.filled_at from rate_bucket b
    where b.city_id = :city_id and b.class = :kind and b.subject = :subject for update
), filled as (
    select least(:size::double precision, coalesce(
        (select tokens + :per_second::double precision * greatest(0, extract(epoch from :now::timestamptz - filled_at))
         from before), :size)) as tokens
), written as (
    insert into rate_bucket as b (city_id, class, subject, tokens, filled_at)
    select :city_id, :kind, :subject, tokens - least(:at_most::double precision, floor(tokens)), :now from filled
    on conflict on constraint rate_bucket_key
    do update set tokens = excluded.tokens, filled_at = greatest(b.filled_at, excluded.filled_at)
    where exists (select from before)
    returning 1
)
select least(:at_most, floor(tokens)) from filled, written;
