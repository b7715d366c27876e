-- A refused record that could be recorded after all is called what it is. Written by "handouts".

-- A large city may have some hundred thousand of these rows, and a start that fails helps nobody: phones keep what they
-- cannot send meanwhile.
set local statement_timeout = '60s';
alter table handout_refused drop constraint handout_refused_status_known;
update handout_refused set status = 'recorded_later' where city_id is not null and status = 'taken_up';
alter table handout_refused add constraint handout_refused_status_known
    check (status in ('waiting', 'recorded_later', 'dismissed'));
-- waiting: judged again when its cause may be gone; recorded_later: recorded since; dismissed: looked at and left.
alter table handout_refused alter column status set default 'waiting';
