"""schema.sql is what the migrations make, all of it, in words a reader understands."""

import argparse
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from dispatch.commands import schema
from dispatch.database import Connection, Database, connect
from dispatch.database.catalogue import COMMAND, FILE, describe, plain
from dispatch.database.comments import read_comments
from tests.conftest import execute, with_database
from tests.database import catalogue


@pytest.fixture
async def empty(server_url: str) -> AsyncGenerator[Any]:
    """A connection to a database with nothing in it."""
    name = f"empty_{uuid4().hex[:8]}"
    await execute(server_url, f'create database "{name}"')
    connection = await connect(with_database(server_url, name))
    yield connection
    await connection.close()
    await execute(server_url, f'drop database "{name}"')


async def test_the_committed_schema_is_what_the_migrations_make(database: Database) -> None:
    async with database.read() as connection:
        made = await describe(connection)
    assert made == FILE.read_text(encoding="utf-8"), f"run: {COMMAND}"


async def build(connection: Connection, script: str) -> None:
    """Run the blocks of a schema, those first whose tables they refer to exist."""
    waiting = [block for block in script.split("\n\n") if "create table" in block]
    while waiting:
        refused: list[str] = []
        for block in waiting:
            try:
                await connection.execute(block)
            except asyncpg.UndefinedTableError:
                refused.append(block)
        assert len(refused) < len(waiting), f"refers to tables that are not there: {refused[0]}"
        waiting = refused


async def test_the_committed_schema_leaves_out_no_column_constraint_or_index(
    database: Database, empty: Connection
) -> None:
    await build(empty, FILE.read_text(encoding="utf-8"))
    async with database.read() as connection:
        migrated = (await describe(connection), await catalogue.read(connection))
    assert (await describe(empty), await catalogue.read(empty)) == migrated


async def test_partitions_made_by_the_day_are_not_part_of_the_schema(database: Database) -> None:
    async with database.read() as connection:
        await connection.execute(
            "create table handout_2027_04_20 partition of handout for values from ('2027-04-20') to ('2027-04-21')"
        )
        made = await describe(connection)
        assert "handout_2027_04_20" not in made + await catalogue.read(connection)
        assert made == FILE.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "change",
    [
        "alter table depot add remark text",
        "alter table depot alter address set default 'here'",
        "alter table depot alter address drop not null",
        "alter table depot alter name type varchar(40)",
        "alter table depot drop constraint depot_code_unique",
        "alter table depot add constraint depot_has_name check (name <> '')",
        "create index depot_by_name on depot (city_id, name)",
        "drop index claim_one_holder",
        "alter table stock_balance set (fillfactor = 60)",
        "drop table handout_other_days",
        "create table more (city_id int not null)",
    ],
)
async def test_a_change_that_no_migration_made_is_noticed(database: Database, change: str) -> None:
    async with database.read() as connection:
        await connection.execute(change)
        assert await describe(connection) != FILE.read_text(encoding="utf-8")


def test_the_command_prints_the_committed_schema(capsys: pytest.CaptureFixture[str]) -> None:
    assert schema.run(argparse.Namespace()) == 0
    assert capsys.readouterr().out == FILE.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("catalogue_form", "written_form"),
    [
        ("CHECK (kind = ANY (ARRAY['a'::text, 'B'::text]))", "check (kind in ('a', 'B'))"),
        ("CHECK ((kind <> ALL (ARRAY['a'::text])) OR reason <> ''::text)", "check ((kind not in ('a')) or reason <> '')"),
        ("CHECK (num_nonnulls(a, b) = ANY (ARRAY[0, 2]))", "check (num_nonnulls(a, b) in (0, 2))"),
        ("CHECK (share > 0::double precision)", "check (share > 0)"),
        ("CREATE INDEX x ON ONLY handout USING btree (city_id, day DESC)", "create index x on handout (city_id, day desc)"),
        ("'{}'::text[]", "'{}'::text[]"),
    ],
)  # fmt: skip
def test_a_definition_is_written_as_a_person_would(catalogue_form: str, written_form: str) -> None:
    assert plain(catalogue_form) == written_form


MIGRATION = """\
-- What the file is for.

-- A shelf,
-- in a room.
create table shelf (
    city_id int not null references city,
    -- How high.
    height int not null constraint shelf_height_positive
        check (height > 0),
    width int not null,
    depth int,  -- from the wall
    -- Each once.
    constraint shelf_key primary key (city_id)
);
-- The rule itself.
create unique index shelf_one on shelf (city_id);

-- In oak.
alter table shelf add column colour text;
alter table shelf add wood text;
-- Must be.
alter table shelf add constraint shelf_wood_known check (wood <> '');
-- Not about a table.
delete from shelf;
create table board (
    city_id int
);
"""


def test_a_comment_belongs_to_what_follows_it_at_once(tmp_path: Path) -> None:
    first, second = tmp_path / "0001_first.sql", tmp_path / "0002_second.sql"
    first.write_text(MIGRATION, encoding="utf-8")
    second.write_text("-- In oak or beech.\nalter table shelf add colour text;\n", encoding="utf-8")
    comments = read_comments([first, second])
    assert comments.tables == {"shelf": ["A shelf,", "in a room."]}
    assert comments.columns == {
        ("shelf", "height"): ["How high."],
        ("shelf", "depth"): ["from the wall"],
        ("shelf", "colour"): ["In oak or beech."],
    }
    assert comments.constraints == {"shelf_key": ["Each once."], "shelf_wood_known": ["Must be."]}
    assert comments.indexes == {"shelf_one": ["The rule itself."]}
