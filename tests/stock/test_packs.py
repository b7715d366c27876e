"""Bundles and cartons: how deliveries are packed, what a code names, what a move may carry, and what counts as opened."""

from uuid import UUID

import pytest
from msgspec.structs import replace

from dispatch.stock.moves import BalanceKey, Holder, HolderKind, Move
from dispatch.stock.packs import (
    BundleCount,
    HeldCopies,
    PlacedBundle,
    RunPacking,
    absent_of,
    bundle_not_here,
    excess_of,
    meaning_of,
    named_of,
    pack,
    part_bundles,
    sealed_changes_of,
    still_sealed,
)
from tests.stock.samples import (
    BUNDLES,
    CAMPAIGN,
    MATERIAL,
    OTHER_CAMPAIGN,
    OTHER_MATERIAL,
    bundle,
    holder,
    moved,
    placed,
    uid,
)

OUTLET, RIDER, DEPOT = holder("outlet"), holder("rider"), holder("depot")

# ---- packing


@pytest.mark.parametrize(
    ("made", "copies", "codes"),
    [
        (0, 49, []),
        (0, 50, ["HB-0001-01"]),
        (0, 99, ["HB-0001-01"]),
        (0, 100, ["HB-0001-01", "HB-0001-02"]),
        (1, 100, ["HB-0001-02", "HB-0002-01"]),  # two bundles fill a carton
        (2, 50, ["HB-0002-01"]),
        (19_998, 100, ["HB-10000-01", "HB-10000-02"]),
    ],
)
def test_cartons_are_filled_one_after_the_other_and_what_fills_no_bundle_stays_loose(
    made: int, copies: int, codes: list[str]
) -> None:
    bundles = pack("HB", RunPacking(bundle_copies=50, carton_copies=100, made=made), copies)
    assert [entry.code for entry in bundles] == codes
    assert [entry.number for entry in bundles] == list(range(made + 1, made + 1 + len(codes)))
    assert [entry.carton_code for entry in bundles] == [code[:-3] for code in codes]


def test_a_carton_of_one_bundle_is_a_carton() -> None:
    bundles = pack("HB", RunPacking(bundle_copies=50, carton_copies=50, made=0), 100)
    assert [entry.code for entry in bundles] == ["HB-0001-01", "HB-0002-01"]


# ---- codes


def names(*codes: str, material: bool = True) -> tuple[list[str], list[int]]:
    """Codes of the bundles named, and positions of what is wrong."""
    named, wrong = named_of(codes, CAMPAIGN, MATERIAL if material else OTHER_MATERIAL, meaning_of(BUNDLES))
    return [entry.code for entry in named], [position for position, _ in wrong]


def test_a_code_names_a_bundle_or_all_bundles_of_a_carton() -> None:
    assert names("HB-1-02") == (["HB-1-02"], [])
    assert names("HB-1", "HB-2-01") == (["HB-1-01", "HB-1-02", "HB-1-03", "HB-2-01"], [])
    assert names() == ([], [])


def test_codes_of_nothing_of_another_material_and_those_that_come_again_are_wrong() -> None:
    assert names("HB-1-02", "HB-9", "HB-7") == (["HB-1-02"], [1, 2])
    assert names("HB-9", material=False) == (["HB-9-01"], [])
    assert names("HB-1-02", "HB-1-02") == (["HB-1-02"], [1])
    assert names("HB-1-02", "HB-1")[1] == [1]
    assert names("HB-1", "HB-1-03")[1] == [1]
    foreign = replace(bundle(1), campaign_id=OTHER_CAMPAIGN)
    assert named_of(["HB-1-01"], CAMPAIGN, MATERIAL, meaning_of([foreign])) == (
        [],
        [(0, "HB-1-01 is no bundle or carton of this material")],
    )


def test_a_code_that_a_bundle_and_a_carton_share_names_the_bundle() -> None:
    odd = bundle(5, code="HB-1")
    assert named_of(["HB-1"], CAMPAIGN, MATERIAL, meaning_of([odd, bundle(1)]))[0] == [odd]


# ---- what a move may carry

FIRST, SECOND = placed(bundle(1), OUTLET), placed(bundle(2), OUTLET)


def by_id(*bundles: PlacedBundle) -> dict[UUID, PlacedBundle]:
    return {entry.bundle_id: entry for entry in bundles}


def carrying(source: Holder, target: Holder, *bundles: PlacedBundle, copies: int = 50) -> Move:
    return moved(source, target, copies, bundles=tuple(sorted(entry.bundle_id for entry in bundles)))


@pytest.mark.parametrize(
    ("moves", "there", "absent"),
    [
        ([carrying(OUTLET, RIDER, FIRST, SECOND)], [FIRST, SECOND], []),
        ([carrying(RIDER, OUTLET, FIRST)], [FIRST], [(0, ["HB-1-01"])]),
        ([carrying(OUTLET, RIDER, FIRST)], [replace(FIRST, opened=True)], [(0, ["HB-1-01"])]),
        ([carrying(OUTLET, RIDER, SECOND, FIRST)], [FIRST, replace(SECOND, holder_id=uid(99))], [(0, ["HB-1-02"])]),
        ([carrying(OUTLET, RIDER, FIRST)], [replace(FIRST, holder_kind="transit")], [(0, ["HB-1-01"])]),
        # What one move brings, the next may take on; once gone, it is gone.
        ([carrying(OUTLET, RIDER, FIRST), carrying(RIDER, DEPOT, FIRST)], [FIRST], []),
        ([carrying(OUTLET, RIDER, FIRST), carrying(OUTLET, DEPOT, FIRST)], [FIRST], [(1, ["HB-1-01"])]),
        # A move that cannot be made brings nothing.
        (
            [carrying(OUTLET, RIDER, FIRST, SECOND), carrying(RIDER, DEPOT, FIRST)],
            [FIRST, replace(SECOND, opened=True)],
            [(0, ["HB-1-02"]), (1, ["HB-1-01"])],
        ),
        ([moved(OUTLET, RIDER)], [], []),
        # Named by code in order, whatever the order of the ids.
        (
            [carrying(RIDER, OUTLET, FIRST, SECOND)],
            [replace(FIRST, code="HB-9-01"), SECOND],
            [(0, ["HB-1-02", "HB-9-01"])],
        ),
    ],
)
def test_a_named_bundle_is_sealed_where_the_copies_are_taken_from_when_the_turn_comes(
    moves: list[Move], there: list[PlacedBundle], absent: list[tuple[int, list[str]]]
) -> None:
    assert absent_of(moves, by_id(*there)) == absent


