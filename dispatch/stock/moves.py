"""What a move of copies is and what it does to balances."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple
from uuid import UUID

from msgspec import Struct

from dispatch.database import new_id, time_of
from schemas.stock import HolderKind, MoveKind

# The far ends of the ledger: what was printed and what nobody can explain may be below zero there.
UNBOUNDED: frozenset[str] = frozenset({"printer", "variance"})


class Holder(NamedTuple):
    """Where copies are: at a place, on the way to an outlet, or at a far end of the ledger. printer, activity,
    written_off and variance carry the campaign's id, transit the outlet's."""

    kind: HolderKind
    id: UUID


class BalanceKey(NamedTuple):
    """Whose copies of which material: the key of one balance. Balances are locked in the order of its fields."""

    holder_id: UUID
    holder_kind: HolderKind
    campaign_id: UUID
    material_id: UUID

    @property
    def holder(self) -> Holder:
        """Who holds it."""
        return Holder(self.holder_kind, self.holder_id)

    @property
    def unexplained(self) -> "BalanceKey":
        """The variance of the same campaign and material."""
        return BalanceKey(self.campaign_id, "variance", self.campaign_id, self.material_id)


class Move(Struct, frozen=True, kw_only=True):
    """One entry of the ledger: `copies` of one material going from holder `source` to holder `target`."""

    move_id: UUID
    kind: MoveKind
    campaign_id: UUID
    material_id: UUID
    source: Holder
    target: Holder
    copies: int
    moved_at: datetime
    reason: str = ""
    print_run_id: UUID | None = None
    waybill_id: UUID | None = None
    reversal_of: UUID | None = None
    bundles: tuple[UUID, ...] = ()
    """Sealed bundles among the copies, by id in order."""

    @property
    def given(self) -> BalanceKey:
        """The balance the copies leave."""
        return BalanceKey(self.source.id, self.source.kind, self.campaign_id, self.material_id)

    @property
    def taken(self) -> BalanceKey:
        """The balance the copies reach."""
        return BalanceKey(self.target.id, self.target.kind, self.campaign_id, self.material_id)


class Shortage(NamedTuple):
    """A move that asks for more than is there. `position` counts from 0; `available` is what earlier moves left."""

    position: int
    move: Move
    available: int


def holdings_of(moves: Iterable[Move]) -> list[BalanceKey]:
    """Every balance the moves touch, once."""
    return list({holding: None for move in moves for holding in (move.given, move.taken)})


def changes_of(moves: Iterable[Move]) -> dict[BalanceKey, int]:
    """Net change of every balance the moves touch. The changes sum to nothing: copies neither appear nor vanish."""
    changes: dict[BalanceKey, int] = {}
    for move in moves:
        changes[move.given] = changes.get(move.given, 0) - move.copies
        changes[move.taken] = changes.get(move.taken, 0) + move.copies
    return changes


def shortages_of(moves: Sequence[Move], balances: Mapping[BalanceKey, int]) -> list[Shortage]:
    """The moves that would take a physical holder below zero, judged one after the other in the given order.

    A move that falls short does not count for the moves after it, so that each shortage is its own.
    """
    left = dict(balances)
    short: list[Shortage] = []
    for index, move in enumerate(moves):
        available = left.get(move.given, 0)
        if move.source.kind not in UNBOUNDED and available < move.copies:
            short.append(Shortage(index, move, available))
            continue
        left[move.given] = available - move.copies
        left[move.taken] = left.get(move.taken, 0) + move.copies
    return short


def same_content(recorded: Move, wanted: Move) -> bool:
    """Whether a move sent again is the one recorded. Instants are not compared: the server may have given it."""
    return _content(recorded) == _content(wanted)


def _content(move: Move) -> tuple[object, ...]:
    return (
        move.kind, move.campaign_id, move.material_id, move.source, move.target, move.copies, move.reason,
        move.print_run_id, move.waybill_id, move.reversal_of, move.bundles,
    )  # fmt: skip


def companion_id(move_id: UUID) -> UUID:
    """The id of a second move that one request causes (the variance of an acceptance): the same on every retry."""
    entropy = int.from_bytes(sha256(move_id.bytes + b"companion").digest()[:10], "big")
    return new_id(time_of(move_id), entropy)
