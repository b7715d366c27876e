"""Review flags: questions about a rider's week with their reasons, the answers and what two planners made of them."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from schemas.common import Reason

FlagStatus = Literal["open", "answered", "decided", "withdrawn"]
FlagDecision = Literal["explained", "reduced_weight", "dismissed"]


class BeyondHeld(Struct, frozen=True, kw_only=True, tag="beyond-held", tag_field="slug"):
    """Copies confirmed that no recorded hand-over covers, still waiting when the week was looked at."""

    copies_beyond: int
    copies_confirmed: int
    """Of the whole week, those beyond included."""


class ClockAheadOfServer(Struct, frozen=True, kw_only=True, tag="clock-ahead", tag_field="slug"):
    """Confirmations whose time lay after the moment they reached the server."""

    confirmations_ahead: int
    confirmations: int


class ManyCellsInOneMinute(Struct, frozen=True, kw_only=True, tag="many-cells-in-one-minute", tag_field="slug"):
    """Minutes in which confirmations came from three map cells or more."""

    minutes: int
    most_cells: int
    confirmations: int


class FastBetweenCells(Struct, frozen=True, kw_only=True, tag="fast-between-cells", tag_field="slug"):
    """Steps faster than 60 km/h after both accuracies and 100 m were taken off; the fastest one is described."""

    fast_steps: int
    steps: int
    kilometres: float
    """Between the centres of the two cells."""
    minutes: float


class OutsideUsualZones(Struct, frozen=True, kw_only=True, tag="outside-usual-zones", tag_field="slug"):
    """Confirmations in zones for which the outlet neither declared capacity nor collected copies; the day with most."""

    day: date
    outside: int
    confirmations: int
    """Of that day."""


class OneCellEvenly(Struct, frozen=True, kw_only=True, tag="one-cell-evenly", tag_field="slug"):
    """Days with all confirmations in one cell and almost the same time between them."""

    days: int
    minutes_apart: float
    """The usual time between two confirmations on those days."""


class RoundNumbers(Struct, frozen=True, kw_only=True, tag="round-numbers", tag_field="slug"):
    """Confirmations of three copies or more whose number is a multiple of five."""

    round_numbers: int
    confirmations: int


FlagFacts = (
    BeyondHeld
    | ClockAheadOfServer
    | ManyCellsInOneMinute
    | FastBetweenCells
    | OutsideUsualZones
    | OneCellEvenly
    | RoundNumbers
)


class FlagReason(Struct, frozen=True, kw_only=True):
    """One reason: its facts, and the same in words."""

    facts: FlagFacts
    reason: str
    points: float | None
    """What it adds to the score; planners only."""


class FlagOpinion(Struct, frozen=True, kw_only=True):
    """One planner's opinion of a flag."""

    decision: FlagDecision
    reason: str
    by: str
    given_at: datetime


class FlagRow(Struct, frozen=True, kw_only=True):
    """A question about one rider's week. The rider is named by code only."""

    flag_id: UUID
    campaign_id: UUID
    week_starts_on: date
    rider_code: str
    outlet_code: str
    zone_code: str | None
    """Of the outlet."""
    status: FlagStatus
    score: float | None
    """Planners only; it orders their questions and decides nothing."""
    reasons: list[FlagReason]
    rider_answer: str | None
    rider_answered_at: datetime | None
    outlet_answer: str | None
    outlet_answered_at: datetime | None
    opinions: list[FlagOpinion]
    """Newest of each planner; planners only."""
    decision: FlagDecision | None
    decided_at: datetime | None
    raised_at: datetime


class OwnFlag(Struct, frozen=True, kw_only=True):
    """What riders are asked about a week of theirs, and the answer given so far."""

    flag_id: UUID
    campaign_id: UUID
    campaign_name: str
    week_starts_on: date
    questions: list[str]
    answer: str | None
    answered_at: datetime | None


class RaiseFlags(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The week to look at, by its Monday; it must be over."""

    week_starts_on: date


class RaisedFlags(Struct, frozen=True, kw_only=True):
    """What looking at a week came to. The same again changes nothing."""

    week_starts_on: date
    riders: int
    """Riders with confirmations that week."""
    raised: int
    changed: int
    withdrawn: int


class NewFlagAnswer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The rider's or the outlet's own words. A later answer replaces their earlier one until the flag is decided."""

    text: Annotated[str, Meta(min_length=2, max_length=1000, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f]+$")]


class FlagAnswer(Struct, frozen=True, kw_only=True):
    """The answer as stored."""

    flag_id: UUID
    status: FlagStatus
    text: str
    answered_at: datetime


class NewFlagOpinion(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A planner's view of a flag. It is decided when a second planner gives the same."""

    opinion_id: Annotated[UUID, Meta(description="UUIDv7 made by the page; sending it twice is harmless")]
    decision: FlagDecision
    reason: Reason
