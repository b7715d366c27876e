"""Reading strangers' tables: whatever Excel and its users leave in them is understood, every fault has its row."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.tables import records, sheets
from dispatch.tables.cells import code, day, text, whole_number
from dispatch.tables.sheets import Column, ImportRefused, Table, read_table, refuse, returned_file, together_with
from schemas.common import RowError

COLUMNS = (
    Column("code", "代码", code, aliases=("编码",)),
    Column("name", "名称", text(10)),
    Column("households", "户数", whole_number(100_000), required=False),
    Column("as_of", "日期", day, required=False),
)


def read(document: str) -> Table:
    return read_table(document.encode(), COLUMNS)


def reasons(table: Table) -> list[tuple[int, str | None, str | None, str]]:
    return [(error.row, error.code, error.field, error.reason) for error in table.errors]


def test_english_and_chinese_headers_mean_the_same() -> None:
    english = read("code,name,households,as_of\nZ1,东关,6000,2027-3-15\n")
    chinese = read("日期,*代码, 户数（户） ,名称\n2027年3月15日,Z1,6000,东关\n")
    assert english == chinese
    assert english.rows[0].values == {"code": "Z1", "name": "东关", "households": 6000, "as_of": date(2027, 3, 15)}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030"])
def test_the_encodings_of_excel_and_wps_are_read(encoding: str) -> None:
    table = read_table("代码,名称\nZ1,联通\nZ2,东关\n".encode(encoding), COLUMNS)
    assert [row.values["name"] for row in table.rows] == ["联通", "东关"]
    assert not table.errors


@pytest.mark.parametrize("separator", [",", "\t", ";"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_separators_and_line_ends_of_all_programs_are_read(separator: str, line_end: str) -> None:
    lines = ["代码,名称,户数", 'Z1,"东关",12', "Z2,西关,13", ""]
    table = read(line_end.join(line.replace(",", separator) for line in lines))
    assert [row.values["households"] for row in table.rows] == [12, 13]
    assert table.rows[0].values["name"] == "东关"


@pytest.mark.parametrize(
    "written", ["6000", "６０００", "6,000", "６，０００", "6000.0", " 6 000 ", '="6000"', "'6000", "\t6000"]
)
def test_a_number_is_read_in_every_spelling(written: str) -> None:
    cell = f'"{written}"' if "," in written else written
    assert read(f"code;name;households\nZ1;东关;{cell}\n").rows[0].values["households"] == 6000


def test_blank_rows_and_totals_are_ignored_and_rows_keep_their_numbers() -> None:
    table = read("代码,名称,户数\nZ1,东关,1\n,,\n小计,,1\nZ2,西关,2\n 合 计：,,3\n总计,,3\n\n")
    assert [(row.row, row.values["code"]) for row in table.rows] == [(1, "Z1"), (4, "Z2")]
    assert not table.errors


def test_a_row_after_a_cell_of_several_lines_keeps_the_number_excel_shows() -> None:
    table = read('代码,名称\nZ1,"东\n关"\n?,西关\n')
    assert reasons(table) == [(1, "Z1", "name", "hidden-character"), (2, None, "code", "invalid-code")]


def test_every_fault_of_every_row_is_reported() -> None:
    table = read("代码,名称,户数,日期\nZ1,,-5,2027-2-30\nZ2,东关,1,\n,西关,x,\n")
    assert reasons(table) == [
        (1, "Z1", "name", "missing-value"),
        (1, "Z1", "households", "negative"),
        (1, "Z1", "as_of", "not-a-date"),
        (3, None, "code", "missing-value"),
        (3, None, "households", "not-a-number"),
    ]
    assert [row.row for row in table.rows] == [2]


def test_a_refusal_never_repeats_a_cell() -> None:
    table = read("代码,名称,户数\n王小明,Z1,李大山\n")
    assert len(table.errors) == 2
    assert "王小明" not in str(table.errors)
    assert "李大山" not in str(table.errors)


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (b"", "missing-column"),
        ("代码,名称\n".encode(), "no-rows"),
        ("代码,户数\nZ1,1\n".encode(), "missing-column"),
        ("代码,名称,编码\nZ1,东关,Z1\n".encode(), "double-column"),
        ("代码,名称,颜色\nZ1,东关,红\n".encode(), "unknown-column"),
        (b"code,name\nZ1,\0\n", "not-text"),
        ("代码,名称\nZ1,东关\n".encode("utf-16"), "not-text"),
        (b"PK\x03\x04workbook", "unreadable-workbook"),
        (b"code,name\nZ1,\xff\xff\n", "not-text"),
    ],
)
def test_a_file_that_is_no_such_table_is_refused_in_row_0(document: bytes, reason: str) -> None:
    table = read_table(document, COLUMNS)
    assert [(error.row, error.reason) for error in table.errors] == [(0, reason)]
    assert not table.rows


def test_a_returned_file_with_its_column_of_reasons_is_taken() -> None:
    table = read("序号,代码,名称,备注,错误原因,\n1,Z1,东关,x,代码重复,\n")
    assert not table.errors
    assert table.rows[0].values["code"] == "Z1"


def test_a_cell_without_header_is_not_dropped_silently() -> None:
    assert reasons(read("代码,名称\nZ1,东关,6000\n")) == [(1, None, None, "cell-without-header")]
    assert reasons(read("代码,名称,\nZ1,东关,6000\n")) == [(1, None, None, "cell-without-header")]


def test_an_open_quotation_mark_does_not_swallow_the_rest() -> None:
    assert reasons(read('代码,名称\nZ1,东关\nZ2,"西关\nZ3,南关\n')) == [(2, None, None, "malformed-row")]


def test_long_cells_and_long_tables_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    assert reasons(read(f"代码,名称\nZ1,{'东' * 3000}\n")) == [(1, None, None, "too-long")]
    assert reasons(read(f"代码,名称\nZ1,{'东' * 200_000}\n")) == [(1, None, None, "malformed-row")]
    monkeypatch.setattr(sheets, "MOST_ROWS", 2)
    assert reasons(read("代码,名称\nZ1,甲\nZ2,乙\nZ3,丙\n")) == [(3, None, None, "too-many-rows")]
    monkeypatch.setattr(records, "MOST_BYTES", 10)
    assert reasons(read("代码,名称\nZ1,甲\n")) == [(0, None, None, "too-large")]


def test_a_refusal_shows_500_reasons_in_the_order_of_the_rows_and_counts_all() -> None:
    errors = [RowError(row=row, code=None, field=None, reason="x", detail="y") for row in range(900, 0, -1)]
    with pytest.raises(ImportRefused) as caught:
        refuse(errors)
    document = caught.value.document()
    assert document["error_count"] == 900
    assert [error.row for error in document["errors"]] == list(range(1, 501))
    assert len(caught.value.every) == 900
    refuse([])


def error(row: int, reason: str = "x") -> RowError:
    return RowError(row=row, code=None, field=None, reason=reason, detail=f"detail {reason}")


@pytest.mark.parametrize(("row", "place"), [(0, "the file"), (1, "row 1")])
def test_a_refusal_names_the_place_of_its_first_reason(row: int, place: str) -> None:
    with pytest.raises(ImportRefused) as caught:
        refuse([error(7, "later"), error(row, "first")])
    assert caught.value.detail.startswith(f"2 fault(s), the first in {place}: detail first.")
    assert (caught.value.slug, caught.value.status) == ("import-refused", 422)


def test_unreadable_cells_and_wrong_rows_are_refused_in_one_round() -> None:
    with pytest.raises(ImportRefused) as caught, together_with([error(3, "unreadable")]):
        refuse([error(2, "wrong")])
    assert [(each.row, each.reason) for each in caught.value.every] == [(2, "wrong"), (3, "unreadable")]
    with pytest.raises(ImportRefused) as alone, together_with([error(3, "unreadable")]):
        pass
    assert [each.row for each in alone.value.every] == [3]
    with together_with([]):
        pass


def test_a_refused_table_goes_back_as_a_workbook_only_when_a_table_could_be_read() -> None:
    refused = read("代码,名称,错误原因,户数\nZ1,东关,上次的原因,x\n")
    returned = returned_file("代码,名称,错误原因,户数\nZ1,东关,上次的原因,x\n".encode(), refused.errors)
    assert returned is not None
    again = read_table(returned, COLUMNS)
    assert reasons(again) == reasons(refused)
    assert returned_file(b"code,name\nZ1,\0\n", refused.errors) is None
    assert returned_file(b"", refused.errors) is None


@given(st.binary(max_size=300))
def test_no_bytes_make_the_reader_fall(document: bytes) -> None:
    table = read_table(document, COLUMNS)
    assert table.rows or table.errors
