"""From zones, capacities and copies to a plan with its certificate: where the optimiser meets the city's data. Pure.

A zone that already holds m copies is, for the copies to come, a zone of H·(1 + a·μ) households that count
w·g'(μ; a) each, with μ = v·m/H: the reach curve keeps its form (1 + a·(μ + x) = (1 + a·μ)·(1 + a·x/(1 + a·μ))). So the
optimum, its gains and its bound speak of new copies only, exactly, even where m is no whole number of bundles.
"""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import msgspec
import numpy as np
from numpy.typing import NDArray

from dispatch.allocation.assignment import Assignment, assign
from dispatch.allocation.floors import Infeasible, floor_copies
from dispatch.allocation.risk_weights import shrunk_risk_weights
from dispatch.allocation.rules import ANY_PARTNER, PlanInfeasible, PlanOptions
from dispatch.allocation.water_filling import Allocation, allocate, proportional_copies
from dispatch.coverage.reach import Floats, copies_for_reach, derivative, reach
from schemas.allocation import Certificate, NewAllocation, PartnerCertificate, PartnerLoad, RuleComparison, ShortZone

Counts = NDArray[np.int64]
_BISECTIONS: Final = 60


class PlanZone(msgspec.Struct, frozen=True, kw_only=True):
    """A zone as the plan finds it. `capacity_copies` is what can still be handed out there in the plan's days."""

    zone_id: UUID
    code: str
    name: str
    households: int | None
    incidents: int
    committed_copies: int
    capacity_copies: int


class PartnerCapacity(msgspec.Struct, frozen=True, kw_only=True):
    """What a partner can still hand out in a zone in the plan's days."""

    zone_id: UUID
    partner_id: UUID
    partner_code: str
    partner_name: str
    copies: int


class PlanLine(msgspec.Struct, frozen=True, kw_only=True):
    """Copies for a zone; partner_id is ANY_PARTNER where the plan names none."""

    zone_id: UUID
    partner_id: UUID
    copies: int
    risk_weight: float


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """Lines of every zone, also those that get nothing, and the certificate."""

    lines: list[PlanLine]
    certificate: Certificate


class _Field(msgspec.Struct, frozen=True, kw_only=True):
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


def make_plan(
    wanted: NewAllocation, zones: Sequence[PlanZone], partners: Sequence[PartnerCapacity], bundle_copies: int
) -> Plan:
    """Share the copies among the zones, and among partners where wanted.

    Args:
        wanted: copies, floor, weights and the curve's parameters.
        zones: all zones the plan may use, in the order of their codes; ties go to the earlier one.
        partners: remaining capacity per zone and partner; needed only where partners are to be assigned.
        bundle_copies: copies per bundle of the material.

    Raises:
        PlanOptions: fewer copies than a bundle, weights that name unknown zones, or no weight above zero.
        PlanInfeasible: floor, capacity and copies contradict each other.
    """
    if wanted.copies < bundle_copies:
        raise PlanOptions(f"{wanted.copies} copies do not fill one bundle of {bundle_copies}.", field="copies")
    weights = risk_weights(wanted, zones)
    if not any(zone.households for zone in zones):
        raise PlanInfeasible(
            "No zone of the plan has households; register households first.", reason="no_households", missing_copies=0
        )
    matrix = _PartnerMatrix.of(zones, partners)
    field = _field(wanted, zones, weights, bundle_copies, matrix if wanted.assign_partners else None)
    found = _optimum(field, zones)
    assigned = None
    if wanted.assign_partners:
        # Upper limits are sums of whole bundles of the partners, so that the quotas always find takers.
        assigned = assign(found.copies, matrix.copies, matrix.copies.sum(axis=0), bundle=bundle_copies)
    return Plan(
        lines=_lines(zones, weights, found.copies, matrix, assigned),
        certificate=_certificate(wanted, zones, field, found, matrix, assigned),
    )


