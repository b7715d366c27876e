"""Confirming, reporting and correcting handouts; what a rider's phone shows."""

from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from dispatch.database import queries_for, rows
from dispatch.handouts import correction_routes, day_routes, hand_in, refused_routes, reported_routes
from dispatch.handouts.calls import Call, try_call
from dispatch.handouts.coalescer import HandoutCoalescer
from dispatch.handouts.entries import sync_entries
from dispatch.handouts.own_days import OwnDays, read_day
from dispatch.handouts.pack import read_pack
from dispatch.handouts.record_problems import OF_REPORT, OF_SYNC
from dispatch.handouts.refused_rules import TooManyWaiting
from dispatch.handouts.report_codes import identified, keep_reported, prepare_report
from dispatch.handouts.rules import AnotherRider, CopiesHolder, require_own_records
from dispatch.problems import NotFound, TooLarge
from dispatch.server.caller import CallerRequest, allow
from dispatch.server.conditional import cached_response, client_has, etag_of, not_modified
from dispatch.server.dependencies import CallerDependency, DatabaseDependency, NowDependency
from dispatch.server.pages import CursorText, DryRun, decode_cursor, page_of, plain_list
from dispatch.server.refusals import refusals
from dispatch.server.subject import note
from schemas.handouts import (
    REPORT_LIMIT,
    SYNC_LIMIT,
    HandoutPack,
    HandoutRow,
    Outcome,
    OwnDay,
    ReportAnswer,
    ReportRequest,
    RiderSyncAnswer,
    SyncRequest,
    ZoneVisits,
)

SQL = queries_for(__file__)
CoalescerDependency = NamedDependency[HandoutCoalescer]
OwnDaysDependency = NamedDependency[OwnDays]


def _require_at_most(limit: int, records: list[object]) -> list[object]:
    if len(records) > limit:
        raise TooLarge(
            f"Send at most {limit} records a call; nothing of this call was taken.", limit=limit, sent=len(records)
        )
    return records


@post(
    "/api/handouts/sync",
    status_code=200,
    guards=[allow("rider")],
    responses=refusals(AnotherRider, TooLarge, TooManyWaiting, of_records=OF_SYNC),
)
async def sync_handouts(
    data: JSONBody[SyncRequest],
    caller: CallerDependency,
    handout_coalescer: CoalescerDependency,
    own_days: OwnDaysDependency,
    now: NowDependency,
) -> RiderSyncAnswer:
    """Record a phone's unsent handouts and corrections. Sending the same again is harmless. The answer has the rider's
    figures with them."""
    sent = _require_at_most(SYNC_LIMIT, data.records)
    require_own_records(data.rider_id, caller.subject_id)
    assert caller.outlet_id is not None
    holder = CopiesHolder("rider", caller.subject_id, caller.outlet_id)
    call = Call(caller=caller, source="sync", sent=sent, prepared=sync_entries(sent, holder))
    outcomes = await handout_coalescer.record(call) if sent else []
    figures = await own_days.figures(caller.city_id, caller.subject_id)
    return RiderSyncAnswer(outcomes=outcomes, server_time=now, own_day=figures)


@post(
    "/api/handouts/report",
    status_code=200,
    guards=[allow("firm_manager", "outlet_manager", "partner_system", scope="report")],
    request_max_body_size=4_000_000,
    responses=refusals(TooLarge, of_records=OF_REPORT),
)
async def report_handouts(
    data: JSONBody[ReportRequest],
    caller: CallerDependency,
    database: DatabaseDependency,
    handout_coalescer: CoalescerDependency,
    now: NowDependency,
    dry_run: DryRun = False,
) -> ReportAnswer:
    """Record what an outlet or a partner's system reports for its couriers, by codes. Sending the same again, under the
    same `id` or `source_id`, is harmless."""
    records = _require_at_most(REPORT_LIMIT, data.records)
    references = await keep_reported(database, caller, data.campaign_id, records, now, trial=dry_run)
    sent = identified(records, references)
    async with database.read() as connection:
        prepared = await prepare_report(connection, caller, data.campaign_id, sent, references)
    call = Call(caller=caller, source="report", sent=sent, prepared=prepared, campaign_id=data.campaign_id)
    outcomes: list[Outcome] = []
    if dry_run:
        note(dry_run="yes")
        outcomes = await database.attempt(lambda connection: try_call(connection, call, now))
    elif sent:
        outcomes = await handout_coalescer.record(call)
    return ReportAnswer(outcomes=outcomes, server_time=now, dry_run=dry_run)


@get(
    "/api/campaigns/{campaign_id:uuid}/handouts",
    guards=[allow("planner", "firm_manager", "outlet_manager", "rider", "partner_system", scope="read_handouts")],
)
async def read_handouts(
    campaign_id: FromPath[UUID],
    caller: CallerDependency,
    database: DatabaseDependency,
    zone_id: FromQuery[UUID | None] = None,
    day: FromQuery[date | None] = None,
    before: FromQuery[UUID | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=500)] = 100,
    cursor: CursorText = None,
) -> Response[list[HandoutRow]]:
    """The rows that make up the figures in scope, newest first."""
    before = decode_cursor(cursor, tuple[UUID])[0] if cursor else before
    statement = SQL.read_handouts(
        caller.scope, campaign_id=campaign_id, zone_id=zone_id, day=day, before=before, most=limit + 1
    )
    async with database.read() as connection:
        found = rows(HandoutRow, await connection.fetch(*statement))
    return plain_list(*page_of(found, limit, lambda row: (row.handout_id,)))


@get("/api/handouts/own-day", guards=[allow("rider")])
async def read_own_day(caller: CallerDependency, database: DatabaseDependency, now: NowDependency) -> OwnDay:
    """The rider's own day: handed out, left, each confirmation. Phones add what they have not sent yet."""
    assert caller.subject_id is not None
    return await read_day(database, caller.city_id, caller.subject_id, now)


@get("/api/handouts/pack", guards=[allow("rider")], responses=refusals(NotFound))
async def read_handout_pack(
    request: CallerRequest, caller: CallerDependency, database: DatabaseDependency
) -> Response[HandoutPack | None]:
    """What the rider's phone keeps for work without signal: zones with their cells, campaigns, the question's share.
    304 when it has all that already."""
    pack = await read_pack(database, caller)
    etag = etag_of(msgspec.json.encode(pack))
    return not_modified(etag) if client_has(request, etag) else cached_response(pack, etag)


@get("/api/campaigns/{campaign_id:uuid}/visits", guards=[allow("planner")])
async def read_visits(
    campaign_id: FromPath[UUID],
    caller: CallerDependency,
    database: DatabaseDependency,
    zone_id: FromQuery[UUID | None] = None,
) -> list[ZoneVisits]:
    """Doors at which nothing was handed out, by zone: declined, or nobody reached. No part of any coverage."""
    statement = SQL.read_zone_visits(caller.scope, campaign_id=campaign_id, zone_id=zone_id)
    async with database.read() as connection:
        return rows(ZoneVisits, await connection.fetch(*statement))


ROUTES = [
    sync_handouts, report_handouts, read_handouts, read_own_day, read_handout_pack, read_visits,
    *reported_routes.ROUTES, *correction_routes.ROUTES, *refused_routes.ROUTES,
    *hand_in.ROUTES, *day_routes.ROUTES,
]  # fmt: skip
