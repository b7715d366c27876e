"""Taking a city and its ground into the database. Apart from routes.py because the command line does the same.

Every import is refused whole or written in one transaction, finds by code what is there already, and writes nothing
the second time.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from dispatch.database import Connection, Database, new_id, queries_for, rows
from dispatch.database.changes import touch_city
from dispatch.geo.datum import Datum
from dispatch.problems import NotFound
from dispatch.tables.sheets import MOST_CODES_NAMED, Column, Table, read_table, together_with
from dispatch.zones import previews, rules
from dispatch.zones.features import read_features
from schemas.common import Imported
from schemas.zones import ZonesPreview

SQL = queries_for(__file__)

# A statement with more rows would come near the time limit on a busy server.
_CELLS_IN_A_STATEMENT: Final = 20_000


async def create_city(
    database: Database, city_id: int, code: str, name: str, datum: str, now: datetime, demonstration: bool = False
) -> bool:
    """Make a city; True when it is new, False when exactly this city is there already.

    Raises UnknownDatum, and CityDiffers when the number or the code belong to another city, or the datum differs.
    """
    known = rules.judge_datum(datum)

    async def work(connection: Connection) -> bool:
        if await connection.fetchval(SQL.insert_city, city_id, code, name, known, demonstration, now) is not None:
            return True
        city = await connection.fetchrow(SQL.read_city, city_id)
        if city is None or tuple(city) != (code, name, known, demonstration):
            raise rules.CityDiffers(
                f"City {city_id} ({code}) is here already with another code, name or datum; choose another number "
                "or code, or describe the city as it is.",
                city_id=city_id,
            )
        return False

    return await database.transact(work)


async def import_zones(
    database: Database, city_id: int, document: bytes, datum: str, now: datetime, *, datum_confirmed: bool = False
) -> Imported:
    """Take zones from a GeoJSON FeatureCollection whose coordinates are in `datum`.

    A known code changes its zone, others are new; zones the file does not name stay. All cells of the city are dealt
    out again. `datum_confirmed` silences the suspicion of a wrong datum after somebody looked.
    Raises ImportRefused, UnknownDatum, NotFound (no such city).
    """
    known = rules.judge_datum(datum)
    file = await asyncio.to_thread(read_features, document)
    ids = [new_id(now) for _ in file.features]

    async def work(connection: Connection) -> Imported:
        city_datum = await _lock_city(connection, city_id)
        existing = rows(rules.ZoneRecord, await connection.fetch(SQL.read_zone_records, city_id))
        changes = await asyncio.to_thread(
            rules.judge_zones, file, existing, ids, known, city_datum, datum_confirmed
        )  # fmt: skip
        if changes.created or changes.changed:
            await _write_zones(connection, city_id, changes, now)
            cells = await asyncio.to_thread(rules.cells_of_zones, changes.everything)
            await _write_cells(connection, city_id, cells, None)
        return _imported(changes)

    return await database.transact(work)


async def preview_zones(
    database: Database, city_id: int, document: bytes, datum: str, now: datetime, *, datum_confirmed: bool = False
) -> ZonesPreview:
    """What `import_zones` would do, with outlines to look at; nothing is written. Raises UnknownDatum, NotFound."""
    known = rules.judge_datum(datum)
    file = await asyncio.to_thread(read_features, document)
    ids = [new_id(now) for _ in file.features]
    async with database.read() as connection:
        city = await connection.fetchrow(SQL.read_city, city_id)
        if city is None:
            raise NotFound("There is no such city.")
        existing = rows(rules.ZoneRecord, await connection.fetch(SQL.read_zone_records, city_id))
    return await asyncio.to_thread(
        previews.preview_zones, file, existing, ids, known, city["datum"], datum_confirmed, city["demonstration"]
    )  # fmt: skip


async def import_households(
    database: Database, city_id: int, document: bytes, now: datetime, *, preview: bool = False
) -> Imported:
    """Take households, and population where given, per zone from a table; with `preview` only say what would happen.

    Raises ImportRefused, NotFound.
    """
    table = await _read(document, rules.HOUSEHOLD_COLUMNS)
    preview = preview or bool(table.errors)

    async def work(connection: Connection, existing: Sequence[rules.ZoneRecord]) -> Imported:
        changes = rules.judge_households(table.rows, existing)
        if changes.changed and not preview:
            await _write_zones(connection, city_id, changes, now)
            await _spread_again(connection, city_id, changes.changed)
        return _imported(changes, preview)

    with together_with(table.errors):
        return await _with_zones(database, city_id, work)


async def import_priority_groups(
    database: Database, city_id: int, document: bytes, now: datetime, *, preview: bool = False
) -> Imported:
    """Take shares of priority groups per zone from a table; counted by zone. Raises ImportRefused, NotFound."""
    table = await _read(document, rules.PRIORITY_GROUP_COLUMNS)
    preview = preview or bool(table.errors)

    async def work(connection: Connection, existing: Sequence[rules.ZoneRecord]) -> Imported:
        changes = rules.judge_priority_groups(table.rows, existing)
        if changes.changed and not preview:
            await _write_zones(connection, city_id, changes, now)
        return _imported(changes, preview)

    with together_with(table.errors):
        return await _with_zones(database, city_id, work)


async def import_incidents(database: Database, city_id: int, document: bytes, *, preview: bool = False) -> Imported:
    """Take incident counts per zone, month and scam type from a table; a later file replaces the counts it names.

    Raises ImportRefused, NotFound.
    """
    table = await _read(document, rules.INCIDENT_COLUMNS)
    preview = preview or bool(table.errors)

    async def work(connection: Connection, existing: Sequence[rules.ZoneRecord]) -> Imported:
        wanted = rules.judge_incidents(table.rows, {zone.code: zone.zone_id for zone in existing})
        zone_ids = sorted({zone_id for zone_id, _, _ in wanted})
        kept: dict[rules.IncidentKey, int] = {
            (zone_id, month, scam_type): incidents
            for zone_id, month, scam_type, incidents in await connection.fetch(
                SQL.read_incident_counts, city_id, zone_ids
            )
        }
        written = sorted((*key, count) for key, count in wanted.items() if kept.get(key) != count)
        if written and not preview:
            await connection.execute(SQL.write_incident_counts, city_id, *_columns(written))
            await touch_city(connection, city_id)
        created = sum(key not in kept for key in wanted)
        return Imported(created=created, changed=len(written) - created, unchanged=len(wanted) - len(written))

    with together_with(table.errors):
        return await _with_zones(database, city_id, work)


async def _read(document: bytes, columns: Sequence[Column]) -> Table:
    return await asyncio.to_thread(read_table, document, columns)


async def _with_zones(
    database: Database, city_id: int, work: Callable[[Connection, Sequence[rules.ZoneRecord]], Awaitable[Imported]]
) -> Imported:
    """Do `work` on the city's zones in one transaction, while no other import touches them."""

    async def locked(connection: Connection) -> Imported:
        await _lock_city(connection, city_id)
        return await work(connection, rows(rules.ZoneRecord, await connection.fetch(SQL.read_zone_records, city_id)))

    return await database.transact(locked)


