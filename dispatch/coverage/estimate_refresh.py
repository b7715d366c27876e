"""Keeps estimated reach up to date: computed when the evidence has changed, so that a read is a read.

Every server process looks from time to time; what another one has stored meanwhile is not computed again. Two that work
at the same time write the same figures, and never older evidence over newer.
"""

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from dispatch.coverage import rules
from dispatch.coverage.check_figures import Round, last_rounds
from dispatch.coverage.estimate_store import EstimateState, read_stored_zones, write_estimates
from dispatch.coverage.estimates import Estimates, ZoneEvidence, compute_estimates
from dispatch.coverage.rounds import read_rounds
from dispatch.coverage.shown_reach import ZoneTallies
from dispatch.coverage.view import Question
from dispatch.database import Connection, Database, announce, one, queries_for, rows
from dispatch.database.queries import Scope

logger = logging.getLogger("dispatch.coverage")
SQL = queries_for(__file__)
# What households had some weeks ago says little about today, because copies keep going out: an older check is still
# shown as the verified reach of its day, but no longer weighs in the estimate.
CHECK_SPEAKS_FOR = timedelta(days=14)
_first_looks: dict[tuple[str, int, UUID], asyncio.Lock] = {}


async def ensure_estimated(database: Database, question: Question) -> None:
    """Have a campaign's first estimates computed and stored before a page shows them: a GET may write here, once.

    A page asks for many figures at once: one request works, the others wait. Does nothing where the question's answer
    shows no stored estimates, and where there is no such campaign.
    """
    caller, campaign_id = question.caller, question.campaign_id
    async with database.read() as connection:
        row = await connection.fetchrow(*SQL.read_first_look(city_id=caller.city_id, campaign_id=campaign_id))
    if row is None or row["is_estimated"]:
        return
    cut = rules.cut_off(question.now, ZoneInfo(row["timezone"]), question.as_of)
    scope = rules.scope_of(caller.partner_id, caller.division_code)
    if rules.shows_estimates(scope, question.material, cut):
        await _estimate_once(database, caller.city_id, campaign_id, question.now)


async def _estimate_once(database: Database, city_id: int, campaign_id: UUID, now: datetime) -> None:
    key = (database.url, city_id, campaign_id)
    lock = _first_looks.setdefault(key, asyncio.Lock())
    try:
        async with lock:
            await refresh_estimates(database, city_id, campaign_id, now)
    finally:
        if not lock.locked():
            _first_looks.pop(key, None)


async def refresh_estimates(database: Database, city_id: int, campaign_id: UUID, now: datetime) -> bool:
    """Compute a campaign's reach again if its evidence has changed since; returns whether anything was written.

    Also when nobody is waiting: at the end of a demonstration or a replay. Without such a campaign nothing happens.
    """
    async with database.read() as connection:
        row = await connection.fetchrow(*SQL.read_view(city_id=city_id, campaign_id=campaign_id))
        state = one(EstimateState, row)
        if state is None or state.estimate_is_current:
            return False
        # Read after the version: what is stored is at least as new as the version it is stored under.
        evidence = await _read_evidence(connection, city_id, campaign_id, state.material_ids, now)
        unchanged = await _read_unchanged(connection, city_id, campaign_id, evidence, state)
    estimates = unchanged or await asyncio.to_thread(compute_estimates, evidence, state.target_reach, now)

    async def store(connection: Connection) -> bool:
        written = await write_estimates(connection, city_id, campaign_id, state, estimates, now)
        if written:
            announce(city_id, campaign_id)
        return written

    return await database.transact(store)


async def _read_evidence(
    connection: Connection, city_id: int, campaign_id: UUID, material_ids: list[UUID], now: datetime
) -> list[ZoneEvidence]:
    place = {"city_id": city_id, "campaign_id": campaign_id, "as_of": now}
    zones = rows(ZoneTallies, await connection.fetch(*SQL.read_zones(**place, material_ids=material_ids)))
    rounds = await read_rounds(connection, Scope(city_id=city_id), campaign_id, now)
    checked = last_rounds(rounds, after=now - CHECK_SPEAKS_FOR)
    return [_evidence_of(zone, checked.get(zone.zone_id)) for zone in zones]


def _evidence_of(zone: ZoneTallies, checked: Round | None) -> ZoneEvidence:
    return ZoneEvidence(
        zone_id=zone.zone_id,
        division_code=zone.division_code,
        households=zone.households,
        copies=zone.handed_out,
        first_yes=zone.first_yes,
        first_asked=zone.first_asked,
        have=sum(checked.have) if checked else 0,
        sampled=sum(checked.asked) if checked else 0,
    )


async def _read_unchanged(
    connection: Connection, city_id: int, campaign_id: UUID, evidence: Sequence[ZoneEvidence], state: EstimateState
) -> Estimates | None:
    """What is stored, if it rests on this very evidence: a claim or a new wave changes the version and no figure."""
    if state.a_median is None or state.a_log_sd is None or state.estimated_target_reach != state.target_reach:
        return None
    stored = await read_stored_zones(connection, Scope(city_id=city_id), campaign_id)
    if {zone.zone_id: zone.evidence for zone in stored} != {zone.zone_id: zone for zone in evidence}:
        return None
    return Estimates(zones=[], areas=[], a_median=state.a_median, a_log_sd=state.a_log_sd)


class _StaleCampaign(msgspec.Struct, frozen=True, kw_only=True):
    city_id: int
    campaign_id: UUID


async def _read_stale(database: Database) -> list[_StaleCampaign]:
    async with database.read() as connection:
        return rows(_StaleCampaign, await connection.fetch(*SQL.read_stale_campaigns()))


async def cities_stale(database: Database) -> list[int]:
    """The cities with a campaign whose evidence has changed since its estimates were computed."""
    return sorted({campaign.city_id for campaign in await _read_stale(database)})


async def refresh_city(database: Database, city_id: int, now: datetime) -> None:
    """Compute again what has changed in any campaign of the city that has begun; one failing does not stop the next."""
    for campaign in await _read_stale(database):
        if campaign.city_id != city_id:
            continue
        try:
            await refresh_estimates(database, city_id, campaign.campaign_id, now)
        except Exception:
            identified = {"campaign_id": str(campaign.campaign_id)}
            logger.warning("reach_not_estimated", exc_info=True, extra=identified)
