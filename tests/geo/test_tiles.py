"""Vector tiles, read back by a small decoder of their own: geometry, winding, attributes, clipping."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from dispatch.geo.cells import boundary, cell_of, cells_of_polygon, centres
from dispatch.geo.tiles import (
    BUFFER,
    EXTENT,
    cell_tile,
    prepare_cells,
    prepare_zones,
    project,
    resolution_for_zoom,
    tiles_bounds,
    zone_tile,
)

Ring = list[tuple[int, int]]
TOWN = shapely.box(126.5, 43.8, 126.6, 43.9)
CELLS = cells_of_polygon(TOWN)
GEOMETRY = prepare_cells(CELLS)


@dataclass
class Feature:
    identifier: int = -1
    kind: int = -1
    properties: dict[str, Any] = field(default_factory=dict[str, Any])
    rings: list[Ring] = field(default_factory=list[Ring])


@dataclass
class Layer:
    name: str
    version: int
    extent: int
    keys: list[str]
    values: list[Any]
    features: list[Feature]


def varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        value |= (data[at] & 0x7F) << shift
        shift += 7
        at += 1
        if data[at - 1] < 0x80:
            return value, at


def fields(data: bytes) -> Iterator[tuple[int, Any]]:
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        number, wire = key >> 3, key & 7
        if wire == 0:
            value, at = varint(data, at)
            yield number, value
            continue
        size, at = (8, at) if wire == 1 else varint(data, at)
        assert wire in (1, 2)
        assert at + size <= len(data)
        yield number, data[at : at + size]
        at += size


def packed(data: bytes) -> list[int]:
    numbers: list[int] = []
    at = 0
    while at < len(data):
        number, at = varint(data, at)
        numbers.append(number)
    return numbers


def unzigzag(value: int) -> int:
    return (value >> 1) ^ -(value & 1)


def read_rings(commands: list[int]) -> list[Ring]:
    rings: list[Ring] = []
    x = y = at = 0
    while at < len(commands):
        command, count = commands[at] & 7, commands[at] >> 3
        at += 1
        if command == 7:
            assert count == 1
            continue
        if command == 1:
            assert count == 1
            rings.append([])
        else:
            assert command == 2
            assert count >= 2
        for _ in range(count):
            step = unzigzag(commands[at]), unzigzag(commands[at + 1])
            assert command == 1 or step != (0, 0)
            x, y, at = x + step[0], y + step[1], at + 2
            rings[-1].append((x, y))
    return rings


def read_value(data: bytes) -> Any:
    [(number, value)] = fields(data)
    if number == 1:
        return value.decode()
    if number == 3:
        return struct.unpack("<d", value)[0]
    assert number in (5, 6)
    return value if number == 5 else unzigzag(value)


def decode(tile: bytes) -> Layer:
    [(number, content)] = fields(tile)
    assert number == 3
    parts = list(fields(content))

    def all_of(wanted: int) -> list[Any]:
        return [value for key, value in parts if key == wanted]

    keys = [key.decode() for key in all_of(3)]
    values = [read_value(value) for value in all_of(4)]
    features: list[Feature] = []
    for raw in all_of(2):
        entry = dict(fields(raw))
        tags = packed(entry.get(2, b""))
        properties = {keys[key]: values[value] for key, value in zip(tags[::2], tags[1::2], strict=True)}
        features.append(Feature(entry[1], entry[3], properties, read_rings(packed(entry[4]))))
    return Layer(all_of(1)[0].decode(), all_of(15)[0], all_of(5)[0], keys, values, features)


def signed_area(ring: Ring) -> float:
    following = ring[1:] + ring[:1]
    return sum(x * b - a * y for (x, y), (a, b) in zip(ring, following, strict=True)) / 2


def tile_at(zoom: int, longitude: float, latitude: float) -> tuple[int, int, int]:
    place = project(np.array([[longitude, latitude]]))[0] * 2**zoom
    return zoom, int(place[0]), int(place[1])


def on_the_ground(ring: Ring, zoom: int, x: int, y: int) -> list[tuple[float, float]]:
    scale = 2**zoom * EXTENT
    places: list[tuple[float, float]] = []
    for east, south in ring:
        longitude = (x * EXTENT + east) / scale * 360.0 - 180.0
        latitude = np.degrees(np.arctan(np.sinh(np.pi * (1.0 - 2.0 * (y * EXTENT + south) / scale))))
        places.append((longitude, float(latitude)))
    return places


def test_cells_come_back_as_the_hexagons_they_are() -> None:
    address = tile_at(11, 126.55, 43.85)
    layer = decode(cell_tile(*address, GEOMETRY, {}))
    assert (layer.name, layer.version, layer.extent) == ("cells", 2, 4096)
    assert layer.features
    unit = 360.0 / 2**11 / EXTENT
    outlines = boundary(CELLS)
    for feature in layer.features:
        assert feature.kind == 3
        [ring] = feature.rings
        expected = {tuple(vertex) for vertex in outlines[feature.identifier].tolist()}
        assert len(ring) == len(expected)
        for longitude, latitude in on_the_ground(ring, *address):
            assert any(abs(longitude - a) < unit and abs(latitude - b) < unit for a, b in expected)


@pytest.mark.parametrize("zoom", [7, 9, 11, 13, 15, 17, 19, 22])
def test_exterior_rings_have_positive_area_and_coordinates_a_phone_can_hold(zoom: int) -> None:
    layer = decode(cell_tile(*tile_at(zoom, 126.5501, 43.8501), GEOMETRY, {}))
    assert layer.features
    for feature in layer.features:
        assert [signed_area(ring) > 0 for ring in feature.rings] == [True]
        assert all(abs(value) <= 2 * EXTENT for ring in feature.rings for vertex in ring for value in vertex)


def test_deep_inside_a_cell_the_tile_is_one_full_square() -> None:
    middle = centres(np.array([cell_of(126.55, 43.85)]))[0].tolist()
    layer = decode(cell_tile(*tile_at(20, *middle), GEOMETRY, {}, identified=True))
    [feature] = layer.features
    assert feature.properties == {"cell": f"{cell_of(126.55, 43.85):x}"}
    low, high = -BUFFER, EXTENT + BUFFER
    assert set(feature.rings[0]) == {(low, low), (low, high), (high, high), (high, low)}


def test_every_cell_is_in_some_tile_and_each_tile_holds_only_cells_in_sight() -> None:
    seen: set[int] = set()
    zoom, x, y = tile_at(12, 126.55, 43.85)
    for east in range(-2, 3):
        for south in range(-2, 3):
            tile = cell_tile(zoom, x + east, y + south, GEOMETRY, {})
            for feature in decode(tile).features if tile else []:
                seen.add(feature.identifier)
                corners = np.array(feature.rings[0])
                assert (corners.max(axis=0) >= -BUFFER).all()
                assert (corners.min(axis=0) <= EXTENT + BUFFER).all()
    assert seen == set(range(len(CELLS)))


def test_attributes_belong_to_their_cell() -> None:
    numbers = np.arange(len(CELLS))
    attributes = {
        "reach": numbers % 101,
        "change": numbers - 200,
        "weight": np.where(numbers % 7 == 0, np.nan, numbers / 8),
        "copies": np.where(numbers % 5 == 0, np.nan, numbers.astype(np.float64)),
        "large": numbers.astype(np.int64) * 2**33,
        "grade": ["甲" if number % 2 else "B" for number in numbers],
    }
    layer = decode(cell_tile(*tile_at(10, 126.55, 43.85), GEOMETRY, attributes))
    assert len(layer.features) > 300
    assert layer.keys == list(attributes)
    for feature in layer.features:
        number = feature.identifier
        expected: dict[str, Any] = {"reach": number % 101, "change": number - 200, "large": number * 2**33}
        expected["grade"] = "甲" if number % 2 else "B"
        if number % 7:
            expected["weight"] = number / 8
        if number % 5:
            expected["copies"] = number
        assert feature.properties == expected


def test_whole_floats_are_written_as_integers_and_equal_values_once() -> None:
    layer = decode(cell_tile(*tile_at(10, 126.55, 43.85), GEOMETRY, {"reach": np.full(len(CELLS), 46.0)}))
    assert layer.values == [46]
    assert isinstance(layer.values[0], int)


def test_a_figure_that_is_nowhere_applicable_is_in_no_feature() -> None:
    layer = decode(cell_tile(*tile_at(10, 126.55, 43.85), GEOMETRY, {"reach": np.full(len(CELLS), np.nan)}))
    assert all(feature.properties == {} for feature in layer.features)


def test_the_cell_is_named_only_when_asked_and_as_text() -> None:
    address = tile_at(13, 126.55, 43.85)
    silent = decode(cell_tile(*address, GEOMETRY, {}))
    assert all(feature.properties == {} for feature in silent.features)
    named = decode(cell_tile(*address, GEOMETRY, {}, identified=True))
    for feature in named.features:
        assert int(feature.properties["cell"], 16) == CELLS[feature.identifier]


def test_cells_with_more_than_six_vertices_are_drawn_whole() -> None:
    coarse = cells_of_polygon(shapely.box(105.0, 20.0, 125.0, 50.0), 5)
    outlines = boundary(coarse)
    index = int(np.argmax([len(np.unique(outline, axis=0)) for outline in outlines]))
    vertices = len(np.unique(outlines[index], axis=0))
    assert vertices > 6
    middle = centres(coarse[index : index + 1])[0].tolist()
    layer = decode(cell_tile(*tile_at(9, *middle), prepare_cells(coarse), {}))
    by_identifier = {feature.identifier: feature for feature in layer.features}
    assert len(by_identifier[index].rings[0]) == vertices
    assert min(len(feature.rings[0]) for feature in layer.features) == 6


def test_cells_that_round_to_nothing_are_left_out() -> None:
    # At zoom 2 a cell is a twentieth of a unit: only one straddling the edges of the grid can keep any area.
    tile = cell_tile(*tile_at(2, 126.55, 43.85), GEOMETRY, {})
    assert len(decode(tile).features if tile else []) < len(CELLS) / 20
    small = decode(cell_tile(*tile_at(5, 126.55, 43.85), prepare_cells(cells_of_polygon(TOWN, 7)), {}))
    assert all(signed_area(ring) > 0 for feature in small.features for ring in feature.rings)


def test_an_empty_tile_is_no_bytes() -> None:
    assert cell_tile(12, 0, 0, GEOMETRY, {}) == b""
    assert cell_tile(0, 0, 0, prepare_cells(np.zeros(0, dtype=np.int64)), {}) == b""
    assert zone_tile(12, 0, 0, prepare_zones([TOWN]), {}) == b""
    assert zone_tile(0, 0, 0, prepare_zones([]), {}) == b""


HOLED = shapely.Polygon(TOWN.exterior.coords, [shapely.box(126.54, 43.84, 126.56, 43.86).exterior.coords])
ISLANDS = shapely.MultiPolygon([shapely.box(126.61, 43.8, 126.65, 43.84), shapely.box(126.66, 43.8, 126.7, 43.84)])


def test_zones_keep_their_holes_and_islands_with_the_winding_the_format_asks_for() -> None:
    zones = prepare_zones([HOLED, ISLANDS])
    layer = decode(zone_tile(*tile_at(6, 126.6, 43.85), zones, {"code": ["01", "02"], "reach": np.array([46, 52])}))
    assert layer.name == "zones"
    holed, islands = layer.features
    assert holed.properties == {"code": "01", "reach": 46}
    assert islands.properties == {"code": "02", "reach": 52}
    assert [signed_area(ring) > 0 for ring in holed.rings] == [True, False]
    assert [signed_area(ring) > 0 for ring in islands.rings] == [True, True]


@given(st.integers(6, 15), st.floats(126.4, 126.8), st.floats(43.7, 44.0))
def test_a_zone_in_a_tile_is_the_zone_cut_to_the_buffered_tile(zoom: int, longitude: float, latitude: float) -> None:
    address = tile_at(zoom, longitude, latitude)
    tile = zone_tile(*address, prepare_zones([HOLED, ISLANDS]), {})
    scale = np.array([EXTENT * 2.0**zoom, EXTENT * 2.0**zoom])
    corner = np.array([address[1] * EXTENT, address[2] * EXTENT])
    frame = shapely.box(-BUFFER, -BUFFER, EXTENT + BUFFER, EXTENT + BUFFER)
    drawn = {feature.identifier: feature for feature in decode(tile).features} if tile else {}
    for index, zone in enumerate([HOLED, ISLANDS]):

        def place(points: Any) -> Any:
            return project(points) * scale - corner

        exact: Any = shapely.transform(zone, place)
        expected = exact.intersection(frame)
        rings = drawn[index].rings if index in drawn else []
        painted = sum(signed_area(ring) for ring in rings)
        # Rounding to whole units moves each edge by at most half a unit, simplification by two.
        assert painted == pytest.approx(expected.area, abs=4 * expected.length + 16)
        assert all(-BUFFER <= value <= EXTENT + BUFFER for ring in rings for vertex in ring for value in vertex)


def test_details_too_small_to_see_are_left_out_of_a_zone() -> None:
    disc = shapely.Point(126.55, 43.85).buffer(0.05, quad_segs=500)
    zones = prepare_zones([disc])
    [far] = decode(zone_tile(*tile_at(7, 126.55, 43.85), zones, {})).features
    assert 6 < len(far.rings[0]) < 40
    [near] = decode(zone_tile(*tile_at(10, 126.55, 43.85), zones, {})).features
    assert len(near.rings[0]) > len(far.rings[0])


def test_tiles_lie_where_the_web_map_scheme_puts_them() -> None:
    assert tiles_bounds(0, 0, 0) == pytest.approx((-180.0, -85.0511287798, 180.0, 85.0511287798))
    west, south, east, north = tiles_bounds(*tile_at(12, 126.55, 43.85))
    assert west <= 126.55 < east
    assert south < 43.85 <= north
    assert east - west == pytest.approx(360.0 / 2**12)


@pytest.mark.parametrize("address", [(-1, 0, 0), (23, 0, 0), (2, 4, 0), (2, 0, 4), (2, -1, 0)])
def test_a_tile_that_does_not_exist_is_refused(address: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match=r"zoom|no tile"):
        tiles_bounds(*address)
    with pytest.raises(ValueError, match=r"zoom|no tile"):
        cell_tile(*address, GEOMETRY, {})
    with pytest.raises(ValueError, match=r"zoom|no tile"):
        zone_tile(*address, prepare_zones([TOWN]), {})


def test_attributes_of_another_length_are_refused() -> None:
    with pytest.raises(ValueError, match="3 values for"):
        cell_tile(*tile_at(12, 126.55, 43.85), GEOMETRY, {"reach": np.zeros(3)})


def test_finer_cells_are_drawn_the_closer_one_looks() -> None:
    chosen = [resolution_for_zoom(zoom) for zoom in range(23)]
    assert chosen == sorted(chosen)
    assert (chosen[8], chosen[9], chosen[10], chosen[11]) == (7, 8, 8, 9)
