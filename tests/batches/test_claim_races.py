"""Many claim at once, through HTTP and real connections: one holder each, and every loser hears why."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from dispatch.database import Database, new_id
from tests.conftest import Clock, serving
from tests.make import Make, World


@pytest.fixture
async def crowd(clone: Database, clock: Clock) -> tuple[Make, World]:
    """A world of its own in which everybody serves every zone."""
    make = Make(clone, clock.now)
    world = await make.world()
    await make.serves(world)
    return make, world


async def claim(
    client: httpx.AsyncClient, batch: UUID, headers: dict[str, str], clock: Clock, **body: Any
) -> httpx.Response:
    body["claim_id"] = str(new_id(clock.now))
    return await client.post(f"/api/batches/{batch}/claim", json=body, headers=headers)


async def holders(make: Make) -> dict[UUID, int]:
    found = await make.fetch("select batch_id, count(*)::int as n from claim where status = 'held' group by 1")
    return {row["batch_id"]: row["n"] for row in found}


async def test_of_forty_claimers_on_ten_batches_exactly_one_holds_each(
    clone: Database, clock: Clock, crowd: tuple[Make, World]
) -> None:
    make, world = crowd
    batches = [await make.batch(world) for _ in range(10)]
    managers = [await make.firm_manager(world.city_id, partner) for partner in world.partners * 2]
    async with serving(clone, clock) as (client, _):
        answers = await asyncio.gather(
            *(claim(client, batch, headers, clock) for headers in managers for batch in batches)
        )
    assert Counter(answer.status_code for answer in answers) == {201: 10, 409: 30}
    assert await holders(make) == dict.fromkeys(batches, 1)
    for answer in answers:
        if answer.status_code == 409:
            problem = answer.json()
            assert problem["type"] == "/problems/batch-taken"
            assert problem["holder_kind"] == "parcel"
            assert len(problem["open_batches"]) <= 5
    assert await make.value("select count(*) from claim") == 10
    assert await make.value("select revision from campaign") == 10


async def test_two_planners_who_assign_at_once_make_one_assignment(
    clone: Database, clock: Clock, crowd: tuple[Make, World]
) -> None:
    make, world = crowd
    batch = await make.batch(world)
    planners = [await make.planner(world.city_id) for _ in range(2)]
    codes = [row["code"] for row in await make.fetch("select code from partner order by code")]
    async with serving(clone, clock) as (client, _):
        answers = await asyncio.gather(
            *(
                claim(client, batch, headers, clock, partner_code=code)
                for headers, code in zip(planners, codes, strict=True)
            )
        )
    won, lost = sorted(answers, key=lambda answer: answer.status_code)
    assert (won.status_code, lost.status_code) == (201, 409)
    assert lost.json()["holder_code"] == won.json()["partner_code"]
    assert await holders(make) == {batch: 1}


async def test_of_many_who_wait_for_a_lapsed_lease_exactly_one_takes_over(
    clone: Database, clock: Clock, crowd: tuple[Make, World]
) -> None:
    make, world = crowd
    batch = await make.batch(world, copies=500)
    old = await make.claim(world, batch, world.partners[0])
    await make.waybill(world, old, world.outlets[0], 100)
    managers = [await make.firm_manager(world.city_id, partner) for partner in world.partners * 10]
    clock.now += timedelta(hours=73)
    async with serving(clone, clock) as (client, _):
        answers = await asyncio.gather(*(claim(client, batch, headers, clock) for headers in managers))
    won = [answer for answer in answers if answer.status_code == 201]
    assert len(won) == 1
    assert won[0].json()["copies"] == 400
    assert {answer.json()["type"] for answer in answers if answer is not won[0]} == {"/problems/batch-taken"}
    assert Counter(row["status"] for row in await make.fetch("select status from claim")) == {"held": 1, "expired": 1}


async def test_the_same_claim_sent_twice_at_once_is_made_once(
    clone: Database, clock: Clock, crowd: tuple[Make, World]
) -> None:
    make, world = crowd
    batch = await make.batch(world)
    headers = await make.firm_manager(world.city_id, world.partners[0])
    body = {"claim_id": str(new_id(clock.now))}
    async with serving(clone, clock) as (client, _):
        answers = await asyncio.gather(
            *(client.post(f"/api/batches/{batch}/claim", json=body, headers=headers) for _ in range(6))
        )
    assert {answer.status_code for answer in answers} == {201}
    assert await make.value("select count(*) from claim") == 1


async def claim_all(
    client: httpx.AsyncClient, claims: list[tuple[UUID, UUID]], headers: dict[str, str], **more: Any
) -> list[Any]:
    wanted = [{"batch_id": str(batch), "claim_id": str(claim_id)} for batch, claim_id in claims]
    answer = await client.post("/api/claims", json={"claims": wanted, **more}, headers=headers)
    assert answer.status_code == 200, answer.text
    verdicts = answer.json()["verdicts"]
    assert [verdict["claim_id"] for verdict in verdicts] == [str(claim_id) for _, claim_id in claims]
    return verdicts


async def test_of_two_firms_that_claim_the_same_list_at_once_each_batch_goes_to_one_and_no_loss_sinks_another(
    clone: Database, clock: Clock, crowd: tuple[Make, World]
) -> None:
    make, world = crowd
    batches = [await make.batch(world) for _ in range(12)]
    # The second firm works its list from the other end: neither may wait for what the other holds.
    lists = [
        [(batch, new_id(clock.now)) for batch in batches], [(batch, new_id(clock.now)) for batch in reversed(batches)]
    ]  # fmt: skip
    managers = [await make.firm_manager(world.city_id, partner) for partner in world.partners]
    async with serving(clone, clock) as (client, _):
        answers = await asyncio.gather(
            *(claim_all(client, wanted, headers) for wanted, headers in zip(lists, managers, strict=True))
        )
        again = [
            await claim_all(client, wanted, headers) for wanted, headers in zip(lists, managers, strict=True)
        ]  # fmt: skip
    verdicts = [verdict for answer in answers for verdict in answer]
    won = [verdict["batch_id"] for verdict in verdicts if verdict["outcome"] == "claimed"]
    assert sorted(won) == sorted(str(batch) for batch in batches)
    for verdict in verdicts:
        if verdict["outcome"] == "refused":
            assert verdict["problem"]["type"] == "/problems/batch-taken"
            assert (verdict["problem"]["holder_kind"], verdict["claim"]) == ("parcel", None)
            assert "open_batches" not in verdict["problem"], "an empty list would say that nothing is open"
    assert again == answers, "sent again, every verdict is the same"
    assert await holders(make) == dict.fromkeys(batches, 1)
    assert await make.value("select count(*) from claim") == 12
    assert await make.value("select revision from campaign") == 12
