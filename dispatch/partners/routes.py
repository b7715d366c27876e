"""Partners, outlets, riders and depots over HTTP: lists in, lists out, PINs, and who is no longer with us."""

from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
from litestar import Request, get, post
from litestar.params import FromPath, FromQuery

from dispatch.database import Connection, Retry, queries_for, rows
from dispatch.identity import secrets
from dispatch.partners import imports, outlets, riders, rules
from dispatch.problems import NotFound
from dispatch.server.caller import Caller, allow
from dispatch.server.dependencies import CallerDependency, DatabaseDependency, NowDependency, SettingsDependency
from dispatch.tables.uploads import MOST_BYTES, table_upload
from schemas.common import Imported
from schemas.partners import Depot, Outlet, Partner, Rider, RiderPin

SQL = queries_for(__file__)

Upload = Request[Caller, Any, Any]

_READERS = allow("planner", "auditor", "firm_manager", "outlet_manager", "partner_system")
_RIDER_READERS = allow("planner", "firm_manager", "outlet_manager")
_MANAGERS = allow("planner", "firm_manager", "outlet_manager", whole_city=True)
# One in a million is taken by each rider of the outlet; twenty tries fail only when something is wrong.
_PIN_TRIES = 20


@post(
    "/api/partners/import",
    status_code=200,
    guards=[allow("planner", whole_city=True)],
    request_max_body_size=MOST_BYTES,
)
async def import_partners(
    request: Upload,
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
)
async def import_outlets(
    request: Upload,
    caller: CallerDependency,
    database: DatabaseDependency,
    now: NowDependency,
    preview: FromQuery[bool] = False,
) -> Imported:
    """Take outlets from a table (CSV or .xlsx): code, name, partner_code, zone_code
    (网点代码, 网点名称, 单位代码, 片区代码). A firm manager writes the own firm's and may leave its code out."""
    async with table_upload(request) as document:
        return await imports.import_outlets(
            database, caller.city_id, document, now, partner_id=caller.partner_id, preview=preview
        )  # fmt: skip


@post("/api/riders/import", status_code=200, guards=[_MANAGERS], request_max_body_size=MOST_BYTES)
async def import_riders(
    request: Upload,
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
            database, caller.city_id, document, now,
            secret=settings.secret, partner_id=caller.partner_id, outlet_id=caller.outlet_id, preview=preview,
        )  # fmt: skip


@post(
    "/api/depots/import", status_code=200, guards=[allow("planner", whole_city=True)], request_max_body_size=MOST_BYTES
)
async def import_depots(
    request: Upload,
    caller: CallerDependency,
    database: DatabaseDependency,
    now: NowDependency,
    preview: FromQuery[bool] = False,
) -> Imported:
    """Take depots from a table (CSV or .xlsx): code, name, address (领取点代码, 领取点名称, 地址)."""
    async with table_upload(request) as document:
        return await imports.import_depots(database, caller.city_id, document, now, preview=preview)


@get("/api/partners", guards=[_READERS])
async def read_partners(caller: CallerDependency, database: DatabaseDependency) -> list[Partner]:
    """The partners of the city; a partner's people see their own."""
    async with database.read() as connection:
        return rows(Partner, await connection.fetch(SQL.read_partners, caller.city_id, caller.partner_id))


@get("/api/outlets", guards=[_READERS])
async def read_outlets(caller: CallerDependency, database: DatabaseDependency) -> list[Outlet]:
    """The outlets in the caller's scope with their number of riders; a district's are those standing in its zones."""
    async with database.read() as connection:
        return rows(Outlet, await connection.fetch(SQL.read_outlets, *_scope(caller), caller.division_code))


@get("/api/riders", guards=[_RIDER_READERS])
async def read_riders(
    caller: CallerDependency, database: DatabaseDependency, outlet_id: FromQuery[UUID | None] = None
) -> list[Rider]:
    """The riders in the caller's scope, or of one outlet in it. Their names are for their own managers."""
    async with database.read() as connection:
        found = await connection.fetch(
            SQL.read_riders, *_scope(caller), caller.division_code, outlet_id, caller.role != "planner"
        )
    return rows(Rider, found)


