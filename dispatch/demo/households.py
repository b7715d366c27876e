"""The truth behind the copies: households that order often or never, and which of them have already got one.

The product never sees this. A runner asks it for first-copy answers and spot checks, and may compare the product's
estimates with it.
"""

import numpy as np
from numpy.typing import NDArray

from dispatch.demo.city import City
from dispatch.demo.samples import generator, pick_within

ORDER_RATE_VARIATION = 1.5
CHECK_SENSITIVITY, CHECK_SPECIFICITY = 0.90, 0.98


class Households:
    """All households of the city in zone order, with gamma order rates (squared coefficient of variation 1.5).

    Giving `n` copies in a zone of `H` households reaches about H · (1 − (1 + 1.5·n/H)^(−1/1.5)) of them. It remembers
    what was handed out, so it is the one part of the world that changes; a fresh one starts at nothing.
    """

    def __init__(self, city: City) -> None:
        rng = generator(city.seed, "households")
        counts = city.people.households
        self._rng = generator(city.seed, "households", 1)
        self._offset: NDArray[np.int64] = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        rate = rng.gamma(1 / ORDER_RATE_VARIATION, ORDER_RATE_VARIATION, int(counts.sum()))
        self._cumulative: NDArray[np.float64] = np.concatenate([[0.0], np.cumsum(rate)])
        self._copies: NDArray[np.int64] = np.zeros(int(counts.sum()), dtype=np.int64)

    def hand_out(self, zone: NDArray[np.int64], copies: NDArray[np.int64]) -> NDArray[np.int64]:
        """Give the copies of each record to households of its zone by order rate; answers how many were first ones.

        Within one call a household served twice counts as first once. Call it with what was accepted, in order.
        """
        record = np.repeat(np.arange(len(zone)), copies)
        where = zone[record]
        household = pick_within(
            self._cumulative, self._offset[where], self._offset[where + 1], self._rng.random(len(record))
        )
        first = np.zeros(len(record), dtype=np.bool_)
        first[np.unique(household, return_index=True)[1]] = True
        first &= self._copies[household] == 0
        np.add.at(self._copies, household, 1)
        return np.bincount(record[first], minlength=len(zone)).astype(np.int64)

    def reached(self) -> NDArray[np.int64]:
        """Households with at least one copy, per zone."""
        has_one = np.concatenate([[0], np.cumsum(self._copies > 0)])
        return (has_one[self._offset[1:]] - has_one[self._offset[:-1]]).astype(np.int64)

    def spot_check(self, zone: int, asked: int) -> int:
        """How many of `asked` households drawn at random in a zone say they have a copy (Se 0.90, Sp 0.98)."""
        low, high = int(self._offset[zone]), int(self._offset[zone + 1])
        drawn = low + self._rng.choice(high - low, min(asked, high - low), replace=False)
        chance = np.where(self._copies[drawn] > 0, CHECK_SENSITIVITY, 1 - CHECK_SPECIFICITY)
        return int((self._rng.random(len(drawn)) < chance).sum())
