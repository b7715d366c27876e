-- No two logins of a city differ only in case: of two made at the same moment, one is told that the login is taken.

create unique index account_login_in_any_case on account (city_id, lower(login));
