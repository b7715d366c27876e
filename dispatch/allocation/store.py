"""What keeps, changes and approves plans: the routes and a demonstration's replay both call it."""

from datetime import datetime
from uuid import UUID

from dispatch.allocation import drafts, plan_batches, rules
from dispatch.allocation.lines import Draft
from dispatch.allocation.records import LockedPlan
from dispatch.campaigns.checklist import read_missing
from dispatch.campaigns.rules import require_confirmed, require_touched
from dispatch.database import Connection, Database, one, queries_for
from dispatch.database.changes import touch
from dispatch.problems import NotFound
from dispatch.server.client_ids import require_id
from schemas.allocation import Allocation, Approval, ApprovedAllocation, LineChange, NewAllocation

SQL = queries_for(__file__)


async def create_allocation(
    database: Database, city_id: int, campaign_id: UUID, wanted: NewAllocation, created_by: UUID, now: datetime
) -> Allocation:
    """Make a plan and keep it as a draft. The same request again gives the plan as it is now.

    Raises what `drafts.make_draft` raises, and AllocationChanged, IdUnusable.
    """
    require_id(wanted.allocation_id, "allocation_id")
    known = await _read_repeated(database, city_id, campaign_id, wanted)
    if known is not None:
        return known
    draft = await drafts.make_draft(database, city_id, campaign_id, wanted, now)

    async def keep(connection: Connection) -> None:
        made = await connection.fetchval(
            *SQL.insert_allocation(
                city_id=city_id,
                allocation_id=wanted.allocation_id,
                campaign_id=campaign_id,
                material_id=draft.inputs.material_id,
                copies=wanted.copies,
                wave_number=wanted.wave_number,
                basis=draft.basis,
                certificate=draft.plan.certificate,
                now=now,
                created_by=created_by,
            )
        )
        if made:
            await _insert_lines(connection, city_id, draft)
            require_touched(await touch(connection, city_id, campaign_id))

    await database.transact(keep)
    stored = await _read_repeated(database, city_id, campaign_id, wanted)
    if stored is None:
        raise NotFound("There is no such plan here.")
    return stored


async def _read_repeated(
    database: Database, city_id: int, campaign_id: UUID, wanted: NewAllocation
) -> Allocation | None:
    async with database.read() as connection:
        stored = await drafts.read_allocation(connection, city_id, wanted.allocation_id)
    return rules.judge_repeated(campaign_id, wanted, stored)


async def _insert_lines(connection: Connection, city_id: int, draft: Draft) -> None:
    lines = draft.plan.lines
    await connection.execute(
        *SQL.insert_lines(
            city_id=city_id,
            allocation_id=draft.basis.request.allocation_id,
            zone_ids=[line.zone_id for line in lines],
            partner_ids=[line.partner_id for line in lines],
            copies=[line.copies for line in lines],
            risk_weights=[line.risk_weight for line in lines],
        )
    )


async def change_line(
    database: Database,
    city_id: int,
    allocation_id: UUID,
    zone_code: str,
    change: LineChange,
    changed_by: UUID,
    now: datetime,
) -> Allocation:
    """Change what a zone (and partner) gets, by hand and with a reason.

    Raises AllocationNotDraft, AllocationStale, NotWholeBundles, LinesExceedCopies, PartnerDoesNotServe, CampaignClosed,
    NotFound.
    """

    async def change_by_hand(connection: Connection) -> Allocation:
        plan = await _lock(connection, city_id, allocation_id, now)
        rules.require_draft(plan.status)
        partner_id = await _serving_partner(connection, city_id, plan.campaign_id, zone_code, change.partner_code)
        lines = await drafts.read_lines(connection, city_id, allocation_id)
        line = rules.judge_change(change, lines, zone_code, partner_id, plan.copies, plan.bundle_copies)
        if not rules.is_changed_already(change, lines, zone_code, partner_id):
            rules.require_revision(change.revision, plan.revision)
            await connection.execute(
                *SQL.change_line(
                    city_id=city_id,
                    allocation_id=allocation_id,
                    zone_id=line.zone_id,
                    partner_id=partner_id,
                    copies=change.copies,
                    risk_weight=line.risk_weight,
                    changed_by=changed_by,
                    reason=change.reason,
                )
            )
            await connection.execute(*SQL.raise_revision(city_id=city_id, allocation_id=allocation_id))
            require_touched(await touch(connection, city_id, plan.campaign_id))
        return await drafts.find_allocation(connection, city_id, allocation_id)

    return await database.transact(change_by_hand)


