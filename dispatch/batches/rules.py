"""Who holds a batch, for how long, and what is open of it."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from dispatch.campaigns.rules import require_still_taking
from dispatch.problems import NotFound, Problem
from dispatch.server.caller import Caller
from schemas.batches import Batch, OpenBatch
from schemas.campaigns import CampaignStatus

# A claim may be prolonged again and again, but not without end: somebody else may be waiting.
LONGEST_CLAIM = timedelta(weeks=3)
# Other open batches named to a claimant who came too late.
ALTERNATIVES = 5


class BatchTaken(Problem):
    """Somebody else holds the batch. `holder_kind`, `lease_until`, and `open_batches` that could be claimed instead."""

    slug, title, status = "batch-taken", "Somebody holds this batch already", 409


class BatchCollected(Problem):
    """Every copy of the batch has been collected; `open_batches` could be claimed instead."""

    slug, title, status = "batch-collected", "Nothing of this batch is left to claim", 409


class BatchWithdrawn(Problem):
    """The city took the batch back; `open_batches` could be claimed instead."""

    slug, title, status = "batch-withdrawn", "The batch was taken back", 409


class ClaimChanged(Problem):
    """The claim id was used before for another batch or partner."""

    slug, title, status = "claim-changed", "This claim id belongs to another claim", 409


class ClaimNotHeld(Problem):
    """The claim was released or its lease ran out; `claim_status` says which."""

    slug, title, status = "claim-not-held", "This claim has ended", 409


class LeaseLimit(Problem):
    """A claim is held three weeks at most; `latest` is the end of them."""

    slug, title, status = "lease-limit", "The claim cannot be held that long", 409


class NotAssignable(Problem):
    """A planner assigns a batch only to a partner that declared capacity in its zone and may have it."""

    slug, title, status = "not-assignable", "The batch cannot be assigned to this partner", 422


class Offer(Struct, frozen=True, kw_only=True):
    """A batch as a partner or outlet meets it that wants to claim it."""

    batch_id: UUID
    campaign_id: UUID
    campaign_status: CampaignStatus
    zone_code: str
    copies: int
    """Without what was taken back."""
    withdrawn_copies: int = 0
    reserved_partner_id: UUID | None
    served: bool
    """Whether that partner, or outlet, declared capacity in its zone."""


class HeldClaim(Struct, frozen=True, kw_only=True):
    """A claim with what was collected of it, in copies, and its effective lease."""

    claim_id: UUID
    batch_id: UUID
    partner_id: UUID
    partner_code: str
    partner_name: str
    partner_kind: str
    outlet_id: UUID | None
    copies: int
    collected: int
    status: str
    lease_until: datetime
    """Already renewed by the last collection."""
    claimed_at: datetime


def is_held(status: str, lease_until: datetime, collected: int, copies: int, now: datetime) -> bool:
    """Whether a claim keeps others away: it has not ended, and its lease runs or there is nothing left to collect."""
    return status == "held" and (lease_until > now or collected >= copies)


def holder_of(claims: Iterable[HeldClaim], now: datetime) -> HeldClaim | None:
    """The claim that holds the batch at `now`."""
    return next((c for c in claims if is_held(c.status, c.lease_until, c.collected, c.copies, now)), None)


def lapsed_of(claims: Iterable[HeldClaim], now: datetime) -> HeldClaim | None:
    """The claim whose lease has run out, though it is still written down as held."""
    return next(
        (c for c in claims if c.status == "held" and not is_held(c.status, c.lease_until, c.collected, c.copies, now)),
        None,
    )


def open_copies(copies: int, claims: Iterable[HeldClaim], now: datetime) -> int:
    """Copies of a batch that can be claimed: none while somebody holds it, else all that were never collected."""
    claims = list(claims)
    if holder_of(claims, now):
        return 0
    return copies - sum(claim.collected for claim in claims)


def shown_to(caller: Caller, batches: Sequence[Batch]) -> list[Batch]:
    """The batches as the caller may see them: the priority rests on risk weights, which are the planners' alone."""
    if caller.role == "planner":
        return list(batches)
    return [msgspec.structs.replace(batch, priority=None) for batch in batches]


