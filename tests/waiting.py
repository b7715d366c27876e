"""Waiting in tests: for a thing, never for a time. One bound catches what hangs; how fast a machine is, no test asks."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import Any

import uvicorn

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
