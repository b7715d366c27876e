"""Hand-outs: what phones, outlets and partners' systems send, and what they are told."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta, Struct

from schemas.common import Channel, Code, Instant, Reason

HandoutId = Annotated[
    UUID, Meta(description="UUIDv7 made where the hand-out was confirmed; sending it twice is harmless")
]
Cell = Annotated[
    str,
    Meta(
        pattern=r"^89[0-9a-f]{13}$",
        description="H3 cell of resolution 9 in the city's datum",
        examples=["8931aa5a9c3ffff"],
    ),
]
FirstCopyAnswer = Literal["yes", "no", "unknown"]
SYNC_LIMIT = 500
REPORT_LIMIT = 5000


class Handout(Struct, frozen=True, kw_only=True, tag="handout", tag_field="kind", forbid_unknown_fields=True):
    """One confirmation by a rider. Without a cell the zone must be named; with both, the zone counts."""

    id: HandoutId
    campaign_id: UUID
    material_id: UUID
    channel: Channel
    copies: Annotated[int, Meta(ge=1, le=500)]
    handed_out_at: Instant
    zone_id: UUID | None = None
    cell: Cell | None = None
    first_copy_answer: FirstCopyAnswer | None = None


class Correction(Struct, frozen=True, kw_only=True, tag="correction", tag_field="kind", forbid_unknown_fields=True):
    """Takes copies of an earlier hand-out back. `copies` left out: all that is left of it."""

    id: HandoutId
    corrects_id: UUID
    reason: Reason
    corrected_at: Instant
    copies: Annotated[int, Meta(ge=1, le=100_000)] | None = None


class ReportedHandout(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Copies an outlet or a partner's system reports for its couriers, by codes.

    The copies come from the rider named by `rider_code`, else from the outlet. `day` is for sheets that know no time.
    """

    id: HandoutId
    material_code: Code
    channel: Channel
    copies: Annotated[int, Meta(ge=1, le=100_000)]
    outlet_code: Code | None = None
    rider_code: Code | None = None
    zone_code: Code | None = None
    cell: Cell | None = None
    day: date | None = None
    handed_out_at: Instant | None = None


class SyncRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Unsent records of a phone, oldest first. Each is judged by itself: a malformed one refuses only itself."""

    records: Annotated[list[Any], Meta(extra_json_schema={"maxItems": SYNC_LIMIT, "items": {"type": "object"}})]


class ReportRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Reported hand-outs of one campaign."""

    campaign_id: UUID
    records: Annotated[list[Any], Meta(extra_json_schema={"maxItems": REPORT_LIMIT, "items": {"type": "object"}})]


class CorrectionRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A manager's or planner's correction of a hand-out in scope."""

    id: HandoutId
    reason: Reason
    copies: Annotated[int, Meta(ge=1, le=100_000)] | None = None


class Outcome(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The verdict on one record, in the order sent. `problem` comes with `rejected`; such a record is kept here too."""

    id: str | None
    outcome: Literal["recorded", "duplicate", "rejected"]
    problem: dict[str, Any] | None = None


class SyncAnswer(Struct, frozen=True, kw_only=True):
    """One outcome per record; everything `recorded` or `duplicate` is on disk."""

    outcomes: list[Outcome]
    server_time: datetime


class Holding(Struct, frozen=True, kw_only=True):
    """Copies of a material the rider or outlet holds now."""

    campaign_id: UUID
    material_id: UUID
    material_code: str
    material_name: str
    channels: list[str]
    quantity: int


class OwnDay(Struct, frozen=True, kw_only=True):
    """A rider's own day: what was handed out today and what is left. Nobody else's, and no ranking."""

    day: date
    handed_out: int
    holdings: list[Holding]
    server_time: datetime


class HandoutRow(Struct, frozen=True, kw_only=True):
    """A recorded hand-out, as those in whose scope it lies may see it."""

    handout_id: UUID
    campaign_id: UUID
    zone_id: UUID
    outlet_id: UUID
    material_id: UUID
    channel: str
    copies: int
    corrected: int
    day: date
    handed_out_at: datetime
    received_at: datetime
    corrects_id: UUID | None
    reason: str | None


class RefusedRow(Struct, frozen=True, kw_only=True):
    """A record that could not be taken, with the reason; it is kept until it is taken up or dismissed."""

    handout_id: UUID
    content_digest: str
    entry: str
    problem: str
    detail: str
    record: dict[str, Any] | list[Any] | str
    refused_at: datetime
    tries: int
    status: str


class TakenUp(Struct, frozen=True, kw_only=True):
    """What became of the waiting records that were tried again."""

    tried: int
    recorded: int
    duplicates: int
    still_refused: dict[str, int]


class Dismissal(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Refused records somebody looked at and leaves be."""

    handout_ids: Annotated[list[UUID], Meta(min_length=1, max_length=500)]
