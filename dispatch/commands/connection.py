"""How a command reaches the database: the operator's server, or the embedded one; migrated either way."""

import argparse
import asyncio
import os
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import msgspec

from dispatch.audit.entries import find_city
from dispatch.database import Database
from dispatch.database.embedded import embedded_postgres
from dispatch.database.migrate import migrate
from dispatch.settings import Settings, read_settings, with_secret

_PATIENCE_SECONDS = 30
_LARGEST_CITY = 2**31 - 1  # city_id is an integer


class NoSuchCity(Exception):
    """A command was given the number of a city that is not there: never answered as if all were clean."""


def city_number(text: str) -> int:
    """The number of a city as an argument."""
    if not text.isdecimal() or not 0 < int(text) <= _LARGEST_CITY:
        raise argparse.ArgumentTypeError(f"{text!r} is not the number of a city")
    return int(text)


async def require_city(database: Database, city_id: int) -> None:
    """Refuse a city that is not there."""
    if await find_city(database, city_id) is None:
        raise NoSuchCity(f"there is no city {city_id}")


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


def kept_in(settings: Settings) -> str:
    """Where a city is kept: the operator's server without its password, or the folder of the embedded one."""
    url = read_settings(os.environ).database_url
    if not url:
        return str(Path(settings.data, "postgres").resolve())
    parts = urlsplit(url)
    return f"PostgreSQL {parts.hostname or ''}{f':{parts.port}' if parts.port else ''}{parts.path}"


def address_of(settings: Settings) -> str:
    """Where a browser on this machine finds the pages."""
    host = "127.0.0.1" if settings.host in {"0.0.0.0", "::", ""} else settings.host  # noqa: S104  said, not listened on
    return f"http://{host}:{settings.port}/"


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
