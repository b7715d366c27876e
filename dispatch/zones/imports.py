"""Taking a city, its zones and their figures into the database, for the pages and for the command line.

Every import is refused whole or written in one transaction, matches by code, and writes nothing the second time. The
judging is pure and may take seconds, so it runs in a thread, inside the transaction that holds the city.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from dispatch.database import Connection, Database, new_id
from dispatch.geo.datum import Datum
from dispatch.tables.sheets import MOST_CODES_NAMED, Column, Table, read_table, together_with
from dispatch.zones import previews, rules, shapes, store
from dispatch.zones.features import read_features
from dispatch.zones.records import CityRecord, ZoneChanges, ZoneRecord
from schemas.common import Imported
from schemas.zones import ZonesPreview


async def create_city(
    database: Database, city_id: int, code: str, name: str, datum: str, now: datetime, demonstration: bool = False
) -> bool:
    """Make a city; True when it is new, False when exactly this city exists already.

    Raises UnknownDatum, and CityDiffers when the number or the code belong to another city, or the datum differs.
    """
    wanted = CityRecord(code=code, name=name, datum=rules.judge_datum(datum), demonstration=demonstration)

    async def create(connection: Connection) -> bool:
        if await store.insert_city(connection, city_id, wanted, now):
            return True
        rules.judge_city(city_id, wanted, await store.read_city(connection, city_id))
        return False

    return await database.transact(create)


async def import_zones(
    database: Database, city_id: int, document: bytes, datum: Datum, now: datetime, *, datum_confirmed: bool = False
) -> Imported:
    """Take zones from a GeoJSON FeatureCollection whose coordinates are in `datum`.

    A known code changes its zone, others are new; zones the file does not name stay. All cells of the city are dealt
    out again. `datum_confirmed` silences the suspicion of a wrong datum after somebody looked.
    Raises ImportRefused, NotFound (no such city).
    """
    file = await asyncio.to_thread(read_features, document)
    ids = [new_id(now) for _ in file.features]

    async def take(connection: Connection) -> Imported:
        city_datum = await store.lock_city(connection, city_id)
        existing = await store.read_zone_records(connection, city_id)
        changes = await asyncio.to_thread(rules.judge_zones, file, existing, ids, datum, city_datum, datum_confirmed)
        if changes.created or changes.changed:
            await store.write_zones(connection, city_id, changes, now)
            cells = await asyncio.to_thread(shapes.cells_of_zones, changes.everything)
            await store.write_cells(connection, city_id, cells, None)
        await store.name_districts(connection, city_id, rules.districts_named(file.features, changes.everything), now)
        return _imported(changes)

    return await database.transact(take)


async def preview_zones(
    database: Database, city_id: int, document: bytes, datum: Datum, now: datetime, *, datum_confirmed: bool = False
) -> ZonesPreview:
    """What `import_zones` would do, with outlines to look at; nothing is written. Raises NotFound (no such city)."""
    file = await asyncio.to_thread(read_features, document)
    ids = [new_id(now) for _ in file.features]
    async with database.read() as connection:
        city = await store.find_city(connection, city_id)
        existing = await store.read_zone_records(connection, city_id)
    return await asyncio.to_thread(previews.preview_zones, file, existing, ids, datum, city, datum_confirmed)


async def import_households(
    database: Database, city_id: int, document: bytes, now: datetime, *, preview: bool = False
) -> Imported:
    """Take households, and population where given, per zone from a table; `preview` only says what would happen.

    Raises ImportRefused, NotFound.
    """
    table = await _read_table(document, rules.HOUSEHOLD_COLUMNS)
    preview = preview or bool(table.errors)

    async def take(connection: Connection, existing: Sequence[ZoneRecord]) -> Imported:
        changes = rules.judge_households(table.rows, existing)
        if changes.changed and not preview:
            await store.write_zones(connection, city_id, changes, now)
            await store.spread_again(connection, city_id, changes.changed)
        return _imported(changes, preview)

    with together_with(table.errors):
        return await _with_zones(database, city_id, take)


async def import_priority_groups(
    database: Database, city_id: int, document: bytes, now: datetime, *, preview: bool = False
) -> Imported:
    """Take shares of priority groups per zone from a table; counted by zone. Raises ImportRefused, NotFound."""
    table = await _read_table(document, rules.PRIORITY_GROUP_COLUMNS)
    preview = preview or bool(table.errors)

    async def take(connection: Connection, existing: Sequence[ZoneRecord]) -> Imported:
        changes = rules.judge_priority_groups(table.rows, existing)
        if changes.changed and not preview:
            await store.write_zones(connection, city_id, changes, now)
        return _imported(changes, preview)

    with together_with(table.errors):
        return await _with_zones(database, city_id, take)


async def import_incidents(database: Database, city_id: int, document: bytes, *, preview: bool = False) -> Imported:
    """Take incident counts per zone, month and scam type from a table; a later file replaces the counts it names.

    Raises ImportRefused, NotFound.
    """
    table = await _read_table(document, rules.INCIDENT_COLUMNS)
    preview = preview or bool(table.errors)

    async def take(connection: Connection, existing: Sequence[ZoneRecord]) -> Imported:
        wanted = rules.judge_incidents(table.rows, {zone.code: zone.zone_id for zone in existing})
        changes = rules.incident_changes(wanted, await store.read_incidents(connection, city_id, wanted))
        if changes.written and not preview:
            await store.write_incidents(connection, city_id, changes)
        return Imported(created=changes.created, changed=changes.changed, unchanged=changes.unchanged)

    with together_with(table.errors):
        return await _with_zones(database, city_id, take)


async def _read_table(document: bytes, columns: Sequence[Column]) -> Table:
    return await asyncio.to_thread(read_table, document, columns)


async def _with_zones(
    database: Database, city_id: int, take: Callable[[Connection, Sequence[ZoneRecord]], Awaitable[Imported]]
) -> Imported:
    """`take` what concerns the city's zones in one transaction, while no other import changes them."""

    async def take_locked(connection: Connection) -> Imported:
        await store.lock_city(connection, city_id)
        return await take(connection, await store.read_zone_records(connection, city_id))

    return await database.transact(take_locked)


def _imported(changes: ZoneChanges, preview: bool = False) -> Imported:
    created, changed = changes.created, changes.changed
    return Imported(
        created=len(created),
        changed=len(changed),
        unchanged=changes.unchanged,
        created_codes=[zone.code for zone in created[:MOST_CODES_NAMED]] if preview else [],
        changed_codes=[zone.code for zone in changed[:MOST_CODES_NAMED]] if preview else [],
    )
