"""Plans count on those who are there: partners and outlets that left, and depots that closed, carry nothing."""

from datetime import date, timedelta
from typing import Any

import httpx
import pytest

from dispatch.allocation.drafts import SQL
from tests.allocation.planning import body, draft, plans, ready
from tests.conftest import Clock
from tests.make import Make, World

GONE = {
    "outlet": "update outlet set active = false where outlet_id = $1",
    "partner": "update partner set active = false where partner_id = (select partner_id from outlet where outlet_id = $1)",
}


@pytest.mark.parametrize("gone", list(GONE))
async def test_what_an_outlet_or_a_firm_declared_before_it_left_is_not_planned_on(
    api: httpx.AsyncClient, make: Make, world: World, gone: str
) -> None:
    headers = await ready(make, world)
    address = f"/api/campaigns/{world.campaign}/allocations/preview"
    request = await body(make, world, copies=16_000)
    assert (await api.post(address, json=request, headers=headers)).status_code == 200
    await make.fetch(GONE[gone], world.outlets[2])
    refused = await api.post(address, json=request, headers=headers)
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/plan-infeasible")
    plan = await draft(api, make, world, headers, assign_partners=True)
    lines = (await api.get(plan, headers=headers)).json()["lines"]
    left = await make.value("select code from partner where partner_id = $1", world.partners[0])
    assert {line["partner_code"] for line in lines} == {left}


async def test_nothing_is_moved_by_hand_to_a_partner_that_left_or_declared_nothing(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    headers = await ready(make, world)
    address = f"{await draft(api, make, world, headers, copies=1_000)}/lines/990101000"
    await api.put(address, json={"copies": 0, "reason": "改由二网点"}, headers=headers)
    code = await make.value("select code from partner where partner_id = $1", world.partners[1])
    change = {"copies": 50, "reason": "改由二网点", "partner_code": code}
    before = await make.fetch("select * from allocation_line order by zone_id, partner_id")
    for statement in (
        "update partner set active = not active where partner_id = $1",
        "update capacity set copies = 1000 - copies where outlet_id in (select outlet_id from outlet where partner_id = $1)",
    ):
        await make.fetch(statement, world.partners[1])
        refused = await api.put(address, json=change, headers=headers)
        assert (refused.status_code, refused.json()["type"]) == (422, "/problems/partner-does-not-serve")
        await make.fetch(statement, world.partners[1])
    assert await make.fetch("select * from allocation_line order by zone_id, partner_id") == before
    assert (await api.put(address, json=change, headers=headers)).status_code == 200


async def test_a_claim_that_ended_takes_none_of_a_firms_capacity(make: Make, world: World) -> None:
    await make.capacity(world.city_id, world.campaign, world.outlets[0], world.zones[0], 1_000)

    async def capacity() -> int:
        (of_zone,) = await make.fetch(
            *SQL.read_partner_capacity(
                city_id=world.city_id,
                campaign_id=world.campaign,
                starts_on=date(2027, 4, 26),
                ends_on=date(2027, 5, 30),
            )
        )
        return of_zone["copies"]

    assert await capacity() == 1_000
    batch = await make.batch(world, copies=300)
    claim = await make.claim(world, batch, world.partners[0], copies=300)
    assert await capacity() == 700
    for status in ("released", "expired"):
        await make.fetch("update claim set status = $1, ended_at = $2 where claim_id = $3", status, make.now, claim)
        assert await capacity() == 1_000, status


async def test_batches_lie_in_the_open_depot_that_holds_most_or_has_most_on_order(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    headers = await ready(make, world)
    closed, ordered = await make.depot(99, code="A-CLOSED", active=False), await make.depot(99, code="Z-ORDERED")
    await make.depot(99, code="A-EMPTY")
    await make.stock(99, world.campaign, world.material, "depot", closed, 9_000)
    await make.print_run(99, world.campaign, world.material, ordered, 50_000)

    async def depots() -> set[str]:
        address = await draft(api, make, world, headers, copies=1_000)
        approved = await api.post(f"{address}/approve", json={"depot_code": None}, headers=headers)
        assert approved.status_code == 200, approved.text
        return {batch["depot_code"] for batch in approved.json()["batches"]}

    assert await depots() == {"Z-ORDERED"}, "nothing is held: most is ordered for it"
    await make.stock(99, world.campaign, world.material, "depot", world.depot, 10)
    assert await depots() == {await make.value("select code from depot where depot_id = $1", world.depot)}
    address = await draft(api, make, world, headers, copies=1_000)
    refused = await api.post(f"{address}/approve", json={"depot_code": "A-CLOSED"}, headers=headers)
    assert refused.json()["type"] == "/problems/depot-unknown"


async def test_plans_come_newest_first(api: httpx.AsyncClient, make: Make, world: World, clock: Clock) -> None:
    headers = await ready(make, world)
    made = list[tuple[Any, str]]()
    for number in range(5):
        request = await body(make, world, copies=1_000)
        assert (await api.post(plans(world), json=request, headers=headers)).status_code == 201
        made.append((clock.now, request["allocation_id"]))
        clock.now += timedelta(minutes=number % 2)  # some at the same instant
    listed = (await api.get(plans(world), headers=headers)).json()
    assert [plan["allocation_id"] for plan in listed] == [plan for _, plan in sorted(made, reverse=True)]
