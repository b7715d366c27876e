"""Registering what is printed for a campaign."""

from uuid import UUID

from litestar import get, post
from litestar.params import FromPath, JSONBody

from dispatch.database import rows
from dispatch.materials import store
from dispatch.materials.store import SQL, find_campaign
from dispatch.server.caller import allow, anybody_signed_in
from dispatch.server.dependencies import CallerDependency, DatabaseDependency, NowDependency
from schemas.materials import Material, NewMaterial, NewPrintRun, PrintRun


@post("/api/campaigns/{campaign_id:uuid}/materials", guards=[allow("planner", whole_city=True)])
async def create_material(
    campaign_id: FromPath[UUID],
    data: JSONBody[NewMaterial],
    caller: CallerDependency,
    database: DatabaseDependency,
    now: NowDependency,
) -> Material:
    """Register a material."""
    return await store.create_material(database, caller.city_id, campaign_id, data, now)


@get("/api/campaigns/{campaign_id:uuid}/materials", guards=[anybody_signed_in])
async def read_materials(
    campaign_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency
) -> list[Material]:
    """What the campaign hands out."""
    async with database.read() as connection:
        await find_campaign(connection, caller.city_id, campaign_id, caller.partner_id, accepted=caller.role == "rider")
        found = await connection.fetch(SQL.read_materials, caller.city_id, campaign_id, None)
    return rows(Material, found)


@post("/api/campaigns/{campaign_id:uuid}/print-runs", guards=[allow("planner", whole_city=True)])
async def create_print_run(
    campaign_id: FromPath[UUID],
    data: JSONBody[NewPrintRun],
    caller: CallerDependency,
    database: DatabaseDependency,
    now: NowDependency,
) -> PrintRun:
    """Register an order at the printer's. Its copies come into stock by a receipt."""
    return await store.create_print_run(database, caller.city_id, campaign_id, data, now)


@get("/api/campaigns/{campaign_id:uuid}/print-runs", guards=[allow("planner", "auditor")])
async def read_print_runs(
    campaign_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency
) -> list[PrintRun]:
    """What was ordered and what has come in."""
    async with database.read() as connection:
        await find_campaign(connection, caller.city_id, campaign_id)
        found = await connection.fetch(SQL.read_print_runs, caller.city_id, campaign_id, None)
    return rows(PrintRun, found)


ROUTES = [create_material, read_materials, create_print_run, read_print_runs]
