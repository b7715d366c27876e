"""Work the demonstration leaves open on its last morning, so that whoever opens it can try the firm's desk at once:
sealed bundles at an outlet, some with its riders, a waybill to receive, a claim to collect."""

from typing import Any

import httpx

from dispatch.demo.stage import MANAGER, Stage, expect
from dispatch.demo.supply import Supply

_STOCK, _COMING, _RIDERS = 600, 150, 2


async def leave_open_work(stage: Stage, supply: Supply, api: httpx.AsyncClient) -> None:
    """Of the first firm's first outlets; what no open batch is left for is left out."""
    world = stage.world
    partner = world.partners.outlets[0].partner
    outlets = [place for place, outlet in enumerate(world.partners.outlets) if outlet.partner == partner][:2]
    material = next(place for place, each in enumerate(world.campaign.materials) if each.family != "site")
    manager = await supply.sign_in(f"{world.partners.partners[partner].code.lower()}-{MANAGER}")
    if await supply.fetch(outlets[0], partner, material, _STOCK, manager):
        await _hand_to_riders(stage, api, manager, outlets[0], material)
    for outlet in outlets:
        await supply.send(outlet, partner, material, _COMING, manager)
    await supply.claim_one(outlets[0], partner, material, manager)


async def _hand_to_riders(
    stage: Stage, api: httpx.AsyncClient, manager: dict[str, str], outlet: int, material: int
) -> None:
    """A sealed bundle each for the outlet's first riders."""
    world, code = stage.world, stage.world.partners.outlets[outlet].code
    material_code = world.campaign.materials[material].code
    query: dict[str, Any] = {
        "holder_kind": "outlet", "holder_code": code, "material_code": material_code, "limit": _RIDERS,
    }  # fmt: skip
    path = f"/api/campaigns/{stage.campaign_id}/bundles"
    bundles = (await expect(await api.get(path, params=query, headers=manager)))["bundles"]
    riders = [rider for rider, at in enumerate(world.partners.riders.outlet.tolist()) if at == outlet][:_RIDERS]
    moves = [
        {
            "move_id": str(stage.ids.make(stage.clock.now)), "campaign_id": str(stage.campaign_id), "kind": "transfer",
            "material_code": material_code, "from": {"kind": "outlet", "code": code},
            "to": {"kind": "rider", "code": world.partners.riders.code[rider]}, "copies": bundle["copies"],
            "bundle_codes": [bundle["code"]],
        }
        for rider, bundle in zip(riders, bundles, strict=False)
    ]  # fmt: skip
    if moves:
        await expect(await api.post("/api/stock/moves", json={"moves": moves}, headers=manager))
