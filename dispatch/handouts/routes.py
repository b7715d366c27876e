"""Confirming, reporting and correcting handouts; what a rider's phone shows."""

from datetime import UTC, date
from hashlib import blake2b
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from dispatch.database import queries_for, rows
from dispatch.handouts import refused_routes
from dispatch.handouts.calls import Call
from dispatch.handouts.coalescer import HandoutCoalescer
from dispatch.handouts.entries import sync_entries
from dispatch.handouts.facts import read_timezone
from dispatch.handouts.pack import read_pack
from dispatch.handouts.report_codes import prepare_report
from dispatch.handouts.rules import CorrectionEntry, Holder, require_own_records
from dispatch.problems import NotFound, TooLarge
from dispatch.server.caller import Caller, allow
from dispatch.server.dependencies import CallerDependency, DatabaseDependency, NowDependency
from schemas.handouts import (
    REPORT_LIMIT,
    SYNC_LIMIT,
    CorrectionRequest,
    HandoutPack,
    HandoutRow,
    Holding,
    Outcome,
    OwnDay,
    OwnHandout,
    OwnVisit,
    ReportRequest,
    SyncAnswer,
    SyncRequest,
    ZoneVisits,
)

SQL = queries_for(__file__)
CoalescerDependency = NamedDependency[HandoutCoalescer]
Limit = Annotated[int, QueryParameter(ge=1, le=500)]


def _check_length(records: list[Any], limit: int) -> list[Any]:
    if len(records) > limit:
        raise TooLarge(
            f"Send at most {limit} records a call; nothing of this call was taken.", limit=limit, sent=len(records)
        )
    return records


@post("/api/handouts/sync", status_code=200, guards=[allow("rider")])
async def sync_handouts(
    data: JSONBody[SyncRequest], caller: CallerDependency, handout_coalescer: CoalescerDependency, now: NowDependency
) -> SyncAnswer:
    """Record a phone's unsent handouts and corrections. Sending the same again is harmless."""
    sent = _check_length(data.records, SYNC_LIMIT)
    require_own_records(data.rider_id, caller.subject_id)
    assert caller.outlet_id is not None
    holder = Holder("rider", caller.subject_id, caller.outlet_id)
    call = Call(caller=caller, source="sync", sent=sent, prepared=sync_entries(sent, holder))
    outcomes = await handout_coalescer.record(call) if sent else []
    return SyncAnswer(outcomes=outcomes, server_time=now)


@post(
    "/api/handouts/report",
    status_code=200,
    guards=[allow("firm_manager", "outlet_manager", "partner_system")],
    request_max_body_size=4_000_000,
)
async def report_handouts(
    data: JSONBody[ReportRequest],
    caller: CallerDependency,
    database: DatabaseDependency,
    handout_coalescer: CoalescerDependency,
    now: NowDependency,
) -> SyncAnswer:
    """Record what an outlet or a partner's system reports for its couriers, by codes."""
    sent = _check_length(data.records, REPORT_LIMIT)
    async with database.read() as connection:
        prepared = await prepare_report(connection, caller, data.campaign_id, sent)
    call = Call(caller=caller, source="report", sent=sent, prepared=prepared, campaign_id=data.campaign_id)
    outcomes = await handout_coalescer.record(call) if sent else []
    return SyncAnswer(outcomes=outcomes, server_time=now)


@post(
    "/api/handouts/{handout_id:uuid}/correct",
    status_code=200,
    guards=[allow("planner", "firm_manager", "outlet_manager")],
)
async def correct_handout(
    handout_id: FromPath[UUID],
    data: JSONBody[CorrectionRequest],
    caller: CallerDependency,
    database: DatabaseDependency,
    handout_coalescer: CoalescerDependency,
    now: NowDependency,
) -> Outcome:
    """Take copies of a handout back. The handout stays; the correction is linked to it."""
    async with database.read() as connection:
        found = await connection.fetchrow(
            SQL.read_holder_of_handout,
            caller.city_id,
            handout_id,
            caller.partner_id,
            caller.outlet_id,
            caller.division_code,
        )
    if found is None:
        raise NotFound("There is no such handout here.")
    holder = Holder(found["holder_kind"], found["holder_id"], found["outlet_id"])
    entry = CorrectionEntry(
        id=data.id,
        holder=holder,
        corrects_id=handout_id,
        copies=data.copies,
        at=now.astimezone(UTC),
        reason=data.reason,
    )
    sent = [{"kind": "correction", "corrects_id": handout_id, **msgspec.structs.asdict(data)}]
    call = Call(caller=caller, source="correction", sent=sent, prepared=[entry], campaign_id=found["campaign_id"])
    return (await handout_coalescer.record(call))[0]


