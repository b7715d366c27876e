"""What a phone is answered: the rider's figures with the call in them, the same as the own day has."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from dispatch.database import Database
from dispatch.handouts import own_days
from dispatch.handouts.own_days import OwnDays
from tests.conftest import Clock, serving
from tests.handouts.phone import Phone
from tests.make import Make, World

FIGURES = ("rider_id", "day", "handed_out", "holdings", "waiting_refused")


async def sync(api: httpx.AsyncClient, phone: Phone, *records: dict[str, Any]) -> dict[str, Any]:
    answer = await api.post("/api/handouts/sync", json={"records": list(records)}, headers=phone.headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def own_day(api: httpx.AsyncClient, phone: Phone) -> dict[str, Any]:
    return (await api.get("/api/handouts/own-day", headers=phone.headers)).json()


async def test_the_answer_to_a_sync_has_the_figures_with_this_call_in_them(
    api: httpx.AsyncClient, phone: Phone
) -> None:
    first = phone.handout(copies=3)
    answer = await sync(api, phone, first, phone.handout(copies=2))
    before = await own_day(api, phone)
    assert answer["own_day"] == {name: before[name] for name in FIGURES}
    assert (answer["own_day"]["rider_id"], answer["own_day"]["handed_out"]) == (str(phone.rider), 5)
    # A repetition changes nothing, and says the same.
    assert (await sync(api, phone, first))["own_day"] == answer["own_day"]
    undone = await sync(api, phone, phone.correction(first["id"]))
    assert undone["own_day"]["handed_out"] == 2
    assert undone["own_day"]["holdings"][0]["quantity"] == answer["own_day"]["holdings"][0]["quantity"] + 3


async def test_a_refused_record_is_in_no_figure_but_that_of_what_waits(api: httpx.AsyncClient, phone: Phone) -> None:
    held = (await own_day(api, phone))["holdings"][0]["quantity"]
    answer = await sync(api, phone, phone.handout(copies=held + 1), phone.handout(copies=1))
    assert [each["outcome"] for each in answer["outcomes"]] == ["rejected", "recorded"]
    assert (answer["own_day"]["handed_out"], answer["own_day"]["waiting_refused"]) == (1, 1)
    assert answer["own_day"]["holdings"][0]["quantity"] == held - 1


async def test_the_figures_are_of_the_citys_day_and_of_a_rider_who_holds_nothing_too(
    api: httpx.AsyncClient, phone: Phone, clock: Clock, make: Make
) -> None:
    assert (await sync(api, phone, phone.handout(copies=3)))["own_day"]["handed_out"] == 3
    clock.now += timedelta(days=1)
    tomorrow = await sync(api, phone)
    assert (tomorrow["own_day"]["handed_out"], tomorrow["outcomes"]) == (0, [])
    await make.fetch("delete from stock_balance where holder_id = $1", phone.rider)
    assert (await sync(api, phone))["own_day"]["holdings"] == []


async def test_a_report_has_no_riders_figures(api: httpx.AsyncClient, make: Make, world: World) -> None:
    manager = await make.firm_manager(99, world.partners[0])
    body: dict[str, Any] = {"campaign_id": str(world.campaign), "records": []}
    answer = await api.post("/api/handouts/report", json=body, headers=manager)
    assert answer.status_code == 200, answer.text
    assert "own_day" not in answer.json()


async def test_figures_that_cannot_be_read_never_undo_what_was_recorded(
    api: httpx.AsyncClient, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:

        async def fail(*_: object) -> None:
            raise TimeoutError

        broken.setattr(own_days, "read_figures", fail)
        answer = await sync(api, phone, phone.handout(copies=2))
    assert (answer["outcomes"][0]["outcome"], answer["own_day"]) == ("recorded", None)
    assert (await own_day(api, phone))["handed_out"] == 2


async def test_riders_who_ask_at_the_same_time_are_read_together_each_with_the_own_figures(
    database: Database, api: httpx.AsyncClient, phone: Phone, make: Make, world: World, clock: Callable[[], Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    others = [await make.rider(99, world.outlets[0]) for _ in range(20)]
    await sync(api, phone, phone.handout(copies=4))
    readings: list[int] = []
    read = own_days.read_figures

    async def counted(connection: Any, city_id: int, rider_ids: Any, now: Any) -> Any:
        readings.append(len(rider_ids))
        return await read(connection, city_id, rider_ids, now)

    monkeypatch.setattr(own_days, "read_figures", counted)
    days = OwnDays(database, clock)
    asked = [phone.rider, *others, phone.rider]
    figures = await asyncio.gather(*(days.figures(99, rider) for rider in asked))
    assert [each and each.rider_id for each in figures] == asked
    assert [each and each.handed_out for each in figures] == [4, *[0] * 20, 4]
    assert readings == [22]


async def test_the_list_and_the_figure_of_a_day_are_of_one_instant(
    clone: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = Make(clone, clock.now)
    world = await make.world()
    rider = world.riders[0]
    await make.stock(99, world.campaign, world.material, "rider", rider, 100)
    phone = Phone(world, rider, await make.rider_session(99, rider), make.now)
    async with serving(clone, clock) as (api, _):
        await sync(api, phone, phone.handout(copies=1))
        read = own_days.read_figures

        async def then_a_handout_arrives(*arguments: Any) -> Any:
            figures = await read(*arguments)
            monkeypatch.setattr(own_days, "read_figures", read)
            await sync(api, phone, phone.handout(copies=2))
            return figures

        monkeypatch.setattr(own_days, "read_figures", then_a_handout_arrives)
        day = await own_day(api, phone)
        assert (day["handed_out"], [each["copies"] for each in day["handouts"]]) == (1, [1])
        assert sorted(each["copies"] for each in (await own_day(api, phone))["handouts"]) == [1, 2]
