"""A plan as it is kept and as the wire shows it: what it was made from, and its lines with the expected reach."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

import msgspec

from dispatch.allocation import rules
from dispatch.allocation.plan import PartnerCapacity, Plan, PlanZone
from dispatch.allocation.records import Basis, LineState, PlanInputs, ZoneBasis
from schemas.allocation import AllocationLine, NewAllocation, Preview


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A plan just made, with everything it was made from."""

    inputs: PlanInputs
    basis: Basis
    zones: list[PlanZone]
    partners: list[PartnerCapacity]
    plan: Plan


def basis_of(wanted: NewAllocation, inputs: PlanInputs, zones: Sequence[PlanZone]) -> Basis:
    """What is kept with a plan, so that it can be explained later as it was made."""
    return Basis(
        request=wanted,
        starts_on=inputs.starts_on,
        ends_on=inputs.ends_on,
        counts_for_reach=inputs.counts_for_reach,
        zones={
            zone.zone_id: ZoneBasis(
                households=zone.households,
                committed_copies=zone.committed_copies,
                capacity_copies=zone.capacity_copies,
                handed_out_copies=zone.handed_out_copies,
                promised_copies=zone.promised_copies,
            )
            for zone in zones
        },
    )


def preview_of(draft: Draft) -> Preview:
    """A plan that was not kept, as the wire shows it."""
    zones = {zone.zone_id: zone for zone in draft.zones}
    partners = {entry.partner_id: entry for entry in draft.partners}
    lines = [
        LineState(
            zone_id=line.zone_id,
            zone_code=zones[line.zone_id].code,
            zone_name=zones[line.zone_id].name,
            partner_id=line.partner_id,
            partner_code=partners[line.partner_id].partner_code if line.partner_id in partners else None,
            partner_name=partners[line.partner_id].partner_name if line.partner_id in partners else None,
            copies=line.copies,
            proposed_copies=line.copies,
            risk_weight=line.risk_weight,
            change_reason=None,
        )
        for line in draft.plan.lines
    ]
    return Preview(
        planned_copies=sum(line.copies for line in lines),
        starts_on=draft.basis.starts_on,
        ends_on=draft.basis.ends_on,
        certificate=draft.plan.certificate,
        lines=wire_lines(draft.basis, lines),
    )


def wire_lines(basis: Basis, lines: Sequence[LineState]) -> list[AllocationLine]:
    """Lines with what their zone is expected to reach before and after all of its lines."""
    planned: defaultdict[UUID, int] = defaultdict(int)
    for line in lines:
        planned[line.zone_id] += line.copies
    return [
        AllocationLine(
            zone_code=line.zone_code,
            zone_name=line.zone_name,
            partner_code=line.partner_code,
            partner_name=line.partner_name,
            households=basis.zones[line.zone_id].households,
            risk_weight=line.risk_weight,
            committed_copies=basis.zones[line.zone_id].committed_copies,
            handed_out_copies=basis.zones[line.zone_id].handed_out_copies,
            promised_copies=basis.zones[line.zone_id].promised_copies,
            withdrawn_copies=line.withdrawn_copies,
            copies=line.copies,
            proposed_copies=line.proposed_copies,
            change_reason=line.change_reason,
            expected_reach_before=rules.delivered_reach_of(basis, line.zone_id),
            expected_reach_committed=rules.reach_of(basis, line.zone_id, 0),
            expected_reach_after=rules.reach_of(basis, line.zone_id, planned[line.zone_id]),
        )
        for line in lines
    ]
