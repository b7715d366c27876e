"""Which reach is shown: the kept estimate, or what copies alone say where none is kept; and what was measured."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import numpy as np
from msgspec import Struct

from dispatch.coverage.estimates import KeptArea, KeptReach
from dispatch.reach.copies_alone import Reach, estimate, estimate_area
from dispatch.reach.curve import Floats
from dispatch.reach.spot_checks import wilson
from schemas.coverage import ReachFigure, VerifiedReach


class ZoneTallies(Struct, frozen=True, kw_only=True):
    """One zone's counts as read. `households` None or 0: not applicable; `planned` None: not the caller's to see."""

    zone_id: UUID
    code: str
    name: str
    division_code: str
    households: int | None = None
    population: int | None = None
    handed_out: int = 0
    in_person: int = 0
    first_yes: int = 0
    first_asked: int = 0
    first_unknown: int = 0
    planned: int | None = None


class Checked(Struct, frozen=True, kw_only=True):
    """Households asked in closed spot checks of one zone, and how many of them have it."""

    zone_id: UUID
    asked: int
    have: int
    checked_at: datetime


class Findings(Struct, frozen=True, kw_only=True):
    """What is known besides the counts, by zone id. Nothing: reach is estimated from the copies alone."""

    kept: dict[UUID, KeptReach] = {}
    area: KeptArea | None = None
    checked: dict[UUID, Checked] = {}


NO_FINDINGS: Final = Findings()


def _columns(zones: Sequence[ZoneTallies]) -> tuple[Floats, Floats]:
    households = np.array([zone.households or 0 for zone in zones], dtype=np.float64)
    return households, np.array([zone.handed_out for zone in zones], dtype=np.float64)


class ShownReach(Struct, frozen=True, kw_only=True):
    """A zone's reach as shown."""

    figure: ReachFigure
    meets_target: float
    estimated_at: datetime | None


def shown_reach(zones: Sequence[ZoneTallies], target: float, kept: dict[UUID, KeptReach]) -> list[ShownReach | None]:
    """Reach of each zone, None without households: as it is kept, or else from the copies alone.

    A zone that is newer than the kept estimates has none among them.
    """
    found = {
        zone.zone_id: _shown_kept(kept[zone.zone_id]) for zone in zones if zone.households and zone.zone_id in kept
    }
    left = [zone for zone in zones if zone.households and found.get(zone.zone_id) is None]
    if left:
        households, copies = _columns(left)
        reach = estimate(copies, households, target)
        found |= {zone.zone_id: _shown_copies(reach, place) for place, zone in enumerate(left)}
    return [found.get(zone.zone_id) for zone in zones]


def _shown_kept(kept: KeptReach) -> ShownReach | None:
    if kept.median is None or kept.meets_target is None:
        return None
    return ShownReach(figure=_kept_figure(kept), meets_target=kept.meets_target, estimated_at=kept.estimated_at)


def _kept_figure(kept: KeptReach | KeptArea) -> ReachFigure:
    assert kept.median is not None
    assert kept.low is not None
    assert kept.high is not None
    return ReachFigure(
        median=kept.median,
        low=kept.low,
        high=kept.high,
        level=kept.level,
        sources_disagree=kept.sources_disagree,
        first_copy=kept.first_copy_share,
        spot_check=kept.spot_check_share,
    )


def _copies_figure(median: float, low: float, high: float) -> ReachFigure:
    return ReachFigure(
        median=median, low=low, high=high, level="C", sources_disagree=False, first_copy=None, spot_check=None
    )


def _shown_copies(reach: Reach, place: int) -> ShownReach:
    figure = _copies_figure(float(reach.median[place]), float(reach.low[place]), float(reach.high[place]))
    return ShownReach(figure=figure, meets_target=float(reach.meets_target[place]), estimated_at=None)


def area_reach(zones: Sequence[ZoneTallies], kept: KeptArea | None = None) -> ReachFigure | None:
    """Household-weighted reach of several zones, as it is kept or from the copies alone; None without households."""
    households, copies = _columns(zones)
    if not households.any():
        return None
    if kept is not None:
        return _kept_figure(kept)
    found = estimate_area(copies, households)
    return None if found is None else _copies_figure(*found)


def verified_reach(checked: Sequence[Checked]) -> VerifiedReach | None:
    """All households asked in these zones together; None when nobody was."""
    have, asked = sum(zone.have for zone in checked), sum(zone.asked for zone in checked)
    interval = wilson(have, asked)
    if interval is None:
        return None
    return VerifiedReach(
        share=have / asked,
        low=interval[0],
        high=interval[1],
        asked=asked,
        have=have,
        zones=len(checked),
        checked_at=max(zone.checked_at for zone in checked),
    )
