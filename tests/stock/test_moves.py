"""Moves of copies: who may move what where, whole or not at all, and once however often they are sent."""

from datetime import timedelta
from uuid import uuid4

import httpx

from tests.conftest import Clock
from tests.make import Make, World
from tests.stock.ledger import Codes, assert_ledger_is_sound, balance, move, send, slugs


async def test_a_firm_hands_copies_to_its_riders_and_takes_them_back(
    api: httpx.AsyncClient, make: Make, stocked: World, codes: Codes
) -> None:
    world, outlet, riders = stocked, ("outlet", stocked.outlets[0]), [("rider", rider) for rider in stocked.riders]
    headers = await make.firm_manager(world.city_id, world.partners[0])
    answer = await send(
        api,
        headers,
        move(world, codes, make, "transfer", outlet, riders[0], 100),
        move(world, codes, make, "transfer", riders[0], riders[2], 130),
        move(world, codes, make, "return", riders[2], outlet, 30),
        move(world, codes, make, "return", outlet, ("depot", world.depot), 50),
        move(world, codes, make, "transfer", outlet, ("outlet", world.outlets[1]), 10),
        move(world, codes, make, "write_off", outlet, None, 20, reason="雨淋受潮"),
        move(world, codes, make, "activity", outlet, None, 5),
    )
    assert answer.status_code == 201, answer.text
    assert len(answer.json()["recorded"]) == 7
    held = [await balance(make, *holder) for holder in (outlet, riders[0], riders[2], ("outlet", world.outlets[1]))]
    assert held == [345, 30, 100, 10]
    assert await balance(make, "depot", world.depot) == 1050
    assert await balance(make, "written_off", world.campaign) == 20
    assert await balance(make, "activity", world.campaign) == 5
    assert await make.value("select revision from campaign") == 1
    await assert_ledger_is_sound(make)


async def test_moves_sent_again_are_not_doubled(
    api: httpx.AsyncClient, make: Make, stocked: World, codes: Codes
) -> None:
    world = stocked
    headers = await make.firm_manager(world.city_id, world.partners[0])
    first = move(world, codes, make, "transfer", ("outlet", world.outlets[0]), ("rider", world.riders[0]), 100)
    second = move(world, codes, make, "transfer", ("outlet", world.outlets[0]), ("rider", world.riders[0]), 10)
    await send(api, headers, first)
    again = await send(api, headers, first, second)
    assert again.json() == {"recorded": [second["move_id"]], "already_recorded": [first["move_id"]]}
    changed = await send(api, headers, {**first, "copies": 101})
    assert (changed.status_code, changed.json()["type"]) == (409, "/problems/move-changed")
    assert await balance(make, "rider", world.riders[0]) == 170
    await assert_ledger_is_sound(make)


async def test_a_move_that_takes_too_much_refuses_all_and_says_which(
    api: httpx.AsyncClient, make: Make, stocked: World, codes: Codes
) -> None:
    world, outlet, rider = stocked, ("outlet", stocked.outlets[0]), ("rider", stocked.riders[0])
    headers = await make.firm_manager(world.city_id, world.partners[0])
    answer = await send(
        api,
        headers,
        move(world, codes, make, "transfer", outlet, rider, 400),
        move(world, codes, make, "transfer", outlet, rider, 101),
        move(world, codes, make, "transfer", outlet, rider, 100),
        move(world, codes, make, "return", rider, outlet, 561),
    )
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/not-enough-stock")
    assert [(error["pointer"], error["available"]) for error in answer.json()["errors"]] == [
        ("/moves/1/copies", 100),
        ("/moves/3/copies", 560),
    ]
    assert await balance(make, *outlet) == 500
    assert await balance(make, *rider) == 60
    assert await make.value("select count(*) from stock_move where kind <> 'transfer' or from_kind <> 'printer'") == 0


