"""Verified reach: what a random sample of households says, with its uncertainty, and the pass rule for one zone.

The only measured figure of reach; everything else is an estimate. Without sampled households there is no figure.
Formulas: dispatch/reach/README.md, sections "Verified reach" and "Pass rule of a zone".
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from dispatch.reach.evidence import SENSITIVITY, SPECIFICITY
from dispatch.reach.quantiles import TWO_SIDED_95

SAMPLE_SIZE: Final = 40
"""Households visited in a zone under the zone sample plan."""
PASS_AT: Final = 18
"""The zone passes when so many of them have the material."""


@dataclass(frozen=True, slots=True)
class PassRule:
    """A zone sample plan: visit `sample` households, pass the zone when `pass_at` or more have the material."""

    sample: int = SAMPLE_SIZE
    pass_at: int = PASS_AT

    def passes(self, have: int) -> bool:
        """Whether a zone with so many households having the material passes.

        Raises:
            ValueError: have is negative or over the sample.
        """
        _check(have, self.sample)
        return have >= self.pass_at

    def pass_probability(self, reach_share: float) -> float:
        """P(X ≥ pass_at) for X binomial with the zone's true share, 0 to 1.

        Raises:
            ValueError: the share is not between 0 and 1.
        """
        if not 0.0 <= reach_share <= 1.0:
            raise ValueError("reach_share must be between 0 and 1")
        return math.fsum(
            math.comb(self.sample, have) * reach_share**have * (1.0 - reach_share) ** (self.sample - have)
            for have in range(max(self.pass_at, 0), self.sample + 1)
        )

    def alpha(self, good: float = 0.6) -> float:
        """Risk that a zone reached as well as `good` fails all the same."""
        return 1.0 - self.pass_probability(good)

    def beta(self, poor: float = 0.3) -> float:
        """Risk that a zone reached no better than `poor` passes."""
        return self.pass_probability(poor)


def _check(have: int, sampled: int) -> None:
    if have < 0 or sampled < 0 or have > sampled:
        raise ValueError("have must be between 0 and the number sampled")


def wilson(have: int, sampled: int, z: float = TWO_SIDED_95) -> tuple[float, float] | None:
    """Wilson score interval of the share that has it; None ("not applicable") when nobody was sampled.

    Args:
        have: households that have the material.
        sampled: households visited.
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
    return min(1.0, max(0.0, (have / sampled + specificity - 1.0) / (sensitivity + specificity - 1.0)))
