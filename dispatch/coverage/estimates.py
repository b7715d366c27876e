"""Estimated reach as it is computed from all the evidence and stored: zones, and every area a caller may have.

Separate from dispatch.reach.posterior, which knows arrays and nothing of zones' codes, divisions or rows. Formulas:
dispatch/reach/README.md, sections "Posterior" and "Areas".
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import numpy as np
from msgspec import Struct, structs

from dispatch.reach.copies_alone import estimate_area
from dispatch.reach.evidence import Alone, Evidence, EvidenceLevel, Flags
from dispatch.reach.posterior import AreaReach, ReachEstimate, area_reach, estimate_reach


class ZoneEvidence(Struct, frozen=True, kw_only=True):
    """All that is known of one zone's reach: copies of the materials that count, answers, closed spot checks."""

    zone_id: UUID
    division_code: str
    households: int | None
    copies: int
    first_yes: int
    first_asked: int
    have: int
    sampled: int


class StoredReach(ZoneEvidence, frozen=True, kw_only=True):
    """A zone's figure with the evidence it was computed from; median None: not applicable."""

    median: float | None
    low: float | None
    high: float | None
    meets_target: float | None
    level: EvidenceLevel
    sources_disagree: bool
    first_copy_share: float | None
    spot_check_share: float | None
    estimated_at: datetime

    @property
    def evidence(self) -> ZoneEvidence:
        """What it was computed from."""
        return ZoneEvidence(**{name: getattr(self, name) for name in ZoneEvidence.__struct_fields__})


class StoredArea(Struct, frozen=True, kw_only=True):
    """The household-weighted figure of all zones whose division code begins with a prefix."""

    division_prefix: str
    median: float
    low: float
    high: float
    level: EvidenceLevel
    sources_disagree: bool
    first_copy_share: float | None
    spot_check_share: float | None
    estimated_at: datetime


class Estimates(Struct, frozen=True, kw_only=True):
    """Everything that is stored of a campaign. `a_median`, `a_log_sd`: how unevenly households order."""

    zones: list[StoredReach]
    areas: list[StoredArea]
    a_median: float
    a_log_sd: float


def compute_estimates(evidence: Sequence[ZoneEvidence], target: float, now: datetime) -> Estimates:
    """Estimate every zone and area. Takes some seconds for a thousand zones: run it in a thread.

    Args:
        evidence: the city's zones, in any order.
        target: reach aimed at, a share.
        now: becomes `estimated_at`.

    Raises:
        ValueError: a part is larger than its whole (first_yes > first_asked, have > sampled), or a count is negative.
    """
    found = estimate_reach(
        Evidence(
            households=[float(zone.households or 0) for zone in evidence],
            copies=[float(zone.copies) for zone in evidence],
            firsts=[float(zone.first_yes) for zone in evidence],
            asked=[float(zone.first_asked) for zone in evidence],
            have=[float(zone.have) for zone in evidence],
            sampled=[float(zone.sampled) for zone in evidence],
        ),
        target,
    )
    log_a = np.log(found.a_nodes)
    centre = float(found.a_weight @ log_a)
    return Estimates(
        zones=[_zone(zone, found, place, now) for place, zone in enumerate(evidence)],
        areas=_areas(evidence, found, now),
        a_median=float(np.exp(centre)),
        a_log_sd=float(np.sqrt(found.a_weight @ (log_a - centre) ** 2)),
    )


def _zone(zone: ZoneEvidence, found: ReachEstimate, place: int, now: datetime) -> StoredReach:
    low, median, high = (_known(values[place]) for values in (found.lower, found.median, found.upper))
    return StoredReach(
        **structs.asdict(zone),
        median=median,
        low=None if low is None or median is None else max(0.0, min(low, median)),
        high=None if high is None or median is None else min(1.0, max(high, median)),
        meets_target=_known(found.reaches_target[place]),
        level=found.level[place],
        sources_disagree=bool(found.sources_disagree[place]),
        first_copy_share=_alone(found.first_copy_alone, place),
        spot_check_share=_alone(found.spot_check_alone, place),
        estimated_at=now,
    )


def _areas(evidence: Sequence[ZoneEvidence], found: ReachEstimate, now: datetime) -> list[StoredArea]:
    """A row for every beginning of every division code; prefixes with the same zones are computed once."""
    codes = [zone.division_code for zone in evidence]
    prefixes = sorted({code[:length] for code in codes for length in range(len(code) + 1)} | {""})
    by_members: dict[bytes, StoredArea | None] = {}
    areas: list[StoredArea] = []
    for prefix in prefixes:
        members: Flags = np.array([code.startswith(prefix) for code in codes], dtype=np.bool_)
        if members.tobytes() not in by_members:
            by_members[members.tobytes()] = _area(evidence, found, members, now)
        area = by_members[members.tobytes()]
        if area is not None:
            areas.append(structs.replace(area, division_prefix=prefix))
    return areas


def _area(evidence: Sequence[ZoneEvidence], found: ReachEstimate, members: Flags, now: datetime) -> StoredArea | None:
    area = area_reach(found, members)
    if area is None:
        return None
    low, median, high, level = _area_figure(evidence, members, area)
    return StoredArea(
        division_prefix="",
        median=median,
        low=max(0.0, min(low, median)),
        high=min(1.0, max(high, median)),
        level=level,
        sources_disagree=area.sources_disagree,
        first_copy_share=area.first_copy_alone,
        spot_check_share=area.spot_check_alone,
        estimated_at=now,
    )


def _area_figure(
    evidence: Sequence[ZoneEvidence], members: Flags, area: AreaReach
) -> tuple[float, float, float, EvidenceLevel]:
    """Low, middle, high and level. Where the sources contradict each other the figure is that of the copies alone: a
    mean of the two would look like knowledge."""
    inside = [zone for zone, member in zip(evidence, members.tolist(), strict=True) if member]
    if area.sources_disagree:
        alone = estimate_area([zone.copies for zone in inside], [zone.households or 0 for zone in inside])
        if alone is not None:
            return alone.low, alone.median, alone.high, "C"
    return area.lower, area.mean, area.upper, area.level


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _alone(source: Alone, place: int) -> float | None:
    return _known(source.mean[place])
