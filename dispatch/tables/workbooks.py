"""Excel workbooks: a stranger's .xlsx comes in as records of texts like a CSV's, a table goes out as a tidy sheet.

Pure: bytes in, records or bytes out. Only values are read: no formula is computed, no macro run, no link followed.
A workbook is a zip of XML files, so its size when unpacked is checked before anything is unpacked.
"""

import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any, Final

import msgspec
from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ZIP_SIGNATURE: Final = b"PK\x03\x04"
OLD_WORKBOOK_SIGNATURE: Final = b"\xd0\xcf\x11\xe0"

# 100,000 rows of ten cells unpack to some 60 MB; the shared texts are the one part that is held in memory whole.
MOST_UNPACKED_BYTES: Final = 256_000_000
MOST_SHARED_TEXT_BYTES: Final = 64_000_000
MOST_PARTS: Final = 1_000
MOST_SHEET_ROWS: Final = 200_000
MOST_COLUMNS: Final = 100
DROP_DOWN_ROWS: Final = 5_000

_HEADER_FILL: Final = PatternFill("solid", fgColor="FFE3ECF7")
_REQUIRED_FILL: Final = PatternFill("solid", fgColor="FFCFE0F5")
_WRONG_FILL: Final = PatternFill("solid", fgColor="FFFDE7E9")
_LINE: Final = Border(bottom=Side(style="thin", color="FF8FA3BF"))


class UnreadableWorkbook(Exception):
    """The file is no workbook that can be taken. `reason` is a stable slug, `detail` a sentence."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


class SheetColumn(msgspec.Struct, frozen=True):
    """A column of a template: its header, whether each row needs it, the words a cell may hold, what it wants."""

    header: str
    required: bool = True
    choices: tuple[str, ...] = ()
    hint: str = ""


def read_sheet(document: bytes) -> Iterator[tuple[int, list[str]]]:
    """Records of the first sheet as texts: the header is numbered 0, the others as the sheet counts them below it.

    Raises UnreadableWorkbook, also midway.
    """
    _require_size(document)
    try:
        book = load_workbook(io.BytesIO(document), read_only=True, data_only=True, keep_links=False)
        if not book.worksheets:
            raise UnreadableWorkbook("no-rows", "the workbook has no sheet with a table")
        yield from _records(book.worksheets[0].iter_rows(max_col=MOST_COLUMNS, values_only=True))
    except UnreadableWorkbook:
        raise
    except Exception as error:
        # A stranger's zip and XML can fail anywhere in the library; whatever it was, the file is no workbook for us.
        detail = f"the workbook cannot be read ({type(error).__name__}); save it again as .xlsx or as CSV"
        raise UnreadableWorkbook("unreadable-workbook", detail) from None


def write_template(
    title: str,
    columns: Sequence[SheetColumn],
    sample: Sequence[str],
    notes: Sequence[str],
    rows: Sequence[Sequence[str]] = (),
    codes: Sequence[tuple[str, str, str]] = (),
) -> bytes:
    """A workbook to fill in: headers, drop-downs, one sample row, `rows` that are filled in as far as they are known; a
    second sheet that explains how, and a third with the `codes` (what of, code, name) that may be written."""
    book = Workbook()
    sheet: Any = book.active
    sheet.title = title
    sheet.append([column.header for column in columns])
    sheet.append(list(sample))
    for number, row in enumerate(rows, start=3):
        for place, text in enumerate(row, start=1):
            _put(sheet, number, place, text)
    for place, column in enumerate(columns, start=1):
        letter = get_column_letter(place)
        filled = [row[place - 1] for row in rows[:200]]
        sheet.column_dimensions[letter].width = _width([column.header, sample[place - 1], *filled])
        # Codes with leading zeros and dates as they are typed survive only as text.
        for row in range(2, len(rows) + 202):
            sheet.cell(row, place).number_format = "@"
        head = sheet.cell(1, place)
        head.font, head.border = Font(bold=True), _LINE
        head.fill = _REQUIRED_FILL if column.required else _HEADER_FILL
        sample_cell = sheet.cell(2, place)
        sample_cell.font = Font(color="FF7A869A", italic=True)
        if column.choices:
            _drop_down(sheet, letter, column.choices)
    sheet.freeze_panes = "A2"
    _write_notes(book.create_sheet("填写说明"), title, columns, notes)
    if codes:
        _write_codes(book.create_sheet("本市代码"), codes)
    return _bytes_of(book)


def write_with_reasons(
    records: Sequence[tuple[int, Sequence[str]]], reasons: Mapping[int, Sequence[str]], header: str
) -> bytes:
    """A refused table again, every cell as text, with the reasons (by record number) in a last column `header`."""
    book = Workbook(write_only=True)
    sheet: Any = book.create_sheet("退回修改")
    width = max((len(record) for _, record in records), default=0)
    sheet.freeze_panes = "A2"
    for place in range(width):
        texts = [record[place] for _, record in records[:200] if place < len(record)]
        sheet.column_dimensions[get_column_letter(place + 1)].width = _width(texts)
    sheet.column_dimensions[get_column_letter(width + 1)].width = 60
    for number, record in records:
        last = header if number == 0 else "；".join(reasons.get(number, ()))
        cells = [*record, *[""] * (width - len(record)), last]
        sheet.append([_cell(sheet, text, number == 0, number != 0 and bool(last)) for text in cells])
    return _bytes_of(book)


def _require_size(document: bytes) -> None:
    try:
        parts = zipfile.ZipFile(io.BytesIO(document)).infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        raise UnreadableWorkbook("unreadable-workbook", "the file is damaged; save it again as .xlsx or CSV") from None
    # zipfile never unpacks more of a part than its entry says, so these sizes can be relied on.
    unpacked = sum(part.file_size for part in parts)
    shared = sum(part.file_size for part in parts if part.filename.casefold().endswith("sharedstrings.xml"))
    if len(parts) > MOST_PARTS or unpacked > MOST_UNPACKED_BYTES or shared > MOST_SHARED_TEXT_BYTES:
        most = f"{MOST_UNPACKED_BYTES // 1_000_000} MB"
        raise UnreadableWorkbook("too-large", f"the workbook unpacks to more than {most}; send the table in parts")
    if any(part.filename.startswith(("xl/worksheets/", "xl/workbook")) for part in parts):
        return
    raise UnreadableWorkbook("unreadable-workbook", "the file is no workbook; save the table as .xlsx or as CSV")


def _records(sheet_rows: Any) -> Iterator[tuple[int, list[str]]]:
    header: int | None = None
    for number, cells in enumerate(sheet_rows, start=1):
        if number > MOST_SHEET_ROWS:
            detail = (
                f"the sheet is longer than {MOST_SHEET_ROWS} rows; delete the empty ones below, or send it in parts"
            )
            raise UnreadableWorkbook("too-many-rows", detail)
        record = [_text(cell) for cell in cells]
        while record and not record[-1]:
            record.pop()
        if header is None and not record:
            continue
        header = number if header is None else header
        yield number - header, record


def _text(cell: Any) -> str:
    """A cell's value as somebody would type it: whole numbers without a point, days without midnight."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else f"{cell:.12f}".rstrip("0").rstrip(".")
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time(0) else cell.isoformat(" ")
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell)


