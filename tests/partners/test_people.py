"""Who sees which partners, outlets and riders; PINs; who is no longer with us."""

from typing import get_args

import httpx
import pytest

from dispatch.identity import secrets
from dispatch.identity.secrets import digest_pin
from schemas.identity import KeyScopeName
from tests.make import SECRET, Make, World


async def codes(api: httpx.AsyncClient, headers: dict[str, str], path: str) -> list[str]:
    answer = await api.get(path, headers=headers)
    assert answer.status_code == 200, answer.text
    return [entry["code"] for entry in answer.json()]


async def test_each_sees_the_partners_and_outlets_in_scope(api: httpx.AsyncClient, make: Make, world: World) -> None:
    first, second = world.partners
    planner = await make.planner(99)
    firm, outlet = await make.firm_manager(99, first), await make.outlet_manager(99, second, world.outlets[3])
    system = await make.partner_system(99, second)
    auditor = await make.session(99, account_id=await make.account(99, "auditor"))
    everyone = ["O3", "O4", "O5", "O6"]
    for headers, partners, outlets in (
        (planner, ["P1", "P2"], everyone),
        (auditor, ["P1", "P2"], everyone),
        (firm, ["P1"], ["O3", "O4"]),
        (outlet, ["P2"], ["O6"]),
        (system, ["P2"], ["O5", "O6"]),
    ):
        assert await codes(api, headers, "/api/partners") == partners
        assert await codes(api, headers, "/api/outlets") == outlets
        assert len(await codes(api, headers, "/api/depots")) == 1


