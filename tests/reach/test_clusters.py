"""Households asked in clusters: correlation, interval, the measured share of an area, the rule a target makes.

Reference figures were computed by a separate implementation of the same formulas (ratio estimator, analysis of variance,
Wilson's interval on s/D; difference estimator within strata; convolution of beta-binomial laws).
"""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.reach.clusters import (
    FEWEST_ASKED,
    MOST_WRONGLY_FAILED,
    MOST_WRONGLY_PASSED,
    PLANNED_CORRELATION,
    ClusterAnswer,
    PassRule,
    answered_share,
    area_share,
    correlation,
    design_effect,
    pass_rule,
    sample_needed,
    sample_share,
)
from dispatch.reach.spot_checks import wilson


def sample(*pairs: tuple[int, int]) -> list[ClusterAnswer]:
    return [ClusterAnswer(*pair) for pair in pairs]


MANY = sample((3, 5), (4, 5), (1, 5), (5, 5), (2, 5), (3, 5), (0, 5), (4, 5))
FEW = sample((1, 5), (0, 5), (0, 5), (2, 5), (1, 5), (3, 5), (0, 5), (0, 5))
UNEVEN = sample((5, 5), (4, 5), (5, 6), (3, 4))


def test_how_alike_neighbours_are_is_learnt_from_all_samples_and_shrunk() -> None:
    assert correlation([MANY, FEW, UNEVEN]) == pytest.approx(0.18029059806515957, rel=1e-12)
    assert correlation([]) == correlation([sample((3, 5))]) == PLANNED_CORRELATION
    assert correlation([sample((5, 5), (5, 5), (5, 5))]) == pytest.approx(20 * PLANNED_CORRELATION / 22)
    # Nobody was asked at one of the places: it says nothing.
    assert correlation([[*MANY, ClusterAnswer(0, 0)]]) == correlation([MANY])


@pytest.mark.parametrize(
    ("clusters", "share", "low", "high", "widened"),
    [
        (MANY, 0.55, 0.35540397235545174, 0.7304112545242313, 1.7211623922606383),
        (FEW, 0.175, 0.07075250481178241, 0.37144852047027904, 1.7211623922606383),
        (UNEVEN, 0.85, 0.5633423569737321, 0.9613749710245729, 1.7391914520671543),
    ],
)
def test_the_interval_of_a_sample_agrees_with_the_reference(
    clusters: list[ClusterAnswer], share: float, low: float, high: float, widened: float
) -> None:
    found = sample_share(clusters, correlation([MANY, FEW, UNEVEN]))
    assert found is not None
    assert tuple(found) == pytest.approx((share, low, high, widened), rel=1e-12)


def test_households_asked_one_by_one_have_wilsons_own_interval() -> None:
    found = sample_share([ClusterAnswer(n % 2, 1) for n in range(40)], 0.5)
    assert found is not None
    assert (found.low, found.high) == pytest.approx(wilson(20, 40))
    assert found.design_effect == 1.0
    assert sample_share(sample((0, 0)), 0.5) is None
    assert design_effect([], 0.5) == 1.0


HOUSEHOLDS, STRATA = [3000, 5000, 2000, 8000, 4000, 2500], [0, 0, 1, 1, 2, 2]
ESTIMATED = [0.3, 0.35, 0.5, 0.45, 0.6, 0.7]


@pytest.mark.parametrize(
    ("checked", "expected"),
    [
        ({0: FEW, 2: MANY, 4: MANY}, (0.43114285714285716, 0.2967572263483999, 0.5655284879373144, 1.0)),
        ({0: FEW, 1: FEW, 3: MANY}, (0.38822222222222225, 0.2293831911151247, 0.5470612533293198, 0.7346938775510204)),
    ],
    ids=["every stratum has a check", "the third has none"],
)
def test_the_share_of_an_area_agrees_with_the_reference(
    checked: dict[int, list[ClusterAnswer]], expected: tuple[float, ...]
) -> None:
    found = area_share(HOUSEHOLDS, STRATA, ESTIMATED, checked, 0.15)
    assert found is not None
    assert tuple(found) == pytest.approx(expected, rel=1e-12)


