"""Cells and zones drawn as vector tiles. Apart from routes.py because outlines are prepared once and kept.

A tile reads the tallies of the cells in sight, as a few ranges of H3 numbers, so it costs the same after ten thousand
handouts and after ten million.
"""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

import numpy as np
import shapely
from litestar.datastructures import State
from msgspec import Struct
from numpy.typing import NDArray

from dispatch.coverage import rules
from dispatch.coverage.prepared import PreparedCache
from dispatch.coverage.view import Version
from dispatch.database import Connection, queries_for
from dispatch.geo.cells import FINEST_RESOLUTION, RESOLUTION_BIT, Cells, children_range, parent
from dispatch.geo.tile_encoder import hexadecimal
from dispatch.geo.tiles import (
    HIGHEST_ZOOM,
    CellGeometry,
    ZoneGeometry,
    cell_tile,
    prepare_cells,
    prepare_zones,
    resolution_for_zoom,
    zone_tile,
)
from dispatch.problems import NotFound
from dispatch.reach.copies_alone import PRIOR_ORDERS, Orders, Reach, estimate
from dispatch.reach.curve import Floats
from dispatch.server.caller import Caller
from schemas.coverage import CellCoverages, ZoneCoverage

SQL = queries_for(__file__)

# Cells this close can be clicked, so that they carry their H3 index.
CLICKABLE_ZOOM: Final = 13
# Ranges one or two sizes coarser than the cells are few, and hold little that is out of sight.
RANGE_STEPS: Final = 2

Attributes = dict[str, NDArray[np.int64] | NDArray[np.float64]]
Ground = tuple[int, datetime | None]
"""See Version.ground: outlines are kept until it differs."""

KEEP_BITS: Final = ~(0xF << RESOLUTION_BIT)


def parent_bits(resolution: int) -> tuple[int, int]:
    """(kept, set): a cell's parent at this resolution is (cell & kept) | set, in SQL as here."""
    return KEEP_BITS, parent(FINEST_RESOLUTION << RESOLUTION_BIT, resolution)


class CellLayer(Struct, frozen=True, kw_only=True):
    """The cells of one resolution, ready for drawing; `households` (n,) in the order of `geometry.cells`."""

    geometry: CellGeometry
    households: Floats


class ZoneMap(Struct, frozen=True, kw_only=True):
    """Zones by code, ready for drawing, with their boundaries in degrees of the city's datum."""

    zone_ids: list[UUID]
    codes: list[str]
    names: list[str]
    geometry: ZoneGeometry
    boundaries: dict[UUID, Any]


class Maps:
    """What one application keeps: cells per resolution and zones, of whole cities and of divisions.

    Forgotten when `ground` changes: the number of zones and when one last changed.
    """

    def __init__(self) -> None:
        self._layers: PreparedCache[CellLayer] = PreparedCache()
        self._zones: PreparedCache[ZoneMap] = PreparedCache()

    async def layer(self, connection: Connection, caller: Caller, ground: Ground, resolution: int) -> CellLayer:
        """The cells of the caller's zones at a resolution."""
        key = (caller.city_id, caller.division_code, ground, resolution)
        kept = self._layers.get(key)
        if kept is not None:
            return kept
        row = await connection.fetchrow(SQL.read_cell_map, caller.city_id, caller.division_code)
        return await self._layers.prepared(key, lambda: _layer(row["cells"], row["households"], resolution))

    async def zones(self, connection: Connection, caller: Caller, ground: Ground) -> ZoneMap:
        """The caller's zones by code."""
        key = (caller.city_id, caller.division_code, ground)
        kept = self._zones.get(key)
        if kept is not None:
            return kept
        found = await connection.fetch(SQL.read_zone_boundaries, caller.city_id, caller.division_code)
        return await self._zones.prepared(key, lambda: _zone_map(found))


def maps_of(state: State) -> Maps:
    """The application's maps, kept from its start to its end."""
    return state.coverage_maps


