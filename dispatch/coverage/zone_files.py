"""Zone figures as files: CSV for spreadsheets, GeoJSON for maps."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from shapely.geometry import mapping

from dispatch.tables.csv_files import first_lines
from schemas.common import Datum, Outline
from schemas.coverage import FigureScope, GeoFeature, GeoFeatures, ReachFigure, Standing, ZoneCoverage

NOT_APPLICABLE: Final = "不适用"

Column = tuple[str, Callable[[ZoneCoverage], str]]


def _whole(value: int | None) -> str:
    return NOT_APPLICABLE if value is None else str(value)


def _per_cent(value: float | None) -> str:
    return NOT_APPLICABLE if value is None else f"{100 * value:.1f}%"


def _decimal(value: float | None) -> str:
    return NOT_APPLICABLE if value is None else f"{value:.2f}"


def _sources(reach: ReachFigure) -> str:
    """Both figures where they contradict each other; no average of them."""
    if not reach.sources_disagree:
        return ""
    return f"不一致：首次询问 {_per_cent(reach.first_copy)}，抽查 {_per_cent(reach.spot_check)}"


def _estimate_then(zone: ZoneCoverage) -> float | None:
    """What was estimated on the day of the check."""
    then = zone.verified_reach and zone.verified_reach.estimate
    return then.median if then else None


_STANDINGS: Final[dict[Standing, str]] = {
    "gap": "盲区", "undecided": "说不准", "on_course": "已到应达", "not_due": "尚未到期",
}  # fmt: skip
_OWN_COLUMNS: Final[tuple[Column, ...]] = (
    ("片区代码", lambda zone: zone.code),
    ("片区名称", lambda zone: zone.name),
    ("行政区划代码", lambda zone: zone.division_code),
    ("计划份数", lambda zone: _whole(zone.planned)),
    ("发放份数", lambda zone: str(zone.handed_out)),
    ("当面率", lambda zone: _per_cent(zone.in_person_share)),
)
_PLANNER_COLUMNS: Final[tuple[Column, ...]] = (
    *_OWN_COLUMNS,
    ("户数", lambda zone: _whole(zone.households)),
    ("户均份数", lambda zone: _decimal(zone.copies_per_household)),
    ("上报覆盖", lambda zone: _per_cent(zone.reported)),
    ("估计触达", lambda zone: _per_cent(zone.reach.median if zone.reach else None)),
    ("触达下限", lambda zone: _per_cent(zone.reach.low if zone.reach else None)),
    ("触达上限", lambda zone: _per_cent(zone.reach.high if zone.reach else None)),
    ("证据等级", lambda zone: zone.reach.level if zone.reach else NOT_APPLICABLE),
    ("两种来源", lambda zone: NOT_APPLICABLE if zone.reach is None else _sources(zone.reach)),
    ("核实触达", lambda zone: _per_cent(zone.verified_reach.share if zone.verified_reach else None)),
    ("核实下限", lambda zone: _per_cent(zone.verified_reach.low if zone.verified_reach else None)),
    ("核实上限", lambda zone: _per_cent(zone.verified_reach.high if zone.verified_reach else None)),
    ("核实户数", lambda zone: _whole(zone.verified_reach.asked if zone.verified_reach else None)),
    ("核实日期", lambda zone: spoken_day(zone.verified_reach.checked_at) if zone.verified_reach else NOT_APPLICABLE),
    ("当日估计", lambda zone: _per_cent(_estimate_then(zone))),
    ("今日应达", lambda zone: _per_cent(zone.due_reach)),
    ("进度判断", lambda zone: NOT_APPLICABLE if zone.standing is None else _STANDINGS[zone.standing]),
    ("盲区", lambda zone: NOT_APPLICABLE if zone.gap is None else "是" if zone.gap else "否"),
)


def spoken_day(instant: datetime) -> str:
    """A day as people write it: 2027年3月15日."""
    return f"{instant.year}年{instant.month}月{instant.day}日"


def spoken_time(instant: datetime) -> str:
    """An instant as people write it: 2027年3月15日 09:05."""
    return f"{instant.year}年{instant.month}月{instant.day}日 {instant:%H:%M}"


def zones_csv(
    zones: Sequence[ZoneCoverage], *, campaign: str, as_of: datetime, scope: FigureScope, demonstration: bool
) -> bytes:
    """The table with title, cut-off and unit lines."""
    columns = _OWN_COLUMNS if scope == "own" else _PLANNER_COLUMNS
    cut_off = spoken_time(as_of)
    table = [
        [f"{campaign} 片区覆盖情况{'（演示数据）' if demonstration else ''}"],
        [f"截止时间：{cut_off}"],
        ["单位：份、户；触达区间为 95%"],
        [*(title for title, _ in columns), "截止时间"],
        *([*(cell(zone) for _, cell in columns), cut_off] for zone in zones),
    ]
    return first_lines(table).encode()


def zones_geojson(
    zones: Sequence[ZoneCoverage], boundaries: Mapping[UUID, Any], datum: Datum, as_of: datetime
) -> GeoFeatures:
    """Boundaries by zone id (degrees, city datum) with the figures as properties, in the order of `zones`."""
    features = [
        GeoFeature(id=zone.code, geometry=Outline(**mapping(boundaries[zone.zone_id])), properties=zone)
        for zone in zones
        if zone.zone_id in boundaries
    ]
    return GeoFeatures(datum=datum, as_of=as_of, features=features)
