"""Verified reach: interval and correction."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.reach.spot_checks import rogan_gladen, wilson
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