@get("/api/campaigns/{campaign_id:uuid}/handouts", guards=[allow("planner", "firm_manager", "outlet_manager", "rider")])
async def read_handouts(
    campaign_id: FromPath[UUID],
    caller: CallerDependency,
    database: DatabaseDependency,
    zone_id: FromQuery[UUID | None] = None,
    day: FromQuery[date | None] = None,
    before: FromQuery[UUID | None] = None,
    limit: Limit = 100,
) -> list[HandoutRow]:
    """The rows behind the figures in scope, newest first. `before`: the last id of the page before."""
    async with database.read() as connection:
        found = await connection.fetch(
            SQL.read_handouts, caller.city_id, campaign_id, caller.partner_id, caller.outlet_id, caller.rider_id,
            zone_id, day, caller.division_code, before, limit,
        )  # fmt: skip
    return rows(HandoutRow, found)


@get("/api/handouts/own-day", guards=[allow("rider")])
async def read_own_day(caller: CallerDependency, database: DatabaseDependency, now: NowDependency) -> OwnDay:
    """The rider's own day: handed out, left, each confirmation. Phones add what still waits in them."""
    whose = (caller.city_id, caller.subject_id)
    async with database.read() as connection:
        day = now.astimezone(await read_timezone(connection, caller.city_id)).date()
        return OwnDay(
            day=day,
            handed_out=await connection.fetchval(SQL.read_own_day, *whose, day),
            holdings=rows(Holding, await connection.fetch(SQL.read_holdings, *whose)),
            handouts=rows(OwnHandout, await connection.fetch(SQL.read_own_handouts, *whose, day)),
            visits=rows(OwnVisit, await connection.fetch(SQL.read_own_visits, *whose, day)),
            waiting_refused=await connection.fetchval(SQL.count_own_refused, *whose),
            server_time=now,
        )


@get("/api/handouts/pack", guards=[allow("rider")])
async def read_handout_pack(
    request: Request[Caller, Any, Any], caller: CallerDependency, database: DatabaseDependency
) -> Response[HandoutPack | None]:
    """What the rider's phone keeps for work without signal: zones with their cells, campaigns, the question's share.
    304 when it has all that already."""
    pack = await read_pack(database, caller)
    etag = f'W/"{blake2b(msgspec.json.encode(pack), digest_size=12).hexdigest()}"'
    headers = {"etag": etag, "cache-control": "private, no-cache"}
    if request.headers.get("if-none-match", "").removeprefix("W/") == etag.removeprefix("W/"):
        return Response(None, status_code=304, headers=headers)
    return Response(pack, headers=headers)


@get("/api/campaigns/{campaign_id:uuid}/visits", guards=[allow("planner")])
async def read_visits(
    campaign_id: FromPath[UUID],
    caller: CallerDependency,
    database: DatabaseDependency,
    zone_id: FromQuery[UUID | None] = None,
) -> list[ZoneVisits]:
    """Doors at which nothing was handed out, by zone: declined, or nobody reached. No part of any coverage."""
    async with database.read() as connection:
        found = await connection.fetch(SQL.read_zone_visits, caller.city_id, campaign_id, caller.division_code, zone_id)
    return rows(ZoneVisits, found)


ROUTES = [
    sync_handouts, report_handouts, correct_handout, read_handouts, read_own_day, read_handout_pack, read_visits,
    *refused_routes.ROUTES,
]  # fmt: skip
