"""Migration 0018: batches of before get the figure their reason named, from what their plan was made from."""

import random
import re
import shutil
from collections.abc import AsyncGenerator
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import msgspec
import pytest

from dispatch.allocation.plan_batches import NewBatch, make_batches
from dispatch.allocation.records import ANY_PARTNER, Basis, LineState, ZoneBasis
from dispatch.database import connect
from dispatch.database.migrate import FOLDER, FORMER_DIGESTS, MigrationError, migrate
from schemas.allocation import NewAllocation
from tests.conftest import execute, with_database

NAME = "0018_unreached_households.sql"
NOW = datetime(2027, 4, 20, 2, 0, tzinfo=UTC)
ID = UUID(int=1)

# The file as cities applied it that are past it.
FORMER = """\
-- The number in a batch's reason, by itself: so it can be said in any language.
alter table batch add column unreached_households int
    constraint batch_unreached_not_negative check (unreached_households >= 0);
update batch set unreached_households = replace(substring(priority_reason from '^未触达约 ([0-9,]+) 户'), ',', '')::int
where city_id is not null and priority_reason like '未触达约 %';
"""


class City(NamedTuple):
    """A database whose migrations end before 0018, and a folder of migrations to go on with."""

    url: str
    folder: Path
    connection: Any

    async def figures(self) -> dict[UUID, int | None]:
        found = await self.connection.fetch("select batch_id, unreached_households from batch")
        return {row["batch_id"]: row["unreached_households"] for row in found}

    async def go_on(self, text: str | None = None) -> None:
        """Apply 0018 and all later files; `text` in the place of the file."""
        shutil.copytree(FOLDER, self.folder, dirs_exist_ok=True)
        if text is not None:
            (self.folder / NAME).write_text(text, encoding="utf-8")
        await migrate(self.url, self.folder)


@pytest.fixture
async def city(server_url: str, tmp_path: Path) -> AsyncGenerator[City]:
    name = f"before_{uuid4().hex[:8]}"
    await execute(server_url, f'create database "{name}"')
    url, folder = with_database(server_url, name), tmp_path / "migrations"
    folder.mkdir()
    for path in FOLDER.glob("*.sql"):
        if path.name < NAME:
            shutil.copy(path, folder)
    await migrate(url, folder)
    connection: Any = await connect(url)
    yield City(url, folder, connection)
    await connection.close()
    await execute(server_url, f'drop database "{name}" with (force)')


def some_plan(chance: random.Random, **options: Any) -> tuple[Basis, list[LineState]]:
    """A plan for two hundred zones: large and small, not registered, of weight 0, of two partners, changed by hand."""
    zones: dict[UUID, ZoneBasis] = {}
    lines: list[LineState] = []
    for number in range(200):
        zone_id = UUID(int=number + 1)
        households = chance.choice([None, 0, 1000, 6050, chance.randint(1, 999), chance.randint(1000, 30_000)])
        committed = chance.choice([0, chance.randint(1, 20_000)])
        zones[zone_id] = ZoneBasis(households=households, committed_copies=committed, capacity_copies=0)
        weight = chance.choice([0.0, 1.0, 1.8, chance.uniform(0.1, 5.0)])
        lines += [
            LineState(
                zone_id=zone_id, zone_code=f"Z{number}", zone_name="片区", partner_id=partner, partner_code=None,
                partner_name=None, copies=50 * chance.randint(0, 60), proposed_copies=0, risk_weight=weight,
                change_reason=chance.choice([None, "所里要求未触达约 7 户"]),
            )
            for partner in chance.choice([[ANY_PARTNER], [UUID(int=7), UUID(int=8)]])
        ]  # fmt: skip
    request = NewAllocation(
        allocation_id=uuid4(), material_code="M", copies=1000, spread=options.pop("spread", 1.5), genuine_share=0.95
    )
    values = {"counts_for_reach": True, **options}
    return Basis(request=request, starts_on=NOW.date(), ends_on=date(2027, 6, 22), zones=zones, **values), lines


