"""The shapes of zones: how large they may be, where they may lie, and which cells and households they have."""

from typing import Any
from uuid import UUID

import pytest
import shapely

from dispatch.geo.polygons import areas_square_metres, to_wkb, transform
from dispatch.zones import shapes
from dispatch.zones.features import FileZone
from dispatch.zones.records import ZoneRecord
from tests.make import square

FIRST, SECOND = UUID(int=1), UUID(int=2)


def record(code: str, polygon: Any, zone_id: UUID = FIRST, **more: Any) -> ZoneRecord:
    return ZoneRecord(
        zone_id=zone_id, code=code, name=code, boundary=to_wkb(polygon), area_square_metres=1.0, **more
    )  # fmt: skip


def features(*polygons: Any) -> list[FileZone]:
    return [FileZone(row, f"F{row}", {}, polygon) for row, polygon in enumerate(polygons, start=1)]


def rectangle(degrees: float, row: int = 0) -> Any:
    """Two degrees high, between 30° and 32°: 50,000 square kilometres are 2.361… degrees wide."""
    return shapely.box(90, 30, 90 + degrees, 32)


FIFTY_THOUSAND, A_LITTLE_LESS, A_LITTLE_MORE = 2.3610507, 2.361027, 2.3610743


@pytest.mark.parametrize(
    ("widths", "reasons"),
    [
        ([2.8332372], []),  # 59,999.5 square kilometres
        ([2.8332844], [(1, "F1", "60001 km² is no delivery zone")]),  # 60,000.5
        ([1, 2.8332844], [(2, "F2", "60001 km² is no delivery zone")]),
        ([FIFTY_THOUSAND] * 5 + [A_LITTLE_LESS], []),
        ([FIFTY_THOUSAND] * 5 + [A_LITTLE_MORE], [(0, None, "300001 km² is no city")]),
        # A zone that is too large explains a city that is.
        ([9, 9], [(1, "F1", "190593 km² is no delivery zone"), (2, "F2", "190593 km² is no delivery zone")]),
        ([], []),
    ],
)
def test_a_zone_has_at_most_60_000_and_a_city_300_000_square_kilometres(
    widths: list[float], reasons: list[tuple[int, str | None, str]]
) -> None:
    polygons = [rectangle(width) for width in widths]
    found = shapes.too_large(features(*polygons), polygons)
    assert [(error.row, error.code, error.detail) for error in found] == reasons
    assert {(error.field, error.reason) for error in found} <= {("geometry", "too-large")}


def test_a_zone_as_large_as_the_limit_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    polygons = [square(0), square(1)]
    each, both = (float(areas_square_metres(part).sum()) / 1e6 for part in (polygons[:1], polygons))
    monkeypatch.setattr(shapes, "LARGEST_ZONE_SQUARE_KILOMETRES", each)
    monkeypatch.setattr(shapes, "LARGEST_CITY_SQUARE_KILOMETRES", both)
    assert shapes.too_large(features(*polygons), polygons) == []


def test_overlaps_are_found_in_the_file_and_with_zones_it_does_not_mention() -> None:
    half = shapely.box(104.21, 36.90, 104.22, 36.92)
    city = [record("F1", square(3)), record("C0", square(0)), record("C1", square(0).buffer(-0.001))]
    polygons = [square(5), half, square(5).buffer(-0.004)]
    found = shapes.overlapping(features(*polygons), polygons, city)
    # C0 and C1 overlap each other already: that is no fault of this file, and F1 is drawn again by it.
    assert sorted((error.row, error.code, error.detail.split(" by ")[0]) for error in found) == [
        (2, "F2", "overlaps zone C0"),
        (2, "F2", "overlaps zone C1"),
        (3, "F3", "overlaps zone F1"),
    ]
    assert {(error.field, error.reason) for error in found} == {("geometry", "overlap")}


def test_a_file_of_one_zone_is_compared_with_the_citys() -> None:
    half = shapely.box(104.21, 36.90, 104.22, 36.92)
    (error,) = shapes.overlapping(features(half), [half], [record("C0", square(0))])
    assert (error.row, error.code) == (1, "F1")


def test_the_area_of_an_overlap_is_named() -> None:
    polygons = [square(0), square(0)]
    (error,) = shapes.overlapping(features(*polygons), polygons, [])
    assert error.detail == f"overlaps zone F1 by {float(areas_square_metres([square(0)])[0]):,.0f} m²"


