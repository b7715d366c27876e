"""How many copies each zone gets: the exact maximum of expected weighted reach, with its proof.

The objective Σ w·H·g(v·n/H; a) is separable and concave, so water-filling to one marginal gain λ gives the real-valued
answer, and exchanging whole bundles by their gain from there gives the exact integer one. The order of bundles is
strict (gain, then the zone's place in the list), so a plan for fewer copies is always contained in a plan for more.

Notation: H households, w weight, v genuine share, n copies, a spread of order rates. Inside, amounts are counted in
bundles; copies appear only at the edges. Proofs and sources: dispatch/reach/README.md, sections "Allocation to zones",
"Certificate of a plan" and "Rules of thumb".
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dispatch.allocation.solver.floors import (
    Counts,
    Infeasible,
    InfeasibleReason,
    bundle_limits,
    floor_copies,
    largest_feasible_floor,
)
from dispatch.reach.checked import checked_numbers
from dispatch.reach.curve import PRIOR_MEDIAN_A, Floats, reach

__all__ = [
    "Allocation",
    "Infeasible",
    "RuleComparison",
    "allocate",
    "compare_rules",
    "floor_copies",
    "largest_feasible_floor",
    "proportional_copies",
]

_BISECTIONS: Final = 120
_ALL_ALIKE: Final = 1e-200
"""Below this a·mu is no longer a normal float: the limit a → 0 is taken instead."""


@dataclass(frozen=True, slots=True)
class Allocation:
    """Copies per zone and the certificate that no other allocation does better.

    Gains are expected weighted households per bundle. The plan is optimal when best_next ≤ worst_last; dual_bound is
    λN + Σ max (f − λn), which no allocation passes.
    """

    copies: Counts
    unallocated: int
    """Copies left because they do not fill a bundle."""
    objective: float
    best_next: float | None
    """Largest gain of one more bundle anywhere; None when every zone is at its capacity."""
    worst_last: float | None
    """Smallest gain of a bundle given above the floors; None when every zone is at its floor."""
    multiplier: float
    dual_bound: float
    relative_gap: float


@dataclass(frozen=True, slots=True)
class RuleComparison:
    """Expected weighted reach of the optimum and of two rules of thumb; the gains are shares of the rule's figure."""

    optimum: float
    by_households: float
    by_risk_times_households: float
    gain_over_households: float
    gain_over_risk_times_households: float


@dataclass(frozen=True, slots=True)
class _Zones:
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


def _zones(
    copies: int,
    households: ArrayLike,
    weights: ArrayLike,
    genuine: ArrayLike,
    a: float,
    lower: ArrayLike | None,
    upper: ArrayLike | None,
    bundle: int,
) -> _Zones:
    if copies < 0 or bundle < 1:
        raise ValueError("copies must not be negative and a bundle holds at least one copy")
    if not math.isfinite(a) or a < 0.0:
        raise ValueError("a must be finite and not negative")
    homes = checked_numbers("households", households)
    count = len(homes)
    low, high = bundle_limits(copies, homes, lower, upper, bundle)
    zones = _Zones(
        homes,
        checked_numbers("weights", weights, count),
        checked_numbers("genuine", genuine, count, 1.0),
        a,
        bundle,
        low,
        high,
    )
    _refuse_infeasible(copies, zones, upper)
    return zones


def _refuse_infeasible(copies: int, zones: _Zones, upper: ArrayLike | None) -> None:
    bundles, bundle = copies // zones.bundle, zones.bundle
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
    feasible = largest_feasible_floor(copies, zones.households, zones.a, zones.genuine, upper=upper, bundle=bundle)
    raise Infeasible(reason, feasible, shortage, tuple(int(zone) for zone in np.flatnonzero(over > 0)))


