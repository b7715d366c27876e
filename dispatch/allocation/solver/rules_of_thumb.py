"""How copies would be shared without the optimiser: in proportion to households, or to risk × households."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from dispatch.allocation.solver.task import SharingTask, zones_of
from dispatch.allocation.solver.water_filling import allocate, give_anywhere
from dispatch.reach.checked import Counts, checked_numbers

_BISECTIONS: Final = 120


@dataclass(frozen=True, slots=True)
class RuleComparison:
    """Expected weighted reach of the optimum and of two rules of thumb; the gains are shares of the rule's figure."""

    optimum: float
    by_households: float
    by_risk_times_households: float
    gain_over_households: float
    gain_over_risk_times_households: float


def proportional_copies(
    copies: int,
    shares: ArrayLike,
    *,
    lower: ArrayLike | None = None,
    upper: ArrayLike | None = None,
    bundle: int = 1,
) -> Counts:
    """Copies in proportion to the shares within the bounds, whole bundles by largest remainder: a rule of thumb.

    Shares that are all 0 count as equal.

    Raises:
        ValueError: a share or bound is NaN, infinite or negative.
        Infeasible: the bounds cannot be kept.
    """
    parts = checked_numbers("shares", shares)
    parts = parts if parts.any() else np.ones(len(parts))
    task = SharingTask(
        copies=copies, households=np.ones(len(parts)), weights=1.0, a=0.0, lower=lower, upper=upper, bundle=bundle
    )
    zones = zones_of(task)
    bundles = copies // bundle
    low, high = 0.0, 1e12 * (bundles + 1.0) / float(parts.max(initial=1e-300))
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2.0
        if np.clip(middle * parts, zones.lower, zones.upper).sum() > bundles:
            high = middle
        else:
            low = middle
    exact = np.clip(low * parts, zones.lower, zones.upper)
    given = np.floor(exact).astype(np.int64)
    largest_remainder = np.argsort(given - exact, kind="stable")
    room = largest_remainder[given[largest_remainder] < zones.upper[largest_remainder]]
    given[room[: bundles - int(given.sum())]] += 1
    filled: list[int] = given.tolist()
    give_anywhere(filled, zones.upper.tolist(), bundles - sum(filled))
    return np.array(filled, dtype=np.int64) * bundle


def compare_rules(task: SharingTask) -> RuleComparison:
    """What the optimum gains over sharing by households and over risk × households, under the same bounds.

    Raises what `allocate` raises.
    """
    zones = zones_of(task)
    best = allocate(task).objective
    low, high = zones.lower * task.bundle, zones.upper * task.bundle
    by_rule: list[float] = []
    for shares in (zones.households, zones.weights * zones.households):
        copies = proportional_copies(task.copies, shares, lower=low, upper=high, bundle=task.bundle)
        by_rule.append(math.fsum(zones.values(copies // task.bundle)))
    gains = [best / value - 1.0 if value > 0.0 else 0.0 for value in by_rule]
    return RuleComparison(best, by_rule[0], by_rule[1], gains[0], gains[1])
