"""Who may move copies from where to where, and every refusal of the ledger."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from msgspec import Struct

from dispatch.database import is_version_7
from dispatch.problems import NotFound, Problem
from dispatch.server.caller import Caller
from dispatch.stock.moves import Holder, Holding, Move, Shortage
from dispatch.stock.packs import Bundle, named_of
from schemas.stock import NewMove, NewStockCount


class NotEnoughStock(Problem):
    """A holder has fewer copies than the move takes. `available`; `errors` point at each such move."""

    slug, title, status = "not-enough-stock", "There are not that many copies there", 409


class MoveChanged(Problem):
    """The move id was used before for something else."""

    slug, title, status = "move-changed", "This move id stands for another move", 409


class MovesRefused(Problem):
    """Nothing was recorded; `errors`: [{pointer, reason, detail}] say what to mend."""

    slug, title, status = "moves-refused", "The moves cannot be recorded", 422


class UnknownHolder(Problem):
    """No such depot, outlet or rider here, or not within the caller's scope."""

    slug, title, status = "unknown-holder", "There is no such holder here", 422


class UnknownMaterial(Problem):
    """The campaign has no material of this code."""

    slug, title, status = "unknown-material", "There is no such material in the campaign", 422


class VarianceReasonNeeded(Problem):
    """What came is not what was expected (`expected`): say why."""

    slug, title, status = "variance-reason-needed", "A difference needs its reason", 422


class NotReversible(Problem):
    """The move cannot be undone by reversing it."""

    slug, title, status = "not-reversible", "This move cannot be reversed", 409


class AlreadyReversed(Problem):
    """A move is reversed at most once. `reversed_by`."""

    slug, title, status = "already-reversed", "This move was reversed already", 409


class Place(Struct, frozen=True, kw_only=True):
    """A depot, outlet or rider found by its code within the caller's scope."""

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


# Which ways copies may go by hand; depots receive from the printer and give by waybill.
_WAYS: dict[str, set[tuple[str, str]]] = {
    "transfer": {("outlet", "rider"), ("rider", "rider"), ("outlet", "outlet"), ("depot", "depot")},
    "return": {("rider", "outlet"), ("outlet", "depot")},
}
_CLOCKS_DIFFER_BY = timedelta(minutes=10)


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
    """Refuse a difference nobody explains."""
    if expected != found and not reason:
        raise VarianceReasonNeeded(
            f"{expected} copies were expected, {found} came; say why in variance_reason.",
            field="variance_reason",
            expected=expected,
        )


def judge_moves(
    caller: Caller,
    wanted: Sequence[NewMove],
    places: Mapping[tuple[str, str], Place],
    materials: Mapping[tuple[UUID, str], UUID],
    meaning: Mapping[tuple[UUID, str], Sequence[Bundle]],
    now: datetime,
) -> list[Move]:
    """Turn moves by code into moves by id, or refuse them whole with a pointer at everything that is wrong.

    `places` by (kind, code), `materials` and `meaning` (of bundle codes) by (campaign id, code): what the codes stand
    for, places within the caller's scope.
    """
    errors: list[dict[str, Any]] = []
    moves: list[Move] = []
    seen: set[UUID] = set()
    for index, item in enumerate(wanted):
        found = _errors_of(caller, item, places, materials, now) + _bundle_errors(item, materials, meaning)
        if item.move_id in seen:
            found.append(("move_id", "repeated-id", "the same id stands twice in this request"))
        seen.add(item.move_id)
        errors += [{"pointer": f"/moves/{index}/{at}", "reason": slug, "detail": why} for at, slug, why in found]
        if not found:
            moves.append(_move(item, places, materials, meaning, now))
    if errors:
        raise MovesRefused("Nothing was recorded; mend the moves that errors point at.", errors=errors)
    return moves


def _bundle_errors(
    item: NewMove,
    materials: Mapping[tuple[UUID, str], UUID],
    meaning: Mapping[tuple[UUID, str], Sequence[Bundle]],
) -> list[tuple[str, str, str]]:
    material_id = materials.get((item.campaign_id, item.material_code))
    if material_id is None or not item.bundle_codes:
        return []
    named, wrong = named_of(item.bundle_codes, item.campaign_id, material_id, meaning)
    held = sum(bundle.copies for bundle in named)
    if not wrong and held != item.copies:
        return [("copies", "bundle-count", f"the bundles hold {held} copies; move loose copies by themselves")]
    return [(f"bundle_codes/{position}", "unknown-bundle", why) for position, why in wrong]


def _move(
    item: NewMove,
    places: Mapping[tuple[str, str], Place],
    materials: Mapping[tuple[UUID, str], UUID],
    meaning: Mapping[tuple[UUID, str], Sequence[Bundle]],
    now: datetime,
) -> Move:
    far_end: dict[str, Holder] = {
        "write_off": Holder("written_off", item.campaign_id),
        "activity": Holder("activity", item.campaign_id),
    }
    target = places[item.target.kind, item.target.code].holder if item.target else far_end[item.kind]
    material_id = materials[item.campaign_id, item.material_code]
    named, _ = named_of(item.bundle_codes, item.campaign_id, material_id, meaning)
    return Move(
        move_id=item.move_id,
        kind=item.kind,
        campaign_id=item.campaign_id,
        material_id=material_id,
        source=places[item.source.kind, item.source.code].holder,
        target=target,
        copies=item.copies,
        reason=item.reason or "",
        moved_at=item.moved_at or now,
        bundles=tuple(sorted(bundle.bundle_id for bundle in named)),
    )


