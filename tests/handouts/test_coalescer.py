"""Many phones at once, on a real pool: exactly once, each gets its own verdicts, and one failure sinks no other call."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any, cast

import asyncpg
import httpx
import pytest

from dispatch.database import Connection, Database
from dispatch.handouts import coalescer
from tests.conftest import Clock, serving
from tests.handouts.phone import Phone, kinds
from tests.handouts.test_sync import totals
from tests.make import Make, World
from tests.waiting import until


@pytest.fixture
async def crowd(clone: Database, clock: Clock) -> AsyncGenerator[tuple[httpx.AsyncClient, Make, World, list[Phone]]]:
    """Eight riders with 100 copies each, on a database with real commits."""
    make = Make(clone, clock.now)
    world = await make.world()
    phones: list[Phone] = []
    for rider in world.riders:
        await make.stock(world.city_id, world.campaign, world.material, "rider", rider, 100)
        phones.append(Phone(world, rider, await make.rider_session(world.city_id, rider), clock.now))
    async with serving(clone, clock) as (api, _):
        yield api, make, world, phones


Crowd = tuple[httpx.AsyncClient, Make, World, list[Phone]]


async def test_a_crowd_of_phones_is_recorded_exactly_once(crowd: Crowd) -> None:
    api, make, world, phones = crowd
    batches = [(phone, [phone.handout() for _ in range(5)]) for phone in phones for _ in range(10)]
    # Every call is made twice at the same time, as two tabs or a retry that overtakes its first try would.
    answers = await asyncio.gather(*(phone.sync(api, records) for phone, records in batches * 2))
    verdicts = [kind for answer in answers for kind in kinds(answer)]
    assert (verdicts.count("recorded"), verdicts.count("duplicate")) == (400, 400)
    assert (await totals(make, world))["rows"] == 400
    assert (await totals(make, world))["left"] == 400


async def test_two_phones_of_one_rider_cannot_hand_out_the_same_copies(crowd: Crowd) -> None:
    api, make, world, phones = crowd
    answers = await asyncio.gather(*(phones[0].sync(api, [phones[0].handout(copies=30)]) for _ in range(10)))
    verdicts = sorted(kind for answer in answers for kind in kinds(answer))
    assert verdicts == ["not-enough-stock"] * 7 + ["recorded"] * 3
    assert await make.value("select quantity from stock_balance where holder_id = $1", phones[0].rider) == 10
    assert (await totals(make, world))["zones"] == 90


async def test_several_servers_share_the_work_without_doubling(clone: Database, clock: Clock, crowd: Crowd) -> None:
    api, make, world, phones = crowd
    async with serving(clone, clock) as (second, _):
        batches = [(phone, [phone.handout() for _ in range(4)]) for phone in phones for _ in range(6)]
        answers = await asyncio.gather(
            *(phone.sync(client, records) for client in (api, second) for phone, records in batches)
        )
    verdicts = [kind for answer in answers for kind in kinds(answer)]
    assert (verdicts.count("recorded"), verdicts.count("duplicate")) == (192, 192)
    assert (await totals(make, world))["rows"] == 192


async def test_when_a_shared_transaction_fails_every_call_is_done_alone(
    crowd: Crowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    api, make, world, phones = crowd
    original = coalescer.record_calls

    async def failing(connection: Connection, calls: Any, now: Any) -> Any:
        if len(calls) > 1 or calls[0].caller.subject_id == phones[0].rider:
            raise RuntimeError("somebody's row is poisonous")
        return await original(connection, calls, now)

    monkeypatch.setattr(coalescer, "record_calls", failing)
    poisoned = api.post("/api/handouts/sync", json={"records": [phones[0].handout()]}, headers=phones[0].headers)
    healthy = asyncio.gather(*(phone.sync(api, [phone.handout()]) for phone in phones[1:]))
    refused, answers = await asyncio.gather(poisoned, healthy)
    assert refused.status_code == 500
    assert "poisonous" not in refused.text
    assert [kinds(answer) for answer in answers] == [["recorded"]] * 7
    assert (await totals(make, world))["rows"] == 7


class Groups:
    """How many calls each transaction held; the first two, one per drainer, wait until `go_on`."""

    def __init__(self, patch: pytest.MonkeyPatch, failure: type[Exception] | None = None) -> None:
        self.sizes: list[int] = []
        self.go_on = asyncio.Event()
        self._record, self._failure = coalescer.record_calls, failure
        patch.setattr(coalescer, "record_calls", self._noted)

    async def _noted(self, connection: Connection, calls: Any, now: Any) -> Any:
        self.sizes.append(len(calls))
        await self.go_on.wait()
        if self._failure and len(self.sizes) > 2:
            raise self._failure("the database system is starting up")
        return await self._record(connection, calls, now)

    async def sent(self, crowd: Crowd, records: list[int]) -> list[httpx.Response]:
        """Two calls that keep both drainers busy, then one call for each count of records, all waiting at once."""
        api, _, _, phones = crowd

        def call(count: int) -> asyncio.Task[httpx.Response]:
            body = {"records": [phones[0].handout() for _ in range(count)]}
            return asyncio.create_task(api.post("/api/handouts/sync", json=body, headers=phones[0].headers))

        folder: Any = crowd_app(api).state.handout_coalescer
        busy = list[asyncio.Task[httpx.Response]]()
        for number in (1, 2):
            busy.append(call(1))
            await until(lambda number=number: len(self.sizes) == number)
        waiting = list[asyncio.Task[httpx.Response]]()
        for number, count in enumerate(records, 1):
            waiting.append(call(count))
            await until(lambda number=number: len(folder._queues[99]) == number)
        self.go_on.set()
        await asyncio.gather(*busy)
        return await asyncio.gather(*waiting)


def crowd_app(api: httpx.AsyncClient) -> Any:
    """The application that a client in this event loop speaks to."""
    return cast("Any", api)._transport.app


async def test_calls_that_wait_share_a_transaction_up_to_the_limit(
    crowd: Crowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crowd_app(crowd[0]).state.handout_coalescer, "_most_records", 10)
    groups = Groups(monkeypatch)
    answers = await groups.sent(crowd, [4, 4, 2, 1, 9, 1, 12, 3])
    assert groups.sizes[:2] == [1, 1]
    assert sorted(groups.sizes[2:]) == [1, 1, 1, 2, 3], "4+4+2, 1+9, 1, 12 alone, 3"
    assert {kind for answer in answers for kind in kinds(answer.json()["outcomes"])} == {"recorded"}
    assert (await totals(crowd[1], crowd[2]))["rows"] == 38


async def test_when_the_database_is_away_all_who_wait_are_answered_at_once(
    crowd: Crowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    groups = Groups(monkeypatch, asyncpg.CannotConnectNowError)
    answers = await groups.sent(crowd, [1] * 8)
    assert {answer.status_code for answer in answers} == {503}
    assert {answer.json()["type"] for answer in answers} == {"/problems/busy"}
    assert set(groups.sizes[2:]) == {8}, "nobody's call is tried alone"
    assert (await totals(crowd[1], crowd[2]))["rows"] == 2


async def test_the_answer_comes_after_the_commit(crowd: Crowd) -> None:
    api, make, _, phones = crowd
    record = phones[0].handout()
    await phones[0].sync(api, [record])
    # Another connection of the pool sees it at once.
    assert await make.value("select count(*) from handout where handout_id = $1", record["id"]) == 1


async def test_a_handout_and_a_return_race_without_going_below_zero(crowd: Crowd) -> None:
    api, make, world, phones = crowd

    async def give_back() -> None:
        async def work(connection: Connection) -> None:
            await connection.execute(
                "update stock_balance set quantity = quantity - 60 where city_id = $1 and holder_id = $2 and quantity >= 60",
                world.city_id,
                phones[0].rider,
            )

        await make.database.transact(work)

    await asyncio.gather(phones[0].sync(api, [phones[0].handout(copies=60)]), give_back())
    assert await make.value("select quantity from stock_balance where holder_id = $1", phones[0].rider) == 40
