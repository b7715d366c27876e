"""How often somebody may call, and what keeps the door free: limits, slow bodies, a pool that is used up, proxies."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx
import msgspec
import pytest
import uvicorn

from dispatch.app import create_app
from dispatch.database import Database
from dispatch.server.address import client_address, neighbourhood, networks_of
from dispatch.server.limits import Limits, class_of
from dispatch.server.slow_heads import protocol_of
from dispatch.settings import Settings
from tests.conftest import SETTINGS, Clock, serving
from tests.make import Make
from tests.waiting import HANG_SECONDS, listens, until


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
        subject = (0, "read", f"account:{number}")
        # Each takes a part of ten, all at the same instant; there is no bucket yet.
        await asyncio.gather(*(door.spend(subject, 100) for door in doors))
        async with clone.read() as connection:
            left = await connection.fetchval("select tokens from rate_bucket where subject = $1", subject[2])
        assert left == 60


async def test_nine_calls_in_ten_cost_no_statement(
    clone: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = Make(clone, clock.now)
    world = await make.world()
    planner = await make.planner(world.city_id)
    async with serving(clone, clock, limited(limit_read_per_minute=100)) as (api, app):
        taken: list[Any] = []
        original = app.state.limits._take

        async def counted(*arguments: Any) -> Any:
            taken.append(arguments[0])
            return await original(*arguments)

        monkeypatch.setattr(app.state.limits, "_take", counted)
        for _ in range(100):
            assert (await api.get("/api/me", headers=planner)).status_code == 200
    assert len([subject for subject in taken if subject[2].startswith("account:")]) == 10
    assert len([subject for subject in taken if subject[2].startswith("address:")]) == 1


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


@asynccontextmanager
async def listening(database: Database, clock: Clock, settings: Settings) -> AsyncGenerator[str]:
    """The application behind a real socket, with the protocol `dispatch serve` uses."""
    configuration = uvicorn.Config(
        create_app(settings, database, clock), host="127.0.0.1", port=0, log_config=None, access_log=False,
        server_header=False, proxy_headers=False, http=protocol_of(settings.header_seconds), lifespan="on",
        timeout_keep_alive=settings.keep_alive_seconds, timeout_graceful_shutdown=1,
    )  # fmt: skip
    server = uvicorn.Server(configuration)
    task = asyncio.create_task(server.serve())
    await listens(server, task)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await task


async def spoken(address: str, *parts: bytes) -> bytes:
    """What the server says to these bytes until it closes the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(address.rpartition(":")[2]))
    for part in parts:
        writer.write(part)
        await writer.drain()
    try:
        return await asyncio.wait_for(reader.read(), timeout=HANG_SECONDS)
    except ConnectionResetError:
        return b""
    finally:
        writer.close()


async def test_a_body_that_does_not_come_is_cut_off(clone: Database, clock: Clock) -> None:
    make = Make(clone, clock.now)
    await make.world()
    head = b"POST /api/sign-in HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n"
    async with listening(clone, clock, limited(body_seconds=1)) as address:
        answer = await spoken(address, head, b'{"kind": ')
        assert answer.startswith(b"HTTP/1.1 408"), answer
        assert b"/problems/body-too-slow" in answer
        async with httpx.AsyncClient(base_url=address) as api:
            assert (await api.get("/api/start")).status_code == 200


async def test_a_head_that_does_not_come_or_does_not_end_is_cut_off(clone: Database, clock: Clock) -> None:
    make = Make(clone, clock.now)
    await make.world()
    async with listening(clone, clock, limited(header_seconds=1)) as address:
        assert await spoken(address, b"GET /api/start HTTP/1.1\r\nhost: x\r\nx-slow: ") == b""
        assert await spoken(address) == b"", "nothing was said at all"
        lines = [b"GET /api/start HTTP/1.1\r\nhost: x\r\n", *(b"x-more: " + b"y" * 4000 + b"\r\n" for _ in range(30))]
        assert b"200" not in (await spoken(address, *lines))[:20]
        whole = b"GET /api/start HTTP/1.1\r\nhost: x\r\n\r\n"
        kept = await spoken(address, whole + whole, b"GET /api/st")
        assert kept.count(b"HTTP/1.1 200") == 2, "whole heads were answered, the third was cut off"


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


