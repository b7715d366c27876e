"""A phone's records are stored exactly once, each judged by itself, whatever the network does."""

import random
from datetime import timedelta
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dispatch.database.ids import new_id
from tests.conftest import Clock
from tests.handouts.phone import Phone, kinds
from tests.make import Make, World


async def totals(make: Make, world: World) -> dict[str, int]:
    """The same copies counted in every place that keeps them."""
    city = world.city_id
    return {
        "rows": await make.value("select coalesce(sum(copies), 0)::int from handout where city_id = $1", city),
        "zones": await make.value("select coalesce(sum(copies), 0)::int from zone_tally where city_id = $1", city),
        "days": await make.value("select coalesce(sum(copies), 0)::int from zone_day_tally where city_id = $1", city),
        "cells": await make.value("select coalesce(sum(copies), 0)::int from cell_tally where city_id = $1", city),
        "cell_days": await make.value(
            "select coalesce(sum(copies), 0)::int from cell_day_tally where city_id = $1", city
        ),
        "left": await make.value(
            "select coalesce(sum(quantity), 0)::int from stock_balance where city_id = $1 and holder_kind = 'rider'",
            city,
        ),
    }


def counted(copies: int, left: int) -> dict[str, int]:
    return {"rows": copies, "zones": copies, "days": copies, "cells": copies, "cell_days": copies, "left": left}


async def test_a_confirmation_is_recorded_with_stock_and_tallies(
    api: httpx.AsyncClient, make: Make, world: World, phone: Phone
) -> None:
    record = phone.handout(copies=3)
    outcomes = await phone.sync(api, [record])
    assert outcomes == [{"id": record["id"], "outcome": "recorded"}]
    assert await totals(make, world) == counted(3, 97)
    row = (await make.fetch("select * from handout"))[0]
    assert (row["zone_id"], row["outlet_id"], str(row["day"])) == (world.zones[0], world.outlets[0], "2027-04-20")


async def test_sending_again_changes_nothing(api: httpx.AsyncClient, make: Make, world: World, phone: Phone) -> None:
    records = [phone.handout() for _ in range(5)]
    await phone.sync(api, records)
    assert kinds(await phone.sync(api, [*records, phone.handout()])) == ["duplicate"] * 5 + ["recorded"]
    assert await totals(make, world) == counted(6, 94)


async def test_a_phone_two_riders_share_credits_nobody_with_the_others_taps(
    api: httpx.AsyncClient, make: Make, world: World, phone: Phone
) -> None:
    record = phone.handout()
    for rider, status in ((world.riders[1], 409), (world.riders[0], 200)):
        sent = {"records": [record], "rider_id": str(rider)}
        answer = await api.post("/api/handouts/sync", json=sent, headers=phone.headers)
        assert answer.status_code == status
        if status == 409:
            assert answer.json()["type"] == "/problems/another-rider"
            assert await make.value("select count(*) from handout_refused") == 0
    assert await totals(make, world) == counted(1, 99)


async def test_the_same_id_twice_in_one_call_counts_once(
    api: httpx.AsyncClient, make: Make, world: World, phone: Phone
) -> None:
    record = phone.handout()
    assert kinds(await phone.sync(api, [record, record])) == ["recorded", "duplicate"]
    assert await totals(make, world) == counted(1, 99)


@pytest.mark.parametrize(
    "change",
    [
        {"copies": 2},
        {"channel": "placed"},
        {"cell": None, "zone_id": "other"},
        {"handed_out_at": "2027-04-20T00:00:00Z"},
    ],
)
async def test_the_same_id_with_other_content_is_never_called_duplicate(
    api: httpx.AsyncClient, make: Make, world: World, phone: Phone, change: dict[str, Any]
) -> None:
    record = phone.handout()
    await phone.sync(api, [record])
    change = {key: str(world.zones[1]) if value == "other" else value for key, value in change.items()}
    assert kinds(await phone.sync(api, [{**record, **change}])) == ["handout-changed"]
    assert await totals(make, world) == counted(1, 99)


