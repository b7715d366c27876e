"""How the lines of an approved plan become batches."""

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from dispatch.allocation.records import ANY_PARTNER, Basis, LineState
from dispatch.allocation.rules import NothingToApprove, NotWholeBundles, reach_of
from dispatch.database.ids import new_id


class NewBatch(msgspec.Struct, frozen=True, kw_only=True):
    """A batch to be stored."""

    batch_id: UUID
    code: str
    zone_id: UUID
    copies: int
    reserved_partner_id: UUID | None
    priority: float
    priority_reason: str
    unreached_households: int | None
    """The number in the reason; None where it gives none."""


def split_into_batches(copies: int, bundle_copies: int, largest: int) -> list[int]:
    """Sizes of a line's batches: as few as `largest` copies allow, whole bundles, none more than a bundle apart."""
    at_most = largest // bundle_copies
    if at_most == 0:
        raise NotWholeBundles(
            f"A batch of {largest} does not hold one bundle of {bundle_copies}.",
            field="batch_copies",
            bundle_copies=bundle_copies,
        )
    bundles = copies // bundle_copies
    count = -(-bundles // at_most)
    return [(bundles // count + (place < bundles % count)) * bundle_copies for place in range(count)]


def make_batches(
    basis: Basis,
    lines: Sequence[LineState],
    last_numbers: Mapping[UUID, int],
    bundle_copies: int,
    largest: int,
    now: datetime,
) -> list[NewBatch]:
    """Batches of all lines. `last_numbers` holds the highest batch number of a zone so far.

    Ids follow from the plan and the batch's code. Priority is the risk weight times the share of households still
    without a copy after the zone's earlier batches, so that every zone's first batch comes before its last.
    """
    made: list[NewBatch] = []
    numbers: defaultdict[UUID, int] = defaultdict(int, last_numbers)
    planned: defaultdict[UUID, int] = defaultdict(int)
    for line in lines:
        for copies in split_into_batches(line.copies, bundle_copies, largest) if line.copies else []:
            numbers[line.zone_id] += 1
            code = f"B-{line.zone_code}-{numbers[line.zone_id]}"
            priority, reason, unreached = _priority(basis, line, planned[line.zone_id])
            planned[line.zone_id] += copies
            made.append(
                NewBatch(
                    batch_id=_batch_id(basis.request.allocation_id, code, now),
                    code=code,
                    zone_id=line.zone_id,
                    copies=copies,
                    reserved_partner_id=None if line.partner_id == ANY_PARTNER else line.partner_id,
                    priority=priority,
                    priority_reason=reason,
                    unreached_households=unreached,
                )
            )
    if not made:
        raise NothingToApprove("Every line of the plan is zero; change a line or drop the plan.")
    return made


def _priority(basis: Basis, line: LineState, planned: int) -> tuple[float, str, int | None]:
    households, reached = basis.zones[line.zone_id].households, reach_of(basis, line.zone_id, planned)
    by_hand = f"；人工调整：{line.change_reason}" if line.change_reason else ""
    # Firms read the reason, so it names the households to be reached; the risk weight is the planner's alone.
    if not households:
        return 0.0, f"户数未登记{by_hand}", None
    if reached is None:
        return line.risk_weight, f"按计划投放{by_hand}", None
    missed = 1.0 - reached
    unreached = _rounded(households * missed)
    return line.risk_weight * missed, f"未触达约 {unreached:,} 户{by_hand}", unreached


def _rounded(households: float) -> int:
    """An estimate with no more digits than it deserves."""
    step = 100 if households >= 1_000 else 10
    return round(households / step) * step


def _batch_id(allocation_id: UUID, code: str, now: datetime) -> UUID:
    digest = hashlib.sha256(f"{allocation_id}:{code}".encode()).digest()
    return new_id(now, int.from_bytes(digest[:10], "big"))
