"""Materials and print runs: packed in whole bundles, registered once, received by the ledger only."""

from typing import Any
from uuid import UUID

import httpx
import pytest

from tests.make import Make, World

HANDBOOK = {
    "code": "HANDBOOK-2027",
    "name": "反诈宣传手册",
    "kind": "handbook",
    "channels": ["in_person", "with_parcel"],
    "bundle_copies": 50,
    "carton_copies": 400,
}


async def run_body(make: Make, world: World, **more: Any) -> dict[str, Any]:
    depot = await make.value("select code from depot where depot_id = $1", world.depot)
    material = await make.value("select code from material where material_id = $1", world.material)
    return {
        "print_run_id": str(make.id()),
        "code": "PR-1",
        "material_code": material,
        "copies": 60_000,
        "depot_code": depot,
        "due_on": "2027-03-20",
        **more,
    }


async def test_a_material_is_registered_once_under_its_code(api: httpx.AsyncClient, make: Make, world: World) -> None:
    headers, address = await make.planner(world.city_id), f"/api/campaigns/{world.campaign}/materials"
    made = await api.post(address, json=HANDBOOK, headers=headers)
    assert made.status_code == 201, made.text
    assert made.json()["counts_for_reach"] is True
    assert (await api.post(address, json=HANDBOOK, headers=headers)).json() == made.json()
    other = await api.post(address, json={**HANDBOOK, "bundle_copies": 100}, headers=headers)
    assert (other.status_code, other.json()["type"]) == (409, "/problems/material-code-taken")
    listed = (await api.get(address, headers=headers)).json()
    assert [material["code"] for material in listed] == ["HANDBOOK-2027", listed[1]["code"]]
    assert await make.value("select revision from campaign where campaign_id = $1", world.campaign) == 1


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ({"carton_copies": 420}, "packing"),
        ({"channels": ["in_person", "in_person"]}, "channel-twice"),
        ({"channels": []}, "invalid-request"),
        ({"channels": ["by_drone"]}, "invalid-request"),
        ({"kind": "balloon"}, "invalid-request"),
        ({"bundle_copies": 0}, "invalid-request"),
        ({"code": "含空格 的"}, "invalid-request"),
    ],
)
async def test_a_material_that_cannot_be_packed_or_handed_out_is_refused(
    api: httpx.AsyncClient, make: Make, world: World, more: dict[str, Any], problem: str
) -> None:
    refused = await api.post(
        f"/api/campaigns/{world.campaign}/materials", json=HANDBOOK | more, headers=await make.planner(world.city_id)
    )
    assert refused.json()["type"] == f"/problems/{problem}"
    assert await make.value("select count(*) from material") == 1


async def test_materials_are_seen_by_those_who_take_part(api: httpx.AsyncClient, make: Make, world: World) -> None:
    await make.invitation(world.city_id, world.campaign, world.partners[0])
    address = f"/api/campaigns/{world.campaign}/materials"
    rider, stranger = [await make.rider_session(world.city_id, world.riders[place]) for place in (0, 4)]
    firm = await make.firm_manager(world.city_id, world.partners[0])
    assert len((await api.get(address, headers=rider)).json()) == 1
    assert len((await api.get(address, headers=firm)).json()) == 1
    assert (await api.get(address, headers=stranger)).status_code == 404
    assert (await api.post(address, json=HANDBOOK, headers=firm)).status_code == 403
    await make.city(98)
    assert (await api.get(address, headers=await make.planner(98))).status_code == 404


