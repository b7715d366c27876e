-- name: find_city
-- The city with this code, or the only city there is when no code is given. No row: unknown, or more than one.
select city_id from city where code = :code or (:code::text is null and (select count(*) from city) = 1);

-- name: read_account_by_login
-- The account that signs in as :login, active or not. No row: nobody does.
select account_id, role, password_hash, active, must_change_password,
       second_factor_since is not null as has_second_factor, second_factor_secret, second_factor_step
from account where city_id = :city_id and login = :login;

-- name: read_account_by_subject
-- The active account bound to the provider's :subject; else the one with the login that is bound to none.
-- No row: there is neither.
select account_id, role, oidc_subject from account
where city_id = :city_id and active and (oidc_subject = :subject or (login = :login and oidc_subject is null))
order by oidc_subject nulls last limit 1;

-- name: bind_subject
-- From now on the account is the provider's :subject, unless it is bound already.
update account set oidc_subject = :subject
where city_id = :city_id and account_id = :account_id and oidc_subject is null;