def allocate(
    copies: int,
    households: ArrayLike,
    weights: ArrayLike,
    genuine: ArrayLike = 1.0,
    a: float = PRIOR_MEDIAN_A,
    *,
    lower: ArrayLike | None = None,
    upper: ArrayLike | None = None,
    bundle: int = 1,
) -> Allocation:
    """Share the copies among the zones so that the expected weighted reach is as large as it can be.

    Args:
        copies: copies to allocate; what does not fill a bundle stays unallocated.
        households: households per zone, shape (Z,); a zone without any gets no more than its lower bound.
        weights: risk weight × group weight per zone, ≥ 0, (Z,) or one number.
        genuine: genuine share per zone, 0 to 1, (Z,) or one number.
        a: squared coefficient of variation of order rates; 0 means all order alike.
        lower: fewest copies per zone (a floor, or what is already done), rounded up to whole bundles.
        upper: most copies per zone (capacity), rounded down to whole bundles; None means no limit.
        bundle: copies per bundle.

    Raises:
        ValueError: a number is NaN, infinite, negative, or a genuine share is over 1.
        Infeasible: floors or capacities cannot be kept.
    """
    zones = _zones(copies, households, weights, genuine, a, lower, upper, bundle)
    bundles = copies // bundle
    given, best_next, worst_last = _exchange(zones, _water_level(zones, bundles), bundles)
    multiplier = _multiplier(best_next, worst_last)
    objective = math.fsum(zones.values(given))
    bound = _dual_bound(zones, multiplier, bundles, given)
    return Allocation(
        copies=given * bundle,
        unallocated=copies - bundles * bundle,
        objective=objective,
        best_next=best_next,
        worst_last=worst_last,
        multiplier=multiplier,
        dual_bound=bound,
        relative_gap=(bound - objective) / objective if objective > 0.0 else 0.0,
    )


def _demand(zones: _Zones, log_multiplier: float) -> Floats:
    """Real-valued bundles per zone whose marginal gain is the multiplier, within the bounds."""
    useful = zones.useful
    step = np.where(useful, zones.step, 1.0)
    slope = np.log(np.where(useful, zones.weights * zones.households, 1.0)) + np.log(step)
    stretch = (slope - log_multiplier) / (1.0 + zones.a)
    with np.errstate(over="ignore"):
        amount = (np.expm1(zones.a * stretch) / zones.a if zones.a > _ALL_ALIKE else stretch) / step
    return np.where(useful, np.clip(amount, zones.lower, zones.upper), zones.lower)


def _water_level(zones: _Zones, bundles: int) -> Counts:
    """Whole bundles just below the level at which the real-valued demands use up what there is."""
    useful = zones.useful
    if not np.any(useful):
        return zones.lower.copy()
    step = zones.step[useful]
    slope = np.log(zones.weights[useful] * zones.households[useful]) + np.log(step)
    full = step * zones.upper[useful]
    missed = np.log1p(zones.a * full) / zones.a if zones.a > _ALL_ALIKE else full
    low, high = float(np.min(slope - missed - np.log1p(zones.a * full))) - 1.0, float(slope.max()) + 1.0
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2.0
        if _demand(zones, middle).sum() > bundles:
            low = middle
        else:
            high = middle
        if high - low <= 1e-15 * max(abs(low), abs(high), 1.0):
            break
    return np.floor(_demand(zones, high)).astype(np.int64)


class _Gains:
    """Logarithm of what the j-th bundle adds in a zone; logarithms never underflow, so the order stays strict."""

    def __init__(self, zones: _Zones) -> None:
        useful, self._a = zones.useful, zones.a if zones.a > _ALL_ALIKE else 0.0
        self._step: list[float] = np.where(useful, zones.step, 0.0).tolist()
        self._worth: list[float] = np.log(np.where(useful, zones.weights * zones.households, 1.0)).tolist()

    def __call__(self, zone: int, bundle: int) -> float:
        step, a = self._step[zone], self._a
        if step == 0.0:
            return -math.inf
        before = step * (bundle - 1)
        missed = math.log1p(a * before) / a if a else before
        drop = math.log1p(a * step / (1.0 + a * before)) / a if a else step
        return self._worth[zone] - missed + math.log(-math.expm1(-drop))


