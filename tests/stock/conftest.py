"""A world with copies in it, for the tests of this folder."""

import pytest

from tests.make import Make, World
from tests.stock.ledger import Codes


@pytest.fixture
async def codes(make: Make, world: World) -> Codes:
    return Codes(
        await make.fetch(
            "select outlet_id as id, code from outlet union all select rider_id, code from rider union all"
            " select depot_id, code from depot union all select material_id, code from material"
        )
    )


@pytest.fixture
async def stocked(make: Make, world: World) -> World:
    """500 copies with the first outlet, 60 with its first rider, 1000 in the depot."""
    for kind, holder, copies in [
        ("outlet", world.outlets[0], 500),
        ("rider", world.riders[0], 60),
        ("depot", world.depot, 1000),
    ]:
        await make.stock(world.city_id, world.campaign, world.material, kind, holder, copies)
    return world
