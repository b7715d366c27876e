"""Which zones are behind what is due by today, and in which order it is worth while to go there.

Formulas: dispatch/reach/README.md, section "Gaps and the map".
"""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import numpy as np

from dispatch.reach.checked import Floats
from schemas.coverage import Gap, Standing, ZoneCoverage

GAP_PROBABILITY: Final = 0.8
"""A zone is a gap when the probability that it is behind what is due is so high."""


def standing_of(due_reach: float, meets_due: float | None) -> Standing | None:
    """Where a zone stands; None where reach does not apply."""
    if meets_due is None:
        return None
    if due_reach <= 0.0:
        return "not_due"
    if 1.0 - meets_due >= GAP_PROBABILITY:
        return "gap"
    return "on_course" if meets_due >= GAP_PROBABILITY else "undecided"


def standings(due: Floats, meets_due: Floats) -> tuple[Floats, Floats]:
    """The same for arrays: 1 where a zone is a gap, and 1 where that is undecided."""
    judged = (due > 0.0) & ~np.isnan(meets_due)
    gap = judged & (1.0 - meets_due >= GAP_PROBABILITY)
    undecided = judged & ~gap & (meets_due < GAP_PROBABILITY)
    return gap.astype(np.float64), undecided.astype(np.float64)


def rank_gaps(figures: Sequence[ZoneCoverage], weights: dict[UUID, float], target: float) -> list[Gap]:
    """The gaps among the zones, by risk weight × households × (due − reach), then by code."""
    ranked: list[tuple[float, float, ZoneCoverage]] = []
    for figure in figures:
        if figure.gap and figure.reach is not None and figure.households and figure.due_reach is not None:
            missing = figure.households * (figure.due_reach - figure.reach.median)
            ranked.append((weights.get(figure.zone_id, 1.0) * missing, missing, figure))
    ranked.sort(key=lambda entry: (-entry[0], entry[2].code))
    return [
        _gap(rank, priority, missing, figure, weights.get(figure.zone_id, 1.0), target)
        for rank, (priority, missing, figure) in enumerate(ranked, start=1)
    ]


def _gap(rank: int, priority: float, missing: float, figure: ZoneCoverage, weight: float, target: float) -> Gap:
    assert figure.reach is not None
    assert figure.households is not None
    assert figure.meets_target is not None
    assert figure.due_reach is not None
    assert figure.meets_due is not None
    return Gap(
        as_of=figure.as_of,
        rank=rank,
        zone_id=figure.zone_id,
        code=figure.code,
        name=figure.name,
        division_code=figure.division_code,
        households=figure.households,
        handed_out=figure.handed_out,
        reach=figure.reach,
        estimated_at=figure.estimated_at,
        due_reach=figure.due_reach,
        meets_due=figure.meets_due,
        meets_target=figure.meets_target,
        missing_households=missing,
        missing_to_target=max(0.0, figure.households * (target - figure.reach.median)),
        risk_weight=weight,
        priority=priority,
    )
