"""A firm's own references for what it reports: sent again they mean the same, whichever key and whatever day; and what
became of it is read back."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from dispatch.database.ids import new_id
from tests.conftest import Clock
from tests.contract.furnished import state_of
from tests.handouts.phone import kinds
from tests.handouts.test_report import line, report
from tests.make import Make, World

Codes = dict[str, Any]


@pytest.fixture
async def key(make: Make, world: World) -> dict[str, str]:
    return await make.partner_system(world.city_id, world.partners[0])


def named(make: Make, codes: Codes, source_id: Any, **more: Any) -> dict[str, Any]:
    """A record under the firm's own reference."""
    record = line(make, codes, **more)
    del record["id"]
    return {**record, "source_id": source_id}


async def reported(api: httpx.AsyncClient, key: dict[str, str], **query: Any) -> list[dict[str, Any]]:
    answer = await api.get("/api/handouts/reported", params=query, headers=key)
    assert answer.status_code == 200, answer.text
    return answer.json()["handouts"]


async def left(make: Make, world: World) -> int:
    return await make.value("select quantity from stock_balance where holder_id = $1", world.outlets[0])


async def test_the_same_reference_again_is_a_duplicate_also_from_a_renewed_key(
    api: httpx.AsyncClient, make: Make, world: World, outlet: Codes, key: dict[str, str], clock: Clock
) -> None:
    record = named(make, outlet, "单-2027/04-17")
    first = await report(api, world, key, [record, record])
    assert kinds(first) == ["recorded", "duplicate"]
    assert {each["source_id"] for each in first} == {"单-2027/04-17"}
    clock.now += timedelta(days=2)
    renewed = await make.partner_system(world.city_id, world.partners[0])
    again = await report(api, world, renewed, [record])
    assert kinds(again) == ["duplicate"]
    assert again[0]["id"] == first[0]["id"]
    assert await left(make, world) == 380


@pytest.mark.parametrize("change", [{"copies": 119}, {"day": "2027-04-18"}, {"channel": "in_person"}])
async def test_the_same_reference_with_other_content_changes_nothing(
    api: httpx.AsyncClient, make: Make, world: World, outlet: Codes, key: dict[str, str], change: dict[str, Any]
) -> None:
    assert kinds(await report(api, world, key, [named(make, outlet, "A-1")])) == ["recorded"]
    assert kinds(await report(api, world, key, [named(make, outlet, "A-1", **change)])) == ["handout-changed"]
    assert await left(make, world) == 380
    assert await make.value("select count(*) from handout") == 1


async def test_a_reference_belongs_to_the_firm(
    api: httpx.AsyncClient, make: Make, world: World, outlet: Codes, key: dict[str, str]
) -> None:
    """The other firm's record of the same reference is another record."""
    await make.stock(world.city_id, world.campaign, world.material, "outlet", world.outlets[2], 500)
    theirs = await make.value("select code from outlet where outlet_id = $1", world.outlets[2])
    other = await make.partner_system(world.city_id, world.partners[1])
    assert kinds(await report(api, world, key, [named(make, outlet, "1")])) == ["recorded"]
    assert kinds(await report(api, world, other, [named(make, outlet, "1", outlet_code=theirs, copies=7)])) == [
        "recorded"
    ]
    assert [each["copies"] for each in await reported(api, other)] == [7]
    assert [each["copies"] for each in await reported(api, key)] == [120]


async def test_a_record_carries_its_id_or_a_reference(
    api: httpx.AsyncClient, make: Make, world: World, outlet: Codes, key: dict[str, str]
) -> None:
    neither = line(make, outlet)
    del neither["id"]
    both = {**line(make, outlet), "source_id": "B-1"}
    assert kinds(await report(api, world, key, [neither, both])) == ["id-or-source-id"] * 2
    (first,) = await report(api, world, key, [named(make, outlet, "B-1")])
    assert first["outcome"] == "recorded"
    as_answered = named(make, outlet, "B-1", id=first["id"])
    as_answered["id"] = first["id"]
    assert kinds(await report(api, world, key, [as_answered, line(make, outlet, id=first["id"])])) == ["duplicate"] * 2


