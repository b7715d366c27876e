"""Which visits without a handout are recorded, and why others are not.

Beside rules.py because a visit takes no copies and enters no coverage.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

from dispatch.handouts.rules import (
    CampaignNotOpen,
    Entry,
    Facts,
    HandoutChanged,
    Held,
    Holder,
    NotHeld,
    NothingToCorrect,
    OutsideCampaign,
    check_clock,
    zone_of,
)
from dispatch.problems import Problem
from schemas.handouts import VisitResult


class VisitEntry(Struct, frozen=True, kw_only=True):
    """One record of a visit, ready to be judged."""

    id: UUID
    holder: Holder
    campaign_id: UUID
    result: VisitResult
    visits: int
    handed_out_at: datetime
    """When the doors were tried; named as in a handout, whose clock and place are checked in the same way."""
    zone_id: UUID | None = None
    cell: int | None = None


class StoredVisit(Struct, frozen=True, kw_only=True):
    """A visit on record."""

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


class VisitVerdict(Struct, frozen=True):
    """As a handout's verdict: `stored` when recorded, neither when a duplicate, `problem` when refused."""

    outcome: Literal["recorded", "duplicate", "rejected"]
    stored: StoredVisit | None = None
    problem: Problem | None = None


def judge_visit(entry: VisitEntry, visits: VisitFacts, facts: Facts) -> VisitVerdict:
    """Judge one visit; what is recorded joins `visits.stored`."""
    try:
        return _judge_visit(entry, visits, facts)
    except Problem as problem:
        return VisitVerdict("rejected", problem=problem)


def judge_visit_correction(entry: Entry, visits: VisitFacts, facts: Facts) -> VisitVerdict | None:
    """Judge a correction that refers to a visit; None: it does not, so it is a handout's."""
    assert entry.corrects_id is not None
    original = visits.stored.get(entry.corrects_id)
    if original is None or original.corrects_id is not None or original.rider_id != entry.holder.id:
        return None
    try:
        return _judge_correction(entry, original, visits, facts)
    except Problem as problem:
        return VisitVerdict("rejected", problem=problem)


def _judge_visit(entry: VisitEntry, visits: VisitFacts, facts: Facts) -> VisitVerdict:
    known = visits.stored.get(entry.id)
    if known is not None and _same(entry, known):
        return VisitVerdict("duplicate")
    if known is not None or entry.id in facts.stored:
        raise HandoutChanged("This id stands for a record with other content; make a new id.", handout_id=entry.id)
    check_clock(entry.id, entry.handed_out_at, facts.now)
    held = _campaign_of(entry, facts.held)
    if not held.campaign_open:
        raise CampaignNotOpen("Visits are recorded while the campaign is open.")
    day = entry.handed_out_at.astimezone(facts.timezone).date()
    if not held.starts_on <= day <= held.ends_on:
        raise OutsideCampaign(
            f"The campaign runs from {held.starts_on} to {held.ends_on}.", field="visited_at", day=day
        )
    stored = StoredVisit(
        id=entry.id, campaign_id=entry.campaign_id, zone_id=zone_of(entry.zone_id, entry.cell, facts), cell=entry.cell,
        outlet_id=entry.holder.outlet_id, rider_id=entry.holder.id, result=entry.result, visits=entry.visits, day=day,
        visited_at=entry.handed_out_at,
    )  # fmt: skip
    visits.stored[stored.id] = stored
    return VisitVerdict("recorded", stored=stored)


def _campaign_of(entry: VisitEntry, held: Mapping[tuple[UUID, UUID, UUID], Held]) -> Held:
    """The campaign's facts, from anything of it that was ever handed over to the rider."""
    for (holder_id, campaign_id, _), facts in held.items():
        if holder_id == entry.holder.id and campaign_id == entry.campaign_id:
            return facts
    raise NotHeld("Nothing of this campaign was handed over to you yet; the record is kept and counted then.")


def _same(entry: VisitEntry, stored: StoredVisit) -> bool:
    """Whether the sender says the same again. A zone the server found from the cell is not the sender's word."""
    return (
        stored.corrects_id is None
        and stored.rider_id == entry.holder.id
        and stored.campaign_id == entry.campaign_id
        and stored.result == entry.result
        and stored.visits == entry.visits
        and stored.cell == entry.cell
        and stored.visited_at == entry.handed_out_at
        and entry.zone_id in (None, stored.zone_id)
    )


def _judge_correction(entry: Entry, original: StoredVisit, visits: VisitFacts, facts: Facts) -> VisitVerdict:
    known = visits.stored.get(entry.id)
    if known is not None or entry.id in facts.stored:
        if known is not None and known.corrects_id == entry.corrects_id and entry.copies in (None, -known.visits):
            return VisitVerdict("duplicate")
        raise HandoutChanged("This id stands for a record with other content; make a new id.", handout_id=entry.id)
    check_clock(entry.id, entry.handed_out_at, facts.now)
    left = original.visits - visits.corrected.get(original.id, 0)
    taken = left if entry.copies is None else entry.copies
    if taken > left or left == 0:
        raise NothingToCorrect(f"{left} doors of this visit are left to take back.", field="copies", left=left)
    visits.corrected[original.id] = original.visits - left + taken
    stored = StoredVisit(
        id=entry.id, campaign_id=original.campaign_id, zone_id=original.zone_id, cell=original.cell,
        outlet_id=original.outlet_id, rider_id=original.rider_id, result=original.result, visits=-taken,
        day=original.day, visited_at=entry.handed_out_at, corrects_id=original.id, reason=entry.reason,
    )  # fmt: skip
    visits.stored[stored.id] = stored
    return VisitVerdict("recorded", stored=stored)
