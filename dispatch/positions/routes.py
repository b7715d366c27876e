"""Turning precise positions on and off, the rider's agreement, and a planner's look at the dots of a zone."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath, JSONBody

from dispatch.campaigns.rules import judge_id, judge_still_taking
from dispatch.database import Connection, beside, rows
from dispatch.dependencies import CallerDependency, ChangesDependency, DatabaseDependency, NowDependency
from dispatch.identity.caller import allow
from dispatch.noting import note
from dispatch.positions import notice, rules
from dispatch.problems import NotFound
from dispatch.zones.rules import judge_city_scope
from schemas.positions import (
    AskedPermit,
    NewPositionPermit,
    OwnPositions,
    PositionAnswer,
    PositionDot,
    PositionPermit,
    PositionSwitch,
    ZonePositions,
)

SQL = beside(__file__)


@get("/api/campaigns/{campaign_id:uuid}/positions/switch", guards=[allow("planner", "auditor")])
async def read_position_switch(
    campaign_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency, now: NowDependency
) -> PositionSwitch:
    """Whether precise positions are on in a campaign, and with what reason they were each time. Off by default."""
    async with database.read() as connection:
        if await connection.fetchval(SQL.read_campaign_id, caller.city_id, campaign_id) is None:
            raise NotFound("There is no such campaign here.")
        return await _switch_of(connection, caller.city_id, campaign_id, now)


@post("/api/campaigns/{campaign_id:uuid}/positions/switch-on", status_code=200, guards=[allow("planner")])
async def switch_positions_on(
    campaign_id: FromPath[UUID], data: JSONBody[NewPositionPermit], caller: CallerDependency,
    database: DatabaseDependency, now: NowDependency, changes: ChangesDependency,
) -> PositionSwitch:  # fmt: skip
    """Let riders be asked for precise positions, for a reason that they read, each erased after so many days."""
    judge_city_scope(caller)
    judge_id(data.permit_id, "permit_id")
    note(permit_id=data.permit_id, keep_days=data.keep_days)

    async def work(connection: Connection) -> PositionSwitch:
        status = await connection.fetchval(SQL.lock_campaign, caller.city_id, campaign_id)
        if status is None:
            raise NotFound("There is no such campaign here.")
        found = await connection.fetchrow(SQL.read_permit, caller.city_id, data.permit_id)
        same = (found["campaign_id"], _permit(found)) if found else None
        open_now = await connection.fetchval(SQL.read_open_permit, caller.city_id, campaign_id)
        if rules.judge_permit(data, campaign_id, same, open_now):
            judge_still_taking(status)
            await connection.execute(
                SQL.insert_permit, caller.city_id, data.permit_id, campaign_id, data.reason, data.keep_days, now,
                caller.subject_id,
            )  # fmt: skip
        return await _switch_of(connection, caller.city_id, campaign_id, now)

    switched = await database.transact(work)
    changes.mark(caller.city_id, campaign_id)
    return switched


@post("/api/campaigns/{campaign_id:uuid}/positions/switch-off", status_code=200, guards=[allow("planner")])
async def switch_positions_off(
    campaign_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency, now: NowDependency,
    changes: ChangesDependency,
) -> PositionSwitch:  # fmt: skip
    """No position is taken any more, and every one that was kept is erased at once. Off already: nothing happens."""
    judge_city_scope(caller)

    async def work(connection: Connection) -> PositionSwitch:
        if await connection.fetchval(SQL.lock_campaign, caller.city_id, campaign_id) is None:
            raise NotFound("There is no such campaign here.")
        ended = await connection.fetchval(SQL.end_permit, caller.city_id, campaign_id, now, caller.subject_id)
        erased = await connection.fetchval(SQL.erase_campaign_positions, caller.city_id, campaign_id)
        note(permit_id=ended, positions_erased=erased)
        return await _switch_of(connection, caller.city_id, campaign_id, now)

    switched = await database.transact(work)
    changes.mark(caller.city_id, campaign_id)
    return switched


async def _switch_of(connection: Connection, city_id: int, campaign_id: UUID, now: datetime) -> PositionSwitch:
    permits = rows(PositionPermit, await connection.fetch(SQL.read_permits, city_id, campaign_id))
    kept = await connection.fetchval(SQL.count_positions, city_id, campaign_id, now)
    return PositionSwitch(
        campaign_id=campaign_id, on=any(permit.ended_at is None for permit in permits), kept=kept, permits=permits
    )


def _permit(row: Any) -> PositionPermit:
    return PositionPermit(**{name: row[name] for name in PositionPermit.__struct_fields__})


@get("/api/campaigns/{campaign_id:uuid}/positions/zones/{zone_code:str}", guards=[allow("planner")])
async def read_positions(
    campaign_id: FromPath[UUID], zone_code: FromPath[str], caller: CallerDependency, database: DatabaseDependency,
    now: NowDependency,
) -> ZonePositions:  # fmt: skip
    """The precise positions of a zone, of two riders at least: day and place, never whose. City planners only; each
    look is in the trail."""
    judge_city_scope(caller)
    async with database.read() as connection:
        zone = await connection.fetchrow(SQL.read_zone, caller.city_id, zone_code)
        if zone is None or await connection.fetchval(SQL.read_campaign_id, caller.city_id, campaign_id) is None:
            raise NotFound("There is no such campaign or zone here.")
        found = await connection.fetch(
            SQL.read_zone_positions, caller.city_id, campaign_id, zone["zone_id"], now, rules.FEWEST
        )
    return ZonePositions(
        zone_code=zone["code"], datum=zone["datum"], fewest=rules.FEWEST, dots=rows(PositionDot, found)
    )


@get("/api/positions/agreement", guards=[allow("rider")])
async def read_position_agreement(
    caller: CallerDependency, database: DatabaseDependency, now: NowDependency
) -> OwnPositions:
    """What the rider is asked about precise positions, in which words, and how he answered."""
    async with database.read() as connection:
        return await _own_positions(connection, caller.city_id, caller.subject_id, now)


@post("/api/positions/agreement", status_code=200, guards=[allow("rider")])
async def answer_position_agreement(
    data: JSONBody[PositionAnswer], caller: CallerDependency, database: DatabaseDependency, now: NowDependency
) -> OwnPositions:
    """Agree to precise positions in a campaign, refuse, or withdraw: then every position of the rider's there is erased
    at once. Neither answer changes anything else."""

    async def work(connection: Connection) -> OwnPositions:
        permit = await connection.fetchrow(SQL.lock_permit_for_rider, caller.city_id, data.permit_id, caller.subject_id)
        if permit is None:
            raise NotFound("You are not asked for this.")
        if not await _answered_before(connection, caller.city_id, caller.subject_id, data):
            rules.judge_answer(data.given, data.version, permit["open"])
            await _keep_answer(connection, caller.city_id, caller.subject_id, data, permit["campaign_id"], now)
        return await _own_positions(connection, caller.city_id, caller.subject_id, now)

    return await database.transact(work)


async def _answered_before(connection: Connection, city_id: int, rider_id: UUID, data: PositionAnswer) -> bool:
    known = await connection.fetchrow(SQL.read_answer, city_id, data.answer_id)
    if known is None:
        return False
    if tuple(known) != (rider_id, data.permit_id, data.version, data.given):
        raise rules.PositionAnswerChanged("Make a new id for another answer.", field="answer_id")
    return True


async def _keep_answer(
    connection: Connection, city_id: int, rider_id: UUID, data: PositionAnswer, campaign_id: UUID, now: datetime
) -> None:
    # A no may be to words this server no longer knows: what counts is that nothing is taken.
    version = data.version if data.given else rules.NOTICE_VERSION
    await connection.execute(SQL.keep_notice, city_id, rules.NOTICE_VERSION, notice.TEXT_ZH, notice.TEXT_EN, now)
    await connection.execute(
        SQL.insert_answer, city_id, data.answer_id, rider_id, data.permit_id, version, data.given, now
    )
    if data.given:
        await connection.execute(SQL.begin_agreement, city_id, data.permit_id, rider_id, version, now)
        return
    await connection.execute(SQL.end_agreement, city_id, data.permit_id, rider_id)
    await connection.execute(SQL.erase_rider_positions, city_id, rider_id, campaign_id)


async def _own_positions(connection: Connection, city_id: int, rider_id: UUID, now: datetime) -> OwnPositions:
    kept = await connection.fetchrow(SQL.read_notice, city_id, rules.NOTICE_VERSION)
    asked = await connection.fetch(SQL.read_asked, city_id, rider_id, rules.NOTICE_VERSION, now)
    return OwnPositions(
        version=rules.NOTICE_VERSION,
        text_zh=kept["text_zh"] if kept else notice.TEXT_ZH,
        text_en=kept["text_en"] if kept else notice.TEXT_EN,
        campaigns=rows(AskedPermit, asked),
    )


ROUTES = [
    read_position_switch, switch_positions_on, switch_positions_off, read_positions, read_position_agreement,
    answer_position_agreement,
]  # fmt: skip
