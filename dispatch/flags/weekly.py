"""Looks at one week of a campaign and puts the questions it raises: read, count, score, write. Called by the planner's
route, and by whatever looks at each week by itself; apart from routes.py so that no request is needed."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
import numpy as np

from dispatch.database import Connection, Database, new_id, queries_for, rows
from dispatch.database.changes import touch
from dispatch.flags import evidence, rules, scores
from dispatch.flags.evidence import Week, Whole
from dispatch.problems import NotFound
from schemas.flags import RaisedFlags

SQL = queries_for(__file__)

# An id is made at the tap, on a UTC day that may differ from the local one; corrections may take two weeks more.
_ID_DAYS_BEFORE: Final = 2
_ID_DAYS_AFTER: Final = 14
# Phones without a network send late; what comes later still is not asked about.
_REFUSALS_UNTIL: Final = timedelta(days=28)


class Records(msgspec.Struct, frozen=True):
    """What the database holds of a week, as read."""

    week_starts_on: date
    timezone: tzinfo
    confirmed: Sequence[Any]
    refused: Sequence[Any]
    usual_zones: Sequence[Any]


class Question(msgspec.Struct, frozen=True):
    """A rider's score with its reasons, and the week's copies by zone, as far as they came with a cell."""

    score: float
    reasons: list[scores.Reason]
    zone_copies: dict[str, int]


async def raise_flags(
    database: Database, city_id: int, campaign_id: UUID, week_starts_on: date, now: datetime
) -> RaisedFlags:
    """Put the questions one week raises, at most QUEUE_LENGTH; the same again changes nothing.

    Open questions nobody has answered or judged are brought up to date, and withdrawn when later records have settled
    them; all others stay as they are. Raises NotFound, WeekNotMonday or WeekNotOver.
    """
    records = await _read(database, city_id, campaign_id, week_starts_on, now)
    questions = await asyncio.to_thread(judge, records)
    scores = {rider: question.score for rider, question in questions.items()}

    async def work(connection: Connection) -> RaisedFlags:
        await connection.execute(SQL.lock_campaign, city_id, campaign_id)
        found = await connection.fetch(SQL.read_week_flags, city_id, campaign_id, week_starts_on)
        known = rows(rules.Known, found)
        choice = rules.choose(scores, known)
        asked = [questions[rider] for rider in choice.write]
        written = await connection.fetch(
            SQL.write_flags, city_id, campaign_id, week_starts_on, now, [new_id(now) for _ in asked], choice.write,
            [question.score for question in asked], [_json(question.reasons) for question in asked],
            [_json(question.zone_copies) for question in asked],
        )  # fmt: skip
        gone = await connection.fetch(SQL.withdraw_flags, city_id, campaign_id, week_starts_on, choice.withdraw, now)
        if written or gone:
            await touch(connection, city_id, campaign_id)
        raised = len({row["rider_id"] for row in written} - {flag.rider_id for flag in known})
        return RaisedFlags(
            week_starts_on=week_starts_on, riders=len(questions), raised=raised, changed=len(written) - raised,
            withdrawn=len(gone),
        )  # fmt: skip

    return await database.transact(work)


async def _read(database: Database, city_id: int, campaign_id: UUID, week_starts_on: date, now: datetime) -> Records:
    async with database.read() as connection:
        name = await connection.fetchval(SQL.read_timezone, city_id, campaign_id)
        if name is None:
            raise NotFound("There is no such campaign here.")
        timezone = ZoneInfo(name)
        rules.require_week(week_starts_on, now, timezone)
        last = week_starts_on + timedelta(days=6)
        begins = datetime.combine(week_starts_on, time(), tzinfo=timezone)
        return Records(
            week_starts_on,
            timezone,
            await connection.fetch(
                SQL.read_week, city_id, campaign_id, week_starts_on, last,
                week_starts_on - timedelta(days=_ID_DAYS_BEFORE), last + timedelta(days=_ID_DAYS_AFTER),
            ),
            await connection.fetch(SQL.read_refusals, city_id, campaign_id, begins, begins + _REFUSALS_UNTIL),
            await connection.fetch(SQL.read_usual_zones, city_id, campaign_id),
        )  # fmt: skip


def judge(records: Records) -> dict[UUID, Question]:
    """Every rider of the week with the score; reasons only from the threshold on."""
    waiting, ahead = _refused_by_rider(records)
    confirmed = [row for row in records.confirmed if row["cell"] is not None]
    riders = sorted({row["rider_id"] for row in confirmed} | waiting.keys() | ahead.keys())
    counts = evidence.count(_week(records, confirmed, riders, waiting, ahead))
    scored = scores.score(counts)
    copies: dict[UUID, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in confirmed:
        copies[row["rider_id"]][str(row["zone_id"])] += row["copies"]
    return {
        rider: Question(
            float(scored.score[number]),
            scores.reasons_of(counts, scored, number) if scored.score[number] >= scores.THRESHOLD else [],
            dict(sorted(copies[rider].items())),
        )
        for number, rider in enumerate(riders)
    }


def _week(
    records: Records, confirmed: Sequence[Any], riders: list[UUID], waiting: dict[UUID, int], ahead: dict[UUID, int]
) -> Week:
    number = {rider: index for index, rider in enumerate(riders)}
    usual = {(row["outlet_id"], row["zone_id"]) for row in records.usual_zones}
    speaking = {outlet for outlet, _ in usual}
    recorded: Counter[UUID] = Counter()
    for row in records.confirmed:
        recorded[row["rider_id"]] += row["copies"]

    def place_of(row: Any) -> int:
        if row["outlet_id"] not in speaking:
            return evidence.UNKNOWN
        return evidence.INSIDE if (row["outlet_id"], row["zone_id"]) in usual else evidence.OUTSIDE

    return Week(
        riders=len(riders),
        rider=_whole([number[row["rider_id"]] for row in confirmed]),
        day=_whole([row["day"].toordinal() for row in confirmed]),
        second=_whole([row["second"] for row in confirmed]),
        ahead=_whole([row["ahead"] for row in confirmed]),
        cell=_whole([row["cell"] for row in confirmed]),
        copies=_whole([row["copies"] for row in confirmed]),
        place=_whole([place_of(row) for row in confirmed]),
        recorded_copies=_whole([recorded.get(rider, 0) for rider in riders]),
        waiting_copies=_whole([waiting.get(rider, 0) for rider in riders]),
        refused_ahead=_whole([ahead.get(rider, 0) for rider in riders]),
    )


def _refused_by_rider(records: Records) -> tuple[dict[UUID, int], dict[UUID, int]]:
    """Copies waiting for want of stock, by the day they were handed out; confirmations from the future, by the day they
    were refused, since their own day is not to be trusted."""
    waiting: Counter[UUID] = Counter()
    ahead: Counter[UUID] = Counter()
    for row in records.refused:
        if row["problem"] == "clock-ahead":
            ahead[row["rider_id"]] += _in_week(row["refused_at"], records)
        elif row["copies"] and row["handed_out_at"]:
            # Read as they were when they were judged.
            handed_out_at = msgspec.convert(row["handed_out_at"], datetime)
            waiting[row["rider_id"]] += int(float(row["copies"])) * _in_week(handed_out_at, records)
    # Riders without any drop out.
    return dict(+waiting), dict(+ahead)


def _in_week(at: datetime, records: Records) -> bool:
    day = at.astimezone(UTC).astimezone(records.timezone).date()
    return records.week_starts_on <= day <= records.week_starts_on + timedelta(days=6)


def _whole(values: Sequence[int]) -> Whole:
    return np.array(values, dtype=np.int64)


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
