"""Deletes entries whose time is over: the chain loses its beginning, and what is left still proves itself."""

from datetime import datetime

from dispatch.audit import rules
from dispatch.audit.store import own_entry, write_entry
from dispatch.database import Connection, Database, queries_for

SQL = queries_for(__file__)

_AT_ONCE = 2000


async def expire_entries(database: Database, city_id: int, now: datetime, days: int) -> int:
    """Delete the entries of a city that are older than `days`, a few at a time; returns how many.

    The cut is an entry itself: somebody who cuts by hand and moves the beginning leaves none.
    """
    before, expired = rules.expires_before(now, days), 0

    async def expire_some(connection: Connection) -> int:
        if await connection.fetchrow(*SQL.lock_head(city_id=city_id)) is None:
            return 0
        last = await connection.fetchrow(*SQL.find_expired(city_id=city_id, before=before, limit=_AT_ONCE))
        if last is None:
            return 0
        end = {"position": last["position"], "hash": last["hash"]}
        count: int = await connection.fetchval(*SQL.expire_entries(city_id=city_id, **end))
        entry = own_entry(
            city_id, now, "expire_entries", kind="upkeep", position=last["position"], hash=last["hash"].hex(),
            entries=count,
        )  # fmt: skip
        await write_entry(connection, entry)
        return count

    while count := await database.transact(expire_some, audited=False):
        expired += count
    return expired


async def cities_to_check(database: Database) -> list[int]:
    """Every city, whether or not a trail of it is left."""
    async with database.read() as connection:
        return [row["city_id"] for row in await connection.fetch(*SQL.read_cities())]
