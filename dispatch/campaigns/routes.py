"""Setting a campaign up, inviting partners, declaring capacity."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, get, post, put
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from dispatch.campaigns import store
from dispatch.campaigns.rules import require_same_id
from dispatch.campaigns.store import SQL, find_campaign
from dispatch.database import rows
from dispatch.problems import NotFound
from dispatch.server.caller import Caller, allow, anybody_signed_in
from dispatch.server.dependencies import CallerDependency, DatabaseDependency, NowDependency
from dispatch.tables.uploads import MOST_BYTES, table_upload
from schemas.campaigns import (
    Campaign,
    CapacityPage,
    CapacityRows,
    CapacitySummary,
    DeclarableZone,
    DeclaredByPartner,
    DeclaredCapacity,
    Invitation,
    InvitationAnswer,
    NewCampaign,
    NewInvitations,
    ZoneWeekCapacity,
)
from schemas.common import Imported

_MOST_ROWS = 20_000
_TAKING_PART = allow("planner", "auditor", "firm_manager", "outlet_manager", "partner_system")


@post("/api/campaigns", guards=[allow("planner", whole_city=True)], request_max_body_size=8_000_000)
async def create_campaign(
    data: JSONBody[NewCampaign],
    caller: CallerDependency,
    database: DatabaseDependency,
    now: NowDependency,
) -> Campaign:
    """Set a campaign up as a draft."""
    return await store.create_campaign(database, caller.city_id, data, now)


@get("/api/campaigns", guards=[anybody_signed_in])
async def read_campaigns(caller: CallerDependency, database: DatabaseDependency) -> list[Campaign]:
    """Campaigns the caller has to do with, newest first."""
    status = "accepted" if caller.role == "rider" else None
    async with database.read() as connection:
        found = await connection.fetch(SQL.read_campaigns, caller.city_id, None, caller.partner_id, status)
    return rows(Campaign, found)


@get("/api/campaigns/{campaign_id:uuid}", guards=[anybody_signed_in])
async def read_campaign(
    campaign_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency
) -> Campaign:
    """One campaign with its waves."""
    async with database.read() as connection:
        return await find_campaign(
            connection, caller.city_id, campaign_id, caller.partner_id, accepted=caller.role == "rider"
        )


@put("/api/campaigns/{campaign_id:uuid}", guards=[allow("planner", whole_city=True)], request_max_body_size=8_000_000)
async def change_campaign(
    campaign_id: FromPath[UUID],
    data: JSONBody[NewCampaign],
    caller: CallerDependency,
    database: DatabaseDependency,
) -> Campaign:
    """Change a draft: its name, days, target and waves."""
    require_same_id(campaign_id, data)
    return await store.change_campaign(database, caller.city_id, data)


@post("/api/campaigns/{campaign_id:uuid}/open", status_code=200, guards=[allow("planner", whole_city=True)])
async def open_campaign(
    campaign_id: FromPath[UUID],
    caller: CallerDependency,
    database: DatabaseDependency,
    now: NowDependency,
) -> Campaign:
    """From now on handouts are recorded."""
    return await store.change_status(database, caller.city_id, campaign_id, "open", now)


@post("/api/campaigns/{campaign_id:uuid}/close", status_code=200, guards=[allow("planner", whole_city=True)])
async def close_campaign(
    campaign_id: FromPath[UUID],
    caller: CallerDependency,
    database: DatabaseDependency,
    now: NowDependency,
) -> Campaign:
    """From now on only corrections and reports; raw records expire after the retention days."""
    return await store.change_status(database, caller.city_id, campaign_id, "closed", now)


@post("/api/campaigns/{campaign_id:uuid}/invitations", status_code=200, guards=[allow("planner", whole_city=True)])
async def invite_partners(
    campaign_id: FromPath[UUID],
    data: JSONBody[NewInvitations],
    caller: CallerDependency,
    database: DatabaseDependency,
    now: NowDependency,
) -> list[Invitation]:
    """Invite partners; answers everybody who is invited."""
    return await store.invite_partners(database, caller.city_id, campaign_id, data.partner_codes, now)


@get("/api/campaigns/{campaign_id:uuid}/invitations", guards=[_TAKING_PART])
async def read_invitations(
    campaign_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency
) -> list[Invitation]:
    """Who is invited and how they answered; a firm sees itself."""
    async with database.read() as connection:
        await find_campaign(connection, caller.city_id, campaign_id, caller.partner_id)
        found = await connection.fetch(SQL.read_invitations, caller.city_id, campaign_id, caller.partner_id)
    return rows(Invitation, found)


@post("/api/campaigns/{campaign_id:uuid}/invitation/answer", status_code=200, guards=[allow("firm_manager")])
async def answer_invitation(
    campaign_id: FromPath[UUID],
    data: JSONBody[InvitationAnswer],
    caller: CallerDependency,
    database: DatabaseDependency,
    now: NowDependency,
) -> Invitation:
    """The firm accepts or declines. Declining takes back the capacity it declared."""
    return await store.answer_invitation(database, caller.city_id, campaign_id, _firm_of(caller), data.accepted, now)


@put(
    "/api/campaigns/{campaign_id:uuid}/capacity",
    guards=[allow("firm_manager", "outlet_manager")],
    request_max_body_size=8_000_000,
)
async def declare_capacity(
    campaign_id: FromPath[UUID],
    data: JSONBody[CapacityRows],
    caller: CallerDependency,
    database: DatabaseDependency,
    now: NowDependency,
) -> Imported:
    """Say what the own outlets can hand out per zone and week; all rows are taken, or none."""
    return await store.declare_capacity(
        database, caller.city_id, campaign_id, _firm_of(caller), caller.outlet_id, data.rows, now
    )


@post(
    "/api/campaigns/{campaign_id:uuid}/capacity/import",
    status_code=200,
    guards=[allow("firm_manager", "outlet_manager")],
    request_max_body_size=MOST_BYTES,
)
async def import_capacity(
    request: Request[Caller, Any, Any],
    campaign_id: FromPath[UUID],
    caller: CallerDependency,
    database: DatabaseDependency,
    now: NowDependency,
    preview: FromQuery[bool] = False,
) -> Imported:
    """Capacity from a table (CSV or .xlsx): outlet_code, zone_code, week_starts_on, copies
    (网点代码, 片区代码, 周一日期, 承接份数). With `preview` nothing is written."""
    async with table_upload(request) as document:
        return await store.import_capacity(
            database, caller.city_id, campaign_id, _firm_of(caller), caller.outlet_id, document, now, preview=preview
        )


@get("/api/campaigns/{campaign_id:uuid}/capacity/zones", guards=[allow("firm_manager", "outlet_manager")])
async def read_declarable_zones(
    campaign_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency
) -> list[DeclarableZone]:
    """The zones in which capacity may be declared, by code and name alone."""
    async with database.read() as connection:
        await find_campaign(connection, caller.city_id, campaign_id, caller.partner_id)
        return rows(DeclarableZone, await connection.fetch(SQL.read_declarable_zones, caller.city_id))


@get("/api/campaigns/{campaign_id:uuid}/capacity", guards=[_TAKING_PART])
async def read_capacity(
    campaign_id: FromPath[UUID],
    caller: CallerDependency,
    database: DatabaseDependency,
    partner_code: FromQuery[str | None] = None,
    outlet_code: FromQuery[str | None] = None,
    zone_code: FromQuery[str | None] = None,
    offset: Annotated[int, QueryParameter(ge=0, le=100_000_000)] = 0,
    limit: Annotated[int, QueryParameter(ge=1, le=_MOST_ROWS)] = _MOST_ROWS,
) -> CapacityPage:
    """Declared capacity: all of it for planners, a district's zones, a firm's or an outlet's own."""
    scope = (caller.partner_id, caller.outlet_id, caller.division_code, partner_code, outlet_code, zone_code)
    async with database.read() as connection:
        await find_campaign(connection, caller.city_id, campaign_id, caller.partner_id)
        found = await connection.fetch(SQL.read_capacity, caller.city_id, campaign_id, *scope, limit, offset)
        totals = await connection.fetchrow(SQL.sum_capacity, caller.city_id, campaign_id, *scope)
    return CapacityPage(rows=rows(DeclaredCapacity, found), **dict(totals))


