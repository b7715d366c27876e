"""Vector tiles of map cells and zones, drawn in the city's own datum without any reprojection between datums.

What does not change (outlines, bounding boxes, simplified shapes) is prepared once for a city and reused for every
tile; a tile then costs a selection, a rounding and one pass of tile_encoding.py. Extent 4096, buffer 64, exterior
rings of positive area with y pointing down, as the Mapbox Vector Tile specification 2.1 (section 4.3.3) asks.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import numpy as np
import shapely as half_typed_shapely
from numpy.typing import NDArray
from shapely import MultiPolygon, Polygon

from dispatch.geo.cells import Cells, boundary
from dispatch.geo.datum import Points
from dispatch.geo.tile_encoder import (
    CLOSE_PATH,
    LINE_TO,
    MOVE_TO_ONCE,
    Attributes,
    Row,
    attribute_table,
    chosen,
    constant,
    features,
    hexadecimal,
    layer,
    varints,
    zigzag,
)

# Its stubs leave keyword arguments unknown, which strict checking refuses.
shapely: Any = half_typed_shapely

EXTENT: Final = 4096
BUFFER: Final = 64
HIGHEST_ZOOM: Final = 22
# MapLibre keeps coordinates in 16 bits at twice our extent; cells reaching farther out of a tile are cut like zones.
FARTHEST_COORDINATE: Final = 2 * EXTENT - 1
# A quarter of a screen pixel on a tile drawn 512 pixels wide.
SIMPLIFICATION_UNITS: Final = 2.0
# Web Mercator ends here; the projection runs to infinity beyond.
HIGHEST_LATITUDE: Final = 85.0511287798066


@dataclass(frozen=True, slots=True, eq=False)
class CellGeometry:
    """A city's cells made ready for drawing; reusable for any number of tiles and attributes.

    `cells` (n,); `outlines` (n, k, 2) in the Web Mercator unit square (x east, y south), short ones repeating their
    last vertex; `bounds` (4, n): least x, least y, greatest x, greatest y.
    """

    cells: Cells
    outlines: NDArray[np.float64]
    bounds: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class ZoneGeometry:
    """A city's zones made ready for drawing: shapes in the Web Mercator unit square, and their `bounds` (4, n)."""

    shapes: NDArray[np.object_]
    bounds: NDArray[np.float64]
    _simplified: dict[int, NDArray[np.object_]] = field(default_factory=dict[int, "NDArray[np.object_]"])

    def at_zoom(self, zoom: int) -> NDArray[np.object_]:
        """The shapes without details invisible at this zoom; kept, because neighbouring tiles ask for the same."""
        if zoom not in self._simplified:
            tolerance = SIMPLIFICATION_UNITS / EXTENT / 2**zoom
            self._simplified[zoom] = shapely.simplify(self.shapes, tolerance, preserve_topology=True)
        return self._simplified[zoom]


def resolution_for_zoom(zoom: int) -> Literal[7, 8, 9]:
    """The cell resolution to draw at a zoom: a cell is then some 9 to 27 pixels wide in China's cities."""
    if zoom >= 11:
        return 9
    return 8 if zoom >= 9 else 7


def tiles_bounds(zoom: int, x: int, y: int) -> tuple[float, float, float, float]:
    """West, south, east, north of a tile in degrees of the city's datum. Raises ValueError for no such tile."""
    _check_address(zoom, x, y)
    corners = np.array([[x, y + 1], [x + 1, y]], dtype=np.float64) / 2**zoom
    longitudes = corners[:, 0] * 360.0 - 180.0
    latitudes = np.degrees(np.arctan(np.sinh(np.pi * (1.0 - 2.0 * corners[:, 1]))))
    return float(longitudes[0]), float(latitudes[0]), float(longitudes[1]), float(latitudes[1])


