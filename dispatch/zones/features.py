"""Reading zones from strangers' GeoJSON, feature by feature.

It knows nothing of the city: bytes in, features and faults out, before any transaction.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, cast

import msgspec

from dispatch.geo.datum import DATUMS
from dispatch.geo.polygons import Area, GeometryError, read_polygon
from dispatch.tables.cells import CellError, clean, code, day, narrow, plain_header, share, text, whole_number
from dispatch.tables.records import MOST_BYTES
from dispatch.tables.sheets import Column, headers, read_values
from schemas.common import RowError

MOST_ZONES: Final = 10_000
MOST_PEOPLE: Final = 50_000_000

# The words in the columns of our templates, and the identifiers they are kept under.
KINDS: Final = {
    "老城区": "old_core",
    "新建高层": "high_rise",
    "高校园区": "campus_industrial",
    "城乡结合部": "urban_fringe",
    "县城": "county_town",
    "乡镇": "township",
    "其他": "other",
}
PRIORITY_GROUPS: Final = {
    "老年人": "elderly",
    "学生": "students",
    "务工人员": "migrant_workers",
    "暂住人口": "temporary_residents",
    "妇女": "women",
}
_IDENTIFIER = re.compile(r"[a-z][a-z0-9_]{0,39}")
_DIGITS = re.compile(r"[0-9]{2,12}")
SAMPLE_ZONE: Final = "EXAMPLE-"
"""The codes of the sample file begin so: its zones are nobody's."""


def kind(cell: str) -> str:
    """The kind of a zone: one of ours by its Chinese name, or the city's own word, at most 40 characters."""
    return KINDS.get(narrow(cell)) or text(40)(cell)


def priority_group(cell: str) -> str:
    """A priority group by its Chinese name or its identifier."""
    written = PRIORITY_GROUPS.get(narrow(cell), narrow(cell).casefold())
    if not _IDENTIFIER.fullmatch(written):
        raise CellError("unknown-choice", f"must be one of {', '.join(PRIORITY_GROUPS)}, or an identifier in a-z and _")
    return written


HOUSEHOLDS = Column("households", "户数", whole_number(MOST_PEOPLE), required=False, aliases=("总户数", "常住户数"))
POPULATION = Column("population", "人口", whole_number(MOST_PEOPLE), required=False, aliases=("常住人口", "人口数"))
SOURCE = Column("households_source", "户数来源", text(200), required=False, aliases=("source", "来源", "数据来源"))
AS_OF = Column(
    "households_as_of", "户数截止日期", day, required=False, aliases=("as_of", "截止日期", "截止时间", "数据日期")
)

ZONE_COLUMNS: Final = (
    Column("code", "代码", code, aliases=("编码", "片区代码", "片区编码", "zone_code")),
    Column("name", "名称", text(120), aliases=("片区名称", "片区", "zone_name")),
    HOUSEHOLDS,
    POPULATION,
    Column("kind", "类型", kind, required=False, aliases=("片区类型",)),
    Column(
        "division_code",
        "行政区划代码",
        code,
        required=False,
        aliases=("区划代码", "adcode", "district_code", "区县代码"),
    ),
    # What a map file calls `district` may be the name or the number: told apart by its digits.
    Column("district_name", "区县", text(60), required=False, aliases=("district", "区县名称", "所属区县", "区")),
    Column(
        "police_station",
        "派出所",
        text(120),
        required=False,
        aliases=("police_station_code", "所属派出所", "辖区派出所", "派出所名称"),
    ),
    SOURCE,
    AS_OF,
)


class FileZone(msgspec.Struct, frozen=True, eq=False):
    """A zone as the file describes it."""

    row: int
    """The feature's position, counted from 1."""
    code: str
    values: dict[str, Any]
    """What the file names of the zone, by field of ZoneRecord; other fields keep what they have."""
    polygon: Area
    """In the file's datum."""
    district_name: str | None = None
    """What the file calls the district."""


class Features(msgspec.Struct, frozen=True, eq=False):
    """What a file holds: the readable features, the faults of the others, and the datum it claims for itself."""

    features: list[FileZone]
    errors: list[RowError]
    claimed_datum: str | None = None


class _Collection(msgspec.Struct):
    type: str
    features: list[msgspec.Raw]
    datum: Any = None


class _Feature(msgspec.Struct):
    type: str
    geometry: Any = None
    properties: dict[str, Any] | None = None


