"""The audit trail as a CSV file with Chinese headers."""

from collections.abc import Iterable
from zoneinfo import ZoneInfo

import msgspec

from dispatch.tables.csv_files import first_lines, further_lines, local_time
from schemas.audit import AuditEntry

_HEADERS = [
    "序号", "时间", "类别", "操作", "结果", "操作者角色", "账号", "骑手代码", "操作者编号", "单位代码", "网点代码",
    "地址", "对象", "对象名称", "请求编号", "记录编号", "接口密钥",
]  # fmt: skip
_KINDS = {
    "change": "变更", "request": "请求", "read": "查看", "export": "导出", "refusal": "拒绝", "command": "命令",
    "upkeep": "系统",
}  # fmt: skip


def head() -> str:
    """The byte order mark and the line of headers."""
    return first_lines([_HEADERS])


def lines(entries: Iterable[AuditEntry], timezone: ZoneInfo) -> str:
    """One line per entry, times as clocks in `timezone` show them."""
    return further_lines(_row(entry, timezone) for entry in entries)


def _row(entry: AuditEntry, timezone: ZoneInfo) -> list[str]:
    return [
        str(entry.position or ""), local_time(entry.at, timezone), _KINDS[entry.kind],
        entry.operation, entry.result, entry.caller_role, entry.caller_login or "", entry.caller_code or "",
        str(entry.caller_id or ""), entry.partner_code or "", entry.outlet_code or "", entry.address,
        msgspec.json.encode(entry.subject, order="sorted").decode(), "、".join(entry.names.values()),
        entry.request_id, str(entry.entry_id),
        entry.caller_key or "",
    ]  # fmt: skip
