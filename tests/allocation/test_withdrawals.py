"""An approved plan and batches nobody holds can be taken back: no copy is lost, none is planned twice, none is taken from
whoever holds it."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.allocation.withdrawal_rules import LockedBatch, judge_withdrawal
from dispatch.batches.rules import HeldClaim, open_copies
from dispatch.database import Database, new_id
from tests.allocation.planning import draft, ready, ready_partners
from tests.conftest import Clock, serving
from tests.make import Make, World

NOW = datetime(2027, 4, 20, 2, tzinfo=UTC)
RUNS, OVER = NOW + timedelta(hours=1), NOW - timedelta(hours=1)


def batch(copies: int, withdrawn: int = 0, number: int = 1) -> LockedBatch:
    return LockedBatch(
        batch_id=UUID(int=number), code=f"B-{number}", allocation_id=UUID(int=7), zone_id=UUID(int=8), zone_code="Z8",
        reserved_partner_id=None, copies=copies, withdrawn_copies=withdrawn,
    )  # fmt: skip


def claim(copies: int, collected: int, status: str, until: datetime, number: int = 1) -> HeldClaim:
    return HeldClaim(
        claim_id=UUID(int=90 + number), batch_id=UUID(int=number), partner_id=UUID(int=5), partner_code="P5",
        partner_name="云川快递", partner_kind="parcel", outlet_id=None, copies=copies, collected=collected,
        status=status, lease_until=until, claimed_at=NOW - timedelta(days=1),
    )  # fmt: skip


def test_an_open_batch_is_taken_back_whole_and_its_line_loses_as_much() -> None:
    verdict = judge_withdrawal([batch(500)], [], NOW)
    assert verdict.answer.copies == 500
    assert list(verdict.lines.values()) == [500]
    assert verdict.answer.staying == []


def test_a_claimed_batch_stays_and_its_holder_is_named() -> None:
    verdict = judge_withdrawal([batch(500)], [claim(500, 100, "held", RUNS)], NOW)
    assert (verdict.withdrawn_copies, verdict.answer.copies) == ({}, 0)
    (stays,) = verdict.answer.staying
    assert (stays.partner_name, stays.copies, stays.collected) == ("云川快递", 500, 100)


@pytest.mark.parametrize(("status", "until"), [("held", OVER), ("released", RUNS), ("expired", OVER)])
def test_of_a_claim_that_ended_only_what_was_collected_stays(status: str, until: datetime) -> None:
    verdict = judge_withdrawal([batch(500)], [claim(500, 100, status, until)], NOW)
    assert verdict.answer.copies == 400
    assert [(stays.copies, stays.partner_code) for stays in verdict.answer.staying] == [(100, None)]


def test_taken_back_once_more_nothing_changes_and_the_answer_is_the_same() -> None:
    again = judge_withdrawal([batch(500, withdrawn=500)], [], NOW)
    assert (again.withdrawn_copies, again.lines, again.answer.copies) == ({}, {}, 500)


CLAIMS = st.tuples(st.integers(0, 100), st.sampled_from(["held", "released", "expired"]), st.sampled_from([RUNS, OVER]))


@given(st.lists(st.tuples(st.integers(1, 500), st.lists(CLAIMS, max_size=3)), max_size=6))
def test_withdrawn_collected_and_held_are_the_batch_and_nothing_stays_open(
    world: list[tuple[int, list[tuple[int, str, datetime]]]],
) -> None:
    batches: list[LockedBatch] = []
    claims: dict[int, list[HeldClaim]] = {}
    for number, (copies, ended) in enumerate(world, start=1):
        left, made = copies, list[HeldClaim]()
        for collected, status, until in ended:
            taken = min(collected, left)
            made.append(claim(left or 1, taken, status, until, number))
            left -= taken
        batches.append(batch(copies, number=number))
        claims[number] = made
    verdict = judge_withdrawal(batches, [each for made in claims.values() for each in made], NOW)
    for number, each in enumerate(batches, start=1):
        back = verdict.withdrawn_copies.get(each.batch_id, 0)
        assert 0 <= back <= each.copies - sum(one.collected for one in claims[number])
        assert open_copies(each.copies - back, claims[number], NOW) == 0
    assert sum(verdict.lines.values()) == verdict.answer.copies == sum(verdict.withdrawn_copies.values())
    assert verdict.answer.copies + sum(stays.copies for stays in verdict.answer.staying) == sum(
        each.copies for each in batches
    )


async def approved(api: httpx.AsyncClient, make: Make, world: World, headers: dict[str, str]) -> tuple[str, Any]:
    address = await draft(api, make, world, headers)
    made = await api.post(f"{address}/approve", json={"batch_copies": 1_000}, headers=headers)
    assert made.status_code == 200, made.text
    return address, made.json()


async def test_withdrawing_and_planning_again_gives_the_same_copies_once(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    headers = await ready(make, world, printed=6_000)
    await ready_partners(make, world)
    address, made = await approved(api, make, world, headers)
    firm = await make.firm_manager(world.city_id, world.partners[0])
    taken = made["batches"][0]
    claimed = await api.post(f"/api/batches/{taken['batch_id']}/claim", json={"claim_id": str(make.id())}, headers=firm)
    assert claimed.status_code == 201, claimed.text
    back = (await api.post(f"{address}/withdraw", json={"reason": "改派"}, headers=headers)).json()
    assert [stays["code"] for stays in back["staying"]] == [taken["code"]]
    assert back["copies"] == 6_000 - taken["copies"]
    plan = (await api.get(address, headers=headers)).json()
    assert (plan["status"], plan["planned_copies"], plan["withdrawn_copies"], plan["changed_by_hand"]) == (
        "approved", taken["copies"], back["copies"], False,
    )  # fmt: skip
    # What came back can be planned again, and not one copy more.
    await draft(api, make, world, headers, copies=back["copies"])
    body = {"allocation_id": str(make.id()), "material_code": plan["material_code"], "copies": back["copies"] + 50}
    more = await api.post(f"/api/campaigns/{world.campaign}/allocations", json=body, headers=headers)
    assert (more.json()["type"], more.json()["left_copies"]) == ("/problems/not-enough-printed", back["copies"])
    # Nobody is offered what is gone, and it is not claimed by its id either.
    offers = (await api.get(f"/api/campaigns/{world.campaign}/batches?status=open", headers=firm)).json()
    assert offers["batches"] == []
    gone = back["withdrawn"][0]["batch_id"]
    late = await api.post(f"/api/batches/{gone}/claim", json={"claim_id": str(make.id())}, headers=firm)
    assert late.json()["type"] == "/problems/batch-withdrawn"
    shown = (await api.get(f"/api/campaigns/{world.campaign}/batches?status=withdrawn", headers=headers)).json()
    assert {each["status"] for each in shown["batches"]} == {"withdrawn"}
    assert {each["withdrawn_reason"] for each in shown["batches"]} == {"改派"}
    # Sent again after a lost answer.
    assert (await api.post(f"{address}/withdraw", json={"reason": "改派"}, headers=headers)).json() == back


async def test_a_draft_has_nothing_to_take_back(api: httpx.AsyncClient, make: Make, world: World) -> None:
    headers = await ready(make, world)
    address = await draft(api, make, world, headers)
    refused = await api.post(f"{address}/withdraw", json={"reason": "改派"}, headers=headers)
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/allocation-not-approved")


async def test_batches_are_taken_back_by_their_ids_or_none_of_them(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    headers = await make.planner(world.city_id)
    known = await make.batch(world)
    address = f"/api/campaigns/{world.campaign}/batches/withdraw"
    body = {"batch_ids": [str(known), str(make.id())], "reason": "站点撤并"}
    assert (await api.post(address, json=body, headers=headers)).status_code == 404
    assert await make.value("select sum(withdrawn_copies) from batch") == 0
    done = await api.post(address, json={**body, "batch_ids": [str(known)]}, headers=headers)
    assert [(each["copies"]) for each in done.json()["withdrawn"]] == [500]


async def test_of_a_withdrawal_and_a_claim_at_once_exactly_one_has_the_copies(clone: Database, clock: Clock) -> None:
    make = Make(clone, clock.now)
    world = await make.world()
    await make.serves(world)
    batches = [await make.batch(world) for _ in range(8)]
    firm, planner = await make.firm_manager(world.city_id, world.partners[0]), await make.planner(world.city_id)
    async with serving(clone, clock) as (client, _):
        address = f"/api/campaigns/{world.campaign}/batches/withdraw"
        answers = await asyncio.gather(
            *(
                call
                for one in batches
                for call in (
                    client.post(address, json={"batch_ids": [str(one)], "reason": "改派"}, headers=planner),
                    client.post(f"/api/batches/{one}/claim", json={"claim_id": str(new_id(clock.now))}, headers=firm),
                )
            )
        )
    for back, got in zip(answers[::2], answers[1::2], strict=True):
        assert back.status_code == 200, back.text
        assert (back.json()["copies"], got.status_code) in {(500, 409), (0, 201)}, got.text
        if got.status_code == 409:
            assert got.json()["type"] == "/problems/batch-withdrawn"
    held = await make.value("select coalesce(sum(copies), 0) from claim where status = 'held'")
    assert held + await make.value("select sum(withdrawn_copies) from batch") == 4_000


async def test_a_holder_sees_that_the_city_asks_for_its_copies_and_decides(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    one = await make.batch(world)
    held = await make.claim(world, one, world.partners[0])
    planner, firm = await make.planner(world.city_id), await make.firm_manager(world.city_id, world.partners[0])
    asked = await api.post(f"/api/claims/{held}/ask-return", json={"reason": "三周未投放"}, headers=planner)
    assert asked.json()["return_asked_reason"] == "三周未投放"
    (own,) = (await api.get("/api/claims", headers=firm)).json()["claims"]
    assert (own["return_asked_reason"], own["status"]) == ("三周未投放", "held")
