"""What a plan is made from, what is kept of it, and a plan held to be changed."""

from datetime import date
from uuid import UUID

import msgspec

from schemas.allocation import AllocationStatus, NewAllocation
from schemas.campaigns import CampaignStatus

ANY_PARTNER = UUID(int=0)
"""The partner of a line that any partner may claim from."""


class PlanRow(msgspec.Struct, frozen=True, kw_only=True):
    """The campaign, material and wave a plan is for, as read; None where the code or number is unknown."""

    status: CampaignStatus
    starts_on: date
    ends_on: date
    today: date
    material_id: UUID | None
    bundle_copies: int | None
    counts_for_reach: bool | None
    wave_starts_on: date | None
    wave_ends_on: date | None
    zone_codes: list[str] | None


class PlanInputs(msgspec.Struct, frozen=True, kw_only=True):
    """The checked inputs of a plan: its days from today on, both included, and the zones it is confined to."""

    material_id: UUID
    bundle_copies: int
    counts_for_reach: bool
    starts_on: date
    ends_on: date
    today: date
    zone_codes: list[str]
    """Of the wave; empty: all."""


class Printed(msgspec.Struct, frozen=True, kw_only=True):
    """Copies of a material: printed or ordered, already in batches, lying in depots."""

    printed: int
    in_batches: int
    in_depots: int


class PlanZone(msgspec.Struct, frozen=True, kw_only=True):
    """A zone as the plan finds it. `capacity_copies` is what can still be handed out there in the plan's days."""

    zone_id: UUID
    code: str
    name: str
    households: int | None
    incidents: int
    committed_copies: int
    """Copies the plan counts on: handed out, and promised unless it ignores promises."""
    capacity_copies: int
    handed_out_copies: int = 0
    promised_copies: int = 0
    priority_groups: dict[str, float] = {}
    """Share of the population by priority group."""


class PartnerCapacity(msgspec.Struct, frozen=True, kw_only=True):
    """What a partner can still hand out in a zone in the plan's days."""

    zone_id: UUID
    partner_id: UUID
    partner_code: str
    partner_name: str
    copies: int


class ZoneBasis(msgspec.Struct, frozen=True, kw_only=True):
    """What was known of a zone when the plan was made."""

    households: int | None
    committed_copies: int
    """What the plan counted on."""
    capacity_copies: int
    handed_out_copies: int | None = None
    promised_copies: int | None = None
    """None, as before it: kept since version 31 of the database."""


class Basis(msgspec.Struct, frozen=True, kw_only=True):
    """What a plan was made from; kept with it, so that it can be explained later as it was made."""

    request: NewAllocation
    starts_on: date
    ends_on: date
    counts_for_reach: bool
    zones: dict[UUID, ZoneBasis]


class LineState(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a plan as stored; partner_id is ANY_PARTNER where the plan names none."""

    zone_id: UUID
    zone_code: str
    zone_name: str
    partner_id: UUID
    partner_code: str | None
    partner_name: str | None
    copies: int
    proposed_copies: int
    withdrawn_copies: int = 0
    risk_weight: float
    change_reason: str | None


class LockedPlan(msgspec.Struct, frozen=True, kw_only=True):
    """A plan held by this transaction."""

    allocation_id: UUID
    status: AllocationStatus
    revision: int
    campaign_id: UUID
    material_id: UUID
    copies: int
    bundle_copies: int
    today: date
    basis: Basis
