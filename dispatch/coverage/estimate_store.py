"""The estimates of a campaign's reach as they are stored: SQL in, structs out."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from dispatch.coverage.estimates import Estimates, StoredArea, StoredReach
from dispatch.database import Connection, one, queries_for, rows
from dispatch.database.queries import Scope

SQL = queries_for(__file__)


class EstimateState(Struct, frozen=True, kw_only=True):
    """What a campaign's evidence is now, and what its stored estimates rest on (None: nothing is stored)."""

    revision: int
    zones: int
    zones_changed_at: datetime | None
    target_reach: float
    material_ids: list[UUID]
    estimate_is_current: bool
    estimated_at: datetime | None
    estimated_target_reach: float | None
    a_median: float | None
    a_log_sd: float | None


async def read_stored_zones(connection: Connection, scope: Scope, campaign_id: UUID) -> list[StoredReach]:
    """The stored estimates of the zones in scope; empty where none are stored."""
    found = await connection.fetch(*SQL.read_stored_zones(scope, campaign_id=campaign_id))
    return rows(StoredReach, found)


async def read_stored_area(connection: Connection, scope: Scope, campaign_id: UUID) -> StoredArea | None:
    """The stored estimate of all zones in scope together; None where none is stored or no zone has households."""
    row = await connection.fetchrow(*SQL.read_stored_area(scope, campaign_id=campaign_id))
    return one(StoredArea, row)


async def write_estimates(
    connection: Connection, city_id: int, campaign_id: UUID, state: EstimateState, estimates: Estimates, now: datetime
) -> bool:
    """Store what was computed of this state, or say that what is stored holds for it where `estimates` has no zones.

    Returns False, and writes nothing, when estimates of newer evidence are stored.
    """
    place = {"city_id": city_id, "campaign_id": campaign_id}
    written = await connection.fetchval(
        *SQL.write_estimate_state(
            **place, revision=state.revision, zones=state.zones, zones_changed_at=state.zones_changed_at,
            target_reach=state.target_reach, a_median=estimates.a_median, a_log_sd=estimates.a_log_sd,
            estimated_at=now if estimates.zones else state.estimated_at or now,
        )
    )  # fmt: skip
    if written is None:
        return False
    if estimates.zones:
        await connection.execute(*SQL.delete_estimates(**place))
        await connection.execute(*SQL.insert_zone_estimates(**place, **_columns(estimates.zones, StoredReach)))
        await connection.execute(*SQL.insert_area_estimates(**place, **_columns(estimates.areas, StoredArea)))
    return True


def _columns(stored: Sequence[Struct], kind: type[Struct]) -> dict[str, list[object]]:
    """The rows field by field, also where there are none."""
    return {name: [getattr(row, name) for row in stored] for name in kind.__struct_fields__}
