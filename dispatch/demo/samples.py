"""Seeded randomness and exact sums: every part of the world draws from its own stream, so parts stay independent."""

from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

Stream = Literal[
    "parcels",
    "names",
    "people",
    "incidents",
    "outlets",
    "riders",
    "capacity",
    "sites",
    "mishaps",
    "field",
    "households",
    "supply",
]
_STREAMS: tuple[Stream, ...] = get_args(Stream)


def generator(seed: int, stream: Stream, part: int = 0) -> np.random.Generator:
    """A PCG64 generator that depends on nothing but the seed, the named stream and the part (for example the day)."""
    return np.random.Generator(np.random.PCG64([seed, _STREAMS.index(stream), part]))


def apportion(total: int, weights: NDArray[np.float64]) -> NDArray[np.int64]:
    """Split `total` in proportion to non-negative `weights` by largest remainder; the shares sum exactly to `total`."""
    exact = weights * (total / weights.sum())
    shares = np.floor(exact).astype(np.int64)
    missing = int(total - shares.sum())
    shares[np.argsort(shares - exact, kind="stable")[:missing]] += 1
    return shares


def find(ascending: NDArray[Any], values: NDArray[Any], side: Literal["left", "right"] = "left") -> NDArray[np.int64]:
    """Where each of `values` would be inserted into the `ascending` array to keep it ascending."""
    return np.asarray(np.searchsorted(ascending, values, side=side), dtype=np.int64)


def as_floats(whole: NDArray[np.int64]) -> NDArray[np.float64]:
    """Whole numbers as floating ones."""
    return whole.astype(np.float64)


def pick_weighted(rng: np.random.Generator, cumulative: NDArray[np.float64], size: int) -> NDArray[np.int64]:
    """Draw `size` indices with probability proportional to the steps of `cumulative` (ascending, last = total)."""
    drawn = find(cumulative, rng.random(size) * cumulative[-1], "right")
    return np.minimum(drawn, len(cumulative) - 1)


def pick_within(
    cumulative: NDArray[np.float64], start: NDArray[np.int64], end: NDArray[np.int64], position: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Index at `position` (0…1) by weight inside each half-open slice start:end of one long cumulative array.

    `cumulative` holds one more entry than there are items (it begins with 0), all slices must be non-empty.
    """
    low, high = cumulative[start], cumulative[end]
    found = find(cumulative, low + position * (high - low), "right") - 1
    return np.clip(found, start, end - 1).astype(np.int64)
