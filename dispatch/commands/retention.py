"""`dispatch retention run`: deletes what has expired, now."""

import argparse
import asyncio
import sys

from dispatch.app import real_clock
from dispatch.commands.connection import city_number, migrated_database, require_city
from dispatch.commands.subparsers import Subparsers
from dispatch.database import Database
from dispatch.retention.expiry import read_cities
from dispatch.settings import Settings
from dispatch.upkeep import expire


def add_to(subparsers: Subparsers) -> None:
    """Add `retention run`."""
    parser = subparsers.add_parser("retention", help="delete records whose time is over")
    actions = parser.add_subparsers(title="what to do", required=True, metavar="WHAT")
    running = actions.add_parser("run", help="now, and not when the server comes to it")
    running.add_argument("--city", type=city_number, metavar="NUMBER", help="the city; all cities when left out")
    running.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """One line per city."""
    with migrated_database() as settings:
        asyncio.run(_run(settings, options.city))
    return 0


async def _run(settings: Settings, city_id: int | None) -> None:
    database = await Database.open(settings.database_url, size=2, statement_timeout_seconds=600)
    try:
        if city_id is not None:
            await require_city(database, city_id)
        cities = [city_id] if city_id is not None else await read_cities(database)
        runs = {city: await expire(database, city, real_clock(), settings.audit_days) for city in cities}
    finally:
        await database.close()
    for city, (deleted, entries) in runs.items():
        sys.stdout.write(
            f"city {city}: {deleted.handouts} handouts ({deleted.days_dropped} days dropped), {deleted.visits} visits,"
            f" {deleted.refused} refused records, {deleted.sessions} sessions,"
            f" {entries} audit entries\n"
        )
