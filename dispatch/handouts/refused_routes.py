"""Records that were refused: reading why, judging them again, settling them."""

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromQuery, JSONBody, QueryParameter

from dispatch.database import Connection, queries_for, rows
from dispatch.handouts.record_problems import OF_RETRY
from dispatch.handouts.refused import retry_refused
from dispatch.server.caller import allow
from dispatch.server.dependencies import CallerDependency, DatabaseDependency, NowDependency
from dispatch.server.pages import CursorText, decode_cursor, page_of, plain_list
from dispatch.server.refusals import refusals
from schemas.handouts import Dismissal, RefusedFilter, RefusedRow, RetryResult

SQL = queries_for(__file__)
# Until 2026 "recorded later" was called "taken up". Programs may still ask for it in that word, at that address until
# the day that server.deprecations names.
_FORMER_STATUS: Final = "taken_up"
RefusedKey = tuple[datetime, UUID, str]
"""What refused records are ordered by: when, which record, and which of its contents."""


@get(
    "/api/handouts/refused",
    guards=[allow("planner", "firm_manager", "outlet_manager", "rider", "partner_system", scope="read")],
)
async def read_refused(
    caller: CallerDependency,
    database: DatabaseDependency,
    campaign_id: FromQuery[UUID | None] = None,
    status: FromQuery[RefusedFilter] = "waiting",
    limit: Annotated[int, QueryParameter(ge=1, le=500)] = 100,
    cursor: CursorText = None,
) -> Response[list[RefusedRow]]:
    """Records that could not be taken, with their reasons. Riders see their own, firms theirs, city planners all.

    `taken_up` is the former word for `recorded_later`.
    """
    if caller.division_code is not None:
        return plain_list([], None)  # A refused record may have no zone, so it cannot be shown to belong to a district.
    stored = "recorded_later" if status == _FORMER_STATUS else status
    after_at, after_id, after_digest = decode_cursor(cursor, RefusedKey) if cursor else (None, None, None)
    statement = SQL.read_refused(
        caller.scope, campaign_id=campaign_id, status=stored, most=limit + 1,
        after_at=after_at, after_id=after_id, after_digest=after_digest,
    )  # fmt: skip
    async with database.read() as connection:
        found = rows(RefusedRow, await connection.fetch(*statement))
    return plain_list(*page_of(found, limit, lambda row: (row.refused_at, row.handout_id, row.content_digest)))


@post(
    "/api/handouts/refused/retry",
    status_code=200,
    guards=[allow("planner", "firm_manager", "outlet_manager", whole_city=True)],
    responses=refusals(of_records=OF_RETRY),
)
async def retry_refused_handouts(
    caller: CallerDependency,
    database: DatabaseDependency,
    now: NowDependency,
    campaign_id: FromQuery[UUID | None] = None,
) -> RetryResult:
    """Judge waiting records in scope again: the missing hand-over may be recorded by now."""
    return await retry_refused(database, caller.scope, now, campaign_id=campaign_id)


@post(
    "/api/handouts/refused/take-up",
    status_code=200,
    guards=[allow("planner", "firm_manager", "outlet_manager", whole_city=True)],
    responses=refusals(of_records=OF_RETRY),
)
async def take_up_refused(
    caller: CallerDependency,
    database: DatabaseDependency,
    now: NowDependency,
    campaign_id: FromQuery[UUID | None] = None,
) -> RetryResult:
    """The former address of `POST /api/handouts/refused/retry`; use that one."""
    return await retry_refused(database, caller.scope, now, campaign_id=campaign_id)


@post(
    "/api/handouts/refused/dismiss",
    status_code=200,
    guards=[allow("planner", "firm_manager", "outlet_manager", whole_city=True)],
)
async def dismiss_refused(
    data: JSONBody[Dismissal], caller: CallerDependency, database: DatabaseDependency, now: NowDependency
) -> list[UUID]:
    """Settle refused records as looked at and left. They stay readable."""

    async def dismiss(connection: Connection) -> list[UUID]:
        statement = SQL.dismiss_refused(caller.scope, handout_ids=data.handout_ids, now=now)
        return [row["handout_id"] for row in await connection.fetch(*statement)]

    return await database.transact(dismiss)


ROUTES = [read_refused, retry_refused_handouts, take_up_refused, dismiss_refused]
