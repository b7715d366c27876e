"""Questions are put for a week that is over, seen by those they concern, answered, and decided by two planners."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from dispatch.flags.rules import QUEUE_LENGTH
from tests.conftest import Clock
from tests.make import Make, World

WEEK = {"week_starts_on": "2027-04-12"}
MORNING = datetime.fromisoformat("2027-04-12T10:00:00+08:00")


async def confirm(
    make: Make, world: World, rider: int, at: datetime, copies: int, cell: int | None, **more: Any
) -> UUID:
    """One recorded confirmation of the world's rider."""
    handout_id = make.id()
    values = {"received_at": at + timedelta(seconds=5), "zone_id": world.zones[0], **more}
    await make.insert(
        "handout", city_id=world.city_id, id_day=at.date(), handout_id=handout_id, campaign_id=world.campaign, cell=cell,
        outlet_id=world.outlets[rider // 2], holder_id=world.riders[rider], holder_kind="rider", material_id=world.material,
        channel="with_parcel", copies=copies, day=at.date(), handed_out_at=at, **values,
    )  # fmt: skip
    return handout_id


async def odd_week(make: Make, world: World, rider: int = 0) -> list[UUID]:
    """One cell, every quarter of an hour, five copies each, three days."""
    return [
        await confirm(make, world, rider, MORNING + timedelta(days=day, minutes=15 * stop), 5, world.cells[0][0])
        for day in range(3)
        for stop in range(8)
    ]


async def refuse(
    make: Make, world: World, rider: int, at: datetime, copies: int, problem: str = "not-enough-stock", **more: Any
) -> None:
    """A confirmation of the rider's phone that was refused."""
    handout_id = make.id()
    await make.insert(
        "handout_refused", city_id=world.city_id, handout_id=handout_id, content_digest=handout_id.bytes, entry="sync", caller_role="rider",
        caller_id=world.riders[rider], outlet_id=world.outlets[rider // 2], campaign_id=world.campaign, problem=problem, detail="–",
        record={"kind": "handout", "id": str(handout_id), "copies": copies, "handed_out_at": at.isoformat()}, refused_at=at, **more,
    )  # fmt: skip


async def put(api: httpx.AsyncClient, make: Make, world: World, week: dict[str, str] = WEEK) -> dict[str, Any]:
    """Put the week's questions as a planner of the city."""
    answer = await api.post(
        f"/api/campaigns/{world.campaign}/flags/raise", json=week, headers=await make.planner(world.city_id)
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


async def flags(api: httpx.AsyncClient, world: World, headers: dict[str, str], **query: Any) -> list[dict[str, Any]]:
    answer = await api.get(f"/api/campaigns/{world.campaign}/flags", params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def one_flag(api: httpx.AsyncClient, make: Make, world: World, rider: int = 0) -> str:
    await odd_week(make, world, rider)
    await put(api, make, world)
    return str(await make.value("select flag_id from review_flag where rider_id = $1", world.riders[rider]))


async def all_rows(make: Make) -> list[dict[str, Any]]:
    return await make.fetch("select * from review_flag order by flag_id") + await make.fetch(
        "select * from review_flag_opinion order by opinion_id"
    )


async def test_an_odd_week_raises_a_question_with_its_reasons(api: httpx.AsyncClient, make: Make, world: World) -> None:
    await odd_week(make, world)
    for stop in range(8):
        await confirm(make, world, 1, MORNING + timedelta(minutes=stop * stop * 5), 1 + stop % 2, world.cells[0][stop])
    raised = await put(api, make, world)
    assert raised == {**WEEK, "riders": 2, "raised": 1, "changed": 0, "withdrawn": 0}
    (flag,) = await flags(api, world, await make.planner(world.city_id))
    code = await make.value("select code from rider where rider_id = $1", world.riders[0])
    assert (flag["rider_code"], flag["status"], flag["score"]) == (code, "open", pytest.approx(9.4, abs=0.2))
    assert [reason["facts"]["slug"] for reason in flag["reasons"]] == ["one-cell-evenly", "round-numbers"]
    assert flag["reasons"][0]["facts"] == {"slug": "one-cell-evenly", "days": 3, "minutes_apart": 15.0}
    assert flag["reasons"][1]["reason"] == "三份及以上的24次确认中，有24次的份数是5的倍数。"
    copies = await make.value("select zone_copies from review_flag")
    assert copies == {str(world.zones[0]): 120}


async def test_a_question_names_neither_rider_nor_place(api: httpx.AsyncClient, make: Make, world: World) -> None:
    await one_flag(api, make, world)
    answer = await api.get(f"/api/campaigns/{world.campaign}/flags", headers=await make.planner(world.city_id))
    name = await make.value("select name from rider where rider_id = $1", world.riders[0])
    for text in (name, str(world.riders[0]), str(world.cells[0][0]), f"{world.cells[0][0]:x}", str(world.zones[0])):
        assert text not in answer.text


async def test_putting_a_week_twice_changes_nothing(api: httpx.AsyncClient, make: Make, world: World) -> None:
    await one_flag(api, make, world)
    before, revision = await all_rows(make), await make.value("select revision from campaign")
    raised = await put(api, make, world)
    assert (raised["raised"], raised["changed"], raised["withdrawn"]) == (0, 0, 0)
    assert await all_rows(make) == before
    assert await make.value("select revision from campaign") == revision


async def test_what_was_taken_back_is_not_asked_about(api: httpx.AsyncClient, make: Make, world: World) -> None:
    for handout_id in await odd_week(make, world):
        await confirm(
            make, world, 0, MORNING + timedelta(days=4), -5, world.cells[0][0], corrects_id=handout_id, reason="误点"
        )
    assert (await put(api, make, world))["riders"] == 0


async def test_later_records_withdraw_an_open_question_and_new_ones_put_it_again(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    for stop in range(12):
        await confirm(make, world, 0, MORNING + timedelta(minutes=stop * stop * 5), 10, world.cells[0][stop])
    await refuse(make, world, 0, MORNING, 1, problem="clock-ahead")
    await refuse(make, world, 0, MORNING, 200)
    assert (await put(api, make, world))["raised"] == 1
    await make.fetch(
        "update handout_refused set status = 'recorded_later', settled_at = $1 where problem = 'not-enough-stock'",
        make.now,
    )
    assert (await put(api, make, world))["withdrawn"] == 1
    assert await flags(api, world, await make.planner(world.city_id)) == []
    await refuse(make, world, 0, MORNING, 300)
    again = await put(api, make, world)
    assert (again["raised"], again["changed"]) == (0, 1)
    (flag,) = await flags(api, world, await make.planner(world.city_id))
    facts = {reason["facts"]["slug"]: reason["facts"] for reason in flag["reasons"]}
    assert facts["beyond-held"] == {"slug": "beyond-held", "copies_beyond": 300, "copies_confirmed": 420}


async def test_what_an_outlet_reported_or_another_week_holds_is_not_a_riders_week(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    """Copies that outlets report carry no cell; refused ones count in the week they were handed out."""
    for stop in range(24):
        await confirm(make, world, 0, MORNING + timedelta(minutes=15 * stop), 5, None)
    await refuse(make, world, 1, MORNING - timedelta(days=1), 500)
    await refuse(make, world, 1, MORNING + timedelta(days=7), 500)
    await refuse(make, world, 1, MORNING, 500, problem="unknown-zone")
    await refuse(make, world, 1, MORNING, 500, status="dismissed", settled_at=make.now)
    assert await put(api, make, world) == {**WEEK, "riders": 0, "raised": 0, "changed": 0, "withdrawn": 0}


async def test_an_outlets_reports_are_nobodys_week(api: httpx.AsyncClient, make: Make, world: World) -> None:
    """Whatever an outlet or a firm's system reports, handed out or refused: no rider is asked about it."""
    await odd_week(make, world)
    await make.fetch("update handout set holder_kind = 'outlet', holder_id = $1", world.outlets[0])
    for stop in range(12):
        await confirm(make, world, 1, MORNING + timedelta(minutes=stop * stop * 5), 10, world.cells[0][stop])
    await refuse(make, world, 1, MORNING, 500)
    await make.fetch("update handout_refused set entry = 'report', caller_role = 'outlet_manager'")
    await refuse(make, world, 1, MORNING, 1, problem="clock-ahead", status="dismissed", settled_at=make.now)
    assert await put(api, make, world) == {**WEEK, "riders": 1, "raised": 0, "changed": 0, "withdrawn": 0}


@pytest.mark.parametrize(("entry", "role"), [("report", "rider"), ("sync", "outlet_manager")])
async def test_only_what_a_riders_own_phone_sent_counts_against_the_rider(
    api: httpx.AsyncClient, make: Make, world: World, entry: str, role: str
) -> None:
    for stop in range(12):
        await confirm(make, world, 0, MORNING + timedelta(minutes=stop * stop * 5), 10, world.cells[0][stop])
    await refuse(make, world, 0, MORNING, 1, problem="clock-ahead")
    await refuse(make, world, 0, MORNING, 500)
    await make.fetch("update handout_refused set entry = $1, caller_role = $2", entry, role)
    assert (await put(api, make, world))["raised"] == 0


async def test_what_was_dismissed_is_not_held_against_anybody(api: httpx.AsyncClient, make: Make, world: World) -> None:
    for stop in range(12):
        await confirm(make, world, 0, MORNING + timedelta(minutes=stop * stop * 5), 10, world.cells[0][stop])
    await refuse(make, world, 0, MORNING, 200)
    for _ in range(3):
        await refuse(make, world, 0, MORNING, 1, problem="clock-ahead")
    assert (await put(api, make, world))["raised"] == 1
    (flag,) = await flags(api, world, await make.planner(world.city_id))
    assert "clock-ahead" in {reason["facts"]["slug"] for reason in flag["reasons"]}
    await make.fetch(
        "update handout_refused set status = 'dismissed', settled_at = $1 where problem = 'clock-ahead'", make.now
    )
    await put(api, make, world)
    found = await flags(api, world, await make.planner(world.city_id))
    assert "clock-ahead" not in {reason["facts"]["slug"] for flag in found for reason in flag["reasons"]}


async def test_where_an_outlet_declared_nothing_is_not_its_usual_ground(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    await make.capacity(world.city_id, world.campaign, world.outlets[0], world.zones[0], 1000)
    await make.capacity(world.city_id, world.campaign, world.outlets[0], world.zones[3], 0)
    await refuse(make, world, 0, MORNING, 1, problem="clock-ahead", status="recorded_later", settled_at=make.now)
    await refuse(make, world, 0, MORNING, 400)
    for stop in range(10):
        at = MORNING + timedelta(minutes=stop * stop * 5)
        await confirm(make, world, 0, at, 1, world.cells[3][stop], zone_id=world.zones[3])
    await put(api, make, world)
    (flag,) = await flags(api, world, await make.planner(world.city_id))
    assert "outside-usual-zones" in {reason["facts"]["slug"] for reason in flag["reasons"]}


async def test_refused_for_the_clock_and_far_from_home_are_reported(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    await make.capacity(world.city_id, world.campaign, world.outlets[0], world.zones[0], 1000)
    await refuse(make, world, 0, MORNING, 1, problem="clock-ahead", status="recorded_later", settled_at=make.now)
    await refuse(make, world, 0, MORNING, 400)
    for stop in range(10):
        await confirm(
            make,
            world,
            0,
            MORNING + timedelta(minutes=stop * stop * 5),
            1,
            world.cells[3][stop],
            zone_id=world.zones[3],
        )
    await put(api, make, world)
    (flag,) = await flags(api, world, await make.planner(world.city_id))
    facts = {reason["facts"]["slug"]: reason["facts"] for reason in flag["reasons"]}
    assert set(facts) == {"beyond-held", "clock-ahead", "outside-usual-zones"}
    assert facts["outside-usual-zones"] == {
        "slug": "outside-usual-zones",
        "day": "2027-04-12",
        "outside": 10,
        "confirmations": 10,
    }


async def test_a_week_raises_no_more_than_the_queue_holds(api: httpx.AsyncClient, make: Make, world: World) -> None:
    for _ in range(QUEUE_LENGTH + 2):
        world.riders.append(await make.rider(world.city_id, world.outlets[0]))
        world.outlets = [world.outlets[0]] * len(world.riders)
        await odd_week(make, world, len(world.riders) - 1)
    assert (await put(api, make, world))["raised"] == QUEUE_LENGTH
    planner = await make.planner(world.city_id)
    found = await flags(api, world, planner)
    assert len(found) == QUEUE_LENGTH
    assert found == sorted(found, key=lambda flag: -flag["score"])
    assert await flags(api, world, planner, limit=3) == found[:3]


@pytest.mark.parametrize(
    ("body", "status", "slug"),
    [
        ({"week_starts_on": "2027-04-13"}, 422, "week-not-monday"),
        ({"week_starts_on": "2027-04-19"}, 409, "week-not-over"),
        ({"week_starts_on": "last week"}, 400, "invalid-request"),
        ({}, 400, "invalid-request"),
        ({**WEEK, "limit": 5}, 400, "invalid-request"),
    ],
)
async def test_a_week_that_cannot_be_looked_at_is_refused(
    api: httpx.AsyncClient, make: Make, world: World, body: dict[str, Any], status: int, slug: str
) -> None:
    await odd_week(make, world)
    answer = await api.post(f"/api/campaigns/{world.campaign}/flags/raise", json=body, headers=await make.planner(99))
    assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{slug}")
    assert await all_rows(make) == []


async def test_a_week_is_looked_at_by_the_city_alone(api: httpx.AsyncClient, make: Make, world: World) -> None:
    url = f"/api/campaigns/{world.campaign}/flags/raise"
    assert (await api.post(url, json=WEEK, headers=await make.planner(99, division_code="990101"))).status_code == 403
    await make.city(98)
    assert (await api.post(url, json=WEEK, headers=await make.planner(98))).status_code == 404
    assert await all_rows(make) == []


async def test_everybody_sees_their_own_questions_only(api: httpx.AsyncClient, make: Make, world: World) -> None:
    flag_id = await one_flag(api, make, world)
    await make.fetch("update outlet set zone_id = $1 where outlet_id = $2", world.zones[0], world.outlets[0])
    partners, outlets = world.partners, world.outlets
    for headers in (
        await make.firm_manager(99, partners[0]),
        await make.outlet_manager(99, partners[0], outlets[0]),
        await make.planner(99, division_code="990101"),
    ):
        assert [flag["flag_id"] for flag in await flags(api, world, headers)] == [flag_id]
    for headers in (
        await make.firm_manager(99, partners[1]),
        await make.outlet_manager(99, partners[0], outlets[1]),
        await make.planner(99, division_code="990102"),
    ):
        assert await flags(api, world, headers) == []


async def test_scores_and_opinions_stay_with_the_planners(api: httpx.AsyncClient, make: Make, world: World) -> None:
    flag_id = await one_flag(api, make, world)
    await decide(api, make, flag_id, await make.planner(99), "dismissed")
    (seen,) = await flags(api, world, await make.firm_manager(99, world.partners[0]))
    assert (seen["score"], seen["opinions"]) == (None, [])
    assert all(reason["points"] is None for reason in seen["reasons"])


async def test_a_rider_is_asked_in_plain_words(api: httpx.AsyncClient, make: Make, world: World) -> None:
    flag_id = await one_flag(api, make, world)
    answer = await api.get("/api/flags/own", headers=await make.rider_session(99, world.riders[0]))
    (own,) = answer.json()
    assert (own["flag_id"], own["week_starts_on"], own["answer"]) == (flag_id, "2027-04-12", None)
    assert own["questions"][0].startswith("有几天的确认都在同一处")
    assert "score" not in own
    colleague = await api.get("/api/flags/own", headers=await make.rider_session(99, world.riders[1]))
    assert colleague.json() == []


async def say(
    api: httpx.AsyncClient, flag_id: str, headers: dict[str, str], text: str = "在驿站门口摆摊"
) -> httpx.Response:
    return await api.post(f"/api/flags/{flag_id}/answer", json={"text": text}, headers=headers)


async def test_rider_and_outlet_each_have_an_answer_of_their_own(
    api: httpx.AsyncClient, make: Make, world: World, clock: Clock
) -> None:
    flag_id = await one_flag(api, make, world)
    rider = await make.rider_session(99, world.riders[0])
    first = await say(api, flag_id, rider)
    assert (first.status_code, first.json()["status"], first.json()["text"]) == (200, "answered", "在驿站门口摆摊")
    clock.now += timedelta(hours=1)
    assert (await say(api, flag_id, rider)).json() == first.json(), "a retry answers as the first time"
    manager = await make.outlet_manager(99, world.partners[0], world.outlets[0])
    assert (await say(api, flag_id, manager, "网点安排的固定摊位")).status_code == 200
    (flag,) = await flags(api, world, await make.planner(99), status="answered")
    assert (flag["rider_answer"], flag["outlet_answer"]) == ("在驿站门口摆摊", "网点安排的固定摊位")
    await say(api, flag_id, rider, "在驿站门口摆摊，每刻钟记一次")
    assert await make.value("select rider_answer from review_flag") == "在驿站门口摆摊，每刻钟记一次"


async def test_a_rider_who_went_to_another_outlet_still_answers_for_their_week_and_the_new_outlet_does_not(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    flag_id = await one_flag(api, make, world)
    await make.fetch(
        "update rider set outlet_id = $1 where rider_id = $2", world.outlets[1], world.riders[0]
    )  # fmt: skip
    before = await all_rows(make)
    new_manager = await make.outlet_manager(99, world.partners[0], world.outlets[1])
    assert (await say(api, flag_id, new_manager)).status_code == 404
    assert await all_rows(make) == before
    assert (await say(api, flag_id, await make.rider_session(99, world.riders[0]))).status_code == 200
    assert await make.value("select rider_answer from review_flag") == "在驿站门口摆摊"


async def test_an_answered_question_is_not_changed_by_looking_again(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    flag_id = await one_flag(api, make, world)
    await say(api, flag_id, await make.rider_session(99, world.riders[0]))
    await make.fetch("delete from handout")
    await confirm(make, world, 0, MORNING, 1, world.cells[0][0])
    before = await all_rows(make)
    assert (await put(api, make, world))["withdrawn"] == 0
    assert await all_rows(make) == before


async def test_nobody_else_answers(api: httpx.AsyncClient, make: Make, world: World) -> None:
    flag_id = await one_flag(api, make, world)
    before = await all_rows(make)
    for headers in (
        await make.rider_session(99, world.riders[1]),
        await make.outlet_manager(99, world.partners[0], world.outlets[1]),
        await make.outlet_manager(99, world.partners[1], world.outlets[2]),
    ):
        assert (await say(api, flag_id, headers)).status_code == 404
    assert await all_rows(make) == before


@pytest.mark.parametrize("text", ["", "好", "a\x00b", "很" * 1001])
async def test_an_answer_is_words(api: httpx.AsyncClient, make: Make, world: World, text: str) -> None:
    flag_id = await one_flag(api, make, world)
    answer = await say(api, flag_id, await make.rider_session(99, world.riders[0]), text)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/text")
    assert await make.value("select status from review_flag") == "open"


async def decide(
    api: httpx.AsyncClient,
    make: Make,
    flag_id: str,
    headers: dict[str, str],
    decision: str,
    opinion_id: UUID | None = None,
) -> httpx.Response:
    body = {"opinion_id": str(opinion_id or make.id()), "decision": decision, "reason": "电话问过，固定摊位"}
    return await api.post(f"/api/flags/{flag_id}/decide", json=body, headers=headers)


async def test_two_planners_decide_and_one_does_not(api: httpx.AsyncClient, make: Make, world: World) -> None:
    flag_id = await one_flag(api, make, world)
    one, two = await make.planner(99, display_name="王警官"), await make.planner(99, display_name="李警官")
    opinion_id = make.id()
    first = await decide(api, make, flag_id, one, "explained", opinion_id)
    assert (first.status_code, first.json()["status"], first.json()["decision"]) == (200, "open", None)
    assert [(each["by"], each["decision"]) for each in first.json()["opinions"]] == [("王警官", "explained")]
    assert (await decide(api, make, flag_id, one, "explained", opinion_id)).json() == first.json(), "a retry"
    again = await decide(api, make, flag_id, one, "explained")
    assert (again.status_code, again.json()["type"]) == (409, "/problems/second-person-needed")
    second = await decide(api, make, flag_id, two, "explained")
    assert (second.json()["status"], second.json()["decision"]) == ("decided", "explained")
    assert len(await make.fetch("select from review_flag_opinion")) == 2
    assert await flags(api, world, one) == []
    (decided,) = await flags(api, world, one, status="decided")
    assert decided["flag_id"] == flag_id


async def test_different_opinions_leave_the_question_open_with_both_shown(
    api: httpx.AsyncClient, make: Make, world: World, clock: Clock
) -> None:
    flag_id = await one_flag(api, make, world)
    one, two = await make.planner(99), await make.planner(99)
    await decide(api, make, flag_id, one, "explained")
    clock.now += timedelta(minutes=5)
    second = (await decide(api, make, flag_id, two, "reduced_weight")).json()
    assert second["status"] == "open"
    assert [each["decision"] for each in second["opinions"]] == ["explained", "reduced_weight"]
    clock.now += timedelta(minutes=5)
    assert (await decide(api, make, flag_id, one, "reduced_weight")).json()["decision"] == "reduced_weight"


async def test_a_decided_question_is_settled(api: httpx.AsyncClient, make: Make, world: World) -> None:
    flag_id = await one_flag(api, make, world)
    for _ in range(2):
        await decide(api, make, flag_id, await make.planner(99), "dismissed")
    before = await all_rows(make)
    late = await decide(api, make, flag_id, await make.planner(99), "reduced_weight")
    assert (late.status_code, late.json()["type"]) == (409, "/problems/flag-settled")
    rider = await make.rider_session(99, world.riders[0])
    assert (await say(api, flag_id, rider)).json()["type"] == "/problems/flag-settled"
    assert (await api.get("/api/flags/own", headers=rider)).json() == []
    await put(api, make, world)
    assert await all_rows(make) == before


async def test_a_decision_changes_no_count(api: httpx.AsyncClient, make: Make, world: World) -> None:
    flag_id = await one_flag(api, make, world)
    handouts = await make.fetch("select * from handout order by handout_id")
    for _ in range(2):
        await decide(api, make, flag_id, await make.planner(99), "reduced_weight")
    assert await make.fetch("select * from handout order by handout_id") == handouts


async def test_only_planners_in_scope_decide(api: httpx.AsyncClient, make: Make, world: World) -> None:
    flag_id = await one_flag(api, make, world)
    await make.fetch("update outlet set zone_id = $1 where outlet_id = $2", world.zones[0], world.outlets[0])
    await make.city(98)
    before = await all_rows(make)
    for headers in (await make.planner(99, division_code="990102"), await make.planner(98)):
        assert (await decide(api, make, flag_id, headers, "explained")).status_code == 404
    assert await all_rows(make) == before
    assert (
        await decide(api, make, flag_id, await make.planner(99, division_code="9901"), "explained")
    ).status_code == 200


async def test_an_opinions_id_is_one_opinion(api: httpx.AsyncClient, make: Make, world: World) -> None:
    flag_id, other = await one_flag(api, make, world), await one_flag(api, make, world, 1)
    planner, opinion_id = await make.planner(99), make.id()
    await decide(api, make, flag_id, planner, "explained", opinion_id)
    before = await all_rows(make)
    for flag, decision, identifier, slug in (
        (flag_id, "dismissed", opinion_id, "opinion-changed"),
        (other, "explained", opinion_id, "opinion-changed"),
        (flag_id, "dismissed", UUID("9a4f3b1e-0000-4000-8000-000000000001"), "opinion-id-not-version-7"),
    ):
        refused = await decide(api, make, flag, planner, decision, identifier)
        assert refused.json()["type"] == f"/problems/{slug}"
    assert (await decide(api, make, flag_id, planner, "guilty")).status_code == 400
    assert await all_rows(make) == before


async def test_weeks_do_not_mix(api: httpx.AsyncClient, make: Make, world: World) -> None:
    await one_flag(api, make, world)
    assert await put(api, make, world, {"week_starts_on": "2027-04-05"}) == {
        "week_starts_on": "2027-04-05", "riders": 0, "raised": 0, "changed": 0, "withdrawn": 0,
    }  # fmt: skip
    planner = await make.planner(99)
    assert len(await flags(api, world, planner, week_starts_on=date(2027, 4, 12))) == 1
    assert await flags(api, world, planner, week_starts_on=date(2027, 4, 5)) == []
