"""Two callers use one id, or one code, at the same moment: the first is stored, the second is refused as if it had come
later, and nobody meets a failure of ours. A request that overtakes its own repetition is answered as that is."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import httpx
import pytest

from dispatch.database import Database
from tests.allocation.planning import ready
from tests.conftest import Clock, serving
from tests.handouts.phone import Phone
from tests.handouts.test_visits import visit
from tests.make import Make, World
from tests.waiting import locking, queued

# What a write does last before its commit: a call that waits there has written all it is about.
TRAIL = "lock table audit_entry in share mode"
# Phones' records are in no trail.
REFUSED = "select 1 from handout_refused for update"


Request = tuple[dict[str, str], str, Any]


@dataclass
class Pair:
    """Two requests for one id, each its headers, path and body; where it is stored; how the second is refused."""

    requests: list[Request]
    table: str
    refusal: str
    held: str = TRAIL
    """What keeps the first from committing."""


async def codes(make: Make, table: str, *ids: Any) -> list[str]:
    return [await make.value(f"select code from {table} where {table}_id = $1", one) for one in ids]


async def claims(make: Make, world: World) -> Pair:
    await make.serves(world)
    body = {"claim_id": str(make.id())}
    requests = [
        (await make.firm_manager(99, partner), f"/api/batches/{await make.batch(world)}/claim", body)
        for partner in world.partners
    ]
    return Pair(requests, "claim", "claim-changed")


async def moves(make: Make, world: World) -> Pair:
    material = (await codes(make, "material", world.material))[0]
    move_id, requests = str(make.id()), list[Request]()
    for partner, outlet, rider in ((0, 0, 0), (1, 2, 4)):
        await make.stock(99, world.campaign, world.material, "outlet", world.outlets[outlet], 100)
        source, target = await codes(make, "outlet", world.outlets[outlet]) + await codes(
            make, "rider", world.riders[rider]
        )
        body = {
            "move_id": move_id, "campaign_id": str(world.campaign), "material_code": material, "kind": "transfer", "copies": 10,
            "from": {"kind": "outlet", "code": source}, "to": {"kind": "rider", "code": target},
        }  # fmt: skip
        requests.append((await make.firm_manager(99, world.partners[partner]), "/api/stock/moves", {"moves": [body]}))
    return Pair(requests, "stock_move where copies = 10", "move-changed")


async def waybills(make: Make, world: World) -> Pair:
    planner, waybill_id = await make.planner(99), str(make.id())
    requests = list[Request]()
    for partner, outlet, depot in ((0, 0, world.depot), (1, 2, await make.depot(99))):
        await make.stock(99, world.campaign, world.material, "depot", depot, 1000)
        batch = await make.batch(world)
        await make.fetch("update batch set depot_id = $1 where batch_id = $2", depot, batch)
        claim = await make.claim(world, batch, world.partners[partner])
        body = {
            "waybill_id": waybill_id, "outlet_code": (await codes(make, "outlet", world.outlets[outlet]))[0], "copies": 100
        }  # fmt: skip
        requests.append((planner, f"/api/claims/{claim}/issue", body))
    return Pair(requests, "waybill", "waybill-changed")


async def earlier_refused(make: Make, world: World, record_id: str) -> None:
    """A record of this id was refused before: recording it settles that after its own row is written."""
    await make.insert(
        "handout_refused", city_id=99, handout_id=record_id, content_digest=b"d", entry="sync", caller_role="rider",
        caller_id=world.riders[0], partner_id=world.partners[0], outlet_id=world.outlets[0], campaign_id=world.campaign, record={},
        problem="not-held", detail="", refused_at=make.now,
    )  # fmt: skip


async def handouts(make: Make, world: World) -> Pair:
    record, requests = None, list[Request]()
    for rider in (world.riders[0], world.riders[1]):
        await make.stock(99, world.campaign, world.material, "rider", rider, 100)
        phone = Phone(world, rider, await make.rider_session(99, rider), make.now)
        record = record or phone.handout()
        requests.append((phone.headers, "/api/handouts/sync", {"records": [record]}))
    await earlier_refused(make, world, requests[0][2]["records"][0]["id"])
    return Pair(requests, "handout", "handout-changed", REFUSED)


async def visits(make: Make, world: World) -> Pair:
    record, requests = None, list[Request]()
    for rider in (world.riders[0], world.riders[1]):
        await make.stock(99, world.campaign, world.material, "rider", rider, 100)
        phone = Phone(world, rider, await make.rider_session(99, rider), make.now)
        record = record or visit(phone)
        requests.append((phone.headers, "/api/handouts/sync", {"records": [record]}))
    await earlier_refused(make, world, requests[0][2]["records"][0]["id"])
    return Pair(requests, "visit", "handout-changed", REFUSED)


async def corrections(make: Make, world: World) -> Pair:
    undo_id, requests = str(make.id()), list[Request]()
    for rider, zone in ((world.riders[0], 0), (world.riders[1], 1)):
        await make.stock(99, world.campaign, world.material, "rider", rider, 100)
        phone = Phone(world, rider, await make.rider_session(99, rider), make.now)
        made = phone.handout(cell=f"{world.cells[zone][0]:x}")
        await make.insert(
            "handout", city_id=99, id_day=make.now.date(), handout_id=made["id"], campaign_id=world.campaign,
            zone_id=world.zones[zone], cell=world.cells[zone][0], outlet_id=world.outlets[0], holder_id=rider, holder_kind="rider",
            material_id=world.material, channel="in_person", copies=1, day=date(2027, 4, 20), handed_out_at=make.now,
            received_at=make.now,
        )  # fmt: skip
        await make.tally(world, zone, 1, day=date(2027, 4, 20), channel="in_person", cell=world.cells[zone][0])
        requests.append((phone.headers, "/api/handouts/sync", {"records": [phone.correction(made["id"], id=undo_id)]}))
    await earlier_refused(make, world, undo_id)
    return Pair(requests, "handout where corrects_id is not null", "handout-changed", REFUSED)


async def spot_checks(make: Make, world: World) -> Pair:
    planner, path = await make.planner(99), f"/api/campaigns/{world.campaign}/spot-checks"
    body = {"spot_check_id": str(make.id()), "seed": 1}
    requests = [(planner, path, {**body, "zone_code": code}) for code in await codes(make, "zone", *world.zones[:2])]
    return Pair(requests, "spot_check", "spot-check-changed")


async def results(make: Make, world: World) -> Pair:
    planner, body = await make.planner(99), {"result_id": str(make.id()), "number": 1, "asked": 5, "have": 2}
    checks = [await make.spot_check(world, zone, asked=0, have=0, closed=False) for zone in (0, 1)]
    requests = [(planner, f"/api/spot-checks/{check}/results", body) for check in checks]
    return Pair(requests, "spot_check_result", "result-changed")


async def allocations(make: Make, world: World) -> Pair:
    planner = await ready(make, world)
    material = (await codes(make, "material", world.material))[0]
    body = {"allocation_id": str(make.id()), "material_code": material}
    path = f"/api/campaigns/{world.campaign}/allocations"
    requests = [(planner, path, {**body, "copies": copies}) for copies in (6000, 3000)]
    return Pair(requests, "allocation", "allocation-changed")


async def campaigns(make: Make, world: World) -> Pair:
    planner, body = await make.planner(99), {
        "name": "百日行动", "starts_on": "2027-05-01", "ends_on": "2027-06-01", "target_reach": 0.5, "code": "NEW",
    }  # fmt: skip
    requests = [(planner, "/api/campaigns", {**body, "campaign_id": str(make.id())}) for _ in range(2)]
    return Pair(requests, "campaign where code = 'NEW'", "campaign-code-taken")


async def materials(make: Make, world: World) -> Pair:
    planner, path = await make.planner(99), f"/api/campaigns/{world.campaign}/materials"
    body = {
        "code": "NEW", "kind": "leaflet", "channels": ["in_person"], "bundle_copies": 50, "carton_copies": 400, "name": "折页",
    }  # fmt: skip
    requests = [(planner, path, {**body, "name": name}) for name in ("折页", "海报")]
    return Pair(requests, "material where code = 'NEW'", "material-code-taken")


async def print_runs(make: Make, world: World) -> Pair:
    planner, path = await make.planner(99), f"/api/campaigns/{world.campaign}/print-runs"
    depot, material = await codes(make, "depot", world.depot) + await codes(make, "material", world.material)
    body = {"code": "NEW", "depot_code": depot, "material_code": material, "due_on": "2027-05-01", "copies": 500}
    requests = [(planner, path, {**body, "print_run_id": str(make.id())}) for _ in range(2)]
    return Pair(requests, "print_run where code = 'NEW'", "print-run-code-taken")


async def logins(make: Make, world: World) -> Pair:
    planner = await make.planner(99)
    body = {"role": "auditor", "login": "shen.ji", "display_name": "某某"}
    requests = [(planner, "/api/accounts", {**body, "login": login}) for login in ("shen.ji", "Shen.Ji")]
    return Pair(requests, "account where role = 'auditor'", "login-taken")


async def riders(make: Make, world: World) -> Pair:
    headers = await make.firm_manager(99, world.partners[0])
    outlet = (await codes(make, "outlet", world.outlets[0]))[0]
    requests = [(headers, "/api/riders", {"code": "NEW", "name": name, "outlet_code": outlet}) for name in "甲乙"]
    return Pair(requests, "rider where code = 'NEW'", "rider-code-taken")


async def notices(make: Make, world: World) -> Pair:
    planner = await make.planner(99)
    texts = ("我们为什么记录这些内容，请看下面的说明。" * 10, "Why we keep these records is explained below. " * 10)
    requests = [
        (planner, "/api/privacy/notices", {"version": 2, "text_zh": texts[0], "text_en": texts[1] + more})
        for more in ("One.", "Two.")
    ]
    return Pair(requests, "privacy_notice where version = 2", "notice-version-taken")


async def consents(make: Make, world: World) -> Pair:
    body = {"consent_id": str(make.id()), "purpose": "location", "given": False, "version": 1}
    requests = [
        (await make.rider_session(99, rider), "/api/privacy/consent", body)
        for rider in (world.riders[0], world.riders[1])
    ]
    return Pair(requests, "privacy_consent", "consent-changed", "lock table privacy_withdrawal in share mode")


KINDS: list[Callable[[Make, World], Awaitable[Pair]]] = [
    claims, moves, waybills, handouts, visits, corrections, spot_checks, results, allocations, campaigns, materials,
    print_runs, logins, riders, notices, consents,
]  # fmt: skip


@pytest.fixture
async def served(clone: Database, clock: Clock) -> AsyncGenerator[tuple[httpx.AsyncClient, Make, World]]:
    make = Make(clone, clock.now)
    world = await make.world()
    async with serving(clone, clock) as (api, _):
        yield api, make, world


def slug(answer: httpx.Response) -> str:
    """How it was refused, or "stored"; a phone's record is refused within an answer of its own."""
    told = answer.json()
    if answer.status_code == 200 and "outcomes" in told:
        (outcome,) = told["outcomes"]
        return outcome["problem"]["type"].rsplit("/", 1)[-1] if outcome["outcome"] == "rejected" else "stored"
    return "stored" if answer.is_success else told["type"].rsplit("/", 1)[-1]


