"""`dispatch user`: the first planner, and the way back in."""

import io
from datetime import UTC, datetime

import httpx
import msgspec
import pytest

from dispatch.__main__ import main
from dispatch.commands.connection import kept_in
from dispatch.commands.imports import next_steps
from dispatch.commands.serve import opened
from dispatch.database import Database
from tests.conftest import SETTINGS, Clock, serving
from tests.make import Make


async def run(
    monkeypatch: pytest.MonkeyPatch, database: Database, password: str, *arguments: str, command: str = "user"
) -> int:
    """The command's exit status."""
    import asyncio

    monkeypatch.setenv("DISPATCH_DATABASE_URL", database.url)
    monkeypatch.setenv("DISPATCH_SECRET", SETTINGS.secret)
    monkeypatch.setattr("sys.stdin", io.StringIO(password + "\n"))

    def work() -> int:
        with pytest.raises(SystemExit) as ended:
            main([command, *arguments])
        return int(ended.value.code or 0)

    return await asyncio.to_thread(work)


async def entered(api: httpx.AsyncClient, password: str) -> httpx.Response:
    api.cookies.clear()
    return await api.post("/api/sign-in", json={"kind": "password", "login": "wang", "password": password})


async def test_the_first_planner_is_made_and_let_back_in(
    monkeypatch: pytest.MonkeyPatch, clone: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = Clock(datetime.now(UTC))
    make = Make(clone, clock.now)
    await make.city(99)
    assert await run(monkeypatch, clone, "weak", "create", "wang", "--city", "99") == 1
    assert await run(monkeypatch, clone, "First horse 1", "create", "wang", "--city", "98") == 1
    assert "no city 98" in capsys.readouterr().err
    assert await run(monkeypatch, clone, "First horse 1", "create", "wang", "--city", "99") == 0
    assert await run(monkeypatch, clone, "Other horse 1", "create", "wang", "--city", "99") == 1
    async with serving(clone, clock) as (api, _):
        first = await entered(api, "First horse 1")
        assert (first.json()["role"], first.json()["must_change_password"]) == ("planner", True)
        for _ in range(5):
            await entered(api, "wrong horse 12")
        assert (await entered(api, "First horse 1")).status_code == 429
        await make.fetch("delete from sign_in_attempt where kind = 'address'")
        assert await run(monkeypatch, clone, "Second horse 2", "reset", "wang", "--city", "99") == 0
        headers = {"authorization": f"Bearer {first.json()['token']}"}
        assert (await api.get("/api/me", headers=headers)).status_code == 401, "sessions of before have ended"
        assert (await entered(api, "Second horse 2")).json()["must_change_password"] is True
    assert await run(monkeypatch, clone, "Second horse 2", "reset", "nobody", "--city", "99") == 1


async def test_the_planner_made_with_a_city_is_held_to_the_same_rules_and_made_once(
    monkeypatch: pytest.MonkeyPatch, clone: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    city = ("city", "--city", "7", "--code", "77", "--name", "某市", "--planner")
    for password, login, said in (
        ("weakpassword", "wang", "three kinds"),
        ("First horse 1", "wang ", "cannot be a login"),
    ):
        assert await run(monkeypatch, clone, password, *city, login, command="import") == 1
        assert said in capsys.readouterr().err
    assert await run(monkeypatch, clone, "First horse 1", *city, "wang", command="import") == 0
    said = capsys.readouterr().out
    for needed in (
        "某市",
        "已建立",
        "made",
        "uv run dispatch serve",
        "http://127.0.0.1:8000/",
        "wang",
        "PostgreSQL",
        "演示",
    ):
        assert needed in said, f"who made a city is not told of {needed}"
    assert "First horse 1" not in said
    assert await run(monkeypatch, clone, "Other horse 1", *city, "wang", command="import") == 0
    assert "keeps the password" in capsys.readouterr().out
    assert await run(monkeypatch, clone, "First horse 1", "create", "王 伟", "--city", "7") == 1
    async with serving(clone, Clock(datetime.now(UTC))) as (api, _):
        assert (await entered(api, "Other horse 1")).status_code == 401
        assert (await entered(api, "First horse 1")).json()["must_change_password"] is True


async def test_a_districts_planner_is_made_where_the_city_has_zones_and_nowhere_else(
    monkeypatch: pytest.MonkeyPatch, clone: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    make = Make(clone, datetime.now(UTC))
    await make.city(99)
    await make.zone(99, 0, division_code="220202001000")
    arguments = ("create", "wang", "--city", "99", "--district")
    assert await run(monkeypatch, clone, "First horse 1", *arguments, "440305") == 1
    assert "No zone of the city has this division code" in capsys.readouterr().err
    assert await make.fetch("select login from account") == []
    assert await run(monkeypatch, clone, "First horse 1", *arguments, "220202") == 0
    assert await make.fetch("select login, division_code from account") == [
        {"login": "wang", "division_code": "220202"}
    ]


@pytest.mark.parametrize(
    ("url", "data", "place"),
    [
        ("", "/srv/city", "/srv/city/postgres"),
        ("postgresql://dispatch:secret@db.example:5433/city", ".dispatch", "PostgreSQL db.example:5433/city"),
        ("postgresql://dispatch:secret@db.example/city", ".dispatch", "PostgreSQL db.example/city"),
    ],
)
def test_a_command_says_where_the_data_lies_and_never_the_password(
    monkeypatch: pytest.MonkeyPatch, url: str, data: str, place: str
) -> None:
    monkeypatch.setenv("DISPATCH_DATABASE_URL", url)
    monkeypatch.setenv("DISPATCH_SECRET", SETTINGS.secret)
    settings = msgspec.structs.replace(SETTINGS, data=data)
    assert kept_in(settings) == place
    assert place in opened("http://127.0.0.1:8000/", kept_in(settings))


def test_a_city_without_a_planner_is_told_to_make_one() -> None:
    assert "uv run dispatch user create boss --city 7" in next_steps(7, None, "/srv/city", "http://127.0.0.1:8000/")
