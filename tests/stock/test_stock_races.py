"""Many take from the same holder at once, through HTTP and real connections: nobody gets what is not there."""

import asyncio

import pytest

from dispatch.database import Database
from tests.conftest import Clock, serving
from tests.make import Make, World
from tests.stock.ledger import Codes, assert_ledger_is_sound, balance, move


@pytest.fixture
async def crowd(clone: Database, clock: Clock) -> tuple[Make, World, Codes]:
    make = Make(clone, clock.now)
    world = await make.world()
    await make.stock(world.city_id, world.campaign, world.material, "outlet", world.outlets[0], 100)
    await make.stock(world.city_id, world.campaign, world.material, "rider", world.riders[0], 100)
    rows = "select outlet_id as id, code from outlet union select rider_id, code from rider union select material_id, code from material"
    return make, world, Codes(await make.fetch(rows))


async def test_many_who_take_at_once_never_take_more_than_is_there(
    clone: Database, clock: Clock, crowd: tuple[Make, World, Codes]
) -> None:
    make, world, codes = crowd
    headers = await make.firm_manager(world.city_id, world.partners[0])
    outlet, rider = ("outlet", world.outlets[0]), ("rider", world.riders[0])
    bodies = [
        {"moves": [move(world, codes, make, "transfer", *ends, 15)]}
        for ends in [(outlet, rider), (rider, ("rider", world.riders[1]))] * 10
    ]
    bodies += bodies  # and every request comes twice at once
    async with serving(clone, clock) as (client, _):
        answers = await asyncio.gather(
            *(client.post("/api/stock/moves", json=body, headers=headers) for body in bodies)
        )
    assert {answer.status_code for answer in answers} <= {201, 409}
    moved = await make.fetch(
        "select from_kind, sum(copies)::int as copies from stock_move where kind = 'transfer' group by 1"
    )
    out = {row["from_kind"]: row["copies"] for row in moved}
    assert out["outlet"] == 90
    assert await balance(make, *outlet) == 10
    await assert_ledger_is_sound(make)


async def test_a_move_reversed_twice_at_once_is_reversed_once(
    clone: Database, clock: Clock, crowd: tuple[Make, World, Codes]
) -> None:
    make, world, codes = crowd
    headers = await make.firm_manager(world.city_id, world.partners[0])
    wanted = move(world, codes, make, "transfer", ("outlet", world.outlets[0]), ("rider", world.riders[0]), 15)
    async with serving(clone, clock) as (client, _):
        await client.post("/api/stock/moves", json={"moves": [wanted]}, headers=headers)
        url = f"/api/stock/moves/{wanted['move_id']}/reverse"
        answers = await asyncio.gather(
            *(
                client.post(url, json={"move_id": str(make.id()), "reason": "录入有误"}, headers=headers)
                for _ in range(6)
            )
        )
    assert sorted(answer.status_code for answer in answers) == [201, *[409] * 5]
    assert {answer.json()["type"] for answer in answers if answer.status_code == 409} == {"/problems/already-reversed"}
    assert await balance(make, "outlet", world.outlets[0]) == 100
    await assert_ledger_is_sound(make)


async def test_many_collections_at_once_never_exceed_the_claim(
    clone: Database, clock: Clock, crowd: tuple[Make, World, Codes]
) -> None:
    make, world, codes = crowd
    await make.stock(world.city_id, world.campaign, world.material, "depot", world.depot, 10_000)
    claim = await make.claim(world, await make.batch(world, copies=500), world.partners[0])
    headers = await make.planner(world.city_id)
    body = {"outlet_code": codes[world.outlets[0]], "copies": 200}
    async with serving(clone, clock) as (client, _):
        answers = await asyncio.gather(
            *(
                client.post(f"/api/claims/{claim}/issue", json={**body, "waybill_id": str(make.id())}, headers=headers)
                for _ in range(8)
            )
        )
    assert sorted(answer.status_code for answer in answers) == [201, 201, *[409] * 6]
    assert {answer.json()["type"] for answer in answers if answer.status_code == 409} == {"/problems/more-than-claimed"}
    assert await balance(make, "transit", world.outlets[0]) == 400
    assert await make.value("select sum(copies)::int from waybill") == 400
    await assert_ledger_is_sound(make)
