"""The city, its zones, cells and incident counts in SQL."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from dispatch.database import Connection, one, queries_for, rows
from dispatch.database.changes import touch_city
from dispatch.database.queries import Scope
from dispatch.geo.datum import Datum
from dispatch.problems import NotFound
from dispatch.zones import shapes
from dispatch.zones.outlines import Boundary
from dispatch.zones.records import CellOwners, CityRecord, IncidentChanges, IncidentKey, ZoneChanges, ZoneRecord
from schemas.zones import District, IncidentCount, Zone

SQL = queries_for(__file__)

# A statement with more rows would come near the time limit on a busy server.
_CELLS_IN_A_STATEMENT: Final = 20_000


async def insert_city(connection: Connection, city_id: int, city: CityRecord, now: datetime) -> bool:
    """Make a city; False when its number or its code is taken."""
    made = await connection.fetchval(
        *SQL.insert_city(
            city_id=city_id, code=city.code, name=city.name, datum=city.datum, demonstration=city.demonstration, now=now
        )
    )
    return made is not None


async def read_city(connection: Connection, city_id: int) -> CityRecord | None:
    """The city as it was made, if there is one with this number."""
    return one(CityRecord, await connection.fetchrow(*SQL.read_city(city_id=city_id)))


async def find_city(connection: Connection, city_id: int) -> CityRecord:
    """The city as it was made. Raises NotFound."""
    city = await read_city(connection, city_id)
    if city is None:
        raise NotFound("There is no such city.")
    return city


async def lock_city(connection: Connection, city_id: int) -> Datum:
    """The city's datum; other imports of the city wait until this transaction ends. Raises NotFound."""
    datum: Datum | None = await connection.fetchval(*SQL.lock_city(city_id=city_id))
    if datum is None:
        raise NotFound("There is no such city.")
    return datum


async def read_zone_records(connection: Connection, city_id: int) -> list[ZoneRecord]:
    """Every zone of the city, by code."""
    return rows(ZoneRecord, await connection.fetch(*SQL.read_zone_records(city_id=city_id)))


async def read_incidents(connection: Connection, city_id: int, keys: Iterable[IncidentKey]) -> dict[IncidentKey, int]:
    """The counts kept of the zones that occur in these keys."""
    zone_ids = sorted({zone_id for zone_id, _, _ in keys})
    counts = await connection.fetch(*SQL.read_incident_counts(city_id=city_id, zone_ids=zone_ids))
    return {(zone_id, month, scam_type): incidents for zone_id, month, scam_type, incidents in counts}


async def write_incidents(connection: Connection, city_id: int, changes: IncidentChanges) -> None:
    """Keep the new and changed counts; campaigns of the city learn of it."""
    zone_ids, months, scam_types, incidents = _columns(changes.written)
    await connection.execute(
        *SQL.write_incident_counts(
            city_id=city_id, zone_ids=zone_ids, months=months, scam_types=scam_types, incidents=incidents
        )
    )
    await touch_city(connection, city_id)


async def write_zones(connection: Connection, city_id: int, changes: ZoneChanges, now: datetime) -> None:
    """Make the new zones and change the changed ones; campaigns of the city learn of it."""
    for statement, zones in ((SQL.insert_zones, changes.created), (SQL.update_zones, changes.changed)):
        if zones:
            await connection.execute(*statement(city_id=city_id, now=now, **_arrays(zones)))
    await touch_city(connection, city_id)


async def name_districts(connection: Connection, city_id: int, names: Mapping[str, str], now: datetime) -> None:
    """Call the districts with these numbers so; a name that is the same stays untouched."""
    if names:
        await connection.execute(
            *SQL.write_districts(city_id=city_id, codes=list(names), names=list(names.values()), now=now)
        )


async def read_districts(connection: Connection, scope: Scope, code: str | None = None) -> list[District]:
    """The districts in which zones within scope lie, by number, or the one with this number."""
    return rows(District, await connection.fetch(*SQL.read_districts(scope, code=code)))


