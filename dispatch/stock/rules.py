"""Who may move copies from where to where, what the ledger refuses, and the balance law."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

import msgspec
from msgspec import Struct

from dispatch.database import is_version_7
from dispatch.database.queries import Scope
from dispatch.problems import Problem
from dispatch.server.caller import Caller
from dispatch.stock.moves import Holder, Move, Shortage
from dispatch.stock.packs import Bundle, named_of
from schemas.stock import HolderCode, NewMove


class NotEnoughStock(Problem):
    """A holder has fewer copies than the move takes. `available`; `errors` point at each such move."""

    slug, title, status = "not-enough-stock", "There are not that many copies there", 409


class MoveChanged(Problem):
    """The move id was used before for something else."""

    slug, title, status = "move-changed", "This move id belongs to another move", 409


class MovesRefused(Problem):
    """Nothing was recorded; `errors`: [{pointer, reason, detail}] say what to correct."""

    slug, title, status = "moves-refused", "The moves cannot be recorded", 422


class UnknownHolder(Problem):
    """No such depot, outlet or rider here, or not within the caller's scope."""

    slug, title, status = "unknown-holder", "There is no such holder here", 422


class VarianceReasonNeeded(Problem):
    """What came is not what was expected (`expected`): say why."""

    slug, title, status = "variance-reason-needed", "A difference needs its reason", 422


class Place(Struct, frozen=True, kw_only=True):
    """A depot, outlet or rider that a request names by its code, found within the caller's scope."""

    kind: Literal["depot", "outlet", "rider"]
    id: UUID
    code: str
    outlet_id: UUID | None
    partner_id: UUID | None
    active: bool

    @property
    def holder(self) -> Holder:
        """The place as a holder of copies."""
        return Holder(self.kind, self.id)


class CodeBook(Struct, frozen=True, kw_only=True):
    """What the codes of a request name. A code that is not in it names nothing here."""

    places: Mapping[tuple[str, str], Place]
    """By kind and code, within the caller's scope."""
    materials: Mapping[tuple[UUID, str], UUID]
    """By campaign and code."""
    bundles: Mapping[tuple[UUID, str], Sequence[Bundle]] = {}
    """By campaign and the code of a bundle or carton."""

    def place(self, holder: HolderCode | None) -> Place | None:
        """The place of a holder named by code."""
        return self.places.get((holder.kind, holder.code)) if holder else None


# An error of one move: the field it points at, its stable reason, a sentence.
MoveError = tuple[str, str, str]

# Which ways copies may go by hand; depots receive from the printer and give by waybill.
_WAYS: dict[str, set[tuple[str, str]]] = {
    "transfer": {("outlet", "rider"), ("rider", "rider"), ("outlet", "outlet"), ("depot", "depot")},
    "return": {("rider", "outlet"), ("outlet", "depot")},
}
_CLOCKS_DIFFER_BY = timedelta(minutes=10)


def scope_of_moves(caller: Caller) -> Scope:
    """Whose copies the caller may move: an outlet manager's are the outlet's, a rider's may also go to a colleague of
    another outlet of the firm."""
    if caller.role == "rider":
        return msgspec.structs.replace(caller.scope, scope_outlet=None)
    return caller.scope


def not_enough_stock(short: Sequence[Shortage], pointer: str) -> NotEnoughStock:
    """The refusal of moves that take more than is there; `pointer` is a template with {index}."""
    errors = [
        {
            "pointer": pointer.format(index=position),
            "detail": f"{move.copies} copies are wanted, {available} are there.",
            "available": available,
        }
        for position, move, available in short
    ]
    return NotEnoughStock(
        "Nothing was recorded: not that many copies are there. Take fewer, or count the stock.",
        available=short[0].available,
        errors=errors,
    )


def require_variance(expected: int, found: int, reason: str | None) -> None:
    """Refuse a difference without its reason."""
    if expected != found and not reason:
        raise VarianceReasonNeeded(
            f"{expected} copies were expected, {found} came; say why in variance_reason.",
            field="variance_reason",
            expected=expected,
        )


def judge_moves(caller: Caller, wanted: Sequence[NewMove], book: CodeBook, now: datetime) -> list[Move]:
    """Turn moves by code into moves by id, or refuse them whole with a pointer at everything that is wrong.

    Raises MovesRefused.
    """
    errors: list[dict[str, Any]] = []
    moves: list[Move] = []
    seen: set[UUID] = set()
    for index, item in enumerate(wanted):
        wrong = _errors_of(item, book, now) + _errors_of_ends(caller, item, book) + _errors_of_bundles(item, book)
        if item.move_id in seen:
            wrong.append(("move_id", "repeated-id", "the same id appears twice in this request"))
        seen.add(item.move_id)
        errors += [{"pointer": f"/moves/{index}/{at}", "reason": slug, "detail": why} for at, slug, why in wrong]
        if not wrong:
            moves.append(_move(item, book, now))
    if errors:
        raise MovesRefused("Nothing was recorded; correct the moves that errors point at.", errors=errors)
    return moves


