"""Visits without a handout: counted exactly once, by zone and day, and never mixed with what was handed out."""

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from dispatch.database import Database
from dispatch.database.ids import new_id
from tests.conftest import Clock, serving
from tests.handouts.phone import Phone, kinds
from tests.make import Make, World


def visit(phone: Phone, *, minutes_ago: float = 5, **more: Any) -> dict[str, Any]:
    """One visit in the first zone."""
    at = phone.now - timedelta(minutes=minutes_ago)
    return {
        "kind": "visit", "id": str(new_id(at)), "campaign_id": str(phone.world.campaign), "result": "declined", "visits": 1,
        "visited_at": at.isoformat(), "cell": f"{phone.world.cells[0][0]:x}", **more,
    }  # fmt: skip


async def doors(make: Make) -> dict[str, int]:
    """The same doors in both places that keep them."""
    rows = await make.value("select coalesce(sum(visits), 0)::int from visit")
    tally = await make.value("select coalesce(sum(visits), 0)::int from zone_visit_tally")
    return {"rows": rows, "tally": tally}


async def untouched(make: Make, phone: Phone) -> None:
    """No copy moved and nothing entered what coverage is read from."""
    quantity = await make.value("select quantity from stock_balance where holder_id = $1", phone.rider)
    assert quantity == 100
    for table in ("handout", "zone_tally", "zone_day_tally", "cell_tally", "cell_day_tally"):
        assert await make.value(f"select count(*) from {table}") == 0


async def test_a_visit_is_counted_once_and_takes_no_copies(
    api: httpx.AsyncClient, make: Make, world: World, phone: Phone
) -> None:
    records = [
        visit(phone),
        visit(phone, result="nobody_reached", visits=3),
        visit(phone, cell=None, zone_id=str(world.zones[1])),
    ]
    assert kinds(await phone.sync(api, records)) == ["recorded"] * 3
    assert kinds(await phone.sync(api, [*records, records[0]])) == ["duplicate"] * 4
    assert await doors(make) == {"rows": 5, "tally": 5}
    await untouched(make, phone)
    shown = await api.get(f"/api/campaigns/{world.campaign}/visits", headers=await make.planner(99))
    assert [(row["zone_name"], row["declined"], row["nobody_reached"]) for row in shown.json()] == [
        ("片区0", 1, 3),
        ("片区1", 1, 0),
    ]
    one = await api.get(
        f"/api/campaigns/{world.campaign}/visits?zone_id={world.zones[1]}", headers=await make.planner(99)
    )
    assert [row["zone_id"] for row in one.json()] == [str(world.zones[1])]


async def test_the_same_id_with_other_content_is_refused(api: httpx.AsyncClient, make: Make, phone: Phone) -> None:
    record, handout = visit(phone), phone.handout()
    assert kinds(await phone.sync(api, [record, handout])) == ["recorded"] * 2
    changed = [{**record, "result": "nobody_reached"}, {**record, "visits": 2}, visit(phone, id=handout["id"])]
    assert kinds(await phone.sync(api, changed)) == ["handout-changed"] * 3
    assert await doors(make) == {"rows": 1, "tally": 1}


async def test_a_visit_is_undone_by_a_linked_correction(
    api: httpx.AsyncClient, make: Make, world: World, phone: Phone
) -> None:
    earlier, both = visit(phone, visits=4), visit(phone, result="nobody_reached")
    await phone.sync(api, [earlier])
    part, rest = phone.correction(earlier["id"], copies=1), phone.correction(earlier["id"])
    undo = phone.correction(both["id"])
    assert kinds(await phone.sync(api, [part, both, undo])) == ["recorded"] * 3
    assert await doors(make) == {"rows": 3, "tally": 3}
    assert kinds(await phone.sync(api, [rest, part, undo, phone.correction(earlier["id"])])) == [
        "recorded", "duplicate", "duplicate", "nothing-to-correct",
    ]  # fmt: skip
    assert await doors(make) == {"rows": 0, "tally": 0}
    shown = await api.get(f"/api/campaigns/{world.campaign}/visits", headers=await make.planner(99))
    assert shown.json() == []
    await untouched(make, phone)


