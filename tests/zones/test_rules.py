"""What of a file or a table is taken for a city's zones, what it changes, and every reason why it is refused."""

from datetime import date
from typing import Any
from uuid import UUID

import msgspec
import pytest
import shapely

from dispatch.geo.datum import DATUMS, Datum
from dispatch.geo.polygons import from_wkb, to_wkb, transform
from dispatch.tables.sheets import Column, ImportRefused, Row, read_table
from dispatch.zones import rules
from dispatch.zones.features import Features, FileZone
from dispatch.zones.records import CityRecord, ZoneRecord
from schemas.common import RowError
from tests.make import square

YUNCHUAN = CityRecord(code="99", name="云川市", datum="gcj02", demonstration=False)
IDS = [UUID(int=100 + number) for number in range(9)]
MARCH, APRIL = date(2027, 3, 1), date(2027, 4, 1)


def record(column: int, **more: Any) -> ZoneRecord:
    """Zone Z<column> of the city, as it is kept."""
    values: dict[str, Any] = {"boundary": to_wkb(square(column)), "area_square_metres": 4e6, **more}
    return ZoneRecord(zone_id=UUID(int=column + 1), code=f"Z{column}", name=f"片区{column}", **values)


def feature(row: int, code: str, polygon: Any, **values: Any) -> FileZone:
    return FileZone(row, code, {"code": code, "name": f"片区{code}", **values}, polygon)


def judge(
    *features: FileZone,
    existing: tuple[ZoneRecord, ...] = (),
    datum: Datum = "gcj02",
    claimed: str | None = None,
    confirmed: bool = False,
    errors: tuple[RowError, ...] = (),
) -> rules.ZoneChanges:
    file = Features(list(features), list(errors), claimed)
    return rules.judge_zones(file, existing, IDS, datum, "gcj02", confirmed)


def reasons(refused: pytest.ExceptionInfo[ImportRefused]) -> list[tuple[int, str | None, str | None, str]]:
    return [(error.row, error.code, error.field, error.reason) for error in refused.value.every]


# ---- cities


@pytest.mark.parametrize("datum", DATUMS)
def test_a_known_datum_is_taken(datum: str) -> None:
    assert rules.judge_datum(datum) == datum


@pytest.mark.parametrize("datum", ["mars", "GCJ02", ""])
def test_an_unknown_datum_is_never_guessed_at(datum: str) -> None:
    with pytest.raises(rules.UnknownDatum) as refused:
        rules.judge_datum(datum)
    assert (refused.value.status, refused.value.extensions) == (422, {"field": "datum"})


def test_a_city_that_exists_as_described_is_no_other_city() -> None:
    rules.judge_city(99, YUNCHUAN, YUNCHUAN)


@pytest.mark.parametrize(
    "existing",
    [
        None,
        CityRecord(code="98", name="云川市", datum="gcj02", demonstration=False),
        CityRecord(code="99", name="别的市", datum="gcj02", demonstration=False),
        CityRecord(code="99", name="云川市", datum="wgs84", demonstration=False),
        CityRecord(code="99", name="云川市", datum="gcj02", demonstration=True),
    ],
    ids=["code taken by another number", "other code", "other name", "other datum", "a demonstration"],
)
def test_a_number_or_code_that_is_another_citys_is_refused(existing: CityRecord | None) -> None:
    with pytest.raises(rules.CityDiffers) as refused:
        rules.judge_city(99, YUNCHUAN, existing)
    assert (refused.value.status, refused.value.extensions) == (409, {"city_id": 99})


# ---- files of zones


def test_an_unknown_code_is_a_new_zone_with_all_that_the_file_names() -> None:
    changes = judge(feature(1, "Z0", square(0), households=6001), feature(2, "Z9", square(9)), existing=(record(1),))
    assert [(zone.code, zone.zone_id, zone.households) for zone in changes.created] == [
        ("Z0", IDS[0], 6001),
        ("Z9", IDS[1], None),
    ]
    assert (changes.changed, changes.unchanged) == ([], 0)
    assert [zone.code for zone in changes.everything] == ["Z1", "Z0", "Z9"]
    assert changes.created[0].area_square_metres == pytest.approx(3.96e6, rel=0.01)
    assert from_wkb(changes.created[0].boundary).equals_exact(square(0), 1e-9)


