"""Putting, reading, answering and deciding questions about riders' weeks."""

from datetime import date, datetime
from typing import Annotated, Final
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from dispatch.database import Connection, queries_for, rows
from dispatch.database.changes import touch
from dispatch.flags import rules, weekly
from dispatch.flags.scores import Reason
from dispatch.flags.wording import question_of, reason_of
from dispatch.problems import NotFound
from dispatch.server.caller import Caller, allow
from dispatch.server.dependencies import CallerDependency, DatabaseDependency, NowDependency
from schemas.flags import (
    FlagAnswer,
    FlagOpinion,
    FlagReason,
    FlagRow,
    FlagStatus,
    NewFlagAnswer,
    NewFlagOpinion,
    OwnFlag,
    RaisedFlags,
    RaiseFlags,
)

SQL = queries_for(__file__)
MOST_FLAGS: Final = 500
Limit = Annotated[int | None, QueryParameter(ge=1, le=MOST_FLAGS)]


class Locked(msgspec.Struct, frozen=True, kw_only=True):
    """A flag held for an answer or an opinion."""

    campaign_id: UUID
    status: FlagStatus
    rider_answer: str | None
    rider_answered_at: datetime | None
    outlet_answer: str | None
    outlet_answered_at: datetime | None


class _Kept(msgspec.Struct, frozen=True, kw_only=True):
    reasons: list[Reason]
    opinions: list[FlagOpinion] = []


@post("/api/campaigns/{campaign_id:uuid}/flags/raise", status_code=200, guards=[allow("planner", whole_city=True)])
async def raise_flags(
    campaign_id: FromPath[UUID],
    data: JSONBody[RaiseFlags],
    caller: CallerDependency,
    database: DatabaseDependency,
    now: NowDependency,
) -> RaisedFlags:
    """Look at a week that is over and put the questions it raises; the same again changes nothing."""
    return await weekly.raise_flags(database, caller.city_id, campaign_id, data.week_starts_on, now)


@get("/api/campaigns/{campaign_id:uuid}/flags", guards=[allow("planner", "firm_manager", "outlet_manager")])
async def read_flags(
    campaign_id: FromPath[UUID],
    caller: CallerDependency,
    database: DatabaseDependency,
    week_starts_on: FromQuery[date | None] = None,
    status: FromQuery[FlagStatus | None] = None,
    limit: Limit = None,
) -> list[FlagRow]:
    """Questions in scope, without `status` those not yet decided. For planners a queue, the weightiest 20 first; for
    firms and outlets by zone, outlet and week. Riders are named by code only and never compared."""
    length = limit or (rules.QUEUE_LENGTH if caller.role == "planner" else MOST_FLAGS)
    async with database.read() as connection:
        return await _find_flags(connection, caller, campaign_id, None, week_starts_on, status, length)


@get("/api/flags/own", guards=[allow("rider")])
async def read_own_flags(caller: CallerDependency, database: DatabaseDependency) -> list[OwnFlag]:
    """What the caller is asked about own weeks, in plain words."""
    async with database.read() as connection:
        found = await connection.fetch(SQL.read_own_flags, caller.city_id, caller.rider_id)
    return [
        OwnFlag(
            flag_id=row["flag_id"],
            campaign_id=row["campaign_id"],
            campaign_name=row["campaign_name"],
            week_starts_on=row["week_starts_on"],
            questions=[question_of(reason.facts) for reason in msgspec.convert(row["reasons"], list[Reason])],
            answer=row["rider_answer"],
            answered_at=row["rider_answered_at"],
        )
        for row in found
    ]


