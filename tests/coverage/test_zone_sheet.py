"""A zone's sheet: the same figures as its row, and what they are made of, to whom they may be shown."""

from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest

from tests.make import Make, World

ZONE = "990101000"


def url(world: World, path: str = "") -> str:
    return f"/api/campaigns/{world.campaign}/coverage{path}"


async def fetched(api: httpx.AsyncClient, address: str, headers: dict[str, str], **query: Any) -> Any:
    answer = await api.get(address, headers=headers, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def handed_out(make: Make, world: World) -> None:
    """Two firms in the first zone on two days, and something in the second zone that is none of its business."""
    await make.tally(world, 0, 300, outlet=0, day=date(2027, 4, 10), known_on=date(2027, 4, 12))
    await make.tally(world, 0, 100, outlet=1, day=date(2027, 4, 10), channel="in_person")
    await make.tally(world, 0, 500, outlet=2, day=date(2027, 4, 19))
    await make.tally(world, 1, 77, outlet=0, day=date(2027, 4, 19))


async def test_a_sheet_shows_the_figures_of_the_zones_row(api: httpx.AsyncClient, make: Make, world: World) -> None:
    planner = await make.planner(world.city_id)
    await handed_out(make, world)
    await make.approved(world, {0: 4000, 1: 50})
    await make.first_copies(world, 0, 60, 40, 3)
    await make.spot_check(world, 0, asked=40, have=11)
    row = (await fetched(api, url(world, "/zones"), planner))["zones"][0]
    sheet = await fetched(api, url(world, f"/zones/{ZONE}"), planner)
    assert sheet["zone"] == row
    assert row["handed_out"] == 900
    assert sheet["days"][-1]["planned"] == 4000
    by_day = {day["day"]: day["handed_out"] for day in sheet["days"] if day["handed_out"]}
    assert by_day == {"2027-04-10": 400, "2027-04-19": 500}
    today = next(day for day in sheet["days"] if day["day"] == "2027-04-20")
    assert (today["cumulative"], today["planned"]) == (900, pytest.approx(4000 * 0.37))
    assert row["planned_to_date"] == pytest.approx(4000 * 0.37)
    assert row["plan_ratio"] == pytest.approx(900 / (4000 * 0.37))
    firms = [(firm["copies"], firm["outlets"], firm["in_person_share"], firm["share"]) for firm in sheet["partners"]]
    assert firms == [(500, 1, 0, pytest.approx(5 / 9)), (400, 2, 0.25, pytest.approx(4 / 9))]
    assert [(entry["channel"], entry["copies"]) for entry in sheet["channels"]] == [
        ("with_parcel", 800),
        ("in_person", 100),
    ]
    assert [(entry["handed_out"], entry["printed"], entry["issued"]) for entry in sheet["materials"]] == [
        (900, None, None)
    ]


async def test_a_sheet_of_a_past_day_knows_what_was_known_then(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    planner = await make.planner(world.city_id)
    await handed_out(make, world)
    sheet = await fetched(api, url(world, f"/zones/{ZONE}"), planner, as_of="2027-04-11")
    assert sheet["zone"]["handed_out"] == 100
    assert sum(firm["copies"] for firm in sheet["partners"]) == 100
    assert max(day["cumulative"] or 0 for day in sheet["days"]) == 100


async def test_materials_that_do_not_count_are_listed_but_make_no_firm_and_no_day(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    planner = await make.planner(world.city_id)
    poster = await make.material(world.city_id, world.campaign, code="POSTER", kind="poster", counts_for_reach=False)
    await make.tally(world, 0, 12, material_id=poster, channel="placed")
    sheet = await fetched(api, url(world, f"/zones/{ZONE}"), planner)
    assert {entry["code"]: entry["handed_out"] for entry in sheet["materials"]}["POSTER"] == 12
    assert sheet["partners"] == []
    assert sheet["channels"] == []
    assert sheet["zone"]["handed_out"] == 0


async def test_a_firm_sees_its_own_copies_in_zones_of_its_own(api: httpx.AsyncClient, make: Make, world: World) -> None:
    await handed_out(make, world)
    await make.spot_check(world, 0, asked=40, have=11)
    firm = await make.firm_manager(world.city_id, world.partners[0])
    sheet = await fetched(api, url(world, f"/zones/{ZONE}"), firm)
    assert sheet["scope"] == "own"
    assert sheet["zone"]["handed_out"] == 400
    assert sum(day["handed_out"] or 0 for day in sheet["days"]) == 400
    assert sum(entry["copies"] for entry in sheet["channels"]) == 400
    assert [
        sheet["zone"][name] for name in ("reach", "reported", "shade", "uncertain", "risk_weight", "verified_reach")
    ] == [None] * 6
    assert sheet["partners"] is None
    outlet = await make.outlet_manager(world.city_id, world.partners[0], world.outlets[1])
    assert (await fetched(api, url(world, f"/zones/{ZONE}"), outlet))["zone"]["handed_out"] == 100
    assert (await api.get(url(world, "/zones/990101003"), headers=firm)).status_code == 404


async def test_a_district_has_no_sheet_of_another_and_nobody_one_of_no_zone(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    await handed_out(make, world)
    district = await make.planner(world.city_id, division_code="990102")
    planner = await make.planner(world.city_id)
    for headers, code in ((district, ZONE), (planner, "990199999"), (planner, "%00")):
        answer = await api.get(url(world, f"/zones/{code}"), headers=headers)
        assert answer.status_code == 404
        assert answer.json()["type"] == "/problems/not-found"


async def test_zone_rows_carry_risk_for_planners_and_the_look_of_the_map(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    planner = await make.planner(world.city_id)
    for zone, incidents in ((0, 90), (1, 10), (2, 10), (3, 10)):
        await make.insert(
            "incident_count", city_id=world.city_id, zone_id=world.zones[zone], month=date(2027, 3, 1), scam_type="刷单",
            incidents=incidents,
        )  # fmt: skip
    await make.tally(world, 0, 9)
    await make.tally(world, 1, 6000)
    await make.tally(world, 2, 60_000)
    rows = (await fetched(api, url(world, "/zones"), planner))["zones"]
    weights = [row["risk_weight"] for row in rows]
    assert weights[0] > 2
    assert weights[1] == weights[2] == weights[3] < 1
    gaps = await fetched(api, url(world, "/gaps"), planner)
    assert {gap["code"]: gap["risk_weight"] for gap in gaps}[rows[0]["code"]] == weights[0]
    # Nine copies are too few to say; one copy per household reaches 30 % at least, ten nearly everybody: 60 % at least
    # when orders are as uneven as they may be.
    assert [row["shade"] for row in rows] == [0, 2, 3, 0]
    assert [row["uncertain"] for row in rows] == [False, True, True, False]
    assert rows[1]["reach"]["high"] - rows[1]["reach"]["low"] > 0.25
    district = await make.planner(world.city_id, division_code="990101")
    assert [row["risk_weight"] for row in (await fetched(api, url(world, "/zones"), district))["zones"]] == weights


async def test_new_incident_counts_change_the_zone_rows(api: httpx.AsyncClient, make: Make, world: World) -> None:
    planner = await make.planner(world.city_id)
    first = await api.get(url(world, "/zones"), headers=planner)
    table = "zone_code,month,scam_type,incidents\n990101000,2027-03,刷单,40\n990101001,2027-03,刷单,2\n"
    taken = await api.post(
        "/api/zones/incidents/import", headers=planner | {"content-type": "text/csv"}, content=table.encode()
    )
    assert taken.status_code == 200, taken.text
    again = await api.get(url(world, "/zones"), headers=planner | {"if-none-match": first.headers["etag"]})
    assert again.status_code == 200
    assert again.json()["zones"][0]["risk_weight"] > first.json()["zones"][0]["risk_weight"]


async def test_a_firms_progress_is_planned_claimed_collected_and_handed_out(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    planner = await make.planner(world.city_id)
    first, second = world.partners
    await make.approved(world, {0: 5000}, partner=0)
    held = await make.claim(world, await make.batch(world, copies=2000), first, copies=2000)
    await make.waybill(world, held, world.outlets[0], 1200)
    # Given back after 300 were collected, and cancelled: the one counts with what was collected, the other not at all.
    released = await make.claim(
        world, await make.batch(world, copies=1000), first, copies=1000, status="released", ended_at=make.now
    )
    await make.waybill(world, released, world.outlets[0], 300)
    cancelled = await make.waybill(world, released, world.outlets[0], 400)
    issue = await make.move(world, "issue", ("depot", world.depot), ("transit", world.campaign), 400)
    await make.fetch("update stock_move set move_id = $1 where move_id = $2", cancelled, issue)
    await make.move(
        world,
        "reversal",
        ("transit", world.campaign),
        ("depot", world.depot),
        400,
        reversal_of=cancelled,
        reason="错单",
    )
    await make.tally(world, 0, 700, outlet=0)
    found = await fetched(api, url(world, "/partners"), planner)
    assert [(row["partner_id"], row["planned"], row["claimed"], row["collected"], row["copies"]) for row in found] == [
        (str(first), 5000, 2300, 1500, 700)
    ]
    await make.invitation(world.city_id, world.campaign, second)
    found = await fetched(api, url(world, "/partners"), planner)
    late = next(row for row in found if row["partner_id"] == str(second))
    assert (late["planned"], late["claimed"], late["collected"], late["copies"], late["in_person_share"]) == (
        None, 0, 0, 0, None,
    )  # fmt: skip
    # A lease that ran out uncollected is no longer undertaken; what was collected in time stays.
    await make.fetch("update claim set lease_until = $1 where claim_id = $2", datetime(2027, 4, 1, tzinfo=UTC), held)
    await make.fetch("update waybill set issued_at = $1 where claim_id = $2", datetime(2027, 3, 20, tzinfo=UTC), held)
    found = await fetched(api, url(world, "/partners"), planner)
    assert next(row["claimed"] for row in found if row["partner_id"] == str(first)) == 1500


async def test_a_districts_progress_counts_its_own_zones(api: httpx.AsyncClient, make: Make, world: World) -> None:
    await make.fetch("update zone set division_code = '990102' where zone_id = $1", world.zones[1])
    for zone, copies in ((0, 600), (1, 400)):
        claim = await make.claim(
            world, await make.batch(world, copies=copies, zone=zone), world.partners[0], copies=copies
        )
        await make.waybill(world, claim, world.outlets[0], copies // 2)
        await make.tally(world, zone, copies // 4)
    district = await make.planner(world.city_id, division_code="990102")
    (row,) = await fetched(api, url(world, "/partners"), district)
    assert (row["claimed"], row["collected"], row["copies"]) == (400, 200, 100)
