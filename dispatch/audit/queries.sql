-- name: insert_entry
-- Writes one entry and puts it on the sealer's list. The same entry again changes nothing.
with written as (
    insert into audit_entry (city_id, entry_id, at, kind, operation, result, caller_role, caller_id,
                             partner_id, outlet_id, request_id, address, subject)
    values (:city_id, :entry_id, :at, :kind, :operation, :result, :caller_role, :caller_id,
            :partner_id, :outlet_id, :request_id, :address, :subject)
    on conflict do nothing
    returning entry_id
)
insert into audit_unsealed (city_id, entry_id) select :city_id, entry_id from written;

-- name: read_cities_unsealed
-- The cities that have entries without a seal. No row: everything is sealed.
select distinct city_id from audit_unsealed;

-- name: insert_head
-- The beginning of a city's chain, where there is none yet: position 0 with a hash of the city's own.
insert into audit_head (city_id, position, hash, signature, sealed_at, anchor_position, anchor_hash)
values (:city_id, 0, :hash, :signature, :now, 0, :hash)
on conflict do nothing;

-- name: lock_head
-- The end of a city's chain, held until the transaction ends. No row: another process is sealing.
select position, hash from audit_head where city_id = :city_id for update skip locked;

-- name: read_unsealed
-- At most :limit entries that have no seal, the oldest first. No row: everything is sealed.
select e.city_id, e.entry_id, e.at, e.kind, e.operation, e.result, e.caller_role, e.caller_id, e.partner_id,
       e.outlet_id, e.request_id, e.address, e.subject
from audit_unsealed u
join audit_entry e on e.city_id = :city_id and e.entry_id = u.entry_id
where u.city_id = :city_id
order by u.entry_id limit :limit;

-- name: insert_seals
-- Seals entries at these positions with these hashes and takes them off the list.
with sealed as (
    insert into audit_seal (city_id, position, entry_id, hash)
    select :city_id, x.position, x.entry_id, x.hash
    from unnest(:positions::bigint[], :entry_ids::uuid[], :hashes::bytea[]) as x (position, entry_id, hash)
    returning entry_id
)
delete from audit_unsealed u using sealed s where u.city_id = :city_id and u.entry_id = s.entry_id;

-- name: move_head
-- The chain of a city ends at this position.
update audit_head set position = :position, hash = :hash, signature = :signature, sealed_at = :now
where city_id = :city_id;

-- name: read_head
-- The end of a city's chain and where it begins, with how many entries wait for their seal and the first of them.
-- No row: no entry was ever sealed.
select h.position, h.hash, h.signature, h.sealed_at, h.anchor_position, h.anchor_hash, u.waiting, u.first_waiting
from audit_head h
cross join (select count(*) as waiting, min(entry_id::text)::uuid as first_waiting
            from audit_unsealed where city_id = :city_id) u
where h.city_id = :city_id;

-- name: is_trail_due
-- Whether a city must have a chain: an entry is older than :before and waits for no seal, or somebody signed in before
-- :before and after :after.
select exists (select from audit_entry e where e.city_id = :city_id and e.at < :before
               and not exists (select from audit_unsealed u where u.city_id = :city_id and u.entry_id = e.entry_id))
    or exists (select from account a
               where a.city_id = :city_id and a.signed_in_at < :before and a.signed_in_at > :after)
    or exists (select from session s where s.city_id = :city_id and s.created_at < :before and s.created_at > :after);

-- name: read_seal
-- The hash of the seal at a position. No row: there is none.
select hash from audit_seal where city_id = :city_id and position = :position;

-- name: read_links
-- At most :limit seals after a position, in order, with their entries; a seal whose entry is gone has nulls.
-- No row: there is none after it.
select s.position, s.entry_id, s.hash, e.city_id, e.at, e.kind, e.operation, e.result, e.caller_role, e.caller_id,
       e.partner_id, e.outlet_id, e.request_id, e.address, e.subject
from audit_seal s
left join audit_entry e on e.city_id = :city_id and e.entry_id = s.entry_id
where s.city_id = :city_id and s.position > :after
order by s.position limit :limit;

-- name: read_loose
-- Entries that have neither a seal nor a place on the list, at most 100: they were put there by hand. No row: none was.
select e.entry_id from audit_entry e
where e.city_id = :city_id
  and not exists (select from audit_seal s where s.city_id = :city_id and s.entry_id = e.entry_id)
  and not exists (select from audit_unsealed u where u.city_id = :city_id and u.entry_id = e.entry_id)
