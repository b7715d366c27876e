"""What lists of partners, outlets, riders and depots are judged by and write, in SQL."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from dispatch.database import Connection, Retry, queries_for, rows
from dispatch.database.queries import Scope, Statement
from dispatch.partners.records import Coded, DepotRecord, ListChanges, ListedRider, OutletRecord, PartnerRecord

SQL = queries_for(__file__)

Kept = TypeVar("Kept", bound=Coded)


class Writer(NamedTuple):
    """How records of one kind are written: both statements take the same arrays."""

    insert: Statement
    update: Statement
    arrays: Callable[[Sequence[Any]], dict[str, list[object]]]


def _partner_arrays(partners: Sequence[PartnerRecord]) -> dict[str, list[object]]:
    return {
        "partner_ids": [partner.partner_id for partner in partners],
        "codes": [partner.code for partner in partners],
        "names": [partner.name for partner in partners],
        "kinds": [partner.kind for partner in partners],
    }


def _outlet_arrays(outlets: Sequence[OutletRecord]) -> dict[str, list[object]]:
    return {
        "outlet_ids": [outlet.outlet_id for outlet in outlets],
        "partner_ids": [outlet.partner_id for outlet in outlets],
        "codes": [outlet.code for outlet in outlets],
        "names": [outlet.name for outlet in outlets],
        "zone_ids": [outlet.zone_id for outlet in outlets],
    }


def _rider_arrays(riders: Sequence[ListedRider]) -> dict[str, list[object]]:
    return {
        "rider_ids": [rider.rider_id for rider in riders],
        "outlet_ids": [rider.outlet_id for rider in riders],
        "codes": [rider.code for rider in riders],
        "names": [rider.name for rider in riders],
        "pin_digests": [rider.pin_digest for rider in riders],
    }


def _depot_arrays(depots: Sequence[DepotRecord]) -> dict[str, list[object]]:
    return {
        "depot_ids": [depot.depot_id for depot in depots],
        "codes": [depot.code for depot in depots],
        "names": [depot.name for depot in depots],
        "addresses": [depot.address for depot in depots],
    }


PARTNERS = Writer(SQL.insert_partners, SQL.update_partners, _partner_arrays)
OUTLETS = Writer(SQL.insert_outlets, SQL.update_outlets, _outlet_arrays)
RIDERS = Writer(SQL.insert_riders, SQL.update_riders, _rider_arrays)
DEPOTS = Writer(SQL.insert_depots, SQL.update_depots, _depot_arrays)


async def write(connection: Connection, city_id: int, writer: Writer, changes: ListChanges[Any], now: datetime) -> None:
    """Write what a list changes. Raises Retry when a code was taken in the meantime."""
    if changes.changed:
        await connection.execute(*writer.update(city_id=city_id, **writer.arrays(changes.changed)))
    if changes.created:
        made = await connection.fetch(*writer.insert(city_id=city_id, now=now, **writer.arrays(changes.created)))
        if len(made) < len(changes.created):
            raise Retry


async def read_partner_records(connection: Connection, city_id: int, codes: Iterable[str]) -> dict[str, PartnerRecord]:
    """The partners with these codes, by code."""
    found = await connection.fetch(*SQL.read_partner_records(city_id=city_id, codes=sorted(codes)))
    return _by_code(rows(PartnerRecord, found))


async def read_partner_ids(connection: Connection, scope: Scope) -> dict[str, UUID]:
    """The partners within scope, by code."""
    found = rows(PartnerRecord, await connection.fetch(*SQL.read_partner_records(scope)))
    return {partner.code: partner.partner_id for partner in found}


async def read_zone_ids(connection: Connection, city_id: int, codes: Iterable[str]) -> dict[str, UUID]:
    """The zones with these codes, by code."""
    found = await connection.fetch(*SQL.read_zone_ids(city_id=city_id, codes=sorted(codes)))
    return {row["code"]: row["zone_id"] for row in found}


async def read_depot_records(connection: Connection, city_id: int, codes: Iterable[str]) -> dict[str, DepotRecord]:
    """The depots with these codes, by code."""
    found = await connection.fetch(*SQL.read_depot_records(city_id=city_id, codes=sorted(codes)))
    return _by_code(rows(DepotRecord, found))


async def read_outlet_records(connection: Connection, scope: Scope, codes: Iterable[str]) -> dict[str, OutletRecord]:
    """The outlets with these codes within scope, by code."""
    found = await connection.fetch(*SQL.read_outlet_records(scope, codes=sorted(codes)))
    return _by_code(rows(OutletRecord, found))


async def read_rider_records(
    connection: Connection, city_id: int, codes: Iterable[str], outlet_ids: Sequence[UUID]
) -> tuple[dict[str, ListedRider], dict[UUID, UUID]]:
    """Riders with these codes and all riders of these outlets, by code; and the partner of each of their outlets."""
    found = await connection.fetch(
        *SQL.read_rider_records(city_id=city_id, codes=sorted(codes), outlet_ids=list(outlet_ids))
    )
    return _by_code(rows(ListedRider, found)), {row["outlet_id"]: row["partner_id"] for row in found}


def _by_code(records: Iterable[Kept]) -> dict[str, Kept]:
    return {record.code: record for record in records}


async def clear_pins(connection: Connection, city_id: int, rider_ids: Sequence[UUID], now: datetime) -> None:
    """Take PINs away before they are written again, so that riders may swap them; their sessions end."""
    await connection.execute(*SQL.clear_pins(city_id=city_id, rider_ids=list(rider_ids), now=now))
