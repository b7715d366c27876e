"""A request that judges by what is there waits for the one that is changing it: its answer is about what that one left,
never about what was there before. One line per lock."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from dispatch.database import Database
from tests.allocation.planning import draft, ready
from tests.conftest import Clock, serving
from tests.handouts.phone import Phone
from tests.make import Make, World
from tests.waiting import locking, queued


@dataclass
class Turn:
    """A request, what the other one holds and changes meanwhile, and the answer: a problem's slug, or "done"."""

    headers: dict[str, str]
    path: str
    body: Any
    holds: str
    changes: str
    answer: str
    method: str = "POST"
    unchanged: dict[str, Any] = field(default_factory=dict[str, Any])
    """{statement: its value after all}: what a request judged by the state before would have done."""


async def codes(make: Make, **ids: Any) -> list[str]:
    return [await make.value(f"select code from {table} where {table}_id = $1", one) for table, one in ids.items()]


async def a_hand_out_waits_for_the_riders_copies(make: Make, world: World, api: Any) -> Turn:
    rider = world.riders[0]
    await make.stock(99, world.campaign, world.material, "rider", rider, 10)
    phone = Phone(world, rider, await make.rider_session(99, rider), make.now)
    return Turn(
        phone.headers, "/api/handouts/sync", {"records": [phone.handout(copies=5)]},
        "select 1 from stock_balance where holder_kind = 'rider' for update",
        "update stock_balance set quantity = 4 where holder_kind = 'rider'", "not-enough-stock",
        unchanged={"select count(*) from handout": 0},
    )  # fmt: skip


async def a_move_waits_for_the_holders_copies(make: Make, world: World, api: Any) -> Turn:
    await make.stock(99, world.campaign, world.material, "outlet", world.outlets[0], 10)
    outlet, rider, material = await codes(make, outlet=world.outlets[0], rider=world.riders[0], material=world.material)
    move = {
        "move_id": str(make.id()), "campaign_id": str(world.campaign), "material_code": material, "kind": "transfer", "copies": 5,
        "from": {"kind": "outlet", "code": outlet}, "to": {"kind": "rider", "code": rider},
    }  # fmt: skip
    return Turn(
        await make.firm_manager(99, world.partners[0]), "/api/stock/moves", {"moves": [move]},
        "select 1 from stock_balance where holder_kind = 'outlet' for update",
        "update stock_balance set quantity = 4 where holder_kind = 'outlet'", "not-enough-stock",
        unchanged={"select count(*) from stock_move where copies = 5": 0},
    )  # fmt: skip


async def a_count_waits_for_the_holders_copies(make: Make, world: World, api: Any) -> Turn:
    await make.stock(99, world.campaign, world.material, "outlet", world.outlets[0], 10)
    outlet, material = await codes(make, outlet=world.outlets[0], material=world.material)
    body = {
        "move_id": str(make.id()), "campaign_id": str(world.campaign), "material_code": material, "counted_copies": 7,
        "holder": {"kind": "outlet", "code": outlet}, "reason": "盘点",
    }  # fmt: skip
    return Turn(
        await make.firm_manager(99, world.partners[0]), "/api/stock/counts", body,
        "select 1 from stock_balance where holder_kind = 'outlet' for update",
        "update stock_balance set quantity = 6 where holder_kind = 'outlet'", "done",
        unchanged={"select quantity::int from stock_balance where holder_kind = 'outlet'": 7},
    )  # fmt: skip


async def receiving_waits_for_who_receives_the_same_waybill(make: Make, world: World, api: Any) -> Turn:
    await make.stock(99, world.campaign, world.material, "transit", world.outlets[0], 100)
    claim = await make.claim(world, await make.batch(world), world.partners[0])
    waybill = await make.waybill(world, claim, world.outlets[0], 100)
    return Turn(
        await make.outlet_manager(99, world.partners[0], world.outlets[0]), f"/api/waybills/{waybill}/receive",
        {"move_id": str(make.id()), "received_copies": 100}, "select 1 from waybill for update",
        "update waybill set received_copies = 100, received_at = issued_at, received_by = issued_by", "waybill-received",
        unchanged={"select count(*) from stock_move where waybill_id is not null": 0},
    )  # fmt: skip


async def a_result_waits_for_who_closes_the_check(make: Make, world: World, api: Any) -> Turn:
    check = await make.spot_check(world, 0, asked=0, have=0, closed=False)
    return Turn(
        await make.planner(99), f"/api/spot-checks/{check}/results",
        {"result_id": str(make.id()), "number": 1, "asked": 5, "have": 2}, "select 1 from spot_check for update",
        "update spot_check set status = 'closed', closed_at = planned_at, closed_by = planned_by", "spot-check-closed",
        unchanged={"select count(*) from spot_check_result": 0},
    )  # fmt: skip


async def approving_waits_for_who_drops_the_plan(make: Make, world: World, api: Any) -> Turn:
    planner = await ready(make, world)
    path = await draft(api, make, world, planner)
    revision = await make.value("select revision from allocation")
    return Turn(
        planner, f"{path}/approve", {"revision": revision, "due_on": "2027-05-10"}, "select 1 from allocation for update",
        "update allocation set status = 'dropped'", "allocation-not-draft",
        unchanged={"select count(*) from batch": 0, "select status from allocation": "dropped"},
    )  # fmt: skip