def tile_address(zoom: int, x: int, row: str) -> tuple[int, int, int]:
    """(zoom, x, y) of a tile whose last part is "{y}.mvt". Raises NotFound when there is no such tile."""
    number, _, ending = row.partition(".")
    if ending != "mvt" or not (number.isascii() and number.isdigit() and len(number) <= 8):
        raise NotFound("Tiles are called {z}/{x}/{y}.mvt.")
    y = int(number)
    if not (0 <= zoom <= HIGHEST_ZOOM and 0 <= x < 2**zoom and 0 <= y < 2**zoom):
        raise NotFound(f"There is no tile {zoom}/{x}/{y}: zooms are 0 to {HIGHEST_ZOOM}.")
    return zoom, x, y


def _layer(cells: list[int], households: list[int], resolution: int) -> CellLayer:
    finest: Cells = np.array(cells, dtype=np.int64)
    coarse, place = np.unique(parent(finest, resolution), return_inverse=True)
    summed = np.zeros(len(coarse))
    np.add.at(summed, place.reshape(-1), np.array(households, dtype=np.float64))
    return CellLayer(geometry=prepare_cells(coarse), households=summed)


def _zone_map(found: list[Any]) -> ZoneMap:
    boundaries: dict[UUID, Any] = {row["zone_id"]: shapely.from_wkb(row["boundary"]) for row in found}
    return ZoneMap(
        zone_ids=list(boundaries),
        codes=[row["code"] for row in found],
        names=[row["name"] for row in found],
        geometry=prepare_zones(list(boundaries.values())),
        boundaries=boundaries,
    )


def ranges_in_sight(geometry: CellGeometry, resolution: int, zoom: int, x: int, y: int) -> tuple[list[int], list[int]]:
    """Ranges of resolution-9 numbers, low and high both included, that hold every cell touching the tile."""
    seen = geometry.cells[in_sight(geometry.bounds, zoom, x, y)]
    coarse = np.unique(parent(seen, resolution - RANGE_STEPS)).tolist()
    found = [children_range(cell) for cell in coarse]
    return [low for low, _ in found], [high for _, high in found]


def in_sight(bounds: NDArray[np.float64], zoom: int, x: int, y: int) -> NDArray[np.int64]:
    """Indices whose bounds (4, n) touch the tile or the eighth around it, which is more than is drawn."""
    size = 1.0 / 2**zoom
    west, north = (x - 0.125) * size, (y - 0.125) * size
    east, south = (x + 1.125) * size, (y + 1.125) * size
    least_x, least_y, greatest_x, greatest_y = bounds
    return np.flatnonzero((greatest_x > west) & (least_x < east) & (greatest_y > north) & (least_y < south))


async def read_cell_tile(
    connection: Connection,
    maps: Maps,
    caller: Caller,
    campaign_id: UUID,
    version: Version,
    address: tuple[int, int, int],
) -> bytes:
    """The tile `cells` at (zoom, x, y); no bytes when nothing is in sight.

    Attributes: copies, households, reported and low (whole per cents), class (rules.map_classes), wide (1: hatched).
    """
    resolution = resolution_for_zoom(address[0])
    layer = await maps.layer(connection, caller, version.ground, resolution)
    lows, highs = ranges_in_sight(layer.geometry, resolution, *address)
    if not lows:
        return b""
    row = await connection.fetchrow(
        SQL.read_tile_copies, caller.city_id, campaign_id, lows, highs, *parent_bits(resolution), caller.division_code
    )
    copies = placed(layer.geometry.cells, row["cells"], row["copies"])
    return drawn_cells(layer, copies, address, version.target_reach, version.orders)


def placed(cells: Cells, found: list[int], copies: list[int]) -> Floats:
    """Copies (n,) in the order of `cells` (ascending); cells that are not among them are left out."""
    placed_copies = np.zeros(len(cells))
    wanted = np.array(found, dtype=np.int64)
    at = np.minimum(np.searchsorted(cells, wanted), len(cells) - 1)
    same = cells[at] == wanted
    placed_copies[at[same]] = np.array(copies, dtype=np.float64)[same]
    return placed_copies


