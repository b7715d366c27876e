"""A template holds the columns the import reads, a sample row that would be taken if it were somebody's, the city's own
codes, and words on how to fill it in."""

import io
import re
from datetime import date
from pathlib import Path
from typing import Any, get_args

import pytest
from openpyxl import load_workbook

from dispatch.partners.rules import KINDS
from dispatch.tables.sheets import SAMPLE, read_table
from dispatch.tables.workbooks import write_template
from dispatch.templates.rules import (
    NOTES,
    PARTNER_KINDS,
    TEMPLATES,
    KnownCodes,
    NamedOutlet,
    NamedPartner,
    NamedZone,
    TemplateName,
    known_rows,
    listed_codes,
    sheet_columns,
)
from dispatch.templates.sample_zones import sample_zones
from dispatch.zones.features import KINDS as ZONE_KINDS
from dispatch.zones.features import PRIORITY_GROUPS, ZONE_COLUMNS, read_features

NAMES: tuple[TemplateName, ...] = get_args(TemplateName)


def test_there_is_a_template_for_every_table() -> None:
    assert tuple(TEMPLATES) == NAMES
    assert len({template.title for template in TEMPLATES.values()}) == len(NAMES)


def written(name: TemplateName, known: KnownCodes, *, sample: tuple[str, ...] | None = None) -> bytes:
    template = TEMPLATES[name]
    rows, codes = known_rows(name, known), listed_codes(name, known)
    return write_template(template.title, sheet_columns(template), sample or template.sample, NOTES, rows, codes)


@pytest.mark.parametrize("name", NAMES)
def test_the_import_reads_the_columns_and_leaves_the_sample_out(name: TemplateName) -> None:
    template = TEMPLATES[name]
    left_in = read_table(written(name, KnownCodes()), template.columns)
    assert left_in.rows == []
    assert [error.reason for error in left_in.errors] == ["no-rows"], "nothing but the sample"
    own = tuple(cell.removeprefix(SAMPLE) for cell in template.sample)
    table = read_table(written(name, KnownCodes(), sample=own), template.columns)
    assert table.errors == []
    (row,) = table.rows
    assert list(row.values) == [column.name for column in template.columns]
    assert all(value is not None for value in row.values.values()), "the sample fills every column"


KNOWN = KnownCodes(
    zones=[
        NamedZone("220202001000", "兴华街道", 8412, 23650, "公安户籍", date(2027, 3, 1)),
        NamedZone("220202003000", "=东局子街道", None, None, "", None),
    ],
    partners=[NamedPartner("ZTO", "中通快递")],
    outlets=[NamedOutlet("ZTO-01", "兴华网点", "220202001000", "兴华街道"), NamedOutlet("ZTO-02", "总部", None, None)],
)


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("households", [
            ("220202001000", "8412", "23650", "公安户籍", "2027-03-01", "兴华街道"),
            ("220202003000", "", "", "", "", "=东局子街道")]),
        ("incidents", [("220202001000", "", "", "", "兴华街道"), ("220202003000", "", "", "", "=东局子街道")]),
        ("priority-groups", [("220202001000", "", "", "兴华街道"), ("220202003000", "", "", "=东局子街道")]),
        ("capacity", [("ZTO-01", "220202001000", "", ""), ("ZTO-02", "", "", "")]),
        ("partners", []), ("outlets", []), ("riders", []), ("depots", []),
    ],
)  # fmt: skip
def test_the_citys_own_codes_and_names_are_filled_in(name: TemplateName, rows: list[tuple[str, ...]]) -> None:
    assert known_rows(name, KNOWN) == rows
    assert all(len(row) == len(TEMPLATES[name].columns) for row in rows)
    sheet: Any = load_workbook(io.BytesIO(written(name, KNOWN))).worksheets[0]
    kept = [
        tuple(cell or "" for cell in row) for row in sheet.iter_rows(min_row=3, max_row=2 + len(rows), values_only=True)
    ]
    assert kept == rows, "a name that begins like a formula comes back as a name"