async def _lock_city(connection: Connection, city_id: int) -> Datum:
    datum: Datum | None = await connection.fetchval(SQL.lock_city, city_id)
    if datum is None:
        raise NotFound("There is no such city.")
    return datum


async def _write_zones(connection: Connection, city_id: int, changes: rules.ZoneChanges, now: datetime) -> None:
    for statement, zones in ((SQL.insert_zones, changes.created), (SQL.update_zones, changes.changed)):
        if zones:
            await connection.execute(statement, city_id, now, *_columns(_values(zone) for zone in zones))
    await touch_city(connection, city_id)


def _values(zone: rules.ZoneRecord) -> tuple[Any, ...]:
    """In the order of insert_zones and update_zones."""
    return (
        zone.zone_id, zone.code, zone.name, zone.kind, zone.division_code, zone.police_station, zone.households,
        zone.population, zone.households_source, zone.households_as_of, zone.priority_groups, zone.boundary,
        zone.area_square_metres,
    )  # fmt: skip


async def _spread_again(connection: Connection, city_id: int, zones: Sequence[rules.ZoneRecord]) -> None:
    """The households of some zones over the cells they have."""
    zone_ids = [zone.zone_id for zone in zones]
    cells: dict[UUID, list[int]] = {}
    for cell, zone_id, _ in await connection.fetch(SQL.read_zone_cells, city_id, zone_ids):
        cells.setdefault(zone_id, []).append(cell)
    spread = {
        cell: (zone.zone_id, households)
        for zone in zones
        for cell, households in zip(
            cells.get(zone.zone_id, ()), rules.spread(zone.households, len(cells.get(zone.zone_id, ()))), strict=True
        )
    }
    await _write_cells(connection, city_id, spread, zone_ids)


async def _write_cells(
    connection: Connection, city_id: int, wanted: dict[int, tuple[UUID, int]], zone_ids: list[UUID] | None
) -> None:
    """Make the cells of some zones (None: of all) what is wanted, writing only what differs."""
    kept = {
        cell: (zone_id, households)
        for cell, zone_id, households in await connection.fetch(SQL.read_zone_cells, city_id, zone_ids)
    }
    gone = [cell for cell in kept if cell not in wanted]
    if gone:
        await connection.execute(SQL.delete_zone_cells, city_id, gone)
    written = sorted((cell, *owner) for cell, owner in wanted.items() if kept.get(cell) != owner)
    for start in range(0, len(written), _CELLS_IN_A_STATEMENT):
        part = written[start : start + _CELLS_IN_A_STATEMENT]
        await connection.execute(SQL.write_zone_cells, city_id, *_columns(part))


def _columns(records: Iterable[tuple[Any, ...]]) -> list[list[Any]]:
    """Records as one array per column, the way many rows travel to the database."""
    return [list(column) for column in zip(*records, strict=True)]


def _imported(changes: rules.ZoneChanges, preview: bool = False) -> Imported:
    created, changed = changes.created, changes.changed
    return Imported(
        created=len(created),
        changed=len(changed),
        unchanged=changes.unchanged,
        created_codes=[zone.code for zone in created[:MOST_CODES_NAMED]] if preview else [],
        changed_codes=[zone.code for zone in changed[:MOST_CODES_NAMED]] if preview else [],
    )
