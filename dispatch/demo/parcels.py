"""The parcels a city is divided into, a zone each: they tile it without gaps, drawn in kilometres, kept in degrees.

Five regions (old core, inner ring, fringe, county seats, countryside) are each divided into Voronoi cells of relaxed
random centres. All lines are noded once, bent by a smooth warp so that borders look grown rather than ruled, rounded
to 1e-6 degrees and polygonised: neighbours share every vertex exactly.
"""

from collections.abc import Callable
from typing import Any, cast

import msgspec
import numpy as np
import shapely as _untyped_shapely
from numpy.typing import NDArray

from dispatch.demo.samples import generator
from dispatch.demo.variants import CENTRE_LATITUDE, CENTRE_LONGITUDE, Variant, ZoneKind

shapely = cast(Any, _untyped_shapely)  # shapely carries no types

Points = NDArray[np.float64]
Bend = Callable[[Points], Points]

_KILOMETRES_PER_DEGREE = 111.195
_SAMPLES_PER_ZONE = 160
_RELAXATIONS = 10
_NEAREST_COUNTY = -1
_GRID_DEGREES = 1e-6
# Wavelengths in kilometres and amplitudes small enough that the warp never folds (sum of 2π·a/λ stays below 0.6).
_WAVES = ((1.3, 0.035), (3.1, 0.09), (7.0, 0.16))


class Region(msgspec.Struct, frozen=True, eq=False):
    """A part of the city before it is divided: its shape in kilometres, its zones' kinds, its county.

    `county` is None for the urban districts and −1 where each zone joins the county with the nearest seat.
    """

    shape: Any
    kinds: tuple[ZoneKind, ...]
    county: int | None

    @property
    def zones(self) -> int:
        """How many zones the region is divided into."""
        return len(self.kinds)


class Parcel(msgspec.Struct, frozen=True, eq=False):
    """One future zone: its closed rings (outer first; k × 2, longitude and latitude in degrees) and where it lies.

    `x`, `y`: centre in kilometres east and north of the city's centre; `county` is None inside the urban districts.
    """

    kind: ZoneKind
    county: int | None
    x: float
    y: float
    area_square_kilometres: float
    rings: tuple[Points, ...]


def draw_parcels(variant: Variant, seed: int) -> tuple[Parcel, ...]:
    """Divide the city of `variant` into its zones; the same seed gives the same coordinates to the last digit."""
    rng = generator(seed, "parcels")
    outline, regions, seats = _regions(variant, rng)
    centres: list[Points] = []
    lines: list[Any] = [outline.exterior]
    for region in regions:
        points = _relaxed_centres(region, rng)
        centres.append(points)
        lines.append(region.shape.boundary)
        cells = shapely.voronoi_polygons(shapely.MultiPoint(points), extend_to=outline.envelope, only_edges=True)
        lines.append(shapely.intersection(cells, region.shape))
    noded = shapely.unary_union(lines, grid_size=1e-5)
    bend = _warp(rng)
    edges = shapely.segmentize(shapely.get_parts(noded), 0.45)

    def bend_to_degrees(points: Points) -> Points:
        return to_degrees(bend(points))

    drawn = shapely.transform(edges, bend_to_degrees)
    # Noding again on the final grid heals the rare short edge that rounding would fold over its neighbour.
    rounded = shapely.unary_union(drawn, grid_size=_GRID_DEGREES)
    pieces = shapely.get_parts(shapely.polygonize(list(shapely.get_parts(rounded))))
    return _parcels(regions, centres, seats, pieces, bend)


def to_degrees(kilometres: Points) -> Points:
    """Kilometres east and north of the centre (n × 2) → longitude and latitude in the city's datum (n × 2)."""
    scale = np.array([np.cos(np.radians(CENTRE_LATITUDE)), 1.0]) * _KILOMETRES_PER_DEGREE
    return kilometres / scale + np.array([CENTRE_LONGITUDE, CENTRE_LATITUDE])


def to_kilometres(degrees: Points) -> Points:
    """Longitude and latitude in the city's datum (n × 2) → kilometres east and north of the centre (n × 2)."""
    scale = np.array([np.cos(np.radians(CENTRE_LATITUDE)), 1.0]) * _KILOMETRES_PER_DEGREE
    return (degrees - np.array([CENTRE_LONGITUDE, CENTRE_LATITUDE])) * scale


def _regions(variant: Variant, rng: np.random.Generator) -> tuple[Any, list[Region], Points]:
    area = {kind: variant.zones[kind] * variant.zone_area[kind] for kind in variant.zones}
    ring = area["high_rise"] + area["campus_industrial"]
    radii = np.sqrt(np.cumsum([area["old_core"], ring, area["urban_fringe"]]) / np.pi)
    total = sum(area.values())
    outline = _outline(total, rng)
    core, inner, urban = (shapely.Point(0, 0).buffer(radius, quad_segs=24) for radius in radii)
    seat_radius = float(np.sqrt(area["county_town"] / variant.counties / np.pi))
    middle = (radii[2] + np.sqrt(total / np.pi)) / 2
    turn = rng.uniform(0, 2 * np.pi)
    angles = turn + 2 * np.pi * np.arange(variant.counties) / variant.counties
    seats = middle * np.column_stack([np.cos(angles), np.sin(angles)])
    towns = [shapely.Point(*seat).buffer(seat_radius, quad_segs=16) for seat in seats]
    towns_of = np.array_split(np.arange(variant.zones["county_town"]), variant.counties)
    countryside = outline.difference(shapely.union_all([urban, *towns]))
    regions = [
        _uniform(core, "old_core", variant.zones["old_core"], None),
        Region(inner.difference(core), _ring_kinds(variant), None),
        _uniform(urban.difference(inner), "urban_fringe", variant.zones["urban_fringe"], None),
        *(
            _uniform(town, "county_town", len(part), i)
            for i, (town, part) in enumerate(zip(towns, towns_of, strict=True))
        ),
        _uniform(countryside, "township", variant.zones["township"], _NEAREST_COUNTY),
    ]
    return outline, regions, seats


