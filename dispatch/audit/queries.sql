-- name: insert_entry
-- Writes one entry of city $1 and puts it on the sealer's list. The same entry again changes nothing.
with written as (
    insert into audit_entry (city_id, entry_id, at, kind, operation, result, caller_role, caller_id, partner_id, outlet_id, request_id,
                             address, subject)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
    on conflict do nothing
    returning entry_id
)
insert into audit_unsealed (city_id, entry_id) select $1, entry_id from written;

-- name: read_cities_unsealed
-- The cities that have entries without a seal.
select distinct city_id from audit_unsealed;

-- name: insert_head
-- The beginning of city $1's chain, where there is none yet: position 0 with hash $2, signed $3, at $4.
insert into audit_head (city_id, position, hash, signature, sealed_at, anchor_position, anchor_hash)
values ($1, 0, $2, $3, $4, 0, $2)
on conflict do nothing;

-- name: lock_head
-- The end of city $1's chain, held until the transaction ends. No row: another process is sealing.
select position, hash from audit_head where city_id = $1 for update skip locked;

-- name: read_unsealed
-- At most $2 entries of city $1 that have no seal, the oldest first.
select e.city_id, e.entry_id, e.at, e.kind, e.operation, e.result, e.caller_role, e.caller_id, e.partner_id, e.outlet_id, e.request_id,
       e.address, e.subject
from audit_unsealed u
join audit_entry e on e.city_id = $1 and e.entry_id = u.entry_id
where u.city_id = $1
order by u.entry_id limit $2;

-- name: insert_seals
-- Seals entries $3 of city $1 at the positions $2 with the hashes $4 and takes them off the list.
with sealed as (
    insert into audit_seal (city_id, position, entry_id, hash)
    select $1, x.position, x.entry_id, x.hash
    from unnest($2::bigint[], $3::uuid[], $4::bytea[]) as x (position, entry_id, hash)
    returning entry_id
)
delete from audit_unsealed u using sealed s where u.city_id = $1 and u.entry_id = s.entry_id;

-- name: move_head
-- The chain of city $1 ends at position $2 with hash $3, signed $4, since $5.
update audit_head set position = $2, hash = $3, signature = $4, sealed_at = $5 where city_id = $1;

-- name: read_head
-- The end of city $1's chain and where it begins, with how many entries wait for their seal and since when. No row: no entry
-- was ever sealed.
select h.position, h.hash, h.signature, h.sealed_at, h.anchor_position, h.anchor_hash, u.waiting, u.first_waiting
from audit_head h
cross join (select count(*) as waiting, min(entry_id::text)::uuid as first_waiting from audit_unsealed where city_id = $1) u
where h.city_id = $1;

-- name: is_trail_due
-- Whether city $1 must have a chain: an entry is older than $2 and waits for no seal, or somebody signed in before $2 and after $3.
select exists (select from audit_entry e where e.city_id = $1 and e.at < $2
               and not exists (select from audit_unsealed u where u.city_id = $1 and u.entry_id = e.entry_id))
    or exists (select from account a where a.city_id = $1 and a.signed_in_at < $2 and a.signed_in_at > $3)
    or exists (select from session s where s.city_id = $1 and s.created_at < $2 and s.created_at > $3);

-- name: read_seal
-- The hash of the seal at position $2 of city $1. No row: there is none.
select hash from audit_seal where city_id = $1 and position = $2;

-- name: read_links
-- At most $3 seals of city $1 behind position $2, in order, with their entries; a seal whose entry is gone has nulls.
select s.position, s.entry_id, s.hash, e.city_id, e.at, e.kind, e.operation, e.result, e.caller_role, e.caller_id, e.partner_id,
       e.outlet_id, e.request_id, e.address, e.subject
from audit_seal s
left join audit_entry e on e.city_id = $1 and e.entry_id = s.entry_id
where s.city_id = $1 and s.position > $2
order by s.position limit $3;

-- name: read_loose
-- Entries of city $1 that have neither a seal nor a place on the list, at most 100: somebody else put them there.
select e.entry_id from audit_entry e
where e.city_id = $1
  and not exists (select from audit_seal s where s.city_id = $1 and s.entry_id = e.entry_id)
  and not exists (select from audit_unsealed u where u.city_id = $1 and u.entry_id = e.entry_id)
order by e.entry_id limit 100;

-- name: read_entries
-- Entries of city $1, newest first: ids from $2 on and before $3, of caller $4, role $5, operation $6, kinds $7, result $8, about the
-- id or code $9, from address $10, where given; at most $11.
with found as materialized (
    select e.* from audit_entry e
    where e.city_id = $1 and ($2::uuid is null or e.entry_id >= $2) and ($3::uuid is null or e.entry_id < $3)
      and ($4::uuid is null or e.caller_id = $4) and ($5::text is null or e.caller_role = $5)
      and ($6::text is null or e.operation = $6) and ($7::text[] is null or e.kind = any($7::text[]))
      and ($8::text is null or e.result = $8)
      and ($9::text is null or exists (select from jsonb_each_text(e.subject) about where about.value = $9))
      and ($10::text is null or e.address = $10)
    order by e.entry_id desc limit $11
)
select e.entry_id, e.at, e.kind, e.operation, e.result, e.caller_role, e.caller_id, e.partner_id, e.outlet_id, e.request_id, e.address,
       e.subject, s.position, a.login as caller_login, r.code as caller_code, p.code as partner_code, o.code as outlet_code
from found e
left join audit_seal s on s.city_id = $1 and s.entry_id = e.entry_id
left join account a on a.city_id = $1 and a.account_id = e.caller_id
left join rider r on r.city_id = $1 and r.rider_id = e.caller_id
left join partner p on p.city_id = $1 and p.partner_id = e.partner_id
left join outlet o on o.city_id = $1 and o.outlet_id = e.outlet_id
order by e.entry_id desc;

-- name: read_timezone
-- The time zone of city $1, for the clock of a file, and its code.
select timezone, code from city where city_id = $1;

-- name: find_expired
-- The last position of the beginning of city $1's chain whose entries are all older than the instant $2, and its hash; looked
-- for among the first $3 seals that are left. No row: none is.
with first as materialized (
    select s.position, s.hash, e.at
    from audit_seal s
    left join audit_entry e on e.city_id = $1 and e.entry_id = s.entry_id
    where s.city_id = $1 order by s.position limit $3
)
select position, hash from first
where position < coalesce((select min(position) from first where at is null or at >= $2), (select max(position) + 1 from first))
order by position desc limit 1;

-- name: expire_entries
-- Drops the seals of city $1 up to position $2, and their entries; the chain begins behind it with the hash $3. Answers how many
-- entries went.
with seals as (
    delete from audit_seal where city_id = $1 and position <= $2 returning entry_id
), entries as (
    delete from audit_entry e using seals s where e.city_id = $1 and e.entry_id = s.entry_id returning 1
), anchored as (
    update audit_head set anchor_position = $2, anchor_hash = $3 where city_id = $1
)
select count(*)::int from entries;

-- name: read_cities
-- Every city there is or was: one whose chain was taken away must be looked at more than any other.
select city_id from city union select city_id from audit_head union select city_id from audit_unsealed order by city_id;
