"""Datums: published reference values, round trips to below a millimetre, and telling a wrongly declared datum."""

import json
import math
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import shape

from dispatch.geo.datum import DATUMS, CoordinateError, Datum, Points, check_points, convert, suspect_datum
from tests.jilin import JILIN, made_subdistricts, needs_jilin

TIANANMEN_WGS84 = (116.391305, 39.905535)
TIANANMEN_GCJ02 = (116.397546, 39.906936)
METRES_PER_DEGREE = 111_320.0
MILLIMETRE_IN_DEGREES = 0.001 / METRES_PER_DEGREE

points_in_china = st.tuples(st.floats(73.0, 136.0), st.floats(17.0, 54.0))
datums = st.sampled_from(DATUMS)


def one(point: tuple[float, float]) -> Points:
    return np.array([point], dtype=np.float64)


def metres_between(first: Points, second: Points) -> float:
    north = (second[0, 1] - first[0, 1]) * METRES_PER_DEGREE
    east = (second[0, 0] - first[0, 0]) * METRES_PER_DEGREE * math.cos(math.radians(first[0, 1]))
    return math.hypot(north, east)


def square(west: float, south: float, side: float) -> shapely.Polygon:
    return shapely.box(west, south, west + side, south + side)


def moved(polygon: shapely.Polygon, source: Datum, target: Datum) -> shapely.Polygon:
    return shapely.Polygon(convert(shapely.get_coordinates(polygon), source, target))


def test_tiananmen_has_its_published_gcj02_place() -> None:
    assert convert(one(TIANANMEN_WGS84), "wgs84", "gcj02")[0] == pytest.approx(TIANANMEN_GCJ02, abs=1e-6)


def test_baidus_origin_offset_is_the_published_one() -> None:
    # Published pair of the common open implementations: GCJ-02 116.404, 39.915 is BD-09 116.41036949, 39.92133699.
    assert convert(one((116.404, 39.915)), "gcj02", "bd09")[0] == pytest.approx((116.41036949, 39.92133699), abs=1e-8)


def test_the_common_gcj02_example_agrees_with_other_implementations() -> None:
    # Published pair of the common open implementations: WGS-84 116.404, 39.915 is GCJ-02 116.41024449, 39.91640428.
    expected = (116.41024449, 39.91640428)
    assert convert(one((116.404, 39.915)), "wgs84", "gcj02")[0] == pytest.approx(expected, abs=1e-8)


def test_wgs84_taken_for_gcj02_is_about_five_hundred_metres_off() -> None:
    truth = one(TIANANMEN_WGS84)
    assert 500.0 < metres_between(truth, convert(truth, "wgs84", "gcj02")) < 600.0


def test_cgcs2000_equals_wgs84() -> None:
    place = one(TIANANMEN_WGS84)
    assert np.array_equal(convert(place, "cgcs2000", "wgs84"), place)
    assert np.array_equal(convert(place, "cgcs2000", "gcj02"), convert(place, "wgs84", "gcj02"))


@given(st.lists(points_in_china, min_size=1, max_size=30), datums, datums)
def test_every_round_trip_in_china_holds_to_less_than_a_millimetre(
    places: list[tuple[float, float]], source: Datum, target: Datum
) -> None:
    points = np.array(places)
    there_and_back = convert(convert(points, source, target), target, source)
    assert np.abs(there_and_back - points).max() < MILLIMETRE_IN_DEGREES


@given(points_in_china)
def test_going_through_gcj02_is_the_same_as_going_straight(place: tuple[float, float]) -> None:
    points = one(place)
    in_steps = convert(convert(points, "wgs84", "gcj02"), "gcj02", "bd09")
    assert np.array_equal(convert(points, "wgs84", "bd09"), in_steps)


@given(points_in_china)
def test_the_gcj02_shift_stays_under_a_kilometre_and_a_half(place: tuple[float, float]) -> None:
    assert metres_between(one(place), convert(one(place), "wgs84", "gcj02")) < 1500.0


@pytest.mark.parametrize(
    "place", [(2.35, 48.85), (139.7, 35.7), (-74.0, 40.7), (0.0, -90.0), (180.0, 90.0), (100.0, 0.5)]
)
def test_outside_china_gcj02_equals_wgs84_both_ways(place: tuple[float, float]) -> None:
    assert np.array_equal(convert(one(place), "wgs84", "gcj02"), one(place))
    assert np.array_equal(convert(one(place), "gcj02", "wgs84"), one(place))


def test_converting_leaves_the_given_array_alone() -> None:
    points = one(TIANANMEN_WGS84)
    convert(points, "wgs84", "bd09")
    convert(points, "wgs84", "wgs84")[0, 0] = 0.0
    assert np.array_equal(points, one(TIANANMEN_WGS84))


def test_no_points_stay_no_points() -> None:
    assert convert(np.empty((0, 2)), "bd09", "wgs84").shape == (0, 2)