def drawn_cells(
    layer: CellLayer, copies: Floats, address: tuple[int, int, int], target: float, orders: Orders = PRIOR_ORDERS
) -> bytes:
    """The tile's bytes; a feature's id is the cell's place among the city's. Reach is computed in sight only.

    A cell shows what its copies say, by what the whole campaign's evidence says of `orders`; answers and checks of its
    own would be too few.
    """
    zoom = address[0]
    rows = in_sight(layer.geometry.bounds, *address)
    attributes: dict[str, Any] = {}
    for name, values in _cell_attributes(copies[rows], layer.households[rows], target, orders).items():
        attributes[name] = np.zeros(len(copies), dtype=values.dtype)
        attributes[name][rows] = values
    return cell_tile(*address, layer.geometry, attributes, identified=zoom >= CLICKABLE_ZOOM)


def _cell_attributes(copies: Floats, households: Floats, target: float, orders: Orders) -> Attributes:
    return drawn_attributes(copies, households, estimate(copies, households, spread=orders), target)


def drawn_attributes(copies: Floats, households: Floats, reach: Reach, target: float) -> Attributes:
    """What a drawn cell or zone says; what does not apply is NaN and left out of the tile."""
    classes, wide = rules.map_classes(reach, households, copies, target)
    reported = np.divide(copies, households, out=np.full(len(copies), np.nan), where=households > 0.0)
    return {
        "copies": copies.astype(np.int64),
        "households": households.astype(np.int64),
        "reported": rules.per_cent(reported),
        "low": rules.per_cent(reach.low),
        "class": classes,
        "wide": wide,
    }


def cell_columns(row: Any, resolution: int, as_of: datetime, orders: Orders) -> CellCoverages:
    """The columns of read_cells with the figures that follow from them."""
    cells = np.array(row["cells"], dtype=np.int64)
    copies, households = (np.array(row[name], dtype=np.float64) for name in ("copies", "households"))
    reach = estimate(copies, households, spread=orders)
    return CellCoverages(
        as_of=as_of,
        resolution=resolution,
        total=row["total"],
        cells=hexadecimal(cells),
        households=row["households"],
        copies=row["copies"],
        in_person=row["in_person"],
        reported=[rules.ratio(n, h) for n, h in zip(row["copies"], row["households"], strict=True)],
        reach_low=[None if np.isnan(low) else round(low, 4) for low in reach.low.tolist()],
    )


def drawn_zones(zones: ZoneMap, figures: list[ZoneCoverage], address: tuple[int, int, int], target: float) -> bytes:
    """The tile `zones` at (zoom, x, y); no bytes when nothing is in sight. `figures` may come in any order.

    Attributes: those of cells, and code, name and gap (1: a gap).
    """
    # A zone made between the two reads has no figures yet; it is drawn without any.
    by_id = {figure.zone_id: figure for figure in figures}
    ordered = [by_id.get(zone_id) for zone_id in zones.zone_ids]
    households = np.array([(figure.households or 0) if figure else 0 for figure in ordered], dtype=np.float64)
    copies = np.array([figure.handed_out if figure else 0 for figure in ordered], dtype=np.float64)
    gaps = np.array([int(bool(figure and figure.gap)) for figure in ordered], dtype=np.int64)
    named = {"code": zones.codes, "name": zones.names}
    told = drawn_attributes(copies, households, _reach_of(ordered), target)
    return zone_tile(*address, zones.geometry, {**named, **told, "gap": gaps})


def _reach_of(figures: list[ZoneCoverage | None]) -> Reach:
    """The zones' figures as columns, NaN where they do not apply."""
    shown = [figure.reach if figure else None for figure in figures]
    median, low, high = (
        np.array([getattr(reach, name) if reach else np.nan for reach in shown]) for name in ("median", "low", "high")
    )
    meets = [figure.meets_target if figure else None for figure in figures]
    return Reach(median=median, low=low, high=high, meets_target=np.array(meets, dtype=np.float64))
