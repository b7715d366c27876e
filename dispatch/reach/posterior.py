"""Estimated reach per zone and city, with 95 % intervals, from counts and the evidence there is.

A Bayesian mixture on fixed grids, so the same counts always give the same figures and nothing is drawn at random:
41 values of a (how unevenly households order) shared by the city, 400 values of the reach R of each zone, 7 values of
the zone's copies per household mu. Given a and mu, R has the prior Beta(φg, φ(1−g)) about the reach curve g(mu; a) and
never passes mu. All zones' evidence together says which a is likely. Formulas: dispatch/reach/README.md, sections
"Posterior" and "Areas".
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from dispatch.reach.checked import Floats
from dispatch.reach.curve import PRIOR_LOG_SD_A, PRIOR_MEDIAN_A
from dispatch.reach.evidence import (
    LEVELS,
    MIDPOINTS,
    Alone,
    CheckedEvidence,
    Evidence,
    EvidenceLevel,
    Flags,
    area_disagrees,
    checked_counts,
    first_copy_alone,
    levels,
    spot_check_alone,
    zones_disagree,
)
from dispatch.reach.quantiles import HIGH_LEVEL, LOW_LEVEL, TWO_SIDED_95
from dispatch.reach.zone_grid import zone_grid

__all__ = ["AreaReach", "Evidence", "ReachEstimate", "area_reach", "estimate_reach"]

TEMPERING: Final = 2.0
"""Zones' evidence counts half towards a, for neighbouring zones are not independent witnesses."""
A_NODES: Final[Floats] = np.geomspace(0.05, 20.0, 41)
_NEGLIGIBLE: Final = 1e-9
_CHUNK: Final = 256


@dataclass(frozen=True, slots=True)
class ReachEstimate:
    """Estimates of Z zones, each array of shape (Z,), in the order of the evidence.

    Where `applicable` is False the zone has no households and its figures are NaN ("not applicable"). A zone with
    households but no genuine copies has reach 0 for certain. Where `sources_disagree`, the zone's figures use neither
    source (level C): the two figures fitted alone are to be shown side by side instead.
    """

    applicable: Flags
    median: Floats
    lower: Floats
    """2.5 % quantile."""
    upper: Floats
    """97.5 % quantile."""
    reaches_target: Floats
    """P(R ≥ target)."""
    level: list[EvidenceLevel]
    sources_disagree: Flags
    first_copy_alone: Alone
    spot_check_alone: Alone
    households: Floats
    most: Floats
    """min(1, mu), which no estimate passes."""
    a_nodes: Floats
    """Values of a that matter, shape (K,)."""
    a_weight: Floats
    """Their posterior probabilities, shape (K,)."""
    mean_given_a: Floats
    """Shape (Z, K)."""
    variance_given_a: Floats
    """Shape (Z, K)."""

    @property
    def city(self) -> AreaReach | None:
        """All zones together; None when none has households."""
        return area_reach(self, self.applicable)


@dataclass(frozen=True, slots=True)
class AreaReach:
    """Household-weighted reach of several zones. Where sources disagree, show their two figures, not the mean."""

    mean: float
    lower: float
    upper: float
    level: EvidenceLevel
    sources_disagree: bool
    first_copy_alone: float | None
    spot_check_alone: float | None
    households: float


def estimate_reach(evidence: Evidence, target: ArrayLike = 0.6) -> ReachEstimate:
    """Estimate the share of households reached in every zone; `.city` and `area_reach` sum the zones up.

    Args:
        evidence: counts of Z zones.
        target: reach aimed at, one number or (Z,).

    Raises:
        ValueError: a count is NaN, infinite or negative, or a part is larger than its whole.
    """
    counts = checked_counts(evidence)
    question, check = _alone(counts)
    disagree = zones_disagree(question, check)
    used = _without_evidence(counts, disagree)
    a_nodes, a_weight = _spread_of_orders(used)
    density, mean, variance = _posteriors(used, a_nodes, a_weight)
    most = np.minimum(1.0, counts.mu)
    not_applicable = np.where(counts.households > 0.0, 0.0, np.nan)
    low, middle, high = most * _quantiles(density, (LOW_LEVEL, 0.5, HIGH_LEVEL)) + not_applicable
    return ReachEstimate(
        applicable=counts.households > 0.0,
        median=middle,
        lower=low,
        upper=high,
        reaches_target=_above(density, most, target) + not_applicable,
        level=levels((used.asked > 0.0) & (used.mu > 0.0), (used.sampled > 0.0) & (used.mu > 0.0)),
        sources_disagree=disagree,
        first_copy_alone=question,
        spot_check_alone=check,
        households=counts.households,
        most=most,
        a_nodes=a_nodes,
        a_weight=a_weight,
        mean_given_a=mean,
        variance_given_a=variance,
    )


