"""What makes zones acceptable, and what an import changes. Pure: structs in, structs out or a Problem raised."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final, cast
from uuid import UUID

import msgspec
import numpy as np

from dispatch.geo.cells import assign_cells, spread_households
from dispatch.geo.datum import DATUMS, Datum, DatumSuspicion, suspect_datum
from dispatch.geo.polygons import Area, areas_square_metres, from_wkb, outline, overlaps, to_wkb, transform
from dispatch.problems import Problem
from dispatch.tables.cells import code, month, share, text, whole_number
from dispatch.tables.sheets import Column, Row, refuse
from dispatch.zones.features import AS_OF, HOUSEHOLDS, POPULATION, SOURCE, Features, ZoneFeature, priority_group
from schemas.common import RowError

# The largest townships of the far west stay below; a polygon beyond it is a mistake that would eat the memory.
LARGEST_ZONE_SQUARE_KILOMETRES: Final = 60_000
LARGEST_CITY_SQUARE_KILOMETRES: Final = 300_000

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


class CityDiffers(Problem):
    """A city with this number or code exists and is not the one described. A city's datum never changes."""

    slug, title, status = "city-differs", "This city exists and is another one", 409


class ZoneRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A zone as it is kept; the boundary is WKB in the city's datum."""

    zone_id: UUID
    code: str
    name: str
    kind: str = "other"
    division_code: str = ""
    police_station: str = ""
    households: int | None = None
    population: int | None = None
    households_source: str = ""
    households_as_of: date | None = None
    priority_groups: dict[str, float] = msgspec.field(default_factory=dict[str, float])
    boundary: bytes
    area_square_metres: float


class ZoneChanges(msgspec.Struct, frozen=True):
    """What an import does to the zones. `everything`: all zones of the city as they are afterwards."""

    created: list[ZoneRecord]
    changed: list[ZoneRecord]
    unchanged: int
    everything: list[ZoneRecord]


IncidentKey = tuple[UUID, date, str]


def judge_datum(datum: str) -> Datum:
    """The datum, if it is one. Raises UnknownDatum."""
    if datum not in DATUMS:
        raise UnknownDatum(f"Name one of {', '.join(DATUMS)}.", field="datum")
    return datum


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
    the file does not say of it stays. `datum_confirmed`: somebody looked, the suspicion of a wrong datum is not raised.
    """
    errors = [*file.errors, *_claimed_otherwise(file, datum)]
    features = _first_of_each_code(file.features, errors)
    polygons = [transform(feature.polygon, datum, city_datum) for feature in features]
    errors += _too_large(features, polygons)
    if not errors and not datum_confirmed:
        errors += _datum_suspected(features, existing, datum, city_datum)
    if not errors:
        errors += _overlaps(features, polygons, existing)
    refuse(errors)
    return _merged(features, polygons, existing, ids)


def cells_of_zones(zones: Sequence[ZoneRecord]) -> dict[int, tuple[UUID, int]]:
    """Every map cell of the city with its zone and its part of the zone's households.

    Cells of one resolution are as good as equal in area, so a zone's households are spread evenly, by largest
    remainder, and sum exactly.
    """
    owners = assign_cells([(zone.code, from_wkb(zone.boundary)) for zone in zones])
    by_zone: dict[int, list[int]] = {}
    for cell, index in sorted(owners.items()):
        by_zone.setdefault(index, []).append(cell)
    found: dict[int, tuple[UUID, int]] = {}
    for index, cells in by_zone.items():
        zone = zones[index]
        for cell, households in zip(cells, spread(zone.households, len(cells)), strict=True):
            found[cell] = (zone.zone_id, households)
    return found


def spread(households: int | None, cells: int) -> list[int]:
    """A zone's households over so many cells of equal area; nobody has said counts as none."""
    if not cells:
        return []
    return cast("list[int]", spread_households(households or 0, np.ones(cells, dtype=np.float64)).tolist())


def judge_households(table: Sequence[Row], existing: Sequence[ZoneRecord]) -> ZoneChanges:
    """Households (and population, source, date where given) by zone code. Raises ImportRefused."""
    zones = {zone.code: zone for zone in existing}
    require_rows(table, zones, ("zone_code",))
    fields = ("households", "population", "households_source", "households_as_of")
    said = [
        (zones[row.values["zone_code"]], {name: row.values[name] for name in fields if row.values[name] is not None})
        for row in table
    ]
    return _changes(existing, [msgspec.structs.replace(zone, **values) for zone, values in said])


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
            errors.append(_error(row.row, zone_code, key[-1], "double-row", f"says again what row {first} says"))
    refuse(errors)


def _claimed_otherwise(file: Features, datum: Datum) -> list[RowError]:
    if file.claimed_datum in (None, datum):
        return []
    detail = f"the file says its datum is {file.claimed_datum}, the import says {datum}"
    return [_error(0, None, "datum", "datum-contradicted", detail)]


