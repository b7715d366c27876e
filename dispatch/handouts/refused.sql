-- name: read_cured
-- Records of riders in scope that wait for a cause which is gone, of one campaign where given: copies are with the
-- holder now, the campaign is open, the zone exists, the handout to correct is on record, the time has come. The
-- longest not tried come first, and of one sender no more than :most_of_one.
select entry as source, caller_role, caller_id, partner_id, outlet_id, campaign_id, record, refused_at, holder_kind,
       holder_id, holder_outlet_id
from (
    select r.*,
           row_number() over (partition by r.caller_id
                              order by coalesce(r.last_tried_at, r.refused_at), r.refused_at, r.handout_id) as place
    from handout_refused r
    where r.city_id = :city_id and r.status = 'waiting' and r.entry = 'sync' and r.problem = any(:problems::text[])
      and (:campaign_id::uuid is null or r.campaign_id = :campaign_id)
      and (:scope_partner::uuid is null or r.partner_id = :scope_partner)
      and (:scope_outlet::uuid is null or r.outlet_id = :scope_outlet)
      and case r.problem
          when 'not-enough-stock' then exists (
              select from stock_balance b
              where b.city_id = :city_id and b.holder_id = r.holder_id and b.holder_kind = r.holder_kind
                and b.campaign_id = r.campaign_id and b.material_id = r.material_id and b.quantity >= r.copies)
          when 'not-held' then exists (
              select from stock_balance b
              where b.city_id = :city_id and b.holder_id = r.holder_id and b.holder_kind = r.holder_kind
                and b.campaign_id = r.campaign_id and b.material_id = coalesce(r.material_id, b.material_id))
          when 'campaign-not-open' then exists (
              select from campaign c
              where c.city_id = :city_id and c.campaign_id = r.campaign_id and c.status = 'open')
          when 'unknown-zone' then exists (
              select from zone z where z.city_id = :city_id and z.zone_id::text = lower(r.record ->> 'zone_id'))
          when 'outside-zones' then exists (
              select from zone_cell z
              where z.city_id = :city_id
                and z.cell = ('x' || lpad(r.record ->> 'cell', 16, '0'))::bit(64)::bigint)
          when 'unknown-handout' then exists (
              select from handout h
              where h.city_id = :city_id and h.handout_id = r.corrects_id and h.id_day = r.corrects_day)
              or exists (select from visit v where v.city_id = :city_id and v.visit_id = r.corrects_id)
          when 'clock-ahead' then r.happened_at <= :due::timestamptz and r.refused_at > :not_before::timestamptz
          end
) waiting
where place <= :most_of_one
order by coalesce(last_tried_at, refused_at), refused_at, handout_id limit :most;

-- name: read_named
-- Waiting records in scope with these ids, whatever they wait for, oldest first.
select entry as source, caller_role, caller_id, partner_id, outlet_id, campaign_id, record, refused_at, holder_kind,
       holder_id, holder_outlet_id
from handout_refused
where city_id = :city_id and status = 'waiting' and handout_id = any(:handout_ids::uuid[])
  and (:scope_partner::uuid is null or partner_id = :scope_partner)
  and (:scope_outlet::uuid is null or outlet_id = :scope_outlet)
order by refused_at, handout_id;

-- name: read_cities_waiting
-- The cities in which records of riders wait for one of some causes to go, by number.
select distinct city_id from handout_refused
where status = 'waiting' and entry = 'sync' and problem = any(:problems::text[]) order by city_id;
