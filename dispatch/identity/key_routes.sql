-- name: read_keys
-- The keys in the caller's scope that are not revoked, the latest first. No row: there is none.
select k.api_key_id, k.name, k.scopes, p.code as partner_code, p.name as partner_name, o.code as outlet_code,
       o.name as outlet_name, k.created_at, k.expires_at, k.last_used_at, k.replaces
from api_key k
join partner p on p.city_id = :city_id and p.partner_id = k.partner_id
left join outlet o on o.city_id = :city_id and o.outlet_id = k.outlet_id
where k.city_id = :city_id and (:scope_partner::uuid is null or k.partner_id = :scope_partner) and k.revoked_at is null
order by k.created_at desc, k.api_key_id;

-- name: read_key
-- A key in the caller's scope that holds at :now, locked for this transaction. No row: there is none, or it has ended.
select partner_id, outlet_id, name, scopes, created_at, expires_at from api_key
where city_id = :city_id and api_key_id = :api_key_id and (:scope_partner::uuid is null or partner_id = :scope_partner)
  and revoked_at is null and expires_at > :now
for update;

-- name: read_partner
-- The partner with a code, or with the id of the caller's own. No row: there is none.
select partner_id from partner
where city_id = :city_id and (partner_id = :scope_partner or (:scope_partner::uuid is null and code = :partner_code));

-- name: read_outlet
-- The outlet of a partner with a code. No row: the partner has none.
select outlet_id from outlet where city_id = :city_id and partner_id = :partner_id and code = :outlet_code and active;

-- name: insert_api_key
-- Keeps a partner's key, which may replace another.
insert into api_key (city_id, key_hash, api_key_id, partner_id, outlet_id, name, created_at, expires_at, scopes,
                     replaces, created_by)
values (:city_id, :key_hash, :api_key_id, :partner_id, :outlet_id, :name, :now, :expires_at, :scopes, :replaces,
        :created_by);

-- name: shorten_key
-- A key ends at :ends_at at the latest.
update api_key set expires_at = least(expires_at, :ends_at) where city_id = :city_id and api_key_id = :api_key_id;

-- name: revoke_api_key
-- Ends a key in the caller's scope. No row: there is none, or it has ended.
update api_key set revoked_at = :now
where city_id = :city_id and api_key_id = :api_key_id and (:scope_partner::uuid is null or partner_id = :scope_partner)
  and revoked_at is null
returning api_key_id;