def require_offer(caller: Caller, offer: Offer, partner_id: UUID) -> None:
    """Refuse a batch the claimant does not serve, or that is another's, or whose campaign is over."""
    reserved_for_another = offer.reserved_partner_id not in (None, partner_id)
    if caller.role != "planner" and (reserved_for_another or not offer.served):
        raise NotFound("There is no such batch among those you can claim.")
    if reserved_for_another:
        raise NotAssignable("The batch is reserved for another partner.", field="partner_code")
    if not offer.served:
        raise NotAssignable(
            f"The partner has declared no capacity in zone {offer.zone_code}; ask it to declare, or choose another.",
            field="partner_code",
        )
    require_still_taking(offer.campaign_status)


def require_same_claim(known: HeldClaim, batch_id: UUID, partner_id: UUID, outlet_id: UUID | None) -> None:
    """Refuse a claim id that was used for something else."""
    if (known.batch_id, known.partner_id, known.outlet_id) != (batch_id, partner_id, outlet_id):
        raise ClaimChanged("This claim_id was used for another claim; make a new one.", field="claim_id")


def require_held(claim: HeldClaim, now: datetime) -> None:
    """Refuse to go on with a claim that has ended, because it was released or its lease ran out."""
    if not is_held(claim.status, claim.lease_until, claim.collected, claim.copies, now):
        status = "expired" if claim.status == "held" else claim.status
        raise ClaimNotHeld(f"The claim was {status}; claim the batch again if it is still open.", claim_status=status)


def came_too_late(
    caller: Caller, holder: HeldClaim | None, batch_id: UUID, others: Sequence[Batch], *, withdrawn: bool = False
) -> BatchTaken | BatchCollected | BatchWithdrawn:
    """The refusal of a claim on a batch that `holder` holds, or of which nothing is left to collect, because it was
    collected or taken back; it names `others` that are open, the best first."""
    open_batches = [
        OpenBatch(
            batch_id=batch.batch_id,
            code=batch.code,
            zone_code=batch.zone_code,
            zone_name=batch.zone_name,
            copies=batch.copies_open,
        )
        for batch in others
        if batch.batch_id != batch_id
    ]
    named = msgspec.to_builtins(open_batches[:ALTERNATIVES])
    if holder is None and withdrawn:
        return BatchWithdrawn("The city took this batch back; choose one of open_batches.", open_batches=named)
    if holder is None:
        return BatchCollected("Every copy of this batch has been collected.", open_batches=named)
    return BatchTaken(
        "Somebody was first; choose one of open_batches, or wait for the lease to end.",
        **facts_of_holder(caller, holder),
        open_batches=named,
    )


def facts_of_holder(caller: Caller, holder: HeldClaim) -> dict[str, Any]:
    """What a claimant who came too late may know: the kind of partner and the lease; which partner it is only within
    the same firm, and for planners."""
    facts: dict[str, Any] = {"holder_kind": holder.partner_kind, "lease_until": holder.lease_until.isoformat()}
    if caller.partner_id in (None, holder.partner_id):
        facts |= {"holder_code": holder.partner_code, "holder_name": holder.partner_name}
    return facts


def extended_lease(claim: HeldClaim, now: datetime, lease_hours: int) -> datetime:
    """The lease of a claim prolonged at `now`. Raises ClaimNotHeld or LeaseLimit."""
    require_held(claim, now)
    wanted, latest = now + timedelta(hours=lease_hours), claim.claimed_at + LONGEST_CLAIM
    if wanted > latest:
        raise LeaseLimit(
            "A claim is held three weeks at most; collect what you need or release it.", latest=latest.isoformat()
        )
    return max(wanted, claim.lease_until)
