"""Which visits without a handout are recorded, and why others are not. They take no copies and enter no coverage."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from msgspec import Struct

from dispatch.handouts.rules import (
    Confirmation,
    CorrectionEntry,
    Facts,
    Held,
    HeldKey,
    judge_occasion,
    judge_taking_back,
    require_clock,
    require_same,
)
from schemas.handouts import VisitResult


class VisitEntry(Confirmation, frozen=True, kw_only=True):
    """A visit ready to be judged."""

    time_field: ClassVar[str] = "visited_at"

    result: VisitResult
    visits: int


class StoredVisit(Struct, frozen=True, kw_only=True):
    """A visit on record, or the correction of one."""

    id: UUID
    campaign_id: UUID
    zone_id: UUID
    cell: int | None
    outlet_id: UUID
    rider_id: UUID
    result: VisitResult
    visits: int
    """Negative in a correction."""
    day: date
    visited_at: datetime
    corrects_id: UUID | None = None
    reason: str | None = None


class VisitFacts(Struct, kw_only=True):
    """What the database knows about the visits in hand. Judging updates it."""

    stored: dict[UUID, StoredVisit]
    corrected: dict[UUID, int]
    """Doors already taken back, by visit."""


def judge_visit(entry: VisitEntry, visits: VisitFacts, facts: Facts) -> StoredVisit | None:
    """The visit as it is to be recorded; None when it is on record already. What is recorded joins `visits.stored`.
    Raises the problem that keeps it out."""
    known = visits.stored.get(entry.id)
    if known is not None or entry.id in facts.stored:
        require_same(known is not None and _is_same_visit(entry, known), entry.id)
        return None
    occasion = judge_occasion(entry, _anything_held(entry, facts.held), facts)
    stored = StoredVisit(
        id=entry.id, campaign_id=entry.campaign_id, zone_id=occasion.zone_id, cell=entry.cell,
        outlet_id=entry.holder.outlet_id, rider_id=entry.holder.id, result=entry.result, visits=entry.visits,
        day=occasion.day, visited_at=entry.at,
    )  # fmt: skip
    visits.stored[stored.id] = stored
    return stored


def _anything_held(entry: VisitEntry, held: Mapping[HeldKey, Held]) -> Held | None:
    """The campaign's facts, from any material of it that was ever handed over to the rider."""
    for (holder_id, campaign_id, _), facts in held.items():
        if holder_id == entry.holder.id and campaign_id == entry.campaign_id:
            return facts
    return None


def _is_same_visit(entry: VisitEntry, stored: StoredVisit) -> bool:
    """Whether the sender repeats what is stored. A zone the server found from the cell is not the sender's word."""
    return (
        stored.corrects_id is None
        and stored.rider_id == entry.holder.id
        and stored.campaign_id == entry.campaign_id
        and stored.result == entry.result
        and stored.visits == entry.visits
        and stored.cell == entry.cell
        and stored.visited_at == entry.at
        and entry.zone_id in (None, stored.zone_id)
    )


def corrected_visit(entry: CorrectionEntry, visits: VisitFacts) -> StoredVisit | None:
    """The rider's visit that the correction refers to. None: it refers to none, so it is a handout's."""
    original = visits.stored.get(entry.corrects_id)
    if original is None or original.corrects_id is not None or original.rider_id != entry.holder.id:
        return None
    return original


def judge_visit_correction(
    entry: CorrectionEntry, original: StoredVisit, visits: VisitFacts, facts: Facts
) -> StoredVisit | None:
    """The correction of a visit as it is to be recorded; None when it is on record already. What is recorded joins
    `visits.stored`. Raises the problem that keeps it out."""
    known = visits.stored.get(entry.id)
    if known is not None or entry.id in facts.stored:
        require_same(known is not None and _is_same_correction(entry, known), entry.id)
        return None
    require_clock(entry, facts.now)
    taken = judge_taking_back(entry, original.visits, visits.corrected, "doors of this visit")
    stored = StoredVisit(
        id=entry.id, campaign_id=original.campaign_id, zone_id=original.zone_id, cell=original.cell,
        outlet_id=original.outlet_id, rider_id=original.rider_id, result=original.result, visits=-taken,
        day=original.day, visited_at=entry.at, corrects_id=original.id, reason=entry.reason,
    )  # fmt: skip
    visits.stored[stored.id] = stored
    return stored


def _is_same_correction(entry: CorrectionEntry, stored: StoredVisit) -> bool:
    return stored.corrects_id == entry.corrects_id and entry.copies in (None, -stored.visits)
