"""From the printer to the depot, and by waybill to the outlet: what is expected is checked, what differs has a reason."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from dispatch.database import new_id
from tests.conftest import Clock
from tests.contract.furnished import state_of
from tests.make import Make, World
from tests.stock.ledger import Codes, assert_ledger_is_sound, balance


async def deliver(
    api: httpx.AsyncClient, headers: dict[str, str], run: UUID, move_id: UUID, copies: int, reason: str | None = None
) -> httpx.Response:
    body = {"move_id": str(move_id), "copies": copies, "variance_reason": reason}
    return await api.post(f"/api/print-runs/{run}/receive", json=body, headers=headers)


async def test_a_print_run_may_come_in_several_deliveries_and_a_difference_needs_a_reason(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    run = await make.print_run(world.city_id, world.campaign, world.material, world.depot, 1000)
    headers = await make.planner(world.city_id)
    refused = await deliver(api, headers, run, make.id(), 600)
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/variance-reason-needed")
    assert await balance(make, "depot", world.depot) == 0
    first, second = make.id(), make.id()
    answer = await deliver(api, headers, run, first, 600, "分两批到货")
    assert (answer.status_code, answer.json()["delivered"], answer.json()["ordered"]) == (201, 600, 1000)
    assert (await deliver(api, headers, run, second, 400)).json()["delivered"] == 1000
    assert (await deliver(api, headers, run, second, 400)).json()["delivered"] == 1000
    assert (await deliver(api, headers, run, make.id(), 10)).status_code == 422
    assert (await deliver(api, headers, run, make.id(), 10, "印刷厂多送")).json()["delivered"] == 1010
    assert (await deliver(api, headers, run, second, 400)).status_code == 201
    assert await balance(make, "depot", world.depot) == 1010
    assert await balance(make, "printer", world.campaign) == -1010
    await assert_ledger_is_sound(make)


async def test_a_delivery_taken_back_no_longer_counts(api: httpx.AsyncClient, make: Make, world: World) -> None:
    run = await make.print_run(world.city_id, world.campaign, world.material, world.depot, 1000)
    headers = await make.planner(world.city_id)
    wrong = make.id()
    await deliver(api, headers, run, wrong, 900, "少送")
    body = {"move_id": str(make.id()), "reason": "点错了"}
    assert (await api.post(f"/api/stock/moves/{wrong}/reverse", json=body, headers=headers)).status_code == 201
    assert (await deliver(api, headers, run, make.id(), 1000)).json()["delivered"] == 1000
    await assert_ledger_is_sound(make)


async def test_only_planners_of_the_city_receive_print_runs(api: httpx.AsyncClient, make: Make, world: World) -> None:
    run = await make.print_run(world.city_id, world.campaign, world.material, world.depot, 1000)
    firm = await make.firm_manager(world.city_id, world.partners[0])
    assert (await deliver(api, firm, run, make.id(), 1000)).status_code == 403
    await make.city(98)
    assert (await deliver(api, await make.planner(98), run, make.id(), 1000)).status_code == 404
    assert (await deliver(api, await make.planner(world.city_id), run, uuid4(), 1000)).status_code == 422
    assert await make.value("select count(*) from stock_move") == 0


@pytest.fixture
async def claim(make: Make, stocked: World) -> UUID:
    """500 copies claimed by the first firm; the depot holds 1000."""
    return await make.claim(stocked, await make.batch(stocked, copies=500), stocked.partners[0])


async def issue(
    api: httpx.AsyncClient, headers: dict[str, str], claim: UUID, outlet_code: str, copies: int, waybill_id: UUID
) -> httpx.Response:
    body = {"waybill_id": str(waybill_id), "outlet_code": outlet_code, "copies": copies}
    return await api.post(f"/api/claims/{claim}/issue", json=body, headers=headers)


async def receive(
    api: httpx.AsyncClient,
    headers: dict[str, str],
    waybill: UUID,
    copies: int,
    move_id: UUID,
    reason: str | None = None,
) -> httpx.Response:
    body = {"move_id": str(move_id), "received_copies": copies, "variance_reason": reason}
    return await api.post(f"/api/waybills/{waybill}/receive", json=body, headers=headers)


async def test_copies_of_a_claim_travel_to_the_outlet_by_waybill(
    api: httpx.AsyncClient, make: Make, stocked: World, codes: Codes, claim: UUID
) -> None:
    world, outlet, waybill = stocked, stocked.outlets[1], make.id()
    planner = await make.planner(world.city_id)
    made = await issue(api, planner, claim, codes[outlet], 300, waybill)
    assert made.status_code == 201, made.text
    told = made.json()
    assert (told["status"], told["copies"], told["received_copies"]) == ("issued", 300, None)
    assert told["code"].endswith("/1")
    assert await balance(make, "depot", world.depot) == 700
    assert await balance(make, "transit", outlet) == 300
    again = await issue(api, planner, claim, codes[outlet], 300, waybill)
    assert (again.status_code, again.json()) == (201, told)
    changed = await issue(api, planner, claim, codes[outlet], 350, waybill)
    assert changed.json()["type"] == "/problems/waybill-changed"
    manager = await make.outlet_manager(world.city_id, world.partners[0], outlet)
    arrived = await receive(api, manager, waybill, 300, move_id := make.id())
    assert (arrived.json()["status"], arrived.json()["received_copies"]) == ("received", 300)
    assert (await receive(api, manager, waybill, 300, move_id)).json() == arrived.json()
    twice = await receive(api, manager, waybill, 300, make.id())
    assert (twice.status_code, twice.json()["type"]) == (409, "/problems/waybill-received")
    assert await balance(make, "transit", outlet) == 0
    assert await balance(make, "outlet", outlet) == 300
    claims = (await api.get("/api/claims", headers=planner)).json()["claims"]
    assert (claims[0]["collected"], claims[0]["uncollected"]) == (300, 200)
    await assert_ledger_is_sound(make)


@pytest.mark.parametrize(("received", "variance", "moves"), [(280, 20, 2), (310, -10, 2), (0, 300, 1)])
async def test_what_arrives_short_or_over_is_a_variance_with_a_reason(
    api: httpx.AsyncClient,
    make: Make,
    stocked: World,
    codes: Codes,
    claim: UUID,
    received: int,
    variance: int,
    moves: int,
) -> None:
    world, outlet, waybill = stocked, stocked.outlets[1], make.id()
    planner = await make.planner(world.city_id)
    await issue(api, planner, claim, codes[outlet], 300, waybill)
    refused = await receive(api, planner, waybill, received, make.id())
    assert (refused.status_code, refused.json()["expected"]) == (422, 300)
    assert await balance(make, "transit", outlet) == 300
    move_id = make.id()
    for _ in range(2):
        answer = await receive(api, planner, waybill, received, move_id, "箱子破损")
        assert (answer.status_code, answer.json()["variance_reason"]) == (201, "箱子破损")
    assert await balance(make, "transit", outlet) == 0
    assert await balance(make, "outlet", outlet) == received
    assert await balance(make, "variance", world.campaign) == variance
    arrival = "select count(*) from stock_move where waybill_id = $1 and kind <> 'issue'"
    assert await make.value(arrival, waybill) == moves
    await assert_ledger_is_sound(make)


async def test_the_depot_hands_out_whole_bundles_or_all_that_is_left(
    api: httpx.AsyncClient, make: Make, stocked: World, codes: Codes
) -> None:
    world, outlet = stocked, codes[stocked.outlets[0]]
    claim = await make.claim(world, await make.batch(world, copies=130), world.partners[0], copies=130)
    planner = await make.planner(world.city_id)
    loose = await issue(api, planner, claim, outlet, 70, make.id())
    assert (loose.status_code, loose.json()["type"]) == (422, "/problems/whole-bundles")
    assert (await issue(api, planner, claim, outlet, 100, make.id())).status_code == 201
    many = await issue(api, planner, claim, outlet, 50, make.id())
    assert (many.status_code, many.json()["type"], many.json()["uncollected"]) == (
        409,
        "/problems/more-than-claimed",
        30,
    )
    rest = await issue(api, planner, claim, outlet, 30, make.id())
    assert rest.json()["code"].endswith("/2")
    assert await balance(make, "depot", world.depot) == 870


async def test_the_depot_does_not_hand_out_what_it_does_not_hold(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    claim = await make.claim(world, await make.batch(world), world.partners[0])
    await make.stock(world.city_id, world.campaign, world.material, "depot", world.depot, 250)
    code = await make.value("select code from outlet where outlet_id = $1", world.outlets[0])
    answer = await issue(api, await make.planner(world.city_id), claim, code, 300, make.id())
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/not-enough-stock")
    assert answer.json()["available"] == 250
    assert answer.json()["errors"][0]["pointer"] == "/copies"
    assert await make.value("select count(*) from waybill") == 0


async def test_a_lapsed_or_released_claim_collects_nothing_and_collecting_renews_it(
    api: httpx.AsyncClient, make: Make, stocked: World, codes: Codes, claim: UUID, clock: Clock
) -> None:
    outlet, planner, start = codes[stocked.outlets[0]], await make.planner(stocked.city_id), clock.now
    clock.now = start + timedelta(hours=71)
    assert (await issue(api, planner, claim, outlet, 100, new_id(clock.now))).status_code == 201
    clock.now = start + timedelta(hours=142)
    assert (await issue(api, planner, claim, outlet, 100, new_id(clock.now))).status_code == 201
    clock.now = start + timedelta(hours=214)
    lapsed = await issue(api, planner, claim, outlet, 100, new_id(clock.now))
    assert (lapsed.status_code, lapsed.json()["type"]) == (409, "/problems/claim-not-held")
    assert lapsed.json()["claim_status"] == "expired"
    await make.fetch("update claim set status = 'released', ended_at = $1", clock.now)
    released = await issue(api, planner, claim, outlet, 100, new_id(clock.now))
    assert released.json()["claim_status"] == "released"
    await make.fetch("update campaign set status = 'closed', closed_at = created_at")
    closed = await issue(api, planner, claim, outlet, 100, new_id(clock.now))
    assert closed.json()["type"] == "/problems/campaign-closed"
    assert await balance(make, "depot", stocked.depot) == 800


async def test_a_waybill_goes_to_an_outlet_the_claim_was_made_for(
    api: httpx.AsyncClient, make: Make, stocked: World, codes: Codes, claim: UUID
) -> None:
    planner = await make.planner(stocked.city_id)
    for_outlet = await make.claim(stocked, await make.batch(stocked), stocked.partners[0], outlet_id=stocked.outlets[0])
    for wanted, outlet in [
        (claim, codes[stocked.outlets[2]]),
        (claim, "NONE"),
        (for_outlet, codes[stocked.outlets[1]]),
    ]:
        answer = await issue(api, planner, wanted, outlet, 100, make.id())
        assert (answer.status_code, answer.json()["type"]) == (422, "/problems/unknown-holder")
    assert await make.value("select count(*) from waybill") == 0
    assert (await issue(api, planner, for_outlet, codes[stocked.outlets[0]], 100, make.id())).status_code == 201


async def test_who_is_told_that_a_claim_is_not_there_has_moved_nothing(
    api: httpx.AsyncClient, make: Make, stocked: World, codes: Codes, claim: UUID
) -> None:
    district = await make.planner(stocked.city_id, division_code="990199")
    firm = await make.firm_manager(stocked.city_id, stocked.partners[0])
    before = await state_of(make, 99)
    assert (await issue(api, district, claim, codes[stocked.outlets[0]], 100, make.id())).status_code == 404
    assert (await issue(api, firm, claim, codes[stocked.outlets[0]], 100, make.id())).status_code == 403
    assert await make.value("select count(*) from waybill") == 0
    assert await balance(make, "depot", stocked.depot) == 1000
    assert await state_of(make, 99) == before


async def cancel(api: httpx.AsyncClient, make: Make, planner: dict[str, str], waybill: UUID) -> None:
    body = {"move_id": str(make.id()), "reason": "开错网点"}
    assert (await api.post(f"/api/stock/moves/{waybill}/reverse", json=body, headers=planner)).status_code == 201


async def test_the_list_of_claims_tells_what_was_collected_over_all_waybills_cancelled_ones_not(
    api: httpx.AsyncClient, make: Make, stocked: World, codes: Codes, claim: UUID
) -> None:
    planner = await make.planner(stocked.city_id)
    for copies in (100, 150, 50):
        await issue(api, planner, claim, codes[stocked.outlets[0]], copies, waybill := make.id())
    await cancel(api, make, planner, waybill)
    for headers in (planner, await make.firm_manager(stocked.city_id, stocked.partners[0])):
        (shown,) = (await api.get("/api/claims", headers=headers)).json()["claims"]
        assert (shown["copies"], shown["collected"], shown["uncollected"]) == (500, 250, 250)
        (batch,) = (await api.get(f"/api/campaigns/{stocked.campaign}/batches", headers=headers)).json()["batches"]
        assert (batch["copies_open"], batch["claim"]["collected"]) == (0, 250)
    assert (await issue(api, planner, claim, codes[stocked.outlets[0]], 300, make.id())).status_code == 409
    assert (await issue(api, planner, claim, codes[stocked.outlets[0]], 250, make.id())).status_code == 201


async def test_a_collection_that_was_cancelled_renews_no_lease(
    api: httpx.AsyncClient, make: Make, stocked: World, codes: Codes, claim: UUID, clock: Clock
) -> None:
    planner, start = await make.planner(stocked.city_id), clock.now
    clock.now = start + timedelta(hours=71)
    await issue(api, planner, claim, codes[stocked.outlets[0]], 100, waybill := new_id(clock.now))
    await cancel(api, make, planner, waybill)
    clock.now = start + timedelta(hours=72)
    (shown,) = (await api.get("/api/claims", headers=planner)).json()["claims"]
    (batch,) = (await api.get(f"/api/campaigns/{stocked.campaign}/batches", headers=planner)).json()["batches"]
    assert (shown["status"], batch["status"], batch["copies_open"]) == ("expired", "open", 500)
    lapsed = await issue(api, planner, claim, codes[stocked.outlets[0]], 100, new_id(clock.now))
    assert (lapsed.status_code, lapsed.json()["claim_status"]) == (409, "expired")


async def test_reversing_an_issue_before_arrival_cancels_the_waybill_and_frees_the_claim(
    api: httpx.AsyncClient, make: Make, stocked: World, codes: Codes, claim: UUID
) -> None:
    world, waybill = stocked, make.id()
    planner = await make.planner(world.city_id)
    await issue(api, planner, claim, codes[world.outlets[1]], 500, waybill)
    body = {"move_id": str(make.id()), "reason": "开错网点"}
    firm = await make.firm_manager(world.city_id, world.partners[0])
    url = f"/api/stock/moves/{waybill}/reverse"
    assert (await api.post(url, json=body, headers=firm)).status_code == 404
    assert (await api.post(url, json=body, headers=planner)).status_code == 201
    assert (await api.get(f"/api/waybills/{waybill}", headers=firm)).json()["status"] == "cancelled"
    assert await balance(make, "depot", world.depot) == 1000
    arrived = await receive(api, firm, waybill, 500, make.id())
    assert (arrived.status_code, arrived.json()["type"]) == (409, "/problems/waybill-cancelled")
    again = await issue(api, planner, claim, codes[world.outlets[0]], 500, make.id())
    assert (again.status_code, again.json()["code"][-2:]) == (201, "/2")
    await assert_ledger_is_sound(make)


async def test_a_received_waybill_is_not_reversed(
    api: httpx.AsyncClient, make: Make, stocked: World, codes: Codes, claim: UUID
) -> None:
    world, waybill, move_id = stocked, make.id(), make.id()
    planner = await make.planner(world.city_id)
    await issue(api, planner, claim, codes[world.outlets[1]], 100, waybill)
    await receive(api, planner, waybill, 100, move_id)
    for original in (waybill, move_id):
        body = {"move_id": str(make.id()), "reason": "误操作"}
        answer = await api.post(f"/api/stock/moves/{original}/reverse", json=body, headers=planner)
        assert (answer.status_code, answer.json()["type"]) == (409, "/problems/not-reversible")
    assert await balance(make, "outlet", world.outlets[1]) == 100


async def test_waybills_are_seen_and_received_by_their_firm_and_outlet_only(
    api: httpx.AsyncClient, make: Make, stocked: World, codes: Codes, claim: UUID
) -> None:
    world, waybill = stocked, make.id()
    planner = await make.planner(world.city_id)
    await issue(api, planner, claim, codes[world.outlets[0]], 100, waybill)
    strangers = [
        await make.firm_manager(world.city_id, world.partners[1]),
        await make.outlet_manager(world.city_id, world.partners[0], world.outlets[1]),
        await make.planner(world.city_id, division_code="990199"),
    ]
    for headers in strangers:
        assert (await api.get(f"/api/waybills/{waybill}", headers=headers)).status_code == 404
        assert (await api.get("/api/waybills", headers=headers)).json()["waybills"] == []
        assert (await receive(api, headers, waybill, 100, make.id())).status_code == 404
    rider = await make.rider_session(world.city_id, world.riders[0])
    assert (await receive(api, rider, waybill, 100, make.id())).status_code == 403
    owners = [
        await make.firm_manager(world.city_id, world.partners[0]),
        await make.outlet_manager(world.city_id, world.partners[0], world.outlets[0]),
        await make.planner(world.city_id, division_code="9901"),
    ]
    for headers in owners:
        assert (await api.get(f"/api/waybills/{waybill}", headers=headers)).json()["waybill_id"] == str(waybill)
    assert await balance(make, "transit", world.outlets[0]) == 100


async def test_waybills_come_newest_first_in_pages_and_by_status(
    api: httpx.AsyncClient, make: Make, stocked: World, codes: Codes, claim: UUID, clock: Clock
) -> None:
    planner = await make.planner(stocked.city_id)
    made: list[str] = []
    for _ in range(5):
        clock.now += timedelta(minutes=1)
        made.insert(0, str(waybill := new_id(clock.now)))
        await issue(api, planner, claim, codes[stocked.outlets[0]], 50, waybill)
    await receive(api, planner, UUID(made[0]), 50, new_id(clock.now))
    seen: list[str] = []
    query: dict[str, Any] = {"limit": 2, "claim_id": str(claim)}
    while True:
        page = (await api.get("/api/waybills", params=query, headers=planner)).json()
        seen += [waybill["waybill_id"] for waybill in page["waybills"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert seen == made
    received = (await api.get("/api/waybills", params={"status": "received"}, headers=planner)).json()["waybills"]
    assert [waybill["waybill_id"] for waybill in received] == made[:1]
