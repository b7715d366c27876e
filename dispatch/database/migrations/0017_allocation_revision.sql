-- A draft counts its changes, so that whoever decides on an older view of it is told instead of overwriting. Written by "allocation".

alter table allocation add column revision int not null default 0
    constraint allocation_revision_not_negative check (revision >= 0);
