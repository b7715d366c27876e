"""Zones as maps and phones take them: boundaries as GeoJSON, cells with their centres."""

from collections.abc import Sequence
from uuid import UUID

import msgspec
import numpy as np

from dispatch.geo.cells import centres
from dispatch.geo.polygons import from_wkb, to_geojson
from dispatch.zones.records import CityRecord
from schemas.common import Outline
from schemas.zones import ZoneCollection, ZoneFeature, ZoneProperties


class Boundary(msgspec.Struct, frozen=True, kw_only=True):
    """A zone with its boundary (WKB in the city's datum) and what a map shows of it."""

    zone_id: UUID
    code: str
    name: str
    kind: str
    division_code: str
    police_station: str
    households: int | None
    population: int | None
    boundary: bytes


def zones_geojson(city: CityRecord, boundaries: Sequence[Boundary]) -> bytes:
    """The zones as a GeoJSON FeatureCollection that names its datum."""
    features = [
        ZoneFeature(
            id=zone.zone_id,
            geometry=Outline(**to_geojson(from_wkb(zone.boundary))),
            properties=msgspec.convert(zone, ZoneProperties, from_attributes=True),
        )
        for zone in boundaries
    ]
    return msgspec.json.encode(ZoneCollection(features=features, datum=city.datum, demonstration=city.demonstration))


def centred_cells(cells: Sequence[int]) -> list[tuple[str, float, float]]:
    """Each cell (hexadecimal) with longitude and latitude of its centre, in the datum the cells are in."""
    centred: list[list[float]] = centres(np.array(cells, dtype=np.int64)).round(6).tolist()
    return [(f"{cell:x}", longitude, latitude) for cell, (longitude, latitude) in zip(cells, centred, strict=True)]
