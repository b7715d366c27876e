"""The server's upkeep: every job it does unasked, how often, and for which cities."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any

from litestar.datastructures import State

from dispatch.audit.expiry import expire_entries
from dispatch.audit.seals import HeadLog, cities_unsealed, seal
from dispatch.coverage.estimate_refresh import cities_stale, refresh_city
from dispatch.database import Database
from dispatch.database.queries import Scope
from dispatch.handouts.partitions import ensure_partitions
from dispatch.handouts.refused import cities_waiting, retry_refused
from dispatch.retention.expiry import ExpiryCounts, expire_records, read_cities
from dispatch.server.repeat import Work, city_by_city, repeat
from dispatch.settings import Settings

logger = logging.getLogger("dispatch.retention")

_DAY_SECONDS = 24 * 3600
# A restart at noon should not begin with deleting.
_FIRST_EXPIRY_SECONDS = 300


def start_upkeep(state: State) -> list[asyncio.Task[None]]:
    """One task for each job; the caller cancels them. Tests and drills switch a job off by its interval of 0."""
    database: Database = state.database
    clock: Callable[[], datetime] = state.clock
    settings: Settings = state.settings
    jobs: list[Coroutine[Any, Any, None]] = []

    def every(seconds: float, name: str, cities: Callable[[Database], Any], work: Work, **more: float) -> None:
        async def turn() -> None:
            await city_by_city(database, clock, name, await cities(database), work)

        if seconds:
            jobs.append(repeat(seconds, turn, name=name, **more))

    heads = HeadLog()

    async def seal_city(city_id: int, now: datetime) -> None:
        await seal(database, city_id, now, settings.secret)
        await heads.log(database, city_id, now)

    async def expire_city(city_id: int, now: datetime) -> None:
        await expire(database, city_id, now, settings.audit_days)

    every(
        settings.refused_retry_seconds, "retry_refused", cities_waiting,
        lambda city_id, now: retry_refused(database, Scope(city_id=city_id), now),
    )  # fmt: skip
    every(
        settings.estimate_seconds, "refresh_estimates", cities_stale,
        lambda city_id, now: refresh_city(database, city_id, now),
    )  # fmt: skip
    every(settings.audit_seal_seconds, "seal_trail", cities_unsealed, seal_city)
    every(
        settings.retention_hours * 3600, "expire_records", read_cities, expire_city, first_after=_FIRST_EXPIRY_SECONDS
    )
    if settings.partition_days_ahead:
        ahead = timedelta(days=settings.partition_days_ahead)

        async def make_partitions() -> None:
            today = clock().date()
            await ensure_partitions(database, today, today + ahead)

        jobs.append(repeat(_DAY_SECONDS, make_partitions, name="make_partitions", first_after=0))
    return [asyncio.create_task(job) for job in jobs]


async def expire(database: Database, city_id: int, now: datetime, audit_days: int) -> tuple[ExpiryCounts, int]:
    """Delete what has expired in one city: (records, audit entries). Used by the server and by `dispatch retention`."""
    deleted = await expire_records(database, city_id, now)
    entries = await expire_entries(database, city_id, now, audit_days)
    if deleted.any_records or entries:
        counts = {"handouts": deleted.handouts, "visits": deleted.visits, "refused": deleted.refused}
        logger.info("records_expired", extra={"city_id": city_id, **counts, "audit_entries": entries})
    return deleted, entries
