"""A head arrives in time and comes to its end, or the connection is closed."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import Any, cast

import msgspec
import pytest
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from dispatch.database import Database
from dispatch.server.slow_heads import protocol_of
from tests.conftest import SETTINGS, Clock
from tests.make import Make
from tests.server.sockets import listening, spoken

LINE = b"GET /api/start HTTP/1.1\r\nhost: x\r\n"
HEAD = LINE + b"\r\n"
SECONDS = 7.0


class Line(asyncio.Transport):
    """A connection that only remembers whether it was cut."""

    def __init__(self) -> None:
        super().__init__()
        self.is_cut = False

    def is_closing(self) -> bool:
        return self.is_cut

    def abort(self) -> None:
        self.is_cut = True

    def close(self) -> None:
        self.is_cut = True

    def pause_reading(self) -> None:
        """More than one request at once is nothing this line minds."""


class Timers:
    """The part of an event loop that a protocol uses, with timers that the test lets run out."""

    def __init__(self) -> None:
        self.pending: list[tuple[float, asyncio.Handle]] = []
        self.answers: list[asyncio.Task[None]] = []

    def call_later(self, delay: float, callback: Callable[[], None]) -> asyncio.Handle:
        handle = asyncio.Handle(callback, (), asyncio.get_running_loop())
        self.pending.append((delay, handle))
        return handle

    def create_task(self, answer: Any, **_: Any) -> asyncio.Task[None]:
        self.answers.append(asyncio.get_running_loop().create_task(answer))
        return self.answers[-1]

    def running(self) -> list[float]:
        """The seconds of each timer that was set and not stopped."""
        return [delay for delay, handle in self.pending if not handle.cancelled()]

    def run_out(self) -> None:
        for _, handle in self.pending:
            if not handle.cancelled():
                handle._run()  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]


@pytest.fixture
async def timers() -> AsyncGenerator[Timers]:
    made = Timers()
    yield made
    for answer in made.answers:
        answer.cancel()
    await asyncio.gather(*made.answers, return_exceptions=True)


@pytest.fixture
async def line() -> Line:
    return Line()


@pytest.fixture
async def protocol(timers: Timers, line: Line) -> HttpToolsProtocol:
    """A connection that was just made."""

    async def answer(_scope: Any, _receive: Any, _send: Any) -> None:
        await asyncio.Event().wait()  # no answer comes before the test is over

    kind = protocol_of(SECONDS)
    config = uvicorn.Config(answer, http=kind, log_config=None, proxy_headers=False, lifespan="off")
    made = kind(config=config, server_state=ServerState(), app_state={}, _loop=cast("Any", timers))
    made.connection_made(line)
    return made


@pytest.mark.parametrize(
    "name", ["connection_made", "data_received", "on_message_begin", "on_headers_complete", "connection_lost"]
)
def test_uvicorn_has_what_the_protocol_leans_on(name: str) -> None:
    assert name in vars(HttpToolsProtocol), f"uvicorn moved {name}: read dispatch/server/slow_heads.py again"


async def test_a_connection_that_says_nothing_is_cut(protocol: HttpToolsProtocol, timers: Timers, line: Line) -> None:
    assert timers.running() == [SECONDS]
    timers.run_out()
    assert line.is_cut


async def test_a_head_that_began_is_awaited_for_as_long_again_and_no_longer(
    protocol: HttpToolsProtocol, timers: Timers, line: Line
) -> None:
    protocol.data_received(LINE)
    assert timers.running() == [SECONDS]
    began = list(timers.pending)
    protocol.data_received(b"x-slow: ")
    assert timers.pending == began, "a further byte of it puts nothing off"
    timers.run_out()
    assert line.is_cut


async def test_a_head_that_came_whole_is_not_awaited(protocol: HttpToolsProtocol, timers: Timers, line: Line) -> None:
    protocol.data_received(HEAD)
    assert timers.running() == []
    assert not line.is_cut


async def test_a_head_that_came_in_parts_is_not_awaited_once_it_is_complete(
    protocol: HttpToolsProtocol, timers: Timers, line: Line
) -> None:
    for byte in HEAD:
        protocol.data_received(bytes([byte]))
    assert timers.running() == []
    assert not line.is_cut


async def test_the_next_head_on_a_kept_connection_is_awaited_too(
    protocol: HttpToolsProtocol, timers: Timers, line: Line
) -> None:
    protocol.data_received(HEAD + b"GET /api/st")
    assert timers.running() == [SECONDS]
    protocol.data_received(b"art HTTP/1.1\r\nhost: x\r\n\r\n")
    assert timers.running() == []
    protocol.data_received(b"G")
    timers.run_out()
    assert line.is_cut


async def test_a_body_is_no_head(protocol: HttpToolsProtocol, timers: Timers, line: Line) -> None:
    protocol.data_received(b"POST /api/sign-in HTTP/1.1\r\nhost: x\r\ncontent-length: 200000\r\n\r\n")
    protocol.data_received(b"x" * 100_000)
    assert timers.running() == []
    assert not line.is_cut


@pytest.mark.parametrize(("bytes_", "is_cut"), [(64_000, False), (64_001, True)])
async def test_a_head_is_not_endless(
    protocol: HttpToolsProtocol, timers: Timers, line: Line, bytes_: int, is_cut: bool
) -> None:
    protocol.data_received(LINE + b"x-more: ")
    protocol.data_received(b"y" * bytes_)
    assert line.is_cut is is_cut


async def test_a_connection_that_ended_is_awaited_no_more(
    protocol: HttpToolsProtocol, timers: Timers, line: Line
) -> None:
    protocol.data_received(LINE)
    protocol.connection_lost(None)
    assert timers.running() == []


async def test_a_head_that_does_not_come_or_does_not_end_is_cut_off(clone: Database, clock: Clock) -> None:
    make = Make(clone, clock.now)
    await make.world()
    async with listening(clone, clock, msgspec.structs.replace(SETTINGS, header_seconds=1)) as address:
        assert await spoken(address, b"GET /api/start HTTP/1.1\r\nhost: x\r\nx-slow: ") == b""
        assert await spoken(address) == b"", "nothing was said at all"
        lines = [b"GET /api/start HTTP/1.1\r\nhost: x\r\n", *(b"x-more: " + b"y" * 4000 + b"\r\n" for _ in range(30))]
        assert b"200" not in (await spoken(address, *lines))[:20]
        whole = b"GET /api/start HTTP/1.1\r\nhost: x\r\n\r\n"
        kept = await spoken(address, whole + whole, b"GET /api/st")
        assert kept.count(b"HTTP/1.1 200") == 2, "whole heads were answered, the third was cut off"
