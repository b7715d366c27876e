"""Waiting taps are judged again when their cause is gone and no sooner; one rider's never stop another's; and no rider
fills the store."""

from datetime import timedelta
from typing import Any

import httpx
import msgspec
import pytest

from dispatch.database import Database, new_id
from dispatch.database.queries import Scope
from dispatch.handouts import refused
from dispatch.handouts.refused_rules import MOST_WAITING, TooManyWaiting, kept_words, require_room, waits_for
from dispatch.handouts.rules import CURABLE
from tests.conftest import SETTINGS, Clock, serving
from tests.handouts.phone import Phone, kinds
from tests.handouts.test_visits import visit
from tests.make import Make, World

CITY = Scope(city_id=99)


@pytest.fixture
async def second(make: Make, world: World) -> Phone:
    """Another rider of the same outlet, without any copies."""
    return Phone(world, world.riders[1], await make.rider_session(99, world.riders[1]), make.now)


async def hand_over(make: Make, world: World, phone: Phone, copies: int) -> None:
    await make.stock(99, world.campaign, world.material, "rider", phone.rider, copies)


@pytest.mark.parametrize("slug", sorted(CURABLE))
def test_a_tap_waits_for_its_cause_and_a_report_for_a_person(slug: str) -> None:
    assert waits_for("sync", slug) == "cause"
    assert waits_for("report", slug) == waits_for("correction", slug) == "person"
    assert "withdraw" in kept_words("report", slug)


def test_what_no_event_cures_waits_for_a_person() -> None:
    assert waits_for("sync", "outside-campaign") == "person"


@pytest.mark.parametrize(("waiting", "new", "full"), [(499, 1, False), (500, 0, False), (499, 2, True), (500, 1, True)])
def test_a_rider_has_room_for_so_many_waiting_records(waiting: int, new: int, full: bool) -> None:
    if not full:
        require_room(waiting, new)
        return
    with pytest.raises(TooManyWaiting):
        require_room(waiting, new)


async def test_nothing_is_tried_before_its_cause_is_gone(
    api: httpx.AsyncClient, make: Make, world: World, phone: Phone, second: Phone, database: Database, clock: Clock
) -> None:
    """A hand-over to one rider is no reason to judge another's records, nor those that still want more copies."""
    short, shorter = phone.handout(copies=120), phone.handout(copies=105)
    ahead = phone.handout(handed_out_at=(make.now + timedelta(hours=1)).isoformat())
    undo = phone.correction(str(new_id(make.now)))
    outside = phone.handout(cell="8930a5a9c3fffff"[:15])
    await phone.sync(api, [short, shorter, ahead, undo, outside])
    await second.sync(api, [second.handout(), visit(second)])
    assert (await refused.retry_refused(database, CITY, clock.now)).tried == 0
    await hand_over(make, world, phone, 5)
    done = await refused.retry_refused(database, CITY, clock.now)
    assert (done.tried, done.recorded) == (1, 1)
    await hand_over(make, world, second, 5)
    done = await refused.retry_refused(database, CITY, clock.now)
    assert (done.tried, done.recorded) == (2, 2)
    clock.now += timedelta(hours=1)
    done = await refused.retry_refused(database, CITY, clock.now)
    assert done.still_refused == {"not-enough-stock": 1}, "its time has come, but no copy is left"
    assert (await refused.retry_refused(database, CITY, clock.now)).tried == 0


async def test_a_clock_that_is_ahead_is_cured_when_its_time_comes_and_for_two_weeks_only(
    api: httpx.AsyncClient, make: Make, phone: Phone, database: Database, clock: Clock
) -> None:
    soon = phone.handout(handed_out_at=(make.now + timedelta(hours=1)).isoformat())
    late = phone.handout(handed_out_at=(make.now + timedelta(days=20)).isoformat())
    assert kinds(await phone.sync(api, [soon, late])) == ["clock-ahead", "clock-ahead"]
    clock.now += timedelta(minutes=49)
    assert (await refused.retry_refused(database, CITY, clock.now)).tried == 0
    clock.now += timedelta(minutes=1)
    assert (await refused.retry_refused(database, CITY, clock.now)).recorded == 1
    clock.now += timedelta(days=20)
    assert (await refused.retry_refused(database, CITY, clock.now)).tried == 0, "not after two weeks"
    assert await make.value("select count(*)::int from handout_refused where status = 'waiting'") == 1


