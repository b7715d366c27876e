"""Tallies are the sums of the rows, whatever is handed out and taken back, and transactions lock them in one order."""

import asyncio
import random
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from dispatch.database import Database, connect, day_of, new_id
from dispatch.handouts import store
from dispatch.handouts.question import carries_question
from dispatch.handouts.rules import Stored
from tests.conftest import NOW
from tests.handouts.cases import stored
from tests.handouts.phone import Phone, kinds
from tests.handouts.test_tally_counts import assert_tallies_are_right
from tests.make import Make, World

TALLIES = ("zone_tally", "zone_day_tally", "cell_tally", "cell_day_tally")


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
async def test_tallies_are_the_sums_of_what_was_handed_out_and_taken_back(
    api: httpx.AsyncClient, make: Make, world: World, phone: Phone, seed: int
) -> None:
    chance = random.Random(seed)
    asked = [identifier for _ in range(200) if carries_question(world.campaign, identifier := new_id(make.now))]
    sent: list[dict[str, Any]] = []
    for _ in range(3):
        records = [
            phone.handout(
                id=str(asked.pop() if asked and chance.random() < 0.5 else new_id(make.now)),
                copies=chance.choice((1, 1, 3)), channel=chance.choice(("in_person", "with_parcel")),
                cell=f"{chance.choice(chance.choice(world.cells)[:2]):x}", minutes_ago=chance.randint(1, 2000),
                first_copy_answer=chance.choice(("yes", "no", "unknown")),
            )
            for _ in range(4)
        ]  # fmt: skip
        sent += records
        taken_back = chance.sample(sent, 2)
        records += [phone.correction(record["id"], copies=1) for record in taken_back]
        outcomes = kinds(await phone.sync(api, records))
        assert outcomes[:4] == ["recorded"] * 4
        assert set(outcomes) <= {"recorded", "nothing-to-correct"}
        await assert_tallies_are_right(make, *TALLIES)
    await make.stock(world.city_id, world.campaign, world.material, "rider", phone.rider, 40)


async def test_a_call_may_take_more_out_of_a_cell_than_it_brings(
    api: httpx.AsyncClient, make: Make, world: World, phone: Phone
) -> None:
    earlier = phone.handout(copies=9)
    await phone.sync(api, [earlier])
    mixed = [phone.correction(earlier["id"]), phone.handout(copies=4, channel="with_parcel")]
    assert kinds(await phone.sync(api, mixed)) == ["recorded", "recorded"]
    assert await make.fetch("select copies, in_person from cell_tally") == [{"copies": 4, "in_person": 0}]
    by_channel = await make.fetch("select channel, copies from zone_tally order by channel")
    assert [(row["channel"], row["copies"]) for row in by_channel] == [("in_person", 0), ("with_parcel", 4)]
    await assert_tallies_are_right(make, *TALLIES)


async def test_a_correction_of_a_later_day_lowers_the_total_and_leaves_the_earlier_day_as_it_was_known(
    api: httpx.AsyncClient, make: Make, world: World, phone: Phone
) -> None:
    record = phone.handout(copies=5)
    await phone.sync(api, [record])
    await make.fetch("update zone_day_tally set known_on = known_on - 1")
    await make.fetch("update cell_day_tally set known_on = known_on - 1")
    await phone.sync(api, [phone.correction(record["id"], copies=2)])
    for table in ("zone_day_tally", "cell_day_tally"):
        days = await make.fetch(f"select copies from {table} order by known_on")
        assert [row["copies"] for row in days] == [5, -2]
    assert await make.value("select copies from zone_tally") == await make.value("select copies from cell_tally") == 3


def in_world(world: World, **more: Any) -> Stored:
    """A handout of the world's first rider, as judging leaves it."""
    identifier = new_id(NOW)
    return stored(
        id=identifier, id_day=day_of(identifier), campaign_id=world.campaign, zone_id=world.zones[0],
        cell=world.cells[0][0], outlet_id=world.outlets[0], holder_id=world.riders[0], material_id=world.material,
        copies=1, **more,
    )  # fmt: skip


async def locked_before(clone: Database, world: World, awaited: str, records: list[Stored]) -> set[str]:
    """The tallies a transaction has locked when it comes to the table `awaited`, where another one stops it."""
    other, writer, looker = [await connect(clone.url) for _ in range(3)]
    try:
        stopping, writing = other.transaction(), writer.transaction()
        await stopping.start()
        await other.execute(f"select from {awaited} for update")
        await writing.start()
        task = asyncio.create_task(store.write(writer, world.city_id, records, [], NOW, NOW.date()))
        waits = "select wait_event_type = 'Lock' from pg_stat_activity where pid = $1"
        while not await looker.fetchval(waits, writer.get_server_pid()):
            assert not task.done()
            await asyncio.sleep(0.005)
        found = {
            table
            for table in TALLIES
            if table != awaited and not await looker.fetch(f"select from {table} for update skip locked")
        }
        await stopping.rollback()
        await task
        await writing.rollback()
        return found
    finally:
        for connection in (other, writer, looker):
            await connection.close()


@pytest.mark.parametrize("corrected", [False, True])
async def test_every_transaction_goes_through_the_tallies_in_the_same_order(clone: Database, corrected: bool) -> None:
    """Or two of them would wait for each other: one PostgreSQL ends, a second later."""
    make = Make(clone, NOW)
    world = await make.world()
    await make.stock(world.city_id, world.campaign, world.material, "rider", world.riders[0], 100)
    first = in_world(world)
    await clone.transact(lambda connection: store.write(connection, 99, [first], [], NOW, NOW.date()))
    undo = replace(first, id=new_id(NOW), copies=-1, corrects_id=first.id, reason="按错了")
    record = undo if corrected else in_world(world)
    before = {table: await locked_before(clone, world, table, [record]) for table in TALLIES}
    assert sorted(before, key=lambda table: len(before[table])) == [
        "cell_tally", "zone_tally", "cell_day_tally", "zone_day_tally",
    ]  # fmt: skip