@get("/api/depots", guards=[_READERS])
async def read_depots(caller: CallerDependency, database: DatabaseDependency) -> list[Depot]:
    """The depots of the city."""
    async with database.read() as connection:
        return rows(Depot, await connection.fetch(SQL.read_depots, caller.city_id))


@post("/api/riders/{rider_id:uuid}/pin", status_code=200, guards=[_MANAGERS])
async def renew_pin(
    rider_id: FromPath[UUID],
    caller: CallerDependency,
    database: DatabaseDependency,
    settings: SettingsDependency,
    now: NowDependency,
) -> RiderPin:
    """Make a rider a new PIN for the slip; the old one ends. It is shown this once."""
    city_id, partner_id, outlet_id = _scope(caller)

    async def work(connection: Connection) -> RiderPin:
        rider = await connection.fetchrow(SQL.read_rider_for_pin, city_id, rider_id, partner_id, outlet_id)
        if rider is None:
            raise NotFound("There is no such rider here.")
        for _ in range(_PIN_TRIES):
            pin = secrets.new_pin()
            digest = secrets.digest_pin(settings.secret, city_id, rider["outlet_id"], pin)
            try:
                made = await connection.fetchval(SQL.set_pin, city_id, rider_id, rider["outlet_id"], digest, now)
            except asyncpg.UniqueViolationError as error:
                raise Retry from error
            if made is not None:
                return RiderPin(rider_id=rider_id, code=rider["code"], outlet_code=rider["outlet_code"], pin=pin)
        raise rules.PinsExhausted("Deactivate riders who left, or split the outlet.")

    return await database.transact(work)


@post("/api/riders/{rider_id:uuid}/deactivate", status_code=204, guards=[_MANAGERS])
async def deactivate_rider(
    rider_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency, now: NowDependency
) -> None:
    """A rider who left signs in no more and is signed out at once; what was handed out stays."""
    await _set_rider_active(database, caller, rider_id, False, now)


@post("/api/riders/{rider_id:uuid}/activate", status_code=204, guards=[_MANAGERS])
async def activate_rider(
    rider_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency, now: NowDependency
) -> None:
    """A rider is back."""
    await _set_rider_active(database, caller, rider_id, True, now)


@post("/api/partners/{partner_id:uuid}/deactivate", status_code=204, guards=[allow("planner", whole_city=True)])
async def deactivate_partner(
    partner_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency, now: NowDependency
) -> None:
    """A partner takes part no more: its people and systems are signed out at once; its copies stay on its account."""
    await _set_partner_active(database, caller, partner_id, False, now)


@post("/api/partners/{partner_id:uuid}/activate", status_code=204, guards=[allow("planner", whole_city=True)])
async def activate_partner(
    partner_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency, now: NowDependency
) -> None:
    """A partner takes part again."""
    await _set_partner_active(database, caller, partner_id, True, now)


def _scope(caller: Caller) -> tuple[int, UUID | None, UUID | None]:
    return caller.city_id, caller.partner_id, caller.outlet_id


async def _set_rider_active(
    database: DatabaseDependency, caller: Caller, rider_id: UUID, active: bool, now: datetime
) -> None:

    async def work(connection: Connection) -> None:
        scope = (caller.partner_id, caller.outlet_id)
        if await connection.fetchval(SQL.set_rider_active, caller.city_id, rider_id, *scope, active, now) is None:
            raise NotFound("There is no such rider here.")

    await database.transact(work)


async def _set_partner_active(
    database: DatabaseDependency, caller: Caller, partner_id: UUID, active: bool, now: datetime
) -> None:

    async def work(connection: Connection) -> None:
        if await connection.fetchval(SQL.set_partner_active, caller.city_id, partner_id, active, now) is None:
            raise NotFound("There is no such partner here.")

    await database.transact(work)


ROUTES = [
    *riders.ROUTES,
    *outlets.ROUTES,
    import_partners,
    import_outlets,
    import_riders,
    import_depots,
    read_partners,
    read_outlets,
    read_riders,
    read_depots,
    renew_pin,
    deactivate_rider,
    activate_rider,
    deactivate_partner,
    activate_partner,
]
