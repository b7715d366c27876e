"""Taking lists of partners, outlets, riders and depots into the database, for the pages, the command line and the
demonstration.

Every list is refused whole or written in one transaction by a few set-based statements; things are matched by code, and
the second time nothing is written.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import asyncpg

from dispatch.database import Connection, Database, Retry, new_id
from dispatch.database.queries import Scope
from dispatch.identity.secrets import digest_pin
from dispatch.partners import import_store, rules
from dispatch.partners.records import Coded, ListChanges
from dispatch.tables.sheets import MOST_CODES_NAMED, Column, read_table, together_with
from schemas.common import Imported, RowError
from schemas.partners import NewDepot, NewOutlet, NewPartner, NewRider

Wanted = TypeVar("Wanted")
Listed = list[tuple[int, Wanted]]


async def import_partners(
    database: Database, city_id: int, document: bytes, now: datetime, *, preview: bool = False
) -> Imported:
    """Take partners from a table: code, name, kind (单位代码, 单位名称, 类型). Raises ImportRefused.

    Here and below `preview` only says what would happen.
    """
    listed, errors = await _read_table(document, rules.PARTNER_COLUMNS, NewPartner)
    with together_with(errors):
        return await _take_partners(database, city_id, listed, now, preview or bool(errors))


async def import_outlets(
    database: Database, scope: Scope, document: bytes, now: datetime, *, preview: bool = False
) -> Imported:
    """Take outlets from a table: code, name, partner_code, zone_code (网点代码, 网点名称, 单位代码, 片区代码).

    Within the scope of a partner only that partner's, whose code may then be left out. Raises ImportRefused.
    """
    listed, errors = await _read_table(document, rules.OUTLET_COLUMNS, NewOutlet)
    with together_with(errors):
        return await _take_outlets(database, scope, listed, now, preview or bool(errors))


async def import_riders(
    database: Database, scope: Scope, document: bytes, now: datetime, *, secret: str, preview: bool = False
) -> Imported:
    """Take riders from a table: code, name, outlet_code, pin (骑手代码, 姓名, 网点代码, PIN).

    Within the scope of a partner or an outlet only theirs; an outlet's code may then be left out. `secret` keys the
    PIN digests. Raises ImportRefused.
    """
    listed, errors = await _read_table(document, rules.RIDER_COLUMNS, NewRider)
    with together_with(errors):
        return await _take_riders(database, scope, listed, now, secret, preview or bool(errors))


async def import_depots(
    database: Database, city_id: int, document: bytes, now: datetime, *, preview: bool = False
) -> Imported:
    """Take depots from a table: code, name, address (领取点代码, 领取点名称, 地址). Raises ImportRefused."""
    listed, errors = await _read_table(document, rules.DEPOT_COLUMNS, NewDepot)
    with together_with(errors):
        return await _take_depots(database, city_id, listed, now, preview or bool(errors))


async def write_partners(database: Database, city_id: int, partners: Sequence[NewPartner], now: datetime) -> Imported:
    """Make or change partners by code. Raises ImportRefused, rows counted from 1."""
    return await _take_partners(database, city_id, list(enumerate(partners, start=1)), now)


async def write_outlets(database: Database, city_id: int, outlets: Sequence[NewOutlet], now: datetime) -> Imported:
    """Make or change outlets by code; partners and zones are named by theirs. Raises ImportRefused."""
    return await _take_outlets(database, Scope(city_id=city_id), list(enumerate(outlets, start=1)), now)


async def write_riders(
    database: Database, city_id: int, riders: Sequence[NewRider], now: datetime, *, secret: str
) -> Imported:
    """Make or change riders by code; outlets are named by theirs, PINs kept as digests. Raises ImportRefused."""
    return await _take_riders(database, Scope(city_id=city_id), list(enumerate(riders, start=1)), now, secret)


async def write_depots(database: Database, city_id: int, depots: Sequence[NewDepot], now: datetime) -> Imported:
    """Make or change depots by code. Raises ImportRefused."""
    return await _take_depots(database, city_id, list(enumerate(depots, start=1)), now)


async def _take_partners(
    database: Database, city_id: int, listed: Listed[NewPartner], now: datetime, preview: bool = False
) -> Imported:
    async def take(connection: Connection) -> Imported:
        existing = await import_store.read_partner_records(connection, city_id, _codes(listed))
        changes = rules.judge_partners(listed, existing, _ids(listed, now))
        if not preview:
            await import_store.write(connection, city_id, import_store.PARTNERS, changes, now)
        return _imported(changes, preview)

    return await _transact(database, take)


async def _take_depots(
    database: Database, city_id: int, listed: Listed[NewDepot], now: datetime, preview: bool = False
) -> Imported:
    async def take(connection: Connection) -> Imported:
        existing = await import_store.read_depot_records(connection, city_id, _codes(listed))
        changes = rules.judge_depots(listed, existing, _ids(listed, now))
        if not preview:
            await import_store.write(connection, city_id, import_store.DEPOTS, changes, now)
        return _imported(changes, preview)

    return await _transact(database, take)


async def _take_outlets(
    database: Database, scope: Scope, listed: Listed[NewOutlet], now: datetime, preview: bool = False
) -> Imported:
    city_id = scope.city_id

    async def take(connection: Connection) -> Imported:
        partners = await import_store.read_partner_ids(connection, scope)
        zone_codes = {new.zone_code for _, new in listed if new.zone_code is not None}
        zones = await import_store.read_zone_ids(connection, city_id, zone_codes)
        # Of the whole city: another partner's outlet with the same code is a fault.
        existing = await import_store.read_outlet_records(connection, Scope(city_id=city_id), _codes(listed))
        changes = rules.judge_outlets(listed, existing, _ids(listed, now), partners, zones, scope.scope_partner)
        if not preview:
            await import_store.write(connection, city_id, import_store.OUTLETS, changes, now)
        return _imported(changes, preview)

    return await _transact(database, take)


async def _take_riders(
    database: Database, scope: Scope, listed: Listed[NewRider], now: datetime, secret: str, preview: bool = False
) -> Imported:
    city_id, own_outlet_id = scope.city_id, scope.scope_outlet

    def digest(outlet_id: UUID, pin: str) -> bytes:
        return digest_pin(secret, city_id, outlet_id, pin)

    async def take(connection: Connection) -> Imported:
        outlet_codes = {new.outlet_code for _, new in listed if new.outlet_code is not None}
        outlets = await import_store.read_outlet_records(connection, scope, outlet_codes)
        outlet_ids = [outlet.outlet_id for outlet in outlets.values()] + ([own_outlet_id] if own_outlet_id else [])
        existing, partner_of = await import_store.read_rider_records(connection, city_id, _codes(listed), outlet_ids)
        partner_of |= {outlet.outlet_id: outlet.partner_id for outlet in outlets.values()}
        changes = rules.judge_riders(listed, existing, _ids(listed, now), outlets, partner_of, own_outlet_id, digest)
        if not preview:
            if with_other_pins := rules.with_other_pins(changes.changed, existing):
                await import_store.clear_pins(connection, city_id, with_other_pins, now)
            await import_store.write(connection, city_id, import_store.RIDERS, changes, now)
        return _imported(changes, preview)

    return await _transact(database, take)


async def _read_table(
    document: bytes, columns: Sequence[Column], kind: type[Wanted]
) -> tuple[Listed[Wanted], list[RowError]]:
    table = await asyncio.to_thread(read_table, document, columns)
    return [(row.row, kind(**row.values)) for row in table.rows], table.errors


async def _transact(database: Database, take: Callable[[Connection], Awaitable[Imported]]) -> Imported:
    """Everything was judged first, so a code or PIN taken in the meantime is a race: judge again."""

    async def take_or_retry(connection: Connection) -> Imported:
        try:
            return await take(connection)
        except asyncpg.UniqueViolationError as error:
            raise Retry from error

    return await database.transact(take_or_retry)


def _codes(listed: Sequence[tuple[int, Coded]]) -> set[str]:
    return {new.code for _, new in listed}


def _ids(listed: Sequence[tuple[int, Any]], now: datetime) -> list[UUID]:
    return [new_id(now) for _ in listed]


def _imported(changes: ListChanges[Any], preview: bool) -> Imported:
    return Imported(
        created=len(changes.created),
        changed=len(changes.changed),
        unchanged=changes.unchanged,
        created_codes=[record.code for record in changes.created[:MOST_CODES_NAMED]] if preview else [],
        changed_codes=[record.code for record in changes.changed[:MOST_CODES_NAMED]] if preview else [],
    )
