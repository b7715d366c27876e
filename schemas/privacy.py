"""The riders' notice, what they agreed to, and everything that is kept on one of them."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

ConsentPurpose = Literal["taking_part", "location"]
NoticeText = Annotated[
    str, Meta(min_length=20, max_length=20_000, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f]+$", description="Plain words")
]


class PrivacyNotice(Struct, frozen=True, kw_only=True):
    """What the notice says to riders, in one version. Old versions are kept: who agreed, agreed to these words."""

    version: int
    text_zh: str
    text_en: str
    published_at: datetime | None
    """Null: the standard notice, which nobody has agreed to yet."""


class NewPrivacyNotice(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new version: the number behind the newest one. Riders are asked again."""

    version: Annotated[int, Meta(ge=1, le=10_000)]
    text_zh: NoticeText
    text_en: NoticeText


class NoticeVersion(Struct, frozen=True, kw_only=True):
    """A version with how many riders agree to taking part by it now. Who they are is theirs to say."""

    version: int
    text_zh: str
    text_en: str
    published_at: datetime | None
    riders_agreed: int
    riders_agreed_to_location: int
    riders_withdrawn: int


class ConsentAnswer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rider agrees or withdraws. The id is made by the phone, so that sending it again is harmless."""

    consent_id: UUID
    purpose: ConsentPurpose
    given: bool
    version: Annotated[int, Meta(ge=1, le=10_000, description="The version of the notice that was shown")]


class ConsentState(Struct, frozen=True, kw_only=True):
    """What a rider has answered about one purpose."""

    given: bool
    version: int
    answered_at: datetime


class OwnConsent(Struct, frozen=True, kw_only=True):
    """The rider's own answers; null: never asked. `newest_version`: the notice in force, to be shown if it is newer."""

    newest_version: int
    taking_part: ConsentState | None
    location: ConsentState | None


class RiderFace(Struct, frozen=True, kw_only=True):
    """Who the rider is here."""

    rider_id: UUID
    code: str
    name: str
    outlet_code: str
    outlet_name: str
    partner_name: str
    active: bool
    has_pin: bool
    created_at: datetime


class RiderSession(Struct, frozen=True, kw_only=True):
    """A sign-in that has not ended."""

    created_at: datetime
    expires_at: datetime
    last_used_at: datetime
    device: str
    address: str


class RiderConsent(Struct, frozen=True, kw_only=True):
    """One answer to the notice."""

    purpose: ConsentPurpose
    version: int
    given: bool
    answered_at: datetime


class RiderHandout(Struct, frozen=True, kw_only=True):
    """One confirmation, or the correction of one."""

    handout_id: UUID
    campaign_code: str
    material_code: str
    zone_code: str | None
    cell: str | None
    channel: str
    copies: int
    day: date
    handed_out_at: datetime
    corrects_id: UUID | None
    reason: str | None
    first_copy_answer: str | None


class RiderVisit(Struct, frozen=True, kw_only=True):
    """Doors at which nothing was handed out."""

    visit_id: UUID
    campaign_code: str
    zone_code: str | None
    cell: str | None
    result: str
    visits: int
    visited_at: datetime


class RiderRefused(Struct, frozen=True, kw_only=True):
    """A record that could not be taken, with the reason."""

    handout_id: UUID
    problem: str
    detail: str
    refused_at: datetime
    status: str
    record: str
    """As it came, as JSON."""


class RiderQuestion(Struct, frozen=True, kw_only=True):
    """A question about a week, with the own answer."""

    week_starts_on: date
    campaign_code: str
    status: str
    reasons: str
    """The counts it rests on, as JSON."""
    rider_answer: str | None
    decision: str | None
    raised_at: datetime


class RiderMove(Struct, frozen=True, kw_only=True):
    """Copies handed over to or by the rider."""

    move_id: UUID
    kind: str
    copies: int
    received: bool
    reason: str
    moved_at: datetime


class RiderDeed(Struct, frozen=True, kw_only=True):
    """What the audit trail holds of the rider's own doing."""

    at: datetime
    operation: str
    result: str
    address: str


class RiderRecord(Struct, frozen=True, kw_only=True):
    """Everything that is kept on one rider."""

    as_of: datetime
    rider: RiderFace
    sessions: list[RiderSession]
    consents: list[RiderConsent]
    handouts: list[RiderHandout]
    visits: list[RiderVisit]
    refused: list[RiderRefused]
    questions: list[RiderQuestion]
    moves: list[RiderMove]
    trail: list[RiderDeed]
