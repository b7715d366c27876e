-- name: insert_session
-- Keeps a session of an account or a rider, used last when it was made; 0 idle seconds: no idle time ends it.
insert into session (city_id, token_hash, session_id, account_id, rider_id, method, device, address,
                     created_at, last_used_at, expires_at, idle_seconds)
values (:city_id, :token_hash, :session_id, :account_id, :rider_id, :method, :device, :address,
        :now, :now, :expires_at, :idle_seconds);

-- name: note_sign_in
-- An account signs in, with the password of this hash (null: without one). No row: meanwhile it was shut out or the
-- password was changed.
update account set signed_in_at = :now
where city_id = :city_id and account_id = :account_id and active
  and (:password_hash::text is null or password_hash = :password_hash)
returning account_id;

-- name: delete_old_sessions
-- The sessions of an account or a rider that ended before :now are deleted.
delete from session
where city_id = :city_id and (account_id = :account_id or rider_id = :rider_id) and expires_at < :now;

-- name: delete_session
-- Ends the session of a token.
delete from session where city_id = :city_id and token_hash = :token_hash;

-- name: read_sessions
-- The sessions of an account or rider that hold at :now, the last used first. No row: none does.
select session_id, method, device, address, created_at, last_used_at, expires_at
from session
where city_id = :city_id and (account_id = :subject_id or rider_id = :subject_id) and expires_at > :now
  and (idle_seconds = 0 or last_used_at > :now - idle_seconds * interval '1 second')
  and (rider_id is null or not exists (
       select from campaign c
       where c.city_id = :city_id and c.status = 'open' and c.rider_idle_hours > 0
         and session.last_used_at <= :now - c.rider_idle_hours * interval '1 hour'))
order by last_used_at desc, session_id;

-- name: end_session
-- Ends one session of an account or rider. No row: it is not theirs, or has ended.
delete from session
where city_id = :city_id and (account_id = :subject_id or rider_id = :subject_id) and session_id = :session_id
returning session_id;

-- name: end_sessions
-- Ends the sessions of an account or rider, all but :kept_session_id if there is one.
delete from session
where city_id = :city_id and (account_id = :subject_id or rider_id = :subject_id)
  and (:kept_session_id::uuid is null or session_id <> :kept_session_id);