@get("/api/campaigns/{campaign_id:uuid}/capacity/summary", guards=[_TAKING_PART])
async def summarise_capacity(
    campaign_id: FromPath[UUID],
    caller: CallerDependency,
    database: DatabaseDependency,
    partner_code: FromQuery[str | None] = None,
) -> CapacitySummary:
    """Declared capacity added up: per zone and week (of one partner, if asked for), and per partner; within scope."""
    scope = (caller.partner_id, caller.outlet_id, caller.division_code)
    async with database.read() as connection:
        await find_campaign(connection, caller.city_id, campaign_id, caller.partner_id)
        weeks = await connection.fetch(
            SQL.sum_capacity_by_zone_and_week, caller.city_id, campaign_id, *scope, partner_code
        )
        partners = await connection.fetch(SQL.sum_capacity_by_partner, caller.city_id, campaign_id, *scope)
    return CapacitySummary(weeks=rows(ZoneWeekCapacity, weeks), partners=rows(DeclaredByPartner, partners))


def _firm_of(caller: Caller) -> UUID:
    if caller.partner_id is None:
        raise NotFound("You belong to no firm.")
    return caller.partner_id


ROUTES = [
    create_campaign,
    read_campaigns,
    read_campaign,
    change_campaign,
    open_campaign,
    close_campaign,
    invite_partners,
    read_invitations,
    answer_invitation,
    declare_capacity,
    import_capacity,
    read_capacity,
    read_declarable_zones,
    summarise_capacity,
]
