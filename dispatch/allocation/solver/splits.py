"""Making zones that several partners share few, without taking more from any partner than its limit.

Two steps. Cycles of shared zones are cancelled, which leaves fewer zones shared at will than there are partners. Then
each shared zone is gathered at one partner, which hands whole zones of the right size to another in return; the zones
still shared may be shared otherwise to make it fit.
"""

from __future__ import annotations

import numpy as np

from dispatch.allocation.solver.exchanges import Exchange, settle
from dispatch.allocation.solver.regrouping import Patience, regroup, shared_zones
from dispatch.allocation.solver.transport import Flow, largest_first
from dispatch.reach.checked import Counts


def reduce_splits(flow: Flow) -> None:
    """Rearrange a flow that meets all quotas so that few zones are shared; quotas, room and limits stay kept."""
    _cancel_cycles(flow)
    patience = Patience()
    while _gather_any(flow) or _regroup_any(flow, patience):
        pass
    _cancel_cycles(flow)


def _gather_any(flow: Flow) -> bool:
    return sum(_gather(flow, zone) for zone in shared_zones(flow).tolist()) > 0


def _regroup_any(flow: Flow, patience: Patience) -> bool:
    return any(regroup(flow, zone, patience) for zone in shared_zones(flow).tolist())


def _cancel_cycles(flow: Flow) -> None:
    """Shift amounts round each cycle of shared zones until one of them drops out; partners' loads do not change."""
    while (cycle := _cycle(flow)) is not None:
        zones, giving, taking = (np.array(column, dtype=np.int64) for column in zip(*cycle, strict=True))
        trials: list[tuple[int, Counts]] = []
        for giver, taker in ((giving, taking), (taking, giving)):
            amount = flow.amount.copy()
            most = int(np.minimum(amount[zones, giver], flow.room[zones, taker] - amount[zones, taker]).min())
            amount[zones, giver] -= most
            amount[zones, taker] += most
            trials.append((int(np.count_nonzero(amount[zones])), amount))
        flow.amount = min(trials, key=lambda trial: trial[0])[1]


def _cycle(flow: Flow) -> list[tuple[int, int, int]] | None:
    """A closed walk of (zone, giver, taker) over cells that can both give and take, or None.

    Partners are joined one shared zone at a time; a zone whose partners are joined already closes a cycle.
    """
    joined: dict[int, list[tuple[int, int]]] = {}
    for zone in shared_zones(flow):
        row = flow.amount[zone]
        partners = np.flatnonzero((row > 0) & (row < flow.room[zone])).tolist()
        for place, partner in enumerate(partners):
            for earlier in partners[:place]:
                walk = _walk(joined, partner, earlier, int(zone))
                if walk is not None:
                    return [*walk, (int(zone), earlier, partner)]
        for partner in partners[1:]:
            joined.setdefault(partners[0], []).append((partner, int(zone)))
            joined.setdefault(partner, []).append((partners[0], int(zone)))
    return None


def _walk(
    joined: dict[int, list[tuple[int, int]]], start: int, end: int, but: int
) -> list[tuple[int, int, int]] | None:
    """The walk between two partners over zones joined so far, with steps through one zone made one."""
    came_from: dict[int, tuple[int, int]] = {start: (start, but)}
    queue = [start]
    for partner in queue:
        for other, zone in joined.get(partner, []):
            if other not in came_from:
                came_from[other] = (partner, zone)
                queue.append(other)
    if end not in came_from:
        return None
    walk: list[tuple[int, int, int]] = []
    while end != start:
        before, zone = came_from[end]
        if walk and walk[-1][0] == zone:
            walk[-1] = (zone, before, walk[-1][2])
        else:
            walk.append((zone, before, end))
        end = before
    return walk[::-1]


def _gather(flow: Flow, zone: int) -> bool:
    """Bring a shared zone wholly to one partner, if some partner can take it without sharing another zone."""
    row = flow.amount[zone]
    targets = np.flatnonzero(flow.room[zone] >= flow.quotas[zone])
    before = flow.amount.copy()
    for taker in targets[np.argsort(-row[targets], kind="stable")].tolist():
        givers = [giver for giver in np.flatnonzero(flow.amount[zone]).tolist() if giver != taker]
        if all(_hand_over(flow, zone, giver, taker) for giver in givers):
            return True
        flow.amount = before.copy()
    return False


def _hand_over(flow: Flow, zone: int, giver: int, taker: int) -> bool:
    """Move the giver's part of a zone to the taker; what the taker gets too much of goes back some other way."""
    moving = int(flow.amount[zone, giver])
    spare = flow.spare
    least_back, most_back = moving - int(spare[taker]), moving + int(spare[giver])
    if least_back > 0 and not (
        _hand_back(flow, zone, giver, taker, least_back, most_back) or _send_elsewhere(flow, zone, taker, least_back)
    ):
        return False
    flow.amount[zone, giver] -= moving
    flow.amount[zone, taker] += moving
    return True


def _hand_back(flow: Flow, zone: int, giver: int, taker: int, least: int, most: int) -> bool:
    """Hand least to most bundles from taker back to giver: whole zones, the rest within zones both share already."""
    down, up = _shared_room(flow, zone, taker, giver), _shared_room(flow, zone, giver, taker)
    exchange = Exchange(flow, zone, taker, giver)
    ways = exchange.between(least - int(down.sum()), most + int(up.sum()))
    if len(ways) == 0:
        return False
    way = int(ways[len(ways) // 2])
    back = exchange.effect(way)
    exchange.carry_out(flow, way)
    for from_, to, room, rest in ((taker, giver, down, least - back), (giver, taker, up, back - most)):
        shifted = largest_first(room, max(0, rest))
        flow.amount[:, from_] -= shifted
        flow.amount[:, to] += shifted
    return True


def _shared_room(flow: Flow, zone: int, giver: int, taker: int) -> Counts:
    """Bundles each zone that both partners share already could shift from giver to taker, shape (Z,)."""
    have, free = flow.amount[:, giver], flow.room[:, taker] - flow.amount[:, taker]
    shift = np.where(flow.amount[:, taker] > 0, np.minimum(have, free), 0)
    shift[zone] = 0
    return shift


def _send_elsewhere(flow: Flow, zone: int, partner: int, least: int) -> bool:
    """Move one whole zone of at least so many bundles from the partner to any other with the capacity."""
    whole = (flow.amount[:, partner] == flow.quotas) & (flow.quotas >= least)
    whole[zone] = False
    fits = whole[:, None] & (flow.room >= flow.quotas[:, None]) & (flow.spare >= flow.quotas[:, None])
    fits[:, partner] = False
    places = np.argwhere(fits)
    if len(places) == 0:
        return False
    mover, other = places[np.argmin(flow.quotas[places[:, 0]])]
    settle(flow, int(mover), int(other))
    return True
