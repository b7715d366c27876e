"""Plans: how many copies of a material go to which zone, why, and the proof that no other plan reaches more."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct, field

from schemas.campaigns import MissingItem, MissingKind
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
    zone_codes: Annotated[list[Code], Meta(max_length=20_000)] = []
    """Confines the plan to these zones, e.g. those of the gap list; empty: all."""
    division_code: Code | None = None
    """Confines the plan to a district: the zones whose division code begins with this."""
    ignore_promises: bool = False
    """Whether copies in batches that were not handed out are left out of account, as if they never came."""
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
    """Copies the plan counted on when it was made: handed out, and promised unless it ignores promises."""
    handed_out_copies: int | None
    """Copies handed out there when the plan was made; null: a plan of an older version, which did not keep it."""
    promised_copies: int | None
    """Copies in batches for it that were not handed out when the plan was made; null: as above."""
    withdrawn_copies: int
    """Copies of the line that were taken back since, with their batches; `copies` is what is left."""
    copies: int
    proposed_copies: int
    change_reason: str | None
    expected_reach_before: float | None
    """Of the whole zone, by what was handed out there and nothing else; null without households, for a material that
    does not count for reach, and where `handed_out_copies` is null."""
    expected_reach_committed: float | None
    """By the copies the plan counted on: what its gain is measured from."""
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
    withdrawn_copies: int
    """Copies of an approved plan that were taken back since, with their batches; `planned_copies` is what is left."""
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
    confirmed: Annotated[list[MissingKind], Meta(max_length=20)] | None = None
    """Kinds of what is missing and known to be; anything else that is missing is refused. Null: nothing is asked."""


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
    missing: list[MissingItem]
    """What the plan lacks now to be carried out."""


class Sizing(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many copies a target takes, asked before anything is printed or planned. Nothing is kept."""

    target_reach: Annotated[float, Meta(gt=0, le=1)] | None = None
    """Share of every zone's households to be reached; null: the campaign's target."""
    material_code: Code | None = None
    """Gives bundles and what is left in print; null: copies of whatever material counts for reach."""
    zone_codes: Annotated[list[Code], Meta(max_length=20_000)] = []
    """Only these zones; empty: all."""
    division_code: Code | None = None
    """Only the zones of a district."""
    ignore_promises: bool = False
    """Whether copies in batches that were not handed out are left out of account, as if they never came."""
    genuine_share: Annotated[float, Meta(gt=0, le=1, description="Share of recorded copies that reach a household")] = (
        0.95
    )
    unit_price: Annotated[float, Meta(ge=0, le=100_000, description="Price of a copy, in yuan")] | None = None
    copies: Copies | None = None
    """So many further copies, to see what they reach."""


class SizingPoint(Struct, frozen=True, kw_only=True):
    """What so many further copies reach in all zones asked for, brought to where the least is reached."""

    copies: int
    reach: float
    low: float
    high: float
    """95 % interval: how unevenly households order is not known, and the register is some 10 % off."""
    cost: float | None
    """In yuan; null: no price was given."""


class SizedZone(Struct, frozen=True, kw_only=True):
    """What a zone has, and how many further copies bring it to the target."""

    zone_code: str
    zone_name: str
    households: int | None
    handed_out_copies: int
    promised_copies: int
    """In batches for it, not handed out."""
    reach_handed_out: float | None
    """By what was handed out and nothing else; null: no households, or a material that does not count for reach."""
    reach_promised: float | None
    """If everything promised were handed out as well."""
    needed_copies: int | None
    """Whole bundles; null: not applicable, or no number is enough."""


SizingObstacle = Literal["no_households", "not_counted", "everybody", "too_many"]


class SizingAnswer(Struct, frozen=True, kw_only=True):
    """How many copies the target takes, and the way there."""

    target_reach: float
    households: int
    handed_out_copies: int
    promised_copies: int
    bundle_copies: int
    now: SizingPoint | None
    """What is reached with no further copy, by what the question counts on; null: not applicable."""
    needed_copies: int | None
    """Further copies, in whole bundles, with which every zone is expected to reach the target; null: see `obstacle`."""
    needed_low: int | None
    needed_high: int | None
    """95 % interval of it; null: no number of copies is enough at that end."""
    cost: float | None
    obstacle: SizingObstacle | None
    """Why no number can be given. no_households: of none of these zones are any registered. not_counted: the material
    informs no household. everybody: no number of copies reaches everybody. too_many: more than a plan may hold."""
    left_copies: int | None
    """Printed or ordered of the material and in no batch; null: no material was named."""
    capacity_copies: int
    """What partners declared for these zones and can still hand out in the days left."""
    points: list[SizingPoint]
    """The curve, from no further copy on."""
    asked: SizingPoint | None
    """What `copies` of the request reach."""
    zones: list[SizedZone]


class PlanWithdrawal(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why an approved plan is taken back."""

    reason: Reason


class BatchWithdrawal(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which batches are taken back, and why."""

    batch_ids: Annotated[list[UUID], Meta(min_length=1, max_length=2_000)]
    reason: Reason


class WithdrawnBatch(Struct, frozen=True, kw_only=True):
    """A batch that is taken back: so many copies of it may be planned again."""

    batch_id: UUID
    code: str
    zone_code: str
    copies: int


class StayingBatch(Struct, frozen=True, kw_only=True):
    """A batch that stays, because somebody holds it or has collected all of it."""

    batch_id: UUID
    code: str
    zone_code: str
    copies: int
    collected: int
    claim_id: UUID | None
    """The claim that holds it; its copies can be asked back. Null: collected, nobody holds the rest."""
    partner_code: str | None
    partner_name: str | None


class WithdrawalOutcome(Struct, frozen=True, kw_only=True):
    """What was taken back, now or before, and what was not."""

    withdrawn: list[WithdrawnBatch]
    staying: list[StayingBatch]
    copies: int
    """Of all that is withdrawn here."""


class ShortZone(Struct, frozen=True, kw_only=True):
    """A zone where a plan cannot keep its floor."""

    zone_code: str
    zone_name: str
    needed_copies: int
    possible_copies: int
