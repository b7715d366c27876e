"""From counts to points: how much better "made up" explains a week than "honest" does.

Each sign compares two models of the same counts. Points are the logarithm of their likelihood ratio, where the honest
model always holds a few riders (`habit`) who look just like the other for an innocent reason: a post at one door, a
clock that is not set, a phone with a bad fix. So points never pass ln(1 / habit), whatever the counts. Formulas and
sources: dispatch/reach/README.md, section "Review flags".

sign                      counted                                    honest            made up           habit  most
beyond-held               copies without stock of copies confirmed   Beta(1, 19)       Beta(1, 1)        0.10   2.3
clock-ahead               any confirmation ahead of its arrival      1 in 100          1 in 5            0.10   2.3
many-cells-in-one-minute  cells beyond two a minute, of confirmed    Beta(1, 199)      Beta(1, 9)        0.002  6.2
fast-between-cells        steps above 60 km/h of steps               Beta(1, 299)      Beta(1, 9)        0.002  6.2
outside-usual-zones       confirmations outside, on any one day      Beta(1, 9)        Beta(4, 1)        0.05   3.0
one-cell-evenly           days in one cell, and                      1 in 10           7 in 10           0.002  6.2
                          ln of the variation of the times between   N(0, 0.5)         N(ln 0.1, 0.8)
round-numbers             multiples of five of numbers from three    Beta(2, 6)        Beta(8, 1)        0.04   3.2

Beta(a, b): shares differ from rider to rider by this law, so counts are beta-binomial, and few of them say little.
Signs of one rider are added as if they came independently; a sign below LEAST_POINTS is none, and none is ever held in
a rider's favour, so more signs never lower a score. No Benford: numbers between 1 and 40 do not follow it.

The threshold lies where no sign that has a common innocent reason reaches it alone. Copies beyond those held are a
certain fact, but mostly one about a hand-over that was not recorded: the ledger asks about it by itself, and here it
counts with other signs only. The habits that can add up to 0.006 (three signs alone), 0.002 (rounding while helping out
elsewhere) and 0.001 (three weak signs at once), which keeps within the 1 % of false alarms allowed.
"""

from collections.abc import Callable
from datetime import date
from math import lgamma, log
from typing import Final, Literal

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from dispatch.flags.evidence import Floats, WeekCounts, Whole
from schemas.flags import (
    BeyondHeld,
    ClockAheadOfServer,
    FastBetweenCells,
    FlagFacts,
    ManyCellsInOneMinute,
    OneCellEvenly,
    OutsideUsualZones,
    RoundNumbers,
)

Slug = Literal[
    "beyond-held", "clock-ahead", "many-cells-in-one-minute", "fast-between-cells", "outside-usual-zones",
    "one-cell-evenly", "round-numbers",
]  # fmt: skip

THRESHOLD: Final = 5.7
LARGEST_SCORE: Final = 12.0
LEAST_POINTS: Final = 1.0

HABIT: Final[dict[Slug, float]] = {
    "beyond-held": 0.10,
    "clock-ahead": 0.10,
    "many-cells-in-one-minute": 0.002,
    "fast-between-cells": 0.002,
    "outside-usual-zones": 0.05,
    "one-cell-evenly": 0.002,
    "round-numbers": 0.04,
}
_CLOCK_HONEST, _CLOCK_MADE_UP = 0.01, 0.20
_ONE_CELL_HONEST, _ONE_CELL_MADE_UP = 0.10, 0.70
_RHYTHM_HONEST, _RHYTHM_MADE_UP = (0.0, 0.5), (log(0.1), 0.8)
_LEAST_VARIATION: Final = 0.02
# Far beyond every cap, and still a number after exp.
_LARGEST_LOG: Final = 50.0


class Scored(Struct, frozen=True, eq=False):
    """Points per sign (riders,), and their capped sum."""

    points: dict[Slug, Floats]
    score: Floats


class Reason(Struct, frozen=True, kw_only=True):
    """One sign as stored with a flag."""

    points: float
    facts: FlagFacts


