"""Looks at one week of a campaign and puts the questions it raises: read, count, score, write.

Separate from the routes because the demonstration looks at its weeks without a request.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final
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


class ConfirmedCopies(msgspec.Struct, frozen=True, kw_only=True):
    """What a rider confirmed; `second` since 1970, `ahead`: seconds by which that lies after the arrival."""

    rider_id: UUID
    outlet_id: UUID
    zone_id: UUID
    cell: int | None
    day: date
    copies: int
    second: int
    ahead: int


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """What a phone sent and the server refused, as sent."""

    rider_id: UUID
    problem: str
    copies: str | None
    handed_out_at: str | None
    refused_at: datetime


class UsualZone(msgspec.Struct, frozen=True, kw_only=True):
    """A zone where an outlet works."""

    outlet_id: UUID
    zone_id: UUID


class Records(msgspec.Struct, frozen=True):
    """What the database holds of a week, as read."""

    week_starts_on: date
    timezone: tzinfo
    confirmed: Sequence[ConfirmedCopies]
    refused: Sequence[Refusal]
    usual_zones: Sequence[UsualZone]


class RiderScore(msgspec.Struct, frozen=True):
    """A rider's score with its reasons, and the week's copies by zone, as far as they came with a cell."""

    score: float
    reasons: list[scores.Reason]
    zone_copies: dict[str, int]


async def raise_flags(
    database: Database, city_id: int, campaign_id: UUID, week_starts_on: date, now: datetime
) -> RaisedFlags:
    """Put the questions one week raises, at most QUEUE_LENGTH; the same again changes nothing.

    Open questions that were neither answered nor judged are brought up to date, and withdrawn when later records have
    settled them; all others stay as they are. Raises NotFound, WeekNotMonday or WeekNotOver.
    """
    records = await _read(database, city_id, campaign_id, week_starts_on, now)
    questions = await asyncio.to_thread(judge, records)
    scores = {rider: question.score for rider, question in questions.items()}
    week = {"city_id": city_id, "campaign_id": campaign_id, "week_starts_on": week_starts_on}

    async def put(connection: Connection) -> RaisedFlags:
        await connection.execute(*SQL.lock_campaign(city_id=city_id, campaign_id=campaign_id))
        existing = rows(rules.ExistingFlag, await connection.fetch(*SQL.read_week_flags(**week)))
        choice = rules.choose(scores, existing)
        asked = [questions[rider] for rider in choice.write]
        written = await connection.fetch(*SQL.write_flags(**week, **_columns(choice.write, asked, now), raised_at=now))
        withdrawn = await connection.fetch(
            *SQL.withdraw_flags(**week, rider_ids=choice.withdraw, changed_at=now)
        )  # fmt: skip
        if written or withdrawn:
            await touch(connection, city_id, campaign_id)
        raised = len({row["rider_id"] for row in written} - {flag.rider_id for flag in existing})
        return RaisedFlags(
            week_starts_on=week_starts_on, riders=len(questions), raised=raised, changed=len(written) - raised,
            withdrawn=len(withdrawn),
        )  # fmt: skip

    return await database.transact(put)


def _columns(riders: Sequence[UUID], asked: Sequence[RiderScore], now: datetime) -> dict[str, list[object]]:
    return {
        "flag_ids": [new_id(now) for _ in riders],
        "rider_ids": list(riders),
        "scores": [question.score for question in asked],
        "reasons": [_json(question.reasons) for question in asked],
        "zone_copies": [_json(question.zone_copies) for question in asked],
    }


async def _read(database: Database, city_id: int, campaign_id: UUID, week_starts_on: date, now: datetime) -> Records:
    place = {"city_id": city_id, "campaign_id": campaign_id}
    async with database.read() as connection:
        name = await connection.fetchval(*SQL.read_timezone(**place))
        if name is None:
            raise NotFound("There is no such campaign here.")
        timezone = ZoneInfo(name)
        rules.require_week(week_starts_on, now, timezone)
        last = week_starts_on + timedelta(days=6)
        begins = datetime.combine(week_starts_on, time(), tzinfo=timezone)
        confirmed = await connection.fetch(
            *SQL.read_week(
                **place, first_day=week_starts_on, last_day=last,
                first_id_day=week_starts_on - timedelta(days=_ID_DAYS_BEFORE),
                last_id_day=last + timedelta(days=_ID_DAYS_AFTER),
            )
        )  # fmt: skip
        refused = await connection.fetch(
            *SQL.read_refusals(**place, refused_from=begins, refused_before=begins + _REFUSALS_UNTIL)
        )
        usual_zones = await connection.fetch(*SQL.read_usual_zones(**place))
    return Records(
        week_starts_on, timezone, rows(ConfirmedCopies, confirmed), rows(Refusal, refused), rows(UsualZone, usual_zones)
    )


def judge(records: Records) -> dict[UUID, RiderScore]:
    """Every rider of the week with the score; reasons only from the threshold on."""
    waiting, ahead = _refused_by_rider(records)
    confirmed = [entry for entry in records.confirmed if entry.cell is not None]
    riders = sorted({entry.rider_id for entry in confirmed} | waiting.keys() | ahead.keys())
    counts = evidence.count(_week(records, confirmed, riders, waiting, ahead))
    scored = scores.score(counts)
    copies: dict[UUID, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for entry in confirmed:
        copies[entry.rider_id][str(entry.zone_id)] += entry.copies
    return {
        rider: RiderScore(
            float(scored.score[number]),
            scores.reasons_of(counts, scored, number) if scored.score[number] >= scores.THRESHOLD else [],
            dict(sorted(copies[rider].items())),
        )
        for number, rider in enumerate(riders)
    }


def _week(
    records: Records,
    confirmed: Sequence[ConfirmedCopies],
    riders: list[UUID],
    waiting: dict[UUID, int],
    ahead: dict[UUID, int],
) -> Week:
    """The week as arrays; `confirmed`: the confirmations with a cell."""
    number = {rider: index for index, rider in enumerate(riders)}
    usual = {(place.outlet_id, place.zone_id) for place in records.usual_zones}
    with_zones = {outlet for outlet, _ in usual}
    recorded: Counter[UUID] = Counter()
    for entry in records.confirmed:
        recorded[entry.rider_id] += entry.copies

    def place_of(entry: ConfirmedCopies) -> int:
        if entry.outlet_id not in with_zones:
            return evidence.UNKNOWN
        return evidence.INSIDE if (entry.outlet_id, entry.zone_id) in usual else evidence.OUTSIDE

    return Week(
        riders=len(riders),
        rider=_whole([number[entry.rider_id] for entry in confirmed]),
        day=_whole([entry.day.toordinal() for entry in confirmed]),
        second=_whole([entry.second for entry in confirmed]),
        ahead=_whole([entry.ahead for entry in confirmed]),
        cell=_whole([entry.cell or 0 for entry in confirmed]),
        copies=_whole([entry.copies for entry in confirmed]),
        place=_whole([place_of(entry) for entry in confirmed]),
        recorded_copies=_whole([recorded.get(rider, 0) for rider in riders]),
        waiting_copies=_whole([waiting.get(rider, 0) for rider in riders]),
        refused_ahead=_whole([ahead.get(rider, 0) for rider in riders]),
    )


def _refused_by_rider(records: Records) -> tuple[dict[UUID, int], dict[UUID, int]]:
    """Copies waiting for want of stock, by the day they were handed out; confirmations from the future, by the day they
    were refused, since the day they name is not to be trusted."""
    waiting: Counter[UUID] = Counter()
    ahead: Counter[UUID] = Counter()
    for refusal in records.refused:
        if refusal.problem == "clock-ahead":
            ahead[refusal.rider_id] += _in_week(refusal.refused_at, records)
        elif refusal.copies and refusal.handed_out_at:
            # Read as they were when they were judged.
            handed_out_at = msgspec.convert(refusal.handed_out_at, datetime)
            waiting[refusal.rider_id] += int(float(refusal.copies)) * _in_week(handed_out_at, records)
    # Riders without any are left out.
    return dict(+waiting), dict(+ahead)


def _in_week(at: datetime, records: Records) -> bool:
    day = at.astimezone(UTC).astimezone(records.timezone).date()
    return records.week_starts_on <= day <= records.week_starts_on + timedelta(days=6)


def _whole(values: Sequence[int]) -> Whole:
    return np.array(values, dtype=np.int64)


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
