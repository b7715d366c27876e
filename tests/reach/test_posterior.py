"""The estimate of reach: what it may never say, and how evidence moves it."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pytest
import scipy.stats as scipy_stats
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.reach.checked import Floats
from dispatch.reach.curve import reach
from dispatch.reach.evidence import checked_counts
from dispatch.reach.posterior import A_NODES, Evidence, ReachEstimate, area_reach, estimate_reach
from dispatch.reach.quantiles import NORMAL_NODES

# scipy carries no types: named once here.
stats = cast("Any", scipy_stats)


def one_zone(copies: float, households: float = 6000.0, **evidence: float) -> ReachEstimate:
    counts: dict[str, Any] = {name: [count] for name, count in evidence.items()}
    return estimate_reach(Evidence(households=[households], copies=[copies], **counts))


def test_no_households_is_not_applicable_and_no_copies_is_reach_zero() -> None:
    estimate = estimate_reach(Evidence(households=[0, 500, 500], copies=[70, 0, 70]))
    assert estimate.applicable.tolist() == [False, True, True]
    assert np.isnan([estimate.median[0], estimate.lower[0], estimate.upper[0], estimate.reaches_target[0]]).all()
    assert [estimate.median[1], estimate.lower[1], estimate.upper[1], estimate.reaches_target[1]] == [0, 0, 0, 0]
    assert 0.0 < estimate.lower[2] < estimate.median[2] < estimate.upper[2] <= 0.14


def test_a_city_without_households_has_no_figure() -> None:
    assert estimate_reach(Evidence(households=[0, 0], copies=[5, 0])).city is None
    assert estimate_reach(Evidence(households=[], copies=[])).city is None


def test_counts_alone_are_level_c_and_leave_a_wide_interval() -> None:
    estimate = one_zone(6000)
    assert estimate.level == ["C"]
    assert abs(estimate.median[0] - 0.457) < 0.03
    assert estimate.upper[0] - estimate.lower[0] > 0.25
    city = estimate.city
    assert city is not None
    assert city.level == "C"
    assert city.first_copy_alone is None


def test_evidence_narrows_the_interval_and_raises_the_level() -> None:
    counts = one_zone(6000)
    question = one_zone(6000, firsts=90, asked=180)
    both = one_zone(6000, firsts=90, asked=180, have=28, sampled=60)
    assert [estimate.level[0] for estimate in (counts, question, both)] == ["C", "B", "A"]
    widths = [float(estimate.upper[0] - estimate.lower[0]) for estimate in (counts, question, both)]
    assert widths[0] > widths[1] > widths[2]
    assert abs(question.median[0] - 0.5) < 0.03


def test_one_zones_answers_inform_its_neighbours() -> None:
    firsts = np.array([0.0] + [85.0] * 20)
    asked = np.array([0.0] + [100.0] * 20)
    estimate = estimate_reach(Evidence(households=[6000.0] * 21, copies=[3000.0] * 21, firsts=firsts, asked=asked))
    alone = one_zone(3000)
    assert estimate.level[0] == "C"
    assert abs(estimate.median[0] - 0.425) < abs(alone.median[0] - 0.425)
    assert estimate.upper[0] - estimate.lower[0] < alone.upper[0] - alone.lower[0]


def test_sources_that_contradict_each_other_are_not_averaged() -> None:
    estimate = one_zone(6000, firsts=160, asked=200, have=8, sampled=60)
    assert estimate.sources_disagree.tolist() == [True]
    assert estimate.level == ["C"]
    assert estimate.median[0] == one_zone(6000).median[0]
    assert estimate.first_copy_alone.share[0] > 0.6
    assert estimate.spot_check_alone.share[0] < 0.25
    city = estimate.city
    assert city is not None
    assert city.sources_disagree
    assert city.first_copy_alone is not None
    assert city.spot_check_alone is not None
    assert city.first_copy_alone > 0.6 > 0.25 > city.spot_check_alone


def test_sources_that_agree_are_not_called_in_question() -> None:
    assert not one_zone(6000, firsts=100, asked=200, have=28, sampled=60).sources_disagree[0]


def test_an_audit_that_finds_handouts_not_genuine_lowers_the_estimate() -> None:
    audited = one_zone(6000, genuine_successes=30, genuine_trials=60)
    assert audited.median[0] < one_zone(6000).median[0] - 0.1
    assert audited.upper[0] <= 0.5
    assert one_zone(6000, genuine_successes=0, genuine_trials=0).median[0] == one_zone(6000).median[0]


def test_a_small_audit_widens_the_interval() -> None:
    """Half of the hand-outs are genuine as far as either audit knows; after two looked at, less sure than after a hundred."""
    small = one_zone(6000, genuine_successes=1, genuine_trials=2)
    large = one_zone(6000, genuine_successes=50, genuine_trials=100)
    assert checked_counts(audit(1, 2)).mu == checked_counts(audit(50, 100)).mu
    assert small.lower[0] < large.lower[0] < large.upper[0] < small.upper[0]
    unaudited, settled = checked_counts(Evidence(households=[600], copies=[600])), checked_counts(audit(10**6, 10**6))
    assert settled.log_sd[0] == pytest.approx(unaudited.log_sd[0], rel=1e-3), "what is certain adds no doubt"
    assert checked_counts(audit(1, 2)).log_sd[0] > checked_counts(audit(50, 100)).log_sd[0] > unaudited.log_sd[0]


def audit(genuine: int, looked_at: int) -> Evidence:
    return Evidence(households=[600], copies=[600], genuine_successes=[genuine], genuine_trials=[looked_at])


def test_probability_of_the_target_follows_the_estimate() -> None:
    evidence = Evidence(households=[6000.0] * 3, copies=[600.0, 6000.0, 60_000.0])
    estimate = estimate_reach(evidence, 0.5)
    assert estimate.reaches_target[0] == 0.0
    assert 0.2 < estimate.reaches_target[1] < 0.5
    assert estimate.reaches_target[2] > 0.9
    assert np.all(estimate_reach(evidence, [0.0, 0.0, 0.0]).reaches_target == 1.0)


def test_an_area_is_weighed_by_households_and_surer_than_its_zones() -> None:
    evidence = Evidence(
        households=[8000.0, 2000.0, 0.0, 4000.0],
        copies=[2000.0, 4000.0, 10.0, 0.0],
        firsts=[52.0, 60.0, 0.0, 0.0],
        asked=[60.0, 120.0, 0.0, 0.0],
    )
    estimate = estimate_reach(evidence)
    city = estimate.city
    assert city is not None
    assert city.households == 14_000.0
    means = estimate.mean_given_a @ estimate.a_weight
    assert abs(city.mean - (8000.0 * means[0] + 2000.0 * means[1]) / 14_000.0) < 1e-12
    assert city.lower <= city.mean <= city.upper
    first = area_reach(estimate, np.array([True, False, False, False]))
    assert first is not None
    assert first.lower < first.mean < first.upper <= 0.25
    assert area_reach(estimate, np.array([False, False, True, False])) is None


def test_an_areas_interval_holds_what_is_unknown_of_each_zone_and_what_all_share() -> None:
    estimate = estimate_reach(
        Evidence(households=[8000.0, 2000.0], copies=[2000.0, 4000.0], firsts=[52.0, 60.0], asked=[60.0, 120.0])
    )
    city = estimate.city
    assert city is not None
    weight, share = estimate.a_weight, np.array([0.8, 0.2])
    mean_given_a = share @ estimate.mean_given_a
    own = share**2 @ estimate.variance_given_a
    shared = weight @ (mean_given_a - weight @ mean_given_a) ** 2
    half = 1.959963984540054 * np.sqrt(weight @ own + shared)
    assert city.lower == pytest.approx(city.mean - half)
    assert city.upper == pytest.approx(city.mean + half)
    assert 0.0 < shared < weight @ own


def test_the_nodes_of_mu_are_centred_with_unit_variance() -> None:
    assert len(NORMAL_NODES) == 7
    assert abs(NORMAL_NODES.mean()) < 1e-12
    assert abs(np.mean(NORMAL_NODES**2) - 1.0) < 1e-12


def test_the_same_counts_give_the_same_figures_in_any_order() -> None:
    rng = np.random.default_rng(11)
    households, copies = rng.integers(100, 9000, 12), rng.integers(0, 9000, 12)
    asked = rng.integers(0, 60, 12)
    firsts = rng.integers(0, asked + 1)
    order = rng.permutation(12)
    one = estimate_reach(Evidence(households=households, copies=copies, firsts=firsts, asked=asked))
    other = estimate_reach(
        Evidence(households=households[order], copies=copies[order], firsts=firsts[order], asked=asked[order])
    )
    assert np.allclose(one.median[order], other.median, rtol=0.0, atol=1e-10)
    assert np.allclose(one.upper[order], other.upper, rtol=0.0, atol=1e-10)


@pytest.mark.parametrize(
    ("name", "part", "whole"),
    [("firsts", "firsts", "asked"), ("have", "have", "sampled"), ("genuine", "genuine_successes", "genuine_trials")],
)
def test_a_part_larger_than_its_whole_is_refused(name: str, part: str, whole: str) -> None:
    with pytest.raises(ValueError, match=name):
        one_zone(6000, **{part: 11.0, whole: 10.0})


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -1.0])
def test_a_number_that_is_no_count_is_refused(bad: float) -> None:
    for counts in ({"households": bad}, {"firsts": bad, "asked": 10.0}, {"asked": bad}, {"sampled": bad}):
        with pytest.raises(ValueError, match="must"):
            one_zone(6000, **counts)
    with pytest.raises(ValueError, match="copies"):
        one_zone(bad)
    with pytest.raises(ValueError, match="one number per zone"):
        estimate_reach(Evidence(households=[1.0, 2.0], copies=[1.0]))


def test_evidence_far_from_the_curve_still_gives_finite_figures() -> None:
    estimate = estimate_reach(
        Evidence(
            households=[500.0, 500.0, 1.0], copies=[1e9, 1e-9, 5.0], firsts=[0.0, 50.0, 0.0], asked=[5000.0, 50.0, 3.0]
        )
    )
    for figures in (estimate.median, estimate.lower, estimate.upper, estimate.reaches_target):
        assert np.all(np.isfinite(figures))


def plainly_computed(mu: Floats, firsts: Floats, asked: Floats, have: Floats, sampled: Floats) -> Floats:
    """Quantiles 2.5, 50 and 97.5 % per zone, (3, Z), written down straight from the method with scipy's densities."""
    log_weight = -0.5 * ((np.log(A_NODES) - np.log(1.5)) / 0.7) ** 2
    given_a: list[Floats] = []
    for zone, copies_per_household in enumerate(mu):
        share = min(1.0, copies_per_household) * (np.arange(400) + 0.5) / 400
        joint = np.zeros((41, 400))
        for node in NORMAL_NODES:
            true_mu = copies_per_household * np.exp(np.sqrt(np.log1p(0.01)) * node)
            curve = reach(true_mu, A_NODES)[:, None]
            prior = stats.beta.pdf(share, 100.0 * curve, 100.0 * (1.0 - curve)) * (share <= true_mu)
            seen = stats.binom.pmf(firsts[zone], asked[zone], np.minimum(1.0, share / true_mu))
            seen = seen * stats.binom.pmf(have[zone], sampled[zone], 0.9 * share + 0.02 * (1.0 - share))
            joint += prior / prior.sum(axis=1, keepdims=True) * seen / 7.0
        log_weight = log_weight + 0.5 * np.log(joint.sum(axis=1))
        given_a.append(joint / joint.sum(axis=1, keepdims=True))
    weight = np.exp(log_weight - log_weight.max())
    below = [np.append(0.0, np.cumsum(weight / weight.sum() @ density)) for density in given_a]
    edges = np.linspace(0.0, 1.0, 401)
    found = [min(1.0, mu[zone]) * np.interp([0.025, 0.5, 0.975], below[zone], edges) for zone in range(len(mu))]
    return np.array(found).T


