"""How the outlets of a campaign stand. Apart from routes.py, which knows no campaign."""

from uuid import UUID

from litestar import get
from litestar.params import FromPath

from dispatch.database import queries_for, rows
from dispatch.problems import NotFound
from dispatch.server.caller import allow
from dispatch.server.dependencies import CallerDependency, DatabaseDependency, NowDependency
from schemas.partners import OutletProgress, OutletsProgress

SQL = queries_for(__file__)


@get(
    "/api/campaigns/{campaign_id:uuid}/outlets", guards=[allow("planner", "auditor", "firm_manager", "outlet_manager")]
)
async def read_outlets_progress(
    campaign_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency, now: NowDependency
) -> OutletsProgress:
    """The outlets in the caller's scope with their stock, handouts and days left in the campaign."""
    async with database.read() as connection:
        day = await connection.fetchval(SQL.read_campaign_day, caller.city_id, campaign_id, now)
        if day is None:
            raise NotFound("There is no such campaign here.")
        found = await connection.fetch(
            SQL.read_outlets_progress, caller.city_id, campaign_id, caller.partner_id, caller.outlet_id,
            caller.division_code, day,
        )  # fmt: skip
    return OutletsProgress(day=day, outlets=rows(OutletProgress, found))


ROUTES = [read_outlets_progress]