async def test_every_wrong_move_is_pointed_at_and_nothing_is_recorded(
    api: httpx.AsyncClient, make: Make, stocked: World, codes: Codes, clock: Clock
) -> None:
    world, outlet, rider = stocked, ("outlet", stocked.outlets[0]), ("rider", stocked.riders[0])
    good = move(world, codes, make, "transfer", outlet, rider, 10)
    later = (clock.now + timedelta(hours=1)).isoformat()
    answer = await send(
        api,
        await make.planner(world.city_id),
        good,
        good,
        {**move(world, codes, make, "transfer", outlet, rider, 1), "material_code": "NONE"},
        move(world, codes, make, "write_off", outlet, None, 1),
        move(world, codes, make, "write_off", outlet, rider, 1, reason="丢失"),
        move(world, codes, make, "transfer", rider, outlet, 1),
        move(world, codes, make, "transfer", outlet, ("rider", world.riders[4]), 1),
        move(world, codes, make, "transfer", outlet, outlet, 1),
        move(world, codes, make, "transfer", outlet, rider, 1, moved_at=later),
        {**move(world, codes, make, "transfer", outlet, rider, 1), "move_id": str(uuid4())},
        {**move(world, codes, make, "transfer", outlet, rider, 1), "from": {"kind": "rider", "code": "NOBODY"}},
        move(world, codes, make, "return", outlet, None, 1),
    )
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/moves-refused")
    assert slugs(answer) == [
        ("/moves/1/move_id", "repeated-id"),
        ("/moves/2/material_code", "unknown-material"),
        ("/moves/3/reason", "reason-needed"),
        ("/moves/4/to", "no-target"),
        ("/moves/5/kind", "wrong-way"),
        ("/moves/6/to", "other-firm"),
        ("/moves/7/to", "same-holder"),
        ("/moves/8/moved_at", "in-the-future"),
        ("/moves/9/move_id", "not-version-7"),
        ("/moves/10/from", "unknown-holder"),
        ("/moves/11/to", "unknown-holder"),
    ]
    assert await balance(make, *outlet) == 500


async def test_nothing_is_given_to_who_has_left_but_may_be_taken_back(
    api: httpx.AsyncClient, make: Make, stocked: World, codes: Codes
) -> None:
    world, outlet, rider = stocked, ("outlet", stocked.outlets[0]), ("rider", stocked.riders[0])
    await make.fetch("update rider set active = false where rider_id = $1", world.riders[0])
    headers = await make.outlet_manager(world.city_id, world.partners[0], world.outlets[0])
    refused = await send(api, headers, move(world, codes, make, "transfer", outlet, rider, 1))
    assert slugs(refused) == [("/moves/0/to", "inactive-holder")]
    assert (await send(api, headers, move(world, codes, make, "return", rider, outlet, 60))).status_code == 201
    assert await balance(make, *rider) == 0


async def test_managers_and_riders_move_only_what_is_theirs(
    api: httpx.AsyncClient, make: Make, stocked: World, codes: Codes
) -> None:
    world = stocked
    outlets, riders = [("outlet", outlet) for outlet in world.outlets], [("rider", rider) for rider in world.riders]
    depot = ("depot", world.depot)
    sessions = {
        "other firm": await make.firm_manager(world.city_id, world.partners[1]),
        "other outlet": await make.outlet_manager(world.city_id, world.partners[0], world.outlets[1]),
        "firm": await make.firm_manager(world.city_id, world.partners[0]),
        "outlet": await make.outlet_manager(world.city_id, world.partners[0], world.outlets[0]),
        "rider": await make.rider_session(world.city_id, world.riders[0]),
        "colleague": await make.rider_session(world.city_id, world.riders[1]),
        "district": await make.planner(world.city_id, division_code="9901"),
    }
    refused = [
        ("other firm", "transfer", outlets[0], riders[0], "from"),
        ("other outlet", "transfer", outlets[0], riders[0], "from"),
        ("outlet", "transfer", riders[0], riders[2], "to"),
        ("firm", "transfer", depot, depot, "from"),
        ("firm", "transfer", riders[0], riders[4], "to"),
        ("rider", "transfer", outlets[0], riders[0], "from"),
        ("rider", "return", riders[0], outlets[1], "to"),
        ("rider", "write_off", riders[0], None, "from"),
        ("rider", "transfer", riders[0], riders[4], "to"),
        ("colleague", "transfer", riders[0], riders[1], "from"),
        ("district", "transfer", outlets[0], riders[0], "from"),  # the outlet stands in no zone of the district
        ("district", "transfer", riders[0], riders[1], "from"),  # nor do its riders
        ("district", "write_off", riders[0], None, "from"),
    ]
    for who, kind, source, target, at in refused:
        more = {"reason": "丢失"} if kind == "write_off" else {}
        answer = await send(api, sessions[who], move(world, codes, make, kind, source, target, 1, **more))
        assert answer.status_code == 422, who
        assert slugs(answer)[0] == (f"/moves/0/{at}", "unknown-holder"), who
    assert await make.value("select count(*) from stock_move") == 3
    allowed = [
        ("rider", "transfer", riders[0], riders[1]),
        ("rider", "transfer", riders[0], riders[2]),
        ("rider", "return", riders[0], outlets[0]),
        ("outlet", "transfer", outlets[0], riders[1]),
        ("outlet", "return", outlets[0], depot),
    ]
    for who, kind, source, target in allowed:
        answer = await send(api, sessions[who], move(world, codes, make, kind, source, target, 2))
        assert answer.status_code == 201, answer.text
    await assert_ledger_is_sound(make)