@pytest.mark.parametrize(
    ("peer", "forwarded", "proxies", "expected"),
    [
        ("203.0.113.9", [], "", "203.0.113.9"),
        ("203.0.113.9", ["198.51.100.1"], "", "203.0.113.9"),
        ("203.0.113.9", ["198.51.100.1"], "10.0.0.0/8", "203.0.113.9"),
        ("10.0.0.5", ["198.51.100.1"], "10.0.0.0/8", "198.51.100.1"),
        ("10.0.0.5", ["1.1.1.1, 198.51.100.1"], "10.0.0.0/8", "198.51.100.1"),
        ("10.0.0.5", ["1.1.1.1", "198.51.100.1, 10.0.0.9"], "10.0.0.0/8", "198.51.100.1"),
        ("10.0.0.5", ["10.0.0.1"], "10.0.0.0/8", "10.0.0.1"),
        ("10.0.0.5", ["nonsense"], "10.0.0.0/8", "10.0.0.5"),
        ("10.0.0.5", ["198.51.100.1, "], "10.0.0.0/8", "10.0.0.5"),
        ("::ffff:10.0.0.5", ["2001:db8::1"], "10.0.0.0/8", "2001:db8::1"),
        ("fd00::1", ["198.51.100.1"], "fd00::/8, 10.0.0.0/8", "198.51.100.1"),
        ("", ["198.51.100.1"], "10.0.0.0/8", ""),
    ],
)
def test_only_the_operators_own_proxies_are_believed(
    peer: str, forwarded: list[str], proxies: str, expected: str
) -> None:
    assert client_address(peer, forwarded, networks_of(proxies)) == expected


def test_a_household_is_one_caller_however_many_addresses_it_has() -> None:
    assert neighbourhood("2001:db8:1:2:3::4") == neighbourhood("2001:db8:1:2::9") == "2001:db8:1:2::/64"
    assert neighbourhood("2001:db8:1:3::4") != neighbourhood("2001:db8:1:2::4")
    assert neighbourhood("::ffff:192.0.2.1") == "192.0.2.1"


async def test_whoever_invents_forwarded_addresses_is_limited_all_the_same(clone: Database, clock: Clock) -> None:
    make = Make(clone, clock.now)
    await make.world()
    body = {"kind": "password", "login": "nobody", "password": "wrong horse 12"}
    async with serving(clone, clock, limited(limit_sign_in_per_minute=20)) as (api, _):
        found = [
            (
                await api.post(
                    "/api/sign-in", json={**body, "login": f"guess{n}"}, headers={"x-forwarded-for": f"10.1.1.{n}"}
                )
            )
            for n in range(8)
        ]
    assert [answer.status_code for answer in found] == [401] * 5 + [429] * 3
    proxied = limited(limit_sign_in_per_minute=20, trusted_proxies="127.0.0.1")
    async with serving(clone, clock, proxied) as (api, _):
        real = [
            (
                await api.post(
                    "/api/sign-in", json={**body, "login": f"more{n}"}, headers={"x-forwarded-for": f"10.2.2.{n}"}
                )
            )
            for n in range(8)
        ]
    assert [answer.status_code for answer in real] == [401] * 8


SECURITY = {
    "content-security-policy", "x-content-type-options", "x-frame-options", "referrer-policy",
    "cross-origin-opener-policy", "cross-origin-resource-policy", "permissions-policy", "cache-control",
}  # fmt: skip


@pytest.mark.parametrize("path", ["/api/start", "/api/me", "/api/nowhere", "/problems", "/", "/assets/none.js", "/%00"])
async def test_every_answer_carries_its_security_headers(api: httpx.AsyncClient, path: str, make: Make) -> None:
    await make.world()
    for method in ("GET", "POST", "OPTIONS", "BREW"):
        answer = await api.request(method, path)
        assert SECURITY - set(answer.headers) == set(), f"{method} {path} {answer.status_code}"
        assert "unsafe-inline" not in answer.headers["content-security-policy"]
        assert "'unsafe-eval'" not in answer.headers["content-security-policy"]
        assert "server" not in answer.headers
        assert "strict-transport-security" not in answer.headers, "the demonstration speaks plain HTTP"


async def test_over_https_browsers_are_told_to_stay_there(database: Database, clock: Clock) -> None:
    async with serving(database, clock, limited(secure_cookie=True)) as (api, _):
        assert (await api.get("/api/nowhere")).headers["strict-transport-security"] == "max-age=31536000"


async def test_an_error_of_ours_tells_nothing_of_the_inside(
    database: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    make = Make(database, clock.now)
    world = await make.world()
    planner = await make.planner(world.city_id)
    async with serving(database, clock) as (api, app):

        async def broken(*_: Any, **__: Any) -> None:
            raise RuntimeError("the secret inside")

        monkeypatch.setattr(app.state.callers, "look_up", broken)
        answer = await api.get("/api/me", headers=planner)
    assert answer.status_code == 500
    assert answer.json()["type"] == "/problems/unexpected"
    for word in ("secret", "RuntimeError", "Traceback", ".py", "litestar", "uvicorn"):
        assert word not in answer.text
