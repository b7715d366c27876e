"""Polygons: areas against an exact geodesic, overlaps, who owns a point, and what the database keeps."""

from typing import Any

import numpy as np
import pytest
import shapely
from geographiclib.geodesic import Geodesic
from hypothesis import given
from hypothesis import strategies as st

from dispatch.geo.datum import convert
from dispatch.geo.polygons import (
    area_square_metres,
    areas_square_metres,
    from_wkb,
    locate,
    outline,
    overlaps,
    read_polygon,
    simplify_for_zoom,
    to_geojson,
    to_wkb,
    transform,
)


def square(west: float, south: float, side: float) -> shapely.Polygon:
    return shapely.box(west, south, west + side, south + side)


def same(first: Any, second: Any) -> bool:
    return first.symmetric_difference(second).area < 1e-12


def corners(polygon: Any) -> int:
    return len(shapely.get_coordinates(polygon))


def geodesic_area(polygon: shapely.Polygon) -> float:
    geodesic: Any = Geodesic.WGS84
    measure: Any = geodesic.Polygon()
    for longitude, latitude in shapely.get_coordinates(shapely.segmentize(polygon, 0.01))[:-1].tolist():
        measure.AddPoint(latitude, longitude)
    return abs(float(measure.Compute()[2]))


@given(st.floats(74.0, 134.0), st.floats(18.0, 53.0), st.floats(0.005, 1.0))
def test_an_area_is_within_a_thousandth_of_the_geodesic_one(west: float, south: float, side: float) -> None:
    polygon = square(west, south, side)
    assert area_square_metres(polygon) == pytest.approx(geodesic_area(polygon), rel=1e-3)


def test_areas_of_many_are_the_areas_of_each_and_empty_is_nothing() -> None:
    pair = [square(126.0, 43.0, 0.1), shapely.Polygon()]
    assert areas_square_metres(pair).tolist() == [area_square_metres(pair[0]), 0.0]


def test_neighbours_that_touch_do_not_overlap() -> None:
    assert overlaps([square(126.0, 43.0, 0.1), square(126.1, 43.0, 0.1), square(126.1, 43.1, 0.1)]) == []
    assert overlaps([]) == []


def test_an_overlap_is_named_once_with_its_square_metres() -> None:
    zones = [square(127.0, 43.0, 0.1), square(126.0, 43.0, 0.1), square(126.09, 43.0, 0.1)]
    [(first, second, area)] = overlaps(zones)
    assert (first, second) == (1, 2)
    assert area == pytest.approx(area_square_metres(shapely.box(126.09, 43.0, 126.1, 43.1)))


def test_slivers_below_the_tolerance_are_forgiven() -> None:
    # 0.1° is 8.1 km wide here: a sliver of 0.05 ‰ of it is forgiven, 0.5 ‰ is not.
    zone = square(126.0, 43.0, 0.1)
    assert overlaps([zone, square(126.1 - 0.000005, 43.0, 0.1)]) == []
    assert len(overlaps([zone, square(126.1 - 0.00005, 43.0, 0.1)])) == 1
    assert len(overlaps([zone, square(126.1 - 0.000005, 43.0, 0.1)], tolerance_square_metres=10.0)) == 1


def test_overlaps_under_a_hundred_square_metres_are_forgiven_even_between_tiny_zones() -> None:
    tiny = square(126.0, 43.0, 0.001)
    assert overlaps([tiny, square(126.001 - 0.0000005, 43.0, 0.001)]) == []


def test_a_zone_inside_another_overlaps_wholly() -> None:
    inner = square(126.04, 43.04, 0.01)
    assert overlaps([square(126.0, 43.0, 0.1), inner]) == [(0, 1, pytest.approx(area_square_metres(inner)))]


ZONES = [square(126.1, 43.0, 0.1), square(126.0, 43.0, 0.1), square(126.0, 43.1, 0.2)]
CODES = ["03", "01", "02"]


def test_a_point_belongs_to_the_polygon_that_covers_it() -> None:
    points = np.array([[126.15, 43.05], [126.05, 43.05], [126.1, 43.2], [125.0, 43.0]])
    assert locate(points, ZONES, CODES).tolist() == [0, 1, 2, -1]


