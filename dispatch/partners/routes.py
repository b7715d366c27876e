"""Partners, outlets and depots over HTTP: lists in, lists out, how outlets do in a campaign, and who takes part."""

from uuid import UUID

from litestar import get, post
from litestar.params import FromPath, FromQuery

from dispatch.database import Connection
from dispatch.partners import imports, rider_routes, store
from dispatch.problems import NotFound
from dispatch.server.caller import CallerRequest, allow
from dispatch.server.dependencies import CallerDependency, DatabaseDependency, NowDependency, SettingsDependency
from dispatch.server.refusals import refusals
from dispatch.tables.sheets import ImportRefused
from dispatch.tables.uploads import MOST_BYTES, table_upload
from schemas.common import Imported
from schemas.partners import Depot, Outlet, OutletsProgress, Partner

_READERS = allow("planner", "auditor", "firm_manager", "outlet_manager", "partner_system", scope="read")
_IMPORTERS = allow("planner", "firm_manager", "outlet_manager", "partner_system", whole_city=True, scope="riders")


@post(
    "/api/partners/import",
    status_code=200,
    guards=[allow("planner", whole_city=True)],
    request_max_body_size=MOST_BYTES,
    responses=refusals(ImportRefused),
)
async def import_partners(
    request: CallerRequest,
    caller: CallerDependency,
    database: DatabaseDependency,
    now: NowDependency,
    preview: FromQuery[bool] = False,
) -> Imported:
    """Take partners from a table (CSV or .xlsx): code, name, kind (单位代码, 单位名称, 类型).
    Here and below: with `preview` nothing is written."""
    async with table_upload(request) as document:
        return await imports.import_partners(database, caller.city_id, document, now, preview=preview)


@post(
    "/api/outlets/import",
    status_code=200,
    guards=[allow("planner", "firm_manager", whole_city=True)],
    request_max_body_size=MOST_BYTES,
    responses=refusals(ImportRefused),
)
async def import_outlets(
    request: CallerRequest,
    caller: CallerDependency,
    database: DatabaseDependency,
    now: NowDependency,
    preview: FromQuery[bool] = False,
) -> Imported:
    """Take outlets from a table (CSV or .xlsx): code, name, partner_code, zone_code
    (网点代码, 网点名称, 单位代码, 片区代码). A firm manager writes their own firm's and may leave its code out."""
    async with table_upload(request) as document:
        return await imports.import_outlets(database, caller.scope, document, now, preview=preview)


@post(
    "/api/riders/import",
    status_code=200,
    guards=[_IMPORTERS],
    request_max_body_size=MOST_BYTES,
    responses=refusals(ImportRefused),
)
async def import_riders(
    request: CallerRequest,
    caller: CallerDependency,
    database: DatabaseDependency,
    now: NowDependency,
    settings: SettingsDependency,
    preview: FromQuery[bool] = False,
) -> Imported:
    """Take riders from a table (CSV or .xlsx): code, name, outlet_code, pin (骑手代码, 姓名, 网点代码, PIN). Managers
    write their own; an outlet manager may leave the outlet's code out."""
    async with table_upload(request) as document:
        return await imports.import_riders(
            database, caller.scope, document, now, secret=settings.secret, preview=preview
        )


@post(
    "/api/depots/import",
    status_code=200,
    guards=[allow("planner", whole_city=True)],
    request_max_body_size=MOST_BYTES,
    responses=refusals(ImportRefused),
)
async def import_depots(
    request: CallerRequest,
    caller: CallerDependency,
    database: DatabaseDependency,
    now: NowDependency,
    preview: FromQuery[bool] = False,
) -> Imported:
    """Take depots from a table (CSV or .xlsx): code, name, address (领取点代码, 领取点名称, 地址)."""
    async with table_upload(request) as document:
        return await imports.import_depots(database, caller.city_id, document, now, preview=preview)


@get("/api/partners", guards=[_READERS], responses=refusals())
async def read_partners(caller: CallerDependency, database: DatabaseDependency) -> list[Partner]:
    """The partners of the city; a partner's people see their own."""
    async with database.read() as connection:
        return await store.read_partners(connection, caller.scope)


@get("/api/outlets", guards=[_READERS], responses=refusals())
async def read_outlets(caller: CallerDependency, database: DatabaseDependency) -> list[Outlet]:
    """The outlets in the caller's scope with their number of riders; a district's are those in its zones."""
    async with database.read() as connection:
        return await store.read_outlets(connection, caller.scope)


@get("/api/depots", guards=[_READERS], responses=refusals())
async def read_depots(caller: CallerDependency, database: DatabaseDependency) -> list[Depot]:
    """The depots of the city."""
    async with database.read() as connection:
        return await store.read_depots(connection, caller.city_id)


@get(
    "/api/campaigns/{campaign_id:uuid}/outlets",
    guards=[allow("planner", "auditor", "firm_manager", "outlet_manager")],
    responses=refusals(NotFound),
)
async def read_outlets_progress(
    campaign_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency, now: NowDependency
) -> OutletsProgress:
    """The outlets in the caller's scope with their stock, handouts and days left in the campaign."""
    async with database.read() as connection:
        day = await store.find_campaign_day(connection, caller.city_id, campaign_id, now)
        progress = await store.read_outlets_progress(connection, caller.scope, campaign_id, day)
    return OutletsProgress(day=day, outlets=progress)


@post(
    "/api/partners/{partner_id:uuid}/deactivate",
    status_code=204,
    guards=[allow("planner", whole_city=True)],
    responses=refusals(NotFound),
)
async def deactivate_partner(
    partner_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency, now: NowDependency
) -> None:
    """A partner takes part no more: its people and systems are signed out at once; its copies stay on its account."""

    async def deactivate(connection: Connection) -> None:
        await store.set_partner_active(connection, caller.city_id, partner_id, False, now)

    await database.transact(deactivate)


@post(
    "/api/partners/{partner_id:uuid}/activate",
    status_code=204,
    guards=[allow("planner", whole_city=True)],
    responses=refusals(NotFound),
)
async def activate_partner(
    partner_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency, now: NowDependency
) -> None:
    """A partner takes part again."""

    async def activate(connection: Connection) -> None:
        await store.set_partner_active(connection, caller.city_id, partner_id, True, now)

    await database.transact(activate)


ROUTES = [
    *rider_routes.ROUTES,
    import_partners,
    import_outlets,
    import_riders,
    import_depots,
    read_partners,
    read_outlets,
    read_depots,
    read_outlets_progress,
    deactivate_partner,
    activate_partner,
]
