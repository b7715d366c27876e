"""Riders know what is kept, agree and withdraw; what they withdrew is kept to; what names them can be taken out."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from dispatch.database import Database, new_id
from dispatch.privacy import records
from dispatch.privacy.notice import STANDARD_EN, STANDARD_VERSION, STANDARD_ZH
from tests.conftest import NOW, Clock
from tests.make import Make, World

NAME, CODE = "欧阳不留痕", "R-NOTRACE"


@pytest.fixture
async def rider(make: Make, world: World) -> dict[str, str]:
    await make.stock(99, world.campaign, world.material, "rider", world.riders[0], 100)
    return await make.rider_session(99, world.riders[0])


async def answer(
    api: httpx.AsyncClient, headers: dict[str, str], make: Make, purpose: str, given: bool
) -> dict[str, Any]:
    body = {"consent_id": str(make.id()), "purpose": purpose, "given": given, "version": STANDARD_VERSION}
    return (await api.post("/api/privacy/consent", json=body, headers=headers)).json()


def handout(world: World, at: datetime, **more: Any) -> dict[str, Any]:
    return {
        "kind": "handout", "id": str(new_id(at)), "campaign_id": str(world.campaign), "material_id": str(world.material),
        "channel": "with_parcel", "copies": 1, "handed_out_at": at.isoformat(), **more,
    }  # fmt: skip


async def sync(api: httpx.AsyncClient, headers: dict[str, str], *sent: Any) -> list[str]:
    outcomes = (await api.post("/api/handouts/sync", json={"records": sent}, headers=headers)).json()["outcomes"]
    return [entry["outcome"] if "problem" not in entry else entry["problem"]["type"][10:] for entry in outcomes]


async def test_the_notice_can_be_read_before_signing_in(api: httpx.AsyncClient, world: World) -> None:
    shown = (await api.get("/api/privacy/notice")).json()
    assert (shown["version"], shown["published_at"]) == (STANDARD_VERSION, None)
    assert shown["text_zh"] == STANDARD_ZH
    assert (await api.get("/api/privacy/notice?city_code=77")).status_code == 404


def test_the_standard_notice_speaks_of_handing_out_and_of_nothing_that_smells_of_control() -> None:
    for word in ("监控", "追踪", "考核", "打卡", "用户", "排行"):
        assert word not in STANDARD_ZH
    assert "自愿" in STANDARD_ZH
    assert "voluntary" in STANDARD_EN


async def test_agreeing_and_withdrawing_are_kept_with_the_version_each_by_itself(
    api: httpx.AsyncClient, make: Make, rider: dict[str, str], clock: Clock
) -> None:
    untouched = (await api.get("/api/privacy/consent", headers=rider)).json()
    assert (untouched["newest_version"], untouched["taking_part"], untouched["location"]) == (
        STANDARD_VERSION,
        None,
        None,
    )
    await answer(api, rider, make, "taking_part", True)
    clock.now += timedelta(seconds=5)
    stands = await answer(api, rider, make, "location", True)
    clock.now += timedelta(seconds=5)
    stands = await answer(api, rider, make, "location", False)
    assert stands["taking_part"]["given"] is True
    assert (stands["location"]["given"], stands["location"]["version"]) == (False, STANDARD_VERSION)
    assert await make.value("select count(*) from privacy_consent") == 3, "what was agreed to once is not forgotten"


async def test_an_answer_sent_twice_is_one_answer(api: httpx.AsyncClient, make: Make, rider: dict[str, str]) -> None:
    body = {"consent_id": str(make.id()), "purpose": "location", "given": False, "version": STANDARD_VERSION}
    for _ in range(2):
        assert (await api.post("/api/privacy/consent", json=body, headers=rider)).status_code == 200
    changed = await api.post("/api/privacy/consent", json={**body, "given": True}, headers=rider)
    assert changed.json()["type"] == "/problems/consent-changed"
    unknown = await api.post(
        "/api/privacy/consent", json={**body, "consent_id": str(make.id()), "version": 9}, headers=rider
    )
    assert unknown.json()["type"] == "/problems/notice-unknown"


async def test_a_new_version_asks_again_and_the_old_words_are_kept(
    api: httpx.AsyncClient, make: Make, world: World, rider: dict[str, str]
) -> None:
    await answer(api, rider, make, "taking_part", True)
    planner = await make.planner(99)
    text = {
        "text_zh": "第二版的说明，请您看过以后再决定要不要参加发放。",
        "text_en": "The second version of the notice.",
    }
    wrong = await api.post("/api/privacy/notices", json={"version": 5, **text}, headers=planner)
    assert wrong.json()["type"] == "/problems/notice-version-taken"
    for _ in range(2):
        made = await api.post("/api/privacy/notices", json={"version": STANDARD_VERSION + 1, **text}, headers=planner)
        assert made.status_code == 201, made.text
    stands = (await api.get("/api/privacy/consent", headers=rider)).json()
    assert (stands["newest_version"], stands["taking_part"]["version"]) == (STANDARD_VERSION + 1, STANDARD_VERSION)
    versions = (await api.get("/api/privacy/notices", headers=planner)).json()
    assert [(version["version"], version["riders_agreed"]) for version in versions] == [
        (STANDARD_VERSION + 1, 0),
        (STANDARD_VERSION, 1),
    ]
    assert versions[1]["text_zh"] == STANDARD_ZH
    district = await make.planner(99, division_code="990101")
    assert (
        await api.post("/api/privacy/notices", json={"version": STANDARD_VERSION + 2, **text}, headers=district)
    ).status_code == 403


async def test_who_left_hands_out_no_more_but_what_was_confirmed_before_counts(
    api: httpx.AsyncClient, make: Make, world: World, rider: dict[str, str], clock: Clock
) -> None:
    before = handout(world, NOW - timedelta(hours=1), zone_id=str(world.zones[0]))
    await answer(api, rider, make, "taking_part", False)
    after = handout(world, NOW + timedelta(minutes=1), zone_id=str(world.zones[0]))
    assert await sync(api, rider, before, after) == ["recorded", "consent-withdrawn"]
    clock.now += timedelta(minutes=2)
    await answer(api, rider, make, "taking_part", True)
    assert await sync(api, rider, handout(world, clock.now, zone_id=str(world.zones[0]))) == ["recorded"]


async def test_without_consent_to_location_no_cell_is_kept(
    api: httpx.AsyncClient, make: Make, world: World, rider: dict[str, str], clock: Clock
) -> None:
    cell = f"{world.cells[0][0]:x}"
    await answer(api, rider, make, "location", False)
    named = handout(world, NOW + timedelta(minutes=1), cell=cell, zone_id=str(world.zones[0]))
    nameless = handout(world, NOW + timedelta(minutes=1), cell=cell)
    assert await sync(api, rider, named, nameless) == ["recorded", "location-withdrawn"]
    assert await make.fetch("select cell from handout") == [{"cell": None}]
    assert await make.value("select count(*) from cell_tally") == 0
    assert cell not in str(await make.fetch("select record from handout_refused"))
    assert await sync(api, rider, named) == ["duplicate"]
    clock.now += timedelta(minutes=2)
    await answer(api, rider, make, "location", True)
    assert await sync(api, rider, named) == ["duplicate"], "agreeing again does not turn an old record into another"
    await make.fetch("delete from handout_refused")
    assert await sync(api, rider, handout(world, clock.now, cell=cell)) == ["recorded"]


@pytest.mark.parametrize(
    "position",
    [{"position": "104.21,36.91", "lat": 36.91}, {"longitude": 104.21, "latitude": 36.91}, {"lng": 104.21, "lat": 36.91}, {"coordinates": [104.21, 36.91]},
     {"GPS": "104.21,36.91"}, {"location": {"lon": 104.21}}],
)  # fmt: skip
async def test_a_precise_position_is_refused_and_nowhere_kept(
    api: httpx.AsyncClient, make: Make, world: World, rider: dict[str, str], position: dict[str, Any]
) -> None:
    record = handout(world, NOW, zone_id=str(world.zones[0]), **position)
    assert await sync(api, rider, record) == ["precise-position"]
    kept = await make.fetch("select * from handout_refused")
    assert len(kept) == 1
    assert "104.21" not in str(kept)
    assert await make.value("select count(*) from handout") == 0


async def test_a_page_of_an_earlier_version_sends_its_position_in_vain_and_its_tap_counts(
    api: httpx.AsyncClient, make: Make, world: World, rider: dict[str, str]
) -> None:
    measured = {"longitude": 104.21123, "latitude": 36.91, "datum": "wgs84", "accuracy_metres": 8.0}
    record = handout(world, NOW, zone_id=str(world.zones[0]), position=measured)
    assert await sync(api, rider, record) == ["recorded"]
    assert await sync(api, rider, {key: value for key, value in record.items() if key != "position"}) == ["duplicate"]
    assert "104.21123" not in await everything(make)


async def test_a_later_standard_asks_again_and_keeps_what_was_agreed_to(
    api: httpx.AsyncClient, make: Make, world: World, rider: dict[str, str]
) -> None:
    await make.insert("privacy_notice", city_id=99, version=1, text_zh="第一版", text_en="first", published_at=NOW)
    agreed = {"city_id": 99, "rider_id": world.riders[0], "purpose": "taking_part", "version": 1, "given": True}
    await make.insert("privacy_consent", **agreed, consent_id=make.id(), answered_at=NOW)
    assert (await api.get("/api/privacy/notice")).json()["text_zh"] == STANDARD_ZH
    own = (await api.get("/api/privacy/consent", headers=rider)).json()
    assert (own["newest_version"], own["taking_part"]["version"]) == (STANDARD_VERSION, 1)
    assert await make.value("select text_zh from privacy_notice where version = 1") == "第一版"


async def test_withdrawing_counts_whatever_words_the_phone_was_shown_and_agreeing_needs_words_that_exist(
    api: httpx.AsyncClient, make: Make, world: World, rider: dict[str, str]
) -> None:
    body = {"consent_id": str(make.id()), "purpose": "location", "given": True, "version": STANDARD_VERSION - 1}
    refused = await api.post("/api/privacy/consent", json=body, headers=rider)
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/notice-unknown")
    assert await make.value("select count(*) from privacy_consent") == 0
    for _ in range(2):
        stands = (await api.post("/api/privacy/consent", json={**body, "given": False}, headers=rider)).json()
        assert (stands["location"]["given"], stands["location"]["version"]) == (False, STANDARD_VERSION)
    assert await make.value("select count(*) from privacy_withdrawal") == 1


async def test_what_does_not_belong_into_a_record_is_not_kept_with_its_refusal(
    api: httpx.AsyncClient, make: Make, world: World, rider: dict[str, str]
) -> None:
    record = handout(world, NOW, recipient="王小明", phone="13800138000", zone_id=[{"phone": "13800138000"}])
    assert await sync(api, rider, record, "13800138000", ["13800138000"]) == ["invalid-request"] * 3
    assert "13800138000" not in str(await make.fetch("select record from handout_refused"))
    assert "王小明" not in str(await make.fetch("select * from handout_refused"))


async def test_a_rider_reads_everything_that_is_kept_and_nobody_elses(
    api: httpx.AsyncClient, make: Make, world: World, rider: dict[str, str]
) -> None:
    await answer(api, rider, make, "taking_part", True)
    mine = handout(world, NOW, cell=f"{world.cells[0][0]:x}")
    assert await sync(api, rider, mine, {"kind": "handout"}) == ["recorded", "invalid-request"]
    await make.move(world, "transfer", ("outlet", world.outlets[0]), ("rider", world.riders[0]), 100)
    record = (await api.get("/api/privacy/own", headers=rider)).json()
    assert record["rider"]["rider_id"] == str(world.riders[0])
    assert [(entry["handout_id"], entry["zone_code"], entry["cell"]) for entry in record["handouts"]] == [
        (mine["id"], "990101000", mine["cell"])]  # fmt: skip
    assert [entry["purpose"] for entry in record["consents"]] == ["taking_part"]
    assert [(move["copies"], move["received"]) for move in record["moves"]] == [(100, True)] * 2, (
        "the bag he began with, and what was added"
    )
    assert len(record["refused"]) == len(record["sessions"]) == 1
    assert "answer_privacy_notice" in [deed["operation"] for deed in record["trail"]]
    other = (await api.get("/api/privacy/own", headers=await make.rider_session(99, world.riders[1]))).json()
    assert other["handouts"] == other["refused"] == other["moves"] == []
    assert mine["id"] not in str(other)


async def everything(make: Make) -> str:
    """Every row of every table, as text."""
    tables = await make.fetch(
        "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace order by 1"
    )
    found = [str(await make.fetch(f"select t::text from {table['relname']} t")) for table in tables]
    return "\n".join(found)


async def test_erasing_leaves_no_name_anywhere_and_every_copy_where_it_was(
    api: httpx.AsyncClient, make: Make, world: World, database: Database
) -> None:
    rider_id = await make.rider(99, world.outlets[0], pin="482913", name=NAME, code=CODE)
    await make.stock(99, world.campaign, world.material, "rider", rider_id, 100)
    headers = await make.rider_session(99, rider_id)
    assert await sync(api, headers, handout(world, NOW, zone_id=str(world.zones[0])), {"id": NAME}) == [
        "recorded", "invalid-request"]  # fmt: skip
    await make.insert(
        "review_flag", city_id=99, flag_id=make.id(), campaign_id=world.campaign, rider_id=rider_id, outlet_id=world.outlets[0],
        week_starts_on=datetime(2027, 4, 12).date(), score=8.0, zone_copies={}, status="answered", raised_at=NOW,  # noqa: DTZ001
        changed_at=NOW, reasons=[], rider_answer=f"我是{NAME}", rider_answered_at=NOW,
    )  # fmt: skip
    planner = await make.planner(99)
    law = (await api.get(f"/api/campaigns/{world.campaign}/stock/balance-law", headers=planner)).json()
    digest = str(await make.value("select encode(pin_digest, 'hex') from rider where rider_id = $1", rider_id))
    assert NAME in await everything(make)
    assert digest in await everything(make)
    assert await records.find_rider(database, 99, await code_of(make, world.outlets[0]), CODE) == rider_id
    await database.transact(lambda connection: records.erase_rider(connection, 99, rider_id, NOW))
    left = await everything(make)
    for gone in (NAME, CODE, digest):
        assert gone not in left
    assert (await api.get("/api/handouts/own-day", headers=headers)).status_code == 401
    assert (await api.get(f"/api/campaigns/{world.campaign}/stock/balance-law", headers=planner)).json() == law
    assert await make.value("select count(*) from handout where holder_id = $1", rider_id) == 1


async def code_of(make: Make, outlet_id: UUID) -> str:
    return await make.value("select code from outlet where outlet_id = $1", outlet_id)