def test_the_figures_are_those_of_the_method_written_down_plainly() -> None:
    households, copies = np.array([6000.0, 2000.0, 900.0]), np.array([3000.0, 5000.0, 1500.0])
    firsts, asked = np.array([60.0, 40.0, 0.0]), np.array([80.0, 150.0, 0.0])
    have, sampled = np.array([0.0, 20.0, 0.0]), np.array([0.0, 30.0, 0.0])
    estimate = estimate_reach(
        Evidence(households=households, copies=copies, firsts=firsts, asked=asked, have=have, sampled=sampled)
    )
    expected = plainly_computed(copies / households, firsts, asked, have, sampled)
    figures = np.array([estimate.lower, estimate.median, estimate.upper])
    assert np.max(np.abs(figures - expected)) <= 1e-7


counts_of_a_zone = st.tuples(
    st.integers(0, 20_000),
    st.integers(0, 60_000),
    st.integers(0, 400),
    st.floats(0.0, 1.0),
    st.integers(0, 60),
    st.floats(0.0, 1.0),
)


@settings(max_examples=40)
@given(st.lists(counts_of_a_zone, min_size=1, max_size=4))
def test_reach_is_a_share_of_households_below_the_copies_handed_out(
    zones: list[tuple[int, int, int, float, int, float]],
) -> None:
    households, copies, asked, first_share, sampled, have_share = (
        np.array(column) for column in zip(*zones, strict=True)
    )
    estimate = estimate_reach(
        Evidence(
            households=households,
            copies=copies,
            firsts=np.floor(asked * first_share),
            asked=asked,
            have=np.floor(sampled * have_share),
            sampled=sampled,
        )
    )
    known = households > 0
    assert np.array_equal(estimate.applicable, known)
    most = np.minimum(1.0, copies[known] / households[known])
    assert np.all(estimate.lower[known] >= 0.0)
    assert np.all(estimate.lower[known] <= estimate.median[known])
    assert np.all(estimate.median[known] <= estimate.upper[known])
    assert np.all(estimate.upper[known] <= most + 1e-12)
    assert np.all((estimate.reaches_target[known] >= 0.0) & (estimate.reaches_target[known] <= 1.0))
    assert np.all(np.isnan(estimate.median[~known]))


def test_the_truth_is_recovered_from_three_per_cent_of_answers() -> None:
    rng = np.random.default_rng(20270315)
    households = rng.integers(800, 12_000, 60).astype(np.float64)
    copies = np.round(households * rng.uniform(0.1, 2.5, 60))
    mu = copies / households
    truth = reach(mu, 1.5)
    asked = np.round(0.03 * copies).astype(np.int64)
    estimate = estimate_reach(
        Evidence(households=households, copies=copies, firsts=rng.binomial(asked, truth / mu), asked=asked)
    )
    rmse = np.sqrt(np.mean((estimate.median - truth) ** 2))
    assert rmse <= 0.04
    assert rmse < np.sqrt(np.mean((-np.expm1(-mu) - truth) ** 2)) / 2.0
    assert np.mean((estimate.lower <= truth) & (truth <= estimate.upper)) >= 0.93