async def store(city: City, basis: Basis, lines: list[LineState]) -> list[NewBatch]:
    """Write a plan and its batches as the program did before the column; the rest of the city does not matter here."""
    plan = basis.request.allocation_id
    batches = make_batches(basis, lines, {UUID(int=3): 8}, 50, 1000, NOW)
    await city.connection.execute("set session_replication_role = replica")
    await city.connection.execute(
        "insert into allocation (city_id, allocation_id, campaign_id, material_id, status, copies, parameters, certificate,"
        " created_at, created_by) values (99, $1, $2, $2, 'draft', 1000, $3, '{}', $4, $2)",
        plan, ID, msgspec.to_builtins(basis), NOW,
    )  # fmt: skip
    await city.connection.executemany(
        "insert into allocation_line (city_id, allocation_id, zone_id, partner_id, copies, proposed_copies, risk_weight,"
        " changed_by, change_reason) values (99, $1, $2, $3, $4, 0, $5, $6, 'so')",
        [(plan, line.zone_id, line.partner_id, line.copies, line.risk_weight, ID) for line in lines],
    )
    await city.connection.executemany(
        "insert into batch (city_id, batch_id, code, campaign_id, allocation_id, zone_id, material_id, depot_id, copies,"
        " reserved_partner_id, priority, priority_reason, due_on, created_at)"
        " values (99, $1, $2, $5, $3, $4, $5, $5, $6, $7, $8, $9, $10, $11)",
        [
            (batch.batch_id, batch.code, plan, batch.zone_id, ID, batch.copies, batch.reserved_partner_id, batch.priority,
             batch.priority_reason, NOW.date(), NOW)
            for batch in batches
        ],
    )  # fmt: skip
    return batches


@pytest.mark.parametrize("spread", [1.5, 20.0, 1e-12, 0.0])
async def test_every_batch_of_before_gets_the_figure_its_reason_names(city: City, spread: float) -> None:
    batches = await store(city, *some_plan(random.Random(18), spread=spread))
    await city.go_on()
    assert await city.figures() == {batch.batch_id: batch.unreached_households for batch in batches}
    named = [batch for batch in batches if batch.unreached_households is not None]
    assert len(named) > 300
    assert all(f"{batch.unreached_households:,} 户" in batch.priority_reason for batch in named)
    assert any(batch.priority == 0.0 for batch in named)
    assert len(batches) - len(named) > 50


async def test_copies_that_do_not_count_for_reach_have_no_figure(city: City) -> None:
    batches = await store(city, *some_plan(random.Random(1), counts_for_reach=False))
    await city.go_on()
    assert set((await city.figures()).values()) == {None}
    assert len(batches) > 100


async def test_a_city_past_the_migration_has_the_same_figures_and_starts(city: City) -> None:
    batches = await store(city, *some_plan(random.Random(18)))
    await city.go_on(FORMER)
    figures = await city.figures()
    assert figures == {batch.batch_id: batch.unreached_households for batch in batches}
    # The program of today, with the file of today:
    assert await migrate(city.url) == []
    assert await city.figures() == figures


async def test_a_plan_nothing_is_known_of_leaves_the_figure_empty_and_its_reason_in_place(city: City) -> None:
    basis, lines = some_plan(random.Random(18))
    batches = await store(city, basis, lines)
    await city.connection.execute("update allocation set parameters = '{}'")
    await city.go_on()
    assert set((await city.figures()).values()) == {None}
    found = await city.connection.fetch("select batch_id, priority_reason from batch")
    assert {row["batch_id"]: row["priority_reason"] for row in found} == {
        batch.batch_id: batch.priority_reason for batch in batches
    }


async def test_any_other_text_of_the_file_is_refused_as_before(city: City) -> None:
    await city.go_on(FORMER + "\n")
    with pytest.raises(MigrationError, match=NAME):
        await migrate(city.url)


def test_the_former_texts_accepted_are_those_known_here() -> None:
    assert {NAME: {sha256(FORMER.encode()).hexdigest()}} == FORMER_DIGESTS


def test_no_migration_reads_a_sentence_written_for_people() -> None:
    for path in sorted(FOLDER.glob("*.sql")):
        code = "\n".join(line.partition("--")[0] for line in path.read_text(encoding="utf-8").splitlines())
        # Of which characters a text consists may be asked: whether it is an id, a number, a reference.
        code = re.sub(r" ~\*?\s+'\^(?:\[[^]]+\]|[0-9{}(),-])+\$'", "", code)
        assert re.findall(r"\b(?:regexp_\w+|substring|like|similar to)\b| !?~", code) == [], path.name
