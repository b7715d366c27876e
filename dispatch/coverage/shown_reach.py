"""Which reach is shown: the stored estimate, or what copies alone say where none is stored."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import numpy as np
from msgspec import Struct

from dispatch.coverage.estimates import StoredArea, StoredReach
from dispatch.reach.checked import Floats
from dispatch.reach.copies_alone import AreaFigure, Reach, estimate, estimate_area
from schemas.coverage import ReachFigure


class ZoneTallies(Struct, frozen=True, kw_only=True):
    """One zone's counts as read. `households` None or 0: not applicable; `planned` None: not the caller's to see."""

    zone_id: UUID
    code: str
    name: str
    kind: str = "other"
    division_code: str
    households: int | None = None
    population: int | None = None
    handed_out: int = 0
    in_person: int = 0
    first_yes: int = 0
    first_asked: int = 0
    first_unknown: int = 0
    planned: int | None = None


def _columns(zones: Sequence[ZoneTallies]) -> tuple[Floats, Floats]:
    households = np.array([zone.households or 0 for zone in zones], dtype=np.float64)
    return households, np.array([zone.handed_out for zone in zones], dtype=np.float64)


class ShownReach(Struct, frozen=True, kw_only=True):
    """A zone's reach as shown."""

    figure: ReachFigure
    meets_target: float
    estimated_at: datetime | None


def shown_reach(
    zones: Sequence[ZoneTallies], target: float, stored: dict[UUID, StoredReach]
) -> list[ShownReach | None]:
    """Reach of each zone, None without households: as it is stored, or else from the copies alone.

    A zone that is newer than the stored estimates has none among them.
    """
    shown = {
        zone.zone_id: _shown_stored(stored[zone.zone_id])
        for zone in zones
        if zone.households and zone.zone_id in stored
    }
    left = [zone for zone in zones if zone.households and shown.get(zone.zone_id) is None]
    if left:
        households, copies = _columns(left)
        reach = estimate(copies, households, target)
        shown |= {zone.zone_id: _shown_copies(reach, place) for place, zone in enumerate(left)}
    return [shown.get(zone.zone_id) for zone in zones]


def _shown_stored(stored: StoredReach) -> ShownReach | None:
    if stored.median is None or stored.meets_target is None:
        return None
    figure = _stored_figure(stored)
    return ShownReach(figure=figure, meets_target=stored.meets_target, estimated_at=stored.estimated_at)


def _stored_figure(stored: StoredReach | StoredArea) -> ReachFigure:
    assert stored.median is not None
    assert stored.low is not None
    assert stored.high is not None
    return ReachFigure(
        median=stored.median,
        low=stored.low,
        high=stored.high,
        level=stored.level,
        sources_disagree=stored.sources_disagree,
        first_copy=stored.first_copy_share,
        spot_check=stored.spot_check_share,
    )


def copies_figure(alone: AreaFigure) -> ReachFigure:
    """Reach by the copies alone, as it is shown."""
    return ReachFigure(
        median=alone.median, low=alone.low, high=alone.high, level="C", sources_disagree=False, first_copy=None,
        spot_check=None,
    )  # fmt: skip


def _shown_copies(reach: Reach, place: int) -> ShownReach:
    alone = AreaFigure(float(reach.median[place]), float(reach.low[place]), float(reach.high[place]))
    return ShownReach(
        figure=copies_figure(alone), meets_target=float(reach.meets_target[place]), estimated_at=None
    )  # fmt: skip


def shown_area_reach(zones: Sequence[ZoneTallies], stored: StoredArea | None = None) -> ReachFigure | None:
    """Household-weighted reach of several zones, as it is stored or from the copies alone; None without households."""
    households, copies = _columns(zones)
    if not households.any():
        return None
    if stored is not None:
        return _stored_figure(stored)
    alone = estimate_area(copies, households)
    return None if alone is None else copies_figure(alone)
