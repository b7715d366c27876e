"""Planning a spot check, recording it, closing it, and who may do so."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from dispatch.database import Database
from tests.conftest import Clock, serving
from tests.make import Make, World


def plan(make: Make, **more: Any) -> dict[str, Any]:
    return {"spot_check_id": str(make.id()), "zone_code": "990101000", "seed": 7, **more}


def result(make: Make, number: int, asked: int, have: int, **more: Any) -> dict[str, Any]:
    return {"result_id": str(make.id()), "number": number, "asked": asked, "have": have, **more}


async def planned(api: httpx.AsyncClient, make: Make, world: World, headers: dict[str, str], **more: Any) -> Any:
    answer = await api.post(f"/api/campaigns/{world.campaign}/spot-checks", json=plan(make, **more), headers=headers)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def record(api: httpx.AsyncClient, check: Any, body: dict[str, Any], headers: dict[str, str]) -> httpx.Response:
    return await api.post(f"/api/spot-checks/{check['spot_check_id']}/results", json=body, headers=headers)


async def refused(answer: httpx.Response, status: int, slug: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.json()["type"] == f"/problems/{slug}"
    return answer.json()


async def rows_of(make: Make) -> list[Any]:
    return [
        await make.value(f"select count(*) from {table}")
        for table in ("spot_check", "spot_check_cluster", "spot_check_result")
    ] + [await make.value("select sum(revision) from campaign")]


async def test_a_plan_says_where_to_ask_how_many_and_names_nobody(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    planner = await make.planner(world.city_id)
    found = await planned(api, make, world, planner)
    assert (found["sample"], found["clusters_planned"], found["status"], found["datum"]) == (40, 8, "open", "gcj02")
    assert [cluster["planned"] for cluster in found["clusters"]] == [5] * 8
    assert {int(cluster["cell"], 16) for cluster in found["clusters"]} <= set(world.cells[0])
    for cluster in found["clusters"]:
        assert 104.20 <= cluster["longitude"] <= 104.22
        assert 36.90 <= cluster["latitude"] <= 36.92
        assert cluster["result"] is None
    assert found["figures"]["verified"] is None
    assert await make.value("select revision from campaign where campaign_id = $1", world.campaign) == 1


async def test_the_same_plan_again_is_the_same_check_and_another_under_its_id_is_refused(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    planner, body = await make.planner(world.city_id), plan(make)
    address = f"/api/campaigns/{world.campaign}/spot-checks"
    first = await api.post(address, json=body, headers=planner)
    await make.fetch("update zone_cell set households = 1")  # the registry has moved on; the plan stands
    again = await api.post(address, json=body, headers=planner)
    assert (again.status_code, again.json()) == (201, first.json())
    before = await rows_of(make)
    for change in ({"seed": 8}, {"sample": 41}, {"clusters": 4}, {"zone_code": "990101001"}):
        await refused(await api.post(address, json=body | change, headers=planner), 409, "spot-check-changed")
    assert await rows_of(make) == before


@pytest.mark.parametrize(
    ("change", "status", "slug"),
    [
        ({"zone_code": "NONE"}, 404, "not-found"),
        ({"sample": 3, "clusters": 4}, 422, "sample-plan"),
        ({"zone_code": "990101001"}, 422, "sample-plan"),
        ({"zone_code": "990101002"}, 422, "sample-plan"),
        ({"spot_check_id": "8e8a7f5e-6d53-4a8e-9d3c-0f4f6f2a1b11"}, 422, "id-unusable"),
        ({"sample": 0}, 400, "invalid-request"),
        ({"sample": 1001}, 400, "invalid-request"),
        ({"clusters": 201}, 400, "invalid-request"),
        ({"seed": -1}, 400, "invalid-request"),
        ({"address": "东街1号"}, 400, "invalid-request"),
    ],
)
async def test_a_plan_that_cannot_be_drawn_is_refused_and_leaves_nothing(
    api: httpx.AsyncClient, make: Make, world: World, change: dict[str, Any], status: int, slug: str
) -> None:
    await make.fetch("update zone_cell set households = 0 where zone_id = $1", world.zones[1])
    await make.fetch(
        "update zone_cell set households = 0 where zone_id = $1 and cell <> $2", world.zones[2], world.cells[2][0]
    )
    await make.fetch("update zone_cell set households = 39 where cell = $1", world.cells[2][0])
    planner, before = await make.planner(world.city_id), await rows_of(make)
    answer = await api.post(f"/api/campaigns/{world.campaign}/spot-checks", json=plan(make) | change, headers=planner)
    await refused(answer, status, slug)
    assert await rows_of(make) == before


async def test_a_campaign_being_set_up_has_nothing_to_ask_about_and_a_closed_one_has(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    planner, address = await make.planner(world.city_id), f"/api/campaigns/{world.campaign}/spot-checks"
    await make.fetch("update campaign set status = 'draft'")
    await refused(await api.post(address, json=plan(make), headers=planner), 409, "spot-check-too-early")
    await make.fetch("update campaign set status = 'closed', closed_at = $1", make.now)
    assert (await planned(api, make, world, planner))["status"] == "open"


async def test_results_add_up_and_count_as_measured_when_the_check_is_closed(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    planner = await make.planner(world.city_id)
    check = await planned(api, make, world, planner)
    for number in range(1, 9):
        more = {"read_and_remembered": 1} if number > 4 else {}
        answer = await record(api, check, result(make, number, 5, 2 + (number > 6), **more), planner)
        assert answer.status_code == 201
    figures = (await api.get(f"/api/spot-checks/{check['spot_check_id']}", headers=planner)).json()["figures"]
    assert (figures["asked"], figures["have"], figures["measured"], figures["passes"]) == (40, 18, False, None)
    closed = await api.post(f"/api/spot-checks/{check['spot_check_id']}/close", headers=planner)
    assert closed.status_code == 200
    figures = closed.json()["figures"]
    assert (figures["measured"], figures["pass_at"], figures["passes"]) == (True, 16, True)
    assert figures["verified"] == {
        "share": 0.45, "low": pytest.approx(0.2799, abs=1e-4), "high": pytest.approx(0.6326, abs=1e-4), "asked": 40,
    }  # fmt: skip
    assert figures["corrected"] == pytest.approx((0.45 - 0.02) / 0.88)
    assert (figures["effective"]["share"], figures["effective"]["asked"]) == (0.2, 20)
    assert (closed.json()["clusters_answered"], closed.json()["clusters"][7]["result"]["have"]) == (8, 3)
    again = await api.post(f"/api/spot-checks/{check['spot_check_id']}/close", headers=planner)
    assert again.json() == closed.json()


async def test_a_result_sent_twice_counts_once_and_other_content_under_its_id_is_refused(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    planner = await make.planner(world.city_id)
    check, other = await planned(api, make, world, planner), await planned(api, make, world, planner)
    body = result(make, 1, 5, 3, read_and_remembered=2)
    first, again = [await record(api, check, body, planner) for _ in range(2)]
    assert (again.status_code, again.json()) == (201, first.json())
    before = await rows_of(make)
    for change in ({"have": 2}, {"asked": 4}, {"number": 2}, {"read_and_remembered": None}):
        await refused(await record(api, check, body | change, planner), 409, "result-changed")
    await refused(await record(api, other, body, planner), 409, "result-changed")
    assert await rows_of(make) == before


async def test_a_mistake_is_replaced_by_a_linked_result_also_after_closing(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    planner = await make.planner(world.city_id)
    check = await planned(api, make, world, planner)
    first, second, third = result(make, 1, 5, 5), result(make, 1, 5, 4), result(make, 1, 5, 3)
    await record(api, check, first, planner)
    problem = await refused(await record(api, check, second, planner), 409, "cluster-answered")
    assert problem["current_result_id"] == first["result_id"]
    replaced = await record(api, check, second | {"replaces_id": first["result_id"]}, planner)
    assert replaced.json()["figures"]["have"] == 4
    assert replaced.json()["clusters"][0]["result"]["replaces_id"] == first["result_id"]
    await api.post(f"/api/spot-checks/{check['spot_check_id']}/close", headers=planner)
    late = await record(api, check, third | {"replaces_id": second["result_id"]}, planner)
    assert (late.json()["figures"]["asked"], late.json()["figures"]["have"]) == (5, 3)
    before = await rows_of(make)
    fourth = result(make, 1, 5, 1, replaces_id=first["result_id"])  # not the current one
    await refused(await record(api, check, fourth, planner), 409, "cluster-answered")
    await refused(await record(api, check, result(make, 2, 5, 1), planner), 409, "spot-check-closed")
    assert (await record(api, check, first, planner)).status_code == 201  # a retry that comes late
    assert await rows_of(make) == before


@pytest.mark.parametrize(
    ("change", "status", "slug"),
    [
        ({"have": 6}, 422, "more-than-asked"),
        ({"have": 2, "read_and_remembered": 3}, 422, "more-than-asked"),
        ({"asked": 8}, 422, "more-than-planned"),
        ({"number": 9}, 422, "cluster-unknown"),
        ({"replaces_id": "01a5004e-dd00-72dd-98e6-ad2fda4caace"}, 409, "cluster-answered"),
        ({"result_id": "8e8a7f5e-6d53-4a8e-9d3c-0f4f6f2a1b11"}, 422, "id-unusable"),
        ({"asked": -1}, 400, "invalid-request"),
        ({"name": "王某"}, 400, "invalid-request"),
    ],
)
async def test_a_result_that_does_not_fit_is_refused_and_leaves_nothing(
    api: httpx.AsyncClient, make: Make, world: World, change: dict[str, Any], status: int, slug: str
) -> None:
    planner = await make.planner(world.city_id)
    check = await planned(api, make, world, planner)
    before = await rows_of(make)
    await refused(await record(api, check, result(make, 1, 5, 2) | change, planner), status, slug)
    assert await rows_of(make) == before
    assert (await record(api, check, result(make, 1, 7, 2), planner)).status_code == 201  # two to spare


async def test_a_district_checks_its_own_zones_and_sees_no_others(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    await make.fetch("update zone set division_code = '990202' where zone_id = $1", world.zones[0])
    city, own = await make.planner(world.city_id), await make.planner(world.city_id, division_code="9902")
    other = await make.planner(world.city_id, division_code="9901")
    check = await planned(api, make, world, own)
    foreign = await planned(api, make, world, city, zone_code="990101001")
    listed = await api.get(f"/api/campaigns/{world.campaign}/spot-checks", headers=own)
    assert [entry["spot_check_id"] for entry in listed.json()["spot_checks"]] == [check["spot_check_id"]]
    before = await rows_of(make)
    address = f"/api/spot-checks/{check['spot_check_id']}"
    await refused(await api.get(address, headers=other), 404, "not-found")
    await refused(await record(api, check, result(make, 1, 5, 2), other), 404, "not-found")
    await refused(await api.post(f"{address}/close", headers=other), 404, "not-found")
    answer = await api.post(f"/api/campaigns/{world.campaign}/spot-checks", json=plan(make), headers=other)
    await refused(answer, 404, "not-found")
    await refused(await record(api, foreign, result(make, 1, 5, 2), own), 404, "not-found")
    assert await rows_of(make) == before


async def test_an_id_that_is_a_check_of_another_district_is_refused_and_tells_nothing(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    await make.fetch("update zone set division_code = '990202' where zone_id = $1", world.zones[1])
    check = await planned(api, make, world, await make.planner(world.city_id), zone_code="990101001")
    other = await make.planner(world.city_id, division_code="9901")
    before = await rows_of(make)
    address = f"/api/campaigns/{world.campaign}/spot-checks"
    for zone in ("990101000", "990101001"):
        body = plan(make, spot_check_id=check["spot_check_id"], zone_code=zone)
        problem = await refused(await api.post(address, json=body, headers=other), 404, "not-found")
        assert set(problem) <= {"type", "title", "status", "detail", "field", "instance"}
    assert await rows_of(make) == before


async def test_a_check_that_is_closed_again_was_closed_when_it_was(
    api: httpx.AsyncClient, make: Make, world: World, clock: Clock
) -> None:
    planner = await make.planner(world.city_id)
    check = await planned(api, make, world, planner)
    first = await api.post(f"/api/spot-checks/{check['spot_check_id']}/close", headers=planner)
    clock.now += timedelta(days=1)
    again = await api.post(f"/api/spot-checks/{check['spot_check_id']}/close", headers=planner)
    assert first.json()["closed_at"] == again.json()["closed_at"] == "2027-04-20T02:00:00Z"


async def test_a_cell_without_households_is_not_drawn(api: httpx.AsyncClient, make: Make, world: World) -> None:
    inhabited = world.cells[0][7]
    await make.fetch("update zone_cell set households = 0 where zone_id = $1 and cell <> $2", world.zones[0], inhabited)
    await make.fetch("update zone_cell set households = 400 where cell = $1", inhabited)
    found = await planned(api, make, world, await make.planner(world.city_id))
    assert {int(cluster["cell"], 16) for cluster in found["clusters"]} == {inhabited}


async def test_auditors_read_and_others_do_not(api: httpx.AsyncClient, make: Make, world: World) -> None:
    planner = await make.planner(world.city_id)
    check = await planned(api, make, world, planner)
    auditor = await make.session(world.city_id, account_id=await make.account(world.city_id, "auditor"))
    reads = [f"/api/spot-checks/{check['spot_check_id']}", f"/api/campaigns/{world.campaign}/spot-checks"]
    for address in reads:
        assert (await api.get(address, headers=auditor)).status_code == 200
    others = [
        await make.firm_manager(world.city_id, world.partners[0]),
        await make.outlet_manager(world.city_id, world.partners[0], world.outlets[0]),
        await make.rider_session(world.city_id, world.riders[0]),
        await make.partner_system(world.city_id, world.partners[0]),
    ]
    for headers in others:
        for address in reads:
            await refused(await api.get(address, headers=headers), 403, "not-allowed")
    for headers in [auditor, *others]:
        await refused(await record(api, check, result(make, 1, 5, 2), headers), 403, "not-allowed")
        answer = await api.post(f"/api/campaigns/{world.campaign}/spot-checks", json=plan(make), headers=headers)
        await refused(answer, 403, "not-allowed")
    stranger = await make.planner((await make.world(98)).city_id)
    for address in reads:
        await refused(await api.get(address, headers=stranger), 404, "not-found")


async def test_checks_come_by_pages_newest_first(
    api: httpx.AsyncClient, make: Make, world: World, clock: Clock
) -> None:
    planner = await make.planner(world.city_id)
    made = [(await planned(api, make, world, planner, seed=seed))["spot_check_id"] for seed in range(5)]
    found: list[str] = []
    cursor: str | None = None
    while True:
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await api.get(f"/api/campaigns/{world.campaign}/spot-checks", params=query, headers=planner)).json()
        found += [entry["spot_check_id"] for entry in page["spot_checks"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert found == sorted(made, key=UUID, reverse=True)


async def test_of_two_results_sent_at_once_for_a_cluster_one_counts(clone: Database, clock: Clock) -> None:
    make = Make(clone, clock.now)
    world = await make.world()
    async with serving(clone, clock) as (api, _):
        planner = await make.planner(world.city_id)
        check = await planned(api, make, world, planner)
        bodies = [result(make, 1, 5, have) for have in range(5)]
        answers = await asyncio.gather(*(record(api, check, body, planner) for body in bodies))
        assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409]
        winner = next(body for body, answer in zip(bodies, answers, strict=True) if answer.status_code == 201)
        found = (await api.get(f"/api/spot-checks/{check['spot_check_id']}", headers=planner)).json()
    assert (found["figures"]["asked"], found["figures"]["have"]) == (5, winner["have"])
    assert await make.value("select count(*) from spot_check_result") == 1
