"""Batches and claims as they are read and written. What changes a claim locks its batch first."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from dispatch.batches.rules import HeldClaim, Offer
from dispatch.database import Connection, one, queries_for, rows
from dispatch.database.queries import Scope
from schemas.batches import Batch, Claim

SQL = queries_for(__file__)


class LockedClaim(NamedTuple):
    """A claim whose batch is locked, and its campaign."""

    campaign_id: UUID
    claim: HeldClaim


async def is_campaign(connection: Connection, city_id: int, campaign_id: UUID) -> bool:
    """Whether there is such a campaign."""
    statement = SQL.read_campaign(city_id=city_id, campaign_id=campaign_id)
    return await connection.fetchval(*statement) is not None


async def read_partner(connection: Connection, city_id: int, code: str | None) -> UUID | None:
    """The id of the active partner with this code."""
    return await connection.fetchval(*SQL.read_partner(city_id=city_id, code=code))


async def read_batches(connection: Connection, scope: Scope, **filters: object) -> list[Batch]:
    """Batches within the scope in priority order; `filters` are the statement's parameters."""
    return rows(Batch, await connection.fetch(*SQL.read_batches(scope, **filters)))


async def read_claims(connection: Connection, scope: Scope, **filters: object) -> list[Claim]:
    """Claims within the scope, newest first; `filters` are the statement's parameters."""
    return rows(Claim, await connection.fetch(*SQL.read_claims(scope, **filters)))


async def lock_offer(
    connection: Connection, scope: Scope, batch_id: UUID, partner_id: UUID, outlet_id: UUID | None
) -> Offer | None:
    """A batch as this partner, or outlet of it, meets it, locked until the end of the transaction."""
    statement = SQL.lock_offer(scope, batch_id=batch_id, partner_id=partner_id, outlet_id=outlet_id)
    return one(Offer, await connection.fetchrow(*statement))


async def lock_claim(connection: Connection, scope: Scope, claim_id: UUID, lease_hours: int) -> LockedClaim | None:
    """A claim within the scope as it is once its batch is locked."""
    campaign_id = await connection.fetchval(*SQL.lock_batch_of_claim(scope, claim_id=claim_id))
    if campaign_id is None:
        return None
    states = await read_claim_states(connection, scope.city_id, lease_hours, claim_id=claim_id)
    return LockedClaim(campaign_id, states[0])


async def read_claim_states(
    connection: Connection, city_id: int, lease_hours: int, *, claim_id: UUID, batch_id: UUID | None = None
) -> list[HeldClaim]:
    """One claim, and with `batch_id` every claim ever made on that batch. A statement of its own, after the lock: only
    so does it see what the one who held the lock has written."""
    statement = SQL.read_claim_states(city_id=city_id, batch_id=batch_id, claim_id=claim_id, lease_hours=lease_hours)
    return rows(HeldClaim, await connection.fetch(*statement))


async def expire_claim(connection: Connection, city_id: int, claim: HeldClaim) -> None:
    """Write down that a claim ended when its lease did."""
    await connection.execute(*SQL.expire_claim(city_id=city_id, claim_id=claim.claim_id, ended_at=claim.lease_until))


async def insert_claim(connection: Connection, city_id: int, **claim: object) -> bool:
    """Write a claim; False when somebody holds the batch or the id is taken. `claim` are the statement's parameters."""
    return await connection.fetchval(*SQL.insert_claim(city_id=city_id, **claim)) is not None


async def extend_claim(connection: Connection, city_id: int, claim_id: UUID, lease_until: datetime) -> None:
    """Prolong a claim that is held."""
    await connection.execute(*SQL.extend_claim(city_id=city_id, claim_id=claim_id, lease_until=lease_until))


async def release_claim(
    connection: Connection, city_id: int, claim_id: UUID, ended_at: datetime, reason: str | None
) -> None:
    """Give back a claim that is held."""
    await connection.execute(*SQL.release_claim(city_id=city_id, claim_id=claim_id, ended_at=ended_at, reason=reason))


async def ask_claim_back(
    connection: Connection, city_id: int, claim_id: UUID, asked_by: UUID, now: datetime, reason: str
) -> None:
    """Write down that the city would like a claim's copies back."""
    await connection.execute(
        *SQL.ask_claim_back(city_id=city_id, claim_id=claim_id, asked_by=asked_by, now=now, reason=reason)
    )
