"""`dispatch serve` answers the API and the pages; `dispatch migrate` brings the database up to date."""

import argparse
import asyncio
import os
import sys
from datetime import datetime, timedelta
from typing import Any

import uvicorn

from dispatch.app import Clock, create_app, real_clock
from dispatch.commands.connecting import database_of, migrated_database
from dispatch.database.migrate import migrate
from dispatch.logs import start_logging
from dispatch.settings import Settings, read_settings


def add_to(subparsers: Any) -> None:
    """Add `serve` and `migrate`."""
    parser: argparse.ArgumentParser = subparsers.add_parser("serve", help="answer the API and the pages")
    parser.add_argument("--host", help="address to listen on (DISPATCH_HOST)")
    parser.add_argument("--port", type=int, help="port to listen on (DISPATCH_PORT)")
    parser.set_defaults(run=run)
    migrating: argparse.ArgumentParser = subparsers.add_parser("migrate", help="bring the database up to date")
    migrating.set_defaults(run=run_migrate)


def run(options: argparse.Namespace) -> int:
    """Serve until stopped."""
    with migrated_database(host=options.host, port=options.port) as settings:
        serve(settings)
    return 0


def run_migrate(_: argparse.Namespace) -> int:
    """Apply what is missing and say what was applied."""
    with database_of(read_settings(os.environ)) as settings:
        applied = asyncio.run(migrate(settings.database_url))
    sys.stdout.write("".join(f"applied {name}\n" for name in applied) or "the database is up to date\n")
    return 0


def serve(settings: Settings, clock: Clock = real_clock) -> None:
    """Run the HTTP server in this process until it is told to stop."""
    start_logging(settings.log_level)
    uvicorn.run(
        create_app(settings, clock=clock),
        host=settings.host,
        port=settings.port,
        loop="auto",
        http="httptools",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=5,
    )


def shifted_clock(started_at: datetime) -> Clock:
    """A clock that reads `started_at` now and goes on from there: the demo's campaign lies in another year."""
    offset: timedelta = started_at - real_clock()
    return lambda: real_clock() + offset
