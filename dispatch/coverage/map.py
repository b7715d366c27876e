"""Reads the copies of cells for the map: a tile's, and the list of cells.

A tile reads the tallies of the cells in sight, as a few ranges of H3 numbers, so it costs the same after ten thousand
handouts and after ten million.
"""

from typing import Final
from uuid import UUID

import numpy as np

from dispatch.coverage.map_figures import cell_columns, drawn_cells, in_sight, placed
from dispatch.coverage.outlines import Outlines
from dispatch.coverage.view import Version, View
from dispatch.database import Connection, one_row, queries_for
from dispatch.geo.cells import FINEST_RESOLUTION, RESOLUTION_BIT, children_range, parent
from dispatch.geo.tiles import HIGHEST_ZOOM, CellGeometry, resolution_for_zoom
from dispatch.problems import NotFound
from dispatch.server.caller import Caller
from schemas.coverage import CellCoverages

SQL = queries_for(__file__)

# Ranges one or two sizes coarser than the cells are few, and hold little that is out of sight.
RANGE_STEPS: Final = 2
KEPT_BITS: Final = ~(0xF << RESOLUTION_BIT)


def parent_bits(resolution: int) -> dict[str, int]:
    """A cell's parent at this resolution is (cell & kept_bits) | set_bits, in SQL as here."""
    return {"kept_bits": KEPT_BITS, "set_bits": parent(FINEST_RESOLUTION << RESOLUTION_BIT, resolution)}


def tile_address(zoom: int, x: int, row: str) -> tuple[int, int, int]:
    """(zoom, x, y) of a tile whose last part is "{y}.mvt". Raises NotFound when there is no such tile."""
    number, _, ending = row.partition(".")
    if ending != "mvt" or not (number.isascii() and number.isdigit() and len(number) <= 8):
        raise NotFound("Tiles are called {z}/{x}/{y}.mvt.")
    y = int(number)
    if not (0 <= zoom <= HIGHEST_ZOOM and 0 <= x < 2**zoom and 0 <= y < 2**zoom):
        raise NotFound(f"There is no tile {zoom}/{x}/{y}: zooms are 0 to {HIGHEST_ZOOM}.")
    return zoom, x, y


def ranges_in_sight(geometry: CellGeometry, resolution: int, zoom: int, x: int, y: int) -> tuple[list[int], list[int]]:
    """Ranges of resolution-9 numbers, low and high both included, that hold every cell touching the tile."""
    seen = geometry.cells[in_sight(geometry.bounds, zoom, x, y)]
    coarse = np.unique(parent(seen, resolution - RANGE_STEPS)).tolist()
    ranges = [children_range(cell) for cell in coarse]
    return [low for low, _ in ranges], [high for _, high in ranges]


async def read_cell_tile(
    connection: Connection,
    outlines: Outlines,
    caller: Caller,
    campaign_id: UUID,
    version: Version,
    address: tuple[int, int, int],
) -> bytes:
    """The tile `cells` at (zoom, x, y); no bytes when nothing is in sight.

    Attributes: copies, households, reported and low (whole per cents), class (rules.map_classes), wide (1: hatched).
    """
    resolution = resolution_for_zoom(address[0])
    layer = await outlines.layer(connection, caller, version.outlines_version, resolution)
    lows, highs = ranges_in_sight(layer.geometry, resolution, *address)
    if not lows:
        return b""
    row = await one_row(
        connection,
        SQL.read_tile_copies(
            caller.scope, campaign_id=campaign_id, lows=lows, highs=highs, **parent_bits(resolution)
        ),
    )  # fmt: skip
    copies = placed(layer.geometry.cells, row["cells"], row["copies"])
    return drawn_cells(layer, copies, address, version.target_reach, version.orders)


async def read_cells(
    connection: Connection, view: View, resolution: int, zone_code: str | None, most: int
) -> CellCoverages:
    """The cells in scope, or of one zone, as columns. Raises NotFound for a zone that is not in scope."""
    scope, zone_id = view.caller.scope, None
    if zone_code is not None:
        zone_id = await connection.fetchval(*SQL.read_zone_id(scope, zone_code=zone_code))
        if zone_id is None:
            raise NotFound(f"There is no zone {zone_code} here.", field="zone_code")
    row = await one_row(
        connection,
        SQL.read_cells(
            scope, campaign_id=view.campaign_id, known_on=view.cut.known_on, zone_id=zone_id, most_cells=most,
            **parent_bits(resolution),
        ),
    )  # fmt: skip
    return cell_columns(row, resolution, view.cut.as_of, view.orders)
