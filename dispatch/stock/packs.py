"""Packs, that is bundles in cartons: how a delivery is packed, which bundles a code names, and which of them a move may
carry."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from msgspec import Struct

from dispatch.problems import Problem
from dispatch.stock.moves import UNBOUNDED, BalanceKey, Holder, Move
from schemas.stock import HolderKind


class BundleNotHere(Problem):
    """A named bundle is not sealed where the copies are taken from. `bundle_codes`; `errors` point at the moves."""

    slug, title, status = "bundle-not-here", "A named bundle is not sealed there", 409


class UnknownBundle(Problem):
    """No such bundle or carton of this material, or not among those it may be."""

    slug, title, status = "unknown-bundle", "There is no such bundle here", 422


class BundleCount(Problem):
    """The named bundles hold `bundle_copies` copies, which is not what is to be moved."""

    slug, title, status = "bundle-count", "The bundles do not hold that many copies", 422


class NewBundle(NamedTuple):
    """A bundle to be made of a delivery."""

    number: int
    carton_code: str
    code: str


class RunPacking(Struct, frozen=True, kw_only=True):
    """How the material of a print run is packed, and how many bundles were made of the run."""

    bundle_copies: int
    carton_copies: int
    made: int


class Bundle(Struct, frozen=True, kw_only=True):
    """What never changes about a bundle."""

    bundle_id: UUID
    code: str
    carton_code: str
    campaign_id: UUID
    material_id: UUID
    copies: int


class PlacedBundle(Struct, frozen=True, kw_only=True):
    """Where a bundle is, and whether it has been written down as opened."""

    bundle_id: UUID
    code: str
    copies: int
    material_id: UUID
    holder_kind: HolderKind
    holder_id: UUID
    opened: bool

    @property
    def holder(self) -> Holder:
        """Where it is."""
        return Holder(self.holder_kind, self.holder_id)


class HeldCopies(NamedTuple):
    """What a holding holds: copies, and how many of them in bundles written down as sealed."""

    quantity: int
    sealed: int

    @property
    def excess(self) -> int:
        """Sealed copies that cannot be there any more: their bundles were opened by handouts since."""
        return max(0, self.sealed - self.quantity)


def pack(run_code: str, packing: RunPacking, copies: int) -> list[NewBundle]:
    """The bundles of a delivery, numbered on from those made before; what fills no bundle stays loose."""
    per_carton = packing.carton_copies // packing.bundle_copies
    bundles: list[NewBundle] = []
    for number in range(packing.made + 1, packing.made + copies // packing.bundle_copies + 1):
        carton, position = divmod(number - 1, per_carton)
        carton_code = f"{run_code}-{carton + 1:04d}"
        bundles.append(NewBundle(number, carton_code, f"{carton_code}-{position + 1:02d}"))
    return bundles


def meaning_of(bundles: Iterable[Bundle]) -> dict[tuple[UUID, str], list[Bundle]]:
    """{(campaign id, code): bundles}: a bundle's code names the bundle, a carton's all its bundles."""
    bundles = list(bundles)
    meaning: dict[tuple[UUID, str], list[Bundle]] = {}
    for bundle in bundles:
        meaning.setdefault((bundle.campaign_id, bundle.carton_code), []).append(bundle)
    # Written last: should the two ever be spelt alike, the bundle is meant.
    meaning |= {(bundle.campaign_id, bundle.code): [bundle] for bundle in bundles}
    return meaning


def named_of(
    codes: Sequence[str], campaign_id: UUID, material_id: UUID, meaning: Mapping[tuple[UUID, str], Sequence[Bundle]]
) -> tuple[list[Bundle], list[tuple[int, str]]]:
    """The bundles that the codes name, and (position, why not) of codes that name none, or one named before."""
    named: dict[UUID, Bundle] = {}
    wrong: list[tuple[int, str]] = []
    for position, code in enumerate(codes):
        found = [bundle for bundle in meaning.get((campaign_id, code), ()) if bundle.material_id == material_id]
        if not found:
            wrong.append((position, f"{code} is no bundle or carton of this material"))
        elif any(bundle.bundle_id in named for bundle in found):
            wrong.append((position, f"{code} appears twice, by itself or in its carton"))
        named |= {bundle.bundle_id: bundle for bundle in found}
    return list(named.values()), wrong


def absent_of(moves: Sequence[Move], placed: Mapping[UUID, PlacedBundle]) -> list[tuple[int, list[str]]]:
    """(position of the move, codes) of named bundles that are not sealed at the move's source when its turn comes."""
    at = {bundle_id: bundle.holder for bundle_id, bundle in placed.items()}
    absent: list[tuple[int, list[str]]] = []
    # A move whose bundles are not there does not count for the moves after it.
    for position, move in enumerate(moves):
        missing = [
            placed[bundle_id].code
            for bundle_id in move.bundles
            if placed[bundle_id].opened or at[bundle_id] != move.source
        ]
        if missing:
            absent.append((position, sorted(missing)))
            continue
        at |= dict.fromkeys(move.bundles, move.target)
    return absent


