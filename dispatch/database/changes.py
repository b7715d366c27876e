"""Tells all processes that a campaign changed. A hint, sent after the commit, so whoever misses it polls."""

import asyncio
import contextlib
import logging
from collections import defaultdict
from collections.abc import AsyncGenerator
from typing import Any
from uuid import UUID

import asyncpg

from dispatch.database import Database, connect

logger = logging.getLogger("dispatch.changes")

_CHANNEL = "campaign_changed"
# A storm of hand-outs becomes at most this many hints a second and campaign.
_INTERVAL_SECONDS = 0.5


class Changes:
    """Collects what changed here, sends it to all processes, and wakes this process's own subscribers."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._marked: set[tuple[int, UUID]] = set()
        self._waiting: dict[tuple[int, UUID], set[asyncio.Event]] = defaultdict(set)
        self._sender: asyncio.Task[None] | None = None
        self._listener: asyncio.Task[None] | None = None

    def mark(self, city_id: int, campaign_id: UUID) -> None:
        """Say, after the commit, that a campaign changed. The first call starts the sender."""
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
                logger.warning("change hints not sent", extra={"campaigns": len(marked)})

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

    def _wake(self, _connection: Any, _process: int, _channel: str, payload: str) -> None:
        city_id, _, campaign_id = payload.partition(":")
        for event in self._waiting.get((int(city_id), UUID(campaign_id)), ()):
            event.set()
