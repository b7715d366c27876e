"""Precise positions: off unless a planner turned them on with a reason and the rider agreed by itself; erased by
themselves, at once when either says no; shown as dots that tell of nobody."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import httpx
import numpy as np
import pytest

from dispatch.database import Database, new_id
from dispatch.geo.datum import convert
from dispatch.positions import notice, rules
from dispatch.privacy import records
from dispatch.problems import Problem
from dispatch.retention.expiring import expire_records
from schemas.positions import NewPositionPermit
from tests.conftest import NOW, Clock
from tests.contract.test_log import lines  # noqa: F401  # pyright: ignore[reportUnusedImport]  the fixture
from tests.handouts.phone import Phone, kinds
from tests.make import Make, World

REASON = "核对老城区楼栋的发放点位"
PLACE = {"longitude": 104.2077731, "latitude": 36.9011119, "datum": "wgs84", "accuracy_metres": 8.5}


@pytest.fixture
async def phone(make: Make, world: World) -> Phone:
    """The first rider's phone, with 100 copies handed over."""
    await make.stock(99, world.campaign, world.material, "rider", world.riders[0], 100)
    return Phone(world, world.riders[0], await make.rider_session(99, world.riders[0]), make.now)


@pytest.fixture
async def planner(make: Make, world: World) -> dict[str, str]:
    return await make.planner(99)


@pytest.fixture
async def permit(make: Make, world: World, phone: Phone) -> UUID:
    """Positions are on, and the first rider agrees."""
    permit_id = await make.position_permit(world)
    await make.position_agreement(world, permit_id, world.riders[0])
    return permit_id


def switch(world: World, word: str) -> str:
    return f"/api/campaigns/{world.campaign}/positions/{word}"


async def turn_on(
    api: httpx.AsyncClient, world: World, headers: dict[str, str], make: Make, **more: Any
) -> httpx.Response:
    body = {"permit_id": str(make.id()), "reason": REASON, **more}
    return await api.post(switch(world, "switch-on"), json=body, headers=headers)


async def agree(
    api: httpx.AsyncClient, phone: Phone, make: Make, permit_id: UUID | str, given: bool = True, **more: Any
) -> httpx.Response:
    body = {"answer_id": str(make.id()), "permit_id": str(permit_id), "version": 1, "given": given, **more}
    return await api.post("/api/positions/agreement", json=body, headers=phone.headers)


async def kept(make: Make) -> int:
    return await make.value("select count(*) from handout_position")


# ---- the switch


async def test_positions_are_off_unless_a_planner_turned_them_on(
    api: httpx.AsyncClient, world: World, planner: dict[str, str], phone: Phone
) -> None:
    stands = (await api.get(switch(world, "switch"), headers=planner)).json()
    assert (stands["on"], stands["kept"], stands["permits"]) == (False, 0, [])
    pack = (await api.get("/api/handouts/pack", headers=phone.headers)).json()
    assert [campaign["positions"] for campaign in pack["campaigns"]] == ["off"]
    assert (await api.get("/api/positions/agreement", headers=phone.headers)).json()["campaigns"] == []


@pytest.mark.parametrize("reason", ["试试", "         ", "a b c d e f g h", ""])
async def test_without_a_written_reason_they_stay_off(
    api: httpx.AsyncClient, make: Make, world: World, planner: dict[str, str], reason: str
) -> None:
    assert (await turn_on(api, world, planner, make, reason=reason)).json()["type"] == "/problems/invalid-request"
    assert (await api.get(switch(world, "switch"), headers=planner)).json()["on"] is False


@pytest.mark.parametrize("keep_days", [0, 31])
async def test_no_position_is_kept_for_longer_than_a_month(
    api: httpx.AsyncClient, make: Make, world: World, planner: dict[str, str], keep_days: int
) -> None:
    assert (await turn_on(api, world, planner, make, keep_days=keep_days)).status_code == 400


async def test_turning_them_on_keeps_the_reason_and_the_same_again_changes_nothing(
    api: httpx.AsyncClient, make: Make, world: World, planner: dict[str, str]
) -> None:
    same = str(make.id())
    for _ in range(2):
        stands = (await turn_on(api, world, planner, make, permit_id=same)).json()
        assert stands["on"] is True
        assert [(each["reason"], each["keep_days"], each["ended_at"]) for each in stands["permits"]] == [
            (REASON, 7, None)
        ]
    changed = await turn_on(api, world, planner, make, permit_id=same, keep_days=3)
    assert changed.json()["type"] == "/problems/position-permit-changed"
    another = await turn_on(api, world, planner, make, reason="另一个同样够长的理由")
    assert another.json()["type"] == "/problems/positions-already-on"


