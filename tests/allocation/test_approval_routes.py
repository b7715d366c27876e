"""Plans over HTTP: changed by hand with a reason, approved once into batches, or dropped."""

import asyncio
from typing import Any

import httpx
import pytest

from dispatch.database import Database
from tests.allocation.planning import ALIKE, body, draft, plans, ready
from tests.conftest import NOW, Clock, serving
from tests.make import Make, World


async def test_a_change_by_hand_has_a_reason_and_stays_within_the_plan(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    headers = await ready(make, world)
    address = await draft(api, make, world, headers)
    before = (await api.get(address, headers=headers)).json()
    proposed = before["lines"][0]["copies"]
    more = {"copies": proposed + 50, "reason": "新建小区入住"}
    over = await api.put(f"{address}/lines/990101000", json=more, headers=headers)
    assert (over.status_code, over.json()["type"]) == (409, "/problems/lines-exceed-copies")
    assert over.json()["left_copies"] == proposed
    for change, problem in (
        ({"copies": 75, "reason": "零头"}, "not-whole-bundles"),
        ({"copies": 50, "reason": ""}, "invalid-request"),
        ({"copies": -50, "reason": "收回"}, "invalid-request"),
        ({"copies": 50, "reason": "指定单位", "partner_code": "nobody"}, "partner-does-not-serve"),
    ):
        refused = await api.put(f"{address}/lines/990101000", json=change, headers=headers)
        assert refused.json()["type"] == f"/problems/{problem}"
    unknown = await api.put(f"{address}/lines/nowhere", json={"copies": 0, "reason": "没有"}, headers=headers)
    assert unknown.status_code == 404
    assert (await api.get(address, headers=headers)).json() == before
    less = {"copies": proposed - 500, "reason": "社区自行发放"}
    lowered = (await api.put(f"{address}/lines/990101000", json=less, headers=headers)).json()
    assert lowered == (await api.put(f"{address}/lines/990101000", json=less, headers=headers)).json()
    first = lowered["lines"][0]
    assert (first["copies"], first["proposed_copies"]) == (proposed - 500, proposed)
    assert first["change_reason"] == "社区自行发放"
    assert (lowered["changed_by_hand"], lowered["planned_copies"]) == (True, 5_500)
    assert first["expected_reach_after"] < before["lines"][0]["expected_reach_after"]
    assert lowered["certificate"] == before["certificate"]


async def test_copies_can_be_moved_by_hand_to_a_partner_that_serves_the_zone(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    headers = await ready(make, world)
    address = await draft(api, make, world, headers, copies=1_000)
    partner = await make.value("select code from partner where partner_id = $1", world.partners[1])
    lower = {"copies": 0, "reason": "改由二网点"}
    await api.put(f"{address}/lines/990101000", json=lower, headers=headers)
    moved = await api.put(
        f"{address}/lines/990101000",
        json={"copies": 200, "reason": "改由二网点", "partner_code": partner},
        headers=headers,
    )
    lines = [line for line in moved.json()["lines"] if line["zone_code"] == "990101000"]
    assert [(line["partner_code"], line["copies"], line["proposed_copies"]) for line in lines] == [
        (None, 0, lines[0]["proposed_copies"]),
        (partner, 200, 0),
    ]
    approved = (await api.post(f"{address}/approve", json={}, headers=headers)).json()
    (reserved,) = [batch for batch in approved["batches"] if batch["zone_code"] == "990101000"]
    assert (reserved["copies"], reserved["reserved_partner_code"]) == (200, partner)
    assert reserved["priority_reason"].endswith("人工调整：改由二网点")
    offered = (await api.get(f"/api/campaigns/{world.campaign}/batches", headers=headers)).json()["batches"]
    reasons = {batch["batch_id"]: batch["change_reason"] for batch in offered}
    assert len(reasons) == len(approved["batches"]) > 1
    assert reasons.pop(reserved["batch_id"]) == "改由二网点", "a program reads it without the sentence"
    assert set(reasons.values()) == {None}, "of lines that nobody changed"


async def test_an_approved_plan_makes_batches_that_add_up_to_its_lines_once(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    headers = await ready(make, world)
    address = await draft(api, make, world, headers)
    await make.batch(world, zone=0, code="B-990101000-7")
    approved = await api.post(f"{address}/approve", json={"batch_copies": 730}, headers=headers)
    assert approved.status_code == 200, approved.text
    batches = approved.json()["batches"]
    plan = (await api.get(address, headers=headers)).json()
    assert (plan["status"], plan["approved_at"], plan["batches"]) == ("approved", "2027-04-20T02:00:00Z", len(batches))
    assert approved.json()["copies"] == 6_000
    for line in plan["lines"]:
        sizes = [batch["copies"] for batch in batches if batch["zone_code"] == line["zone_code"]]
        assert sum(sizes) == line["copies"]
        assert all(size <= 700 and size % 50 == 0 for size in sizes)
    assert batches == sorted(batches, key=lambda batch: -batch["priority"])
    assert batches[0]["code"] == "B-990101000-8"
    assert batches[0]["priority_reason"] == "未触达约 6,000 户"
    depot = await make.value("select code from depot")
    assert {(batch["due_on"], batch["depot_code"], batch["reserved_partner_code"]) for batch in batches} == {
        ("2027-06-22", depot, None)
    }
    again = await api.post(f"{address}/approve", json={"batch_copies": 50}, headers=headers)
    assert again.json() == approved.json()
    assert await make.value("select count(*) from batch") == len(batches) + 1
    for answer in (
        await api.put(f"{address}/lines/990101000", json={"copies": 0, "reason": "太迟"}, headers=headers),
        await api.post(f"{address}/drop", headers=headers),
    ):
        assert (answer.status_code, answer.json()["type"]) == (409, "/problems/allocation-not-draft")


async def test_assigned_partners_get_the_batches_reserved(api: httpx.AsyncClient, make: Make, world: World) -> None:
    headers = await ready(make, world)
    address = await draft(api, make, world, headers, assign_partners=True)
    plan = (await api.get(address, headers=headers)).json()
    certificate = plan["certificate"]["partners"]
    assert certificate["gap"] == pytest.approx(0, abs=1e-9)
    assert sum(load["copies"] for load in certificate["partners"]) == 6_000
    assert all(load["copies"] <= load["capacity_copies"] for load in certificate["partners"])
    assert all(line["partner_code"] for line in plan["lines"])
    approved = (await api.post(f"{address}/approve", json={"due_on": "2027-05-01"}, headers=headers)).json()
    given: dict[tuple[str, str], int] = {}
    for batch in approved["batches"]:
        key = (batch["zone_code"], batch["reserved_partner_code"])
        given[key] = given.get(key, 0) + batch["copies"]
    assert given == {(line["zone_code"], line["partner_code"]): line["copies"] for line in plan["lines"]}
    assert {batch["due_on"] for batch in approved["batches"]} == {"2027-05-01"}


@pytest.mark.parametrize(
    ("approval", "problem"),
    [
        ({"batch_copies": 49}, "not-whole-bundles"),
        ({"batch_copies": 0}, "invalid-request"),
        ({"depot_code": "nowhere"}, "depot-unknown"),
        ({"due_on": "2027-04-19"}, "due-date"),
    ],
)
async def test_an_approval_that_makes_no_sense_makes_no_batches(
    api: httpx.AsyncClient, make: Make, world: World, approval: dict[str, Any], problem: str
) -> None:
    headers = await ready(make, world)
    address = await draft(api, make, world, headers)
    refused = await api.post(f"{address}/approve", json=approval, headers=headers)
    assert refused.json()["type"] == f"/problems/{problem}"
    assert await make.value("select count(*) from batch") == 0
    assert await make.value("select status from allocation") == "draft"
    assert await make.value("select revision from campaign where campaign_id = $1", world.campaign) == 1


async def test_a_dropped_plan_is_kept_for_the_record_and_never_approved(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    headers = await ready(make, world)
    address = await draft(api, make, world, headers)
    dropped = await api.post(f"{address}/drop", headers=headers)
    assert dropped.json()["status"] == "dropped"
    assert (await api.post(f"{address}/drop", headers=headers)).json() == dropped.json()
    refused = await api.post(f"{address}/approve", json={}, headers=headers)
    assert (refused.status_code, refused.json()["current"]) == (409, "dropped")
    assert await make.value("select count(*) from batch") == 0


async def test_a_plan_of_nothing_is_not_approved(api: httpx.AsyncClient, make: Make, world: World) -> None:
    headers = await ready(make, world)
    address = await draft(api, make, world, headers, copies=50)
    for code in ALIKE:
        await api.put(f"{address}/lines/{code}", json={"copies": 0, "reason": "暂缓"}, headers=headers)
    refused = await api.post(f"{address}/approve", json={}, headers=headers)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/nothing-to-approve")
    assert await make.value("select status from allocation") == "draft"


async def test_the_depot_that_holds_most_is_chosen_and_stock_counts_as_printed(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    headers = await ready(make, world, printed=50)
    full = await make.depot(world.city_id, code="FULL")
    await make.stock(world.city_id, world.campaign, world.material, "depot", full, 6_000)
    address = await draft(api, make, world, headers)
    approved = (await api.post(f"{address}/approve", json={}, headers=headers)).json()
    assert {batch["depot_code"] for batch in approved["batches"]} == {"FULL"}


async def test_a_closed_campaign_takes_no_plans_and_approves_none(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    headers = await ready(make, world)
    address = await draft(api, make, world, headers)
    await api.post(f"/api/campaigns/{world.campaign}/close", headers=headers)
    answers = [
        await api.post(plans(world), json=await body(make, world), headers=headers),
        await api.post(f"{address}/approve", json={}, headers=headers),
        await api.put(f"{address}/lines/990101000", json={"copies": 0, "reason": "太迟"}, headers=headers),
    ]
    assert {answer.json()["type"] for answer in answers} == {"/problems/campaign-closed"}
    assert await make.value("select count(*) from batch") == 0
    assert await make.value("select count(*) from allocation") == 1


async def test_two_approvals_at_once_make_the_batches_once(clone: Database) -> None:
    make = Make(clone, NOW)
    world = await make.world()
    headers = await ready(make, world)
    async with serving(clone, Clock()) as (api, _):
        address = await draft(api, make, world, headers)
        answers = await asyncio.gather(*(api.post(f"{address}/approve", json={}, headers=headers) for _ in range(4)))
    assert {answer.status_code for answer in answers} == {200}
    assert all(answer.json() == answers[0].json() for answer in answers)
    assert await make.value("select sum(copies)::bigint from batch") == 6_000


async def test_two_plans_for_the_same_copies_are_not_both_approved(clone: Database) -> None:
    make = Make(clone, NOW)
    world = await make.world()
    headers = await ready(make, world, printed=10_000)
    async with serving(clone, Clock()) as (api, _):
        addresses = [await draft(api, make, world, headers) for _ in range(2)]
        answers = await asyncio.gather(
            *(api.post(f"{address}/approve", json={}, headers=headers) for address in addresses)
        )
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    (refused,) = [answer.json() for answer in answers if answer.status_code == 409]
    assert (refused["type"], refused["left_copies"]) == ("/problems/not-enough-printed", 4_000)
    assert await make.value("select sum(copies)::bigint from batch") == 6_000


async def test_whoever_acts_on_an_older_view_of_the_plan_is_told_and_changes_nothing(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    headers = await ready(make, world)
    other = await make.planner(world.city_id)
    address = await draft(api, make, world, headers)
    seen = (await api.get(address, headers=headers)).json()["revision"]
    mine = {"copies": 500, "reason": "社区自行发放", "revision": seen}
    changed = await api.put(f"{address}/lines/990101000", json=mine, headers=headers)
    assert changed.json()["revision"] == seen + 1
    again = await api.put(f"{address}/lines/990101000", json=mine, headers=headers)
    assert (again.status_code, again.json()["revision"]) == (200, seen + 1), "a lost answer may be asked for again"
    stale = await api.put(
        f"{address}/lines/990101000", json={"copies": 0, "reason": "不发了", "revision": seen}, headers=other
    )
    assert (stale.status_code, stale.json()["type"]) == (409, "/problems/allocation-stale")
    assert stale.json()["revision"] == seen + 1
    refused = await api.post(f"{address}/approve", json={"revision": seen}, headers=other)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/allocation-stale")
    assert (await api.get(address, headers=headers)).json() == changed.json()
    approved = await api.post(f"{address}/approve", json={"revision": seen + 1}, headers=other)
    assert approved.status_code == 200
