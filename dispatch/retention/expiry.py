"""Deletes single records: handouts and visits of campaigns that closed long enough ago, what was refused with them, and
sign-ins that have ended. No figure changes: every one is read from tallies and the ledger, which stay.

A day whose handouts have all expired goes with its partition, at once; from any other day they go a few at a time.
"""

import logging
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

import asyncpg
from msgspec import Struct

from dispatch.audit.store import append, own_entry
from dispatch.database import Call, Connection, Database, queries_for
from dispatch.retention.days import days_with_partition, drop_day, lock_day

logger = logging.getLogger("dispatch.retention")
SQL = queries_for(__file__)

_AT_ONCE: Final = 5000
# An outlet's locks grow while PINs are guessed. Long enough that waiting for them to be forgotten is no way round them.
_ATTEMPTS_KEPT: Final = timedelta(days=60)
# The largest bucket is full again within the hour.
_BUCKETS_KEPT: Final = timedelta(days=1)
# City 0 counts the calls of those who are not signed in.
_NO_CITY: Final = 0
# Records that name no campaign are kept as long as a campaign keeps its own by default.
_KEPT_WITHOUT_CAMPAIGN: Final = timedelta(days=90)


class ExpiryCounts(Struct):
    """How many records were deleted."""

    handouts: int = 0
    days_dropped: int = 0
    visits: int = 0
    refused: int = 0
    references: int = 0
    """What firms called the records they sent."""
    sessions: int = 0
    attempts: int = 0
    """Failed sign-ins and counted calls: what outsiders tried."""

    @property
    def any_records(self) -> bool:
        """Whether records of what people did were deleted; sessions end every day."""
        return bool(self.handouts or self.visits or self.refused)


async def expire_records(database: Database, city_id: int, now: datetime) -> ExpiryCounts:
    """Delete what has expired in one city. Doing it again, or from two processes at once, is harmless."""
    deleted = ExpiryCounts()
    async with database.read() as connection:
        found = await connection.fetch(*SQL.read_expired_campaigns(city_id=city_id, now=now))
    expired: list[UUID] = [row["campaign_id"] for row in found]
    if expired:
        await _expire_handouts(database, city_id, expired, now, deleted)
        visits = SQL.delete_visits(city_id=city_id, campaign_ids=expired, most=_AT_ONCE)
        deleted.visits = await _in_steps(database, visits)
    before = now - _KEPT_WITHOUT_CAMPAIGN
    refused = SQL.delete_refused(city_id=city_id, campaign_ids=expired, before=before, most=_AT_ONCE)
    deleted.refused = await _in_steps(database, refused)
    references = SQL.delete_references(city_id=city_id, campaign_ids=expired, before=before, most=_AT_ONCE)
    deleted.references = await _in_steps(database, references)
    deleted.sessions = await _delete(database, SQL.delete_sessions(city_id=city_id, now=now))
    deleted.attempts = await _delete_attempts(database, city_id, now)
    if deleted.any_records:
        await append(
            database,
            own_entry(
                city_id, now, "expire_records", kind="upkeep", handouts=deleted.handouts, visits=deleted.visits,
                refused=deleted.refused, references=deleted.references,
                campaigns=" ".join(str(campaign) for campaign in expired)[:1000],
            ),
        )  # fmt: skip
    return deleted


async def _delete_attempts(database: Database, city_id: int, now: datetime) -> int:
    attempts = SQL.delete_attempts(city_id=city_id, before=now - _ATTEMPTS_KEPT)
    buckets = [SQL.delete_buckets(city_id=each, before=now - _BUCKETS_KEPT) for each in (_NO_CITY, city_id)]
    return await _delete(database, attempts, *buckets)


async def read_cities(database: Database) -> list[int]:
    """Every city."""
    async with database.read() as connection:
        return [row["city_id"] for row in await connection.fetch(*SQL.read_cities())]


async def _expire_handouts(
    database: Database, city_id: int, expired: Sequence[UUID], now: datetime, deleted: ExpiryCounts
) -> None:
    async with database.read() as connection:
        found = await connection.fetch(*SQL.read_days(city_id=city_id, campaign_ids=expired))
        own_partition = await days_with_partition(connection)
    for row in found:
        day: date = row["id_day"]
        if day in own_partition and (count := await _drop(database, city_id, expired, day, now)):
            deleted.handouts += count
            deleted.days_dropped += 1
            continue
        some = SQL.delete_handouts(city_id=city_id, day=day, campaign_ids=expired, most=_AT_ONCE)
        deleted.handouts += await _in_steps(database, some)


async def _drop(database: Database, city_id: int, expired: Sequence[UUID], day: date, now: datetime) -> int:
    """Drop the day when all of it has expired; 0: it has not, or the table is in use and the rows go one by one."""

    async def drop(connection: Connection) -> int:
        # Looked at under a lock: a record that is just being written to this day is either seen or lands elsewhere.
        await lock_day(connection, day)
        if not await connection.fetchval(*SQL.is_day_expired(day=day, now=now)):
            return 0
        count: int = await connection.fetchval(*SQL.count_day(city_id=city_id, day=day, campaign_ids=expired))
        await drop_day(connection, day)
        return count

    try:
        return await database.transact(drop, tries=1, audited=False)
    except Exception as error:
        if not isinstance(error.__cause__, asyncpg.LockNotAvailableError):
            raise
        logger.info("partition_in_use", extra={"day": day})
        return 0


async def _delete(database: Database, *statements: Call) -> int:
    """What these statements, each with its parameters, delete in one transaction."""

    async def delete(connection: Connection) -> int:
        counts: list[int] = [await connection.fetchval(*statement) for statement in statements]
        return sum(counts)

    return await database.transact(delete, audited=False)


async def _in_steps(database: Database, statement: Call) -> int:
    """Repeat a statement that deletes a few rows until nothing is left: small transactions keep nobody waiting."""
    total = 0
    while count := await _delete(database, statement):
        total += count
    return total