def test_of_an_older_round_the_difference_to_its_own_day_is_carried() -> None:
    same = area_share(HOUSEHOLDS, STRATA, ESTIMATED, {0: FEW}, 0.15)
    grown = area_share(HOUSEHOLDS, STRATA, ESTIMATED, {0: FEW}, 0.15, [0.1, *ESTIMATED[1:]])
    assert same is not None
    assert grown is not None
    assert grown.share - same.share == pytest.approx(0.88 * 0.2)
    assert grown.covers == pytest.approx(8000 / 24_500)
    assert area_share(HOUSEHOLDS, STRATA, ESTIMATED, {}, 0.15) is None
    assert area_share(HOUSEHOLDS, STRATA, ESTIMATED, {0: sample((0, 0))}, 0.15) is None


@pytest.mark.parametrize(
    ("rho", "fails_at_60", "passes_at_30"),
    [
        (0.0, 0.018910753459570162, 0.03195126365139071), (0.1, 0.04039159949997062, 0.05957825753587304),
        (1 / 6, 0.055065695632373846, 0.07658269573419442), (0.33, 0.0882673361036771, 0.1120998468039263),
    ],
)  # fmt: skip
def test_the_risks_of_eighteen_of_forty_agree_with_the_reference(
    rho: float, fails_at_60: float, passes_at_30: float
) -> None:
    rule = PassRule((5,) * 8, 18, rho)
    # The reference speaks of shares that answer yes; a reach of which so many answer yes is somewhat higher.
    of_60, of_30 = ((share - 0.02) / 0.88 for share in (0.6, 0.3))
    assert 1 - rule.pass_probability(of_60) == pytest.approx(fails_at_60, abs=1e-9)
    assert rule.pass_probability(of_30) == pytest.approx(passes_at_30, abs=1e-9)
    for wrong in (-0.1, 1.1):
        with pytest.raises(ValueError, match="between 0 and 1"):
            rule.pass_probability(wrong)


@given(asked=st.lists(st.integers(1, 7), min_size=1, max_size=12), rho=st.floats(0, 0.9), target=st.floats(0.02, 1.0))
def test_the_mark_is_the_highest_that_seldom_fails_a_zone_at_the_target(
    asked: list[int], rho: float, target: float
) -> None:
    rule = pass_rule(asked, rho, target)
    tight = 1e-9
    if rule is None:
        assert 1 - PassRule(tuple(asked), 1, rho).pass_probability(target) > MOST_WRONGLY_FAILED - tight
        return
    assert 1 <= rule.pass_at <= sum(asked)
    assert 1 - rule.pass_probability(target) <= MOST_WRONGLY_FAILED + tight
    if rule.pass_at < sum(asked):
        higher = PassRule(rule.asked, rule.pass_at + 1, rho)
        assert 1 - higher.pass_probability(target) > MOST_WRONGLY_FAILED - tight


def test_a_low_target_has_a_low_mark_and_needs_a_large_sample() -> None:
    rho = PLANNED_CORRELATION
    marks = [
        rule and rule.pass_at for rule in (pass_rule([5] * 8, rho, share) for share in (0.05, 0.12, 0.3, 0.6, 0.9))
    ]
    assert marks == [None, 1, 6, 15, 27]
    needed = [sample_needed(rho, share) for share in (0.12, 0.3, 0.45, 0.6)]
    assert needed == [355, 115, 65, FEWEST_ASKED]
    for target, sample_size in zip((0.12, 0.3, 0.45, 0.6), needed, strict=True):
        rule = pass_rule([5] * (sample_size // 5), rho, target)
        assert rule is not None
        assert rule.pass_probability(target / 2) <= MOST_WRONGLY_PASSED
    assert pass_rule([], rho, 0.6) is None


def test_everybody_or_nobody_alike_are_laws_too() -> None:
    assert answered_share(1.0) == pytest.approx(0.9)
    assert answered_share(0.0) == pytest.approx(0.02)
    whole = [PassRule((5,), mark, 1.0).pass_probability(0.5) for mark in range(6)]
    assert whole[0] == pytest.approx(1)
    assert whole[1:] == pytest.approx([answered_share(0.5)] * 5)
    assert all(later <= earlier for earlier, later in pairwise(whole))
