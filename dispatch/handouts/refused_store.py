"""Keeps the records that were refused, each with its reason, with whose copies it would take, and as it came."""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from dispatch.database import Connection, day_of, queries_for
from dispatch.handouts.entries import Entry, Prepared, Source, identity_of
from dispatch.handouts.judgement import LocationWithdrawn
from dispatch.handouts.rules import CopiesHolder, CorrectionEntry, HandoutEntry
from dispatch.problems import Problem
from dispatch.server.caller import Caller

SQL = queries_for(__file__)
RefusedKey = tuple[UUID, bytes]
"""Id and digest of the content: the same id may be refused with several contents."""


class RefusedRecord(msgspec.Struct, frozen=True):
    """A record to be kept with the reason why it was refused."""

    key: RefusedKey
    kept: Any
    """What is kept of the record."""
    source: Source
    caller: Caller
    campaign_id: UUID | None
    problem: Problem
    holder: CopiesHolder | None
    entry: Entry | None
    """None: it could not be decoded, or names what is not known."""

    @classmethod
    def of(
        cls, sent: Any, source: Source, caller: Caller, campaign_id: UUID | None, problem: Problem, prepared: Prepared
    ) -> "RefusedRecord":
        """The record as it was sent and prepared. A phone's record is the rider's even when it cannot be decoded."""
        identifier, digest, kept = identity_of(sent, without_cell=isinstance(problem, LocationWithdrawn))
        entry = None if isinstance(prepared, Problem) else prepared
        holder = entry.holder if entry else None
        if holder is None and caller.rider_id is not None and caller.outlet_id is not None:
            holder = CopiesHolder("rider", caller.rider_id, caller.outlet_id)
        return cls((identifier, digest), kept, source, caller, campaign_id, problem, holder, entry)


async def count_waiting(
    connection: Connection, city_id: int, riders: Collection[UUID], refused: Sequence[RefusedRecord]
) -> tuple[Counter[UUID], set[RefusedKey]]:
    """How many refused records of each rider wait, and which of `refused` are kept already."""
    counted = await connection.fetch(*SQL.count_waiting(city_id=city_id, caller_ids=sorted(riders)))
    waiting = Counter({row["caller_id"]: row["waiting"] for row in counted})
    ids = sorted({each.key[0] for each in refused})
    found = await connection.fetch(*SQL.read_kept_keys(city_id=city_id, ids=ids))
    return waiting, {(row["handout_id"], bytes(row["content_digest"])) for row in found}


async def keep_refused(connection: Connection, city_id: int, refused: Sequence[RefusedRecord], now: datetime) -> None:
    """Keep them. The newest content of a report takes the place of those sent under its id before."""
    if not refused:
        return
    # The same content twice is one row.
    kept = {each.key: each for each in refused}
    ordered = [_row_of(kept[key]) for key in sorted(kept)]
    columns = {name: [row[name] for row in ordered] for name in ordered[0]}
    if any(each.source == "report" for each in kept.values()):
        superseding = {name: columns[name] for name in ("ids", "content_digests", "caller_ids")}
        await connection.execute(*SQL.withdraw_superseded(city_id=city_id, now=now, **superseding))
    await connection.execute(*SQL.keep_refused(city_id=city_id, now=now, **columns))


def _row_of(refused: RefusedRecord) -> dict[str, Any]:
    """The row, by the names of the statement's arrays."""
    entry, holder = refused.entry, refused.holder
    corrects_id = entry.corrects_id if isinstance(entry, CorrectionEntry) else None
    return {
        "ids": refused.key[0],
        "content_digests": refused.key[1],
        "sources": refused.source,
        "caller_roles": refused.caller.role,
        "caller_ids": refused.caller.subject_id,
        "partner_ids": refused.caller.partner_id,
        "outlet_ids": refused.caller.outlet_id,
        "campaign_ids": refused.campaign_id,
        "records": msgspec.json.encode(refused.kept).decode(),
        "problems": refused.problem.slug,
        "details": _storable(refused.problem.detail),
        "holder_kinds": holder and holder.kind,
        "holder_ids": holder and holder.id,
        "holder_outlet_ids": holder and holder.outlet_id,
        "material_ids": entry.material_id if isinstance(entry, HandoutEntry) else None,
        "copies": entry.copies if isinstance(entry, HandoutEntry | CorrectionEntry) else None,
        "instants": entry and entry.at,
        "corrected_ids": corrects_id,
        "corrected_days": None if corrects_id is None else _day_of(corrects_id),
    }


def _day_of(identifier: UUID) -> date:
    # An id that is no UUIDv7 names no day; no handout on record has one.
    return day_of(identifier) if identifier.version == 7 else date(2000, 1, 1)


def _storable(detail: str) -> str:
    """A problem's detail may quote the sender's field names, which may hold anything; the database takes no NUL."""
    return detail.replace("\x00", "\ufffd")[:1000]
