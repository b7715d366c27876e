"""What makes zones acceptable, and what an import changes."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import msgspec

from dispatch.geo.datum import DATUMS, Datum
from dispatch.geo.polygons import Area, areas_square_metres, to_wkb, transform
from dispatch.problems import Problem
from dispatch.tables.cells import code, month, share, text, whole_number
from dispatch.tables.sheets import Column, Row, refuse
from dispatch.zones import shapes
from dispatch.zones.features import AS_OF, HOUSEHOLDS, POPULATION, SOURCE, Features, FileZone, priority_group
from dispatch.zones.records import CityRecord, IncidentChanges, IncidentKey, ZoneChanges, ZoneRecord
from schemas.common import RowError

DISTRICT_DIGITS: Final = 6
_WHOLE_DIVISION = re.compile(r"[0-9]{12}")

ZONE_CODE: Final = Column("zone_code", "片区代码", code, aliases=("code", "代码", "编码", "片区编码"))
HOUSEHOLD_COLUMNS: Final = (
    ZONE_CODE,
    msgspec.structs.replace(HOUSEHOLDS, required=True),
    POPULATION,
    SOURCE,
    AS_OF,
    Column("name", "片区名称", text(120), required=False, aliases=("名称", "片区")),
)
INCIDENT_COLUMNS: Final = (
    ZONE_CODE,
    Column("month", "月份", month, aliases=("年月", "发案月份")),
    Column("scam_type", "诈骗类型", text(60), aliases=("类型", "案件类型", "诈骗类别")),
    Column("incidents", "发案数", whole_number(1_000_000), aliases=("案件数", "起数")),
    Column("name", "片区名称", text(120), required=False, aliases=("名称", "片区")),
)
PRIORITY_GROUP_COLUMNS: Final = (
    ZONE_CODE,
    Column("priority_group", "重点人群", priority_group, aliases=("人群", "人群类别")),
    Column("share", "占比", share, aliases=("比例", "人口占比")),
    Column("name", "片区名称", text(120), required=False, aliases=("名称", "片区")),
)


class UnknownDatum(Problem):
    """Coordinates without a known datum are never guessed at."""

    slug, title, status = "unknown-datum", "This datum is not known", 422


class DivisionUnknown(Problem):
    """No zone of the city lies in this division: a code of another city, or one with a slip of the finger."""

    slug, title, status = "division-unknown", "No zone of the city lies in this division", 422


class CityDiffers(Problem):
    """A city with this number or code exists and is not the one described. A city's datum never changes."""

    slug, title, status = "city-differs", "This city exists and is another one", 409


def judge_datum(datum: str) -> Datum:
    """The datum, if it is one. Raises UnknownDatum."""
    if datum not in DATUMS:
        raise UnknownDatum(f"Name one of {', '.join(DATUMS)}.", field="datum")
    return datum


def judge_city(city_id: int, wanted: CityRecord, existing: CityRecord | None) -> None:
    """Refuse to make a city whose number or code is another city's; `existing` is the one with its number, if any."""
    if existing != wanted:
        raise CityDiffers(
            f"City {city_id} ({wanted.code}) exists already with another code, name or datum; choose another number "
            "or code, or describe the city as it is.",
            city_id=city_id,
        )


def require_division(division_code: str | None, has_zones: bool) -> None:
    """Refuse a division in which no zone of the city lies; None is the whole city. Raises DivisionUnknown."""
    if division_code is not None and not has_zones:
        raise DivisionUnknown(
            "No zone of the city has this division code: choose one of the city's districts (GET /api/districts), or "
            "import the zones with their division codes first.",
            field="division_code",
        )


def district_of(division_code: str) -> str:
    """The district of a division: the first six digits of its code."""
    return division_code[:DISTRICT_DIGITS]


def districts_named(features: Sequence[FileZone], zones: Sequence[ZoneRecord]) -> dict[str, str]:
    """What the file calls the districts of its zones, by their numbers; `zones` are the city's after the import.

    A district of which the file knows two names, as where a development zone has taken over a street, gets the one
    most of its zones say."""
    divisions = {zone.code: zone.division_code for zone in zones}
    said: dict[str, Counter[str]] = {}
    for feature in features:
        district = district_of(divisions.get(feature.code, ""))
        if district and feature.district_name:
            said.setdefault(district, Counter())[feature.district_name] += 1
    return {district: names.most_common(1)[0][0] for district, names in sorted(said.items())}


def judge_zones(
    file: Features,
    existing: Sequence[ZoneRecord],
    ids: Sequence[UUID],
    datum: Datum,
    city_datum: Datum,
    datum_confirmed: bool,
) -> ZoneChanges:
    """Judge a whole file of zones against the city's (`existing`), or raise ImportRefused with every reason found.

    `datum` is the file's; `ids` are those of new zones, one for each feature. A known code changes that zone; what
    the file does not name of it stays. `datum_confirmed`: somebody looked, a wrong datum is not suspected any more.
    """
    errors = [*file.errors, *_claimed_otherwise(file, datum)]
    features = _first_of_each_code(file.features, errors)
    polygons = [transform(feature.polygon, datum, city_datum) for feature in features]
    errors += shapes.too_large(features, polygons)
    if not errors and not datum_confirmed:
        errors += shapes.wrong_datum(features, existing, datum, city_datum)
    if not errors:
        errors += shapes.overlapping(features, polygons, existing)
    refuse(errors)
    return _merged(features, polygons, existing, ids)


