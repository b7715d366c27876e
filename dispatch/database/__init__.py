"""The one door to PostgreSQL: a warm pool, read(), transact() with retry, rows as structs."""

import asyncio
import logging
import random
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from contextvars import ContextVar
from typing import Self, TypeVar
from uuid import UUID

import asyncpg
import msgspec

from dispatch.database.audit_hook import new_audit_hook
from dispatch.database.ids import day_of, is_version_7, new_id, time_of
from dispatch.database.queries import Call, Queries, queries_for
from dispatch.database.records import Connection, NoRow, Record, one, one_row, rows
from dispatch.problems import Busy

__all__ = [
    "Call",
    "Connection",
    "Database",
    "NoRow",
    "Queries",
    "Record",
    "Retry",
    "announce",
    "connect",
    "day_of",
    "is_away",
    "is_version_7",
    "new_id",
    "one",
    "one_row",
    "queries_for",
    "rows",
    "time_of",
]


T = TypeVar("T")

logger = logging.getLogger("dispatch.database")

_TRIES = 5
# How long a call waits for a connection before it is told that the server is busy.
ACQUIRE_SECONDS = 5.0


class Retry(Exception):
    """Raised inside a transaction that met a race: everything is rolled back and the work is done again."""


class _Undone(Exception):
    """Ends a transaction that was only an attempt."""


class _Lost(Exception):
    """The connection is gone, or none could be made."""


# The server went away, starts up, or takes nobody more.
_AWAY = (
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    ConnectionError,
    _Lost,
)

# What a retry can cure: races (40001, 40P01), a lock not granted in time, a server that is away for a moment.
_PASSING = (
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.LockNotAvailableError,
    *_AWAY,
    Retry,
)


_ANNOUNCED: ContextVar[set[tuple[int, UUID]] | None] = ContextVar("announced", default=None)


def announce(city_id: int, campaign_id: UUID) -> None:
    """Have it said, after the commit of the transaction under way, that something of the campaign changed. Without a
    transaction of `transact` nothing is said. Where the revision must rise as well: changes.touch."""
    announced = _ANNOUNCED.get()
    if announced is not None:
        announced.add((city_id, campaign_id))


def is_away(error: BaseException) -> bool:
    """Whether this refusal came because the database is away: no part of the work would fare better by itself."""
    return isinstance(error, Busy) and isinstance(error.__cause__, (*_AWAY, TimeoutError))


