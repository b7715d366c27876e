"""Batches on offer and the claims on them."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

from schemas.common import Code, Reason, SourceId

BatchFilter = Literal["open", "held", "collected", "withdrawn", "mine", "all"]
BatchStatus = Literal["open", "held", "collected", "withdrawn"]
ClaimStatus = Literal["held", "released", "expired"]


class NewClaim(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A claim on a batch, under `claim_id` or `source_id`. Sent again with the same one it is answered as the first
    time."""

    claim_id: UUID | None = None
    """UUIDv7 made by the client."""
    source_id: SourceId | None = None
    partner_code: Code | None = None
    """Planners only: the partner the batch is assigned to."""


class Release(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Giving back what was not collected."""

    reason: Reason | None = None


class ReturnAsked(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why the city would like the copies of a claim back."""

    reason: Reason


class HeldBy(Struct, frozen=True, kw_only=True):
    """The claim that holds a batch: the caller's own, or anybody's for a planner."""

    claim_id: UUID
    partner_code: str
    partner_name: str
    outlet_code: str | None
    copies: int
    collected: int
    lease_until: datetime
    seconds_left: int | None
    """Null: everything is collected, the claim does not expire."""
    assigned: bool
    claimed_at: datetime
    return_asked_at: datetime | None
    """The city asked for its copies back; the holder decides. Null: it did not."""
    return_asked_reason: str | None


class Batch(Struct, frozen=True, kw_only=True):
    """So many copies of one material for one zone, in priority order with the reason."""

    batch_id: UUID
    code: str
    status: BatchStatus
    copies: int
    copies_open: int
    withdrawn_copies: int
    """Of `copies`: taken back by a planner, to be planned again."""
    withdrawn_at: datetime | None
    withdrawn_reason: str | None
    zone_code: str
    zone_name: str
    material_code: str
    material_name: str
    bundle_copies: int
    depot_code: str
    depot_name: str
    depot_address: str
    reserved_partner_code: str | None
    priority: float | None
    """What the order is made of; planners only, because risk weights are theirs."""
    priority_reason: str
    """One Chinese sentence for people to read. What programs need of it are the two fields below."""
    change_reason: str | None
    """What somebody wrote who changed the plan's line by hand; null: nobody did."""
    unreached_households: int | None
    """Households of the zone that the copies before it leave without one, about; null: not known."""
    due_on: date
    claim: HeldBy | None


class BatchPage(Struct, frozen=True, kw_only=True):
    """Batches in priority order; `next_cursor` is null on the last page."""

    batches: list[Batch]
    next_cursor: str | None


class OpenBatch(Struct, frozen=True, kw_only=True):
    """A batch that could be claimed instead of the one that is taken."""

    batch_id: UUID
    code: str
    zone_code: str
    zone_name: str
    copies: int


class Claim(Struct, frozen=True, kw_only=True):
    """A claim, with its status and lease as they are at the time of the answer."""

    claim_id: UUID
    campaign_id: UUID
    batch_id: UUID
    batch_code: str
    zone_code: str
    zone_name: str
    material_code: str
    material_name: str
    bundle_copies: int
    depot_code: str
    depot_name: str
    partner_code: str
    partner_name: str
    outlet_code: str | None
    due_on: date
    copies: int
    collected: int
    uncollected: int
    status: ClaimStatus
    lease_until: datetime
    seconds_left: int | None
    """Null: the claim has ended, or everything is collected."""
    assigned: bool
    claimed_at: datetime
    ended_at: datetime | None
    release_reason: str | None
    return_asked_at: datetime | None
    """The city asked for the copies back; the holder decides. Null: it did not."""
    return_asked_reason: str | None


class ClaimAnswer(Claim, frozen=True, kw_only=True):
    """The claim that was made."""

    dry_run: bool
    """True: nothing was made; this is what the claim would be."""


class ClaimPage(Struct, frozen=True, kw_only=True):
    """Claims, newest first; `next_cursor` is null on the last page."""

    claims: list[Claim]
    next_cursor: str | None
