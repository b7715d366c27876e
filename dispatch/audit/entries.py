"""Reads the trail page by page: for the list, for files, for the command line."""

from collections.abc import AsyncGenerator, Sequence
from typing import Any, Final

from dispatch.database import Connection, Database, queries_for, rows
from schemas.audit import AuditEntry

SQL = queries_for(__file__)
_PAGE: Final = 2000
_ALL: Final = (None,) * 9


async def fetch_entries(connection: Connection, city_id: int, filters: Sequence[Any], limit: int) -> list[AuditEntry]:
    """Entries, newest first; `filters` in the order of read_entries: first id, last id, caller, role, operation, kinds,
    result, subject, address."""
    return rows(AuditEntry, await connection.fetch(SQL.read_entries, city_id, *filters, limit))


async def pages(database: Database, city_id: int, filters: Sequence[Any] = _ALL) -> AsyncGenerator[list[AuditEntry]]:
    """Everything the filters let through, a page at a time and the connection given back between, so that a slow reader
    holds nothing up."""
    first, last, *others = filters
    while True:
        async with database.read() as connection:
            entries = await fetch_entries(connection, city_id, (first, last, *others), _PAGE)
        yield entries
        if len(entries) < _PAGE:
            return
        last = entries[-1].entry_id


async def read_city(database: Database, city_id: int) -> Any:
    """The city's time zone and code."""
    async with database.read() as connection:
        return await connection.fetchrow(SQL.read_timezone, city_id)
