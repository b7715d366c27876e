-- name: begin_run
-- Takes a job of a city until :held_until. No row: another process holds it at :now.
insert into upkeep_run as r (city_id, job, begun_at, held_until) values (:city_id, :job, :now, :held_until)
on conflict on constraint upkeep_run_key do update set begun_at = excluded.begun_at, held_until = excluded.held_until
where r.held_until <= :now
returning r.city_id;

-- name: end_run
-- Gives a job of a city back, unless another process took it over meanwhile.
update upkeep_run set held_until = begun_at where city_id = :city_id and job = :job and begun_at = :begun_at;
