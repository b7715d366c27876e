"""How likely a reach known by its median and interval is at or over a share that is due.

Formulas: dispatch/reach/README.md, section "Gaps and the map".
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from dispatch.reach.checked import Floats
from dispatch.reach.quantiles import TWO_SIDED_95

_NOTHING: Final = 1e-9
_erf = np.vectorize(math.erf, otypes=[np.float64])


def reaches(low: ArrayLike, median: ArrayLike, high: ArrayLike, due: ArrayLike) -> Floats:
    """P(R ≥ due), for the law that is normal on the logit to each side of the median and has these quantiles.

    Args:
        low, median, high: quantiles .025, .5 and .975 of reach, shares; NaN: not applicable, and so is the answer.
        due: shares; where nothing is due it is reached.
    """
    below, middle, above, wanted = (_logit(np.asarray(values, dtype=np.float64)) for values in (low, median, high, due))
    side = np.where(wanted < middle, middle - below, above - middle) / TWO_SIDED_95
    distance = (wanted - middle) / np.maximum(side, _NOTHING)
    # Without any width the share is known, and what is due is reached where it is no more than that.
    chance = np.where(wanted == middle, np.where(above > below, 0.5, 1.0), 0.5 - 0.5 * _erf(distance / math.sqrt(2.0)))
    known = np.isnan(np.asarray(median, dtype=np.float64))
    return np.where(known, np.nan, np.where(np.asarray(due, dtype=np.float64) <= 0.0, 1.0, chance))


def _logit(share: Floats) -> Floats:
    kept = np.clip(share, _NOTHING, 1.0 - _NOTHING)
    return np.log(kept / (1.0 - kept))
