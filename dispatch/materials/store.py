"""What registers materials and print runs, as plain functions: the routes and a demonstration's replay call them."""

from datetime import datetime
from uuid import UUID

from dispatch.campaigns.rules import require_still_taking
from dispatch.database import Connection, Database, new_id, one, queries_for, rows
from dispatch.database.changes import touch
from dispatch.materials import rules
from dispatch.problems import NotFound
from schemas.materials import Material, NewMaterial, NewPrintRun, PrintRun

SQL = queries_for(__file__)


async def find_campaign(
    connection: Connection, city_id: int, campaign_id: UUID, partner_id: UUID | None = None, *, accepted: bool = False
) -> str:
    """The campaign's status, if it is within scope: of a partner that is invited, or that accepted. Raises NotFound."""
    status = await connection.fetchval(
        SQL.read_campaign_status, city_id, campaign_id, partner_id, "accepted" if accepted else None
    )
    if status is None:
        raise NotFound("There is no such campaign here, or you are not invited to it.")
    return status


async def create_material(
    database: Database, city_id: int, campaign_id: UUID, wanted: NewMaterial, now: datetime
) -> Material:
    """Register a material. The same request again gives the same material.

    Raises Packing, ChannelTwice, MaterialCodeTaken, CampaignClosed, NotFound.
    """
    rules.require_material(wanted)

    async def work(connection: Connection) -> Material:
        await find_campaign(connection, city_id, campaign_id)
        made = await connection.fetchval(
            SQL.insert_material, city_id, campaign_id, new_id(now), wanted.code, wanted.name, wanted.kind,
            wanted.channels, wanted.bundle_copies, wanted.carton_copies, wanted.counts_for_reach, now,
        )  # fmt: skip
        if made:
            await _touch(connection, city_id, campaign_id)
        stored = rows(Material, await connection.fetch(SQL.read_materials, city_id, campaign_id, wanted.code))
        return rules.judge_stored_material(wanted, stored[0])

    return await database.transact(work)


async def create_print_run(
    database: Database, city_id: int, campaign_id: UUID, wanted: NewPrintRun, now: datetime
) -> PrintRun:
    """Register a print run. The same request again gives the same run.

    Raises MaterialUnknown, DepotUnknown, PrintRunChanged, PrintRunCodeTaken, CampaignClosed, IdUnusable, NotFound.
    """

    async def work(connection: Connection) -> PrintRun:
        await find_campaign(connection, city_id, campaign_id)
        ids = await connection.fetchrow(
            SQL.read_material_and_depot, city_id, campaign_id, wanted.material_code, wanted.depot_code
        )
        material_id, depot_id = rules.judge_print_run(wanted, ids["material_id"], ids["depot_id"])
        made = await connection.fetchval(
            SQL.insert_print_run, city_id, campaign_id, wanted.print_run_id, material_id, wanted.code, wanted.copies,
            depot_id, wanted.due_on, now,
        )  # fmt: skip
        if made:
            await _touch(connection, city_id, campaign_id)
        stored = await connection.fetchrow(SQL.read_print_runs, city_id, campaign_id, wanted.print_run_id)
        return rules.judge_stored_print_run(wanted, one(PrintRun, stored))

    return await database.transact(work)


async def _touch(connection: Connection, city_id: int, campaign_id: UUID) -> None:
    """Raise the campaign's revision; it holds the campaign open until the commit."""
    if (await touch(connection, city_id, campaign_id)).get(campaign_id, "closed") == "closed":
        require_still_taking("closed")
