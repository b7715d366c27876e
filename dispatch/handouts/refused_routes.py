"""Records that were refused: reading why, judging them again, settling them."""

from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromQuery, JSONBody, QueryParameter

from dispatch.database import Connection, queries_for
from dispatch.handouts.record_problems import OF_RETRY
from dispatch.handouts.refused import retry_refused
from dispatch.handouts.refused_rules import waits_for
from dispatch.server.caller import Caller, allow
from dispatch.server.dependencies import CallerDependency, DatabaseDependency, NowDependency
from dispatch.server.limits import Bucket
from dispatch.server.pages import CursorText, decode_cursor, page_of, plain_list
from dispatch.server.refusals import refusals
from schemas.refused_handouts import (
    ChosenRefused,
    Dismissal,
    RefusedFilter,
    RefusedReason,
    RefusedRow,
    RefusedTotals,
    RetryResult,
    Withdrawal,
)

SQL = queries_for(__file__)
# Until 2026 "recorded later" was called "taken up". Programs may still ask for it in that word, at that address until
# the day that server.deprecations names.
_FORMER_STATUS: Final = "taken_up"
RefusedKey = tuple[datetime, UUID, str]
"""What refused records are ordered by: when, which record, and which of its contents."""
_READERS = allow("planner", "firm_manager", "outlet_manager", "rider", "partner_system", scope="read")
_SETTLERS = allow("planner", "firm_manager", "outlet_manager", whole_city=True)


def _stored(status: RefusedFilter) -> str:
    return "recorded_later" if status == _FORMER_STATUS else status


def _waits_for(row: Any, status: str) -> Any:
    return waits_for(row["entry"], row["problem"]) if status == "waiting" else None


@get("/api/handouts/refused", guards=[_READERS])
async def read_refused(
    caller: CallerDependency,
    database: DatabaseDependency,
    campaign_id: FromQuery[UUID | None] = None,
    status: FromQuery[RefusedFilter] = "waiting",
    problem: FromQuery[str | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=500)] = 100,
    cursor: CursorText = None,
) -> Response[list[RefusedRow]]:
    """Records that could not be taken, with their reasons. Riders see their own, firms theirs, city planners all.

    `problem` leaves one reason. `taken_up` is the former word for `recorded_later`.
    """
    if caller.division_code is not None:
        return plain_list([], None)  # A refused record may have no zone, so it cannot be shown to belong to a district.
    after_at, after_id, after_digest = decode_cursor(cursor, RefusedKey) if cursor else (None, None, None)
    statement = SQL.read_refused(
        caller.scope, campaign_id=campaign_id, status=_stored(status), problem=problem, most=limit + 1,
        caller_id=caller.subject_id, with_names=caller.role in ("firm_manager", "outlet_manager"),
        after_at=after_at, after_id=after_id, after_digest=after_digest,
    )  # fmt: skip
    async with database.read() as connection:
        fetched = await connection.fetch(*statement)
    found = [msgspec.convert({**dict(row), "waits_for": _waits_for(row, row["status"])}, RefusedRow) for row in fetched]
    return plain_list(*page_of(found, limit, lambda row: (row.refused_at, row.handout_id, row.content_digest)))


@get("/api/handouts/refused/totals", guards=[_READERS])
async def read_refused_totals(
    caller: CallerDependency,
    database: DatabaseDependency,
    campaign_id: FromQuery[UUID | None] = None,
    status: FromQuery[RefusedFilter] = "waiting",
) -> RefusedTotals:
    """How many records in scope could not be taken, by reason: all of them, however many `GET /api/handouts/refused`
    has pages."""
    if caller.division_code is not None:
        return RefusedTotals(records=0, reasons=[])
    stored = _stored(status)
    async with database.read() as connection:
        found = await connection.fetch(*SQL.count_refused(caller.scope, campaign_id=campaign_id, status=stored))
    reasons = [RefusedReason(**dict(row), waits_for=_waits_for(row, stored)) for row in found]
    return RefusedTotals(records=sum(reason.records for reason in reasons), reasons=reasons)


