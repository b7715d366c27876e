"""Weeks of confirmations, as honest riders make them and as nobody makes them."""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

import h3.api.basic_int as half_typed_h3
import numpy as np

from dispatch.flags.evidence import INSIDE, Week

h3: Any = half_typed_h3

MONDAY = date(2027, 4, 12)
HOME: int = h3.latlng_to_cell(36.91, 104.21, 9)
# 10:00 in Yunchuan on the Monday.
MORNING = (MONDAY.toordinal() - date(1970, 1, 1).toordinal()) * 86_400 + 2 * 3600


def cell_at(rings: int) -> int:
    """A cell so many rings from home, some 350 m each."""
    return int(min(h3.grid_ring(HOME, rings))) if rings else HOME


class Confirmation(NamedTuple):
    """One confirmation; `minute` from ten o'clock on."""

    minute: float
    cell: int = HOME
    copies: int = 1
    day: int = 0
    rider: int = 0
    ahead: int = -5
    place: int = INSIDE


def week(confirmations: Sequence[Confirmation], *, waiting: int = 0, refused_ahead: int = 0, riders: int = 1) -> Week:
    """A week; what was refused is the first rider's."""

    def column(values: Sequence[float]) -> Any:
        return np.array(values, dtype=np.int64)

    none, first = np.zeros(riders, dtype=np.int64), np.arange(riders) == 0
    rider, copies = column([each.rider for each in confirmations]), column([each.copies for each in confirmations])
    recorded = none.copy()
    np.add.at(recorded, rider, copies)
    return Week(
        riders=riders,
        rider=rider,
        day=column([MONDAY.toordinal() + each.day for each in confirmations]),
        second=column([MORNING + each.day * 86_400 + int(each.minute * 60) for each in confirmations]),
        ahead=column([each.ahead for each in confirmations]),
        cell=column([each.cell for each in confirmations]),
        copies=copies,
        place=column([each.place for each in confirmations]),
        recorded_copies=recorded,
        waiting_copies=np.where(first, waiting, 0),
        refused_ahead=np.where(first, refused_ahead, 0),
    )


def honest(days: int = 5, rider: int = 0) -> list[Confirmation]:
    """A courier's rounds: from street to street, a door or two at a time, at no beat."""
    gaps = (4, 9, 5, 21, 6, 14, 55, 7, 4, 30, 8, 12)
    return [
        Confirmation(
            minute=float(np.cumsum(gaps)[stop]),
            cell=cell_at(stop // 3),
            copies=(1, 2, 1, 3, 1, 7)[stop % 6],
            day=day,
            rider=rider,
        )
        for day in range(days)
        for stop in range(len(gaps))
    ]
