"""Largest flow of bundles from zones to partners, and the bottleneck that stops a larger one.

Zones are many and partners few, so augmenting paths are searched among the partners alone, and one step moves as much
of as many zones at once as it can. All amounts are integers, hence so is every flow (the matrix is totally unimodular).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from dispatch.reach.checked import Counts

Flags = NDArray[np.bool_]


@dataclass(slots=True)
class Flow:
    """Bundles each zone gives to each partner; `amount` is changed in place.

    Attributes:
        quotas: bundles each zone must give, shape (Z,).
        room: most bundles per zone and partner, shape (Z, F).
        limits: most bundles per partner, shape (F,).
        amount: bundles given so far, shape (Z, F).
    """

    quotas: Counts
    room: Counts
    limits: Counts
    amount: Counts

    @property
    def unmet(self) -> Counts:
        return self.quotas - self.amount.sum(axis=1)

    @property
    def spare(self) -> Counts:
        return self.limits - self.amount.sum(axis=0)


@dataclass(frozen=True, slots=True)
class Bottleneck:
    """Zones that need more than these partners may take and the other partners have room for.

    By the cut: quotas of `zones` − their room elsewhere = `needed` > limits of `partners`.
    """

    zones: Flags
    partners: Flags
    needed: int
    missing: int


def fill_whole_zones(flow: Flow, order: Counts | None = None) -> None:
    """Give each zone wholly to the partner with most to spare; those that fit nowhere stay unmet.

    Zones come in the order given, largest first without one.
    """
    spare = flow.spare
    for zone in np.argsort(-flow.quotas, kind="stable") if order is None else order:
        quota = flow.quotas[zone]
        fits = (flow.room[zone] >= quota) & (spare >= quota)
        if quota > 0 and fits.any():
            partner = int(np.argmax(np.where(fits, spare, -1)))
            flow.amount[zone, partner] = quota
            spare[partner] -= quota


def saturate(flow: Flow) -> Bottleneck | None:
    """Enlarge the flow until every quota is met (None) or a bottleneck shows that it cannot be."""
    while True:
        unmet = flow.unmet
        if not unmet.any():
            return None
        came_from = _search(flow, unmet)
        spare = flow.spare
        ends = np.flatnonzero((came_from != _UNSEEN) & (spare > 0))
        if len(ends) == 0:
            return _bottleneck(flow, unmet, came_from != _UNSEEN)
        _augment(flow, unmet, came_from, int(ends[np.argmax(spare[ends])]))


_UNSEEN = -2
_SOURCE = -1


def _search(flow: Flow, unmet: Counts) -> Counts:
    """Breadth-first over partners: who must hand on to make room, _SOURCE for direct room, _UNSEEN for out of reach."""
    free = flow.room - flow.amount
    came_from = np.full(flow.amount.shape[1], _UNSEEN, dtype=np.int64)
    frontier = np.flatnonzero(free[unmet > 0].any(axis=0))
    came_from[frontier] = _SOURCE
    queue = frontier.tolist()
    for partner in queue:
        movable = free[flow.amount[:, partner] > 0].any(axis=0) & (came_from == _UNSEEN)
        came_from[movable] = partner
        queue.extend(np.flatnonzero(movable).tolist())
    return came_from


def _augment(flow: Flow, unmet: Counts, came_from: Counts, end: int) -> None:
    path = [end]
    while came_from[path[-1]] != _SOURCE:
        path.append(int(came_from[path[-1]]))
    path.reverse()
    free = flow.room - flow.amount
    steps = [np.minimum(unmet, free[:, path[0]])]
    steps += [np.minimum(flow.amount[:, one], free[:, other]) for one, other in pairwise(path)]
    total = min(int(flow.spare[end]), *(int(step.sum()) for step in steps))
    for place, step in enumerate(steps):
        moved = largest_first(step, total)
        flow.amount[:, path[place]] += moved
        if place > 0:
            flow.amount[:, path[place - 1]] -= moved


def largest_first(most: Counts, total: int) -> Counts:
    """Amounts up to `most` that sum to total, whole ones first so that few zones are moved in part."""
    order = np.argsort(-most, kind="stable")
    before = np.cumsum(most[order]) - most[order]
    moved = np.empty_like(most)
    moved[order] = np.clip(total - before, 0, most[order])
    return moved


def _bottleneck(flow: Flow, unmet: Counts, partners: Flags) -> Bottleneck:
    zones = (unmet > 0) | flow.amount[:, partners].any(axis=1)
    needed = int(flow.quotas[zones].sum() - flow.room[zones][:, ~partners].sum())
    return Bottleneck(zones, partners, needed, int(unmet.sum()))
