"""Who is shown the base map, over which zones it lies right, and which part of its file a request may ask for."""

import re
from typing import Final

from dispatch.problems import Problem
from dispatch.server.caller import Role
from schemas.base_map import BaseMap

ADDRESS: Final = "/api/base-map.pmtiles"
# Riders have no map.
WITH_MAPS: Final[tuple[Role, ...]] = ("planner", "auditor", "firm_manager", "outlet_manager")
# A reader asks for a directory or a picture at a time; nobody needs the whole file.
MOST_BYTES: Final = 8_000_000
# Equal to each other here, see geo/datum.py.
_SAME: Final = {"cgcs2000": "wgs84"}


class RangeNeeded(Problem):
    """The base map's file is given out in parts of at most eight megabytes: ask with a Range header."""

    slug, title, status = "range-needed", "Ask for a part of the file", 416


def lies_on(base_map: BaseMap, datum: str) -> bool:
    """Whether zones of a datum lie where the base map shows them."""
    return _SAME.get(base_map.datum, base_map.datum) == _SAME.get(datum, datum)


def judge_shown(base_map: BaseMap, role: str, datum: str) -> BaseMap | None:
    """The base map, for a role that has maps and zones of a datum that lie right on it; None otherwise."""
    return base_map if role in WITH_MAPS and lies_on(base_map, datum) else None


def judge_range(header: str, size: int) -> tuple[int, int]:
    """First and last byte that a Range header asks for, of a file of `size` bytes.

    Raises RangeNeeded for no range, several, one that begins at or after the end, or one of too many bytes.
    """
    asked = re.fullmatch(r"bytes=(\d{1,15})-(\d{1,15})", header.strip())
    first, last = (int(asked[1]), min(int(asked[2]), size - 1)) if asked else (0, -1)
    if first > last or last - first >= MOST_BYTES:
        raise RangeNeeded("Send Range: bytes=FIRST-LAST, eight megabytes at most.", size=size)
    return first, last