def still_sealed(bundles: Iterable[PlacedBundle], holder: Holder) -> tuple[UUID, ...]:
    """Ids, in order, of those of the bundles that are sealed at this holder."""
    return tuple(sorted(bundle.bundle_id for bundle in bundles if not bundle.opened and bundle.holder == holder))


def bundle_not_here(absent: Sequence[tuple[int, list[str]]], pointer: str) -> BundleNotHere:
    """The refusal of moves that name bundles which are not there; `pointer` is a template with {index}."""
    errors: list[dict[str, object]] = [
        {
            "pointer": pointer.format(index=position),
            "detail": f"{', '.join(codes[:5])}{' and others' if len(codes) > 5 else ''}: not sealed there any more.",
            "bundle_codes": codes,
        }
        for position, codes in absent
    ]
    return BundleNotHere(
        "Nothing was recorded: name only bundles that lie sealed where the copies are taken from.",
        bundle_codes=[code for _, codes in absent for code in codes],
        errors=errors,
    )


def sealed_changes_of(moves: Iterable[Move], placed: Mapping[UUID, PlacedBundle]) -> dict[BalanceKey, int]:
    """What moves change about the sealed copies of every balance they touch."""
    changes: dict[BalanceKey, int] = {}
    for move in moves:
        sealed = sum(placed[bundle_id].copies for bundle_id in move.bundles)
        if sealed:
            changes[move.given] = changes.get(move.given, 0) - sealed
            changes[move.taken] = changes.get(move.taken, 0) + sealed
    return changes


def excess_of(held: Mapping[BalanceKey, HeldCopies]) -> dict[BalanceKey, int]:
    """Sealed copies beyond the balance, by holding: so much must be opened. The far ends of the ledger owe nothing."""
    return {
        holding: copies.excess
        for holding, copies in held.items()
        if copies.excess and holding.holder_kind not in UNBOUNDED
    }


def part_bundles(
    bundles: Sequence[PlacedBundle], missing: Sequence[PlacedBundle], arrived: int, short: int
) -> tuple[list[UUID], list[UUID]]:
    """Which bundles of a waybill arrived (`arrived` copies) and which went missing (`short` copies).

    Named missing ones are missing; of the others as many arrived, by code, as the count allows. What came neither whole
    nor is missing whole was opened on the way. Raises BundleCount when more is named missing than is short.
    """
    gone = {bundle.bundle_id for bundle in missing}
    held = sum(bundle.copies for bundle in missing)
    if held > short:
        raise BundleCount(
            f"The missing bundles hold {held} copies; {short} are missing.",
            field="missing_bundle_codes",
            bundle_copies=held,
        )
    came: list[UUID] = []
    lost = [bundle.bundle_id for bundle in missing]
    left_to_come, left_to_lose = arrived, short - held
    for bundle in sorted(bundles, key=lambda bundle: bundle.code):
        if bundle.bundle_id in gone:
            continue
        if bundle.copies <= left_to_come:
            came.append(bundle.bundle_id)
            left_to_come -= bundle.copies
        elif bundle.copies <= left_to_lose:
            lost.append(bundle.bundle_id)
            left_to_lose -= bundle.copies
    return came, lost
