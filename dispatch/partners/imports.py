"""Taking lists of partners, outlets, riders and depots into the database. Apart from routes.py because the command
line and the demonstration write them too.

Every list is refused whole or written in one transaction by a few set-based statements; things are matched by code, and
the second time nothing is written.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import asyncpg
import msgspec

from dispatch.database import Connection, Database, Retry, new_id, queries_for, rows
from dispatch.identity.secrets import digest_pin
from dispatch.partners import rules
from dispatch.tables.sheets import MOST_CODES_NAMED, Column, read_table, together_with
from schemas.common import Imported, RowError
from schemas.partners import NewDepot, NewOutlet, NewPartner, NewRider

SQL = queries_for(__file__)

Wanted = TypeVar("Wanted")
Listed = list[tuple[int, Wanted]]


async def import_partners(
    database: Database, city_id: int, document: bytes, now: datetime, *, preview: bool = False
) -> Imported:
    """Take partners from a table: code, name, kind (单位代码, 单位名称, 类型). Raises ImportRefused.

    Here and below `preview` only says what would happen.
    """
    listed, errors = await _read(document, rules.PARTNER_COLUMNS, NewPartner)
    with together_with(errors):
        return await _partners(database, city_id, listed, now, preview or bool(errors))


async def import_outlets(
    database: Database,
    city_id: int,
    document: bytes,
    now: datetime,
    *,
    partner_id: UUID | None = None,
    preview: bool = False,
) -> Imported:
    """Take outlets from a table: code, name, partner_code, zone_code (网点代码, 网点名称, 单位代码, 片区代码).

    With `partner_id` only that partner's, whose code may then be left out. Raises ImportRefused.
    """
    listed, errors = await _read(document, rules.OUTLET_COLUMNS, NewOutlet)
    with together_with(errors):
        return await _outlets(database, city_id, listed, now, partner_id, preview or bool(errors))


async def import_riders(
    database: Database,
    city_id: int,
    document: bytes,
    now: datetime,
    *,
    secret: str,
    partner_id: UUID | None = None,
    outlet_id: UUID | None = None,
    preview: bool = False,
) -> Imported:
    """Take riders from a table: code, name, outlet_code, pin (骑手代码, 姓名, 网点代码, PIN).

    With `partner_id` or `outlet_id` only theirs; an outlet's code may then be left out. `secret` keys the PIN digests.
    Raises ImportRefused.
    """
    listed, errors = await _read(document, rules.RIDER_COLUMNS, NewRider)
    with together_with(errors):
        return await _riders(database, city_id, listed, now, secret, partner_id, outlet_id, preview or bool(errors))


async def import_depots(
    database: Database, city_id: int, document: bytes, now: datetime, *, preview: bool = False
) -> Imported:
    """Take depots from a table: code, name, address (领取点代码, 领取点名称, 地址). Raises ImportRefused."""
    listed, errors = await _read(document, rules.DEPOT_COLUMNS, NewDepot)
    with together_with(errors):
        return await _depots(database, city_id, listed, now, preview or bool(errors))


async def write_partners(database: Database, city_id: int, partners: Sequence[NewPartner], now: datetime) -> Imported:
    """Make or change partners by code. Raises ImportRefused, rows counted from 1."""
    return await _partners(database, city_id, list(enumerate(partners, start=1)), now)


async def write_outlets(database: Database, city_id: int, outlets: Sequence[NewOutlet], now: datetime) -> Imported:
    """Make or change outlets by code; partners and zones are named by theirs. Raises ImportRefused."""
    return await _outlets(database, city_id, list(enumerate(outlets, start=1)), now, None)


async def write_riders(
    database: Database, city_id: int, riders: Sequence[NewRider], now: datetime, *, secret: str
) -> Imported:
    """Make or change riders by code; outlets are named by theirs, PINs kept as digests. Raises ImportRefused."""
    return await _riders(database, city_id, list(enumerate(riders, start=1)), now, secret, None, None)


async def write_depots(database: Database, city_id: int, depots: Sequence[NewDepot], now: datetime) -> Imported:
    """Make or change depots by code. Raises ImportRefused."""
    return await _depots(database, city_id, list(enumerate(depots, start=1)), now)


async def _partners(
    database: Database, city_id: int, listed: Listed[NewPartner], now: datetime, preview: bool = False
) -> Imported:
    async def work(connection: Connection) -> Imported:
        found = await connection.fetch(SQL.read_partner_records, city_id, _codes(listed), None)
        existing = {record.code: record for record in rows(rules.PartnerRecord, found)}
        changes = rules.judge_partners(listed, existing, _ids(listed, now))
        return await _write(connection, city_id, now, changes, SQL.insert_partners, SQL.update_partners, preview)

    return await _transact(database, work)


async def _depots(
    database: Database, city_id: int, listed: Listed[NewDepot], now: datetime, preview: bool = False
) -> Imported:
    async def work(connection: Connection) -> Imported:
        found = await connection.fetch(SQL.read_depot_records, city_id, _codes(listed))
        existing = {record.code: record for record in rows(rules.DepotRecord, found)}
        changes = rules.judge_depots(listed, existing, _ids(listed, now))
        return await _write(connection, city_id, now, changes, SQL.insert_depots, SQL.update_depots, preview)

    return await _transact(database, work)


async def _outlets(
    database: Database,
    city_id: int,
    listed: Listed[NewOutlet],
    now: datetime,
    partner_id: UUID | None,
    preview: bool = False,
) -> Imported:
    async def work(connection: Connection) -> Imported:
        partners: dict[str, UUID] = {
            record["code"]: record["partner_id"]
            for record in await connection.fetch(SQL.read_partner_records, city_id, None, partner_id)
        }
        zone_codes = sorted({new.zone_code for _, new in listed if new.zone_code is not None})
        zones: dict[str, UUID] = dict(await connection.fetch(SQL.read_zone_ids, city_id, zone_codes))
        found = await connection.fetch(SQL.read_outlet_records, city_id, _codes(listed), None, None)
        existing = {record.code: record for record in rows(rules.OutletRecord, found)}
        changes = rules.judge_outlets(listed, existing, _ids(listed, now), partners, zones, partner_id)
        return await _write(connection, city_id, now, changes, SQL.insert_outlets, SQL.update_outlets, preview)

    return await _transact(database, work)


async def _riders(
    database: Database,
    city_id: int,
    listed: Listed[NewRider],
    now: datetime,
    secret: str,
    partner_id: UUID | None,
    outlet_id: UUID | None,
    preview: bool = False,
) -> Imported:
    def digest(of_outlet: UUID, pin: str) -> bytes:
        return digest_pin(secret, city_id, of_outlet, pin)

    async def work(connection: Connection) -> Imported:
        outlet_codes = sorted({new.outlet_code for _, new in listed if new.outlet_code is not None})
        found = await connection.fetch(SQL.read_outlet_records, city_id, outlet_codes, partner_id, outlet_id)
        outlets = {record.code: record for record in rows(rules.OutletRecord, found)}
        outlet_ids = [outlet.outlet_id for outlet in outlets.values()] + ([outlet_id] if outlet_id else [])
        riders = await connection.fetch(SQL.read_rider_records, city_id, _codes(listed), outlet_ids)
        existing = {record.code: record for record in rows(rules.RiderRecord, riders)}
        partner_of: dict[UUID, UUID] = {outlet.outlet_id: outlet.partner_id for outlet in outlets.values()}
        partner_of |= {record["outlet_id"]: record["partner_id"] for record in riders}
        changes = rules.judge_riders(
            listed, existing, _ids(listed, now), outlets, partner_of, outlet_id, digest
        )  # fmt: skip
        dealt_anew = [
            rider.rider_id for rider in changes.changed if rider.pin_digest != existing[rider.code].pin_digest
        ]
        if dealt_anew and not preview:
            await connection.execute(SQL.clear_pins, city_id, dealt_anew, now)
        return await _write(connection, city_id, now, changes, SQL.insert_riders, SQL.update_riders, preview)

    return await _transact(database, work)


async def _read(
    document: bytes, columns: Sequence[Column], kind: type[Wanted]
) -> tuple[Listed[Wanted], list[RowError]]:
    table = await asyncio.to_thread(read_table, document, columns)
    return [(row.row, kind(**row.values)) for row in table.rows], table.errors


async def _write(
    connection: Connection,
    city_id: int,
    now: datetime,
    changes: rules.ListChanges[Any],
    insert: str,
    update: str,
    preview: bool,
) -> Imported:
    """Records travel as one array per field, in the order of the struct's fields, which is that of the statements."""
    if preview:
        return Imported(
            created=len(changes.created),
            changed=len(changes.changed),
            unchanged=changes.unchanged,
            created_codes=[record.code for record in changes.created[:MOST_CODES_NAMED]],
            changed_codes=[record.code for record in changes.changed[:MOST_CODES_NAMED]],
        )
    if changes.changed:
        await connection.execute(update, city_id, *_columns(changes.changed))
    if changes.created:
        made = await connection.fetch(insert, city_id, now, *_columns(changes.created))
        if len(made) < len(changes.created):
            raise Retry
    return Imported(created=len(changes.created), changed=len(changes.changed), unchanged=changes.unchanged)


async def _transact(database: Database, work: Callable[[Connection], Awaitable[Imported]]) -> Imported:
    """Everything was judged first, so a code or PIN taken meanwhile is a race: judge again."""

    async def judged_again(connection: Connection) -> Imported:
        try:
            return await work(connection)
        except asyncpg.UniqueViolationError as error:
            raise Retry from error

    return await database.transact(judged_again)


def _columns(records: Iterable[msgspec.Struct]) -> list[list[Any]]:
    return [list(column) for column in zip(*(msgspec.structs.astuple(record) for record in records), strict=True)]


def _codes(listed: Sequence[tuple[int, rules.Coded]]) -> list[str]:
    return sorted({new.code for _, new in listed})


def _ids(listed: Sequence[tuple[int, Any]], now: datetime) -> list[UUID]:
    return [new_id(now) for _ in listed]
