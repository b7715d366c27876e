"""Verified reach: what a random sample of households says, with its uncertainty.

The only measured figure of reach; everything else is an estimate. Without sampled households there is no figure.
Formulas: dispatch/reach/README.md, section "Verified reach".
"""

from __future__ import annotations

import math

from dispatch.reach.evidence import SENSITIVITY, SPECIFICITY
from dispatch.reach.quantiles import TWO_SIDED_95


def _check(have: float, sampled: float) -> None:
    if have < 0 or sampled < 0 or have > sampled:
        raise ValueError("have must be between 0 and the number sampled")


def wilson(have: float, sampled: float, z: float = TWO_SIDED_95) -> tuple[float, float] | None:
    """Wilson score interval of the share that has it; None ("not applicable") when nobody was sampled.

    Args:
        have: households that have the material; parts of one where a design effect divides.
        sampled: households visited, likewise.
        z: normal quantile; the default gives 95 %.

    Raises:
        ValueError: have is negative or over sampled, or z is not a positive number.
    """
    _check(have, sampled)
    if not math.isfinite(z) or z <= 0.0:
        raise ValueError("z must be a positive number")
    if sampled == 0:
        return None
    share, square = have / sampled, z * z
    centre = (share + square / (2.0 * sampled)) / (1.0 + square / sampled)
    half = z * math.sqrt(share * (1.0 - share) / sampled + square / (4.0 * sampled**2)) / (1.0 + square / sampled)
    low = 0.0 if have == 0 else max(0.0, centre - half)
    return low, 1.0 if have == sampled else min(1.0, centre + half)


def rogan_gladen(
    have: int, sampled: int, sensitivity: float = SENSITIVITY, specificity: float = SPECIFICITY
) -> float | None:
    """Share that has it, corrected for misremembering: (y/s + Sp − 1)/(Se + Sp − 1), kept within 0 and 1.

    None ("not applicable") when nobody was sampled.

    Raises:
        ValueError: have is negative or over sampled, or the answers carry no information (Se + Sp ≤ 1).
    """
    _check(have, sampled)
    if not (0.0 <= sensitivity <= 1.0 and 0.0 <= specificity <= 1.0 and sensitivity + specificity > 1.0):
        raise ValueError("sensitivity and specificity must be shares that sum to more than 1")
    if sampled == 0:
        return None
    return unforgotten(have / sampled, sensitivity, specificity)


def unforgotten(share: float, sensitivity: float = SENSITIVITY, specificity: float = SPECIFICITY) -> float:
    """The share that has it where this share says so, kept within 0 and 1."""
    return min(1.0, max(0.0, (share + specificity - 1.0) / (sensitivity + specificity - 1.0)))
