"""A connection comes back to the pool as it was taken: nothing asks the server to clean it, so nothing may soil it."""

import asyncio
import re
from pathlib import Path

import pytest

import dispatch
from dispatch.database import Connection, Database

# Whatever outlives a transaction: settings, advisory locks, cursors, temporary tables, listening.
_LASTING = re.compile(
    r"\bset\s+session\b|\bset_config\s*\(|\bpg_(try_)?advisory_lock\b|\bcreate\s+temp|\bwith\s+hold\b"
    r"|\bset\s+(?!local\b)\w+_timeout\b|add_listener",
    re.IGNORECASE,
)
# These work on connections of their own, which are closed afterwards.
_OWN_CONNECTION = {"database/migrate.py", "database/changes.py"}


def test_no_statement_on_a_pooled_connection_outlives_its_transaction() -> None:
    root = Path(dispatch.__file__).parent
    files = [
        path for kind in ("*.sql", "*.py") for path in root.rglob(kind) if "web" not in path.relative_to(root).parts
    ]
    found = {str(path.relative_to(root)) for path in files if _LASTING.search(path.read_text())}
    assert len(files) > 100
    assert found == _OWN_CONNECTION


async def test_work_that_was_cut_off_leaves_nothing_open_and_nothing_set(database: Database) -> None:
    begun = asyncio.Event()

    async def slow(connection: Connection) -> None:
        await connection.execute("set local lock_timeout = '7s'")
        await connection.execute("create table left_over (x int)")
        begun.set()
        await connection.execute("select pg_sleep(30)")

    task = asyncio.create_task(database.transact(slow))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    for _ in range(10):
        async with database.read() as connection:
            assert await connection.fetchval("show lock_timeout") == "0"
            assert await connection.fetchval("select to_regclass('left_over')") is None
