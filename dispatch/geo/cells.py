"""Map cells: H3 indexes as plain bigints, so that the database groups places without computing any geometry.

A cell is an int (H3 uses 63 bits, so it fits PostgreSQL's signed bigint). Everything is in the city's datum, degrees,
longitude before latitude. The bit layout relied on below is H3's published index format: four bits of mode, three
reserved, four of resolution (from bit 52), seven of base cell (from bit 45), then fifteen digits of three bits each,
coarsest first; digits finer than the resolution are all ones.
"""

from collections.abc import Sequence
from typing import Any, Final, overload

import h3.api.basic_int as half_typed_h3
import numpy as np
import shapely as half_typed_shapely
from numpy.typing import NDArray
from shapely import MultiPolygon, Polygon

from dispatch.geo.datum import Points, check_points
from dispatch.geo.polygons import locate

# The stubs leave much unknown, which strict checking refuses.
h3: Any = half_typed_h3
shapely: Any = half_typed_shapely

Cells = NDArray[np.int64]

FINEST_RESOLUTION: Final = 9
RESOLUTION_BIT: Final = 52
DIGIT_BITS: Final = 3
MOST_DIGITS: Final = 15
FEWEST_VERTICES: Final = 6
# Ten times the largest prefecture of the east; a polygon beyond it is a mistake that would eat the memory.
MOST_CELLS: Final = 5_000_000
# A tenth of a metre, so that H3's own point-in-polygon test cannot lose a centre that lies exactly on the line.
CANDIDATE_MARGIN_DEGREES: Final = 1e-6


def cell_of(longitude: float, latitude: float, resolution: int = FINEST_RESOLUTION) -> int:
    """The cell holding a point (degrees, city datum). Raises CoordinateError for impossible coordinates."""
    return int(cells_of(np.array([[longitude, latitude]], dtype=np.float64), resolution)[0])


def cells_of(points: Points, resolution: int = FINEST_RESOLUTION) -> Cells:
    """The cells (n,) holding points (n, 2). Raises CoordinateError for impossible coordinates."""
    check_points(points)
    find = h3.latlng_to_cell
    pairs: list[list[float]] = points.tolist()
    return np.fromiter((find(latitude, longitude, resolution) for longitude, latitude in pairs), np.int64, len(pairs))


def is_cell(cell: int, resolution: int = FINEST_RESOLUTION) -> bool:
    """Whether a number, from whatever source, is a valid H3 cell of exactly this resolution."""
    if cell <= 0 or cell >= 1 << 63:
        return False
    return bool(h3.is_valid_cell(cell)) and resolution_of(cell) == resolution


def resolution_of(cell: int) -> int:
    """The resolution written in a cell's index."""
    return (int(cell) >> RESOLUTION_BIT) & 0xF


@overload
def parent(cell: int, resolution: int) -> int: ...
@overload
def parent(cell: Cells, resolution: int) -> Cells: ...
def parent(cell: int | Cells, resolution: int) -> int | Cells:
    """The ancestor at a coarser (or the same) resolution, of one cell or of each in an array.

    Raises ValueError when a cell is already coarser than `resolution`.
    """
    if isinstance(cell, np.ndarray):
        if bool(np.any(((cell >> RESOLUTION_BIT) & 0xF) < resolution)):
            raise ValueError(f"a cell is coarser than resolution {resolution} and has no parent there")
        return (cell & ~np.int64(0xF << RESOLUTION_BIT)) | np.int64(_ending(resolution))
    if resolution_of(cell) < resolution:
        raise ValueError(f"cell {cell} is coarser than resolution {resolution} and has no parent there")
    return (int(cell) & ~(0xF << RESOLUTION_BIT)) | _ending(resolution)