async def _spend_retry(request: Request[Caller, Any, Any]) -> None:
    """Judging again is heavy: once a minute for all who settle the same records."""
    caller, limits = request.user, request.app.state.limits
    whose = caller.outlet_id or caller.partner_id or "city"
    await limits.spend(Bucket(caller.city_id, "retry", f"scope:{whose}"), limits.per_minute["retry"])


@post("/api/handouts/refused/retry", status_code=200, guards=[_SETTLERS], responses=refusals(of_records=OF_RETRY))
async def retry_refused_handouts(
    request: Request[Caller, Any, Any],
    caller: CallerDependency,
    database: DatabaseDependency,
    now: NowDependency,
    campaign_id: FromQuery[UUID | None] = None,
) -> RetryResult:
    """Judge what riders confirmed and was refused again, where the cause is gone: the missing hand-over may be recorded
    by now. The server does so by itself, too; so this is answered once a minute for an outlet, a firm or the city.

    Reports and corrections wait for a person: `POST /api/handouts/refused/retry-chosen`.
    """
    await _spend_retry(request)
    return await retry_refused(database, caller.scope, now, campaign_id=campaign_id)


@post("/api/handouts/refused/take-up", status_code=200, guards=[_SETTLERS], responses=refusals(of_records=OF_RETRY))
async def take_up_refused(
    request: Request[Caller, Any, Any],
    caller: CallerDependency,
    database: DatabaseDependency,
    now: NowDependency,
    campaign_id: FromQuery[UUID | None] = None,
) -> RetryResult:
    """The former address of `POST /api/handouts/refused/retry`; use that one."""
    await _spend_retry(request)
    return await retry_refused(database, caller.scope, now, campaign_id=campaign_id)


@post(
    "/api/handouts/refused/retry-chosen", status_code=200, guards=[_SETTLERS], responses=refusals(of_records=OF_RETRY)
)
async def retry_chosen_refused(
    data: JSONBody[ChosenRefused], caller: CallerDependency, database: DatabaseDependency, now: NowDependency
) -> RetryResult:
    """Judge these waiting records again as they are, reports and corrections too: somebody looked at them and wants
    them counted. What is settled already is not tried."""
    return await retry_refused(database, caller.scope, now, handout_ids=data.handout_ids)


@post("/api/handouts/refused/dismiss", status_code=200, guards=[_SETTLERS])
async def dismiss_refused(
    data: JSONBody[Dismissal], caller: CallerDependency, database: DatabaseDependency, now: NowDependency
) -> list[UUID]:
    """Settle refused records as looked at and left. They stay readable."""

    async def dismiss(connection: Connection) -> list[UUID]:
        statement = SQL.dismiss_refused(caller.scope, handout_ids=data.handout_ids, now=now)
        return [row["handout_id"] for row in await connection.fetch(*statement)]

    return await database.transact(dismiss)


@post(
    "/api/handouts/refused/withdraw",
    status_code=200,
    guards=[allow("firm_manager", "outlet_manager", "partner_system", scope="report")],
    request_max_body_size=1_000_000,
)
async def withdraw_refused(
    data: JSONBody[Withdrawal], caller: CallerDependency, database: DatabaseDependency, now: NowDependency
) -> list[UUID]:
    """Withdraw own reported records that were refused: they wait no more and never count, and stay readable.

    Answers which of these ids are withdrawn now; sending the same again is harmless. A key may withdraw what the key it
    replaced had sent; nobody withdraws what somebody else has.
    """

    async def withdraw(connection: Connection) -> list[UUID]:
        senders = [caller.subject_id]
        if caller.role == "partner_system":
            key = SQL.read_replaced_key(city_id=caller.city_id, api_key_id=caller.subject_id)
            senders += filter(None, [await connection.fetchval(*key)])
        named: dict[str, Any] = {"city_id": caller.city_id, "handout_ids": data.handout_ids, "sender_ids": senders}
        await connection.execute(*SQL.withdraw_refused(**named, now=now))
        return [row["handout_id"] for row in await connection.fetch(*SQL.read_withdrawn(**named))]

    return await database.transact(withdraw)


ROUTES = [
    read_refused, read_refused_totals, retry_refused_handouts, take_up_refused, retry_chosen_refused, dismiss_refused,
    withdraw_refused,
]  # fmt: skip
