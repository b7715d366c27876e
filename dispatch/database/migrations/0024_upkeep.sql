-- What the servers do unasked (retry refused records, estimate reach, seal the trail, delete what has expired): of all
-- processes one does a job of a city at a time. Written by "server".

create table upkeep_run (
    city_id int not null,
    job text not null,
    begun_at timestamptz not null,
    -- Until then the job is somebody's. A process that dies keeps it no longer than this; who is done ends it at once.
    held_until timestamptz not null,
    constraint upkeep_run_key primary key (city_id, job),
    constraint upkeep_run_held_after_begin check (held_until >= begun_at)
);
