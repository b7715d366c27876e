"""How many live where, and how much they order: exact totals, believable shares by kind of zone."""

import msgspec
import numpy as np
from numpy.typing import NDArray

from dispatch.demo.samples import apportion, as_floats
from dispatch.demo.variants import Variant, ZoneKind

PRIORITY_GROUPS = ("elderly", "students", "migrant_workers", "temporary_residents", "women")
PRIORITY_GROUP_NAMES = ("老年人", "学生", "务工人员", "暂住人口", "妇女")

MOST_PEOPLE_IN_A_ZONE = 34_900


class _Habits(msgspec.Struct, frozen=True):
    """One kind of zone: relative numbers of people and orders, people in a household, shares of the priority groups."""

    people: float
    household_size: float
    groups: tuple[float, ...]
    parcels: float
    meals: float


_HABITS: dict[ZoneKind, _Habits] = {
    "old_core": _Habits(28.0, 2.40, (0.26, 0.12, 0.10, 0.14, 0.51), 1.1, 1.0),
    "high_rise": _Habits(31.0, 2.70, (0.12, 0.17, 0.15, 0.18, 0.50), 1.4, 1.4),
    "campus_industrial": _Habits(26.0, 2.50, (0.06, 0.42, 0.30, 0.38, 0.45), 1.5, 2.6),
    "urban_fringe": _Habits(25.0, 2.80, (0.16, 0.14, 0.32, 0.30, 0.47), 1.0, 0.7),
    "county_town": _Habits(24.0, 2.90, (0.19, 0.18, 0.12, 0.10, 0.50), 0.9, 0.6),
    "township": _Habits(19.0, 3.30, (0.29, 0.13, 0.05, 0.03, 0.49), 0.5, 0.05),
}


class People(msgspec.Struct, frozen=True, eq=False):
    """Per zone: people, households, people in each priority group (zones × groups), parcels and meal orders a day."""

    population: NDArray[np.int64]
    households: NDArray[np.int64]
    priority_groups: NDArray[np.int64]
    parcels: NDArray[np.int64]
    meals: NDArray[np.int64]


def settle(variant: Variant, kinds: list[ZoneKind], rng: np.random.Generator) -> People:
    """Spread the variant's totals over zones of these kinds; population, households and orders sum exactly."""
    habits = [_HABITS[kind] for kind in kinds]
    spread = np.exp(rng.normal(0, 0.10, len(kinds)))
    population = _below_ceiling(variant.population, np.array([habit.people for habit in habits]) * spread)
    size = np.array([habit.household_size for habit in habits]) * np.exp(rng.normal(0, 0.03, len(kinds)))
    households = apportion(variant.households, population / size)
    shares = np.array([habit.groups for habit in habits])
    shares = np.clip(shares * np.exp(rng.normal(0, 0.12, shares.shape)), 0.01, 0.6)
    groups = np.rint(population[:, None] * shares).astype(np.int64)
    living = as_floats(households)
    parcels = living * np.array([habit.parcels for habit in habits]) * np.exp(rng.normal(0, 0.15, len(kinds)))
    meals = living * np.array([habit.meals for habit in habits]) * np.exp(rng.normal(0, 0.20, len(kinds)))
    return People(
        population,
        households,
        groups,
        apportion(variant.parcels_per_day, parcels),
        apportion(variant.meals_per_day, meals),
    )


def _below_ceiling(total: int, weights: NDArray[np.float64]) -> NDArray[np.int64]:
    """Split `total` by weight with no zone above the ceiling: what a full zone cannot hold goes to the others."""
    for _ in range(20):
        shares = apportion(total, weights)
        if shares.max() <= MOST_PEOPLE_IN_A_ZONE:
            break
        weights = np.minimum(weights, weights.sum() * (MOST_PEOPLE_IN_A_ZONE - 100) / total)
    return apportion(total, weights)
