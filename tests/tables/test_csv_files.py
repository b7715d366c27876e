"""CSV files for people: spreadsheets read them correctly and run nothing that is in them."""

import csv
import io
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.tables.cells import guarded
from dispatch.tables.csv_files import first_lines, further_lines, local_time

CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12)


def test_a_file_begins_with_one_byte_order_mark_however_many_parts_it_has() -> None:
    text = first_lines([["代码", "名称"]]) + further_lines([["Z1", "东关"]]) + further_lines([])
    assert text.encode() == b"\xef\xbb\xbf" + "代码,名称\r\nZ1,东关\r\n".encode()


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("12", "12"),
        ("", ""),
        ("a,b", '"a,b"'),
        ('他说"不"', '"他说""不"""'),
        ("两\n行", '"两\n行"'),
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@cmd", "'@cmd"),
        (" =1+1", "' =1+1"),
        ("\uff1d1", "'\uff1d1"),
        ("=A1,B1", '"\'=A1,B1"'),
        ("1=1", "1=1"),
    ],
)
def test_a_cell_is_quoted_where_it_must_be_and_never_runs_as_a_formula(cell: str, written: str) -> None:
    assert further_lines([["A", cell]]) == f"A,{written}\r\n"
    # Of the first lines, too: a title may hold a name somebody chose.
    assert first_lines([[cell, "A"]]) == f"\ufeff{written},A\r\n"


@given(st.lists(st.tuples(CELLS, CELLS), max_size=6))
def test_what_is_written_is_what_is_read(table: list[tuple[str, str]]) -> None:
    lines = csv.reader(io.StringIO(first_lines(table)[1:], newline=""))
    assert list(lines) == [[guarded(cell) for cell in row] for row in table]


@pytest.mark.parametrize(
    ("instant", "zone", "shown"),
    [
        (datetime(2027, 4, 20, 2, 0, 0, 999_999, tzinfo=UTC), "Asia/Shanghai", "2027-04-20 10:00:00"),
        (datetime(2027, 12, 31, 16, 0, 1, tzinfo=UTC), "Asia/Shanghai", "2028-01-01 00:00:01"),
        (datetime(2027, 12, 31, 16, 0, 1, tzinfo=UTC), "UTC", "2027-12-31 16:00:01"),
    ],
)
def test_an_instant_is_shown_as_the_citys_clocks_show_it(instant: datetime, zone: str, shown: str) -> None:
    assert local_time(instant, ZoneInfo(zone)) == shown