def test_a_known_code_changes_its_zone_and_what_the_file_does_not_name_stays() -> None:
    before = record(0, households=5, population=9, kind="old_core", priority_groups={"elderly": 0.2})
    changes = judge(feature(1, "Z0", square(4), households=7), existing=(before, record(1)))
    (after,) = changes.changed
    assert (after.zone_id, after.households, after.population, after.kind) == (before.zone_id, 7, 9, "old_core")
    assert after.priority_groups == {"elderly": 0.2}
    assert from_wkb(after.boundary).equals_exact(square(4), 1e-9)
    assert (changes.created, changes.unchanged) == ([], 0)
    assert changes.everything == [after, record(1)]


def test_a_zone_that_is_as_the_file_has_it_is_unchanged() -> None:
    (kept,) = judge(feature(1, "Z0", square(0))).created
    changes = judge(feature(1, "Z0", square(0)), feature(2, "Z9", square(9)), existing=(kept,))
    assert ([zone.code for zone in changes.created], changes.changed, changes.unchanged) == (["Z9"], [], 1)
    assert len(changes.everything) == 2


@pytest.mark.parametrize("datum", DATUMS)
def test_boundaries_are_kept_in_the_citys_datum(datum: Datum) -> None:
    (zone,) = judge(feature(1, "Z0", transform(square(0), "gcj02", datum)), datum=datum).created
    assert from_wkb(zone.boundary).hausdorff_distance(square(0)) < 1e-7


def test_faults_of_reading_and_of_judging_come_back_together() -> None:
    unread = RowError(row=3, code="Z7", field="households", reason="negative", detail="must not be negative")
    with pytest.raises(ImportRefused) as refused:
        judge(
            feature(1, "Z0", square(0)),
            feature(2, "Z0", square(5)),
            feature(4, "Z8", shapely.box(80, 30, 120, 45)),
            claimed="wgs84",
            errors=(unread,),
        )
    assert reasons(refused) == [
        (0, None, "datum", "datum-contradicted"),
        (2, "Z0", "code", "duplicate-code"),
        (3, "Z7", "households", "negative"),
        (4, "Z8", "geometry", "too-large"),
    ]
    assert "feature 1 has this code" in refused.value.every[1].detail


@pytest.mark.parametrize("claimed", [None, "gcj02"])
def test_a_file_may_name_its_datum_or_not(claimed: str | None) -> None:
    assert len(judge(feature(1, "Z0", square(0)), claimed=claimed).created) == 1


def test_overlaps_are_a_fault_with_a_zone_of_the_file_and_with_one_of_the_city() -> None:
    half = shapely.box(104.21, 36.90, 104.22, 36.92)
    with pytest.raises(ImportRefused) as refused:
        judge(feature(1, "Z0", square(0)), feature(2, "Z8", half))
    assert reasons(refused) == [(2, "Z8", "geometry", "overlap")]
    with pytest.raises(ImportRefused) as with_city:
        judge(feature(1, "Z8", half), existing=(record(0),))
    assert reasons(with_city) == [(1, "Z8", "geometry", "overlap")]
    assert "overlaps zone Z0 by" in with_city.value.every[0].detail


def test_a_wrong_datum_is_suspected_unless_somebody_looked() -> None:
    city = tuple(record(column) for column in range(4))
    drawn = [feature(column, f"Z{column}", transform(square(column), "gcj02", "wgs84")) for column in range(4)]
    with pytest.raises(ImportRefused) as refused:
        judge(*drawn, existing=city)
    assert reasons(refused) == [(0, None, "datum", "wrong-datum-suspected")]
    assert len(judge(*drawn, existing=city, confirmed=True).changed) == 4
    assert judge(*drawn, existing=city, datum="wgs84").created == []


def test_a_fault_is_reported_before_a_datum_is_suspected_or_overlaps_are_looked_for() -> None:
    city = tuple(record(column) for column in range(4))
    drawn = [feature(column, f"Z{column}", transform(square(column), "gcj02", "wgs84")) for column in range(4)]
    with pytest.raises(ImportRefused) as refused:
        judge(*drawn, feature(9, "Z0", square(0)), existing=city)
    assert reasons(refused) == [(9, "Z0", "code", "duplicate-code")]


# ---- tables by zone code


def table(*rows: dict[str, Any]) -> list[Row]:
    return [Row(number, values) for number, values in enumerate(rows, start=1)]


def households(zone_code: str, households: int, **more: Any) -> dict[str, Any]:
    nothing = {"population": None, "households_source": None, "households_as_of": None, "name": "别名"}
    return {"zone_code": zone_code, "households": households, **nothing, **more}


