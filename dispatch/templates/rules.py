"""Which tables have templates, and what each contains: its columns are those the import reads."""

from collections.abc import Sequence
from datetime import date
from typing import Final, Literal

import msgspec

from dispatch.campaigns.rules import CAPACITY_COLUMNS
from dispatch.partners.rules import DEPOT_COLUMNS, OUTLET_COLUMNS, PARTNER_COLUMNS, RIDER_COLUMNS
from dispatch.tables.sheets import SAMPLE, Column
from dispatch.tables.workbooks import SheetColumn
from dispatch.zones.features import PRIORITY_GROUPS
from dispatch.zones.rules import HOUSEHOLD_COLUMNS, INCIDENT_COLUMNS, PRIORITY_GROUP_COLUMNS

TemplateName = Literal[
    "households", "incidents", "priority-groups", "partners", "outlets", "riders", "depots", "capacity"
]

# One word for each kind of partner; the import knows the others too.
PARTNER_KINDS: Final = (
    "寄递企业", "邮政", "外卖平台", "银行", "学校", "社区", "物业", "通信运营商", "印刷厂",
)  # fmt: skip
NOTES: Final = (
    "请勿改动列名；列的顺序可以调整，空行和“合计”行会被忽略。",
    "第 2 行是示例，导入时自动忽略，删不删都可以。",
    "本市已有的代码和名称已经填好，只需补上其余各列；用不到的行请整行删除。",
    "“本市代码”页列出了可以填写的代码和名称。",
    "代码一律按文本填写，以代码为准，不以名称匹配。",
    "日期可写作 2027-3-15、2027/3/15 或 2027年3月15日。",
    "有一行不合格，整张表都不会导入；退回的表最后一列“错误原因”会写明每一行的问题。",
)
_CODE: Final = "字母、数字和 . _ -，最多 40 位"
_HINTS: Final = {
    "zone_code": "本市片区的代码，见“本市代码”页",
    "code": _CODE,
    "households": "整数，可带千分位",
    "population": "整数，可带千分位",
    "households_source": "数据从哪里来，如“公安户籍”",
    "households_as_of": "数据截止的日期",
    "month": "2027-03 或 2027年3月",
    "scam_type": "如：刷单返利、冒充客服、虚假贷款",
    "incidents": "该月该类型的发案数，0 也要填",
    "share": "0.18 或 18%",
    "partner_code": "合作单位的代码，见“本市代码”页；本单位填报时可不填",
    "outlet_code": "网点的代码，见“本市代码”页；本网点填报时可不填",
    "pin": "6 位数字；不填则稍后在页面上生成",
    "week_starts_on": "这一周的周一",
    "copies": "这一周在该片区能发放的份数",
}


class Template(msgspec.Struct, frozen=True):
    """A table's name for the sheet, its columns as the import reads them, a sample row, drop-downs by column."""

    title: str
    columns: Sequence[Column]
    sample: tuple[str, ...]
    choices: dict[str, tuple[str, ...]] = msgspec.field(default_factory=dict[str, tuple[str, ...]])


TEMPLATES: Final[dict[TemplateName, Template]] = {
    "households": Template(
        "户数表", HOUSEHOLD_COLUMNS, (SAMPLE + "990102001", "8412", "23650", "公安户籍", "2027-3-1", "东湖片区")
    ),
    "incidents": Template(
        "发案数表", INCIDENT_COLUMNS, (SAMPLE + "990102001", "2027-03", "刷单返利", "6", "东湖片区")
    ),
    "priority-groups": Template(
        "重点人群表",
        PRIORITY_GROUP_COLUMNS,
        (SAMPLE + "990102001", "老年人", "18%", "东湖片区"),
        {"priority_group": tuple(PRIORITY_GROUPS)},
    ),
    "partners": Template(
        "合作单位表", PARTNER_COLUMNS, (SAMPLE + "ZTO", "中通快递", "寄递企业"), {"kind": PARTNER_KINDS}
    ),
    "outlets": Template("网点表", OUTLET_COLUMNS, (SAMPLE + "ZTO-0101", "东湖网点", "ZTO", "990102001")),
    "riders": Template("骑手表", RIDER_COLUMNS, (SAMPLE + "ZTO-0101-001", "王小明", "ZTO-0101", "012345")),
    "depots": Template("领取点表", DEPOT_COLUMNS, (SAMPLE + "DEP-1", "反诈中心仓库", "人民路 1 号")),
    "capacity": Template("承接能力表", CAPACITY_COLUMNS, (SAMPLE + "ZTO-0101", "990102001", "2027-3-15", "400")),
}  # fmt: skip


class NamedZone(msgspec.Struct, frozen=True):
    """A zone as far as a template can fill it in."""

    code: str
    name: str
    households: int | None
    population: int | None
    households_source: str
    households_as_of: date | None


class NamedPartner(msgspec.Struct, frozen=True):
    """A partner's code and name."""

    code: str
    name: str


class NamedOutlet(msgspec.Struct, frozen=True):
    """An outlet with the zone it is in."""

    code: str
    name: str
    zone_code: str | None
    zone_name: str | None


class KnownCodes(msgspec.Struct, frozen=True):
    """The codes and names of a city that somebody who fills in a template may know."""

    zones: Sequence[NamedZone] = ()
    partners: Sequence[NamedPartner] = ()
    outlets: Sequence[NamedOutlet] = ()


def known_rows(name: TemplateName, known: KnownCodes) -> list[tuple[str, ...]]:
    """The rows of a template as far as the city knows them; the rest is to be filled in."""
    if name == "households":
        return [
            (
                zone.code,
                _written(zone.households),
                _written(zone.population),
                zone.households_source,
                _written(zone.households_as_of),
                zone.name,
            )
            for zone in known.zones
        ]
    if name == "incidents":
        return [(zone.code, "", "", "", zone.name) for zone in known.zones]
    if name == "priority-groups":
        return [(zone.code, "", "", zone.name) for zone in known.zones]
    if name == "capacity":
        return [(outlet.code, outlet.zone_code or "", "", "") for outlet in known.outlets]
    return []


def listed_codes(name: TemplateName, known: KnownCodes) -> list[tuple[str, str, str]]:
    """What of, code, name: the codes that the columns of this template take."""
    columns = {column.name for column in TEMPLATES[name].columns}
    zones = {zone.code: zone.name for zone in known.zones}
    zones |= {outlet.zone_code: outlet.zone_name or "" for outlet in known.outlets if outlet.zone_code}
    return [
        *(("合作单位", each.code, each.name) for each in known.partners if "partner_code" in columns),
        *(("网点", each.code, each.name) for each in known.outlets if "outlet_code" in columns),
        *(("片区", code, zones[code]) for code in sorted(zones) if "zone_code" in columns),
    ]


def _written(value: int | date | None) -> str:
    return "" if value is None else str(value)


def sheet_columns(template: Template) -> list[SheetColumn]:
    """The template's columns as a workbook shows them."""
    return [
        SheetColumn(
            header=column.header,
            required=column.required,
            choices=template.choices.get(column.name, ()),
            hint="" if column.name in template.choices else _HINTS.get(column.name, ""),
        )
        for column in template.columns
    ]
