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

from dispatch.allocation.solver.task import SharingTask, Zones, zones_of
from dispatch.reach.checked import Counts, Floats

_BISECTIONS: Final = 120
_ALL_ALIKE: Final = 1e-200
"""Below this a·mu is no longer a normal float: the limit a → 0 is taken instead."""


@dataclass(frozen=True, slots=True)
class Optimum:
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


def allocate(task: SharingTask) -> Optimum:
    """Share the copies among the zones so that the expected weighted reach is as large as it can be.

    Raises:
        ValueError: a number is NaN, infinite, negative, or a genuine share is over 1.
        Infeasible: floors or capacities cannot be kept.
    """
    zones = zones_of(task)
    bundles = task.copies // task.bundle
    given, best_next, worst_last = _exchange(zones, _water_level(zones, bundles), bundles)
    multiplier = _multiplier(best_next, worst_last)
    objective = math.fsum(zones.values(given))
    bound = _dual_bound(zones, multiplier, bundles, given)
    return Optimum(
        copies=given * task.bundle,
        unallocated=task.copies - bundles * task.bundle,
        objective=objective,
        best_next=best_next,
        worst_last=worst_last,
        multiplier=multiplier,
        dual_bound=bound,
        relative_gap=(bound - objective) / objective if objective > 0.0 else 0.0,
    )


def _demand(zones: Zones, log_multiplier: float) -> Floats:
    """Real-valued bundles per zone whose marginal gain is the multiplier, within the bounds."""
    useful = zones.useful
    step = np.where(useful, zones.step, 1.0)
    slope = np.log(np.where(useful, zones.weights * zones.households, 1.0)) + np.log(step)
    stretch = (slope - log_multiplier) / (1.0 + zones.a)
    with np.errstate(over="ignore"):
        amount = (np.expm1(zones.a * stretch) / zones.a if zones.a > _ALL_ALIKE else stretch) / step
    return np.where(useful, np.clip(amount, zones.lower, zones.upper), zones.lower)


def _water_level(zones: Zones, bundles: int) -> Counts:
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

    def __init__(self, zones: Zones) -> None:
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


def _exchange(zones: Zones, start: Counts, bundles: int) -> tuple[Counts, float | None, float | None]:
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
                give_anywhere(given, upper, left)
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


def give_anywhere(given: list[int], upper: list[int], left: int) -> None:
    """Fill up zones in their order with bundles that no longer add anything anywhere."""
    for zone, most in enumerate(upper):
        taken = min(most - given[zone], left)
        given[zone] += taken
        left -= taken


def _multiplier(best_next: float | None, worst_last: float | None) -> float:
    if best_next is None or worst_last is None:
        return best_next or worst_last or 0.0
    return math.sqrt(best_next) * math.sqrt(worst_last)


def _dual_bound(zones: Zones, multiplier: float, bundles: int, given: Counts) -> float:
    """λN + Σ max over whole bundles of f − λn, found again from λ rather than from the plan it is to prove."""
    if multiplier <= 0.0:
        return math.fsum(zones.values(np.where(zones.useful, zones.upper, given)))
    centre = np.floor(_demand(zones, math.log(multiplier))).astype(np.int64)
    candidates = [given, *(np.clip(centre + shift, zones.lower, zones.upper) for shift in (-1, 0, 1, 2))]
    best = np.max([zones.values(amount) - multiplier * amount for amount in candidates], axis=0)
    return math.fsum([multiplier * bundles, *best.tolist()])