def score(counts: WeekCounts) -> Scored:
    """Points of every sign and the score of every rider."""
    likelihoods = _log_likelihoods(counts)
    points: dict[Slug, Floats] = {
        slug: _points(honest, made_up, HABIT[slug]) for slug, (honest, made_up) in likelihoods.items()
    }
    return Scored(points, np.minimum(np.sum(list(points.values()), axis=0), LARGEST_SCORE))


def _points(honest: Floats, made_up: Floats, habit: float) -> Floats:
    with_habit = np.logaddexp(np.log1p(-habit) + honest, log(habit) + made_up)
    points = made_up - with_habit
    # Rounded, so that no score hangs on the last digit of a sum.
    return np.where(points < LEAST_POINTS, 0.0, points).round(6)


def _log_likelihoods(counts: WeekCounts) -> dict[Slug, tuple[Floats, Floats]]:
    """Logarithms of (honest, made up), up to what both share."""
    days, riders = counts.days, len(counts.copies)
    ahead = counts.ahead > 0
    held = counts.waiting_copies + counts.copies
    elsewhere = [_log_beta_binomial(days.outside, days.known, *beta) for beta in ((1.0, 9.0), (4.0, 1.0))]
    rhythm = _rhythm(days.cells, days.variation)
    return {
        "beyond-held": _two_betas(counts.waiting_copies, held, (1.0, 19.0), (1.0, 1.0)),
        "clock-ahead": (
            np.where(ahead, log(_CLOCK_HONEST), np.log1p(-_CLOCK_HONEST)),
            np.where(ahead, log(_CLOCK_MADE_UP), np.log1p(-_CLOCK_MADE_UP)),
        ),
        "many-cells-in-one-minute": _two_betas(
            counts.extra_cells, counts.confirmations, (1.0, 199.0), (1.0, 9.0)
        ),
        "fast-between-cells": _two_betas(counts.fast_steps, counts.steps, (1.0, 299.0), (1.0, 9.0)),
        "outside-usual-zones": _one_day(days.rider, elsewhere, riders),
        "one-cell-evenly": _by_rider(days.rider, rhythm, riders),
        "round-numbers": _two_betas(counts.round_numbers, counts.chosen_numbers, (2.0, 6.0), (8.0, 1.0)),
    }  # fmt: skip


def _two_betas(
    found: Whole, among: Whole, honest: tuple[float, float], made_up: tuple[float, float]
) -> tuple[Floats, Floats]:
    return _log_beta_binomial(found, among, *honest), _log_beta_binomial(found, among, *made_up)


def _log_beta_binomial(found: Whole, among: Whole, a: float, b: float) -> Floats:
    """ln of the beta-binomial probability of `found` among `among`, without the coefficient both models share."""
    missed = (among - found).astype(np.float64)
    return _log_beta(found.astype(np.float64) + a, missed + b) - (lgamma(a) + lgamma(b) - lgamma(a + b))


def _log_beta(a: Floats, b: Floats) -> Floats:
    return _log_gamma(a) + _log_gamma(b) - _log_gamma(a + b)


def _log_gamma(values: Floats) -> Floats:
    # Most riders share a few counts.
    different, place = np.unique(values, return_inverse=True)
    return np.array([lgamma(value) for value in different.tolist()], dtype=np.float64)[place]


def _rhythm(cells: Whole, variation: Floats) -> list[Floats]:
    """Of each day: all in one cell or not and, where it is, how even. Days too short for a rhythm say nothing."""
    judged, one = ~np.isnan(variation), cells == 1
    # A rhythm less even than usual is no sign of honesty either.
    even = np.minimum(np.log(np.where(judged, np.maximum(variation, _LEAST_VARIATION), 1.0)), _RHYTHM_HONEST[0])
    return [
        np.where(judged, np.where(one, log(share) + _log_normal(even, *law), np.log1p(-share)), 0.0)
        for share, law in ((_ONE_CELL_HONEST, _RHYTHM_HONEST), (_ONE_CELL_MADE_UP, _RHYTHM_MADE_UP))
    ]


