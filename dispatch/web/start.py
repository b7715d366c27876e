"""What a page asks before anybody has signed in."""

from litestar import get

from dispatch.database import queries_for
from dispatch.server.dependencies import DatabaseDependency
from dispatch.server.options import ANYONE
from dispatch.server.requests import AnyRequest
from schemas.start import Start

SQL = queries_for(__file__)


@get("/api/start", opt={ANYONE: True})
async def read_start(request: AnyRequest, database: DatabaseDependency) -> Start:
    """What the page shows a stranger: the city's name, and the way into a demonstration."""
    sign_ins = request.app.state.demonstration_sign_ins
    code = sign_ins[0].city_code if sign_ins else None
    async with database.read() as connection:
        cities = await connection.fetch(*SQL.read_cities())
        demonstration = await connection.fetchval(*SQL.is_demonstration(code=code))
    return Start(
        signed_in=request.user is not None,
        cities=len(cities),
        city_name=cities[0]["name"] if len(cities) == 1 else None,
        centre_name=cities[0]["centre_name"] if len(cities) == 1 else None,
        centre_phone=cities[0]["centre_phone"] if len(cities) == 1 else None,
        demonstration=demonstration,
        oidc=request.app.state.oidc is not None,
        demonstration_sign_ins=sign_ins if demonstration else [],
    )


ROUTES = [read_start]