def _exchange(zones: _Zones, start: Counts, bundles: int) -> tuple[Counts, float | None, float | None]:
    """Give what is left by gain, then move bundles until no move helps; returns bundles, best next and worst last gain.

    Both heaps may hold outdated entries: one is current only while its bundle is the zone's next (or last).
    """
    gain, given, lower, upper = _Gains(zones), start.tolist(), zones.lower.tolist(), zones.upper.tolist()
    following = [(-gain(z, given[z] + 1), z, given[z] + 1) for z in range(len(given)) if given[z] < upper[z]]
    latest = [(gain(z, given[z]), -z, given[z]) for z in range(len(given)) if given[z] > lower[z]]
    heapq.heapify(following)
    heapq.heapify(latest)
    left = bundles - sum(given)

    def settle(zone: int, amount: int) -> None:
        given[zone] = amount
        if amount < upper[zone]:
            heapq.heappush(following, (-gain(zone, amount + 1), zone, amount + 1))
        if amount > lower[zone]:
            heapq.heappush(latest, (gain(zone, amount), -zone, amount))

    while True:
        while following and following[0][2] != given[following[0][1]] + 1:
            heapq.heappop(following)
        while latest and latest[0][2] != given[-latest[0][1]]:
            heapq.heappop(latest)
        if left > 0:
            if math.isinf(following[0][0]):
                _give_anywhere(given, upper, left)
                return np.array(given, dtype=np.int64), 0.0, 0.0
            left -= 1
            settle(following[0][1], following[0][2])
        elif following and latest and (-following[0][0], -following[0][1]) > latest[0][:2]:
            taker, giver = following[0][1], -latest[0][1]
            settle(taker, given[taker] + 1)
            settle(giver, given[giver] - 1)
        else:
            best = math.exp(-following[0][0]) if following else None
            worst = math.exp(latest[0][0]) if latest else None
            return np.array(given, dtype=np.int64), best, worst


def _give_anywhere(given: list[int], upper: list[int], left: int) -> None:
    """Fill up zones in their order with bundles that no longer add anything anywhere."""
    for zone, most in enumerate(upper):
        taken = min(most - given[zone], left)
        given[zone] += taken
        left -= taken


def _multiplier(best_next: float | None, worst_last: float | None) -> float:
    if best_next is None or worst_last is None:
        return best_next or worst_last or 0.0
    return math.sqrt(best_next) * math.sqrt(worst_last)


def _dual_bound(zones: _Zones, multiplier: float, bundles: int, given: Counts) -> float:
    """λN + Σ max over whole bundles of f − λn, found again from λ rather than from the plan it is to prove."""
    if multiplier <= 0.0:
        return math.fsum(zones.values(np.where(zones.useful, zones.upper, given)))
    centre = np.floor(_demand(zones, math.log(multiplier))).astype(np.int64)
    candidates = [given, *(np.clip(centre + shift, zones.lower, zones.upper) for shift in (-1, 0, 1, 2))]
    best = np.max([zones.values(amount) - multiplier * amount for amount in candidates], axis=0)
    return math.fsum([multiplier * bundles, *best.tolist()])


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
    zones = _zones(copies, np.ones(len(parts)), 1.0, 1.0, 0.0, lower, upper, bundle)
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
    _give_anywhere(filled, zones.upper.tolist(), bundles - sum(filled))
    return np.array(filled, dtype=np.int64) * bundle


def compare_rules(
    copies: int,
    households: ArrayLike,
    weights: ArrayLike,
    genuine: ArrayLike = 1.0,
    a: float = PRIOR_MEDIAN_A,
    *,
    lower: ArrayLike | None = None,
    upper: ArrayLike | None = None,
    bundle: int = 1,
) -> RuleComparison:
    """What the optimum gains over sharing by households and over risk × households, under the same bounds.

    Arguments and errors as `allocate`.
    """
    homes = checked_numbers("households", households)
    worth = homes * checked_numbers("weights", weights, len(homes))
    zones = _zones(copies, homes, weights, genuine, a, lower, upper, bundle)
    best = allocate(copies, homes, weights, genuine, a, lower=lower, upper=upper, bundle=bundle).objective
    low, high = zones.lower * bundle, zones.upper * bundle
    by_rule = [
        math.fsum(zones.values(proportional_copies(copies, part, lower=low, upper=high, bundle=bundle) // bundle))
        for part in (homes, worth)
    ]
    gains = [best / value - 1.0 if value > 0.0 else 0.0 for value in by_rule]
    return RuleComparison(best, by_rule[0], by_rule[1], gains[0], gains[1])
