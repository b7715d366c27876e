"""When sessions and keys were last used: kept in memory, written at most once a minute each, many at a time.

The idle time of a session is computed from here. With one server process it is exact; a process that did not serve the
last minute's requests itself knows them to the minute, and ends a session at most that minute early.
"""

import asyncio
import logging
from datetime import datetime, timedelta

from dispatch.database import Connection, Database, queries_for
from dispatch.identity.secrets import TokenKey

SQL = queries_for(__file__)
logger = logging.getLogger("dispatch.identity")

EVERY = timedelta(minutes=1)
# What is kept in memory before the oldest half of it is forgotten: the database knows it to the minute.
_MOST = 50_000


class LastUses:
    """Notes uses at once and writes them later: no request waits for a write."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._latest: dict[TokenKey, datetime] = {}
        self._written: dict[TokenKey, datetime] = {}
        self._due: dict[TokenKey, tuple[datetime, bool]] = {}
        self._task: asyncio.Task[None] | None = None

    def latest(self, key: TokenKey, known: datetime) -> datetime:
        """The last use this process knows of; `known` is what the database has."""
        return max(known, self._latest.get(key, known))

    def note(self, key: TokenKey, known: datetime | None, now: datetime, *, is_key: bool) -> None:
        """Somebody used it; `known` is the last use the database knows of."""
        self._latest[key] = now
        written = self._written.get(key)
        known = max(known, written) if known and written else known or written
        if known is not None and now - known < EVERY:
            return
        self._written[key] = now
        self._due[key] = (now, is_key)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._write_due())
        if len(self._latest) > _MOST:
            for old in list(self._latest)[: _MOST // 2]:
                self._latest.pop(old, None)
                self._written.pop(old, None)

    async def settle(self) -> None:
        """Wait until what is due has been written."""
        while self._task is not None and not self._task.done():
            await asyncio.shield(self._task)

    async def _write_due(self) -> None:
        while self._due:
            due, self._due = self._due, {}
            try:
                await self._database.transact(lambda connection, due=due: _write(connection, due), audited=False)
            except Exception as error:
                # A use that is not written costs its user an earlier sign-in, no more; the next minute writes again.
                logger.warning("last_uses_not_written", extra={"cause": type(error).__name__, "sessions": len(due)})


async def _write(connection: Connection, due: dict[TokenKey, tuple[datetime, bool]]) -> None:
    for city_id in sorted({key.city_id for key in due}):
        for is_key, statement in ((False, SQL.write_session_uses), (True, SQL.write_key_uses)):
            # Sorted, so that two processes never wait for each other.
            uses = sorted(
                (key.token_hash, at) for key, (at, of_key) in due.items() if key.city_id == city_id and of_key == is_key
            )
            if uses:
                hashes, instants = [token_hash for token_hash, _ in uses], [at for _, at in uses]
                await connection.execute(*statement(city_id=city_id, token_hashes=hashes, instants=instants))
