"""Is the partner assignment as even as it can be, and how fast and how split is it?

Run by hand: python tests/benchmarks/assignment.py. Compares with the general solver HiGHS: the linear programme for the
largest utilisation, and on small cities the integer programme for the fewest split zones at that utilisation.
Method: dispatch/reach/README.md, section "Partners of a zone".
"""

from __future__ import annotations

import time
from typing import Any, cast

import numpy as np
import scipy.optimize as scipy_optimize
import scipy.sparse as scipy_sparse
from numpy.typing import NDArray

from dispatch.allocation.solver.assignment import Assignment, CapacityShort, assign

Floats = NDArray[np.float64]

# scipy carries no types: named once here.
optimize = cast("Any", scipy_optimize)
sparse = cast("Any", scipy_sparse)


def demand(
    rng: np.random.Generator, zones: int, partners: int, bundle: int, slack: float
) -> tuple[Floats, Floats, Floats]:
    quotas = np.maximum(1.0, np.round(np.exp(rng.normal(6.5, 0.8, zones)) / bundle)) * bundle
    served = rng.random((zones, partners)) < min(0.8, max(0.35, 8.0 / partners))
    served[np.arange(zones), rng.integers(0, partners, zones)] = True
    capacity = np.where(served, np.ceil(rng.uniform(0.3, 3.0, served.shape) * quotas[:, None]), 0.0)
    capacity = np.ceil(capacity * np.maximum(1.0, 1.5 * quotas / capacity.sum(axis=1))[:, None])
    return quotas, capacity, np.ceil(slack * quotas.sum() * rng.dirichlet(np.full(partners, 4.0)) / bundle) * bundle


def incidence(zones: int, partners: int) -> tuple[Any, Any]:
    cells = np.arange(zones * partners)
    ones = np.ones(len(cells))
    by_zone = sparse.csr_matrix((ones, (cells // partners, cells)), shape=(zones, len(cells)))
    by_partner = sparse.csr_matrix((ones, (cells % partners, cells)), shape=(partners, len(cells)))
    return by_zone, by_partner


def linear_optimum(quotas: Floats, capacity: Floats, totals: Floats, bundle: int) -> float:
    by_zone, by_partner = incidence(*capacity.shape)
    wanted, most = quotas // bundle, totals // bundle
    room = np.minimum(np.floor(np.minimum(capacity, quotas[:, None]) / bundle), wanted[:, None])
    cost = np.append(np.zeros(room.size), 1.0)
    found = optimize.linprog(
        cost,
        sparse.hstack([by_partner, sparse.csr_matrix(-most[:, None])]),
        np.zeros(len(most)),
        sparse.hstack([by_zone, sparse.csr_matrix((len(wanted), 1))]),
        wanted,
        np.column_stack([np.zeros(room.size + 1), np.append(room.ravel(), 1.0)]),
        method="highs",
        options={"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10},
    )
    return float(found.fun) if found.status == 0 else float("nan")


def fewest_splits(quotas: Floats, capacity: Floats, totals: Floats, bundle: int, level: float) -> int:
    """Fewest shared zones at this utilisation: integer programme with a flag per cell and per shared zone."""
    zones, partners = capacity.shape
    by_zone, by_partner = incidence(zones, partners)
    wanted, most = quotas // bundle, np.floor(level * (totals // bundle) + 1e-9)
    room = np.minimum(np.floor(np.minimum(capacity, quotas[:, None]) / bundle), wanted[:, None]).ravel()
    size = zones * partners
    nothing, eye = sparse.csr_matrix((size, zones)), sparse.identity(size)
    limits = optimize.LinearConstraint
    found = optimize.milp(
        np.concatenate([np.zeros(2 * size), np.ones(zones)]),
        integrality=np.ones(2 * size + zones),
        bounds=optimize.Bounds(0.0, np.concatenate([room, np.ones(size + zones)])),
        constraints=[
            limits(sparse.hstack([by_zone, 0.0 * by_zone, sparse.csr_matrix((zones, zones))]), wanted, wanted),
            limits(sparse.hstack([by_partner, 0.0 * by_partner, sparse.csr_matrix((partners, zones))]), 0.0, most),
            limits(sparse.hstack([eye, -sparse.diags(room), nothing]), -np.inf, 0.0),
            limits(sparse.hstack([0.0 * by_zone, by_zone, -(partners - 1) * sparse.identity(zones)]), -np.inf, 1.0),
        ],
        options={"time_limit": 20.0},
    )
    return round(float(found.fun)) if found.status == 0 else -1


def timed(quotas: Floats, capacity: Floats, totals: Floats, bundle: int) -> tuple[float, Assignment | CapacityShort]:
    started = time.perf_counter()
    try:
        plan: Assignment | CapacityShort = assign(quotas, capacity, totals, bundle=bundle)
    except CapacityShort as short:
        plan = short
    return time.perf_counter() - started, plan


def main() -> None:
    rng = np.random.default_rng(20270315)
    print(
        f"{'zones×partners':16}{'bundle':>7}{'seconds':>9}{'utilisation':>14}{'gap':>6}{'|LP bound − HiGHS|':>20}"
        f"{'bundles over LP':>17}{'splits':>8}{'unavoidable':>13}"
    )
    for zones, partners, bundle, slack in (
        (144, 10, 50, 1.3),
        (1000, 20, 1, 1.3),
        (1000, 20, 50, 1.3),
        (1000, 20, 50, 1.02),
        (1000, 20, 50, 1.0005),
        (5000, 40, 50, 1.2),
    ):
        problem = demand(rng, zones, partners, bundle, slack)
        seconds, plan = timed(*problem, bundle)
        if isinstance(plan, CapacityShort):
            print(f"{zones:>6} × {partners:<7}{bundle:7}{seconds:9.3f}  {plan}")
            continue
        over = (plan.whole_bundle_bound - plan.linear_bound) * float((problem[2] // bundle).max())
        reference = linear_optimum(*problem, bundle) if zones <= 1000 else float("nan")
        print(
            f"{zones:>6} × {partners:<7}{bundle:7}{seconds:9.3f}{plan.largest_utilisation:14.9f}{plan.gap:6.0e}"
            f"{abs(plan.linear_bound - reference):20.1e}{over:17.2f}{len(plan.split_zones):8}{plan.unavoidable_splits:13}"
        )
    compare_splits(rng)


def compare_splits(rng: np.random.Generator) -> None:
    ours = fewest = solved = worst = 0
    for _ in range(40):
        problem = demand(rng, 15, 4, 50, 1.2)
        _, plan = timed(*problem, 50)
        if isinstance(plan, Assignment):
            best = fewest_splits(*problem, 50, plan.whole_bundle_bound)
            if best >= 0:
                solved, ours, fewest = solved + 1, ours + len(plan.split_zones), fewest + best
                worst = max(worst, len(plan.split_zones) - best)
    print(
        f"\n{solved} cities of 15 zones × 4 partners at the least utilisation: {ours} zones split, {fewest} at the fewest "
        f"(integer programme); at worst {worst} more than needed"
    )


if __name__ == "__main__":
    main()
