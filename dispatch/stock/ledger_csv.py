"""The ledger (台账) as a CSV file, with Chinese headers and the words of the trade for kinds of moves and holders."""

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from dispatch.tables.csv_files import first_lines, further_lines, local_time
from schemas.stock import StockMove

_HEADERS = [
    "记录时间", "发生时间", "类别", "资料代码", "资料名称", "转出方类别", "转出方代码", "转出方名称",
    "转入方类别", "转入方代码", "转入方名称", "份数", "原因", "交接单", "印制批次",
    "冲正的是", "被冲正于", "流水号",
]  # fmt: skip
_KINDS = {
    "receipt": "入库", "issue": "领用", "acceptance": "签收", "transfer": "调拨", "return": "退回", "write_off": "损耗",
    "activity": "活动", "variance": "差异", "reversal": "冲正",
}  # fmt: skip
_HOLDERS = {
    "printer": "印制", "depot": "库", "transit": "在途", "outlet": "网点", "rider": "骑手", "activity": "活动",
    "written_off": "损耗", "variance": "差异",
}  # fmt: skip


def head() -> str:
    """The byte order mark and the line of headers."""
    return first_lines([_HEADERS])


def lines(moves: Iterable[StockMove], timezone: ZoneInfo) -> str:
    """One line per move, times as clocks in `timezone` show them."""
    return further_lines(_row(move, timezone) for move in moves)


def _row(move: StockMove, timezone: ZoneInfo) -> list[str]:
    return [
        local_time(move.recorded_at, timezone), local_time(move.moved_at, timezone),
        _KINDS[move.kind], move.material_code, move.material_name,
        _HOLDERS[move.from_kind], move.from_code, move.from_name, _HOLDERS[move.to_kind], move.to_code, move.to_name,
        str(move.copies), move.reason, move.waybill_code or "", move.print_run_code or "",
        str(move.reversal_of or ""), str(move.reversed_by or ""), str(move.move_id),
    ]  # fmt: skip
