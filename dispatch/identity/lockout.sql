-- name: lock_attempts
-- What was counted for these kinds and subjects, locked for this transaction in the order of their keys.
select a.kind, a.subject, a.failures, a.locks, a.failed_at, a.locked_until
from sign_in_attempt a
where a.city_id = :city_id
  and (a.kind, a.subject) in
      (select x.kind, x.subject from unnest(:kinds::text[], :subjects::bytea[]) x (kind, subject))
order by a.kind, a.subject
for update;

-- name: begin_attempts
-- Makes rows for the kinds and subjects that have none, so that there is something to lock.
insert into sign_in_attempt (city_id, kind, subject, failures, locks, failed_at)
select :city_id, x.kind, x.subject, 0, 0, :now from unnest(:kinds::text[], :subjects::bytea[]) x (kind, subject)
order by x.kind, x.subject
on conflict do nothing;

-- name: write_attempts
-- Keeps what was counted for these kinds and subjects.
update sign_in_attempt a
set failures = x.failures, locks = x.locks, locked_until = x.locked_until, failed_at = :now
from unnest(:kinds::text[], :subjects::bytea[], :failures::int[], :locks::int[], :locked_until::timestamptz[])
    x (kind, subject, failures, locks, locked_until)
where a.city_id = :city_id and a.kind = x.kind and a.subject = x.subject;

-- name: take_back_attempts
-- One failure less for each of these kinds and subjects; the lock it may have brought is lifted.
update sign_in_attempt a set failures = greatest(a.failures - 1, 0), locked_until = null
from unnest(:kinds::text[], :subjects::bytea[]) x (kind, subject)
where a.city_id = :city_id and a.kind = x.kind and a.subject = x.subject;

-- name: forget_attempts
-- Nothing is counted any more for these kinds and subjects.
delete from sign_in_attempt a
using unnest(:kinds::text[], :subjects::bytea[]) x (kind, subject)
where a.city_id = :city_id and a.kind = x.kind and a.subject = x.subject;

-- name: take_healing
-- Whether a rider (:healer, a digest) may take failures off these kinds and subjects, which is noted: there are some,
-- and the last time was not after :last_allowed. No row: no. Kept with the failures of phones: it is a rider's, too.
insert into sign_in_attempt as a (city_id, kind, subject, failures, locks, failed_at)
select :city_id, 'phone', :healer, 0, 0, :now
where exists (select from sign_in_attempt f where f.city_id = :city_id and f.failures > 0
              and (f.kind, f.subject) in
                  (select x.kind, x.subject from unnest(:kinds::text[], :subjects::bytea[]) x (kind, subject)))
on conflict on constraint sign_in_attempt_key
do update set failed_at = excluded.failed_at where a.failed_at <= :last_allowed
returning true;

-- name: heal_attempts
-- So many failures less for each of these kinds and subjects.
update sign_in_attempt a set failures = greatest(a.failures - :much, 0)
from unnest(:kinds::text[], :subjects::bytea[]) x (kind, subject)
where a.city_id = :city_id and a.kind = x.kind and a.subject = x.subject and a.failures > 0;
