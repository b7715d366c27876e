"""Bundles: a delivery makes them, waybills and moves may name them, and nobody has more copies sealed than at all."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import httpx
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from dispatch.database import Connection, Database, new_id
from dispatch.problems import Problem
from dispatch.stock.ledger import record_moves
from dispatch.stock.moves import Holder, Move
from tests.conftest import NOW, Clock
from tests.make import Make, World
from tests.stock.ledger import Codes, assert_ledger_is_sound, balance, move, send, slugs
from tests.stock.test_hand_overs import deliver, receive


async def assert_bundles_are_sound(make: Make) -> None:
    """The account of sealed copies is what the bundles say, and a bundle is where its last move took it."""
    told: list[dict[str, Any]] = await make.fetch(
        "select b.holder_kind, b.quantity, b.sealed_copies,"
        " (select coalesce(sum(e.copies), 0) from bundle e where e.holder_id = b.holder_id and e.holder_kind = b.holder_kind"
        "  and e.material_id = b.material_id and e.opened_at is null) as in_bundles from stock_balance b"
    )
    assert all(row["sealed_copies"] == row["in_bundles"] for row in told), told
    strays = await make.fetch(
        "select b.code from bundle b where (b.holder_kind, b.holder_id) not in ("
        "  select e.kind, e.id from bundle_move k join stock_move m on m.move_id = k.move_id"
        "  cross join lateral (values (m.to_kind, m.to_id, 1), (m.from_kind, m.from_id, -1)) e (kind, id, by)"
        "  where k.bundle_id = b.bundle_id group by e.kind, e.id"
        "  having sum(e.by) = case e.kind when 'printer' then 0 else 1 end)"
    )
    assert strays == []


@pytest.fixture(autouse=True)
def one_thing_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each request a second after the one before, so that a way has an order."""

    def tick(clock: Clock) -> datetime:
        clock.now += timedelta(seconds=1)
        return clock.now

    monkeypatch.setattr(Clock, "__call__", tick)


@pytest.fixture
async def delivered(api: httpx.AsyncClient, make: Make, world: World) -> UUID:
    """1020 copies of run HB in the depot: twenty bundles of 50 in three cartons of 400, and 20 loose copies."""
    run = await make.print_run(world.city_id, world.campaign, world.material, world.depot, 1020, code="HB")
    answer = await deliver(api, await make.planner(world.city_id), run, make.id(), 1020)
    assert answer.json()["bundles"] == 20
    return run


