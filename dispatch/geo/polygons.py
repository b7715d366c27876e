"""Polygons: what the product does with zones on the ground, from areas and overlaps to who owns a point.

Everything is in degrees, longitude before latitude, in one datum per call; areas are square metres.
Reading them from files is geojson.py, whose names are offered here too because the two are used together.
"""

from collections.abc import Sequence
from typing import Any, Final, cast

import numpy as np
import shapely as half_typed_shapely
from numpy.typing import NDArray
from shapely import MultiPolygon, Polygon

from dispatch.geo.datum import Datum, Points, convert
from dispatch.geo.geojson import GeometryError, GeometryReason, read_polygon

__all__ = [
    "Area",
    "GeometryError",
    "GeometryReason",
    "area_square_metres",
    "areas_square_metres",
    "from_wkb",
    "locate",
    "outline",
    "overlaps",
    "read_polygon",
    "simplify_for_zoom",
    "to_geojson",
    "to_wkb",
    "transform",
]

# Its stubs leave keyword arguments unknown, which strict checking refuses.
shapely: Any = half_typed_shapely

Area = Polygon | MultiPolygon

WGS84_SEMI_MAJOR_AXIS_METRES: Final = 6_378_137.0
WGS84_ECCENTRICITY_SQUARED: Final = 0.00669437999014
SMALLEST_OVERLAP_SQUARE_METRES: Final = 100.0
SMALLEST_OVERLAP_SHARE: Final = 0.0001
TILE_PIXELS: Final = 512


def area_square_metres(polygon: Area) -> float:
    """Area on the ellipsoid's surface; see `areas_square_metres`."""
    return float(areas_square_metres([polygon])[0])


def areas_square_metres(polygons: Sequence[Area] | NDArray[np.object_]) -> NDArray[np.float64]:
    """Areas (n,) by a local equal-area approximation: square degrees times the ground size of one at the centroid.

    A degree is π/180 of the WGS-84 radii of curvature M (north) and N·cos φ (east); for anything up to the size of a
    province the error is below 0.1 %, far below that of any outline drawn by hand.
    """
    shapes = np.array(polygons, dtype=object).reshape(-1)
    square_degrees: NDArray[np.float64] = shapely.area(shapes)
    # An empty shape has no centroid; its area is 0 at any latitude.
    latitude = np.radians(np.nan_to_num(shapely.bounds(shapely.centroid(shapes))[:, 1]))
    flattening = 1.0 - WGS84_ECCENTRICITY_SQUARED * np.sin(latitude) ** 2
    east = WGS84_SEMI_MAJOR_AXIS_METRES / np.sqrt(flattening) * np.cos(latitude)
    north = WGS84_SEMI_MAJOR_AXIS_METRES * (1.0 - WGS84_ECCENTRICITY_SQUARED) / flattening**1.5
    return square_degrees * east * north * (np.pi / 180.0) ** 2


def overlaps(polygons: Sequence[Area], tolerance_square_metres: float | None = None) -> list[tuple[int, int, float]]:
    """Pairs (i, j, square metres), i < j, whose interiors overlap by more than the tolerance.

    By default that is the larger of 100 m² and 0.01 % of the smaller of the two: neighbours digitised by hand share
    their border only roughly. Touching along a line is no overlap.
    """
    shapes = np.array(polygons, dtype=object)
    if shapes.size == 0:
        return []
    pairs: NDArray[np.int64] = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    pairs = pairs[:, pairs[0] < pairs[1]]
    pairs = pairs[:, np.lexsort((pairs[1], pairs[0]))]
    first, second = pairs
    common = areas_square_metres(shapely.intersection(shapes[first], shapes[second]))
    if tolerance_square_metres is None:
        area = areas_square_metres(shapes)
        smaller = np.minimum(area[first], area[second])
        tolerance = np.maximum(SMALLEST_OVERLAP_SQUARE_METRES, SMALLEST_OVERLAP_SHARE * smaller)
    else:
        tolerance = np.full(common.shape, tolerance_square_metres)
    found = common > tolerance
    return list(zip(first[found].tolist(), second[found].tolist(), common[found].tolist(), strict=True))