def risk_weights(wanted: NewAllocation, zones: Sequence[PlanZone]) -> Floats:
    """Weight of a reached household per zone: shrunk incident counts against the city's rate, or what was asked for.

    Zones without households take no part in the rate and have weight 1. Raises PlanOptions.
    """
    by_zone = wanted.weights.by_zone
    unknown = sorted(by_zone.keys() - {zone.code for zone in zones})
    if unknown:
        raise PlanOptions(
            f"weights name {', '.join(unknown[:5])}, which is no zone of this plan.",
            field="weights",
            zone_codes=unknown,
        )
    homes = np.array([zone.households or 0 for zone in zones], dtype=np.float64)
    counts = np.array([zone.incidents if zone.households else 0 for zone in zones], dtype=np.float64)
    expected = homes * (counts.sum() / homes.sum()) if homes.sum() > 0 else homes
    computed: list[float] = shrunk_risk_weights(counts, expected).tolist()
    weights = np.array([by_zone.get(zone.code, weight) for zone, weight in zip(zones, computed, strict=True)])
    if np.any(homes > 0) and not np.any(weights[homes > 0] > 0):
        raise PlanOptions("Every zone has weight 0; give some zone a weight.", field="weights")
    return weights


class _PartnerMatrix(msgspec.Struct, frozen=True, kw_only=True):
    """Capacities as a table zones × partners, partners in the order of their codes."""

    ids: list[UUID]
    codes: list[str]
    names: list[str]
    copies: Counts

    @classmethod
    def of(cls, zones: Sequence[PlanZone], partners: Sequence[PartnerCapacity]) -> "_PartnerMatrix":
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


