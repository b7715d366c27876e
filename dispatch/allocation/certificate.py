"""What is printed with a plan: the proof that it is best, what rules of thumb would reach, which zones are left out."""

from collections.abc import Sequence

import numpy as np

from dispatch.allocation.plan_field import PartnerMatrix, PlanField, PlanZone, largest_floor
from dispatch.allocation.solver.assignment import Assignment
from dispatch.allocation.solver.rules_of_thumb import proportional_copies
from dispatch.allocation.solver.water_filling import Optimum
from schemas.allocation import Certificate, NewAllocation, PartnerCertificate, PartnerLoad, RuleComparison


def make_certificate(
    wanted: NewAllocation,
    zones: Sequence[PlanZone],
    field: PlanField,
    optimum: Optimum,
    matrix: PartnerMatrix,
    assigned: Assignment | None,
) -> Certificate:
    """The certificate of the best plan, and of its partners where they were assigned."""
    capacity = field.upper if wanted.within_capacity else np.full(len(zones), wanted.copies)
    return Certificate(
        objective=optimum.objective,
        best_next=optimum.best_next,
        worst_last=optimum.worst_last,
        multiplier=optimum.multiplier,
        dual_bound=optimum.dual_bound,
        relative_gap=optimum.relative_gap,
        largest_feasible_floor=largest_floor(field),
        comparison=_comparison(field, optimum),
        incidents_used=sum(zone.incidents for zone in zones if zone.households),
        unallocated_copies=optimum.unallocated,
        zones_without_households=[zone.code for zone in zones if not zone.households],
        zones_without_capacity=[
            zone.code for zone, most in zip(zones, capacity, strict=True) if zone.households and most == 0
        ],
        partners=None if assigned is None else _of_partners(zones, matrix, assigned),
    )


def _comparison(field: PlanField, optimum: Optimum) -> RuleComparison:
    """What the same copies would reach by two rules of thumb under the same limits."""
    by_rule = [
        field.gained(
            proportional_copies(field.copies, shares, lower=field.lower, upper=field.upper, bundle=field.bundle)
        )
        for shares in (field.households, field.weights * field.households)
    ]
    gains = [optimum.objective / value - 1.0 if value > 0 else 0.0 for value in by_rule]
    return RuleComparison(
        optimum=optimum.objective,
        by_households=by_rule[0],
        by_risk_times_households=by_rule[1],
        gain_over_households=gains[0],
        gain_over_risk_times_households=gains[1],
    )


def _of_partners(zones: Sequence[PlanZone], matrix: PartnerMatrix, assigned: Assignment) -> PartnerCertificate:
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