async def test_what_riders_agreed_to_is_not_changed_behind_them(
    api: httpx.AsyncClient, make: Make, world: World, planner: dict[str, str], permit: UUID, phone: Phone
) -> None:
    await api.post(switch(world, "switch-off"), headers=planner)
    assert (await turn_on(api, world, planner, make, keep_days=30)).status_code == 200
    asked = (await api.get("/api/positions/agreement", headers=phone.headers)).json()["campaigns"]
    assert [(each["keep_days"], each["state"]) for each in asked] == [(30, "unanswered")], "asked anew"
    outcome = (await phone.sync(api, [phone.handout(position=PLACE)]))[0]
    assert (outcome["outcome"], outcome["position"]) == ("recorded", "not_kept")
    stands = (await api.get(switch(world, "switch"), headers=planner)).json()
    assert [each["ended_at"] is None for each in stands["permits"]] == [True, False], "the earlier reason stays known"


async def test_a_closed_campaign_cannot_turn_them_on_but_off(
    api: httpx.AsyncClient, make: Make, world: World, planner: dict[str, str], permit: UUID
) -> None:
    await make.position(world, world.riders[0])
    await make.fetch(
        "update campaign set status = 'closed', closed_at = $2 where campaign_id = $1", world.campaign, NOW
    )
    assert (await turn_on(api, world, planner, make)).json()["type"] == "/problems/positions-already-on"
    stands = (await api.post(switch(world, "switch-off"), headers=planner)).json()
    assert (stands["on"], stands["kept"]) == (False, 0)
    assert (await turn_on(api, world, planner, make)).json()["type"] == "/problems/campaign-closed"


async def test_turning_them_off_erases_what_was_kept_in_this_campaign_and_in_no_other(
    api: httpx.AsyncClient, make: Make, world: World, planner: dict[str, str], permit: UUID, phone: Phone
) -> None:
    await phone.sync(api, [phone.handout(position=PLACE) for _ in range(3)])
    other = await make.world(98)
    await make.position(other, other.riders[0])
    assert (await api.get(switch(world, "switch"), headers=planner)).json()["kept"] == 3
    for _ in range(2):
        stands = (await api.post(switch(world, "switch-off"), headers=planner)).json()
        assert (stands["on"], stands["kept"]) == (False, 0)
    assert await kept(make) == 1
    assert await make.value("select count(*) from handout") == 3, "the hand-outs stay"


