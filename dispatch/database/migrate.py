"""Plain numbered SQL, forward only, each file in its own transaction, applied once and checked for later edits."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path

from dispatch.database import Connection, connect

FOLDER = Path(__file__).with_name("migrations")

# Digests of texts that a file had before it was rewritten: a database that applied one of them has what the file gives
# now. migrations/README.md explains why each was rewritten.
FORMER_DIGESTS = {
    "0018_unreached_households.sql": {"ebf9c32b1f57d81a949b9fa38d62c7f1abe57ba8c97aac04c0da0109363b3719"},
}

# Held while migrating, so that two processes starting together do not both try.
_LOCK = 0x446973706174


class MigrationError(Exception):
    """A migration that was applied differs from its file, or the database is newer than the program."""


async def migrate(url: str, folder: Path = FOLDER) -> list[str]:
    """Bring the database at `url` up to the newest file; return the names applied now (none: it was up to date)."""
    connection = await connect(url)
    try:
        async with _only_one(connection):
            await connection.execute(
                "create table if not exists migration"
                " (name text primary key, digest text not null, applied_at timestamptz not null)"
            )
            applied = {
                row["name"]: row["digest"] for row in await connection.fetch("select name, digest from migration")
            }
            return await _apply(connection, applied, sorted(folder.glob("*.sql")))
    finally:
        await connection.close()


async def _apply(connection: Connection, applied: dict[str, str], files: list[Path]) -> list[str]:
    unknown = sorted(set(applied) - {path.name for path in files})
    if unknown:
        raise MigrationError(f"the database has {unknown[-1]}, which this version does not know: start a newer version")
    done: list[str] = []
    for path in files:
        text = path.read_text(encoding="utf-8")
        digest = sha256(text.encode()).hexdigest()
        if path.name in applied:
            if applied[path.name] not in {digest, *FORMER_DIGESTS.get(path.name, ())}:
                raise MigrationError(f"{path.name} was changed after it was applied: restore it and write a new file")
            continue
        async with connection.transaction():
            # A migration that waits for a lock makes every later query wait behind it: give up early instead.
            await connection.execute("set local lock_timeout = '4s'; set local statement_timeout = '5s'")
            await connection.execute(text)
            await connection.execute("insert into migration values ($1, $2, clock_timestamp())", path.name, digest)
        done.append(path.name)
    return done


@asynccontextmanager
async def _only_one(connection: Connection) -> AsyncGenerator[None]:
    await connection.execute("select pg_advisory_lock($1)", _LOCK)
    try:
        yield
    finally:
        await connection.execute("select pg_advisory_unlock($1)", _LOCK)
