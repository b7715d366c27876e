"""A zone's risk weight: its incidents against chance, drawn towards the city where they are few."""

from __future__ import annotations

import pytest

from dispatch.reach.risk_weights import shrunk_risk_weights


def test_counts_no_more_uneven_than_chance_give_every_zone_the_same_weight() -> None:
    assert shrunk_risk_weights([3, 5, 4], [4.0, 4.0, 4.0]).tolist() == [1.0, 1.0, 1.0]


def test_small_zones_are_drawn_further_towards_the_city_than_large_ones() -> None:
    weights = shrunk_risk_weights([4, 400, 0, 100], [2.0, 200.0, 2.0, 300.0])
    assert 1.0 < weights[0] < weights[1] < 2.0
    assert 0.0 < weights[2] < 1.0
    assert weights[1] > 1.9


def test_the_weight_by_hand() -> None:
    # τ² = Σ((x − E)² − E) ÷ ΣE² = (100 − 10 + 100 − 30) ÷ (100 + 900) = 0.16, so k = 6.25.
    assert shrunk_risk_weights([20, 20], [10.0, 30.0]) == pytest.approx([26.25 / 16.25, 26.25 / 36.25])


def test_without_incidents_or_households_every_zone_weighs_the_same() -> None:
    assert shrunk_risk_weights([0, 0], [0.0, 0.0]).tolist() == [1.0, 1.0]
    assert shrunk_risk_weights([3], [0.0]).tolist() == [1.0]


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -1.0])
def test_a_number_that_is_no_count_is_refused(bad: float) -> None:
    with pytest.raises(ValueError, match="counts must"):
        shrunk_risk_weights([5.0, bad], [1.0, 1.0])
    with pytest.raises(ValueError, match="expected must"):
        shrunk_risk_weights([5.0, 1.0], [1.0, bad])
