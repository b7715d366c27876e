"""Tables from strangers: read as Excel and its users leave them, every fault reported with its row, never half taken.

Pure: bytes in, rows and errors out. A caller that reads a table refuses the whole file when there are errors
(`refuse`). Rows are counted as a spreadsheet shows them, without the header: blank and totals rows count but are left
out.
"""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from itertools import zip_longest
from typing import Any, Final

import msgspec

from dispatch.problems import Problem
from dispatch.tables.cells import CellError, Parser, clean, code, plain_header
from dispatch.tables.reasons import in_chinese
from dispatch.tables.records import TableFault, read_records
from dispatch.tables.workbooks import write_with_reasons
from schemas.common import RowError

MOST_ROWS: Final = 100_000
MOST_ERRORS_SHOWN: Final = 500
MOST_CODES_NAMED: Final = 500
TOTALS: Final = frozenset({"合计", "总计", "小计", "共计", "总数"})
SAMPLE: Final = "示例："
"""A row with a cell that begins so is a template's sample: nobody's data, also when it is left in."""
# What our own templates and returned files add, and what people number their rows with.
REASON_HEADER: Final = "错误原因"
IGNORED_HEADERS: Final = frozenset({REASON_HEADER, "序号", "备注", "说明", "errors", "remark"})
_NO_HEADER: Final[tuple[int, list[str]]] = (0, [])
_IGNORED: Final = ""


class ImportRefused(Problem):
    """A file with a fault is refused whole. `errors`: the first 500 RowErrors; `error_count`: how many there are."""

    slug, title, status = "import-refused", "The file was refused; nothing was changed", 422

    def __init__(self, errors: Sequence[RowError], *, returned_file: tuple[str, bytes] | None = None) -> None:
        """Refuse for these errors, at least one; `returned_file` is the sender's table with them, with its media type,
        for a caller who asked for a file."""
        every = explained(errors)
        first = every[0]
        place = f"row {first.row}" if first.row else "the file"
        super().__init__(
            f"{len(every)} fault(s), the first in {place}: {first.detail}. Correct them and send the whole file again.",
            errors=every[:MOST_ERRORS_SHOWN],
            error_count=len(every),
        )
        self.every = every
        """All of the errors, in the order of their rows."""
        self.attachment = returned_file


class Column(msgspec.Struct, frozen=True):
    """A column: its identifier, its Chinese header, how a cell is read, whether each row needs it, other headers."""

    name: str
    header: str
    parse: Parser
    required: bool = True
    aliases: tuple[str, ...] = ()


class Row(msgspec.Struct, frozen=True):
    """One row that was read. Every column has a value, None where an optional cell is blank or the column missing."""

    row: int
    values: dict[str, Any]


class Table(msgspec.Struct, frozen=True):
    """What a file holds: the rows without fault, and what is wrong with the others."""

    rows: list[Row]
    errors: list[RowError]


def refuse(errors: Sequence[RowError]) -> None:
    """Raise ImportRefused with the reasons in the order of the rows; do nothing when there are none."""
    if errors:
        raise ImportRefused(errors)


@contextmanager
def together_with(errors: Sequence[RowError]) -> Generator[None]:
    """Refuse a table for its unreadable cells and for what is wrong with the rows that could be read, in one round.

    What runs inside judges the readable rows and, as there are errors, must write nothing.
    """
    try:
        yield
    except ImportRefused as refused:
        refuse([*errors, *refused.every])
    refuse(errors)


def explained(errors: Sequence[RowError]) -> list[RowError]:
    """The errors in the order of their rows, each in Chinese too."""
    return [
        msgspec.structs.replace(error, chinese=in_chinese(error.field, error.reason, error.detail))
        for error in sorted(errors, key=lambda error: error.row)
    ]


def returned_file(document: bytes, errors: Sequence[RowError]) -> bytes | None:
    """The refused table as a workbook with the last column 错误原因; None when no table could be read from it.

    What is wrong with the whole file is written in its first row.
    """
    try:
        records = list(read_records(document, ()))
    except TableFault:
        return None
    numbers = [number for number, _ in records]
    if numbers[:1] != [0]:
        return None
    header = records[0][1]
    kept = [place for place, cell in enumerate(header) if plain_header(cell) != plain_header(REASON_HEADER)]
    # A row may be longer than the header; what lies beyond it comes back too.
    shown = [
        (number, [*(record[place] for place in kept if place < len(record)), *record[len(header) :]])
        for number, record in records
    ]
    if len(shown) == 1:
        shown.append((1, []))
    reasons: dict[int, list[str]] = {}
    for error in errors:
        reasons.setdefault(error.row or shown[1][0], []).append(error.chinese or error.detail)
    return write_with_reasons(shown, reasons, REASON_HEADER)


