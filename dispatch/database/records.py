"""What PostgreSQL answers with: connections, rows, and rows as structs."""

from collections.abc import Iterable, Mapping
from typing import TypeAlias, TypeVar, overload

import asyncpg
import msgspec
from asyncpg import Record
from asyncpg.pool import PoolConnectionProxy

from dispatch.database.queries import Call

__all__ = ["Connection", "NoRow", "Record", "one", "one_row", "rows"]

T = TypeVar("T")

# What the pool gives and what `connect` gives: the same calls.
Connection: TypeAlias = asyncpg.Connection | PoolConnectionProxy

Row: TypeAlias = Record | Mapping[str, object]
"""A row as it came, or with what was put to it."""


class NoRow(LookupError):
    """A statement that always gives a row gave none: what it reads was taken for granted and is not there."""


def rows(kind: type[T], records: Iterable[Row]) -> list[T]:
    """Turn database rows into structs; column names are field names."""
    return [msgspec.convert(dict(record), kind, strict=False) for record in records]


@overload
def one(kind: type[T], record: Row) -> T: ...
@overload
def one(kind: type[T], record: Row | None) -> T | None: ...
def one(kind: type[T], record: Row | None) -> T | None:
    """Turn one row into a struct; no row stays None."""
    return None if record is None else msgspec.convert(dict(record), kind, strict=False)


async def one_row(connection: Connection, call: Call) -> Record:
    """The row of a statement that always gives one. Raises NoRow, with the statement's first line, when none came;
    where a row can be absent it is `fetchrow`, and the caller says what its absence means."""
    record = await connection.fetchrow(*call)
    if record is None:
        raise NoRow(call[0].partition("\n")[0])
    return record
