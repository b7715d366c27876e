"""Reach from copies alone (evidence level C): of cells, of past days and of single materials, where no more is known.

How unevenly households order is unknown (log a ~ N(log 1.5, 0.7²), or what the campaign's evidence says of it) and the
copies per household mu are off by some 10 %; both are laid out on a fixed grid, so nothing is drawn at random. With
a fixed relative error the quantiles depend on mu alone: they are computed once, on a table over log mu, and a city
of 60,000 cells costs one interpolation. With all the evidence: posterior.py. Formulas: dispatch/reach/README.md,
section "Copies alone".
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from dispatch.reach.checked import Floats
from dispatch.reach.curve import PRIOR_LOG_SD_A, PRIOR_MEDIAN_A, reach
from dispatch.reach.evidence import REGISTRY_RELATIVE_SD, Flags
from dispatch.reach.quantiles import HIGH_LEVEL, LOW_LEVEL, NORMAL_NODES

_STEPS: Final[Floats] = np.linspace(-4.0, 4.0, 41)
_A_WEIGHT: Final[Floats] = np.exp(-0.5 * _STEPS**2) / np.exp(-0.5 * _STEPS**2).sum()
_ERRORS: Final[Floats] = np.exp(np.sqrt(np.log1p(REGISTRY_RELATIVE_SD**2)) * NORMAL_NODES)
# Below the first node the curve is a straight line through nought; beyond the last everybody plausible has a copy.
_TABLE: Final[Floats] = np.geomspace(1e-5, 1e6, 1200)
_LOG_TABLE: Final[Floats] = np.log(_TABLE)


class Orders(NamedTuple):
    """How unevenly households order: log a ~ N(log a_median, a_log_sd²)."""

    a_median: float
    a_log_sd: float

    @property
    def a_nodes(self) -> Floats:
        """Values of a, weighted by _A_WEIGHT."""
        return self.a_median * np.exp(self.a_log_sd * _STEPS)


PRIOR_ORDERS: Final = Orders(PRIOR_MEDIAN_A, PRIOR_LOG_SD_A)


def orders(a_median: float, a_log_sd: float) -> Orders:
    """Rounded, so that the tables below serve many campaigns and outlast small changes of the evidence."""
    return Orders(max(0.1, round(a_median, 1)), max(0.1, round(a_log_sd, 1)))


@dataclass(frozen=True, slots=True)
class Reach:
    """Share of households reached in Z places, each array (Z,); NaN where there are no households."""

    median: Floats
    low: Floats
    """2.5 % quantile."""
    high: Floats
    """97.5 % quantile, never over min(1, copies per household)."""
    meets_target: Floats
    """P(reach ≥ target)."""


class AreaFigure(NamedTuple):
    """Share of an area's households reached, with the 2.5 % and 97.5 % quantiles."""

    median: float
    low: float
    high: float


def estimate(copies: ArrayLike, households: ArrayLike, target: float = 0.6, spread: Orders = PRIOR_ORDERS) -> Reach:
    """Estimate the share of households reached in Z places from the copies handed out there.

    Args:
        copies: copies recorded, shape (Z,), ≥ 0.
        households: households by the registry, shape (Z,), ≥ 0; 0 or NaN: not applicable.
        target: share aimed at, for `meets_target`.
        spread: how unevenly households order.

    Raises:
        ValueError: a number of copies is NaN, infinite or negative.
    """
    homes = np.asarray(households, dtype=np.float64)
    applicable = homes > 0.0
    mu = np.asarray(copies, dtype=np.float64) / np.where(applicable, homes, 1.0)
    blank = np.where(applicable, 0.0, np.nan)
    median = reach(mu, spread.a_median)
    low, high = (_interpolated(mu, table) for table in _quantile_table(spread))
    missed = np.where(mu > 0.0, np.interp(np.log(np.maximum(mu, _TABLE[0])), _LOG_TABLE, _missed(target, spread)), 1.0)
    return Reach(
        median=median + blank,
        low=np.minimum(low, median) + blank,
        high=np.minimum(np.maximum(high, median), np.minimum(1.0, mu)) + blank,
        meets_target=(1.0 - missed if target > 0.0 else np.ones(mu.shape)) + blank,
    )


