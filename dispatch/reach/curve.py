"""The reach curve: how many households n copies reach when some households order far more often than others.

Handing out as many copies as there are households reaches far fewer of them, because frequent orderers get
several. Every figure of reach, and every allocation, rests on this one curve, so it lives here alone.

Notation: mu = genuine copies per household, a = squared coefficient of variation of the households' order rates.
Formulas, assumptions and sources: dispatch/reach/README.md, section "The reach curve".
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from dispatch.reach.checked import Floats

PRIOR_MEDIAN_A: Final = 1.5
"""Median of the prior of a; real parcels give 1.5 to 2 by door or building."""
PRIOR_LOG_SD_A: Final = 0.7
"""Standard deviation of log a in the prior, which is normal on the log scale."""


def _checked(name: str, values: ArrayLike) -> Floats:
    """The values as floats.

    Raises:
        ValueError: a value is NaN, infinite or negative.
    """
    array = np.asarray(values, dtype=np.float64)
    if not np.all(np.isfinite(array)):
        raise ValueError(f"{name} must be finite numbers")
    if np.any(array < 0.0):
        raise ValueError(f"{name} must not be negative")
    return array


def _minus_log_missed(mu: Floats, a: Floats) -> Floats:
    """log(1 + a·mu)/a, minus the log of the share that gets nothing; tends to mu as a → 0."""
    mu, a = np.broadcast_arrays(mu, a)
    with np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore"):
        x = a * mu
        # mu·(log1p(x)/x) keeps every digit where a is too small for log1p(x)/a.
        exact = np.where(x < 1.0, mu * (np.log1p(x) / x), np.log1p(x) / a)
        huge = (np.log(a) + np.log(mu)) / a
    return np.where(x == 0.0, mu, np.where(np.isinf(x), huge, exact))


def reach(mu: ArrayLike, a: ArrayLike) -> Floats:
    """Expected share of households holding at least one copy, g(mu; a) = 1 − (1 + a·mu)^(−1/a).

    Args:
        mu: genuine copies per household, any shape, ≥ 0.
        a: squared coefficient of variation of order rates, broadcast against mu, ≥ 0; 0 means all order alike.

    Returns:
        Shares in [0, 1], of the broadcast shape.

    Raises:
        ValueError: a value is NaN, infinite or negative.
    """
    return -np.expm1(-_minus_log_missed(_checked("mu", mu), _checked("a", a)))


def derivative(mu: ArrayLike, a: ArrayLike) -> Floats:
    """Slope of the reach curve, dg/dmu = (1 + a·mu)^(−1/a − 1): new households per further copy per household.

    Raises:
        ValueError: a value is NaN, infinite or negative.
    """
    mu_, a_ = _checked("mu", mu), _checked("a", a)
    with np.errstate(over="ignore", under="ignore"):
        return np.exp(-_minus_log_missed(mu_, a_) - np.log1p(a_ * mu_))


def copies_for_reach(target: ArrayLike, a: ArrayLike) -> Floats:
    """Genuine copies per household that reach the target share: the inverse of `reach` in its first argument.

    Args:
        target: shares in [0, 1); 1 gives infinity, for no number of copies reaches everybody.
        a: squared coefficient of variation, broadcast against target, ≥ 0.

    Raises:
        ValueError: a value is NaN or negative, a is infinite, or a target is over 1.
    """
    target_, a_ = np.broadcast_arrays(_checked("target", target), _checked("a", a))
    if np.any(target_ > 1.0):
        raise ValueError("target must not be over 1")
    with np.errstate(divide="ignore", over="ignore", under="ignore", invalid="ignore"):
        log_missed = -np.log1p(-target_)
        x = a_ * log_missed
        return np.where(x > 0.0, np.where(x < 1.0, log_missed * (np.expm1(x) / x), np.expm1(x) / a_), log_missed)


def zone_reach(
    handed_out: float, households: float, genuine_share: float = 1.0, a: float = PRIOR_MEDIAN_A
) -> float | None:
    """Estimated share of one zone's households reached, from counts alone; None ("not applicable") without households.

    Args:
        handed_out: copies recorded in the zone, ≥ 0.
        households: households of the zone by the registry, ≥ 0.
        genuine_share: share of the recorded copies that really went to a household, 0 to 1.
        a: squared coefficient of variation of order rates.

    Raises:
        ValueError: a number is NaN, infinite or negative, or genuine_share is over 1.
    """
    checked = _checked("handed_out, households, genuine_share and a", [handed_out, households, genuine_share, a])
    if checked[2] > 1.0:
        raise ValueError("genuine_share must not be over 1")
    if households == 0:
        return None
    return float(reach(genuine_share * handed_out / households, a))
