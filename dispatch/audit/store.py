"""Puts entries into the trail: with the change they are about, or by themselves. Called by the middleware, by commands
and by the server's own upkeep."""

from datetime import datetime

import msgspec

from dispatch.audit.rules import Kind, TrailEntry
from dispatch.database import Connection, Database, new_id, queries_for

SQL = queries_for(__file__)


async def write_entry(connection: Connection, entry: TrailEntry) -> None:
    """Write one entry in the transaction under way. The same entry again changes nothing."""
    await connection.execute(*SQL.insert_entry(**msgspec.structs.asdict(entry)))


async def append(database: Database, entry: TrailEntry) -> None:
    """Write one entry in a transaction of its own; returns when it is on disk."""
    await database.transact(lambda connection: write_entry(connection, entry), audited=False)


def own_entry(city_id: int, now: datetime, operation: str, *, kind: Kind, **subject: object) -> TrailEntry:
    """The entry of what an operator did at the command line, or the server did unasked."""
    return TrailEntry(
        city_id=city_id, entry_id=new_id(now), at=now, kind=kind, operation=operation, result="done",
        caller_role="operator" if kind == "command" else "server", caller_id=None, partner_id=None, outlet_id=None,
        request_id="", address="", subject={key: str(value) for key, value in subject.items()},
    )  # fmt: skip
