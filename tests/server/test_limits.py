"""How often somebody may call: limits by account, session and address, shared by all server processes."""

import asyncio
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import httpx
import msgspec
import pytest

from dispatch.database import Database
from dispatch.identity.rules import FAILURES
from dispatch.server.limits import Bucket, Limits, class_of
from dispatch.settings import Settings
from tests.conftest import SETTINGS, Clock, serving
from tests.make import Make
from tests.server.sockets import listening
from tests.waiting import until


def limited(**more: Any) -> Settings:
    return msgspec.structs.replace(SETTINGS, **more)


async def test_an_account_that_asks_too_often_waits_and_is_told_how_long(clone: Database, clock: Clock) -> None:
    make = Make(clone, clock.now)
    world = await make.world()
    planner, other = await make.planner(world.city_id), await make.planner(world.city_id)
    async with serving(clone, clock, limited(limit_read_per_minute=30)) as (api, _):
        statuses = [(await api.get("/api/zones", headers=planner)).status_code for _ in range(32)]
        assert statuses == [200] * 30 + [429] * 2
        refused = await api.get("/api/zones", headers=planner)
        assert refused.json()["type"] == "/problems/too-many-requests"
        assert refused.headers["retry-after"] == "2"
        assert refused.json()["retry_after_seconds"] == 2
        assert (await api.get("/api/zones", headers=other)).status_code == 200, "each account has its own"
        clock.now += timedelta(seconds=2)
        assert (await api.get("/api/zones", headers=planner)).status_code == 200
        assert (await api.get("/api/zones", headers=planner)).status_code == 429
        clock.now += timedelta(minutes=1)
        statuses = [(await api.get("/api/zones", headers=planner)).status_code for _ in range(31)]
        assert statuses == [200] * 30 + [429]


async def test_two_server_processes_share_the_limit(clone: Database, clock: Clock) -> None:
    make = Make(clone, clock.now)
    world = await make.world()
    planner = await make.planner(world.city_id)
    settings = limited(limit_read_per_minute=40)
    async with serving(clone, clock, settings) as (one, _), serving(clone, clock, settings) as (other, _):
        passed = 0
        for _ in range(40):
            for api in (one, other):
                passed += (await api.get("/api/zones", headers=planner)).status_code == 200
    assert passed == 40


async def test_two_processes_that_see_somebody_first_at_once_take_from_one_bucket(
    clone: Database, clock: Clock
) -> None:
    for number in range(20):
        doors = [Limits(clone, limited(), clock) for _ in range(4)]
        bucket = Bucket(0, "read", f"account:{number}")
        # Each takes a part of ten, all at the same instant; there is no bucket yet.
        await asyncio.gather(*(door.spend(bucket, 100) for door in doors))
        async with clone.read() as connection:
            left = await connection.fetchval("select tokens from rate_bucket where subject = $1", bucket.subject)
        assert left == 60