async def dropping_waits_for_who_approves_the_plan(make: Make, world: World, api: Any) -> Turn:
    planner = await ready(make, world)
    path = await draft(api, make, world, planner)
    return Turn(
        planner, f"{path}/drop", {}, "select 1 from allocation for update",
        "update allocation set status = 'approved', approved_at = created_at, approved_by = created_by",
        "allocation-not-draft", unchanged={"select status from allocation": "approved"},
    )  # fmt: skip


async def flag_of(make: Make, world: World) -> Any:
    flag = make.id()
    await make.insert(
        "review_flag", city_id=99, flag_id=flag, campaign_id=world.campaign, rider_id=world.riders[0], outlet_id=world.outlets[0],
        week_starts_on=make.now.date().replace(day=12), score=8.0, zone_copies={}, status="open", raised_at=make.now,
        changed_at=make.now,
        reasons=[{"points": 6.2, "facts": {"slug": "beyond-held", "copies_beyond": 60, "copies_confirmed": 200}}],
    )  # fmt: skip
    return flag


async def an_answer_waits_for_who_decides_the_question(make: Make, world: World, api: Any) -> Turn:
    flag = await flag_of(make, world)
    return Turn(
        await make.rider_session(99, world.riders[0]), f"/api/flags/{flag}/answer", {"text": "固定摊位"},
        "select 1 from review_flag for update",
        "update review_flag set status = 'decided', decision = 'explained', decided_at = raised_at", "flag-settled",
        unchanged={"select rider_answer from review_flag": None},
    )  # fmt: skip


async def a_slip_waits_for_who_lets_the_rider_go(make: Make, world: World, api: Any) -> Turn:
    return Turn(
        await make.firm_manager(99, world.partners[0]), "/api/riders/slips", {"rider_ids": [str(world.riders[0])]},
        "select 1 from rider for update", "update rider set active = false", "rider-inactive",
        unchanged={"select count(*) from rider where pin_digest is not null": 0},
    )  # fmt: skip


async def a_new_key_waits_for_who_revokes_the_old_one(make: Make, world: World, api: Any) -> Turn:
    await make.partner_system(99, world.partners[0])
    key = await make.value("select api_key_id from api_key")
    return Turn(
        await make.firm_manager(99, world.partners[0]), f"/api/api-keys/{key}/rotate", {}, "select 1 from api_key for update",
        "update api_key set revoked_at = created_at", "not-found", unchanged={"select count(*) from api_key": 1},
    )  # fmt: skip


async def opening_waits_for_who_closes_the_campaign(make: Make, world: World, api: Any) -> Turn:
    await make.fetch("update campaign set status = 'draft'")
    return Turn(
        await make.planner(99), f"/api/campaigns/{world.campaign}/open", {}, "select 1 from campaign for update",
        "update campaign set status = 'closed', closed_at = created_at", "campaign-status-order",
        unchanged={"select status from campaign": "closed"},
    )  # fmt: skip


async def a_plan_is_changed_by_hand_after_who_changed_it_before(make: Make, world: World, api: Any) -> Turn:
    planner = await ready(make, world)
    path = await draft(api, make, world, planner)
    revision = await make.value("select revision from allocation")
    return Turn(
        planner, f"{path}/lines/990101000", {"copies": 0, "reason": "小区封闭", "revision": revision},
        "select 1 from allocation for update", "update allocation set revision = revision + 1", "allocation-stale",
        "PUT", {"select count(*) from allocation_line where changed_by is not null": 0},
    )  # fmt: skip


TURNS: list[Callable[[Make, World, Any], Awaitable[Turn]]] = [
    a_hand_out_waits_for_the_riders_copies, a_move_waits_for_the_holders_copies, a_count_waits_for_the_holders_copies,
    receiving_waits_for_who_receives_the_same_waybill, a_result_waits_for_who_closes_the_check,
    approving_waits_for_who_drops_the_plan, dropping_waits_for_who_approves_the_plan,
    a_plan_is_changed_by_hand_after_who_changed_it_before, an_answer_waits_for_who_decides_the_question,
    a_slip_waits_for_who_lets_the_rider_go, a_new_key_waits_for_who_revokes_the_old_one,
    opening_waits_for_who_closes_the_campaign,
]  # fmt: skip


def slug(answer: Any) -> str:
    told: Any = answer.json()
    if answer.is_success:
        told = told["outcomes"][0].get("problem") if "outcomes" in told else None
    return told["type"].rsplit("/", 1)[-1] if told else "done"


@pytest.mark.parametrize("turn", TURNS, ids=lambda turn: turn.__name__)
async def test_a_request_waits_for_the_one_that_changes_what_it_judges_by(
    clone: Database, clock: Clock, turn: Callable[[Make, World, Any], Awaitable[Turn]]
) -> None:
    make = Make(clone, clock.now)
    world = await make.world()
    async with serving(clone, clock) as (api, _):
        wanted = await turn(make, world, api)
        async with locking(clone, wanted.holds) as other:
            call = asyncio.create_task(
                api.request(wanted.method, wanted.path, json=wanted.body, headers=wanted.headers)
            )
            await queued(clone, call)
            await other.execute(wanted.changes)
        answer = await call
    assert slug(answer) == wanted.answer, answer.text
    for statement, value in wanted.unchanged.items():
        assert await make.value(statement) == value, statement
