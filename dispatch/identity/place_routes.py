"""Who asks for the PIN: read by the riders' page before anybody has signed in."""

from litestar import get
from litestar.params import FromQuery

from dispatch.database import one, queries_for
from dispatch.identity.credentials import find_city
from dispatch.problems import NotFound
from dispatch.server.dependencies import DatabaseDependency
from dispatch.server.options import ANYONE, LIMIT
from dispatch.server.refusals import refusals
from schemas.common import Code
from schemas.identity import SignInPlace

SQL = queries_for(__file__)


@get("/api/sign-in/place", opt={ANYONE: True, LIMIT: "sign_in"}, responses=refusals(NotFound))
async def read_sign_in_place(
    outlet_code: FromQuery[Code], database: DatabaseDependency, city_code: FromQuery[Code | None] = None
) -> SignInPlace:
    """City, centre, firm and outlet of a slip, so that the page can say who asks before it asks."""
    async with database.read() as connection:
        city_id = await find_city(connection, city_code)
        row = await connection.fetchrow(*SQL.read_place(city_id=city_id or 0, outlet_code=outlet_code))
    place = one(SignInPlace, row)
    if place is None:
        raise NotFound("No outlet has this code.")
    return place


ROUTES = [read_sign_in_place]
