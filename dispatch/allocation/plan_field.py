"""The planning problem in numbers: what copies are worth on top of what is done, between which limits; and, where the
limits contradict each other, the refusal that says so.

A zone that already holds m copies is, for the copies to come, a zone of H·(1 + a·μ) households that count
w·g'(μ; a) each, with μ = v·m/H: the reach curve keeps its form (1 + a·(μ + x) = (1 + a·μ)·(1 + a·x/(1 + a·μ))). So the
optimum, its gains and its bound are those of new copies only, exactly, even where m is no whole number of bundles.
"""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import msgspec
import numpy as np

from dispatch.allocation.records import PartnerCapacity, PlanZone
from dispatch.allocation.rules import PlanInfeasible
from dispatch.allocation.solver.floors import Infeasible, floor_copies
from dispatch.allocation.solver.task import SharingTask
from dispatch.allocation.solver.water_filling import Optimum, allocate
from dispatch.reach.checked import Counts
from dispatch.reach.curve import Floats, copies_for_reach, derivative, reach
from schemas.allocation import NewAllocation, ShortZone

__all__ = ["PartnerCapacity", "PartnerMatrix", "PlanField", "PlanZone", "find_optimum", "make_field"]

_BISECTIONS: Final = 60


class PlanField(msgspec.Struct, frozen=True, kw_only=True):
    """The problem in numbers, one entry per zone: bounds in whole bundles' copies, upper 0 where nobody lives."""

    copies: int
    bundle: int
    households: Floats
    committed: Floats
    weights: Floats
    genuine: float
    spread: float
    lower: Counts
    upper: Counts

    @property
    def before(self) -> Floats:
        """Genuine copies per household already committed."""
        return self.genuine * self.committed / np.where(self.households > 0, self.households, 1.0)

    @property
    def stretched_households(self) -> Floats:
        """H·(1 + a·μ), see the head of this file."""
        return self.households * (1.0 + self.spread * self.before)

    @property
    def worth(self) -> Floats:
        """w·g'(μ; a), see the head of this file."""
        return self.weights * derivative(self.before, self.spread)

    def gained(self, copies: Counts) -> float:
        """Weighted households newly reached by these copies."""
        homes = self.stretched_households
        mu = self.genuine * copies / np.where(homes > 0, homes, 1.0)
        return float(np.sum(self.worth * homes * reach(mu, self.spread)))


class PartnerMatrix(msgspec.Struct, frozen=True, kw_only=True):
    """Capacities as a table zones × partners, partners in the order of their codes."""

    ids: list[UUID]
    codes: list[str]
    names: list[str]
    copies: Counts

    @classmethod
    def of(cls, zones: Sequence[PlanZone], partners: Sequence[PartnerCapacity]) -> "PartnerMatrix":
        known = sorted({(entry.partner_code, entry.partner_id, entry.partner_name) for entry in partners})
        column = {partner_id: place for place, (_, partner_id, _) in enumerate(known)}
        row = {zone.zone_id: place for place, zone in enumerate(zones)}
        copies = np.zeros((len(zones), len(known)), dtype=np.int64)
        for entry in partners:
            if entry.zone_id in row:
                copies[row[entry.zone_id], column[entry.partner_id]] += entry.copies
        return cls(
            ids=[entry[1] for entry in known],
            codes=[entry[0] for entry in known],
            names=[entry[2] for entry in known],
            copies=copies,
        )


