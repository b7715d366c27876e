"""Spot checks as they are stored: SQL in, structs out."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec

from dispatch.checks import rules
from dispatch.database import Call, Connection, one, queries_for, rows
from dispatch.database.queries import Scope
from dispatch.problems import NotFound
from dispatch.reach.clusters import ClusterAnswer, correlation
from schemas.checks import NewSpotCheck, NewSpotCheckResult, SpotCheckResult, SpotCheckStatus
from schemas.common import Datum

SQL = queries_for(__file__)


class AfterCheck(NamedTuple):
    """Where a page of checks begins: after this one."""

    planned_at: datetime
    spot_check_id: UUID


class ZoneCells(msgspec.Struct, frozen=True, kw_only=True):
    """A zone's cells with households, ascending."""

    zone_id: UUID
    cells: list[int]
    households: list[int]


class CheckRow(msgspec.Struct, frozen=True, kw_only=True):
    """A check as listed; `counts`: its current results by cluster."""

    spot_check_id: UUID
    campaign_id: UUID
    zone_code: str
    zone_name: str
    division_code: str
    sample: int
    clusters_planned: int
    clusters_answered: int
    seed: int
    status: SpotCheckStatus
    planned_at: datetime
    closed_at: datetime | None
    datum: Datum
    timezone: str
    target_reach: float
    counts: rules.ClusterResults


class ClusterRow(msgspec.Struct, frozen=True, kw_only=True):
    """A cluster with its current result."""

    cluster: rules.Cluster
    result: SpotCheckResult | None


async def read_campaign_status(connection: Connection, city_id: int, campaign_id: UUID) -> str:
    """The campaign's status. Raises NotFound."""
    status = await connection.fetchval(*SQL.read_campaign_status(city_id=city_id, campaign_id=campaign_id))
    if status is None:
        raise NotFound("There is no such campaign here.")
    return status


async def read_target(connection: Connection, city_id: int, campaign_id: UUID) -> float:
    """The campaign's target. Raises NotFound."""
    target = await connection.fetchval(*SQL.read_campaign_target(city_id=city_id, campaign_id=campaign_id))
    if target is None:
        raise NotFound("There is no such campaign here.")
    return target


async def read_correlation(connection: Connection, city_id: int, campaign_id: UUID) -> float:
    """How alike the households of one cluster are, by all closed checks of the campaign."""
    found = await connection.fetch(*SQL.read_closed_clusters(city_id=city_id, campaign_id=campaign_id))
    return correlation(
        [[ClusterAnswer(*pair) for pair in zip(row["have"], row["asked"], strict=True)] for row in found]
    )


async def read_zone_cells(connection: Connection, scope: Scope, zone_code: str) -> ZoneCells:
    """The cells to draw from. Raises NotFound for a zone that is not in scope."""
    zone = one(ZoneCells, await connection.fetchrow(*SQL.read_zone_cells(scope, zone_code=zone_code)))
    if zone is None:
        raise NotFound(f"There is no zone {zone_code} here.", field="zone_code")
    return zone


async def read_stored_check(connection: Connection, scope: Scope, spot_check_id: UUID) -> rules.StoredCheck | None:
    """The check as planned; None where there is none in scope."""
    statement = SQL.read_stored_check(scope, spot_check_id=spot_check_id)
    return one(rules.StoredCheck, await connection.fetchrow(*statement))


async def lock_check(connection: Connection, scope: Scope, spot_check_id: UUID) -> rules.StoredCheck:
    """The check as planned, locked until the transaction ends. Raises NotFound."""
    check = one(rules.StoredCheck, await connection.fetchrow(*SQL.lock_check(scope, spot_check_id=spot_check_id)))
    if check is None:
        raise NotFound("There is no such spot check here.")
    return check


