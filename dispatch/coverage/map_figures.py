"""What cells and zones show on the map: copies, households, reach, colour; as attributes of tiles and as columns."""

from datetime import datetime
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from dispatch.coverage import rules
from dispatch.coverage.outlines import CellLayer, ZoneMap
from dispatch.database import Record
from dispatch.geo.cells import Cells
from dispatch.geo.tile_encoder import hexadecimal
from dispatch.geo.tiles import cell_tile, zone_tile
from dispatch.reach.checked import Floats
from dispatch.reach.copies_alone import PRIOR_ORDERS, Orders, estimate
from schemas.coverage import CellCoverages, ZoneCoverage

# Cells this close can be clicked, so that they carry their H3 index.
CLICKABLE_ZOOM: Final = 13

Attributes = dict[str, NDArray[np.int64] | NDArray[np.float64]]


def in_sight(bounds: NDArray[np.float64], zoom: int, x: int, y: int) -> NDArray[np.int64]:
    """Indices whose bounds (4, n) touch the tile or the eighth around it, which is more than is drawn."""
    size = 1.0 / 2**zoom
    west, north = (x - 0.125) * size, (y - 0.125) * size
    east, south = (x + 1.125) * size, (y + 1.125) * size
    least_x, least_y, greatest_x, greatest_y = bounds
    return np.flatnonzero((greatest_x > west) & (least_x < east) & (greatest_y > north) & (least_y < south))


def placed(cells: Cells, counted: list[int], copies: list[int]) -> Floats:
    """Copies (n,) in the order of `cells` (ascending); counted cells that are not among them are left out."""
    placed_copies = np.zeros(len(cells))
    wanted = np.array(counted, dtype=np.int64)
    at = np.minimum(np.searchsorted(cells, wanted), len(cells) - 1)
    same = cells[at] == wanted
    placed_copies[at[same]] = np.array(copies, dtype=np.float64)[same]
    return placed_copies


def drawn_cells(
    layer: CellLayer, copies: Floats, address: tuple[int, int, int], target: float, orders: Orders = PRIOR_ORDERS
) -> bytes:
    """The tile's bytes; a feature's id is the cell's place among the city's. Reach is computed in sight only.

    A cell shows what its copies say, by what the whole campaign's evidence says of `orders`; answers and checks of
    the cell itself would be too few.
    """
    zoom = address[0]
    rows = in_sight(layer.geometry.bounds, *address)
    attributes: dict[str, Any] = {}
    for name, values in _cell_attributes(copies[rows], layer.households[rows], target, orders).items():
        attributes[name] = np.zeros(len(copies), dtype=values.dtype)
        attributes[name][rows] = values
    return cell_tile(*address, layer.geometry, attributes, identified=zoom >= CLICKABLE_ZOOM)


def _cell_attributes(copies: Floats, households: Floats, target: float, orders: Orders) -> Attributes:
    reach = estimate(copies, households, spread=orders)
    return drawn_attributes(copies, households, reach.low, reach.high, target)


def drawn_attributes(copies: Floats, households: Floats, low: Floats, high: Floats, target: float) -> Attributes:
    """What a drawn cell or zone shows; what does not apply is NaN and left out of the tile."""
    classes, wide = rules.map_classes(low, high, households, copies, target)
    reported = np.divide(copies, households, out=np.full(len(copies), np.nan), where=households > 0.0)
    return {
        "copies": copies.astype(np.int64),
        "households": households.astype(np.int64),
        "reported": rules.per_cent(reported),
        "low": rules.per_cent(low),
        "class": classes,
        "wide": wide,
    }


def cell_columns(row: Record, resolution: int, as_of: datetime, orders: Orders) -> CellCoverages:
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
    low, high = (
        np.array([getattr(figure.reach, name) if figure and figure.reach else np.nan for figure in ordered])
        for name in ("low", "high")
    )
    attributes: dict[str, Any] = {"code": zones.codes, "name": zones.names}
    attributes |= drawn_attributes(copies, households, low, high, target)
    attributes["gap"] = np.array([int(bool(figure and figure.gap)) for figure in ordered], dtype=np.int64)
    return zone_tile(*address, zones.geometry, attributes)
