"""Migrations: forward only, once each, never half, never behind the operator's back."""

import asyncio
import os
import re
import shutil
import sys
from collections.abc import AsyncGenerator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from dispatch.database import Database, connect, one_row
from dispatch.database.migrate import FOLDER, FORMER_DIGESTS, MigrationError, migrate

SECRET = "test-secret-test-secret-test-secret!"
NAMES = sorted(path.name for path in FOLDER.glob("*.sql"))
README = (FOLDER / "README.md").read_text(encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the migrations, to be changed at will."""
    return Path(shutil.copytree(FOLDER, tmp_path / "migrations"))


@pytest.fixture
async def empty(clone: Database) -> AsyncGenerator[str]:
    """The URL of a database with nothing in it."""
    name = f"empty_{uuid4().hex[:8]}"
    async with clone.read() as connection:
        await connection.execute(f'create database "{name}"')
        mine = await connection.fetchval("select current_database()")
    yield clone.url.replace(mine, name)
    async with clone.read() as connection:
        await connection.execute(f'drop database "{name}" with (force)')


async def applied(url: str) -> list[str]:
    """Names the database says it has."""
    connection = await connect(url)
    try:
        return [row["name"] for row in await connection.fetch("select name from migration order by name")]
    finally:
        await connection.close()


def test_numbers_rise_by_one_and_the_readme_explains_each_that_does_not_exist() -> None:
    numbers = [int(name[:4]) for name in NAMES]
    assert all(re.fullmatch(r"\d{4}_[a-z][a-z_]*\.sql", name) for name in NAMES)
    assert len(set(numbers)) == len(numbers), "two files have one number"
    section = README.partition("## Numbers that do not exist")[2].partition("\n## ")[0]
    explained = {int(number) for number in re.findall(r"^- (\d{4})$", section, re.MULTILINE)}
    assert explained == set(range(1, max(numbers) + 1)) - set(numbers)


def test_the_readme_explains_each_file_that_was_edited_after_it_had_landed() -> None:
    section = README.partition("## Files that were edited after they had landed")[2]
    assert set(re.findall(r"^- `(\w+\.sql)`: ", section, re.MULTILINE)) == set(FORMER_DIGESTS)
    assert set(FORMER_DIGESTS) <= set(NAMES)


async def test_an_empty_database_gets_every_file_in_order(empty: str) -> None:
    assert await migrate(empty) == NAMES
    assert await applied(empty) == NAMES


async def test_migrating_twice_applies_nothing(clone: Database) -> None:
    assert await migrate(clone.url) == []
    assert await applied(clone.url) == NAMES


async def test_a_new_file_is_applied_alone(clone: Database, folder: Path) -> None:
    (folder / "9999_more.sql").write_text("create table more (city_id int not null);")
    assert await migrate(clone.url, folder) == ["9999_more.sql"]
    assert await migrate(clone.url, folder) == []


async def test_an_edited_applied_file_is_refused_and_named(clone: Database, folder: Path) -> None:
    edited = folder / NAMES[1]
    edited.write_text(edited.read_text(encoding="utf-8") + "\n-- a word more\n", encoding="utf-8")
    (folder / "9999_more.sql").write_text("create table more (city_id int not null);")
    with pytest.raises(MigrationError, match=NAMES[1]):
        await migrate(clone.url, folder)
    assert await applied(clone.url) == NAMES


async def test_a_newer_database_is_refused_and_its_file_named(clone: Database, folder: Path) -> None:
    (folder / "9999_more.sql").write_text("create table more (city_id int not null);")
    await migrate(clone.url, folder)
    with pytest.raises(MigrationError, match=r"9999_more\.sql"):
        await migrate(clone.url)


async def test_a_file_that_fails_leaves_nothing_of_itself_and_keeps_those_before(clone: Database, folder: Path) -> None:
    (folder / "9998_good.sql").write_text("create table good (city_id int not null);")
    bad = folder / "9999_bad.sql"
    bad.write_text("create table half (city_id int not null); select 1 / 0;")
    with pytest.raises(asyncpg.DivisionByZeroError):
        await migrate(clone.url, folder)
    assert await applied(clone.url) == [*NAMES, "9998_good.sql"]
    bad.write_text("create table half (city_id int not null);")
    assert await migrate(clone.url, folder) == ["9999_bad.sql"]


async def test_a_migration_gives_up_rather_than_queue_everybody_behind_it(clone: Database, folder: Path) -> None:
    (folder / "9999_limits.sql").write_text(
        "create table limits as select current_setting('lock_timeout') as lock, current_setting('statement_timeout') as statement;"
    )
    await migrate(clone.url, folder)
    async with clone.read() as connection:
        row = await one_row(connection, ("select * from limits",))
    assert (row["lock"], row["statement"]) == ("4s", "5s")


async def test_several_starting_together_apply_each_file_once(empty: str) -> None:
    answers = await asyncio.gather(*(migrate(empty) for _ in range(3)))
    assert sorted(answers, key=len) == [[], [], NAMES]


async def test_two_processes_migrating_at_once_both_end_well(empty: str) -> None:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("DISPATCH_")}
    environment = {**inherited, "DISPATCH_DATABASE_URL": empty, "DISPATCH_SECRET": SECRET}

    async def run() -> str:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "dispatch", "migrate", env=environment, cwd=Path(__file__).parents[2],
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, error = await process.communicate()
        assert process.returncode == 0, error.decode()
        return out.decode()

    said = sorted(await asyncio.gather(run(), run()))
    assert said == ["".join(f"applied {name}\n" for name in NAMES), "the database is up to date\n"]
