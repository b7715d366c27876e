"""Makes the daily partitions of the handouts ahead of time. Other days land in the default partition and work too."""

from datetime import date, timedelta

import asyncpg

from dispatch.database import Connection, Database, queries_for

SQL = queries_for(__file__)


async def ensure_partitions(database: Database, first: date, last: date) -> list[date]:
    """Give every UTC day from `first` to `last` (both included) its partition; return the days whose was made now.

    A day whose rows already lie in the default partition is left there: moving them would stop the writers.
    """
    async with database.read() as connection:
        existing = {row["day"] for row in await connection.fetch(*SQL.read_partitions())}
    days = [first + timedelta(days=offset) for offset in range((last - first).days + 1)]
    made: list[date] = []
    for day in days:
        if f"{day:%Y%m%d}" in existing:
            continue
        try:
            await database.transact(lambda connection, day=day: _make(connection, day))
        except asyncpg.CheckViolationError:
            continue
        made.append(day)
    return made


async def _make(connection: Connection, day: date) -> None:
    # Identifiers cannot be parameters; the day is a date, so the text holds nothing that was sent.
    name, after = f"handout_{day:%Y%m%d}", day + timedelta(days=1)
    await connection.execute(
        f"create table if not exists {name} partition of handout for values from ('{day}') to ('{after}')"
    )