async def test_a_district_sees_the_outlets_and_riders_in_its_zones(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    outlet = await make.outlet(99, world.partners[0], code="HERE", zone_id=world.zones[0])
    await make.rider(99, outlet, code="HERE-1")
    district = await make.planner(99, division_code="990101")
    assert await codes(api, district, "/api/outlets") == ["HERE"]
    assert await codes(api, district, "/api/riders") == ["HERE-1"]
    assert await codes(api, await make.planner(99, division_code="9902"), "/api/outlets") == []


async def test_an_outlet_is_shown_with_its_partner_zone_and_active_riders(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    outlet = await make.outlet(99, world.partners[0], code="A", zone_id=world.zones[1])
    await make.rider(99, outlet)
    await make.rider(99, outlet, active=False)
    found = (await api.get("/api/outlets", headers=await make.planner(99))).json()[0]
    assert (found["code"], found["partner_code"], found["zone_code"], found["riders"]) == ("A", "P1", "990101001", 1)


async def test_riders_names_are_for_their_own_managers(api: httpx.AsyncClient, make: Make, world: World) -> None:
    rider = await make.rider(99, world.outlets[0], code="A", name="王小明", pin="111111")
    planner = await api.get("/api/riders", headers=await make.planner(99))
    assert len(planner.json()) == 9
    assert "王小明" not in planner.text
    assert {entry["name"] for entry in planner.json()} == {None}
    manager = await api.get("/api/riders", headers=await make.outlet_manager(99, world.partners[0], world.outlets[0]))
    assert manager.json()[0] == {
        "rider_id": str(rider), "code": "A", "name": "王小明", "outlet_id": str(world.outlets[0]), "outlet_code": "O3",
        "active": True, "has_pin": True,
    }  # fmt: skip
    assert [entry["code"] for entry in manager.json()] == ["A", "R7", "R8"]
    firm = await make.firm_manager(99, world.partners[0])
    assert await codes(api, firm, "/api/riders") == ["A", "R10", "R7", "R8", "R9"]
    assert await codes(api, firm, f"/api/riders?outlet_id={world.outlets[1]}") == ["R10", "R9"]
    assert await codes(api, firm, f"/api/riders?outlet_id={world.outlets[2]}") == []


async def test_riders_auditors_and_keys_for_other_things_see_no_list_of_riders(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    others = [scope for scope in get_args(KeyScopeName) if scope != "riders"]
    for headers, problem in (
        (await make.rider_session(99, world.riders[0]), "not-allowed"),
        (await make.session(99, account_id=await make.account(99, "auditor")), "not-allowed"),
        (await make.partner_system(99, world.partners[0], scopes=others), "key-scope"),
    ):
        answer = await api.get("/api/riders", headers=headers)
        assert (answer.status_code, answer.json()["type"]) == (403, f"/problems/{problem}")
    for path in ("/api/riders", "/api/outlets", "/api/partners", "/api/depots"):
        assert (await api.get(path)).status_code == 401


async def test_a_key_for_riders_lists_those_of_its_own_firm_or_outlet(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    firm = await make.partner_system(99, world.partners[0], scopes=["riders"])
    assert await codes(api, firm, "/api/riders") == ["R10", "R7", "R8", "R9"]
    assert await codes(api, firm, f"/api/riders?outlet_id={world.outlets[2]}") == []
    outlet = await make.partner_system(99, world.partners[0], outlet_id=world.outlets[0], scopes=["riders"])
    assert await codes(api, outlet, "/api/riders") == ["R7", "R8"]
    assert await codes(api, outlet, f"/api/riders?outlet_id={world.outlets[1]}") == []


async def test_another_citys_people_are_nobody(api: httpx.AsyncClient, make: Make, world: World) -> None:
    await make.city(98)
    headers = await make.planner(98)
    for path in ("/api/riders", "/api/outlets", "/api/partners", "/api/depots"):
        assert await codes(api, headers, path) == []
    for path in (
        f"riders/{world.riders[0]}/pin",
        f"riders/{world.riders[0]}/deactivate",
        f"partners/{world.partners[0]}/deactivate",
    ):
        assert (await api.post(f"/api/{path}", headers=headers)).status_code == 404


async def test_a_new_pin_opens_the_door_and_the_old_one_does_not(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    rider = await make.rider(99, world.outlets[0], code="A", pin="111111")
    headers = await make.outlet_manager(99, world.partners[0], world.outlets[0])
    slip = (await api.post(f"/api/riders/{rider}/pin", headers=headers)).json()
    assert (slip["code"], slip["outlet_code"], slip["rider_id"]) == ("A", "O3", str(rider))
    door = {"kind": "pin", "outlet_code": "O3"}
    assert (await api.post("/api/sign-in", json={**door, "pin": slip["pin"]})).status_code == 200
    if slip["pin"] != "111111":
        assert (await api.post("/api/sign-in", json={**door, "pin": "111111"})).status_code == 401
    assert await make.value("select pin_digest from rider where rider_id = $1", rider) == digest_pin(
        SECRET, 99, world.outlets[0], slip["pin"]
    )


async def test_a_pin_another_rider_of_the_outlet_has_is_drawn_again(
    api: httpx.AsyncClient, make: Make, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await make.rider(99, world.outlets[0], pin="111111")
    await make.rider(99, world.outlets[1], pin="222222")
    drawn = iter(["111111", "111111", "222222"])
    monkeypatch.setattr(secrets, "new_pin", lambda: next(drawn))
    headers = await make.planner(99)
    answer = await api.post(f"/api/riders/{world.riders[0]}/pin", headers=headers)
    assert answer.json()["pin"] == "222222"
    monkeypatch.setattr(secrets, "new_pin", lambda: "111111")
    exhausted = await api.post(f"/api/riders/{world.riders[0]}/pin", headers=headers)
    assert (exhausted.status_code, exhausted.json()["type"]) == (409, "/problems/pins-exhausted")
    assert await make.value("select pin_digest from rider where rider_id = $1", world.riders[0]) == digest_pin(
        SECRET, 99, world.outlets[0], "222222"
    )


async def test_a_rider_who_left_is_signed_out_at_once_and_may_come_back(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    rider, manager = await make.rider_session(99, world.riders[0]), await make.firm_manager(99, world.partners[0])
    for _ in range(2):
        assert (await api.post(f"/api/riders/{world.riders[0]}/deactivate", headers=manager)).status_code == 204
    assert (await api.get("/api/me", headers=rider)).status_code == 401
    assert (await api.post(f"/api/riders/{world.riders[0]}/activate", headers=manager)).status_code == 204
    assert (await api.get("/api/me", headers=rider)).status_code == 200


@pytest.mark.parametrize("action", ["pin", "deactivate", "activate"])
async def test_managers_reach_no_riders_but_their_own(
    api: httpx.AsyncClient, make: Make, world: World, action: str
) -> None:
    path = f"/api/riders/{world.riders[0]}/{action}"
    before = await make.fetch("select * from rider order by code")
    for headers, status in (
        (await make.firm_manager(99, world.partners[1]), 404),
        (await make.outlet_manager(99, world.partners[0], world.outlets[1]), 404),
        (await make.planner(99, division_code="990101"), 403),
        (await make.rider_session(99, world.riders[0]), 403),
    ):
        assert (await api.post(path, headers=headers)).status_code == status
    assert await make.fetch("select * from rider order by code") == before


async def test_a_partner_that_left_loses_its_people_and_systems_at_once(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    planner, partner = await make.planner(99), world.partners[0]
    theirs = [
        await make.firm_manager(99, partner),
        await make.rider_session(99, world.riders[0]),
        await make.partner_system(99, partner),
    ]
    assert (await api.post(f"/api/partners/{partner}/deactivate", headers=theirs[0])).status_code == 403
    assert (await api.post(f"/api/partners/{partner}/deactivate", headers=planner)).status_code == 204
    for headers in theirs:
        assert (await api.get("/api/me", headers=headers)).status_code == 401
    found = (await api.get("/api/partners", headers=planner)).json()
    assert [entry["active"] for entry in found] == [False, True]
    assert (await api.post(f"/api/partners/{partner}/activate", headers=planner)).status_code == 204
    assert (await api.get("/api/me", headers=theirs[0])).status_code == 200
    assert (await api.post(f"/api/partners/{make.id()}/deactivate", headers=planner)).status_code == 404