@pytest.mark.parametrize("source_id", ["", " ", "A 1", "A\n", "\x00", "x" * 65, 7, None, "\u200b"])
async def test_a_reference_is_of_1_to_64_visible_characters(
    api: httpx.AsyncClient, make: Make, world: World, outlet: Codes, key: dict[str, str], source_id: Any
) -> None:
    problem = "id-or-source-id" if source_id is None else "invalid-request"
    assert kinds(await report(api, world, key, [named(make, outlet, source_id)])) == [problem]
    assert await make.value("select count(*) from partner_reference") == 0


async def test_a_refused_record_is_sent_again_under_its_reference_with_what_was_wrong_put_right(
    api: httpx.AsyncClient, make: Make, world: World, outlet: Codes, key: dict[str, str]
) -> None:
    assert kinds(await report(api, world, key, [named(make, outlet, "A-1", copies=9999)])) == ["not-enough-stock"]
    (waiting,) = await reported(api, key, source_id="A-1")
    assert (waiting["outcome"], waiting["problem"], waiting["copies"]) == ("waiting", "not-enough-stock", None)
    assert kinds(await report(api, world, key, [named(make, outlet, "A-1", copies=99)])) == ["recorded"]
    (row,) = await reported(api, key, source_id="A-1")
    assert (row["outcome"], row["problem"], row["copies"]) == ("recorded", None, 99)
    assert await make.value("select count(*) from handout_refused where status = 'waiting'") == 0


async def test_what_was_reported_is_read_back_with_what_became_of_it(
    api: httpx.AsyncClient, make: Make, world: World, outlet: Codes, key: dict[str, str], clock: Clock
) -> None:
    by_id = line(make, outlet, copies=5)
    await report(api, world, key, [named(make, outlet, "A-1"), named(make, outlet, "A-2", copies=9999), by_id])
    clock.now += timedelta(seconds=1)
    await report(api, world, key, [named(make, outlet, "A-3", copies=8, day="2027-04-18")])
    correction = {"source_id": "A-1", "corrects_source_id": "A-1", "reason": "多报了二十册", "copies": 20}
    for outcome in ("recorded", "duplicate"):
        answer = await api.post("/api/handouts/correct-reported", json=correction, headers=key)
        assert (answer.status_code, answer.json()["outcome"]) == (200, outcome), answer.text
    rows = {row["source_id"] or row["id"]: row for row in await reported(api, key)}
    assert {name: (row["outcome"], row["copies"], row["corrected"]) for name, row in rows.items()} == {
        "A-1": ("corrected", 120, 20), "A-2": ("waiting", None, 0), "A-3": ("recorded", 8, 0),
        by_id["id"]: ("recorded", 5, 0),
    }  # fmt: skip
    first = rows["A-1"]
    assert (first["day"], first["zone_code"], first["outlet_code"], first["material_code"], first["channel"]) == (
        "2027-04-19", outlet["zone"], outlet["outlet"], outlet["material"], "with_parcel",
    )  # fmt: skip
    assert [row["source_id"] for row in await reported(api, key, day="2027-04-18")] == ["A-3"]
    assert [row["id"] for row in await reported(api, key, handout_id=by_id["id"])] == [by_id["id"]]
    assert [row["source_id"] for row in await reported(api, key, outcome="waiting")] == ["A-2"]
    assert [row["id"] for row in await reported(api, key, campaign_id=str(new_id(make.now)))] == []
    waiting = rows["A-2"]["id"]
    manager = await make.firm_manager(world.city_id, world.partners[0])
    await api.post("/api/handouts/refused/dismiss", json={"handout_ids": [waiting]}, headers=manager)
    assert [row["outcome"] for row in await reported(api, key, source_id="A-2")] == ["withdrawn"]


async def test_what_was_reported_is_read_in_pages_without_gap_or_repetition(
    api: httpx.AsyncClient, make: Make, world: World, outlet: Codes, key: dict[str, str]
) -> None:
    names = [f"A-{number}" for number in range(7)]
    await report(api, world, key, [named(make, outlet, name, copies=1) for name in names])
    seen: list[str] = []
    query: dict[str, Any] = {"limit": 3}
    while True:
        answer = (await api.get("/api/handouts/reported", params=query, headers=key)).json()
        seen += [row["source_id"] for row in answer["handouts"]]
        if answer["next_cursor"] is None:
            break
        query["cursor"] = answer["next_cursor"]
    assert sorted(seen) == names