def test_a_datum_is_suspected_by_the_zones_drawn_again_or_by_the_city_as_a_whole() -> None:
    city = [record(f"C{column}", square(column)) for column in range(4)]
    shifted = [transform(square(column), "gcj02", "wgs84") for column in range(4)]
    again = [FileZone(1, "C1", {}, shifted[1])]
    suspicion = shapes.suspicion_of(again, city, "gcj02", "gcj02")
    assert suspicion is not None
    assert (suspicion.declared, suspicion.likely) == ("gcj02", "wgs84")
    (error,) = shapes.wrong_datum(again, city, "gcj02", "gcj02")
    assert (error.row, error.code, error.field, error.reason) == (0, None, "datum", "wrong-datum-suspected")
    assert error.detail.startswith(f"read as gcj02, {suspicion.declared_outside:.1%} of the area lies outside")
    assert error.detail.endswith(f"read as wgs84, {suspicion.likely_outside:.1%}")
    # With codes the city does not have, only the outline of the whole city can tell.
    others = [FileZone(row, f"N{row}", {}, polygon) for row, polygon in enumerate(shifted)]
    assert shapes.suspicion_of(others, city, "gcj02", "gcj02") is not None
    right = [FileZone(row, f"N{row}", {}, square(row)) for row in range(4)]
    assert shapes.wrong_datum(right, city, "gcj02", "gcj02") == []


def test_a_datum_is_suspected_by_the_whole_though_a_zone_drawn_again_fits() -> None:
    places = [(column, row) for column in range(3) for row in range(3)]
    city = [record(f"C{column}{row}", square(column, row)) for column, row in places]
    centre = FileZone(1, "C11", {}, square(1, 1))
    shifted = [
        FileZone(2, f"N{column}{row}", {}, transform(square(column, row), "gcj02", "wgs84"))
        for column, row in places
        if (column, row) != (1, 1)
    ]
    suspicion = shapes.suspicion_of([centre, *shifted], city, "gcj02", "gcj02")
    assert suspicion is not None
    assert suspicion.likely == "wgs84"


def test_nothing_is_suspected_of_the_first_file_of_a_city_or_of_an_empty_one() -> None:
    assert shapes.suspicion_of(features(square(0)), [], "gcj02", "gcj02") is None
    assert shapes.suspicion_of([], [record("C0", square(0))], "gcj02", "gcj02") is None


def test_every_cell_has_one_zone_and_a_zones_households_sum_exactly() -> None:
    owners = shapes.cells_of_zones(
        [record("Z0", square(0), households=6001), record("Z1", square(1), SECOND, households=None)]
    )
    first = [households for zone_id, households in owners.values() if zone_id == FIRST]
    second = [households for zone_id, households in owners.values() if zone_id == SECOND]
    assert (sum(first), max(first) - min(first)) == (6001, 1)
    assert len(first) > 20
    assert len(second) > 20
    assert set(second) == {0}


@pytest.mark.parametrize(
    ("households", "cells", "parts"),
    [(10, 3, [4, 3, 3]), (2, 3, [1, 1, 0]), (0, 2, [0, 0]), (None, 2, [0, 0]), (5, 1, [5]), (5, 0, [])],
)
def test_households_are_spread_as_evenly_as_whole_numbers_allow(
    households: int | None, cells: int, parts: list[int]
) -> None:
    assert sorted(shapes.spread(households, cells), reverse=True) == parts


def test_households_go_to_the_cells_a_zone_has_and_nowhere_else() -> None:
    zones = [record("Z0", square(0), households=4), record("Z1", square(1), SECOND, households=9)]
    assert shapes.spread_over(zones, {FIRST: [7, 8]}) == {7: (FIRST, 2), 8: (FIRST, 2)}


def test_only_cells_that_differ_are_written_and_those_of_no_zone_go() -> None:
    kept = {5: (FIRST, 1), 6: (FIRST, 1), 7: (FIRST, 2), 8: (SECOND, 2)}
    wanted = {9: (SECOND, 0), 8: (FIRST, 2), 7: (FIRST, 3), 6: (FIRST, 1)}
    changes = shapes.cell_changes(kept, wanted)
    assert changes.gone == [5]
    assert changes.written == [(7, FIRST, 3), (8, FIRST, 2), (9, SECOND, 0)]
