"""What an outlet or a partner's system reported and was refused waits for a person: it never counts by itself, it is
withdrawn by whoever sent it, and what is corrected counts once."""

from typing import Any

import httpx
import pytest

from dispatch.database import Database
from dispatch.database.ids import new_id
from dispatch.database.queries import Scope
from dispatch.handouts.refused import cities_waiting, retry_refused
from tests.handouts.phone import Phone, kinds
from tests.handouts.test_report import line, report
from tests.make import Make, World

WITHDRAW, CHOSEN, REFUSED = (f"/api/handouts/refused{end}" for end in ("/withdraw", "/retry-chosen", ""))
HANDED_OUT = "select coalesce(sum(copies), 0)::int from handout"
KEPT = "select handout_id::text, copies, status from handout_refused order by refused_at, copies"


@pytest.fixture
async def manager(make: Make, world: World) -> dict[str, str]:
    return await make.outlet_manager(world.city_id, world.partners[0], world.outlets[0])


async def more_stock(make: Make, world: World, copies: int = 1000) -> None:
    await make.stock(world.city_id, world.campaign, world.material, "outlet", world.outlets[0], copies)


async def withdrawn(api: httpx.AsyncClient, headers: dict[str, str], *records: dict[str, Any]) -> list[str]:
    answer = await api.post(WITHDRAW, json={"handout_ids": [record["id"] for record in records]}, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_refused_report_does_not_count_when_its_cause_goes(
    api: httpx.AsyncClient,
    make: Make,
    world: World,
    outlet: dict[str, Any],
    manager: dict[str, str],
    database: Database,
) -> None:
    typed, meant = line(make, outlet, copies=700), line(make, outlet, copies=10)
    assert kinds(await report(api, world, manager, [typed])) == ["not-enough-stock"]
    assert kinds(await report(api, world, manager, [meant])) == ["recorded"]
    await more_stock(make, world)
    assert await cities_waiting(database) == []
    assert (await retry_refused(database, Scope(city_id=99), make.now)).tried == 0
    planner = await make.planner(99)
    assert (await api.post("/api/handouts/refused/retry", headers=planner)).json()["tried"] == 0
    assert await make.value(HANDED_OUT) == 10


@pytest.mark.parametrize(
    "change",
    [{"copies": 501}, {"zone_code": "NONE"}, {"rider_code": "NONE"}, {"copies": 0}],
    ids=lambda each: next(iter(each)),
)
async def test_the_answer_to_a_report_says_that_it_waits_for_a_person_and_how_to_withdraw_it(
    api: httpx.AsyncClient,
    make: Make,
    world: World,
    outlet: dict[str, Any],
    manager: dict[str, str],
    change: dict[str, Any],
) -> None:
    (outcome,) = await report(api, world, manager, [line(make, outlet, **change)])
    assert outcome["waits_for"] == "person"
    detail = outcome["problem"]["detail"]
    assert "will not count by itself" in detail
    assert WITHDRAW in detail
    assert "counted then" not in detail


async def test_the_answer_to_a_phone_says_that_the_tap_is_counted_once_its_cause_is_gone(
    api: httpx.AsyncClient, phone: Phone
) -> None:
    late, hopeless = await phone.sync(api, [phone.handout(copies=101), phone.handout(copies=0)])
    assert (late["waits_for"], hopeless["waits_for"]) == ("cause", "person")
    assert "counted once the cause is gone" in late["problem"]["detail"]


async def test_what_its_sender_withdraws_is_kept_as_withdrawn_and_never_counts(
    api: httpx.AsyncClient,
    make: Make,
    world: World,
    outlet: dict[str, Any],
    manager: dict[str, str],
) -> None:
    record = line(make, outlet, copies=700)
    await report(api, world, manager, [record])
    assert await withdrawn(api, manager, record) == [record["id"]]
    assert await withdrawn(api, manager, record) == [record["id"]], "sending it again is harmless"
    await more_stock(make, world)
    chosen = await api.post(CHOSEN, json={"handout_ids": [record["id"]]}, headers=await make.planner(99))
    assert chosen.json()["tried"] == 0
    assert await make.value(HANDED_OUT) == 0
    kept = (await api.get(REFUSED, params={"status": "withdrawn"}, headers=manager)).json()
    assert [(row["handout_id"], row["copies"], row["waits_for"]) for row in kept] == [(record["id"], 700, None)]
    assert (await api.get(REFUSED, headers=manager)).json() == []


async def test_a_key_withdraws_what_it_sent_and_a_rotated_key_what_the_old_one_sent(
    api: httpx.AsyncClient,
    make: Make,
    world: World,
    outlet: dict[str, Any],
) -> None:
    system = await make.partner_system(99, world.partners[0])
    first, second = (line(make, outlet, copies=copies) for copies in (600, 700))
    await report(api, world, system, [first, second])
    assert await withdrawn(api, system, first) == [first["id"]]
    key_id = await make.value("select caller_id from handout_refused limit 1")
    owner = await make.firm_manager(99, world.partners[0])
    rotated = await api.post(f"/api/api-keys/{key_id}/rotate", json={"grace_hours": 1}, headers=owner)
    assert rotated.status_code == 201, rotated.text
    new = {"Authorization": f"Bearer {rotated.json()['key']}"}
    assert sorted(await withdrawn(api, new, first, second)) == sorted([first["id"], second["id"]])


async def test_nobody_withdraws_what_somebody_else_sent(
    api: httpx.AsyncClient,
    make: Make,
    world: World,
    outlet: dict[str, Any],
    manager: dict[str, str],
    phone: Phone,
) -> None:
    record, tap = line(make, outlet, copies=700), phone.handout(copies=101)
    await report(api, world, manager, [record])
    await phone.sync(api, [tap])
    before = await make.fetch("select * from handout_refused order by handout_id")
    others = [
        await make.outlet_manager(99, world.partners[0], world.outlets[0]),
        await make.firm_manager(99, world.partners[0]),
        await make.firm_manager(99, world.partners[1]),
        await make.partner_system(99, world.partners[0]),
    ]
    for headers in others:
        assert await withdrawn(api, headers, record, tap) == []
    assert await withdrawn(api, manager, tap) == [], "what a rider tapped is the rider's"
    assert await make.fetch("select * from handout_refused order by handout_id") == before


async def test_a_corrected_record_takes_the_place_of_the_refused_one(
    api: httpx.AsyncClient,
    make: Make,
    world: World,
    outlet: dict[str, Any],
    manager: dict[str, str],
) -> None:
    record = line(make, outlet, copies=700)
    for copies in (700, 650):
        assert kinds(await report(api, world, manager, [{**record, "copies": copies}])) == ["not-enough-stock"]
    assert [(row["copies"], row["status"]) for row in await make.fetch(KEPT)] == [(650, "waiting"), (700, "withdrawn")]
    assert kinds(await report(api, world, manager, [{**record, "copies": 15}])) == ["recorded"]
    assert {row["status"] for row in await make.fetch(KEPT)} == {"withdrawn"}
    await more_stock(make, world)
    await api.post(CHOSEN, json={"handout_ids": [record["id"]]}, headers=manager)
    assert await make.value(HANDED_OUT) == 15


async def test_a_report_that_is_sent_again_after_it_was_withdrawn_waits_again(
    api: httpx.AsyncClient,
    make: Make,
    world: World,
    outlet: dict[str, Any],
    manager: dict[str, str],
) -> None:
    record = line(make, outlet, copies=700)
    await report(api, world, manager, [record])
    await withdrawn(api, manager, record)
    await report(api, world, manager, [record])
    assert [row["status"] for row in await make.fetch(KEPT)] == ["waiting"]
    await more_stock(make, world)
    assert kinds(await report(api, world, manager, [record])) == ["recorded"]
    assert [row["status"] for row in await make.fetch(KEPT)] == ["recorded_later"]


async def test_a_managers_refused_correction_can_be_counted_after_all(
    api: httpx.AsyncClient,
    make: Make,
    world: World,
    outlet: dict[str, Any],
    manager: dict[str, str],
) -> None:
    record = line(make, outlet)
    await report(api, world, manager, [record])
    body = {"id": str(new_id(make.now)), "reason": "多报了", "copies": 121}
    path = f"/api/handouts/{record['id']}/correct"
    refused = (await api.post(path, json=body, headers=manager)).json()
    assert (refused["outcome"], refused["waits_for"]) == ("rejected", "person")
    await make.fetch("update handout_refused set record = jsonb_set(record, '{copies}', '20')")
    done = await api.post(CHOSEN, json={"handout_ids": [body["id"]]}, headers=manager)
    assert done.json() == {"tried": 1, "recorded": 1, "duplicates": 0, "still_refused": {}}
    assert await make.value(HANDED_OUT) == 100
