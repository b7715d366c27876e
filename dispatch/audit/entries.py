"""Reads the trail page by page: for the list, for files, for the command line."""

import re
from collections.abc import AsyncGenerator, Mapping
from typing import Final
from uuid import UUID

import msgspec

from dispatch.audit.rules import Kind
from dispatch.database import Connection, Database, Record, one_row, queries_for, rows
from schemas.audit import AuditEntry

SQL = queries_for(__file__)
_PAGE: Final = 2000
_ID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


class TrailFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which entries are asked for; what is None lets everything through."""

    first_id: UUID | None = None
    last_id: UUID | None = None
    """The first one that is not asked for any more: entries come newest first, ids carry their time."""
    caller_id: UUID | None = None
    caller_role: str | None = None
    operation: str | None = None
    kinds: list[Kind] | None = None
    result: str | None = None
    subject: str | None = None
    """An id or code it is about."""
    address: str | None = None


EVERYTHING: Final = TrailFilter()


async def fetch_entries(connection: Connection, city_id: int, wanted: TrailFilter, limit: int) -> list[AuditEntry]:
    """At most `limit` entries, newest first."""
    statement = SQL.read_entries(city_id=city_id, limit=limit, **msgspec.structs.asdict(wanted))
    found = await connection.fetch(*statement)
    ids = {named for row in found for named in ids_in(row["subject"])}
    named = await connection.fetch(*SQL.read_names(city_id=city_id, ids=sorted(ids))) if ids else []
    names = {str(row["id"]): row["name"] for row in named}
    return rows(AuditEntry, [{**row, "names": _names_of(row["subject"], names)} for row in found])


def ids_in(subject: Mapping[str, str]) -> list[UUID]:
    """The ids an entry is about; codes and words are none."""
    return [UUID(value) for value in subject.values() if _ID.fullmatch(value)]


def _names_of(subject: Mapping[str, str], names: Mapping[str, str]) -> dict[str, str]:
    return {value: names[value.lower()] for value in subject.values() if value.lower() in names}


async def pages(database: Database, city_id: int, wanted: TrailFilter = EVERYTHING) -> AsyncGenerator[list[AuditEntry]]:
    """Everything the filter lets through, a page at a time and the connection given back between, so that a slow reader
    holds nothing up."""
    while True:
        async with database.read() as connection:
            entries = await fetch_entries(connection, city_id, wanted, _PAGE)
        yield entries
        if len(entries) < _PAGE:
            return
        wanted = msgspec.structs.replace(wanted, last_id=entries[-1].entry_id)


async def find_city(database: Database, city_id: int) -> Record | None:
    """The time zone and code of a city, where there is one."""
    async with database.read() as connection:
        return await connection.fetchrow(*SQL.read_city(city_id=city_id))


async def read_city(database: Database, city_id: int) -> Record:
    """The time zone and code of a city that exists."""
    async with database.read() as connection:
        return await one_row(connection, SQL.read_city(city_id=city_id))
