"""What the city says of itself to riders: who asks for the PIN, and where to call."""

from litestar import get, put
from litestar.params import JSONBody

from dispatch.database import Connection, one, queries_for
from dispatch.problems import NotFound
from dispatch.server.caller import allow
from dispatch.server.dependencies import CallerDependency, DatabaseDependency
from dispatch.server.refusals import refusals
from schemas.zones import CityContact

SQL = queries_for(__file__)


@get("/api/city/contact", guards=[allow("planner")], responses=refusals(NotFound))
async def read_city_contact(caller: CallerDependency, database: DatabaseDependency) -> CityContact:
    """The centre's name and telephone number, as slips and the riders' page say them."""
    async with database.read() as connection:
        contact = one(CityContact, await connection.fetchrow(*SQL.read_contact(city_id=caller.city_id)))
    if contact is None:
        raise NotFound("There is no such city.")
    return contact


@put("/api/city/contact", status_code=204, guards=[allow("planner", whole_city=True)])
async def change_city_contact(
    data: JSONBody[CityContact], caller: CallerDependency, database: DatabaseDependency
) -> None:
    """Say who asks for the PIN and where to call: on slips printed from now on, and on the riders' page at once."""

    async def change(connection: Connection) -> None:
        await connection.execute(
            *SQL.write_contact(city_id=caller.city_id, centre_name=data.centre_name, centre_phone=data.centre_phone)
        )

    await database.transact(change)


ROUTES = [read_city_contact, change_city_contact]
