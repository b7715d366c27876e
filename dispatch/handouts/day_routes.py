"""An outlet's day as its managers look at it: by rider and hour, not tap by tap."""

from datetime import date
from itertools import groupby
from typing import Any
from uuid import UUID

from litestar import get
from litestar.params import FromPath, FromQuery

from dispatch.database import queries_for
from dispatch.server.caller import allow
from dispatch.server.dependencies import CallerDependency, DatabaseDependency
from schemas.handouts import HandoutHour, HandoutPart

SQL = queries_for(__file__)
_OF_AN_HOUR = ("rider_code", "rider_name", "hour_at", "zone_id", "material_id")
_OF_A_RECORD = ("handout_id", "channel", "copies", "corrected", "handed_out_at")


@get("/api/campaigns/{campaign_id:uuid}/handouts/hours", guards=[allow("firm_manager", "outlet_manager")])
async def read_handout_hours(
    campaign_id: FromPath[UUID],
    caller: CallerDependency,
    database: DatabaseDependency,
    outlet_code: FromQuery[str],
    day: FromQuery[date],
) -> list[HandoutHour]:
    """What an outlet and its riders have on record for a day, by rider, hour, zone and material.

    The records behind each sum come along, to be corrected one by one.
    """
    statement = SQL.read_day_handouts(caller.scope, campaign_id=campaign_id, outlet_code=outlet_code, day=day)
    async with database.read() as connection:
        found = await connection.fetch(*statement)
    hours = groupby(found, lambda row: tuple(row[name] for name in _OF_AN_HOUR))
    return [_hour(same, list(records)) for same, records in hours]


def _hour(same: tuple[Any, ...], records: list[Any]) -> HandoutHour:
    parts = [HandoutPart(**{name: record[name] for name in _OF_A_RECORD}) for record in records]
    return HandoutHour(
        **dict(zip(_OF_AN_HOUR, same, strict=True)),
        copies=sum(part.copies for part in parts),
        corrected=sum(part.corrected for part in parts),
        records=parts,
    )


ROUTES = [read_handout_hours]