@pytest.mark.parametrize(("source", "target"), [("wgs72", "gcj02"), ("gcj02", "GCJ02"), ("", "wgs84")])
def test_an_unknown_datum_is_refused(source: Any, target: Any) -> None:
    with pytest.raises(ValueError, match="unknown datum"):
        convert(one(TIANANMEN_WGS84), source, target)


@pytest.mark.parametrize(
    ("place", "reason", "words"),
    [
        ((math.nan, 39.0), "not-finite", "finite"),
        ((116.0, math.inf), "not-finite", "finite"),
        ((200.0, 39.0), "out-of-range", "outside longitude"),
        ((116.0, 300.0), "out-of-range", "outside longitude"),
        ((39.9, 116.4), "swapped", "longitude comes first"),
        ((43.8, 87.6), "swapped", "longitude comes first"),
        ((60.0, 116.4), "swapped", "longitude comes first"),
    ],
)
def test_impossible_coordinates_are_refused_with_the_reason(
    place: tuple[float, float], reason: str, words: str
) -> None:
    with pytest.raises(CoordinateError, match=words) as refusal:
        convert(np.array([TIANANMEN_WGS84, place]), "wgs84", "gcj02")
    assert refusal.value.reason == reason
    assert refusal.value.detail.startswith("point 1: ")


def test_points_of_another_shape_are_refused() -> None:
    with pytest.raises(ValueError, match="shape"):
        check_points(np.zeros((3, 3)))


CITY = square(126.0, 43.0, 0.4)
ZONES = [square(126.0 + 0.1 * column, 43.0 + 0.1 * row, 0.1) for column in range(4) for row in range(4)]


@pytest.mark.parametrize(
    ("drawn_in", "declared"), [("gcj02", "wgs84"), ("wgs84", "gcj02"), ("bd09", "gcj02"), ("gcj02", "bd09")]
)
def test_zones_in_another_datum_than_declared_are_suspected(drawn_in: Datum, declared: Datum) -> None:
    written = [moved(zone, "gcj02", drawn_in) for zone in ZONES]
    suspicion = suspect_datum(written, declared, CITY, "gcj02")
    assert suspicion is not None
    assert (suspicion.declared, suspicion.likely) == (declared, drawn_in)
    assert suspicion.declared_outside > 0.01
    assert suspicion.likely_outside < 0.001


@pytest.mark.parametrize("declared", DATUMS)
def test_zones_in_their_declared_datum_are_not_suspected(declared: Datum) -> None:
    written = [moved(zone, "gcj02", declared) for zone in ZONES]
    assert suspect_datum(written, declared, CITY, "gcj02") is None


def test_zones_that_fit_no_datum_are_not_blamed_on_the_datum() -> None:
    elsewhere = [square(126.3, 43.3, 0.3)]
    assert suspect_datum(elsewhere, "gcj02", CITY, "gcj02") is None


def test_zones_deep_inside_the_city_give_no_sign() -> None:
    assert suspect_datum([square(126.1, 43.1, 0.1)], "wgs84", CITY, "gcj02") is None
    assert suspect_datum([], "wgs84", CITY, "gcj02") is None


def test_sites_along_the_border_reveal_their_datum_once_three_lie_outside() -> None:
    border = [(126.001, 43.05), (126.001, 43.15), (126.001, 43.25), (126.2, 43.2), (126.2, 43.3)]
    written = convert(np.array(border), "gcj02", "wgs84")
    suspicion = suspect_datum(shapely.MultiPoint(written), "gcj02", CITY, "gcj02")
    assert suspicion is not None
    assert suspicion.likely == "wgs84"
    assert suspicion.declared_outside == pytest.approx(3 / 5)
    assert suspect_datum(shapely.MultiPoint(written[1:]), "gcj02", CITY, "gcj02") is None


@pytest.mark.parametrize(("declared", "suspected"), [("gcj02", False), ("wgs84", True), ("bd09", True)])
def test_uneven_zones_of_a_whole_city_are_recognised_as_gcj02(declared: Datum, suspected: bool) -> None:
    zones = made_subdistricts()
    outline: Any = shapely.union_all(zones)
    suspicion = suspect_datum(zones, declared, outline, "gcj02")
    assert (suspicion is not None and suspicion.likely == "gcj02") is suspected


@needs_jilin
@pytest.mark.parametrize(("declared", "suspected"), [("gcj02", False), ("wgs84", True), ("bd09", True)])
def test_real_zones_of_jilin_are_recognised_as_gcj02(declared: Datum, suspected: bool) -> None:
    def shapes(name: str) -> list[Any]:
        return [shape(feature["geometry"]) for feature in json.loads((JILIN / name).read_text())["features"]]

    outline: Any = shapely.union_all(shapes("jilin_districts_gcj02.geojson"))
    zones = shapes("jilin_subdistrict_voronoi_gcj02.geojson")
    suspicion = suspect_datum(zones, declared, outline, "gcj02")
    assert (suspicion is not None and suspicion.likely == "gcj02") is suspected
