"""What was refused waits: retried by managers and by the server itself, settled once, and counted as long as it waits."""

from datetime import timedelta
from typing import Any

import httpx
import msgspec

from dispatch.database import Database
from tests.conftest import SETTINGS, Clock, serving
from tests.handouts.phone import Phone, kinds
from tests.handouts.test_visits import visit
from tests.make import Make, World
from tests.waiting import until

STATUS = "select status, settled_at from handout_refused order by refused_at, handout_id"


async def dismissed(api: httpx.AsyncClient, headers: dict[str, str], *records: dict[str, Any]) -> list[str]:
    body = {"handout_ids": [record["id"] for record in records]}
    answer = await api.post("/api/handouts/refused/dismiss", json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_waiting_records_are_retried_by_the_server_itself_whatever_fails_in_another_city(
    clone: Database, clock: Clock
) -> None:
    make = Make(clone, clock.now)
    worlds = [await make.world(city_id) for city_id in (96, 97, 98)]
    settings = msgspec.structs.replace(SETTINGS, refused_retry_seconds=1)
    waiting = "select city_id from handout_refused where status = 'waiting' order by city_id"
    async with serving(clone, clock, settings) as (api, _):
        for world in worlds:
            city, rider = world.city_id, world.riders[0]
            phone = Phone(world, rider, await make.rider_session(city, rider), make.now)
            assert kinds(await phone.sync(api, [phone.handout()])) == ["not-held"]
        assert [row["city_id"] for row in await make.fetch(waiting)] == [96, 97, 98]
        await make.fetch("alter table handout add constraint broken check (city_id <> 97) not valid")
        for world in worlds:
            await make.stock(world.city_id, world.campaign, world.material, "rider", world.riders[0], 10)

        async def only_the_failing_waits() -> bool:
            return [row["city_id"] for row in await make.fetch(waiting)] == [97]

        await until(only_the_failing_waits, "the records of the other cities are recorded")
        assert await make.value("select sum(copies)::int from handout") == 2
        await make.fetch("alter table handout drop constraint broken")

        async def none_waits() -> bool:
            return await make.fetch(waiting) == []

        await until(none_waits, "the server goes on after a failure")
    assert await make.value("select sum(copies)::int from handout") == 3


async def test_what_was_dismissed_stays_dismissed_when_the_record_is_recorded_after_all(
    api: httpx.AsyncClient, make: Make, world: World, clock: Clock
) -> None:
    phone = Phone(world, world.riders[0], await make.rider_session(99, world.riders[0]), make.now)
    handout, tried = phone.handout(), visit(phone)
    undo, undo_visit = phone.correction(handout["id"]), phone.correction(tried["id"])
    records = [handout, tried, undo, undo_visit]
    assert "recorded" not in kinds(await phone.sync(api, records))
    planner = await make.planner(99)
    assert sorted(await dismissed(api, planner, *records)) == sorted(record["id"] for record in records)
    before = await make.fetch(STATUS)
    assert [(row["status"], row["settled_at"]) for row in before] == [("dismissed", clock.now)] * 4
    await make.stock(99, world.campaign, world.material, "rider", phone.rider, 10)
    clock.now += timedelta(minutes=10)
    assert kinds(await phone.sync(api, records)) == ["recorded"] * 4
    assert await make.fetch(STATUS) == before


async def test_what_is_settled_is_not_dismissed(
    api: httpx.AsyncClient, make: Make, world: World, phone: Phone, clock: Clock
) -> None:
    record, left = phone.handout(copies=101), phone.handout(copies=500)
    await phone.sync(api, [record, left])
    planner = await make.planner(99)
    assert await dismissed(api, planner, left) == [left["id"]]
    await make.stock(99, world.campaign, world.material, "rider", phone.rider, 1)
    assert kinds(await phone.sync(api, [record])) == ["recorded"]
    before = await make.fetch(STATUS)
    clock.now += timedelta(minutes=10)
    assert await dismissed(api, planner, record, left) == []
    assert await make.fetch(STATUS) == before


async def test_a_dismissed_record_that_comes_again_stays_so_and_is_tried_no_more(
    api: httpx.AsyncClient, make: Make, world: World, phone: Phone
) -> None:
    record = phone.handout(copies=101)
    await phone.sync(api, [record])
    planner = await make.planner(99)
    await dismissed(api, planner, record)
    assert kinds(await phone.sync(api, [record])) == ["not-enough-stock"]
    assert await make.fetch("select status, tries from handout_refused") == [{"status": "dismissed", "tries": 1}]
    await make.stock(99, world.campaign, world.material, "rider", phone.rider, 1)
    assert (await api.post("/api/handouts/refused/take-up", headers=planner)).json()["tried"] == 0
    assert await make.value("select count(*) from handout") == 0


async def test_what_was_taken_up_waits_no_more_in_the_riders_own_day(
    api: httpx.AsyncClient, make: Make, world: World, phone: Phone
) -> None:
    async def waits() -> int:
        return (await api.get("/api/handouts/own-day", headers=phone.headers)).json()["waiting_refused"]

    taken, left, kept = (phone.handout(copies=copies) for copies in (101, 500, 600))
    await phone.sync(api, [taken, left, kept])
    colleague = Phone(world, world.riders[1], await make.rider_session(99, world.riders[1]), make.now)
    await colleague.sync(api, [colleague.handout()])
    assert await waits() == 3
    planner = await make.planner(99)
    await make.stock(99, world.campaign, world.material, "rider", phone.rider, 1)
    assert (await api.post("/api/handouts/refused/take-up", headers=planner)).json()["recorded"] == 1
    await dismissed(api, planner, left)
    assert await waits() == 1


async def test_waiting_records_are_tried_oldest_first_and_those_without_hope_not_at_all(
    api: httpx.AsyncClient, make: Make, world: World, phone: Phone, clock: Clock
) -> None:
    older = phone.handout(copies=110)
    await phone.sync(api, [older, phone.handout(copies=0)])
    clock.now += timedelta(minutes=10)
    younger = phone.handout(copies=105)
    await phone.sync(api, [younger])
    await make.stock(99, world.campaign, world.material, "rider", phone.rider, 10)
    answer = (await api.post("/api/handouts/refused/take-up", headers=await make.planner(99))).json()
    assert answer == {"tried": 2, "recorded": 1, "duplicates": 0, "still_refused": {"not-enough-stock": 1}}
    assert [str(row["handout_id"]) for row in await make.fetch("select handout_id from handout")] == [older["id"]]


async def test_an_outlet_or_a_firm_tries_and_dismisses_its_own_records_only(
    api: httpx.AsyncClient, make: Make, world: World, phone: Phone
) -> None:
    record = phone.handout(copies=101)
    await phone.sync(api, [record])
    await make.stock(99, world.campaign, world.material, "rider", phone.rider, 1)
    elsewhere = await make.campaign(99)
    strangers = [
        await make.firm_manager(99, world.partners[1]),
        await make.outlet_manager(99, world.partners[0], world.outlets[1]),
        await make.planner(await make.city(98)),
    ]
    before = await make.fetch("select * from handout_refused")
    for headers in strangers:
        assert (await api.post("/api/handouts/refused/take-up", headers=headers)).json()["tried"] == 0
        assert await dismissed(api, headers, record) == []
        assert (await api.get("/api/handouts/refused", headers=headers)).json() == []
    own = await make.outlet_manager(99, world.partners[0], world.outlets[0])
    other = await api.post(f"/api/handouts/refused/retry?campaign_id={elsewhere}", headers=own)
    assert other.json()["tried"] == 0
    assert await make.fetch("select * from handout_refused") == before
    named = await api.post(f"/api/handouts/refused/retry?campaign_id={world.campaign}", headers=own)
    assert named.json()["recorded"] == 1


async def test_a_rider_sees_the_own_refused_records_newest_first_by_their_status(
    api: httpx.AsyncClient, make: Make, world: World, phone: Phone, clock: Clock
) -> None:
    sent = list[str]()
    for _ in range(3):
        clock.now += timedelta(minutes=1)
        record = phone.handout(copies=101)
        sent.insert(0, record["id"])
        await phone.sync(api, [record])
    colleague = Phone(world, world.riders[1], await make.rider_session(99, world.riders[1]), make.now)
    await colleague.sync(api, [colleague.handout()])
    await dismissed(api, await make.planner(99), {"id": sent[1]})

    async def seen(query: str) -> list[str]:
        answer = await api.get(f"/api/handouts/refused{query}", headers=phone.headers)
        return [row["handout_id"] for row in answer.json()]

    assert await seen("") == [sent[0], sent[2]]
    assert await seen("?limit=1") == [sent[0]]
    assert await seen("?status=dismissed") == [sent[1]]
    assert await seen("?status=recorded_later") == []
    assert await seen(f"?campaign_id={world.campaign}") == [sent[0], sent[2]]
    assert await seen(f"?campaign_id={make.id()}") == []
