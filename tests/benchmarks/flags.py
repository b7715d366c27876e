"""How many honest rider-days would be asked about, and how many odd ones are found?

Run by hand: python tests/benchmarks/flags.py [days]. Two honest worlds: the full demonstration city, of whose riders six
make their days up (`riders.odd`); and recorded deliveries of real couriers from data/jilin in the folder that
DISPATCH_SHARED names, each taken as one confirmation of one copy where the courier's phone was. A rider-day is asked
about when its ISO week scores the threshold; the queue's length then cuts off further ones. Method and bar:
dispatch/reach/README.md, section "Review flags".
"""

from __future__ import annotations

import csv
import lzma
import os
import sys
import time
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dispatch.demo.campaign import FIRST_DAY
from dispatch.demo.field import handouts_of_day
from dispatch.demo.world import make_world
from dispatch.flags.evidence import INSIDE, OUTSIDE, UNKNOWN, Week, count
from dispatch.flags.scores import THRESHOLD, score
from dispatch.geo.cells import cells_of

Whole = NDArray[np.int64]
SHARED = Path(os.environ.get("DISPATCH_SHARED", Path(__file__).parents[3] / "shared"))
DELIVERIES = SHARED / "data" / "jilin" / "delivery_jl.csv.xz"
FALSE_ALARMS_BAR = 0.01


class Tally:
    """Rider-days and rider-weeks by what became of them."""

    def __init__(self) -> None:
        self.days: Counter[tuple[bool, bool]] = Counter()
        self.weeks: Counter[tuple[bool, bool]] = Counter()
        self.signs: Counter[str] = Counter()
        self.highest: list[float] = []

    def add(self, week: Week, odd: NDArray[np.bool_]) -> None:
        """Judge one week; `odd`: per rider."""
        counts = count(week)
        scored = score(counts)
        asked = scored.score >= THRESHOLD
        for rider in counts.days.rider.tolist():
            self.days[bool(odd[rider]), bool(asked[rider])] += 1
        for rider in np.unique(week.rider).tolist():
            self.weeks[bool(odd[rider]), bool(asked[rider])] += 1
            if not odd[rider]:
                self.highest.append(float(scored.score[rider]))
        for slug, points in scored.points.items():
            self.signs[slug] += int(((points > 0) & ~odd).sum())

    def report(self, name: str) -> bool:
        """Print it; whether the bar holds."""
        alarms, honest = self.days[False, True], self.days[False, True] + self.days[False, False]
        weeks, all_weeks = self.weeks[False, True], self.weeks[False, True] + self.weeks[False, False]
        print(
            f"{name}: honest rider-days asked about {alarms} of {honest} ({alarms / honest:.3%}), weeks {weeks} of {all_weeks}"
        )
        found, odd = self.days[True, True], self.days[True, True] + self.days[True, False]
        if odd:
            print(f"  odd rider-days found {found} of {odd} ({found / odd:.1%}), weeks {self.weeks[True, True]}")
        print(f"  honest scores: 99 % below {np.quantile(self.highest, 0.99):.2f}, highest {max(self.highest):.2f}")
        print(f"  honest rider-weeks with a sign: {dict(self.signs)}")
        return alarms <= FALSE_ALARMS_BAR * honest


def week_of(riders: int, columns: dict[str, Whole]) -> Week:
    """Recorded and nothing refused."""
    none = np.zeros(riders, dtype=np.int64)
    recorded = np.bincount(columns["rider"], columns["copies"], riders).astype(np.int64)
    return Week(riders=riders, recorded_copies=recorded, waiting_copies=none, refused_ahead=none, **columns)