async def test_an_outlet_reads_back_what_took_its_own_copies(
    api: httpx.AsyncClient, make: Make, world: World, outlet: Codes, key: dict[str, str]
) -> None:
    await report(api, world, key, [named(make, outlet, "A-1"), named(make, outlet, "A-2", copies=9999)])
    own, neighbour = [
        await make.partner_system(world.city_id, world.partners[0], outlet_id=world.outlets[place]) for place in (0, 1)
    ]
    assert [row["source_id"] for row in await reported(api, own)] == ["A-1"]
    assert await reported(api, neighbour) == []


async def test_a_correction_names_the_handout_of_the_own_firm_only(
    api: httpx.AsyncClient, make: Make, world: World, outlet: Codes, key: dict[str, str]
) -> None:
    (first,) = await report(api, world, key, [named(make, outlet, "A-1")])
    other = await make.partner_system(world.city_id, world.partners[1])
    before = await state_of(make, world.city_id)
    for path, more in (
        ("/api/handouts/correct-reported", {"corrects_source_id": "A-1"}),
        (f"/api/handouts/{first['id']}/correct", {}),
    ):
        answer = await api.post(path, json={"source_id": "C-1", "reason": "多报了", **more}, headers=other)
        assert answer.status_code == 404
    assert await state_of(make, world.city_id) == before
    body = {"source_id": "C-1", "reason": "多报了", "copies": 20}
    done = (await api.post(f"/api/handouts/{first['id']}/correct", json=body, headers=key)).json()
    assert (done["source_id"], done["outcome"]) == ("C-1", "recorded")
    again = {**body, "copies": 21}
    answer = (await api.post(f"/api/handouts/{first['id']}/correct", json=again, headers=key)).json()
    assert kinds([answer]) == ["handout-changed"]
    assert await left(make, world) == 400


async def test_references_go_with_the_records_of_their_campaign(
    api: httpx.AsyncClient, make: Make, world: World, outlet: Codes, key: dict[str, str], clock: Clock, database: Any
) -> None:
    from dispatch.retention.expiry import expire_records

    await report(api, world, key, [named(make, outlet, "A-1")])
    assert (await expire_records(database, world.city_id, clock.now)).references == 0
    await make.fetch("update campaign set status = 'closed', closed_at = $1", clock.now)
    days = await make.value("select retention_days from campaign where campaign_id = $1", world.campaign)
    clock.now += timedelta(days=days, seconds=1)
    assert (await expire_records(database, world.city_id, clock.now)).references == 1
    assert await make.value("select count(*) from partner_reference") == 0


async def test_a_dry_run_answers_as_the_report_would_and_changes_nothing(
    api: httpx.AsyncClient, make: Make, world: World, outlet: Codes, key: dict[str, str]
) -> None:
    await report(api, world, key, [named(make, outlet, "A-0", copies=10)])
    sent = [
        named(make, outlet, "A-0", copies=10), named(make, outlet, "A-0", copies=11), named(make, outlet, "A-1", copies=400),
        named(make, outlet, "A-1", copies=400), named(make, outlet, "A-2", copies=400), named(make, outlet, "A-3", zone_code="NONE"),
        line(make, outlet, copies=1), {"copies": 1},
    ]  # fmt: skip
    before = await state_of(make, world.city_id)
    body = {"campaign_id": str(world.campaign), "records": sent}
    dry = await api.post("/api/handouts/report", json=body, params={"dry_run": "true"}, headers=key)
    assert await state_of(make, world.city_id) == before
    assert dry.json()["dry_run"] is True
    expected = [
        "duplicate", "handout-changed", "recorded", "duplicate", "not-enough-stock", "unknown-zone", "recorded", "invalid-request",
    ]  # fmt: skip
    assert kinds(dry.json()["outcomes"]) == expected
    assert [row["source_id"] for row in await reported(api, key)] == ["A-0"]
    done = await api.post("/api/handouts/report", json=body, headers=key)
    assert done.json()["dry_run"] is False
    assert kinds(done.json()["outcomes"]) == expected
