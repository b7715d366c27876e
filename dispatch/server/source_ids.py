"""A partner's own references for what it sends: `source_id` in the place of a UUIDv7 that the client would make.

What a reference stands for is kept by partner, kind and reference before the request is carried out, so that the same
request again, with a renewed key or with another day in it, meets the same id; everything after that goes by ids.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from dispatch.database import Connection, Database, new_id, queries_for
from dispatch.problems import Problem
from dispatch.server.caller import Caller
from dispatch.server.client_ids import require_id
from schemas.common import ReferenceKind

SQL = queries_for(__file__)


class IdOrSourceId(Problem):
    """What is sent carries either an id made by the client or the sender's own `source_id`, which are a partner's."""

    slug, title, status = "id-or-source-id", "Send either the id or source_id", 422


class Reference(NamedTuple):
    """A reference, and the id it stands for from now on unless it stands for another already."""

    source_id: str
    id: UUID
    day: date | None = None


async def keep_references(
    database: Database, caller: Caller, kind: ReferenceKind, references: Sequence[Reference], now: datetime, *,
    campaign_id: UUID | None = None,
) -> dict[str, UUID]:  # fmt: skip
    """The id that each reference stands for, kept from now on. Keeping it again changes nothing."""
    first = {reference.source_id: reference for reference in reversed(references)}
    # In one order, or two requests with the same references could wait for each other.
    ordered = [first[source_id] for source_id in sorted(first)]

    async def keep(connection: Connection) -> dict[str, UUID]:
        statement = SQL.keep_references(
            city_id=caller.city_id, partner_id=caller.partner_id, kind=kind, campaign_id=campaign_id, now=now,
            made_by=caller.subject_id, source_ids=[reference.source_id for reference in ordered],
            reference_ids=[reference.id for reference in ordered], days=[reference.day for reference in ordered],
        )  # fmt: skip
        await connection.execute(*statement)
        return await read_references(connection, caller, kind, list(first))

    # What is done with them is in the trail; that they are kept is book-keeping.
    return await database.transact(keep, audited=False) if first else {}


async def read_references(
    connection: Connection, caller: Caller, kind: ReferenceKind, source_ids: Sequence[str]
) -> dict[str, UUID]:
    """The ids of those references that stand for something."""
    if not source_ids:
        return {}
    statement = SQL.read_references(
        city_id=caller.city_id, partner_id=caller.partner_id, kind=kind, source_ids=sorted(set(source_ids))
    )
    return {row["source_id"]: row["reference_id"] for row in await connection.fetch(*statement)}


async def id_of_request(
    database: Database, caller: Caller, kind: ReferenceKind, made: UUID | None, source_id: str | None, now: datetime, *,
    field: str, trial: bool = False,
) -> UUID:  # fmt: skip
    """The id of what a request makes: the client's own, or the one that `source_id` stands for.

    Args:
        field: what the request calls its id.
        trial: nothing is kept; a reference that stands for nothing yet gets an id for this request only.

    Raises IdOrSourceId, IdUnusable.
    """
    if (made is None) == (source_id is None):
        raise IdOrSourceId(f"Send {field} or source_id: one of the two.", field=field)
    if source_id is None:
        assert made is not None
        require_id(made, field)
        return made
    if caller.partner_id is None:
        raise IdOrSourceId(f"source_id is a partner's own reference; send {field}.", field="source_id")
    new = new_id(now)
    if not trial:
        kept = await keep_references(database, caller, kind, [Reference(source_id, new)], now)
        return kept[source_id]
    async with database.read() as connection:
        return (await read_references(connection, caller, kind, [source_id])).get(source_id, new)
