"""Handouts: what phones, outlets and partners' systems send, and what they are answered."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta, Struct

from schemas.common import Channel, Code, Datum, Instant, MaterialKind, Reason, SourceId

HandoutId = Annotated[
    UUID, Meta(description="UUIDv7 made where the handout was confirmed; sending it twice is harmless")
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
VisitResult = Literal["declined", "nobody_reached"]
WaitsFor = Literal["cause", "person"]
"""That its cause goes: the server judges it again by itself. Or that a person decides: it never counts by itself."""
ReportedOutcome = Literal["recorded", "corrected", "waiting", "withdrawn"]
SYNC_LIMIT = 500
REPORT_LIMIT = 5000


class Handout(Struct, frozen=True, kw_only=True, tag="handout", tag_field="kind", forbid_unknown_fields=True):
    """One confirmation by a rider. Without a cell the zone must be named; with both, the zone counts. A coordinate has
    no place in it: the phone turns its position into a cell and sends only that.
    """

    id: HandoutId
    campaign_id: UUID
    material_id: UUID
    channel: Channel
    copies: Annotated[int, Meta(ge=1, le=500)]
    handed_out_at: Instant
    zone_id: UUID | None = None
    cell: Cell | None = None
    first_copy_answer: FirstCopyAnswer | None = None


class Visit(Struct, frozen=True, kw_only=True, tag="visit", tag_field="kind", forbid_unknown_fields=True):
    """Doors at which nothing was handed out: the copy was declined, or nobody could be reached. Zone or cell and a
    count, never an address. It takes no copies and counts towards no coverage."""

    id: HandoutId
    campaign_id: UUID
    result: VisitResult
    visits: Annotated[int, Meta(ge=1, le=50)]
    visited_at: Instant
    zone_id: UUID | None = None
    cell: Cell | None = None


class Correction(Struct, frozen=True, kw_only=True, tag="correction", tag_field="kind", forbid_unknown_fields=True):
    """Takes copies of an earlier handout back, or the doors of a visit. `copies` left out: all that is left of it."""

    id: HandoutId
    corrects_id: UUID
    reason: Reason
    corrected_at: Instant
    copies: Annotated[int, Meta(ge=1, le=100_000)] | None = None


class ReportedHandout(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Copies an outlet or a partner's system reports for its couriers, by codes, under an `id` or the firm's own
    `source_id`.

    The copies come from the rider named by `rider_code`, else from the outlet. `day` is for sheets that know no time.
    """

    id: HandoutId | None = None
    source_id: SourceId | None = None
    material_code: Code
    channel: Channel
    copies: Annotated[int, Meta(ge=1, le=100_000)]
    outlet_code: Code | None = None
    rider_code: Code | None = None
    zone_code: Code | None = None
    cell: Cell | None = None
    day: date | None = None
    handed_out_at: Instant | None = None


SyncRecord = Handout | Visit | Correction


def _of(name: str) -> dict[str, str]:
    """Where the contract describes a struct."""
    return {"$ref": f"#/components/schemas/{name}"}


# Decoded record by record, so that a malformed one refuses only itself. The contract describes them as any other.
_SYNC_RECORDS: dict[str, Any] = {
    "maxItems": SYNC_LIMIT,
    "items": {
        "oneOf": [_of(kind.__name__) for kind in (Handout, Visit, Correction)],
        "discriminator": {
            "propertyName": "kind",
            "mapping": {
                kind.__struct_config__.tag: _of(kind.__name__)["$ref"] for kind in (Handout, Visit, Correction)
            },
        },
    },
}
_REPORTED: dict[str, Any] = {"maxItems": REPORT_LIMIT, "items": _of(ReportedHandout.__name__)}


class SyncRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Unsent records of a phone, oldest first. Each is judged by itself: a malformed one refuses only itself."""

    records: Annotated[list[Any], Meta(extra_json_schema=_SYNC_RECORDS)]
    rider_id: UUID | None = None
    """Whose taps these are, so that a phone two riders share never credits one with the other's."""


class ReportRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Reported handouts of one campaign."""

    campaign_id: UUID
    records: Annotated[list[Any], Meta(extra_json_schema=_REPORTED)]


class CorrectionRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A correction of a handout in scope, under an `id` or the firm's own `source_id`. `copies` left out: all that is
    left of it."""

    id: HandoutId | None = None
    source_id: SourceId | None = None
    reason: Reason
    copies: Annotated[int, Meta(ge=1, le=100_000)] | None = None


