"""The fictional city itself: districts, police stations and zones with their people, as plain data.

Zones are numbered by code from 0; every array of the world that speaks of zones uses that number.
"""

from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from dispatch.demo.cells import Cells, cells_of_zones
from dispatch.demo.districts import (
    District,
    PoliceStation,
    by_district,
    districts_of,
    police_stations,
    zone_codes,
    zone_names,
)
from dispatch.demo.incidents import Incidents, draw_incidents
from dispatch.demo.parcels import Parcel, Points, draw_parcels, to_degrees
from dispatch.demo.people import PRIORITY_GROUPS, People, settle
from dispatch.demo.samples import generator
from dispatch.demo.variants import CITY_NAME, DATUM, VARIANTS, Variant, VariantName, ZoneKind


class Zone(msgspec.Struct, frozen=True):
    """A delivery zone; longitude and latitude of a point inside it, in the city's datum."""

    code: str
    division_code: str
    name: str
    kind: ZoneKind
    district_code: str
    police_station_code: str
    households: int
    population: int
    priority_groups: dict[str, int]
    area_square_kilometres: float
    longitude: float
    latitude: float


class City(msgspec.Struct, frozen=True, eq=False):
    """The whole city. Arrays are indexed by zone number.

    `rings`: per zone its closed rings, outer first (k × 2: longitude, latitude in `datum`); `place`: a point inside,
    in kilometres east and north of the city's centre (zones × 2).
    """

    name: str
    variant: Variant
    seed: int
    datum: str
    districts: tuple[District, ...]
    police_stations: tuple[PoliceStation, ...]
    zones: tuple[Zone, ...]
    rings: tuple[tuple[Points, ...], ...]
    place: Points
    district_of_zone: NDArray[np.int64]
    people: People
    cells: Cells
    incidents: Incidents


def make_city(variant_name: VariantName, seed: int = 2027) -> City:
    """Draw the city; the same variant and seed give the same city to the last digit."""
    variant = VARIANTS[variant_name]
    districts = districts_of(variant)
    parcels, home = by_district(draw_parcels(variant, seed), variant)
    place = np.array([(parcel.x, parcel.y) for parcel in parcels])
    kinds: list[ZoneKind] = [parcel.kind for parcel in parcels]
    people = settle(variant, kinds, generator(seed, "people"))
    names = zone_names(parcels, home, generator(seed, "names"))
    stations, station_of_zone = police_stations(variant, districts, home, place, people.population, names)
    codes = zone_codes(districts, home)
    zones = tuple(
        _zone(index, parcel, codes[index], names[index], stations[int(station_of_zone[index])], people)
        for index, parcel in enumerate(parcels)
    )
    return City(
        name=CITY_NAME,
        variant=variant,
        seed=seed,
        datum=DATUM,
        districts=districts,
        police_stations=stations,
        zones=zones,
        rings=tuple(parcel.rings for parcel in parcels),
        place=place,
        district_of_zone=home,
        people=people,
        cells=cells_of_zones(parcels, people.population, generator(seed, "people", 1)),
        incidents=draw_incidents(kinds, people.population, generator(seed, "incidents")),
    )


def zones_geojson(city: City) -> dict[str, Any]:
    """The zones as a GeoJSON FeatureCollection; the member `datum` names the datum of every coordinate."""
    districts = {district.code: district.name for district in city.districts}
    features = [
        {
            "type": "Feature",
            "id": zone.code,
            "properties": {
                "code": zone.code,
                "division_code": zone.division_code,
                "name": zone.name,
                "kind": zone.kind,
                "district_code": zone.district_code,
                "district": districts[zone.district_code],
                "police_station_code": zone.police_station_code,
                "households": zone.households,
                "population": zone.population,
            },
            "geometry": {"type": "Polygon", "coordinates": [ring.tolist() for ring in rings]},
        }
        for zone, rings in zip(city.zones, city.rings, strict=True)
    ]
    return {
        "type": "FeatureCollection",
        "name": f"{city.name}片区(演示数据)",
        "datum": city.datum,
        "features": features,
    }


def _zone(index: int, parcel: Parcel, code: str, name: str, station: PoliceStation, people: People) -> Zone:
    longitude, latitude = to_degrees(np.array([[parcel.x, parcel.y]]))[0].round(6).tolist()
    return Zone(
        code=code,
        division_code=f"{code}000",
        name=name,
        kind=parcel.kind,
        district_code=station.district_code,
        police_station_code=station.code,
        households=int(people.households[index]),
        population=int(people.population[index]),
        priority_groups=dict(zip(PRIORITY_GROUPS, people.priority_groups[index].tolist(), strict=True)),
        area_square_kilometres=round(parcel.area_square_kilometres, 2),
        longitude=longitude,
        latitude=latitude,
    )
