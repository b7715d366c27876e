"""Waiting in tests: for a thing, never for a time. One bound catches what hangs; how fast a machine is, no test asks."""

import asyncio
import inspect
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import uvicorn

from dispatch.database import Connection, Database

HANG_SECONDS = 120
"""What takes longer than this does not come at all, on the slowest machine too."""


async def until(holds: Callable[[], Any | Awaitable[Any]], what: str = "what the test waits for") -> None:
    """Return when `holds`, called again and again, answers something true; `what` is named when it never does."""
    loop = asyncio.get_running_loop()
    last = loop.time() + HANG_SECONDS
    while True:
        found = holds()
        if await found if inspect.isawaitable(found) else found:
            return
        assert loop.time() < last, f"waited in vain: {what}"
        await asyncio.sleep(0.01)


async def listens(server: uvicorn.Server, task: asyncio.Task[Any]) -> None:
    """Return when the server that runs in `task` takes connections."""
    await until(lambda: server.started or task.done(), "the server listens")
    assert server.started, "the server did not start"


@asynccontextmanager
async def locking(database: Database, rows: str, *arguments: Any) -> AsyncGenerator[Connection]:
    """Somebody else's transaction holds what the statement `rows` locks or writes, and commits at the end of the block."""
    async with database.read() as connection, connection.transaction():
        await connection.execute(rows, *arguments)
        yield connection


async def queued(database: Database, *calls: asyncio.Task[Any]) -> None:
    """Return when every call waits for a lock in the database; fails when one of them was let past it."""

    async def all_wait() -> bool:
        passed = [call.result() for call in calls if call.done()]
        assert passed == [], "it did not wait"
        async with database.read() as connection:
            return await connection.fetchval(_WAITING) >= len(calls)

    await until(all_wait, f"{len(calls)} calls wait for a lock")


_WAITING = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
