-- A refused record names whose copies it would take, so that it is judged again when their cause may be gone and no
-- sooner, and so that a manager reads which hand-over is missing. What its sender takes back is kept as withdrawn. A
-- rider who left has an instant, up to which the phone may still hand in what was confirmed. Written by "handouts" and
-- "partners".

-- A large city may have some hundred thousand refused records, and a start that fails helps nobody: phones keep what
-- they cannot send meanwhile.
set local statement_timeout = '60s';
alter table handout_refused drop constraint handout_refused_status_known;
alter table handout_refused add constraint handout_refused_status_known
    check (status in ('waiting', 'recorded_later', 'dismissed', 'withdrawn'));
alter table handout_refused add column holder_kind text
    constraint handout_refused_holder_known check (holder_kind in ('rider', 'outlet'));
alter table handout_refused add column holder_id uuid;
-- The holder's outlet; `outlet_id` is the sender's, and says who may see the record.
alter table handout_refused add column holder_outlet_id uuid;
alter table handout_refused add column material_id uuid;
alter table handout_refused add column copies int;
-- When it happened, by the sender's clock.
alter table handout_refused add column happened_at timestamptz;
alter table handout_refused add column corrects_id uuid;
-- The UTC day inside that id: handouts are partitioned by it.
alter table handout_refused add column corrects_day date;
-- Null: not since it was refused first.
alter table handout_refused add column last_tried_at timestamptz;
alter table handout_refused add constraint handout_refused_holder_is_whole
    check (num_nulls(holder_kind, holder_id, holder_outlet_id) in (0, 3));
alter table handout_refused add constraint handout_refused_corrects_has_day
    check ((corrects_id is null) = (corrects_day is null));

-- What phones sent before: the sender is the holder. Only a text that is an id or a number becomes one.
update handout_refused r
set holder_kind = 'rider', holder_id = r.caller_id, holder_outlet_id = r.outlet_id,
    material_id = case when r.record ->> 'material_id' ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
                       then (r.record ->> 'material_id')::uuid end,
    copies = case when r.record ->> 'copies' ~ '^[0-9]{1,6}$' then (r.record ->> 'copies')::int end,
    -- Taken as due: each is judged once more, and then keeps the instant it names.
    happened_at = r.refused_at,
    corrects_id = case when r.record ->> 'corrects_id'
                            ~* '^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$'
                       then (r.record ->> 'corrects_id')::uuid end,
    corrects_day = case when r.record ->> 'corrects_id'
                             ~* '^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$'
                        then (to_timestamp(('x' || substr(replace(r.record ->> 'corrects_id', '-', ''), 1, 12))
                                           ::bit(48)::bigint / 1000.0) at time zone 'UTC')::date end
where r.city_id is not null and r.entry = 'sync' and r.caller_role = 'rider' and r.outlet_id is not null;
-- What outlets and partners' systems reported: by the codes of the report, where they mean something.
update handout_refused r
set holder_kind = 'rider', holder_id = h.rider_id, holder_outlet_id = h.outlet_id
from rider h
where r.city_id = h.city_id and r.entry = 'report' and r.record ->> 'rider_code' = h.code;
update handout_refused r
set holder_kind = 'outlet', holder_id = o.outlet_id, holder_outlet_id = o.outlet_id
from outlet o
where r.city_id = o.city_id and r.entry = 'report' and r.record ->> 'rider_code' is null
  and (r.record ->> 'outlet_code' = o.code or r.record ->> 'outlet_code' is null and r.outlet_id = o.outlet_id);
update handout_refused r
set material_id = m.material_id,
    copies = case when r.record ->> 'copies' ~ '^[0-9]{1,6}$' then (r.record ->> 'copies')::int end
from material m
where r.city_id = m.city_id and r.entry = 'report' and r.campaign_id = m.campaign_id
  and r.record ->> 'material_code' = m.code;
-- What managers corrected was kept under an id of its own instead of the correction's.
update handout_refused r set handout_id = (r.record ->> 'id')::uuid
where r.city_id is not null and r.entry = 'correction'
  and r.record ->> 'id' ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$';
-- Its holder is that of the handout.
update handout_refused r
set holder_kind = h.holder_kind, holder_id = h.holder_id, holder_outlet_id = h.outlet_id
from handout h
where r.city_id = h.city_id and r.entry = 'correction' and r.record ->> 'corrects_id' = h.handout_id::text;
create index handout_refused_by_sender on handout_refused (city_id, caller_id, refused_at) where status = 'waiting';

alter table rider add column deactivated_at timestamptz
    constraint rider_deactivated_is_inactive check (deactivated_at is null or not active);
-- Until now the end of the sessions was the only trace of it.
update rider set deactivated_at = signed_out_at where city_id is not null and not active;