async def test_nobody_takes_back_anothers_visit(api: httpx.AsyncClient, make: Make, world: World, phone: Phone) -> None:
    record = visit(phone)
    await phone.sync(api, [record])
    await make.stock(99, world.campaign, world.material, "rider", world.riders[1], 10)
    colleague = Phone(world, world.riders[1], await make.rider_session(99, world.riders[1]), make.now)
    assert kinds(await colleague.sync(api, [colleague.correction(record["id"])])) == ["unknown-handout"]
    assert kinds(await colleague.sync(api, [record])) == ["handout-changed"]
    assert await doors(make) == {"rows": 1, "tally": 1}


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"visits": 0}, "invalid-request"),
        ({"visits": 51}, "invalid-request"),
        ({"result": "moved"}, "invalid-request"),
        ({"address": "3-502"}, "invalid-request"),
        ({"cell": None}, "zone-missing"),
        ({"cell": "8931aa5a9c3ffff"}, "outside-zones"),
        ({"cell": "89fffffffffffff"}, "not-a-cell"),
        ({"id": "3f0c8e1e-5d0e-4c1d-9a53-2f1f6a4e7b11"}, "id-not-version-7"),
        ({"visited_at": "2027-04-20T03:00:00+00:00"}, "clock-ahead"),
        ({"visited_at": "2026-04-20T02:00:00+00:00"}, "outside-campaign"),
        ({"campaign_id": "0198b6f0-0000-7000-8000-000000000000"}, "not-held"),
    ],
)
async def test_what_cannot_be_is_refused_and_kept(
    api: httpx.AsyncClient, make: Make, phone: Phone, change: dict[str, Any], problem: str
) -> None:
    assert kinds(await phone.sync(api, [visit(phone, **change), visit(phone)])) == [problem, "recorded"]
    assert await doors(make) == {"rows": 1, "tally": 1}
    assert [row["problem"] for row in await make.fetch("select problem from handout_refused")] == [problem]


@pytest.mark.parametrize(
    ("at", "verdict"),
    [
        ("2027-03-14T15:59:59+00:00", "outside-campaign"),
        ("2027-03-14T16:00:00+00:00", "recorded"),  # the first instant of 15 March in Yunchuan
        ("2027-06-22T15:59:59+00:00", "recorded"),
        ("2027-06-22T16:00:00+00:00", "outside-campaign"),
    ],
)
async def test_a_visit_on_the_first_and_on_the_last_day_counts(
    api: httpx.AsyncClient, make: Make, phone: Phone, clock: Clock, at: str, verdict: str
) -> None:
    clock.now = max(clock.now, datetime.fromisoformat(at))
    record = visit(phone, id=str(new_id(datetime.fromisoformat(at))), visited_at=at)
    assert kinds(await phone.sync(api, [record])) == [verdict]
    count = int(verdict == "recorded")
    assert await doors(make) == {"rows": count, "tally": count}


async def test_a_correction_of_a_visit_keeps_to_the_clock(api: httpx.AsyncClient, make: Make, phone: Phone) -> None:
    record = visit(phone)
    await phone.sync(api, [record])
    ahead = phone.now + timedelta(hours=1)
    undo = phone.correction(record["id"], corrected_at=ahead.isoformat())
    assert kinds(await phone.sync(api, [undo])) == ["clock-ahead"]
    assert await doors(make) == {"rows": 1, "tally": 1}


async def test_a_refused_visit_is_recorded_later_when_its_cause_is_gone(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    rider = world.riders[0]
    phone = Phone(world, rider, await make.rider_session(99, rider), make.now)
    record = visit(phone)
    undo = phone.correction(record["id"])
    assert kinds(await phone.sync(api, [record, undo])) == ["not-held", "unknown-handout"]
    await make.stock(99, world.campaign, world.material, "rider", rider, 100)
    taken = await api.post("/api/handouts/refused/retry", headers=await make.planner(99))
    assert taken.json()["recorded"] == 2
    assert await doors(make) == {"rows": 0, "tally": 0}
    assert await make.value("select count(*) from visit") == 2


async def test_a_district_counts_its_own_zones(api: httpx.AsyncClient, make: Make, world: World, phone: Phone) -> None:
    await make.fetch("update zone set division_code = '990102' where zone_id = $1", world.zones[1])
    await phone.sync(api, [visit(phone), visit(phone, cell=None, zone_id=str(world.zones[1]))])
    headers = await make.planner(99, division_code="990102")
    shown = await api.get(f"/api/campaigns/{world.campaign}/visits", headers=headers)
    assert [row["zone_id"] for row in shown.json()] == [str(world.zones[1])]


async def test_a_call_without_visits_asks_nothing_about_them(clone: Database, clock: Clock) -> None:
    """The statement for visits is sent only when a call holds one."""
    make = Make(clone, clock.now)
    world = await make.world()
    rider = world.riders[0]
    await make.stock(99, world.campaign, world.material, "rider", rider, 100)
    phone = Phone(world, rider, await make.rider_session(99, rider), make.now)
    async with clone.read() as connection:
        await connection.execute("alter table visit rename to visit_away")
    async with serving(clone, clock) as (api, _):
        first = phone.handout()
        assert kinds(await phone.sync(api, [first, phone.correction(first["id"])])) == ["recorded"] * 2
        assert kinds(await phone.sync(api, [phone.handout(), first])) == ["recorded", "duplicate"]
