"""What the server does unasked: one loop for every such job, and of all processes one at a time at each city's work."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

from dispatch.database import Connection, Database, queries_for

logger = logging.getLogger("dispatch.upkeep")
SQL = queries_for(__file__)

# A process that died holds a job no longer than this. What takes longer may be begun twice, which every job bears.
_HELD = timedelta(minutes=10)

Work = Callable[[int, datetime], Awaitable[object]]
"""Does the job for one city at one instant."""


async def repeat(
    every_seconds: float, job: Callable[[], Awaitable[object]], *, name: str, first_after: float | None = None
) -> None:
    """Do `job` again and again, with a pause after each time, until the task is cancelled. A failure is logged, and the
    next turn comes as always.

    Args:
        every_seconds: the pause between the end of one turn and the next.
        job: one turn.
        name: of the job, for the log.
        first_after: seconds before the first turn; as long as every other pause when left out.
    """
    await asyncio.sleep(every_seconds if first_after is None else first_after)
    while True:
        try:
            await job()
        except Exception:
            logger.warning("job_failed", exc_info=True, extra={"job": name})
        await asyncio.sleep(every_seconds)


async def city_by_city(
    database: Database, clock: Callable[[], datetime], name: str, cities: Sequence[int], work: Work
) -> None:
    """Do the job `name` for each of `cities` that no other process works on; one city's failure does not stop the
    next."""
    for city_id in cities:
        try:
            await _one_city(database, clock, name, city_id, work)
        except Exception:
            logger.warning("job_failed", exc_info=True, extra={"job": name, "city_id": city_id})


async def _one_city(database: Database, clock: Callable[[], datetime], name: str, city_id: int, work: Work) -> None:
    now = clock()

    async def begin(connection: Connection) -> bool:
        statement = SQL.begin_run(city_id=city_id, job=name, now=now, held_until=now + _HELD)
        return await connection.fetchval(*statement) is not None

    async def end(connection: Connection) -> None:
        await connection.execute(*SQL.end_run(city_id=city_id, job=name, begun_at=now))

    if not await database.transact(begin, audited=False):
        return
    try:
        await work(city_id, now)
    finally:
        await database.transact(end, audited=False)