def read_table(document: bytes, columns: Sequence[Column]) -> Table:
    """Read a table: the first sheet of an .xlsx, or CSV in UTF-8 or GB18030 with comma, tab or semicolon; headers by
    identifier, Chinese name or alias.

    Ignored: blank rows, totals rows (合计, 总计, 小计), the sample row of a template (示例：…), the columns in
    IGNORED_HEADERS. A fault of the header or of the file itself is reported in row 0. The first column of `columns` is
    taken for the row's code in errors.
    """
    try:
        records = read_records(document, headers(columns))
        _, header = next(records, _NO_HEADER)
        places = _places(header, columns)
    except TableFault as fault:
        return Table([], [fault.error])
    rows: list[Row] = []
    errors: list[RowError] = []
    try:
        for number, record in records:
            cells = [clean(cell) for cell in record]
            if not any(cells) or _is_total(cells) or _is_sample(cells):
                continue
            if len(rows) >= MOST_ROWS:
                raise TableFault("too-many-rows", f"more than {MOST_ROWS} rows; send the table in parts", number)
            _read_row(number, cells, places, columns, rows, errors)
    except TableFault as fault:
        errors.append(fault.error)
    if not rows and not errors:
        errors.append(TableFault("no-rows", "the table has no rows").error)
    return Table(rows, errors)


def read_values(row: int, cells: Mapping[str, str], columns: Sequence[Column]) -> tuple[dict[str, Any], list[RowError]]:
    """Read cleaned cells by column name. A blank cell gives None, or an error where the column is required."""
    values: dict[str, Any] = {}
    errors: list[RowError] = []
    for column in columns:
        cell = cells.get(column.name, "")
        values[column.name] = None
        try:
            if cell:
                values[column.name] = column.parse(cell)
            elif column.required:
                raise CellError("missing-value", "is needed")
        except CellError as error:
            detail = f"{column.name} ({column.header}): {error.detail}"
            errors.append(RowError(row=row, code=None, field=column.name, reason=error.reason, detail=detail))
    row_code = _row_code(cells, columns[0])
    return values, [msgspec.structs.replace(error, code=row_code) for error in errors]


def headers(columns: Sequence[Column]) -> dict[str, str]:
    """Every accepted spelling of a header, in its plain form, with its column's name."""
    return {
        plain_header(spelling): column.name
        for column in columns
        for spelling in (column.name, column.header, *column.aliases)
    }


def _row_code(cells: Mapping[str, str], column: Column) -> str | None:
    """The code as written, when it is one: anything else could be somebody's name."""
    try:
        return code(cells.get(column.name, ""))
    except CellError:
        return None


def _places(header: Sequence[str], columns: Sequence[Column]) -> list[str | None]:
    """For each cell of a row the column's name, _IGNORED for what is left out, None where there is no header."""
    known = headers(columns)
    places: list[str | None] = []
    for position, cell in enumerate(header, start=1):
        plain = plain_header(cell)
        name = known.get(plain, _IGNORED if plain in IGNORED_HEADERS else None)
        if name is None and plain:
            wanted = ", ".join(f"{column.name} ({column.header})" for column in columns)
            raise TableFault("unknown-column", f"the header of column {position} is not known; known are {wanted}")
        if name and name in places:
            raise TableFault("double-column", f"the column {name} occurs twice", field=name)
        places.append(name)
    for column in columns:
        if column.required and column.name not in places:
            raise TableFault("missing-column", f"there is no column {column.name} ({column.header})", field=column.name)
    return places


def _is_total(cells: Sequence[str]) -> bool:
    first = next(cell for cell in cells if cell)
    return "".join(first.split()).rstrip(":：") in TOTALS


def _is_sample(cells: Sequence[str]) -> bool:
    return any(cell.startswith((SAMPLE, "示例:")) for cell in cells)


def _read_row(
    number: int,
    cells: Sequence[str],
    places: Sequence[str | None],
    columns: Sequence[Column],
    rows: list[Row],
    errors: list[RowError],
) -> None:
    placed = list(zip_longest(places, cells, fillvalue=None))
    values, wrong = read_values(number, {name: cell for name, cell in placed if name and cell}, columns)
    if any(name is None and cell for name, cell in placed):
        detail = "a cell has no header above it"
        wrong.append(RowError(row=number, code=None, field=None, reason="cell-without-header", detail=detail))
    if wrong:
        errors.extend(wrong)
    else:
        rows.append(Row(number, values))
