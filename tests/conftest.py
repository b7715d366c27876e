"""One embedded PostgreSQL for the run, one migrated template, and two ways to a database:

`database`: everything inside one transaction that is rolled back; for nearly every test.
`clone`: a database of its own with a real pool; for tests about commits, locks and several connections.
"""

import asyncio
import logging
import os
import socket
import tempfile
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import httpx
import hypothesis
import pytest
from litestar import Litestar

from dispatch.app import create_app
from dispatch.database import Connection, Database, connect
from dispatch.database.embedded import embedded_postgres
from dispatch.database.migrate import migrate
from dispatch.settings import Settings
from tests.answers_watch import AnswersWatch
from tests.answers_watch import watching as watching_answers
from tests.log_watch import Watch, watching
from tests.make import Make, World
from tests.waiting import HANG_SECONDS

NOW = datetime(2027, 4, 20, 2, 0, tzinfo=UTC)  # 10:00 in Yunchuan, day 37 of the example campaign
SETTINGS = Settings(
    secret="test-secret-test-secret-test-secret!",
    secure_cookie=False,
    refused_retry_seconds=0,
    partition_days_ahead=0,
    estimate_seconds=0,
    audit_seal_seconds=0,
    retention_hours=0,
    # Tests call at one instant of a clock that stands still; those about limits set their own.
    limit_sign_in_per_minute=0,
    limit_write_per_minute=0,
    limit_read_per_minute=0,
    limit_export_per_minute=0,
    limit_tile_per_minute=0,
    limit_retry_per_minute=0,
)

# No example may fail for being slow on a busy machine. A change is tried with the same examples each time; by hand by chance.
hypothesis.settings.register_profile(
    "suite",
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
    derandomize="CI" in os.environ,
)
hypothesis.settings.load_profile("suite")


@pytest.fixture(scope="session", autouse=True)
def no_outside_sockets() -> Generator[None]:
    """Nothing in the suite may leave the machine."""
    original = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and cast("tuple[str, int]", address)[0] not in (
            "127.0.0.1",
            "localhost",
            "::1",
        ):  # pyright: ignore[reportUnknownArgumentType]
            raise AssertionError(f"a test tried to reach {address}")
        original(self, address)

    socket.socket.connect = connect  # type: ignore[method-assign]
    yield
    socket.socket.connect = original  # type: ignore[method-assign]


@pytest.fixture(scope="session", autouse=True)
def a_connection_is_waited_for() -> Generator[None]:
    """Forty callers on eight connections are all served, however slow the machine; tests about a full pool set their own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dispatch.database.ACQUIRE_SECONDS", HANG_SECONDS)
        yield


@pytest.fixture(scope="session")
def log_watch() -> Generator[Watch]:
    """Every log line of this worker's tests."""
    with watching() as watch:
        yield watch


@pytest.fixture(autouse=True)
def nothing_personal_is_logged(log_watch: Watch) -> Generator[None]:
    """Whatever a test does, its log tells of nobody."""
    root, client = logging.getLogger(), logging.getLogger("httpx")
    levels = root.level, client.level
    # As start_logging sets them: the test's own client would tell of its requests.
    root.setLevel(logging.INFO)
    client.setLevel(logging.WARNING)
    yield
    root.setLevel(levels[0])
    client.setLevel(levels[1])
    log_watch.judge()


@pytest.fixture(scope="session")
def answers_watch() -> Generator[AnswersWatch]:
    """Every answer of this worker's applications."""
    with watching_answers() as watch:
        yield watch


@pytest.fixture(autouse=True)
def every_answer_is_in_the_contract(answers_watch: AnswersWatch) -> Generator[None]:
    """What a test is answered, a program may be answered: the contract lists it."""
    yield
    answers_watch.judge()


@pytest.fixture(scope="session")
def server_url() -> Generator[str]:
    """A PostgreSQL server to make databases on: DISPATCH_TEST_SERVER, or the embedded one."""
    given = os.environ.get("DISPATCH_TEST_SERVER")
    if given:
        yield given
        return
    with (
        tempfile.TemporaryDirectory(prefix="dispatch-test-", ignore_cleanup_errors=True) as folder,
        embedded_postgres(Path(folder)) as url,
    ):
        yield url


def with_database(url: str, name: str) -> str:
    """The same server, another database."""
    return url.replace("/postgres?", f"/{name}?") if "/postgres?" in url else f"{url.rsplit('/', 1)[0]}/{name}"


@pytest.fixture(scope="session")
async def template(server_url: str) -> str:
    """The name of a migrated, empty database."""
    name = f"template_{uuid4().hex[:8]}"
    await execute(server_url, f'create database "{name}"')
    await migrate(with_database(server_url, name))
    return name


async def execute(url: str, statement: str) -> None:
    connection = await connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