async def find(api: httpx.AsyncClient, headers: dict[str, str], world: World, **query: Any) -> list[str]:
    answer = await api.get(f"/api/campaigns/{world.campaign}/bundles", params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    return [bundle["code"] for bundle in answer.json()["bundles"]]


async def way(api: httpx.AsyncClient, headers: dict[str, str], world: World, code: str) -> dict[str, Any]:
    answer = await api.get(f"/api/campaigns/{world.campaign}/bundles/{code}", headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_delivery_makes_its_whole_bundles_once_and_taken_back_they_are_the_printers(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    run = await make.print_run(world.city_id, world.campaign, world.material, world.depot, 900, code="HB")
    headers, delivery = await make.planner(world.city_id), make.id()
    for _ in range(2):
        answer = await deliver(api, headers, run, delivery, 425, "分两批到货")
        assert (answer.status_code, answer.json()["bundles"]) == (201, 8)
    assert (await deliver(api, headers, run, make.id(), 475)).json()["bundles"] == 17
    assert (await find(api, headers, world, holder_kind="depot"))[-1] == "HB-0003-01"
    body = {"move_id": str(make.id()), "reason": "点错了"}
    for _ in range(2):
        assert (await api.post(f"/api/stock/moves/{delivery}/reverse", json=body, headers=headers)).status_code == 201
    assert await find(api, headers, world, holder_kind="depot") == [
        f"HB-{2 + n // 8:04d}-{n % 8 + 1:02d}" for n in range(9)
    ]
    assert await make.value("select sealed_copies from stock_balance where holder_kind = 'depot'") == 450
    await assert_bundles_are_sound(make)
    await assert_ledger_is_sound(make)


async def issue_of(
    api: httpx.AsyncClient, make: Make, world: World, copies: int, codes: Codes, **more: Any
) -> tuple[UUID, httpx.Response]:
    claim = await make.claim(world, await make.batch(world, copies=copies), world.partners[0], copies=copies)
    waybill = make.id()
    body = {"waybill_id": str(waybill), "outlet_code": codes[world.outlets[0]], "copies": copies, **more}
    headers = await make.planner(world.city_id)
    return waybill, await api.post(f"/api/claims/{claim}/issue", json=body, headers=headers)


async def test_a_waybill_carries_named_cartons_and_bundles_and_a_bundle_tells_its_whole_way(
    api: httpx.AsyncClient, make: Make, world: World, codes: Codes, delivered: UUID
) -> None:
    named = ["HB-0002", "HB-0001-08"]
    waybill, issued = await issue_of(api, make, world, 460, codes, bundle_codes=named)
    assert issued.status_code == 201, issued.text
    firm, planner = await make.firm_manager(world.city_id, world.partners[0]), await make.planner(world.city_id)
    sheet = (await api.get(f"/api/waybills/{waybill}/sheet", headers=firm)).json()
    assert [bundle["code"] for bundle in sheet["bundles"]] == ["HB-0001-08", *(f"HB-0002-{n:02d}" for n in range(1, 9))]
    assert sheet["loose_copies"] == 10
    assert sheet["symbol"]["size"] >= 21
    assert sheet["symbol"]["path"].startswith("M0 0h7v1h-7z")
    assert (await receive(api, firm, waybill, 460, make.id())).status_code == 201
    outlet, rider = ("outlet", world.outlets[0]), ("rider", world.riders[0])
    handed = move(world, codes, make, "transfer", outlet, rider, 100, bundle_codes=["HB-0002-03", "HB-0002-01"])
    for kind in ("recorded", "already_recorded"):
        assert (await send(api, firm, handed)).json()[kind] == [handed["move_id"]]
    assert await find(api, firm, world, holder_kind="rider") == ["HB-0002-01", "HB-0002-03"]
    # A carton's code finds what is left of it.
    assert len(await find(api, firm, world, holder_kind="outlet", code=["HB-0002"])) == 6
    told = await way(api, planner, world, "HB-0002-03")
    assert [step["kind"] for step in told["way"]] == ["receipt", "issue", "acceptance", "transfer"]
    assert (told["holder_code"], told["status"], told["print_run_code"]) == (codes[rider[1]], "sealed", "HB")
    assert [step["kind"] for step in (await way(api, firm, world, "HB-0002-03"))["way"]] == [
        "issue",
        "acceptance",
        "transfer",
    ]
    stranger = await make.firm_manager(world.city_id, world.partners[1])
    path = f"/api/campaigns/{world.campaign}/bundles"
    assert (await api.get(f"{path}/HB-0002-03", headers=stranger)).status_code == 404
    assert (await api.get(path, headers=stranger)).json()["bundles"] == []
    await assert_bundles_are_sound(make)
    await assert_ledger_is_sound(make)


async def test_bundles_are_seen_by_those_whose_hands_they_are_in(
    api: httpx.AsyncClient, make: Make, world: World, delivered: UUID
) -> None:
    """What is missing is in nobody's; a district sees the depots and its own outlets and riders."""
    await make.fetch("update outlet set zone_id = $1 where outlet_id = $2", world.zones[0], world.outlets[0])
    await make.fetch("update outlet set zone_id = $1 where outlet_id = $2", world.zones[1], world.outlets[2])
    await make.fetch("update zone set division_code = '990202' where zone_id = $1", world.zones[1])
    holders = {
        "HB-0001-02": ("outlet", world.outlets[0]), "HB-0001-03": ("transit", world.outlets[0]),
        "HB-0001-04": ("rider", world.riders[0]), "HB-0001-05": ("outlet", world.outlets[2]),
        "HB-0001-06": ("rider", world.riders[4]), "HB-0001-07": ("variance", world.campaign),
    }  # fmt: skip
    for code, (kind, holder) in holders.items():
        await make.stock(world.city_id, world.campaign, world.material, kind, holder, 50)
        await make.fetch("update bundle set holder_kind = $1, holder_id = $2 where code = $3", kind, holder, code)
    await make.fetch(
        "delete from bundle_move using bundle b where b.bundle_id = bundle_move.bundle_id and b.code > 'HB-0001-07'"
    )
    await make.fetch("delete from bundle where code > 'HB-0001-07'")
    in_hands = ["HB-0001-01", *list(holders)[:5]]
    assert await find(api, await make.planner(99), world) == in_hands
    assert await find(api, await make.planner(99, division_code="9902"), world) == ["HB-0001-01", *in_hands[4:]]
    assert await find(api, await make.firm_manager(99, world.partners[0]), world) == in_hands[1:4]
    assert await find(api, await make.outlet_manager(99, world.partners[1], world.outlets[2]), world) == in_hands[4:]
    assert await find(api, await make.rider_session(99, world.riders[0]), world) == ["HB-0001-04"]
    district, address = await make.planner(99, division_code="9902"), f"/api/campaigns/{world.campaign}/bundles"
    for code in ("HB-0001-02", "HB-0001-03", "HB-0001-04"):
        assert (await api.get(f"{address}/{code}", headers=district)).status_code == 404
    for code in ("HB-0001-01", "HB-0001-05", "HB-0001-06"):
        assert (await api.get(f"{address}/{code}", headers=district)).status_code == 200


async def test_a_bundles_way_is_told_as_far_as_it_went_through_the_districts_hands(
    api: httpx.AsyncClient, make: Make, world: World, codes: Codes, delivered: UUID
) -> None:
    for outlet, zone in ((0, 0), (2, 1)):
        await make.fetch(
            "update outlet set zone_id = $1 where outlet_id = $2", world.zones[zone], world.outlets[outlet]
        )
    await make.fetch("update zone set division_code = '990202' where zone_id = $1", world.zones[1])
    ends = [
        ("depot", world.depot), ("outlet", world.outlets[0]), ("rider", world.riders[0]), ("rider", world.riders[4]),
        ("outlet", world.outlets[2]),
    ]  # fmt: skip
    bundle = await make.value("select bundle_id from bundle where code = 'HB-0001-01'")
    for number, (source, target) in enumerate(pairwise(ends), 1):
        at = NOW + timedelta(minutes=number)
        moved = await make.move(world, "transfer", source, target, 50, moved_at=at, recorded_at=at)
        await make.insert("bundle_move", city_id=99, bundle_id=bundle, move_id=moved)
    await make.stock(99, world.campaign, world.material, "outlet", world.outlets[2], 50)
    await make.fetch(
        "update bundle set holder_kind = 'outlet', holder_id = $1 where bundle_id = $2", world.outlets[2], bundle
    )
    seen = await way(api, await make.planner(99), world, "HB-0001-01")
    assert len(seen["way"]) == 5
    district = await way(api, await make.planner(99, division_code="9902"), world, "HB-0001-01")
    told = [(step["from_code"], step["to_code"]) for step in district["way"]]
    assert told == [
        (codes[world.riders[0]], codes[world.riders[4]]),
        (codes[world.riders[4]], codes[world.outlets[2]]),
    ]


async def test_bundles_opened_before_do_not_stand_in_for_those_opened_since(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    run = await make.print_run(99, world.campaign, world.material, world.depot, 200)
    await make.stock(99, world.campaign, world.material, "outlet", world.outlets[0], 70)
    for number in (1, 2, 3):
        opened: dict[str, Any] = {"opened_at": NOW} if number == 1 else {}
        await make.bundle(world, run, f"HB-0001-{number:02d}", "outlet", world.outlets[0], **opened)
    # 100 copies are sealed in two bundles, 70 are left: the first of the two has been opened.
    await make.fetch("update stock_balance set sealed_copies = 100 where holder_kind = 'outlet'")
    headers = await make.planner(99)
    assert await find(api, headers, world) == ["HB-0001-03"]
    statuses = [(await way(api, headers, world, f"HB-0001-{number:02d}"))["status"] for number in (1, 2, 3)]
    assert statuses == ["opened", "opened", "sealed"]


async def test_the_depot_may_let_the_next_bundles_be_picked_and_cancelling_puts_them_back(
    api: httpx.AsyncClient, make: Make, world: World, codes: Codes, delivered: UUID
) -> None:
    first, _ = await issue_of(api, make, world, 100, codes, pick_bundles=True)
    second, answer = await issue_of(api, make, world, 120, codes, pick_bundles=True)
    assert answer.status_code == 201, answer.text
    planner = await make.planner(world.city_id)
    sheet = (await api.get(f"/api/waybills/{second}/sheet", headers=planner)).json()
    assert [b["code"] for b in sheet["bundles"]] == ["HB-0001-03", "HB-0001-04"]
    assert sheet["loose_copies"] == 20
    body = {"move_id": str(make.id()), "reason": "司机没来"}
    assert (await api.post(f"/api/stock/moves/{first}/reverse", json=body, headers=planner)).status_code == 201
    assert (await find(api, planner, world, holder_kind="depot"))[:3] == ["HB-0001-01", "HB-0001-02", "HB-0001-05"]
    assert [step["kind"] for step in (await way(api, planner, world, "HB-0001-01"))["way"]] == [
        "receipt",
        "issue",
        "reversal",
    ]
    await assert_bundles_are_sound(make)


async def test_what_does_not_arrive_is_missing_by_name_or_opened_on_the_way(
    api: httpx.AsyncClient, make: Make, world: World, codes: Codes, delivered: UUID
) -> None:
    firm, planner = await make.firm_manager(world.city_id, world.partners[0]), await make.planner(world.city_id)
    waybill, _ = await issue_of(api, make, world, 400, codes, bundle_codes=["HB-0001"])
    body = {
        "move_id": str(make.id()), "received_copies": 347, "variance_reason": "一捆未到，一捆散开",
        "missing_bundle_codes": ["HB-0001-02"],
    }  # fmt: skip
    stranger = {**body, "missing_bundle_codes": ["HB-0002-01"]}
    answer = await api.post(f"/api/waybills/{waybill}/receive", json=stranger, headers=firm)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/unknown-bundle")
    too_many = {**body, "missing_bundle_codes": ["HB-0001-02", "HB-0001-03"]}
    answer = await api.post(f"/api/waybills/{waybill}/receive", json=too_many, headers=firm)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/bundle-count")
    for _ in range(2):
        answer = await api.post(f"/api/waybills/{waybill}/receive", json=body, headers=firm)
        assert answer.status_code == 201, answer.text
    assert await find(api, firm, world, holder_kind="outlet") == [f"HB-0001-{n:02d}" for n in (1, 3, 4, 5, 6, 7)]
    assert await balance(make, "outlet", world.outlets[0]) == 347
    lost = await way(api, planner, world, "HB-0001-02")
    assert (lost["holder_kind"], lost["way"][-1]["reason"]) == ("variance", "一捆未到，一捆散开")
    assert (await way(api, planner, world, "HB-0001-08"))["status"] == "opened"
    await assert_bundles_are_sound(make)
    await assert_ledger_is_sound(make)


async def test_named_bundles_must_be_sealed_there_of_the_material_and_hold_the_copies(
    api: httpx.AsyncClient, make: Make, world: World, codes: Codes, delivered: UUID
) -> None:
    waybill, _ = await issue_of(api, make, world, 400, codes, bundle_codes=["HB-0001"])
    firm = await make.firm_manager(world.city_id, world.partners[0])
    await receive(api, firm, waybill, 400, make.id())
    outlet, rider = ("outlet", world.outlets[0]), ("rider", world.riders[0])

    async def hand(copies: int, *named: str) -> httpx.Response:
        return await send(
            api, firm, move(world, codes, make, "transfer", outlet, rider, copies, bundle_codes=list(named))
        )

    assert slugs(await hand(50, "HB-9999-01")) == [("/moves/0/bundle_codes/0", "unknown-bundle")]
    assert slugs(await hand(400, "HB-0001", "HB-0001-02")) == [("/moves/0/bundle_codes/1", "unknown-bundle")]
    assert slugs(await hand(60, "HB-0001-02")) == [("/moves/0/copies", "bundle-count")]
    there = await hand(50, "HB-0002-01")
    assert (there.status_code, there.json()["type"]) == (409, "/problems/bundle-not-here")
    assert there.json()["errors"][0]["pointer"] == "/moves/0/bundle_codes"
    assert (await hand(50, "HB-0001-08")).status_code == 201
    carton = await hand(400, "HB-0001")
    assert (carton.status_code, carton.json()["type"]) == (409, "/problems/not-enough-stock")
    # Loose copies: the first bundle by code is opened for them, and named no more.
    assert (await hand(20)).status_code == 201
    assert (await hand(50, "HB-0001-01")).json()["bundle_codes"] == ["HB-0001-01"]
    assert await find(api, firm, world, holder_kind="outlet") == [f"HB-0001-{n:02d}" for n in range(2, 8)]
    planner = await make.planner(world.city_id)
    assert (await way(api, planner, world, "HB-0001-01"))["status"] == "opened"
    await assert_bundles_are_sound(make)


async def test_handing_out_opens_bundles_without_touching_them_and_the_next_move_writes_it_down(
    api: httpx.AsyncClient, make: Make, world: World, codes: Codes, delivered: UUID
) -> None:
    waybill, _ = await issue_of(api, make, world, 400, codes, bundle_codes=["HB-0001"])
    firm = await make.firm_manager(world.city_id, world.partners[0])
    await receive(api, firm, waybill, 400, make.id())
    outlet, rider = ("outlet", world.outlets[0]), ("rider", world.riders[0])
    first = move(world, codes, make, "transfer", outlet, rider, 100, bundle_codes=["HB-0001-03", "HB-0001-04"])
    await send(api, firm, first)
    # As recording handouts does it: the balance alone.
    await make.fetch("update stock_balance set quantity = quantity - 1 where holder_id = $1", rider[1])
    own = await make.rider_session(world.city_id, world.riders[0])
    assert await find(api, own, world) == ["HB-0001-04"]
    assert (await way(api, own, world, "HB-0001-03"))["status"] == "opened"
    assert await make.value("select count(*)::int from bundle where opened_at is not null") == 0
    # The rider has 49 loose and a sealed bundle: one more bundle arrives, and does not seal the opened one again.
    second = move(world, codes, make, "transfer", outlet, rider, 50, bundle_codes=["HB-0001-01"])
    assert (await send(api, firm, second)).status_code == 201
    assert await find(api, own, world) == ["HB-0001-01", "HB-0001-04"]
    # Undone, what is still sealed goes back sealed.
    undo = {"move_id": str(make.id()), "reason": "给错了人"}
    answer = await api.post(f"/api/stock/moves/{second['move_id']}/reverse", json=undo, headers=firm)
    assert answer.status_code == 201, answer.text
    assert await find(api, own, world) == ["HB-0001-04"]
    assert await find(api, firm, world, holder_kind="outlet", code=["HB-0001-01"]) == ["HB-0001-01"]
    # 99 copies are left of the 100 that were given.
    undo = {"move_id": str(make.id()), "reason": "给错了人"}
    answer = await api.post(f"/api/stock/moves/{first['move_id']}/reverse", json=undo, headers=firm)
    assert answer.json()["type"] == "/problems/not-enough-stock"
    await assert_bundles_are_sound(make)


async def test_labels_name_each_carton_and_its_bundles(
    api: httpx.AsyncClient, make: Make, world: World, delivered: UUID
) -> None:
    headers = await make.planner(world.city_id)
    path = f"/api/print-runs/{delivered}/labels"
    sheet = (await api.get(path, params={"first_carton": 2, "cartons": 2}, headers=headers)).json()
    assert (sheet["cartons"], sheet["print_run_code"]) == (3, "HB")
    told = [(label["kind"], label["code"], label["copies"], label["bundles"]) for label in sheet["labels"]]
    assert told[:2] == [("carton", "HB-0002", 400, 8), ("bundle", "HB-0002-01", 50, 1)]
    assert told[9:11] == [("carton", "HB-0003", 200, 4), ("bundle", "HB-0003-01", 50, 1)]
    assert len(told) == 14
    assert len({label["symbol"]["path"] for label in sheet["labels"]}) == 14


async def test_beyond_the_last_carton_there_are_no_labels_however_far_beyond(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    material = await make.material(world.city_id, world.campaign, bundle_copies=1, carton_copies=1_000_000)
    run = await make.print_run(world.city_id, world.campaign, material, world.depot, 1000)
    headers = await make.planner(world.city_id)
    query = {"first_carton": 1_000_000, "cartons": 50}
    answer = await api.get(f"/api/print-runs/{run}/labels", params=query, headers=headers)
    assert (answer.status_code, answer.json()["labels"]) == (200, [])


async def test_somebody_with_a_limited_scope_sees_the_steps_of_a_bundle_that_touch_their_own(
    api: httpx.AsyncClient, make: Make, world: World, codes: Codes, delivered: UUID
) -> None:
    waybill, _ = await issue_of(api, make, world, 50, codes, bundle_codes=["HB-0001-01"])
    planner = await make.planner(world.city_id)
    await receive(api, planner, waybill, 50, make.id())
    named = {"bundle_codes": ["HB-0001-01"]}
    outlets, riders = [("outlet", outlet) for outlet in world.outlets], [("rider", rider) for rider in world.riders]
    for source, target in ((outlets[0], riders[0]), (riders[0], riders[1]), (riders[1], riders[2])):
        answer = await send(api, planner, move(world, codes, make, "transfer", source, target, 50, **named))
        assert answer.status_code == 201, answer.text
    await make.fetch("update outlet set zone_id = $1 where outlet_id = $2", world.zones[0], world.outlets[1])

    async def kinds(headers: dict[str, str]) -> list[str]:
        return [step["kind"] for step in (await way(api, headers, world, "HB-0001-01"))["way"]]

    whole = ["receipt", "issue", "acceptance", "transfer", "transfer", "transfer"]
    assert await kinds(planner) == whole
    assert await kinds(await make.firm_manager(world.city_id, world.partners[0])) == whole[1:]
    # The third rider is of the second outlet, which is in the district.
    for headers in (
        await make.outlet_manager(world.city_id, world.partners[0], world.outlets[1]),
        await make.planner(world.city_id, division_code="9901"),
        await make.rider_session(world.city_id, world.riders[2]),
    ):
        assert await kinds(headers) == ["transfer"]
    path = f"/api/campaigns/{world.campaign}/bundles/HB-0001-01"
    for headers in (
        await make.outlet_manager(world.city_id, world.partners[0], world.outlets[0]),
        await make.planner(world.city_id, division_code="9902"),
        await make.rider_session(world.city_id, world.riders[0]),
    ):
        assert (await api.get(path, headers=headers)).status_code == 404
    # On its way back the copies are the first outlet's again: its manager sees every step of its own, not the receipt.
    back = move(world, codes, make, "transfer", riders[2], riders[0], 50, **named)
    assert (await send(api, planner, back)).status_code == 201
    manager = await make.outlet_manager(world.city_id, world.partners[0], world.outlets[0])
    assert await kinds(manager) == [*whole[1:], "transfer"]


async def test_sixty_thousand_bundles_are_made_and_looked_through(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    run = await make.print_run(world.city_id, world.campaign, world.material, world.depot, 3_000_000, code="BIG")
    headers = await make.planner(world.city_id)
    answer = await deliver(api, headers, run, make.id(), 3_000_000)
    assert answer.json()["bundles"] == 60_000
    assert await find(api, headers, world, code=["BIG-7500"]) == [f"BIG-7500-{n:02d}" for n in range(1, 9)]


# ---- the rule itself, held against any sequence of moves and handouts

PLACES = 4


@st.composite
def steps(draw: st.DrawFn) -> tuple[str, int, int, int]:
    """(what, from, to, how much): bundles by name, loose copies, or a handout."""
    kind = draw(st.sampled_from(["bundles", "loose", "handout"]))
    source = draw(st.integers(0, PLACES - 1))
    target = draw(st.sampled_from([n for n in range(PLACES) if n != source]))
    return kind, source, target, draw(st.integers(1, 3 if kind == "bundles" else 70))


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plan=st.lists(steps(), min_size=1, max_size=14))
@example(
    plan=[("bundles", 0, 1, 2), ("handout", 1, 0, 30), ("bundles", 0, 1, 1), ("loose", 1, 2, 35), ("bundles", 1, 2, 1)]
)
@example(
    plan=[("loose", 0, 1, 30), ("bundles", 0, 1, 1), ("handout", 1, 0, 40), ("loose", 1, 2, 20), ("loose", 2, 1, 20)]
)
async def test_nobody_has_more_copies_in_sealed_bundles_than_copies(
    database: Database, make: Make, plan: Sequence[tuple[str, int, int, int]]
) -> None:
    async with database.read() as connection:
        transaction = connection.transaction()
        await transaction.start()
    try:
        world = await make.world(97)
        holders = [Holder("outlet", world.outlets[0]), *(Holder("rider", rider) for rider in world.riders[:3])]
        run = await make.print_run(97, world.campaign, world.material, world.depot, 400)
        await make.stock(97, world.campaign, world.material, "outlet", world.outlets[0], 200)
        came = await make.value("select move_id from stock_move")
        for number in range(1, 5):
            code = f"HB-0001-{number:02d}"
            await make.bundle(world, run, code, "outlet", world.outlets[0], copies=40, carried_by=came)
        for kind, source, target, much in plan:
            if kind == "handout":
                await make.fetch(
                    "update stock_balance set quantity = quantity - $2 where holder_id = $1 and quantity >= $2",
                    holders[source].id, much,
                )  # fmt: skip
            else:
                await try_to_move(database, make, world, holders[source], holders[target], kind, much)
            await assert_bundles_are_sound(make)
            await assert_nothing_is_sealed_that_cannot_be(make, handed_out=kind == "handout")
    finally:
        await transaction.rollback()


async def try_to_move(
    database: Database, make: Make, world: World, source: Holder, target: Holder, kind: str, much: int
) -> None:
    found = await make.fetch(
        "select bundle_id, copies from bundle where holder_id = $1 and opened_at is null order by code desc limit $2",
        source.id, much,
    )  # fmt: skip
    named = tuple(sorted(row["bundle_id"] for row in found)) if kind == "bundles" else ()
    copies = sum(row["copies"] for row in found) if kind == "bundles" else much
    if not copies:
        return
    wanted = Move(
        move_id=new_id(NOW), kind="transfer", campaign_id=world.campaign, material_id=world.material, source=source,
        target=target, copies=copies, moved_at=NOW, bundles=named,
    )  # fmt: skip

    async def work(connection: Connection) -> None:
        await record_moves(connection, world.city_id, [wanted], recorded_at=NOW, recorded_by=new_id(NOW))

    try:
        await database.transact(work)
    except Problem:
        return
    # Whoever took part has it in writing.
    told = await make.fetch(
        "select quantity, sealed_copies from stock_balance where holder_id = any($1::uuid[])", [source.id, target.id]
    )
    assert all(row["sealed_copies"] <= row["quantity"] for row in told), told


async def assert_nothing_is_sealed_that_cannot_be(make: Make, *, handed_out: bool) -> None:
    """As the pages read it: the first by code count as opened where the balance falls short."""
    told = await make.fetch(
        "select holder_id, quantity, sealed_copies from stock_balance where holder_kind in ('outlet', 'rider')"
    )
    for row in told:
        bundles = await make.fetch(
            "select copies from bundle where holder_id = $1 and opened_at is null order by code", row["holder_id"]
        )
        excess, before, sealed = row["sealed_copies"] - row["quantity"], 0, 0
        for bundle in bundles:
            sealed += bundle["copies"] if before >= excess else 0
            before += bundle["copies"]
        assert sealed <= row["quantity"]
        assert handed_out or all(later >= 0 for later in (row["quantity"], sealed))