def estimate_area(copies: ArrayLike, households: ArrayLike) -> AreaFigure | None:
    """Household-weighted reach of several zones together.

    The median is the weighted mean of the zones' medians. What is unknown of a is shared by all zones and does not
    average out; the error of mu is each zone's own and does. None ("not applicable") without any households.

    Args:
        copies: copies recorded in each zone, shape (Z,), ≥ 0.
        households: as in `estimate`; zones without are left out.
    """
    homes = np.asarray(households, dtype=np.float64)
    applicable: Flags = homes > 0.0
    if not np.any(applicable):
        return None
    homes = homes[applicable]
    mu = np.asarray(copies, dtype=np.float64)[applicable] / homes
    share = homes / homes.sum()
    median = float(share @ reach(mu, PRIOR_MEDIAN_A))
    # A zone at a time the grid would be (Z, 41, 7); by value of a it stays small.
    a_nodes = PRIOR_ORDERS.a_nodes
    centre, spread = np.empty(len(a_nodes)), np.empty(len(a_nodes))
    for place, a in enumerate(a_nodes):
        found = reach(mu[:, None] * _ERRORS, a)
        centre[place] = share @ found.mean(axis=1)
        spread[place] = np.sqrt(share**2 @ found.var(axis=1))
    values = (centre[:, None] + spread[:, None] * NORMAL_NODES).reshape(1, -1)
    low, high = _weighted_quantiles(values)[:, 0]
    most = float(share @ np.minimum(1.0, mu))
    return AreaFigure(median, max(0.0, min(float(low), median)), min(max(float(high), median), most))


def _interpolated(mu: Floats, table: Floats) -> Floats:
    """The quantile of reach for copies per household mu by its table, within 0.001 of the quantile itself."""
    inside: Floats = np.interp(np.log(np.maximum(mu, _TABLE[0])), _LOG_TABLE, table)
    return np.where(mu < _TABLE[0], mu * (table[0] / _TABLE[0]), inside)


@lru_cache(maxsize=32)
def _quantile_table(spread: Orders) -> Floats:
    """Low and high quantiles of reach over the table of mu, shape (2, 1200)."""
    return _weighted_quantiles(_grid(spread))


@lru_cache(maxsize=32)
def _missed(target: float, spread: Orders) -> Floats:
    """P(reach < target) over the table of mu, shape (1200,)."""
    ordered, below = _cumulative(_grid(spread))
    found: list[Floats] = [np.interp([target], values, share) for values, share in zip(ordered, below, strict=True)]
    return np.concatenate(found)


def _grid(spread: Orders) -> Floats:
    """Reach for every mu of the table, value of a and error of mu, shape (1200, 287)."""
    return reach(_TABLE[:, None, None] * _ERRORS, spread.a_nodes[:, None]).reshape(len(_TABLE), -1)


def _weighted_quantiles(values: Floats) -> Floats:
    """Low and high quantiles of each row (n, 287), shape (2, n)."""
    ordered, below = _cumulative(values)
    levels = (LOW_LEVEL, HIGH_LEVEL)
    found: list[Floats] = [np.interp(levels, share, row) for row, share in zip(ordered, below, strict=True)]
    return np.array(found).T


def _cumulative(values: Floats) -> tuple[Floats, Floats]:
    """Each row's values ascending, and the probability below the middle of each of them."""
    weight = np.repeat(_A_WEIGHT / len(_ERRORS), len(_ERRORS))
    order = np.argsort(values, axis=1, kind="stable")
    sorted_weight = weight[order]
    return np.take_along_axis(values, order, axis=1), np.cumsum(sorted_weight, axis=1) - sorted_weight / 2
