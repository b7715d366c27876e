"""Plans: how many copies of a material go to which zone, why, and the proof that no other plan reaches more."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct, field

from schemas.common import Code, Copies, Reason

AllocationStatus = Literal["draft", "approved", "dropped"]
Weight = Annotated[float, Meta(ge=0, le=1_000)]


class ZoneWeights(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much a reached household counts. By default the risk weight from incident counts, drawn towards 1."""

    incident_months: Annotated[int, Meta(ge=1, le=120, description="Months of incident counts used, up to today")] = 12
    by_zone: Annotated[dict[Code, Weight], Meta(max_length=20_000)] = {}
    """Weights that replace the computed one, by zone code; 0 leaves a zone to its floor."""
    by_group: Annotated[dict[Code, Weight], Meta(max_length=50)] = {}
    """How much more somebody of a priority group counts, e.g. {"elderly": 2}. A zone's weight is multiplied by
    1 + Σ share · (weight - 1) over the groups; a zone that names no share of a group has none of it."""


class NewAllocation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a plan shall do. The id is the caller's, so that the request can be sent again without doubling."""

    allocation_id: UUID
    material_code: Code
    copies: Copies
    wave_number: Annotated[int, Meta(ge=1, le=100)] | None = None
    """Confines the plan to the zones and days of a wave; null: all zones, the rest of the campaign."""
    floor: Annotated[float, Meta(ge=0, lt=1, description="Expected reach every zone must get at least")] = 0.0
    weights: ZoneWeights = field(default_factory=ZoneWeights)
    spread: Annotated[
        float, Meta(ge=0, le=20, description="Squared coefficient of variation of order rates; 0: all order alike")
    ] = 1.5
    genuine_share: Annotated[float, Meta(gt=0, le=1, description="Share of recorded copies that reach a household")] = (
        0.95
    )
    within_capacity: bool = True
    """Whether declared capacity limits the plan."""
    assign_partners: bool = False
    """Whether the plan also says which partner takes which zone's copies."""


class RuleComparison(Struct, frozen=True, kw_only=True):
    """Weighted households newly reached by the plan and by two rules of thumb; gains are shares of the rule's."""

    optimum: float
    by_households: float
    by_risk_times_households: float
    gain_over_households: float
    gain_over_risk_times_households: float


class PartnerLoad(Struct, frozen=True, kw_only=True):
    """What the plan gives a partner, against what it declared for the plan's zones and days."""

    partner_code: str
    partner_name: str
    copies: int
    capacity_copies: int
    utilisation: float


class PartnerCertificate(Struct, frozen=True, kw_only=True):
    """That no other assignment loads its busiest partner less; see dispatch/allocation/assignment.py."""

    largest_utilisation: float
    whole_bundle_bound: float
    linear_bound: float
    gap: float
    split_zone_codes: list[str]
    unavoidable_splits: int
    partners: list[PartnerLoad]


class Certificate(Struct, frozen=True, kw_only=True):
    """That no other plan reaches more: best_next ≤ worst_last, and the bound no plan passes. In weighted households
    newly reached; gains are per bundle."""

    objective: float
    best_next: float | None
    worst_last: float | None
    multiplier: float
    dual_bound: float
    relative_gap: float
    largest_feasible_floor: float
    """The largest floor these copies and capacities could have guaranteed to every zone."""
    comparison: RuleComparison
    incidents_used: int
    unallocated_copies: int
    """Copies left because they do not fill a bundle."""
    zones_without_households: list[str]
    """They get no copies: nothing is known of whom they would reach."""
    zones_without_capacity: list[str]
    """Nobody declared capacity left there in the plan's days; empty when capacity does not limit the plan."""
    partners: PartnerCertificate | None


class AllocationLine(Struct, frozen=True, kw_only=True):
    """Copies for a zone, and for one partner where the plan names one."""

    zone_code: str
    zone_name: str
    partner_code: str | None
    partner_name: str | None
    households: int | None
    risk_weight: float
    committed_copies: int
    """Copies already handed out there or in approved batches for it when the plan was made."""
    copies: int
    proposed_copies: int
    change_reason: str | None
    expected_reach_before: float | None
    """Of the whole zone; null without households, or for a material that does not count for reach."""
    expected_reach_after: float | None


class Preview(Struct, frozen=True, kw_only=True):
    """A plan that was not kept."""

    planned_copies: int
    starts_on: date
    ends_on: date
    certificate: Certificate
    lines: list[AllocationLine]


class AllocationSummary(Struct, frozen=True, kw_only=True):
    """A plan in the list of plans."""

    allocation_id: UUID
    campaign_id: UUID
    material_code: str
    material_name: str
    status: AllocationStatus
    revision: int
    """Rises with every change by hand; sent back with a change or an approval, it says what was looked at."""
    copies: int
    planned_copies: int
    wave_number: int | None
    changed_by_hand: bool
    """Some line differs from what was proposed: the certificate speaks of the proposal."""
    batches: int
    created_at: datetime
    approved_at: datetime | None


class Allocation(AllocationSummary, frozen=True, kw_only=True):
    """A plan as it is now."""

    request: NewAllocation
    starts_on: date
    ends_on: date
    certificate: Certificate
    lines: list[AllocationLine]


class LineChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A change by hand, in whole bundles. Without a partner code it is the line any partner may claim from."""

    copies: Annotated[int, Meta(ge=0, le=50_000_000)]
    reason: Reason
    partner_code: Code | None = None
    revision: Annotated[int, Meta(ge=0, le=2_000_000_000)] | None = None
    """The plan's revision that was looked at; another one is refused. Null: any revision is accepted."""


class Approval(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the plan becomes batches."""

    batch_copies: Annotated[int, Meta(ge=1, le=1_000_000, description="Largest batch")] = 2_000
    depot_code: Code | None = None
    """Where the copies are collected; null: the depot that holds most of the material."""
    due_on: date | None = None
    """Null: the last day of the plan."""
    revision: Annotated[int, Meta(ge=0, le=2_000_000_000)] | None = None
    """The plan's revision that was looked at; another one is refused. Null: any revision is accepted."""


class PlannedBatch(Struct, frozen=True, kw_only=True):
    """A batch that an approved plan made."""

    batch_id: UUID
    code: str
    zone_code: str
    copies: int
    reserved_partner_code: str | None
    depot_code: str
    priority: float
    priority_reason: str
    due_on: date


class ApprovedAllocation(Struct, frozen=True, kw_only=True):
    """The plan's batches."""

    allocation_id: UUID
    campaign_id: UUID
    approved_at: datetime
    copies: int
    batches: list[PlannedBatch]


class ShortZone(Struct, frozen=True, kw_only=True):
    """A zone where a plan cannot keep its floor."""

    zone_code: str
    zone_name: str
    needed_copies: int
    possible_copies: int
