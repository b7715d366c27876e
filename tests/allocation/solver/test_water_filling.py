"""The allocation is optimal, keeps its bounds, and says when it cannot."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import isclose
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from dispatch.allocation.solver.floors import Infeasible, floor_copies, largest_feasible_floor
from dispatch.allocation.solver.rules_of_thumb import compare_rules, proportional_copies
from dispatch.allocation.solver.task import SharingTask
from dispatch.allocation.solver.water_filling import Optimum, allocate
from dispatch.reach.curve import PRIOR_MEDIAN_A, reach
from tests.golden import golden

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class City:
    """A small random problem, in copies."""

    households: Floats
    weights: Floats
    genuine: Floats
    a: float
    bundle: int
    lower: NDArray[np.int64]
    upper: NDArray[np.int64]
    copies: int

    def task(self, copies: int | None = None) -> SharingTask:
        return SharingTask(
            copies=self.copies if copies is None else copies, households=self.households, weights=self.weights,
            genuine=self.genuine, a=self.a, lower=self.lower, upper=self.upper, bundle=self.bundle,
        )  # fmt: skip

    def in_order(self, order: list[int]) -> City:
        """The same city with its zones in another order."""
        return City(
            self.households[order], self.weights[order], self.genuine[order], self.a, self.bundle, self.lower[order],
            self.upper[order], self.copies,
        )  # fmt: skip

    def value(self, zone: int, copies: int) -> float:
        homes = self.households[zone]
        if homes == 0.0:
            return 0.0
        return float(self.weights[zone] * homes * reach(self.genuine[zone] * copies / homes, self.a))


def share(
    copies: int, households: Any, weights: Any, genuine: Any = 1.0, a: float = PRIOR_MEDIAN_A, **limits: Any
) -> Optimum:
    return allocate(SharingTask(copies=copies, households=households, weights=weights, genuine=genuine, a=a, **limits))


def random_city(rng: np.random.Generator) -> City:
    zones, bundle = int(rng.integers(1, 6)), (1, 1, 5, 50)[rng.integers(4)]
    lower = rng.integers(0, 4, zones) * bundle
    upper = lower + rng.integers(0, 12, zones) * bundle
    least, most = int(lower.sum()), int(upper.sum())
    copies = int(rng.integers(least, most + 1))
    return City(
        households=rng.integers(1, 400, zones).astype(np.float64),
        weights=np.exp(rng.normal(0.0, 0.7, zones)),
        genuine=rng.uniform(0.5, 1.0, zones),
        a=(0.0, 0.05, 0.5, 1.5, 5.0)[rng.integers(5)],
        bundle=bundle,
        lower=lower.astype(np.int64),
        upper=upper.astype(np.int64),
        copies=copies,
    )


def best_by_dynamic_programming(city: City) -> float:
    bundles = city.copies // city.bundle
    best = np.full(bundles + 1, -np.inf)
    best[0] = 0.0
    for zone in range(len(city.households)):
        following = np.full(bundles + 1, -np.inf)
        for amount in range(city.lower[zone] // city.bundle, city.upper[zone] // city.bundle + 1):
            if amount <= bundles:
                gained = best[: bundles + 1 - amount] + city.value(zone, amount * city.bundle)
                following[amount:] = np.maximum(following[amount:], gained)
        best = following
    return float(best[bundles])


def test_plan_agrees_with_the_reference_figures() -> None:
    for row in golden("allocation"):
        households, genuine = row["households"], row["genuine"]
        floor = floor_copies(households, row["a"], genuine, row["floor"])
        plan = share(row["copies"], households, row["weights"], genuine, row["a"], lower=floor)
        assert plan.copies.tolist() == row["plan"]
        assert isclose(plan.objective, row["objective"], rel_tol=1e-12)
        assert isclose(plan.best_next or 0.0, row["best_next"], rel_tol=1e-9)
        assert isclose(plan.worst_last or 0.0, row["worst_last"], rel_tol=1e-9)
        assert isclose(plan.dual_bound, row["dual_bound"], rel_tol=1e-12)


def test_no_plan_is_better_on_three_hundred_small_cities() -> None:
    rng = np.random.default_rng(300)
    for _ in range(300):
        city = random_city(rng)
        plan = allocate(city.task())
        best = best_by_dynamic_programming(city)
        assert isclose(plan.objective, best, rel_tol=1e-9)
        assert abs(plan.relative_gap) <= 1e-9
        assert plan.unallocated == city.copies % city.bundle


@st.composite
def small_cities(draw: st.DrawFn) -> City:
    return random_city(np.random.default_rng(draw(st.integers(0, 2**32 - 1))))


cities = small_cities()


@given(cities)
def test_all_copies_are_given_in_whole_bundles_within_the_bounds(city: City) -> None:
    plan = allocate(city.task())
    assert plan.copies.sum() + plan.unallocated == city.copies
    assert np.all(plan.copies % city.bundle == 0)
    assert np.all((plan.copies >= city.lower) & (plan.copies <= city.upper))
    if plan.best_next is not None and plan.worst_last is not None:
        assert plan.best_next <= plan.worst_last * (1.0 + 1e-12)
    assert plan.dual_bound >= plan.objective * (1.0 - 1e-12)


@given(cities, st.randoms(use_true_random=False))
def test_the_order_of_the_zones_does_not_matter(city: City, random: Any) -> None:
    order = list(range(len(city.households)))
    random.shuffle(order)
    plans = [allocate(city.task()), allocate(city.in_order(order).task())]
    assert isclose(plans[0].objective, plans[1].objective, rel_tol=1e-12)
    assert np.array_equal(plans[0].copies[order], plans[1].copies)


@given(cities, st.floats(0.0, 1.0))
def test_a_plan_for_fewer_copies_is_contained_in_a_plan_for_more(city: City, share: float) -> None:
    fewer = int(city.lower.sum() + share * (city.copies - city.lower.sum()))
    single = replace(city, bundle=1)
    plans = [allocate(single.task(copies)) for copies in (fewer, city.copies)]
    assert np.all(plans[0].copies <= plans[1].copies)


def test_waves_replanned_from_what_is_done_give_the_same_plan() -> None:
    households, weights = [6000.0, 2000.0, 9000.0], [1.0, 2.0, 0.6]
    first = share(4000, households, weights, 0.9, bundle=50)
    second = share(9000, households, weights, 0.9, bundle=50, lower=first.copies)
    assert second.copies.tolist() == share(9000, households, weights, 0.9, bundle=50).copies.tolist()


def test_zones_without_households_get_nothing() -> None:
    plan = share(1000, [0.0, 500.0, 0.0, 800.0], 1.0, lower=0)
    assert plan.copies[[0, 2]].tolist() == [0, 0]
    assert plan.copies.sum() == 1000


def test_a_zone_of_no_weight_gets_copies_only_when_all_others_are_full() -> None:
    plan = share(1000, [500.0, 500.0], [0.0, 1.0], upper=[2000, 700])
    assert plan.copies.tolist() == [300, 700]
    assert plan.best_next == 0.0


def test_equal_zones_differ_by_at_most_a_bundle_however_many_copies() -> None:
    for a in (0.0, 1e-250, 0.5):
        plan = share(2_000_050, [1000.0, 1000.0, 1000.0], 1.0, 1.0, a, bundle=50)
        assert np.ptp(plan.copies) <= 50


def test_copies_that_fill_no_bundle_stay_unallocated() -> None:
    plan = share(1049, [500.0, 700.0], 1.0, bundle=50)
    assert plan.unallocated == 49
    assert plan.copies.sum() == 1000


def test_floors_beyond_the_copies_name_the_largest_feasible_floor() -> None:
    households = [6000.0, 2000.0, 9000.0]
    with pytest.raises(Infeasible) as refused:
        share(5000, households, 1.0, lower=floor_copies(households, 1.5, 1.0, 0.4))
    assert refused.value.reason == "floors_exceed_copies"
    assert refused.value.shortage == int(floor_copies(households, 1.5, 1.0, 0.4).sum()) - 5000
    floor = refused.value.largest_feasible_floor
    assert floor is not None
    assert 0.2 < floor < 0.4
    assert floor_copies(households, 1.5, 1.0, floor).sum() <= 5000
    assert floor_copies(households, 1.5, 1.0, floor + 1e-3).sum() > 5000


def test_the_largest_floor_named_is_one_the_plan_accepts() -> None:
    """Also where a zone cannot take all it would need: there are copies enough, but not where they would have to go."""
    households, upper = [6000.0, 2000.0, 0.0], [900, 5000, 500]
    with pytest.raises(Infeasible) as refused:
        share(20_000, households, 1.0, lower=[0, 0, 0], upper=upper, bundle=50)
    assert refused.value.reason == "copies_exceed_capacity"
    floor = largest_feasible_floor(5000, households, 1.5, upper=upper, bundle=50)
    assert 0.1 < floor < 0.2, "900 copies for 6000 households"
    needed = floor_copies(households, 1.5, 1.0, floor)
    plan = share(5000, households, 1.0, lower=needed, upper=upper, bundle=50)
    assert np.all(plan.copies >= needed)
    with pytest.raises(Infeasible) as refused:
        share(5000, households, 1.0, lower=floor_copies(households, 1.5, 1.0, floor + 1e-3), upper=upper, bundle=50)
    assert (refused.value.reason, refused.value.zones) == ("floor_above_capacity", (0,))


def test_a_floor_above_a_capacity_names_the_zone() -> None:
    with pytest.raises(Infeasible) as refused:
        share(5000, [600.0, 600.0], 1.0, lower=[100, 300], upper=[1000, 200])
    assert refused.value.reason == "floor_above_capacity"
    assert refused.value.zones == (1,)
    assert refused.value.shortage == 100


def test_a_zone_where_nobody_lives_limits_no_floor() -> None:
    alone = largest_feasible_floor(500, [600.0], 1.5, lower=[0], upper=[1000])
    assert largest_feasible_floor(505, [600.0, 0.0], 1.5, lower=[0, 5], upper=[1000, 3]) == alone > 0


def test_copies_nobody_can_take_are_not_hidden() -> None:
    with pytest.raises(Infeasible) as refused:
        share(5000, [600.0, 600.0], 1.0, upper=[1000, 1999], bundle=500)
    assert refused.value.reason == "copies_exceed_capacity"
    assert refused.value.shortage == 2500


def test_a_floor_no_copy_can_reach_is_infeasible() -> None:
    with pytest.raises(Infeasible) as refused:
        floor_copies([600.0, 600.0, 0.0], 1.5, [1.0, 0.0, 0.0], 0.1)
    assert refused.value.reason == "floor_unreachable"
    assert refused.value.zones == (1,)
    assert largest_feasible_floor(100, [600.0, 600.0], 1.5, [1.0, 0.0]) == 0.0


@given(
    st.lists(st.integers(0, 20_000), min_size=1, max_size=6),
    st.floats(0.0, 0.9),
    st.sampled_from([0.0, 0.5, 1.5, 3.0]),
    st.floats(0.3, 1.0),
)
def test_floor_copies_are_enough_and_one_fewer_is_not(
    households: list[int], kappa: float, a: float, genuine: float
) -> None:
    floor = floor_copies([float(homes) for homes in households], a, genuine, kappa)
    for homes, copies in zip(households, floor.tolist(), strict=True):
        if homes == 0:
            assert copies == 0
            continue
        assert reach(genuine * copies / homes, a) >= kappa - 1e-9
        if copies > 0:
            assert reach(genuine * (copies - 1) / homes, a) < kappa


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -1.0])
def test_a_number_that_is_no_count_is_refused(bad: float) -> None:
    for call in (
        lambda: share(100, [500.0, bad], 1.0),
        lambda: share(100, [500.0, 500.0], [1.0, bad]),
        lambda: share(100, [500.0, 500.0], 1.0, bad),
        lambda: share(100, [500.0, 500.0], 1.0, 1.0, bad),
        lambda: share(100, [500.0, 500.0], 1.0, lower=[bad, 0.0]),
        lambda: floor_copies([500.0], 1.5, 1.0, bad),
    ):
        with pytest.raises(ValueError, match="must"):
            call()


def test_the_optimum_is_never_worse_than_a_rule_of_thumb() -> None:
    rng = np.random.default_rng(7)
    households = np.round(np.exp(rng.normal(8.5, 0.7, 60)))
    weights = np.exp(rng.normal(0.0, 0.5, 60))
    compared = compare_rules(
        SharingTask(copies=200_000, households=households, weights=weights, genuine=0.95, lower=0, bundle=50)
    )
    assert compared.optimum >= compared.by_risk_times_households >= compared.by_households
    assert 0.0 < compared.gain_over_risk_times_households < compared.gain_over_households


@settings(max_examples=50)
@given(cities)
def test_shares_in_proportion_keep_sum_and_bounds(city: City) -> None:
    copies = proportional_copies(city.copies, city.households, lower=city.lower, upper=city.upper, bundle=city.bundle)
    assert copies.sum() == city.copies - city.copies % city.bundle
    assert np.all((copies >= city.lower) & (copies <= city.upper))


def test_copies_in_proportion_to_households_differ_by_at_most_one() -> None:
    assert proportional_copies(100, [1.0, 1.0, 2.0]).tolist() == [25, 25, 50]
    assert proportional_copies(101, [1.0, 1.0, 2.0]).sum() == 101
    assert proportional_copies(90, [0.0, 0.0, 0.0]).tolist() == [30, 30, 30]
