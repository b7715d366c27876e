"""Signing in: what opens the door, and what the door says when it stays shut."""

from typing import Any

import httpx
import pytest

from dispatch.identity.credentials import recognise_account
from tests.conftest import Clock
from tests.make import Make, World


async def test_a_planner_signs_in_with_password_and_sees_who_they_are(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    await make.account(world.city_id, "planner", login="planner", password="correct horse 1")
    answer = await api.post(
        "/api/sign-in", json={"kind": "password", "login": "planner", "password": "correct horse 1"}
    )
    assert answer.status_code == 200
    assert "httponly" in answer.headers["set-cookie"].lower()
    profile = await api.get("/api/me", headers={"authorization": f"Bearer {answer.json()['token']}"})
    assert profile.json()["role"] == "planner"
    assert profile.json()["city_name"] == "云川市"


async def test_a_wrong_password_and_an_unknown_login_get_the_same_answer(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    await make.account(world.city_id, "planner", login="planner", password="correct horse 1")
    wrong = await api.post("/api/sign-in", json={"kind": "password", "login": "planner", "password": "wrong horse 12"})
    unknown = await api.post("/api/sign-in", json={"kind": "password", "login": "nobody", "password": "wrong horse 12"})
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json() == unknown.json()
    assert wrong.json()["type"] == "/problems/sign-in-refused"
    assert wrong.headers["content-type"] == "application/problem+json"


async def test_a_rider_signs_in_with_outlet_code_and_pin(api: httpx.AsyncClient, make: Make, world: World) -> None:
    outlet = await make.outlet(world.city_id, world.partners[0], code="ZTO-1")
    rider = await make.rider(world.city_id, outlet, pin="482913")
    answer = await api.post("/api/sign-in", json={"kind": "pin", "outlet_code": "ZTO-1", "pin": "482913"})
    assert answer.json()["role"] == "rider"
    profile = await api.get("/api/me")  # by the cookie
    assert profile.json()["subject_id"] == str(rider)
    wrong = await api.post("/api/sign-in", json={"kind": "pin", "outlet_code": "ZTO-1", "pin": "482914"})
    assert wrong.status_code == 401


async def test_a_session_ends_by_itself_and_by_signing_out(
    api: httpx.AsyncClient, make: Make, world: World, clock: Clock
) -> None:
    headers = await make.planner(world.city_id)
    assert (await api.get("/api/me", headers=headers)).status_code == 200
    assert (await api.post("/api/sign-out", headers=headers)).status_code == 204
    gone = await api.get("/api/me", headers=headers)
    assert gone.json()["type"] == "/problems/not-signed-in"
    other = await make.planner(world.city_id)
    clock.now = clock.now.replace(year=2029)
    assert (await api.get("/api/me", headers=other)).status_code == 401


@pytest.mark.parametrize(
    ("gone", "shut_out"),
    [
        ("account", {"planner", "firm manager", "outlet manager"}),
        ("rider", {"rider"}),
        ("outlet", {"outlet manager", "rider"}),
        ("partner", {"firm manager", "outlet manager", "rider", "partner system"}),
    ],
)
async def test_who_left_or_whose_outlet_or_firm_did_is_signed_out_at_once(
    api: httpx.AsyncClient, make: Make, world: World, gone: str, shut_out: set[str]
) -> None:
    callers = {
        "planner": await make.planner(99),
        "firm manager": await make.firm_manager(99, world.partners[0]),
        "outlet manager": await make.outlet_manager(99, world.partners[0], world.outlets[0]),
        "rider": await make.rider_session(99, world.riders[0]),
        "partner system": await make.partner_system(99, world.partners[0]),
    }

    async def outside() -> set[str]:
        return {
            who for who, headers in callers.items() if (await api.get("/api/me", headers=headers)).status_code == 401
        }

    assert await outside() == set()
    await make.fetch(f"update {gone} set active = false")
    assert await outside() == shut_out
    await make.fetch(f"update {gone} set active = true")
    assert await outside() == set(), "nothing else shut them out"


@pytest.mark.parametrize("rider_code", [None, "A"], ids=["outlet alone", "with rider code"])
@pytest.mark.parametrize("gone", ["rider", "outlet", "partner"])
async def test_a_rider_who_left_or_whose_outlet_or_firm_did_cannot_sign_in_and_reads_why(
    api: httpx.AsyncClient, make: Make, world: World, gone: str, rider_code: str | None
) -> None:
    outlet = await make.outlet(world.city_id, world.partners[0], code="ZTO-1")
    await make.rider(world.city_id, outlet, pin="482913", code="A")
    await make.fetch(f"update {gone} set active = false")
    body = {"kind": "pin", "outlet_code": "ZTO-1", "pin": "482913", "rider_code": rider_code}
    answer = await api.post("/api/sign-in", json=body)
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/sign-in-deactivated")
    assert await make.value("select count(*) from session") == 0
    wrong = await api.post("/api/sign-in", json={**body, "pin": "000000"})
    assert wrong.json()["type"] == "/problems/sign-in-refused", "nobody learns it without the PIN"
    assert await make.value("select max(failures) from sign_in_attempt") == 1


@pytest.mark.parametrize("rider_code", [None, "A"])
async def test_a_code_no_outlet_has_is_called_that_and_counts(
    api: httpx.AsyncClient, make: Make, world: World, rider_code: str | None
) -> None:
    body = {"kind": "pin", "outlet_code": "NONE", "pin": "482913", "rider_code": rider_code}
    answer = await api.post("/api/sign-in", json=body)
    assert (answer.status_code, answer.json()["type"]) == (401, "/problems/sign-in-outlet-unknown")
    assert await make.value("select max(failures) from sign_in_attempt") == 1
    nowhere = await api.post("/api/sign-in", json={**body, "city_code": "00"})
    assert nowhere.json()["type"] == "/problems/sign-in-outlet-unknown"


async def test_a_malformed_sign_in_says_where(api: httpx.AsyncClient, world: World) -> None:
    answer = await api.post("/api/sign-in", json={"kind": "pin", "outlet_code": "ZTO-1", "pin": "48"})
    assert answer.status_code == 400
    assert answer.json()["type"] == "/problems/invalid-request"
    assert answer.json()["errors"][0]["pointer"] == "/pin"


@pytest.mark.parametrize("change", ["active = false", "password_hash = 'another'"])
async def test_who_is_shut_out_while_signing_in_stays_out(
    api: httpx.AsyncClient, make: Make, world: World, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    """Looking at a password takes a while; a session begun after it would outlive the change that ended all others."""
    account = await make.account(world.city_id, "planner", login="planner", password="correct horse 1")

    async def overtaken(*arguments: Any) -> Any:
        person = await recognise_account(*arguments)
        await make.fetch(f"update account set {change} where account_id = $1", account)
        return person

    monkeypatch.setattr("dispatch.identity.routes.recognise_account", overtaken)
    body = {"kind": "password", "login": "planner", "password": "correct horse 1"}
    answer = await api.post("/api/sign-in", json=body)
    assert (answer.status_code, answer.json()["type"]) == (401, "/problems/sign-in-refused")
    assert await make.value("select count(*) from session") == 0
