"""Zones in a stranger's GeoJSON: what is read of a feature, and the row and reason of every fault."""

from datetime import date
from typing import Any

import msgspec
import pytest

from dispatch.geo.polygons import to_geojson
from dispatch.tables.cells import CellError
from dispatch.zones import features
from dispatch.zones.features import Features, priority_group, read_features
from tests.make import square
from tests.zones.files import collection, feature


def read(*properties: dict[str, Any], **members: Any) -> Features:
    found = [
        {"type": "Feature", "properties": each, "geometry": to_geojson(square(column))}
        for column, each in enumerate(properties)
    ]
    return read_features(collection(*found, **members))


def reasons(file: Features) -> list[tuple[int, str | None, str | None, str]]:
    return [(error.row, error.code, error.field, error.reason) for error in file.errors]


def test_a_feature_is_read_by_english_and_chinese_names_in_every_spelling() -> None:
    file = read(
        {
            "代码": 990101001, "片区名称": " 东关 ", "户数": "６，001", "人口": 15000.0, "类型": "老城区", "行政区划代码": "990101",
            "派出所": "东关派出所", "来源": "户籍", "截止日期": "2027年3月1日", "重点人群": {"elderly": 0.18, "学生": "5%"},
            "colour": {"r": 1},
        },
        {"code": "Z2", "name": "西关", "households": None, "priority_groups": None, "kind": "古镇"},
    )  # fmt: skip
    assert file.errors == []
    assert file.claimed_datum is None
    first, second = file.features
    assert (first.row, first.code, second.row, second.code) == (1, "990101001", 2, "Z2")
    assert first.values == {
        "code": "990101001", "name": "东关", "households": 6001, "population": 15000, "kind": "old_core",
        "division_code": "990101", "police_station": "东关派出所", "households_source": "户籍",
        "households_as_of": date(2027, 3, 1), "priority_groups": {"elderly": 0.18, "students": 0.05},
    }  # fmt: skip
    assert second.values == {"code": "Z2", "name": "西关", "kind": "古镇"}
    assert first.polygon.equals_exact(square(0), 1e-9)


@pytest.mark.parametrize(
    ("more", "reasons_"),
    [
        ({"households": -1}, [("households", "negative")]),
        ({"households": 1.5}, [("households", "not-a-number")]),
        ({"households": 50_000_001}, [("households", "out-of-range")]),
        ({"households": True}, [("households", "invalid-value")]),
        ({"households": [1]}, [("households", "invalid-value")]),
        ({"户数": 5, "households": 6}, [("households", "double-property")]),
        ({"户数": 5, "households": "5"}, []),
        ({"households": 50_000_000}, []),
        ({"kind": "东" * 40}, []),
        ({"kind": "东" * 41}, [("kind", "too-long")]),
        ({"police_station": "东" * 120}, []),
        ({"police_station": "东" * 121}, [("police_station", "too-long")]),
        ({"households_source": "东" * 201}, [("households_source", "too-long")]),
        ({"priority_groups": 5}, [("priority_groups", "invalid-value")]),
        ({"priority_groups": {"elderly": 1.5}}, [("priority_groups", "out-of-range")]),
        ({"priority_groups": {"外星人": 0.5}}, [("priority_groups", "unknown-choice")]),
        ({"households": -1, "population": "很多"}, [("households", "negative"), ("population", "not-a-number")]),
    ],
)
def test_a_property_that_cannot_be_read_is_named(more: dict[str, Any], reasons_: list[tuple[str, str]]) -> None:
    file = read({"code": "Z1", "name": "东关", **more})
    assert reasons(file) == [(1, "Z1", field, reason) for field, reason in reasons_]
    assert len(file.features) == (0 if reasons_ else 1)


@pytest.mark.parametrize(
    ("more", "division", "name"),
    [
        ({"adcode": 220202, "district": "昌邑区"}, "220202", "昌邑区"),
        ({"district": "220202"}, "220202", None),
        ({"district": 220202}, "220202", None),
        ({"区县": "昌邑区", "区划代码": "220202001000"}, "220202001000", "昌邑区"),
        ({"adcode": "２２０２０２", "division_code": "220202001000"}, "220202001000", None),
        ({"division_code": "220202001000", "district_code": "220202"}, "220202001000", None),
        ({"district": None}, None, None),
    ],
)
def test_the_district_is_read_by_the_names_that_map_files_use(
    more: dict[str, Any], division: str | None, name: str | None
) -> None:
    file = read({"code": "Z1", "name": "兴华街道", **more})
    assert file.errors == []
    (zone,) = file.features
    assert (zone.values.get("division_code"), zone.district_name) == (division, name)
    assert "district_name" not in zone.values


def test_two_places_for_one_zone_are_a_fault_and_an_area_with_nothing_but_its_adcode_goes_by_that() -> None:
    assert reasons(read({"code": "Z1", "name": "兴华", "adcode": 220202, "division_code": "220203001000"})) == [
        (1, "Z1", "division_code", "double-property")
    ]
    (district,) = read({"adcode": 220202, "name": "昌邑区"}).features
    assert (district.code, district.values["division_code"]) == ("220202", "220202")


