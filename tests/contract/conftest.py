"""The first firm's things, marked, for the tests of what others see of them and can do to them."""

import pytest

from tests.contract.furnished import Things, furnish, mark
from tests.make import Make


@pytest.fixture
async def things(make: Make) -> Things:
    """The first firm's things, marked."""
    furnished = await furnish(make, 99)
    ids = furnished.ids
    await mark(make, "update partner set code = $1 || code, name = $1 || name where partner_id = $2", ids["partner_id"])
    await mark(make, "update outlet set code = $1 || code, name = $1 || name where outlet_id = $2", ids["outlet_id"])
    await mark(make, "update rider set code = $1 || code, name = $1 || name where rider_id = $2", ids["rider_id"])
    furnished.outlet_code = await make.value("select code from outlet where outlet_id = $1", ids["outlet_id"])
    return furnished
