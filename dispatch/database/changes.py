"""A campaign changed: its revision is raised in the transaction that changed it, and after the commit all processes get
a hint, so that open pages ask again. A hint may be lost; a page that missed it polls the revision.
"""

import asyncio
import contextlib
import logging
from collections import defaultdict
from collections.abc import AsyncGenerator
from uuid import UUID

import asyncpg

from dispatch.database import Connection, Database, announce, connect, queries_for

logger = logging.getLogger("dispatch.changes")
SQL = queries_for(__file__)

_CHANNEL = "campaign_changed"
# A storm of handouts becomes at most this many hints a second and campaign.
_INTERVAL_SECONDS = 0.5


async def touch(connection: Connection, city_id: int, *campaign_ids: UUID) -> dict[UUID, str]:
    """Say, inside the transaction, that something of these campaigns changed: their revisions rise, and after the
    commit every process hears of it. Returns the status of each campaign there is.

    The campaigns' rows stay locked until the transaction ends, so changes of one campaign follow one another.
    """
    found = await connection.fetch(*SQL.touch_campaigns(city_id=city_id, campaign_ids=list(campaign_ids)))
    for row in found:
        announce(city_id, row["campaign_id"])
    return {row["campaign_id"]: row["status"] for row in found}


async def touch_city(connection: Connection, city_id: int) -> None:
    """Say that what every campaign of the city rests on changed: its zones, their households."""
    found = await connection.fetch(*SQL.read_campaigns_of_city(city_id=city_id))
    await touch(connection, city_id, *(row["campaign_id"] for row in found))


class Changes:
    """Collects what changed here, sends it to all processes, and wakes this process's own subscribers."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._marked: set[tuple[int, UUID]] = set()
        self._waiting: dict[tuple[int, UUID], set[asyncio.Event]] = defaultdict(set)
        self._sender: asyncio.Task[None] | None = None
        self._listener: asyncio.Task[None] | None = None
        database.on_change = self.mark

    def mark(self, city_id: int, campaign_id: UUID) -> None:
        """Called by the database after the commit of a transaction that changed a campaign. The first call starts the
        sender."""
        self._marked.add((city_id, campaign_id))
        self._sender = self._sender or asyncio.create_task(self._send())

    async def stop(self) -> None:
        """Stop sending and listening."""
        tasks = [task for task in (self._sender, self._listener) if task]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    @contextlib.asynccontextmanager
    async def subscribe(self, city_id: int, campaign_id: UUID) -> AsyncGenerator[asyncio.Event]:
        """An event that is set whenever the campaign changed; the subscriber clears it."""
        self._listener = self._listener or asyncio.create_task(self._listen())
        event = asyncio.Event()
        listeners = self._waiting[city_id, campaign_id]
        listeners.add(event)
        try:
            yield event
        finally:
            listeners.discard(event)
            if not listeners:
                self._waiting.pop((city_id, campaign_id), None)

    async def _send(self) -> None:
        while True:
            await asyncio.sleep(_INTERVAL_SECONDS)
            marked, self._marked = self._marked, set()
            if not marked:
                continue
            payloads = [f"{city_id}:{campaign_id}" for city_id, campaign_id in marked]
            try:
                async with self._database.read() as connection:
                    await connection.execute(f"select pg_notify('{_CHANNEL}', x) from unnest($1::text[]) x", payloads)  # noqa: S608  constant  # nosec B608
            except Exception:
                # The hint is lost, the change is not; say it again next time.
                self._marked |= marked
                logger.warning("change_hints_not_sent", extra={"campaigns": len(marked)})

    async def _listen(self) -> None:
        while True:
            try:
                connection = await connect(self._database.url)
                try:
                    await connection.add_listener(_CHANNEL, self._wake)
                    while not connection.is_closed():  # noqa: ASYNC110  asyncpg gives no event for it
                        await asyncio.sleep(1)
                finally:
                    await asyncio.shield(connection.close(timeout=1))
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                await asyncio.sleep(1)

    def _wake(self, _connection: Connection, _process: int, _channel: str, payload: object) -> None:
        city_id, _, campaign_id = str(payload).partition(":")
        for event in self._waiting.get((int(city_id), UUID(campaign_id)), ()):
            event.set()
