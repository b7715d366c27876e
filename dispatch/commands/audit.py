"""`dispatch audit`: checks the chain of the trail, prints its head to be kept elsewhere, writes the trail to a file."""

import argparse
import asyncio
import sys
from collections.abc import AsyncGenerator
from zoneinfo import ZoneInfo

import msgspec

from dispatch.app import real_clock
from dispatch.audit import rules, seals, trail_csv, verification
from dispatch.audit.entries import find_city, pages
from dispatch.audit.expiry import cities_to_check
from dispatch.commands.connection import city_number, migrated_database, require_city
from dispatch.commands.subparsers import Subparsers
from dispatch.database import Database
from dispatch.problems import Problem
from dispatch.settings import Settings
from schemas.audit import AuditVerification


def add_to(subparsers: Subparsers) -> None:
    """Add `audit` with verify, head and export."""
    parser = subparsers.add_parser("audit", help="check and take along the audit trail")
    actions = parser.add_subparsers(title="what to do", required=True, metavar="WHAT")
    checking = actions.add_parser("verify", help="name every entry that was altered, taken out, put in or moved")
    checking.add_argument("--head", metavar="POSITION:HASH", help="a head that was kept elsewhere, to be found again")
    checking.set_defaults(run=run_verify)
    ending = actions.add_parser("head", help="print the end of the chain, to be kept elsewhere")
    ending.set_defaults(run=run_head)
    export = actions.add_parser("export", help="write the whole trail to standard output")
    export.add_argument(
        "--format", choices=("csv", "json"), default="csv", help="csv for Excel (default), or JSON lines"
    )
    export.set_defaults(run=run_export)
    for action in (checking, ending, export):
        action.add_argument("--city", type=city_number, metavar="NUMBER", help="the city; all cities when left out")


def run_verify(options: argparse.Namespace) -> int:
    """0: nobody touched the trail; 1: somebody did, or the kept head is not in it."""
    try:
        kept = rules.read_head(options.head) if options.head else None
    except Problem as problem:
        sys.stderr.write(f"dispatch: {problem.detail}\n")
        return 2
    with migrated_database() as settings:
        return asyncio.run(_verify(settings, options.city, kept))


async def _verify(settings: Settings, city_id: int | None, kept: tuple[int, bytes] | None) -> int:
    database, whole = await _open(settings), True
    try:
        for city in await _cities(database, city_id):
            found = await _checked(database, city, settings.secret, kept)
            whole = whole and not found.faults
            sys.stdout.write(_said(city, found))
    finally:
        await database.close()
    return 0 if whole else 1


async def _checked(database: Database, city_id: int, secret: str, kept: tuple[int, bytes] | None) -> AuditVerification:
    """Sealing begins a chain where there is none, and would hide that one was taken away: that is judged before."""
    async with database.read() as connection:
        head = await verification.read_head(connection, city_id)
    if head is None:
        found = await verification.verify(database, city_id, real_clock(), secret, kept=kept)
        if found.faults:
            return found
    await seals.seal(database, city_id, real_clock(), secret)
    return await verification.verify(database, city_id, real_clock(), secret, kept=kept)


def _said(city_id: int, found: AuditVerification) -> str:
    checked = f"city {city_id}: {found.checked_to - found.checked_after} entries checked"
    if not found.faults:
        return f"{checked}, the chain is whole\n"
    lines = [
        f"  {fault.kind} at position {fault.position if fault.position is not None else '-'}"
        f" entry {fault.entry_id or '-'}: {fault.detail}\n"
        for fault in found.faults
    ]
    return f"{checked}, {len(found.faults)} fault(s)\n{''.join(lines)}"


def run_head(options: argparse.Namespace) -> int:
    """One line per city: number, position:hash."""
    with migrated_database() as settings:
        asyncio.run(_print_heads(settings, options.city))
    return 0


async def _print_heads(settings: Settings, city_id: int | None) -> None:
    database = await _open(settings)
    try:
        for city in await _cities(database, city_id):
            async with database.read() as connection:
                head = await verification.read_head(connection, city)
            if head is not None:
                sys.stdout.write(f"{city} {head.position}:{head.hash}\n")
    finally:
        await database.close()


def run_export(options: argparse.Namespace) -> int:
    """Newest first."""
    with migrated_database() as settings:
        asyncio.run(_export(settings, options.city, options.format))
    return 0


async def _export(settings: Settings, city_id: int | None, wanted: str) -> None:
    database = await _open(settings)
    try:
        for city in await _cities(database, city_id):
            async for text in _texts(database, city, wanted):
                sys.stdout.write(text)
    finally:
        await database.close()


async def _texts(database: Database, city_id: int, wanted: str) -> AsyncGenerator[str]:
    city = await find_city(database, city_id)
    timezone = ZoneInfo(city["timezone"] if city else "UTC")  # entries may outlive their city
    if wanted == "csv":
        yield trail_csv.head()
    async for entries in pages(database, city_id):
        if wanted == "csv":
            yield trail_csv.lines(entries, timezone)
        else:
            yield "".join(f"{msgspec.json.encode(entry).decode()}\n" for entry in entries)


async def _open(settings: Settings) -> Database:
    return await Database.open(settings.database_url, size=2, statement_timeout_seconds=600)


async def _cities(database: Database, city_id: int | None) -> list[int]:
    if city_id is None:
        return await cities_to_check(database)
    await require_city(database, city_id)
    return [city_id]
