"""The outlines that maps are drawn with: cells and zones, prepared once and kept until a zone changes."""

from typing import Any
from uuid import UUID

import numpy as np
import shapely
from litestar.datastructures import State
from msgspec import Struct

from dispatch.coverage.prepared import PreparedCache
from dispatch.coverage.view import OutlinesVersion
from dispatch.database import Connection, Record, one_row, queries_for
from dispatch.geo.cells import Cells, parent
from dispatch.geo.tiles import CellGeometry, ZoneGeometry, prepare_cells, prepare_zones
from dispatch.reach.checked import Floats
from dispatch.server.caller import Caller

SQL = queries_for(__file__)


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


class Outlines:
    """What one application keeps: cells per resolution and zones, of whole cities and of divisions.

    Prepared again when the version differs (see Version.outlines_version).
    """

    def __init__(self) -> None:
        self._layers: PreparedCache[CellLayer] = PreparedCache()
        self._zones: PreparedCache[ZoneMap] = PreparedCache()

    async def layer(
        self, connection: Connection, caller: Caller, version: OutlinesVersion, resolution: int
    ) -> CellLayer:
        """The cells of the caller's zones at a resolution."""
        key = (caller.city_id, caller.division_code, version, resolution)
        kept = self._layers.get(key)
        if kept is not None:
            return kept
        row = await one_row(connection, SQL.read_cell_map(caller.scope))
        return await self._layers.prepared(key, lambda: _layer(row["cells"], row["households"], resolution))

    async def zones(self, connection: Connection, caller: Caller, version: OutlinesVersion) -> ZoneMap:
        """The caller's zones by code."""
        key = (caller.city_id, caller.division_code, version)
        kept = self._zones.get(key)
        if kept is not None:
            return kept
        found = await connection.fetch(*SQL.read_zone_boundaries(caller.scope))
        return await self._zones.prepared(key, lambda: _zone_map(found))


def outlines_of(state: State) -> Outlines:
    """The application's outlines, kept from its start to its end."""
    return state.coverage_outlines


def _layer(cells: list[int], households: list[int], resolution: int) -> CellLayer:
    finest: Cells = np.array(cells, dtype=np.int64)
    coarse, place = np.unique(parent(finest, resolution), return_inverse=True)
    summed = np.zeros(len(coarse))
    np.add.at(summed, place.reshape(-1), np.array(households, dtype=np.float64))
    return CellLayer(geometry=prepare_cells(coarse), households=summed)


def _zone_map(found: list[Record]) -> ZoneMap:
    boundaries: dict[UUID, Any] = {row["zone_id"]: shapely.from_wkb(row["boundary"]) for row in found}
    return ZoneMap(
        zone_ids=list(boundaries),
        codes=[row["code"] for row in found],
        names=[row["name"] for row in found],
        geometry=prepare_zones(list(boundaries.values())),
        boundaries=boundaries,
    )