async def test_one_malformed_record_refuses_only_itself(
    api: httpx.AsyncClient, make: Make, world: World, phone: Phone
) -> None:
    bad: list[Any] = [
        phone.handout(copies=0), phone.handout(copies=-1), phone.handout(copies=10**9), phone.handout(copies="7"), phone.handout(channel="drone"),
        phone.handout(cell="zz"), phone.handout(id="no-uuid"), phone.handout(extra=1), {"kind": "handout"}, {}, 7, None, "text", [1],
        phone.handout(handed_out_at="2027-04-20 10:00"), phone.handout(reason="\u0000"),
    ]  # fmt: skip
    outcomes = await phone.sync(api, [phone.handout(), *bad, phone.handout()])
    assert kinds(outcomes) == ["recorded", *["invalid-request"] * len(bad), "recorded"]
    assert outcomes[1]["problem"]["errors"][0]["pointer"] == "/copies"
    assert await totals(make, world) == counted(2, 98)
    kept = await make.fetch("select * from handout_refused")
    assert len(kept) == len(bad)
    assert {row["status"] for row in kept} == {"waiting"}


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"minutes_ago": -60 * 24 * 365}, "id-not-version-7"),
        ({"minutes_ago": 60 * 24 * 800}, "id-not-version-7"),
        ({"handed_out_at": "2027-04-20T03:00:00+00:00"}, "clock-ahead"),
        ({"handed_out_at": "2026-04-20T02:00:00+00:00"}, "outside-campaign"),
        ({"id": "3f0c8e1e-5d0e-4c1d-9a53-2f1f6a4e7b11"}, "id-not-version-7"),
        ({"copies": 101}, "not-enough-stock"),
        ({"material_id": "0198b6f0-0000-7000-8000-000000000000"}, "not-held"),
        ({"campaign_id": "0198b6f0-0000-7000-8000-000000000000"}, "not-held"),
        ({"cell": None}, "zone-missing"),
        ({"cell": None, "zone_id": "0198b6f0-0000-7000-8000-000000000000"}, "unknown-zone"),
        ({"cell": "8931aa5a9c3ffff"}, "outside-zones"),
        ({"cell": "89fffffffffffff"}, "not-a-cell"),
        ({"cell": "8831aa5a9dfffff"}, "invalid-request"),  # a cell, but of resolution 8
    ],
)
async def test_what_cannot_be_is_refused_with_its_reason_and_kept(
    api: httpx.AsyncClient, make: Make, world: World, phone: Phone, change: dict[str, Any], problem: str
) -> None:
    outcomes = await phone.sync(api, [phone.handout(**change)])
    assert kinds(outcomes) == [problem]
    assert await totals(make, world) == counted(0, 100)
    kept = await make.fetch("select problem, campaign_id, outlet_id from handout_refused")
    assert [row["problem"] for row in kept] == [problem]
    assert kept[0]["outlet_id"] == world.outlets[0]


async def test_another_citys_ids_mean_nothing_here(
    api: httpx.AsyncClient, make: Make, world: World, phone: Phone
) -> None:
    other = await make.world(98)
    await make.stock(98, other.campaign, other.material, "rider", other.riders[0], 100)
    foreign = phone.handout(campaign_id=str(other.campaign), material_id=str(other.material))
    foreign_zone = phone.handout(cell=None, zone_id=str(other.zones[0]))
    assert kinds(await phone.sync(api, [foreign, foreign_zone])) == ["not-held", "unknown-zone"]
    assert await make.value("select count(*) from handout") == 0


async def test_a_channel_the_material_does_not_know_is_refused(
    api: httpx.AsyncClient, make: Make, world: World, phone: Phone
) -> None:
    meal_mat = await make.material(world.city_id, world.campaign, kind="meal_mat", channels=["with_meal"])
    await make.stock(world.city_id, world.campaign, meal_mat, "rider", phone.rider, 5)
    records = [phone.handout(material_id=str(meal_mat)), phone.handout(material_id=str(meal_mat), channel="with_meal")]
    assert kinds(await phone.sync(api, records)) == ["channel-not-for-material", "recorded"]


async def test_a_poster_is_handed_out_but_does_not_colour_cells(
    api: httpx.AsyncClient, make: Make, world: World, phone: Phone
) -> None:
    poster = await make.material(
        world.city_id, world.campaign, kind="poster", channels=["placed"], counts_for_reach=False
    )
    await make.stock(world.city_id, world.campaign, poster, "rider", phone.rider, 5)
    await phone.sync(api, [phone.handout(material_id=str(poster), channel="placed")])
    assert await totals(make, world) == {**counted(1, 104), "cells": 0, "cell_days": 0}


async def test_stock_shortage_refuses_what_is_beyond_and_it_is_recorded_after_the_hand_over(
    api: httpx.AsyncClient, make: Make, world: World, phone: Phone
) -> None:
    records = [phone.handout(copies=60), phone.handout(copies=60)]
    outcomes = await phone.sync(api, records)
    assert kinds(outcomes) == ["recorded", "not-enough-stock"]
    assert outcomes[1]["problem"]["held"] == 40
    manager = await make.outlet_manager(world.city_id, world.partners[0], world.outlets[0])
    still = (await api.post("/api/handouts/refused/retry", headers=manager)).json()
    assert still == {"tried": 0, "recorded": 0, "duplicates": 0, "still_refused": {}}, "its cause is not gone"
    await make.stock(world.city_id, world.campaign, world.material, "rider", phone.rider, 50)
    taken = (await api.post("/api/handouts/refused/retry", headers=manager)).json()
    assert taken["recorded"] == 1
    assert await totals(make, world) == counted(120, 30)
    assert kinds(await phone.sync(api, records)) == ["duplicate", "duplicate"]
    assert await make.value("select status from handout_refused") == "recorded_later"


