"""Planning spot checks, recording what was found, reading what they say."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
from litestar import get, post
from litestar.params import FromPath, JSONBody

from dispatch.checks import rules, store
from dispatch.database import Connection, Database, Retry
from dispatch.database.changes import touch
from dispatch.geo.cells import centres
from dispatch.geo.tile_encoder import hexadecimal
from dispatch.problems import InvalidRequest, NotFound
from dispatch.server.caller import Caller, allow
from dispatch.server.client_ids import IdUnusable
from dispatch.server.dependencies import CallerDependency, DatabaseDependency, NowDependency
from dispatch.server.pages import CursorText, Limit, decode_cursor, encode_cursor
from dispatch.server.refusals import refusals
from schemas.checks import (
    NewSpotCheck,
    NewSpotCheckResult,
    SpotCheck,
    SpotCheckCluster,
    SpotCheckPage,
    SpotCheckSummary,
)

planners = allow("planner")
readers = allow("planner", "auditor")


@post(
    "/api/campaigns/{campaign_id:uuid}/spot-checks",
    guards=[planners],
    responses=refusals(IdUnusable, NotFound, rules.SamplePlan, rules.SpotCheckChanged, rules.SpotCheckTooEarly),
)
async def plan_spot_check(
    campaign_id: FromPath[UUID], data: JSONBody[NewSpotCheck], caller: CallerDependency, database: DatabaseDependency,
    now: NowDependency,
) -> SpotCheck:  # fmt: skip
    """Draw a sample of a zone's households: where to ask how many."""
    clusters = rules.clusters_wanted(data)

    async def plan(connection: Connection) -> None:
        stored = await store.read_stored_check(connection, caller.scope, data.spot_check_id)
        if stored is not None:
            rules.require_same_check(data, campaign_id, clusters, stored)
            return
        zone_id, drawn = await _draw(connection, caller, campaign_id, data, clusters)
        if not await store.insert_check(
            connection, caller.city_id, data, campaign_id, zone_id, drawn, now, caller.subject_id
        ):
            # Somebody was faster with this id, or it is that of a check in another district.
            stored = await store.read_stored_check(connection, caller.scope, data.spot_check_id)
            if stored is None:
                raise NotFound("There is no such spot check here.")
            rules.require_same_check(data, campaign_id, clusters, stored)
            return
        await touch(connection, caller.city_id, campaign_id)

    await database.transact(plan)
    return await _read(database, caller, data.spot_check_id, now)


async def _draw(
    connection: Connection, caller: Caller, campaign_id: UUID, wanted: NewSpotCheck, clusters: int
) -> tuple[UUID, list[rules.Cluster]]:
    status = await store.read_campaign_status(connection, caller.city_id, campaign_id)
    zone = await store.read_zone_cells(connection, caller.scope, wanted.zone_code)
    rules.require_campaign_begun(status)
    drawn = rules.draw_clusters(zone.cells, zone.households, wanted.sample, clusters, wanted.seed)
    return zone.zone_id, drawn


@post(
    "/api/spot-checks/{spot_check_id:uuid}/results",
    guards=[planners],
    responses=refusals(
        IdUnusable, NotFound, rules.ClusterAnswered, rules.ClusterUnknown, rules.MoreThanAsked, rules.MoreThanPlanned,
        rules.ResultChanged, rules.SpotCheckClosed,
    ),
)  # fmt: skip
async def record_spot_check_result(
    spot_check_id: FromPath[UUID], data: JSONBody[NewSpotCheckResult], caller: CallerDependency,
    database: DatabaseDependency, now: NowDependency,
) -> SpotCheck:  # fmt: skip
    """Record what the households of one cluster said, or correct it; sent twice it counts once."""

    async def record(connection: Connection) -> None:
        check = await store.lock_check(connection, caller.scope, spot_check_id)
        planned = await store.read_planned(connection, caller.city_id, spot_check_id, data.number)
        results = await store.read_results(connection, caller.city_id, spot_check_id, data)
        if rules.judge_result(data, check, planned, results):
            if not await store.insert_result(connection, caller.city_id, spot_check_id, data, now, caller.subject_id):
                raise Retry
            await touch(connection, caller.city_id, check.campaign_id)

    await database.transact(record)
    return await _read(database, caller, spot_check_id, now)