def _log_normal(value: Floats, mean: float, deviation: float) -> Floats:
    return -(((value - mean) / deviation) ** 2) / 2.0 - log(deviation)


def _by_rider(rider: Whole, likelihoods: list[Floats], riders: int) -> tuple[Floats, Floats]:
    honest, made_up = (np.bincount(rider, days, riders).astype(np.float64) for days in likelihoods)
    return honest, made_up


def _one_day(rider: Whole, likelihoods: list[Floats], riders: int) -> tuple[Floats, Floats]:
    """Made up is one day of the week, whichever: the mean of the days' likelihood ratios, so that ordinary days take
    nothing away, and more days to choose from do not make an odd one likelier."""
    honest, made_up = likelihoods
    days = np.bincount(rider, minlength=riders)
    ratios = np.bincount(rider, np.exp(np.minimum(made_up - honest, _LARGEST_LOG)), riders)
    return np.zeros(riders), np.log(np.where(days > 0, ratios / np.maximum(days, 1), 1.0))


def reasons_of(counts: WeekCounts, scored: Scored, rider: int) -> list[Reason]:
    """Why a rider's week is asked about: the signs with points, the strongest first."""
    found = [
        Reason(points=float(points[rider]), facts=_FACTS[slug](counts, rider))
        for slug, points in scored.points.items()
        if points[rider] > 0
    ]
    return sorted(found, key=lambda reason: -reason.points)


def _beyond_held(counts: WeekCounts, rider: int) -> BeyondHeld:
    beyond = int(counts.waiting_copies[rider])
    return BeyondHeld(copies_beyond=beyond, copies_confirmed=beyond + int(counts.copies[rider]))


def _clock_ahead(counts: WeekCounts, rider: int) -> ClockAheadOfServer:
    return ClockAheadOfServer(
        confirmations_ahead=int(counts.ahead[rider]), confirmations=int(counts.confirmations[rider])
    )


def _many_cells(counts: WeekCounts, rider: int) -> ManyCellsInOneMinute:
    return ManyCellsInOneMinute(
        minutes=int(counts.busy_minutes[rider]),
        most_cells=int(counts.most_cells[rider]),
        confirmations=int(counts.confirmations[rider]),
    )


def _fast(counts: WeekCounts, rider: int) -> FastBetweenCells:
    return FastBetweenCells(
        fast_steps=int(counts.fast_steps[rider]),
        steps=int(counts.steps[rider]),
        kilometres=round(float(counts.fastest_kilometres[rider]), 1),
        minutes=round(float(counts.fastest_minutes[rider]), 1),
    )


def _outside(counts: WeekCounts, rider: int) -> OutsideUsualZones:
    days = counts.days
    own = np.flatnonzero(days.rider == rider)
    worst = own[np.lexsort((days.day[own], -days.outside[own]))[0]]
    return OutsideUsualZones(
        day=date.fromordinal(int(days.day[worst])),
        outside=int(days.outside[worst]),
        confirmations=int(days.known[worst]),
    )


def _one_cell(counts: WeekCounts, rider: int) -> OneCellEvenly:
    days = counts.days
    honest, made_up = _rhythm(days.cells, days.variation)
    even: NDArray[np.bool_] = (days.rider == rider) & (made_up > honest)
    return OneCellEvenly(days=int(even.sum()), minutes_apart=round(float(np.median(days.minutes_apart[even])), 1))


def _round_numbers(counts: WeekCounts, rider: int) -> RoundNumbers:
    return RoundNumbers(round_numbers=int(counts.round_numbers[rider]), confirmations=int(counts.chosen_numbers[rider]))


_FACTS: Final[dict[Slug, Callable[[WeekCounts, int], FlagFacts]]] = {
    "beyond-held": _beyond_held,
    "clock-ahead": _clock_ahead,
    "many-cells-in-one-minute": _many_cells,
    "fast-between-cells": _fast,
    "outside-usual-zones": _outside,
    "one-cell-evenly": _one_cell,
    "round-numbers": _round_numbers,
}
