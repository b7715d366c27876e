"""A rider and an outlet with stock, and records as a phone makes them."""

from typing import Any

import pytest

from tests.handouts.phone import Phone
from tests.make import Make, World


@pytest.fixture
async def phone(make: Make, world: World) -> Phone:
    """The first rider's phone, with 100 copies handed over."""
    rider = world.riders[0]
    await make.stock(world.city_id, world.campaign, world.material, "rider", rider, 100)
    return Phone(world, rider, await make.rider_session(world.city_id, rider), make.now)


@pytest.fixture
async def outlet(make: Make, world: World) -> dict[str, Any]:
    """The first outlet with 500 copies, and the codes a sheet would use."""
    await make.stock(world.city_id, world.campaign, world.material, "outlet", world.outlets[0], 500)
    return {
        "outlet": await make.value("select code from outlet where outlet_id = $1", world.outlets[0]),
        "rider": await make.value("select code from rider where rider_id = $1", world.riders[0]),
        "material": await make.value("select code from material where material_id = $1", world.material),
        "zone": await make.value("select code from zone where zone_id = $1", world.zones[1]),
    }
