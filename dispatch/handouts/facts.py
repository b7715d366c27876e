"""Everything that records are judged against, read under the holders' locks: of two phones, two tabs or a call and its
repetition, only one can be new."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from dispatch.database import Connection, day_of, queries_for, rows
from dispatch.database.queries import Statement
from dispatch.handouts.entries import Entry, Prepared
from dispatch.handouts.rules import CorrectionEntry, Facts, HandoutEntry, Held, HeldKey, Stored
from dispatch.handouts.visit_rules import StoredVisit, VisitEntry, VisitFacts
from dispatch.problems import Problem

SQL = queries_for(__file__)


async def read_facts(
    connection: Connection, city_id: int, prepared: Sequence[Prepared], now: datetime
) -> tuple[Facts, VisitFacts]:
    """Lock the holders of `prepared`, all of one city, and read what the rules need to know of them."""
    entries: list[Entry] = [entry for entry in prepared if not isinstance(entry, Problem)]
    corrections = [entry for entry in entries if isinstance(entry, CorrectionEntry)]
    corrected_ids = sorted({entry.corrects_id for entry in corrections})
    places = [entry for entry in entries if not isinstance(entry, CorrectionEntry)]
    cells = sorted({entry.cell for entry in places if entry.cell is not None and entry.zone_id is None})
    zones = sorted({entry.zone_id for entry in places if entry.zone_id is not None})
    facts = Facts(
        now=now,
        # First of all: who gets the locks reads what everybody before has written.
        held=await _lock_holdings(connection, city_id, entries),
        stored=await _read_stored(connection, city_id, {entry.id for entry in entries}.union(corrected_ids)),
        corrected=await _read_corrected(connection, SQL.read_corrected, city_id, corrected_ids),
        zone_of_cell=await _read_zones_of_cells(connection, city_id, cells),
        zones=await _read_known_zones(connection, city_id, zones),
        withdrawn=await _read_withdrawn(connection, city_id, entries),
        timezone=await read_timezone(connection, city_id),
    )
    visits = [entry for entry in places if isinstance(entry, VisitEntry)]
    if not corrections:
        return facts, await _read_visit_facts(connection, city_id, visits, [])
    # A correction of a handout that is on record, or among the entries, cannot mean a visit.
    handouts = facts.stored.keys() | {entry.id for entry in places if isinstance(entry, HandoutEntry)}
    loose = [entry for entry in corrections if entry.corrects_id not in handouts]
    return facts, await _read_visit_facts(connection, city_id, visits, loose)


async def _lock_holdings(connection: Connection, city_id: int, entries: Sequence[Entry]) -> dict[HeldKey, Held]:
    holders = sorted({entry.holder.id for entry in entries})
    found = await connection.fetch(*SQL.lock_holdings(city_id=city_id, holder_ids=holders))
    return {
        (row["holder_id"], row["campaign_id"], row["material_id"]): Held(
            quantity=row["quantity"], campaign_open=row["campaign_open"], starts_on=row["starts_on"],
            ends_on=row["ends_on"], channels=row["channels"], counts=row["counts"],
        )
        for row in found
    }  # fmt: skip


async def _read_stored(connection: Connection, city_id: int, ids: set[UUID]) -> dict[UUID, Stored]:
    if not ids:
        return {}
    days = {_usable_day(identifier) for identifier in ids}
    statement = SQL.read_stored(city_id=city_id, first_day=min(days), last_day=max(days), ids=sorted(ids))
    return {row["id"]: Stored(**dict(row)) for row in await connection.fetch(*statement)}


def _usable_day(identifier: UUID) -> date:
    # An id that is no UUIDv7 is refused later, but must not stretch the range of days that is searched.
    return day_of(identifier) if identifier.version == 7 else date(2000, 1, 1)


async def _read_corrected(
    connection: Connection, statement: Statement, city_id: int, corrected_ids: Sequence[UUID]
) -> dict[UUID, int]:
    if not corrected_ids:
        return {}
    found = await connection.fetch(*statement(city_id=city_id, corrected_ids=corrected_ids))
    return {row["corrects_id"]: row["taken_back"] for row in found}


async def _read_zones_of_cells(connection: Connection, city_id: int, cells: Sequence[int]) -> dict[int, UUID]:
    if not cells:
        return {}
    found = await connection.fetch(*SQL.read_zones_of_cells(city_id=city_id, cells=cells))
    return {row["cell"]: row["zone_id"] for row in found}


async def _read_known_zones(connection: Connection, city_id: int, zones: Sequence[UUID]) -> frozenset[UUID]:
    if not zones:
        return frozenset()
    found = await connection.fetch(*SQL.read_known_zones(city_id=city_id, zone_ids=zones))
    return frozenset(row["zone_id"] for row in found)


async def _read_withdrawn(
    connection: Connection, city_id: int, entries: Sequence[Entry]
) -> dict[tuple[UUID, str], datetime]:
    riders = sorted({entry.holder.id for entry in entries if entry.holder.kind == "rider"})
    if not riders:
        return {}
    found = await connection.fetch(*SQL.read_withdrawn(city_id=city_id, rider_ids=riders))
    return {(row["rider_id"], row["purpose"]): row["since"] for row in found}


_timezones: dict[int, ZoneInfo] = {}


async def read_timezone(connection: Connection, city_id: int) -> ZoneInfo:
    """The city's time zone; it never changes, so a process asks once."""
    if city_id not in _timezones:
        _timezones[city_id] = ZoneInfo(await connection.fetchval(*SQL.read_timezone(city_id=city_id)))
    return _timezones[city_id]


async def _read_visit_facts(
    connection: Connection, city_id: int, visits: Sequence[VisitEntry], corrections: Sequence[CorrectionEntry]
) -> VisitFacts:
    """What is known of these visits and of those that the corrections may mean. With neither nothing is asked, so that
    handouts stay as fast as they are without visits."""
    if not visits and not corrections:
        return VisitFacts(stored={}, corrected={})
    corrected_ids = sorted({entry.corrects_id for entry in corrections})
    ids = sorted({entry.id for entry in (*visits, *corrections)}.union(corrected_ids))
    stored = rows(StoredVisit, await connection.fetch(*SQL.read_visits(city_id=city_id, ids=ids)))
    corrected = await _read_corrected(connection, SQL.read_corrected_visits, city_id, corrected_ids)
    return VisitFacts(stored={visit.id: visit for visit in stored}, corrected=corrected)