def _errors_of(item: NewMove, book: CodeBook, now: datetime) -> list[MoveError]:
    wrong: list[MoveError] = []
    if not is_version_7(item.move_id):
        wrong.append(("move_id", "not-version-7", "must be a UUIDv7"))
    if (item.campaign_id, item.material_code) not in book.materials:
        wrong.append(("material_code", "unknown-material", "the campaign has no such material"))
    if item.moved_at and item.moved_at > now + _CLOCKS_DIFFER_BY:
        wrong.append(("moved_at", "in-the-future", "lies in the future"))
    if item.kind == "write_off" and not item.reason:
        wrong.append(("reason", "reason-needed", "say how the copies were lost"))
    return wrong


def _errors_of_ends(caller: Caller, item: NewMove, book: CodeBook) -> list[MoveError]:
    source, target = book.place(item.source), book.place(item.target)
    if source is None or not may_give(caller, item.kind, source):
        return [("from", "unknown-holder", "there is no such holder among those you may take from")]
    if item.kind in ("write_off", "activity"):
        return [("to", "no-target", f"leave it out: a {item.kind} ends there")] if item.target else []
    if target is None or not may_take(caller, source, target):
        return [("to", "unknown-holder", "there is no such holder among those you may give to")]
    if (source.kind, target.kind) not in _WAYS[item.kind]:
        return [("kind", "wrong-way", f"a {item.kind} does not go from {source.kind} to {target.kind}")]
    if source.id == target.id:
        return [("to", "same-holder", "the copies are already there")]
    if target.partner_id and source.partner_id != target.partner_id:
        return [("to", "other-firm", "copies stay within the firm; return them to the depot first")]
    if not target.active:
        return [("to", "inactive-holder", "is not active any more")]
    return []


def _errors_of_bundles(item: NewMove, book: CodeBook) -> list[MoveError]:
    material_id = book.materials.get((item.campaign_id, item.material_code))
    if material_id is None or not item.bundle_codes:
        return []
    named, wrong = named_of(item.bundle_codes, item.campaign_id, material_id, book.bundles)
    held = sum(bundle.copies for bundle in named)
    if not wrong and held != item.copies:
        return [("copies", "bundle-count", f"the bundles hold {held} copies; move loose copies by themselves")]
    return [(f"bundle_codes/{position}", "unknown-bundle", why) for position, why in wrong]


def _move(item: NewMove, book: CodeBook, now: datetime) -> Move:
    far_end: dict[str, Holder] = {
        "write_off": Holder("written_off", item.campaign_id),
        "activity": Holder("activity", item.campaign_id),
    }
    source, target = book.place(item.source), book.place(item.target)
    assert source is not None, "a move without a source was refused before"
    material_id = book.materials[item.campaign_id, item.material_code]
    named, _ = named_of(item.bundle_codes, item.campaign_id, material_id, book.bundles)
    return Move(
        move_id=item.move_id,
        kind=item.kind,
        campaign_id=item.campaign_id,
        material_id=material_id,
        source=source.holder,
        target=target.holder if target else far_end[item.kind],
        copies=item.copies,
        reason=item.reason or "",
        moved_at=item.moved_at or now,
        bundles=tuple(sorted(bundle.bundle_id for bundle in named)),
    )


def may_give(caller: Caller, kind: str, source: Place) -> bool:
    """Whether the caller may take copies away from here by a move of this kind."""
    match caller.role:
        case "planner":
            # The depots are the whole city's: a district returns copies there, and has them issued by waybill.
            return source.kind != "depot" or caller.division_code is None
        case "firm_manager":
            return source.partner_id == caller.partner_id
        case "outlet_manager":
            return source.outlet_id == caller.outlet_id
        case _:
            return kind in ("transfer", "return") and source.kind == "rider" and source.id == caller.rider_id


def may_take(caller: Caller, source: Place, target: Place) -> bool:
    """Whether the caller may bring copies from `source`, which is theirs, to `target`."""
    match caller.role:
        case "planner":
            return True
        case "firm_manager" | "outlet_manager" if target.kind == "depot":
            return source.kind == "outlet"
        case "firm_manager":
            return target.partner_id == caller.partner_id
        case "outlet_manager":
            return target.outlet_id == caller.outlet_id
        case _:
            own_outlet = target.kind == "outlet" and target.id == caller.outlet_id
            colleague = target.kind == "rider" and target.partner_id == caller.partner_id
            return own_outlet or colleague


_WHEREABOUTS = (
    "in_depots", "in_transit", "with_outlets", "with_riders", "handed_out", "activities", "written_off", "variance",
)  # fmt: skip


def is_balanced(figures: Mapping[str, Any]) -> bool:
    """The balance law: what was printed is exactly what is somewhere."""
    return figures["printed"] == sum(figures[name] for name in _WHEREABOUTS)


def total_of(materials: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """The figures of all materials together."""
    return {name: sum(figures[name] for figures in materials) for name in ("printed", *_WHEREABOUTS)}