def _first_of_each_code(features: Sequence[ZoneFeature], errors: list[RowError]) -> list[ZoneFeature]:
    first: dict[str, ZoneFeature] = {}
    for feature in features:
        other = first.setdefault(feature.code, feature)
        if other is not feature:
            detail = f"feature {other.row} has this code already"
            errors.append(_error(feature.row, feature.code, "code", "duplicate-code", detail))
    return list(first.values())


def _too_large(features: Sequence[ZoneFeature], polygons: Sequence[Area]) -> list[RowError]:
    kilometres: list[float] = (areas_square_metres(polygons) / 1e6).tolist() if polygons else []
    errors = [
        _error(feature.row, feature.code, "geometry", "too-large", f"{area:.0f} km² is no delivery zone")
        for feature, area in zip(features, kilometres, strict=True)
        if area > LARGEST_ZONE_SQUARE_KILOMETRES
    ]
    if not errors and sum(kilometres) > LARGEST_CITY_SQUARE_KILOMETRES:
        errors.append(_error(0, None, "geometry", "too-large", f"{sum(kilometres):.0f} km² is no city"))
    return errors


def _datum_suspected(
    features: Sequence[ZoneFeature], existing: Sequence[ZoneRecord], datum: Datum, city_datum: Datum
) -> list[RowError]:
    suspicion = suspicion_of(features, existing, datum, city_datum)
    if suspicion is None:
        return []
    detail = (
        f"read as {datum}, {suspicion.declared_outside:.1%} of the area lies outside the city's zones; "
        f"read as {suspicion.likely}, {suspicion.likely_outside:.1%}"
    )
    return [_error(0, None, "datum", "wrong-datum-suspected", detail)]


def suspicion_of(
    features: Sequence[ZoneFeature], existing: Sequence[ZoneRecord], datum: Datum, city_datum: Datum
) -> DatumSuspicion | None:
    """Compare the file with the city as a whole, and the zones drawn again with what they were."""
    known = {zone.code: from_wkb(zone.boundary) for zone in existing}
    again = [feature for feature in features if feature.code in known]
    comparisons: list[tuple[list[Area], list[Area]]] = [
        ([feature.polygon for feature in again], [known[feature.code] for feature in again]),
        ([feature.polygon for feature in features], list(known.values())),
    ]
    for shapes, counterparts in comparisons:
        if not shapes or not counterparts:
            continue
        suspicion = suspect_datum(shapes, datum, outline(counterparts), city_datum)
        if suspicion is not None:
            return suspicion
    return None


def _overlaps(
    features: Sequence[ZoneFeature], polygons: Sequence[Area], existing: Sequence[ZoneRecord]
) -> list[RowError]:
    """Overlaps among the file's zones, and with zones of the city that the file does not mention."""
    mentioned = {feature.code for feature in features}
    others = [zone for zone in existing if zone.code not in mentioned]
    codes = [*(zone.code for zone in others), *(feature.code for feature in features)]
    errors: list[RowError] = []
    for first, second, square_metres in overlaps([*(from_wkb(zone.boundary) for zone in others), *polygons]):
        if second >= len(others):
            feature = features[second - len(others)]
            detail = f"overlaps zone {codes[first]} by {square_metres:,.0f} m²"
            errors.append(_error(feature.row, feature.code, "geometry", "overlap", detail))
    return errors


def _merged(
    features: Sequence[ZoneFeature], polygons: Sequence[Area], existing: Sequence[ZoneRecord], ids: Sequence[UUID]
) -> ZoneChanges:
    zones = {zone.code: zone for zone in existing}
    wanted: list[ZoneRecord] = []
    areas: list[float] = areas_square_metres(polygons).tolist()
    for feature, polygon, area, zone_id in zip(features, polygons, areas, ids, strict=False):
        ground = {"boundary": to_wkb(polygon), "area_square_metres": area}
        known = zones.get(feature.code)
        wanted.append(
            ZoneRecord(zone_id=zone_id, **ground, **feature.said)
            if known is None
            else msgspec.structs.replace(known, **ground, **feature.said)
        )
    return _changes(existing, wanted)


def _changes(existing: Sequence[ZoneRecord], wanted: Sequence[ZoneRecord]) -> ZoneChanges:
    zones = {zone.code: zone for zone in existing}
    created = [zone for zone in wanted if zone.code not in zones]
    changed = [zone for zone in wanted if zone.code in zones and zones[zone.code] != zone]
    everything = {**zones, **{zone.code: zone for zone in wanted}}
    return ZoneChanges(created, changed, len(wanted) - len(created) - len(changed), list(everything.values()))


def _error(row: int, zone_code: str | None, field: str, reason: str, detail: str) -> RowError:
    return RowError(row=row, code=zone_code, field=field, reason=reason, detail=detail)
