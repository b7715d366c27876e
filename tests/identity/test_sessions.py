"""Sessions: how long they live without use, what renews them, and who ends them."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from dispatch.database import Database
from tests.conftest import SETTINGS, Clock, serving
from tests.make import Make, World

PASSWORD = "correct horse 1"


async def signed_in(api: httpx.AsyncClient, login: str = "planner", password: str = PASSWORD) -> dict[str, str]:
    """Headers of a program that signed in just now; the cookie is thrown away."""
    answer = await api.post("/api/sign-in", json={"kind": "password", "login": login, "password": password})
    assert answer.status_code == 200, answer.text
    api.cookies.clear()
    return {"authorization": f"Bearer {answer.json()['token']}", "user-agent": "Chromium 90"}


@pytest.fixture
async def planner(api: httpx.AsyncClient, make: Make, world: World) -> dict[str, str]:
    await make.account(world.city_id, "planner", login="planner", password=PASSWORD)
    return await signed_in(api)


async def asked(api: httpx.AsyncClient, headers: dict[str, str], **more: str) -> int:
    answer = await api.get(
        "/api/me", headers={**headers, **{name.replace("_", "-"): text for name, text in more.items()}}
    )
    return answer.status_code


async def test_a_planner_is_signed_out_after_fifteen_minutes_without_use(
    api: httpx.AsyncClient, planner: dict[str, str], clock: Clock
) -> None:
    clock.now += timedelta(minutes=14, seconds=59)
    assert await asked(api, planner) == 200
    clock.now += timedelta(minutes=14, seconds=59)
    assert await asked(api, planner) == 200, "the use before began the time again"
    clock.now += timedelta(minutes=15)
    assert await asked(api, planner) == 401


async def test_a_use_within_the_minute_counts_though_it_is_not_written(
    api: httpx.AsyncClient, planner: dict[str, str], clock: Clock
) -> None:
    clock.now += timedelta(seconds=50)
    assert await asked(api, planner) == 200
    clock.now += timedelta(minutes=14, seconds=30)
    assert await asked(api, planner) == 200


async def test_what_a_page_fetches_unasked_keeps_nobody_signed_in(
    api: httpx.AsyncClient, planner: dict[str, str], clock: Clock
) -> None:
    answers: list[int] = []
    for _ in range(5):
        clock.now += timedelta(minutes=3)
        answers.append(await asked(api, planner, x_background="1"))
    assert answers == [200, 200, 200, 200, 401]


async def test_a_session_ends_at_last_however_busy_it_is(
    api: httpx.AsyncClient, planner: dict[str, str], clock: Clock
) -> None:
    for _ in range(12 * 6 - 1):
        clock.now += timedelta(minutes=10)
        assert await asked(api, planner) == 200
    clock.now += timedelta(minutes=10)
    assert await asked(api, planner) == 401


async def test_last_use_is_written_once_a_minute_for_all_sessions_together(clone: Database, clock: Clock) -> None:
    make = Make(clone, clock.now)
    world = await make.world()
    riders = [await make.rider_session(world.city_id, rider) for rider in world.riders]
    async with serving(clone, clock) as (api, app):
        written: list[str] = []
        uses = app.state.last_uses
        original = clone.transact

        async def counted(work: Any, **more: Any) -> Any:
            written.append("write")
            return await original(work, **more)

        uses._database = type("Counting", (), {"transact": staticmethod(counted)})()
        for second in range(90):
            clock.now += timedelta(seconds=1)
            for rider in riders:
                assert await asked(api, rider) == 200
            await uses.settle()
            if second == 58:
                assert written == [], "made within the last minute"
    at = await make.fetch("select distinct last_used_at from session")
    assert [row["last_used_at"] for row in at] == [make.now + timedelta(seconds=60)]
    assert 1 <= len(written) <= len(riders)


async def test_a_process_that_served_nothing_reckons_from_what_was_written(clone: Database, clock: Clock) -> None:
    make = Make(clone, clock.now)
    world = await make.world()
    await make.account(world.city_id, "planner", login="planner", password=PASSWORD)
    async with serving(clone, clock) as (one, app), serving(clone, clock) as (other, _):
        headers = await signed_in(one)
        for _ in range(4):
            clock.now += timedelta(minutes=10)
            assert await asked(one, headers) == 200
            await app.state.last_uses.settle()
        assert await asked(other, headers) == 200
        clock.now += timedelta(minutes=15)
        assert await asked(other, headers) == 401
        assert await asked(one, headers) == 401


async def test_everybody_sees_the_own_sessions_and_ends_them(
    api: httpx.AsyncClient, planner: dict[str, str], clock: Clock
) -> None:
    clock.now += timedelta(minutes=2)
    elsewhere = await signed_in(api)
    listed = (await api.get("/api/me/sessions", headers=planner)).json()
    assert [session["current"] for session in listed] == [False, True] or [s["current"] for s in listed] == [
        True,
        False,
    ]
    other = next(session for session in listed if not session["current"])
    assert other["method"] == "password"
    assert other["address"] == "127.0.0.1"
    assert "python-httpx" in other["device"]
    assert (await api.delete(f"/api/me/sessions/{other['session_id']}", headers=planner)).status_code == 204
    assert await asked(api, elsewhere) == 401
    assert await asked(api, planner) == 200
    again = await api.delete(f"/api/me/sessions/{other['session_id']}", headers=planner)
    assert again.json()["type"] == "/problems/not-found"


async def test_all_other_sessions_end_at_once(api: httpx.AsyncClient, planner: dict[str, str]) -> None:
    elsewhere = [await signed_in(api) for _ in range(3)]
    assert (await api.post("/api/me/sessions/end-others", headers=planner)).status_code == 204
    assert [await asked(api, headers) for headers in elsewhere] == [401, 401, 401]
    assert len((await api.get("/api/me/sessions", headers=planner)).json()) == 1


async def test_nobody_ends_the_session_of_somebody_else(
    api: httpx.AsyncClient, make: Make, world: World, planner: dict[str, str]
) -> None:
    mine = (await api.get("/api/me/sessions", headers=planner)).json()[0]["session_id"]
    other = await make.planner(world.city_id)
    assert (await api.delete(f"/api/me/sessions/{mine}", headers=other)).status_code == 404
    assert await asked(api, planner) == 200


async def test_a_rider_let_in_again_signs_in_again(
    api: httpx.AsyncClient, make: Make, world: World, clock: Clock
) -> None:
    """Deactivation ends a session for good: it does not come back to life with its owner."""
    manager = await make.firm_manager(world.city_id, world.partners[0])
    phone = await make.rider_session(world.city_id, world.riders[0])
    clock.now += timedelta(seconds=1)
    for action, status in (("deactivate", 401), ("activate", 401)):
        answer = await api.post(f"/api/riders/{world.riders[0]}/{action}", headers=manager)
        assert answer.status_code == 204
        assert await asked(api, phone) == status


async def test_a_new_pin_signs_the_old_phone_out(
    api: httpx.AsyncClient, make: Make, world: World, clock: Clock
) -> None:
    manager = await make.firm_manager(world.city_id, world.partners[0])
    phone = await make.rider_session(world.city_id, world.riders[0])
    clock.now += timedelta(seconds=1)
    assert (await api.post(f"/api/riders/{world.riders[0]}/pin", headers=manager)).status_code == 200
    assert await asked(api, phone) == 401


async def test_a_partner_let_in_again_signs_in_again(
    api: httpx.AsyncClient, make: Make, world: World, clock: Clock
) -> None:
    planner = await make.planner(world.city_id)
    people = [
        await make.firm_manager(world.city_id, world.partners[0]),
        await make.outlet_manager(world.city_id, world.partners[0], world.outlets[0]),
        await make.rider_session(world.city_id, world.riders[0]),
    ]
    other = await make.firm_manager(world.city_id, world.partners[1])
    clock.now += timedelta(seconds=1)
    for action in ("deactivate", "activate"):
        await api.post(f"/api/partners/{world.partners[0]}/{action}", headers=planner)
        assert [await asked(api, headers) for headers in people] == [401, 401, 401]
    assert await asked(api, other) == 200


async def test_the_cookie_is_for_this_host_alone_when_it_travels_by_https(database: Database, clock: Clock) -> None:
    import msgspec

    make = Make(database, clock.now)
    world = await make.world()
    await make.account(world.city_id, "planner", login="planner", password=PASSWORD)
    settings = msgspec.structs.replace(SETTINGS, secure_cookie=True)
    async with serving(database, clock, settings) as (api, _):
        answer = await api.post("/api/sign-in", json={"kind": "password", "login": "planner", "password": PASSWORD})
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-dispatch_session=")
        assert {"HttpOnly", "Secure", "SameSite=strict", "Path=/"} <= {part.strip() for part in cookie.split(";")}
        assert "domain" not in cookie.lower()
        token = answer.json()["token"]
        planted = await api.get("/api/me", headers={"cookie": f"dispatch_session={token}"})
        assert planted.status_code == 401, "a neighbour's cookie of the plain name counts for nothing"
        own = await api.get("/api/me", headers={"cookie": f"__Host-dispatch_session={token}"})
        assert own.status_code == 200


async def test_only_the_hash_of_a_token_is_kept(api: httpx.AsyncClient, make: Make, planner: dict[str, str]) -> None:
    token = planner["authorization"].removeprefix("Bearer ")
    rows = await make.fetch("select * from session")
    assert token not in repr(rows)
    assert token.partition(".")[2] not in repr(rows)
