"""Keeps estimated reach up to date: computed when the evidence has changed, so that a read is a read.

Every server process looks now and then; what another one has kept meanwhile is not computed again. Two that work at
the same time write the same figures, and never older evidence over newer.
"""

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from msgspec import structs

from dispatch.coverage.estimates import Estimates, KeptArea, KeptReach, ZoneEvidence, work_out
from dispatch.database import Connection, Database, announce, queries_for

logger = logging.getLogger("dispatch.coverage")
SQL = queries_for(__file__)
# What households had some weeks ago says little about today, because copies keep going out: an older check stays on
# show as the verified reach of its day, but no longer weighs in the estimate.
CHECK_SPEAKS_FOR = timedelta(days=14)
_first_looks: dict[tuple[str, int, UUID], asyncio.Lock] = {}


async def estimate_first(database: Database, city_id: int, campaign_id: UUID, now: datetime) -> None:
    """Compute what nobody has looked at yet. A page asks for many figures at once: one works, the others wait."""
    key = (database.url, city_id, campaign_id)
    lock = _first_looks.setdefault(key, asyncio.Lock())
    try:
        async with lock:
            await refresh_estimates(database, city_id, campaign_id, now)
    finally:
        if not lock.locked():
            _first_looks.pop(key, None)


async def refresh_estimates(database: Database, city_id: int, campaign_id: UUID, now: datetime) -> bool:
    """Work a campaign's reach out again if its evidence has changed since; tell whether anything was written.

    Also when nobody is waiting: at the end of a demonstration or a replay. Without such a campaign nothing happens.
    """
    async with database.read() as connection:
        state = await connection.fetchrow(SQL.read_view, city_id, campaign_id, None)
        if state is None or state["estimate_is_current"]:
            return False
        # Read after the version: what is kept is at least as new as the version it is kept under.
        evidence = await _read_evidence(connection, city_id, campaign_id, state["material_ids"], now)
        kept = await _read_unchanged(connection, city_id, campaign_id, evidence, state)
    found = kept or await asyncio.to_thread(work_out, evidence, state["target_reach"], now)

    async def keep(connection: Connection) -> bool:
        kept_now = await _keep(connection, city_id, campaign_id, state, found, now)
        if kept_now:
            announce(city_id, campaign_id)
        return kept_now

    return await database.transact(keep)


async def _read_evidence(
    connection: Connection, city_id: int, campaign_id: UUID, material_ids: list[UUID], now: datetime
) -> list[ZoneEvidence]:
    zones = await connection.fetch(SQL.read_zones, city_id, campaign_id, material_ids, None, None, None, None, now)
    checked = {
        row["zone_id"]: row
        for row in await connection.fetch(SQL.read_verified, city_id, campaign_id, None, now, now - CHECK_SPEAKS_FOR)
    }
    return [
        ZoneEvidence(
            zone_id=row["zone_id"],
            division_code=row["division_code"],
            households=row["households"],
            copies=row["handed_out"],
            first_yes=row["first_yes"],
            first_asked=row["first_asked"],
            have=checked[row["zone_id"]]["have"] if row["zone_id"] in checked else 0,
            sampled=checked[row["zone_id"]]["asked"] if row["zone_id"] in checked else 0,
        )
        for row in zones
    ]


async def _read_unchanged(
    connection: Connection, city_id: int, campaign_id: UUID, evidence: Sequence[ZoneEvidence], state: Any
) -> Estimates | None:
    """What is kept, if it rests on this very evidence: a claim or a new wave changes the version and no figure."""
    if state["estimated_at"] is None or state["kept_target_reach"] != state["target_reach"]:
        return None
    zones = [KeptReach(**row) for row in await connection.fetch(SQL.read_kept_zones, city_id, campaign_id, None)]
    if {zone.zone_id: zone.evidence for zone in zones} != {zone.zone_id: zone for zone in evidence}:
        return None
    return Estimates(zones=[], areas=[], a_median=state["a_median"], a_log_sd=state["a_log_sd"])


async def _keep(
    connection: Connection, city_id: int, campaign_id: UUID, state: Any, found: Estimates, now: datetime
) -> bool:
    estimated_at = now if found.zones else state["estimated_at"] or now
    taken = await connection.fetchval(
        SQL.keep_state, city_id, campaign_id, state["revision"], state["zones"], state["zones_changed_at"],
        state["target_reach"], found.a_median, found.a_log_sd, estimated_at,
    )  # fmt: skip
    if taken is None:
        return False
    if found.zones:
        place = (city_id, campaign_id)
        await connection.execute(SQL.forget_estimates, *place)
        await connection.execute(SQL.keep_zones, *place, *_columns(found.zones, KeptReach))
        await connection.execute(SQL.keep_areas, *place, *_columns(found.areas, KeptArea))
    return True


def _columns(kept: Sequence[Any], kind: type[Any]) -> list[list[Any]]:
    """The rows field by field, in the order of the struct's fields."""
    return [[getattr(row, field.name) for row in kept] for field in structs.fields(kind)]


async def cities_stale(database: Database) -> list[int]:
    """The cities with a campaign whose evidence has changed since its estimates were computed."""
    async with database.read() as connection:
        return sorted({row["city_id"] for row in await connection.fetch(SQL.read_stale_campaigns)})


async def refresh_city(database: Database, city_id: int, now: datetime) -> None:
    """Compute again what has changed in any campaign of the city that has begun; one failing does not stop the next."""
    async with database.read() as connection:
        stale = [row for row in await connection.fetch(SQL.read_stale_campaigns) if row["city_id"] == city_id]
    for row in stale:
        try:
            await refresh_estimates(database, city_id, row["campaign_id"], now)
        except Exception:
            logger.warning("reach_not_estimated", exc_info=True, extra={"campaign_id": str(row["campaign_id"])})
