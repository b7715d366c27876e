"""Records and facts of a small city, for rules that need no database."""

import copy
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from dispatch.database.ids import day_of, new_id
from dispatch.handouts.rules import CopiesHolder, CorrectionEntry, Facts, HandoutEntry, Held, Stored
from dispatch.handouts.visit_rules import StoredVisit, VisitEntry, VisitFacts
from dispatch.problems import Problem

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2027, 4, 20, 2, 0, tzinfo=UTC)
EARLIER = NOW - timedelta(minutes=5)
STARTS, ENDS = date(2027, 3, 15), date(2027, 6, 22)
MICROSECOND = timedelta(microseconds=1)

CAMPAIGN, OTHER_CAMPAIGN, LEAFLET, POSTER, RIDER, COLLEAGUE, OUTLET, ZONE, OTHER_ZONE = (
    UUID(int=number) for number in range(1, 10)
)
CELL, CELL_OUTSIDE = 0x8931AA5A9C3FFFF, 0x8931AA5A9CFFFFF
NO_CELL, COARSE_CELL = 0x89FFFFFFFFFFFFF, 0x8831AA5A9DFFFFF
ME, OTHER = CopiesHolder("rider", RIDER, OUTLET), CopiesHolder("rider", COLLEAGUE, OUTLET)
ID, HANDOUT_ID, CORRECTION_ID, VISIT_ID, FREE_ID = (new_id(EARLIER, number) for number in range(5))


def local(*at: int) -> datetime:
    """A moment in the city, as year, month, day, hour, minute, …"""
    return datetime(*at, tzinfo=SHANGHAI).astimezone(UTC)  # type: ignore[arg-type]


def held(**more: Any) -> Held:
    """A hundred leaflets of the open campaign."""
    values: dict[str, Any] = {
        "quantity": 100, "campaign_open": True, "starts_on": STARTS, "ends_on": ENDS,
        "channels": ["in_person", "placed"], "counts": True,
    }  # fmt: skip
    return Held(**{**values, **more})


def facts(*stored: Stored, held_: Held | None = None, **more: Any) -> Facts:
    """What is known when the rider holds a hundred leaflets, with these handouts on record."""
    values: dict[str, Any] = {
        "now": NOW, "timezone": SHANGHAI, "held": {(RIDER, CAMPAIGN, LEAFLET): held_ or held()},
        "stored": {each.id: each for each in stored}, "corrected": {}, "zone_of_cell": {CELL: ZONE},
        "zones": frozenset({ZONE, OTHER_ZONE}), "withdrawn": {},
    }  # fmt: skip
    return Facts(**{**values, **more})


def visit_facts(*stored: StoredVisit, corrected: dict[UUID, int] | None = None) -> VisitFacts:
    """These visits are on record."""
    return VisitFacts(stored={each.id: each for each in stored}, corrected=corrected or {})


def handout(**more: Any) -> HandoutEntry:
    """One leaflet, in person, five minutes ago."""
    values: dict[str, Any] = {
        "id": ID, "holder": ME, "campaign_id": CAMPAIGN, "material_id": LEAFLET, "channel": "in_person", "copies": 1,
        "at": EARLIER, "cell": CELL,
    }  # fmt: skip
    return HandoutEntry(**{**values, **more})


def correction(**more: Any) -> CorrectionEntry:
    """All that is left of the handout on record."""
    values: dict[str, Any] = {
        "id": CORRECTION_ID, "holder": ME, "corrects_id": HANDOUT_ID, "copies": None, "at": NOW, "reason": "按错了",
    }  # fmt: skip
    return CorrectionEntry(**{**values, **more})


def visit(**more: Any) -> VisitEntry:
    """Two doors at which the copy was declined, five minutes ago."""
    values: dict[str, Any] = {
        "id": ID, "holder": ME, "campaign_id": CAMPAIGN, "result": "declined", "visits": 2, "at": EARLIER, "cell": CELL,
    }  # fmt: skip
    return VisitEntry(**{**values, **more})


def stored(**more: Any) -> Stored:
    """A handout of ten copies on record."""
    values: dict[str, Any] = {
        "id": HANDOUT_ID, "id_day": day_of(HANDOUT_ID), "campaign_id": CAMPAIGN, "zone_id": ZONE, "cell": CELL,
        "outlet_id": OUTLET, "holder_id": RIDER, "holder_kind": "rider", "material_id": LEAFLET, "channel": "in_person",
        "copies": 10, "day": date(2027, 4, 20), "handed_out_at": EARLIER, "counts": True,
    }  # fmt: skip
    return Stored(**{**values, **more})


def stored_visit(**more: Any) -> StoredVisit:
    """A visit of four doors on record."""
    values: dict[str, Any] = {
        "id": VISIT_ID, "campaign_id": CAMPAIGN, "zone_id": ZONE, "cell": CELL, "outlet_id": OUTLET, "rider_id": RIDER,
        "result": "declined", "visits": 4, "day": date(2027, 4, 20), "visited_at": EARLIER,
    }  # fmt: skip
    return StoredVisit(**{**values, **more})


def refused(judge: Callable[[], object], *known: Facts | VisitFacts) -> Problem:
    """The problem that is raised. A refusal has changed nothing of what is known."""
    before = copy.deepcopy(known)
    with pytest.raises(Problem) as caught:
        judge()
    assert known == before
    return caught.value