async def test_one_riders_waiting_records_never_stop_anothers(
    api: httpx.AsyncClient, make: Make, world: World, phone: Phone, second: Phone, database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(refused, "_AT_ONCE", 6)
    monkeypatch.setattr(refused, "_OF_ONE_SENDER", 5)
    await second.sync(api, [second.handout(minutes_ago=30) for _ in range(40)])
    beyond = [phone.handout(copies=101) for _ in range(2)]
    await phone.sync(api, beyond)
    await hand_over(make, world, phone, 102)
    assert (await refused.retry_refused(database, CITY, make.now)).recorded == 2, "although the other's are older"
    await hand_over(make, world, second, 40)
    rounds = [(await refused.retry_refused(database, CITY, make.now)).recorded for _ in range(9)]
    assert rounds == [5] * 8 + [0], "so many of one rider a round, until all are recorded"


async def test_what_is_refused_again_gives_way_to_what_was_not_tried_so_long(
    api: httpx.AsyncClient, make: Make, world: World, phone: Phone, database: Database, clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(refused, "_OF_ONE_SENDER", 1)
    older, younger = phone.handout(copies=101, channel="placed"), phone.handout(copies=101)
    await phone.sync(api, [older])
    clock.now += timedelta(minutes=1)
    await phone.sync(api, [younger])
    await hand_over(make, world, phone, 5)
    await make.fetch("update material set channels = '{in_person}'")
    assert (await refused.retry_refused(database, CITY, clock.now)).still_refused == {"channel-not-for-material": 1}
    assert (await refused.retry_refused(database, CITY, clock.now)).recorded == 1


async def test_a_rider_with_too_many_waiting_records_keeps_the_rest_on_the_phone(
    api: httpx.AsyncClient, make: Make, world: World, phone: Phone, second: Phone
) -> None:
    for _ in range(2):
        await second.sync(api, [second.handout() for _ in range(MOST_WAITING // 2)])
    more = {"records": [second.handout(copies=2)]}
    refusal = await api.post("/api/handouts/sync", json=more, headers=second.headers)
    assert (refusal.status_code, refusal.json()["type"]) == (429, "/problems/too-many-waiting")
    assert refusal.headers["retry-after"] == "300"
    assert await make.value("select count(*)::int from handout_refused") == MOST_WAITING
    # Nobody else is refused for it, and what can be recorded of the call is.
    assert kinds(await phone.sync(api, [phone.handout(copies=101)])) == ["not-enough-stock"]
    await hand_over(make, world, second, 1)
    mixed = [second.handout(), second.handout(copies=500)]
    refusal = await api.post("/api/handouts/sync", json={"records": mixed}, headers=second.headers)
    assert refusal.status_code == 429
    assert await make.value("select count(*)::int from handout") == 1
    await make.fetch("update handout_refused set status = 'dismissed', settled_at = $1", make.now)
    assert kinds(await second.sync(api, mixed)) == ["duplicate", "not-enough-stock"]


async def test_the_button_is_answered_once_a_minute_for_all_of_an_outlet(
    make: Make, world: World, database: Database, clock: Clock
) -> None:
    settings = msgspec.structs.replace(SETTINGS, limit_retry_per_minute=1)
    async with serving(database, clock, settings) as (api, _):

        async def press(headers: dict[str, str]) -> tuple[int, Any]:
            answer = await api.post("/api/handouts/refused/retry", headers=headers)
            return answer.status_code, answer.json().get("retry_after_seconds")

        own = [await make.outlet_manager(99, world.partners[0], world.outlets[0]) for _ in range(2)]
        other = await make.outlet_manager(99, world.partners[0], world.outlets[1])
        assert [await press(own[0]), await press(own[1]), await press(other)] == [(200, None), (429, 60), (200, None)]
        former = await api.post("/api/handouts/refused/take-up", headers=own[1])
        assert former.status_code == 429
        clock.now += timedelta(minutes=1)
        assert await press(own[1]) == (200, None)
