"""How many copies a target takes, and what so many copies reach: the reach curve read the other way round.

Further copies go where the least is reached: at level r a zone of H households that holds m copies gets
max(0, H·μ(r; a)/v - m), with μ(r; a) the inverse of the curve. The copies that bring every zone to a target are those
of that level, so they agree with a plan whose floor is the target. What they reach together, with its interval, is the
same estimate from copies alone that coverage shows (dispatch/reach/copies_alone.py).
"""

from collections.abc import Sequence
from datetime import date
from typing import Final
from uuid import UUID

import msgspec
import numpy as np

from dispatch.allocation.records import PlanZone, Printed
from dispatch.allocation.solver.floors import floor_copies
from dispatch.materials.rules import MaterialUnknown
from dispatch.problems import NotFound
from dispatch.reach.copies_alone import estimate_area
from dispatch.reach.curve import PRIOR_MEDIAN_A, Floats, copies_for_reach, zone_reach
from schemas.allocation import SizedZone, Sizing, SizingAnswer, SizingObstacle, SizingPoint

MOST_COPIES: Final = 50_000_000
"""What a plan may hold, see schemas.common.Copies."""
_POINTS: Final = 24
_LEVEL_STEPS: Final = 50
# Levels of the curve stop short of everybody, whom no number of copies reaches.
_HIGHEST_LEVEL: Final = 1.0 - 1e-6


class SizingRow(msgspec.Struct, frozen=True, kw_only=True):
    """The campaign a question is about, and the material, None where the code is unknown."""

    starts_on: date
    ends_on: date
    target_reach: float
    today: date
    material_id: UUID | None
    bundle_copies: int | None
    counts_for_reach: bool | None


def judge_sizing(wanted: Sizing, row: SizingRow | None) -> SizingRow:
    """The campaign and material of the question, or refuse unknown ones."""
    if row is None:
        raise NotFound("There is no such campaign here.")
    if wanted.material_code is not None and row.material_id is None:
        raise MaterialUnknown(f"The campaign has no material {wanted.material_code}.", field="material_code")
    return row


