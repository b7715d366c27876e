"""What a week's confirmations show, counted per rider from cells and minutes; the records' order does not matter.

Nothing here says what a count means: that is scores.py. Positions are map cells, so nothing finer than some 200 m is
known or asked for.
"""

from typing import Final

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from dispatch.geo.cells import centres
from dispatch.geo.distances import distance_metres

Whole = NDArray[np.int64]
Floats = NDArray[np.float64]

# Phones and servers differ by seconds; only minutes show that a clock is set wrong.
CLOCK_SLACK_SECONDS: Final = 120
# Circumradius of an H3 cell of resolution 9, the accuracy of a place that is known by its cell only.
CELL_ACCURACY_METRES: Final = 200.0
FURTHER_SLACK_METRES: Final = 100.0
FASTEST_KILOMETRES_PER_HOUR: Final = 60.0
# Two doors in one minute, one on each side of a cell's edge, are ordinary.
CELLS_IN_A_MINUTE: Final = 2
# Fewer confirmations have no rhythm that could be called even.
FEWEST_FOR_RHYTHM: Final = 6
# One or two copies are what a door takes; from three on somebody chose the number.
FEWEST_FOR_ROUNDING: Final = 3
ROUND_TO: Final = 5
UNKNOWN, INSIDE, OUTSIDE = -1, 0, 1

_LONGEST_DEGREE_METRES: Final = 111_700.0


class Week(Struct, frozen=True, eq=False):
    """One week's confirmations that carry a cell, one entry each, and what was refused, one entry per rider.

    `rider`: number 0…riders − 1; `day`: local day as ordinal; `second`: when handed out (seconds since 1970);
    `ahead`: seconds by which that lies after the arrival; `cell`: H3, resolution 9; `place`: INSIDE or OUTSIDE the
    zones of the rider's outlet, UNKNOWN when it has none. Per rider: `recorded_copies`, with and without a cell;
    `waiting_copies`, refused for want of stock and still waiting; `refused_ahead`, confirmations refused because they
    lay in the future.
    """

    riders: int
    rider: Whole
    day: Whole
    second: Whole
    ahead: Whole
    cell: Whole
    copies: Whole
    place: Whole
    recorded_copies: Whole
    waiting_copies: Whole
    refused_ahead: Whole


class RiderDays(Struct, frozen=True, eq=False):
    """Counts per rider and day (d,). `known`, `outside`: confirmations whose place is judged, and those outside.

    `variation`: standard deviation of the times between confirmations over their mean, NaN where too few;
    `minutes_apart`: that mean; `cells`: how many different ones.
    """

    rider: Whole
    day: Whole
    known: Whole
    outside: Whole
    cells: Whole
    variation: Floats
    minutes_apart: Floats


class WeekCounts(Struct, frozen=True, eq=False):
    """What a week shows, per rider (riders,). Of the fastest step: kilometres and minutes, 0 where no step is fast."""

    confirmations: Whole
    copies: Whole
    waiting_copies: Whole
    ahead: Whole
    busy_minutes: Whole
    extra_cells: Whole
    most_cells: Whole
    steps: Whole
    fast_steps: Whole
    fastest_kilometres: Floats
    fastest_minutes: Floats
    chosen_numbers: Whole
    round_numbers: Whole
    days: RiderDays


def count(week: Week) -> WeekCounts:
    """Count one week."""
    order = np.lexsort((week.copies, week.cell, week.second, week.rider))
    rider, second, cell = week.rider[order], week.second[order], week.cell[order]
    cells_at, starts, minute_of = _cells_by_minute(rider, second, cell)
    busy = cells_at > CELLS_IN_A_MINUTE
    owner = rider[starts]
    most = np.zeros(week.riders, dtype=np.int64)
    np.maximum.at(most, owner, cells_at)
    steps, fast, kilometres, minutes = _steps(rider, second, cell, busy[minute_of], week.riders)
    chosen = week.copies >= FEWEST_FOR_ROUNDING
    late = week.rider[week.ahead > CLOCK_SLACK_SECONDS]
    return WeekCounts(
        confirmations=_tally(week.rider, week.riders) + week.refused_ahead,
        copies=week.recorded_copies,
        waiting_copies=week.waiting_copies,
        ahead=_tally(late, week.riders) + week.refused_ahead,
        busy_minutes=_tally(owner[busy], week.riders),
        extra_cells=_tally(owner, week.riders, np.maximum(cells_at - CELLS_IN_A_MINUTE, 0)),
        most_cells=most,
        steps=steps,
        fast_steps=fast,
        fastest_kilometres=kilometres,
        fastest_minutes=minutes,
        chosen_numbers=_tally(week.rider[chosen], week.riders),
        round_numbers=_tally(week.rider[chosen & (week.copies % ROUND_TO == 0)], week.riders),
        days=_days(week, order),
    )


