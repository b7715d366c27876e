"""The H3 cells of every zone and how much housing stands on each: where the riders of the simulation go."""

from typing import Any, cast

import h3.api.numpy_int as _untyped_h3
import msgspec
import numpy as np
from numpy.typing import NDArray

from dispatch.demo.parcels import Parcel, to_kilometres
from dispatch.demo.samples import pick_within

h3 = cast(Any, _untyped_h3)  # h3 carries no types

RESOLUTION = 9


class Cells(msgspec.Struct, frozen=True, eq=False):
    """Cells of all zones, one after the other; those of zone z are the slice offset[z]:offset[z + 1], ascending.

    `cell`: H3 indices (resolution 9, in the city's datum) as the signed 64-bit numbers a database keeps;
    `housing`: residential floor volume in cubic metres, 0 where nobody lives;
    `cumulative`: running sum of `housing` with a leading 0, for drawing places by weight.
    """

    cell: NDArray[np.int64]
    zone: NDArray[np.int64]
    offset: NDArray[np.int64]
    housing: NDArray[np.float64]
    cumulative: NDArray[np.float64]

    def place_inside(self, zone: int, position: float) -> tuple[float, float]:
        """Longitude and latitude of the centre of a lived-in cell of the zone, chosen by weight at `position` (0…1)."""
        bounds = self.offset[zone : zone + 1], self.offset[zone + 1 : zone + 2]
        return self.centre(int(pick_within(self.cumulative, *bounds, np.array([position]))[0]))

    def centre(self, index: int) -> tuple[float, float]:
        """Longitude and latitude of the centre of the cell at `index`, in the city's datum."""
        latitude, longitude = h3.cell_to_latlng(int(self.cell[index]))
        return round(longitude, 6), round(latitude, 6)


def cells_of_zones(parcels: list[Parcel], population: NDArray[np.int64], rng: np.random.Generator) -> Cells:
    """Lay every cell in the zone that holds its centre (lowest zone first on a line) and house the population there."""
    found: list[NDArray[np.int64]] = []
    for parcel in parcels:
        outer, *holes = ([(y, x) for x, y in ring[:-1].tolist()] for ring in parcel.rings)
        cells = np.asarray(h3.h3shape_to_cells(h3.LatLngPoly(outer, *holes), RESOLUTION), dtype=np.uint64)
        found.append(cells.astype(np.int64))
    every = np.concatenate(found)
    owner = np.repeat(np.arange(len(found)), [len(part) for part in found])
    order = np.lexsort((every, owner))
    every, owner = every[order], owner[order]
    first = np.sort(np.unique(every, return_index=True)[1])
    every, owner = every[first], owner[first]
    offset = np.searchsorted(owner, np.arange(len(parcels) + 1)).astype(np.int64)
    housing = _housing(every, owner, offset, parcels, population, rng)
    cumulative = np.concatenate([[0.0], np.cumsum(housing)])
    return Cells(every, owner.astype(np.int64), offset, housing, cumulative)


def _housing(
    cell: NDArray[np.int64],
    zone: NDArray[np.int64],
    offset: NDArray[np.int64],
    parcels: list[Parcel],
    population: NDArray[np.int64],
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """Floor volume per cell: town zones are built over, the countryside lives in a few villages; sums by zone."""
    degrees = np.array([h3.cell_to_latlng(index) for index in cell.tolist()])[:, ::-1]
    place = to_kilometres(degrees)
    weight = np.exp(rng.normal(0, 0.6, len(cell)))
    for index, parcel in enumerate(parcels):
        part = slice(int(offset[index]), int(offset[index + 1]))
        rural = parcel.kind == "township"
        villages = place[part][rng.integers(0, part.stop - part.start, 9 if rural else 2)]
        reach = 0.7 if rural else 3.0
        distance = np.sqrt(((place[part][:, None, :] - villages[None, :, :]) ** 2).sum(axis=2)).min(axis=1)
        weight[part] *= np.exp(-distance / reach)
        if rural:
            weight[part][distance > 4 * reach] = 0.0
    per_zone = np.bincount(zone, weight, len(parcels))
    volume = weight * (population * 95.0 / per_zone)[zone]
    return np.round(volume, 1)
