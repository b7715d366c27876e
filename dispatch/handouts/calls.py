"""The one way handouts reach the disk: lock, read, judge, write. Takes one call or many folded into one transaction.

Read in this order under the holders' locks, so that two phones, two tabs or a replay can never both be "new".
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from dispatch.database import Connection, Retry, announce, day_of, queries_for
from dispatch.handouts import rules
from dispatch.handouts.agreements import Withdrawn, agreed, read_withdrawn
from dispatch.handouts.entries import id_of, identity_of
from dispatch.handouts.rules import Entry, Facts, Held, LocationWithdrawn, Stored, Verdict
from dispatch.handouts.visit_rules import VisitEntry, VisitFacts, VisitVerdict, judge_visit, judge_visit_correction
from dispatch.handouts.visits import read_visit_facts, write_visits
from dispatch.problems import Problem
from dispatch.server.caller import Caller
from schemas.handouts import Outcome

SQL = queries_for(__file__)

Door = Literal["sync", "report", "correction"]


class Call(msgspec.Struct):
    """The records of one request, as sent and as decoded."""

    caller: Caller
    door: Door
    sent: Sequence[Any]
    prepared: Sequence[Entry | VisitEntry | Problem]
    campaign_id: UUID | None = None


async def record_calls(connection: Connection, calls: Sequence[Call], now: datetime) -> list[list[Outcome]]:
    """Judge and write the records of `calls`, all of one city, inside the open transaction of `connection`.

    Returns the outcomes, call by call and record by record. Raises Retry on a race.
    """
    city_id = calls[0].caller.city_id
    entries = [entry for call in calls for entry in call.prepared if isinstance(entry, Entry)]
    visits = [entry for call in calls for entry in call.prepared if isinstance(entry, VisitEntry)]
    facts = await _read_facts(connection, city_id, [*entries, *visits] if visits else entries, now)
    visit_facts = await read_visit_facts(connection, city_id, entries, visits, facts)
    withdrawn = await read_withdrawn(connection, city_id, (*entries, *visits))
    # Calls are judged one after the other against the same facts: a later call sees what an earlier one took.
    verdicts = [_judge_call(call, facts, visit_facts, withdrawn) for call in calls]
    told = [verdict for call in verdicts for verdict in call]
    recorded = [v.stored for v in told if isinstance(v, Verdict) and v.stored is not None]
    visited = [v.stored for v in told if isinstance(v, VisitVerdict) and v.stored is not None]
    await _write(connection, city_id, recorded, now, now.astimezone(facts.timezone).date())
    await write_visits(connection, city_id, visited, now)
    await _keep_refused(connection, city_id, calls, verdicts, now)
    for campaign_id in {stored.campaign_id for stored in (*recorded, *visited)}:
        # The tallies carry a revision of their own, so that a rush of handouts does not queue at the campaign's row.
        announce(city_id, campaign_id)
    return [
        [_outcome(record, verdict) for record, verdict in zip(call.sent, found, strict=True)]
        for call, found in zip(calls, verdicts, strict=True)
    ]


def _judge_call(
    call: Call, facts: Facts, visits: VisitFacts | None, withdrawn: Withdrawn
) -> list[Verdict | VisitVerdict]:
    verdicts: list[Verdict | VisitVerdict] = []
    for sent in call.prepared:
        prepared = agreed(sent, withdrawn, facts, visits)
        if isinstance(prepared, Problem):
            verdicts.append(Verdict("rejected", problem=prepared))
        elif isinstance(prepared, VisitEntry):
            assert visits is not None
            verdicts.append(judge_visit(prepared, visits, facts))
        else:
            of_visit = judge_visit_correction(prepared, visits, facts) if visits and prepared.corrects_id else None
            verdicts.append(of_visit or rules.judge([prepared], facts)[0])
    return verdicts


def _outcome(sent: Any, verdict: Verdict | VisitVerdict) -> Outcome:
    if verdict.problem is not None:
        return Outcome(id=id_of(sent), outcome="rejected", problem=verdict.problem.document())
    stored = verdict.stored
    if stored is None:
        return Outcome(id=id_of(sent), outcome=verdict.outcome)
    return Outcome(id=str(stored.id), outcome=verdict.outcome)


async def _read_facts(
    connection: Connection, city_id: int, entries: Sequence[Entry | VisitEntry], now: datetime
) -> Facts:
    holders = sorted({entry.holder.id for entry in entries})
    held = {
        (row["holder_id"], row["campaign_id"], row["material_id"]): _held(row)
        for row in await connection.fetch(SQL.lock_holdings, city_id, holders)
    }  # fmt: skip
    stored, corrected = await _read_stored(connection, city_id, entries)
    cells = sorted({entry.cell for entry in entries if entry.cell is not None and entry.zone_id is None})
    zones = sorted({entry.zone_id for entry in entries if entry.zone_id is not None})
    zone_of_cell = (
        {row["cell"]: row["zone_id"] for row in await connection.fetch(SQL.read_zones_of_cells, city_id, cells)}
        if cells
        else {}
    )
    known = [row["zone_id"] for row in await connection.fetch(SQL.read_known_zones, city_id, zones)] if zones else []
    return Facts(
        now=now, timezone=await read_timezone(connection, city_id), held=held, stored=stored, corrected=corrected,
        zone_of_cell=zone_of_cell, zones=frozenset(known),
    )  # fmt: skip


def _held(row: Any) -> Held:
    return Held(
        quantity=row["quantity"], campaign_open=row["status"] == "open",
        starts_on=row["starts_on"], ends_on=row["ends_on"], channels=row["channels"], counts=row["counts_for_reach"],
    )  # fmt: skip


async def _read_stored(
    connection: Connection, city_id: int, entries: Sequence[Entry | VisitEntry]
) -> tuple[dict[UUID, Stored], dict[UUID, int]]:
    corrected_ids = sorted({e.corrects_id for e in entries if isinstance(e, Entry) and e.corrects_id is not None})
    ids = sorted({entry.id for entry in entries}.union(corrected_ids))
    if not ids:
        return {}, {}
    days = {_usable_day(identifier) for identifier in ids}
    found = await connection.fetch(SQL.read_stored, city_id, min(days), max(days), ids)
    stored = {row["id"]: Stored(**dict(row)) for row in found}
    if not corrected_ids:
        return stored, {}
    taken_back = await connection.fetch(SQL.read_corrected, city_id, corrected_ids)
    return stored, {row["corrects_id"]: row["copies"] for row in taken_back}


def _usable_day(identifier: UUID) -> date:
    # An id that is no UUIDv7 is refused later, but must not stretch the range of days that is searched.
    return day_of(identifier) if identifier.version == 7 else date(2000, 1, 1)


_timezones: dict[int, ZoneInfo] = {}


async def read_timezone(connection: Connection, city_id: int) -> ZoneInfo:
    """The city's time zone; it never changes, so a process asks once."""
    if city_id not in _timezones:
        _timezones[city_id] = ZoneInfo(await connection.fetchval(SQL.read_timezone, city_id))
    return _timezones[city_id]