async def test_nine_calls_in_ten_cost_no_statement(
    clone: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = Make(clone, clock.now)
    world = await make.world()
    planner = await make.planner(world.city_id)
    async with serving(clone, clock, limited(limit_read_per_minute=100)) as (api, app):
        taken: list[Bucket] = []
        original = app.state.limits._take

        async def counted(*arguments: Any) -> Any:
            taken.append(arguments[0])
            return await original(*arguments)

        monkeypatch.setattr(app.state.limits, "_take", counted)
        for _ in range(100):
            assert (await api.get("/api/me", headers=planner)).status_code == 200
    assert len([bucket for bucket in taken if bucket.subject.startswith("account:")]) == 10
    assert len([bucket for bucket in taken if bucket.subject.startswith("address:")]) == 1


async def test_an_address_signs_in_so_often_and_no_more(clone: Database, clock: Clock) -> None:
    make = Make(clone, clock.now)
    await make.world()
    async with serving(clone, clock, limited(limit_sign_in_per_minute=20)) as (api, _):
        body = {"kind": "password", "login": "nobody", "password": "wrong horse 12"}
        found = [(await api.post("/api/sign-in", json=body)).json()["type"] for _ in range(22)]
    assert found[:5] == ["/problems/sign-in-refused"] * 5
    assert set(found[5:20]) == {"/problems/sign-in-locked"}
    assert found[20:] == ["/problems/too-many-requests"] * 2


async def test_a_flood_of_accounts_from_one_address_is_bounded_too(clone: Database, clock: Clock) -> None:
    make = Make(clone, clock.now)
    world = await make.world()
    planners = [await make.planner(world.city_id) for _ in range(25)]
    async with serving(clone, clock, limited(limit_read_per_minute=2)) as (api, _):
        passed = 0
        for planner in planners:
            for _ in range(2):
                passed += (await api.get("/api/me", headers=planner)).status_code == 200
    assert passed == 40


@pytest.mark.parametrize(
    ("opt", "path", "method", "expected"),
    [
        ({}, "/api/zones", "GET", "read"),
        ({}, "/api/zones", "POST", "write"),
        ({}, "/api/zones/x", "DELETE", "write"),
        ({}, "/api/campaigns/x/coverage/tiles/10/1/2.mvt", "GET", "tile"),
        ({}, "/api/campaigns/x/coverage/zone-tiles/10/1/2.mvt", "GET", "tile"),
        ({}, "/api/campaigns/x/stock/moves.csv", "GET", "export"),
        ({}, "/api/zones.geojson", "GET", "export"),
        ({"limit": "sign_in"}, "/api/sign-in", "POST", "sign_in"),
    ],
)
def test_a_call_counts_as_what_it_is(opt: dict[str, str], path: str, method: str, expected: str) -> None:
    assert class_of(opt, path, method) == expected


async def test_a_session_holds_so_many_event_streams(clone: Database, clock: Clock) -> None:
    make = Make(clone, clock.now)
    world = await make.world()
    planner = await make.planner(world.city_id)
    path = f"/api/campaigns/{world.campaign}/events"
    async with (
        listening(clone, clock, limited(event_streams=2)) as address,
        httpx.AsyncClient(base_url=address, headers=planner) as api,
    ):
        async with api.stream("GET", path) as one, api.stream("GET", path) as two:
            assert (one.status_code, two.status_code) == (200, 200)
            refused = await api.get(path)
            assert (refused.status_code, refused.headers["retry-after"]) == (429, "10")
            assert (await api.get("/api/me")).status_code == 200

        async def let_in() -> bool:
            async with api.stream("GET", path) as again:
                return again.status_code == 200

        await until(let_in, "a stream that was closed counts no more")


async def test_an_account_holds_the_streams_of_a_few_sessions_however_often_it_signs_in(
    clone: Database, clock: Clock
) -> None:
    make = Make(clone, clock.now)
    world = await make.world()
    account = await make.account(world.city_id, "planner", login="wang.wei")
    path = f"/api/campaigns/{world.campaign}/events"
    async with (
        listening(clone, clock, limited(event_streams=1)) as address,
        httpx.AsyncClient(base_url=address) as api,
        AsyncExitStack() as open_streams,
    ):
        statuses = list[int]()
        for _ in range(6):
            headers = await make.session(world.city_id, account_id=account)
            stream = await open_streams.enter_async_context(api.stream("GET", path, headers=headers))
            statuses.append(stream.status_code)
        assert statuses == [200] * 4 + [429] * 2
        other = await make.planner(world.city_id)
        async with api.stream("GET", path, headers=other) as stream:
            assert stream.status_code == 200, "a colleague is not held up"


async def test_a_pool_that_is_used_up_is_said_and_recovers(
    clone: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = Make(clone, clock.now)
    world = await make.world()
    planner = await make.planner(world.city_id)
    pool: Any = clone._pool  # pyright: ignore[reportPrivateUsage]
    async with serving(clone, clock) as (api, _):
        held = [await pool.acquire() for _ in range(pool.get_max_size())]
        monkeypatch.setattr("dispatch.database.ACQUIRE_SECONDS", 0.1)
        answers = await asyncio.gather(*(api.get("/api/zones", headers=planner) for _ in range(5)))
        assert {answer.status_code for answer in answers} == {503}
        assert answers[0].json()["type"] == "/problems/busy"
        assert answers[0].headers["retry-after"] == "2"
        monkeypatch.undo()
        for connection in held:
            await pool.release(connection)
        assert (await api.get("/api/zones", headers=planner)).status_code == 200


async def test_a_caller_who_invents_forwarded_addresses_is_limited_all_the_same(clone: Database, clock: Clock) -> None:
    """Failures at so many different logins lock the address that is seen, whatever a header says; behind a proxy that is
    trusted the header says it, and each address has its own."""
    make = Make(clone, clock.now)
    await make.world()
    body = {"kind": "password", "login": "nobody", "password": "wrong horse 12"}
    most = FAILURES["address"]
    async with serving(clone, clock, limited(limit_sign_in_per_minute=10 * most)) as (api, _):
        found = [
            (
                await api.post(
                    "/api/sign-in", json={**body, "login": f"guess{n}"}, headers={"x-forwarded-for": f"10.1.1.{n}"}
                )
            )
            for n in range(most + 3)
        ]
    kinds = [(answer.status_code, answer.json()["type"]) for answer in found]
    assert kinds == [(401, "/problems/sign-in-refused")] * most + [(429, "/problems/sign-in-locked")] * 3
    proxied = limited(limit_sign_in_per_minute=10 * most, trusted_proxies="127.0.0.1")
    async with serving(clone, clock, proxied) as (api, _):
        real = [
            (
                await api.post(
                    "/api/sign-in", json={**body, "login": f"more{n}"}, headers={"x-forwarded-for": f"10.2.2.{n}"}
                )
            )
            for n in range(most + 3)
        ]
    assert [answer.status_code for answer in real] == [401] * (most + 3)
