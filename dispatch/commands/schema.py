"""`dispatch schema` prints the schema as the migrations leave it, as committed in dispatch/database/schema.sql."""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from dispatch.commands.subparsers import Subparsers
from dispatch.database import connect
from dispatch.database.catalogue import describe
from dispatch.database.embedded import embedded_postgres
from dispatch.database.migrate import migrate


def add_to(subparsers: Subparsers) -> None:
    """Add `schema`."""
    parser = subparsers.add_parser("schema", help="print the schema, from a database made for the purpose")
    parser.set_defaults(run=run)


def run(_: argparse.Namespace) -> int:
    """Print it. No city's database is looked at: a server of its own is started, migrated and removed."""
    with tempfile.TemporaryDirectory(prefix="dispatch-schema-") as folder, embedded_postgres(Path(folder)) as url:
        sys.stdout.write(asyncio.run(_schema(url)))
    return 0


async def _schema(url: str) -> str:
    await migrate(url)
    connection = await connect(url)
    try:
        return await describe(connection)
    finally:
        await connection.close()
