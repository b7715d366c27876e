"""A rider with stock, and records as a phone makes them."""

import pytest

from tests.handouts.phone import Phone
from tests.make import Make, World


@pytest.fixture
async def phone(make: Make, world: World) -> Phone:
    """The first rider's phone, with 100 copies handed over."""
    rider = world.riders[0]
    await make.stock(world.city_id, world.campaign, world.material, "rider", rider, 100)
    return Phone(world, rider, await make.rider_session(world.city_id, rider), make.now)
