"""Why a row was refused, in Chinese: the column 错误原因 of a returned file, and what the pages show.

Programs go by the stable slug, logs hold the English detail; this is the same fact for the sender. As everywhere, no
cell is repeated: a shifted column could put somebody's name there.
"""

import re
from typing import Final

# What the columns are called where a reason speaks of one; a table's own header is not known to every judge.
FIELDS: Final = {
    "zone_code": "片区代码",
    "households": "户数",
    "population": "人口",
    "households_source": "户数来源",
    "households_as_of": "户数截止日期",
    "month": "月份",
    "scam_type": "诈骗类型",
    "incidents": "发案数",
    "priority_group": "重点人群",
    "priority_groups": "重点人群",
    "share": "占比",
    "code": "代码",
    "name": "名称",
    "kind": "类型",
    "partner_code": "单位代码",
    "outlet_code": "网点代码",
    "pin": "PIN",
    "address": "地址",
    "week_starts_on": "周一日期",
    "copies": "份数",
    "division_code": "行政区划代码",
    "district_name": "区县",
    "police_station": "派出所",
    "geometry": "边界",
    "datum": "坐标系",
}
DATUM_NAMES: Final = {"gcj02": "GCJ-02", "wgs84": "WGS-84", "cgcs2000": "CGCS2000", "bd09": "BD-09"}

_WORDS: Final = {
    "missing-value": "不能为空",
    "not-a-number": "不是有效的数字",
    "negative": "不能是负数",
    "out-of-range": "超出允许范围",
    "not-a-date": "不是有效的日期，可写作 2027-3-15 或 2027年3月15日",
    "not-a-month": "不是有效的月份，可写作 2027-03 或 2027年3月",
    "invalid-code": "代码只能由字母、数字和 . _ - 组成，最多 40 位；请把该列设为文本格式",
    "invalid-pin": "PIN 必须是 6 位数字；请把该列设为文本格式以保留开头的 0",
    "too-long": "文字过长",
    "hidden-character": "含有换行或看不见的字符，请重新输入",
    "unknown-choice": "不在可选范围内，请从下拉列表中选择",
    "duplicate-code": "代码与前面重复",
    "double-row": "与前面重复",
    "duplicate-row": "同一网点、片区、周次重复",
    "unknown-zone": "本市没有这个片区代码",
    "unknown-partner": "没有这个合作单位，或不属于您的单位",
    "unknown-outlet": "没有这个网点，或不属于您的单位",
    "code-taken": "代码已被其他单位使用",
    "pin-taken": "同一网点已有人使用这个 PIN",
    "not-a-monday": "不是周一",
    "outside-campaign": "这一周不在行动期间内",
    "missing-column": "缺少这一列",
    "unknown-column": "有不认识的列名，请使用模板的列名",
    "double-column": "这一列出现了两次",
    "cell-without-header": "有内容的单元格上方没有列名",
    "malformed-row": "从此行起无法读取，请检查引号",
    "too-many-rows": "行数过多，请分批导入",
    "no-rows": "表中没有数据",
    "too-large": "文件或区域过大，请分批导入",
    "not-text": "不是 UTF-8 或 GBK 文本，请另存为 .xlsx 或 CSV",
    "unreadable-workbook": "工作簿无法读取，请另存为 .xlsx 或 CSV",
    "malformed": "不是有效的 GeoJSON",
    "invalid-value": "必须是文字或数字",
    "double-property": "同一属性写了两次且不一致",
    "invalid-geometry": "边界无法使用",
    "overlap": "与其他片区重叠",
    "sample-left-in": "是示例文件中的片区，请删除",
    "unknown-datum": "没有这种坐标系",
    "datum-contradicted": "文件自带的坐标系与所选不一致",
    "wrong-datum-suspected": "坐标系可能选错，请在地图上核对",
}
# Facts of the English detail that the Chinese sentence keeps: numbers and codes, never a cell.
_FACTS: Final = (
    (re.compile(r"^overlaps zone (\S+) by ([\d,]+) m²"), "与片区 {0} 重叠 {1} 平方米"),
    (re.compile(r"feature (\d+) has this code already"), "代码与第 {0} 个要素重复"),
    (re.compile(r"is more than (\d+)$"), "不能大于 {0}"),
    (re.compile(r"more than (\d+) characters"), "不能超过 {0} 个字"),
    (re.compile(r"must be one of ([^\n]+)$"), "可选：{0}"),
    (re.compile(r"self-intersection"), "边界自相交"),
    (re.compile(r"geometry, swapped"), "经纬度写反了，经度在前"),
    (re.compile(r"geometry, zero-area"), "边界没有面积"),
    (re.compile(r"read as (\w+), ([\d.]+%) .*read as (\w+), ([\d.]+%)"),
     "按 {0} 有 {1} 的面积落在本市片区之外，按 {2} 只有 {3}；坐标系可能选错，请在地图上核对"),
    (re.compile(r"the file says its datum is (\w+), the import says (\w+)"), "文件自带坐标系 {0}，导入时选的是 {1}"),
)  # fmt: skip
_EARLIER_ROW: Final = re.compile(r"\brow (\d+)\b")


def in_chinese(field: str | None, reason: str, detail: str) -> str:
    """The reason as a Chinese sentence, with its column in front and an earlier row as Excel counts it."""
    facts = (words.format(*_named(match)) for pattern, words in _FACTS if (match := pattern.search(detail)))
    sentence = next(facts, None) or _WORDS.get(reason, detail)
    earlier = _EARLIER_ROW.search(detail)
    if earlier is not None:
        sentence = f"{sentence}（见 Excel 第 {int(earlier[1]) + 1} 行）"
    header = re.match(r"\w+ \(([^)]+)\): ", detail)
    column = header[1] if header else FIELDS.get(field or "")
    return f"{column}：{sentence}" if column else sentence


def _named(match: re.Match[str]) -> list[str]:
    return [DATUM_NAMES.get(part, part) for part in match.groups()]
