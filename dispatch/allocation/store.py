"""What keeps, changes and approves plans, as plain functions: the routes and a demonstration's replay call them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from dispatch.allocation import drafts, plan_batches, rules
from dispatch.allocation.drafts import SQL, Draft
from dispatch.campaigns.rules import require_still_taking
from dispatch.database import Connection, Database, rows
from dispatch.database.changes import touch
from dispatch.problems import NotFound
from dispatch.server.client_ids import require_id
from schemas.allocation import Allocation, AllocationStatus, Approval, ApprovedAllocation, LineChange, NewAllocation


class _Locked(msgspec.Struct, frozen=True, kw_only=True):
    """A plan held by this transaction."""

    status: AllocationStatus
    revision: int
    campaign_id: UUID
    material_id: UUID
    copies: int
    bundle_copies: int
    today: date
    basis: rules.Basis


async def create_allocation(
    database: Database, city_id: int, campaign_id: UUID, wanted: NewAllocation, created_by: UUID, now: datetime
) -> Allocation:
    """Make a plan and keep it as a draft. The same request again gives the plan as it stands now.

    Raises what `drafts.draw_up` raises, and AllocationChanged, IdUnusable.
    """
    require_id(wanted.allocation_id, "allocation_id")
    known = await _read_repeated(database, city_id, campaign_id, wanted)
    if known is not None:
        return known
    draft = await drafts.draw_up(database, city_id, campaign_id, wanted, now)

    async def work(connection: Connection) -> None:
        made = await connection.fetchval(
            SQL.insert_allocation, city_id, wanted.allocation_id, campaign_id, draft.inputs.material_id, wanted.copies,
            wanted.wave_number, draft.basis, draft.plan.certificate, now, created_by,
        )  # fmt: skip
        if made:
            await _insert_lines(connection, city_id, draft)
            await _touch(connection, city_id, campaign_id)

    await database.transact(work)
    stored = await _read_repeated(database, city_id, campaign_id, wanted)
    if stored is None:
        raise NotFound("There is no such plan here.")
    return stored


async def _read_repeated(
    database: Database, city_id: int, campaign_id: UUID, wanted: NewAllocation
) -> Allocation | None:
    """The plan stored under the wanted id, None when there is none; raises AllocationChanged when it is another."""
    async with database.read() as connection:
        if await connection.fetchrow(SQL.read_papers, city_id, wanted.allocation_id) is None:
            return None
        stored = await drafts.find_allocation(connection, city_id, wanted.allocation_id)
    if stored.campaign_id != campaign_id or stored.request != wanted:
        raise rules.AllocationChanged(
            "allocation_id stands for a plan with other content; use a new id.", field="allocation_id"
        )
    return stored


async def _insert_lines(connection: Connection, city_id: int, draft: Draft) -> None:
    lines = draft.plan.lines
    await connection.execute(
        SQL.insert_lines,
        city_id,
        draft.basis.request.allocation_id,
        [line.zone_id for line in lines],
        [line.partner_id for line in lines],
        [line.copies for line in lines],
        [line.risk_weight for line in lines],
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

    async def work(connection: Connection) -> Allocation:
        locked = await _lock(connection, city_id, allocation_id, now)
        rules.require_draft(locked.status)
        serving = await connection.fetchval(
            SQL.read_serving_partner, city_id, locked.campaign_id, zone_code, change.partner_code
        )
        partner_id = rules.judge_serving(change.partner_code, serving)
        lines = rows(rules.LineState, await connection.fetch(SQL.read_lines, city_id, allocation_id))
        line = rules.judge_change(change, lines, zone_code, partner_id, locked.copies, locked.bundle_copies)
        if not rules.is_changed_already(change, lines, zone_code, partner_id):
            rules.require_revision(change.revision, locked.revision)
            await connection.execute(
                SQL.change_line, city_id, allocation_id, line.zone_id, partner_id, change.copies, line.risk_weight,
                changed_by, change.reason,
            )  # fmt: skip
            await connection.execute(SQL.raise_revision, city_id, allocation_id)
            await _touch(connection, city_id, locked.campaign_id)
        return await drafts.find_allocation(connection, city_id, allocation_id)

    return await database.transact(work)


async def drop_allocation(database: Database, city_id: int, allocation_id: UUID, now: datetime) -> Allocation:
    """Give a draft up; it is kept for the record. Raises AllocationNotDraft for an approved plan, NotFound."""

    async def work(connection: Connection) -> Allocation:
        locked = await _lock(connection, city_id, allocation_id, now)
        if rules.judge_drop(locked.status):
            await connection.execute(SQL.drop_allocation, city_id, allocation_id)
            await _touch(connection, city_id, locked.campaign_id)
        return await drafts.find_allocation(connection, city_id, allocation_id)

    return await database.transact(work)


async def approve_allocation(
    database: Database, city_id: int, allocation_id: UUID, approval: Approval, approved_by: UUID, now: datetime
) -> ApprovedAllocation:
    """Turn a draft into batches. Approving again answers the batches made the first time, whatever it asks for.

    Raises AllocationNotDraft (dropped), AllocationStale, NotEnoughPrinted, NothingToApprove, NotWholeBundles,
    DepotUnknown, DueDate, CampaignClosed, NotFound.
    """

    async def work(connection: Connection) -> ApprovedAllocation:
        locked = await _lock(connection, city_id, allocation_id, now)
        if locked.status != "approved":
            rules.require_draft(locked.status)
            rules.require_revision(approval.revision, locked.revision)
            # From here on no other plan of the campaign can be approved: what is left of the print run stays left.
            await _touch(connection, city_id, locked.campaign_id)
            await _make_batches(connection, city_id, allocation_id, locked, approval, now)
            await connection.execute(SQL.approve_allocation, city_id, allocation_id, now, approved_by)
        return await drafts.read_approved(connection, city_id, locked.campaign_id, allocation_id)

    return await database.transact(work)


async def _make_batches(
    connection: Connection, city_id: int, allocation_id: UUID, locked: _Locked, approval: Approval, now: datetime
) -> None:
    campaign_id, material_id = locked.campaign_id, locked.material_id
    depot_id = rules.judge_depot(
        approval.depot_code,
        await connection.fetchval(SQL.read_depot, city_id, campaign_id, material_id, approval.depot_code),
    )
    due_on = rules.judge_due(approval.due_on, locked.basis.ends_on, locked.today)
    lines = rows(rules.LineState, await connection.fetch(SQL.read_lines, city_id, allocation_id))
    printed = await drafts.read_printed(connection, city_id, campaign_id, material_id)
    rules.require_printed(sum(line.copies for line in lines), printed)
    found: Sequence[Any] = await connection.fetch(SQL.read_last_batch_numbers, city_id, campaign_id)
    numbers = {row["zone_id"]: row["number"] for row in found}
    batches = plan_batches.make_batches(locked.basis, lines, numbers, locked.bundle_copies, approval.batch_copies, now)
    await connection.execute(
        SQL.insert_batches, city_id, allocation_id, campaign_id, material_id, depot_id, due_on, now,
        [batch.batch_id for batch in batches],
        [batch.code for batch in batches],
        [batch.zone_id for batch in batches],
        [batch.copies for batch in batches],
        [batch.reserved_partner_id for batch in batches],
        [batch.priority for batch in batches],
        [batch.priority_reason for batch in batches],
        [batch.unreached_households for batch in batches],
    )  # fmt: skip


async def _lock(connection: Connection, city_id: int, allocation_id: UUID, now: datetime) -> _Locked:
    found = await connection.fetchrow(SQL.lock_allocation, city_id, allocation_id, now)
    if found is None:
        raise NotFound("There is no such plan here.")
    values = dict(found)
    basis = msgspec.convert(values.pop("parameters"), rules.Basis)
    return _Locked(basis=basis, **values)


async def _touch(connection: Connection, city_id: int, campaign_id: UUID) -> None:
    """Raise the campaign's revision; it holds the campaign open until the commit."""
    if (await touch(connection, city_id, campaign_id)).get(campaign_id, "closed") == "closed":
        require_still_taking("closed")