def locate(points: Points, polygons: Sequence[Area], codes: Sequence[str]) -> NDArray[np.int64]:
    """Index (n,) of the polygon covering each point (n, 2), −1 where none does.

    A boundary belongs to the polygon; a point covered by several goes to the lowest code (as strings), and among
    equal codes to the first. Non-finite points are nowhere.
    """
    ranked = np.array(sorted(range(len(polygons)), key=lambda index: (codes[index], index)), dtype=np.int64)
    nowhere = len(polygons)
    best = np.full(len(points), nowhere, dtype=np.int64)
    known = np.flatnonzero(np.isfinite(points).all(axis=1))
    if nowhere and known.size:
        # The tree holds the points, so that each polygon is prepared once for all the points near it.
        tree = shapely.STRtree(shapely.points(points[known]))
        shapes = np.array(polygons, dtype=object)[ranked]
        hits: NDArray[np.int64] = tree.query(shapes, predicate="intersects")
        np.minimum.at(best, known[hits[1]], hits[0])
    return np.append(ranked, -1)[best]


def transform(polygon: Area, source: Datum, target: Datum) -> Area:
    """The polygon with every vertex carried to another datum.

    A polygon that crosses itself by a hair afterwards is mended. Raises ValueError as `datum.convert` does.
    """

    def carry(points: Points) -> Points:
        return convert(points, source, target)

    carried: Area = shapely.transform(polygon, carry)
    return carried if carried.is_valid else _areas_only(shapely.make_valid(carried))


def outline(polygons: Sequence[Area]) -> Area:
    """The union of zones, such as a city's outline. No polygons give an empty polygon."""
    return _areas_only(shapely.union_all(np.array(polygons, dtype=object)))


def simplify_for_zoom(polygon: Area, zoom: int, pixels: float = 0.5) -> Area:
    """The polygon with details smaller than so many screen pixels at this zoom left out; it stays valid.

    A pixel is 360° / 2^zoom / 512 wide. Neighbours are simplified apart from each other, so their common border may
    gape by that much, which is less than the line drawn on it.
    """
    tolerance = 360.0 / 2**zoom / TILE_PIXELS * pixels
    return cast("Area", shapely.simplify(polygon, tolerance, preserve_topology=True))


def to_wkb(polygon: Area) -> bytes:
    """Well-known binary, little-endian, two dimensions: how polygons are kept in the database."""
    return bytes(shapely.to_wkb(polygon, output_dimension=2, byte_order=1))


def from_wkb(binary: bytes) -> Area:
    """The polygon kept by `to_wkb`. Raises ValueError for anything but a polygon or multipolygon."""
    try:
        shape: Any = shapely.from_wkb(binary)
    except shapely.errors.ShapelyError as error:
        raise ValueError(f"not well-known binary: {error}") from error
    if not isinstance(shape, Polygon | MultiPolygon):
        raise ValueError("the binary does not hold a polygon")
    return shape


def to_geojson(polygon: Area, decimals: int = 6) -> dict[str, Any]:
    """A GeoJSON geometry, exterior rings counter-clockwise (RFC 7946), rounded to so many decimals (6: 0.1 m)."""
    oriented: Any = shapely.orient_polygons(polygon, exterior_cw=False)

    def rings(part: Any) -> list[list[list[float]]]:
        return [shapely.get_coordinates(ring).round(decimals).tolist() for ring in (part.exterior, *part.interiors)]

    if isinstance(oriented, MultiPolygon):
        return {"type": "MultiPolygon", "coordinates": [rings(part) for part in oriented.geoms]}
    return {"type": "Polygon", "coordinates": [] if oriented.is_empty else rings(oriented)}


def _areas_only(shape: Any) -> Area:
    """What remains of a union or mending once stray lines and points are dropped."""
    if isinstance(shape, Polygon | MultiPolygon):
        return shape
    parts = [part for part in shapely.get_parts(shape) if isinstance(part, Polygon | MultiPolygon)]
    merged: Any = shapely.union_all(np.array(parts, dtype=object))
    return merged if isinstance(merged, Polygon | MultiPolygon) else Polygon()
