"""How dangerous a zone is, from its incident counts, without taking chance for danger."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from dispatch.reach.checked import Floats, checked_numbers


def shrunk_risk_weights(counts: ArrayLike, expected: ArrayLike) -> Floats:
    """Risk weights from incident counts, drawn towards 1 where counts are small: w = (x + k)/(E + k).

    Derivation and source: dispatch/reach/README.md, section "Risk weights".

    k = 1/τ², with τ² the variance of the true relative risks by the method of moments,
    τ² = Σ((x − E)² − E)/ΣE². Counts no more uneven than chance give τ² ≤ 0 and weight 1 everywhere.

    Args:
        counts: incidents per zone, shape (Z,), ≥ 0.
        expected: incidents expected per zone were the risk the same everywhere (so Σ expected = Σ counts).

    Raises:
        ValueError: a number is NaN, infinite or negative.
    """
    found = checked_numbers("counts", counts)
    chance = checked_numbers("expected", expected, len(found))
    squares = float(np.sum(chance**2))
    spread = float(np.sum((found - chance) ** 2 - chance)) / squares if squares > 0.0 else 0.0
    if spread <= 0.0:
        return np.ones(len(found))
    return (found + 1.0 / spread) / (chance + 1.0 / spread)