def test_households_are_taken_with_what_else_the_row_names() -> None:
    before = record(0, households=5, population=9, households_source="旧", households_as_of=MARCH)
    changes = rules.judge_households(
        table(households("Z0", 6), households("Z1", 7, households_source="户籍", households_as_of=APRIL, population=1)),
        [before, record(1), record(2)],
    )
    first, second = changes.changed
    assert (first.households, first.population, first.households_source, first.households_as_of) == (6, 9, "旧", MARCH)
    assert first.name == before.name
    assert (second.households, second.population, second.households_source, second.households_as_of) == (
        7,
        1,
        "户籍",
        APRIL,
    )
    assert (changes.created, changes.unchanged, len(changes.everything)) == ([], 0, 3)


def test_a_number_that_is_kept_already_changes_nothing() -> None:
    changes = rules.judge_households(table(households("Z0", 5)), [record(0, households=5)])
    assert (changes.changed, changes.unchanged) == ([], 1)


def group(zone_code: str, priority_group: str, share: float) -> dict[str, Any]:
    return {"zone_code": zone_code, "priority_group": priority_group, "share": share}


def test_shares_of_named_groups_are_taken_and_others_stay() -> None:
    before = record(0, priority_groups={"elderly": 0.2, "women": 0.5})
    changes = rules.judge_priority_groups(
        table(group("Z0", "elderly", 0.3), group("Z0", "students", 0.1), group("Z1", "women", 0.5)),
        [before, record(1, priority_groups={"women": 0.5})],
    )
    assert [zone.priority_groups for zone in changes.changed] == [{"elderly": 0.3, "women": 0.5, "students": 0.1}]
    assert changes.unchanged == 1
    assert before.priority_groups == {"elderly": 0.2, "women": 0.5}


def count(zone_code: str, month: date, scam_type: str, incidents: int) -> dict[str, Any]:
    return {"zone_code": zone_code, "month": month, "scam_type": scam_type, "incidents": incidents}


def test_counts_are_taken_by_zone_month_and_type_of_scam() -> None:
    zone_ids = {"Z0": UUID(int=1), "Z1": UUID(int=2)}
    counts = table(
        count("Z0", MARCH, "刷单返利", 3), count("Z0", APRIL, "刷单返利", 0), count("Z1", MARCH, "刷单返利", 1)
    )
    assert rules.judge_incidents(counts, zone_ids) == {
        (UUID(int=1), MARCH, "刷单返利"): 3,
        (UUID(int=1), APRIL, "刷单返利"): 0,
        (UUID(int=2), MARCH, "刷单返利"): 1,
    }


def test_only_new_and_other_counts_are_written_and_those_not_named_stay() -> None:
    first, second = UUID(int=1), UUID(int=2)
    kept = {(first, MARCH, "a"): 3, (first, APRIL, "a"): 4, (second, MARCH, "b"): 9}
    wanted = {(second, MARCH, "a"): 0, (first, MARCH, "a"): 3, (first, APRIL, "a"): 5}
    changes = rules.incident_changes(wanted, kept)
    assert changes.written == [(first, APRIL, "a", 5), (second, MARCH, "a", 0)]
    assert (changes.created, changes.changed, changes.unchanged) == (1, 1, 1)


KEYS = {
    "households": ("zone_code",),
    "priority groups": ("zone_code", "priority_group"),
    "incidents": ("zone_code", "month", "scam_type"),
}


@pytest.mark.parametrize("kind", KEYS)
def test_unknown_zones_and_repeated_rows_refuse_a_table(kind: str) -> None:
    rows = [
        {"zone_code": zone_code, "priority_group": "elderly", "month": MARCH, "scam_type": "a", "name": name}
        for zone_code, name in (("Z0", "一"), ("Z7", "二"), ("Z0", "三"), ("Z0", "四"))
    ]
    with pytest.raises(ImportRefused) as refused:
        rules.require_rows(table(*rows), {"Z0": 1, "Z1": 2}, KEYS[kind])
    assert reasons(refused) == [
        (2, "Z7", "zone_code", "unknown-zone"),
        (3, "Z0", KEYS[kind][-1], "double-row"),
        (4, "Z0", KEYS[kind][-1], "double-row"),
    ]
    assert [error.detail for error in refused.value.every[1:]] == ["repeats row 1"] * 2


def judge_table(kind: str, *rows: dict[str, Any]) -> None:
    """Judge a table of this kind in a city of the zones Z0 and Z1."""
    if kind == "households":
        rules.judge_households(table(*rows), [record(0), record(1)])
    elif kind == "priority groups":
        rules.judge_priority_groups(table(*rows), [record(0), record(1)])
    else:
        rules.judge_incidents(table(*rows), {"Z0": IDS[0], "Z1": IDS[1]})


