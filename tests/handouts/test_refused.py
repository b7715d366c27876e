"""Refused records wait, are judged again, settle; programs that use the former words are served until they change."""

import shutil
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from uuid import uuid4

import httpx

from dispatch.database import connect
from dispatch.database.migrate import FOLDER, migrate
from tests.conftest import NOW, execute, with_database
from tests.handouts.phone import Phone, kinds
from tests.make import Make, World

FORMER, RETRY, REFUSED = "/api/handouts/refused/take-up", "/api/handouts/refused/retry", "/api/handouts/refused"


async def test_the_former_address_does_the_same_and_says_until_when(
    api: httpx.AsyncClient, make: Make, world: World, phone: Phone
) -> None:
    assert kinds(await phone.sync(api, [phone.handout(copies=101)])) == ["not-enough-stock"]
    await make.stock(world.city_id, world.campaign, world.material, "rider", phone.rider, 1)
    planner = await make.planner(99)
    answer = await api.post(FORMER, headers=planner)
    assert answer.json() == {"tried": 1, "recorded": 1, "duplicates": 0, "still_refused": {}}
    since = datetime.fromtimestamp(int(answer.headers["deprecation"].removeprefix("@")), tz=NOW.tzinfo)
    assert since.isoformat() == "2026-12-01T00:00:00+00:00"
    assert parsedate_to_datetime(answer.headers["sunset"]).isoformat() == "2027-06-01T00:00:00+00:00"
    now = await api.post(RETRY, headers=planner)
    assert now.json()["tried"] == 0
    assert not {"deprecation", "sunset"} & set(now.headers)


async def test_the_former_word_for_recorded_later_still_finds_the_records(
    api: httpx.AsyncClient, make: Make, world: World, phone: Phone
) -> None:
    record = phone.handout(copies=101)
    await phone.sync(api, [record, phone.handout(copies=102)])
    await make.stock(world.city_id, world.campaign, world.material, "rider", phone.rider, 1)
    await phone.sync(api, [record])
    planner = await make.planner(99)
    found = [
        (await api.get(REFUSED, params={"status": status}, headers=planner)).json()
        for status in ("recorded_later", "taken_up", "dismissed")
    ]
    assert [(row["handout_id"], row["status"]) for row in found[0]] == [(record["id"], "recorded_later")]
    assert found[1:] == [found[0], []]
    assert len((await api.get(REFUSED, headers=planner)).json()) == 1


async def test_records_of_the_former_status_become_recorded_later(server_url: str, tmp_path: Path) -> None:
    name = f"before_{uuid4().hex[:8]}"
    await execute(server_url, f'create database "{name}"')
    url = with_database(server_url, name)
    for path in FOLDER.glob("*.sql"):
        if path.name < "0025":
            shutil.copy(path, tmp_path)
    await migrate(url, tmp_path)
    connection = await connect(url)
    try:
        for number, status in enumerate(("waiting", "taken_up", "dismissed")):
            await connection.execute(
                "insert into handout_refused (city_id, handout_id, content_digest, entry, caller_role, caller_id, record, problem,"
                " detail, refused_at, status, settled_at) values (99, $1, 'x', 'sync', 'rider', $1, '{}', 'not-held', '', $2, $3, $4)",
                uuid4(), NOW, status, None if number == 0 else NOW,
            )  # fmt: skip
        await migrate(url)
        rows = await connection.fetch("select status, count(*) from handout_refused group by status order by status")
        assert [tuple(row) for row in rows] == [("dismissed", 1), ("recorded_later", 1), ("waiting", 1)]
    finally:
        await connection.close()
        await execute(server_url, f'drop database "{name}"')
