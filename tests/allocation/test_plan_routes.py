"""Plans over HTTP: made for planners only, explained, refused where limits contradict each other."""

import asyncio
from datetime import date
from typing import Any
from uuid import UUID

import httpx
import pytest

from dispatch.database import Database
from tests.allocation.planning import ALIKE, body, draft, nothing_is_stored, plans, ready, ready_partners
from tests.conftest import NOW, Clock, serving
from tests.make import Make, World


async def test_a_plan_gives_dangerous_zones_more_and_proves_that_nothing_is_better(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    headers = await ready(make, world)
    made = await api.post(plans(world), json=await body(make, world), headers=headers)
    assert made.status_code == 201, made.text
    plan = made.json()
    assert (plan["status"], plan["copies"], plan["planned_copies"], plan["batches"]) == ("draft", 6_000, 6_000, 0)
    assert (plan["starts_on"], plan["ends_on"]) == ("2027-04-20", "2027-06-22")
    copies = [line["copies"] for line in plan["lines"]]
    assert copies == sorted(copies, reverse=True)
    assert copies[0] > copies[3] > 0
    first = plan["lines"][0]
    assert (first["zone_code"], first["households"], first["committed_copies"]) == ("990101000", 6_000, 0)
    assert first["expected_reach_before"] == 0
    assert 0.2 < first["expected_reach_after"] < 0.5
    certificate = plan["certificate"]
    assert certificate["best_next"] <= certificate["worst_last"]
    assert certificate["relative_gap"] == pytest.approx(0, abs=1e-9)
    assert certificate["incidents_used"] == 174
    assert certificate["comparison"]["gain_over_households"] > 0
    again = (await api.get(f"/api/allocations/{plan['allocation_id']}", headers=headers)).json()
    assert again == plan
    listed = (await api.get(plans(world), headers=headers)).json()
    assert [entry["allocation_id"] for entry in listed] == [plan["allocation_id"]]
    assert "lines" not in listed[0]


async def test_the_same_request_again_gives_the_same_plan_and_other_content_is_refused(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    headers = await ready(make, world)
    request = await body(make, world, weights={"by_zone": {"990101001": 2.5}}, floor=0.1)
    first = await api.post(plans(world), json=request, headers=headers)
    again = await api.post(plans(world), json=request, headers=headers)
    assert again.json() == first.json()
    assert first.json()["lines"][1]["risk_weight"] == 2.5
    other = await api.post(plans(world), json=request | {"floor": 0.2}, headers=headers)
    assert (other.status_code, other.json()["type"]) == (409, "/problems/allocation-changed")
    assert await make.value("select count(*) from allocation") == 1
    assert await make.value("select revision from campaign where campaign_id = $1", world.campaign) == 1


async def test_a_preview_says_the_same_and_keeps_nothing(api: httpx.AsyncClient, make: Make, world: World) -> None:
    headers, request = await ready(make, world), await body(make, world, assign_partners=True)
    await ready_partners(make, world)
    preview = await api.post(f"{plans(world)}/preview", json=request, headers=headers)
    assert preview.status_code == 200, preview.text
    assert await nothing_is_stored(make)
    made = (await api.post(plans(world), json=request, headers=headers)).json()
    for name in ("certificate", "lines", "planned_copies", "starts_on", "ends_on"):
        assert preview.json()[name] == made[name], name


async def test_zones_without_households_get_nothing_and_the_plan_says_so(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    headers = await ready(make, world)
    await make.zone(world.city_id, 8, households=None, code="EMPTY")
    plan = (await api.post(plans(world), json=await body(make, world), headers=headers)).json()
    assert plan["certificate"]["zones_without_households"] == ["EMPTY"]
    (empty,) = [line for line in plan["lines"] if line["zone_code"] == "EMPTY"]
    assert (empty["copies"], empty["households"], empty["expected_reach_after"]) == (0, None, None)


async def test_what_is_done_or_in_batches_counts_before_new_copies_are_given(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    headers = await ready(make, world)
    await make.batch(world, copies=500, zone=1, due_on=date(2027, 4, 30))
    poster = await make.material(world.city_id, world.campaign, counts_for_reach=False)
    for zone, material, copies in ((0, world.material, 3_000), (1, world.material, 400), (2, poster, 5_000)):
        await make.insert(
            "zone_tally", city_id=world.city_id, campaign_id=world.campaign, zone_id=world.zones[zone],
            material_id=material, channel="in_person", copies=copies,
        )  # fmt: skip
    plan = (
        await api.post(plans(world), json=await body(make, world, weights={"by_zone": ALIKE}), headers=headers)
    ).json()
    assert [line["committed_copies"] for line in plan["lines"]] == [3_000, 500, 0, 0]
    copies = [line["copies"] for line in plan["lines"]]
    assert copies[0] < copies[1] < copies[2]
    assert copies[2] == pytest.approx(copies[3], abs=50)
    assert plan["lines"][0]["expected_reach_before"] > 0.3
    # Ten thousand in batches already, of twenty thousand printed.
    await make.batch(world, copies=9_500, zone=1)
    refused = await api.post(plans(world), json=await body(make, world, copies=10_050), headers=headers)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/not-enough-printed")
    assert refused.json()["left_copies"] == 10_000
    assert refused.json()["copies_in_batches"] == 10_000


async def test_capacity_of_past_days_and_of_open_batches_is_gone(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    headers = await ready(make, world, weekly=350)
    # Two outlets, 350 a week: six of the current week's seven days are left, then two whole weeks.
    per_zone = 2 * (350 * 6 // 7 + 350 + 350)
    assert per_zone == 2_000
    full = await api.post(f"{plans(world)}/preview", json=await body(make, world, copies=8_050), headers=headers)
    assert (full.status_code, full.json()["type"]) == (422, "/problems/plan-infeasible")
    assert (full.json()["reason"], full.json()["missing_copies"]) == ("copies_exceed_capacity", 50)
    await make.batch(world, copies=600, zone=0, due_on=date(2027, 5, 1))
    await make.insert(
        "zone_tally", city_id=world.city_id, campaign_id=world.campaign, zone_id=world.zones[0],
        material_id=world.material, channel="in_person", copies=200,
    )  # fmt: skip
    left = await api.post(f"{plans(world)}/preview", json=await body(make, world, copies=8_000), headers=headers)
    assert left.json()["missing_copies"] == 400
    without = await body(make, world, copies=8_000, within_capacity=False)
    assert (await api.post(f"{plans(world)}/preview", json=without, headers=headers)).status_code == 200


async def test_a_wave_confines_the_plan_to_its_zones_and_weeks(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    headers = await ready(make, world)
    for number, starts_on, ends_on in (
        (1, date(2027, 3, 15), date(2027, 4, 19)),
        (2, date(2027, 4, 26), date(2027, 5, 2)),
    ):
        await make.insert(
            "wave", city_id=world.city_id, campaign_id=world.campaign, number=number, name="波", starts_on=starts_on,
            ends_on=ends_on, planned_share=0.5, zone_codes=["990101001", "990101002"],
        )  # fmt: skip
    plan = await api.post(
        f"{plans(world)}/preview", json=await body(make, world, copies=4_000, wave_number=2), headers=headers
    )
    assert [(line["zone_code"], line["copies"]) for line in plan.json()["lines"]] == [
        ("990101001", 2_000),
        ("990101002", 2_000),
    ]
    for more, problem in (
        ({"wave_number": 1}, "plan-period-over"),
        ({"wave_number": 3}, "wave-unknown"),
        ({"wave_number": 2, "weights": {"by_zone": {"990101000": 2.0}}}, "plan-options"),
    ):
        refused = await api.post(f"{plans(world)}/preview", json=await body(make, world, **more), headers=headers)
        assert refused.json()["type"] == f"/problems/{problem}"


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ({"copies": 0}, "invalid-request"),
        ({"copies": -50}, "invalid-request"),
        ({"copies": 49}, "plan-options"),
        ({"floor": 1}, "invalid-request"),
        ({"floor": -0.1}, "invalid-request"),
        ({"floor": "NaN"}, "invalid-request"),
        ({"spread": -1}, "invalid-request"),
        ({"genuine_share": 0}, "invalid-request"),
        ({"weights": {"by_zone": {"990101000": -1}}}, "invalid-request"),
        ({"weights": {"by_zone": {"nowhere": 1}}}, "plan-options"),
        ({"weights": {"by_zone": dict.fromkeys(ALIKE, 0)}}, "plan-options"),
        ({"weights": {"incident_months": 0}}, "invalid-request"),
        ({"material_code": "nothing"}, "material-unknown"),
        ({"floor": 0.9}, "plan-infeasible"),
        ({"assign_partners": True, "within_capacity": False}, "plan-options"),
        ({"allocation_id": "6ba7b810-9dad-41d1-80b4-00c04fd430c8"}, "id-unusable"),
    ],
)
async def test_a_plan_that_makes_no_sense_is_refused_and_not_kept(
    api: httpx.AsyncClient, make: Make, world: World, more: dict[str, Any], problem: str
) -> None:
    headers = await ready(make, world)
    refused = await api.post(plans(world), json=await body(make, world) | more, headers=headers)
    assert refused.json()["type"] == f"/problems/{problem}", refused.text
    assert await nothing_is_stored(make)
    bare = b'{"allocation_id":"' + str(make.id()).encode() + b'","material_code":"M","copies":100,"floor":NaN}'
    typed = headers | {"content-type": "application/json"}
    assert (await api.post(plans(world), content=bare, headers=typed)).status_code == 400


async def test_nobody_but_a_planner_of_the_whole_city_sees_or_makes_plans(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    planner = await ready(make, world)
    address = await draft(api, make, world, planner)
    await ready_partners(make, world)
    callers = [
        await make.firm_manager(world.city_id, world.partners[0]),
        await make.outlet_manager(world.city_id, world.partners[0], world.outlets[0]),
        await make.rider_session(world.city_id, world.riders[0]),
        await make.planner(world.city_id, division_code="990101"),
    ]
    request = await body(make, world)
    change = {"copies": 0, "reason": "不需要"}
    for headers in callers:
        answers = [
            await api.get(plans(world), headers=headers),
            await api.get(address, headers=headers),
            await api.post(plans(world), json=request, headers=headers),
            await api.post(f"{plans(world)}/preview", json=request, headers=headers),
            await api.put(f"{address}/lines/990101000", json=change, headers=headers),
            await api.post(f"{address}/drop", headers=headers),
            await api.post(f"{address}/approve", json={}, headers=headers),
        ]
        assert {answer.status_code for answer in answers} == {403}
    await make.city(98)
    elsewhere = await make.planner(98)
    assert (await api.get(address, headers=elsewhere)).status_code == 404
    assert (await api.get(plans(world), headers=elsewhere)).json() == []
    assert (await api.post(f"{address}/approve", json={}, headers=elsewhere)).status_code == 404
    assert (await api.post(f"{address}/drop", headers=elsewhere)).status_code == 404
    assert (await api.put(f"{address}/lines/990101000", json=change, headers=elsewhere)).status_code == 404
    assert (await api.get(address)).status_code == 401
    assert await make.value("select status from allocation") == "draft"


async def test_the_same_plan_sent_twice_at_once_is_kept_once(clone: Database) -> None:
    make = Make(clone, NOW)
    world = await make.world()
    headers = await ready(make, world)
    async with serving(clone, Clock()) as (api, _):
        request = await body(make, world)
        answers = await asyncio.gather(*(api.post(plans(world), json=request, headers=headers) for _ in range(3)))
    assert {answer.status_code for answer in answers} == {201}
    assert all(answer.json() == answers[0].json() for answer in answers)
    ids: list[UUID] = [row["allocation_id"] for row in await make.fetch("select allocation_id from allocation")]
    assert [str(one) for one in ids] == [request["allocation_id"]]
    assert await make.value("select count(*) from allocation_line") == 4
