"""Reads what a question about the number of copies needs, and answers it; only reads."""

import asyncio
from datetime import datetime
from uuid import UUID

from dispatch.allocation import drafts, sizing_rules
from dispatch.allocation.sizing_rules import SizingRow
from dispatch.database import Database, one, queries_for
from schemas.allocation import Sizing, SizingAnswer

SQL = queries_for(__file__)


async def size(database: Database, city_id: int, campaign_id: UUID, wanted: Sizing, now: datetime) -> SizingAnswer:
    """How many copies the target takes. Raises NotFound, MaterialUnknown, PlanOptions."""
    async with database.read() as connection:
        statement = SQL.read_sizing_row(
            city_id=city_id, campaign_id=campaign_id, material_code=wanted.material_code, now=now
        )
        row = sizing_rules.judge_sizing(wanted, one(SizingRow, await connection.fetchrow(*statement)))
        zones = await drafts.read_zones(
            connection, city_id, campaign_id, wanted,
            material_id=row.material_id, counts_for_reach=row.counts_for_reach is not False, zone_codes=[],
            starts_on=max(row.starts_on, row.today), ends_on=row.ends_on, today=row.today, incidents_from=row.today,
        )  # fmt: skip
        printed = None
        if row.material_id is not None:
            printed = await drafts.read_printed(connection, city_id, campaign_id, row.material_id)
    return await asyncio.to_thread(sizing_rules.size, wanted, row, zones, printed)
