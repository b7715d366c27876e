"""Plans over HTTP: made, looked at, changed by hand with a reason, approved once into batches. Planners only."""

import asyncio
from datetime import date
from typing import Any
from uuid import UUID

import httpx
import pytest

from dispatch.database import Database
from tests.conftest import NOW, Clock, serving
from tests.make import Make, World

WEEKS = [date(2027, 4, 19), date(2027, 4, 26), date(2027, 5, 3)]


async def ready(make: Make, world: World, *, printed: int = 20_000, weekly: int = 1_000) -> dict[str, str]:
    """Copies printed, capacity declared by both firms in every zone for three weeks; headers of a planner."""
    await make.print_run(world.city_id, world.campaign, world.material, world.depot, printed)
    for zone in world.zones:
        for outlet in (world.outlets[0], world.outlets[2]):
            for week in WEEKS:
                await make.capacity(world.city_id, world.campaign, outlet, zone, weekly, week)
    for zone, count in zip(world.zones, (90, 30, 30, 10), strict=True):
        await make.insert(
            "incident_count", city_id=world.city_id, zone_id=zone, month=date(2027, 2, 1), scam_type="刷单返利",
            incidents=count,
        )  # fmt: skip
    return await make.planner(world.city_id)


async def body(make: Make, world: World, **more: Any) -> dict[str, Any]:
    code = await make.value("select code from material where material_id = $1", world.material)
    return {"allocation_id": str(make.id()), "material_code": code, "copies": 6_000, **more}


def plans(world: World) -> str:
    return f"/api/campaigns/{world.campaign}/allocations"


async def draft(api: httpx.AsyncClient, make: Make, world: World, headers: dict[str, str], **more: Any) -> str:
    """Make a plan; its address."""
    made = await api.post(plans(world), json=await body(make, world, **more), headers=headers)
    assert made.status_code == 201, made.text
    return f"/api/allocations/{made.json()['allocation_id']}"


async def nothing_is_stored(make: Make) -> bool:
    return not any(
        [await make.value(f"select count(*) from {table}") for table in ("allocation", "allocation_line", "batch")]
    )


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
    assert certificate["incidents_used"] == 160
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


async def ready_partners(make: Make, world: World) -> None:
    for partner in world.partners:
        await make.invitation(world.city_id, world.campaign, partner)


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


ALIKE = {f"99010100{column}": 1.0 for column in range(4)}


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
    assert batches[0]["priority_reason"].startswith("风险权重 1.")
    assert batches[0]["priority_reason"].endswith("未触达约 6,000 户")
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
