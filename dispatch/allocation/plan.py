"""From zones, capacities and copies to a plan with its certificate: where the optimiser meets the city's data."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec
import numpy as np

from dispatch.allocation.certificate import make_certificate
from dispatch.allocation.plan_field import PartnerCapacity, PartnerMatrix, PlanZone, find_optimum, make_field
from dispatch.allocation.records import ANY_PARTNER
from dispatch.allocation.rules import PlanInfeasible, PlanOptions
from dispatch.allocation.solver.assignment import Assignment, assign
from dispatch.reach.checked import Counts
from dispatch.reach.curve import Floats
from dispatch.reach.risk_weights import shrunk_risk_weights
from schemas.allocation import Certificate, NewAllocation

__all__ = ["PartnerCapacity", "Plan", "PlanLine", "PlanZone", "make_plan", "risk_weights"]


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
    matrix = PartnerMatrix.of(zones, partners)
    field = make_field(wanted, zones, weights, bundle_copies, matrix if wanted.assign_partners else None)
    optimum = find_optimum(field, zones)
    assigned = None
    if wanted.assign_partners:
        # Upper limits are sums of whole bundles of the partners, so that the quotas always find takers.
        assigned = assign(optimum.copies, matrix.copies, matrix.copies.sum(axis=0), bundle=bundle_copies)
    return Plan(
        lines=_lines(zones, weights, optimum.copies, matrix, assigned),
        certificate=make_certificate(wanted, zones, field, optimum, matrix, assigned),
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
    weights = weights * _group_factors(wanted.weights.by_group, zones)
    if np.any(homes > 0) and not np.any(weights[homes > 0] > 0):
        raise PlanOptions("Every zone has weight 0; give some zone a weight.", field="weights")
    return weights


def _group_factors(by_group: Mapping[str, float], zones: Sequence[PlanZone]) -> Floats:
    """What a zone's priority groups multiply its weight by: the mean weight of its people, others counting 1."""
    unknown = sorted(by_group.keys() - {group for zone in zones for group in zone.priority_groups})
    if unknown:
        raise PlanOptions(
            f"weights name {', '.join(unknown[:5])}, of which no zone of this plan has a share.",
            field="weights",
            priority_groups=unknown,
        )
    return np.array(
        [
            max(0.0, 1.0 + sum(zone.priority_groups.get(group, 0) * (more - 1) for group, more in by_group.items()))
            for zone in zones
        ]
    )


def _lines(
    zones: Sequence[PlanZone], weights: Floats, copies: Counts, matrix: PartnerMatrix, assigned: Assignment | None
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
