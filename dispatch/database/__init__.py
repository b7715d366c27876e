"""The one door to PostgreSQL: a warm pool, read(), transact() with retry, rows as structs."""

import asyncio
import random
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any, Protocol, Self, TypeVar, cast

import asyncpg
import msgspec

from dispatch.database.ids import day_of, is_version_7, new_id, time_of
from dispatch.database.queries import Queries, beside
from dispatch.problems import Busy

__all__ = [
    "Connection",
    "Database",
    "Queries",
    "Retry",
    "beside",
    "connect",
    "day_of",
    "is_version_7",
    "new_id",
    "one",
    "rows",
    "time_of",
]


class Connection(Protocol):
    """The part of an asyncpg connection that slices use."""

    async def execute(self, query: str, /, *args: Any) -> str: ...
    async def executemany(self, query: str, args: Iterable[Any], /) -> None: ...
    async def fetch(self, query: str, /, *args: Any) -> list[Any]: ...
    async def fetchrow(self, query: str, /, *args: Any) -> Any: ...
    async def fetchval(self, query: str, /, *args: Any) -> Any: ...
    def transaction(self) -> Any: ...


T = TypeVar("T")

_TRIES = 5


class Retry(Exception):
    """Raised inside a transaction that met a race: everything is rolled back and the work is done again."""


# What a retry can cure: races (40001, 40P01), a lock not granted in time, a server that went away or starts up.
_PASSING = (
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.LockNotAvailableError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.InterfaceError,
    ConnectionError,
    Retry,
)


class Database:
    """A pool of connections. Open with `await Database.open(url)`, close with `await database.close()`."""

    def __init__(self, pool: Any, url: str) -> None:
        self._pool = pool
        self.url = url

    @classmethod
    async def open(cls, url: str, *, size: int = 6, statement_timeout_seconds: int = 20) -> Self:
        """Open `size` connections at once, so that the first callers do not wait for them."""
        pool: Any = await asyncpg.create_pool(
            url,
            min_size=min(size, 4),
            max_size=size,
            max_inactive_connection_lifetime=0,
            command_timeout=statement_timeout_seconds + 10,
            init=prepare_connection,
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
        """A connection for reading, outside any transaction. Raises Busy when none comes free in time."""
        async with self._acquire() as connection:
            yield connection

    async def transact(self, work: Callable[[Connection], Awaitable[T]], *, tries: int = _TRIES) -> T:
        """Run `work` in one transaction and return its answer after the commit.

        Races, deadlocks and lost connections roll back and run the whole of `work` again, so it must be idempotent:
        its writes carry ids made by the caller. A Problem raised inside rolls back and passes through.
        """
        for attempt in range(1, tries + 1):
            try:
                async with self._acquire() as connection, connection.transaction():
                    return await work(connection)
            except _PASSING as error:
                if attempt == tries:
                    raise Busy(
                        "The database did not take this in time; nothing was changed. Send the same request again.",
                        headers={"retry-after": "2"},
                    ) from error
                await asyncio.sleep(0.02 * 2**attempt * (0.5 + random.random()))  # noqa: S311  spread, not secrecy
        raise AssertionError("unreachable")

    @asynccontextmanager
    async def _acquire(self) -> AsyncGenerator[Connection]:
        try:
            connection = await self._pool.acquire(timeout=5)
        except TimeoutError:
            raise Busy(
                "All database connections are in use; try again shortly.", headers={"retry-after": "2"}
            ) from None
        try:
            yield connection
        finally:
            await self._pool.release(connection)


async def connect(url: str) -> Any:
    """One connection outside the pool, for listening and migrating; the caller closes it."""
    connection = cast("Any", await asyncpg.connect(url, server_settings={"timezone": "UTC"}))
    await prepare_connection(connection)
    return connection


async def prepare_connection(connection: Any) -> None:
    """Give a new connection its codecs: jsonb travels as Python objects."""
    await connection.set_type_codec("jsonb", encoder=_to_json, decoder=msgspec.json.decode, schema="pg_catalog")


def _to_json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def rows(kind: type[T], records: Iterable[Any]) -> list[T]:
    """Turn database rows into structs; column names are field names."""
    return [msgspec.convert(dict(record), kind, strict=False) for record in records]


def one(kind: type[T], record: Any | None) -> T | None:
    """Turn one row into a struct; no row stays None."""
    return None if record is None else msgspec.convert(dict(record), kind, strict=False)