class ReportedCorrection(CorrectionRequest, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A correction of a reported handout that is named by the firm's own reference."""

    corrects_source_id: SourceId


class Outcome(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The verdict on one record, in the order sent. `problem` comes with `rejected`; such a record is kept here too.

    `waits_for` says what becomes of it. A phone's record is counted once its cause is gone. A report waits for a
    person: it does not count, and will not by itself. Send the right figure under the same id, or withdraw it by
    `POST /api/handouts/refused/withdraw`.
    """

    id: str | None
    outcome: Literal["recorded", "duplicate", "rejected"]
    source_id: str | None = None
    """As it was sent."""
    problem: Annotated[dict[str, Any], Meta(extra_json_schema=_of("ProblemDocument"))] | None = None
    waits_for: WaitsFor | None = None


class SyncAnswer(Struct, frozen=True, kw_only=True):
    """One outcome per record; everything `recorded` or `duplicate` is on disk."""

    outcomes: list[Outcome]
    server_time: datetime


class ReportAnswer(SyncAnswer, frozen=True, kw_only=True):
    """One outcome per record, in the order sent. Without `dry_run` everything `recorded` or `duplicate` is on disk."""

    dry_run: bool
    """True: nothing was written or kept; these outcomes are what the same request would get now."""


class ReportedRow(Struct, frozen=True, kw_only=True):
    """A reported handout and what became of it."""

    id: UUID
    source_id: str | None
    """Null: it was reported under its id."""
    outcome: ReportedOutcome
    """`corrected`: recorded, and copies were taken back since. `waiting`: refused, and kept until somebody decides.
    `withdrawn`: refused, and dismissed."""
    campaign_id: UUID
    day: date | None
    copies: int | None
    """As recorded; null: it is not."""
    corrected: int
    """Copies taken back since."""
    material_code: str | None
    channel: str | None
    zone_code: str | None
    outlet_code: str | None
    problem: str | None
    """The last part of the problem's `type`, of what is waiting or withdrawn."""
    detail: str | None
    reported_at: datetime
    """When the firm first sent it."""
    recorded_at: datetime | None


class ReportedPage(Struct, frozen=True, kw_only=True):
    """Reported handouts, the latest id first; `next_cursor` is null on the last page."""

    handouts: list[ReportedRow]
    next_cursor: str | None


class Holding(Struct, frozen=True, kw_only=True):
    """Copies of a material the rider or outlet holds now."""

    campaign_id: UUID
    material_id: UUID
    material_code: str
    material_name: str
    material_kind: MaterialKind
    channels: list[Channel]
    quantity: int
    bundle_copies: int
    """Copies in one sealed bundle of this material."""


class OwnHandout(Struct, frozen=True, kw_only=True):
    """One of the rider's own handouts of the day, with what was taken back of it."""

    id: UUID
    campaign_id: UUID
    material_id: UUID
    channel: Channel
    copies: int
    corrected: int
    """Copies taken back since."""
    corrections: list[UUID]
    """The ids of the corrections, so that a phone knows which of its own have arrived."""
    handed_out_at: datetime


class OwnVisit(Struct, frozen=True, kw_only=True):
    """Doors of the rider's own day at which nothing was handed out."""

    id: UUID
    campaign_id: UUID
    result: VisitResult
    visits: int
    corrected: int
    corrections: list[UUID]
    visited_at: datetime


class OwnFigures(Struct, frozen=True, kw_only=True):
    """A rider's own figures: what was handed out today and what is left. Nobody else's, and no ranking."""

    rider_id: UUID
    """Whose figures these are, so that a phone two riders share never shows one's to the other."""
    day: date
    handed_out: int
    holdings: list[Holding]
    waiting_refused: int
    """Own records that could not be taken yet; `GET /api/handouts/refused` says why."""


class OwnDay(OwnFigures, frozen=True, kw_only=True):
    """A rider's own day: the figures, and each confirmation of the day."""

    handouts: list[OwnHandout]
    """Those of the day, newest first, at most 500."""
    visits: list[OwnVisit]
    server_time: datetime


class RiderSyncAnswer(SyncAnswer, frozen=True, kw_only=True):
    """The outcomes, and the rider's own figures with all of this call in them."""

    own_day: OwnFigures | None
    """As `GET /api/handouts/own-day` has them, without its lists: what was sent, the phone knows. Null when they could
    not be read in time; the outcomes hold all the same."""


class PackZone(Struct, frozen=True, kw_only=True):
    """A zone the rider may find himself in, with its cells."""

    zone_id: UUID
    code: str
    name: str
    own: bool
    """Whether it is the outlet's own zone."""
    cells: list[tuple[str, float, float]]
    """Each cell (hexadecimal H3 index) with longitude and latitude of its centre, in degrees of `datum`."""


class PackCampaign(Struct, frozen=True, kw_only=True):
    """An open campaign of which the rider holds, or held, something."""

    campaign_id: UUID
    name: str
    starts_on: date
    ends_on: date
    question_share: float
    """The share of single copies that carry the first-copy question, chosen by the campaign's and the handout's id."""


class HandoutPack(Struct, frozen=True, kw_only=True):
    """What a rider's phone keeps so that it needs no signal. It changes seldom; ask with `If-None-Match`."""

    city_name: str
    datum: Datum
    """The city's datum; a phone converts its own position into it before choosing a cell."""
    timezone: str
    demonstration: bool
    rider_name: str
    rider_code: str
    outlet_code: str
    outlet_name: str
    partner_name: str
    campaigns: list[PackCampaign]
    zones: list[PackZone]
    """The outlet's own zone and those of the batches it collected copies for, the own one first."""


class ZoneVisits(Struct, frozen=True, kw_only=True):
    """Doors of a zone at which nothing was handed out. Counts of doors, never people, no part of any coverage."""

    zone_id: UUID
    zone_code: str
    zone_name: str
    declined: int
    nobody_reached: int


class HandoutRow(Struct, frozen=True, kw_only=True):
    """A recorded handout, as those in whose scope it lies may see it."""

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


class HandoutPart(Struct, frozen=True, kw_only=True):
    """One record of an hour, to be corrected by itself."""

    handout_id: UUID
    channel: str
    copies: int
    corrected: int
    handed_out_at: datetime


class HandoutHour(Struct, frozen=True, kw_only=True):
    """What an outlet or one of its riders has on record for an hour, a zone and a material."""

    rider_code: str | None
    """Null: the outlet's own copies."""
    rider_name: str | None
    hour_at: datetime
    """The hour it was handed out in; of what was reported for a day, the hour of the report."""
    zone_id: UUID
    material_id: UUID
    copies: int
    corrected: int
    records: list[HandoutPart]