def test_a_refusal_names_every_bundle_and_its_sentence_the_first_five() -> None:
    codes = [f"HB-1-{number:02d}" for number in range(1, 7)]
    document = bundle_not_here([(1, codes[:5]), (3, codes)], "/moves/{index}/bundle_codes").document()
    assert (document["type"], document["status"]) == ("/problems/bundle-not-here", 409)
    assert document["bundle_codes"] == codes[:5] + codes
    first, second = document["errors"]
    assert (first["pointer"], second["pointer"]) == ("/moves/1/bundle_codes", "/moves/3/bundle_codes")
    assert (first["bundle_codes"], second["bundle_codes"]) == (codes[:5], codes)
    assert first["detail"] == f"{', '.join(codes[:5])}: not sealed there any more."
    assert second["detail"] == f"{', '.join(codes[:5])} and others: not sealed there any more."


def test_undoing_a_move_takes_back_what_is_still_sealed_where_it_went() -> None:
    there, opened = placed(bundle(2), RIDER), placed(bundle(3), RIDER, opened=True)
    # By id, in order: the content of a reversal that is sent again is compared.
    assert still_sealed([placed(bundle(1, 2), RIDER), opened, FIRST, there], RIDER) == (
        bundle(2).bundle_id,
        bundle(1, 2).bundle_id,
    )
    assert still_sealed([], RIDER) == ()


# ---- sealed copies


def holding(of: Holder) -> BalanceKey:
    return BalanceKey(of.id, of.kind, CAMPAIGN, MATERIAL)


def test_sealed_copies_go_with_their_bundles() -> None:
    small = replace(SECOND, copies=30)
    moves = [carrying(OUTLET, RIDER, FIRST, small, copies=90), carrying(RIDER, DEPOT, FIRST), moved(OUTLET, RIDER, 7)]
    assert sealed_changes_of(moves, by_id(FIRST, small)) == {
        holding(OUTLET): -80,
        holding(RIDER): 30,
        holding(DEPOT): 50,
    }
    assert sealed_changes_of([moved(OUTLET, RIDER, 7)], {}) == {}


@pytest.mark.parametrize(("quantity", "sealed", "excess"), [(100, 99, 0), (100, 100, 0), (99, 100, 1), (0, 50, 50)])
def test_copies_sealed_beyond_the_balance_were_opened_by_handing_out(quantity: int, sealed: int, excess: int) -> None:
    held = HeldCopies(quantity, sealed)
    assert held.excess == excess
    assert excess_of({holding(OUTLET): held}) == ({holding(OUTLET): excess} if excess else {})


@pytest.mark.parametrize(
    ("kind", "opens"),
    [("printer", False), ("variance", False), ("depot", True), ("transit", True), ("written_off", True)],
)
def test_at_the_far_ends_of_the_ledger_nothing_is_opened(kind: HolderKind, opens: bool) -> None:
    assert bool(excess_of({holding(Holder(kind, uid(50))): HeldCopies(-10, 0)})) == opens


# ---- what arrived of a waybill

WAY = [placed(bundle(number), DEPOT) for number in (1, 2, 3)]


def parts(arrived: int, short: int, *missing: int) -> tuple[list[str], list[str]]:
    """Codes of the bundles that came and that are lost; the waybill's come in any order."""
    code = {entry.bundle_id: entry.code[-2:] for entry in WAY}
    came, lost = part_bundles(WAY[::-1], [WAY[number - 1] for number in missing], arrived, short)
    return [code[entry] for entry in came], [code[entry] for entry in lost]


@pytest.mark.parametrize(
    ("arrived", "short", "missing", "came", "lost"),
    [
        (150, 0, [], ["01", "02", "03"], []),
        (160, 0, [], ["01", "02", "03"], []),  # ten of them loose
        (100, 50, [], ["01", "02"], ["03"]),
        (100, 50, [1], ["02", "03"], ["01"]),
        (99, 51, [], ["01"], ["02"]),  # the third was opened on the way
        (101, 49, [], ["01", "02"], []),
        (50, 100, [2], ["01"], ["02", "03"]),
        (50, 100, [2, 3], ["01"], ["02", "03"]),
        (70, 80, [1], ["02"], ["01"]),  # 30 more are short, which is no whole bundle: the third was opened
        (0, 150, [], [], ["01", "02", "03"]),
        (0, 149, [], [], ["01", "02"]),
    ],
)
def test_as_many_bundles_arrived_as_the_count_allows_the_first_by_code(
    arrived: int, short: int, missing: list[int], came: list[str], lost: list[str]
) -> None:
    assert parts(arrived, short, *missing) == (came, lost)


def test_no_more_is_missing_in_bundles_than_copies_are_short() -> None:
    assert parts(100, 50, 3) == (["01", "02"], ["03"])
    with pytest.raises(BundleCount) as caught:
        parts(101, 49, 3)
    assert caught.value.extensions == {"field": "missing_bundle_codes", "bundle_copies": 50}
