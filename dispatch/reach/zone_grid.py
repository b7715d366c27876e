"""One zone's probability grids: prior about the reach curve, likelihood of its evidence, and their product.

Axes are always (mu: 7, a: K, R: 400). The grid of R spans 0 to min(1, mu), so a zone with few copies is resolved as
finely as one with many; for mu ≥ 1 it is the plain 400 midpoints. Formulas: dispatch/reach/README.md, section
"Posterior".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from dispatch.reach.checked import Floats
from dispatch.reach.curve import reach
from dispatch.reach.evidence import MIDPOINTS, CheckedEvidence, log_likelihood, spot_check_share

PRIOR_STRENGTH: Final = 100.0
"""φ: how closely zones keep to the curve, as if so many households had been asked."""
_LEAST_EXPONENT: Final = -650.0
"""Keeps a prior far from the evidence above zero, so that the evidence can still move it."""


@dataclass(frozen=True, slots=True)
class ZoneGrid:
    """Prior (7, K, 400), not normalised, with its sums (7, K); likelihood (7, 400) scaled by e^shift to at most 1."""

    share: Floats
    prior: Floats
    prior_sum: Floats
    likelihood: Floats
    shift: float

    def log_evidence(self) -> Floats:
        """Log probability of the zone's evidence given each a, shape (K,)."""
        seen = np.matmul(self.prior, self.likelihood[:, :, None])[:, :, 0]
        return np.log(np.mean(seen / self.prior_sum, axis=0)) + self.shift

    def posterior(self, a_weight: Floats) -> tuple[Floats, Floats, Floats]:
        """Density over R with a mixed out (400,), summing to 1; mean and variance of R given each a, (K,)."""
        by_power = self.likelihood[:, :, None] * np.stack([np.ones_like(self.share), self.share, self.share**2], axis=1)
        sums = np.sum(np.matmul(self.prior, by_power) / self.prior_sum[:, :, None], axis=0)
        mean = sums[:, 1] / sums[:, 0]
        mixing = a_weight / (sums[:, 0] * self.prior_sum)
        density = np.sum(np.matmul(mixing[:, None, :], self.prior)[:, 0, :] * self.likelihood, axis=0)
        return density / density.sum(), mean, np.maximum(sums[:, 2] / sums[:, 0] - mean**2, 0.0)


def zone_grid(counts: CheckedEvidence, zone: int, a_nodes: Floats) -> ZoneGrid:
    """The grids of one zone, which must have genuine copies (mu > 0).

    Args:
        counts: the checked evidence.
        zone: place of the zone.
        a_nodes: values of a, shape (K,).
    """
    share = min(1.0, float(counts.mu[zone])) * MIDPOINTS
    mu = counts.mu_nodes[zone]
    allowed = share <= mu[:, None]
    prior = _prior(share, reach(mu[:, None], a_nodes))
    log_seen = log_likelihood(counts.firsts[zone], counts.asked[zone], np.minimum(1.0, share / mu[:, None]))
    log_seen = log_seen + log_likelihood(counts.have[zone], counts.sampled[zone], spot_check_share(share))
    log_seen = np.where(allowed, log_seen, -np.inf)
    shift = float(log_seen.max())
    return ZoneGrid(
        share=share,
        prior=prior,
        prior_sum=np.matmul(prior, allowed[:, :, None].astype(np.float64))[:, :, 0],
        likelihood=np.exp(log_seen - shift),
        shift=shift,
    )


def _prior(share: Floats, curve: Floats) -> Floats:
    """Beta(φg, φ(1−g)) on the grid of R up to a factor per (mu, a), shape (7, K, 400).

    Each row is scaled by its value near R = g, so none overflows.
    """
    log_yes, log_no = np.log(share), np.log1p(-share)
    centre = np.clip(curve, share[0], share[-1])
    slope = PRIOR_STRENGTH * curve - 1.0
    at_centre = slope * (np.log(centre) - np.log1p(-centre)) + (PRIOR_STRENGTH - 2.0) * np.log1p(-centre)
    rows = np.stack([slope, np.ones_like(slope), -at_centre], axis=-1)
    columns = np.stack([log_yes - log_no, (PRIOR_STRENGTH - 2.0) * log_no, np.ones_like(share)])
    exponents = np.matmul(rows, columns)
    np.maximum(exponents, _LEAST_EXPONENT, out=exponents)
    return np.exp(exponents, out=exponents)
