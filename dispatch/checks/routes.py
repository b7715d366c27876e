"""Planning spot checks, recording what was found, reading what they say."""

from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
from litestar import get, post
from litestar.params import FromPath, JSONBody

from dispatch.checks import rules
from dispatch.database import Connection, Database, Retry, one, queries_for, rows
from dispatch.database.changes import touch
from dispatch.geo.cells import centres
from dispatch.geo.tile_encoder import hexadecimal
from dispatch.problems import NotFound
from dispatch.server.caller import Caller, allow
from dispatch.server.dependencies import CallerDependency, DatabaseDependency, NowDependency
from dispatch.server.pages import CursorText, Limit, decode_cursor, encode_cursor
from schemas.checks import (
    NewSpotCheck,
    NewSpotCheckResult,
    SpotCheck,
    SpotCheckCluster,
    SpotCheckPage,
    SpotCheckResult,
    SpotCheckSummary,
)

SQL = queries_for(__file__)
planners = allow("planner")
readers = allow("planner", "auditor")


@post("/api/campaigns/{campaign_id:uuid}/spot-checks", guards=[planners])
async def plan_spot_check(
    campaign_id: FromPath[UUID], data: JSONBody[NewSpotCheck], caller: CallerDependency, database: DatabaseDependency,
    now: NowDependency,
) -> SpotCheck:  # fmt: skip
    """Draw a sample of a zone's households: where to ask how many."""
    clusters = rules.clusters_wanted(data)

    async def work(connection: Connection) -> None:
        known = await connection.fetchrow(
            SQL.read_stored_check, caller.city_id, data.spot_check_id, caller.division_code
        )
        if known is not None:
            rules.require_same_check(data, campaign_id, clusters, rows(rules.StoredCheck, [known])[0])
            return
        zone_id, drawn = await _draw(connection, caller, campaign_id, data, clusters)
        made = await connection.fetchval(
            SQL.insert_check, caller.city_id, data.spot_check_id, campaign_id, zone_id, data.sample, clusters,
            data.seed, now, caller.subject_id,
        )  # fmt: skip
        if made is None:
            # Somebody was faster with this id, or it stands for a check of another district.
            stored = await _stored(connection, SQL.read_stored_check, caller, data.spot_check_id)
            rules.require_same_check(data, campaign_id, clusters, stored)
            return
        await connection.execute(SQL.insert_clusters, caller.city_id, data.spot_check_id, *_columns(drawn))
        await touch(connection, caller.city_id, campaign_id)

    await database.transact(work)
    return await _read(database, caller, data.spot_check_id, now)


async def _draw(
    connection: Connection, caller: Caller, campaign_id: UUID, wanted: NewSpotCheck, clusters: int
) -> tuple[UUID, list[rules.Cluster]]:
    status = await connection.fetchval(SQL.read_campaign_status, caller.city_id, campaign_id)
    if status is None:
        raise NotFound("There is no such campaign here.")
    zone = await connection.fetchrow(SQL.read_zone_cells, caller.city_id, wanted.zone_code, caller.division_code)
    if zone is None:
        raise NotFound(f"There is no zone {wanted.zone_code} here.", field="zone_code")
    rules.require_campaign_begun(status)
    drawn = rules.draw_clusters(zone["cells"], zone["households"], wanted.sample, clusters, wanted.seed)
    return zone["zone_id"], drawn


def _columns(clusters: list[rules.Cluster]) -> list[list[Any]]:
    """The clusters field by field, as insert_clusters takes them."""
    return [[getattr(cluster, name) for cluster in clusters] for name in rules.Cluster.__struct_fields__]


async def _stored(connection: Connection, statement: str, caller: Caller, spot_check_id: UUID) -> rules.StoredCheck:
    row = await connection.fetchrow(statement, caller.city_id, spot_check_id, caller.division_code)
    found = one(rules.StoredCheck, row)
    if found is None:
        raise NotFound("There is no such spot check here.")
    return found


@post("/api/spot-checks/{spot_check_id:uuid}/results", guards=[planners])
async def record_spot_check_result(
    spot_check_id: FromPath[UUID], data: JSONBody[NewSpotCheckResult], caller: CallerDependency,
    database: DatabaseDependency, now: NowDependency,
) -> SpotCheck:  # fmt: skip
    """Record what the households of one cluster said, or correct it; sent twice it counts once."""

    async def work(connection: Connection) -> UUID:
        check = await _stored(connection, SQL.lock_check, caller, spot_check_id)
        cluster = (caller.city_id, spot_check_id, data.number)
        planned = await connection.fetchval(SQL.read_planned, *cluster)
        stored = rows(rules.StoredResult, await connection.fetch(SQL.read_results, *cluster, data.result_id))
        if rules.judge_result(data, check, planned, stored):
            made = await connection.fetchval(
                SQL.insert_result, caller.city_id, data.result_id, spot_check_id, data.number, data.asked, data.have,
                data.read_and_remembered, data.replaces_id, now, caller.subject_id,
            )  # fmt: skip
            if made is None:
                raise Retry
            await touch(connection, caller.city_id, check.campaign_id)
        return check.campaign_id

    await database.transact(work)
    return await _read(database, caller, spot_check_id, now)


