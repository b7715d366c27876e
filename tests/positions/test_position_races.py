"""Two at once: somebody says no while a position is being recorded. Whoever comes first, none survives."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from dispatch.database import Connection, Database
from dispatch.handouts.entries import sync_entries
from dispatch.handouts.recording import Call, record_calls
from dispatch.handouts.rules import Holder
from dispatch.identity.caller import Caller
from dispatch.privacy import records
from tests.conftest import NOW, Clock, serving
from tests.handouts.phone import Phone
from tests.make import Make, World
from tests.positions.test_positions import PLACE

Ending = Callable[[Any, Make, World, Phone, str], Awaitable[Any]]


async def withdraw(api: Any, make: Make, world: World, phone: Phone, permit_id: str) -> Any:
    body = {"answer_id": str(make.id()), "permit_id": permit_id, "version": 1, "given": False}
    return await api.post("/api/positions/agreement", json=body, headers=phone.headers)


async def withdraw_location(api: Any, make: Make, world: World, phone: Phone, permit_id: str) -> Any:
    body = {"consent_id": str(make.id()), "purpose": "location", "given": False, "version": 1}
    return await api.post("/api/privacy/consent", json=body, headers=phone.headers)


async def switch_off(api: Any, make: Make, world: World, phone: Phone, permit_id: str) -> Any:
    planner = await make.planner(99)
    return await api.post(f"/api/campaigns/{world.campaign}/positions/switch-off", headers=planner)


async def erase(api: Any, make: Make, world: World, phone: Phone, permit_id: str) -> Any:
    await make.database.transact(
        lambda connection: records.erase_rider(connection, 99, world.riders[0], NOW), witnessed=False
    )


ENDINGS: list[Ending] = [withdraw, withdraw_location, switch_off, erase]


@asynccontextmanager
async def agreed(clone: Database, clock: Clock) -> AsyncGenerator[tuple[Any, Make, World, Phone, str]]:
    """A rider who agreed, in a database of its own, and a client of the running product."""
    make = Make(clone, clock.now)
    world = await make.world()
    await make.stock(99, world.campaign, world.material, "rider", world.riders[0], 1000)
    permit_id = await make.position_permit(world)
    await make.position_agreement(world, permit_id, world.riders[0])
    phone = Phone(world, world.riders[0], await make.rider_session(99, world.riders[0]), make.now)
    async with serving(clone, clock) as (api, _):
        yield api, make, world, phone, str(permit_id)


@asynccontextmanager
async def recording(clone: Database, world: World, phone: Phone) -> AsyncGenerator[Connection]:
    """A hand-out with its position is recorded and its transaction still open."""
    caller = Caller(
        city_id=99, role="rider", subject_id=world.riders[0], partner_id=world.partners[0], outlet_id=world.outlets[0]
    )
    sent = [phone.handout(position=PLACE)]
    holder = Holder("rider", world.riders[0], world.outlets[0])
    async with clone.read() as connection, connection.transaction():
        call = Call(caller=caller, door="sync", sent=sent, prepared=sync_entries(sent, holder))
        outcomes, _ = await record_calls(connection, [call], NOW)
        assert outcomes[0][0].position == "kept"
        yield connection


@pytest.mark.parametrize("ending", ENDINGS)
async def test_saying_no_waits_for_a_position_that_is_being_recorded_and_erases_it(
    clone: Database, clock: Clock, ending: Ending
) -> None:
    async with agreed(clone, clock) as (api, make, world, phone, permit_id):
        async with recording(clone, world, phone):
            task = asyncio.ensure_future(ending(api, make, world, phone, permit_id))
            await asyncio.sleep(0.3)
            assert not task.done(), "it would have looked for positions too early"
        await task
        assert await make.value("select count(*) from handout") == 1
        assert await make.value("select count(*) from handout_position") == 0


@pytest.mark.parametrize("ending", ENDINGS)
async def test_a_position_that_comes_while_somebody_says_no_is_not_kept(
    clone: Database, clock: Clock, ending: Ending
) -> None:
    async with agreed(clone, clock) as (api, make, world, phone, permit_id):
        # Both at once and many times over, in whatever order they reach the database.
        outcomes = await asyncio.gather(
            *(phone.sync(api, [phone.handout(position=PLACE)]) for _ in range(10)),
            ending(api, make, world, phone, permit_id),
            *(phone.sync(api, [phone.handout(position=PLACE)]) for _ in range(10)),
            return_exceptions=True,
        )
        recorded = [each for each in outcomes if isinstance(each, list)]
        # Whoever was erased is signed out in the middle of it.
        assert len(recorded) == 20 or ending is erase
        assert await make.value("select count(*) from handout") == len(recorded)
        assert await make.value("select count(*) from handout_position") == 0


async def test_two_planners_turn_positions_on_at_once_and_one_reason_stands(clone: Database, clock: Clock) -> None:
    make = Make(clone, clock.now)
    world = await make.world()
    planners = [await make.planner(99) for _ in range(4)]
    async with serving(clone, clock) as (api, _):
        answers = await asyncio.gather(
            *(
                api.post(
                    f"/api/campaigns/{world.campaign}/positions/switch-on",
                    json={"permit_id": str(make.id()), "reason": f"第 {number} 位民警写下的理由在此"},
                    headers=planner,
                )
                for number, planner in enumerate(planners)
            )
        )
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    assert await make.value("select count(*) from position_permit where ended_at is null") == 1