async def test_a_phone_that_sends_a_refused_record_again_settles_it_itself(
    api: httpx.AsyncClient, make: Make, world: World, phone: Phone
) -> None:
    record = phone.handout(copies=101)
    await phone.sync(api, [record])
    await phone.sync(api, [record])
    assert await make.value("select tries from handout_refused") == 2
    await make.stock(world.city_id, world.campaign, world.material, "rider", phone.rider, 1)
    assert kinds(await phone.sync(api, [record])) == ["recorded"]
    assert await make.value("select status from handout_refused") == "recorded_later"


async def test_another_firm_cannot_retry_or_see_refused_records(
    api: httpx.AsyncClient, make: Make, world: World, phone: Phone
) -> None:
    await phone.sync(api, [phone.handout(copies=101)])
    other = await make.firm_manager(world.city_id, world.partners[1])
    own = await make.firm_manager(world.city_id, world.partners[0])
    assert (await api.get("/api/handouts/refused", headers=other)).json() == []
    assert [row["problem"] for row in (await api.get("/api/handouts/refused", headers=own)).json()] == [
        "not-enough-stock"
    ]
    assert (await api.post("/api/handouts/refused/retry", headers=other)).json()["tried"] == 0


async def test_undo_is_a_linked_record_and_gives_the_copies_back(
    api: httpx.AsyncClient, make: Make, world: World, phone: Phone
) -> None:
    record = phone.handout(copies=10)
    await phone.sync(api, [record])
    undo = phone.correction(record["id"], copies=4)
    assert kinds(await phone.sync(api, [undo, undo])) == ["recorded", "duplicate"]
    assert await totals(make, world) == counted(6, 94)
    rest = phone.correction(record["id"])
    too_much = phone.correction(record["id"], copies=1)
    assert kinds(await phone.sync(api, [rest, too_much])) == ["recorded", "nothing-to-correct"]
    assert await totals(make, world) == counted(0, 100)
    assert await make.value("select count(*) from handout") == 3


async def test_undo_in_the_same_call_as_its_handout_works(
    api: httpx.AsyncClient, make: Make, world: World, phone: Phone
) -> None:
    record = phone.handout(copies=10)
    assert kinds(await phone.sync(api, [record, phone.correction(record["id"])])) == ["recorded", "recorded"]
    assert await totals(make, world) == counted(0, 100)


async def test_an_undo_that_arrives_first_waits_for_its_handout(
    api: httpx.AsyncClient, make: Make, world: World, phone: Phone
) -> None:
    record = phone.handout(copies=10)
    assert kinds(await phone.sync(api, [phone.correction(record["id"])])) == ["unknown-handout"]
    await phone.sync(api, [record])
    manager = await make.firm_manager(world.city_id, world.partners[0])
    assert (await api.post("/api/handouts/refused/retry", headers=manager)).json()["recorded"] == 1
    assert await totals(make, world) == counted(0, 100)


async def test_a_rider_cannot_correct_anothers_handout(
    api: httpx.AsyncClient, make: Make, world: World, phone: Phone
) -> None:
    record = phone.handout(copies=10)
    await phone.sync(api, [record])
    other = Phone(world, world.riders[1], await make.rider_session(world.city_id, world.riders[1]), make.now)
    assert kinds(await other.sync(api, [other.correction(record["id"])])) == ["unknown-handout"]
    assert await totals(make, world) == counted(10, 90)


async def test_a_closed_campaign_takes_corrections_only(
    api: httpx.AsyncClient, make: Make, world: World, phone: Phone
) -> None:
    record = phone.handout()
    await phone.sync(api, [record])
    await make.fetch("update campaign set status = 'closed', closed_at = $1", make.now)
    outcomes = await phone.sync(api, [record, phone.handout(), phone.correction(record["id"])])
    assert kinds(outcomes) == ["duplicate", "campaign-not-open", "recorded"]