def _errors_of(
    caller: Caller,
    item: NewMove,
    places: Mapping[tuple[str, str], Place],
    materials: Mapping[tuple[UUID, str], UUID],
    now: datetime,
) -> list[tuple[str, str, str]]:
    found: list[tuple[str, str, str]] = []
    if not is_version_7(item.move_id):
        found.append(("move_id", "not-version-7", "must be a UUIDv7"))
    if (item.campaign_id, item.material_code) not in materials:
        found.append(("material_code", "unknown-material", "the campaign has no such material"))
    if item.moved_at and item.moved_at > now + _CLOCKS_DIFFER_BY:
        found.append(("moved_at", "in-the-future", "lies in the future"))
    if item.kind == "write_off" and not item.reason:
        found.append(("reason", "reason-needed", "say how the copies were lost"))
    source = places.get((item.source.kind, item.source.code))
    target = places.get((item.target.kind, item.target.code)) if item.target else None
    if source is None or not may_give(caller, item.kind, source):
        found.append(("from", "unknown-holder", "there is no such holder among those you may take from"))
    elif item.kind in ("write_off", "activity"):
        if item.target:
            found.append(("to", "no-target", f"leave it out: a {item.kind} ends there"))
    elif target is None or not may_take(caller, source, target):
        found.append(("to", "unknown-holder", "there is no such holder among those you may give to"))
    else:
        found += _wrong_ways(item.kind, source, target)
    return found


def _wrong_ways(kind: str, source: Place, target: Place) -> list[tuple[str, str, str]]:
    if (source.kind, target.kind) not in _WAYS[kind]:
        return [("kind", "wrong-way", f"a {kind} does not go from {source.kind} to {target.kind}")]
    if source.id == target.id:
        return [("to", "same-holder", "the copies are there already")]
    if target.partner_id and source.partner_id != target.partner_id:
        return [("to", "other-firm", "copies stay within the firm; return them to the depot first")]
    if not target.active:
        return [("to", "inactive-holder", "is not active any more")]
    return []


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


def judge_count(
    caller: Caller,
    count: NewStockCount,
    places: Mapping[tuple[str, str], Place],
    materials: Mapping[tuple[UUID, str], UUID],
) -> tuple[Place, UUID]:
    """Return the place that was counted and the material's id. Raises UnknownHolder, UnknownMaterial."""
    place = places.get((count.holder.kind, count.holder.code))
    if place is None or not may_give(caller, "variance", place):
        raise UnknownHolder("There is no such holder among those you may count.", field="holder")
    material_id = materials.get((count.campaign_id, count.material_code))
    if material_id is None:
        raise UnknownMaterial("The campaign has no material of this code.", field="material_code")
    return place, material_id


def expected_before(count: NewStockCount, known: Move | None, holding: Holding, balance: int) -> int:
    """The balance a count met: `balance`, or for a count sent again the one it met the first time.

    Raises MoveChanged when the id stands for something else.
    """
    if known is None:
        return balance
    short = known.source == holding.holder
    expected = count.counted_copies + (known.copies if short else -known.copies)
    if count_move(count, holding, expected, known.moved_at) != known:
        raise MoveChanged("This move_id was used before; make a new one.", field="move_id")
    return expected


def count_move(count: NewStockCount, holding: Holding, expected: int, now: datetime) -> Move:
    """The variance that brings a balance to what was counted. The count stands before the reason in the ledger."""
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
    caller: Caller,
    move: Move,
    reversal_id: UUID,
    *,
    in_scope: bool,
    recorded_by: UUID,
    reversed_by: UUID | None,
    received: bool,
) -> None:
    """Refuse to reverse what the caller could not have recorded, what cannot be reversed, or was by another move.

    `in_scope`: both ends that are outlets or riders are the caller's. `received`: the move's waybill has arrived.
    """
    if not in_scope or not _could_have_recorded(caller, move, recorded_by):
        raise NotFound("There is no such move.")
    if move.kind == "reversal":
        raise NotReversible("A reversal is not reversed; record the move again.")
    if move.waybill_id and (move.kind != "issue" or received or move.move_id != move.waybill_id):
        raise NotReversible(
            "The waybill has been received; return the copies to the depot, or count the stock.",
            waybill_id=str(move.waybill_id),
        )
    if reversed_by not in (None, reversal_id):
        raise AlreadyReversed("A move is reversed at most once.", reversed_by=str(reversed_by))


def _could_have_recorded(caller: Caller, move: Move, recorded_by: UUID) -> bool:
    if caller.role == "planner":
        ends_of_district = {"outlet", "rider", "transit"} & {move.source.kind, move.target.kind}
        return caller.division_code is None or bool(ends_of_district)
    if caller.role == "rider":
        return recorded_by == caller.subject_id and move.kind in ("transfer", "return")
    ends = {move.source.kind, move.target.kind}
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


_WHEREABOUTS = (
    "in_depots", "in_transit", "with_outlets", "with_riders", "handed_out", "activities", "written_off", "variance",
)  # fmt: skip


def is_balanced(figures: Mapping[str, Any]) -> bool:
    """The balance law: what was printed is exactly what is somewhere."""
    return figures["printed"] == sum(figures[name] for name in _WHEREABOUTS)


def total_of(materials: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """The figures of all materials together."""
    return {name: sum(figures[name] for figures in materials) for name in ("printed", *_WHEREABOUTS)}