async def drop_allocation(database: Database, city_id: int, allocation_id: UUID, now: datetime) -> Allocation:
    """Give a draft up; it is kept for the record.

    Raises AllocationNotDraft for an approved plan, CampaignClosed, NotFound.
    """

    async def drop(connection: Connection) -> Allocation:
        plan = await _lock(connection, city_id, allocation_id, now)
        if rules.judge_drop(plan.status):
            await connection.execute(*SQL.drop_allocation(city_id=city_id, allocation_id=allocation_id))
            require_touched(await touch(connection, city_id, plan.campaign_id))
        return await drafts.find_allocation(connection, city_id, allocation_id)

    return await database.transact(drop)


async def approve_allocation(
    database: Database, city_id: int, allocation_id: UUID, approval: Approval, approved_by: UUID, now: datetime
) -> ApprovedAllocation:
    """Turn a draft into batches. Approving again answers the batches made the first time, whatever it asks for.

    Raises AllocationNotDraft (dropped), AllocationStale, NotEnoughPrinted, NothingToApprove, NotWholeBundles,
    DepotUnknown, DueDate, MissingUnconfirmed, CampaignClosed, NotFound.
    """

    async def approve(connection: Connection) -> ApprovedAllocation:
        plan = await _lock(connection, city_id, allocation_id, now)
        if plan.status != "approved":
            rules.require_draft(plan.status)
            rules.require_revision(approval.revision, plan.revision)
            if approval.confirmed is not None:
                missing = await read_missing(connection, city_id, plan.campaign_id, allocation_id)
                require_confirmed(approval.confirmed, missing)
            # From here on no other plan of the campaign can be approved: what is left of the print run stays left.
            require_touched(await touch(connection, city_id, plan.campaign_id))
            await _make_batches(connection, city_id, plan, approval, now)
            await connection.execute(
                *SQL.approve_allocation(city_id=city_id, allocation_id=allocation_id, approved_by=approved_by, now=now)
            )
        return await drafts.read_approved(connection, city_id, plan.campaign_id, allocation_id)

    return await database.transact(approve)


async def _make_batches(
    connection: Connection, city_id: int, plan: LockedPlan, approval: Approval, now: datetime
) -> None:
    allocation_id, campaign_id = plan.allocation_id, plan.campaign_id
    depot_id = await _find_depot(connection, city_id, plan, approval.depot_code)
    due_on = rules.judge_due(approval.due_on, plan.basis.ends_on, plan.today)
    lines = await drafts.read_lines(connection, city_id, allocation_id)
    printed = await drafts.read_printed(connection, city_id, campaign_id, plan.material_id)
    rules.require_printed(sum(line.copies for line in lines), printed)
    last = await connection.fetch(*SQL.read_last_batch_numbers(city_id=city_id, campaign_id=campaign_id))
    numbers: dict[UUID, int] = {row["zone_id"]: row["number"] for row in last}
    batches = plan_batches.make_batches(plan.basis, lines, numbers, plan.bundle_copies, approval.batch_copies, now)
    await connection.execute(
        *SQL.insert_batches(
            city_id=city_id,
            allocation_id=allocation_id,
            campaign_id=campaign_id,
            material_id=plan.material_id,
            depot_id=depot_id,
            due_on=due_on,
            now=now,
            batch_ids=[batch.batch_id for batch in batches],
            codes=[batch.code for batch in batches],
            zone_ids=[batch.zone_id for batch in batches],
            copies=[batch.copies for batch in batches],
            reserved_partner_ids=[batch.reserved_partner_id for batch in batches],
            priorities=[batch.priority for batch in batches],
            priority_reasons=[batch.priority_reason for batch in batches],
            unreached_households=[batch.unreached_households for batch in batches],
        )
    )


async def _find_depot(connection: Connection, city_id: int, plan: LockedPlan, depot_code: str | None) -> UUID:
    depot_id = await connection.fetchval(
        *SQL.read_depot(
            city_id=city_id, campaign_id=plan.campaign_id, material_id=plan.material_id, depot_code=depot_code
        )
    )
    return rules.judge_depot(depot_code, depot_id)


async def _serving_partner(
    connection: Connection, city_id: int, campaign_id: UUID, zone_code: str, partner_code: str | None
) -> UUID:
    serving: UUID | None = await connection.fetchval(
        *SQL.read_serving_partner(
            city_id=city_id, campaign_id=campaign_id, zone_code=zone_code, partner_code=partner_code
        )
    )
    return rules.judge_serving(partner_code, serving)


async def _lock(connection: Connection, city_id: int, allocation_id: UUID, now: datetime) -> LockedPlan:
    plan = one(
        LockedPlan,
        await connection.fetchrow(*SQL.lock_allocation(city_id=city_id, allocation_id=allocation_id, now=now)),
    )
    if plan is None:
        raise NotFound("There is no such plan here.")
    return plan