ROWS = {
    "households": (households("Z0", 1), households("Z1", 1)),
    "priority groups": (group("Z0", "women", 0.1), group("Z0", "elderly", 0.1), group("Z1", "women", 0.1)),
    "incidents": (
        count("Z0", MARCH, "a", 1), count("Z0", APRIL, "a", 1), count("Z0", MARCH, "b", 1), count("Z1", MARCH, "a", 1),
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", KEYS)
def test_every_table_takes_rows_that_differ_in_any_part_of_their_key_and_no_others(kind: str) -> None:
    judge_table(kind, *ROWS[kind])
    for wrong in (ROWS[kind][0], {**ROWS[kind][0], "zone_code": "Z7"}):
        with pytest.raises(ImportRefused):
            judge_table(kind, *ROWS[kind], wrong)


LENGTHS = {
    "households": (
        rules.HOUSEHOLD_COLUMNS,
        {"zone_code": "Z0", "households": "50000000"},
        {"name": 120, "households_source": 200},
    ),
    "priority groups": (
        rules.PRIORITY_GROUP_COLUMNS,
        {"zone_code": "Z0", "priority_group": "老年人", "share": "1"},
        {"name": 120},
    ),
    "incidents": (
        rules.INCIDENT_COLUMNS,
        {"zone_code": "Z0", "month": "2027-03", "scam_type": "刷单返利", "incidents": "1000000"},
        {"name": 120, "scam_type": 60},
    ),
}


def faults(columns: tuple[Column, ...], **values: str) -> list[str]:
    table = read_table(f"{','.join(values)}\n{','.join(values.values())}\n".encode(), columns)
    return [error.reason for error in table.errors]


@pytest.mark.parametrize("kind", LENGTHS)
def test_a_table_needs_its_columns_and_takes_texts_up_to_their_length(kind: str) -> None:
    columns, row, longest = LENGTHS[kind]
    assert faults(columns, **row) == []
    for name in row:
        assert faults(columns, **{key: value for key, value in row.items() if key != name}) == ["missing-column"]
    for name, length in longest.items():
        assert faults(columns, **{**row, name: "东" * length}) == []
        assert faults(columns, **{**row, name: "东" * (length + 1)}) == ["too-long"]


def test_numbers_beyond_any_zone_are_out_of_range() -> None:
    assert faults(rules.HOUSEHOLD_COLUMNS, zone_code="Z0", households="50000001") == ["out-of-range"]
    counts = {"zone_code": "Z0", "month": "2027-03", "scam_type": "a", "incidents": "1000001"}
    assert faults(rules.INCIDENT_COLUMNS, **counts) == ["out-of-range"]


# ---- districts


@pytest.mark.parametrize(
    ("code", "given", "division"),
    [
        ("220202001000", None, "220202001000"),
        ("220202001000", "220202", "220202001000"),
        ("220202001000", "220203", "220203"),
        ("220202001", None, ""),
        ("Z1", "220202", "220202"),
    ],
)
def test_a_code_of_twelve_digits_is_the_division_unless_the_file_says_otherwise(
    code: str, given: str | None, division: str
) -> None:
    values = {} if given is None else {"division_code": given}
    (zone,) = judge(feature(1, code, square(0), **values)).created
    assert zone.division_code == division


def test_a_zone_that_is_there_gets_its_division_when_its_file_comes_again() -> None:
    known = msgspec.structs.replace(record(0), code="220202001000", name="片区220202001000")
    changes = judge(feature(1, "220202001000", square(0)), existing=(known,))
    assert [zone.division_code for zone in changes.everything] == ["220202001000"]


def test_districts_are_called_what_most_of_their_zones_say() -> None:
    said = [("220202001000", "昌邑区"), ("220202002000", "昌邑区"), ("220202003000", "高新区"), ("220203001000", None)]
    features = [FileZone(row, code, {}, square(row), name) for row, (code, name) in enumerate(said)]
    zones = [msgspec.structs.replace(record(row), code=code, division_code=code) for row, (code, _) in enumerate(said)]
    assert rules.districts_named(features, zones) == {"220202": "昌邑区"}
    assert rules.districts_named(features, [record(9)]) == {}, "of a zone without a division nobody knows the district"


def test_a_division_without_zones_is_refused() -> None:
    rules.require_division(None, False)
    rules.require_division("220202", True)
    with pytest.raises(rules.DivisionUnknown) as refused:
        rules.require_division("440305", False)
    assert (refused.value.status, refused.value.extensions) == (422, {"field": "division_code"})
