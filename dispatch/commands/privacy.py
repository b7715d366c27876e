"""`dispatch privacy`: everything that is kept on a rider, and taking the name out of it."""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID

import msgspec

from dispatch.app import real_clock
from dispatch.audit.store import own_entry, write_entry
from dispatch.commands.connection import city_number, migrated_database
from dispatch.commands.subparsers import Subparsers
from dispatch.database import Connection, Database
from dispatch.privacy import records
from dispatch.settings import Settings

Work = Callable[[Database, int, UUID, datetime], Awaitable[str]]


def add_to(subparsers: Subparsers) -> None:
    """Add `privacy export` and `privacy erase`."""
    parser = subparsers.add_parser("privacy", help="what is kept on a rider")
    actions = parser.add_subparsers(title="what to do", required=True, metavar="WHAT")
    export = actions.add_parser("export", help="print everything kept on a rider as JSON")
    export.set_defaults(run=run, work=_export)
    erase = actions.add_parser("erase", help="take name, code, PIN, sign-ins, and words out; the ledger stays")
    erase.set_defaults(run=run, work=_erase)
    for action in (export, erase):
        action.add_argument("rider", help="the rider's code")
        action.add_argument("--outlet", required=True, metavar="CODE", help="code of the rider's outlet")
        action.add_argument("--city", type=city_number, required=True, metavar="NUMBER")


def run(options: argparse.Namespace) -> int:
    """0: done; 1: there is no such rider."""
    with migrated_database() as settings:
        return asyncio.run(_run(settings, options.city, options.outlet, options.rider, options.work))


async def _run(settings: Settings, city_id: int, outlet_code: str, rider_code: str, work: Work) -> int:
    database = await Database.open(settings.database_url, size=2)
    try:
        rider_id = await records.find_rider(database, city_id, outlet_code, rider_code)
        if rider_id is None:
            sys.stderr.write(f"dispatch: there is no rider {rider_code} of outlet {outlet_code} in city {city_id}\n")
            return 1
        sys.stdout.write(await work(database, city_id, rider_id, real_clock()))
    finally:
        await database.close()
    return 0


async def _export(database: Database, city_id: int, rider_id: UUID, now: datetime) -> str:
    async def work(connection: Connection) -> str:
        record = await records.read_record(connection, city_id, rider_id, now)
        await write_entry(connection, own_entry(city_id, now, "export_rider", kind="command", rider_id=rider_id))
        return msgspec.json.format(msgspec.json.encode(record), indent=2).decode() + "\n"

    return await database.transact(work)


async def _erase(database: Database, city_id: int, rider_id: UUID, now: datetime) -> str:
    async def work(connection: Connection) -> None:
        await records.erase_rider(connection, city_id, rider_id, now)
        await write_entry(connection, own_entry(city_id, now, "erase_rider", kind="command", rider_id=rider_id))

    await database.transact(work)
    return f"erased; the ledger keeps {rider_id} without a name\n"
