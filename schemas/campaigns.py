"""A campaign with its waves, who is invited to it, and what outlets declare they can hand out."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from schemas.common import Code, Name, PartnerKind, Share

CampaignStatus = Literal["draft", "open", "closed"]
InvitationStatus = Literal["invited", "accepted", "declined"]


class Wave(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A stage of the campaign, both days included."""

    number: Annotated[int, Meta(ge=1, le=100, description="1, 2, 3 … in the order of the dates")]
    name: Name
    starts_on: date
    ends_on: date
    planned_share: Share
    """Share of the campaign's copies planned to be handed out by the end of this wave; the last wave ends at 1."""
    zone_codes: Annotated[list[Code], Meta(max_length=20_000)] = []
    """Zones the wave is confined to; empty: all."""


class NewCampaign(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A campaign to be set up. The id is the caller's, so that the request can be sent again without doubling."""

    campaign_id: UUID
    code: Code
    name: Name
    starts_on: date
    ends_on: date
    target_reach: Annotated[float, Meta(gt=0, le=1, description="Share of a zone's households to be reached")]
    retention_days: Annotated[int, Meta(ge=1, le=3650, description="Days raw records are kept after the close")] = 90
    rider_idle_hours: Annotated[
        int,
        Meta(ge=0, le=720, description="Idle hours after which riders type the PIN again; 0: the campaign asks not"),
    ] = 0
    waves: Annotated[list[Wave], Meta(max_length=100)] = []


class Campaign(Struct, frozen=True, kw_only=True):
    """A campaign as it is now."""

    campaign_id: UUID
    code: str
    name: str
    starts_on: date
    ends_on: date
    target_reach: float
    status: CampaignStatus
    closed_at: datetime | None
    retention_days: int
    rider_idle_hours: int
    revision: int
    """Rises with every write that is not a handout."""
    created_at: datetime
    waves: list[Wave]
    invitation_status: InvitationStatus | None
    """The answer of the caller's own firm; null for callers without a firm."""


class NewInvitations(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Partners to be invited. Partners invited before keep the answer they gave."""

    partner_codes: Annotated[list[Code], Meta(min_length=1, max_length=1_000)]


class Invitation(Struct, frozen=True, kw_only=True):
    """A partner that is invited to a campaign, and its answer."""

    partner_id: UUID
    partner_code: str
    partner_name: str
    partner_kind: PartnerKind
    status: InvitationStatus
    invited_at: datetime
    answered_at: datetime | None
    outlets: int
    """Its active outlets, whether they declared capacity or not."""
    accounts: int
    """Active accounts of its managers: with none it can answer nothing."""
    signed_in_at: datetime | None
    """When one of them last signed in."""


class InvitationsWithdrawn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Partners whose invitation is taken back."""

    partner_codes: Annotated[list[Code], Meta(min_length=1, max_length=1_000)]


MissingKind = Literal[
    "zones", "households", "materials", "printed", "depots", "stock", "invitations", "accepted", "answers", "accounts",
    "unserved_zones", "plans",
]  # fmt: skip


class MissingItem(Struct, frozen=True, kw_only=True):
    """Something without which a campaign or a plan comes to nothing."""

    kind: MissingKind
    """zones, materials, depots, invitations, plans: there are none. households: of these zones none are registered.
    printed: nothing is printed or ordered. stock: depots hold fewer copies than the plan needs. accepted: nobody has
    accepted. answers: these partners have not answered. accounts: these partners have no account to answer with.
    unserved_zones: nobody declared capacity in these zones."""
    count: int
    """How many zones, partners or copies it is about; 0 where there are none of the kind at all."""
    codes: list[str]
    """The first 200 codes of the zones or partners it is about, in order."""


class InvitationAnswer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A firm's answer. Declining takes back the capacity declared so far."""

    accepted: bool


class CapacityRow(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an outlet can hand out in a zone in the week that begins on this Monday."""

    outlet_code: Code
    zone_code: Code
    week_starts_on: date
    copies: Annotated[int, Meta(ge=0, le=10_000_000)]


class TelephonedCapacity(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Capacity of a firm as somebody of it said on the telephone; rows as the firm itself would declare them."""

    rows: Annotated[list[CapacityRow], Meta(min_length=1, max_length=20_000)]
    told_by: Name
    """Who said so, as the firm will read it."""
    told_on: date


class CapacityRows(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Declared capacity; a row declared before is replaced, others stay."""

    rows: Annotated[list[CapacityRow], Meta(min_length=1, max_length=20_000)]


class DeclarableZone(Struct, frozen=True, kw_only=True):
    """A zone in which capacity may be declared."""

    code: str
    name: str


class DeclaredCapacity(Struct, frozen=True, kw_only=True):
    """One declared row with the names to read it by."""

    partner_code: str
    partner_name: str
    outlet_code: str
    outlet_name: str
    zone_code: str
    zone_name: str
    week_starts_on: date
    copies: int
    declared_at: datetime
    told_by: str | None
    """Who told a planner so on the telephone; null: the firm declared it itself, or has confirmed it since."""
    told_on: date | None


class CapacityPage(Struct, frozen=True, kw_only=True):
    """Part of the declared rows, and how many rows and copies there are in all."""

    rows: list[DeclaredCapacity]
    next_cursor: str | None
    """Send it as `cursor` for the next page; null: there is none."""
    total_rows: int
    total_copies: int


class ZoneWeekCapacity(Struct, frozen=True, kw_only=True):
    """Copies declared for a zone in one week, all outlets together."""

    zone_code: str
    zone_name: str
    week_starts_on: date
    copies: int


class DeclaredByPartner(Struct, frozen=True, kw_only=True):
    """What a partner declared in all."""

    partner_code: str
    partner_name: str
    outlets: int
    zones: int
    copies: int
    declared_at: datetime
    """The latest declaration."""
    told_copies: int
    """Of `copies`: entered by a planner as told on the telephone, not yet confirmed by the firm."""


class CapacitySummary(Struct, frozen=True, kw_only=True):
    """Declared capacity added up. Zones and weeks without any are left out."""

    weeks: list[ZoneWeekCapacity]
    partners: list[DeclaredByPartner]
