"""Is the allocation optimal, and how fast?

Run by hand: python tests/benchmarks/allocation.py. Times cities of 100 to 10,000 zones, compares with dynamic programming
on 300 random small cities, and with a general solver that knows nothing of water-filling. Method:
dispatch/reach/README.md, section "Allocation to zones".
"""

from __future__ import annotations

import time
from typing import Any, cast

import numpy as np
import scipy.optimize as scipy_optimize
from numpy.typing import NDArray

from dispatch.allocation.solver.floors import floor_copies, largest_feasible_floor
from dispatch.allocation.solver.rules_of_thumb import compare_rules
from dispatch.allocation.solver.task import SharingTask
from dispatch.allocation.solver.water_filling import allocate
from dispatch.reach.curve import derivative, reach

Floats = NDArray[np.float64]

# scipy carries no types: named once here.
optimize = cast("Any", scipy_optimize)


def city(rng: np.random.Generator, zones: int) -> tuple[Floats, Floats, Floats]:
    """Households, weights and genuine shares."""
    households = np.exp(rng.normal(8.5, 0.8, zones)) // 1.0
    return households, np.exp(rng.normal(0.0, 0.5, zones)), rng.uniform(0.8, 1.0, zones)


def time_sizes(rng: np.random.Generator) -> None:
    print(
        f"{'zones':>6}{'bundle':>8}{'ms':>8}{'relative gap':>14}{'best next ≤ worst last':>24}{'over risk×households':>22}"
    )
    for zones in (100, 1000, 10_000):
        for bundle in (1, 50):
            households, weights, genuine = city(rng, zones)
            copies = int(0.6 * households.sum())
            lower = floor_copies(households, 1.5, genuine, 0.05)
            upper = np.ceil(rng.uniform(0.5, 3.0, zones) * households)
            task = SharingTask(
                copies=copies, households=households, weights=weights, genuine=genuine, a=1.5, lower=lower, upper=upper,
                bundle=bundle,
            )  # fmt: skip
            started = time.perf_counter()
            plan = allocate(task)
            spent = 1000.0 * (time.perf_counter() - started)
            rules = compare_rules(task)
            certified = (plan.best_next or 0.0) <= (plan.worst_last or np.inf)
            print(
                f"{zones:6}{bundle:8}{spent:8.1f}{plan.relative_gap:14.1e}{certified!s:>24}"
                f"{rules.gain_over_risk_times_households:22.2%}"
            )


def best_by_dynamic_programming(values: list[list[float]], lower: list[int], copies: int) -> float:
    best = np.full(copies + 1, -np.inf)
    best[0] = 0.0
    for zone, worth in enumerate(values):
        following = np.full(copies + 1, -np.inf)
        for step, value in enumerate(worth):
            amount = lower[zone] + step
            if amount <= copies:
                following[amount:] = np.maximum(following[amount:], best[: copies + 1 - amount] + value)
        best = following
    return float(best[copies])


def compare_dynamic_programming(rng: np.random.Generator) -> None:
    worst = worst_certificate = 0.0
    for _ in range(300):
        zones = int(rng.integers(2, 9))
        households = rng.integers(1, 300, zones).astype(np.float64)
        weights, genuine = np.exp(rng.normal(0.0, 0.7, zones)), rng.uniform(0.5, 1.0, zones)
        a = (0.0, 0.05, 0.5, 1.5, 5.0)[rng.integers(5)]
        lower = rng.integers(0, 6, zones)
        upper = lower + rng.integers(1, 60, zones)
        least, most = int(lower.sum()), int(upper.sum())
        copies = int(rng.integers(least, most + 1))
        values = [
            [
                float(weights[zone] * households[zone] * reach(genuine[zone] * amount / households[zone], a))
                for amount in range(lower[zone], upper[zone] + 1)
            ]
            for zone in range(zones)
        ]
        plan = allocate(
            SharingTask(
                copies=copies, households=households, weights=weights, genuine=genuine, a=a, lower=lower, upper=upper
            )
        )
        best = best_by_dynamic_programming(values, lower.tolist(), copies)
        worst = max(worst, abs(best - plan.objective) / max(best, 1e-300))
        worst_certificate = max(worst_certificate, abs(plan.relative_gap))
    verdict = "ok" if max(worst, worst_certificate) <= 1e-9 else "MISSED"
    print(
        f"\n300 small cities: at most {worst:.1e} from dynamic programming, certificate gap at most "
        f"{worst_certificate:.1e} (bar 1e-9)  {verdict}"
    )


def compare_general_solver(rng: np.random.Generator) -> None:
    households, weights, genuine = city(rng, 40)
    copies = float(int(0.6 * households.sum()))

    def missed(amount: Floats) -> float:
        return -float(np.sum(weights * households * reach(genuine * np.maximum(amount, 0.0) / households, 1.5)))

    def slope(amount: Floats) -> Floats:
        return -weights * genuine * derivative(genuine * np.maximum(amount, 0.0) / households, 1.5)

    def left(amount: Floats) -> float:
        return float(np.sum(amount) - copies) / copies

    def left_slope(amount: Floats) -> Floats:
        return np.ones(len(amount)) / copies

    started = time.perf_counter()
    found = optimize.minimize(
        missed,
        copies * households / households.sum(),
        jac=slope,
        bounds=[(0.0, copies)] * len(households),
        constraints=[{"type": "eq", "fun": left, "jac": left_slope}],
        method="SLSQP",
        options={"maxiter": 1000, "ftol": 1e-12},
    )
    spent = time.perf_counter() - started
    plan = allocate(SharingTask(copies=int(copies), households=households, weights=weights, genuine=genuine, a=1.5))
    print(
        f"40 zones by a general solver (SLSQP, divisible copies): {-found.fun:.6f} in {spent:.2f} s; "
        f"whole copies here: {plan.objective:.6f}; relative difference {(-found.fun - plan.objective) / plan.objective:.1e}"
    )


def main() -> None:
    rng = np.random.default_rng(20270315)
    time_sizes(rng)
    compare_dynamic_programming(rng)
    compare_general_solver(rng)
    households, _, genuine = city(rng, 1000)
    floor = largest_feasible_floor(int(0.6 * households.sum()), households, 1.5, genuine, bundle=50)
    print(f"largest floor 0.6 copies per household can guarantee everywhere (bundles of 50): {floor:.4f}")


if __name__ == "__main__":
    main()