async def test_a_print_run_is_registered_once(api: httpx.AsyncClient, make: Make, world: World) -> None:
    headers, wanted = await make.planner(world.city_id), await run_body(make, world)
    address = f"/api/campaigns/{world.campaign}/print-runs"
    made = await api.post(address, json=wanted, headers=headers)
    assert (made.status_code, made.json()["received_copies"]) == (201, 0)
    assert (await api.post(address, json=wanted, headers=headers)).json() == made.json()
    changed = await api.post(address, json={**wanted, "copies": 70_000}, headers=headers)
    assert (changed.status_code, changed.json()["type"]) == (409, "/problems/print-run-changed")
    taken = await api.post(address, json={**wanted, "print_run_id": str(make.id())}, headers=headers)
    assert (taken.status_code, taken.json()["type"]) == (409, "/problems/print-run-code-taken")
    assert await make.value("select count(*) from print_run") == 1


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ({"material_code": "nothing"}, "material-unknown"),
        ({"depot_code": "nowhere"}, "depot-unknown"),
        ({"copies": 0}, "invalid-request"),
        ({"print_run_id": "6ba7b810-9dad-41d1-80b4-00c04fd430c8"}, "id-unusable"),
    ],
)
async def test_a_print_run_of_nothing_or_to_nowhere_is_refused(
    api: httpx.AsyncClient, make: Make, world: World, more: dict[str, Any], problem: str
) -> None:
    wanted = await run_body(make, world, **more)
    refused = await api.post(
        f"/api/campaigns/{world.campaign}/print-runs", json=wanted, headers=await make.planner(world.city_id)
    )
    assert refused.json()["type"] == f"/problems/{problem}"
    assert await make.value("select count(*) from print_run") == 0


async def test_another_citys_depot_and_one_that_closed_are_unknown_here(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    await make.city(98)
    await make.depot(98, code="THERE")
    await make.depot(99, code="CLOSED", active=False)
    wanted = await run_body(make, world, depot_code="CLOSED")
    address, headers = f"/api/campaigns/{world.campaign}/print-runs", await make.planner(world.city_id)
    refused = await api.post(address, json=wanted, headers=headers)
    assert refused.json()["type"] == "/problems/depot-unknown"
    wanted = await run_body(make, world, depot_code="THERE")
    refused = await api.post(
        f"/api/campaigns/{world.campaign}/print-runs", json=wanted, headers=await make.planner(world.city_id)
    )
    assert refused.json()["type"] == "/problems/depot-unknown"
    assert await make.value("select count(*) from print_run") == 0


async def test_received_copies_come_from_the_ledger_less_what_was_reversed(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    run = await make.print_run(world.city_id, world.campaign, world.material, world.depot, 1_000)

    async def move(kind: str, copies: int, reverses: UUID | None = None) -> UUID:
        move_id = make.id()
        ends = ("printer", world.campaign, "depot", world.depot)
        from_kind, from_id, to_kind, to_id = ends if reverses is None else ends[2:] + ends[:2]
        await make.insert(
            "stock_move", city_id=world.city_id, move_id=move_id, campaign_id=world.campaign,
            material_id=world.material, kind=kind, from_kind=from_kind, from_id=from_id, to_kind=to_kind, to_id=to_id,
            copies=copies, reason="误点" if reverses else "", print_run_id=run, reversal_of=reverses,
            moved_at=make.now, recorded_at=make.now, recorded_by=make.id(),
        )  # fmt: skip
        return move_id

    await move("receipt", 400)
    await move("reversal", 300, await move("receipt", 300))
    await move("receipt", 250)
    address = f"/api/campaigns/{world.campaign}/print-runs"
    found = (await api.get(address, headers=await make.planner(world.city_id))).json()
    assert [entry["received_copies"] for entry in found] == [650]
    firm = await make.firm_manager(world.city_id, world.partners[0])
    assert (await api.get(address, headers=firm)).status_code == 403


async def test_a_closed_campaign_registers_nothing_more(api: httpx.AsyncClient, make: Make, world: World) -> None:
    headers, address = await make.planner(world.city_id), f"/api/campaigns/{world.campaign}"
    await api.post(f"{address}/close", headers=headers)
    material = await api.post(f"{address}/materials", json=HANDBOOK, headers=headers)
    run = await api.post(f"{address}/print-runs", json=await run_body(make, world), headers=headers)
    assert material.json()["type"] == run.json()["type"] == "/problems/campaign-closed"
    assert await make.value("select count(*) from material") == 1
    assert await make.value("select count(*) from print_run") == 0