def judge_households(table: Sequence[Row], existing: Sequence[ZoneRecord]) -> ZoneChanges:
    """Households (and population, source, date where given) by zone code. Raises ImportRefused."""
    zones = {zone.code: zone for zone in existing}
    require_rows(table, zones, ("zone_code",))
    fields = ("households", "population", "households_source", "households_as_of")
    wanted = [
        msgspec.structs.replace(
            zones[row.values["zone_code"]],
            **{name: row.values[name] for name in fields if row.values[name] is not None},
        )
        for row in table
    ]
    return _changes(existing, wanted)


def judge_priority_groups(table: Sequence[Row], existing: Sequence[ZoneRecord]) -> ZoneChanges:
    """Shares of priority groups by zone code; groups the file does not name stay. Raises ImportRefused."""
    zones = {zone.code: zone for zone in existing}
    require_rows(table, zones, ("zone_code", "priority_group"))
    groups: dict[str, dict[str, float]] = {}
    for row in table:
        kept = groups.setdefault(row.values["zone_code"], dict(zones[row.values["zone_code"]].priority_groups))
        kept[row.values["priority_group"]] = row.values["share"]
    return _changes(
        existing, [msgspec.structs.replace(zones[key], priority_groups=kept) for key, kept in groups.items()]
    )


def judge_incidents(table: Sequence[Row], zone_ids: Mapping[str, UUID]) -> dict[IncidentKey, int]:
    """Incident counts by zone, month and scam type. Raises ImportRefused."""
    require_rows(table, zone_ids, ("zone_code", "month", "scam_type"))
    return {
        (zone_ids[row.values["zone_code"]], row.values["month"], row.values["scam_type"]): row.values["incidents"]
        for row in table
    }


def incident_changes(wanted: Mapping[IncidentKey, int], kept: Mapping[IncidentKey, int]) -> IncidentChanges:
    """What the wanted counts change of the kept ones; counts the table does not name stay."""
    written = sorted((*key, count) for key, count in wanted.items() if kept.get(key) != count)
    created = sum(key not in kept for key in wanted)
    return IncidentChanges(written, created, len(written) - created, len(wanted) - len(written))


def require_rows(table: Sequence[Row], zones: Mapping[str, Any], key: Sequence[str]) -> None:
    """Refuse a table with unknown zone codes, or with two rows for the same thing (the columns in `key`)."""
    errors: list[RowError] = []
    seen: dict[tuple[Any, ...], int] = {}
    for row in table:
        zone_code: str = row.values["zone_code"]
        if zone_code not in zones:
            errors.append(_error(row.row, zone_code, "zone_code", "unknown-zone", "no zone of the city has this code"))
        first = seen.setdefault(tuple(row.values[name] for name in key), row.row)
        if first != row.row:
            errors.append(_error(row.row, zone_code, key[-1], "double-row", f"repeats row {first}"))
    refuse(errors)


def _claimed_otherwise(file: Features, datum: Datum) -> list[RowError]:
    if file.claimed_datum in (None, datum):
        return []
    detail = f"the file says its datum is {file.claimed_datum}, the import says {datum}"
    return [_error(0, None, "datum", "datum-contradicted", detail)]


def _first_of_each_code(features: Sequence[FileZone], errors: list[RowError]) -> list[FileZone]:
    first: dict[str, FileZone] = {}
    for feature in features:
        other = first.setdefault(feature.code, feature)
        if other is not feature:
            detail = f"feature {other.row} has this code already"
            errors.append(_error(feature.row, feature.code, "code", "duplicate-code", detail))
    return list(first.values())


def _merged(
    features: Sequence[FileZone], polygons: Sequence[Area], existing: Sequence[ZoneRecord], ids: Sequence[UUID]
) -> ZoneChanges:
    zones = {zone.code: zone for zone in existing}
    wanted: list[ZoneRecord] = []
    areas: list[float] = areas_square_metres(polygons).tolist()
    for feature, polygon, area, zone_id in zip(features, polygons, areas, ids, strict=False):
        shape = {"boundary": to_wkb(polygon), "area_square_metres": area}
        known = zones.get(feature.code)
        zone = (
            ZoneRecord(zone_id=zone_id, **shape, **feature.values)
            if known is None
            else msgspec.structs.replace(known, **shape, **feature.values)
        )
        wanted.append(_in_its_division(zone))
    return _changes(existing, wanted)


def _in_its_division(zone: ZoneRecord) -> ZoneRecord:
    """A code of twelve digits is a division code: it says more than the district's number, or nothing."""
    if _WHOLE_DIVISION.fullmatch(zone.code) and zone.code.startswith(zone.division_code):
        return msgspec.structs.replace(zone, division_code=zone.code)
    return zone


def _changes(existing: Sequence[ZoneRecord], wanted: Sequence[ZoneRecord]) -> ZoneChanges:
    zones = {zone.code: zone for zone in existing}
    created = [zone for zone in wanted if zone.code not in zones]
    changed = [zone for zone in wanted if zone.code in zones and zones[zone.code] != zone]
    everything = {**zones, **{zone.code: zone for zone in wanted}}
    return ZoneChanges(created, changed, len(wanted) - len(created) - len(changed), list(everything.values()))


def _error(row: int, zone_code: str | None, field: str, reason: str, detail: str) -> RowError:
    return RowError(row=row, code=zone_code, field=field, reason=reason, detail=detail)
