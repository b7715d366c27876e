"""What every request and answer passes: slow bodies are cut off, and each answer carries its security headers."""

from typing import Any

import httpx
import msgspec
import pytest

from dispatch.database import Database
from tests.conftest import SETTINGS, Clock, serving
from tests.make import Make
from tests.server.sockets import listening, spoken


async def test_a_body_that_does_not_come_is_cut_off(clone: Database, clock: Clock) -> None:
    make = Make(clone, clock.now)
    await make.world()
    head = b"POST /api/sign-in HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n"
    async with listening(clone, clock, msgspec.structs.replace(SETTINGS, body_seconds=1)) as address:
        answer = await spoken(address, head, b'{"kind": ')
        assert answer.startswith(b"HTTP/1.1 408"), answer
        assert b"/problems/body-too-slow" in answer
        async with httpx.AsyncClient(base_url=address) as api:
            assert (await api.get("/api/start")).status_code == 200


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
    async with serving(database, clock, msgspec.structs.replace(SETTINGS, secure_cookie=True)) as (api, _):
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
