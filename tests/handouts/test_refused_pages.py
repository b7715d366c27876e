"""What managers and planners see of refused records, of an outlet's day, and of what riders hold."""

from typing import Any

import httpx

from tests.handouts.phone import Phone
from tests.handouts.test_report import line, report
from tests.make import Make, World

REFUSED = "/api/handouts/refused"


async def test_totals_by_reason_are_counted_over_all_records_and_the_list_has_older_pages(
    api: httpx.AsyncClient, make: Make, world: World, phone: Phone, outlet: dict[str, Any]
) -> None:
    for _ in range(2):
        await phone.sync(api, [phone.handout(copies=101) for _ in range(240)])
    own = await make.outlet_manager(99, world.partners[0], world.outlets[0])
    await report(api, world, own, [line(make, outlet, zone_code="NONE") for _ in range(60)])
    totals = (await api.get(f"{REFUSED}/totals", headers=await make.planner(99))).json()
    assert totals["records"] == 540
    assert [(each["problem"], each["records"], each["waits_for"]) for each in totals["reasons"]] == [
        ("not-enough-stock", 480, "cause"),
        ("unknown-zone", 60, "person"),
    ]
    assert totals["reasons"][0]["copies"] == 480 * 101
    seen, query = list[str](), {"limit": 50, "problem": "unknown-zone"}
    while True:
        page = await api.get(REFUSED, params=query, headers=own)
        seen += [row["handout_id"] for row in page.json()]
        if "next-cursor" not in page.headers:
            break
        query["cursor"] = page.headers["next-cursor"]
    assert len(set(seen)) == len(seen) == 60
    for stranger in (await make.firm_manager(99, world.partners[1]), await make.planner(99, division_code="990102")):
        assert (await api.get(f"{REFUSED}/totals", headers=stranger)).json() == {"records": 0, "reasons": []}


async def test_a_refused_record_names_its_holder_to_the_own_managers_and_by_code_to_planners(
    api: httpx.AsyncClient, make: Make, world: World, phone: Phone, outlet: dict[str, Any]
) -> None:
    await phone.sync(api, [phone.handout(copies=101)])
    expected = {
        "holder_kind": "rider", "outlet_code": outlet["outlet"], "rider_code": outlet["rider"], "copies": 101,
        "material_code": outlet["material"], "waits_for": "cause",
    }  # fmt: skip
    name = await make.value("select name from rider where rider_id = $1", phone.rider)
    for headers, shown in (
        (await make.firm_manager(99, world.partners[0]), name),
        (await make.planner(99), None),
        (await make.partner_system(99, world.partners[0]), None),
        (phone.headers, None),
    ):
        (row,) = (await api.get(REFUSED, headers=headers)).json()
        assert {key: row[key] for key in expected} == expected
        assert row["rider_name"] == shown


async def test_an_outlets_day_is_folded_by_rider_and_hour(
    api: httpx.AsyncClient, make: Make, world: World, phone: Phone, outlet: dict[str, Any]
) -> None:
    early = [phone.handout(minutes_ago=70) for _ in range(3)]
    await phone.sync(api, [*early, phone.handout(copies=4), phone.correction(early[0]["id"])])
    own = await make.outlet_manager(99, world.partners[0], world.outlets[0])
    await report(api, world, own, [line(make, outlet, copies=20, day="2027-04-20")])
    query = {"outlet_code": outlet["outlet"], "day": "2027-04-20"}
    path = f"/api/campaigns/{world.campaign}/handouts/hours"
    hours = (await api.get(path, params=query, headers=own)).json()
    assert [(each["rider_code"], each["copies"], each["corrected"], len(each["records"])) for each in hours] == [
        (None, 20, 0, 1),
        (outlet["rider"], 3, 1, 3),
        (outlet["rider"], 4, 0, 1),
    ]
    neighbour = await make.outlet_manager(99, world.partners[0], world.outlets[1])
    assert (await api.get(path, params=query, headers=neighbour)).json() == []


async def test_managers_see_what_their_riders_hold_and_the_day_of_the_last_call(
    api: httpx.AsyncClient, make: Make, world: World, phone: Phone
) -> None:
    own = await make.outlet_manager(99, world.partners[0], world.outlets[0])
    (rider,) = (await api.get("/api/riders/holdings", headers=own)).json()
    assert (rider["rider_id"], rider["last_seen_on"]) == (str(phone.rider), "2027-04-20")
    assert [(each["copies"], each["campaign_id"]) for each in rider["holdings"]] == [(100, str(world.campaign))]
    other = await make.firm_manager(99, world.partners[1])
    assert (await api.get("/api/riders/holdings", headers=other)).json() == []