def _uniform(shape: Any, kind: ZoneKind, zones: int, county: int | None) -> Region:
    return Region(shape, (kind,) * zones, county)


def _ring_kinds(variant: Variant) -> tuple[ZoneKind, ...]:
    campuses = variant.zones["campus_industrial"]
    count = campuses + variant.zones["high_rise"]
    spread = {int(index) for index in np.linspace(0, count, campuses, endpoint=False)}
    return tuple("campus_industrial" if index in spread else "high_rise" for index in range(count))


def _outline(area: float, rng: np.random.Generator) -> Any:
    angles = np.linspace(0, 2 * np.pi, 144, endpoint=False)
    radius = np.ones_like(angles)
    for order in (2, 3, 5):
        radius += 0.05 * np.sin(order * angles + rng.uniform(0, 2 * np.pi))
    shape = shapely.Polygon(np.column_stack([radius * np.cos(angles), radius * np.sin(angles)]))
    factor = float(np.sqrt(area / shape.area))

    def scaled(points: Points) -> Points:
        return points * factor

    return shapely.transform(shape, scaled)


def _relaxed_centres(region: Region, rng: np.random.Generator) -> Points:
    """Centres of a few rounds of Lloyd's relaxation, sorted by bearing, each moved to a point inside the region."""
    samples = _points_inside(region.shape, region.zones * _SAMPLES_PER_ZONE, rng)
    centres = samples[rng.choice(len(samples), region.zones, replace=False)]
    for _ in range(_RELAXATIONS):
        nearest = _squared_distances(samples, centres).argmin(axis=1)
        counts = np.bincount(nearest, minlength=region.zones)
        sums = [np.bincount(nearest, samples[:, axis], region.zones) for axis in (0, 1)]
        centres = np.where(counts[:, None] > 0, np.column_stack(sums) / np.maximum(counts, 1)[:, None], centres)
    centres = samples[_squared_distances(centres, samples).argmin(axis=1)]
    return centres[np.argsort(np.arctan2(centres[:, 1], centres[:, 0]), kind="stable")]


def _points_inside(shape: Any, count: int, rng: np.random.Generator) -> Points:
    west, south, east, north = shape.bounds
    shapely.prepare(shape)
    found = np.empty((0, 2))
    while len(found) < count:
        drawn = rng.uniform((west, south), (east, north), (count * 2, 2))
        found = np.vstack([found, drawn[shapely.contains_xy(shape, drawn)]])
    return found[:count]


def _squared_distances(left: Points, right: Points) -> NDArray[np.float64]:
    return ((left[:, None, :] - right[None, :, :]) ** 2).sum(axis=2)


def _warp(rng: np.random.Generator) -> Bend:
    waves = [(2 * np.pi / length, amplitude, rng.uniform(0, 2 * np.pi, 2)) for length, amplitude in _WAVES]

    def bend(points: Points) -> Points:
        moved = points.copy()
        for number, amplitude, (east, north) in waves:
            moved[:, 0] += amplitude * np.sin(number * points[:, 1] + east)
            moved[:, 1] += amplitude * np.sin(number * points[:, 0] + north)
        return moved

    return bend


def _parcels(
    regions: list[Region], centres: list[Points], seats: Points, pieces: Any, bend: Bend
) -> tuple[Parcel, ...]:
    points = np.vstack(centres)
    kinds: list[ZoneKind] = [kind for region in regions for kind in region.kinds]
    counties = [region.county for region in regions for _ in range(region.zones)]
    homes = shapely.points(to_degrees(bend(points)))
    held, holders = shapely.STRtree(pieces).query(homes, predicate="within")
    main = dict(zip(held.tolist(), holders.tolist(), strict=True))
    shapes = [pieces[main[index]] for index in range(len(points))]
    taken = set(main.values())
    for piece in (pieces[index] for index in range(len(pieces)) if index not in taken):
        _join_to_neighbour(shapes, piece)
    parcels: list[Parcel] = []
    for index, shape in enumerate(shapes):
        county = counties[index]
        if county == _NEAREST_COUNTY:
            county = int(_squared_distances(points[index : index + 1], seats).argmin())
        x, y = to_kilometres(np.array(shape.point_on_surface().coords))[0]
        flat = shapely.transform(shape, to_kilometres)
        rings = tuple(np.array(ring.coords) for ring in (shape.exterior, *shape.interiors))
        parcels.append(Parcel(kinds[index], county, float(x), float(y), float(flat.area), rings))
    return tuple(parcels)


def _join_to_neighbour(shapes: list[Any], piece: Any) -> None:
    """Give a left-over piece (a cell cut in two by a county seat) to the neighbour with the longest common border."""
    shared = [shapely.length(shapely.intersection(shape.boundary, piece.boundary)) for shape in shapes]
    best = int(np.argmax(shared))
    shapes[best] = shapely.union(shapes[best], piece)
