"""Registering what is printed for a campaign."""

from uuid import UUID

from litestar import get, post
from litestar.params import FromPath, JSONBody

from dispatch.campaigns.rules import CampaignClosed
from dispatch.materials import store
from dispatch.materials.rules import (
    ChannelTwice,
    DepotUnknown,
    MaterialCodeTaken,
    MaterialUnknown,
    Packing,
    PrintRunChanged,
    PrintRunCodeTaken,
)
from dispatch.problems import NotFound
from dispatch.server.caller import allow, anybody_signed_in
from dispatch.server.client_ids import IdUnusable
from dispatch.server.dependencies import CallerDependency, DatabaseDependency, NowDependency
from dispatch.server.refusals import refusals
from schemas.materials import Material, NewMaterial, NewPrintRun, PrintRun


@post(
    "/api/campaigns/{campaign_id:uuid}/materials",
    guards=[allow("planner", whole_city=True)],
    responses=refusals(NotFound, Packing, ChannelTwice, MaterialCodeTaken, CampaignClosed),
)
async def create_material(
    campaign_id: FromPath[UUID],
    data: JSONBody[NewMaterial],
    caller: CallerDependency,
    database: DatabaseDependency,
    now: NowDependency,
) -> Material:
    """Register a material."""
    return await store.create_material(database, caller.city_id, campaign_id, data, now)


@get("/api/campaigns/{campaign_id:uuid}/materials", guards=[anybody_signed_in], responses=refusals(NotFound))
async def read_materials(
    campaign_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency
) -> list[Material]:
    """What the campaign hands out."""
    async with database.read() as connection:
        # Riders see what their firm, once it has accepted, hands out.
        answer = "accepted" if caller.role == "rider" else None
        await store.find_campaign(connection, caller.scope, campaign_id, answer=answer)
        return await store.read_materials(connection, caller.city_id, campaign_id)


@post(
    "/api/campaigns/{campaign_id:uuid}/print-runs",
    guards=[allow("planner", whole_city=True)],
    responses=refusals(
        NotFound, IdUnusable, MaterialUnknown, DepotUnknown, PrintRunChanged, PrintRunCodeTaken, CampaignClosed
    ),
)
async def create_print_run(
    campaign_id: FromPath[UUID],
    data: JSONBody[NewPrintRun],
    caller: CallerDependency,
    database: DatabaseDependency,
    now: NowDependency,
) -> PrintRun:
    """Register an order at the printer's. Its copies come into stock by a receipt."""
    return await store.create_print_run(database, caller.city_id, campaign_id, data, now)


@get(
    "/api/campaigns/{campaign_id:uuid}/print-runs",
    guards=[allow("planner", "auditor")],
    responses=refusals(NotFound),
)
async def read_print_runs(
    campaign_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency
) -> list[PrintRun]:
    """What was ordered and what has come in."""
    async with database.read() as connection:
        await store.find_campaign(connection, caller.scope, campaign_id)
        return await store.read_print_runs(connection, caller.city_id, campaign_id)


ROUTES = [create_material, read_materials, create_print_run, read_print_runs]
