"""What is known about each zone's reach apart from the copies handed out, and whether the sources agree.

Two sources speak of distinct households without identifying any: the first-copy question asked at handouts, and the
spot check of households drawn from the registry. Each is judged alone here; where they contradict each other, averaging
them would hide that one of them is wrong. Formulas: dispatch/reach/README.md, sections "Copies and households",
"First-copy question", "Spot check" and "Sources that disagree".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dispatch.reach.checked import Floats
from dispatch.reach.quantiles import NORMAL_NODES

Flags = NDArray[np.bool_]
EvidenceLevel = Literal["A", "B", "C"]
"""A: first-copy question and spot check, B: one of them, C: copies alone."""
LEVELS: Final[tuple[EvidenceLevel, ...]] = ("C", "B", "A")
"""By the number of sources used."""

SENSITIVITY: Final = 0.90
"""Share of households that have the material and say so when visited."""
SPECIFICITY: Final = 0.98
"""Share of households without it that say so when visited."""
REGISTRY_RELATIVE_SD: Final = 0.10
"""Relative standard deviation of the registered number of households."""
ZONE_DISAGREEMENT: Final = 2.5
CITY_DISAGREEMENT: Final = 2.0
"""Pooled standard errors on the logit beyond which two sources disagree."""

_GRID: Final = 400
MIDPOINTS: Final[Floats] = (np.arange(_GRID) + 0.5) / _GRID
"""The grid of a share: the middles of 400 equal slices."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is known of Z zones, each array of shape (Z,); a source left out was not used anywhere.

    Attributes:
        households: registered households.
        copies: copies recorded as handed out.
        firsts: handouts answered "first one for this household" of the `asked` answered yes or no
            ("don't know" is in neither).
        asked: first-copy questions answered yes or no.
        have: sampled households that have the material, of the `sampled` visited.
        sampled: households visited in spot checks.
        genuine_successes: audited handouts found genuine, of `genuine_trials` audited; 0 trials means genuine.
        genuine_trials: handouts audited.
        registry_relative_sd: relative standard deviation of `households`.
    """

    households: ArrayLike
    copies: ArrayLike
    firsts: ArrayLike | None = None
    asked: ArrayLike | None = None
    have: ArrayLike | None = None
    sampled: ArrayLike | None = None
    genuine_successes: ArrayLike | None = None
    genuine_trials: ArrayLike | None = None
    registry_relative_sd: float = REGISTRY_RELATIVE_SD


@dataclass(frozen=True, slots=True)
class CheckedEvidence:
    """The checked evidence as float arrays of shape (Z,), with genuine copies per household computed."""

    households: Floats
    firsts: Floats
    asked: Floats
    have: Floats
    sampled: Floats
    mu: Floats
    """Genuine copies per household; 0 where there are no households."""
    log_sd: Floats
    """Standard deviation of log mu: registry and audit together."""

    @property
    def mu_nodes(self) -> Floats:
        """Equally likely values of mu, shape (Z, 7)."""
        return self.mu[:, None] * np.exp(self.log_sd[:, None] * NORMAL_NODES)


def checked_counts(evidence: Evidence) -> CheckedEvidence:
    """The evidence as arrays.

    Raises:
        ValueError: a count is NaN, infinite or negative, shapes differ, or a part is larger than its whole
            (firsts > asked, have > sampled, successes > trials).
    """
    households = _counts("households", evidence.households, None)
    size = len(households)
    copies = _counts("copies", evidence.copies, size)
    firsts, asked = _pair("firsts", evidence.firsts, "asked", evidence.asked, size)
    have, sampled = _pair("have", evidence.have, "sampled", evidence.sampled, size)
    successes, trials = _pair(
        "genuine_successes", evidence.genuine_successes, "genuine_trials", evidence.genuine_trials, size
    )
    registry_sd = float(_counts("registry_relative_sd", [evidence.registry_relative_sd], 1)[0])
    # Jeffreys' Beta(½, ½): nearly the observed share, yet one audited handout does not settle the matter.
    share = np.where(trials > 0.0, (successes + 0.5) / (trials + 1.0), 1.0)
    relative_variance = np.where(trials > 0.0, (1.0 - share) / (share * (trials + 2.0)), 0.0)
    mu = np.where(households > 0.0, share * copies / np.where(households > 0.0, households, 1.0), 0.0)
    log_sd = np.sqrt(np.log1p(registry_sd**2 + relative_variance))
    return CheckedEvidence(households, firsts, asked, have, sampled, mu, log_sd)


def _counts(name: str, values: ArrayLike | None, size: int | None) -> Floats:
    array = np.zeros(size or 0) if values is None else np.atleast_1d(np.asarray(values, dtype=np.float64))
    if array.ndim != 1 or (size is not None and len(array) != size):
        raise ValueError(f"{name} must hold one number per zone")
    if not np.all(np.isfinite(array)) or np.any(array < 0.0):
        raise ValueError(f"{name} must be finite and not negative")
    return array


def _pair(
    part_name: str, part: ArrayLike | None, whole_name: str, whole: ArrayLike | None, size: int
) -> tuple[Floats, Floats]:
    smaller, larger = _counts(part_name, part, size), _counts(whole_name, whole, size)
    if np.any(smaller > larger):
        raise ValueError(f"{part_name} must not be more than {whole_name}")
    return smaller, larger


def log_likelihood(successes: Floats, trials: Floats, share: Floats) -> Floats:
    """Binomial log-likelihood without its constant, for shares in [0, 1]; 0·log 0 counts as 0.

    Without trials the likelihood is flat, so a source that was not used changes nothing.
    """
    failures = trials - successes
    with np.errstate(divide="ignore", invalid="ignore"):
        of_successes = np.where(successes > 0.0, successes * np.log(share), 0.0)
        return of_successes + np.where(failures > 0.0, failures * np.log1p(-share), 0.0)


def spot_check_share(reach_share: Floats) -> Floats:
    """Share of visited households expected to say they have it, Se·R + (1 − Sp)(1 − R)."""
    return SENSITIVITY * reach_share + (1.0 - SPECIFICITY) * (1.0 - reach_share)


@dataclass(frozen=True, slots=True)
class Alone:
    """One source fitted alone with a flat prior, shape (Z,); NaN where the source was not used."""

    mean_logit: Floats
    logit_sd: Floats
    mean: Floats
    variance: Floats

    @property
    def share(self) -> Floats:
        """The share at the mean of the logit."""
        return 1.0 / (1.0 + np.exp(-self.mean_logit))


def _moments(share: Floats, log_weight: Floats, used: Flags) -> Alone:
    """Moments over the last axis, on the logit and as shares."""
    weight = np.exp(log_weight - log_weight.max(axis=-1, keepdims=True))
    weight /= weight.sum(axis=-1, keepdims=True)
    logit = np.log(share) - np.log1p(-share)

    def mean_and_variance(values: Floats) -> tuple[Floats, Floats]:
        mean = np.sum(weight * values, axis=-1)
        return mean, np.sum(weight * (values - mean[:, None]) ** 2, axis=-1)

    centre, spread = mean_and_variance(logit)
    mean, variance = mean_and_variance(share)
    blank = np.where(used, 0.0, np.nan)
    return Alone(centre + blank, np.sqrt(spread) + blank, mean + blank, variance + blank)


def first_copy_alone(counts: CheckedEvidence) -> Alone:
    """Reach by the first-copy question alone, R = mu·(firsts/asked), with the uncertainty of mu."""
    mu = np.maximum(counts.mu_nodes, 1e-12)[:, :, None]
    cap = np.minimum(1.0, mu)
    share = np.clip(cap * MIDPOINTS, 1e-15, 1.0 - 1e-15)
    weight = log_likelihood(counts.firsts[:, None, None], counts.asked[:, None, None], share / mu)
    flat = (len(counts.mu), len(NORMAL_NODES) * _GRID)
    return _moments(share.reshape(flat), weight.reshape(flat), (counts.asked > 0.0) & (counts.mu > 0.0))


def spot_check_alone(counts: CheckedEvidence) -> Alone:
    """Reach by the spot check alone, corrected for what people misremember."""
    share = np.broadcast_to(MIDPOINTS, (len(counts.mu), _GRID))
    weight = log_likelihood(counts.have[:, None], counts.sampled[:, None], spot_check_share(share))
    return _moments(share, weight, counts.sampled > 0.0)


def zones_disagree(question: Alone, check: Alone) -> Flags:
    """Zones whose two sources differ by more than 2.5 pooled standard errors on the logit, shape (Z,)."""
    pooled = np.hypot(question.logit_sd, check.logit_sd)
    with np.errstate(invalid="ignore"):
        return np.abs(question.mean_logit - check.mean_logit) > ZONE_DISAGREEMENT * pooled


def area_disagrees(question: Alone, check: Alone, households: Floats) -> bool:
    """Whether an area's household-weighted figures by the two sources differ by more than 2 pooled standard errors."""
    both = np.isfinite(question.mean) & np.isfinite(check.mean) & (households > 0.0)
    if not np.any(both):
        return False
    weight = households[both] / households[both].sum()
    centre, spread = np.empty(2), np.empty(2)
    for place, source in enumerate((question, check)):
        mean = float(np.clip(weight @ source.mean[both], 1e-9, 1.0 - 1e-9))
        centre[place] = np.log(mean) - np.log1p(-mean)
        spread[place] = float(weight**2 @ source.variance[both]) / (mean * (1.0 - mean)) ** 2
    return bool(abs(centre[0] - centre[1]) > CITY_DISAGREEMENT * np.sqrt(spread.sum()))


def levels(question_used: Flags, check_used: Flags) -> list[EvidenceLevel]:
    """Evidence level of each zone."""
    return [LEVELS[sources] for sources in (question_used.astype(np.int64) + check_used.astype(np.int64)).tolist()]