def make_field(
    wanted: NewAllocation, zones: Sequence[PlanZone], weights: Floats, bundle: int, matrix: PartnerMatrix | None
) -> PlanField:
    """The problem of these zones; with `matrix` the upper limits are sums of the partners' whole bundles.

    Raises PlanInfeasible where no number of copies brings a zone to its floor.
    """
    homes = np.array([zone.households or 0 for zone in zones], dtype=np.float64)
    committed = np.array([zone.committed_copies for zone in zones], dtype=np.float64)
    lower = _floors(wanted, homes, committed, bundle, zones)
    most = np.maximum(lower, wanted.copies)
    if wanted.within_capacity:
        most = np.array([zone.capacity_copies for zone in zones], dtype=np.int64)
    if matrix is not None:
        most = np.minimum(most, (matrix.copies // bundle * bundle).sum(axis=1))
    return PlanField(
        copies=wanted.copies,
        bundle=bundle,
        households=homes,
        committed=committed,
        weights=weights,
        genuine=wanted.genuine_share,
        spread=wanted.spread,
        lower=lower,
        upper=np.where(homes > 0, most // bundle * bundle, 0),
    )


def _floors(wanted: NewAllocation, homes: Floats, committed: Floats, bundle: int, zones: Sequence[PlanZone]) -> Counts:
    try:
        least = floor_copies(homes, wanted.spread, wanted.genuine_share, wanted.floor) - committed
    except Infeasible as error:
        raise PlanInfeasible(
            f"No number of copies brings a zone to {wanted.floor:.0%}; lower the floor.",
            reason=error.reason, largest_feasible_floor=error.largest_feasible_floor, missing_copies=0,
            zones=[_short(zones[place], 0, 0) for place in error.zones],
        ) from None  # fmt: skip
    return (np.ceil(least.clip(min=0.0) / bundle) * bundle).astype(np.int64)


def find_optimum(field: PlanField, zones: Sequence[PlanZone]) -> Optimum:
    """The best plan for the new copies. Raises PlanInfeasible with what is missing where."""
    try:
        return allocate(
            SharingTask(
                copies=field.copies,
                households=field.stretched_households,
                weights=field.worth,
                genuine=field.genuine,
                a=field.spread,
                lower=field.lower,
                upper=field.upper,
                bundle=field.bundle,
            )
        )
    except Infeasible as error:
        raise _refusal(error, field, zones) from None


def _refusal(error: Infeasible, field: PlanField, zones: Sequence[PlanZone]) -> PlanInfeasible:
    """What the planner is shown: where copies are missing, and what would be possible."""
    if error.reason == "copies_exceed_capacity":
        possible = int(field.upper.sum())
        return PlanInfeasible(
            f"All partners together can take {possible} more copies in these days; {error.shortage} would be left."
            " Plan fewer copies, ask for more capacity, or plan without capacity.",
            reason=error.reason,
            missing_copies=error.shortage,
            capacity_copies=possible,
        )
    largest = largest_floor(field)
    return PlanInfeasible(
        f"The floor cannot be kept: {error.shortage} copies are missing. The largest floor that can be kept is"
        f" {int(largest * 1000) / 10:.1f} %.",
        reason=error.reason,
        missing_copies=error.shortage,
        largest_feasible_floor=largest,
        zones=[_short(zones[place], field.lower[place], field.upper[place]) for place in error.zones],
    )


def _short(zone: PlanZone, needed: int, possible: int) -> ShortZone:
    return ShortZone(zone_code=zone.code, zone_name=zone.name, needed_copies=int(needed), possible_copies=int(possible))


def largest_floor(field: PlanField) -> float:
    """Largest expected reach that new copies can bring every zone with households to, counting what is committed. Every
    zone's need is rounded up to whole bundles."""
    needs_per_mu = field.households / field.genuine

    def feasible(kappa: float) -> bool:
        # As floats: floors near 1 need more copies than an integer holds.
        missing = (needs_per_mu * copies_for_reach(kappa, field.spread) - field.committed).clip(min=0.0)
        needed = np.ceil((missing - np.maximum(1e-9, 1e-12 * missing)) / field.bundle) * field.bundle
        return bool(np.all(needed <= field.upper) and needed.sum() <= field.copies)

    low, high = 0.0, 1.0
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2.0
        if middle < 1.0 and feasible(middle):
            low = middle
        else:
            high = middle
    return low