@post("/api/flags/{flag_id:uuid}/answer", status_code=200, guards=[allow("rider", "outlet_manager")])
async def answer_flag(
    flag_id: FromPath[UUID],
    data: JSONBody[NewFlagAnswer],
    caller: CallerDependency,
    database: DatabaseDependency,
    now: NowDependency,
) -> FlagAnswer:
    """The rider, or the manager of the outlet, says how it was. Each has a voice of their own."""

    async def answer(connection: Connection) -> FlagAnswer:
        flag = await _lock_flag(connection, caller, flag_id)
        said = (
            (flag.rider_answer, flag.rider_answered_at)
            if caller.rider_id
            else (flag.outlet_answer, flag.outlet_answered_at)
        )
        if said[1] is not None and said[0] == data.text:
            return FlagAnswer(flag_id=flag_id, status=flag.status, text=data.text, answered_at=said[1])
        rules.require_open(flag.status)
        if caller.rider_id:
            await connection.execute(SQL.answer_as_rider, caller.city_id, flag_id, data.text, now)
        else:
            await connection.execute(SQL.answer_as_outlet, caller.city_id, flag_id, data.text, now, caller.subject_id)
        await touch(connection, caller.city_id, flag.campaign_id)
        return FlagAnswer(flag_id=flag_id, status="answered", text=data.text, answered_at=now)

    return await database.transact(answer)


@post("/api/flags/{flag_id:uuid}/decide", status_code=200, guards=[allow("planner")])
async def decide_flag(
    flag_id: FromPath[UUID],
    data: JSONBody[NewFlagOpinion],
    caller: CallerDependency,
    database: DatabaseDependency,
    now: NowDependency,
) -> FlagRow:
    """Give an opinion; the flag is decided when two different planners agree. Until then both are shown."""
    wanted = rules.Opinion(
        opinion_id=data.opinion_id, account_id=caller.subject_id, decision=data.decision, reason=data.reason
    )

    async def work(connection: Connection) -> FlagRow:
        flag = await _lock_flag(connection, caller, flag_id)
        given = await connection.fetch(SQL.read_opinions, caller.city_id, flag_id)
        judged = rules.judge_opinion(flag.status, rows(rules.Opinion, given), wanted)
        if judged.new:
            await _keep_opinion(connection, caller, flag_id, wanted, now)
            if judged.settles:
                await connection.execute(SQL.decide_flag, caller.city_id, flag_id, judged.settles, now)
            await touch(connection, caller.city_id, flag.campaign_id)
        return (await _find_flags(connection, caller, flag.campaign_id, flag_id, None, None, 1))[0]

    return await database.transact(work)


async def _keep_opinion(
    connection: Connection, caller: Caller, flag_id: UUID, wanted: rules.Opinion, now: datetime
) -> None:
    kept = await connection.fetchval(
        SQL.insert_opinion, caller.city_id, wanted.opinion_id, flag_id, wanted.account_id, wanted.decision,
        wanted.reason, now,
    )  # fmt: skip
    if kept is None:
        raise rules.OpinionChanged("This id stands for an opinion on another flag; make a new id.", field="opinion_id")


async def _lock_flag(connection: Connection, caller: Caller, flag_id: UUID) -> Locked:
    outlet_id = caller.outlet_id if caller.role == "outlet_manager" else None
    found = await connection.fetchrow(
        SQL.lock_flag, caller.city_id, flag_id, caller.rider_id, outlet_id, caller.division_code
    )
    if found is None:
        raise NotFound("There is no such question here.")
    return msgspec.convert(dict(found), Locked)


async def _find_flags(
    connection: Connection,
    caller: Caller,
    campaign_id: UUID,
    flag_id: UUID | None,
    week_starts_on: date | None,
    status: FlagStatus | None,
    limit: int,
) -> list[FlagRow]:
    planner = caller.role == "planner"
    found = await connection.fetch(
        SQL.read_flags, caller.city_id, campaign_id, flag_id, caller.partner_id, caller.outlet_id,
        caller.division_code, week_starts_on, status, limit, planner,
    )  # fmt: skip
    return [_row(dict(record), planner) for record in found]


def _row(record: dict[str, object], planner: bool) -> FlagRow:
    """A flag as this caller may see it: score, points and opinions are for planners."""
    kept = msgspec.convert({"reasons": record.pop("reasons"), "opinions": record.pop("opinions")}, _Kept)
    reasons = [
        FlagReason(facts=reason.facts, reason=reason_of(reason.facts), points=reason.points if planner else None)
        for reason in kept.reasons
    ]
    hidden = {} if planner else {"score": None}
    return msgspec.convert(
        {**record, **hidden, "reasons": reasons, "opinions": kept.opinions if planner else []}, FlagRow
    )


ROUTES = [raise_flags, read_flags, read_own_flags, answer_flag, decide_flag]
