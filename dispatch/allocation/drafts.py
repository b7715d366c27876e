"""Reads what plans are made from and what they say; kept apart from writing because previews only read."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import msgspec

from dispatch.allocation import rules
from dispatch.allocation.plan import PartnerCapacity, Plan, PlanZone, make_plan
from dispatch.database import Connection, Database, one, queries_for, rows
from dispatch.problems import NotFound
from schemas.allocation import (
    Allocation,
    AllocationLine,
    AllocationSummary,
    ApprovedAllocation,
    Certificate,
    NewAllocation,
    PlannedBatch,
    Preview,
)

SQL = queries_for(__file__)


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A plan just made, with everything it was made from."""

    inputs: rules.PlanInputs
    basis: rules.Basis
    zones: list[PlanZone]
    partners: list[PartnerCapacity]
    plan: Plan


async def draw_up(database: Database, city_id: int, campaign_id: UUID, wanted: NewAllocation, now: datetime) -> Draft:
    """Make a plan and keep nothing.

    Raises NotFound, CampaignClosed, MaterialUnknown, WaveUnknown, PlanPeriodOver, PlanOptions, NotEnoughPrinted,
    PlanInfeasible.
    """
    async with database.read() as connection:
        inputs, printed = await read_plan_inputs(connection, city_id, campaign_id, wanted, now)
        rules.require_printed(wanted.copies, printed)
        zones = await _read_zones(connection, city_id, campaign_id, inputs, wanted.weights.incident_months)
        partners: list[PartnerCapacity] = []
        if wanted.assign_partners:
            found = await connection.fetch(
                SQL.read_partner_capacity, city_id, campaign_id, inputs.starts_on, inputs.ends_on
            )
            partners = rows(PartnerCapacity, found)
    plan = await asyncio.to_thread(make_plan, wanted, zones, partners, inputs.bundle_copies)
    basis = rules.Basis(
        request=wanted,
        starts_on=inputs.starts_on,
        ends_on=inputs.ends_on,
        counts_for_reach=inputs.counts_for_reach,
        zones={
            zone.zone_id: rules.ZoneBasis(
                households=zone.households,
                committed_copies=zone.committed_copies,
                capacity_copies=zone.capacity_copies,
            )
            for zone in zones
        },
    )
    return Draft(inputs=inputs, basis=basis, zones=zones, partners=partners, plan=plan)


async def read_plan_inputs(
    connection: Connection, city_id: int, campaign_id: UUID, wanted: NewAllocation, now: datetime
) -> tuple[rules.PlanInputs, rules.Printed]:
    """The plan's days, zones and material, and what of the material is printed."""
    found = await connection.fetchrow(
        SQL.read_plan_frame, city_id, campaign_id, wanted.material_code, wanted.wave_number, now
    )
    inputs = rules.judge_plan_inputs(wanted, one(rules.PlanRow, found))
    return inputs, await read_printed(connection, city_id, campaign_id, inputs.material_id)


async def read_printed(connection: Connection, city_id: int, campaign_id: UUID, material_id: UUID) -> rules.Printed:
    """How many copies of a material there are, and how many are in batches."""
    return rows(rules.Printed, await connection.fetch(SQL.read_printed, city_id, campaign_id, material_id))[0]


async def _read_zones(
    connection: Connection, city_id: int, campaign_id: UUID, inputs: rules.PlanInputs, incident_months: int
) -> list[PlanZone]:
    found = await connection.fetch(
        SQL.read_plan_zones, city_id, campaign_id, inputs.material_id, inputs.zone_codes, inputs.starts_on,
        inputs.ends_on,
        _months_before(inputs.today, incident_months), inputs.today, inputs.counts_for_reach, inputs.today,
    )  # fmt: skip
    return rows(PlanZone, found)


def _months_before(day: date, months: int) -> date:
    """The first day of the month that lies so many months before the month of `day`."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, 1)


def preview_of(draft: Draft) -> Preview:
    """A plan that was not kept, as the wire shows it."""
    zones = {zone.zone_id: zone for zone in draft.zones}
    partners = {entry.partner_id: entry for entry in draft.partners}
    lines = [
        rules.LineState(
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


def wire_lines(basis: rules.Basis, lines: Sequence[rules.LineState]) -> list[AllocationLine]:
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
            copies=line.copies,
            proposed_copies=line.proposed_copies,
            change_reason=line.change_reason,
            expected_reach_before=rules.reach_of(basis, line.zone_id, 0),
            expected_reach_after=rules.reach_of(basis, line.zone_id, planned[line.zone_id]),
        )
        for line in lines
    ]


async def read_summaries(connection: Connection, city_id: int, campaign_id: UUID) -> list[AllocationSummary]:
    """Plans of a campaign, newest first."""
    return rows(AllocationSummary, await connection.fetch(SQL.read_allocations, city_id, campaign_id, None))


async def find_allocation(connection: Connection, city_id: int, allocation_id: UUID) -> Allocation:
    """A plan with its lines and certificate. Raises NotFound."""
    found = one(AllocationSummary, await connection.fetchrow(SQL.read_allocations, city_id, None, allocation_id))
    papers = await connection.fetchrow(SQL.read_papers, city_id, allocation_id)
    if found is None or papers is None:
        raise NotFound("There is no such plan here.")
    basis = msgspec.convert(papers["parameters"], rules.Basis)
    lines = rows(rules.LineState, await connection.fetch(SQL.read_lines, city_id, allocation_id))
    return Allocation(
        **{name: getattr(found, name) for name in found.__struct_fields__},
        request=basis.request,
        starts_on=basis.starts_on,
        ends_on=basis.ends_on,
        certificate=msgspec.convert(papers["certificate"], Certificate),
        lines=wire_lines(basis, lines),
    )


async def read_approved(
    connection: Connection, city_id: int, campaign_id: UUID, allocation_id: UUID
) -> ApprovedAllocation:
    """The batches an approved plan made."""
    found = one(AllocationSummary, await connection.fetchrow(SQL.read_allocations, city_id, None, allocation_id))
    if found is None or found.approved_at is None:
        raise NotFound("There is no such approved plan here.")
    batches = rows(PlannedBatch, await connection.fetch(SQL.read_batches, city_id, campaign_id, allocation_id))
    return ApprovedAllocation(
        allocation_id=allocation_id,
        campaign_id=campaign_id,
        approved_at=found.approved_at,
        copies=sum(batch.copies for batch in batches),
        batches=batches,
    )
