"""Reading GeoJSON areas from strangers' files: either a valid polygon comes out or one clear reason why not.

Apart from polygons.py because it judges untrusted input step by step and knows nothing of what polygons are used for.
Nothing here recurses into the input, so nesting as deep as the sender likes costs nothing.
"""

import math
from collections.abc import Sequence
from typing import Any, Final, Literal, cast

import numpy as np
import shapely as half_typed_shapely
from shapely import MultiPolygon, Polygon

from dispatch.geo.datum import CoordinateError, Points, check_points

# Its stubs leave keyword arguments unknown, which strict checking refuses.
shapely: Any = half_typed_shapely

MOST_POINTS: Final = 200_000
FEWEST_DISTINCT_POINTS: Final = 3
# About ten square centimetres: anything smaller is a line drawn twice.
SMALLEST_AREA_SQUARE_DEGREES: Final = 1e-13

GeometryReason = Literal[
    "missing",
    "unknown-type",
    "malformed",
    "empty",
    "too-many-points",
    "too-few-points",
    "not-finite",
    "swapped",
    "out-of-range",
    "zero-area",
    "self-intersection",
    "invalid",
]


class GeometryError(ValueError):
    """A geometry that is no usable area. `reason` is stable for programs, `detail` says where and what."""

    def __init__(self, reason: GeometryReason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason: GeometryReason = reason
        self.detail = detail


def read_polygon(geometry: object) -> Polygon | MultiPolygon:
    """Read a decoded GeoJSON geometry of type Polygon or MultiPolygon (degrees, longitude first).

    Heights are dropped; a ring left open is closed. Raises GeometryError with the reason otherwise: see
    GeometryReason. Parts, rings and points in `detail` are counted from 0.
    """
    parts = _parts(geometry)
    _count(parts)
    polygons = [_polygon(part, f"part {index}") for index, part in enumerate(parts)]
    kind = cast("dict[str, Any]", geometry)["type"]
    area = MultiPolygon(polygons) if kind == "MultiPolygon" else polygons[0]
    _check_shape(area)
    return area


def _parts(geometry: object) -> Sequence[object]:
    """The polygons' coordinate lists, not yet looked into."""
    if geometry is None:
        raise GeometryError("missing", "there is no geometry")
    if not isinstance(geometry, dict):
        raise GeometryError("malformed", "the geometry is not an object")
    fields = cast("dict[object, object]", geometry)
    kind = fields.get("type")
    if kind not in ("Polygon", "MultiPolygon"):
        name = kind[:40] if isinstance(kind, str) else "none given"
        raise GeometryError("unknown-type", f"the type must be Polygon or MultiPolygon: {name}")
    coordinates = _list(fields.get("coordinates"), "coordinates")
    if not coordinates:
        raise GeometryError("empty", "there are no coordinates")
    return coordinates if kind == "MultiPolygon" else [coordinates]


def _count(parts: Sequence[object]) -> None:
    """Refuse oversized input before any of its points is looked at."""
    points = sum(
        len(_list(ring, f"part {index}")) for index, part in enumerate(parts) for ring in _list(part, f"part {index}")
    )
    if points > MOST_POINTS:
        raise GeometryError("too-many-points", f"{points} points; at most {MOST_POINTS} are read")


def _polygon(part: object, where: str) -> Polygon:
    rings = _list(part, where)
    if not rings:
        raise GeometryError("empty", f"{where} has no rings")
    shell, *holes = [_ring(ring, f"{where}, ring {index}") for index, ring in enumerate(rings)]
    return Polygon(shell, holes)


def _ring(ring: object, where: str) -> Points:
    """One ring as a closed (n, 2) array."""
    positions = _list(ring, where)
    if not positions:
        raise GeometryError("empty", f"{where} has no points")
    pairs = [_position(position, where, index) for index, position in enumerate(positions)]
    if len(set(pairs)) < FEWEST_DISTINCT_POINTS:
        raise GeometryError("too-few-points", f"{where} has fewer than {FEWEST_DISTINCT_POINTS} different points")
    points = np.array(pairs, dtype=np.float64)
    try:
        check_points(points)
    except CoordinateError as error:
        raise GeometryError(error.reason, f"{where}, {error.detail}") from error
    return points if pairs[0] == pairs[-1] else np.vstack((points, points[:1]))


def _position(position: object, where: str, index: int) -> tuple[float, float]:
    values = _list(position, f"{where}, point {index}")
    if len(values) < 2:
        raise GeometryError("malformed", f"{where}, point {index} has no two numbers")
    return _number(values[0], where, index), _number(values[1], where, index)


def _number(value: object, where: str, index: int) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise GeometryError("malformed", f"{where}, point {index} is not made of numbers")
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _list(value: object, where: str) -> Sequence[Any]:
    if not isinstance(value, list | tuple):
        raise GeometryError("malformed", f"{where}: a list was expected")
    return cast("Sequence[Any]", value)


def _check_shape(area: Polygon | MultiPolygon) -> None:
    parts: list[Any] = list(area.geoms) if isinstance(area, MultiPolygon) else [area]
    for index, part in enumerate(parts):
        if part.convex_hull.area < SMALLEST_AREA_SQUARE_DEGREES:
            raise GeometryError("zero-area", f"part {index} encloses no area")
    if not area.is_valid:
        why = str(shapely.is_valid_reason(area))
        raise GeometryError("self-intersection" if "Self-intersection" in why else "invalid", why)
    if area.area < SMALLEST_AREA_SQUARE_DEGREES:
        raise GeometryError("zero-area", "the polygon encloses no area")