@post(
    "/api/spot-checks/{spot_check_id:uuid}/close",
    status_code=200,
    guards=[planners],
    responses=refusals(NotFound),
)  # fmt: skip
async def close_spot_check(
    spot_check_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency, now: NowDependency,
) -> SpotCheck:  # fmt: skip
    """End the asking: from now on the sample counts as measured. Only corrections are left."""

    async def close(connection: Connection) -> None:
        check = await store.lock_check(connection, caller.scope, spot_check_id)
        if check.status == "open":
            await store.close_check(connection, caller.city_id, spot_check_id, now, caller.subject_id)
            await touch(connection, caller.city_id, check.campaign_id)

    await database.transact(close)
    return await _read(database, caller, spot_check_id, now)


@get(
    "/api/campaigns/{campaign_id:uuid}/spot-checks", guards=[readers], responses=refusals(InvalidRequest, NotFound)
)  # fmt: skip
async def read_spot_checks(
    campaign_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency, now: NowDependency,
    limit: Limit = 50, cursor: CursorText = None,
) -> SpotCheckPage:  # fmt: skip
    """The campaign's spot checks in scope, newest first."""
    after = decode_cursor(cursor, store.AfterCheck) if cursor else None
    async with database.read() as connection:
        target = await store.read_target(connection, caller.city_id, campaign_id)
        rho = await store.read_correlation(connection, caller.city_id, campaign_id)
        listed = await store.read_checks(connection, caller.scope, campaign_id, after, limit + 1)
    checks = [_summary(check, now, rho) for check in listed[:limit]]
    last = checks[-1] if len(listed) > limit else None
    return SpotCheckPage(
        spot_checks=checks,
        needed=rules.sample_needed(target, rho),
        next_cursor=encode_cursor(last.planned_at, last.spot_check_id) if last else None,
    )


@get("/api/spot-checks/{spot_check_id:uuid}", guards=[readers], responses=refusals(NotFound))
async def read_spot_check(
    spot_check_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency, now: NowDependency
) -> SpotCheck:
    """One spot check with its clusters and what it says."""
    return await _read(database, caller, spot_check_id, now)


async def _read(database: Database, caller: Caller, spot_check_id: UUID, now: datetime) -> SpotCheck:
    async with database.read() as connection:
        check, clusters = await store.read_check(connection, caller.scope, spot_check_id)
        rho = await store.read_correlation(connection, caller.city_id, check.campaign_id)
    summary = msgspec.structs.asdict(_summary(check, now, rho))
    return SpotCheck(**summary, datum=check.datum, clusters=_clusters(clusters))


def _summary(check: store.CheckRow, now: datetime, rho: float) -> SpotCheckSummary:
    stored = msgspec.structs.asdict(check)
    return SpotCheckSummary(
        **{name: stored[name] for name in SpotCheckSummary.__struct_fields__ if name in stored},
        figures=rules.figures_of(check.counts, check.status, check.target_reach, rho),
        as_of=now.astimezone(ZoneInfo(check.timezone)),
    )


def _clusters(stored: list[store.ClusterRow]) -> list[SpotCheckCluster]:
    cells = np.array([row.cluster.cell for row in stored], dtype=np.int64)
    return [
        _cluster(row, cell, longitude, latitude)
        for row, cell, (longitude, latitude) in zip(stored, hexadecimal(cells), centres(cells).tolist(), strict=True)
    ]


def _cluster(row: store.ClusterRow, cell: str, longitude: float, latitude: float) -> SpotCheckCluster:
    cluster = row.cluster
    return SpotCheckCluster(
        number=cluster.number,
        cell=cell,
        longitude=longitude,
        latitude=latitude,
        households=cluster.households,
        planned=cluster.planned,
        start_direction=cluster.start_direction,
        first_door=cluster.first_door,
        door_interval=cluster.door_interval,
        instruction=rules.instruction_of(cluster),
        result=row.result,
    )


ROUTES = [plan_spot_check, record_spot_check_result, close_spot_check, read_spot_checks, read_spot_check]
