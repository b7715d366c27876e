"""How likely a reach is at or over what is due, from its median and interval."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.reach.copies_alone import estimate
from dispatch.reach.due import reaches


def test_the_quantiles_come_back() -> None:
    assert reaches(0.1, 0.2, 0.4, [0.1, 0.2, 0.4]) == pytest.approx([0.975, 0.5, 0.025], abs=1e-9)


@pytest.mark.parametrize(
    ("low", "median", "high", "due", "chance"),
    [(0, 0, 0, 0.0, 1.0), (0, 0, 0, 0.01, 0.0), (0.3, 0.3, 0.3, 0.3, 1.0), (0.3, 0.3, 0.3, 0.31, 0.0),
     (0.3, 0.3, 0.3, 0.29, 1.0), (1, 1, 1, 1, 1.0), (0.1, 0.2, 0.3, 0.0, 1.0)],
)  # fmt: skip
def test_what_is_known_and_what_is_not_due_need_no_guess(
    low: float, median: float, high: float, due: float, chance: float
) -> None:
    assert float(reaches(low, median, high, due)) == pytest.approx(chance)
    assert np.isnan(reaches(np.nan, np.nan, np.nan, 0.2))


@given(
    shares=st.lists(st.floats(0, 1), min_size=3, max_size=3).map(sorted),
    due=st.lists(st.floats(0, 1), min_size=2, max_size=2).map(sorted),
)
def test_more_is_never_likelier_than_less(shares: list[float], due: list[float]) -> None:
    low, median, high = shares
    less, more = reaches(low, median, high, due).tolist()
    assert 0 <= more <= less <= 1


@pytest.mark.parametrize("target", [0.05, 0.12, 0.22, 0.45, 0.6])
def test_it_agrees_with_the_whole_law_of_copies(target: float) -> None:
    copies = np.linspace(20, 9000, 120)
    law = estimate(copies, np.full(120, 6000.0), target)
    near = reaches(law.low, law.median, law.high, target)
    assert np.abs(near - law.meets_target).max() < 0.05