class Database:
    """A pool of connections. Open with `await Database.open(url)`, close with `await database.close()`."""

    on_change: Callable[[int, UUID], None] | None = None
    """Called after a commit for each campaign (city, id) that the transaction announced."""

    def __init__(self, pool: asyncpg.Pool, url: str) -> None:
        self._pool = pool
        self.url = url

    @classmethod
    async def open(cls, url: str, *, size: int = 6, statement_timeout_seconds: int = 20) -> Self:
        """Open `size` connections at once, so that the first callers do not wait for them."""
        pool = await asyncpg.create_pool(
            url,
            min_size=min(size, 4),
            max_size=size,
            max_inactive_connection_lifetime=0,
            command_timeout=statement_timeout_seconds + 10,
            init=prepare_connection,
            reset=_keep_as_it_is,
            server_settings={
                "application_name": "dispatch",
                "timezone": "UTC",
                "jit": "off",
                # Every statement is a constant with parameters; planning it once is enough.
                "plan_cache_mode": "force_generic_plan",
                "statement_timeout": f"{statement_timeout_seconds}s",
                "idle_in_transaction_session_timeout": "60s",
            },
        )
        return cls(pool, url)

    async def close(self) -> None:
        """Close every connection, waiting for the work in hand."""
        await self._pool.close()

    @asynccontextmanager
    async def read(self) -> AsyncGenerator[Connection]:
        """A connection for reading, outside any transaction. Raises Busy when none comes free in time, or none is there
        because the database is away."""
        try:
            async with self._acquire() as connection:
                yield connection
        except (*_AWAY, TimeoutError, asyncpg.QueryCanceledError) as error:
            raise _busy("The database cannot be reached for a moment; send the same request again.", error) from error

    @asynccontextmanager
    async def read_instant(self) -> AsyncGenerator[Connection]:
        """A connection whose statements all read one instant: what is committed in between, none of them sees."""
        async with self.read() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
            yield connection

    async def transact(
        self, work: Callable[[Connection], Awaitable[T]], *, tries: int = _TRIES, audited: bool = True
    ) -> T:
        """Run `work` in one transaction and return its answer after the commit.

        Races, deadlocks and lost connections roll back and run the whole of `work` again, so it must be idempotent:
        its writes carry ids made by the caller. A Problem raised inside rolls back and passes through. With
        `audited` False it is book-keeping of the server's, of which the request's audit trail says nothing.
        """
        hook = new_audit_hook() if audited else None
        for attempt in range(1, tries + 1):
            announced: set[tuple[int, UUID]] = set()
            token = _ANNOUNCED.set(announced)
            try:
                async with self._acquire() as connection, connection.transaction():
                    answer = await work(connection)
                    if hook is not None:
                        await hook(connection)
                self._tell(announced)
                return answer
            except (*_PASSING, TimeoutError, asyncpg.QueryCanceledError) as error:
                # A server that hangs is not waited for several times over.
                if attempt == tries or isinstance(error, TimeoutError | asyncpg.QueryCanceledError):
                    raise _busy(
                        "The database did not take this in time; send the same request again.", error
                    ) from error
                await asyncio.sleep(0.02 * 2**attempt * (0.5 + random.random()))  # noqa: S311  spread, not secrecy  # nosec B311
            finally:
                _ANNOUNCED.reset(token)
        raise AssertionError("unreachable")

    async def attempt(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """What `transact` would answer, with everything undone: nothing is written and nobody is told."""
        answers: list[T] = []

        async def work_and_undo(connection: Connection) -> None:
            answers.append(await work(connection))
            raise _Undone

        with suppress(_Undone):
            await self.transact(work_and_undo, audited=False)
        return answers[-1]

    def _tell(self, announced: set[tuple[int, UUID]]) -> None:
        if self.on_change is not None:
            for city_id, campaign_id in announced:
                self.on_change(city_id, campaign_id)

    @asynccontextmanager
    async def _acquire(self) -> AsyncGenerator[Connection]:
        try:
            connection = await self._pool.acquire(timeout=ACQUIRE_SECONDS)
        except TimeoutError as error:
            raise _busy("All database connections are in use; try again shortly.", error) from error
        except (OSError, asyncpg.InterfaceError, asyncpg.InternalClientError) as error:
            raise _Lost from error
        try:
            yield connection
        except asyncpg.InternalClientError as error:
            # The server's farewell crossed with our question.
            raise _Lost from error
        except asyncpg.InterfaceError as error:
            # The same error stands for wrong arguments, which stay wrong however often they are sent.
            if not _is_gone(connection):
                raise
            raise _Lost from error
        finally:
            # A connection that breaks on its way back is thrown away by the pool. What was committed stays committed,
            # so that is no reason to tell the caller anything else.
            with suppress(Exception):
                await self._pool.release(connection)


def _busy(detail: str, error: Exception) -> Busy:
    # The kind only: the text of an error may hold what is nobody's business.
    logger.warning("database_busy", extra={"cause": type(error.__cause__ or error).__name__})
    return Busy(detail, headers={"retry-after": "2"})


def _is_gone(connection: Connection) -> bool:
    try:
        return connection.is_closed()
    except asyncpg.InterfaceError:
        return True  # The pool took it back when it broke.


async def connect(url: str) -> asyncpg.Connection:
    """One connection outside the pool, for listening and migrating; the caller closes it."""
    connection = await asyncpg.connect(url, server_settings={"timezone": "UTC"})
    await prepare_connection(connection)
    return connection


async def prepare_connection(connection: asyncpg.Connection) -> None:
    """Give a new connection its codecs: jsonb travels as Python objects."""
    await connection.set_type_codec("jsonb", encoder=_to_json, decoder=msgspec.json.decode, schema="pg_catalog")


async def _keep_as_it_is(_: asyncpg.Connection) -> None:
    """On a connection's way back to the pool, where what was left open has been rolled back already. Nothing here sets
    anything for longer than its transaction (tests/database/test_pool.py), so no round trip is spent on undoing it."""


def _to_json(value: object) -> str:
    return msgspec.json.encode(value).decode()
