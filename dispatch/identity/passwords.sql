-- name: read_passwords
-- The login of an account, the hash of its password and of those before, the latest first.
select a.login, a.password_hash,
       array(select old.password_hash from account_password old
             where old.city_id = :city_id and old.account_id = :account_id
             order by old.set_at desc) as earlier
from account a where a.city_id = :city_id and a.account_id = :account_id;

-- name: set_password
-- Gives an account a password in the place of the one with :old_hash. No row: that is no longer its password.
update account set password_hash = :new_hash, password_changed_at = :now, must_change_password = :must_change
where city_id = :city_id and account_id = :account_id and password_hash = :old_hash
returning account_id;

-- name: remember_password
-- An account had this password until :now.
insert into account_password (city_id, account_id, set_at, password_hash)
values (:city_id, :account_id, :now, :password_hash) on conflict do nothing;

-- name: forget_old_passwords
-- Of the former passwords of an account only the last :kept stay.
delete from account_password
where city_id = :city_id and account_id = :account_id
  and (set_at, password_hash) in (select old.set_at, old.password_hash from account_password old
                                  where old.city_id = :city_id and old.account_id = :account_id
                                  order by old.set_at desc, old.password_hash offset :kept);