async def insert_check(
    connection: Connection, city_id: int, wanted: NewSpotCheck, campaign_id: UUID, zone_id: UUID,
    drawn: Sequence[rules.Cluster], planned_at: datetime, planned_by: UUID,
) -> bool:  # fmt: skip
    """Store a plan with its clusters; False, and nothing stored, when the id is in use."""
    place = {"city_id": city_id, "spot_check_id": wanted.spot_check_id}
    made = await connection.fetchval(
        *SQL.insert_check(
            **place, campaign_id=campaign_id, zone_id=zone_id, sample=wanted.sample, clusters=len(drawn),
            seed=wanted.seed, planned_at=planned_at, planned_by=planned_by,
        )
    )  # fmt: skip
    if made is None:
        return False
    await connection.execute(
        *SQL.insert_clusters(
            **place,
            numbers=[cluster.number for cluster in drawn],
            cells=[cluster.cell for cluster in drawn],
            households=[cluster.households for cluster in drawn],
            planned=[cluster.planned for cluster in drawn],
            start_directions=[cluster.start_direction for cluster in drawn],
            first_doors=[cluster.first_door for cluster in drawn],
            door_intervals=[cluster.door_interval for cluster in drawn],
        )
    )
    return True


async def read_planned(connection: Connection, city_id: int, spot_check_id: UUID, number: int) -> int | None:
    """Households planned for a cluster; None where the check has no such cluster."""
    return await connection.fetchval(
        *SQL.read_planned(city_id=city_id, spot_check_id=spot_check_id, number=number)
    )  # fmt: skip


async def read_results(
    connection: Connection, city_id: int, spot_check_id: UUID, wanted: NewSpotCheckResult
) -> list[rules.StoredResult]:
    """Results of the cluster, and the one stored under the wanted id."""
    found = await connection.fetch(
        *SQL.read_results(
            city_id=city_id, spot_check_id=spot_check_id, number=wanted.number, result_id=wanted.result_id
        )
    )
    return rows(rules.StoredResult, found)


async def insert_result(
    connection: Connection, city_id: int, spot_check_id: UUID, wanted: NewSpotCheckResult, recorded_at: datetime,
    recorded_by: UUID,
) -> bool:  # fmt: skip
    """Store a result; False when another took its place first."""
    made = await connection.fetchval(
        *SQL.insert_result(
            city_id=city_id, spot_check_id=spot_check_id, recorded_at=recorded_at, recorded_by=recorded_by,
            **msgspec.structs.asdict(wanted),
        )
    )  # fmt: skip
    return made is not None


async def close_check(
    connection: Connection, city_id: int, spot_check_id: UUID, closed_at: datetime, closed_by: UUID
) -> None:
    """Close an open check."""
    await connection.execute(
        *SQL.close_check(city_id=city_id, spot_check_id=spot_check_id, closed_at=closed_at, closed_by=closed_by)
    )


async def read_check(connection: Connection, scope: Scope, spot_check_id: UUID) -> tuple[CheckRow, list[ClusterRow]]:
    """One check with its clusters. Raises NotFound."""
    listed = await _read_checks(connection, SQL.read_checks(scope, spot_check_id=spot_check_id, page_size=1))
    if not listed:
        raise NotFound("There is no such spot check here.")
    found = await connection.fetch(*SQL.read_clusters(city_id=scope.city_id, spot_check_id=spot_check_id))
    return listed[0], [_cluster(dict(row)) for row in found]


async def read_checks(
    connection: Connection, scope: Scope, campaign_id: UUID, after: AfterCheck | None, page_size: int
) -> list[CheckRow]:
    """A page of the campaign's checks in scope, newest first."""
    statement = SQL.read_checks(
        scope, campaign_id=campaign_id, page_size=page_size, after_planned_at=after and after.planned_at,
        after_id=after and after.spot_check_id,
    )  # fmt: skip
    return await _read_checks(connection, statement)


async def _read_checks(connection: Connection, statement: Call) -> list[CheckRow]:
    return rows(CheckRow, [{**row, "counts": dict(row)} for row in await connection.fetch(*statement)])


def _cluster(row: dict[str, object]) -> ClusterRow:
    result = None if row["result_id"] is None else row
    return msgspec.convert({"cluster": row, "result": result}, ClusterRow, strict=False)
