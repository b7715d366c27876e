"""Judges the records of calls against the facts: what was agreed to first, then the rules of each kind of record.

sent ──decode──▶ entry ──judge──▶ recorded   written with stock and tallies
                               ├▶ duplicate  already on record with the same content
                               └▶ rejected   kept with its problem; judged again when the cause may be gone
"""

from collections.abc import Sequence
from typing import Literal, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from dispatch.handouts.entries import Entry, Prepared
from dispatch.handouts.handout_rules import judge_correction, judge_handout
from dispatch.handouts.rules import CorrectionEntry, Facts, HandoutEntry, Stored
from dispatch.handouts.visit_rules import (
    StoredVisit,
    VisitEntry,
    VisitFacts,
    corrected_visit,
    judge_visit,
    judge_visit_correction,
)
from dispatch.problems import Problem

Confirmed = TypeVar("Confirmed", HandoutEntry, VisitEntry)


class ConsentWithdrawn(Problem):
    """The rider withdrew from taking part before this was confirmed."""

    slug, title, status = "consent-withdrawn", "You withdrew from taking part", 409


class LocationWithdrawn(Problem):
    """The rider withdrew the use of location before this was confirmed, and the record names no zone."""

    slug, title, status = "location-withdrawn", "You withdrew the use of location", 422


class Verdict(Struct, frozen=True):
    """`stored`: the record is to be recorded. `problem`: it is refused. Neither: it is on record already."""

    stored: Stored | StoredVisit | None = None
    problem: Problem | None = None

    @property
    def outcome(self) -> Literal["recorded", "duplicate", "rejected"]:
        """The verdict in a word."""
        if self.problem is not None:
            return "rejected"
        return "duplicate" if self.stored is None else "recorded"


def judge_calls(calls: Sequence[Sequence[Prepared]], facts: Facts, visits: VisitFacts) -> list[list[Verdict]]:
    """Judge the records of several calls in the order sent, all against the same facts, which judging updates: a later
    record sees what an earlier one took."""
    return [[_judge(prepared, facts, visits) for prepared in call] for call in calls]


def _judge(prepared: Prepared, facts: Facts, visits: VisitFacts) -> Verdict:
    if isinstance(prepared, Problem):
        return Verdict(problem=prepared)
    try:
        return Verdict(stored=_judge_entry(prepared, facts, visits))
    except Problem as problem:
        return Verdict(problem=problem)


def _judge_entry(entry: Entry, facts: Facts, visits: VisitFacts) -> Stored | StoredVisit | None:
    if isinstance(entry, CorrectionEntry):
        # It only takes back, and that is always allowed.
        original = corrected_visit(entry, visits)
        if original is None:
            return judge_correction(entry, facts)
        return judge_visit_correction(entry, original, visits, facts)
    if isinstance(entry, VisitEntry):
        return judge_visit(_as_agreed(entry, facts, visits), visits, facts)
    return judge_handout(_as_agreed(entry, facts, visits), facts)


def _as_agreed(entry: Confirmed, facts: Facts, visits: VisitFacts) -> Confirmed:
    """The entry without what the rider no longer agrees to. Raises the problem that keeps it out."""
    known = facts.stored.get(entry.id) or visits.stored.get(entry.id)
    if known is not None:
        # Sent again: the cell that was left out then is left out again, whatever was agreed to since.
        return entry if known.cell is not None else replace(entry, cell=None)
    left_at = facts.withdrawn.get((entry.holder.id, "taking_part"))
    if left_at is not None and entry.at >= left_at:
        raise ConsentWithdrawn("You withdrew from taking part; agree to the notice again to go on.")
    since = facts.withdrawn.get((entry.holder.id, "location"))
    if since is None or entry.cell is None or entry.at < since:
        return entry
    if entry.zone_id is None:
        raise LocationWithdrawn("You withdrew the use of location; name the zone instead.", field="zone_id")
    return replace(entry, cell=None)
