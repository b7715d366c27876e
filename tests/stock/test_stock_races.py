"""Many take from the same holder at once, through HTTP and real connections: nobody gets what is not there."""

import asyncio

import pytest

from dispatch.database import Database
from tests.conftest import Clock, serving
from tests.make import Make, World
from tests.stock.ledger import Codes, assert_ledger_is_sound, balance, move
from tests.waiting import locking, queued


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


async def test_two_deliveries_of_one_print_run_at_the_same_moment_are_counted_one_after_the_other(
    clone: Database, clock: Clock, crowd: tuple[Make, World, Codes]
) -> None:
    make, world, _ = crowd
    run = await make.print_run(world.city_id, world.campaign, world.material, world.depot, 1000)
    headers = await make.planner(world.city_id)
    async with serving(clone, clock) as (client, _):
        async with locking(clone, "select 1 from print_run for update"):
            calls = [
                asyncio.create_task(
                    client.post(
                        f"/api/print-runs/{run}/receive",
                        json={"move_id": str(make.id()), "copies": 1000},
                        headers=headers,
                    )
                )
                for _ in range(2)
            ]
            await queued(clone, *calls)
        taken, refused = sorted([await call for call in calls], key=lambda answer: answer.status_code)
    assert (taken.status_code, taken.json()["delivered"]) == (201, 1000)
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/variance-reason-needed")
    assert await balance(make, "depot", world.depot) == 1000
    bundles = await make.fetch("select number from bundle order by number")
    assert [row["number"] for row in bundles] == list(range(1, 21))
    await assert_ledger_is_sound(make)


@pytest.mark.parametrize("deed", ["claim", "extend", "release", "issue"])
async def test_whatever_changes_what_is_open_of_a_batch_waits_for_the_one_before(
    clone: Database, clock: Clock, crowd: tuple[Make, World, Codes], deed: str
) -> None:
    """A release and a collection of one claim follow one another, and so do all others."""
    make, world, codes = crowd
    await make.serves(world)
    await make.stock(world.city_id, world.campaign, world.material, "depot", world.depot, 1000)
    batch = await make.batch(world, copies=500)
    claim = await make.claim(world, batch, world.partners[0])
    planner = await make.planner(world.city_id)
    body = {
        "claim": {"claim_id": str(make.id()), "partner_code": await make.value("select code from partner limit 1")},
        "issue": {"waybill_id": str(make.id()), "outlet_code": codes[world.outlets[0]], "copies": 500},
    }
    path = f"/api/batches/{batch}/claim" if deed == "claim" else f"/api/claims/{claim}/{deed}"
    async with serving(clone, clock) as (client, _):
        async with locking(clone, "select 1 from batch for update") as other:
            call = asyncio.create_task(client.post(path, json=body.get(deed, {}), headers=planner))
            await queued(clone, call)
            await other.execute(
                "update claim set status = 'released', ended_at = $1, release_reason = '人手不够'", clock.now
            )
        answer = await call
    # What the other did meanwhile is what this one finds.
    assert answer.status_code == {"claim": 201, "extend": 409, "release": 200, "issue": 409}[deed], answer.text
    if deed in ("extend", "issue"):
        assert answer.json()["claim_status"] == "released"
    assert await balance(make, "depot", world.depot) == 1000
    assert await make.value("select count(*) from waybill") == 0
