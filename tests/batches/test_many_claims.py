"""Claiming several batches by one call, and naming the outlet that shall get the copies."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from tests.conftest import Clock
from tests.make import Make, World


async def claim_all(
    api: httpx.AsyncClient, claims: list[tuple[UUID, UUID]], headers: dict[str, str], **more: Any
) -> httpx.Response:
    wanted = [{"batch_id": str(batch), "claim_id": str(claim_id)} for batch, claim_id in claims]
    return await api.post("/api/claims", json={"claims": wanted, **more}, headers=headers)


async def code_of(make: Make, outlet: UUID) -> str:
    return await make.value("select code from outlet where outlet_id = $1", outlet)


async def outlets_of_claims(make: Make) -> set[UUID | None]:
    return {row["outlet_id"] for row in await make.fetch("select outlet_id from claim")}


async def test_what_cannot_be_claimed_is_refused_by_itself_and_the_rest_is_claimed(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    await make.serves(world)
    batches = [await make.batch(world, copies=100 * n) for n in (1, 2)]
    taken, reserved = await make.batch(world), await make.batch(world, reserved=world.partners[1])
    await make.claim(world, taken, world.partners[1])
    headers = await make.firm_manager(world.city_id, world.partners[0])
    used = make.id()
    wanted = [
        (batches[0], used), (taken, make.id()), (uuid4(), make.id()), (reserved, make.id()), (batches[1], uuid4()),
        (batches[1], used), (batches[0], make.id()), (batches[1], make.id()),
    ]  # fmt: skip
    verdicts = (await claim_all(api, wanted, headers)).json()["verdicts"]
    assert [(verdict["problem"] or {}).get("type", "").removeprefix("/problems/") for verdict in verdicts] == [
        "", "batch-taken", "not-found", "not-found", "id-unusable", "claim-changed", "batch-taken", ""
    ]  # fmt: skip
    assert [verdict["claim"]["copies"] for verdict in verdicts if verdict["outcome"] == "claimed"] == [100, 200]
    mine = await make.fetch("select batch_id from claim where partner_id = $1", world.partners[0])
    assert {row["batch_id"] for row in mine} == set(batches)


async def test_the_trail_names_each_batch_that_was_claimed_and_none_that_was_lost(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    await make.serves(world)
    batches, taken = [await make.batch(world) for _ in range(2)], await make.batch(world)
    await make.claim(world, taken, world.partners[1])
    headers = await make.firm_manager(world.city_id, world.partners[0])
    wanted = [(batch, make.id()) for batch in (batches[0], taken, batches[1])]
    await claim_all(api, wanted, headers)
    kept = await make.fetch("select kind, result, subject from audit_entry where operation = 'claim_batches'")
    assert {(row["kind"], row["result"]) for row in kept} == {("change", "done")}
    assert {(row["subject"]["batch_id"], row["subject"]["claim_id"]) for row in kept} == {
        (str(batch), str(claim_id)) for batch, claim_id in (wanted[0], wanted[2])
    }


async def test_a_firm_names_the_outlet_that_gets_the_copies_and_the_depot_hands_them_to_no_other(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    await make.serves(world, 0)  # the first outlet declared for the zone; the firm sends the copies to its second
    await make.stock(world.city_id, world.campaign, world.material, "depot", world.depot, 1000)
    batch, other = await make.batch(world), await make.batch(world)
    headers, planner = await make.firm_manager(world.city_id, world.partners[0]), await make.planner(world.city_id)
    first, second = [await code_of(make, world.outlets[n]) for n in (0, 1)]
    body = {"claim_id": str(make.id()), "outlet_code": second}
    single = await api.post(f"/api/batches/{batch}/claim", json=body, headers=headers)
    assert (single.status_code, single.json()["outlet_code"]) == (201, second)
    assert (await api.post(f"/api/batches/{batch}/claim", json=body, headers=headers)).json() == single.json()
    elsewhere = await api.post(f"/api/batches/{batch}/claim", json={**body, "outlet_code": first}, headers=headers)
    assert elsewhere.json()["type"] == "/problems/claim-changed"
    verdicts = (await claim_all(api, [(other, make.id())], headers, outlet_code=second)).json()["verdicts"]
    assert verdicts[0]["claim"]["outlet_code"] == second
    assert await outlets_of_claims(make) == {world.outlets[1]}
    waybill = {"waybill_id": str(make.id()), "outlet_code": first, "copies": 100}
    path = f"/api/claims/{body['claim_id']}/issue"
    assert (await api.post(path, json=waybill, headers=planner)).json()["type"] == "/problems/unknown-holder"
    assert (await api.post(path, json={**waybill, "outlet_code": second}, headers=planner)).status_code == 201


@pytest.mark.parametrize("whose", ["another firm's", "nobody's", "an inactive one"])
async def test_an_outlet_that_is_not_the_firms_is_refused_before_anything_is_claimed(
    api: httpx.AsyncClient, make: Make, world: World, whose: str
) -> None:
    await make.serves(world)
    batch = await make.batch(world)
    headers = await make.firm_manager(world.city_id, world.partners[0])
    await make.fetch("update outlet set active = false where outlet_id = $1", world.outlets[1])
    outlets = {"another firm's": world.outlets[2], "an inactive one": world.outlets[1]}
    code = await code_of(make, outlets[whose]) if whose in outlets else "NOWHERE"
    many = await claim_all(api, [(batch, make.id())], headers, outlet_code=code)
    body = {"claim_id": str(make.id()), "outlet_code": code}
    single = await api.post(f"/api/batches/{batch}/claim", json=body, headers=headers)
    for answer in (many, single):
        assert (answer.status_code, answer.json()["type"]) == (422, "/problems/outlet-not-of-firm")
    assert await make.fetch("select 1 from claim") == []


async def test_an_outlet_manager_claims_several_for_the_own_outlet_and_for_no_other(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    await make.serves(world)
    batches = [await make.batch(world) for _ in range(2)]
    headers = await make.outlet_manager(world.city_id, world.partners[0], world.outlets[1])
    wanted = [(batch, make.id()) for batch in batches]
    refused = await claim_all(api, wanted, headers, outlet_code=await code_of(make, world.outlets[0]))
    assert refused.json()["type"] == "/problems/not-allowed"
    assert await make.fetch("select 1 from claim") == []
    for more in ({}, {"outlet_code": await code_of(make, world.outlets[1])}):
        verdicts = (await claim_all(api, wanted, headers, **more)).json()["verdicts"]
        assert [verdict["outcome"] for verdict in verdicts] == ["claimed", "claimed"]
    assert await outlets_of_claims(make) == {world.outlets[1]}


async def test_a_planner_assigns_several_to_a_partner_that_is_named_and_a_firm_names_none(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    await make.serves(world)
    wanted = [(await make.batch(world), make.id()) for _ in range(2)]
    firm, planner = await make.firm_manager(world.city_id, world.partners[0]), await make.planner(world.city_id)
    code = await make.value("select code from partner where partner_id = $1", world.partners[0])
    assert (await claim_all(api, wanted, firm, partner_code=code)).json()["type"] == "/problems/not-allowed"
    assert (await claim_all(api, wanted, planner)).json()["type"] == "/problems/not-assignable"
    assert await make.fetch("select 1 from claim") == []
    verdicts = (await claim_all(api, wanted, planner, partner_code=code)).json()["verdicts"]
    assert [(verdict["claim"]["partner_code"], verdict["claim"]["assigned"]) for verdict in verdicts] == [
        (code, True)
    ] * 2


async def test_extending_directly_after_claiming_changes_nothing_and_says_so(
    api: httpx.AsyncClient, make: Make, world: World, clock: Clock
) -> None:
    await make.serves(world)
    headers = await make.firm_manager(world.city_id, world.partners[0])
    claim_id, batch = make.id(), await make.batch(world)
    made = (await claim_all(api, [(batch, claim_id)], headers)).json()["verdicts"][0]["claim"]
    revision = await make.value("select revision from campaign where campaign_id = $1", world.campaign)
    clock.now += timedelta(seconds=59)
    same = (await api.post(f"/api/claims/{claim_id}/extend", headers=headers)).json()
    assert (same["gained_seconds"], same["lease_until"]) == (0, made["lease_until"])
    assert await make.value("select revision from campaign where campaign_id = $1", world.campaign) == revision
    clock.now += timedelta(seconds=1, hours=5)
    later = (await api.post(f"/api/claims/{claim_id}/extend", headers=headers)).json()
    assert later["gained_seconds"] == 5 * 3600 + 60
    assert later["lease_until"] > made["lease_until"]