def read_features(document: bytes) -> Features:
    """Read a GeoJSON FeatureCollection of areas. Nothing is raised: what is wrong is in `errors`, row 0 for the file
    itself. Each feature is decoded by itself, so memory follows the largest one."""
    document = document.removeprefix(b"\xef\xbb\xbf")
    if len(document) > MOST_BYTES:
        return _unreadable("too-large", f"the file is larger than {MOST_BYTES // 1_000_000} MB; send it in parts")
    try:
        collection = msgspec.json.decode(document, type=_Collection)
    except RecursionError:
        return _unreadable("malformed", "the file is nested deeper than any map")
    except (msgspec.MsgspecError, UnicodeError) as error:
        return _malformed(document, error)
    if collection.type != "FeatureCollection":
        return _unreadable("malformed", "the file is no FeatureCollection")
    if not collection.features:
        return _unreadable("no-rows", "the file holds no feature")
    if len(collection.features) > MOST_ZONES:
        return _unreadable("too-many-rows", f"more than {MOST_ZONES} zones; send the file in parts")
    claimed = str(collection.datum).casefold() if collection.datum is not None else None
    if claimed is not None and claimed not in DATUMS:
        return _unreadable("unknown-datum", f"the member datum must be one of {', '.join(DATUMS)}")
    errors: list[RowError] = []
    read = [_read_feature(row, raw, errors) for row, raw in enumerate(collection.features, start=1)]
    return Features([feature for feature in read if feature is not None], errors, claimed)


def _unreadable(reason: str, detail: str, row: int = 0) -> Features:
    return Features([], [RowError(row=row, code=None, field=None, reason=reason, detail=detail)])


def _malformed(document: bytes, error: Exception) -> Features:
    """A syntax error has a byte position; the number of features begun before it gives the row."""
    position = re.search(r"\(byte (\d+)\)", str(error))
    row = document.count(b'"Feature"', 0, int(position[1])) if position else 0
    hint = "; NaN and Infinity are no JSON numbers" if b"NaN" in document or b"Infinity" in document else ""
    return _unreadable("malformed", f"the file is no GeoJSON: {error}{hint}", row)


def _read_feature(row: int, raw: msgspec.Raw, errors: list[RowError]) -> FileZone | None:
    """Decode and read one feature; its faults are appended to `errors` and None comes back."""
    try:
        feature = msgspec.json.decode(raw, type=_Feature)
    except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
        errors.append(RowError(row=row, code=None, field=None, reason="malformed", detail=f"no feature: {error}"))
        return None
    wrong: list[RowError] = []
    cells, groups = _cells_of(row, feature.properties or {}, wrong)
    if not cells.get("code") and cells.get("division_code"):
        # Files of whole districts number their areas by nothing else.
        cells["code"] = cells["division_code"]
    values, unread = read_values(row, cells, ZONE_COLUMNS)
    wrong += unread
    zone_code = cast("str | None", values["code"])
    if zone_code is not None and zone_code.startswith(SAMPLE_ZONE):
        detail = "is a zone of the sample file; take it out"
        wrong.append(RowError(row=row, code=None, field="code", reason="sample-left-in", detail=detail))
    polygon: Area | None = None
    try:
        polygon = read_polygon(feature.geometry)
    except GeometryError as error:
        detail = f"geometry, {error.reason}: {error.detail}"
        wrong.append(RowError(row=row, code=None, field="geometry", reason="invalid-geometry", detail=detail))
    errors += [msgspec.structs.replace(error, code=zone_code) for error in wrong]
    if wrong or zone_code is None or polygon is None:
        return None
    named = {name: value for name, value in values.items() if value is not None}
    district = cast("str | None", named.pop("district_name", None))
    return FileZone(row, zone_code, {**named, "priority_groups": groups} if groups else named, polygon, district)


def _cells_of(
    row: int, properties: Mapping[str, Any], wrong: list[RowError]
) -> tuple[dict[str, str], dict[str, float]]:
    """Properties as cells by column name, so that they are read like a table's; and the shares of priority groups."""
    known = headers(ZONE_COLUMNS)
    cells: dict[str, str] = {}
    groups: dict[str, float] = {}
    for key, value in properties.items():
        plain = plain_header(key)
        field = "priority_groups" if plain in ("priority_groups", "重点人群") else known.get(plain)
        if field is None:
            continue
        try:
            if field == "priority_groups":
                groups = _groups_of(value)
                continue
            cell = _cell_of(value)
            if field == "district_name" and _DIGITS.fullmatch(narrow(cell)):
                field = "division_code"
            if field == "division_code":
                cell = _more_exact(cells.get(field, ""), narrow(cell))
                cells[field] = cell
            if cells.setdefault(field, cell) != cell:
                raise CellError("double-property", "occurs twice, with two values")
        except CellError as error:
            wrong.append(
                RowError(row=row, code=None, field=field, reason=error.reason, detail=f"{field}: {error.detail}")
            )
    return cells, groups


def _more_exact(kept: str, cell: str) -> str:
    """Of the codes of a district and of a street in it the longer one. Raises CellError for two places."""
    if not (kept.startswith(cell) or cell.startswith(kept)):
        raise CellError("double-property", "occurs twice, with two values")
    return max(kept, cell, key=len)


def _cell_of(value: Any) -> str:
    """A property's value as a table's cell. GIS programs write codes as numbers and absent texts as null."""
    if value is None:
        return ""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise CellError("invalid-value", "must be a text or a number")
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else f"{value:.12f}".rstrip("0")
    return str(value)


def _groups_of(value: Any) -> dict[str, float]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise CellError("invalid-value", "must be an object of shares by priority group")
    members = cast("dict[str, Any]", value)
    read: Callable[[str], float] = share
    return {priority_group(key): read(_cell_of(member)) for key, member in members.items()}
