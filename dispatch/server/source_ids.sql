-- name: keep_references
-- Keeps what a partner's references stand for. One that stands for something already goes on doing so.
insert into partner_reference (city_id, partner_id, kind, source_id, reference_id, campaign_id, day, made_at, made_by)
select :city_id, :partner_id, :kind, x.source_id, x.reference_id, :campaign_id, x.day, :now, :made_by
from unnest(:source_ids::text[], :reference_ids::uuid[], :days::date[]) as x (source_id, reference_id, day)
order by x.source_id
on conflict do nothing;

-- name: read_references
-- The ids that a partner's references stand for. One that stands for nothing gives no row.
select source_id, reference_id from partner_reference
where city_id = :city_id and partner_id = :partner_id and kind = :kind and source_id = any(:source_ids::text[]);
