"""Households asked in clusters: neighbours are alike, so that a cluster of five says less than five homes drawn singly.

Formulas: dispatch/reach/README.md, sections "Verified reach", "Verified reach of an area" and "Pass rule of a zone".
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np

from dispatch.reach.checked import Floats
from dispatch.reach.evidence import SENSITIVITY, SPECIFICITY
from dispatch.reach.quantiles import TWO_SIDED_95
from dispatch.reach.spot_checks import wilson

PLANNED_CORRELATION: Final = 1 / 6
"""How alike neighbours are taken to be before anybody has measured it; the WHO's planning value for campaigns."""
PRIOR_FREEDOM: Final = 20.0
"""What that value weighs, in degrees of freedom."""
# Degrees of freedom of the pooled variance between zones, where a stratum has few checked zones of its own.
_POOLED_FREEDOM: Final = 4
_LEAST_VARIANCE: Final = 0.01
_UNKNOWN_VARIANCE: Final = 0.1


class ClusterAnswer(NamedTuple):
    """Households that have it, of those asked at one place."""

    have: int
    asked: int


class SampleShare(NamedTuple):
    """A measured share with its 95 % interval, and by how much clustering widened its variance."""

    share: float
    low: float
    high: float
    design_effect: float


class AreaShare(NamedTuple):
    """A measured share of several zones, which speaks for `covers` of their households."""

    share: float
    low: float
    high: float
    covers: float


def correlation(samples: Sequence[Sequence[ClusterAnswer]]) -> float:
    """How alike the households of one cluster are, from all clusters of all samples together, shrunk.

    Analysis of variance between clusters within samples; what few clusters say counts little against
    PLANNED_CORRELATION.
    """
    between = within = between_freedom = within_freedom = sizes = 0.0
    for sample in samples:
        have, asked = _columns(sample)
        if len(asked) < 2:
            continue
        total = asked.sum()
        shares = have / asked
        between += float((asked * (shares - have.sum() / total) ** 2).sum())
        within += float((have * (1.0 - shares)).sum())
        between_freedom += len(asked) - 1
        within_freedom += float(total) - len(asked)
        sizes += float(total - (asked**2).sum() / total)
    if between_freedom == 0.0 or within_freedom == 0.0:
        return PLANNED_CORRELATION
    size = sizes / between_freedom
    mean_between, mean_within = between / between_freedom, within / within_freedom
    whole = mean_between + (size - 1.0) * mean_within
    found = min(max((mean_between - mean_within) / whole, 0.0), 1.0) if whole > 0.0 else 0.0
    return (between_freedom * found + PRIOR_FREEDOM * PLANNED_CORRELATION) / (between_freedom + PRIOR_FREEDOM)


def design_effect(asked: Sequence[int], rho: float) -> float:
    """1 + (m′ − 1)·ρ with m′ = Σm²/Σm; 1 where nobody was asked."""
    total = sum(asked)
    return 1.0 + (sum(size**2 for size in asked) / total - 1.0) * rho if total else 1.0


def sample_share(clusters: Sequence[ClusterAnswer], rho: float) -> SampleShare | None:
    """Households that have it ÷ asked, with Wilson's interval on so many fewer households; None: nobody was asked."""
    have, asked = sum(cluster.have for cluster in clusters), sum(cluster.asked for cluster in clusters)
    widened = design_effect([cluster.asked for cluster in clusters], rho)
    interval = wilson(have / widened, asked / widened)
    return interval and SampleShare(have / asked, *interval, widened)


def answered_share(reach: float) -> float:
    """Share of households that say they have it where `reach` of them do: some forget, few say so by mistake."""
    return SENSITIVITY * reach + (1.0 - SPECIFICITY) * (1.0 - reach)


def area_share(
    households: Sequence[float], strata: Sequence[Hashable], estimated: Sequence[float],
    checked: Mapping[int, Sequence[ClusterAnswer]], rho: float, estimated_then: Sequence[float] | None = None,
) -> AreaShare | None:  # fmt: skip
    """The measured share of zones of which some were checked: difference estimator within strata.

    In each stratum the checked zones say by how much answers differ from what the estimate would expect, and that
    difference is carried to the stratum's other zones. Of a stratum without a checked zone nothing is said.

    Args:
        households, strata, estimated: of each zone; the estimate must not rest on the checks itself.
        checked: clusters by the place of their zone.
        rho: see `correlation`.
        estimated_then: the estimate of the day each zone was checked on, where that was an earlier one.

    Returns:
        None where no zone was checked.
    """
    homes = np.asarray(households, dtype=np.float64)
    expected = np.array([answered_share(reach) for reach in estimated])
    then = expected if estimated_then is None else np.array([answered_share(reach) for reach in estimated_then])
    asked = {place: sum(cluster.asked for cluster in clusters) for place, clusters in checked.items()}
    have = {place: sum(cluster.have for cluster in clusters) for place, clusters in checked.items()}
    differs = {place: have[place] / asked[place] - float(then[place]) for place in checked if asked[place]}
    if not differs:
        return None
    pooled = float(np.var(list(differs.values()), ddof=1)) if len(differs) > 1 else _UNKNOWN_VARIANCE
    total = variance = covered = 0.0
    freedom = 0
    for stratum in dict.fromkeys(strata):
        inside = [place for place, of in enumerate(strata) if of == stratum]
        sampled = [place for place in inside if place in differs]
        if not sampled:
            continue
        own, weight = homes[sampled], float(homes[inside].sum())
        differences = np.array([differs[place] for place in sampled])
        difference = float(own @ differences / own.sum())
        between = (float(((differences - difference) ** 2).sum()) + _POOLED_FREEDOM * pooled) / (
            len(sampled) - 1 + _POOLED_FREEDOM
        )
        left = max(1.0 - float(own.sum()) / weight, 0.0)
        within = sum(
            (homes[place] / own.sum()) ** 2
            * _answer_variance(have[place], asked[place])
            * design_effect([cluster.asked for cluster in checked[place]], rho)
            / asked[place]
            for place in sampled
        )
        uneven = float((own**2).sum() / own.sum() ** 2)
        total += float(homes[inside] @ expected[inside]) + weight * difference
        variance += weight**2 * (between * uneven * left + float(within) * (1.0 - left))
        covered += weight
        freedom += len(sampled) - 1
    return _area_share(total / covered, math.sqrt(variance) / covered, freedom, covered / float(homes.sum()))


