-- name: read_second_factor
-- The second factor of an account: its sealed secret, since when it holds, the last time step used; and what the
-- authenticator shows with the code.
select a.login, c.name as city_name, a.second_factor_secret as secret, a.second_factor_since as since,
       a.second_factor_step as last_step
from account a join city c on c.city_id = :city_id
where a.city_id = :city_id and a.account_id = :account_id;

-- name: propose_second_factor
-- Keeps a sealed secret until its first code is given. No row: a second factor holds already.
update account set second_factor_secret = :secret, second_factor_step = null
where city_id = :city_id and account_id = :account_id and second_factor_since is null
returning account_id;

-- name: begin_second_factor
-- The second factor holds from :now; its first code was of this time step. No row: it holds already.
update account set second_factor_since = :now, second_factor_step = :step
where city_id = :city_id and account_id = :account_id
  and second_factor_since is null and second_factor_secret is not null
returning account_id;

-- name: use_step
-- The code of a time step is used up. No row: one of this step or a later one was used before.
update account set second_factor_step = :step
where city_id = :city_id and account_id = :account_id and (second_factor_step is null or second_factor_step < :step)
returning account_id;

-- name: use_recovery_code
-- A recovery code is used up. No row: there is no such code, or it was used before.
update recovery_code set used_at = :now
where city_id = :city_id and account_id = :account_id and code_digest = :code_digest and used_at is null
returning account_id;

-- name: delete_recovery_codes
-- An account has no recovery codes any more.
delete from recovery_code where city_id = :city_id and account_id = :account_id;

-- name: insert_recovery_codes
-- Keeps the digests of an account's recovery codes.
insert into recovery_code (city_id, account_id, code_digest)
select :city_id, :account_id, x from unnest(:digests::bytea[]) x;

-- name: remove_second_factor
-- An account has no second factor any more. No row: there is no such account, or it had none.
update account set second_factor_secret = null, second_factor_since = null, second_factor_step = null
where city_id = :city_id and account_id = :account_id and second_factor_since is not null
returning account_id;
