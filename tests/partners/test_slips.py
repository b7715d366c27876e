"""Slips: new PINs for many riders at once, shown this once, in no link; and a rider added by hand."""

from datetime import timedelta

import httpx

from dispatch.identity.secrets import digest_pin
from tests.make import SECRET, Make, World


async def test_slips_give_new_pins_that_let_in_and_end_the_old_ones(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    old = await make.rider(world.city_id, world.outlets[0], pin="123456", code="OLD")
    outlet = await make.value("select code from outlet where outlet_id = $1", world.outlets[0])
    headers = await make.firm_manager(world.city_id, world.partners[0])
    wanted = [str(old), str(world.riders[2]), str(world.riders[0])]
    answer = await api.post("/api/riders/slips", json={"rider_ids": wanted}, headers=headers)
    assert answer.status_code == 200, answer.text
    slips = answer.json()
    assert [slip["rider_id"] for slip in slips] == wanted
    assert len({slip["pin"] for slip in slips}) == 3
    for slip in slips:
        assert slip["link"] == f"http://dispatch.test/r#99/{slip['outlet_code']}/{slip['code']}"
        assert slip["address"] == "http://dispatch.test/r", "in letters, for a broken camera"
        assert slip["pin"] not in slip["link"]
        digest = await make.value("select pin_digest from rider where code = $1", slip["code"])
        outlet_id = await make.value("select outlet_id from rider where code = $1", slip["code"])
        assert digest == digest_pin(SECRET, world.city_id, outlet_id, slip["pin"])
    details = {"kind": "pin", "city_code": "99", "outlet_code": outlet}
    assert (await api.post("/api/sign-in", json={**details, "pin": slips[0]["pin"]})).status_code in (200, 201)
    assert (await api.post("/api/sign-in", json={**details, "pin": "123456"})).status_code == 401


async def test_slips_of_others_or_of_riders_who_left_are_refused_whole(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    before = await make.fetch("select rider_id, pin_digest from rider order by 1")
    for headers, riders, status in [
        (await make.firm_manager(world.city_id, world.partners[1]), world.riders[:1], 404),
        (await make.outlet_manager(world.city_id, world.partners[0], world.outlets[0]), world.riders[1:3], 404),
        (await make.rider_session(world.city_id, world.riders[0]), world.riders[:1], 403),
    ]:
        body = {"rider_ids": [str(rider) for rider in riders]}
        assert (await api.post("/api/riders/slips", json=body, headers=headers)).status_code == status
    await make.fetch("update rider set active = false where rider_id = $1", world.riders[1])
    body = {"rider_ids": [str(rider) for rider in world.riders[:2]]}
    answer = await api.post(
        "/api/riders/slips", json=body, headers=await make.firm_manager(world.city_id, world.partners[0])
    )
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/rider-inactive")
    assert await make.fetch("select rider_id, pin_digest from rider order by 1") == before


async def test_a_slip_says_who_asks_for_the_pin(api: httpx.AsyncClient, make: Make, world: World) -> None:
    await make.fetch("update city set centre_name = '云川市反诈中心', centre_phone = '96110'")
    headers = await make.outlet_manager(world.city_id, world.partners[0], world.outlets[0])
    (slip,) = (await api.post("/api/riders/slips", json={"rider_ids": [str(world.riders[0])]}, headers=headers)).json()
    partner = await make.value("select name from partner where partner_id = $1", world.partners[0])
    outlet = await make.value("select name from outlet where outlet_id = $1", world.outlets[0])
    assert {name: slip[name] for name in ("city_name", "centre_name", "centre_phone", "partner_name", "outlet_name")} == {
        "city_name": "云川市", "centre_name": "云川市反诈中心", "centre_phone": "96110", "partner_name": partner,
        "outlet_name": outlet,
    }  # fmt: skip


async def test_two_hundred_riders_of_an_outlet_get_different_pins_in_one_call(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    riders = [await make.rider(world.city_id, world.outlets[0]) for _ in range(200)]
    headers = await make.outlet_manager(world.city_id, world.partners[0], world.outlets[0])
    answer = await api.post("/api/riders/slips", json={"rider_ids": [str(rider) for rider in riders]}, headers=headers)
    assert len({slip["pin"] for slip in answer.json()}) == 200
    assert {slip["name"] is None for slip in answer.json()} == {False}


async def test_a_planner_prints_slips_without_names(api: httpx.AsyncClient, make: Make, world: World) -> None:
    body = {"rider_ids": [str(world.riders[0])]}
    answer = await api.post("/api/riders/slips", json=body, headers=await make.planner(world.city_id))
    assert [slip["name"] for slip in answer.json()] == [None]


async def test_a_rider_is_added_once_to_an_outlet_of_the_callers_own(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    codes = await make.fetch("select outlet_id, code from outlet")
    code = {row["outlet_id"]: row["code"] for row in codes}
    firm = await make.firm_manager(world.city_id, world.partners[0])
    wanted = {"code": "NEW-1", "name": "新骑手", "outlet_code": code[world.outlets[1]]}
    for _ in range(2):
        answer = await api.post("/api/riders", json=wanted, headers=firm)
        assert answer.status_code == 201, answer.text
        assert (answer.json()["outlet_code"], answer.json()["has_pin"]) == (code[world.outlets[1]], False)
    assert await make.value("select count(*)::int from rider where code = 'NEW-1'") == 1
    other = await api.post("/api/riders", json={**wanted, "name": "别人"}, headers=firm)
    assert (other.status_code, other.json()["type"]) == (409, "/problems/rider-code-taken")
    stranger = await make.firm_manager(world.city_id, world.partners[1])
    assert (await api.post("/api/riders", json=wanted, headers=stranger)).json()["type"] == "/problems/unknown-outlet"
    taken = {**wanted, "outlet_code": code[world.outlets[2]]}
    assert (await api.post("/api/riders", json=taken, headers=stranger)).json()["type"] == "/problems/rider-code-taken"
    own = await make.outlet_manager(world.city_id, world.partners[0], world.outlets[0])
    answer = await api.post("/api/riders", json={"code": "NEW-2", "name": "新骑手"}, headers=own)
    assert answer.json()["outlet_code"] == code[world.outlets[0]]
    assert (await api.post("/api/riders", json={"code": "NEW-3", "name": "某某"}, headers=firm)).status_code == 422


async def test_nobody_is_added_to_an_outlet_that_has_closed(api: httpx.AsyncClient, make: Make, world: World) -> None:
    code = await make.value("select code from outlet where outlet_id = $1", world.outlets[0])
    await make.fetch("update outlet set active = false where outlet_id = $1", world.outlets[0])
    wanted = {"code": "NEW-1", "name": "新骑手", "outlet_code": code}
    refused = await api.post("/api/riders", json=wanted, headers=await make.firm_manager(99, world.partners[0]))
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/unknown-outlet")
    assert await make.value("select count(*) from rider where code = 'NEW-1'") == 0


async def test_outlets_progress_is_of_those_in_scope_and_of_riders_who_are_there(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    await make.fetch("update outlet set zone_id = $1 where outlet_id = $2", world.zones[0], world.outlets[0])
    await make.fetch("update outlet set zone_id = $1 where outlet_id = $2", world.zones[1], world.outlets[2])
    await make.fetch("update zone set division_code = '990202' where zone_id = $1", world.zones[1])
    await make.fetch("update rider set active = false where rider_id = $1", world.riders[0])
    await make.stock(world.city_id, world.campaign, world.material, "rider", world.riders[0], 20)
    address = f"/api/campaigns/{world.campaign}/outlets"

    async def seen(headers: dict[str, str]) -> list[str]:
        return [row["outlet_id"] for row in (await api.get(address, headers=headers)).json()["outlets"]]

    outlets = [str(outlet) for outlet in world.outlets]
    assert await seen(await make.planner(99)) == outlets
    assert await seen(await make.planner(99, division_code="9902")) == [outlets[2]]
    assert await seen(await make.firm_manager(99, world.partners[1])) == outlets[2:]
    manager = await make.outlet_manager(99, world.partners[0], world.outlets[0])
    assert await seen(manager) == [outlets[0]]
    (told,) = (await api.get(address, headers=manager)).json()["outlets"]
    assert (told["riders"], told["with_riders"]) == (1, 20), "who left still has copies to give back"


async def test_the_last_seven_days_end_yesterday(api: httpx.AsyncClient, make: Make, world: World) -> None:
    today = make.now.date()
    for days_ago, copies in ((0, 1), (1, 10), (7, 100), (8, 1000)):
        await make.tally(world, 0, copies, day=today - timedelta(days=days_ago))
    headers = await make.outlet_manager(99, world.partners[0], world.outlets[0])
    (told,) = (await api.get(f"/api/campaigns/{world.campaign}/outlets", headers=headers)).json()["outlets"]
    assert (told["handed_out"], told["handed_out_today"], told["handed_out_last_days"]) == (1111, 1, 110)


async def test_outlets_progress_shows_stock_handouts_and_days_left(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    outlet, rider = world.outlets[0], world.riders[0]
    await make.stock(world.city_id, world.campaign, world.material, "outlet", outlet, 120)
    await make.stock(world.city_id, world.campaign, world.material, "rider", rider, 20)
    await make.stock(world.city_id, world.campaign, world.material, "transit", outlet, 50)
    run = await make.print_run(world.city_id, world.campaign, world.material, world.depot, 100)
    await make.bundle(world, run, "HB-0001-01", "outlet", outlet)
    await make.bundle(world, run, "HB-0001-02", "rider", rider, copies=10)
    await make.bundle(world, run, "HB-0001-03", "transit", outlet, copies=40)
    await make.tally(world, 0, 70)  # on 19 April, yesterday
    await make.serves(world, 0)
    await make.fetch("update capacity set week_starts_on = '2027-04-19'")
    headers = await make.firm_manager(world.city_id, world.partners[0])
    answer = (await api.get(f"/api/campaigns/{world.campaign}/outlets", headers=headers)).json()
    assert (answer["day"], len(answer["outlets"])) == ("2027-04-20", 2)
    shown = answer["outlets"][0]
    assert {name: shown[name] for name in ("in_transit", "with_outlet", "with_riders", "sealed_copies")} == {
        "in_transit": 50, "with_outlet": 120, "with_riders": 20, "sealed_copies": 50,
    }  # fmt: skip
    assert (shown["handed_out"], shown["handed_out_today"], shown["handed_out_last_days"]) == (70, 0, 70)
    assert (shown["days_left"], shown["riders"], shown["capacity_this_week"]) == (14.0, 2, 4000)
    assert answer["outlets"][1]["days_left"] is None
