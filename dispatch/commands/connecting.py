"""How a command reaches the database: the operator's server, or the embedded one; migrated either way."""

import asyncio
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from dispatch.database.embedded import embedded_postgres
from dispatch.database.migrate import migrate
from dispatch.settings import Settings, read_settings, with_secret


@contextmanager
def database_of(settings: Settings) -> Generator[Settings]:
    """The settings with a database URL that answers and a secret; an embedded server stops with the block."""
    settings = with_secret(settings)
    if settings.database_url:
        yield settings
        return
    with embedded_postgres(Path(settings.data, "postgres")) as url:
        yield msgspec.structs.replace(settings, database_url=url)


@contextmanager
def migrated_database(**overrides: object) -> Generator[Settings]:
    """Read the settings, start what must be started, migrate."""
    with database_of(read_settings(os.environ, **overrides)) as settings:
        asyncio.run(migrate(settings.database_url))
        yield settings