@post("/api/spot-checks/{spot_check_id:uuid}/close", status_code=200, guards=[planners])
async def close_spot_check(
    spot_check_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency, now: NowDependency,
) -> SpotCheck:  # fmt: skip
    """End the asking: from now on the sample counts as measured. Only corrections are left."""

    async def work(connection: Connection) -> UUID:
        check = await _stored(connection, SQL.lock_check, caller, spot_check_id)
        if check.status == "open":
            await connection.execute(SQL.close_check, caller.city_id, spot_check_id, now, caller.subject_id)
            await touch(connection, caller.city_id, check.campaign_id)
        return check.campaign_id

    await database.transact(work)
    return await _read(database, caller, spot_check_id, now)


@get("/api/campaigns/{campaign_id:uuid}/spot-checks", guards=[readers])
async def read_spot_checks(
    campaign_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency, now: NowDependency,
    limit: Limit = 50, cursor: CursorText = None,
) -> SpotCheckPage:  # fmt: skip
    """The campaign's spot checks in scope, newest first."""
    behind = decode_cursor(cursor, tuple[datetime, UUID]) if cursor else (None, None)
    async with database.read() as connection:
        if await connection.fetchval(SQL.read_campaign_status, caller.city_id, campaign_id) is None:
            raise NotFound("There is no such campaign here.")
        found = await connection.fetch(
            SQL.read_checks, caller.city_id, campaign_id, caller.division_code, None, *behind, limit + 1
        )
    checks = [SpotCheckSummary(**_summary(row, now)) for row in found[:limit]]
    last = checks[-1] if len(found) > limit else None
    return SpotCheckPage(
        spot_checks=checks, next_cursor=encode_cursor(last.planned_at, last.spot_check_id) if last else None
    )


@get("/api/spot-checks/{spot_check_id:uuid}", guards=[readers])
async def read_spot_check(
    spot_check_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency, now: NowDependency
) -> SpotCheck:
    """One spot check with its clusters and what it says."""
    return await _read(database, caller, spot_check_id, now)


async def _read(database: Database, caller: Caller, spot_check_id: UUID, now: datetime) -> SpotCheck:
    async with database.read() as connection:
        row = await connection.fetchrow(
            SQL.read_checks, caller.city_id, None, caller.division_code, spot_check_id, None, None, 1
        )
        if row is None:
            raise NotFound("There is no such spot check here.")
        clusters = await connection.fetch(SQL.read_clusters, caller.city_id, spot_check_id)
    return SpotCheck(**_summary(row, now), datum=row["datum"], clusters=_clusters(clusters))


def _summary(row: Any, now: datetime) -> dict[str, Any]:
    """The fields of SpotCheckSummary out of a row of read_checks."""
    values: dict[str, Any] = dict(row)
    zone = ZoneInfo(values.pop("timezone"))
    del values["datum"]
    counts = rules.Counts(**{name: int(values.pop(name)) for name in rules.Counts.__struct_fields__})
    figures = rules.figures_of(counts, values["status"])
    return {**values, "figures": figures, "as_of": now.astimezone(zone)}


def _clusters(found: list[Any]) -> list[SpotCheckCluster]:
    cells = np.array([row["cell"] for row in found], dtype=np.int64)
    return [
        SpotCheckCluster(
            **{name: row[name] for name in rules.Cluster.__struct_fields__ if name != "cell"},
            cell=text,
            longitude=longitude,
            latitude=latitude,
            instruction=rules.instruction_of(
                rules.Cluster(**{name: row[name] for name in rules.Cluster.__struct_fields__})
            ),
            result=None
            if row["result_id"] is None
            else SpotCheckResult(**{name: row[name] for name in SpotCheckResult.__struct_fields__}),
        )
        for row, text, (longitude, latitude) in zip(found, hexadecimal(cells), centres(cells).tolist(), strict=True)
    ]


ROUTES = [plan_spot_check, record_spot_check_result, close_spot_check, read_spot_checks, read_spot_check]
