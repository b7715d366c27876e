"""Takes approved plans and batches back: what nobody holds returns to what may be planned."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from dispatch.allocation import withdrawal_rules as rules
from dispatch.allocation.withdrawal_rules import LockedBatch, WithdrawalVerdict
from dispatch.batches.rules import HeldClaim
from dispatch.campaigns.rules import require_touched
from dispatch.database import Connection, Database, one, queries_for, rows
from dispatch.database.changes import touch
from dispatch.problems import NotFound
from schemas.allocation import AllocationStatus, WithdrawalOutcome

SQL = queries_for(__file__)


class By(msgspec.Struct, frozen=True, kw_only=True):
    """Who takes something back, when and why; and how long a lease is."""

    subject_id: UUID
    now: datetime
    reason: str
    lease_hours: int


class _Plan(msgspec.Struct, frozen=True):
    campaign_id: UUID
    status: AllocationStatus


async def withdraw_plan(database: Database, city_id: int, allocation_id: UUID, by: By) -> WithdrawalOutcome:
    """Take back everything of an approved plan that nobody holds. Raises AllocationNotApproved, CampaignClosed,
    NotFound."""

    async def withdraw(connection: Connection) -> WithdrawalOutcome:
        plan = one(_Plan, await connection.fetchrow(*SQL.read_plan(city_id=city_id, allocation_id=allocation_id)))
        if plan is None:
            raise NotFound("There is no such plan here.")
        rules.require_approved(plan.status)
        locked = await _lock(connection, city_id, plan.campaign_id, allocation_id=allocation_id)
        return await _withdraw(connection, city_id, plan.campaign_id, locked, by)

    return await database.transact(withdraw)


async def withdraw_batches(
    database: Database, city_id: int, campaign_id: UUID, batch_ids: Sequence[UUID], by: By
) -> WithdrawalOutcome:
    """Take back what nobody holds of these batches. Raises CampaignClosed, NotFound."""

    async def withdraw(connection: Connection) -> WithdrawalOutcome:
        if await connection.fetchval(*SQL.read_campaign(city_id=city_id, campaign_id=campaign_id)) is None:
            raise NotFound("There is no such campaign here.")
        locked = await _lock(connection, city_id, campaign_id, batch_ids=batch_ids)
        rules.require_batches(batch_ids, locked)
        return await _withdraw(connection, city_id, campaign_id, locked, by)

    return await database.transact(withdraw)


async def _lock(
    connection: Connection, city_id: int, campaign_id: UUID, *, allocation_id: UUID | None = None,
    batch_ids: Sequence[UUID] = (),
) -> list[LockedBatch]:  # fmt: skip
    statement = SQL.lock_batches(
        city_id=city_id, campaign_id=campaign_id, allocation_id=allocation_id, batch_ids=list(batch_ids)
    )
    return rows(LockedBatch, await connection.fetch(*statement))


async def _withdraw(
    connection: Connection, city_id: int, campaign_id: UUID, locked: Sequence[LockedBatch], by: By
) -> WithdrawalOutcome:
    claims = await connection.fetch(
        *SQL.read_claims_of(city_id=city_id, batch_ids=[batch.batch_id for batch in locked], lease_hours=by.lease_hours)
    )
    verdict = rules.judge_withdrawal(locked, rows(HeldClaim, claims), by.now)
    if verdict.withdrawn_copies:
        await _write(connection, city_id, verdict, by)
        require_touched(await touch(connection, city_id, campaign_id))
    return verdict.answer


async def _write(connection: Connection, city_id: int, verdict: WithdrawalVerdict, by: By) -> None:
    await connection.execute(
        *SQL.withdraw_batches(
            city_id=city_id,
            batch_ids=list(verdict.withdrawn_copies),
            copies=list(verdict.withdrawn_copies.values()),
            now=by.now,
            withdrawn_by=by.subject_id,
            reason=by.reason,
        )
    )
    lines = sorted(verdict.lines.items())
    await connection.execute(
        *SQL.lower_lines(
            city_id=city_id,
            allocation_ids=[key.allocation_id for key, _ in lines],
            zone_ids=[key.zone_id for key, _ in lines],
            partner_ids=[key.partner_id for key, _ in lines],
            copies=[copies for _, copies in lines],
        )
    )
