"""What a rider withdrew holds for what is confirmed afterwards: no handout after leaving, no cell after location.

Apart from the other facts because next to nobody is concerned: one look at a table that is nearly empty.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec.structs import replace

from dispatch.database import Connection, queries_for
from dispatch.handouts.rules import ConsentWithdrawn, Entry, Facts, LocationWithdrawn
from dispatch.handouts.visit_rules import VisitEntry, VisitFacts
from dispatch.problems import Problem

SQL = queries_for(__file__)

Withdrawn = Mapping[tuple[UUID, str], datetime]
"""Since when, by rider and purpose."""
Prepared = Entry | VisitEntry | Problem


async def read_withdrawn(connection: Connection, city_id: int, prepared: Any) -> Withdrawn:
    """What the riders of these records have withdrawn."""
    riders = sorted({entry.holder.id for entry in prepared if entry.holder.kind == "rider"})
    found = await connection.fetch(SQL.read_withdrawn, city_id, riders) if riders else []
    return {(row["rider_id"], row["purpose"]): row["since"] for row in found}


def agreed(prepared: Prepared, withdrawn: Withdrawn, facts: Facts, visits: VisitFacts | None) -> Prepared:
    """The record as it may be judged, or why it may not be taken. Corrections only take back and always may."""
    if isinstance(prepared, Problem) or (isinstance(prepared, Entry) and prepared.corrects_id is not None):
        return prepared
    known = facts.stored.get(prepared.id) or (visits.stored.get(prepared.id) if visits else None)
    if known is not None:
        # Sent again: the cell that was left out then is left out again, whatever was agreed to since.
        return prepared if known.cell is not None else replace(prepared, cell=None)
    if not withdrawn:
        return prepared
    left_at = withdrawn.get((prepared.holder.id, "taking_part"))
    if left_at is not None and prepared.handed_out_at >= left_at:
        return ConsentWithdrawn("You withdrew from taking part; agree to the notice again to go on.")
    since = withdrawn.get((prepared.holder.id, "location"))
    if since is None or prepared.cell is None or prepared.handed_out_at < since:
        return prepared
    if prepared.zone_id is None:
        return LocationWithdrawn("You withdrew the use of location; name the zone instead.", field="zone_id")
    return replace(prepared, cell=None)
