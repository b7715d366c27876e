"""Outlets report for couriers who never open an app; firms' systems post in bulk. Same judge, same ledger."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from dispatch.database.ids import new_id
from tests.handouts.phone import kinds
from tests.make import Make, World


def line(make: Make, codes: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "id": str(new_id(make.now)), "material_code": codes["material"], "channel": "with_parcel", "copies": 120,
        "outlet_code": codes["outlet"], "zone_code": codes["zone"], "day": "2027-04-19", **more,
    }  # fmt: skip


async def report(
    api: httpx.AsyncClient, world: World, headers: dict[str, str], records: list[Any]
) -> list[dict[str, Any]]:
    body = {"campaign_id": str(world.campaign), "records": records}
    answer = await api.post("/api/handouts/report", json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()["outcomes"]


async def test_an_outlet_reports_by_zone_material_and_day(
    api: httpx.AsyncClient, make: Make, world: World, outlet: dict[str, Any]
) -> None:
    headers = await make.outlet_manager(world.city_id, world.partners[0], world.outlets[0])
    record = line(make, outlet)
    assert kinds(await report(api, world, headers, [record, record])) == ["recorded", "duplicate"]
    row = (await make.fetch("select zone_id, day, copies, cell, holder_kind from handout"))[0]
    assert (row["zone_id"], str(row["day"]), row["copies"], row["cell"], row["holder_kind"]) == (
        world.zones[1],
        "2027-04-19",
        120,
        None,
        "outlet",
    )
    assert await make.value("select quantity from stock_balance where holder_id = $1", world.outlets[0]) == 380


async def test_an_outlet_manager_need_not_name_the_outlet_but_a_firms_system_must(
    api: httpx.AsyncClient, make: Make, world: World, outlet: dict[str, Any]
) -> None:
    manager = await make.outlet_manager(world.city_id, world.partners[0], world.outlets[0])
    system = await make.partner_system(world.city_id, world.partners[0])
    assert kinds(await report(api, world, manager, [line(make, outlet, outlet_code=None)])) == ["recorded"]
    assert kinds(await report(api, world, system, [line(make, outlet, outlet_code=None)])) == ["unknown-code"]
    assert kinds(await report(api, world, system, [line(make, outlet)])) == ["recorded"]


async def test_copies_named_for_a_rider_come_from_the_riders_hands(
    api: httpx.AsyncClient, make: Make, world: World, outlet: dict[str, Any]
) -> None:
    await make.stock(world.city_id, world.campaign, world.material, "rider", world.riders[0], 30)
    system = await make.partner_system(world.city_id, world.partners[0])
    sent = [line(make, outlet, rider_code=outlet["rider"], outlet_code=None, copies=copies) for copies in (20, 20)]
    assert kinds(await report(api, world, system, sent)) == ["recorded", "not-enough-stock"]
    assert await make.value("select quantity from stock_balance where holder_id = $1", world.riders[0]) == 10


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"material_code": "NONE"}, "unknown-code"), ({"zone_code": "NONE"}, "unknown-zone"), ({"rider_code": "NONE"}, "unknown-code"),
        ({"day": None}, "time-missing"), ({"day": "2027-05-01"}, "clock-ahead"), ({"day": "2026-05-01"}, "outside-campaign"),
        ({"zone_code": None}, "zone-missing"), ({"copies": 0}, "invalid-request"), ({"copies": 10**9}, "invalid-request"),
        ({"copies": 501}, "not-enough-stock"), ({"day": "2027-02-30"}, "invalid-request"),
    ],
)  # fmt: skip
async def test_a_line_that_cannot_be_refuses_only_itself(
    api: httpx.AsyncClient, make: Make, world: World, outlet: dict[str, Any], change: dict[str, Any], problem: str
) -> None:
    system = await make.partner_system(world.city_id, world.partners[0])
    assert kinds(await report(api, world, system, [line(make, outlet, **change), line(make, outlet)])) == [
        problem,
        "recorded",
    ]
    assert await make.value("select quantity from stock_balance where holder_id = $1", world.outlets[0]) == 380


async def test_another_firms_outlet_rider_or_another_citys_campaign_mean_nothing(
    api: httpx.AsyncClient, make: Make, world: World, outlet: dict[str, Any]
) -> None:
    foreign = await make.partner_system(world.city_id, world.partners[1])
    sent = [line(make, outlet), line(make, outlet, rider_code=outlet["rider"])]
    assert kinds(await report(api, world, foreign, sent)) == ["unknown-code", "unknown-code"]
    other_outlet = await make.outlet_manager(world.city_id, world.partners[0], world.outlets[1])
    assert kinds(await report(api, world, other_outlet, [line(make, outlet)])) == ["unknown-code"]
    other = await make.world(98)
    elsewhere = await make.partner_system(98, other.partners[0])
    answer = await api.post(
        "/api/handouts/report",
        json={"campaign_id": str(world.campaign), "records": [line(make, outlet)]},
        headers=elsewhere,
    )
    assert kinds(answer.json()["outcomes"]) == ["unknown-code"]
    assert await make.value("select count(*) from handout") == 0


async def test_a_refused_report_is_recorded_later_only_when_a_person_names_it(
    api: httpx.AsyncClient, make: Make, world: World, outlet: dict[str, Any]
) -> None:
    system = await make.partner_system(world.city_id, world.partners[0])
    manager = await make.firm_manager(world.city_id, world.partners[0])
    record = line(make, outlet, copies=700)
    assert kinds(await report(api, world, system, [record])) == ["not-enough-stock"]
    await make.stock(world.city_id, world.campaign, world.material, "outlet", world.outlets[0], 200)
    unasked = await api.post("/api/handouts/refused/retry", headers=manager)
    assert unasked.json() == {"tried": 0, "recorded": 0, "duplicates": 0, "still_refused": {}}
    chosen = {"handout_ids": [record["id"]]}
    assert (await api.post("/api/handouts/refused/retry-chosen", json=chosen, headers=manager)).json()["recorded"] == 1
    assert kinds(await report(api, world, system, [record])) == ["duplicate"]
    again = await api.post("/api/handouts/refused/retry-chosen", json=chosen, headers=manager)
    assert again.json()["tried"] == 0, "what is settled is not tried"


@pytest.mark.parametrize(("on_its_way", "verdict"), [(1000, "not-enough-stock"), (1, "recorded")])
async def test_what_is_on_its_way_to_an_outlet_is_not_yet_its_to_hand_out(
    api: httpx.AsyncClient, make: Make, world: World, outlet: dict[str, Any], on_its_way: int, verdict: str
) -> None:
    await make.stock(world.city_id, world.campaign, world.material, "transit", world.outlets[0], on_its_way)
    system = await make.partner_system(world.city_id, world.partners[0])
    copies = 501 if verdict == "not-enough-stock" else 500
    assert kinds(await report(api, world, system, [line(make, outlet, copies=copies)])) == [verdict]
    left = await make.fetch("select holder_kind, quantity::int from stock_balance order by holder_kind")
    assert [(row["holder_kind"], row["quantity"]) for row in left if row["holder_kind"] != "printer"] == [
        ("outlet", 500 if verdict == "not-enough-stock" else 0),
        ("transit", on_its_way),
    ]


async def test_a_correction_is_not_corrected(
    api: httpx.AsyncClient, make: Make, world: World, outlet: dict[str, Any]
) -> None:
    own = await make.firm_manager(world.city_id, world.partners[0])
    record = line(make, outlet)
    await report(api, world, own, [record])
    first = {"id": str(new_id(make.now)), "reason": "多报了", "copies": 20}
    assert (await api.post(f"/api/handouts/{record['id']}/correct", json=first, headers=own)).status_code == 200
    again = {"id": str(new_id(make.now)), "reason": "又点错了", "copies": 1}
    refused = await api.post(f"/api/handouts/{first['id']}/correct", json=again, headers=own)
    assert (refused.status_code, refused.json()["type"]) == (404, "/problems/not-found")
    assert await make.value("select count(*) from handout_refused") == 0, "nothing is kept to be tried again"
    assert await make.value("select quantity from stock_balance where holder_id = $1", world.outlets[0]) == 400


async def test_rows_come_newest_first_and_pages_miss_nothing(
    api: httpx.AsyncClient, make: Make, world: World, outlet: dict[str, Any]
) -> None:
    own = await make.firm_manager(world.city_id, world.partners[0])
    made = [line(make, outlet, id=str(new_id(make.now - timedelta(minutes=n))), copies=1) for n in range(7)]
    await report(api, world, own, made[::-1])
    seen = list[str]()
    query: dict[str, Any] = {"limit": 2}
    while page := (await api.get(f"/api/campaigns/{world.campaign}/handouts", params=query, headers=own)).json():
        seen += [row["handout_id"] for row in page]
        query["before"] = seen[-1]
    assert seen == [record["id"] for record in made]


async def test_a_manager_corrects_handouts_of_the_managers_own_firm_only(
    api: httpx.AsyncClient, make: Make, world: World, outlet: dict[str, Any]
) -> None:
    own = await make.firm_manager(world.city_id, world.partners[0])
    other = await make.firm_manager(world.city_id, world.partners[1])
    record = line(make, outlet)
    await report(api, world, own, [record])
    body = {"id": str(new_id(make.now)), "reason": "多报了", "copies": 20}
    refused = await api.post(f"/api/handouts/{record['id']}/correct", json=body, headers=other)
    assert (refused.status_code, refused.json()["type"]) == (404, "/problems/not-found")
    assert await make.value("select quantity from stock_balance where holder_id = $1", world.outlets[0]) == 380
    done = await api.post(f"/api/handouts/{record['id']}/correct", json=body, headers=own)
    again = await api.post(f"/api/handouts/{record['id']}/correct", json=body, headers=own)
    assert (done.json()["outcome"], again.json()["outcome"]) == ("recorded", "duplicate")
    seen = (await api.get(f"/api/campaigns/{world.campaign}/handouts", headers=own)).json()
    assert sorted((row["copies"], row["corrected"]) for row in seen) == [(-20, 0), (120, 20)]
    assert (await api.get(f"/api/campaigns/{world.campaign}/handouts", headers=other)).json() == []
    assert await make.value("select quantity from stock_balance where holder_id = $1", world.outlets[0]) == 400
