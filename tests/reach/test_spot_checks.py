"""Verified reach: interval, correction and pass rule."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.reach.spot_checks import PassRule, rogan_gladen, wilson
from tests.golden import golden


def test_the_wilson_interval_agrees_with_the_reference_figures() -> None:
    for row in golden("wilson"):
        interval = wilson(row["have"], row["sampled"])
        assert interval is not None
        assert abs(interval[0] - row["low"]) <= 1e-9
        assert abs(interval[1] - row["high"]) <= 1e-9


def test_the_correction_for_misremembering_agrees_with_the_reference_figures() -> None:
    for row in golden("rogan_gladen"):
        corrected = rogan_gladen(row["have"], row["sampled"], row["sensitivity"], row["specificity"])
        assert corrected is not None
        assert abs(corrected - row["share"]) <= 1e-9


def test_the_zone_plan_has_the_risks_of_the_reference() -> None:
    for row in golden("pass_rule"):
        rule = PassRule(row["sampled"], row["accept"])
        assert rule == PassRule()
        assert abs(rule.alpha(0.6) - row["fails_at_0_6"]) <= 1e-6
        assert abs(rule.beta(0.3) - row["passes_at_0_3"]) <= 1e-6


def test_a_zone_passes_at_eighteen_of_forty() -> None:
    assert PassRule().passes(18)
    assert not PassRule().passes(17)
    with pytest.raises(ValueError, match="sampled"):
        PassRule().passes(41)


@pytest.mark.parametrize("share", [-0.01, 1.01])
def test_the_share_of_a_zone_lies_between_nobody_and_everybody(share: float) -> None:
    with pytest.raises(ValueError, match="reach_share"):
        PassRule().pass_probability(share)


def test_nobody_sampled_is_not_applicable() -> None:
    assert wilson(0, 0) is None
    assert rogan_gladen(0, 0) is None


@pytest.mark.parametrize(("have", "sampled"), [(-1, 10), (11, 10), (0, -1)])
def test_more_than_the_sample_cannot_have_it(have: int, sampled: int) -> None:
    with pytest.raises(ValueError, match="sampled"):
        wilson(have, sampled)
    with pytest.raises(ValueError, match="sampled"):
        rogan_gladen(have, sampled)


def test_answers_that_tell_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="sensitivity"):
        rogan_gladen(3, 10, 0.5, 0.5)
    with pytest.raises(ValueError, match="z must"):
        wilson(3, 10, float("nan"))


@given(st.integers(0, 400), st.integers(1, 400))
def test_the_interval_holds_the_observed_share_within_zero_and_one(have: int, sampled: int) -> None:
    have = min(have, sampled)
    interval = wilson(have, sampled)
    assert interval is not None
    assert 0.0 <= interval[0] <= have / sampled <= interval[1] <= 1.0


@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_a_better_reached_zone_passes_more_often(first: float, second: float) -> None:
    low, high = sorted((first, second))
    assert PassRule().pass_probability(low) <= PassRule().pass_probability(high) + 1e-12