def _area_share(share: float, error: float, freedom: int, covers: float) -> AreaShare:
    freedom = max(freedom, 2) + _POOLED_FREEDOM
    # Quantile of Student's t, to the first order in 1/freedom.
    half = error * TWO_SIDED_95 * (1.0 + (TWO_SIDED_95**2 + 1.0) / (4.0 * freedom))
    low, high = max(0.0, share - half), min(1.0, share + half)
    return AreaShare(min(1.0, max(0.0, share)), low, high, covers)


def _answer_variance(have: int, asked: int) -> float:
    share = (have + 0.5) / (asked + 1.0)
    return max(share * (1.0 - share), _LEAST_VARIANCE)


def _columns(clusters: Sequence[ClusterAnswer]) -> tuple[Floats, Floats]:
    answered = [cluster for cluster in clusters if cluster.asked]
    return (
        np.array([cluster.have for cluster in answered], dtype=np.float64),
        np.array([cluster.asked for cluster in answered], dtype=np.float64),
    )


MOST_WRONGLY_FAILED: Final = 0.05
"""Risk that a zone reached exactly at the target fails."""
MOST_WRONGLY_PASSED: Final = 0.2
"""Risk that a zone reached at half the target passes, which a sample should be large enough for."""
FEWEST_ASKED: Final = 40
MOST_ASKED: Final = 1000
CLUSTER_SIZE: Final = 5


@dataclass(frozen=True, slots=True)
class PassRule:
    """Ask `asked` households per cluster; the zone passes when `pass_at` or more of all of them have it."""

    asked: tuple[int, ...]
    pass_at: int
    rho: float

    def pass_probability(self, reach: float) -> float:
        """Probability that a zone with this true reach passes. Raises ValueError for what is no share."""
        if not 0.0 <= reach <= 1.0:
            raise ValueError("reach must be between 0 and 1")
        return float(min(1.0, max(0.0, _law(self.asked, answered_share(reach), self.rho)[self.pass_at :].sum())))


def pass_rule(asked: Sequence[int], rho: float, target: float) -> PassRule | None:
    """The highest mark that fails a zone reached exactly at the target with at most MOST_WRONGLY_FAILED.

    None: so few were asked that even a zone where nobody has it could not be told from one at the target.
    """
    sizes = tuple(sorted((size for size in asked if size), reverse=True))
    below = np.cumsum(_law(sizes, answered_share(target), rho))
    mark = int(np.searchsorted(below, MOST_WRONGLY_FAILED, side="right"))
    return PassRule(sizes, min(mark, sum(sizes)), rho) if sizes and mark else None


@lru_cache(maxsize=256)
def sample_needed(rho: float, target: float) -> int:
    """Households to ask, five at a place, so that also a zone at half the target passes by mistake seldom enough.

    At least FEWEST_ASKED, at most MOST_ASKED, where the risk may be larger.
    """
    low, high = FEWEST_ASKED // CLUSTER_SIZE, MOST_ASKED // CLUSTER_SIZE
    while low < high:
        places = (low + high) // 2
        rule = pass_rule([CLUSTER_SIZE] * places, rho, target)
        if rule is not None and rule.pass_probability(target / 2.0) <= MOST_WRONGLY_PASSED:
            high = places
        else:
            low = places + 1
    return low * CLUSTER_SIZE


@lru_cache(maxsize=256)
def _law(sizes: tuple[int, ...], share: float, rho: float) -> Floats:
    """Probabilities of 0, 1, … of all asked: clusters are beta-binomial and independent."""
    law = np.ones(1)
    for size in sizes:
        law = np.convolve(law, _cluster_law(size, share, rho))
    return law


@lru_cache(maxsize=1024)
def _cluster_law(size: int, share: float, rho: float) -> Floats:
    if rho >= 1.0:
        return np.array([1.0 - share, *[0.0] * (size - 1), share])
    # Pólya's urn: each answer makes the next one alike a little likelier.
    alike = rho / (1.0 - rho)
    yes, no, any_ = (
        np.cumprod([1.0, *(of + step * alike for step in range(size))]) for of in (share, 1.0 - share, 1.0)
    )
    return np.array([math.comb(size, n) * yes[n] * no[size - n] / any_[size] for n in range(size + 1)])