def children_range(cell: int, resolution: int = FINEST_RESOLUTION) -> tuple[int, int]:
    """Lowest and highest number, both included, that descendants of `cell` at `resolution` can have.

    `between low and high` in SQL selects exactly the descendants among valid cells of that resolution.
    Raises ValueError when the cell is finer than `resolution`.
    """
    own = resolution_of(cell)
    if own > resolution:
        raise ValueError(f"cell {cell} is finer than resolution {resolution}")
    unused = DIGIT_BITS * (MOST_DIGITS - resolution)
    every = (1 << DIGIT_BITS * (resolution - own)) - 1
    free = every << unused
    # A digit is 0…6 (seven children each), so the highest descendant has a 6 where `free` has a 7.
    sixes = (every // 7 * 6) << unused
    prefix = (int(cell) & ~(0xF << RESOLUTION_BIT)) | (resolution << RESOLUTION_BIT)
    return prefix & ~free, (prefix & ~free) | sixes


def centres(cells: Cells) -> Points:
    """The cells' centres (n, 2)."""
    pairs = np.array([h3.cell_to_latlng(cell) for cell in cells.tolist()], dtype=np.float64).reshape(-1, 2)
    return pairs[:, ::-1].copy()


def boundary(cells: Cells) -> NDArray[np.float64]:
    """The cells' outlines (n, k, 2), open rings, counter-clockwise.

    k is 6, or the largest number of vertices among these cells (up to 10: a few cells are crossed by an edge of H3's
    icosahedron, also in China); shorter outlines repeat their last vertex.
    """
    rings: list[tuple[tuple[float, float], ...]] = [h3.cell_to_boundary(cell) for cell in cells.tolist()]
    most = max((len(ring) for ring in rings), default=FEWEST_VERTICES)
    most = max(most, FEWEST_VERTICES)
    padded = [ring + ring[-1:] * (most - len(ring)) for ring in rings]
    return np.array(padded, dtype=np.float64).reshape(-1, most, 2)[:, :, ::-1].copy()


def cells_of_polygon(polygon: Polygon | MultiPolygon, resolution: int = FINEST_RESOLUTION) -> Cells:
    """The cells, ascending, whose centre the polygon covers (its boundary included).

    Raises ValueError when the polygon would hold more than five million cells.
    """
    candidates = _candidates(polygon, resolution)
    shapely.prepare(polygon)
    middle = centres(candidates)
    covered: NDArray[np.bool_] = shapely.intersects_xy(polygon, middle[:, 0], middle[:, 1])
    return candidates[covered]


def assign_cells(
    zones: Sequence[tuple[str, Polygon | MultiPolygon]], resolution: int = FINEST_RESOLUTION
) -> dict[int, int]:
    """Give every cell to one zone: cell → index into `zones`, which are (code, polygon) in the city's datum.

    A cell belongs to the zone covering its centre; on the line, or where zones overlap, to the lowest zone code. A
    zone too small to cover any centre gets the cell of its representative point unless another zone owns that.
    """
    if not zones:
        return {}
    polygons = [polygon for _, polygon in zones]
    codes = [code for code, _ in zones]
    candidates = np.unique(np.concatenate([_candidates(polygon, resolution) for polygon in polygons]))
    owners = locate(centres(candidates), polygons, codes)
    owned = owners >= 0
    assigned: dict[int, int] = dict(zip(candidates[owned].tolist(), owners[owned].tolist(), strict=True))
    served = set(assigned.values())
    for index in sorted(range(len(zones)), key=lambda index: (codes[index], index)):
        if index not in served:
            inside = polygons[index].representative_point()
            assigned.setdefault(cell_of(inside.x, inside.y, resolution), index)
    return assigned


def spread_households(households: int, weights: NDArray[np.float64]) -> NDArray[np.int64]:
    """Spread a zone's households over its cells in proportion to weights (n,), summing exactly.

    Largest remainder; equal remainders go to the lower index. When all weights are zero every cell counts the same.
    Raises ValueError for negative households, negative or non-finite weights, or households without any cell.
    """
    if households < 0:
        raise ValueError(f"households must not be negative, got {households}")
    if weights.size == 0:
        if households:
            raise ValueError(f"{households} households but no cell to put them in")
        return np.zeros(0, dtype=np.int64)
    if not bool(np.isfinite(weights).all()) or bool((weights < 0.0).any()):
        raise ValueError("weights must be finite and not negative")
    largest = float(weights.max())
    # Scaled by the largest first, so that huge weights cannot overflow their sum.
    shares = weights / largest if largest > 0.0 else np.ones(weights.shape, dtype=np.float64)
    quotas = households * (shares / shares.sum())
    whole = np.floor(quotas).astype(np.int64)
    order = np.argsort(-(quotas - whole), kind="stable")
    missing = households - int(whole.sum())
    whole[order[:missing]] += 1
    return whole


def _ending(resolution: int) -> int:
    """The resolution bits, and all ones in every digit finer than it."""
    return (resolution << RESOLUTION_BIT) | ((1 << DIGIT_BITS * (MOST_DIGITS - resolution)) - 1)


def _candidates(polygon: Polygon | MultiPolygon, resolution: int) -> Cells:
    """Cells, ascending, a hair more than those whose centre the polygon covers."""
    if polygon.is_empty:
        return np.zeros(0, dtype=np.int64)
    kilometres_square = polygon.area * 111.32**2 * np.cos(np.radians(polygon.centroid.y))
    if kilometres_square / h3.average_hexagon_area(resolution, "km^2") > MOST_CELLS:
        raise ValueError(f"polygon of {kilometres_square:.0f} km² would hold more than {MOST_CELLS} cells")
    widened: Any = shapely.buffer(polygon, CANDIDATE_MARGIN_DEGREES, join_style="mitre")
    return np.unique(np.array(h3.geo_to_cells(widened, resolution), dtype=np.int64))
