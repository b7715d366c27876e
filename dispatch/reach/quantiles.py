"""The levels of every 95 % interval, and the normal law on a few nodes.

Formulas: dispatch/reach/README.md, section "Grids".
"""

from __future__ import annotations

from statistics import NormalDist
from typing import Final

import numpy as np

from dispatch.reach.checked import Floats

LOW_LEVEL: Final = 0.025
HIGH_LEVEL: Final = 0.975
TWO_SIDED_95: Final = 1.959963984540054
"""Normal quantile at HIGH_LEVEL, usually written 1.96."""

_NODES: Final = 7


def _normal_nodes() -> Floats:
    """Nodes of equal probability with mean 0 and variance 1: the middles of equal slices, stretched."""
    nodes = np.array([NormalDist().inv_cdf((slice_ + 0.5) / _NODES) for slice_ in range(_NODES)])
    return nodes / np.sqrt(np.mean(nodes**2))


NORMAL_NODES: Final[Floats] = _normal_nodes()
"""Seven of them."""
