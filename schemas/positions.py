"""Precise positions: turning them on for a campaign, the rider's own agreement, and the dots a planner may see."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from schemas.common import Datum

PositionsState = Literal["off", "unanswered", "declined", "agreed"]


class NewPositionPermit(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Positions are to be on, for this reason. The id is the caller's, so that sending it again is harmless."""

    permit_id: UUID
    reason: Annotated[
        str,
        Meta(
            min_length=10,
            max_length=500,
            pattern=r"^[^\x00-\x1f]+$",
            description="Why map cells do not suffice. Riders read it before they agree",
            examples=["核对老城区无电梯楼栋的发放点位，补印楼栋分布图"],
        ),
    ]
    keep_days: Annotated[int, Meta(ge=1, le=30, description="Days after which each position is erased")] = 7


class PositionPermit(Struct, frozen=True, kw_only=True):
    """A time during which positions were, or are, on."""

    permit_id: UUID
    reason: str
    keep_days: int
    given_at: datetime
    ended_at: datetime | None
    """Null: on."""


class PositionSwitch(Struct, frozen=True, kw_only=True):
    """Whether positions are on in a campaign, and every time they were."""

    campaign_id: UUID
    on: bool
    kept: int
    """Positions that are kept at present."""
    permits: list[PositionPermit]
    """Newest first, at most 50."""


class PositionDot(Struct, frozen=True, kw_only=True):
    """Where a hand-out was confirmed. Whose it was and at what time is in no answer."""

    day: date
    longitude: float
    latitude: float
    accuracy_metres: int


class ZonePositions(Struct, frozen=True, kw_only=True):
    """The positions of a zone, ordered by day and place. Fewer than `fewest` are not shown, nor how many they are;
    neither are those of one rider alone, for then they would be known to be one person's."""

    zone_code: str
    datum: Datum
    fewest: int
    dots: list[PositionDot]


class PositionAnswer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rider agrees to precise positions or does not, or no longer. The id is made by the phone."""

    answer_id: UUID
    permit_id: UUID
    given: bool
    version: Annotated[int, Meta(ge=1, le=10_000, description="The version of the words that were shown")]


class AskedPermit(Struct, frozen=True, kw_only=True):
    """A campaign of the rider's in which positions are on, and how the rider stands towards it."""

    permit_id: UUID
    campaign_id: UUID
    campaign_name: str
    reason: str
    keep_days: int
    state: PositionsState
    kept: int
    """Own positions that are kept at present."""


class OwnPositions(Struct, frozen=True, kw_only=True):
    """What a rider is asked about precise positions, with the words in force. No campaign: nothing is asked."""

    version: int
    text_zh: str
    text_en: str
    campaigns: list[AskedPermit]
