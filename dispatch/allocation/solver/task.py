"""What is to be shared among which zones, and the same checked and in bundles.

Inside the solver amounts are counted in bundles; copies appear only at the edges.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dispatch.allocation.solver.floors import (
    Counts,
    Infeasible,
    InfeasibleReason,
    bundle_limits,
    largest_feasible_floor,
)
from dispatch.reach.checked import checked_numbers
from dispatch.reach.curve import PRIOR_MEDIAN_A, Floats, reach


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class SharingTask:
    """Copies to be shared among zones, and what a copy is worth where."""

    copies: int
    """Copies to allocate; what does not fill a bundle stays unallocated."""
    households: ArrayLike
    """Households per zone, shape (Z,); a zone without any gets no more than its lower bound."""
    weights: ArrayLike
    """Risk weight × group weight per zone, ≥ 0, (Z,) or one number."""
    genuine: ArrayLike = 1.0
    """Genuine share per zone, 0 to 1, (Z,) or one number."""
    a: float = PRIOR_MEDIAN_A
    """Squared coefficient of variation of order rates; 0 means all order alike."""
    lower: ArrayLike | None = None
    """Fewest copies per zone (a floor, or what is already done), rounded up to whole bundles."""
    upper: ArrayLike | None = None
    """Most copies per zone (capacity), rounded down to whole bundles; None means no limit."""
    bundle: int = 1
    """Copies per bundle."""


@dataclass(frozen=True, slots=True)
class Zones:
    """The checked problem, in bundles: arrays of one length, lower ≤ upper."""

    households: Floats
    weights: Floats
    genuine: Floats
    a: float
    bundle: int
    lower: Counts
    upper: Counts

    @property
    def step(self) -> Floats:
        """Genuine copies per household that one bundle adds; 0 where a bundle adds nothing."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(self.households > 0.0, self.genuine * self.bundle / self.households, 0.0)

    @property
    def useful(self) -> NDArray[np.bool_]:
        return (self.households > 0.0) & (self.weights > 0.0) & (self.genuine > 0.0)

    def values(self, bundles: Floats | Counts) -> Floats:
        return self.weights * self.households * reach(self.step * bundles, self.a)


def zones_of(task: SharingTask) -> Zones:
    """The task checked, in bundles.

    Raises:
        ValueError: a number is NaN, infinite, negative, or a genuine share is over 1.
        Infeasible: floors or capacities cannot be kept.
    """
    if task.copies < 0 or task.bundle < 1:
        raise ValueError("copies must not be negative and a bundle holds at least one copy")
    if not math.isfinite(task.a) or task.a < 0.0:
        raise ValueError("a must be finite and not negative")
    homes = checked_numbers("households", task.households)
    count = len(homes)
    low, high = bundle_limits(task.copies, homes, task.lower, task.upper, task.bundle)
    zones = Zones(
        homes,
        checked_numbers("weights", task.weights, count),
        checked_numbers("genuine", task.genuine, count, 1.0),
        task.a,
        task.bundle,
        low,
        high,
    )
    _refuse_infeasible(task, zones)
    return zones


def _refuse_infeasible(task: SharingTask, zones: Zones) -> None:
    bundles, bundle = task.copies // task.bundle, task.bundle
    over = zones.lower - zones.upper
    if np.any(over > 0):
        reason: InfeasibleReason = "floor_above_capacity"
        shortage = int(over[over > 0].sum()) * bundle
    elif zones.lower.sum() > bundles:
        reason, shortage = "floors_exceed_copies", int(zones.lower.sum() - bundles) * bundle
    elif zones.upper.sum() < bundles:
        raise Infeasible("copies_exceed_capacity", None, int(bundles - zones.upper.sum()) * bundle)
    else:
        return
    feasible = largest_feasible_floor(
        task.copies, zones.households, zones.a, zones.genuine, upper=task.upper, bundle=bundle
    )
    raise Infeasible(reason, feasible, shortage, tuple(int(zone) for zone in np.flatnonzero(over > 0)))
