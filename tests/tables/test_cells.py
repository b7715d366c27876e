"""One cell of a stranger's table: every local spelling is understood, everything else is refused by a stable reason."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.tables.cells import (
    CellError,
    Parser,
    choice,
    clean,
    code,
    day,
    guarded,
    month,
    pin,
    plain_header,
    share,
    text,
    whole_number,
)


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("-1", "negative"),
        ("－1", "negative"),
        ("1.5", "not-a-number"),
        ("60,00", "not-a-number"),
        ("1.2万", "not-a-number"),
        ("NaN", "not-a-number"),
        ("1e4", "not-a-number"),
        ("٣", "not-a-number"),
        ("9" * 5000, "not-a-number"),
        ("100001", "out-of-range"),
    ],
)
def test_what_is_no_count_is_refused(written: str, reason: str) -> None:
    with pytest.raises(CellError) as caught:
        whole_number(100_000)(written)
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    "written",
    [
        "2027年3月15日",
        "2027年03月15日",
        "2027-3-15",
        "2027/3/15",
        "2027.3.15",
        "20270315",
        "２０２７年３月１５日",
        "2027-03-15 00:00:00",
        "2027年3月15号",
    ],
)
def test_a_day_is_read_in_every_local_spelling(written: str) -> None:
    assert day(written) == date(2027, 3, 15)


@pytest.mark.parametrize(
    "written", ["2027-2-30", "15/3/2027", "27-3-15", "2027-3", "3月15日", "46461", "0001-01-01", "2027-03-15 14:30"]
)
def test_a_day_that_is_none_or_ambiguous_is_refused(written: str) -> None:
    with pytest.raises(CellError) as caught:
        day(written)
    assert caught.value.reason == "not-a-date"


@pytest.mark.parametrize(
    "written", ["2027年3月", "2027-03", "2027-3", "2027/3", "2027.3", "202703", "2027/3/1", "2027年3月1日"]
)
def test_a_month_is_its_first_day(written: str) -> None:
    assert month(written) == date(2027, 3, 1)


@pytest.mark.parametrize("written", ["2027-13", "2027/3/2", "Mar-27", "3月"])
def test_a_month_that_is_none_is_refused(written: str) -> None:
    with pytest.raises(CellError):
        month(written)


def test_shares_are_read_as_fractions_and_percent() -> None:
    assert [share(written) for written in ("0.18", "18%", "１８％", "18.0%", "1", ".5")] == [
        0.18,
        0.18,
        0.18,
        0.18,
        1.0,
        0.5,
    ]
    for written in ("18", "120%", "-1%", "nan", "十分之一"):
        with pytest.raises(CellError):
            share(written)


def test_codes_pins_and_choices() -> None:
    assert code("９９０１０１００１") == "990101001"
    assert pin("012345") == "012345"
    assert choice({"快递": "parcel"})("快递") == choice({"快递": "parcel"})("Parcel") == "parcel"
    for parse, written, reason in (
        (code, "9.90102E+11", "invalid-code"),
        (code, "东关", "invalid-code"),
        (code, "9" * 41, "invalid-code"),
        (pin, "12345", "invalid-pin"),
        (choice({"快递": "parcel"}), "toll", "unknown-choice"),
    ):
        with pytest.raises(CellError) as caught:
            parse(written)
        assert caught.value.reason == reason


def test_a_name_may_not_hide_anything() -> None:
    assert text(10)("王小\ue000") == "王小\ue000"  # rare characters live in the private-use area
    for written in ("东\u202e关", "东\x07关", "东\n关", "东" * 11):
        with pytest.raises(CellError):
            text(10)(written)


@given(st.integers(0, 10**15))
def test_a_number_is_read_back_from_every_way_of_writing_it(number: int) -> None:
    wide = str(number).translate({ord("0") + i: ord("０") + i for i in range(10)})
    for written in (str(number), f"{number:,}", wide, f"{number}.00"):
        assert whole_number(10**15)(written) == number


@given(st.dates(date(1990, 1, 1), date(2100, 12, 31)))
def test_a_day_is_read_back_from_every_way_of_writing_it(value: date) -> None:
    plain = f"{value.year}-{value.month}-{value.day}"
    for written in (
        value.isoformat(),
        plain,
        plain.replace("-", "/"),
        f"{value:%Y%m%d}",
        f"{value.year}年{value.month}月{value.day}日",
    ):
        assert day(written) == value


@pytest.mark.parametrize(
    ("parse", "last", "first_refused", "reason"),
    [
        (code, "9" * 40, "9" * 41, "invalid-code"),
        (text(10), "东" * 10, "东" * 11, "too-long"),
        (whole_number(500), "500", "501", "out-of-range"),
        (whole_number(500), "0", "-1", "negative"),
        (whole_number(10), "0" * 39 + "1", "0" * 40 + "1", "not-a-number"),
        (share, "1.0", "1.01", "out-of-range"),
        (share, "100%", "100.1%", "out-of-range"),
        (share, "0." + "1" * 38, "0." + "1" * 39, "not-a-number"),
        (day, "1990-01-01", "1989-12-31", "not-a-date"),
        (day, "2100-12-31", "2101-01-01", "not-a-date"),
        (month, "1990-01", "1989-12", "not-a-date"),
        (month, "2027-12", "2027-13", "not-a-date"),
        (month, "2027/3/1", "2027/3/2", "not-a-month"),
        (pin, "123456", "1234567", "invalid-pin"),
        (pin, "012345", "12345", "invalid-pin"),
    ],
)
def test_the_last_value_of_a_range_is_taken_and_the_next_one_is_not(
    parse: Parser, last: str, first_refused: str, reason: str
) -> None:
    parse(last)
    with pytest.raises(CellError) as caught:
        parse(first_refused)
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("cell", "kept"),
    [
        ('="0012"', "0012"),
        ('=" 0012 "', "0012"),
        ("'0012", "0012"),
        (" \t\u3000\u00a0x\ufeff\r\n", "x"),
        ('="0012', '="0012'),
        ('0012"', '0012"'),
    ],
)
def test_the_marks_by_which_a_spreadsheet_keeps_a_text_are_no_part_of_it(cell: str, kept: str) -> None:
    assert clean(cell) == kept


@pytest.mark.parametrize("header", ["户数", "* 户数", "户数（户）", "户 数:", " ＊户数 ", "户数(户)"])
def test_a_header_is_known_whatever_surrounds_it(header: str) -> None:
    assert plain_header(header) == "户数"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", " =", "\u3000=", "＝", "＋", "－", "＠"])
def test_a_text_that_a_spreadsheet_would_run_is_guarded(start: str) -> None:
    assert guarded(f"{start}1+1") == f"'{start}1+1"
    assert guarded(f"1{start}1") == f"1{start}1"
