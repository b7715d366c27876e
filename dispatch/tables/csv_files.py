"""CSV files that spreadsheets open correctly: UTF-8 with a byte order mark, lines that end as RFC 4180 says, and no
cell that would run as a formula. A file may be written in parts: its first lines, then further ones."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from dispatch.tables.cells import guarded

# Without it Excel takes the file for the code page of the machine, and Chinese for noise.
BYTE_ORDER_MARK: Final = "\ufeff"


def first_lines(table: Iterable[Sequence[str]]) -> str:
    """The beginning of a file: the byte order mark and these rows. A whole file, if there are no further ones."""
    return BYTE_ORDER_MARK + further_lines(table)


def further_lines(table: Iterable[Sequence[str]]) -> str:
    """One line per row, every cell made harmless."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerows([guarded(cell) for cell in row] for row in table)
    return buffer.getvalue()


def local_time(instant: datetime, timezone: ZoneInfo) -> str:
    """An instant as clocks in `timezone` show it, to the second: 2027-04-20 10:00:00, which also sorts by time."""
    return f"{instant.astimezone(timezone):%Y-%m-%d %H:%M:%S}"
