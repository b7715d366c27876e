"""A write that comes with the cookie must come from a page of this server."""

import httpx
import pytest

from tests.make import Make, World

OURS = {"x-requested-with": "dispatch"}


@pytest.fixture
async def cookie(api: httpx.AsyncClient, make: Make, world: World) -> dict[str, str]:
    """The header a browser sends by itself, whoever made it call."""
    headers = await make.planner(world.city_id)
    return {"cookie": f"dispatch_session={headers['authorization'].removeprefix('Bearer ')}"}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),
        ({"x-requested-with": "XMLHttpRequest"}, 403),
        (OURS, 204),
        ({**OURS, "sec-fetch-site": "same-origin"}, 204),
        ({**OURS, "sec-fetch-site": "none"}, 204),
        ({**OURS, "sec-fetch-site": "same-site"}, 403),
        ({**OURS, "sec-fetch-site": "cross-site"}, 403),
        ({**OURS, "origin": "http://dispatch.test"}, 204),
        ({**OURS, "origin": "https://dispatch.test"}, 204),
        ({**OURS, "origin": "http://DISPATCH.test"}, 204),
        ({**OURS, "origin": "http://dispatch.test:8080"}, 403),
        ({**OURS, "origin": "http://dispatch.test.evil.example"}, 403),
        ({**OURS, "origin": "http://evil.example"}, 403),
        ({**OURS, "origin": "null"}, 403),
        ({**OURS, "origin": "http://["}, 403),
        ({"sec-fetch-site": "same-origin", "origin": "http://dispatch.test"}, 403),
    ],
)
async def test_a_write_with_the_cookie_shows_that_our_page_asked(
    api: httpx.AsyncClient, cookie: dict[str, str], headers: dict[str, str], status: int
) -> None:
    answer = await api.post("/api/me/sessions/end-others", headers={**cookie, **headers})
    assert answer.status_code == status, answer.text
    if status == 403:
        assert answer.json()["type"] == "/problems/cross-site-request"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
async def test_every_unsafe_method_is_held_to_it(api: httpx.AsyncClient, cookie: dict[str, str], method: str) -> None:
    paths = {
        "POST": "/api/sign-out",
        "PUT": "/api/me/language",
        "DELETE": f"/api/api-keys/{'0' * 8}-0000-7000-8000-{'0' * 12}",
    }
    answer = await api.request(
        method, paths[method], headers=cookie, json={"language": "en"} if method == "PUT" else None
    )
    assert answer.json()["type"] == "/problems/cross-site-request"


async def test_reading_needs_no_header(api: httpx.AsyncClient, cookie: dict[str, str]) -> None:
    assert (await api.get("/api/me", headers=cookie)).status_code == 200


async def test_a_program_with_its_token_needs_no_header(api: httpx.AsyncClient, make: Make, world: World) -> None:
    headers = await make.planner(world.city_id)
    answer = await api.post("/api/me/sessions/end-others", headers={**headers, "origin": "http://elsewhere.example"})
    assert answer.status_code == 204


async def test_no_other_site_signs_somebody_in(api: httpx.AsyncClient, make: Make, world: World) -> None:
    """Whoever is signed in as somebody else without knowing works under a foreign name."""
    await make.account(world.city_id, "planner", login="planner", password="correct horse 1")
    details = {"kind": "password", "login": "planner", "password": "correct horse 1"}
    for headers in ({"origin": "http://evil.example"}, {"sec-fetch-site": "cross-site"}):
        answer = await api.post("/api/sign-in", json=details, headers=headers)
        assert answer.json()["type"] == "/problems/cross-site-request"
        assert "set-cookie" not in answer.headers
    assert (await api.post("/api/sign-in", json=details)).status_code == 200
    assert (await api.post("/api/sign-in", json=details)).status_code == 200, "with the cookie of before"