def _tally(rider: Whole, riders: int, weight: Whole | None = None) -> Whole:
    return np.bincount(rider, weight, riders).astype(np.int64)


def _starts(*keys: Whole) -> Whole:
    """Where a new combination of the (sorted) keys begins."""
    if len(keys[0]) == 0:
        return np.zeros(0, dtype=np.int64)
    new = np.ones(len(keys[0]), dtype=np.bool_)
    new[1:] = np.any([key[1:] != key[:-1] for key in keys], axis=0)
    return np.flatnonzero(new)


def _group_of(starts: Whole, length: int) -> Whole:
    """For each entry the number of the group it lies in."""
    return np.searchsorted(starts, np.arange(length), side="right") - 1


def _different(group: Whole, value: Whole, groups: int) -> Whole:
    """How many different values each group has."""
    order = np.lexsort((value, group))
    first = _starts(group[order], value[order])
    return np.bincount(group[order][first], minlength=groups).astype(np.int64)


def _cells_by_minute(rider: Whole, second: Whole, cell: Whole) -> tuple[Whole, Whole, Whole]:
    """Different cells per rider and minute, where that minute starts, and each entry's minute by number."""
    starts = _starts(rider, second // 60)
    minute_of = _group_of(starts, len(rider))
    return _different(minute_of, cell, len(starts)), starts, minute_of


def _steps(
    rider: Whole, second: Whole, cell: Whole, busy: NDArray[np.bool_], riders: int
) -> tuple[Whole, Whole, Floats, Floats]:
    """Steps of each rider, the fast ones, and kilometres and minutes of the fastest.

    A step inside a busy minute is left out: that minute is asked about already.
    """
    kilometres, minutes = np.zeros(riders), np.zeros(riders)
    own = np.flatnonzero((rider[1:] == rider[:-1]) & ~(busy[1:] & busy[:-1]))
    # Times are compared by the minute, so no step is shorter than one.
    seconds = np.maximum(second[own + 1] - second[own], 60)
    slack = 2 * CELL_ACCURACY_METRES + FURTHER_SLACK_METRES
    allowed = seconds / 3.6 * FASTEST_KILOMETRES_PER_HOUR + slack
    used, place = np.unique(cell, return_inverse=True)
    centre = centres(used)
    here, there = centre[place[own]], centre[place[own + 1]]
    # Degrees along the axes are never shorter than the way itself: most steps are settled without geodesics.
    possible = np.flatnonzero(np.abs(here - there).sum(axis=1) * _LONGEST_DEGREE_METRES > allowed)
    metres = np.array(
        [distance_metres(*here[step].tolist(), *there[step].tolist()) for step in possible.tolist()], dtype=np.float64
    )
    fast = metres > allowed[possible]
    who, span = rider[own[possible[fast]]], seconds[possible[fast]] / 60.0
    speed = (metres[fast] - slack) / span
    for step in np.lexsort((metres[fast], speed)).tolist():
        kilometres[who[step]], minutes[who[step]] = metres[fast][step] / 1000.0, span[step]
    return _tally(rider[own], riders), _tally(who, riders), kilometres, minutes


def _days(week: Week, order: Whole) -> RiderDays:
    order = order[np.lexsort((week.second[order], week.day[order], week.rider[order]))]
    rider, day, second, place = week.rider[order], week.day[order], week.second[order], week.place[order]
    starts = _starts(rider, day)
    group = _group_of(starts, len(rider))
    count_of = np.bincount(group, minlength=len(starts))
    gap = np.diff(second) / 60.0
    inner = group[1:] == group[:-1]
    gaps = np.maximum(count_of - 1, 1)
    mean = np.bincount(group[1:][inner], gap[inner], len(starts)) / gaps
    square = np.bincount(group[1:][inner], (gap[inner] - mean[group[1:][inner]]) ** 2, len(starts)) / gaps
    judged = (count_of >= FEWEST_FOR_RHYTHM) & (mean > 0)
    return RiderDays(
        rider=rider[starts],
        day=day[starts],
        known=np.bincount(group[place != UNKNOWN], minlength=len(starts)).astype(np.int64),
        outside=np.bincount(group[place == OUTSIDE], minlength=len(starts)).astype(np.int64),
        cells=_different(group, week.cell[order], len(starts)),
        variation=np.where(judged, np.sqrt(square) / np.where(judged, mean, 1.0), np.nan),
        minutes_apart=mean,
    )
