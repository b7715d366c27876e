"""A campaign changed: its revision rises with the change, and every process hears of it after the commit, or never."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from uuid import UUID

import pytest

from dispatch.database import Connection, Database, Retry
from dispatch.database.changes import touch, touch_city
from tests.conftest import NOW
from tests.make import Make

Heard = list[tuple[int, UUID]]


class Campaigns:
    """Two campaigns of one city and one of another, in the order of their ids, and what was heard of them."""

    def __init__(self, make: Make) -> None:
        self.make = make
        self.first = self.second = self.elsewhere = make.id()
        self.heard: Heard = []

    async def set_up(self) -> None:
        for city_id in (98, 99):
            await self.make.city(city_id)
        self.elsewhere = await self.make.campaign(98)
        self.first, self.second = sorted([await self.make.campaign(99), await self.make.campaign(99)])
        self.make.database.on_change = lambda city_id, campaign_id: self.heard.append((city_id, campaign_id))

    async def revision(self, campaign_id: UUID) -> int:
        return await self.make.value("select revision from campaign where campaign_id = $1", campaign_id)


@pytest.fixture
async def campaigns(clone: Database) -> Campaigns:
    made = Campaigns(Make(clone, NOW))
    await made.set_up()
    return made


async def test_the_revision_rises_by_one_inside_the_transaction_and_is_heard_of_after_it(
    clone: Database, campaigns: Campaigns
) -> None:
    before = await campaigns.revision(campaigns.first)

    async def change(connection: Connection) -> int:
        await touch(connection, 99, campaigns.first)
        assert campaigns.heard == [], "not before the commit"
        return await connection.fetchval("select revision from campaign where campaign_id = $1", campaigns.first)

    assert await clone.transact(change) == before + 1
    assert await campaigns.revision(campaigns.first) == before + 1
    assert await campaigns.revision(campaigns.second) == before, "the other campaign is as it was"
    assert campaigns.heard == [(99, campaigns.first)]


async def test_it_answers_the_status_of_each_campaign_there_is_in_the_city(
    clone: Database, campaigns: Campaigns
) -> None:
    await campaigns.make.fetch("update campaign set status = 'draft' where campaign_id = $1", campaigns.second)
    before = await campaigns.revision(campaigns.elsewhere)
    wanted = (campaigns.first, campaigns.second, campaigns.elsewhere, campaigns.make.id())
    statuses = await clone.transact(lambda connection: touch(connection, 99, *wanted))
    assert statuses == {campaigns.first: "open", campaigns.second: "draft"}
    assert sorted(campaigns.heard) == [(99, campaigns.first), (99, campaigns.second)]
    assert await campaigns.revision(campaigns.elsewhere) == before


async def test_nothing_is_heard_of_a_change_that_was_rolled_back(clone: Database, campaigns: Campaigns) -> None:
    before = await campaigns.revision(campaigns.first)

    async def fail(connection: Connection) -> None:
        await touch(connection, 99, campaigns.first)
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011  whatever it is
        await clone.transact(fail)
    assert campaigns.heard == []
    assert await campaigns.revision(campaigns.first) == before


async def test_a_change_that_is_done_again_after_a_race_is_heard_of_once(clone: Database, campaigns: Campaigns) -> None:
    before, tries = await campaigns.revision(campaigns.first), 0

    async def change(connection: Connection) -> None:
        nonlocal tries
        tries += 1
        # What the first try announced for another campaign was rolled back with it.
        await touch(connection, 99, campaigns.second if tries == 1 else campaigns.first)
        if tries == 1:
            raise Retry

    await clone.transact(change)
    assert campaigns.heard == [(99, campaigns.first)]
    assert await campaigns.revision(campaigns.first) == before + 1


async def test_several_changes_in_one_transaction_are_heard_of_once(clone: Database, campaigns: Campaigns) -> None:
    before = await campaigns.revision(campaigns.first)

    async def change(connection: Connection) -> None:
        await touch(connection, 99, campaigns.first)
        await touch(connection, 99, campaigns.first)

    await clone.transact(change)
    assert campaigns.heard == [(99, campaigns.first)]
    assert await campaigns.revision(campaigns.first) == before + 2


async def test_what_all_campaigns_of_a_city_rest_on_touches_each_of_them(clone: Database, campaigns: Campaigns) -> None:
    before = await campaigns.revision(campaigns.elsewhere)
    await clone.transact(lambda connection: touch_city(connection, 99))
    assert sorted(campaigns.heard) == [(99, campaigns.first), (99, campaigns.second)]
    assert await campaigns.revision(campaigns.elsewhere) == before


@asynccontextmanager
async def locked(database: Database, campaign_id: UUID) -> AsyncGenerator[None]:
    """The campaign's row is locked by another transaction until the block ends."""
    async with database.read() as connection, connection.transaction():
        await connection.execute("select from campaign where campaign_id = $1 for update", campaign_id)
        yield


async def wait_for_a_lock(database: Database, task: "asyncio.Task[object]") -> None:
    """Until the task's transaction waits for another one."""
    waiting = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    while True:
        async with database.read() as connection:
            if await connection.fetchval(waiting):
                return
        assert not task.done(), "it went through and waited for nothing"
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("order", [1, -1], ids=["as they are", "the other way round"])
async def test_campaigns_are_locked_in_the_order_of_their_keys_however_they_are_named(
    clone: Database, campaigns: Campaigns, order: int
) -> None:
    """What waits for the first holds no other yet, so two transactions can never wait for each other."""
    named = (campaigns.first, campaigns.second)[::order]
    async with locked(clone, campaigns.first):
        task = asyncio.create_task(clone.transact(lambda connection: touch(connection, 99, *named)))
        await wait_for_a_lock(clone, task)
        free = "select campaign_id from campaign where campaign_id = $1 for update nowait"
        assert await campaigns.make.value(free, campaigns.second) == campaigns.second
    assert len(await task) == 2


async def test_two_transactions_that_name_the_campaigns_in_different_order_both_go_through(
    clone: Database, campaigns: Campaigns
) -> None:
    before, tries = await campaigns.revision(campaigns.first), 0

    async def change(connection: Connection, named: tuple[UUID, UUID]) -> None:
        nonlocal tries
        tries += 1
        await touch(connection, 99, *named)

    forward, backward = (campaigns.first, campaigns.second), (campaigns.second, campaigns.first)
    await asyncio.gather(
        *(
            clone.transact(lambda connection, named=named: change(connection, named))
            for named in (forward, backward) * 3
        )
    )
    assert tries == 6, "none was a victim of a deadlock and done again"
    assert await campaigns.revision(campaigns.first) == before + 6
