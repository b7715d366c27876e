"""What goes wrong in the fictional city, as data: late firms, an oversupplied zone, gap zones, a shifted map."""

from typing import Any

import msgspec
import numpy as np

from dispatch.demo.city import City, zones_geojson
from dispatch.demo.samples import generator
from dispatch.demo.variants import ZoneKind
from dispatch.geo.datum import convert

GAP_DAY = 45
OVERSUPPLY = 1.8
# What a gap zone gets up to the gap day, of what it should.
GAP_SHARE = 0.04

_GAP_LIKELIHOOD: dict[ZoneKind, float] = {
    "old_core": 0.5,
    "high_rise": 0.5,
    "campus_industrial": 0.3,
    "urban_fringe": 4.0,
    "county_town": 2.5,
    "township": 10.0,
}


class LateFirm(msgspec.Struct, frozen=True):
    """A firm whose hand-overs and handouts begin `days` late, on campaign day `first_day`."""

    partner_code: str
    days: int
    first_day: int


class Mishaps(msgspec.Struct, frozen=True):
    """Everything that goes wrong; zones are numbers.

    `gap_zones` got very little up to day 45 and are mopped up afterwards; `oversupplied_zone` is supplied
    `oversupply` times over in the roll-out. The pilot zones are chosen here too, since no mishap may befall them.
    """

    late_firms: tuple[LateFirm, ...]
    oversupplied_zone: int
    oversupply: float
    gap_zones: tuple[int, ...]
    gap_day: int
    pilot_zones: tuple[int, ...]


def make_mishaps(city: City) -> Mishaps:
    """Choose pilot, gap and oversupplied zones; none of them overlap."""
    rng = generator(city.seed, "mishaps")
    pilot = _pilot_zones(city)
    likelihood = np.array([_GAP_LIKELIHOOD[zone.kind] for zone in city.zones])
    likelihood[list(pilot)] = 0.0
    chosen = rng.choice(len(likelihood), city.variant.gap_zones, replace=False, p=likelihood / likelihood.sum())
    gaps = tuple(sorted(chosen.tolist()))
    dense = [
        index
        for index, zone in enumerate(city.zones)
        if zone.kind in ("old_core", "high_rise") and index not in pilot and index not in gaps
    ]
    return Mishaps(
        late_firms=tuple(LateFirm(code, days, days + 1) for code, days in city.variant.late_by_days.items()),
        oversupplied_zone=dense[int(rng.integers(len(dense)))],
        oversupply=OVERSUPPLY,
        gap_zones=gaps,
        gap_day=GAP_DAY,
        pilot_zones=pilot,
    )


def wrong_datum_geojson(city: City) -> dict[str, Any]:
    """The zones as somebody exported them from a GPS tool: WGS-84 numbers in a file that claims the city's datum.

    Every vertex lies some 590 m from where it should; an import must refuse the file.
    """
    collection = zones_geojson(city)
    for feature, rings in zip(collection["features"], city.rings, strict=True):
        feature["geometry"] = {
            "type": "Polygon",
            "coordinates": [convert(ring, "gcj02", "wgs84").round(6).tolist() for ring in rings],
        }
    return {**collection, "name": f"{city.name}片区(GPS导出)"}


def _pilot_zones(city: City) -> tuple[int, ...]:
    """The zones with most reported cases per person before the campaign, district by district in turn."""
    before = city.incidents.count[:, :12, :].sum(axis=(1, 2)) / city.people.population
    ranked: list[tuple[int, int, int]] = []
    for district in range(len(city.districts)):
        inside = np.flatnonzero(city.district_of_zone == district)
        best = inside[np.argsort(-before[inside], kind="stable")]
        ranked += [(rank, district, int(zone)) for rank, zone in enumerate(best)]
    return tuple(sorted(zone for _, _, zone in sorted(ranked)[: city.variant.pilot_zones]))
