"""The event stream: the version at once, again when it differs, an end with the session or the server."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncGenerator
from typing import Any

import httpx
import msgspec
import pytest
import uvicorn

from dispatch.app import create_app
from dispatch.coverage.events import KEEP_ALIVE, OPENING, changed_event, follow
from dispatch.database import Database
from tests.conftest import SETTINGS, Clock
from tests.make import Make
from tests.waiting import HANG_SECONDS, listens, until


class Campaign:
    """A campaign as the stream sees it."""

    def __init__(self) -> None:
        self.version: str | None = "a"
        self.signed_in = True
        self.asked = 0
        self.looked = 0
        self.woken = asyncio.Event()
        self.stopping = asyncio.Event()

    async def read(self) -> str | None:
        self.looked += 1
        return self.version

    async def is_signed_in(self) -> bool:
        self.asked += 1
        return self.signed_in

    def stream(self, **seconds: float) -> AsyncGenerator[bytes]:
        return follow(self.woken, self.stopping, self.read, self.is_signed_in, **seconds)


async def test_the_version_comes_at_once_and_again_when_a_hint_brings_another() -> None:
    campaign = Campaign()
    stream = campaign.stream()
    assert await anext(stream) == OPENING == b"retry: 2000\n\n"
    assert await anext(stream) == changed_event("a") == b'event: changed\ndata: {"version":"a"}\n\n'
    waiting = asyncio.ensure_future(anext(stream))
    campaign.woken.set()  # a hint without a change says nothing
    await until(lambda: campaign.looked == 2)
    assert not waiting.done()
    campaign.version = "b"
    campaign.woken.set()
    assert await asyncio.wait_for(waiting, HANG_SECONDS) == changed_event("b")
    await stream.aclose()


async def test_a_lost_hint_is_made_up_for_by_looking_and_silence_is_kept_alive() -> None:
    campaign = Campaign()
    stream = campaign.stream(look_seconds=0.01)
    await anext(stream)
    await anext(stream)
    assert await anext(stream) == KEEP_ALIVE == b": keep-alive\n\n"
    campaign.version = "b"
    assert await anext(stream) == changed_event("b")
    await stream.aclose()


@pytest.mark.parametrize("what", ["session", "campaign", "server"])
async def test_the_stream_ends_with_session_campaign_or_server(what: str) -> None:
    campaign = Campaign()
    stream = campaign.stream(look_seconds=0.01, session_seconds=0.02)
    await anext(stream)
    await anext(stream)
    campaign.signed_in = what != "session"
    campaign.version = None if what == "campaign" else "a"
    if what == "server":
        campaign.stopping.set()

    async def rest() -> list[bytes]:
        return [event async for event in stream]

    left = await asyncio.wait_for(rest(), HANG_SECONDS)
    assert set(left) <= {KEEP_ALIVE}


async def test_the_session_is_asked_about_again_and_again() -> None:
    campaign = Campaign()
    stream = campaign.stream(look_seconds=0.005, session_seconds=0.01)
    for _ in range(12):
        await anext(stream)
    assert campaign.asked >= 2
    await stream.aclose()


@contextlib.asynccontextmanager
async def listening(app: Any) -> AsyncGenerator[tuple[str, uvicorn.Server]]:
    """The application on a free loopback port, in this loop."""
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        config = uvicorn.Config(app, log_config=None, lifespan="on", timeout_graceful_shutdown=HANG_SECONDS)
        server = uvicorn.Server(config)
        task = asyncio.create_task(server._serve([place]))  # pyright: ignore[reportPrivateUsage]  no signal handlers
        await listens(server, task)
        try:
            yield f"http://127.0.0.1:{place.getsockname()[1]}", server
        finally:
            server.should_exit = True
            await task


async def events_of(answer: httpx.Response) -> AsyncGenerator[str]:
    """Versions as they arrive."""
    async for line in answer.aiter_lines():
        if line.startswith("data: "):
            yield msgspec.json.decode(line[6:])["version"]


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
async def test_a_page_hears_of_a_handout_over_a_real_connection(clone: Database, clock: Clock, encoding: str) -> None:
    make = Make(clone, clock.now)
    world = await make.world()
    headers = await make.planner(world.city_id) | {"accept-encoding": encoding}
    app = create_app(SETTINGS, clone, clock)
    app.state.stopping = asyncio.Event()
    path = f"/api/campaigns/{world.campaign}/events"
    async with (
        listening(app) as (base, server),
        httpx.AsyncClient(base_url=base, headers=headers) as client,
        client.stream("GET", path) as answer,
    ):
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        versions = events_of(answer)
        first = await asyncio.wait_for(anext(versions), HANG_SECONDS)
        await make.tally(world, 0, 10)
        heard = asyncio.ensure_future(anext(versions))
        # The listener's connection may still be opening, so the hint is repeated.

        def hinted() -> bool:
            app.state.changes.mark(world.city_id, world.campaign)
            return heard.done()

        await until(hinted)
        assert heard.result() != first
        app.state.stopping.set()
        server.should_exit = True
        with pytest.raises(StopAsyncIteration):
            await asyncio.wait_for(anext(versions), HANG_SECONDS)