def test_a_point_on_the_line_belongs_to_the_lowest_code() -> None:
    points = np.array([[126.1, 43.05], [126.1, 43.1], [126.15, 43.1], [126.0, 43.0]])
    assert locate(points, ZONES, CODES).tolist() == [1, 1, 2, 1]


def test_equal_codes_are_settled_by_order() -> None:
    assert locate(np.array([[126.1, 43.05]]), ZONES, ["1", "1", "1"]).tolist() == [0]


def test_nowhere_is_minus_one() -> None:
    points = np.array([[np.nan, 43.0], [126.05, np.inf], [126.05, 43.05]])
    assert locate(points, ZONES, CODES).tolist() == [-1, -1, 1]
    assert locate(points, [], []).tolist() == [-1, -1, -1]
    assert locate(np.empty((0, 2)), ZONES, CODES).tolist() == []


@given(st.lists(st.tuples(st.integers(-2, 32), st.integers(-2, 32)), max_size=40), st.permutations(["a", "b", "c"]))
def test_locating_agrees_with_asking_every_polygon(grid: list[tuple[int, int]], codes: list[str]) -> None:
    points = np.array([(126.0 + x * 0.01, 43.0 + y * 0.01) for x, y in grid], dtype=np.float64).reshape(-1, 2)
    expected: list[int] = []
    for point in points:
        covering = [index for index in range(3) if ZONES[index].covers(shapely.Point(point))]
        expected.append(min(covering, key=lambda index: codes[index], default=-1))
    assert locate(points, ZONES, codes).tolist() == expected


def test_transforming_moves_every_vertex_and_holes_too() -> None:
    ring = shapely.Polygon(ZONES[1].exterior.coords, [square(126.02, 43.02, 0.02).exterior.coords])
    carried = transform(ring, "wgs84", "gcj02")
    expected = convert(shapely.get_coordinates(ring), "wgs84", "gcj02")
    assert np.array_equal(shapely.get_coordinates(carried), expected)
    assert carried.is_valid


def test_the_outline_of_a_city_is_the_union_of_its_zones() -> None:
    assert same(outline(ZONES), shapely.box(126.0, 43.0, 126.2, 43.3))
    assert outline([]).is_empty
    assert isinstance(outline([ZONES[0], square(128.0, 43.0, 0.1)]), shapely.MultiPolygon)


def test_details_below_a_pixel_are_left_out_and_the_shape_stays() -> None:
    disc = shapely.Point(126.0, 43.0).buffer(0.05, quad_segs=500)
    coarse, fine = simplify_for_zoom(disc, 8), simplify_for_zoom(disc, 16)
    assert corners(coarse) < corners(fine) <= 2001
    assert coarse.is_valid
    assert coarse.hausdorff_distance(disc) <= 360.0 / 2**8 / 512 * 0.5
    assert corners(simplify_for_zoom(ZONES[0], 3)) == 5


@pytest.mark.parametrize("shape", [ZONES[0], shapely.MultiPolygon([ZONES[0], square(128.0, 43.0, 0.1)])])
def test_what_the_database_keeps_is_the_same_polygon(shape: Any) -> None:
    assert from_wkb(to_wkb(shape)) == shape
    assert same(read_polygon(to_geojson(shape)), shape)


@pytest.mark.parametrize("binary", [b"", b"\x01\x02", shapely.Point(1.0, 2.0).wkb])
def test_a_binary_that_is_no_polygon_is_refused(binary: bytes) -> None:
    with pytest.raises(ValueError, match="binary"):
        from_wkb(binary)


def test_geojson_goes_out_counter_clockwise_and_rounded() -> None:
    clockwise = shapely.Polygon([(126.0, 43.0), (126.0, 43.1234567), (126.1, 43.1), (126.1, 43.0)])
    written = to_geojson(clockwise)
    assert shapely.LinearRing(written["coordinates"][0]).is_ccw
    assert [126.0, 43.123457] in written["coordinates"][0]
    assert to_geojson(shapely.Polygon()) == {"type": "Polygon", "coordinates": []}