def test_a_zone_of_the_sample_file_is_never_taken() -> None:
    assert reasons(read({"code": "EXAMPLE-1", "name": "示例片区"})) == [(1, "EXAMPLE-1", "code", "sample-left-in")]


def test_a_feature_without_code_name_or_shape_is_no_zone_and_the_others_are_read() -> None:
    file = read_features(
        collection(
            {"type": "Feature", "properties": None, "geometry": to_geojson(square(0))},
            feature("Z2", square(1)),
            {"type": "Feature", "properties": {"code": "Z3", "name": "x"}, "geometry": None},
            "nonsense",
            {"type": "Feature", "properties": {"code": "片区", "name": "y" * 121}, "geometry": to_geojson(square(0))},
        )
    )
    assert reasons(file) == [
        (1, None, "code", "missing-value"),
        (1, None, "name", "missing-value"),
        (3, "Z3", "geometry", "invalid-geometry"),
        (4, None, None, "malformed"),
        (5, None, "code", "invalid-code"),
        (5, None, "name", "too-long"),
    ]
    assert [(each.row, each.code) for each in file.features] == [(2, "Z2")]


@pytest.mark.parametrize(
    ("document", "row", "reason"),
    [
        (b"", 0, "malformed"),
        (b"[]", 0, "malformed"),
        (b'{"type": "Feature", "features": [{}]}', 0, "malformed"),
        (b'{"type": "FeatureCollection", "features": []}', 0, "no-rows"),
        (b'{"type": "FeatureCollection", "features": {}}', 0, "malformed"),
        (b"[" * 100_000, 0, "malformed"),
        (collection(feature("Z1", square(0)), datum="mars"), 0, "unknown-datum"),
        (collection(feature("Z1", square(0)), feature("Z2", square(1))).replace(b"36.92", b"NaN", 1), 1, "malformed"),
        (collection(feature("Z1", square(0)), feature("Z2", square(1)))[:-20], 0, "malformed"),
    ],
    ids=["empty", "list", "one feature", "no features", "no list", "deep", "no datum", "NaN", "cut off"],
)
def test_a_file_that_is_no_collection_of_features_has_one_fault(document: bytes, row: int, reason: str) -> None:
    file = read_features(document)
    assert [(error.row, error.reason) for error in file.errors] == [(row, reason)]
    assert file.features == []


def test_a_number_that_json_does_not_have_is_hinted_at() -> None:
    for text, hinted in ((b"NaN", True), (b"Infinity", True), (b"x", False)):
        document = collection(feature("Z1", square(0))).replace(b"36.92", text, 1)
        assert ("NaN and Infinity" in read_features(document).errors[0].detail) == hinted


@pytest.mark.parametrize("claimed", ["gcj02", "WGS84", "cgcs2000", "bd09"])
def test_a_file_may_name_its_datum(claimed: str) -> None:
    assert read({"code": "Z1", "name": "x"}, datum=claimed).claimed_datum == claimed.casefold()


def test_files_and_cities_have_a_largest_size(monkeypatch: pytest.MonkeyPatch) -> None:
    document = collection(feature("Z1", square(0)), feature("Z2", square(1)))
    monkeypatch.setattr(features, "MOST_ZONES", 2)
    monkeypatch.setattr(features, "MOST_BYTES", len(document))
    assert len(read_features(document).features) == 2
    assert len(read_features(b"\xef\xbb\xbf" + document).features) == 2, "a byte order mark does not count"
    monkeypatch.setattr(features, "MOST_BYTES", len(document) - 1)
    assert reasons(read_features(document)) == [(0, None, None, "too-large")]
    monkeypatch.setattr(features, "MOST_BYTES", len(document))
    monkeypatch.setattr(features, "MOST_ZONES", 1)
    assert reasons(read_features(document)) == [(0, None, None, "too-many-rows")]


def test_a_city_has_at_most_ten_thousand_zones() -> None:
    nothing = msgspec.Raw(b"0")
    for count, reason in ((10_000, "malformed"), (10_001, "too-many-rows")):
        document = msgspec.json.encode({"type": "FeatureCollection", "features": [nothing] * count})
        assert read_features(document).errors[0].reason == reason


@pytest.mark.parametrize(
    ("written", "group"),
    [("老年人", "elderly"), ("学生", "students"), ("务工人员", "migrant_workers"), ("暂住人口", "temporary_residents"),
     ("妇女", "women"), ("Women", "women"), ("night_shift", "night_shift"), ("a" * 40, "a" * 40)],
)  # fmt: skip
def test_a_priority_group_is_named_in_chinese_or_by_an_identifier(written: str, group: str) -> None:
    assert priority_group(written) == group


@pytest.mark.parametrize("written", ["外星人", "a" * 41, "1st", "a-b", ""])
def test_what_names_no_priority_group_is_refused(written: str) -> None:
    with pytest.raises(CellError) as refused:
        priority_group(written)
    assert refused.value.reason == "unknown-choice"