def test_what_is_filled_in_is_read_and_the_row_that_still_lacks_something_is_named() -> None:
    table = read_table(written("households", KNOWN), TEMPLATES["households"].columns)
    assert [row.values["zone_code"] for row in table.rows] == ["220202001000"]
    assert [(error.row, error.field, error.reason) for error in table.errors] == [(3, "households", "missing-value")]


def test_a_sheet_lists_the_codes_that_the_columns_take() -> None:
    zones = [("片区", "220202001000", "兴华街道"), ("片区", "220202003000", "=东局子街道")]
    assert listed_codes("outlets", KNOWN) == [("合作单位", "ZTO", "中通快递"), *zones]
    assert listed_codes("riders", KNOWN) == [("网点", "ZTO-01", "兴华网点"), ("网点", "ZTO-02", "总部")]
    assert listed_codes("depots", KNOWN) == []
    firm = KnownCodes(outlets=KNOWN.outlets)
    assert ("片区", "220202001000", "兴华街道") in listed_codes("capacity", firm), (
        "a firm gets the zones of its outlets"
    )
    book: Any = load_workbook(io.BytesIO(written("outlets", KNOWN)))
    assert [cell.value for cell in book["本市代码"][2]] == ["合作单位", "ZTO", "中通快递"]


def test_the_sample_of_zones_shows_every_property_and_none_of_its_zones_is_taken() -> None:
    refused = read_features(sample_zones())
    assert refused.features == []
    assert [error.reason for error in refused.errors] == ["sample-left-in", "sample-left-in"]
    own = read_features(sample_zones().replace(b"EXAMPLE-", b"Z"))
    assert own.errors == []
    for zone in own.features:
        assert {*zone.values, "district_name"} == {column.name for column in ZONE_COLUMNS}
        assert zone.district_name
        assert zone.values["kind"] in ZONE_KINDS.values()


WEB = Path("dispatch/web/src")


@pytest.mark.parametrize(
    ("prefix", "words"),
    [
        ("partner_kind", {KINDS[word]: word for word in PARTNER_KINDS}),
        ("group", {value: word for word, value in PRIORITY_GROUPS.items()}),
    ],
    ids=["kinds of partners", "priority groups"],
)
def test_pages_and_templates_say_the_same_word(prefix: str, words: dict[str, str]) -> None:
    for path in sorted(WEB.rglob("*messages*.ts")) + sorted(WEB.glob("messages/*.ts")):
        for value, shown in re.findall(
            rf"^  {prefix}_(\w+): \['([^']+)'", path.read_text(encoding="utf-8"), re.MULTILINE
        ):
            if value in words:
                assert shown == words[value], f"{path}: {prefix}_{value}"


@pytest.mark.parametrize("name", NAMES)
def test_every_column_says_whether_it_is_needed_and_offers_its_words_or_explains_itself(name: TemplateName) -> None:
    template = TEMPLATES[name]
    for column, shown in zip(template.columns, sheet_columns(template), strict=True):
        assert (shown.header, shown.required) == (column.header, column.required)
        if column.name in template.choices:
            assert (shown.choices, shown.hint) == (template.choices[column.name], "")
        else:
            assert shown.choices == ()
            assert shown.hint or column.name in ("name", "address"), column.name


def test_the_words_that_are_offered_are_words_the_import_knows() -> None:
    assert set(PARTNER_KINDS) <= set(KINDS)
    assert {KINDS[word] for word in PARTNER_KINDS} == set(KINDS.values()), "one for each kind of partner"
    assert len(PARTNER_KINDS) == len(set(KINDS.values()))
    assert TEMPLATES["partners"].choices == {"kind": PARTNER_KINDS}
    assert TEMPLATES["priority-groups"].choices == {"priority_group": tuple(PRIORITY_GROUPS)}
