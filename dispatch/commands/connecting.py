"""How a command reaches the database: the operator's server, or the embedded one; migrated either way."""

import asyncio
import os
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import msgspec

from dispatch.database.embedded import embedded_postgres
from dispatch.database.migrate import migrate
from dispatch.settings import Settings, read_settings, with_secret

_PATIENCE_SECONDS = 30


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
        asyncio.run(_migrate_when_there(settings.database_url))
        yield settings


def for_playing(settings: Settings) -> Settings:
    """The settings under which a command plays days through the API itself: as fast as it can, nothing done unasked."""
    return msgspec.structs.replace(
        settings,
        session_hours=720,
        idle_minutes=0,
        limit_sign_in_per_minute=0,
        limit_write_per_minute=0,
        limit_read_per_minute=0,
        refused_retry_seconds=0,
        estimate_seconds=0,
        partition_days_ahead=0,
    )


async def _migrate_when_there(url: str) -> None:
    """Migrate; a server that is still starting, as after a power cut, is waited for."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            await migrate(url)
        except (OSError, asyncpg.CannotConnectNowError, asyncpg.PostgresConnectionError):
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(1)
        else:
            return
