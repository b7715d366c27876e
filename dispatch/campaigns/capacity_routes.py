"""Declaring capacity, and what was declared."""

from typing import Annotated
from uuid import UUID

from litestar import get, post, put
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from dispatch.campaigns import capacity_store
from dispatch.campaigns.capacity_store import CapacityFilter
from dispatch.campaigns.rules import CampaignClosed, PartnerNotInvited, ToldLater
from dispatch.campaigns.store import find_campaign
from dispatch.problems import NotFound
from dispatch.server.caller import CallerRequest, allow
from dispatch.server.dependencies import CallerDependency, DatabaseDependency, NowDependency
from dispatch.server.pages import CursorText, decode_cursor
from dispatch.server.refusals import refusals
from dispatch.server.subject import note
from dispatch.tables.sheets import ImportRefused
from dispatch.tables.uploads import MOST_BYTES, table_upload
from schemas.campaigns import CapacityPage, CapacityRows, CapacitySummary, DeclarableZone, TelephonedCapacity
from schemas.common import Imported

_MOST_ROWS = 20_000
_DECLARING = allow("firm_manager", "outlet_manager", "partner_system", scope="capacity")
_READERS = allow("planner", "auditor", "firm_manager", "outlet_manager", "partner_system", scope="read")


@put(
    "/api/campaigns/{campaign_id:uuid}/capacity",
    guards=[_DECLARING],
    request_max_body_size=8_000_000,
    responses=refusals(NotFound, CampaignClosed, ImportRefused),
)
async def declare_capacity(
    campaign_id: FromPath[UUID],
    data: JSONBody[CapacityRows],
    caller: CallerDependency,
    database: DatabaseDependency,
    now: NowDependency,
) -> Imported:
    """Declare what your own outlets can hand out per zone and week; all rows are taken, or none."""
    return await capacity_store.declare_capacity(database, caller.scope, campaign_id, data.rows, now)


@put(
    "/api/campaigns/{campaign_id:uuid}/partners/{partner_code:str}/capacity",
    guards=[allow("planner", whole_city=True)],
    request_max_body_size=8_000_000,
    responses=refusals(NotFound, CampaignClosed, ImportRefused, PartnerNotInvited, ToldLater),
)
async def enter_capacity(
    campaign_id: FromPath[UUID],
    partner_code: FromPath[str],
    data: JSONBody[TelephonedCapacity],
    caller: CallerDependency,
    database: DatabaseDependency,
    now: NowDependency,
) -> Imported:
    """Enter what an invited firm said on the telephone; all rows are taken, or none. The firm sees who told it when,
    and may declare otherwise."""
    note(partner_code=partner_code)
    return await capacity_store.enter_capacity(
        database, caller.city_id, campaign_id, partner_code, data, caller.subject_id, now
    )


@post(
    "/api/campaigns/{campaign_id:uuid}/capacity/import",
    status_code=200,
    guards=[_DECLARING],
    request_max_body_size=MOST_BYTES,
    responses=refusals(NotFound, CampaignClosed, ImportRefused),
)
async def import_capacity(
    request: CallerRequest,
    campaign_id: FromPath[UUID],
    caller: CallerDependency,
    database: DatabaseDependency,
    now: NowDependency,
    preview: FromQuery[bool] = False,
) -> Imported:
    """Capacity from a table (CSV or .xlsx): outlet_code, zone_code, week_starts_on, copies
    (网点代码, 片区代码, 周一日期, 承接份数). With `preview` nothing is written."""
    async with table_upload(request) as document:
        return await capacity_store.import_capacity(database, caller.scope, campaign_id, document, now, preview=preview)


@get("/api/campaigns/{campaign_id:uuid}/capacity", guards=[_READERS], responses=refusals(NotFound))
async def read_capacity(
    campaign_id: FromPath[UUID],
    caller: CallerDependency,
    database: DatabaseDependency,
    partner_code: FromQuery[str | None] = None,
    outlet_code: FromQuery[str | None] = None,
    zone_code: FromQuery[str | None] = None,
    offset: Annotated[int, QueryParameter(ge=0, le=100_000_000)] = 0,
    limit: Annotated[int, QueryParameter(ge=1, le=_MOST_ROWS)] = _MOST_ROWS,
    cursor: CursorText = None,
) -> CapacityPage:
    """Declared capacity: all of it for planners, a district's zones, a firm's or an outlet's own."""
    wanted = CapacityFilter(partner_code=partner_code, outlet_code=outlet_code, zone_code=zone_code)
    async with database.read() as connection:
        await find_campaign(connection, caller.scope, campaign_id)
        return await capacity_store.read_page(
            connection, caller.scope, campaign_id, wanted, limit=limit, offset=offset,
            after=decode_cursor(cursor, capacity_store.RowKey) if cursor else None,
        )  # fmt: skip


@get("/api/campaigns/{campaign_id:uuid}/capacity/zones", guards=[_DECLARING], responses=refusals(NotFound))
async def read_declarable_zones(
    campaign_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency
) -> list[DeclarableZone]:
    """The zones in which capacity may be declared, by code and name alone."""
    async with database.read() as connection:
        await find_campaign(connection, caller.scope, campaign_id)
        return await capacity_store.read_declarable_zones(connection, caller.city_id)


@get("/api/campaigns/{campaign_id:uuid}/capacity/summary", guards=[_READERS], responses=refusals(NotFound))
async def summarise_capacity(
    campaign_id: FromPath[UUID],
    caller: CallerDependency,
    database: DatabaseDependency,
    partner_code: FromQuery[str | None] = None,
) -> CapacitySummary:
    """Declared capacity added up: per zone and week (of one partner, if asked for), and per partner; within scope."""
    async with database.read() as connection:
        await find_campaign(connection, caller.scope, campaign_id)
        return await capacity_store.read_summary(connection, caller.scope, campaign_id, partner_code)


ROUTES = [declare_capacity, enter_capacity, import_capacity, read_capacity, read_declarable_zones, summarise_capacity]
