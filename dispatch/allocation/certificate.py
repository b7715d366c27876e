"""What is printed with every plan: the proof that it is best, what rules of thumb would reach, whom it leaves out.
Apart from plan.py because it is read and checked by itself."""

from collections.abc import Sequence

import numpy as np

from dispatch.allocation.plan_field import PartnerMatrix, PlanField, PlanZone, largest_floor
from dispatch.allocation.solver.assignment import Assignment
from dispatch.allocation.solver.water_filling import Allocation, proportional_copies
from schemas.allocation import Certificate, NewAllocation, PartnerCertificate, PartnerLoad, RuleComparison


def make_certificate(
    wanted: NewAllocation,
    zones: Sequence[PlanZone],
    field: PlanField,
    found: Allocation,
    matrix: PartnerMatrix,
    assigned: Assignment | None,
) -> Certificate:
    """The certificate of the plan `found`, and of its partners where they were assigned."""
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
        partners=None if assigned is None else _of_partners(zones, found, matrix, assigned),
    )


def _comparison(field: PlanField, found: Allocation) -> RuleComparison:
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


def _of_partners(
    zones: Sequence[PlanZone], found: Allocation, matrix: PartnerMatrix, assigned: Assignment
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