async def test_only_the_citys_planners_turn_them_on_and_off_and_a_district_may_look(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    district = await make.planner(99, division_code="990101")
    auditor = await make.session(99, account_id=await make.account(99, "auditor"))
    assert (await turn_on(api, world, district, make)).status_code == 403
    assert (await api.post(switch(world, "switch-off"), headers=district)).status_code == 403
    assert (await api.get(switch(world, "zones/990101000"), headers=district)).status_code == 403
    for looker in (district, auditor):
        assert (await api.get(switch(world, "switch"), headers=looker)).json()["on"] is False


async def test_the_trail_tells_who_turned_them_on_and_off_and_no_place(
    api: httpx.AsyncClient, make: Make, world: World, planner: dict[str, str], phone: Phone, clock: Clock
) -> None:
    permit_id = str(make.id())
    await turn_on(api, world, planner, make, permit_id=permit_id)
    clock.now += timedelta(seconds=1)
    await agree(api, phone, make, permit_id)
    await phone.sync(api, [phone.handout(position=PLACE) for _ in range(6)])
    clock.now += timedelta(seconds=1)
    await api.get(switch(world, "zones/990101000"), headers=planner)
    clock.now += timedelta(seconds=1)
    await api.post(switch(world, "switch-off"), headers=planner)
    told = await make.fetch("select kind, operation, subject, caller_role from audit_entry order by entry_id")
    assert [(entry["kind"], entry["operation"], entry["caller_role"]) for entry in told] == [
        ("change", "switch_positions_on", "planner"), ("change", "answer_position_agreement", "rider"),
        ("read", "read_positions", "planner"), ("change", "switch_positions_off", "planner"),
    ]  # fmt: skip
    campaign = str(world.campaign)
    assert told[0]["subject"] == {"campaign_id": campaign, "permit_id": permit_id, "keep_days": "7"}
    assert told[2]["subject"] == {"campaign_id": campaign, "zone_code": "990101000"}
    assert told[3]["subject"] == {"campaign_id": campaign, "permit_id": permit_id, "positions_erased": "6"}
    assert "104.2" not in str(told)


# ---- the rider's agreement


async def test_a_rider_is_asked_with_the_reason_and_the_days_in_words_of_their_own(
    api: httpx.AsyncClient, make: Make, world: World, phone: Phone
) -> None:
    await make.position_permit(world, reason="补印楼栋分布图，需要知道单元门的位置", keep_days=3)
    asked = (await api.get("/api/positions/agreement", headers=phone.headers)).json()
    assert (asked["version"], asked["text_zh"], asked["text_en"]) == (1, notice.TEXT_ZH, notice.TEXT_EN)
    (campaign,) = asked["campaigns"]
    assert (campaign["reason"], campaign["keep_days"]) == ("补印楼栋分布图，需要知道单元门的位置", 3)
    assert (campaign["state"], campaign["kept"]) == ("unanswered", 0)
    pack = (await api.get("/api/handouts/pack", headers=phone.headers)).json()
    assert pack["campaigns"][0]["positions"] == "unanswered"


def test_the_words_promise_no_disadvantage_and_smell_of_no_control() -> None:
    for word in ("监控", "追踪", "考核", "打卡", "用户", "排行", "轨迹"):
        assert word not in notice.TEXT_ZH
    assert "没有任何不利影响" in notice.TEXT_ZH
    assert "no disadvantage" in notice.TEXT_EN
    assert notice.VERSION == 1, "whoever changes a word raises the version, and with it this line"


async def test_yes_and_no_are_remembered_and_the_pack_says_so(
    api: httpx.AsyncClient, make: Make, world: World, phone: Phone, clock: Clock
) -> None:
    permit_id = await make.position_permit(world)
    for given, state in ((False, "declined"), (True, "agreed"), (False, "declined")):
        clock.now += timedelta(seconds=5)
        stands = (await agree(api, phone, make, permit_id, given)).json()
        assert [each["state"] for each in stands["campaigns"]] == [state]
        pack = (await api.get("/api/handouts/pack", headers=phone.headers)).json()
        assert [campaign["positions"] for campaign in pack["campaigns"]] == [state]
    own = (await api.get("/api/privacy/own", headers=phone.headers)).json()
    assert [(each["given"], each["version"], each["keep_days"]) for each in own["position_answers"]] == [
        (False, 1, 7), (True, 1, 7), (False, 1, 7)]  # fmt: skip
    assert await make.value("select text_zh from position_notice") == notice.TEXT_ZH, "the words are the city's own"


async def test_who_refuses_hands_out_as_before(api: httpx.AsyncClient, make: Make, world: World, phone: Phone) -> None:
    await agree(api, phone, make, await make.position_permit(world), False)
    record = phone.handout(position=PLACE, copies=2)
    (outcome,) = await phone.sync(api, [record])
    assert (outcome["outcome"], outcome["position"]) == ("recorded", "not_kept")
    assert await make.value("select copies from handout") == 2
    assert await kept(make) == 0


async def test_an_answer_sent_twice_is_one_answer(
    api: httpx.AsyncClient, make: Make, world: World, phone: Phone
) -> None:
    permit_id = await make.position_permit(world)
    same = str(make.id())
    for _ in range(2):
        assert (await agree(api, phone, make, permit_id, answer_id=same)).status_code == 200
    assert await make.value("select count(*) from position_answer") == 1
    changed = await agree(api, phone, make, permit_id, False, answer_id=same)
    assert changed.json()["type"] == "/problems/position-answer-changed"


async def test_nobody_agrees_to_other_words_to_what_is_off_or_to_another_campaign(
    api: httpx.AsyncClient, make: Make, world: World, phone: Phone
) -> None:
    permit_id = await make.position_permit(world)
    other_words = await agree(api, phone, make, permit_id, version=2)
    assert (other_words.json()["type"], other_words.json()["newest"]) == ("/problems/position-words-changed", 1)
    await make.fetch("update position_permit set ended_at = $1, ended_by = $2", NOW, make.id())
    assert (await agree(api, phone, make, permit_id)).json()["type"] == "/problems/positions-off"
    assert (await agree(api, phone, make, permit_id, False)).status_code == 200, "no can always be said"
    foreign = await make.position_permit(await make.world(98))
    assert (await agree(api, phone, make, foreign)).status_code == 404
    elsewhere = await make.campaign(99)
    permit_elsewhere = make.id()
    await make.insert(
        "position_permit", city_id=99, permit_id=permit_elsewhere, campaign_id=elsewhere, reason=REASON, keep_days=7,
        given_at=NOW, given_by=make.id(),
    )  # fmt: skip
    assert (await agree(api, phone, make, permit_elsewhere)).status_code == 404, "he hands out nothing of it"


async def test_an_agreement_to_older_words_keeps_nothing(
    api: httpx.AsyncClient, make: Make, world: World, phone: Phone
) -> None:
    permit_id = await make.position_permit(world)
    await make.position_agreement(world, permit_id, world.riders[0], version=7)
    (outcome,) = await phone.sync(api, [phone.handout(position=PLACE)])
    assert outcome["position"] == "not_kept"


async def test_withdrawing_erases_the_riders_positions_at_once_and_nobody_elses(
    api: httpx.AsyncClient, make: Make, world: World, permit: UUID, phone: Phone
) -> None:
    await phone.sync(api, [phone.handout(position=PLACE) for _ in range(2)])
    await make.position(world, world.riders[1])
    stands = (await api.get("/api/positions/agreement", headers=phone.headers)).json()["campaigns"]
    assert [each["kept"] for each in stands] == [2]
    stands = (await agree(api, phone, make, permit, False)).json()["campaigns"]
    assert [(each["state"], each["kept"]) for each in stands] == [("declined", 0)]
    assert await make.fetch("select rider_id from handout_position") == [{"rider_id": world.riders[1]}]
    assert await make.value("select sum(copies)::int from handout") == 2, "the copies stay as they are"
    (outcome,) = await phone.sync(api, [phone.handout(position=PLACE)])
    assert outcome["position"] == "not_kept"


@pytest.mark.parametrize("purpose", ["taking_part", "location"])
async def test_who_leaves_or_withdraws_location_has_withdrawn_this_too(
    api: httpx.AsyncClient, make: Make, world: World, permit: UUID, phone: Phone, clock: Clock, purpose: str
) -> None:
    await phone.sync(api, [phone.handout(position=PLACE)])
    consent: dict[str, Any] = {"consent_id": str(make.id()), "purpose": purpose, "given": False, "version": 1}
    assert (await api.post("/api/privacy/consent", json=consent, headers=phone.headers)).status_code == 200
    assert await kept(make) == 0
    stands = (await api.get("/api/positions/agreement", headers=phone.headers)).json()["campaigns"]
    assert [each["state"] for each in stands] == ["declined"], "and is not asked again"
    clock.now += timedelta(minutes=1)
    consent = {**consent, "consent_id": str(make.id()), "given": True}
    await api.post("/api/privacy/consent", json=consent, headers=phone.headers)
    (outcome,) = await phone.sync(api, [phone.handout(position=PLACE, minutes_ago=-1)])
    assert outcome["position"] == "not_kept", "coming back is not agreeing to this"


async def test_while_location_is_withdrawn_no_agreement_keeps_a_position(
    api: httpx.AsyncClient, make: Make, world: World, permit: UUID, phone: Phone
) -> None:
    await make.insert(
        "privacy_withdrawal", city_id=99, rider_id=world.riders[0], purpose="location", since=NOW - timedelta(hours=1)
    )
    (outcome,) = await phone.sync(api, [phone.handout(position=PLACE, zone_id=str(world.zones[0]))])
    assert (outcome["outcome"], outcome["position"]) == ("recorded", "not_kept")
    assert await kept(make) == 0


# ---- with the hand-outs


async def test_a_position_is_kept_in_the_citys_datum_with_the_day_alone(
    api: httpx.AsyncClient, make: Make, world: World, permit: UUID, phone: Phone
) -> None:
    record = phone.handout(position=PLACE)
    (outcome,) = await phone.sync(api, [record])
    assert outcome == {"id": record["id"], "outcome": "recorded", "position": "kept"}
    (row,) = await make.fetch("select * from handout_position")
    point = convert(np.array([[PLACE["longitude"], PLACE["latitude"]]]), "wgs84", "gcj02")[0]
    assert (row["longitude"], row["latitude"]) == pytest.approx(tuple(point), abs=1e-9)
    assert abs(row["longitude"] - 104.2077731) > 0.001, "another datum than the phone's"
    assert (row["zone_id"], row["rider_id"], row["accuracy_metres"]) == (world.zones[0], world.riders[0], 8.5)
    at = NOW - timedelta(minutes=5)
    assert (row["day"].isoformat(), row["erase_at"]) == ("2027-04-20", at + timedelta(days=7))
    assert not any(isinstance(value, type(NOW)) for name, value in row.items() if name != "erase_at")


async def test_who_has_not_agreed_keeps_nothing_beside_who_has(
    api: httpx.AsyncClient, make: Make, world: World, permit: UUID, phone: Phone
) -> None:
    await make.stock(99, world.campaign, world.material, "rider", world.riders[1], 100)
    colleague = Phone(world, world.riders[1], await make.rider_session(99, world.riders[1]), make.now)
    (outcome,) = await colleague.sync(api, [colleague.handout(position=PLACE)])
    assert outcome["position"] == "not_kept"
    records_ = [phone.handout(position=PLACE), phone.handout(), phone.correction(str(make.id()))]
    outcomes = await phone.sync(api, records_)
    assert [each.get("position") for each in outcomes] == ["kept", None, None]
    assert await make.fetch("select rider_id from handout_position") == [{"rider_id": world.riders[0]}]


async def test_a_switch_that_changed_while_the_phone_was_offline_loses_nobody_a_tap(
    api: httpx.AsyncClient, make: Make, world: World, planner: dict[str, str], permit: UUID, phone: Phone
) -> None:
    waiting = [phone.handout(position=PLACE, copies=3), phone.handout(position=PLACE)]
    await api.post(switch(world, "switch-off"), headers=planner)
    outcomes = await phone.sync(api, waiting)
    assert [(each["outcome"], each["position"]) for each in outcomes] == [("recorded", "not_kept")] * 2
    assert await make.value("select sum(copies)::int from handout") == 4
    assert await kept(make) == 0
    await turn_on(api, world, planner, make)
    assert kinds(await phone.sync(api, waiting)) == ["duplicate"] * 2
    assert await kept(make) == 0, "what was not kept is not kept later"


async def test_a_position_whose_days_were_over_before_it_arrived_is_not_kept(
    api: httpx.AsyncClient, make: Make, world: World, permit: UUID, phone: Phone
) -> None:
    late = phone.handout(position=PLACE, minutes_ago=60 * 24 * 7 + 1)
    barely = phone.handout(position=PLACE, minutes_ago=60 * 24 * 7 - 1)
    outcomes = await phone.sync(api, [late, barely])
    assert [(each["outcome"], each["position"]) for each in outcomes] == [
        ("recorded", "not_kept"),
        ("recorded", "kept"),
    ]


async def test_the_position_is_no_part_of_what_an_id_stands_for(
    api: httpx.AsyncClient, make: Make, world: World, permit: UUID, phone: Phone
) -> None:
    record = phone.handout(position=PLACE)
    moved = {**record, "position": {**PLACE, "longitude": 104.25}}
    bare = {key: value for key, value in record.items() if key != "position"}
    assert kinds(await phone.sync(api, [record, moved])) == ["recorded", "duplicate"]
    assert kinds(await phone.sync(api, [moved, bare])) == ["duplicate"] * 2
    (row,) = await make.fetch("select longitude from handout_position")
    assert row["longitude"] < 104.22, "the first stays"


async def test_no_position_of_a_refused_record_is_kept_nor_a_digest_of_it(
    api: httpx.AsyncClient, make: Make, world: World, permit: UUID, phone: Phone
) -> None:
    unknown = phone.handout(position=PLACE, material_id=str(make.id()))
    wrong = phone.handout(position=PLACE, channel="by_pigeon")
    again = [{**record, "position": {**PLACE, "longitude": 104.25}} for record in (unknown, wrong)]
    found = kinds(await phone.sync(api, [unknown, wrong, *again]))
    assert found == ["not-held", "invalid-request"] * 2
    rows = await make.fetch("select * from handout_refused")
    assert len(rows) == 2, "another position is not another content"
    assert "104.2" not in str(rows)
    assert "position" not in str([row["record"] for row in rows])
    assert await kept(make) == 0


async def test_a_record_taken_up_later_comes_without_its_position(
    api: httpx.AsyncClient, make: Make, world: World, planner: dict[str, str], permit: UUID, phone: Phone
) -> None:
    (refused,) = await phone.sync(api, [phone.handout(position=PLACE, copies=120)])
    assert refused["problem"]["type"] == "/problems/not-enough-stock"
    assert "position" not in refused
    await make.fetch("update stock_balance set quantity = 500 where holder_id = $1", world.riders[0])
    taken = (await api.post("/api/handouts/refused/take-up", headers=planner)).json()
    assert taken["recorded"] == 1
    assert await kept(make) == 0


@pytest.mark.parametrize(
    "stray",
    [
        {"lng": 104.2077731, "lat": 36.9}, {"position": "104.2077731,36.9"}, {"position": [104.2077731, 36.9]},
        {"position": {"lng": 104.2077731, "lat": 36.9}}, {"position": {**PLACE, "datum": "gcj02"}},
        {"position": {**PLACE, "speed": 4}}, {"position": PLACE, "GPS": "104.2077731"}, {"Position": PLACE},
        {"position": {**PLACE, "longitude": 200}}, {"position": {**PLACE, "accuracy_metres": None}},
    ],
)  # fmt: skip
async def test_coordinates_anywhere_else_are_refused_even_where_positions_are_on(
    api: httpx.AsyncClient, make: Make, world: World, permit: UUID, phone: Phone, stray: dict[str, Any]
) -> None:
    assert kinds(await phone.sync(api, [phone.handout(**stray)])) == ["precise-position"]
    assert "104.2" not in str(await make.fetch("select * from handout_refused"))
    assert await make.value("select count(*) from handout") == 0


async def test_visits_corrections_and_reports_have_no_place_for_a_position(
    api: httpx.AsyncClient, make: Make, world: World, permit: UUID, phone: Phone
) -> None:
    (recorded,) = await phone.sync(api, [phone.handout()])
    visit = {
        "kind": "visit", "id": str(new_id(NOW)), "campaign_id": str(world.campaign), "result": "declined", "visits": 1,
        "visited_at": NOW.isoformat(), "zone_id": str(world.zones[0]), "position": PLACE,
    }  # fmt: skip
    found = kinds(await phone.sync(api, [visit, phone.correction(recorded["id"], position=PLACE)]))
    assert found == ["precise-position"] * 2
    firm = await make.firm_manager(99, world.partners[0])
    report = {
        "id": str(new_id(NOW)), "material_code": "M1", "channel": "in_person", "copies": 1, "position": PLACE,
    }  # fmt: skip
    answer = await api.post(
        "/api/handouts/report", json={"campaign_id": str(world.campaign), "records": [report]}, headers=firm
    )
    assert kinds(answer.json()["outcomes"]) == ["precise-position"]
    assert await kept(make) == 0


async def test_a_hand_out_that_is_taken_back_takes_its_position_along(
    api: httpx.AsyncClient, make: Make, world: World, permit: UUID, phone: Phone
) -> None:
    record, hasty = phone.handout(position=PLACE), phone.handout(position=PLACE)
    await phone.sync(api, [record])
    assert await kept(make) == 1
    outcomes = await phone.sync(api, [hasty, phone.correction(hasty["id"]), phone.correction(record["id"])])
    assert [each.get("position") for each in outcomes] == ["not_kept", None, None]
    assert await kept(make) == 0


async def test_tallies_and_figures_are_the_same_with_and_without_a_position(
    api: httpx.AsyncClient, make: Make, world: World, permit: UUID, phone: Phone
) -> None:
    tables = ("zone_tally", "zone_day_tally", "cell_tally", "cell_day_tally")
    await phone.sync(api, [phone.handout()])
    before = [await make.fetch(f"select copies from {table}") for table in tables]
    await phone.sync(api, [phone.handout(position=PLACE)])
    after = [await make.fetch(f"select copies from {table}") for table in tables]
    assert after == [[{"copies": 2}]] * 4
    assert before == [[{"copies": 1}]] * 4


async def test_where_no_record_brings_a_position_nothing_is_asked_of_the_database(
    api: httpx.AsyncClient, make: Make, world: World, permit: UUID, phone: Phone, database: Database
) -> None:
    async def statements(*sent: Any) -> list[str]:
        seen: list[str] = []
        async with database.read() as connection:
            pinned: Any = connection

        def note(told: Any) -> None:
            seen.append(told.query)

        with pinned.query_logger(note):
            await phone.sync(api, list(sent))
        return [each for each in seen if not each.startswith(("SAVEPOINT", "RELEASE"))]

    without = await statements(phone.handout())
    with_one = await statements(phone.handout(position=PLACE))
    assert not any("position" in each for each in without)
    assert len([each for each in with_one if "position" in each]) == 2
    assert len(with_one) == len(without) + 2


async def test_no_place_gets_into_the_log(
    api: httpx.AsyncClient, make: Make, world: World, permit: UUID, phone: Phone, planner: dict[str, str],
    lines: list[str],  # noqa: F811
) -> None:  # fmt: skip
    await phone.sync(api, [phone.handout(position=PLACE), phone.handout(position={**PLACE, "datum": "bd09"})])
    await phone.sync(api, [phone.handout(position=PLACE, channel="by_pigeon"), phone.handout(lng=104.2077731)])
    await api.post("/api/handouts/sync", json={"records": "104.2077731", "position": PLACE}, headers=phone.headers)
    await api.get(switch(world, "zones/990101000"), headers=planner)
    await api.get("/api/privacy/own", headers=phone.headers)
    text = "\n".join(lines)
    assert text.count('"event":"request"') == 5
    assert "104.2" not in text
    assert "36.90" not in text


# ---- what a planner sees


async def test_a_planner_sees_day_and_place_and_nothing_that_leads_to_somebody(
    api: httpx.AsyncClient, make: Make, world: World, planner: dict[str, str], permit: UUID, phone: Phone
) -> None:
    await phone.sync(api, [phone.handout(position={**PLACE, "latitude": 36.9 + step / 1000}) for step in range(5)])
    await make.position(world, world.riders[1], day=date(2027, 4, 20))
    await make.position(world, world.riders[0], zone=1)
    answer = await api.get(switch(world, "zones/990101000"), headers=planner)
    shown = answer.json()
    assert (shown["zone_code"], shown["datum"], len(shown["dots"])) == ("990101000", "gcj02", 6)
    assert {tuple(sorted(dot)) for dot in shown["dots"]} == {("accuracy_metres", "day", "latitude", "longitude")}
    assert {dot["day"] for dot in shown["dots"]} == {"2027-04-20"}
    for whose in (*world.riders[:1], *world.outlets[:1], *world.partners[:1]):
        assert str(whose) not in answer.text
    codes = await make.fetch("select code from rider union select code from outlet union select code from partner")
    assert not any(f'"{row["code"]}"' in answer.text for row in codes)


async def test_the_order_of_the_dots_tells_nothing_of_the_way(
    api: httpx.AsyncClient, make: Make, world: World, planner: dict[str, str], permit: UUID, phone: Phone
) -> None:
    for step in (4, 1, 5, 0, 3, 2):
        await phone.sync(api, [phone.handout(position={**PLACE, "longitude": 104.2 + step / 1000})])
    await make.position(world, world.riders[1], day=date(2027, 4, 20))
    dots = (await api.get(switch(world, "zones/990101000"), headers=planner)).json()["dots"]
    assert [dot["longitude"] for dot in dots] == sorted(dot["longitude"] for dot in dots)


@pytest.mark.parametrize("count", [0, 1, 4, 5])
async def test_fewer_than_five_are_not_shown_nor_how_many_they_are(
    api: httpx.AsyncClient, make: Make, world: World, planner: dict[str, str], count: int
) -> None:
    for rider in range(count):
        await make.position(world, world.riders[rider % 2])
    shown = (await api.get(switch(world, "zones/990101000"), headers=planner)).json()
    assert (shown["fewest"], len(shown["dots"])) == (5, 5 if count == 5 else 0)


async def test_the_way_of_one_rider_alone_is_not_shown_however_many_dots_it_has(
    api: httpx.AsyncClient, make: Make, world: World, planner: dict[str, str]
) -> None:
    for _ in range(12):
        await make.position(world, world.riders[0])
    # Another rider's dots in another zone, or past their days, make no company.
    await make.position(world, world.riders[1], zone=1)
    await make.position(world, world.riders[1], erase_at=NOW)
    assert (await api.get(switch(world, "zones/990101000"), headers=planner)).json()["dots"] == []
    await make.position(world, world.riders[1])
    assert len((await api.get(switch(world, "zones/990101000"), headers=planner)).json()["dots"]) == 13


async def test_what_is_due_is_not_shown_even_before_it_is_erased(
    api: httpx.AsyncClient, make: Make, world: World, planner: dict[str, str], permit: UUID, phone: Phone, clock: Clock
) -> None:
    for rider in range(5):
        await make.position(world, world.riders[rider % 2])
    assert len((await api.get(switch(world, "zones/990101000"), headers=planner)).json()["dots"]) == 5
    clock.now = NOW + timedelta(days=7)
    assert (await api.get(switch(world, "zones/990101000"), headers=planner)).json()["dots"] == []
    assert (await api.get(switch(world, "switch"), headers=planner)).json()["kept"] == 0


async def test_an_unknown_zone_or_another_citys_campaign_shows_nothing(
    api: httpx.AsyncClient, make: Make, world: World, planner: dict[str, str]
) -> None:
    assert (await api.get(switch(world, "zones/990199999"), headers=planner)).status_code == 404
    other = await make.world(98)
    for path in ("zones/990101000", "switch"):
        assert (await api.get(switch(other, path), headers=planner)).status_code == 404


# ---- erased by itself, and with the rider


async def test_each_position_goes_after_its_days_and_the_trail_counts_them(
    api: httpx.AsyncClient, make: Make, world: World, permit: UUID, phone: Phone
) -> None:
    await phone.sync(api, [phone.handout(position=PLACE, minutes_ago=0), phone.handout(position=PLACE, minutes_ago=60)])
    assert (await expire_records(make.database, 99, NOW + timedelta(days=6))).positions == 0
    assert (await expire_records(make.database, 99, NOW + timedelta(days=7, minutes=-1))).positions == 1
    assert (await expire_records(make.database, 99, NOW + timedelta(days=7))).positions == 1
    assert (await expire_records(make.database, 99, NOW + timedelta(days=8))).positions == 0, "once is enough"
    told = await make.fetch("select subject from audit_entry where operation = 'expire_records'")
    assert [entry["subject"]["positions"] for entry in told] == ["1", "1"]
    assert await make.value("select count(*) from handout") == 2


async def test_a_campaign_whose_records_expire_takes_its_positions_along(
    api: httpx.AsyncClient, make: Make, world: World, permit: UUID
) -> None:
    await make.position(world, world.riders[0], erase_at=NOW + timedelta(days=30))
    await make.fetch(
        "update campaign set status = 'closed', closed_at = $2, retention_days = 1 where campaign_id = $1",
        world.campaign, NOW,
    )  # fmt: skip
    assert (await expire_records(make.database, 99, NOW + timedelta(days=2))).positions == 1


async def test_the_riders_own_record_holds_positions_and_answers_and_nobody_elses(
    api: httpx.AsyncClient, make: Make, world: World, permit: UUID, phone: Phone
) -> None:
    record = phone.handout(position=PLACE)
    await phone.sync(api, [record])
    other = await make.position(world, world.riders[1])
    own = (await api.get("/api/privacy/own", headers=phone.headers)).json()
    assert [each["handout_id"] for each in own["positions"]] == [record["id"]]
    assert own["positions"][0]["erase_at"] == (NOW - timedelta(minutes=5) + timedelta(days=7)).isoformat().replace(
        "+00:00", "Z"
    )
    assert [(each["given"], each["reason"]) for each in own["position_answers"]] == [(True, REASON)]
    assert str(other) not in str(own)


async def test_erasing_a_rider_leaves_no_position_and_no_agreement(
    api: httpx.AsyncClient, make: Make, world: World, permit: UUID, phone: Phone, database: Database
) -> None:
    await phone.sync(api, [phone.handout(position=PLACE)])
    other = await make.position(world, world.riders[1])
    await database.transact(lambda connection: records.erase_rider(connection, 99, world.riders[0], NOW))
    assert await make.fetch("select handout_id from handout_position") == [{"handout_id": other}]
    assert await make.value("select count(*) from position_agreement") == 0
    assert await make.value("select count(*) from handout") == 1


# ---- the rules by themselves


def test_a_phones_clock_that_runs_ahead_buys_no_more_days() -> None:
    assert rules.erased_at(NOW + timedelta(minutes=9), NOW, 7) == NOW + timedelta(days=7)
    assert rules.erased_at(NOW - timedelta(days=1), NOW, 1) is None
    assert rules.erased_at(NOW - timedelta(days=1), NOW, 2) == NOW + timedelta(days=1)


def test_a_reason_is_counted_without_its_blanks() -> None:
    wanted = NewPositionPermit(permit_id=new_id(NOW), reason="一 二 三 四 五 六 七 八 九")
    with pytest.raises(Problem):
        rules.judge_permit(wanted, new_id(NOW), None, None)
    wanted = NewPositionPermit(permit_id=new_id(NOW), reason="一 二 三 四 五 六 七 八 九 十")
    assert rules.judge_permit(wanted, new_id(NOW), None, None) is True


@pytest.mark.parametrize(("permit_open", "version"), [(True, 1), (False, 1), (True, 9), (False, 9)])
def test_no_is_always_taken(permit_open: bool, version: int) -> None:
    rules.judge_answer(False, version, permit_open)
