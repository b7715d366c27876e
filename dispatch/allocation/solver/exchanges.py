"""Exchanges of whole zones between two partners, so that one of them gets rid of a wanted number of bundles."""

from __future__ import annotations

from typing import Final

import numpy as np

from dispatch.allocation.solver.transport import Flow
from dispatch.reach.checked import Counts

_MOST_CANDIDATES: Final = 16
"""Whole zones considered on each side: pairs of them are compared with pairs."""


def settle(flow: Flow, zone: int, partner: int) -> None:
    flow.amount[zone] = 0
    flow.amount[zone, partner] = flow.quotas[zone]


class Exchange:
    """Ways for one partner to hand up to two whole zones to another for up to two in return, by what it gets rid of."""

    def __init__(self, flow: Flow, zone: int, giver: int, taker: int) -> None:
        self.ends = (giver, taker)
        self._out, out_sums = _bunches(flow, _whole_zones(flow, zone, giver, taker))
        self._back, back_sums = _bunches(flow, _whole_zones(flow, zone, taker, giver))
        # Of several ways with the same effect the first is kept, which moves the fewest zones.
        effects, ways = np.unique(out_sums[:, None] - back_sums, return_index=True)
        self._effects: Counts = effects
        self._ways: Counts = ways.astype(np.int64)

    def between(self, least: int, most: int) -> Counts:
        """Numbers of the ways by which the giver gets rid of least to most bundles, nearest to least first."""
        first, end = np.searchsorted(self._effects, np.array([least, most + 1])).tolist()
        return np.arange(first, end, dtype=np.int64)

    def effect(self, way: int) -> int:
        return int(self._effects[way])

    def carry_out(self, flow: Flow, way: int) -> None:
        giver, taker = self.ends
        out, back = divmod(int(self._ways[way]), len(self._back))
        for bunch, partner in ((self._out[out], taker), (self._back[back], giver)):
            for zone in bunch[bunch >= 0].tolist():
                settle(flow, zone, partner)


def _whole_zones(flow: Flow, zone: int, giver: int, taker: int) -> Counts:
    """Zones the giver serves alone and the taker could serve alone, of sizes as various as possible."""
    whole = (flow.amount[:, giver] == flow.quotas) & (flow.quotas > 0) & (flow.room[:, taker] >= flow.quotas)
    whole[zone] = False
    places = np.flatnonzero(whole)
    by_size = places[np.argsort(flow.quotas[places], kind="stable")]
    if len(by_size) <= _MOST_CANDIDATES:
        return by_size
    return by_size[np.linspace(0, len(by_size) - 1, _MOST_CANDIDATES).astype(np.int64)]


def _bunches(flow: Flow, zones: Counts) -> tuple[Counts, Counts]:
    """No zone, each zone and each pair of zones: their places (B, 2), −1 for none, and their bundles (B,)."""
    first, second = np.triu_indices(len(zones), 1)
    none = np.full(len(zones), -1, dtype=np.int64)
    bunches = np.concatenate(
        [
            np.full((1, 2), -1, dtype=np.int64),
            np.stack([zones, none], axis=1),
            np.stack([zones[first], zones[second]], axis=1),
        ]
    )
    return bunches, np.where(bunches >= 0, flow.quotas[bunches], 0).sum(axis=1)
