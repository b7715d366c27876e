"""Putting, reading, answering and deciding questions about riders' weeks."""

from datetime import date, datetime
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from dispatch.database import Connection
from dispatch.database.changes import touch
from dispatch.flags import rules, store, weekly
from dispatch.flags.wording import question_of, reason_of
from dispatch.problems import NotFound
from dispatch.server.caller import Caller, allow
from dispatch.server.dependencies import CallerDependency, DatabaseDependency, NowDependency
from dispatch.server.pages import CursorText, decode_cursor, page_of, plain_list
from dispatch.server.refusals import refusals
from schemas.flags import (
    FlagAnswer,
    FlagReason,
    FlagRow,
    FlagStatus,
    NewFlagAnswer,
    NewFlagOpinion,
    OwnFlag,
    RaisedFlags,
    RaiseFlags,
)

MOST_FLAGS: Final = 500
Limit = Annotated[int | None, QueryParameter(ge=1, le=MOST_FLAGS)]


@post(
    "/api/campaigns/{campaign_id:uuid}/flags/raise",
    status_code=200,
    guards=[allow("planner", whole_city=True)],
    responses=refusals(NotFound, rules.WeekNotMonday, rules.WeekNotOver),
)
async def raise_flags(
    campaign_id: FromPath[UUID],
    data: JSONBody[RaiseFlags],
    caller: CallerDependency,
    database: DatabaseDependency,
    now: NowDependency,
) -> RaisedFlags:
    """Look at a week that is over and put the questions it raises; the same again changes nothing."""
    return await weekly.raise_flags(database, caller.city_id, campaign_id, data.week_starts_on, now)


@get(
    "/api/campaigns/{campaign_id:uuid}/flags",
    guards=[allow("planner", "firm_manager", "outlet_manager")],
    responses=refusals(),
)
async def read_flags(
    campaign_id: FromPath[UUID],
    caller: CallerDependency,
    database: DatabaseDependency,
    week_starts_on: FromQuery[date | None] = None,
    status: FromQuery[FlagStatus | None] = None,
    limit: Limit = None,
    cursor: CursorText = None,
) -> Response[list[FlagRow]]:
    """Questions in scope, without `status` those not yet decided. For planners a queue, the weightiest 20 first; for
    firms and outlets by zone, outlet and week. Riders are named by code only and never compared."""
    planner = caller.role == "planner"
    page_size = limit or (rules.QUEUE_LENGTH if planner else MOST_FLAGS)
    async with database.read() as connection:
        records = await store.read_flags(
            connection, caller.scope, campaign_id, by_score=planner, page_size=page_size + 1,
            week_starts_on=week_starts_on, status=status,
            after=decode_cursor(cursor, store.FlagKey) if cursor else None,
        )  # fmt: skip
    page, next_cursor = page_of(records, page_size, lambda record: record.key(by_score=planner))
    return plain_list([_row(record, planner) for record in page], next_cursor)


@get("/api/flags/own", guards=[allow("rider")], responses=refusals())
async def read_own_flags(caller: CallerDependency, database: DatabaseDependency) -> list[OwnFlag]:
    """What riders are asked about weeks of theirs, in plain words."""
    async with database.read() as connection:
        records = await store.read_own_flags(connection, caller.scope)
    return [
        OwnFlag(
            flag_id=record.flag_id,
            campaign_id=record.campaign_id,
            campaign_name=record.campaign_name,
            week_starts_on=record.week_starts_on,
            questions=[question_of(reason.facts) for reason in record.reasons],
            answer=record.rider_answer,
            answered_at=record.rider_answered_at,
        )
        for record in records
    ]


@post(
    "/api/flags/{flag_id:uuid}/answer",
    status_code=200,
    guards=[allow("rider", "outlet_manager")],
    responses=refusals(NotFound, rules.FlagSettled),
)
async def answer_flag(
    flag_id: FromPath[UUID],
    data: JSONBody[NewFlagAnswer],
    caller: CallerDependency,
    database: DatabaseDependency,
    now: NowDependency,
) -> FlagAnswer:
    """The rider, or the manager of the outlet, explains how it was. Each of them has an answer of their own."""

    async def answer(connection: Connection) -> FlagAnswer:
        flag = await store.lock_flag(connection, caller.scope, flag_id)
        text, answered_at = _answer_of(flag, caller)
        if answered_at is not None and text == data.text:
            return FlagAnswer(flag_id=flag_id, status=flag.status, text=data.text, answered_at=answered_at)
        rules.require_open(flag.status)
        if caller.rider_id:
            await store.write_rider_answer(connection, caller.city_id, flag_id, data.text, now)
        else:
            await store.write_outlet_answer(connection, caller.city_id, flag_id, data.text, now, caller.subject_id)
        await touch(connection, caller.city_id, flag.campaign_id)
        return FlagAnswer(flag_id=flag_id, status="answered", text=data.text, answered_at=now)

    return await database.transact(answer)


def _answer_of(flag: store.LockedFlag, caller: Caller) -> tuple[str | None, datetime | None]:
    """What this caller answered before, and when."""
    if caller.rider_id:
        return flag.rider_answer, flag.rider_answered_at
    return flag.outlet_answer, flag.outlet_answered_at


@post(
    "/api/flags/{flag_id:uuid}/decide",
    status_code=200,
    guards=[allow("planner")],
    responses=refusals(
        NotFound, rules.FlagSettled, rules.OpinionChanged, rules.OpinionIdNotVersion7, rules.SecondPersonNeeded
    ),
)
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

    async def decide(connection: Connection) -> FlagRow:
        flag = await store.lock_flag(connection, caller.scope, flag_id)
        given = await store.read_opinions(connection, caller.city_id, flag_id)
        judgement = rules.judge_opinion(flag.status, given, wanted)
        if judgement.new:
            if not await store.insert_opinion(connection, caller.city_id, flag_id, wanted, now):
                raise rules.OpinionChanged("This id belongs to an opinion on another flag.", field="opinion_id")
            if judgement.settles:
                await store.decide_flag(connection, caller.city_id, flag_id, judgement.settles, now)
            await touch(connection, caller.city_id, flag.campaign_id)
        (record,) = await store.read_flags(
            connection, caller.scope, flag.campaign_id, by_score=True, page_size=1, flag_id=flag_id
        )
        return _row(record, planner=True)

    return await database.transact(decide)


def _row(record: store.FlagRecord, planner: bool) -> FlagRow:
    """A flag as this caller may see it: score, points and opinions are for planners."""
    values: dict[str, Any] = msgspec.structs.asdict(record)
    if not planner:
        values |= {"score": None, "opinions": []}
    values["reasons"] = [
        FlagReason(facts=reason.facts, reason=reason_of(reason.facts), points=reason.points if planner else None)
        for reason in record.reasons
    ]
    return FlagRow(**values)


ROUTES = [raise_flags, read_flags, read_own_flags, answer_flag, decide_flag]
