"""Reads and writes visits without a handout, inside the transaction of the handouts they came with.

Apart from recording.py because a call that holds handouts alone touches none of it and stays as fast as it is.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from dispatch.database import Connection, Retry, queries_for, rows
from dispatch.handouts.rules import Entry, Facts
from dispatch.handouts.visit_rules import StoredVisit, VisitEntry, VisitFacts

SQL = queries_for(__file__)


async def read_visit_facts(
    connection: Connection, city_id: int, entries: Sequence[Entry], visits: Sequence[VisitEntry], facts: Facts
) -> VisitFacts | None:
    """What is known of the visits in hand and of those that corrections may mean; None when there are neither.

    A correction of a handout that is on record, or in the same call, cannot mean a visit.
    """
    handouts = {entry.id for entry in entries}
    loose = [
        entry
        for entry in entries
        if entry.corrects_id and entry.corrects_id not in facts.stored and entry.corrects_id not in handouts
    ]
    if not visits and not loose:
        return None
    corrected_ids = sorted({entry.corrects_id for entry in loose if entry.corrects_id})
    ids = sorted({visit.id for visit in visits} | {entry.id for entry in loose} | set(corrected_ids))
    found = rows(StoredVisit, await connection.fetch(SQL.read_visits, city_id, ids))
    corrected: dict[UUID, int] = {}
    if corrected_ids:
        taken_back = await connection.fetch(SQL.read_corrected_visits, city_id, corrected_ids)
        corrected = {row["corrects_id"]: row["visits"] for row in taken_back}
    return VisitFacts(stored={visit.id: visit for visit in found}, corrected=corrected)


async def write_visits(connection: Connection, city_id: int, recorded: Sequence[StoredVisit], now: datetime) -> None:
    """The rows, and the doors per zone and day. Raises Retry when somebody else used one of the ids meanwhile."""
    if not recorded:
        return
    new: int = await connection.fetchval(
        SQL.record_visits, city_id, [s.id for s in recorded], [s.campaign_id for s in recorded],
        [s.zone_id for s in recorded], [s.cell for s in recorded], [s.outlet_id for s in recorded],
        [s.rider_id for s in recorded], [s.result for s in recorded], [s.visits for s in recorded],
        [s.corrects_id for s in recorded], [s.reason for s in recorded], [s.day for s in recorded],
        [s.visited_at for s in recorded], now,
    )  # fmt: skip
    if new != len(recorded):
        raise Retry("somebody else recorded one of these ids meanwhile")