def project(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Longitude, latitude in degrees (…, 2) to the Web Mercator unit square, y pointing south."""
    latitude = np.radians(np.clip(points[..., 1], -HIGHEST_LATITUDE, HIGHEST_LATITUDE))
    projected = np.empty_like(points)
    projected[..., 0] = (points[..., 0] + 180.0) / 360.0
    projected[..., 1] = 0.5 - np.arcsinh(np.tan(latitude)) / (2.0 * np.pi)
    return projected


def prepare_cells(cells: Cells) -> CellGeometry:
    """Make cells ready for drawing. The result may be kept as long as the cells stay the same."""
    # H3 runs counter-clockwise on the ground; with y pointing down a ring of positive area runs the other way.
    outlines = np.ascontiguousarray(project(boundary(cells))[:, ::-1])
    least, greatest = outlines.min(axis=1, initial=np.inf), outlines.max(axis=1, initial=-np.inf)
    return CellGeometry(cells, outlines, np.vstack((least.T, greatest.T)))


def prepare_zones(polygons: Sequence[Polygon | MultiPolygon]) -> ZoneGeometry:
    """Make zones (degrees, city datum) ready for drawing. The result may be kept while the zones stay the same."""
    shapes: NDArray[np.object_] = shapely.transform(np.array(polygons, dtype=object).reshape(-1), project)
    bounds: NDArray[np.float64] = shapely.bounds(shapes).reshape(-1, 4)
    return ZoneGeometry(shapes, np.ascontiguousarray(bounds.T))


def cell_tile(
    zoom: int, x: int, y: int, geometry: CellGeometry, attributes: Attributes, *, identified: bool = False
) -> bytes:
    """A vector tile with the layer `cells`; no bytes at all when no cell is in sight.

    `attributes` hold one value for each of `geometry.cells`: integers, floats (whole ones are written as integers,
    NaN is left out) or texts. The feature's id is the cell's index in `geometry.cells`; `identified` adds the H3 index
    as hexadecimal text in the property `cell`, for zooms at which cells are clicked.
    Raises ValueError for no such tile or attributes of another length.
    """
    _check_address(zoom, x, y)
    _check_lengths(attributes, len(geometry.cells))
    rows = _in_sight(geometry.bounds, zoom, x, y)
    outlines = _tile_units(geometry.outlines[rows], zoom, x, y)
    if rows.size and int(np.abs(outlines).max()) > FARTHEST_COORDINATE:
        shapes: NDArray[np.object_] = shapely.polygons(geometry.outlines[rows])
        rows, path = _polygon_paths(shapes, rows, zoom, x, y)
    else:
        visible = _area(outlines) > 0
        rows, path = rows[visible], _hexagon_paths(outlines[visible])
    if not rows.size:
        return b""
    shown = chosen(attributes, rows)
    if identified:
        shown["cell"] = hexadecimal(geometry.cells[rows])
    table = attribute_table(shown, len(rows))
    return layer("cells", table, features(rows, table.tags, path), EXTENT)


def zone_tile(zoom: int, x: int, y: int, geometry: ZoneGeometry, attributes: Attributes) -> bytes:
    """A vector tile with the layer `zones`; no bytes at all when no zone is in sight.

    `attributes` as in `cell_tile`, one value for each of `geometry.shapes`; the feature's id is the zone's index.
    Raises ValueError for no such tile or attributes of another length.
    """
    _check_address(zoom, x, y)
    _check_lengths(attributes, len(geometry.shapes))
    rows = _in_sight(geometry.bounds, zoom, x, y)
    rows, path = _polygon_paths(geometry.at_zoom(zoom)[rows], rows, zoom, x, y)
    if not rows.size:
        return b""
    table = attribute_table(chosen(attributes, rows), len(rows))
    return layer("zones", table, features(rows, table.tags, path), EXTENT)


def _hexagon_paths(outlines: NDArray[np.int32]) -> Row:
    """Commands of rings (n, k, 2) in tile units; steps of length zero, which the format forbids, are left out."""
    count, vertices, _ = outlines.shape
    steps = np.diff(outlines, axis=1)
    moves = (steps[..., 0] | steps[..., 1]) != 0
    # A last vertex that rounds onto the first would make the closing step zero.
    ends = outlines[:, -1] - outlines[:, 0]
    closed = np.flatnonzero((ends[:, 0] | ends[:, 1]) == 0)
    moves[closed, vertices - 2 - np.argmax(moves[closed, ::-1], axis=1)] = False
    lines = np.count_nonzero(moves, axis=1).astype(np.int64)[:, np.newaxis] << 3 | LINE_TO
    return [
        constant(bytes([MOVE_TO_ONCE])),
        varints(zigzag(outlines[:, 0])),
        varints(lines),
        varints(zigzag(steps.reshape(count, 2 * (vertices - 1))), np.repeat(moves, 2, axis=1)),
        constant(bytes([CLOSE_PATH])),
    ]


def _polygon_paths(
    shapes: NDArray[np.object_], rows: NDArray[np.int64], zoom: int, x: int, y: int
) -> tuple[NDArray[np.int64], Row]:
    """Commands of the shapes (unit square) cut to the buffered tile, and the rows of which anything is left."""

    def place(points: Points) -> Points:
        return (points * 2**zoom - (x, y)) * EXTENT

    frame = shapely.box(-BUFFER, -BUFFER, EXTENT + BUFFER, EXTENT + BUFFER)
    cut = shapely.intersection(shapely.transform(shapes, place), frame)
    # Snapping may fold a sliver; set_precision drops it and keeps the rest valid.
    snapped: NDArray[np.object_] = shapely.orient_polygons(shapely.set_precision(cut, 1.0), exterior_cw=False)
    paths = [_commands(_rings(shape)) for shape in snapped]
    kept = np.array([len(path) > 0 for path in paths], dtype=np.bool_)
    longest = max((len(path) for path in paths), default=0)
    values = np.zeros((int(kept.sum()), longest), dtype=np.int64)
    present = np.zeros(values.shape, dtype=np.bool_)
    for index, path in enumerate(path for path in paths if len(path)):
        values[index, : len(path)] = path
        present[index, : len(path)] = True
    return rows[kept], [varints(values, present)]


def _rings(shape: Any) -> list[NDArray[np.int64]]:
    """Open rings in tile units of whatever polygons a cut has left."""
    polygons = [part for part in shapely.get_parts(shapely.get_parts(shape)) if part.geom_type == "Polygon"]
    rings = [ring for polygon in polygons if not polygon.is_empty for ring in (polygon.exterior, *polygon.interiors)]
    return [np.rint(shapely.get_coordinates(ring)[:-1]).astype(np.int64) for ring in rings]


def _commands(rings: list[NDArray[np.int64]]) -> NDArray[np.int64]:
    """The integers of one feature's geometry; the cursor runs on from ring to ring."""
    pieces: list[NDArray[np.int64]] = []
    cursor = np.zeros((1, 2), dtype=np.int64)
    for ring in rings:
        steps = zigzag(np.diff(ring, axis=0, prepend=cursor)).reshape(-1)
        lines = (len(ring) - 1) << 3 | LINE_TO
        pieces += [np.array([MOVE_TO_ONCE]), steps[:2], np.array([lines]), steps[2:], np.array([CLOSE_PATH])]
        cursor = ring[-1:]
    return np.concatenate(pieces) if pieces else np.zeros(0, dtype=np.int64)


def _tile_units(points: NDArray[np.float64], zoom: int, x: int, y: int) -> NDArray[np.int32]:
    scale = float(2**zoom * EXTENT)
    units = points * scale
    # Plane by plane: broadcasting over an axis of two is several times slower.
    units[..., 0] -= x * EXTENT
    units[..., 1] -= y * EXTENT
    return np.rint(units, out=units).astype(np.int32)


def _area(outlines: NDArray[np.int32]) -> NDArray[np.int64]:
    """Twice the signed area (n,) of rings in tile units, by the surveyor's formula relative to the first vertex."""
    relative = outlines[:, 1:].astype(np.int64) - outlines[:, :1]
    east, south = relative[..., 0], relative[..., 1]
    return np.einsum("ij,ij->i", east[:, :-1], south[:, 1:]) - np.einsum("ij,ij->i", east[:, 1:], south[:, :-1])


def _in_sight(bounds: NDArray[np.float64], zoom: int, x: int, y: int) -> NDArray[np.int64]:
    """Indices whose bounding box touches the buffered tile."""
    margin = BUFFER / EXTENT
    west, north = (x - margin) / 2**zoom, (y - margin) / 2**zoom
    east, south = (x + 1 + margin) / 2**zoom, (y + 1 + margin) / 2**zoom
    least_x, least_y, greatest_x, greatest_y = bounds
    return np.flatnonzero((greatest_x > west) & (least_x < east) & (greatest_y > north) & (least_y < south))


def _check_address(zoom: int, x: int, y: int) -> None:
    if not 0 <= zoom <= HIGHEST_ZOOM:
        raise ValueError(f"zoom must be 0…{HIGHEST_ZOOM}, got {zoom}")
    if not (0 <= x < 2**zoom and 0 <= y < 2**zoom):
        raise ValueError(f"there is no tile {x}, {y} at zoom {zoom}")


def _check_lengths(attributes: Attributes, count: int) -> None:
    for key, attribute in attributes.items():
        if len(attribute) != count:
            raise ValueError(f"attribute {key!r} has {len(attribute)} values for {count} features")
