"""The trail as CSV for Excel: a byte order mark, Chinese headers, no cell that could run as a formula."""

import csv
import io
from collections.abc import Iterable
from zoneinfo import ZoneInfo

import msgspec

from dispatch.tables.cells import guarded
from schemas.audit import AuditEntry

_HEADERS = [
    "序号", "时间", "类别", "操作", "结果", "操作者角色", "账号", "骑手代码", "操作者编号", "单位代码", "网点代码",
    "地址", "对象", "请求编号", "记录编号",
]  # fmt: skip
_KINDS = {
    "change": "变更", "request": "请求", "read": "查阅", "export": "导出", "refusal": "拒绝", "command": "命令",
    "upkeep": "系统",
}  # fmt: skip


def head() -> str:
    """The byte order mark and the line of headers."""
    return "\ufeff" + _text([_HEADERS])


def lines(entries: Iterable[AuditEntry], timezone: ZoneInfo) -> str:
    """One line per entry, times as clocks in `timezone` show them."""
    return _text(_row(entry, timezone) for entry in entries)


def _row(entry: AuditEntry, timezone: ZoneInfo) -> list[str]:
    cells = [
        str(entry.position or ""), f"{entry.at.astimezone(timezone):%Y-%m-%d %H:%M:%S}", _KINDS[entry.kind],
        entry.operation, entry.result, entry.caller_role, entry.caller_login or "", entry.caller_code or "",
        str(entry.caller_id or ""), entry.partner_code or "", entry.outlet_code or "", entry.address,
        msgspec.json.encode(entry.subject, order="sorted").decode(), entry.request_id, str(entry.entry_id),
    ]  # fmt: skip
    return [guarded(cell) for cell in cells]


def _text(table: Iterable[list[str]]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerows(table)
    return buffer.getvalue()
