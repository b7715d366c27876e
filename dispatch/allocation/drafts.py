"""Makes plans without keeping them, and reads those that are kept; previews only read, so nothing here writes."""

import asyncio
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from dispatch.allocation import rules
from dispatch.allocation.lines import Draft, basis_of, wire_lines
from dispatch.allocation.plan import PartnerCapacity, PlanZone, make_plan
from dispatch.allocation.records import Basis, LineState, PlanInputs, PlanRow, Printed
from dispatch.campaigns.checklist import read_missing
from dispatch.database import Connection, Database, one, queries_for, rows
from dispatch.problems import NotFound
from schemas.allocation import (
    Allocation,
    AllocationSummary,
    ApprovedAllocation,
    Certificate,
    NewAllocation,
    PlannedBatch,
    Sizing,
)

SQL = queries_for(__file__)


class _StoredBasis(msgspec.Struct, frozen=True):
    """What a plan was made from, and its certificate."""

    basis: Basis
    certificate: Certificate


async def make_draft(
    database: Database, city_id: int, campaign_id: UUID, wanted: NewAllocation, now: datetime
) -> Draft:
    """Make a plan and keep nothing.

    Raises NotFound, CampaignClosed, MaterialUnknown, WaveUnknown, PlanPeriodOver, PlanOptions, NotEnoughPrinted,
    PlanInfeasible.
    """
    async with database.read() as connection:
        inputs = await _read_inputs(connection, city_id, campaign_id, wanted, now)
        rules.require_printed(wanted.copies, await read_printed(connection, city_id, campaign_id, inputs.material_id))
        zones = await _read_zones(connection, city_id, campaign_id, inputs, wanted)
        partners: list[PartnerCapacity] = []
        if wanted.assign_partners:
            partners = await _read_partner_capacity(connection, city_id, campaign_id, inputs)
    plan = await asyncio.to_thread(make_plan, wanted, zones, partners, inputs.bundle_copies)
    return Draft(inputs=inputs, basis=basis_of(wanted, inputs, zones), zones=zones, partners=partners, plan=plan)


async def _read_inputs(
    connection: Connection, city_id: int, campaign_id: UUID, wanted: NewAllocation, now: datetime
) -> PlanInputs:
    row = await connection.fetchrow(
        *SQL.read_plan_row(
            city_id=city_id,
            campaign_id=campaign_id,
            material_code=wanted.material_code,
            wave_number=wanted.wave_number,
            now=now,
        )
    )
    return rules.judge_plan_inputs(wanted, one(PlanRow, row))


async def read_printed(connection: Connection, city_id: int, campaign_id: UUID, material_id: UUID) -> Printed:
    """How many copies of a material there are, and how many are in batches."""
    (printed,) = rows(
        Printed,
        await connection.fetch(*SQL.read_printed(city_id=city_id, campaign_id=campaign_id, material_id=material_id)),
    )
    return printed


async def _read_zones(
    connection: Connection, city_id: int, campaign_id: UUID, inputs: PlanInputs, wanted: NewAllocation
) -> list[PlanZone]:
    return await read_zones(
        connection, city_id, campaign_id, wanted,
        material_id=inputs.material_id, counts_for_reach=inputs.counts_for_reach, zone_codes=inputs.zone_codes,
        starts_on=inputs.starts_on, ends_on=inputs.ends_on, today=inputs.today,
        incidents_from=rules.months_before(inputs.today, wanted.weights.incident_months),
    )  # fmt: skip


async def read_zones(
    connection: Connection, city_id: int, campaign_id: UUID, wanted: NewAllocation | Sizing, **of: Any
) -> list[PlanZone]:
    """The zones chosen by the request, as it counts on them; `of` are the statement's other parameters.

    Raises PlanOptions.
    """
    statement = SQL.read_plan_zones(
        city_id=city_id, campaign_id=campaign_id, chosen_codes=wanted.zone_codes, division_code=wanted.division_code,
        **of,
    )  # fmt: skip
    return rules.judge_zones(wanted, rows(PlanZone, await connection.fetch(*statement)))


async def _read_partner_capacity(
    connection: Connection, city_id: int, campaign_id: UUID, inputs: PlanInputs
) -> list[PartnerCapacity]:
    capacity = await connection.fetch(
        *SQL.read_partner_capacity(
            city_id=city_id, campaign_id=campaign_id, starts_on=inputs.starts_on, ends_on=inputs.ends_on
        )
    )
    return rows(PartnerCapacity, capacity)


async def read_summaries(connection: Connection, city_id: int, campaign_id: UUID) -> list[AllocationSummary]:
    """Plans of a campaign, newest first."""
    return rows(
        AllocationSummary,
        await connection.fetch(*SQL.read_allocations(city_id=city_id, campaign_id=campaign_id)),
    )


async def read_lines(connection: Connection, city_id: int, allocation_id: UUID) -> list[LineState]:
    """The lines of a plan by zone and partner."""
    return rows(LineState, await connection.fetch(*SQL.read_lines(city_id=city_id, allocation_id=allocation_id)))


async def read_allocation(connection: Connection, city_id: int, allocation_id: UUID) -> Allocation | None:
    """A plan with its lines and certificate; None when there is none."""
    summary = await _read_summary(connection, city_id, allocation_id)
    stored = one(_StoredBasis, await connection.fetchrow(*SQL.read_basis(city_id=city_id, allocation_id=allocation_id)))
    if summary is None or stored is None:
        return None
    lines = await read_lines(connection, city_id, allocation_id)
    return Allocation(
        **{name: getattr(summary, name) for name in summary.__struct_fields__},
        request=stored.basis.request,
        starts_on=stored.basis.starts_on,
        ends_on=stored.basis.ends_on,
        certificate=stored.certificate,
        lines=wire_lines(stored.basis, lines),
    )


async def find_allocation(connection: Connection, city_id: int, allocation_id: UUID) -> Allocation:
    """A plan with its lines and certificate. Raises NotFound."""
    allocation = await read_allocation(connection, city_id, allocation_id)
    if allocation is None:
        raise NotFound("There is no such plan here.")
    return allocation


async def read_approved(
    connection: Connection, city_id: int, campaign_id: UUID, allocation_id: UUID
) -> ApprovedAllocation:
    """The batches an approved plan made. Raises NotFound."""
    summary = await _read_summary(connection, city_id, allocation_id)
    if summary is None or summary.approved_at is None:
        raise NotFound("There is no such approved plan here.")
    batches = rows(
        PlannedBatch,
        await connection.fetch(
            *SQL.read_batches(city_id=city_id, campaign_id=campaign_id, allocation_id=allocation_id)
        ),
    )
    return ApprovedAllocation(
        allocation_id=allocation_id,
        campaign_id=campaign_id,
        approved_at=summary.approved_at,
        copies=sum(batch.copies for batch in batches),
        batches=batches,
        missing=await read_missing(connection, city_id, campaign_id, allocation_id),
    )


async def _read_summary(connection: Connection, city_id: int, allocation_id: UUID) -> AllocationSummary | None:
    return one(
        AllocationSummary,
        await connection.fetchrow(*SQL.read_allocations(city_id=city_id, allocation_id=allocation_id)),
    )
