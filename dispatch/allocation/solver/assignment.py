"""Which partner hands out how many of a zone's copies: the load spread as evenly as it can be, zones split seldom.

First the largest utilisation (assigned ÷ total capacity of a partner) is made as small as whole bundles allow. That is
exact: starting from a bound no assignment can beat, limits rise from one bottleneck to the next, each of which
proves the rise necessary, until all quotas fit. Then, under those limits, zones shared by several partners are made
few; that part is a search without proof of being the fewest (the problem contains bin packing), and says how many
splits no assignment could avoid. Method and sources: dispatch/reach/README.md, section "Partners of a zone".
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dispatch.allocation.solver.splits import reduce_splits
from dispatch.allocation.solver.transport import Flow, fill_whole_zones, saturate
from dispatch.reach.checked import Counts

_MOST_BEGINNINGS: Final = 30
_CELLS_SEARCHED: Final = 30_000

__all__ = ["Assignment", "CapacityShort", "assign"]


class CapacityShort(Exception):
    """Some zones need more copies than all partners that serve them can take.

    Attributes:
        zones: places of the zones that together need too much.
        partners: places of the partners that are full because of them.
        missing: copies that cannot be assigned however the rest is arranged.
    """

    def __init__(self, zones: tuple[int, ...], partners: tuple[int, ...], missing: int) -> None:
        super().__init__(f"{missing} copies of {len(zones)} zones find no partner")
        self.zones = zones
        self.partners = partners
        self.missing = missing


@dataclass(frozen=True, slots=True)
class Assignment:
    """Copies per zone and partner, with the proof that no other assignment loads its busiest partner less."""

    copies: Counts
    """Shape (Z, F)."""
    utilisation: NDArray[np.float64]
    """Assigned ÷ total capacity in whole bundles, shape (F,); 0 for a partner without capacity."""
    largest_utilisation: float
    whole_bundle_bound: float
    """Least largest utilisation of any assignment in whole bundles, from the last bottleneck."""
    linear_bound: float
    """Least largest utilisation were bundles divisible: the optimum of the linear programme."""
    gap: float
    """largest_utilisation − whole_bundle_bound."""
    split_zones: tuple[int, ...]
    """Places of the zones that more than one partner serves."""
    unavoidable_splits: int
    """Zones for which no single partner has the capacity."""


def assign(quotas: ArrayLike, capacity: ArrayLike, totals: ArrayLike, *, bundle: int = 1) -> Assignment:
    """Give every zone's copies to partners in whole bundles.

    Args:
        quotas: copies per zone, shape (Z,), multiples of the bundle.
        capacity: copies each partner can hand out in each zone, shape (Z, F), rounded down to bundles;
            infinity means only the total counts.
        totals: copies each partner can hand out in all, shape (F,), rounded down to bundles.
        bundle: copies per bundle.

    Raises:
        ValueError: a number is NaN or negative, a total is infinite, shapes differ, a quota is no multiple.
        CapacityShort: the partners cannot take it all.
    """
    needs, room, most = _in_bundles(quotas, capacity, totals, bundle)
    flow = Flow(needs, room, np.zeros_like(most), np.zeros_like(room))
    level, linear_start = _least_level(flow, most, bundle)
    limits = _limits(level, most)
    unavoidable = int(np.sum(np.minimum(room, limits).max(axis=1, initial=0) < needs))
    amount = _seldom_split(needs, room, limits, unavoidable)
    used = amount.sum(axis=0)
    utilisation = np.where(most > 0, used / np.maximum(most, 1), 0.0)
    largest = float(utilisation.max(initial=0.0))
    shared = (amount > 0).sum(axis=1) > 1
    return Assignment(
        copies=amount * bundle,
        utilisation=utilisation,
        largest_utilisation=largest,
        whole_bundle_bound=float(level),
        linear_bound=float(_linear_level(needs, room, most, linear_start)),
        gap=largest - float(level),
        split_zones=tuple(int(zone) for zone in np.flatnonzero(shared)),
        unavoidable_splits=unavoidable,
    )


def _seldom_split(needs: Counts, room: Counts, limits: Counts, unavoidable: int) -> Counts:
    """The assignment with the fewest shared zones of several searches, begun from different orders of the zones.

    The orders are the same every time. Small cities are worth many beginnings, large ones hardly need a second.
    """
    best, fewest = np.zeros_like(room), len(needs) + 1
    for beginning in range(max(1, min(_MOST_BEGINNINGS, _CELLS_SEARCHED // max(1, room.size)))):
        flow = Flow(needs, room, limits, np.zeros_like(room))
        fill_whole_zones(flow, np.random.default_rng(beginning).permutation(len(needs)) if beginning else None)
        saturate(flow)
        reduce_splits(flow)
        splits = int(np.sum((flow.amount > 0).sum(axis=1) > 1))
        if splits < fewest:
            best, fewest = flow.amount, splits
        if fewest <= unavoidable:
            break
    return best


def _in_bundles(
    quotas: ArrayLike, capacity: ArrayLike, totals: ArrayLike, bundle: int
) -> tuple[Counts, Counts, Counts]:
    wanted, most = np.asarray(quotas, dtype=np.float64), np.asarray(totals, dtype=np.float64)
    room = np.asarray(capacity, dtype=np.float64)
    if wanted.ndim != 1 or most.ndim != 1 or room.shape != (len(wanted), len(most)):
        raise ValueError("quotas (Z,), capacity (Z, F) and totals (F,) must fit together")
    if bundle < 1:
        raise ValueError("a bundle must hold at least one copy")
    if not (np.all(np.isfinite(wanted)) and np.all(np.isfinite(most))) or np.any(np.isnan(room)):
        raise ValueError("quotas and totals must be finite, capacities numbers")
    if np.any(wanted < 0.0) or np.any(most < 0.0) or np.any(room < 0.0):
        raise ValueError("quotas, capacities and totals must not be negative")
    if np.any(wanted % bundle != 0.0):
        raise ValueError("every quota must be a multiple of the bundle")
    needs = (wanted // bundle).astype(np.int64)
    limits = (most // bundle).astype(np.int64)
    # Room beyond the quota or the partner's total can never be used.
    useful = np.minimum(np.minimum(np.floor(room / bundle), needs[:, None]), limits).astype(np.int64)
    return needs, useful, limits


def _limits(level: Fraction, most: Counts) -> Counts:
    """Whole bundles each partner may take at this utilisation."""
    return np.array([level.numerator * total // level.denominator for total in most.tolist()], dtype=np.int64)


def _least_level(flow: Flow, most: Counts, bundle: int) -> tuple[Fraction, Fraction]:
    """Least largest utilisation in whole bundles, and the best bound met on the way for divisible bundles."""
    level = linear = Fraction(0)
    while (bottleneck := saturate(flow)) is not None:
        at_most = int(most[bottleneck.partners].sum())
        if bottleneck.needed > at_most:
            _refuse(flow, most, bundle)
        linear = max(linear, Fraction(bottleneck.needed, at_most))
        level = _next_level(most[bottleneck.partners].tolist(), bottleneck.needed)
        flow.limits = _limits(level, most)
    return level, linear


def _refuse(flow: Flow, most: Counts, bundle: int) -> None:
    """Name everything that is missing with all capacity in use, not just what the search met first."""
    flow.limits = most
    short = saturate(flow)
    assert short is not None
    zones, partners = (tuple(int(place) for place in np.flatnonzero(part)) for part in (short.zones, short.partners))
    raise CapacityShort(zones, partners, short.missing * bundle)


def _next_level(totals: list[int], needed: int) -> Fraction:
    """Least utilisation at which these partners' whole bundles come to what is needed."""
    whole = sum(totals)
    taken = [needed * total // whole for total in totals]
    steps = [
        (Fraction(amount + 1, total), place)
        for place, (amount, total) in enumerate(zip(taken, totals, strict=True))
        if total
    ]
    heapq.heapify(steps)
    level = Fraction(needed, whole)
    for _ in range(needed - sum(taken)):
        level, place = heapq.heappop(steps)
        taken[place] += 1
        heapq.heappush(steps, (Fraction(taken[place] + 1, totals[place]), place))
    return level


def _linear_level(needs: Counts, room: Counts, most: Counts, start: Fraction) -> Fraction:
    """Least largest utilisation with divisible bundles: amounts are multiplied until the limits are whole numbers."""
    level = start
    while level > 0:
        scale = level.denominator
        flow = Flow(needs * scale, room * scale, most * level.numerator, np.zeros_like(room))
        fill_whole_zones(flow)
        bottleneck = saturate(flow)
        if bottleneck is None:
            return level
        level = Fraction(bottleneck.needed, int(most[bottleneck.partners].sum()) * scale)
    return level
