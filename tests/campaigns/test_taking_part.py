"""Invitations and declared capacity: firms answer for themselves, and only for themselves."""

import asyncio
from datetime import date, timedelta
from typing import Any

import httpx

from dispatch.database import Database
from tests.conftest import NOW, Clock, serving
from tests.make import Make, World

WEEK = "2027-04-26"


async def codes(make: Make, world: World) -> tuple[list[str], list[str], list[str]]:
    """Codes of the world's partners, outlets and zones, in the order of the world."""

    async def of(table: str, ids: list[Any]) -> list[str]:
        found = await make.fetch(f"select {table}_id as id, code from {table} where city_id = $1", world.city_id)
        by_id = {row["id"]: row["code"] for row in found}
        return [by_id[one] for one in ids]

    return await of("partner", world.partners), await of("outlet", world.outlets), await of("zone", world.zones)


def row(outlet_code: str, zone_code: str, copies: int = 500, week: str = WEEK) -> dict[str, Any]:
    return {"outlet_code": outlet_code, "zone_code": zone_code, "week_starts_on": week, "copies": copies}


async def test_partners_are_invited_once_and_answer_for_themselves(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    partner_codes, _, _ = await codes(make, world)
    planner, firm = await make.planner(world.city_id), await make.firm_manager(world.city_id, world.partners[0])
    address = f"/api/campaigns/{world.campaign}"
    invited = await api.post(f"{address}/invitations", json={"partner_codes": partner_codes}, headers=planner)
    assert [entry["status"] for entry in invited.json()] == ["invited", "invited"]
    declined = await api.post(f"{address}/invitation/answer", json={"accepted": False}, headers=firm)
    assert (declined.json()["status"], declined.json()["answered_at"]) == ("declined", "2027-04-20T02:00:00Z")
    again = await api.post(f"{address}/invitations", json={"partner_codes": partner_codes}, headers=planner)
    assert {entry["partner_code"]: entry["status"] for entry in again.json()} == {
        partner_codes[0]: "declined",
        partner_codes[1]: "invited",
    }
    own = (await api.get(f"{address}/invitations", headers=firm)).json()
    assert [entry["partner_code"] for entry in own] == [partner_codes[0]]


async def test_an_unknown_partner_code_invites_nobody(api: httpx.AsyncClient, make: Make, world: World) -> None:
    partner_codes, _, _ = await codes(make, world)
    answer = await api.post(
        f"/api/campaigns/{world.campaign}/invitations",
        json={"partner_codes": [partner_codes[0], "nobody"]},
        headers=await make.planner(world.city_id),
    )
    assert (answer.status_code, answer.json()["partner_codes"]) == (422, ["nobody"])
    assert await make.value("select count(*) from invitation") == 0


async def test_a_partner_that_left_is_not_invited_and_its_outlets_that_closed_declare_nothing(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    partner_codes, outlets, zones = await codes(make, world)
    await make.fetch("update partner set active = false where partner_id = $1", world.partners[1])
    address = f"/api/campaigns/{world.campaign}"
    invited = await api.post(
        f"{address}/invitations", json={"partner_codes": partner_codes}, headers=await make.planner(world.city_id)
    )
    assert (invited.status_code, invited.json()["partner_codes"]) == (422, [partner_codes[1]])
    assert await make.value("select count(*) from invitation") == 0
    await make.invitation(world.city_id, world.campaign, world.partners[0])
    await make.fetch("update outlet set active = false where outlet_id = $1", world.outlets[0])
    firm = await make.firm_manager(world.city_id, world.partners[0])
    declared = await api.put(f"{address}/capacity", json={"rows": [row(outlets[0], zones[0])]}, headers=firm)
    assert (declared.status_code, declared.json()["errors"][0]["reason"]) == (422, "unknown-outlet")
    assert await make.value("select count(*) from capacity") == 0


async def test_a_firm_that_is_not_invited_has_nothing_to_answer_or_declare(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    _, outlets, zones = await codes(make, world)
    firm = await make.firm_manager(world.city_id, world.partners[0])
    address = f"/api/campaigns/{world.campaign}"
    assert (await api.post(f"{address}/invitation/answer", json={"accepted": True}, headers=firm)).status_code == 404
    declared = await api.put(f"{address}/capacity", json={"rows": [row(outlets[0], zones[0])]}, headers=firm)
    assert declared.status_code == 404
    assert await make.value("select count(*) from capacity") == 0


async def test_declaring_capacity_accepts_the_invitation_and_can_be_repeated(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    _, outlets, zones = await codes(make, world)
    await make.invitation(world.city_id, world.campaign, world.partners[0], "invited")
    firm = await make.firm_manager(world.city_id, world.partners[0])
    address = f"/api/campaigns/{world.campaign}/capacity"
    rows = [row(outlets[1], zones[0]), row(outlets[0], zones[1], 0), row(outlets[0], zones[0], 900)]
    first = await api.put(address, json={"rows": rows}, headers=firm)
    assert first.json() == {"created": 3, "changed": 0, "unchanged": 0}
    assert await make.value("select status from invitation") == "accepted"
    revision = await make.value("select revision from campaign where campaign_id = $1", world.campaign)
    again = await api.put(address, json={"rows": rows}, headers=firm)
    assert again.json() == {"created": 0, "changed": 0, "unchanged": 3}
    assert await make.value("select revision from campaign where campaign_id = $1", world.campaign) == revision
    changed = await api.put(address, json={"rows": [row(outlets[0], zones[0], 100)]}, headers=firm)
    assert changed.json() == {"created": 0, "changed": 1, "unchanged": 0}
    read = (await api.get(address, headers=firm)).json()
    assert (read["total_rows"], read["total_copies"]) == (3, 600)
    assert [entry["copies"] for entry in read["rows"]] == [100, 0, 500]
    part = (await api.get(address, params={"limit": 1, "offset": 2}, headers=firm)).json()
    assert [entry["copies"] for entry in part["rows"]] == [500]
    one_zone = (await api.get(address, params={"zone_code": zones[1]}, headers=firm)).json()
    assert (one_zone["total_rows"], one_zone["rows"][0]["zone_name"]) == (1, "片区1")


async def test_one_wrong_row_refuses_all_and_every_error_is_named(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    _, outlets, zones = await codes(make, world)
    await make.invitation(world.city_id, world.campaign, world.partners[0], "invited")
    firm = await make.firm_manager(world.city_id, world.partners[0])
    rows = [
        row(outlets[0], zones[0]),
        row(outlets[2], zones[0]),  # another firm's outlet
        row(outlets[0], "nowhere"),
        row(outlets[0], zones[0], week="2027-04-27"),
        row(outlets[0], zones[0], week="2027-06-28"),
        row(outlets[0], zones[0], 7),
    ]
    refused = await api.put(f"/api/campaigns/{world.campaign}/capacity", json={"rows": rows}, headers=firm)
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/import-refused")
    assert [(error["row"], error["reason"]) for error in refused.json()["errors"]] == [
        (2, "unknown-outlet"),
        (3, "unknown-zone"),
        (4, "not-a-monday"),
        (5, "outside-campaign"),
        (6, "duplicate-row"),
    ]
    assert await make.value("select count(*) from capacity") == 0
    assert await make.value("select status from invitation") == "invited"


async def test_capacity_comes_from_a_spreadsheet_too(api: httpx.AsyncClient, make: Make, world: World) -> None:
    _, outlets, zones = await codes(make, world)
    await make.invitation(world.city_id, world.campaign, world.partners[0], "invited")
    firm = await make.firm_manager(world.city_id, world.partners[0]) | {"content-type": "text/csv"}
    address = f"/api/campaigns/{world.campaign}/capacity/import"
    table = (
        "网点代码,片区代码,周一日期,承接份数\n"
        f"{outlets[0]},{zones[0]},2027年4月26日,１２００\n"
        f"{outlets[1]},{zones[1]},2027/5/3,300\n"
        "合计,,,1500\n"
    )
    taken = await api.post(address, content=table.encode("gb18030"), headers=firm)
    assert taken.json() == {"created": 2, "changed": 0, "unchanged": 0}
    assert await make.value("select sum(copies)::bigint from capacity") == 1_500
    wrong = table.replace("2027/5/3", "2027/5/4").replace("合计,,,1500", f"{outlets[2]},{zones[0]},2027-05-03,5")
    refused = await api.post(address, content=wrong.encode(), headers=firm)
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/import-refused")
    assert [(error["row"], error["reason"]) for error in refused.json()["errors"]] == [
        (2, "not-a-monday"),
        (3, "unknown-outlet"),
    ]
    assert await make.value("select count(*) from capacity") == 2


async def test_an_outlet_manager_declares_for_their_own_outlet_only(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    _, outlets, zones = await codes(make, world)
    await make.invitation(world.city_id, world.campaign, world.partners[0])
    outlet = await make.outlet_manager(world.city_id, world.partners[0], world.outlets[0])
    address = f"/api/campaigns/{world.campaign}/capacity"
    refused = await api.put(address, json={"rows": [row(outlets[1], zones[0])]}, headers=outlet)
    assert refused.json()["errors"][0]["reason"] == "unknown-outlet"
    assert (await api.put(address, json={"rows": [row(outlets[0], zones[0])]}, headers=outlet)).status_code == 200
    await make.capacity(world.city_id, world.campaign, world.outlets[1], world.zones[0], 100)
    assert (await api.get(address, headers=outlet)).json()["total_copies"] == 500


async def test_capacity_is_seen_by_those_it_concerns(api: httpx.AsyncClient, make: Make, world: World) -> None:
    for partner in world.partners:
        await make.invitation(world.city_id, world.campaign, partner)
    elsewhere, _ = await make.zone(world.city_id, 7, division_code="990202")
    await make.capacity(world.city_id, world.campaign, world.outlets[0], world.zones[0], 100)
    await make.capacity(world.city_id, world.campaign, world.outlets[2], elsewhere, 30)
    address = f"/api/campaigns/{world.campaign}/capacity"

    async def total(headers: dict[str, str]) -> int:
        return (await api.get(address, headers=headers)).json()["total_copies"]

    assert await total(await make.planner(world.city_id)) == 130
    assert await total(await make.planner(world.city_id, division_code="9902")) == 30
    assert await total(await make.firm_manager(world.city_id, world.partners[0])) == 100
    assert await total(await make.firm_manager(world.city_id, world.partners[1])) == 30
    assert await total(await make.outlet_manager(world.city_id, world.partners[0], world.outlets[1])) == 0
    rider = await make.rider_session(world.city_id, world.riders[0])
    assert (await api.get(address, headers=rider)).status_code == 403


async def test_declining_takes_back_what_was_declared(
    api: httpx.AsyncClient, make: Make, world: World, clock: Clock
) -> None:
    for partner, outlet in ((0, 0), (1, 2)):
        await make.invitation(world.city_id, world.campaign, world.partners[partner])
        await make.capacity(world.city_id, world.campaign, world.outlets[outlet], world.zones[0], 100)
    nothing = world.zones[1]
    await make.capacity(world.city_id, world.campaign, world.outlets[0], nothing, 0)
    clock.now += timedelta(days=1)
    firm = await make.firm_manager(world.city_id, world.partners[0])
    await api.post(f"/api/campaigns/{world.campaign}/invitation/answer", json={"accepted": False}, headers=firm)
    kept = await make.fetch("select declared_at from capacity where zone_id = $1", nothing)
    assert kept == [{"declared_at": NOW}], "what was nothing before is not declared again"
    left = await make.fetch("select outlet_id, copies from capacity where copies > 0")
    assert [entry["outlet_id"] for entry in left] == [world.outlets[2]]


async def test_a_closed_campaign_takes_no_capacity_and_no_invitations(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    partner_codes, outlets, zones = await codes(make, world)
    await make.invitation(world.city_id, world.campaign, world.partners[0], "invited")
    planner, firm = await make.planner(world.city_id), await make.firm_manager(world.city_id, world.partners[0])
    address = f"/api/campaigns/{world.campaign}"
    await api.post(f"{address}/close", headers=planner)
    answers = [
        await api.put(f"{address}/capacity", json={"rows": [row(outlets[0], zones[0])]}, headers=firm),
        await api.post(f"{address}/invitations", json={"partner_codes": partner_codes}, headers=planner),
        await api.post(f"{address}/invitation/answer", json={"accepted": True}, headers=firm),
    ]
    assert {answer.json()["type"] for answer in answers} == {"/problems/campaign-closed"}
    assert await make.fetch("select status from invitation") == [{"status": "invited"}]
    assert await make.value("select count(*) from capacity") == 0


async def test_an_answer_and_a_declaration_at_once_never_leave_a_firm_half_in(clone: Database) -> None:
    make = Make(clone, NOW)
    world = await make.world()
    _, outlets, zones = await codes(make, world)
    await make.invitation(world.city_id, world.campaign, world.partners[0])
    firm = await make.firm_manager(world.city_id, world.partners[0])
    address = f"/api/campaigns/{world.campaign}"
    async with serving(clone, Clock()) as (api, _):
        for copies in range(1, 9):
            answers = await asyncio.gather(
                api.put(f"{address}/capacity", json={"rows": [row(outlets[0], zones[0], copies)]}, headers=firm),
                api.post(f"{address}/invitation/answer", json={"accepted": False}, headers=firm),
            )
            assert {answer.status_code for answer in answers} == {200}
            declined = await make.value("select status from invitation") == "declined"
            assert declined == (await make.value("select sum(copies)::bigint from capacity") == 0)


async def test_twenty_thousand_rows_are_taken_in_one_call(clone: Database) -> None:
    make = Make(clone, NOW)
    world = await make.world()
    await make.invitation(world.city_id, world.campaign, world.partners[0], "invited")
    outlets = [f"LONG-OUTLET-CODE-{number:05d}" for number in range(1667)]
    for code in outlets:
        await make.outlet(world.city_id, world.partners[0], code=code)
    _, _, zones = await codes(make, world)
    weeks = [date(2027, 3, 15).replace(day=day).isoformat() for day in (15, 22, 29)]
    rows = [row(outlet, zone, 40, week) for outlet in outlets for zone in zones for week in weeks][:20_000]
    async with serving(clone, Clock()) as (api, _):
        firm = await make.firm_manager(world.city_id, world.partners[0])
        taken = await api.put(f"/api/campaigns/{world.campaign}/capacity", json={"rows": rows}, headers=firm)
        over = await api.put(f"/api/campaigns/{world.campaign}/capacity", json={"rows": [*rows, rows[0]]}, headers=firm)
    assert taken.json() == {"created": 20_000, "changed": 0, "unchanged": 0}
    assert over.json()["type"] == "/problems/invalid-request"
    assert await make.value("select sum(copies)::bigint from capacity") == 800_000


async def test_declared_capacity_is_added_up_by_zone_and_week_and_by_partner(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    weeks = (date(2027, 4, 19), date(2027, 4, 26))
    for partner in world.partners[:2]:
        await make.invitation(99, world.campaign, partner, status="accepted")
    for outlet, zone, copies, week in (
        (0, 0, 100, weeks[0]), (1, 0, 50, weeks[0]), (0, 0, 70, weeks[1]), (2, 0, 30, weeks[0]), (2, 1, 0, weeks[0]),
    ):  # fmt: skip
        await make.capacity(99, world.campaign, world.outlets[outlet], world.zones[zone], copies, week)
    address = f"/api/campaigns/{world.campaign}/capacity/summary"
    code = await make.value("select code from partner where partner_id = $1", world.partners[1])
    seen = (await api.get(address, headers=await make.planner(99))).json()
    assert [(row["zone_code"], row["week_starts_on"], row["copies"]) for row in seen["weeks"]] == [
        ("990101000", "2027-04-19", 180),
        ("990101000", "2027-04-26", 70),
    ]
    assert [(row["outlets"], row["zones"], row["copies"]) for row in seen["partners"]] == [(2, 1, 220), (1, 1, 30)]
    await make.fetch("update zone set division_code = '990202' where zone_id = $1", world.zones[1])
    await make.capacity(99, world.campaign, world.outlets[2], world.zones[1], 11, weeks[1])
    district = (await api.get(address, headers=await make.planner(99, division_code="9902"))).json()
    assert [(row["zone_code"], row["copies"]) for row in district["weeks"]] == [("990101001", 11)]
    assert [(row["partner_code"], row["copies"]) for row in district["partners"]] == [(code, 11)]
    await make.fetch("update capacity set copies = 0 where copies = 11")
    one = (await api.get(f"{address}?partner_code={code}", headers=await make.planner(99))).json()
    assert [row["copies"] for row in one["weeks"]] == [30]
    own = (await api.get(address, headers=await make.firm_manager(99, world.partners[1]))).json()
    assert [row["partner_code"] for row in own["partners"]] == [code]
    assert [row["copies"] for row in own["weeks"]] == [30]
    outlet = await make.outlet_manager(99, world.partners[0], world.outlets[1])
    assert [row["copies"] for row in (await api.get(address, headers=outlet)).json()["weeks"]] == [50]
