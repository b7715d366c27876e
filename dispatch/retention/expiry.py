"""Lets single records go: handouts and visits of campaigns that closed long enough ago, what was refused with them,
and sign-ins that have ended. No figure changes: every one is read from tallies
and the ledger, which stay.

A day whose handouts have all expired goes with its partition, at once; from any other day they go a few at a time.
"""

import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

import asyncpg
from msgspec import Struct

from dispatch.audit.store import append, own_entry
from dispatch.database import Connection, Database, queries_for
from dispatch.retention.days import days_with_partition, drop_day, lock_day

logger = logging.getLogger("dispatch.retention")
SQL = queries_for(__file__)

_AT_ONCE = 5000
# Long enough that an outlet's locks, which grow while somebody goes on guessing PINs, are not begun again by waiting.
_DAYS_OF_ATTEMPTS = 60
# The largest bucket is full again within the hour.
_DAYS_OF_BUCKETS = 1
# City 0 counts the calls of those who are not signed in.
_NO_CITY = 0
# Records of no campaign anybody knows: kept as long as a campaign keeps its own unless it says otherwise.
_DAYS_WITHOUT_CAMPAIGN = 90


class Gone(Struct):
    """How many records went."""

    handouts: int = 0
    days_dropped: int = 0
    visits: int = 0
    refused: int = 0
    sessions: int = 0
    attempts: int = 0
    """Failed sign-ins and counted calls: what outsiders tried."""

    @property
    def anything(self) -> bool:
        """Whether there was anything to let go of people's doings; sessions end every day."""
        return bool(self.handouts or self.visits or self.refused)


async def expire_records(database: Database, city_id: int, now: datetime) -> Gone:
    """Let go what has expired in one city. Doing it again, or from two processes at once, is harmless."""
    gone = Gone()
    async with database.read() as connection:
        expired: list[UUID] = [
            row["campaign_id"] for row in await connection.fetch(SQL.read_expired_campaigns, city_id, now)
        ]
    if expired:
        await _expire_handouts(database, city_id, expired, now, gone)
        gone.visits = await _in_steps(
            database, lambda connection: connection.fetchval(SQL.delete_visits, city_id, expired, _AT_ONCE)
        )
    before = now - timedelta(days=_DAYS_WITHOUT_CAMPAIGN)
    gone.refused = await _in_steps(
        database, lambda connection: connection.fetchval(SQL.delete_refused, city_id, expired, before, _AT_ONCE)
    )
    gone.sessions = await database.transact(
        lambda connection: connection.fetchval(SQL.delete_sessions, city_id, now), audited=False
    )
    gone.attempts = await database.transact(
        lambda connection: _forget_attempts(connection, city_id, now), audited=False
    )
    if gone.anything:
        entry = own_entry(
            city_id, now, "expire_records", kind="upkeep", handouts=gone.handouts, visits=gone.visits,
            refused=gone.refused,
            campaigns=" ".join(str(campaign) for campaign in expired)[:1000],
        )  # fmt: skip
        await append(database, entry)
    return gone


async def _forget_attempts(connection: Connection, city_id: int, now: datetime) -> int:
    failures: int = await connection.fetchval(SQL.delete_attempts, city_id, now - timedelta(days=_DAYS_OF_ATTEMPTS))
    full = now - timedelta(days=_DAYS_OF_BUCKETS)
    counted = [await connection.fetchval(SQL.delete_buckets, each, full) for each in (_NO_CITY, city_id)]
    return failures + sum(counted)


async def read_cities(database: Database) -> list[int]:
    """Every city."""
    async with database.read() as connection:
        return [row["city_id"] for row in await connection.fetch(SQL.read_cities)]


async def _expire_handouts(
    database: Database, city_id: int, expired: Sequence[UUID], now: datetime, gone: Gone
) -> None:
    async with database.read() as connection:
        days: list[date] = [row["id_day"] for row in await connection.fetch(SQL.read_days, city_id, expired)]
        own_partition = await days_with_partition(connection)
    for day in days:
        if day in own_partition and (count := await _drop(database, city_id, expired, day, now)):
            gone.handouts += count
            gone.days_dropped += 1
            continue
        gone.handouts += await _in_steps(
            database,
            lambda connection, day=day: connection.fetchval(SQL.delete_handouts, city_id, day, expired, _AT_ONCE),
        )


async def _drop(database: Database, city_id: int, expired: Sequence[UUID], day: date, now: datetime) -> int:
    """Drop the day when all of it has expired; 0: it has not, or the table is in use and the rows go one by one."""

    async def work(connection: Connection) -> int:
        # Looked at under a lock: a record that is just being written to this day is either seen or lands elsewhere.
        await lock_day(connection, day)
        if not await connection.fetchval(SQL.is_day_expired, day, now):
            return 0
        count: int = await connection.fetchval(SQL.count_day, city_id, day, expired)
        await drop_day(connection, day)
        return count

    try:
        return await database.transact(work, tries=1, audited=False)
    except Exception as error:
        if not isinstance(error.__cause__, asyncpg.LockNotAvailableError):
            raise
        logger.info("partition_in_use", extra={"day": day})
        return 0


async def _in_steps(database: Database, step: Callable[[Connection], Awaitable[int]]) -> int:
    """Small transactions, so that nobody waits long behind one."""
    total = 0
    while count := await database.transact(step, audited=False):
        total += count
    return total
