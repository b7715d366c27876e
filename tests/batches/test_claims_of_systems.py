"""A firm's program claims and receives under the firm's own references, and tries a claim without making one."""

from typing import Any

import httpx
import pytest

from tests.contract.furnished import state_of
from tests.make import Make, World
from tests.stock.ledger import balance


@pytest.fixture
async def key(make: Make, world: World) -> dict[str, str]:
    await make.serves(world)
    return await make.partner_system(world.city_id, world.partners[0])


async def claim(
    api: httpx.AsyncClient, batch: Any, headers: dict[str, str], *, dry_run: bool = False, **body: Any
) -> httpx.Response:
    query = {"dry_run": "true"} if dry_run else {}
    return await api.post(f"/api/batches/{batch}/claim", json=body, params=query, headers=headers)


async def test_a_claim_under_a_reference_is_made_once(
    api: httpx.AsyncClient, make: Make, world: World, key: dict[str, str]
) -> None:
    batch, another = await make.batch(world), await make.batch(world)
    first = await claim(api, batch, key, source_id="领-1")
    assert (first.status_code, first.json()["dry_run"]) == (201, False), first.text
    renewed = await make.partner_system(world.city_id, world.partners[0])
    assert (await claim(api, batch, renewed, source_id="领-1")).json()["claim_id"] == first.json()["claim_id"]
    elsewhere = await claim(api, another, key, source_id="领-1")
    assert (elsewhere.status_code, elsewhere.json()["type"]) == (409, "/problems/claim-changed")
    assert await make.value("select count(*) from claim") == 1


async def test_a_claim_carries_its_id_or_a_reference_and_a_planner_has_none(
    api: httpx.AsyncClient, make: Make, world: World, key: dict[str, str]
) -> None:
    batch = await make.batch(world)
    planner = await make.planner(world.city_id)
    before = await state_of(make, world.city_id)
    tries: list[tuple[dict[str, str], dict[str, Any]]] = [
        (key, {}),
        (key, {"claim_id": str(make.id()), "source_id": "A"}),
        (planner, {"source_id": "A", "partner_code": "X"}),
    ]
    for headers, body in tries:
        answer = await claim(api, batch, headers, **body)
        assert (answer.status_code, answer.json()["type"]) == (422, "/problems/id-or-source-id")
    assert await state_of(make, world.city_id) == before


async def test_a_dry_run_answers_with_the_claim_or_the_refusal_and_changes_nothing(
    api: httpx.AsyncClient, make: Make, world: World, key: dict[str, str]
) -> None:
    free, taken = await make.batch(world, copies=350), await make.batch(world)
    await make.claim(world, taken, world.partners[1])
    before = await state_of(make, world.city_id)
    tried = await claim(api, free, key, source_id="领-1", dry_run=True)
    assert (tried.status_code, tried.json()["dry_run"], tried.json()["copies"]) == (201, True, 350)
    late = await claim(api, taken, key, source_id="领-2", dry_run=True)
    assert (late.status_code, late.json()["type"]) == (409, "/problems/batch-taken")
    assert await state_of(make, world.city_id) == before
    done = (await claim(api, free, key, source_id="领-1")).json()
    for answer in (tried_answer := tried.json(), done):
        for name in ("claim_id", "dry_run"):
            del answer[name]
    assert done == tried_answer


async def test_what_arrived_is_confirmed_once_under_a_reference(
    api: httpx.AsyncClient, make: Make, world: World, key: dict[str, str]
) -> None:
    batch = await make.batch(world)
    held = await make.claim(world, batch, world.partners[0])
    waybill = await make.waybill(world, held, world.outlets[0], 400)
    await make.stock(world.city_id, world.campaign, world.material, "transit", world.outlets[0], 400)
    body = {"source_id": "签-1", "received_copies": 398, "variance_reason": "少两册"}
    for _ in range(2):
        answer = await api.post(f"/api/waybills/{waybill}/receive", json=body, headers=key)
        assert (answer.status_code, answer.json()["received_copies"]) == (201, 398), answer.text
    assert await balance(make, "outlet", world.outlets[0]) == 398
    other = await api.post(f"/api/waybills/{waybill}/receive", json={**body, "source_id": "签-2"}, headers=key)
    assert (other.status_code, other.json()["type"]) == (409, "/problems/waybill-received")
    neither = await api.post(f"/api/waybills/{waybill}/receive", json={"received_copies": 398}, headers=key)
    assert (neither.status_code, neither.json()["type"]) == (422, "/problems/id-or-source-id")
