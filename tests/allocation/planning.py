"""A world ready to be planned, and drafts in it."""

from datetime import date
from typing import Any

import httpx

from tests.make import Make, World

ALIKE = {f"99010100{column}": 1.0 for column in range(4)}
WEEKS = [date(2027, 4, 19), date(2027, 4, 26), date(2027, 5, 3)]


async def ready(make: Make, world: World, *, printed: int = 20_000, weekly: int = 1_000) -> dict[str, str]:
    """Copies printed, capacity declared by both firms in every zone for three weeks; headers of a planner."""
    await make.print_run(world.city_id, world.campaign, world.material, world.depot, printed)
    for zone in world.zones:
        for outlet in (world.outlets[0], world.outlets[2]):
            for week in WEEKS:
                await make.capacity(world.city_id, world.campaign, outlet, zone, weekly, week)
    for zone, count in zip(world.zones, (60, 42, 42, 30), strict=True):
        await make.insert(
            "incident_count", city_id=world.city_id, zone_id=zone, month=date(2027, 2, 1), scam_type="刷单返利",
            incidents=count,
        )  # fmt: skip
    return await make.planner(world.city_id)


async def body(make: Make, world: World, **more: Any) -> dict[str, Any]:
    code = await make.value("select code from material where material_id = $1", world.material)
    return {"allocation_id": str(make.id()), "material_code": code, "copies": 6_000, **more}


def plans(world: World) -> str:
    return f"/api/campaigns/{world.campaign}/allocations"


async def draft(api: httpx.AsyncClient, make: Make, world: World, headers: dict[str, str], **more: Any) -> str:
    """Make a plan; its address."""
    made = await api.post(plans(world), json=await body(make, world, **more), headers=headers)
    assert made.status_code == 201, made.text
    return f"/api/allocations/{made.json()['allocation_id']}"


async def nothing_is_stored(make: Make) -> bool:
    return not any(
        [await make.value(f"select count(*) from {table}") for table in ("allocation", "allocation_line", "batch")]
    )


async def ready_partners(make: Make, world: World) -> None:
    for partner in world.partners:
        await make.invitation(world.city_id, world.campaign, partner)
