"""Partners get zones in whole bundles, as evenly loaded as possible, with few zones split."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Any, cast

import numpy as np
import pytest
import scipy.optimize as scipy_optimize
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from dispatch.allocation.solver.assignment import Assignment, CapacityShort, assign

# scipy carries no types: named once here.
linprog = cast("Any", scipy_optimize).linprog


@dataclass(frozen=True)
class Demand:
    """A random problem, in copies."""

    quotas: NDArray[np.int64]
    capacity: NDArray[np.int64]
    totals: NDArray[np.int64]
    bundle: int

    def assigned(self) -> Assignment | CapacityShort:
        try:
            return assign(self.quotas, self.capacity, self.totals, bundle=self.bundle)
        except CapacityShort as short:
            return short


def random_demand(rng: np.random.Generator, zones: int, partners: int, largest: int = 12) -> Demand:
    bundle = (1, 10, 50)[rng.integers(3)]
    quotas = rng.integers(0, largest, zones)
    capacity = rng.integers(0, 2 * largest, (zones, partners)) * (rng.random((zones, partners)) < 0.7)
    fair_share = float(quotas.sum()) / partners
    totals = rng.integers(0, 1 + int(2.2 * fair_share), partners)
    return Demand(
        quotas * bundle,
        capacity * bundle + rng.integers(0, bundle, (zones, partners)),
        totals * bundle + rng.integers(0, bundle, partners),
        bundle,
    )


@st.composite
def demands(draw: st.DrawFn) -> Demand:
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    return random_demand(rng, draw(st.integers(1, 12)), draw(st.integers(1, 5)))


def linear_optimum(demand: Demand) -> float | None:
    """Least largest utilisation with divisible bundles by a general solver; None when infeasible."""
    zones, partners = demand.capacity.shape
    totals = demand.totals // demand.bundle
    room = np.minimum(demand.capacity // demand.bundle, demand.quotas[:, None] // demand.bundle)
    cost = np.zeros(zones * partners + 1)
    cost[-1] = 1.0
    rows = np.zeros((zones, zones * partners + 1))
    limits = np.zeros((partners, zones * partners + 1))
    for zone, partner in product(range(zones), range(partners)):
        rows[zone, zone * partners + partner] = 1.0
        limits[partner, zone * partners + partner] = 1.0
    limits[:, -1] = -totals
    bounds = [(0.0, float(most)) for most in room.ravel()] + [(0.0, 1.0)]
    found = linprog(cost, limits, np.zeros(partners), rows, demand.quotas // demand.bundle, bounds)
    return float(found.fun) if found.status == 0 else None


@given(demands())
def test_every_quota_is_met_within_every_capacity_in_whole_bundles(demand: Demand) -> None:
    plan = demand.assigned()
    if isinstance(plan, CapacityShort):
        assert plan.missing > 0
        assert plan.missing % demand.bundle == 0
        return
    assert np.array_equal(plan.copies.sum(axis=1), demand.quotas)
    assert np.all((plan.copies >= 0) & (plan.copies <= demand.capacity))
    assert np.all(plan.copies.sum(axis=0) <= demand.totals)
    assert np.all(plan.copies % demand.bundle == 0)
    assert plan.gap == 0.0
    assert plan.linear_bound <= plan.whole_bundle_bound <= 1.0
    shared = np.flatnonzero((plan.copies > 0).sum(axis=1) > 1)
    assert plan.split_zones == tuple(shared.tolist())
    assert len(shared) >= plan.unavoidable_splits


@settings(max_examples=60)
@given(demands())
def test_no_assignment_loads_the_busiest_partner_less(demand: Demand) -> None:
    plan, best = demand.assigned(), linear_optimum(demand)
    if isinstance(plan, CapacityShort):
        assert best is None
        return
    assert best is not None
    assert abs(plan.linear_bound - best) <= 1e-9


def fewest(demand: Demand) -> tuple[float, int] | None:
    """Largest utilisation and splits of the best assignment, by trying all of them."""
    partners = demand.capacity.shape[1]
    room, totals = demand.capacity // demand.bundle, demand.totals // demand.bundle
    options: list[list[tuple[int, ...]]] = [
        [
            part
            for part in product(*(range(int(min(room[zone, partner], quota)) + 1) for partner in range(partners)))
            if sum(part) == quota
        ]
        for zone, quota in enumerate((demand.quotas // demand.bundle).tolist())
    ]
    best: tuple[float, int] | None = None
    for choice in product(*options):
        amount = np.array(choice)
        used = amount.sum(axis=0)
        if np.all(used <= totals):
            found = (float((used / np.maximum(totals, 1)).max()), int(((amount > 0).sum(axis=1) > 1).sum()))
            best = found if best is None else min(best, found)
    return best


def test_tiny_problems_are_solved_as_well_as_by_trying_everything() -> None:
    rng = np.random.default_rng(5)
    extra_splits = 0
    for _ in range(60):
        demand = random_demand(rng, 4, 2, 6)
        plan, best = demand.assigned(), fewest(demand)
        if isinstance(plan, CapacityShort):
            assert best is None
            continue
        assert best is not None
        assert plan.largest_utilisation == best[0]
        extra_splits += len(plan.split_zones) - best[1]
    assert extra_splits <= 2


def test_zones_without_enough_partners_are_named_with_the_copies_missing() -> None:
    with pytest.raises(CapacityShort) as short:
        assign([500, 300, 200], [[400, 0], [300, 0], [0, 200]], [450, 1000], bundle=50)
    assert short.value.zones == (0, 1)
    assert short.value.partners == (0,)
    assert short.value.missing == 350


def test_a_zone_nobody_serves_is_named_alone() -> None:
    with pytest.raises(CapacityShort) as short:
        assign([100, 300], [[0, 0], [300, 300]], [1000, 1000])
    assert short.value.zones == (0,)
    assert short.value.missing == 100


def test_the_load_is_spread_by_capacity_not_by_order() -> None:
    plan = assign([100] * 12, np.full((12, 2), np.inf), [800, 1600], bundle=100)
    assert plan.copies.sum(axis=0).tolist() == [400, 800]
    assert plan.largest_utilisation == 0.5
    assert plan.split_zones == ()


def test_a_zone_is_split_only_when_it_must_be() -> None:
    plan = assign([300, 100], [[200, 200], [100, 100]], [400, 400], bundle=100)
    assert plan.split_zones == (0,)
    assert plan.unavoidable_splits == 1
    assert plan.largest_utilisation == 0.5


def test_an_exchange_of_whole_zones_spares_a_split() -> None:
    """Filling zones one after the other shares two of these whatever the order; the best there is shares one."""
    demand = Demand(np.array([7, 2, 3]), np.array([[1, 8, 0], [0, 3, 8], [11, 11, 2]]), np.array([6, 8, 8]), bundle=1)
    plan = assign(demand.quotas, demand.capacity, demand.totals)
    assert (plan.largest_utilisation, len(plan.split_zones)) == fewest(demand)
    assert plan.split_zones == (0,)


@pytest.mark.parametrize(
    ("quotas", "capacity", "totals"),
    [
        ([6, 5, 3, 1], [[6, 6], [5, 5], [3, 3], [1, 1]], [8, 9]),
        (
            [6, 1, 2, 4, 6, 6],
            [[6, 6, 2], [1, 0, 1], [2, 2, 3], [4, 4, 4], [2, 6, 1], [6, 6, 6]],
            [8, 8, 10],
        ),
        ([3, 2, 5, 2, 1, 6], [[3, 3, 3], [2, 2, 2], [5, 5, 2], [2, 0, 2], [0, 2, 1], [6, 6, 6]], [8, 8, 6]),
        ([6, 2, 3, 5, 3, 1], [[6, 6, 6], [2, 2, 1], [3, 3, 3], [5, 0, 5], [3, 3, 3], [1, 1, 1]], [6, 7, 8]),
    ],
)
def test_zones_are_exchanged_between_partners_where_that_alone_keeps_all_of_them_whole(
    quotas: list[int], capacity: list[list[int]], totals: list[int]
) -> None:
    """Giving whole zones to the partner with most to spare, in any order, splits a zone in each of these cities."""
    plan = assign(quotas, capacity, totals)
    assert plan.split_zones == ()
    assert plan.copies.sum(axis=1).tolist() == quotas
    assert plan.gap == 0.0


def test_partners_without_capacity_get_nothing_and_zones_without_quota_need_nobody() -> None:
    plan = assign([0, 200], [[10, 10], [200, 200]], [0, 400])
    assert plan.copies.tolist() == [[0, 0], [0, 200]]
    assert plan.utilisation.tolist() == [0.0, 0.5]
    empty = assign([], np.zeros((0, 2)), [10, 10])
    assert empty.largest_utilisation == 0.0


def test_many_zones_are_split_less_often_than_there_are_partners() -> None:
    rng = np.random.default_rng(9)
    quotas = rng.integers(1, 60, 300) * 50
    capacity = np.where(rng.random((300, 12)) < 0.5, quotas[:, None] * 2, 0)
    plan = assign(quotas, capacity, np.full(12, int(1.4 * quotas.sum() / 12)), bundle=50)
    assert len(plan.split_zones) - plan.unavoidable_splits < 12
    assert plan.whole_bundle_bound - plan.linear_bound < 0.01


def test_bad_figures_are_refused() -> None:
    with pytest.raises(ValueError, match="multiple"):
        assign([120], [[200]], [200], bundle=50)
    with pytest.raises(ValueError, match="fit together"):
        assign([100], [[200, 100]], [200])
    with pytest.raises(ValueError, match="numbers"):
        assign([100], [[float("nan")]], [200])
    with pytest.raises(ValueError, match="finite"):
        assign([100], [[200]], [float("inf")])
    with pytest.raises(ValueError, match="negative"):
        assign([100], [[-1]], [200])
