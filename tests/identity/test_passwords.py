"""Passwords: what a good one is, how it is changed, and what is shut until a given one has been changed."""

import asyncio
from datetime import timedelta
from itertools import pairwise

import httpx
import pytest

from dispatch.database import Database
from tests.conftest import Clock, serving
from tests.contract.test_access import ACCESS, filled
from tests.identity.test_sessions import asked, signed_in
from tests.make import Make, World

FIRST = "correct horse 1"


@pytest.fixture
async def planner(api: httpx.AsyncClient, make: Make, world: World) -> dict[str, str]:
    await make.account(world.city_id, "planner", login="wang.wei", password=FIRST)
    return await signed_in(api, "wang.wei", FIRST)


async def changed(api: httpx.AsyncClient, headers: dict[str, str], old: str, new: str) -> httpx.Response:
    body = {"current_password": old, "new_password": new}
    return await api.post("/api/me/password", json=body, headers=headers)


async def test_whoever_changes_the_password_signs_in_with_the_new_one(
    api: httpx.AsyncClient, planner: dict[str, str]
) -> None:
    assert (await changed(api, planner, FIRST, "Another horse 2")).status_code == 204
    old = await api.post("/api/sign-in", json={"kind": "password", "login": "wang.wei", "password": FIRST})
    assert old.status_code == 401
    await signed_in(api, "wang.wei", "Another horse 2")


async def test_a_changed_password_ends_all_other_sessions(api: httpx.AsyncClient, planner: dict[str, str]) -> None:
    elsewhere = await signed_in(api, "wang.wei", FIRST)
    await changed(api, planner, FIRST, "Another horse 2")
    assert await asked(api, elsewhere) == 401
    assert await asked(api, planner) == 200


async def test_the_present_password_is_asked_for(api: httpx.AsyncClient, planner: dict[str, str]) -> None:
    answer = await changed(api, planner, "not the present 1", "Another horse 2")
    assert answer.json()["type"] == "/problems/wrong-password"
    await signed_in(api, "wang.wei", FIRST)


@pytest.mark.parametrize(
    ("password", "reasons"),
    [
        ("Short 1 a", ["too-short"]),
        ("onlysmallletters", ["too-few-kinds"]),
        ("only small letters", ["too-few-kinds"]),
        ("smallletters123", ["too-few-kinds"]),
        ("Wang.Wei-2027-x", ["holds-login"]),
        ("aawang.wei", ["too-few-kinds", "holds-login"]),
        ("ｗａｎｇ．ｗｅｉ12Ab", ["holds-login"]),
        ("x", ["too-short", "too-few-kinds"]),
    ],
)
async def test_a_weak_password_is_refused_with_its_reasons(
    api: httpx.AsyncClient, planner: dict[str, str], password: str, reasons: list[str]
) -> None:
    answer = await changed(api, planner, FIRST, password)
    assert answer.status_code == 422
    assert answer.json()["type"] == "/problems/weak-password"
    assert answer.json()["reasons"] == reasons


@pytest.mark.parametrize("password", ["Abcdefgh12", "abcdefg-12", "云川反诈中心守护Ab1群众"])
async def test_ten_characters_of_three_kinds_are_enough(
    api: httpx.AsyncClient, planner: dict[str, str], password: str
) -> None:
    assert (await changed(api, planner, FIRST, password)).status_code == 204


async def test_the_last_five_passwords_are_not_taken_again(
    api: httpx.AsyncClient, planner: dict[str, str], clock: Clock
) -> None:
    used = [FIRST, *(f"Horse number {number}" for number in range(2, 6))]
    for old, new in pairwise(used):
        clock.now += timedelta(minutes=1)
        assert (await changed(api, planner, old, new)).status_code == 204
    for password in used:
        answer = await changed(api, planner, used[-1], password)
        assert answer.json()["reasons"] == ["used-before"], password
    clock.now += timedelta(minutes=1)
    assert (await changed(api, planner, used[-1], "Horse number 6")).status_code == 204
    assert (await changed(api, planner, "Horse number 6", FIRST)).status_code == 204, "the sixth last is free again"


async def test_only_the_change_the_profile_and_signing_out_are_open_before_a_given_password_is_changed(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    await make.account(world.city_id, "planner", login="newcomer", password=FIRST, must_change_password=True)
    headers = await signed_in(api, "newcomer", FIRST)
    profile = (await api.get("/api/me", headers=headers)).json()
    assert profile["must_change_password"] is True
    shut: set[tuple[str, str]] = set()
    for method, path in ACCESS:
        if "planner" not in ACCESS[method, path] or "stranger" in ACCESS[method, path]:
            continue
        if path == "/api/sign-out":
            continue
        answer = await api.request(method, filled(path), headers=headers, json=None if method == "GET" else {})
        if answer.status_code == 403 and answer.json()["type"] == "/problems/password-change-required":
            shut.add((method, path))
    there = {key for key, roles in ACCESS.items() if "planner" in roles and "stranger" not in roles}
    assert there - shut == {
        ("GET", "/api/me"),
        ("POST", "/api/me/password"),
        ("PUT", "/api/me/language"),
        ("POST", "/api/sign-out"),
    }
    assert (await changed(api, headers, FIRST, "Another horse 2")).status_code == 204
    assert (await api.get("/api/zones", headers=headers)).status_code == 200
    assert (await api.get("/api/me", headers=headers)).json()["must_change_password"] is False


async def test_fifty_guesses_at_the_present_password_at_once_are_five(clone: Database, clock: Clock) -> None:
    """A browser left open gives nobody the password."""
    make = Make(clone, clock.now)
    world = await make.world()
    planner = await make.planner(world.city_id)
    async with serving(clone, clock) as (api, _):
        answers = await asyncio.gather(
            *(changed(api, planner, f"wrong horse {n}", "Another horse 2") for n in range(30))
        )
    assert sorted(answer.status_code for answer in answers) == [422] * 5 + [429] * 25


async def test_the_right_password_wipes_no_failures_with_codes(api: httpx.AsyncClient, planner: dict[str, str]) -> None:
    """Else a known password would let somebody guess codes forever."""
    for _ in range(4):
        await api.post("/api/me/second-factor/remove", headers=planner, json={"code": "000000"})
    assert (await changed(api, planner, FIRST, "Another horse 2")).status_code == 204
    statuses = [
        (await api.post("/api/me/second-factor/remove", headers=planner, json={"code": "000000"})).status_code
        for _ in range(2)
    ]
    assert statuses == [422, 429]
