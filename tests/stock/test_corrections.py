"""Mending the ledger: a move is undone by a linked one at most once, a count becomes a variance with its reason."""

from typing import Any
from uuid import UUID, uuid4

import httpx

from tests.make import Make, World
from tests.stock.ledger import Codes, assert_ledger_is_sound, balance, move, send


async def reverse(
    api: httpx.AsyncClient, make: Make, headers: dict[str, str], original_id: Any, **more: Any
) -> httpx.Response:
    body = {"move_id": str(make.id()), "reason": "录入有误", **more}
    return await api.post(f"/api/stock/moves/{original_id}/reverse", json=body, headers=headers)


async def test_a_move_is_undone_by_a_linked_one_at_most_once(
    api: httpx.AsyncClient, make: Make, stocked: World, codes: Codes
) -> None:
    world, outlet, rider = stocked, ("outlet", stocked.outlets[0]), ("rider", stocked.riders[0])
    headers = await make.outlet_manager(world.city_id, world.partners[0], world.outlets[0])
    original = move(world, codes, make, "transfer", outlet, rider, 100)
    await send(api, headers, original)
    reversal = str(make.id())
    first = await reverse(api, make, headers, original["move_id"], move_id=reversal)
    assert first.status_code == 201, first.text
    row = (await make.fetch("select * from stock_move where move_id = $1", UUID(reversal)))[0]
    assert (row["kind"], row["reversal_of"], row["copies"]) == ("reversal", UUID(original["move_id"]), 100)
    assert (row["from_id"], row["to_id"]) == (rider[1], outlet[1])
    again = await reverse(api, make, headers, original["move_id"], move_id=reversal)
    assert again.json() == {"recorded": [], "already_recorded": [reversal]}
    twice = await reverse(api, make, headers, original["move_id"])
    assert (twice.status_code, twice.json()["type"]) == (409, "/problems/already-reversed")
    back = await reverse(api, make, headers, reversal)
    assert (back.status_code, back.json()["type"]) == (409, "/problems/not-reversible")
    assert await balance(make, *outlet) == 500
    await assert_ledger_is_sound(make)


async def test_a_move_is_not_undone_when_the_copies_are_gone(
    api: httpx.AsyncClient, make: Make, stocked: World, codes: Codes
) -> None:
    world, outlet, riders = stocked, ("outlet", stocked.outlets[0]), [("rider", rider) for rider in stocked.riders]
    headers = await make.firm_manager(world.city_id, world.partners[0])
    original = move(world, codes, make, "transfer", outlet, riders[1], 100)
    onward = move(world, codes, make, "transfer", riders[1], riders[0], 1)
    await send(api, headers, original, onward)
    refused = await reverse(api, make, headers, original["move_id"])
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/not-enough-stock")
    assert refused.json()["available"] == 99
    assert await balance(make, *riders[1]) == 99


async def test_only_who_could_have_recorded_a_move_undoes_it(
    api: httpx.AsyncClient, make: Make, stocked: World, codes: Codes
) -> None:
    world, outlet, rider = stocked, ("outlet", stocked.outlets[0]), ("rider", stocked.riders[0])
    own = await make.firm_manager(world.city_id, world.partners[0])
    original = move(world, codes, make, "transfer", outlet, rider, 10)
    await send(api, own, original)
    receiving = await make.rider_session(world.city_id, world.riders[0])
    for headers in [
        await make.firm_manager(world.city_id, world.partners[1]),
        await make.outlet_manager(world.city_id, world.partners[0], world.outlets[1]),
        await make.planner(world.city_id, division_code="990199"),
        receiving,
    ]:
        answer = await reverse(api, make, headers, original["move_id"])
        assert (answer.status_code, answer.json()["type"]) == (404, "/problems/not-found")
    assert (await reverse(api, make, own, uuid4())).status_code == 404
    assert await make.value("select count(*) from stock_move where kind = 'reversal'") == 0
    away = move(world, codes, make, "transfer", rider, ("rider", world.riders[1]), 5)
    await send(api, receiving, away)
    assert (await reverse(api, make, receiving, away["move_id"])).status_code == 201
    assert await balance(make, *rider) == 70


async def count(
    api: httpx.AsyncClient, headers: dict[str, str], world: World, codes: Codes, holder: tuple[str, UUID], **body: Any
) -> httpx.Response:
    wanted = {
        "campaign_id": str(world.campaign), "material_code": codes[world.material], "reason": "月末盘点",
        "holder": {"kind": holder[0], "code": codes[holder[1]]}, **body,
    }  # fmt: skip
    return await api.post("/api/stock/counts", json=wanted, headers=headers)


async def test_what_a_count_finds_becomes_a_variance_with_its_reason(
    api: httpx.AsyncClient, make: Make, stocked: World, codes: Codes
) -> None:
    world, outlet = stocked, ("outlet", stocked.outlets[0])
    headers = await make.outlet_manager(world.city_id, world.partners[0], world.outlets[0])
    move_id = str(make.id())
    short = await count(api, headers, world, codes, outlet, move_id=move_id, counted_copies=480)
    assert short.json() == {"move_id": move_id, "counted": 480, "expected": 500, "difference": -20}
    again = await count(api, headers, world, codes, outlet, move_id=move_id, counted_copies=480)
    assert again.json() == short.json()
    other = await count(api, headers, world, codes, outlet, move_id=move_id, counted_copies=470)
    assert other.json()["type"] == "/problems/move-changed"
    over = await count(api, headers, world, codes, outlet, move_id=str(make.id()), counted_copies=510)
    assert over.json()["difference"] == 30
    right = await count(api, headers, world, codes, outlet, move_id=str(make.id()), counted_copies=510)
    assert (right.json()["move_id"], right.json()["difference"]) == (None, 0)
    assert await balance(make, "variance", world.campaign) == -10
    reasons = await make.fetch("select reason from stock_move where kind = 'variance' order by copies")
    assert [row["reason"] for row in reasons] == ["盘点480份：月末盘点", "盘点510份：月末盘点"]
    await assert_ledger_is_sound(make)


async def test_only_who_is_responsible_for_a_holder_counts_it(
    api: httpx.AsyncClient, make: Make, stocked: World, codes: Codes
) -> None:
    world = stocked
    firm = await make.firm_manager(world.city_id, world.partners[0])
    other = await make.firm_manager(world.city_id, world.partners[1])
    depot, outlet = ("depot", world.depot), ("outlet", world.outlets[0])
    for headers, holder in [(firm, depot), (other, outlet)]:
        answer = await count(api, headers, world, codes, holder, move_id=str(make.id()), counted_copies=0)
        assert (answer.status_code, answer.json()["type"]) == (422, "/problems/unknown-holder")
    rider = await make.rider_session(world.city_id, world.riders[0])
    refused = await count(api, rider, world, codes, outlet, move_id=str(make.id()), counted_copies=0)
    assert refused.status_code == 403
    wrong = await count(api, firm, world, codes, outlet, move_id=str(make.id()), counted_copies=1, material_code="X")
    assert wrong.json()["type"] == "/problems/unknown-material"
    assert await balance(make, *outlet) == 500
    planner = await make.planner(world.city_id)
    assert (
        await count(api, planner, world, codes, depot, move_id=str(make.id()), counted_copies=990)
    ).status_code == 201
    assert await balance(make, *depot) == 990