async def _write(
    connection: Connection, city_id: int, recorded: Sequence[Stored], now: datetime, known_on: date
) -> None:
    """Handouts before the corrections that may refer to them; the holders' copies once, with the first statement.

    What a correction gives back may be handed out again in the same transaction: only the net of both is never below
    zero, and the constraint on balances must see nothing else.
    """
    handouts = [stored for stored in recorded if stored.corrects_id is None]
    corrections = [stored for stored in recorded if stored.corrects_id is not None]
    taken = _taken(recorded)
    if corrections:
        await _lock_tallies(connection, city_id, recorded, known_on)
    for statement, batch, linked in (
        (SQL.record_handouts, handouts, False),
        (SQL.record_corrections, corrections, True),
    ):
        if not batch:
            continue
        words = [stored.reason if linked else stored.first_copy_answer for stored in batch]
        more = [[s.corrects_id for s in batch], [s.first_copy_answer for s in batch]] if linked else []
        new: int = await connection.fetchval(
            statement, city_id, [s.id for s in batch], [s.id_day for s in batch], [s.campaign_id for s in batch],
            [s.zone_id for s in batch], [s.cell for s in batch], [s.outlet_id for s in batch],
            [s.holder_id for s in batch],
            [s.holder_kind for s in batch], [s.material_id for s in batch], [s.channel for s in batch],
            [s.copies for s in batch], [s.day for s in batch], [s.handed_out_at for s in batch], words, now, known_on,
            [s.counts for s in batch], *taken, *more,
        )  # fmt: skip
        if new != len(batch):
            raise Retry("somebody else recorded one of these ids meanwhile")
        taken = _taken([])


async def _lock_tallies(connection: Connection, city_id: int, recorded: Sequence[Stored], known_on: date) -> None:
    await connection.execute(
        SQL.lock_tallies, city_id, [s.campaign_id for s in recorded], [s.zone_id for s in recorded],
        [s.material_id for s in recorded], [s.channel for s in recorded], known_on, [s.day for s in recorded],
        [s.outlet_id for s in recorded], [s.cell for s in recorded], [s.counts for s in recorded],
    )  # fmt: skip


def _taken(recorded: Sequence[Stored]) -> list[list[Any]]:
    """Columns of what is taken from each holder: holder, kind, campaign, material, net copies."""
    net: dict[tuple[UUID, str, UUID, UUID], int] = {}
    for stored in recorded:
        key = (stored.holder_id, stored.holder_kind, stored.campaign_id, stored.material_id)
        net[key] = net.get(key, 0) + stored.copies
    ordered = sorted(net)
    return [[key[column] for key in ordered] for column in range(4)] + [[net[key] for key in ordered]]


def _kept_words(detail: str) -> str:
    """A problem's detail may quote the sender's field names, in which anything may stand; the database takes no NUL."""
    return detail.replace("\x00", "\ufffd")[:1000]


async def _keep_refused(
    connection: Connection,
    city_id: int,
    calls: Sequence[Call],
    verdicts: Sequence[Sequence[Verdict | VisitVerdict]],
    now: datetime,
) -> None:
    kept: dict[tuple[UUID, bytes], tuple[Any, ...]] = {}
    for call, found in zip(calls, verdicts, strict=True):
        for sent, prepared, verdict in zip(call.sent, call.prepared, found, strict=True):
            if verdict.problem is None:
                continue
            identifier, digest, record = identity_of(sent, without_cell=isinstance(verdict.problem, LocationWithdrawn))
            campaign_id = call.campaign_id or (None if isinstance(prepared, Problem) else prepared.campaign_id)
            caller = call.caller
            kept[identifier, digest] = (
                identifier, digest, call.door, caller.role, caller.subject_id, caller.partner_id, caller.outlet_id,
                campaign_id, msgspec.json.encode(record).decode(),
                verdict.problem.slug, _kept_words(verdict.problem.detail),
            )  # fmt: skip
    if kept:
        columns = [list(column) for column in zip(*(kept[key] for key in sorted(kept)), strict=True)]
        await connection.execute(SQL.keep_refused, city_id, now, *columns)