def _field(
    wanted: NewAllocation, zones: Sequence[PlanZone], weights: Floats, bundle: int, matrix: _PartnerMatrix | None
) -> _Field:
    homes = np.array([zone.households or 0 for zone in zones], dtype=np.float64)
    committed = np.array([zone.committed_copies for zone in zones], dtype=np.float64)
    lower = _floors(wanted, homes, committed, bundle, zones)
    most = np.maximum(lower, wanted.copies)
    if wanted.within_capacity:
        most = np.array([zone.capacity_copies for zone in zones], dtype=np.int64)
    if matrix is not None:
        most = np.minimum(most, (matrix.copies // bundle * bundle).sum(axis=1))
    return _Field(
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


def _optimum(field: _Field, zones: Sequence[PlanZone]) -> Allocation:
    try:
        return allocate(
            field.copies, field.stretched_households, field.worth, field.genuine, field.spread,
            lower=field.lower, upper=field.upper, bundle=field.bundle,
        )  # fmt: skip
    except Infeasible as error:
        if error.reason == "copies_exceed_capacity":
            possible = int(field.upper.sum())
            raise PlanInfeasible(
                f"All partners together can take {possible} more copies in these days; {error.shortage} would be left."
                " Plan fewer copies, ask for more capacity, or plan without capacity.",
                reason=error.reason, missing_copies=error.shortage, capacity_copies=possible,
            ) from None  # fmt: skip
        largest = largest_floor(field.copies, field.households, field.committed, field.spread, field.genuine,
                                field.upper, field.bundle)  # fmt: skip
        raise PlanInfeasible(
            f"The floor cannot be kept: {error.shortage} copies are missing. The largest floor that can be kept is"
            f" {int(largest * 1000) / 10:.1f} %.",
            reason=error.reason, missing_copies=error.shortage, largest_feasible_floor=largest,
            zones=[_short(zones[place], field.lower[place], field.upper[place]) for place in error.zones],
        ) from None  # fmt: skip


def _short(zone: PlanZone, needed: int, possible: int) -> ShortZone:
    return ShortZone(zone_code=zone.code, zone_name=zone.name, needed_copies=int(needed), possible_copies=int(possible))


def largest_floor(
    copies: int, households: Floats, committed: Floats, spread: float, genuine: float, upper: Counts, bundle: int
) -> float:
    """Largest expected reach that new copies can bring every zone with households to, counting what is committed.

    Args:
        copies: new copies there are.
        households, committed, upper: per zone, shape (Z,): households, copies already there, most new copies.
        spread, genuine: squared coefficient of variation of order rates, genuine share.
        bundle: copies per bundle; every zone's need is rounded up to whole bundles.
    """
    needs_per_mu = households / genuine

    def feasible(kappa: float) -> bool:
        # As floats: floors near 1 need more copies than an integer holds.
        missing = (needs_per_mu * copies_for_reach(kappa, spread) - committed).clip(min=0.0)
        needed = np.ceil((missing - np.maximum(1e-9, 1e-12 * missing)) / bundle) * bundle
        return bool(np.all(needed <= upper) and needed.sum() <= copies)

    low, high = 0.0, 1.0
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2.0
        if middle < 1.0 and feasible(middle):
            low = middle
        else:
            high = middle
    return low


def _lines(
    zones: Sequence[PlanZone], weights: Floats, copies: Counts, matrix: _PartnerMatrix, assigned: Assignment | None
) -> list[PlanLine]:
    lines: list[PlanLine] = []
    for place, zone in enumerate(zones):
        parts = [(ANY_PARTNER, int(copies[place]))]
        if assigned is not None and copies[place]:
            shares: list[int] = assigned.copies[place].tolist()
            parts = [(partner_id, share) for partner_id, share in zip(matrix.ids, shares, strict=True) if share]
        lines.extend(
            PlanLine(zone_id=zone.zone_id, partner_id=partner_id, copies=share, risk_weight=float(weights[place]))
            for partner_id, share in parts
        )
    return lines


def _certificate(
    wanted: NewAllocation,
    zones: Sequence[PlanZone],
    field: _Field,
    found: Allocation,
    matrix: _PartnerMatrix,
    assigned: Assignment | None,
) -> Certificate:
    capacity = field.upper if wanted.within_capacity else np.full(len(zones), wanted.copies)
    return Certificate(
        objective=found.objective,
        best_next=found.best_next,
        worst_last=found.worst_last,
        multiplier=found.multiplier,
        dual_bound=found.dual_bound,
        relative_gap=found.relative_gap,
        largest_feasible_floor=largest_floor(
            wanted.copies, field.households, field.committed, field.spread, field.genuine, field.upper, field.bundle
        ),
        comparison=_comparison(field, found),
        incidents_used=sum(zone.incidents for zone in zones if zone.households),
        unallocated_copies=found.unallocated,
        zones_without_households=[zone.code for zone in zones if not zone.households],
        zones_without_capacity=[
            zone.code for zone, most in zip(zones, capacity, strict=True) if zone.households and most == 0
        ],
        partners=None if assigned is None else _partner_certificate(zones, found, matrix, assigned),
    )


def _comparison(field: _Field, found: Allocation) -> RuleComparison:
    """What the same copies would reach by two rules of thumb under the same limits."""
    by_rule = [
        field.gained(
            proportional_copies(field.copies, shares, lower=field.lower, upper=field.upper, bundle=field.bundle)
        )
        for shares in (field.households, field.weights * field.households)
    ]
    gains = [found.objective / value - 1.0 if value > 0 else 0.0 for value in by_rule]
    return RuleComparison(
        optimum=found.objective,
        by_households=by_rule[0],
        by_risk_times_households=by_rule[1],
        gain_over_households=gains[0],
        gain_over_risk_times_households=gains[1],
    )


def _partner_certificate(
    zones: Sequence[PlanZone], found: Allocation, matrix: _PartnerMatrix, assigned: Assignment
) -> PartnerCertificate:
    taken: list[int] = assigned.copies.sum(axis=0).tolist()
    capacity: list[int] = matrix.copies.sum(axis=0).tolist()
    return PartnerCertificate(
        largest_utilisation=assigned.largest_utilisation,
        whole_bundle_bound=assigned.whole_bundle_bound,
        linear_bound=assigned.linear_bound,
        gap=assigned.gap,
        split_zone_codes=[zones[place].code for place in assigned.split_zones],
        unavoidable_splits=assigned.unavoidable_splits,
        partners=[
            PartnerLoad(partner_code=code, partner_name=name, copies=copies, capacity_copies=most, utilisation=share)
            for code, name, copies, most, share in zip(
                matrix.codes, matrix.names, taken, capacity, assigned.utilisation.tolist(), strict=True
            )
        ],
    )
