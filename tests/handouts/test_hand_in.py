"""Taps that a rider made before being deactivated still count: the phone hands them in with the session it had, once."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from dispatch.database.ids import new_id
from dispatch.handouts.hand_in_rules import AfterDeactivation, sealed
from dispatch.problems import NotFound, Problem
from tests.conftest import NOW, Clock
from tests.handouts.cases import handout
from tests.handouts.phone import Phone, kinds
from tests.make import Make, World

HAND_IN = "/api/handouts/hand-in"


async def deactivate(
    api: httpx.AsyncClient, make: Make, world: World, phone: Phone, active: str = "deactivate"
) -> None:
    headers = await make.firm_manager(99, world.partners[0])
    answer = await api.post(f"/api/riders/{phone.rider}/{active}", headers=headers)
    assert answer.status_code == 204, answer.text


async def hand_in(api: httpx.AsyncClient, headers: dict[str, str], records: list[Any], **more: Any) -> httpx.Response:
    api.cookies.clear()
    return await api.post(HAND_IN, json={"records": records, **more}, headers=headers)


def slug(answer: httpx.Response) -> str:
    return str(answer.json()["type"]).removeprefix("/problems/")


@pytest.mark.parametrize(("minutes", "taken"), [(-1, True), (0, False), (1, False)])
@pytest.mark.parametrize("by", ["at", "id"])
def test_exactly_what_was_made_before_the_deactivation_is_taken(by: str, minutes: float, taken: bool) -> None:
    made, before = NOW + timedelta(minutes=minutes), NOW - timedelta(hours=1)
    entry = handout(id=new_id(made if by == "id" else before), at=made if by == "at" else before)
    (judged,) = sealed([entry], NOW)
    assert isinstance(judged, AfterDeactivation) is not taken


def test_a_record_that_could_not_be_read_keeps_its_problem() -> None:
    problem: Problem = NotFound("")
    assert sealed([problem], NOW) == [problem]


async def test_taps_made_before_the_deactivation_count_once_however_often_the_phone_hands_them_in(
    api: httpx.AsyncClient, make: Make, world: World, phone: Phone
) -> None:
    sent, waiting = phone.handout(copies=2), [phone.handout(copies=3), phone.handout()]
    assert kinds(await phone.sync(api, [sent])) == ["recorded"]
    await deactivate(api, make, world, phone)
    refused = await api.post("/api/handouts/sync", json={"records": waiting}, headers=phone.headers)
    assert refused.status_code == 401
    records = [sent, *waiting, phone.correction(waiting[1]["id"], corrected_at=waiting[1]["handed_out_at"])]
    records[3]["id"] = str(new_id(make.now - timedelta(minutes=1)))
    for expected in (["duplicate", "recorded", "recorded", "recorded"], ["duplicate"] * 4):
        answer = await hand_in(api, phone.headers, records, rider_id=str(phone.rider))
        assert kinds(answer.json()["outcomes"]) == expected
    assert await make.value("select sum(copies)::int from handout") == 5
    assert await make.value("select quantity::int from stock_balance where holder_kind = 'rider'") == 95


async def test_what_was_confirmed_afterwards_is_refused_and_kept(
    api: httpx.AsyncClient, make: Make, world: World, phone: Phone, clock: Clock
) -> None:
    await deactivate(api, make, world, phone)
    clock.now += timedelta(hours=1)
    later = phone.handout(minutes_ago=-30)
    backdated = {**phone.handout(), "id": later["id"]}
    for record in (later, backdated):
        answer = await hand_in(api, phone.headers, [record])
        assert kinds(answer.json()["outcomes"]) == ["after-deactivation"]
        assert answer.json()["outcomes"][0]["waits_for"] == "person"
    assert await make.value("select count(*)::int from handout") == 0
    assert await make.value("select count(*)::int from handout_refused where status = 'waiting'") == 2


async def test_the_ended_session_opens_nothing_else(
    api: httpx.AsyncClient, make: Make, world: World, phone: Phone
) -> None:
    await deactivate(api, make, world, phone)
    for path in ("/api/me", "/api/handouts/own-day", "/api/handouts/pack", "/api/privacy/own"):
        assert (await api.get(path, headers=phone.headers)).status_code == 401


async def test_nobody_else_hands_in(
    api: httpx.AsyncClient, make: Make, world: World, phone: Phone, clock: Clock
) -> None:
    """Not who is still here, not with a session ended before, nor one begun later, nor for another rider, nor months
    after."""
    active = await hand_in(api, phone.headers, [phone.handout()])
    assert (active.status_code, slug(active)) == (403, "hand-in-closed")
    stolen, own = phone.headers, await make.rider_session(99, phone.rider)
    clock.now += timedelta(minutes=1)
    await make.fetch("update rider set signed_out_at = $1 where rider_id = $2", clock.now, phone.rider)
    own_token = own["authorization"].removeprefix("Bearer ")
    await make.fetch(
        "update session set created_at = $1 where token_hash = sha256(convert_to($2, 'UTF8'))", clock.now, own_token
    )
    await deactivate(api, make, world, phone)
    for headers in (stolen, {}, {"authorization": "Bearer 99.unknown"}, {"authorization": "Bearer x"}):
        answer = await hand_in(api, headers, [phone.handout()])
        assert (answer.status_code, slug(answer)) == (403, "hand-in-closed")
    other = await hand_in(api, own, [phone.handout()], rider_id=str(world.riders[1]))
    assert slug(other) == "another-rider"
    clock.now += timedelta(days=31)
    assert slug(await hand_in(api, own, [phone.handout()])) == "hand-in-closed"
    assert await make.value("select count(*)::int from handout") == 0


async def test_who_is_back_signs_in_again_and_hands_nothing_in(
    api: httpx.AsyncClient, make: Make, world: World, phone: Phone, clock: Clock
) -> None:
    await deactivate(api, make, world, phone)
    clock.now += timedelta(minutes=1)
    await deactivate(api, make, world, phone, active="activate")
    assert slug(await hand_in(api, phone.headers, [phone.handout()])) == "hand-in-closed"
    assert (await api.get("/api/me", headers=phone.headers)).status_code == 401
    clock.now += timedelta(minutes=1)
    await deactivate(api, make, world, phone)
    assert slug(await hand_in(api, phone.headers, [phone.handout()])) == "hand-in-closed"


async def test_the_trail_says_who_handed_in_and_how_many(
    api: httpx.AsyncClient, make: Make, world: World, phone: Phone
) -> None:
    await deactivate(api, make, world, phone)
    await hand_in(api, phone.headers, [phone.handout()])
    (row,) = await make.fetch("select result, subject from audit_entry where operation = 'hand_in_handouts'")
    assert (row["result"], row["subject"]["rider_id"], row["subject"]["records"]) == ("done", str(phone.rider), "1")
