"""Whose phone it is, how long it stays signed in, and what it reads before anybody has signed in."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.conftest import Clock
from tests.make import Make, World

ANDROID = {"user-agent": "Mozilla/5.0 (Linux; Android 13) Chrome/120.0 Mobile Safari/537.36"}
SLIP = {"kind": "pin", "outlet_code": "ZTO-1", "rider_code": "R-1", "pin": "482913"}


@pytest.fixture
async def outlet(make: Make, world: World) -> Any:
    outlet = await make.outlet(world.city_id, world.partners[0], code="ZTO-1", name="望坞街道第1网点")
    await make.rider(world.city_id, outlet, pin="482913", code="R-1", name="沈师傅")
    await make.rider(world.city_id, outlet, pin="111111", code="R-2", name="韩师傅")
    return outlet


async def signed_in(api: httpx.AsyncClient, **changes: str) -> dict[str, str]:
    answer = await api.post("/api/sign-in", json={**SLIP, **changes})
    api.cookies.clear()
    return {"authorization": f"Bearer {answer.json()['token']}"}


async def test_a_riders_phone_stays_signed_in_from_one_use_to_the_next_for_weeks(
    api: httpx.AsyncClient, outlet: Any, clock: Clock
) -> None:
    headers = await signed_in(api)
    for _ in range(5):
        clock.now += timedelta(days=29)
        assert (await api.get("/api/me", headers=headers)).status_code == 200
    clock.now += timedelta(days=30)
    assert (await api.get("/api/me", headers=headers)).status_code == 401, "a month without a use ends it"


async def test_only_while_an_open_campaign_asks_for_it_an_idle_phone_wants_the_pin_again(
    api: httpx.AsyncClient, make: Make, world: World, outlet: Any, clock: Clock
) -> None:
    headers = await signed_in(api)
    clock.now += timedelta(hours=13)
    assert (await api.get("/api/me", headers=headers)).json()["idle_seconds"] == 30 * 86400
    await make.fetch("update campaign set rider_idle_hours = 12 where campaign_id = $1", world.campaign)
    assert (await api.get("/api/me", headers=headers)).json()["idle_seconds"] == 12 * 3600
    manager = await make.outlet_manager(world.city_id, world.partners[0], outlet)
    clock.now += timedelta(hours=12)
    assert (await api.get("/api/me", headers=headers)).status_code == 401
    assert (await api.get("/api/me", headers=manager)).status_code == 200, "accounts have their own time"
    again = await signed_in(api)
    assert len((await api.get("/api/me/sessions", headers=again)).json()) == 1, "the idle one is not shown"
    await make.fetch("update campaign set status = 'closed', closed_at = now() where campaign_id = $1", world.campaign)
    clock.now += timedelta(hours=12)
    assert (await api.get("/api/me", headers=again)).status_code == 200


async def test_a_campaign_says_whether_idle_phones_want_the_pin(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    headers = await make.planner(world.city_id)
    wanted = {
        "campaign_id": "0196f000-0000-7000-8000-000000000001", "code": "C-2", "name": "秋季", "starts_on": "2027-09-01",
        "ends_on": "2027-10-01", "target_reach": 0.5,
    }  # fmt: skip
    made = await api.post("/api/campaigns", json=wanted, headers=headers)
    assert made.json()["rider_idle_hours"] == 0, "not unless it is asked for"
    address = f"/api/campaigns/{wanted['campaign_id']}"
    changed = await api.put(address, json={**wanted, "rider_idle_hours": 12}, headers=headers)
    assert changed.json()["rider_idle_hours"] == 12
    for hours in (-1, 721):
        refused = await api.put(address, json={**wanted, "rider_idle_hours": hours}, headers=headers)
        assert refused.json()["errors"][0]["pointer"] == "/rider_idle_hours"


async def test_an_outlet_managers_phone_is_not_signed_out_between_two_deliveries(
    api: httpx.AsyncClient, make: Make, world: World, clock: Clock
) -> None:
    await make.account(
        world.city_id, "outlet_manager", login="station", password="correct horse 1", partner_id=world.partners[0],
        outlet_id=world.outlets[0],
    )  # fmt: skip
    details = {"kind": "password", "login": "station", "password": "correct horse 1"}
    lasting = list[int]()
    for agent in (ANDROID, {"user-agent": "Mozilla/5.0 (Windows NT 10.0) Chrome/120.0"}):
        lasting.append((await api.post("/api/sign-in", json=details, headers=agent)).json()["idle_seconds"])
        api.cookies.clear()
    assert lasting == [240 * 60, 15 * 60]


async def test_who_signs_in_on_anothers_phone_ends_the_session_it_had(
    api: httpx.AsyncClient, make: Make, outlet: Any
) -> None:
    first = await api.post("/api/sign-in", json=SLIP)
    second = await api.post("/api/sign-in", json={**SLIP, "rider_code": "R-2", "pin": "111111"})
    assert second.status_code == 200
    api.cookies.clear()
    seen = [
        (await api.get("/api/me", headers={"authorization": f"Bearer {each.json()['token']}"})).status_code
        for each in (first, second)
    ]
    assert seen == [401, 200], "nobody could end it any more: the phone has forgotten it"
    refused = await api.post(
        "/api/sign-in", json={**SLIP, "pin": "111111"}, headers={"cookie": f"dispatch_session={second.json()['token']}"}
    )
    assert refused.status_code == 401
    again = await api.get("/api/me", headers={"authorization": f"Bearer {second.json()['token']}"})
    assert again.status_code == 200, "a try that is refused ends nothing"


async def test_a_riders_profile_says_what_stands_on_the_home_screen(
    api: httpx.AsyncClient, make: Make, outlet: Any
) -> None:
    await make.fetch("update city set centre_name = '云川市反诈中心', centre_phone = '96110'")
    profile = (await api.get("/api/me", headers=await signed_in(api))).json()
    assert {name: profile[name] for name in ("display_name", "rider_code", "outlet_code", "outlet_name")} == {
        "display_name": "沈师傅", "rider_code": "R-1", "outlet_code": "ZTO-1", "outlet_name": "望坞街道第1网点",
    }  # fmt: skip
    assert (profile["centre_name"], profile["centre_phone"]) == ("云川市反诈中心", "96110")


async def test_before_the_pin_the_page_reads_who_asks_and_nobodys_name(
    api: httpx.AsyncClient, make: Make, world: World, outlet: Any
) -> None:
    await make.fetch("update city set centre_name = '云川市反诈中心', centre_phone = '96110'")
    for query in ("outlet_code=ZTO-1", "outlet_code=ZTO-1&city_code=99"):
        place = await api.get(f"/api/sign-in/place?{query}")
        partner = await make.value("select name from partner where partner_id = $1", world.partners[0])
        assert place.json() == {
            "city_name": "云川市", "centre_name": "云川市反诈中心", "centre_phone": "96110", "partner_name": partner,
            "outlet_name": "望坞街道第1网点", "outlet_code": "ZTO-1",
        }  # fmt: skip
    for query in ("outlet_code=NONE", "outlet_code=ZTO-1&city_code=00"):
        assert (await api.get(f"/api/sign-in/place?{query}")).json()["type"] == "/problems/not-found"
    await make.fetch("update outlet set active = false")
    assert (await api.get("/api/sign-in/place?outlet_code=ZTO-1")).status_code == 404
    start = (await api.get("/api/start")).json()
    assert (start["centre_name"], start["centre_phone"]) == ("云川市反诈中心", "96110")
