"""The event stream that makes a page fetch again. Separate from the routes because it lives for hours.

A hint wakes it; a hint may be lost, so it also looks by itself. It says that something changed, never what.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Final

import msgspec

from schemas.coverage import CoverageChanged

RETRY_MILLISECONDS: Final = 2000
LOOK_SECONDS: Final = 15.0
SESSION_SECONDS: Final = 60.0

SignedIn = Callable[[], Awaitable[bool]]
"""Whether the caller's session still holds."""

KEEP_ALIVE: Final = b": keep-alive\n\n"
OPENING: Final = f"retry: {RETRY_MILLISECONDS}\n\n".encode()


def changed_event(version: str) -> bytes:
    """The event `changed`."""
    return b"event: changed\ndata: " + msgspec.json.encode(CoverageChanged(version=version)) + b"\n\n"


async def follow(
    woken: asyncio.Event,
    stopping: asyncio.Event,
    read_version: Callable[[], Awaitable[str | None]],
    is_signed_in: SignedIn,
    *,
    look_seconds: float = LOOK_SECONDS,
    session_seconds: float = SESSION_SECONDS,
) -> AsyncGenerator[bytes]:
    """Bytes of the stream: the version at once, then whenever it differs; a comment when nothing happened for a while.

    Ends when the session ends, the campaign is gone or the server stops.

    Args:
        woken: set by a hint; cleared here.
        stopping: set when the server stops.
        read_version: the campaign's version, None when it is gone.
        is_signed_in: asked every `session_seconds`.
        look_seconds: how long to wait for a hint before looking without one.
    """
    yield OPENING
    sent: str | None = None
    clock = asyncio.get_running_loop().time
    ask_again = clock() + session_seconds
    while not stopping.is_set():
        woken.clear()
        version = await read_version()
        if version is None:
            return
        if version != sent:
            sent = version
            yield changed_event(version)
        if not await first_of(woken, stopping, seconds=min(look_seconds, max(0.0, ask_again - clock()))):
            yield KEEP_ALIVE
        if clock() >= ask_again:
            if not await is_signed_in():
                return
            ask_again = clock() + session_seconds


async def first_of(*events: asyncio.Event, seconds: float) -> bool:
    """Wait until one of the events is set, at most so long; returns whether one was."""
    waiting = [asyncio.create_task(event.wait()) for event in events]
    try:
        done, _ = await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()
    return bool(done)
