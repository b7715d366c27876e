-- Plans and batches are taken back with a reason ("allocation"), what somebody holds is asked back ("batches"), and a
-- planner enters what a firm said on the telephone ("campaigns").

-- Copies that were taken back before anybody held them: they are in no batch any more and may be planned again.
alter table batch add column withdrawn_copies int not null default 0;
alter table batch add column withdrawn_at timestamptz;
alter table batch add column withdrawn_by uuid;
alter table batch add column withdrawn_reason text;
alter table batch add constraint batch_withdraws_what_it_has
    check (withdrawn_copies >= 0 and withdrawn_copies <= copies);
alter table batch add constraint batch_withdrawn_by_somebody check (
    (withdrawn_copies > 0) = (withdrawn_at is not null) and (withdrawn_at is null) = (withdrawn_by is null)
    and (withdrawn_at is null) = (withdrawn_reason is null));

-- A line loses what its batches lost, so that planned copies and batches stay the same sum.
alter table allocation_line add column withdrawn_copies int not null default 0;
alter table allocation_line add constraint allocation_line_withdrawal_not_negative check (withdrawn_copies >= 0);
alter table allocation_line drop constraint allocation_line_change_has_reason;
alter table allocation_line add constraint allocation_line_change_has_reason check
    (copies + withdrawn_copies = proposed_copies or (changed_by is not null and change_reason <> ''));

-- The city's wish to have the copies of a claim back; the firm decides.
alter table claim add column return_asked_at timestamptz;
alter table claim add column return_asked_by uuid;
alter table claim add column return_asked_reason text;
alter table claim add constraint claim_return_asked_by_somebody check (
    (return_asked_at is null) = (return_asked_by is null)
    and (return_asked_at is null) = (return_asked_reason is null));

-- Told on the telephone: who said so and when, and which planner wrote it down. Null: the firm declared it itself.
alter table capacity add column entered_by uuid;
alter table capacity add column told_by text;
alter table capacity add column told_on date;
alter table capacity add constraint capacity_told_by_somebody check (
    (entered_by is null) = (told_by is null) and (entered_by is null) = (told_on is null) and told_by <> '');
