"""Which questions are put, who may answer until when, and how two planners come to agree.

            raise_flags            answer              second planner agrees
    (none) ────────────▶ open ──────────────▶ answered ───────────────────▶ decided
                          │  ▲                    ▲
       later records      ▼  │ raised again       └ a planner may also agree before there is an answer
       explain it     withdrawn

Nothing follows from a flag by itself: its copies stay in every count. What a decision may change is `genuine_share`.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta, tzinfo
from typing import Final
from uuid import UUID

from msgspec import Struct

from dispatch.database.ids import is_version_7
from dispatch.flags.scores import THRESHOLD
from dispatch.problems import Problem
from schemas.flags import FlagDecision, FlagStatus

# As many questions a week as a few people can talk about.
QUEUE_LENGTH: Final = 20


class WeekNotMonday(Problem):
    """A week is named by its Monday."""

    slug, title, status = "week-not-monday", "The week does not begin on a Monday", 422


class WeekNotOver(Problem):
    """The week still runs: its hand-overs and confirmations may yet come in."""

    slug, title, status = "week-not-over", "The week is not over", 409


class FlagSettled(Problem):
    """The flag is decided or withdrawn; no answer and no opinion is taken any more."""

    slug, title, status = "flag-settled", "This question is settled", 409


class SecondPersonNeeded(Problem):
    """The same planner cannot agree with themselves: another one must come to the same decision."""

    slug, title, status = "second-person-needed", "A second planner must agree", 409


class OpinionChanged(Problem):
    """The id is on record with another opinion. An id belongs to one opinion permanently."""

    slug, title, status = "opinion-changed", "This id was used for another opinion", 409


class OpinionIdNotVersion7(Problem):
    """The opinion's id is no UUIDv7."""

    slug, title, status = "opinion-id-not-version-7", "The opinion's id is not a usable UUIDv7", 422


class ExistingFlag(Struct, frozen=True, kw_only=True):
    """A flag of the week that exists already. `touched`: somebody answered or gave an opinion."""

    rider_id: UUID
    status: FlagStatus
    touched: bool


class Choice(Struct, frozen=True, kw_only=True):
    """Whose questions are written (raised or brought up to date), and whose are withdrawn."""

    write: list[UUID]
    withdraw: list[UUID]


class Opinion(Struct, frozen=True, kw_only=True):
    """One planner's view as stored."""

    opinion_id: UUID
    account_id: UUID
    decision: FlagDecision
    reason: str


class Judgement(Struct, frozen=True, kw_only=True):
    """What an opinion does: `new` is to be stored, `settles` decides the flag."""

    new: bool
    settles: FlagDecision | None = None


def require_week(week_starts_on: date, now: datetime, timezone: tzinfo) -> None:
    """Refuse what is no whole week of the city's calendar that is over by now."""
    if week_starts_on.isoweekday() != 1:
        raise WeekNotMonday("Name the week by its Monday.", field="week_starts_on")
    if now.astimezone(timezone).date() < week_starts_on + timedelta(days=7):
        raise WeekNotOver("Look at a week when it is over; until then everything may still come in.")


def choose(scores: Mapping[UUID, float], flags: Iterable[ExistingFlag], most: int = QUEUE_LENGTH) -> Choice:
    """Which riders are asked: at most `most` a week, the highest scores first, equal ones by id.

    A rider who is asked already stays asked while the score holds; a flag that was answered or judged stays as it is.
    A rider without any record of the week (they may have expired) is left as is.
    """
    existing = {flag.rider_id: flag for flag in flags}
    untouched = {rider for rider, flag in existing.items() if flag.status == "open" and not flag.touched}
    asked = {rider for rider in untouched if scores.get(rider, THRESHOLD) >= THRESHOLD}
    taken = len(asked) + sum(
        1 for flag in existing.values() if flag.status != "withdrawn" and flag.rider_id not in untouched
    )
    fresh = [
        rider
        for rider, score in sorted(scores.items(), key=lambda item: (-item[1], item[0]))
        if score >= THRESHOLD and (rider not in existing or existing[rider].status == "withdrawn")
    ]
    write = [rider for rider in asked if rider in scores] + fresh[: max(0, most - taken)]
    return Choice(write=sorted(write), withdraw=sorted(untouched - asked))


def require_open(status: FlagStatus) -> None:
    """Refuse what comes after the flag is settled."""
    if status in ("decided", "withdrawn"):
        raise FlagSettled("This question is settled; nothing more is needed.", flag_status=status)


def judge_opinion(status: FlagStatus, given: Sequence[Opinion], wanted: Opinion) -> Judgement:
    """Judge a planner's opinion. Two different planners whose newest opinions agree decide the flag.

    Raises OpinionIdNotVersion7, OpinionChanged, FlagSettled or SecondPersonNeeded. A planner may come to another
    opinion; the same one twice by the same planner decides nothing.
    """
    if not is_version_7(wanted.opinion_id):
        raise OpinionIdNotVersion7("Make the id a UUIDv7.", field="opinion_id")
    for opinion in given:
        if opinion.opinion_id == wanted.opinion_id:
            if opinion != wanted:
                raise OpinionChanged("This id belongs to another opinion; make a new id.", field="opinion_id")
            return Judgement(new=False)
    require_open(status)
    newest = {opinion.account_id: opinion.decision for opinion in given}
    if newest.get(wanted.account_id) == wanted.decision:
        raise SecondPersonNeeded("This is your opinion already; another planner must come to the same decision.")
    agreed = any(account != wanted.account_id and decision == wanted.decision for account, decision in newest.items())
    return Judgement(new=True, settles=wanted.decision if agreed else None)


def genuine_share(
    copies: Mapping[UUID, int], reduced: Iterable[Mapping[UUID, int]], weight: float
) -> dict[UUID, float]:
    """Share v of each zone's copies that counts as genuine: those of flags decided `reduced_weight` count `weight`.

    `copies`: all copies by zone; `weight`: 0…1; `reduced`: each such flag's `zone_copies`. Zones without copies have 1.
    Flags open, explained or dismissed change nothing. Raises ValueError for a weight outside 0…1.
    """
    if not 0.0 <= weight <= 1.0:
        raise ValueError(f"weight must lie between 0 and 1, got {weight}")
    flagged: dict[UUID, int] = {}
    for part in reduced:
        for zone, number in part.items():
            flagged[zone] = flagged.get(zone, 0) + number
    return {
        zone: 1.0 - (1.0 - weight) * min(flagged.get(zone, 0), total) / total if total > 0 else 1.0
        for zone, total in copies.items()
    }
