"""Gives new entries their places in the chain, a moment after they were written: writers share no lock, the sealer has
its own."""

import logging
from datetime import datetime, timedelta

from dispatch.audit import rules
from dispatch.audit.rules import TrailEntry
from dispatch.database import Connection, Database, queries_for, rows

logger = logging.getLogger("dispatch.audit")
SQL = queries_for(__file__)

_AT_ONCE = 2000
# How often the head goes to the log, from where it can be kept outside of the database.
_HEAD_LOGGED_EVERY = timedelta(hours=1)


async def seal(database: Database, city_id: int, now: datetime, secret: str) -> int:
    """Seal every entry of a city that waits; returns how many. 0 also where another process does it."""
    sealed = 0
    while True:
        count = await database.transact(lambda connection: _seal_some(connection, city_id, now, secret), audited=False)
        sealed += count
        if count < _AT_ONCE:
            return sealed


async def _seal_some(connection: Connection, city_id: int, now: datetime, secret: str) -> int:
    await _begin_chain(connection, city_id, now, secret)
    head = await connection.fetchrow(*SQL.lock_head(city_id=city_id))
    if head is None:
        return 0
    entries = rows(TrailEntry, await connection.fetch(*SQL.read_unsealed(city_id=city_id, limit=_AT_ONCE)))
    if not entries:
        return 0
    position: int = head["position"]
    hashes = rules.chain(head["hash"], position, entries)
    positions = list(range(position + 1, position + len(entries) + 1))
    entry_ids = [entry.entry_id for entry in entries]
    await connection.execute(
        *SQL.insert_seals(city_id=city_id, positions=positions, entry_ids=entry_ids, hashes=hashes)
    )
    last, hash_ = positions[-1], hashes[-1]
    signature = rules.sign_head(secret, city_id, last, hash_)
    await connection.execute(*SQL.move_head(city_id=city_id, position=last, hash=hash_, signature=signature, now=now))
    return len(entries)


async def _begin_chain(connection: Connection, city_id: int, now: datetime, secret: str) -> None:
    first = rules.genesis(city_id)
    signature = rules.sign_head(secret, city_id, 0, first)
    begun = await connection.execute(*SQL.insert_head(city_id=city_id, hash=first, signature=signature, now=now))
    if begun == "INSERT 0 1":
        # Once in a city's life. Again, it means that somebody took the chain away, and only the log shows it.
        logger.warning("audit_chain_begun", extra={"city_id": city_id})


async def cities_unsealed(database: Database) -> list[int]:
    """The cities that have entries without a seal."""
    async with database.read() as connection:
        return [row["city_id"] for row in await connection.fetch(*SQL.read_cities_unsealed())]


class HeadLog:
    """Writes the head of a city's chain to the log now and then, from where it can be kept outside of the database."""

    def __init__(self) -> None:
        self._logged: dict[int, datetime] = {}

    async def log(self, database: Database, city_id: int, now: datetime) -> None:
        """Log the head, an hour after the last time and later; the first call only begins the hour."""
        if now - self._logged.setdefault(city_id, now) < _HEAD_LOGGED_EVERY:
            return
        self._logged[city_id] = now
        async with database.read() as connection:
            head = await connection.fetchrow(*SQL.read_head(city_id=city_id))
        if head is not None:
            logger.info("audit_head", extra={"city_id": city_id, "head": f"{head['position']}:{head['hash'].hex()}"})
