"""How many copies a target takes, before anything is printed or planned."""

from uuid import UUID

from litestar import post
from litestar.params import FromPath, JSONBody

from dispatch.allocation import sizes
from dispatch.allocation.rules import PlanOptions
from dispatch.materials.rules import MaterialUnknown
from dispatch.problems import NotFound
from dispatch.server.caller import allow
from dispatch.server.dependencies import CallerDependency, DatabaseDependency, NowDependency
from dispatch.server.refusals import refusals
from schemas.allocation import Sizing, SizingAnswer


@post(
    "/api/campaigns/{campaign_id:uuid}/allocations/sizing",
    status_code=200,
    guards=[allow("planner", whole_city=True)],
    responses=refusals(NotFound, MaterialUnknown, PlanOptions),
)
async def size_copies(
    campaign_id: FromPath[UUID],
    data: JSONBody[Sizing],
    caller: CallerDependency,
    database: DatabaseDependency,
    now: NowDependency,
) -> SizingAnswer:
    """How many copies a target takes in the whole city, a district or zones chosen, with the curve of copies, reach and
    cost; what each zone has, and what was promised there and not handed out. Nothing is kept."""
    return await sizes.size(database, caller.city_id, campaign_id, data, now)


ROUTES = [size_copies]
