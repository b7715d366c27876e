"""Reach from copies alone: what a count of copies says, and how little it settles."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.reach.copies_alone import PRIOR_ORDERS, Orders, estimate, estimate_area, orders
from dispatch.reach.curve import reach
from dispatch.reach.quantiles import NORMAL_NODES


def test_one_copy_per_household_by_hand() -> None:
    # g(1; 1.5) = 1 − 2.5^(−2/3) = 0.45712
    found = estimate([1000], [1000])
    assert found.median[0] == pytest.approx(1 - 2.5 ** (-1 / 1.5), abs=1e-12)
    assert found.low[0] < 0.35
    assert 0.5 < found.high[0] < 0.6


@given(copies=st.integers(0, 10**7), households=st.integers(1, 10**6), more=st.integers(0, 10**6))
def test_reach_is_a_share_never_over_copies_per_household_and_grows_with_copies(
    copies: int, households: int, more: int
) -> None:
    found = estimate([copies, copies + more], [households, households])
    for place, number in enumerate((copies, copies + more)):
        assert 0 <= found.low[place] <= found.median[place] <= found.high[place] <= min(1.0, number / households)
        assert 0 <= found.meets_target[place] <= 1
    assert found.low[1] >= found.low[0]
    assert found.high[1] >= found.high[0]
    assert found.meets_target[1] >= found.meets_target[0] - 1e-9


@given(copies=st.integers(0, 100_000), households=st.integers(1, 50_000))
def test_a_city_of_one_zone_has_the_reach_of_the_zone(copies: int, households: int) -> None:
    alone, area = estimate([copies], [households]), estimate_area([copies], [households])
    assert area is not None
    assert area.median == pytest.approx(alone.median[0], abs=1e-12)
    assert area.low == pytest.approx(alone.low[0], abs=0.01)
    assert area.high == pytest.approx(alone.high[0], abs=0.01)


def test_a_citys_reach_weighs_its_zones_by_households_and_leaves_out_those_without() -> None:
    # g(1; 1.5) in 1000 homes and nothing in 3000: a quarter of it.
    area = estimate_area([1000, 0, 500], [1000, 3000, 0])
    assert area is not None
    assert area.median == pytest.approx((1 - 2.5 ** (-1 / 1.5)) / 4, abs=1e-12)
    assert estimate_area([5], [0]) is None


def test_many_zones_together_are_surer_than_one_but_not_of_how_unevenly_households_order() -> None:
    one, many = estimate_area([1000], [1000]), estimate_area([1000] * 400, [1000] * 400)
    assert one is not None
    assert many is not None
    assert many.high - many.low < one.high - one.low
    # What is unknown of a is shared by all zones: four hundred of them do not average it out.
    at_middle_registry = reach(1.0, PRIOR_ORDERS.a_nodes)
    assert many.high - many.low > 0.8 * (np.quantile(at_middle_registry, 0.75) - np.quantile(at_middle_registry, 0.25))


def plainly_computed(mu: float, spread: Orders, target: float) -> tuple[float, float, float]:
    """Low, high and P(R ≥ target) from a fine grid of a and the registry's seven errors, without tables."""
    steps = np.linspace(-4.0, 4.0, 2001)
    weight = np.exp(-0.5 * steps**2)
    a = spread.a_median * np.exp(spread.a_log_sd * steps)
    errors = np.exp(np.sqrt(np.log1p(0.01)) * NORMAL_NODES)
    values = reach(mu * errors[:, None], a).ravel()
    weights = np.tile(weight / weight.sum() / len(errors), len(errors))
    order = np.argsort(values)
    below = np.cumsum(weights[order])
    low, high = np.interp([0.025, 0.975], below, values[order])
    return float(low), float(high), float(weights[values >= target].sum())


@pytest.mark.parametrize("mu", [0.2, 0.9, 2.5, 8.0])
@pytest.mark.parametrize("spread", [PRIOR_ORDERS, Orders(0.6, 0.2)])
def test_the_tables_give_the_quantiles_of_the_method(mu: float, spread: Orders) -> None:
    found = estimate([1000 * mu], [1000], 0.6, spread)
    low, high, meets = plainly_computed(mu, spread, 0.6)
    assert found.low[0] == pytest.approx(min(low, found.median[0]), abs=0.005)
    assert found.high[0] == pytest.approx(min(high, 1.0, mu), abs=0.005)
    assert found.meets_target[0] == pytest.approx(meets, abs=0.02)


def test_a_target_of_nothing_is_always_met_and_nothing_handed_out_meets_no_other() -> None:
    assert estimate([0, 500], [1000, 1000], 0.0).meets_target.tolist() == [1.0, 1.0]
    assert estimate([0], [1000], 0.1).meets_target.tolist() == [0.0]


def test_without_households_nothing_applies() -> None:
    found = estimate([500, 500], [0, float("nan")])
    for figures in (found.median, found.low, found.high, found.meets_target):
        assert np.isnan(figures).all()


def test_what_is_known_of_orders_is_rounded_so_that_tables_serve_many_campaigns() -> None:
    assert orders(1.04, 0.26) == Orders(1.0, 0.3)
    assert orders(1.06, 0.34) == Orders(1.1, 0.3)
    assert orders(0.01, 0.01) == Orders(0.1, 0.1)
    assert Orders(1.5, 0.7) == PRIOR_ORDERS
    assert PRIOR_ORDERS.a_nodes[[0, 20, 40]] == pytest.approx(1.5 * np.exp([-2.8, 0.0, 2.8]))
