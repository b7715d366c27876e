"""Keys of partners' systems: what they may do, how they are renewed without a stop, and how they end."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.conftest import Clock
from tests.make import Make, World


@pytest.fixture
async def manager(make: Make, world: World) -> dict[str, str]:
    return await make.firm_manager(world.city_id, world.partners[0])


async def key_of(api: httpx.AsyncClient, headers: dict[str, str], clock: Clock, **more: Any) -> dict[str, str]:
    body = {"name": "分拨系统", "expires_at": (clock.now + timedelta(days=90)).isoformat(), **more}
    answer = await api.post("/api/api-keys", json=body, headers=headers)
    assert answer.status_code == 201, answer.text
    return answer.json()


def bearer(key: dict[str, str]) -> dict[str, str]:
    return {"authorization": f"Bearer {key['key']}"}


async def test_a_key_tells_what_it_is_for(
    api: httpx.AsyncClient, manager: dict[str, str], clock: Clock, world: World
) -> None:
    key = await key_of(api, manager, clock, scopes=["claims", "report", "claims"])
    assert (await api.get("/api/me", headers=bearer(key))).json()["key_scopes"] == ["claims", "report"]
    assert (await api.get("/api/me", headers=manager)).json()["key_scopes"] == []


async def test_a_firm_makes_a_key_for_one_of_its_outlets_that_stays_so_when_rotated(
    api: httpx.AsyncClient, manager: dict[str, str], clock: Clock, make: Make, world: World
) -> None:
    code = await make.value("select code from outlet where outlet_id = $1", world.outlets[0])
    key = await key_of(api, manager, clock, outlet_code=code)
    assert [each["code"] for each in (await api.get("/api/outlets", headers=bearer(key))).json()] == [code]
    new = (await api.post(f"/api/api-keys/{key['api_key_id']}/rotate", json={}, headers=manager)).json()
    assert [each["code"] for each in (await api.get("/api/outlets", headers=bearer(new))).json()] == [code]
    listed = (await api.get("/api/api-keys", headers=manager)).json()
    assert {each["outlet_code"] for each in listed} == {code}


async def test_a_firm_makes_no_key_for_an_outlet_of_another(
    api: httpx.AsyncClient, manager: dict[str, str], clock: Clock, make: Make, world: World
) -> None:
    for code in (await make.value("select code from outlet where outlet_id = $1", world.outlets[2]), "NO-SUCH"):
        body = {"name": "分拨系统", "expires_at": (clock.now + timedelta(days=90)).isoformat(), "outlet_code": code}
        answer = await api.post("/api/api-keys", json=body, headers=manager)
        assert (answer.status_code, answer.json()["type"]) == (422, "/problems/account-scope")
    assert await make.value("select count(*) from api_key") == 0


async def test_the_trail_names_the_key_that_called(
    api: httpx.AsyncClient, manager: dict[str, str], clock: Clock, make: Make, world: World
) -> None:
    key = await key_of(api, manager, clock, scopes=["riders"])
    table = "code,name,outlet_code\nNEW-1,新人," + await make.value(
        "select code from outlet where outlet_id = $1", world.outlets[0]
    )
    headers = {**bearer(key), "content-type": "text/csv"}
    assert (await api.post("/api/riders/import", content=table.encode(), headers=headers)).status_code == 200
    auditor = await make.session(99, account_id=await make.account(99, "auditor"))
    about = (await api.get("/api/audit", params={"operation": "import_riders"}, headers=auditor)).json()["entries"]
    assert [(each["caller_role"], each["caller_id"], each["caller_key"]) for each in about] == [
        ("partner_system", key["api_key_id"], "分拨系统")
    ]
    file = (await api.get("/api/audit.csv", params={"operation": "import_riders"}, headers=auditor)).text
    assert "分拨系统" in file


async def test_a_rotated_key_holds_beside_the_new_one_for_the_grace_time(
    api: httpx.AsyncClient, manager: dict[str, str], clock: Clock
) -> None:
    old = await key_of(api, manager, clock, scopes=["read"])
    answer = await api.post(f"/api/api-keys/{old['api_key_id']}/rotate", json={"grace_hours": 24}, headers=manager)
    assert answer.status_code == 201
    new = answer.json()
    clock.now += timedelta(hours=23, minutes=59)
    assert [(await api.get("/api/outlets", headers=bearer(key))).status_code for key in (old, new)] == [200, 200]
    clock.now += timedelta(minutes=1)
    assert [(await api.get("/api/outlets", headers=bearer(key))).status_code for key in (old, new)] == [401, 200]
    listed = (await api.get("/api/api-keys", headers=manager)).json()
    renewed = next(key for key in listed if key["api_key_id"] == new["api_key_id"])
    assert (renewed["name"], renewed["scopes"], renewed["replaces"]) == ("分拨系统", ["read"], old["api_key_id"])


async def test_a_key_that_ended_is_not_rotated(
    api: httpx.AsyncClient, manager: dict[str, str], clock: Clock, make: Make
) -> None:
    revoked, expired = await key_of(api, manager, clock), await key_of(api, manager, clock)
    await api.delete(f"/api/api-keys/{revoked['api_key_id']}", headers=manager)
    assert (await api.get("/api/outlets", headers=bearer(revoked))).status_code == 401
    before = await make.fetch("select * from api_key order by api_key_id")
    gone = await api.post(f"/api/api-keys/{revoked['api_key_id']}/rotate", json={}, headers=manager)
    assert gone.status_code == 404
    clock.now += timedelta(days=90)
    gone = await api.post(f"/api/api-keys/{expired['api_key_id']}/rotate", json={}, headers=manager)
    assert gone.status_code == 404
    assert await make.fetch("select * from api_key order by api_key_id") == before, "no key was made or changed"


async def test_a_revoked_key_is_listed_no_more_and_is_not_revoked_again(
    api: httpx.AsyncClient, manager: dict[str, str], clock: Clock, make: Make, world: World
) -> None:
    key, kept = await key_of(api, manager, clock), await key_of(api, manager, clock)
    other = await make.firm_manager(world.city_id, world.partners[1])
    path = f"/api/api-keys/{key['api_key_id']}"
    assert (await api.delete(path, headers=other)).status_code == 404
    assert (await api.post(f"{path}/rotate", json={}, headers=other)).status_code == 404
    assert (await api.get("/api/api-keys", headers=other)).json() == []
    assert await make.value("select count(*) from api_key where revoked_at is null") == 2
    assert (await api.delete(path, headers=manager)).status_code in {200, 204}
    at = clock.now
    clock.now += timedelta(hours=1)
    assert (await api.delete(path, headers=manager)).status_code == 404
    assert await make.value("select revoked_at from api_key where revoked_at is not null") == at
    listed = (await api.get("/api/api-keys", headers=manager)).json()
    assert [each["api_key_id"] for each in listed] == [kept["api_key_id"]]


async def test_the_latest_key_comes_first(api: httpx.AsyncClient, manager: dict[str, str], clock: Clock) -> None:
    made = list[str]()
    for _ in range(3):
        clock.now += timedelta(minutes=1)
        made.insert(0, (await key_of(api, manager, clock))["api_key_id"])
    listed = (await api.get("/api/api-keys", headers=manager)).json()
    assert [key["api_key_id"] for key in listed] == made


async def test_a_key_tells_when_it_was_last_used(api: httpx.AsyncClient, manager: dict[str, str], clock: Clock) -> None:
    key = await key_of(api, manager, clock)
    assert (await api.get("/api/api-keys", headers=manager)).json()[0]["last_used_at"] is None
    clock.now += timedelta(minutes=5)
    await api.get("/api/outlets", headers=bearer(key))
    used = (await api.get("/api/api-keys", headers=manager)).json()[0]["last_used_at"]
    assert used == clock.now.isoformat().replace("+00:00", "Z")


async def test_the_list_of_keys_does_not_hold_the_keys(
    api: httpx.AsyncClient, manager: dict[str, str], clock: Clock, make: Make
) -> None:
    key = await key_of(api, manager, clock)
    listed = await api.get("/api/api-keys", headers=manager)
    assert key["key"].partition(".")[2] not in listed.text
    assert key["key"].partition(".")[2] not in repr(await make.fetch("select * from api_key"))


async def test_a_planner_of_a_district_has_no_business_with_keys(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    headers = await make.planner(world.city_id, division_code="990101")
    assert (await api.get("/api/api-keys", headers=headers)).status_code == 403