class _Ground:
    """Zones with households, and what copies do there."""

    def __init__(self, zones: Sequence[PlanZone], genuine: float) -> None:
        here = [zone for zone in zones if zone.households]
        self.homes: Floats = np.array([zone.households for zone in here], dtype=np.float64)
        self.committed: Floats = np.array([zone.committed_copies for zone in here], dtype=np.float64)
        self.genuine = genuine

    def at_level(self, level: float) -> Floats:
        """Further copies per zone that bring each to this reach."""
        wanted = self.homes * copies_for_reach(level, PRIOR_MEDIAN_A) / self.genuine
        return (wanted - self.committed).clip(min=0.0)

    def shared(self, copies: float) -> Floats:
        """So many further copies, brought to where the least is reached."""
        low, high = 0.0, _HIGHEST_LEVEL
        for _ in range(_LEVEL_STEPS):
            middle = (low + high) / 2.0
            low, high = (middle, high) if self.at_level(middle).sum() <= copies else (low, middle)
        found = self.at_level(low)
        # What the last step leaves over, or what is beyond the highest level, goes by households.
        return found + (copies - found.sum()) * self.homes / self.homes.sum()

    def point(self, copies: int, price: float | None) -> SizingPoint:
        """What so many further copies reach."""
        area = estimate_area(self.genuine * (self.committed + self.shared(copies)), self.homes)
        assert area is not None, "there are households"
        return SizingPoint(copies=copies, reach=area.median, low=area.low, high=area.high, cost=cost_of(copies, price))

    def fewest(self, target: float, end: str) -> int | None:
        """Fewest copies, to a thousandth, with which this end of the interval, `low` or `high`, is at the target; None:
        no number is."""

        def is_enough(copies: int) -> bool:
            return getattr(self.point(copies, None), end) >= target

        if is_enough(0):
            return 0
        short, enough = 0, max(1, int(self.homes.sum()) // 8)
        while not is_enough(enough):
            if enough == MOST_COPIES:
                return None
            short, enough = enough, min(2 * enough, MOST_COPIES)
        while enough - short > max(1, enough // 1000):
            middle = (short + enough) // 2
            short, enough = (short, middle) if is_enough(middle) else (middle, enough)
        return enough


def cost_of(copies: int | None, price: float | None) -> float | None:
    """In yuan, to the fen; None without a price."""
    return None if copies is None or price is None else round(copies * price, 2)


def size(wanted: Sizing, row: SizingRow, zones: Sequence[PlanZone], printed: Printed | None) -> SizingAnswer:
    """The answer to a question. `zones` are those it is about, as it counts on them."""
    target = wanted.target_reach or row.target_reach
    bundle, price = row.bundle_copies or 1, wanted.unit_price
    counts = row.counts_for_reach is not False
    ground = _Ground(zones, wanted.genuine_share)
    obstacle = _obstacle(ground, target, counts)
    applicable = obstacle not in ("no_households", "not_counted")
    sized = [_sized(zone, target, bundle, wanted.genuine_share, counts=counts) for zone in zones]
    needed = sum(zone.needed_copies or 0 for zone in sized)
    if obstacle is None and needed > MOST_COPIES:
        obstacle = "too_many"
    low = high = None
    if obstacle is None:
        low, high = ground.fewest(target, "high"), ground.fewest(target, "low")
    return SizingAnswer(
        target_reach=target,
        households=sum(zone.households or 0 for zone in zones),
        handed_out_copies=sum(zone.handed_out_copies for zone in zones),
        promised_copies=sum(zone.promised_copies for zone in zones),
        bundle_copies=bundle,
        now=ground.point(0, price) if applicable else None,
        needed_copies=needed if obstacle is None else None,
        # Zones far over the target lift the area's figure, not the others: the number for every zone is never outside.
        needed_low=None if low is None else min(_whole(low, bundle), needed),
        needed_high=None if high is None else max(_whole(high, bundle), needed),
        cost=cost_of(needed if obstacle is None else None, price),
        obstacle=obstacle,
        left_copies=None if printed is None else max(0, printed.printed - printed.in_batches),
        capacity_copies=sum(zone.capacity_copies for zone in zones),
        points=_curve(ground, max(needed, high or 0, wanted.copies or 0), price) if applicable else [],
        asked=ground.point(wanted.copies, price) if applicable and wanted.copies else None,
        zones=sized,
    )


def _obstacle(ground: _Ground, target: float, counts: bool) -> SizingObstacle | None:
    if not counts:
        return "not_counted"
    if not len(ground.homes):
        return "no_households"
    return "everybody" if target >= 1.0 else None


def _sized(zone: PlanZone, target: float, bundle: int, genuine: float, *, counts: bool) -> SizedZone:
    homes = zone.households if counts else None
    needed = None
    if homes and target < 1.0:
        floor = int(floor_copies([homes], PRIOR_MEDIAN_A, genuine, target)[0])
        needed = _whole(max(0, floor - zone.committed_copies), bundle)
    promised = zone.handed_out_copies + zone.promised_copies
    return SizedZone(
        zone_code=zone.code,
        zone_name=zone.name,
        households=zone.households,
        handed_out_copies=zone.handed_out_copies,
        promised_copies=zone.promised_copies,
        reach_handed_out=zone_reach(zone.handed_out_copies, homes, genuine) if homes else None,
        reach_promised=zone_reach(promised, homes, genuine) if homes else None,
        needed_copies=needed,
    )


def _whole(copies: int, bundle: int) -> int:
    return -(-copies // bundle) * bundle


def _curve(ground: _Ground, most: int, price: float | None) -> list[SizingPoint]:
    """From none to half as many again as are needed, so that the curve is seen to flatten."""
    last = min(MOST_COPIES, max(int(1.5 * most), int(ground.homes.sum()) // 2, _POINTS))
    return [ground.point(round(last * step / _POINTS), price) for step in range(_POINTS + 1)]
