"""What an allocation may not go below or above, and saying so when both limits cannot be kept.

A floor is a share of every zone's households; a capacity is what can be carried there. When they contradict each other
the largest floor that could be kept is named, and nothing is relaxed silently. Formulas: dispatch/reach/README.md,
section "Floors and capacities".
"""

from __future__ import annotations

from typing import Final, Literal

import numpy as np
from numpy.typing import ArrayLike

from dispatch.reach.checked import Counts, checked_numbers
from dispatch.reach.curve import Floats, copies_for_reach

_BISECTIONS: Final = 60
_MOST_COPIES: Final = 2.0**53
"""Above this a count is no longer exact as a float; no campaign prints so many."""

InfeasibleReason = Literal[
    "floor_above_capacity", "floors_exceed_copies", "copies_exceed_capacity", "floor_unreachable"
]


class Infeasible(Exception):
    """No allocation keeps to the floors and capacities; nothing is relaxed silently.

    Attributes:
        reason: which rule cannot be kept.
        largest_feasible_floor: the largest share of every zone's households that could be guaranteed; None when no
            floor is to blame.
        shortage: copies missing (floors) or copies that nobody can take (capacity).
        zones: places in the list of the zones to blame, where particular zones are.
    """

    def __init__(
        self,
        reason: InfeasibleReason,
        largest_feasible_floor: float | None,
        shortage: int,
        zones: tuple[int, ...] = (),
    ) -> None:
        super().__init__(f"{reason}: {shortage} copies, largest feasible floor {largest_feasible_floor}")
        self.reason: InfeasibleReason = reason
        self.largest_feasible_floor = largest_feasible_floor
        self.shortage = shortage
        self.zones = zones


def bundle_limits(
    copies: int, households: Floats, lower: ArrayLike | None, upper: ArrayLike | None, bundle: int
) -> tuple[Counts, Counts]:
    """Bounds in whole bundles: lower rounded up, upper rounded down and never over what there is."""
    count = len(households)
    least = np.zeros(count) if lower is None else checked_numbers("lower", lower, count)
    low = np.ceil(least / bundle).astype(np.int64)
    most = np.maximum(low, copies // bundle)
    if upper is not None:
        most = np.minimum(most, np.floor(checked_numbers("upper", upper, count) / bundle)).astype(np.int64)
    return low, np.where(households > 0.0, most, np.minimum(most, low))


def floor_copies(households: ArrayLike, a: float, genuine: ArrayLike = 1.0, kappa: ArrayLike = 0.0) -> Counts:
    """Fewest copies that bring each zone's expected reach to kappa, ⌈(H/(a·v))·((1−κ)^(−a) − 1)⌉.

    Args:
        households: households per zone, shape (Z,); 0 gives 0 copies.
        a: squared coefficient of variation of order rates; 0 gives the limit −(H/v)·ln(1−κ).
        genuine: genuine share per zone, 0 to 1, (Z,) or one number.
        kappa: share in [0, 1) to guarantee, (Z,) or one number.

    Raises:
        ValueError: a number is NaN, infinite, negative or over its limit.
        Infeasible: `floor_unreachable`, no countable number of copies brings a zone to its floor (none is genuine).
    """
    homes = checked_numbers("households", households)
    share, least = (
        checked_numbers("genuine", genuine, len(homes), 1.0),
        checked_numbers("kappa", kappa, len(homes), 1.0),
    )
    if np.any(least >= 1.0):
        raise ValueError("kappa must be under 1: no number of copies reaches everybody")
    wanted = homes * copies_for_reach(least, a)
    needed = np.where(wanted > 0.0, wanted / np.where(share > 0.0, share, 1e-300), 0.0)
    lost = needed > _MOST_COPIES
    if np.any(lost):
        raise Infeasible("floor_unreachable", 0.0, 0, tuple(int(zone) for zone in np.flatnonzero(lost)))
    # A floor that needs exactly 1,200 copies must not become 1,201 by the last binary digit.
    return np.ceil(needed - np.maximum(1e-9, 1e-12 * needed)).clip(min=0.0).astype(np.int64)


def largest_feasible_floor(
    copies: int,
    households: ArrayLike,
    a: float,
    genuine: ArrayLike = 1.0,
    *,
    lower: ArrayLike | None = None,
    upper: ArrayLike | None = None,
    bundle: int = 1,
) -> float:
    """Largest share of its households that can be guaranteed to every zone at once, to about 1e-12.

    Args:
        copies: copies there are.
        households, genuine, lower, upper: per zone as in `allocate`; lower is what is already done.
        a: squared coefficient of variation of order rates.
        bundle: copies per bundle; each zone's floor is rounded up to whole bundles.

    Raises:
        ValueError: as `floor_copies`.
    """
    homes = checked_numbers("households", households)
    share = checked_numbers("genuine", genuine, len(homes), 1.0)
    done, most = bundle_limits(copies, homes, lower, upper, bundle)
    if np.any((share == 0.0) & (homes > 0.0)):
        return 0.0
    needs_per_mu = np.where(homes > 0.0, homes / np.where(share > 0.0, share, 1.0), 0.0)

    def feasible(kappa: float) -> bool:
        # As floats: floors near 1 need more copies than an integer holds.
        needed = needs_per_mu * copies_for_reach(kappa, a)
        bundles = np.maximum(np.ceil((needed - np.maximum(1e-9, 1e-12 * needed)) / bundle), done)
        return bool(np.all((bundles <= most) | (homes == 0.0)) and bundles.sum() <= copies // bundle)

    low, high = 0.0, 1.0
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2.0
        if middle < 1.0 and feasible(middle):
            low = middle
        else:
            high = middle
    return low