async def test_more_than_the_limit_is_refused_whole(
    api: httpx.AsyncClient, make: Make, world: World, phone: Phone
) -> None:
    answer = await api.post("/api/handouts/sync", json={"records": [phone.handout()] * 501}, headers=phone.headers)
    assert (answer.status_code, answer.json()["type"], answer.json()["limit"]) == (413, "/problems/too-large", 500)
    many = await api.post("/api/handouts/sync", json={"records": [phone.handout()] * 10_000}, headers=phone.headers)
    assert many.status_code == 413
    huge = await api.post(
        "/api/handouts/sync", content=b'{"records": [' + b" " * 10_000_000 + b"]}", headers=phone.headers
    )
    assert (huge.status_code, huge.json()["type"]) == (413, "/problems/too-large")
    assert await totals(make, world) == counted(0, 100)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'{"records": 7}',
        b'{"records": [NaN]}',
        b'{"records": [{"copies": NaN}]}',
        b"\xff\xfe",
        b'{"other": []}',
    ],
)
async def test_a_body_that_is_no_sync_says_so(
    api: httpx.AsyncClient, make: Make, world: World, phone: Phone, body: bytes
) -> None:
    answer = await api.post(
        "/api/handouts/sync", content=body, headers={**phone.headers, "content-type": "application/json"}
    )
    assert answer.status_code == 400, answer.text
    assert answer.json()["type"] == "/problems/invalid-request"
    assert await totals(make, world) == counted(0, 100)


async def test_nobody_but_riders_syncs(api: httpx.AsyncClient, make: Make, world: World, phone: Phone) -> None:
    planner = await make.planner(world.city_id)
    assert (await api.post("/api/handouts/sync", json={"records": []}, headers=planner)).status_code == 403
    assert (await api.post("/api/handouts/sync", json={"records": []})).status_code == 401


async def test_a_handout_belongs_to_the_citys_day_not_to_utcs(
    api: httpx.AsyncClient, make: Make, world: World, phone: Phone, clock: Clock
) -> None:
    record = phone.handout(handed_out_at="2027-04-19T16:30:00+00:00")  # half past midnight on the 20th in Yunchuan
    await phone.sync(api, [record])
    clock.now += timedelta(days=2)
    await phone.sync(api, [phone.handout(handed_out_at="2027-04-20T15:59:00+00:00")])
    days = await make.fetch("select day, known_on, copies from zone_day_tally order by known_on")
    assert [(str(d["day"]), str(d["known_on"])) for d in days] == [
        ("2027-04-20", "2027-04-20"),
        ("2027-04-20", "2027-04-22"),
    ]


async def test_own_day_shows_what_is_done_and_left_of_this_rider_only(
    api: httpx.AsyncClient, make: Make, world: World, phone: Phone
) -> None:
    await phone.sync(api, [phone.handout(copies=7)])
    day = (await api.get("/api/handouts/own-day", headers=phone.headers)).json()
    assert (day["handed_out"], day["holdings"][0]["quantity"]) == (7, 93)
    other = await make.rider_session(world.city_id, world.riders[1])
    assert (await api.get("/api/handouts/own-day", headers=other)).json()["handed_out"] == 0


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
async def test_records_in_any_order_repeated_and_split_anyhow_give_the_same_state(
    api: httpx.AsyncClient, make: Make, world: World, phone: Phone, seed: int
) -> None:
    """V8: with stock at hand, the state depends on the set of records only."""
    chance = random.Random(seed)
    before = await totals(make, world)
    records = [
        phone.handout(id=str(new_id(make.now)), copies=chance.randint(1, 3), minutes_ago=chance.randint(1, 500))
        for _ in range(6)
    ]
    sent = [*records, *chance.choices(records, k=6)]
    chance.shuffle(sent)
    while sent:
        size = chance.randint(1, len(sent))
        await phone.sync(api, sent[:size])
        sent = sent[size:]
    copies = sum(record["copies"] for record in records)
    after = await totals(make, world)
    assert after == {key: value + (-copies if key == "left" else copies) for key, value in before.items()}
    await make.stock(world.city_id, world.campaign, world.material, "rider", phone.rider, copies)


async def test_copies_given_back_by_an_undo_can_be_handed_out_again_in_the_same_call(
    api: httpx.AsyncClient, make: Make, world: World, phone: Phone
) -> None:
    first = phone.handout(copies=100)
    again = phone.handout(copies=100)
    assert kinds(await phone.sync(api, [first, phone.correction(first["id"]), again])) == ["recorded"] * 3
    assert await totals(make, world) == counted(100, 0)


async def test_not_even_a_poisonous_field_name_sinks_the_others(
    api: httpx.AsyncClient, make: Make, world: World, phone: Phone
) -> None:
    poison: list[Any] = [
        {**phone.handout(), "a\u0000b": 1}, {"kind": "hand\u0000out"}, {"id": "\u0000"}, {"x" * 5000: 1},
        {**phone.handout(), "id": 7}, {"kind": "handout", "id": [[[]]]}, "\u0000",
    ]  # fmt: skip
    outcomes = await phone.sync(api, [*poison, phone.handout()])
    assert kinds(outcomes) == ["invalid-request"] * len(poison) + ["recorded"]
    assert await make.value("select count(*) from handout_refused") == len(poison)
    manager = await make.firm_manager(world.city_id, world.partners[0])
    assert len((await api.get("/api/handouts/refused", headers=manager)).json()) == len(poison)