order by e.entry_id limit 100;

-- name: read_entries
-- At most :limit entries, newest first, that every filter given lets through; ids, which carry the time, from :first_id
-- on and before :last_id. No row: none is let through.
with found as materialized (
    select e.* from audit_entry e
    where e.city_id = :city_id
      and (:first_id::uuid is null or e.entry_id >= :first_id) and (:last_id::uuid is null or e.entry_id < :last_id)
      and (:caller_id::uuid is null or e.caller_id = :caller_id)
      and (:caller_role::text is null or e.caller_role = :caller_role)
      and (:operation::text is null or e.operation = :operation)
      and (:kinds::text[] is null or e.kind = any(:kinds::text[]))
      and (:result::text is null or e.result = :result)
      and (:subject::text is null
           or exists (select from jsonb_each_text(e.subject) about where about.value = :subject))
      and (:address::text is null or e.address = :address)
    order by e.entry_id desc limit :limit
)
select e.entry_id, e.at, e.kind, e.operation, e.result, e.caller_role, e.caller_id, e.partner_id, e.outlet_id,
       e.request_id, e.address, e.subject, s.position, a.login as caller_login, r.code as caller_code,
       k.name as caller_key, p.code as partner_code, o.code as outlet_code
from found e
left join audit_seal s on s.city_id = :city_id and s.entry_id = e.entry_id
left join account a on a.city_id = :city_id and a.account_id = e.caller_id
left join rider r on r.city_id = :city_id and r.rider_id = e.caller_id
left join api_key k on k.city_id = :city_id and k.api_key_id = e.caller_id
left join partner p on p.city_id = :city_id and p.partner_id = e.partner_id
left join outlet o on o.city_id = :city_id and o.outlet_id = e.outlet_id
order by e.entry_id desc;

-- name: read_names
-- What these ids are called now: logins of accounts, names of campaigns, zones, partners, outlets, materials and
-- depots, codes of riders and batches. An id of nothing that is still there has no row.
select i.id, coalesce(a.login, c.name, z.name, p.name, o.name, m.name, d.name, r.code, b.code) as name
from unnest(:ids::uuid[]) i(id)
left join account a on a.city_id = :city_id and a.account_id = i.id
left join campaign c on c.city_id = :city_id and c.campaign_id = i.id
left join zone z on z.city_id = :city_id and z.zone_id = i.id
left join partner p on p.city_id = :city_id and p.partner_id = i.id
left join outlet o on o.city_id = :city_id and o.outlet_id = i.id
left join material m on m.city_id = :city_id and m.material_id = i.id
left join depot d on d.city_id = :city_id and d.depot_id = i.id
left join rider r on r.city_id = :city_id and r.rider_id = i.id
left join batch b on b.city_id = :city_id and b.batch_id = i.id
where coalesce(a.login, c.name, z.name, p.name, o.name, m.name, d.name, r.code, b.code) is not null;

-- name: read_city
-- The time zone of a city, for the clock of a file, and its code. No row: there is no such city.
select timezone, code from city where city_id = :city_id;

-- name: find_expired
-- The last position of the beginning of a city's chain whose entries are all older than :before, and its hash; looked
-- for among the first :limit seals that are left. No row: the first entry is not older.
with first as materialized (
    select s.position, s.hash, e.at
    from audit_seal s
    left join audit_entry e on e.city_id = :city_id and e.entry_id = s.entry_id
    where s.city_id = :city_id order by s.position limit :limit
)
select position, hash from first
where position < coalesce((select min(position) from first where at is null or at >= :before),
                          (select max(position) + 1 from first))
order by position desc limit 1;

-- name: expire_entries
-- Deletes the seals of a city up to a position, and their entries; the chain begins after it with its hash. Answers how
-- many entries went.
with seals as (
    delete from audit_seal where city_id = :city_id and position <= :position returning entry_id
), entries as (
    delete from audit_entry e using seals s where e.city_id = :city_id and e.entry_id = s.entry_id returning 1
), anchored as (
    update audit_head set anchor_position = :position, anchor_hash = :hash where city_id = :city_id
)
select count(*)::int from entries;

-- name: read_cities
-- Every city there is or was: one whose chain was taken away must be looked at more than any other.
select city_id from city union select city_id from audit_head union select city_id from audit_unsealed order by city_id;
