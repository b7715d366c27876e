"""Verified reach over HTTP: the last closed round per zone, and the same figure wherever it is read."""

import csv
import io
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest

from dispatch.reach.copies_alone import estimate
from tests.conftest import NOW
from tests.make import Make, World


def url(world: World, path: str = "") -> str:
    return f"/api/campaigns/{world.campaign}/coverage{path}"


async def fetched(api: httpx.AsyncClient, address: str, headers: dict[str, str], **query: Any) -> Any:
    answer = await api.get(address, headers=headers, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def two_rounds(make: Make, world: World) -> None:
    """Zone 0 was checked twice, zone 1 once, zone 2 is being checked, a check of zone 3 asked nobody."""
    await make.tally(world, 0, 200, day=date(2027, 3, 28))
    await make.tally(world, 0, 2000, day=date(2027, 4, 10))
    await make.tally(world, 0, 500, day=date(2027, 4, 18))
    await make.tally(world, 1, 900, day=date(2027, 4, 10))
    await make.spot_check(world, 0, asked=40, have=1, clusters=8, closed_at=datetime(2027, 3, 28, 8, 0, tzinfo=UTC))
    await make.spot_check(world, 1, asked=40, have=6, clusters=8, closed_at=NOW - timedelta(days=4))
    await make.spot_check(world, 0, asked=40, have=12, clusters=8, closed_at=NOW - timedelta(days=3))
    await make.spot_check(world, 2, asked=10, have=9, closed=False)
    await make.spot_check(world, 3, asked=0, have=0)


async def test_every_reader_gets_the_same_verified_reach(api: httpx.AsyncClient, make: Make, world: World) -> None:
    planner = await make.planner(world.city_id)
    await two_rounds(make, world)
    summary = await fetched(api, url(world), planner)  # overview and big screen
    rows = (await fetched(api, url(world, "/zones"), planner))["zones"]
    sheet = await fetched(api, url(world, "/zones/990101000"), planner)
    layer = await fetched(api, url(world, "/zones.geojson"), planner)
    own = rows[0]["verified_reach"]
    assert (own["have"], own["asked"], own["share"]) == (12, 40, 0.3)
    assert sheet["zone"]["verified_reach"] == sheet["verified_rounds"][-1] == own
    assert layer["features"][0]["properties"]["verified_reach"] == own
    # The page of the check itself.
    check = (await api.get(f"/api/spot-checks/{own['spot_check_id']}", headers=planner)).json()["figures"]
    assert (check["have"], check["asked"], check["passes"]) == (own["have"], own["asked"], own["passes"])
    assert {name: check["verified"][name] for name in ("share", "low", "high")} == {
        name: pytest.approx(own[name]) for name in ("share", "low", "high")
    }
    text = (await api.get(url(world, "/zones.csv"), headers=planner)).content.decode("utf-8-sig")
    lines = list(csv.reader(io.StringIO(text)))
    line = dict(zip(lines[3], lines[4], strict=True))
    assert (line["核实触达"], line["核实户数"], line["核实日期"]) == ("30.0%", "40", "2027年4月17日")
    assert line["当日估计"] == f"{100 * own['estimate']['median']:.1f}%"
    assert line["核实下限"] == f"{100 * own['low']:.1f}%"
    assert summary["verified_rounds"][-1] == summary["verified_reach"]
    assert (summary["verified_reach"]["asked"], summary["verified_reach"]["zones"]) == (80, 2)


async def test_an_old_round_is_a_point_of_the_series_and_no_part_of_the_figure(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    planner = await make.planner(world.city_id)
    await two_rounds(make, world)
    sheet = await fetched(api, url(world, "/zones/990101000"), planner)
    assert [(row["have"], row["asked"]) for row in sheet["verified_rounds"]] == [(1, 40), (12, 40)]
    city = (await fetched(api, url(world), planner))["verified_rounds"]
    assert [(row["checked_at"][:10], row["asked"], row["have"]) for row in city] == [
        ("2027-03-28", 40, 1), ("2027-04-16", 40, 6), ("2027-04-17", 80, 18),
    ]  # fmt: skip
    past = await fetched(api, url(world), planner, as_of="2027-04-01")
    assert (past["verified_reach"]["have"], len(past["verified_rounds"])) == (1, 1)
    assert (await fetched(api, url(world), planner, as_of="2027-03-27"))["verified_reach"] is None


async def test_beside_it_stands_what_the_copies_said_on_the_day_of_the_check(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    planner = await make.planner(world.city_id)
    await two_rounds(make, world)
    poster = await make.material(world.city_id, world.campaign, code="POSTER", kind="poster", counts_for_reach=False)
    await make.tally(world, 0, 900, material_id=poster, channel="placed", day=date(2027, 4, 1))
    rounds = (await fetched(api, url(world, "/zones/990101000"), planner))["verified_rounds"]
    for row, copies in zip(rounds, (200, 2200), strict=True):
        assert row["estimate"]["median"] == pytest.approx(float(estimate([copies], [6000]).median[0]))
    then = await fetched(api, url(world, "/zones/990101000"), planner, as_of="2027-04-17")
    assert rounds[1]["estimate"] == then["zone"]["reach"]  # the same as the slider shows for that day


async def test_a_correction_counts_from_when_it_was_made(api: httpx.AsyncClient, make: Make, world: World) -> None:
    planner = await make.planner(world.city_id)
    check = await make.spot_check(world, 0, asked=40, have=10, clusters=8, closed_at=NOW - timedelta(days=3))
    first = await make.fetch(
        "select result_id, asked, have from spot_check_result where spot_check_id = $1 and number = 8", check
    )
    await make.insert(
        "spot_check_result", city_id=world.city_id, result_id=make.id(), spot_check_id=check, number=8,
        asked=first[0]["asked"], have=5, replaces_id=first[0]["result_id"], recorded_at=NOW - timedelta(days=1),
        recorded_by=make.id(),
    )  # fmt: skip
    now = (await fetched(api, url(world, "/zones"), planner))["zones"][0]["verified_reach"]
    before = (await fetched(api, url(world, "/zones"), planner, as_of="2027-04-18"))["zones"][0]["verified_reach"]
    assert (before["have"], now["have"]) == (10, 10 - first[0]["have"] + 5)


async def test_another_campaign_and_another_district_keep_their_checks(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    await make.fetch("update zone set division_code = '990202' where zone_id = $1", world.zones[1])
    await two_rounds(make, world)
    district = await make.planner(world.city_id, division_code="9902")
    found = await fetched(api, url(world), district)
    assert (found["verified_reach"]["asked"], found["verified_reach"]["have"]) == (40, 6)
    whole = await fetched(api, url(world, "/zones"), await make.planner(world.city_id))
    (row,) = (await fetched(api, url(world, "/zones"), district))["zones"]
    # How alike neighbours are is learnt from the whole city, so that a zone has one interval for everybody.
    assert row["verified_reach"] == whole["zones"][1]["verified_reach"]
    other = await make.campaign(world.city_id, code="OTHER")
    path = f"/api/campaigns/{other}/coverage"
    assert (await fetched(api, path, district))["verified_reach"] is None
    code = await make.value("select code from material where material_id = $1", world.material)
    assert (await fetched(api, url(world), district, material=code))["verified_reach"] is None


async def test_check_and_estimate_that_say_opposite_things_carry_the_reason(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    planner = await make.planner(world.city_id)
    await make.tally(world, 0, 30_000, day=date(2027, 4, 10))
    await make.spot_check(world, 0, asked=40, have=1, clusters=8, closed_at=NOW - timedelta(days=3))
    row = (await fetched(api, url(world, "/zones"), planner))["zones"][0]["verified_reach"]
    assert (row["contradiction"], row["passes"]) == ("measured_less", False)
    await make.fetch("update campaign set target_reach = 0.02, revision = revision + 1")
    row = (await fetched(api, url(world, "/zones"), planner))["zones"][0]["verified_reach"]
    assert row["passes"] is None  # 40 homes cannot tell 2 % from nothing


async def test_the_list_of_checks_says_how_large_a_sample_the_target_needs(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    planner = await make.planner(world.city_id)
    address = f"/api/campaigns/{world.campaign}/spot-checks"
    needed = (await fetched(api, address, planner))["needed"]
    assert (needed["target_reach"], needed["sample"], needed["pass_at"]) == (0.6, 40, 15)
    await make.fetch("update campaign set target_reach = 0.12")
    assert (await fetched(api, address, planner))["needed"]["sample"] == 355
