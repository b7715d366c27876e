"""Which batches can be taken back, with how many copies, and what stays because somebody holds it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec

from dispatch.allocation.records import ANY_PARTNER
from dispatch.allocation.rules import AllocationNotApproved
from dispatch.batches.rules import HeldClaim, holder_of, open_copies
from dispatch.problems import NotFound
from schemas.allocation import AllocationStatus, StayingBatch, WithdrawalOutcome, WithdrawnBatch


class LockedBatch(msgspec.Struct, frozen=True, kw_only=True):
    """A batch held by this transaction: nobody claims it meanwhile."""

    batch_id: UUID
    code: str
    allocation_id: UUID
    zone_id: UUID
    zone_code: str
    reserved_partner_id: UUID | None
    copies: int
    withdrawn_copies: int


class LineKey(NamedTuple):
    """The line of a plan a batch was made of."""

    allocation_id: UUID
    zone_id: UUID
    partner_id: UUID


class WithdrawalVerdict(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be written, and the answer."""

    withdrawn_copies: dict[UUID, int]
    """Per batch that loses something now: all copies withdrawn of it from now on."""
    lines: dict[LineKey, int]
    """Copies each line loses now."""
    answer: WithdrawalOutcome


def require_approved(status: AllocationStatus) -> None:
    """Refuse to take back what never made batches."""
    if status != "approved":
        raise AllocationNotApproved(f"The plan is {status}; only an approved plan is taken back.", current=status)


def require_batches(wanted: Iterable[UUID], found: Sequence[LockedBatch]) -> None:
    """Refuse ids that are no batches of the campaign."""
    if set(wanted) - {batch.batch_id for batch in found}:
        raise NotFound("Some of these are no batches of this campaign; nothing was taken back.")


def judge_withdrawal(batches: Sequence[LockedBatch], claims: Iterable[HeldClaim], now: datetime) -> WithdrawalVerdict:
    """Take back what is open of each batch. What is collected or held stays with whoever has it, so no copy is lost
    and none is counted twice: withdrawn + collected + held is the batch."""
    by_batch: defaultdict[UUID, list[HeldClaim]] = defaultdict(list)
    for claim in claims:
        by_batch[claim.batch_id].append(claim)
    changed: dict[UUID, int] = {}
    lines: defaultdict[LineKey, int] = defaultdict(int)
    withdrawn: list[WithdrawnBatch] = []
    staying: list[StayingBatch] = []
    for batch in batches:
        states = by_batch[batch.batch_id]
        free = open_copies(batch.copies - batch.withdrawn_copies, states, now)
        taken = batch.withdrawn_copies + free
        if free:
            changed[batch.batch_id] = taken
            lines[LineKey(batch.allocation_id, batch.zone_id, batch.reserved_partner_id or ANY_PARTNER)] += free
        if taken:
            withdrawn.append(
                WithdrawnBatch(batch_id=batch.batch_id, code=batch.code, zone_code=batch.zone_code, copies=taken)
            )
        if taken < batch.copies:
            staying.append(_staying(batch, taken, states, now))
    answer = WithdrawalOutcome(withdrawn=withdrawn, staying=staying, copies=sum(batch.copies for batch in withdrawn))
    return WithdrawalVerdict(withdrawn_copies=changed, lines=dict(lines), answer=answer)


def _staying(batch: LockedBatch, taken: int, states: Sequence[HeldClaim], now: datetime) -> StayingBatch:
    holder = holder_of(states, now)
    return StayingBatch(
        batch_id=batch.batch_id,
        code=batch.code,
        zone_code=batch.zone_code,
        copies=batch.copies - taken,
        collected=sum(claim.collected for claim in states),
        claim_id=holder.claim_id if holder else None,
        partner_code=holder.partner_code if holder else None,
        partner_name=holder.partner_name if holder else None,
    )
