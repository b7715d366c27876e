"""Corrections of the ledger: a count that brings a balance to what was counted, and a reversal that undoes one move."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from dispatch.problems import NotFound, Problem
from dispatch.server.caller import Caller
from dispatch.stock.moves import BalanceKey, Move
from dispatch.stock.rules import CodeBook, MoveChanged, Place, UnknownHolder, may_give
from schemas.stock import NewStockCount


class UnknownMaterial(Problem):
    """The campaign has no material of this code."""

    slug, title, status = "unknown-material", "There is no such material in the campaign", 422


class NotReversible(Problem):
    """The move cannot be undone by reversing it."""

    slug, title, status = "not-reversible", "This move cannot be reversed", 409


class AlreadyReversed(Problem):
    """A move is reversed at most once. `reversed_by`."""

    slug, title, status = "already-reversed", "This move was reversed already", 409


class MoveRecord(Struct, frozen=True, kw_only=True):
    """Who recorded a move, and the move that reversed it, if any."""

    recorded_by: UUID
    reversed_by: UUID | None


def judge_count(caller: Caller, count: NewStockCount, book: CodeBook) -> tuple[Place, UUID]:
    """Return the place that was counted and the material's id. Raises UnknownHolder, UnknownMaterial."""
    place = book.place(count.holder)
    if place is None or not may_give(caller, "variance", place):
        raise UnknownHolder("There is no such holder among those you may count.", field="holder")
    material_id = book.materials.get((count.campaign_id, count.material_code))
    if material_id is None:
        raise UnknownMaterial("The campaign has no material of this code.", field="material_code")
    return place, material_id


def expected_before(count: NewStockCount, known: Move | None, holding: BalanceKey, balance: int) -> int:
    """The balance a count met: `balance`, or for a count sent again the one it met the first time.

    Raises MoveChanged when the id belongs to something else.
    """
    if known is None:
        return balance
    short = known.source == holding.holder
    expected = count.counted_copies + (known.copies if short else -known.copies)
    if count_move(count, holding, expected, known.moved_at) != known:
        raise MoveChanged("This move_id was used before; make a new one.", field="move_id")
    return expected


def count_move(count: NewStockCount, holding: BalanceKey, expected: int, now: datetime) -> Move:
    """The variance that brings a balance to what was counted. In the ledger its reason begins with the count."""
    less = count.counted_copies < expected
    ends = (holding.holder, holding.unexplained.holder) if less else (holding.unexplained.holder, holding.holder)
    return Move(
        move_id=count.move_id,
        kind="variance",
        campaign_id=holding.campaign_id,
        material_id=holding.material_id,
        source=ends[0],
        target=ends[1],
        copies=abs(count.counted_copies - expected),
        reason=f"盘点{count.counted_copies}份：{count.reason}",
        moved_at=now,
    )


def require_reversal(
    caller: Caller, move: Move, reversal_id: UUID, *, in_scope: bool, record: MoveRecord, received: bool
) -> None:
    """Refuse to reverse what the caller could not have recorded, what cannot be reversed, or was by another move.

    `in_scope`: both ends that are outlets or riders are the caller's. `received`: the move's waybill has arrived.
    """
    if not in_scope or not _could_have_recorded(caller, move, record.recorded_by):
        raise NotFound("There is no such move.")
    if move.kind == "reversal":
        raise NotReversible("A reversal is not reversed; record the move again.")
    if move.waybill_id and (move.kind != "issue" or received):
        raise NotReversible(
            "The waybill has been received; return the copies to the depot, or count the stock.",
            waybill_id=str(move.waybill_id),
        )
    if record.reversed_by not in (None, reversal_id):
        raise AlreadyReversed("A move is reversed at most once.", reversed_by=str(record.reversed_by))


def _could_have_recorded(caller: Caller, move: Move, recorded_by: UUID) -> bool:
    ends = {move.source.kind, move.target.kind}
    if caller.role == "planner":
        return caller.division_code is None or not ends.isdisjoint(("outlet", "rider", "transit"))
    if caller.role == "rider":
        return recorded_by == caller.subject_id and move.kind in ("transfer", "return")
    return move.source.kind in ("outlet", "rider") or (move.source.kind == "variance" and "depot" not in ends)


def reversal_of(move: Move, move_id: UUID, reason: str, bundles: tuple[UUID, ...], now: datetime) -> Move:
    """The same copies going back, with those of the `bundles` that are still sealed where it took them."""
    return Move(
        move_id=move_id,
        kind="reversal",
        campaign_id=move.campaign_id,
        material_id=move.material_id,
        source=move.target,
        target=move.source,
        copies=move.copies,
        reason=reason,
        print_run_id=move.print_run_id,
        waybill_id=move.waybill_id,
        reversal_of=move.move_id,
        moved_at=now,
        bundles=bundles,
    )
