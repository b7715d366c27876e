"""Reads what closed spot checks found, and the copies known on the days they were closed."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import structs

from dispatch.coverage.check_figures import MOST_ROUNDS, Checks, Round
from dispatch.coverage.shown_reach import ZoneTallies
from dispatch.coverage.view import View
from dispatch.database import Connection, queries_for, rows
from dispatch.database.queries import Scope

SQL = queries_for(__file__)


async def read_rounds(connection: Connection, scope: Scope, campaign_id: UUID, as_of: datetime) -> list[Round]:
    """The campaign's closed checks in which somebody was asked, in the order of closing."""
    return rows(Round, await connection.fetch(*SQL.read_rounds(scope, campaign_id=campaign_id, as_of=as_of)))


async def read_checks(
    connection: Connection, view: View, zones: Sequence[ZoneTallies], *, area: bool = False
) -> Checks:
    """The closed checks of the campaign, with the copies known of these zones on the days of their own checks.

    `area`: all zones together are judged as well, also by those that were not checked on the days of the others.
    """
    rounds = await read_rounds(connection, view.caller.scope, view.campaign_id, view.cut.as_of)
    checks = Checks(rounds=rounds, timezone=ZoneInfo(view.timezone))
    here = {zone.zone_id for zone in zones}
    pairs = {(check.zone_id, checks.day_of(check)) for check in checks.in_scope if check.zone_id in here}
    if area:
        days = sorted({day for _, day in pairs})[-MOST_ROUNDS:]
        pairs |= {(zone_id, day) for zone_id in here for day in days}
    return structs.replace(checks, copies=await _read_copies(connection, view, sorted(pairs)))


async def _read_copies(
    connection: Connection, view: View, pairs: list[tuple[UUID, date]]
) -> dict[tuple[UUID, date], int]:
    if not pairs:
        return {}
    found = await connection.fetch(
        *SQL.read_copies_then(
            city_id=view.caller.city_id, campaign_id=view.campaign_id, material_ids=view.material_ids,
            zone_ids=[zone for zone, _ in pairs], days=[day for _, day in pairs],
        )
    )  # fmt: skip
    return {(row["zone_id"], row["known_on"]): row["copies"] for row in found}
