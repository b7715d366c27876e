"""Goes along the chain and names every entry that was altered, taken out, put in or moved."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from dispatch.audit import rules
from dispatch.audit.rules import Fault, Link, TrailEntry
from dispatch.database import Connection, Database, Record, one, one_row, queries_for, time_of
from schemas.audit import AuditFault, AuditHead, AuditVerification

SQL = queries_for(__file__)

_AT_ONCE = 2000
# A sealer that is late by this much is no longer a moment late.
_UNSEALED_AFTER = timedelta(hours=1)


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """The end of a city's chain, and where it begins."""

    position: int
    hash: bytes
    signature: bytes
    sealed_at: datetime
    anchor_position: int
    """Entries up to this one have expired."""
    anchor_hash: bytes
    waiting: int
    first_waiting: UUID | None
    """The oldest entry without a seal."""


async def read_head(connection: Connection, city_id: int) -> AuditHead | None:
    """The end of the chain; None where nothing was ever sealed."""
    head = await _read_head(connection, city_id)
    if head is None:
        return None
    return AuditHead(
        position=head.position, hash=head.hash.hex(), sealed_at=head.sealed_at, begins_after=head.anchor_position,
        waiting=head.waiting,
    )  # fmt: skip


async def _read_head(connection: Connection, city_id: int) -> Head | None:
    return one(Head, await connection.fetchrow(*SQL.read_head(city_id=city_id)))


async def verify(
    database: Database, city_id: int, now: datetime, secret: str, *, after: int = 0, most: int | None = None,
    kept: tuple[int, bytes] | None = None,
) -> AuditVerification:  # fmt: skip
    """Check the chain after a position, at most `most` seals (None: all). The answer holds how far it came.

    `kept`: a head that was kept outside the database, which must be found again.
    """
    async with database.read() as connection:
        head = await _read_head(connection, city_id)
        if head is None:
            return await _judge_nothing(connection, city_id, now, kept)
        begins = max(after, head.anchor_position)
        position, faults = await _walk(connection, city_id, head, begins, most)
        # The chain may have grown since the head was read: what comes after it is not missing.
        complete = position >= head.position or not await _read_links(connection, city_id, position, 1)
        if complete:
            faults += await _judge_end(connection, city_id, now, secret, position)
        if kept is not None:
            faults += await _judge_kept(connection, city_id, kept, head)
    return AuditVerification(checked_after=begins, checked_to=position, complete=complete, faults=_shown(faults))


async def _walk(
    connection: Connection, city_id: int, head: Head, begins: int, most: int | None
) -> tuple[int, list[Fault]]:
    """How far the seals after `begins` were followed, and what is wrong with them."""
    position, previous = begins, await _hash_at(connection, city_id, begins, head)
    faults: list[Fault] = []
    if previous is None:
        faults.append(Fault("missing", begins, None, "the seal from which to begin is gone"))
    at_once = min(_AT_ONCE, most or _AT_ONCE)
    while most is None or position - begins < most:
        links = await _read_links(connection, city_id, position, at_once)
        faults += rules.judge_links(position, previous or b"", links)
        if links:
            position, previous = links[-1].position, links[-1].hash
        if len(links) < at_once:
            break
    return position, faults


async def _judge_nothing(
    connection: Connection, city_id: int, now: datetime, kept: tuple[int, bytes] | None
) -> AuditVerification:
    """No chain at all is right only where nobody ever did anything: the easiest way to hide one row is to take all."""
    faults = [Fault("head", kept[0], None, "there is no chain")] if kept else list[Fault]()
    before, after = now - _UNSEALED_AFTER, now - timedelta(days=rules.DAYS_KEPT)
    if await connection.fetchval(*SQL.is_trail_due(city_id=city_id, before=before, after=after)):
        detail = "somebody has signed in or left entries here, and there is no chain: it was taken away"
        faults.append(Fault("missing", None, None, detail))
    return AuditVerification(checked_after=0, checked_to=0, complete=True, faults=_shown(faults))


def _shown(faults: list[Fault]) -> list[AuditFault]:
    return [AuditFault(kind=f.kind, position=f.position, entry_id=f.entry_id, detail=f.detail) for f in faults]


async def _hash_at(connection: Connection, city_id: int, position: int, head: Head) -> bytes | None:
    if position == head.anchor_position:
        return head.anchor_hash
    return await connection.fetchval(*SQL.read_seal(city_id=city_id, position=position))


async def _read_links(connection: Connection, city_id: int, after: int, limit: int) -> list[Link]:
    statement = SQL.read_links(city_id=city_id, after=after, limit=limit)
    return [_link(row, city_id) for row in await connection.fetch(*statement)]


def _link(row: Record, city_id: int) -> Link:
    values = dict(row)
    position, hash_ = values.pop("position"), values.pop("hash")
    entry = one(TrailEntry, values) if values["city_id"] == city_id else None
    return Link(position, row["entry_id"], hash_, entry)


async def _judge_end(connection: Connection, city_id: int, now: datetime, secret: str, last: int) -> list[Fault]:
    """The head is where the seals end, and the server's own; there are no entries outside the chain."""
    head = one(Head, await one_row(connection, SQL.read_head(city_id=city_id)))
    faults: list[Fault] = []
    at_head = await _hash_at(connection, city_id, head.position, head)
    if at_head is None:
        detail = f"the chain ends at {last}, the last seals up to {head.position} are gone"
        faults.append(Fault("missing", last + 1, None, detail))
    elif at_head != head.hash:
        faults.append(Fault("head", head.position, None, "the last seal is not the one the head names"))
    if not rules.head_is_signed(secret, city_id, head.position, head.hash, head.signature):
        detail = "the head is not signed with this server's key: somebody else wrote the end of the chain"
        faults.append(Fault("head", head.position, None, detail))
    if head.first_waiting is not None and time_of(head.first_waiting) < now - _UNSEALED_AFTER:
        detail = f"{head.waiting} entries wait for their seal, the oldest for more than an hour"
        faults.append(Fault("unsealed", None, head.first_waiting, detail))
    loose: list[UUID] = [row["entry_id"] for row in await connection.fetch(*SQL.read_loose(city_id=city_id))]
    detail = "the entry was put outside the chain, or its seal was taken away"
    return [*faults, *(Fault("unsealed", None, entry_id, detail) for entry_id in loose)]


async def _judge_kept(connection: Connection, city_id: int, kept: tuple[int, bytes], head: Head) -> list[Fault]:
    position, hash_ = kept
    if position < head.anchor_position:
        return []  # Its entries have expired.
    if await _hash_at(connection, city_id, position, head) == hash_:
        return []
    detail = "the head that was kept is not in this chain: the trail was put back or rewritten"
    return [Fault("head", position, None, detail)]
