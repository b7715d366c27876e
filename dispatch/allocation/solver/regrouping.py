"""Gathering one more shared zone when exchanges between its own partners have failed.

Any third partner may take part, and the zones still shared may be shared in another way: a small flow problem decides
each attempt. Attempts are counted, for most failures cannot be helped.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np

from dispatch.allocation.solver.exchanges import Exchange, settle
from dispatch.allocation.solver.transport import Flow, fill_whole_zones, saturate
from dispatch.reach.checked import Counts


@dataclass(slots=True)
class Patience:
    """Exchanges between partners still to be looked through, and attempts still to be made to share otherwise."""

    exchanges: int = 400
    attempts: int = 600
    attempts_per_exchange: int = 12


def shared_zones(flow: Flow) -> Counts:
    """Places of the zones that more than one partner serves."""
    return np.flatnonzero((flow.amount > 0).sum(axis=1) > 1)


def regroup(flow: Flow, zone: int, patience: Patience) -> bool:
    """Bring a shared zone wholly to one partner, moving anything else that stays whole or was shared before."""
    quota = flow.quotas[zone]
    spare = flow.spare + flow.amount[zone]
    takers = np.flatnonzero(flow.room[zone] >= quota)
    takers = takers[np.argsort(-spare[takers], kind="stable")].tolist()
    for taker, other in product(takers, np.argsort(-spare, kind="stable").tolist()):
        if taker == other:
            continue
        if patience.exchanges <= 0:
            return False
        patience.exchanges -= 1
        exchange = Exchange(flow, zone, taker, other)
        ways = exchange.between(int(quota - spare[taker]), int(spare[other]))
        if len(ways):
            exchange.carry_out(flow, int(ways[0]))
            settle(flow, zone, taker)
            return True
        if _share_otherwise(flow, zone, exchange, patience):
            return True
    return False


def _share_otherwise(flow: Flow, zone: int, exchange: Exchange, patience: Patience) -> bool:
    """Gather the zone with an exchange that fits once the zones still shared are shared in another way."""
    rest = shared_zones(flow)
    rest = rest[rest != zone]
    if len(rest) == 0 or patience.attempts <= 0:
        return False
    taker, other = exchange.ends
    loose = flow.spare + flow.amount[rest].sum(axis=0) + flow.amount[zone]
    loose[taker] -= flow.quotas[zone]
    ways = exchange.between(int(-loose[taker]), int(loose[other]))
    tried = min(len(ways), patience.attempts_per_exchange)
    for way in ways[np.linspace(0, len(ways) - 1, tried).astype(np.int64)].tolist():
        patience.attempts -= 1
        limits = loose.copy()
        limits[[taker, other]] += np.array([1, -1]) * exchange.effect(way)
        shared = Flow(flow.quotas[rest], flow.room[rest], limits, np.zeros_like(flow.amount[rest]))
        fill_whole_zones(shared)
        if saturate(shared) is None:
            exchange.carry_out(flow, way)
            flow.amount[rest] = shared.amount
            settle(flow, zone, taker)
            return True
    return False