def _alone(counts: CheckedEvidence) -> tuple[Alone, Alone]:
    """Both sources fitted alone, by chunks of zones to keep the grids small in memory."""
    size = len(counts.mu)
    parts = [
        CheckedEvidence(*(getattr(counts, field.name)[start : start + _CHUNK] for field in fields(CheckedEvidence)))
        for start in range(0, max(size, 1), _CHUNK)
    ]

    def joined(found: list[Alone]) -> Alone:
        return Alone(*(np.concatenate([getattr(part, field.name) for part in found]) for field in fields(Alone)))

    return joined([first_copy_alone(part) for part in parts]), joined([spot_check_alone(part) for part in parts])


def _without_evidence(counts: CheckedEvidence, zones: Flags) -> CheckedEvidence:
    kept = np.where(zones, 0.0, 1.0)
    return replace(
        counts,
        firsts=counts.firsts * kept,
        asked=counts.asked * kept,
        have=counts.have * kept,
        sampled=counts.sampled * kept,
    )


def _spread_of_orders(counts: CheckedEvidence) -> tuple[Floats, Floats]:
    """Values of a and their posterior probabilities; values of no weight are left out."""
    log_weight = -0.5 * ((np.log(A_NODES) - np.log(PRIOR_MEDIAN_A)) / PRIOR_LOG_SD_A) ** 2
    for zone in np.flatnonzero((counts.mu > 0.0) & (counts.asked + counts.sampled > 0.0)):
        log_weight = log_weight + zone_grid(counts, int(zone), A_NODES).log_evidence() / TEMPERING
    weight = np.exp(log_weight - log_weight.max())
    kept = weight > _NEGLIGIBLE
    return A_NODES[kept], weight[kept] / weight[kept].sum()


def _posteriors(counts: CheckedEvidence, a_nodes: Floats, a_weight: Floats) -> tuple[Floats, Floats, Floats]:
    """Density over the zone's grid of R (Z, 400), mean and variance given a (Z, K); zeros without copies."""
    size = len(counts.mu)
    density = np.full((size, len(MIDPOINTS)), 1.0 / len(MIDPOINTS))
    mean, variance = np.zeros((size, len(a_nodes))), np.zeros((size, len(a_nodes)))
    for zone in np.flatnonzero(counts.mu > 0.0):
        density[zone], mean[zone], variance[zone] = zone_grid(counts, int(zone), a_nodes).posterior(a_weight)
    return density, mean, variance


def _edges(density: Floats) -> Floats:
    """Cumulative probability at the edges of the grid's cells, shape (Z, 401), from 0 to 1."""
    below = np.cumsum(density, axis=1)
    return np.concatenate([np.zeros((len(density), 1)), below / below[:, -1:]], axis=1)


def _quantiles(density: Floats, levels_: tuple[float, ...]) -> Floats:
    """Quantiles as shares of the grid's span, shape (levels, Z)."""
    position = np.linspace(0.0, 1.0, density.shape[1] + 1)
    found = [np.interp(levels_, below, position) for below in _edges(density)]
    return np.array(found).reshape(-1, len(levels_)).T


def _above(density: Floats, most: Floats, target: ArrayLike) -> Floats:
    """P(R ≥ target) per zone, shape (Z,)."""
    aims = np.broadcast_to(np.asarray(target, dtype=np.float64), most.shape)
    if not np.all(np.isfinite(aims)):
        raise ValueError("target must be finite")
    position = np.linspace(0.0, 1.0, density.shape[1] + 1)
    missed = np.where(aims > 0.0, 1.0, 0.0)
    edges = _edges(density)
    for zone in np.flatnonzero(most > 0.0):
        missed[zone] = np.interp(aims[zone] / most[zone], position, edges[zone])
    return 1.0 - missed


def area_reach(estimate: ReachEstimate, members: Flags) -> AreaReach | None:
    """Household-weighted reach of the member zones (a district, a city); None when they have no households.

    The variance is E_a[Σ h²·var] + Var_a[Σ h·m]: what is unknown of each zone, and what all zones share.

    Args:
        estimate: the zones' estimates.
        members: which zones belong to the area, shape (Z,).
    """
    inside = members & estimate.applicable
    households = np.where(inside, estimate.households, 0.0)
    if households.sum() == 0.0:
        return None
    share = households / households.sum()
    means = share @ estimate.mean_given_a
    mean = float(estimate.a_weight @ means)
    own = share**2 @ estimate.variance_given_a
    spread = TWO_SIDED_95 * float(np.sqrt(estimate.a_weight @ (own + (means - mean) ** 2)))
    question, check = estimate.first_copy_alone, estimate.spot_check_alone
    by_question, by_check = _weighted(question, households), _weighted(check, households)
    return AreaReach(
        mean=mean,
        lower=max(0.0, mean - spread),
        upper=min(float(share @ estimate.most), mean + spread),
        level=LEVELS[(by_question is not None) + (by_check is not None)],
        sources_disagree=area_disagrees(question, check, households),
        first_copy_alone=by_question,
        spot_check_alone=by_check,
        households=float(households.sum()),
    )


def _weighted(source: Alone, households: Floats) -> float | None:
    """Household-weighted mean by one source over the zones where it was used."""
    known = np.isfinite(source.mean) & (households > 0.0)
    return float(np.average(source.mean[known], weights=households[known])) if np.any(known) else None
