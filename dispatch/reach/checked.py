"""Numbers checked before anything is computed from them."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]


def checked_numbers(name: str, values: ArrayLike, count: int | None = None, most: float = math.inf) -> Floats:
    """The values as a vector, one number repeated `count` times where a count is given.

    Raises:
        ValueError: a value is NaN, infinite, negative or over `most`.
    """
    array = np.atleast_1d(np.asarray(values, dtype=np.float64))
    if count is not None:
        array = np.broadcast_to(array, (count,))
    if not np.all(np.isfinite(array)) or np.any(array < 0.0) or np.any(array > most):
        raise ValueError(f"{name} must be finite, not negative and at most {most}")
    return array
