"""A file from a stranger as records of texts: CSV in every local encoding, or the first sheet of a workbook.

Pure: bytes in, records out. Rows are counted as a spreadsheet shows them, without the header.
"""

import csv
import io
from collections.abc import Container, Iterator, Sequence
from typing import Final

from dispatch.tables.cells import LONGEST_CELL, plain_header
from dispatch.tables.workbooks import OLD_WORKBOOK_SIGNATURE, ZIP_SIGNATURE, UnreadableWorkbook, read_sheet
from schemas.common import RowError

MOST_BYTES: Final = 64_000_000
_SEPARATORS: Final = (",", "\t", ";")


class TableFault(Exception):
    """The file cannot be read as a table at all; `error` is the reason."""

    def __init__(self, reason: str, detail: str, row: int = 0, field: str | None = None) -> None:
        super().__init__(detail)
        self.error = RowError(row=row, code=None, field=field, reason=reason, detail=detail)


def read_records(document: bytes, known_headers: Container[str]) -> Iterator[tuple[int, list[str]]]:
    """Header (numbered 0) and records, every cell as written; leading blank lines are no header.

    Raises TableFault, also midway.

    Args:
        document: the file: CSV in UTF-8 or GB18030 with comma, tab or semicolon, or an .xlsx.
        known_headers: plain headers (see plain_header) by which the right encoding is recognised.
    """
    if len(document) > MOST_BYTES:
        raise TableFault("too-large", f"the file is larger than {MOST_BYTES // 1_000_000} MB; send it in parts")
    if not document.startswith(ZIP_SIGNATURE):
        yield from _csv_records(_decode(document, known_headers))
        return
    number = 0
    try:
        for number, record in read_sheet(document):
            _require_length(number, record)
            yield number, record
    except UnreadableWorkbook as fault:
        raise TableFault(fault.reason, fault.detail, number) from None


def _decode(document: bytes, known_headers: Container[str]) -> str:
    if document.startswith(OLD_WORKBOOK_SIGNATURE):
        raise TableFault("not-text", "this is a workbook of the old kind; save it as .xlsx and send that")
    if b"\0" in document:
        raise TableFault("not-text", "the file holds zero bytes; save it as CSV in UTF-8 or GBK")
    texts: list[str] = []
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            texts.append(document.decode(encoding))
        except UnicodeDecodeError:
            continue
    if not texts:
        raise TableFault("not-text", "the file is neither UTF-8 nor GBK; save it as CSV in UTF-8")
    # A few GBK texts happen to be UTF-8 as well; the one whose header makes sense is meant.
    return max(texts, key=lambda written: _count_known(written, known_headers))


def _count_known(written: str, known_headers: Container[str]) -> int:
    line = written.lstrip().partition("\n")[0]
    return sum(plain_header(cell.strip('"')) in known_headers for cell in line.split(_separator(line)))


def _separator(line: str) -> str:
    return max(_SEPARATORS, key=line.count)


def _require_length(number: int, record: Sequence[str]) -> None:
    if any(len(cell) > LONGEST_CELL for cell in record):
        raise TableFault("too-long", f"a cell is longer than {LONGEST_CELL} characters", number)


def _csv_records(written: str) -> Iterator[tuple[int, list[str]]]:
    written = written.lstrip("\ufeff\r\n")
    lines = io.StringIO(written, newline="")
    reader = csv.reader(lines, delimiter=_separator(written.partition("\n")[0]), strict=True)
    number = -1
    try:
        for number, record in enumerate(reader):
            _require_length(number, record)
            yield number, record
    except csv.Error as error:
        # After a broken quotation mark nobody can say where the next cell begins.
        raise TableFault("malformed-row", f"not readable from here on ({error})", number + 1) from None
