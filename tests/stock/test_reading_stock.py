"""Reading the ledger: everybody sees their own, pages miss nothing, and every printed copy is somewhere."""

import csv
import io
from datetime import timedelta
from typing import Any

import httpx
import pytest

from dispatch.database import new_id
from tests.conftest import Clock
from tests.make import Make, World
from tests.stock.ledger import Codes, move, send


async def balances(api: httpx.AsyncClient, world: World, headers: dict[str, str], **query: Any) -> list[Any]:
    answer = await api.get(f"/api/campaigns/{world.campaign}/stock/balances", params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    return [(b["holder_kind"], b["holder_code"], b["copies"]) for b in answer.json()["balances"]]


async def test_everybody_sees_the_balances_of_their_own(
    api: httpx.AsyncClient, make: Make, stocked: World, codes: Codes
) -> None:
    world = stocked
    await make.stock(world.city_id, world.campaign, world.material, "rider", world.riders[4], 7)
    await make.stock(world.city_id, world.campaign, world.material, "transit", world.outlets[1], 40)
    depot, outlet = ("depot", codes[world.depot], 1000), ("outlet", codes[world.outlets[0]], 500)
    rider, other = ("rider", codes[world.riders[0]], 60), ("rider", codes[world.riders[4]], 7)
    coming, printer = ("transit", codes[world.outlets[1]], 40), ("printer", "", -1607)
    seen = [
        (await make.planner(world.city_id), {depot, outlet, printer, rider, other, coming}),
        (await make.planner(world.city_id, division_code="990199"), {depot}),
        (await make.firm_manager(world.city_id, world.partners[0]), {outlet, rider, coming}),
        (await make.firm_manager(world.city_id, world.partners[1]), {other}),
        (await make.outlet_manager(world.city_id, world.partners[0], world.outlets[0]), {outlet, rider}),
        (await make.rider_session(world.city_id, world.riders[0]), {rider}),
        (await make.rider_session(world.city_id, world.riders[1]), set[Any]()),
        (await make.partner_system(world.city_id, world.partners[1]), {other}),
    ]
    for headers, expected in seen:
        assert set(await balances(api, world, headers)) == expected
    planner = seen[0][0]
    assert await balances(api, world, planner, holder_kind="rider") == sorted([rider, other])
    assert await balances(api, world, planner, outlet_code=codes[world.outlets[0]]) == [outlet, rider]
    assert await balances(api, world, planner, material_code="NONE") == []


async def test_a_rider_is_shown_by_code_only(api: httpx.AsyncClient, make: Make, stocked: World) -> None:
    name = await make.value("select name from rider where rider_id = $1", stocked.riders[0])
    headers = await make.planner(stocked.city_id)
    for part in ("balances", "moves", "moves.csv"):
        answer = await api.get(f"/api/campaigns/{stocked.campaign}/stock/{part}", headers=headers)
        assert answer.status_code == 200
        assert name not in answer.text


async def pages(api: httpx.AsyncClient, url: str, headers: dict[str, str], key: str, **query: Any) -> list[Any]:
    found: list[Any] = []
    while True:
        page = (await api.get(url, params=query, headers=headers)).json()
        found += page[key]
        if page["next_cursor"] is None:
            return found
        assert len(page[key]) == query["limit"]
        query["cursor"] = page["next_cursor"]


async def test_pages_of_balances_and_moves_miss_nothing(
    api: httpx.AsyncClient, make: Make, stocked: World, codes: Codes, clock: Clock
) -> None:
    world = stocked
    planner = await make.planner(world.city_id)
    for rider in world.riders[:4]:
        clock.now += timedelta(seconds=1)
        make.now = clock.now
        wanted = move(world, codes, make, "transfer", ("outlet", world.outlets[0]), ("rider", rider), 5)
        assert (await send(api, planner, wanted, {**wanted, "move_id": str(new_id(clock.now))})).status_code == 201
    url = f"/api/campaigns/{world.campaign}/stock"
    held = await pages(api, f"{url}/balances", planner, "balances", limit=2)
    assert [(b["holder_kind"], b["copies"]) for b in held if b["holder_kind"] != "rider"] == [
        ("depot", 1000), ("outlet", 460), ("printer", -1560),
    ]  # fmt: skip
    riders = {b["holder_code"]: b["copies"] for b in held if b["holder_kind"] == "rider"}
    assert [riders[codes[rider]] for rider in world.riders[:4]] == [70, 10, 10, 10]
    told = await pages(api, f"{url}/moves", planner, "moves", limit=3)
    assert len({row["move_id"] for row in told}) == len(told) == 11
    assert [row["recorded_at"] for row in told] == sorted((row["recorded_at"] for row in told), reverse=True)
    assert told[0]["to_code"] == codes[world.riders[3]]
    narrow = await pages(api, f"{url}/moves", planner, "moves", limit=3, holder_code=codes[world.riders[1]])
    assert [row["copies"] for row in narrow] == [5, 5]


async def test_the_ledger_of_a_holder_or_a_material_is_found_by_code(
    api: httpx.AsyncClient, make: Make, world: World, codes: Codes
) -> None:
    depot, outlet, rider = ("depot", world.depot), ("outlet", world.outlets[0]), ("rider", world.riders[0])
    other = await make.material(world.city_id, world.campaign, code="other")
    await make.move(world, "receipt", ("printer", world.campaign), depot, 1)
    await make.move(world, "issue", depot, ("transit", outlet[1]), 2)
    await make.move(world, "acceptance", ("transit", outlet[1]), outlet, 3)
    await make.move(world, "transfer", outlet, rider, 4)
    await make.move(world, "write_off", rider, ("written_off", world.campaign), 5, material_id=other, reason="丢失")
    url = f"/api/campaigns/{world.campaign}/stock/moves"
    planner = await make.planner(world.city_id)
    for query, expected in [
        ({"holder_code": codes[depot[1]]}, {1, 2}),
        # What is on its way to an outlet is the outlet's.
        ({"holder_code": codes[outlet[1]]}, {2, 3, 4}),
        ({"holder_code": codes[rider[1]]}, {4, 5}),
        ({"holder_code": "NONE"}, set[int]()),
        ({"material_code": "other"}, {5}),
        ({"material_code": codes[world.material]}, {1, 2, 3, 4}),
        ({"material_code": codes[world.material], "holder_code": codes[rider[1]]}, {4}),
        ({"material_code": "NONE"}, set[int]()),
        ({"kind": "issue"}, {2}),
    ]:
        answer = await api.get(url, params=query, headers=planner)
        assert {row["copies"] for row in answer.json()["moves"]} == expected, query


async def test_managers_see_the_moves_that_touch_their_own(
    api: httpx.AsyncClient, make: Make, stocked: World, codes: Codes
) -> None:
    world = stocked
    url = f"/api/campaigns/{world.campaign}/stock/moves"
    planner = await make.planner(world.city_id)
    await send(
        api, planner,
        move(world, codes, make, "return", ("outlet", world.outlets[0]), ("depot", world.depot), 1),
        move(world, codes, make, "transfer", ("outlet", world.outlets[0]), ("outlet", world.outlets[1]), 2),
    )  # fmt: skip
    for headers, expected in [
        (await make.firm_manager(world.city_id, world.partners[0]), {500, 60, 1, 2}),
        (await make.outlet_manager(world.city_id, world.partners[0], world.outlets[1]), {2}),
        (await make.firm_manager(world.city_id, world.partners[1]), set[int]()),
        (await make.planner(world.city_id, division_code="990199"), set[int]()),
        (planner, {500, 60, 1000, 1, 2}),
    ]:
        told = (await api.get(url, headers=headers)).json()["moves"]
        assert {row["copies"] for row in told} == expected
    returned = (await api.get(url, params={"kind": "return"}, headers=planner)).json()["moves"]
    assert [(row["from_kind"], row["to_name"]) for row in returned] == [("outlet", "中心库")]
    rider = await make.rider_session(world.city_id, world.riders[0])
    assert (await api.get(url, headers=rider)).status_code == 403
    await make.city(98)
    assert (await api.get(url, headers=await make.planner(98))).status_code == 404


@pytest.mark.parametrize("formula", ["=HYPERLINK(1)", " =HYPERLINK(1)", "\uff1dHYPERLINK(1)", "\n+1"])
async def test_the_ledger_as_a_file_opens_in_excel_and_runs_no_formula(
    api: httpx.AsyncClient, make: Make, stocked: World, codes: Codes, formula: str
) -> None:
    world = stocked
    planner = await make.planner(world.city_id)
    wanted = move(world, codes, make, "write_off", ("outlet", world.outlets[0]), None, 3, reason=formula)
    await send(api, planner, wanted)
    answer = await api.get(f"/api/campaigns/{world.campaign}/stock/moves.csv", headers=planner)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"].startswith('attachment; filename="stock-moves-')
    text = answer.content.decode()
    assert text.startswith("\ufeff记录时间,")
    table = list(csv.DictReader(io.StringIO(text[1:])))
    assert len(table) == 4
    lost = next(row for row in table if row["类别"] == "损耗")
    assert (lost["份数"], lost["原因"], lost["转出方代码"]) == ("3", f"'{formula}", codes[world.outlets[0]])
    assert lost["流水号"] == wanted["move_id"]
    assert lost["记录时间"] == "2027-04-20 10:00:00"
    other = await make.firm_manager(world.city_id, world.partners[1])
    empty = await api.get(f"/api/campaigns/{world.campaign}/stock/moves.csv", headers=other)
    assert len(empty.text.splitlines()) == 1


async def test_every_printed_copy_is_somewhere(
    api: httpx.AsyncClient, make: Make, stocked: World, codes: Codes
) -> None:
    world, outlet = stocked, ("outlet", stocked.outlets[0])
    planner = await make.planner(world.city_id)
    url = f"/api/campaigns/{world.campaign}/stock/balance-law"
    await make.material(world.city_id, world.campaign, code="A-unprinted")
    await send(
        api, planner,
        move(world, codes, make, "write_off", outlet, None, 20, reason="受潮"),
        move(world, codes, make, "activity", outlet, None, 30),
    )  # fmt: skip
    body = {
        "move_id": str(make.id()), "campaign_id": str(world.campaign), "material_code": codes[world.material],
        "holder": {"kind": "outlet", "code": codes[outlet[1]]}, "counted_copies": 460, "reason": "盘盈",
    }  # fmt: skip
    assert (await api.post("/api/stock/counts", json=body, headers=planner)).json()["difference"] == 10
    # What the handouts do: copies leave the holder's balance and stand in the tally.
    await make.fetch("update stock_balance set quantity = quantity - 45 where holder_id = $1", outlet[1])
    await make.insert(
        "zone_tally", city_id=world.city_id, campaign_id=world.campaign, zone_id=world.zones[0],
        material_id=world.material, channel="in_person", copies=45,
    )  # fmt: skip
    law = (await api.get(url, headers=planner)).json()
    expected = {
        "printed": 1560, "in_depots": 1000, "in_transit": 0, "with_outlets": 415, "with_riders": 60, "handed_out": 45,
        "activities": 30, "written_off": 20, "variance": -10, "balanced": True,
    }  # fmt: skip
    assert law["total"] == expected
    assert law["materials"][0]["printed"] == 0
    assert law["materials"][0]["balanced"]
    assert {**law["materials"][1], **expected} == law["materials"][1]
    await make.fetch("update stock_balance set quantity = quantity - 1 where holder_id = $1", outlet[1])
    broken = (await api.get(url, headers=planner)).json()
    assert not broken["total"]["balanced"]
    assert [material["balanced"] for material in broken["materials"]] == [True, False]


async def test_the_balance_law_is_for_planners_of_the_whole_city(
    api: httpx.AsyncClient, make: Make, stocked: World
) -> None:
    url = f"/api/campaigns/{stocked.campaign}/stock/balance-law"
    for headers in [
        await make.firm_manager(stocked.city_id, stocked.partners[0]),
        await make.planner(stocked.city_id, division_code="9901"),
    ]:
        assert (await api.get(url, headers=headers)).status_code == 403


async def test_a_moves_story_is_its_reversal_and_what_it_reverses_and_nothing_else(
    api: httpx.AsyncClient, make: Make, stocked: World, codes: Codes
) -> None:
    planner = await make.planner(stocked.city_id)
    given, other = (
        move(stocked, codes, make, "transfer", ("outlet", stocked.outlets[0]), ("rider", stocked.riders[0]), copies)
        for copies in (5, 7)
    )
    await send(api, planner, given, other)
    back = str(make.id())
    reason = {"move_id": back, "reason": "给错了人"}
    answer = await api.post(f"/api/stock/moves/{given['move_id']}/reverse", json=reason, headers=planner)
    assert answer.status_code == 201, answer.text
    url = f"/api/campaigns/{stocked.campaign}/stock/moves"
    for asked in (given["move_id"], back):
        story = (await api.get(url, params={"story_of": asked}, headers=planner)).json()["moves"]
        assert {row["move_id"] for row in story} == {given["move_id"], back}
    alone = (await api.get(url, params={"story_of": other["move_id"]}, headers=planner)).json()["moves"]
    assert [row["move_id"] for row in alone] == [other["move_id"]]
    stranger = await make.firm_manager(stocked.city_id, stocked.partners[1])
    assert (await api.get(url, params={"story_of": back}, headers=stranger)).json()["moves"] == []
