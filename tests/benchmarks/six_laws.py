"""Does the estimate of reach hold whatever the law by which households order?

Run by hand: python tests/benchmarks/six_laws.py [zones per law]. Simulates cities under six laws, gives copies to
households one by one, asks the first-copy question at 3 % of handouts, and compares the estimate with the truth, next
to what random occupancy and plain copies ÷ households give. Bars: dispatch/reach/README.md, section "Accuracy".
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from dispatch.reach.posterior import Evidence, estimate_reach

Floats = NDArray[np.float64]
Law = Callable[[np.random.Generator, int], Floats]

ZONES_PER_LAW = 1440
SETTINGS = ((144, 0.0), (40, 0.0), (24, 0.0), (144, 0.1), (24, 0.1))
"""Zones of a city, and relative error (sd) of its registry: a prefecture, a county city, a small one."""
QUESTION_SHARE = 0.03
RMSE_BAR, BIAS_BAR, COVER_BAR = 4.0, 1.0, 0.93


def clustered(rng: np.random.Generator, households: int) -> Floats:
    """Buildings of 20 to 60 households share most of their habit: gamma over buildings times gamma within."""
    building = np.repeat(rng.gamma(1.0, 1.0, households // 20 + 1), rng.integers(20, 61, households // 20 + 1))
    return building[:households] * rng.gamma(2.0, 0.5, households)


LAWS: dict[str, Law] = {
    "gamma k=0.5": lambda rng, households: rng.gamma(0.5, 2.0, households),
    "gamma k=1": lambda rng, households: rng.gamma(1.0, 1.0, households),
    "gamma k=3": lambda rng, households: rng.gamma(3.0, 1.0 / 3.0, households),
    "lognormal 1.3": lambda rng, households: rng.lognormal(0.0, 1.3, households),
    "25 % never order": lambda rng, households: rng.gamma(2.0, 0.5, households) * (rng.random(households) >= 0.25),
    "building clusters": clustered,
}


def simulated_zone(rng: np.random.Generator, law: Law, households: int, copies: int) -> tuple[float, int, int]:
    """True reach, firsts and asked of one zone whose copies go to households by their order rates."""
    rates = law(rng, households)
    receivers = rng.choice(households, copies, p=rates / rates.sum())
    _, first_places = np.unique(receivers, return_index=True)
    is_first = np.zeros(copies, dtype=np.bool_)
    is_first[first_places] = True
    asked = rng.random(copies) < QUESTION_SHARE
    return len(first_places) / households, int(is_first[asked].sum()), int(asked.sum())


class Tally:
    """Errors in points of reach of one law's zones and cities."""

    def __init__(self) -> None:
        self.errors: list[Floats] = []
        self.occupied: list[Floats] = []
        self.reported: list[Floats] = []
        self.inside: list[Floats] = []
        self.widths: list[Floats] = []
        self.city_errors: list[float] = []
        self.city_inside: list[bool] = []

    def add(self, truth: Floats, evidence: Evidence) -> None:
        estimate = estimate_reach(evidence)
        homes = np.asarray(evidence.households, dtype=np.float64)
        mu = np.asarray(evidence.copies, dtype=np.float64) / homes
        self.errors.append(100.0 * (estimate.median - truth))
        self.occupied.append(100.0 * (-np.expm1(-mu) - truth))
        self.reported.append(100.0 * (mu - truth))
        self.inside.append(((estimate.lower <= truth) & (truth <= estimate.upper)).astype(np.float64))
        self.widths.append(100.0 * (estimate.upper - estimate.lower))
        city, whole = estimate.city, float(np.average(truth, weights=homes))
        assert city is not None
        self.city_errors.append(100.0 * (city.mean - whole))
        self.city_inside.append(city.lower <= whole <= city.upper)

    def line(self, name: str) -> str:
        error, bias = rms(self.errors), mean(self.errors)
        cover = mean(self.inside)
        kept = error <= RMSE_BAR and abs(bias) <= BIAS_BAR and cover >= COVER_BAR
        return (
            f"{name:20}{error:7.2f}{bias:7.2f}{cover:7.3f}{mean(self.widths):7.1f}"
            f"{rms([np.array(self.city_errors)]):11.2f}{np.mean(self.city_inside):12.3f}"
            f"{rms(self.occupied):12.1f} /{mean(self.occupied):5.1f}"
            f"{rms(self.reported):13.1f} /{mean(self.reported):5.1f}  {'ok' if kept else 'MISSED'}"
        )


def main() -> None:
    zones_per_law = int(sys.argv[1]) if len(sys.argv) > 1 else ZONES_PER_LAW
    started = time.perf_counter()
    for zones, registry_sd in SETTINGS:
        cities = max(1, zones_per_law // zones)
        print(f"\n{cities} cities of {zones} zones per law, registry off by {registry_sd:.0%} (sd); in points of reach")
        print(
            f"{'law':20}{'RMSE':>7}{'bias':>7}{'cover':>7}{'width':>7}{'city RMSE':>11}{'city cover':>12}"
            f"{'occupancy RMSE/bias':>20}{'copies÷households':>20}"
        )
        pooled: list[bool] = []
        for name, law in LAWS.items():
            rng, tally = np.random.default_rng(20270315), Tally()
            for _ in range(cities):
                tally.add(*simulated_city(rng, law, zones, registry_sd))
            pooled += tally.city_inside
            print(tally.line(name))
        verdict = "ok" if np.mean(pooled) >= COVER_BAR else "MISSED"
        print(f"cities, all laws pooled: {np.mean(pooled):.3f} inside their interval (bar {COVER_BAR})  {verdict}")
    print(f"\nbars: RMSE ≤ {RMSE_BAR}, |bias| ≤ {BIAS_BAR}, cover ≥ {COVER_BAR}; {time.perf_counter() - started:.0f} s")


def simulated_city(rng: np.random.Generator, law: Law, zones: int, registry_sd: float) -> tuple[Floats, Evidence]:
    """Zones of 800 to 16,000 households, 0.1 to 2.5 copies per household, at one stage of a campaign each."""
    households = np.round(np.exp(rng.uniform(np.log(800.0), np.log(16_000.0), zones)))
    copies = np.round(households * rng.uniform(0.1, 2.5, zones))
    counted = [
        simulated_zone(rng, law, int(homes), int(handed_out))
        for homes, handed_out in zip(households, copies, strict=True)
    ]
    truth, firsts, asked = (np.array(column, dtype=np.float64) for column in zip(*counted, strict=True))
    registered = np.round(households * np.exp(registry_sd * rng.normal(size=zones)))
    return truth, Evidence(households=registered, copies=copies, firsts=firsts, asked=asked)


def rms(parts: list[Floats]) -> float:
    return float(np.sqrt(np.mean(np.concatenate(parts) ** 2)))


def mean(parts: list[Floats]) -> float:
    return float(np.concatenate(parts).mean())


if __name__ == "__main__":
    main()
