"""What counts as evidence, how sure it is, and when two sources contradict each other."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pytest
import scipy.stats as scipy_stats

from dispatch.reach.evidence import (
    CITY_DISAGREEMENT,
    ZONE_DISAGREEMENT,
    Alone,
    Evidence,
    area_disagrees,
    checked_counts,
    first_copy_alone,
    levels,
    log_likelihood,
    spot_check_alone,
    spot_check_share,
    zones_disagree,
)

# scipy carries no types: named once here.
stats = cast("Any", scipy_stats)


def audited(successes: float, trials: float) -> Evidence:
    return Evidence(
        households=[6000.0], copies=[6000.0], genuine_successes=[successes], genuine_trials=[trials], firsts=[300.0],
        asked=[600.0],
    )  # fmt: skip


def test_an_audit_is_jeffreys_beta_law_and_registry_and_audit_add_up() -> None:
    counts = checked_counts(audited(8.0, 10.0))
    law = stats.beta(8.5, 2.5)
    assert counts.mu[0] == pytest.approx(law.mean())
    relative = law.var() / law.mean() ** 2
    assert counts.log_sd[0] == pytest.approx(np.sqrt(np.log1p(0.01 + relative)))
    unaudited = checked_counts(audited(0.0, 0.0))
    assert (unaudited.mu[0], unaudited.log_sd[0]) == (1.0, pytest.approx(np.sqrt(np.log1p(0.01))))


def test_the_values_of_copies_per_household_have_the_registrys_error() -> None:
    counts = checked_counts(Evidence(households=[2000.0, 0.0], copies=[3000.0, 50.0], registry_relative_sd=0.2))
    assert counts.mu.tolist() == [1.5, 0.0]
    logs = np.log(counts.mu_nodes[0])
    assert logs.mean() == pytest.approx(np.log(1.5))
    assert logs.std() == pytest.approx(np.sqrt(np.log1p(0.04)))
    assert counts.mu_nodes[1].tolist() == [0.0] * 7


def test_evidence_nobody_gathered_says_nothing() -> None:
    share = np.array([0.0, 0.3, 1.0])
    assert log_likelihood(np.zeros(3), np.zeros(3), share).tolist() == [0.0, 0.0, 0.0]
    some = log_likelihood(np.full(3, 2.0), np.full(3, 5.0), share)
    assert some[1] == pytest.approx(2 * np.log(0.3) + 3 * np.log(0.7))
    assert some[0] == some[2] == -np.inf
    everybody = log_likelihood(np.full(2, 5.0), np.full(2, 5.0), np.array([1.0, 0.5]))
    assert everybody.tolist() == [0.0, pytest.approx(5 * np.log(0.5))]


def test_a_tenth_forget_that_they_have_it_and_one_in_fifty_says_so_wrongly() -> None:
    assert spot_check_share(np.array([0.0, 0.5, 1.0])) == pytest.approx([0.02, 0.46, 0.9])


def test_the_question_alone_says_copies_per_household_times_the_share_of_firsts() -> None:
    alone = first_copy_alone(
        checked_counts(
            Evidence(households=[6000.0] * 2, copies=[3000.0] * 2, firsts=[16000.0, 0.0], asked=[20000.0, 0.0])
        )
    )
    assert alone.mean[0] == pytest.approx(0.5 * 0.8, abs=0.005)
    assert np.sqrt(alone.variance[0]) == pytest.approx(0.4 * 0.1, rel=0.05)
    assert np.isnan([alone.mean[1], alone.variance[1], alone.mean_logit[1], alone.logit_sd[1]]).all()


def test_the_check_alone_is_what_the_counts_say_with_a_flat_prior() -> None:
    alone = spot_check_alone(
        checked_counts(Evidence(households=[6000.0] * 2, copies=[0.0, 10.0], have=[28.0, 0.0], sampled=[60.0, 0.0]))
    )
    share = (np.arange(400) + 0.5) / 400
    weight = stats.binom.pmf(28, 60, 0.9 * share + 0.02 * (1 - share))
    weight = weight / weight.sum()
    assert alone.mean[0] == pytest.approx(weight @ share)
    assert alone.variance[0] == pytest.approx(weight @ (share - weight @ share) ** 2)
    assert alone.mean_logit[0] == pytest.approx(weight @ np.log(share / (1 - share)))
    assert np.isnan(alone.mean[1])


def test_without_a_genuine_copy_the_question_says_nothing() -> None:
    alone = first_copy_alone(checked_counts(Evidence(households=[6000.0], copies=[0.0], firsts=[1.0], asked=[2.0])))
    assert np.isnan(alone.mean[0])


def source(mean_logit: float, logit_sd: float, mean: float = 0.5, variance: float = 0.01) -> Alone:
    return Alone(np.array([mean_logit]), np.array([logit_sd]), np.array([mean]), np.array([variance]))


@pytest.mark.parametrize(("apart", "disagree"), [(2.499, False), (2.501, True), (-2.501, True)])
def test_a_zones_sources_disagree_beyond_two_and_a_half_pooled_standard_errors(apart: float, disagree: bool) -> None:
    assert ZONE_DISAGREEMENT == 2.5
    # 3, 4 and 5: the pooled standard error is 5.
    assert zones_disagree(source(1.0 + 5.0 * apart, 3.0), source(1.0, 4.0)).tolist() == [disagree]


def test_one_source_disagrees_with_nobody() -> None:
    assert zones_disagree(source(9.0, 0.1), source(np.nan, np.nan)).tolist() == [False]
    assert not area_disagrees(source(9.0, 0.1, 0.9), source(0.0, 0.0, np.nan, np.nan), np.array([100.0]))


@pytest.mark.parametrize(("apart", "disagree"), [(1.999, False), (2.001, True), (-2.001, True)])
def test_an_areas_sources_disagree_beyond_two_pooled_standard_errors(apart: float, disagree: bool) -> None:
    assert CITY_DISAGREEMENT == 2.0
    # By hand, on the logit: both sources 0.5 with a variance that gives standard errors of 0.3 and 0.4.
    other = 1.0 / (1.0 + np.exp(-0.5 * apart))
    question = source(0.0, 0.0, other, (0.3 * other * (1.0 - other)) ** 2)
    assert area_disagrees(question, source(0.0, 0.0, 0.5, (0.4 * 0.25) ** 2), np.array([100.0])) is disagree


def test_only_zones_with_both_sources_and_households_decide_whether_an_area_disagrees() -> None:
    question = Alone(*(np.array(values) for values in ([0.0] * 3, [0.0] * 3, [0.9, 0.5, 0.9], [1e-4] * 3)))
    check = Alone(*(np.array(values) for values in ([0.0] * 3, [0.0] * 3, [0.1, 0.5, np.nan], [1e-4, 1e-4, np.nan])))
    assert area_disagrees(question, check, np.array([100.0, 100.0, 100.0]))
    assert not area_disagrees(question, check, np.array([0.0, 100.0, 100.0]))
    assert not area_disagrees(question, check, np.array([0.0, 0.0, 100.0]))


def test_levels_count_the_sources() -> None:
    used = np.array([True, True, False, False])
    assert levels(used, np.array([True, False, True, False])) == ["A", "B", "B", "C"]
