"""Reading areas from strangers' GeoJSON: a valid polygon or one clear reason."""

from typing import Any

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from dispatch.geo.geojson import MOST_POINTS, GeometryError, read_polygon

SQUARE = [[126.0, 43.0], [126.1, 43.0], [126.1, 43.1], [126.0, 43.1], [126.0, 43.0]]
HOLE = [[126.04, 43.04], [126.06, 43.04], [126.06, 43.06], [126.04, 43.06], [126.04, 43.04]]
ELSEWHERE = [[x + 1.0, y] for x, y in SQUARE]


def polygon(*rings: Any) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": list(rings)}


def refusal(geometry: object) -> GeometryError:
    with pytest.raises(GeometryError) as caught:
        read_polygon(geometry)
    return caught.value


def test_a_polygon_with_a_hole_is_read() -> None:
    area = read_polygon(polygon(SQUARE, HOLE))
    assert isinstance(area, shapely.Polygon)
    assert area.area == pytest.approx(0.01 - 0.0004)


def test_a_multipolygon_stays_one() -> None:
    area = read_polygon({"type": "MultiPolygon", "coordinates": [[SQUARE, HOLE], [ELSEWHERE]]})
    assert isinstance(area, shapely.MultiPolygon)
    assert area.area == pytest.approx(0.0196)


def test_heights_are_dropped() -> None:
    area = read_polygon(polygon([[x, y, 215.5] for x, y in SQUARE]))
    assert not area.has_z
    assert area.equals(shapely.Polygon(SQUARE))


def test_a_ring_left_open_is_closed() -> None:
    assert read_polygon(polygon(SQUARE[:-1])).equals(shapely.Polygon(SQUARE))


NO_AREAS: list[tuple[Any, str, str]] = [
    (None, "missing", "no geometry"),
    ([1, 2], "malformed", "not an object"),
    ({}, "unknown-type", "none given"),
    ({"type": "Point", "coordinates": [126.0, 43.0]}, "unknown-type", "Point"),
    ({"type": ["Polygon"], "coordinates": []}, "unknown-type", "none given"),
    ({"type": "Polygon"}, "malformed", "list was expected"),
    ({"type": "Polygon", "coordinates": []}, "empty", "no coordinates"),
    ({"type": "MultiPolygon", "coordinates": [[]]}, "empty", "part 0 has no rings"),
    (polygon([]), "empty", "ring 0 has no points"),
    (polygon("126,43"), "malformed", "list was expected"),
    (polygon([126.0, 43.0]), "malformed", "point 0"),
    (polygon([[126.0], *SQUARE]), "malformed", "point 0 has no two numbers"),
    (polygon([["126", "43"], *SQUARE]), "malformed", "not made of numbers"),
    (polygon([[True, 43.0], *SQUARE]), "malformed", "not made of numbers"),
    (polygon(SQUARE[:2]), "too-few-points", "part 0, ring 0"),
    (polygon([SQUARE[0], SQUARE[1], SQUARE[0], SQUARE[1]]), "too-few-points", "different points"),
    (polygon(SQUARE, HOLE[:2]), "too-few-points", "part 0, ring 1"),
    (polygon([[float("nan"), 43.0], *SQUARE[1:-1]]), "not-finite", "point 0"),
    (polygon([[10**400, 43.0], *SQUARE[1:-1]]), "not-finite", "point 0"),
    (polygon([[y, x] for x, y in SQUARE]), "swapped", "longitude comes first"),
    (polygon([[x * 1e5, y * 1e5] for x, y in SQUARE]), "out-of-range", "outside longitude"),
    (polygon([[126.0, 43.0], [126.1, 43.1], [126.2, 43.2], [126.0, 43.0]]), "zero-area", "no area"),
    (polygon([SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3]]), "self-intersection", "126.05 43.05"),
    (polygon(HOLE, SQUARE), "invalid", "Hole"),
]


@pytest.mark.parametrize(("geometry", "reason", "words"), NO_AREAS)
def test_a_geometry_that_is_no_area_is_refused_with_its_reason(geometry: object, reason: str, words: str) -> None:
    error = refusal(geometry)
    assert error.reason == reason
    assert words in error.detail


def test_parts_that_overlap_are_refused() -> None:
    assert refusal({"type": "MultiPolygon", "coordinates": [[SQUARE], [SQUARE]]}).reason in {
        "self-intersection",
        "invalid",
    }


def test_more_than_two_hundred_thousand_points_are_refused_before_they_are_looked_at() -> None:
    error = refusal(polygon([None] * (MOST_POINTS + 1)))
    assert error.reason == "too-many-points"
    assert "200001" in error.detail


def test_nesting_without_end_is_refused_calmly() -> None:
    deep: list[Any] = []
    for _ in range(50_000):
        deep = [deep]
    assert refusal({"type": "Polygon", "coordinates": deep}).reason == "malformed"
    assert refusal(polygon([deep, deep])).reason == "malformed"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=5),
    max_leaves=20,
)


@given(st.sampled_from(["Polygon", "MultiPolygon"]), json_values)
def test_whatever_the_coordinates_hold_there_is_an_area_or_a_reason(kind: str, coordinates: object) -> None:
    try:
        valid = read_polygon({"type": kind, "coordinates": coordinates}).is_valid
    except GeometryError as error:
        valid = bool(error.detail)
    assert valid
