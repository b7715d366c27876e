"""What registers materials and print runs: the routes and a demonstration's replay both call it."""

from datetime import datetime
from uuid import UUID

import msgspec

from dispatch.campaigns.rules import require_touched
from dispatch.database import Connection, Database, new_id, one, queries_for, rows
from dispatch.database.changes import touch
from dispatch.database.queries import Scope
from dispatch.materials import rules
from dispatch.problems import NotFound
from schemas.campaigns import CampaignStatus, InvitationStatus
from schemas.materials import Material, NewMaterial, NewPrintRun, PrintRun

SQL = queries_for(__file__)


class _Ids(msgspec.Struct, frozen=True):
    """What the codes of a print run name; None where they name nothing."""

    material_id: UUID | None
    depot_id: UUID | None


async def find_campaign(
    connection: Connection, scope: Scope, campaign_id: UUID, *, answer: InvitationStatus | None = None
) -> CampaignStatus:
    """The campaign's status, if it is within scope: of a partner that is invited, or that gave this answer.

    Raises NotFound.
    """
    status: CampaignStatus | None = await connection.fetchval(
        *SQL.read_campaign_status(scope, campaign_id=campaign_id, answer=answer)
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

    async def create(connection: Connection) -> Material:
        await find_campaign(connection, Scope(city_id=city_id), campaign_id)
        made = await connection.fetchval(
            *SQL.insert_material(
                city_id=city_id,
                campaign_id=campaign_id,
                material_id=new_id(now),
                now=now,
                **msgspec.structs.asdict(wanted),
            )
        )
        if made:
            require_touched(await touch(connection, city_id, campaign_id))
        (stored,) = await read_materials(connection, city_id, campaign_id, wanted.code)
        return rules.judge_stored_material(wanted, stored)

    return await database.transact(create)


async def read_materials(
    connection: Connection, city_id: int, campaign_id: UUID, code: str | None = None
) -> list[Material]:
    """The campaign's materials, or the one with this code, by code."""
    return rows(
        Material, await connection.fetch(*SQL.read_materials(city_id=city_id, campaign_id=campaign_id, code=code))
    )


async def create_print_run(
    database: Database, city_id: int, campaign_id: UUID, wanted: NewPrintRun, now: datetime
) -> PrintRun:
    """Register a print run. The same request again gives the same run.

    Raises MaterialUnknown, DepotUnknown, PrintRunChanged, PrintRunCodeTaken, CampaignClosed, IdUnusable, NotFound.
    """

    async def create(connection: Connection) -> PrintRun:
        await find_campaign(connection, Scope(city_id=city_id), campaign_id)
        ids = await _read_ids(connection, city_id, campaign_id, wanted)
        material_id, depot_id = rules.judge_print_run(wanted, ids.material_id, ids.depot_id)
        made = await connection.fetchval(
            *SQL.insert_print_run(
                city_id=city_id,
                campaign_id=campaign_id,
                print_run_id=wanted.print_run_id,
                material_id=material_id,
                code=wanted.code,
                copies=wanted.copies,
                depot_id=depot_id,
                due_on=wanted.due_on,
                now=now,
            )
        )
        if made:
            require_touched(await touch(connection, city_id, campaign_id))
        stored = await connection.fetchrow(
            *SQL.read_print_runs(city_id=city_id, campaign_id=campaign_id, print_run_id=wanted.print_run_id)
        )
        return rules.judge_stored_print_run(wanted, one(PrintRun, stored))

    return await database.transact(create)


async def read_print_runs(connection: Connection, city_id: int, campaign_id: UUID) -> list[PrintRun]:
    """The campaign's print runs, the earliest due first."""
    return rows(PrintRun, await connection.fetch(*SQL.read_print_runs(city_id=city_id, campaign_id=campaign_id)))


async def _read_ids(connection: Connection, city_id: int, campaign_id: UUID, wanted: NewPrintRun) -> _Ids:
    (ids,) = rows(
        _Ids,
        await connection.fetch(
            *SQL.read_material_and_depot(
                city_id=city_id,
                campaign_id=campaign_id,
                material_code=wanted.material_code,
                depot_code=wanted.depot_code,
            )
        ),
    )
    return ids