def _arrays(zones: Sequence[ZoneRecord]) -> dict[str, list[object]]:
    """One array for each column, as insert_zones and update_zones take them."""
    return {
        "zone_ids": [zone.zone_id for zone in zones],
        "codes": [zone.code for zone in zones],
        "names": [zone.name for zone in zones],
        "kinds": [zone.kind for zone in zones],
        "division_codes": [zone.division_code for zone in zones],
        "police_stations": [zone.police_station for zone in zones],
        "households": [zone.households for zone in zones],
        "populations": [zone.population for zone in zones],
        "households_sources": [zone.households_source for zone in zones],
        "households_as_of": [zone.households_as_of for zone in zones],
        "priority_groups": [zone.priority_groups for zone in zones],
        "boundaries": [zone.boundary for zone in zones],
        "areas_square_metres": [zone.area_square_metres for zone in zones],
    }


async def spread_again(connection: Connection, city_id: int, zones: Sequence[ZoneRecord]) -> None:
    """Spread the households of some zones over the cells they have."""
    zone_ids = [zone.zone_id for zone in zones]
    cells: dict[UUID, list[int]] = {}
    for cell, (zone_id, _) in (await read_cells(connection, city_id, zone_ids)).items():
        cells.setdefault(zone_id, []).append(cell)
    await write_cells(connection, city_id, shapes.spread_over(zones, cells), zone_ids)


async def read_cells(connection: Connection, city_id: int, zone_ids: Sequence[UUID] | None) -> CellOwners:
    """The cells of some zones (None: of all) in ascending order."""
    found = await connection.fetch(*SQL.read_zone_cells(city_id=city_id, zone_ids=zone_ids))
    return {cell: (zone_id, households) for cell, zone_id, households in found}


async def write_cells(
    connection: Connection, city_id: int, wanted: CellOwners, zone_ids: Sequence[UUID] | None
) -> None:
    """Make the cells of some zones (None: of all) what is wanted, writing only what differs."""
    changes = shapes.cell_changes(await read_cells(connection, city_id, zone_ids), wanted)
    if changes.gone:
        await connection.execute(*SQL.delete_zone_cells(city_id=city_id, cells=changes.gone))
    for start in range(0, len(changes.written), _CELLS_IN_A_STATEMENT):
        cells, owners, households = _columns(changes.written[start : start + _CELLS_IN_A_STATEMENT])
        await connection.execute(
            *SQL.write_zone_cells(city_id=city_id, cells=cells, zone_ids=owners, households=households)
        )


def _columns(records: Iterable[tuple[Any, ...]]) -> list[list[Any]]:
    """Records as one array for each column, the way many rows travel to the database."""
    return [list(column) for column in zip(*records, strict=True)]


async def read_zones(
    connection: Connection, scope: Scope, zone_id: UUID | None = None, *, with_incidents: bool = False
) -> list[Zone]:
    """The zones within scope, by code, or the one with this id."""
    return rows(Zone, await connection.fetch(*SQL.read_zones(scope, zone_id=zone_id, with_incidents=with_incidents)))


async def find_zone(connection: Connection, scope: Scope, zone_id: UUID, *, with_incidents: bool = False) -> Zone:
    """The zone, if it is within scope. Raises NotFound."""
    zones = await read_zones(connection, scope, zone_id, with_incidents=with_incidents)
    if not zones:
        raise NotFound("There is no such zone here.")
    return zones[0]


async def read_incident_counts(connection: Connection, city_id: int, zone_id: UUID) -> list[IncidentCount]:
    """The incident counts of a zone, oldest month first."""
    return rows(IncidentCount, await connection.fetch(*SQL.read_incident_counts(city_id=city_id, zone_ids=[zone_id])))


async def read_boundaries(connection: Connection, scope: Scope) -> list[Boundary]:
    """The zones within scope with their boundaries, by code."""
    return rows(Boundary, await connection.fetch(*SQL.read_boundaries(scope)))