class PinnedDatabase(Database):
    """A Database on one connection inside one transaction; transact() becomes a savepoint."""

    def __init__(self, connection: Any, url: str) -> None:
        self._connection = connection
        self._lock = asyncio.Lock()
        self.url = url

    @asynccontextmanager
    async def _acquire(self) -> AsyncGenerator[Connection]:
        async with self._lock:
            yield self._connection

    @asynccontextmanager
    async def read_instant(self) -> AsyncGenerator[Connection]:
        # Its transaction has begun long ago, and nobody else writes into it.
        async with self.read() as connection:
            yield connection

    async def close(self) -> None:
        await self._connection.close()


@pytest.fixture(scope="session")
async def _pinned_connection(server_url: str, template: str) -> AsyncGenerator[tuple[Any, str]]:
    name = f"pinned_{uuid4().hex[:8]}"
    await execute(server_url, f'create database "{name}" template "{template}"')
    url = with_database(server_url, name)
    connection = await connect(url)
    yield connection, url
    await connection.close()


@pytest.fixture
async def database(_pinned_connection: tuple[Any, str]) -> AsyncGenerator[Database]:
    """Rolled back after the test."""
    connection, url = _pinned_connection
    transaction = connection.transaction()
    await transaction.start()
    yield PinnedDatabase(connection, url)
    await transaction.rollback()


@pytest.fixture
async def clone(server_url: str, template: str) -> AsyncGenerator[Database]:
    """A database of its own, dropped after the test."""
    name = f"clone_{uuid4().hex[:8]}"
    await execute(server_url, f'create database "{name}" template "{template}"')
    opened = await Database.open(with_database(server_url, name), size=8)
    yield opened
    await opened.close()
    await execute(server_url, f'drop database "{name}" with (force)')


class Clock:
    """The application's clock, moved by the test."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


_committed: ContextVar[list[str] | None] = ContextVar("committed", default=None)
"""What the request in this task has committed."""


@pytest.fixture(scope="session", autouse=True)
def commits_are_noted() -> Generator[None]:
    """Each transaction of a request that commits, but for the server's own book-keeping, such as counting failures."""
    original = Database.transact

    async def transact(self: Database, work: Any, *, audited: bool = True, **more: Any) -> Any:
        answer = await original(self, work, audited=audited, **more)
        committed = _committed.get()
        if committed is not None and audited:
            committed.append(work.__qualname__)
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Database, "transact", transact)
        yield


_LOOKS_FIRST = ("/import", "/claim", "/allocations")
"""Addresses that look for every reason in a transaction of their own before they refuse; it writes nothing."""


class Refusing(httpx.ASGITransport):
    """A request that was refused has changed nothing: whatever a test sends, it is held to that."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        committed: list[str] = []
        token = _committed.set(committed)
        try:
            answer = await super().handle_async_request(request)
        finally:
            _committed.reset(token)
        reads = request.method == "GET" or request.url.path.endswith(_LOOKS_FIRST)
        if 400 <= answer.status_code < 500 and not reads:
            assert committed == [], f"{request.method} {request.url.path} was refused and yet committed"
        return answer


@asynccontextmanager
async def running(app: Litestar) -> AsyncGenerator[None]:
    """The application's lifespan in a task of its own: fixtures are set up and torn down in different tasks."""
    started, ended = asyncio.Event(), asyncio.Event()

    async def live() -> None:
        async with app.lifespan():
            started.set()
            await ended.wait()

    task = asyncio.create_task(live())
    waiter = asyncio.create_task(started.wait())
    await asyncio.wait({task, waiter}, return_when=asyncio.FIRST_COMPLETED)
    try:
        yield
    finally:
        ended.set()
        await task


_idle: list[Litestar] = []
"""Applications with the settings of the tests that nobody uses now: wiring 200 routes takes longer than most tests."""


@contextmanager
def lent(database: Database, clock: Clock, settings: Settings = SETTINGS) -> Generator[Litestar]:
    """An application that is not running; all it keeps in memory begins again when it is started."""
    app = _idle.pop() if settings is SETTINGS and _idle else create_app(settings)
    app.state.given_database, app.state.clock = database, clock
    yield app
    if settings is SETTINGS:
        _idle.append(app)


@asynccontextmanager
async def serving(
    database: Database, clock: Clock, settings: Settings = SETTINGS
) -> AsyncGenerator[tuple[httpx.AsyncClient, Litestar]]:
    """The application in this event loop, and a client without credentials."""
    with lent(database, clock, settings) as app:
        transport = Refusing(app=cast("Any", app))
        async with running(app), httpx.AsyncClient(transport=transport, base_url="http://dispatch.test") as client:
            yield client, app


@pytest.fixture
async def api(database: Database, clock: Clock) -> AsyncGenerator[httpx.AsyncClient]:
    """A client without credentials; pass `headers=await make.sign_in(...)`."""
    async with serving(database, clock) as (client, _):
        yield client


@pytest.fixture
async def make(database: Database, clock: Clock) -> Make:
    """Makers of sensible rows in the rolled-back database."""
    return Make(database, clock.now)


@pytest.fixture
async def world(make: Make) -> World:
    """The small standard world most tests start from."""
    return await make.world()
