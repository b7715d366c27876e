"""What a firm reported, read back: which records were recorded, corrected, wait, or were withdrawn."""

from datetime import date
from typing import Annotated
from uuid import UUID

from litestar import get
from litestar.params import FromQuery, QueryParameter

from dispatch.database import queries_for, rows
from dispatch.problems import InvalidRequest
from dispatch.server.caller import allow
from dispatch.server.dependencies import CallerDependency, DatabaseDependency
from dispatch.server.pages import CursorText, decode_cursor, page_of
from dispatch.server.refusals import refusals
from schemas.common import SourceId
from schemas.handouts import ReportedOutcome, ReportedPage, ReportedRow

SQL = queries_for(__file__)


@get(
    "/api/handouts/reported",
    guards=[allow("firm_manager", "outlet_manager", "partner_system", scope="read_handouts")],
    responses=refusals(InvalidRequest),
)
async def read_reported_handouts(
    caller: CallerDependency,
    database: DatabaseDependency,
    source_id: FromQuery[SourceId | None] = None,
    handout_id: FromQuery[UUID | None] = None,
    campaign_id: FromQuery[UUID | None] = None,
    day: FromQuery[date | None] = None,
    outcome: FromQuery[ReportedOutcome | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=500)] = 100,
    cursor: CursorText = None,
) -> ReportedPage:
    """What the firm reported and what became of it, by the firm's own reference, by id, campaign, day or outcome. An
    outlet's caller sees what took the outlet's copies and what it sent itself."""
    statement = SQL.read_reported(
        caller.scope, source_id=source_id, id=handout_id, campaign_id=campaign_id, day=day, outcome=outcome,
        before=decode_cursor(cursor, tuple[UUID])[0] if cursor else None, most=limit + 1,
    )  # fmt: skip
    async with database.read() as connection:
        found = rows(ReportedRow, await connection.fetch(*statement))
    page, next_cursor = page_of(found, limit, lambda row: (row.id,))
    return ReportedPage(handouts=page, next_cursor=next_cursor)


ROUTES = [read_reported_handouts]
