"""The reach curve against scipy, the golden figures and its own laws."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import ArrayLike
from scipy.stats import nbinom

from dispatch.reach.checked import Floats
from dispatch.reach.curve import copies_for_reach, derivative, reach, zone_reach
from tests.golden import golden

# scipy carries no types: named once here.
negative_binomial_survival = cast("Callable[..., Floats]", nbinom.sf)  # pyright: ignore[reportUnknownMemberType]

copies_per_household = st.floats(0.0, 1e6)
spread = st.one_of(st.just(0.0), st.floats(1e-12, 1e3))


def occupancy(mu: ArrayLike) -> Floats:
    """The share reached when every household is equally likely to get each copy."""
    return -np.expm1(-np.asarray(mu, dtype=np.float64))


def test_the_curve_agrees_with_the_reference_figures() -> None:
    for row in golden("uneven_reach"):
        mu = row["copies"] / row["households"]
        assert abs(reach(mu, row["a"]) - row["at_least_one"]) <= 1e-12
    for row in golden("even_reach"):
        assert abs(reach(row["copies"] / row["households"], 0.0) - row["at_least_one"]) <= 1e-12


def test_reach_is_the_share_of_the_negative_binomial_with_one_copy_or_more() -> None:
    rng = np.random.default_rng(20270315)
    mu = np.exp(rng.uniform(-8.0, 5.0, 3000))
    a = np.exp(rng.uniform(np.log(0.05), np.log(20.0), 3000))
    expected = negative_binomial_survival(0, 1.0 / a, 1.0 / (1.0 + a * mu))
    assert np.max(np.abs(reach(mu, a) - expected)) <= 1e-12


def test_six_thousand_copies_reach_fewer_than_half_of_six_thousand_households() -> None:
    assert abs((zone_reach(6000, 6000) or 0.0) - 0.457116476681) <= 1e-12
    assert abs((zone_reach(6000, 6000, genuine_share=0.5) or 0.0) - reach(0.5, 1.5)) <= 1e-15


def test_no_households_is_not_applicable_and_no_copies_is_nobody() -> None:
    assert zone_reach(500, 0) is None
    assert zone_reach(0, 0) is None
    assert zone_reach(0, 500) == 0.0


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -1.0])
def test_a_number_that_is_no_count_is_refused(bad: float) -> None:
    with pytest.raises(ValueError, match="must"):
        reach(bad, 1.5)
    with pytest.raises(ValueError, match="must"):
        reach([0.5, 1.0], bad)
    with pytest.raises(ValueError, match="must"):
        derivative([0.5, bad], 1.5)
    with pytest.raises(ValueError, match="must"):
        copies_for_reach([0.5, bad], 1.5)
    with pytest.raises(ValueError, match="must"):
        zone_reach(bad, 500)
    with pytest.raises(ValueError, match="must"):
        zone_reach(10, 0, genuine_share=bad)


def test_more_than_everything_can_be_neither_genuine_nor_a_target() -> None:
    with pytest.raises(ValueError, match="genuine_share"):
        zone_reach(10, 500, genuine_share=1.01)
    with pytest.raises(ValueError, match="target"):
        copies_for_reach(1.01, 1.5)


def test_when_all_order_alike_the_curve_is_occupancy() -> None:
    mu = np.linspace(0.0, 30.0, 200)
    for a in (0.0, 5e-324, 1e-300, 1e-16):
        assert np.max(np.abs(reach(mu, a) - occupancy(mu))) <= 1e-14


def test_extreme_figures_stay_finite_shares() -> None:
    mu = np.array([0.0, 5e-324, 1e-12, 1.0, 700.0, 1e9, 1e308])
    for a in (0.0, 5e-324, 1e-12, 1.5, 1e6, 1e308):
        share = reach(mu, a)
        assert np.all((share >= 0.0) & (share <= 1.0))
        assert np.all(np.diff(share) >= 0.0)
        assert np.all(np.isfinite(derivative(mu, a)))
    assert abs(reach(1e-12, 1.5) - 1e-12) <= 1e-21


@given(copies_per_household, copies_per_household, spread)
def test_more_copies_never_reach_fewer_and_each_adds_less(first: float, second: float, a: float) -> None:
    low, high = sorted((first, second))
    middle = (low + high) / 2.0
    at_low, at_middle, at_high = reach([low, middle, high], a)
    assert at_low <= at_middle + 1e-15
    assert at_middle <= at_high + 1e-15
    assert at_middle >= (at_low + at_high) / 2.0 - 1e-12
    assert derivative(low, a) >= derivative(high, a) - 1e-15


@given(copies_per_household, spread, spread)
def test_reach_stays_below_copies_and_occupancy_and_falls_with_unevenness(
    mu: float, first: float, second: float
) -> None:
    share = float(reach(mu, first))
    assert 0.0 <= share <= min(1.0, mu * (1.0 + 1e-15))
    assert share <= occupancy(mu) + 1e-12
    low, high = sorted((first, second))
    assert reach(mu, low) >= reach(mu, high) - 1e-12


@given(st.floats(0.0, 0.999), st.floats(0.0, 5.0))
def test_the_inverse_gives_the_copies_the_target_needs(target: float, a: float) -> None:
    assert abs(reach(copies_for_reach(target, a), a) - target) <= 1e-12


@given(st.floats(1e-3, 50.0), st.floats(0.0, 10.0))
def test_the_slope_is_that_of_the_curve(mu: float, a: float) -> None:
    width = 1e-5 * mu
    measured = (reach(mu + width, a) - reach(mu - width, a)) / (2.0 * width)
    assert abs(derivative(mu, a) - measured) <= 1e-5 * measured + 1e-8


def test_reaching_nobody_needs_no_copy_and_no_number_of_copies_reaches_everybody() -> None:
    assert copies_for_reach(0.0, 1.5) == 0.0
    assert copies_for_reach(1.0, 1.5) == np.inf
