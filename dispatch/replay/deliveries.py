"""Reading recorded deliveries and choosing those at which a leaflet is handed out. Pure: text in, arrays out."""

import csv
import math
from collections.abc import Iterable
from datetime import UTC, datetime, tzinfo
from hashlib import sha256
from typing import Any
from uuid import UUID

import msgspec
import numpy as np

from dispatch.database.ids import new_id
from dispatch.geo.cells import cells_of
from dispatch.geo.datum import CoordinateError, Points, check_points, convert
from dispatch.geo.polygons import Area, locate

FIELDS = ("time", "courier", "lng", "lat")

# Spellings of an instant met in delivery records; the ones without a year take the year the operator names.
_FORMATS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y/%m/%d %H:%M:%S", "%Y-%m-%d %H:%M")
_YEARLESS = ("%m-%d %H:%M:%S", "%m-%d %H:%M")


class ReplayError(Exception):
    """The file or the mapping of its columns cannot be used; the message says which and how to mend it."""


class Delivery(msgspec.Struct, frozen=True):
    """One usable row. `row` counts data rows from 1; longitude and latitude in the city's datum."""

    row: int
    courier: str
    at: datetime
    longitude: float
    latitude: float


class Reading(msgspec.Struct, frozen=True):
    """All usable deliveries in time order, and how many rows were dirty, by reason."""

    rows: int
    deliveries: list[Delivery]
    dirty: dict[str, int]


class Placed(msgspec.Struct, frozen=True):
    """A delivery with the zone (index) and the map cell it lies in."""

    delivery: Delivery
    zone: int
    cell: int


def read_mapping(text: str) -> dict[str, str]:
    """Turn `time=delivery_time,courier=courier_id,…` into {field: column}. Raises ReplayError."""
    pairs = [part.split("=", 1) for part in text.split(",") if part]
    mapping = {pair[0].strip(): pair[1].strip() for pair in pairs if len(pair) == 2}
    if set(mapping) != set(FIELDS):
        raise ReplayError(f"--map must name {', '.join(FIELDS)}, each once, as field=column")
    return mapping


def read_deliveries(lines: Iterable[str], mapping: dict[str, str], year: int, timezone: tzinfo) -> Reading:
    """Read a CSV with a header. A row that cannot be used is counted by its reason, never dropped in silence."""
    reader = csv.DictReader(lines)
    missing = sorted(set(mapping.values()) - set(reader.fieldnames or []))
    if missing:
        raise ReplayError(
            f"the file has no column {', '.join(missing)}; its columns are {', '.join(reader.fieldnames or [])}"
        )
    found: list[Delivery] = []
    dirty: dict[str, int] = {}
    count = 0
    for count, row in enumerate(reader, start=1):
        read = _read_row(count, row, mapping, year, timezone)
        if isinstance(read, Delivery):
            found.append(read)
        else:
            dirty[read] = dirty.get(read, 0) + 1
    return Reading(count, sorted(found, key=lambda delivery: (delivery.at, delivery.row)), dirty)


def _read_row(number: int, row: dict[str, Any], mapping: dict[str, str], year: int, timezone: tzinfo) -> Delivery | str:
    at = read_time(row.get(mapping["time"]) or "", year, timezone)
    if at is None:
        return "time"
    courier = (row.get(mapping["courier"]) or "").strip()
    if not courier:
        return "courier"
    try:
        longitude, latitude = float(row.get(mapping["lng"]) or "nan"), float(row.get(mapping["lat"]) or "nan")
        if abs(longitude) < 1 and abs(latitude) < 1:
            return "position"  # a receiver without a fix writes (0, 0)
        check_points(np.array([[longitude, latitude]]))
    except (ValueError, CoordinateError):
        return "position"
    return Delivery(number, courier, at, longitude, latitude)


def read_time(text: str, year: int, timezone: tzinfo) -> datetime | None:
    """An instant (UTC) from a local time; None when it is none."""
    for pattern in _FORMATS:
        try:
            return datetime.strptime(text.strip(), pattern).replace(tzinfo=timezone).astimezone(UTC)
        except ValueError:
            continue
    for pattern in _YEARLESS:
        try:
            # The year goes in before parsing: 29 February exists in some of them only.
            local = datetime.strptime(f"{year}-{text.strip()}", f"%Y-{pattern}")  # noqa: DTZ007  local by the next line
        except ValueError:
            continue
        return local.replace(tzinfo=timezone).astimezone(UTC)
    return None


def place(
    deliveries: list[Delivery], datum: str, city_datum: str, codes: list[str], zones: list[Area]
) -> tuple[list[Placed], int]:
    """Find zone and cell of each delivery; return the placed ones and how many lie outside every zone.

    A point on a border belongs to the lowest zone code. The position itself goes no further than this function.
    """
    if not deliveries:
        return [], 0
    points: Points = np.array([[delivery.longitude, delivery.latitude] for delivery in deliveries])
    points = convert(points, datum, city_datum)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    found, cells = locate(points, zones, codes), cells_of(points)
    placed = [
        Placed(delivery, int(zone), int(cell))
        for delivery, zone, cell in zip(deliveries, found, cells, strict=True)
        if zone >= 0
    ]
    return placed, len(deliveries) - len(placed)


def choose(placed: list[Placed], share: float, seed: int) -> list[Placed]:
    """The deliveries at which a leaflet is handed out: each by itself with probability `share`, from seed and row."""
    limit = math.ldexp(share, 64)
    return [each for each in placed if _draw(seed, "share", each.delivery.row) < limit]


def handout_id(seed: int, delivery: Delivery) -> UUID:
    """The id the phone would have made: the same in every run, with the time of the delivery inside."""
    return new_id(delivery.at, _draw(seed, "id", delivery.row) << 10 | _draw(seed, "more", delivery.row) >> 54)


def _draw(seed: int, purpose: str, row: int) -> int:
    return int.from_bytes(sha256(f"{seed}:{purpose}:{row}".encode()).digest()[:8], "big")
