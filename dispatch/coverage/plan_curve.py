"""The plan's curve: copies that should be out by the end of each day.

Formulas: dispatch/reach/README.md, section "The plan's curve".
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from dispatch.coverage.rules import CutOff, StockTotals, ratio
from dispatch.coverage.shown_reach import ZoneTallies
from schemas.coverage import DayCoverage, FigureScope, PlanFigure, WaveCoverage


class PlannedWave(Struct, frozen=True, kw_only=True):
    """One wave of the plan. `planned_share` is cumulative: of all copies, by the end of the wave."""

    number: int
    name: str
    starts_on: date
    ends_on: date
    planned_share: float
    zone_codes: list[str] = []
    """The zones it is confined to; empty: all."""


class WaveCounts(PlannedWave, frozen=True, kw_only=True):
    """A wave with its copies: handed out during it (in its zones) and anywhere by its end."""

    handed_out: int
    cumulative: int


def planned_copies(zones: Sequence[ZoneTallies], stock: StockTotals, scope: FigureScope) -> int | None:
    """Copies of the whole plan: approved allocations; what the city ordered while nothing is approved; else None."""
    if any(zone.planned is None for zone in zones):
        return None
    allocated = sum(zone.planned or 0 for zone in zones)
    return allocated or (stock.ordered if scope == "city" else None) or None


def planned_share(waves: Sequence[PlannedWave], starts_on: date, ends_on: date, days: Sequence[date]) -> list[float]:
    """Share of the plan due by the end of each day: straight inside a wave, level between waves.

    Without waves one straight line from the campaign's first day to its last.
    """
    known: list[tuple[int, float]] = []
    for wave in sorted(waves, key=lambda wave: (wave.ends_on, wave.number)):
        before_day, before_share = known[-1] if known else (wave.starts_on.toordinal() - 1, 0.0)
        known += [
            (max(wave.starts_on.toordinal() - 1, before_day), before_share),
            (max(wave.ends_on.toordinal(), before_day), max(before_share, wave.planned_share)),
        ]
    if not known:
        known = [(starts_on.toordinal() - 1, 0.0), (ends_on.toordinal(), 1.0)]
    at, share = zip(*known, strict=True)
    return [float(value) for value in np.interp([day.toordinal() for day in days], at, share)]


def zones_begun(waves: Sequence[PlannedWave], codes: Sequence[str], days: Sequence[date]) -> NDArray[np.bool_]:
    """Whether a wave that takes the zone in has begun by each day (zones, days); before that nothing is due there.

    A zone that no wave takes in is due by the campaign's curve like any other: the plan has left it out.
    """
    begins = np.array([_first_day(waves, code) for code in codes], dtype=np.int64).reshape(-1, 1)
    return begins <= np.array([day.toordinal() for day in days], dtype=np.int64)


def _first_day(waves: Sequence[PlannedWave], code: str) -> int:
    return min(
        (wave.starts_on.toordinal() for wave in waves if not wave.zone_codes or code in wave.zone_codes), default=0
    )


def plan_to_date(
    total: int | None, waves: Sequence[PlannedWave], starts_on: date, ends_on: date, day: date, handed_out: int
) -> PlanFigure | None:
    """Plan against actual at the end of a day; None without a plan."""
    if total is None:
        return None
    planned = total * planned_share(waves, starts_on, ends_on, [day])[0]
    return PlanFigure(
        planned_total=total, planned=planned, handed_out=handed_out, ratio=ratio(handed_out, planned or None)
    )


def day_figures(
    copies: dict[date, int],
    total: int | None,
    waves: Sequence[PlannedWave],
    starts_on: date,
    ends_on: date,
    cut: CutOff,
) -> list[DayCoverage]:
    """Every day from the first copy or the start to the end of the campaign or the cut-off, whichever is later.

    A copy dated after the cut-off (a phone's clock runs ahead) counts on the cut-off's day, so that the last
    cumulative figure is the campaign's total.
    """
    counted: dict[date, int] = {}
    for day, number in copies.items():
        counted[min(day, cut.day)] = counted.get(min(day, cut.day), 0) + number
    first = min([starts_on, *counted])
    # After the end only days on which something was still recorded matter.
    last = max([ends_on, *counted])
    days = [first + timedelta(days=step) for step in range((last - first).days + 1)]
    shares = planned_share(waves, starts_on, ends_on, days)
    figures: list[DayCoverage] = []
    running = 0
    for day, share in zip(days, shares, strict=True):
        past = day <= cut.day
        running += counted.get(day, 0)
        figures.append(
            DayCoverage(
                day=day,
                as_of=cut.as_of,
                handed_out=counted.get(day, 0) if past else None,
                cumulative=running if past else None,
                planned=None if total is None else total * share,
            )
        )
    return figures


def wave_figures(waves: Sequence[WaveCounts], total: int | None, as_of: datetime) -> list[WaveCoverage]:
    """The waves with the copies that are their shares of the plan."""
    return [
        WaveCoverage(
            as_of=as_of,
            number=wave.number,
            name=wave.name,
            starts_on=wave.starts_on,
            ends_on=wave.ends_on,
            planned_share=wave.planned_share,
            planned=None if total is None else total * wave.planned_share,
            handed_out=wave.handed_out,
            cumulative=wave.cumulative,
        )
        for wave in waves
    ]
