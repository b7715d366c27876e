"""The checklist over HTTP."""

from litestar import get

from dispatch.checklist import rules
from dispatch.database import Connection, one, queries_for
from dispatch.server.caller import Caller, allow
from dispatch.server.dependencies import CallerDependency, DatabaseDependency
from dispatch.server.refusals import refusals
from schemas.checklist import Checklist

SQL = queries_for(__file__)


@get("/api/checklist", guards=[allow("planner")], responses=refusals())
async def read_checklist(caller: CallerDependency, database: DatabaseDependency) -> Checklist:
    """What the city needs before its campaign can run, in the order of the work, and which step is next; for a
    district the part that is about its own zones."""
    async with database.read() as connection:
        return await _judge(connection, caller)


async def _judge(connection: Connection, caller: Caller) -> Checklist:
    city_id = caller.city_id
    ground = one(rules.Ground, await connection.fetchrow(*SQL.read_ground(caller.scope))) or rules.Ground()
    campaign = one(rules.OpenCampaign, await connection.fetchrow(*SQL.read_campaign(city_id=city_id)))
    if caller.division_code is not None:
        return rules.judge_district(caller.division_code, ground, campaign)
    firms = one(rules.Firms, await connection.fetchrow(*SQL.read_firms(city_id=city_id))) or rules.Firms()
    depots = int(await connection.fetchval(*SQL.read_depots(city_id=city_id)))
    preparation = rules.Preparation()
    if campaign is not None:
        found = await connection.fetchrow(*SQL.read_preparation(city_id=city_id, campaign_id=campaign.campaign_id))
        preparation = one(rules.Preparation, found) or preparation
    return rules.judge_city(ground, firms, depots, campaign, preparation)


ROUTES = [read_checklist]
