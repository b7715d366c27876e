"""Transactions: done wholly or not at all, done again after a race, and given up politely."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import asyncpg
import pytest

from dispatch.database import Connection, Database, Retry
from dispatch.database.ids import new_id
from dispatch.problems import Busy, NotFound
from tests.conftest import NOW, Clock, serving
from tests.make import Make
from tests.waiting import HANG_SECONDS

COUNT = "select count(*) from depot where city_id = 99"


@pytest.fixture
async def city(clone: Database) -> Make:
    """A city to write into."""
    make = Make(clone, NOW)
    await make.city()
    return make


async def add_depot(connection: Connection, code: str = "D") -> None:
    """One row, as the work of a transaction."""
    await connection.execute(
        "insert into depot (city_id, depot_id, code, name, created_at) values (99, $1, $2, '仓库', $3)",
        new_id(NOW), code, NOW,
    )  # fmt: skip


async def fail_with(connection: Connection, sqlstate: str) -> None:
    """Let the server refuse with this SQLSTATE."""
    await connection.execute(f"do $$ begin raise exception 'told to' using errcode = '{sqlstate}'; end $$")


@pytest.mark.parametrize(
    "sqlstate", ["40001", "40P01", "55P03", "57P01", "57P03"], ids=["race", "deadlock", "lock", "shutdown", "starting"]
)
async def test_what_passes_is_tried_again_and_written_once(clone: Database, city: Make, sqlstate: str) -> None:
    tries = 0

    async def work(connection: Connection) -> int:
        nonlocal tries
        tries += 1
        await add_depot(connection)
        if tries < 3:
            await fail_with(connection, sqlstate)
        return tries

    assert await clone.transact(work) == 3
    assert await city.value(COUNT) == 1


async def test_a_real_race_is_lost_rolled_back_and_won(clone: Database, city: Make) -> None:
    await city.depot(99, code="RACE")
    tries = 0

    async def rename_meanwhile() -> None:
        async with clone.read() as other:
            await other.execute("update depot set name = name || '+' where city_id = 99")

    async def work(connection: Connection) -> None:
        nonlocal tries
        tries += 1
        await connection.execute("set transaction isolation level repeatable read")
        await connection.fetchval("select name from depot where city_id = 99")
        if tries == 1:
            await rename_meanwhile()
        await connection.execute("update depot set name = name || '*' where city_id = 99")

    await clone.transact(work)
    assert tries == 2
    assert (await city.value("select name from depot where city_id = 99")).endswith("+*")


async def test_a_lost_connection_is_replaced_and_the_work_done_again(clone: Database, city: Make) -> None:
    tries = 0

    async def work(connection: Connection) -> None:
        nonlocal tries
        tries += 1
        await add_depot(connection)
        if tries == 1:
            await connection.execute("select pg_terminate_backend(pg_backend_pid())")

    await clone.transact(work)
    assert tries == 2
    assert await city.value(COUNT) == 1


async def test_work_may_ask_to_be_done_again(clone: Database, city: Make) -> None:
    tries = 0

    async def work(connection: Connection) -> None:
        nonlocal tries
        tries += 1
        await add_depot(connection)
        if tries == 1:
            raise Retry

    await clone.transact(work)
    assert (tries, await city.value(COUNT)) == (2, 1)


async def test_after_the_last_try_the_caller_is_told_to_come_back(clone: Database, city: Make) -> None:
    tries = 0

    async def work(connection: Connection) -> None:
        nonlocal tries
        tries += 1
        await add_depot(connection)
        await fail_with(connection, "40001")

    with pytest.raises(Busy) as refused:
        await clone.transact(work, tries=3)
    assert tries == 3
    assert refused.value.document()["status"] == 503
    assert int(refused.value.headers["retry-after"]) >= 1
    assert isinstance(refused.value.__cause__, asyncpg.SerializationError)
    assert await city.value(COUNT) == 0


async def test_a_refusal_inside_rolls_back_and_passes_through_at_once(clone: Database, city: Make) -> None:
    tries = 0

    async def work(connection: Connection) -> None:
        nonlocal tries
        tries += 1
        await add_depot(connection)
        raise NotFound("no such thing")

    with pytest.raises(NotFound, match="no such thing"):
        await clone.transact(work)
    assert (tries, await city.value(COUNT)) == (1, 0)


async def test_a_violated_constraint_is_not_tried_again(clone: Database, city: Make) -> None:
    tries = 0

    async def work(connection: Connection) -> None:
        nonlocal tries
        tries += 1
        await add_depot(connection, "SAME")
        await add_depot(connection, "SAME")

    with pytest.raises(asyncpg.UniqueViolationError):
        await clone.transact(work)
    assert (tries, await city.value(COUNT)) == (1, 0)


@pytest.mark.parametrize(
    ("statement", "arguments"),
    [
        ("select $1::int", ("one",)),
        ("select $1::int", ()),
        ("select $1::int", (1 << 40,)),
        ("select 1 / $1::int", (0,)),
        ("selekt", ()),
    ],
)
async def test_a_mistake_of_ours_is_neither_tried_again_nor_called_busy(
    clone: Database, statement: str, arguments: tuple[Any, ...]
) -> None:
    tries = 0

    async def work(connection: Connection) -> None:
        nonlocal tries
        tries += 1
        await connection.fetchval(statement, *arguments)

    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError)):
        await clone.transact(work)
    assert tries == 1


async def test_a_reader_whose_connection_is_lost_is_told_to_come_back(clone: Database) -> None:
    with pytest.raises(Busy):
        async with clone.read() as connection:
            await connection.execute("select pg_terminate_backend(pg_backend_pid())")
    async with clone.read() as connection:
        assert await connection.fetchval("select 1") == 1


async def test_a_caller_who_leaves_leaves_nothing_behind(clone: Database, city: Make) -> None:
    written = asyncio.Event()

    async def work(connection: Connection) -> None:
        await add_depot(connection)
        written.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(clone.transact(work))
    await written.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await city.value(COUNT) == 0
    # The connection came back whole: all eight can be in use at once.
    met = asyncio.Barrier(8)

    async def meet(connection: Connection) -> None:
        await connection.fetchval("select 1")
        await met.wait()

    async with asyncio.timeout(HANG_SECONDS):
        await asyncio.gather(*(clone.transact(meet) for _ in range(8)))


@pytest.fixture
async def narrow(clone: Database, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Database]:
    """The same database through one connection. While it is in use callers wait a moment instead of seconds; a
    connection that is free is waited for as ever: on a busy machine handing it over may take longer than that moment.
    """
    pool = await asyncpg.create_pool(clone.url, min_size=1, max_size=1)
    acquire = asyncpg.Pool.acquire

    def hurried(pool: asyncpg.Pool, *, timeout: float) -> object:
        return acquire(pool, timeout=timeout if pool.get_idle_size() else 0.05)

    monkeypatch.setattr(asyncpg.Pool, "acquire", hurried)
    yield Database(pool, clone.url)
    await pool.close()


async def test_when_all_connections_are_in_use_the_caller_is_told_to_come_back(narrow: Database) -> None:
    async with narrow.read():
        with pytest.raises(Busy) as refused:
            async with narrow.read():
                pass
    assert refused.value.headers["retry-after"]
    async with narrow.read() as connection:
        assert await connection.fetchval("select 1") == 1


async def test_a_busy_server_answers_503_with_a_problem_and_when_to_come_back(narrow: Database, city: Make) -> None:
    headers = await city.planner(99)
    async with serving(narrow, Clock()) as (client, _), narrow.read():
        answer = await client.get("/api/me", headers=headers)
    assert answer.status_code == 503
    assert answer.json()["type"] == "/problems/busy"
    assert answer.headers["content-type"] == "application/problem+json"
    assert int(answer.headers["retry-after"]) >= 1