async def test_strangers_partner_systems_and_other_cities_move_nothing(
    api: httpx.AsyncClient, make: Make, stocked: World, codes: Codes
) -> None:
    world = stocked
    wanted = move(world, codes, make, "transfer", ("outlet", world.outlets[0]), ("rider", world.riders[0]), 1)
    assert (await send(api, {}, wanted)).status_code == 401
    assert (await send(api, await make.partner_system(world.city_id, world.partners[0]), wanted)).status_code == 403
    await make.city(98)
    answer = await send(api, await make.planner(98), wanted)
    assert {slug for _, slug in slugs(answer)} == {"unknown-material", "unknown-holder"}
    assert await make.value("select count(*) from stock_move") == 3


async def test_a_request_holds_one_to_five_hundred_moves(
    api: httpx.AsyncClient, make: Make, stocked: World, codes: Codes
) -> None:
    world = stocked
    headers = await make.planner(world.city_id)
    one = ("outlet", world.outlets[0]), ("rider", world.riders[0]), 1
    many = [move(world, codes, make, "transfer", *one) for _ in range(501)]
    for wanted in ([], many):
        answer = await send(api, headers, *wanted)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/moves")
    assert (await send(api, headers, *many[:500])).status_code == 201
    assert await balance(make, "outlet", world.outlets[0]) == 0
    await assert_ledger_is_sound(make)


async def test_a_planner_of_a_district_takes_no_delivery_into_the_citys_depots(
    api: httpx.AsyncClient, make: Make, stocked: World
) -> None:
    world = stocked
    run = await make.print_run(world.city_id, world.campaign, world.material, world.depot, 1000)
    held, address = await balance(make, "depot", world.depot), f"/api/print-runs/{run}/receive"
    body = {"move_id": str(make.id()), "copies": 1000}
    refused = await api.post(address, json=body, headers=await make.planner(world.city_id, division_code="990101"))
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/not-allowed")
    assert await balance(make, "depot", world.depot) == held
    taken = await api.post(address, json=body, headers=await make.planner(world.city_id))
    assert taken.status_code == 201, "the same from a planner of the whole city is taken"
    assert await balance(make, "depot", world.depot) == held + 1000


async def test_a_planner_of_a_district_takes_nothing_out_of_the_citys_depots(
    api: httpx.AsyncClient, make: Make, stocked: World, codes: Codes
) -> None:
    """Nor is what the city's planner wrote off there undone: the depots are the whole city's."""
    world, depot = stocked, ("depot", stocked.depot)
    city = await make.planner(world.city_id)
    district = await make.planner(world.city_id, division_code="990101")
    lost = move(world, codes, make, "write_off", depot, None, 10, reason="雨淋受潮")
    assert (await send(api, city, lost)).status_code == 201
    held = await balance(make, *depot)

    refused = await send(api, district, move(world, codes, make, "write_off", depot, None, 10, reason="雨淋受潮"))
    assert refused.status_code == 422, refused.text
    undone = await api.post(
        f"/api/stock/moves/{lost['move_id']}/reverse",
        json={"move_id": str(make.id()), "reason": "记错了"},
        headers=district,
    )
    assert (undone.status_code, undone.json()["type"]) == (404, "/problems/not-found")
    count = {
        "move_id": str(make.id()), "campaign_id": lost["campaign_id"], "material_code": lost["material_code"],
        "holder": lost["from"], "counted_copies": 1, "reason": "盘点",
    }  # fmt: skip
    counted = await api.post("/api/stock/counts", json=count, headers=district)
    assert counted.status_code == 422, counted.text
    assert await balance(make, *depot) == held
    await assert_ledger_is_sound(make)