def _drop_down(sheet: Any, letter: str, choices: Sequence[str]) -> None:
    listed = DataValidation(type="list", formula1=f'"{",".join(choices)}"', allow_blank=True, showErrorMessage=True)
    listed.error, listed.errorTitle = "请从下拉列表中选择", "不在可选范围内"
    sheet.add_data_validation(listed)
    listed.add(f"{letter}2:{letter}{DROP_DOWN_ROWS}")


def _write_notes(sheet: Any, title: str, columns: Sequence[SheetColumn], notes: Sequence[str]) -> None:
    sheet.append([f"{title} 填写说明"])
    sheet.append(["列名", "是否必填", "填写要求"])
    for column in columns:
        wanted = column.hint or (f"可选：{'、'.join(column.choices)}" if column.choices else "")
        sheet.append([column.header, "必填" if column.required else "选填", wanted])
    sheet.append([])
    for note in notes:
        sheet.append([note])
    sheet["A1"].font = Font(bold=True, size=14)
    for cell in sheet[2]:
        cell.font, cell.fill, cell.border = Font(bold=True), _HEADER_FILL, _LINE
    for letter, width in (("A", 18), ("B", 10), ("C", 80)):
        sheet.column_dimensions[letter].width = width


def _write_codes(sheet: Any, codes: Sequence[tuple[str, str, str]]) -> None:
    for number, row in enumerate((("类别", "代码", "名称"), *codes), start=1):
        for place, text in enumerate(row, start=1):
            _put(sheet, number, place, text)
    for cell in sheet[1]:
        cell.font, cell.fill, cell.border = Font(bold=True), _HEADER_FILL, _LINE
    for place, letter in enumerate("ABC"):
        sheet.column_dimensions[letter].width = _width([row[place] for row in codes[:200]])
    sheet.freeze_panes = "A2"


def _put(sheet: Any, row: int, place: int, text: str) -> None:
    """A cell that is a text by its type, whatever it begins with."""
    if text:
        cell = sheet.cell(row, place, _without_controls(text))
        cell.data_type, cell.number_format = "s", "@"


def _cell(sheet: Any, text: str, is_header: bool, is_wrong: bool) -> Any:
    cell: Any = WriteOnlyCell(sheet, value=_without_controls(text) or None)
    # Text by its type: a cell that begins with "=" must come back as it was, never as a formula.
    cell.data_type = "s" if text else "n"
    cell.number_format = "@"
    if is_header:
        cell.font, cell.fill, cell.border = Font(bold=True), _HEADER_FILL, _LINE
    elif is_wrong:
        cell.fill = _WRONG_FILL
    cell.alignment = Alignment(vertical="top")
    return cell


def _without_controls(text: str) -> str:
    """XML has no control characters; what is refused for holding one comes back without it."""
    return "".join(character for character in text if character >= " " or character in "\t\n")[:32_000]


def _width(texts: Sequence[str]) -> float:
    """A column wide enough for its texts, Chinese characters counting double."""
    widest = max((sum(2 if ord(character) > 0x2E80 else 1 for character in text) for text in texts), default=8)
    return float(min(48, max(10, widest + 3)))


def _bytes_of(book: Workbook) -> bytes:
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()
