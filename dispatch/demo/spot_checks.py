"""Spot checks in the demonstration: some zones are asked, door to door, whether the copies arrived."""

from typing import Any

import httpx

from dispatch.demo.households import Households
from dispatch.demo.stage import Stage, expect

# Rounds of checks by campaign day; each asks in the zones the planner would want to be sure of.
CHECK_DAYS = (14, 43, 68, 94)
_SAMPLE, _EVERY_ZONE = 40, 6


async def spot_check(stage: Stage, api: httpx.AsyncClient, planner: dict[str, str], truth: Households) -> int:
    """Plan a check in every sixth zone and in the planted oddities, ask, close; returns the households asked."""
    mishaps, zones = stage.world.mishaps, stage.world.city.zones
    chosen = sorted({*range(0, len(zones), _EVERY_ZONE), mishaps.oversupplied_zone, mishaps.gap_zones[0]})
    asked = 0
    for number in chosen:
        spot_check_id = stage.ids.make(stage.clock.now)
        plan = {
            "spot_check_id": str(spot_check_id), "zone_code": zones[number].code, "sample": _SAMPLE,
            "seed": stage.world.city.seed + number,
        }  # fmt: skip
        path = f"/api/campaigns/{stage.campaign_id}/spot-checks"
        made = await expect(await api.post(path, json=plan, headers=planner))
        for cluster in made["clusters"]:
            result: dict[str, Any] = {
                "result_id": str(stage.ids.make(stage.clock.now)), "number": cluster["number"],
                "asked": cluster["planned"], "have": truth.spot_check(number, cluster["planned"]),
            }  # fmt: skip
            await expect(await api.post(f"/api/spot-checks/{spot_check_id}/results", json=result, headers=planner))
            asked += cluster["planned"]
        await expect(await api.post(f"/api/spot-checks/{spot_check_id}/close", headers=planner))
    return asked
