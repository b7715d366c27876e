-- name: write_session_uses
-- Keeps when sessions were used last. A later use that another process wrote stays.
update session s set last_used_at = x.at
from unnest(:token_hashes::bytea[], :instants::timestamptz[]) x (token_hash, at)
where s.city_id = :city_id and s.token_hash = x.token_hash and s.last_used_at < x.at;

-- name: write_key_uses
-- Keeps when keys were used last. A later use that another process wrote stays.
update api_key k set last_used_at = x.at
from unnest(:token_hashes::bytea[], :instants::timestamptz[]) x (key_hash, at)
where k.city_id = :city_id and k.key_hash = x.key_hash and (k.last_used_at is null or k.last_used_at < x.at);