async def both(api: httpx.AsyncClient, make: Make, pair: Pair, *requests: Request) -> list[httpx.Response]:
    """The second comes when the first has written everything but its commit."""
    calls = list[asyncio.Task[httpx.Response]]()
    async with locking(make.database, pair.held):
        for headers, path, body in requests:
            calls.append(asyncio.create_task(api.post(path, json=body, headers=headers)))
            await queued(make.database, *calls)
    return [await call for call in calls]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
async def test_of_two_who_use_one_id_at_once_the_second_is_refused_as_if_it_came_later(
    served: tuple[httpx.AsyncClient, Make, World], kind: Callable[[Make, World], Awaitable[Pair]]
) -> None:
    api, make, world = served
    pair = await kind(make, world)
    answers = await both(api, make, pair, *pair.requests)
    assert [slug(answer) for answer in answers] == ["stored", pair.refusal], [answer.text for answer in answers]
    assert await make.value(f"select count(*) from {pair.table}") == 1
    headers, path, body = pair.requests[1]
    later = await api.post(path, json=body, headers=headers)
    assert slug(later) == pair.refusal, "and so it is when it does come later"


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
async def test_a_request_that_meets_its_own_repetition_is_stored_once(
    served: tuple[httpx.AsyncClient, Make, World], kind: Callable[[Make, World], Awaitable[Pair]]
) -> None:
    api, make, world = served
    pair = await kind(make, world)
    answers = await both(api, make, pair, pair.requests[0], pair.requests[0])
    # Where the caller makes no id there is nothing to know the repetition by.
    without_id = {"login-taken", "notice-version-taken"}
    expected = ["stored", pair.refusal if pair.refusal in without_id else "stored"]
    assert [slug(answer) for answer in answers] == expected, [answer.text for answer in answers]
    assert await make.value(f"select count(*) from {pair.table}") == 1
