"""The spellings of one cell of a table: full-width digits, thousands separators, dates as people here write them.

The properties of GeoJSON features are read by the same rules. A refusal never repeats what the cell holds: a shifted
column could put somebody's name there.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

Parser = Callable[[str], Any]

LONGEST_CELL: Final = 2_000
LONGEST_CODE: Final = 40
LONGEST_NUMBER: Final = 40
EARLIEST_YEAR: Final = 1990
LATEST_YEAR: Final = 2100

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_MANGLED_CODE = re.compile(r"[0-9](\.[0-9]+)?[Ee]\+[0-9]+")
_WHOLE = re.compile(r"(?P<digits>[0-9]+|[0-9]{1,3}([, ][0-9]{3})+)(\.0*)?")
_SHARE = re.compile(r"(?P<number>[0-9]+(\.[0-9]*)?|\.[0-9]+)(?P<percent>%?)")
_MIDNIGHT = re.compile(r"[ T]0{1,2}:00(:00)?$")
_DAY = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})[日号]?|([0-9]{4})([0-9]{2})([0-9]{2})")
_MONTH = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})月?|([0-9]{4})([0-9]{2})")
_PIN = re.compile(r"[0-9]{6}")
# Control and direction characters hide what a name is; private-use ones are rare characters in real names.
_HIDDEN = ("Cc", "Cf", "Cs", "Zl", "Zp")

# Spreadsheets run a text that begins with one of these as a formula.
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


class CellError(ValueError):
    """A cell that cannot be read. `reason` is a stable slug, `detail` a sentence that does not repeat the cell."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


def clean(cell: str) -> str:
    """The cell without the blanks around it and without the marks by which Excel keeps a text: ="0012" or '0012."""
    cell = cell.strip("\ufeff \t\r\n\u3000\u00a0")
    if cell.startswith('="') and cell.endswith('"'):
        return cell[2:-1].strip()
    return cell.removeprefix("'")


def narrow(cell: str) -> str:
    """Full-width digits, letters and signs as their usual forms."""
    return cell if cell.isascii() else unicodedata.normalize("NFKC", cell).strip()


def plain_header(header: str) -> str:
    """A header without case, blanks, width, the asterisk of a required column and a unit in brackets."""
    plain = "".join(unicodedata.normalize("NFKC", clean(header)).casefold().split())
    return plain.split("(")[0].strip("*:")


def code(cell: str) -> str:
    """A code by which things are matched: letters, digits, dot, dash, underline, at most 40."""
    written = narrow(cell)
    if _MANGLED_CODE.fullmatch(written):
        raise CellError("invalid-code", "the spreadsheet turned this code into a number; format the column as text")
    if len(written) > LONGEST_CODE or not _CODE.fullmatch(written):
        raise CellError("invalid-code", f"a code is made of letters, digits and . _ -, at most {LONGEST_CODE} of them")
    return written


def text(longest: int) -> Parser:
    """A parser of text of at most so many characters, none of them hidden."""

    def parse(cell: str) -> str:
        written = unicodedata.normalize("NFC", cell)
        if len(written) > longest:
            raise CellError("too-long", f"more than {longest} characters")
        if any(unicodedata.category(character) in _HIDDEN for character in written):
            raise CellError("hidden-character", "holds a line break or another character that cannot be seen")
        return written

    return parse


def whole_number(most: int) -> Parser:
    """A parser of whole numbers from 0 to `most`, with or without thousands separators."""

    def parse(cell: str) -> int:
        written = narrow(cell)
        if written.startswith(("-", "−", "(")):
            raise CellError("negative", "must not be negative")
        match = _WHOLE.fullmatch(written) if len(written) <= LONGEST_NUMBER else None
        if match is None:
            raise CellError("not-a-number", "is not a whole number")
        value = int(re.sub("[, ]", "", match["digits"]))
        if value > most:
            raise CellError("out-of-range", f"is more than {most}")
        return value

    return parse


def share(cell: str) -> float:
    """A share of 0 to 1, written 0.18 or 18%."""
    written = narrow(cell)
    match = _SHARE.fullmatch(written) if len(written) <= LONGEST_NUMBER else None
    if match is None:
        raise CellError("not-a-number", "is not a share such as 0.18 or 18%")
    value = float(match["number"]) / (100.0 if match["percent"] else 1.0)
    if value > 1.0:
        raise CellError("out-of-range", "is more than the whole; write 0.18 or 18%")
    return value


def day(cell: str) -> date:
    """A day: 2027年3月15日, 2027-3-15, 2027/3/15, 2027.3.15 or 20270315; a time of midnight is dropped."""
    written = _MIDNIGHT.sub("", narrow(cell))
    match = _DAY.fullmatch(written.replace(" ", ""))
    if match is None:
        raise CellError("not-a-date", "is not a date such as 2027-3-15 or 2027年3月15日")
    return _date(*(int(part) for part in match.groups() if part))


def month(cell: str) -> date:
    """The first day of a month: 2027年3月, 2027-03, 2027/3, 202703, or a date on the first of a month."""
    written = narrow(cell).replace(" ", "")
    match = _MONTH.fullmatch(written)
    if match is not None:
        year, number = (int(part) for part in match.groups() if part)
        return _date(year, number, 1)
    try:
        value = day(cell)
    except CellError:
        raise CellError("not-a-month", "is not a month such as 2027-03 or 2027年3月") from None
    if value.day != 1:
        raise CellError("not-a-month", "names a day; counts are kept by month")
    return value


def pin(cell: str) -> str:
    """A PIN of exactly six digits."""
    written = narrow(cell)
    if not _PIN.fullmatch(written):
        raise CellError("invalid-pin", "a PIN has six digits; format the column as text so that leading zeros stay")
    return written


def choice(names: Mapping[str, str]) -> Parser:
    """A parser of one of the identifiers in `names`' values, or of the words for them in its keys."""
    known = {**names, **{identifier: identifier for identifier in names.values()}}

    def parse(cell: str) -> str:
        identifier = known.get(narrow(cell).casefold()) or known.get(narrow(cell))
        if identifier is None:
            raise CellError("unknown-choice", f"must be one of {', '.join(names)}")
        return identifier

    return parse


def _date(year: int, number: int, day_of_month: int) -> date:
    if not EARLIEST_YEAR <= year <= LATEST_YEAR:
        raise CellError("not-a-date", f"the year is not between {EARLIEST_YEAR} and {LATEST_YEAR}")
    try:
        return date(year, number, day_of_month)
    except ValueError:
        raise CellError("not-a-date", "there is no such day in the calendar") from None


def guarded(text: str) -> str:
    """The text, made harmless to spreadsheets by a leading apostrophe where it would run as a formula."""
    # Some spreadsheets ignore leading blanks and read full-width signs as the usual ones.
    bare = text.lstrip(" \u3000").translate({0xFF1D: "=", 0xFF0B: "+", 0xFF0D: "-", 0xFF20: "@"})
    return f"'{text}" if bare.startswith(_FORMULA_STARTS) else text