def demonstration(days: int) -> bool:
    """The full fictional city."""
    started = time.perf_counter()
    world = make_world("full")
    riders, cells = world.partners.riders, world.city.cells.cell
    declared = world.capacity.copies.sum(axis=1) > 0
    served = set(zip(world.capacity.outlet[declared].tolist(), world.capacity.zone[declared].tolist(), strict=True))
    speaking = {outlet for outlet, _ in served}
    weeks: dict[int, list[dict[str, Whole]]] = {}
    for day in range(1, days + 1):
        handouts = handouts_of_day(world.field, day)
        known = (handouts.cell >= 0) & (handouts.undone_after_minutes < 0)
        on = FIRST_DAY + timedelta(days=day - 1)
        rider, zone = handouts.rider[known], handouts.zone[known]
        outlet = riders.outlet[rider]
        place = [
            UNKNOWN if pair[0] not in speaking else INSIDE if pair in served else OUTSIDE
            for pair in zip(outlet.tolist(), zone.tolist(), strict=True)
        ]
        weeks.setdefault((on - timedelta(days=on.weekday())).toordinal(), []).append({
            "rider": rider, "day": np.full(len(rider), on.toordinal()), "second": (on.toordinal() * 1440 + handouts.minute[known]) * 60,
            "ahead": -60 * handouts.delay_minutes[known], "cell": cells[handouts.cell[known]], "copies": handouts.copies[known],
            "place": np.array(place, dtype=np.int64),
        })  # fmt: skip
    drawn, judged = time.perf_counter() - started, time.perf_counter()
    tally = Tally()
    for parts in weeks.values():
        columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
        tally.add(week_of(len(riders.code), columns), riders.odd)
    print(
        f"{len(riders.code)} riders, {days} days, drawn in {drawn:.1f} s, judged in {time.perf_counter() - judged:.1f} s"
    )
    return tally.report("demonstration")


def deliveries() -> tuple[int, dict[str, Whole]]:
    """Recorded deliveries of real couriers as confirmations of one copy, and how many couriers there are."""
    rows: list[tuple[str, datetime, float, float]] = []
    with lzma.open(DELIVERIES, "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            longitude, latitude = float(row["delivery_gps_lng"] or 0), float(row["delivery_gps_lat"] or 0)
            if longitude > 100:
                at = datetime.fromisoformat(f"2026-{row['delivery_gps_time'] or row['delivery_time']}+00:00")
                rows.append((row["courier_id"], at, longitude, latitude))
    number = {courier: index for index, courier in enumerate(sorted({row[0] for row in rows}))}
    second = np.array([int(row[1].timestamp()) for row in rows], dtype=np.int64)
    return len(number), {
        "rider": np.array([number[row[0]] for row in rows], dtype=np.int64),
        "day": second // 86_400 + date(1970, 1, 1).toordinal(),
        "second": second,
        "ahead": np.zeros(len(rows), dtype=np.int64),
        "cell": cells_of(np.array([(row[2], row[3]) for row in rows], dtype=np.float64)),
        "copies": np.ones(len(rows), dtype=np.int64),
        "place": np.full(len(rows), UNKNOWN),
    }


def made_up(columns: dict[str, Whole]) -> dict[str, dict[str, Whole]]:
    """The same days as three kinds of made-up ones would look."""
    order = np.lexsort((columns["second"], columns["day"], columns["rider"]))
    real = {name: column[order] for name, column in columns.items()}
    new = np.ones(len(order), dtype=np.bool_)
    new[1:] = (np.diff(real["rider"]) != 0) | (np.diff(real["day"]) != 0)
    first = np.maximum.accumulate(np.where(new, np.arange(len(order)), 0))
    rank = np.arange(len(order)) - first
    midnight = (real["day"] - date(1970, 1, 1).toordinal()) * 86_400
    return {
        "real places typed in at night, ten a minute": {**real, "second": midnight + 20 * 3600 + 6 * rank},
        "real times, places drawn over the city": {
            **real, "cell": np.random.default_rng(1).permutation(real["cell"])
        },
        "one place, every quarter of an hour, five each": {
            **real, "cell": real["cell"][first], "second": midnight + 9 * 3600 + 900 * rank,
            "copies": np.full(len(order), 5),
        },
    }  # fmt: skip


def judged(riders: int, columns: dict[str, Whole], odd: bool) -> Tally:
    """Every week of the deliveries."""
    monday = columns["day"] - (columns["day"] + 6) % 7
    tally = Tally()
    for start in np.unique(monday).tolist():
        own = {name: column[monday == start] for name, column in columns.items()}
        tally.add(week_of(riders, own), np.full(riders, odd))
    return tally


def jilin() -> bool:
    """Real couriers: whatever is asked here would have been asked of somebody honest."""
    riders, columns = deliveries()
    held = judged(riders, columns, odd=False).report("recorded deliveries")
    for name, days in made_up(columns).items():
        found = judged(riders, days, odd=True).days
        print(f"  {name}: {found[True, True] / found.total():.1%} of rider-days found")
    return held


def main() -> int:
    """Both worlds; 1 when the bar is missed."""
    held = demonstration(int(sys.argv[1]) if len(sys.argv) > 1 else 45)
    if DELIVERIES.exists():
        held &= jilin()
    else:
        print(f"recorded deliveries are not there: {DELIVERIES}")
    print("at most 1 % of honest rider-days: " + ("held" if held else "MISSED"))
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
