"""Who may move copies from where to where, what each refusal points at, and what moves do to balances."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from dispatch.database.queries import Scope
from dispatch.stock.moves import (
    BalanceKey,
    Holder,
    Move,
    Shortage,
    changes_of,
    companion_id,
    holdings_of,
    same_content,
    shortages_of,
)
from dispatch.stock.rules import (
    CodeBook,
    MovesRefused,
    VarianceReasonNeeded,
    is_balanced,
    judge_moves,
    may_give,
    may_take,
    not_enough_stock,
    require_variance,
    scope_of_moves,
    total_of,
)
from schemas.stock import HolderCode, NewMove
from tests.conftest import NOW
from tests.stock.samples import (
    BOOK,
    CALLERS,
    CAMPAIGN,
    CITY,
    FIRM,
    MATERIAL,
    OTHER_CAMPAIGN,
    OTHER_MATERIAL,
    PLACES,
    bundle,
    caller,
    holder,
    moved,
    uid,
)

ALL = set(PLACES)
DEPOTS = {"depot", "second-depot"}
OF_FIRM = {"outlet", "sister", "rider", "colleague", "sisters-rider"}
OF_OUTLET = {"outlet", "rider", "colleague"}


# ---- who may move


@pytest.mark.parametrize("kind", ["transfer", "return", "write_off", "activity", "variance"])
@pytest.mark.parametrize(
    ("who", "places"),
    [("planner", ALL), ("district", ALL - DEPOTS), ("firm", OF_FIRM), ("outlet", OF_OUTLET), ("rider", {"rider"})],
)
def test_copies_are_taken_from_ones_own_only_and_riders_neither_lose_nor_count_them(
    who: str, kind: str, places: set[str]
) -> None:
    expected = set[str]() if who == "rider" and kind not in ("transfer", "return") else places
    assert {code for code, place in PLACES.items() if may_give(CALLERS[who], kind, place)} == expected


@pytest.mark.parametrize(
    ("who", "source", "places"),
    [
        ("planner", "depot", ALL),
        ("district", "outlet", ALL),
        ("firm", "outlet", OF_FIRM | DEPOTS),
        ("firm", "rider", OF_FIRM),
        ("outlet", "outlet", OF_OUTLET | DEPOTS),
        ("outlet", "rider", OF_OUTLET),
        ("rider", "rider", OF_FIRM - {"sister"}),
    ],
)
def test_copies_go_to_ones_own_to_colleagues_and_from_outlets_back_to_depots(
    who: str, source: str, places: set[str]
) -> None:
    taken = {code for code, place in PLACES.items() if may_take(CALLERS[who], PLACES[source], place)}
    assert taken == places


def test_riders_find_colleagues_of_other_outlets_managers_of_an_outlet_nobody_else() -> None:
    outlet = PLACES["outlet"].id
    rider = Scope(city_id=CITY, scope_partner=FIRM, scope_rider=PLACES["rider"].id)
    assert scope_of_moves(CALLERS["rider"]) == rider
    assert scope_of_moves(CALLERS["outlet"]) == Scope(city_id=CITY, scope_partner=FIRM, scope_outlet=outlet)
    assert scope_of_moves(CALLERS["firm"]) == Scope(city_id=CITY, scope_partner=FIRM)
    assert scope_of_moves(CALLERS["district"]) == Scope(city_id=CITY, scope_division="9901")


# ---- what a request may say


def named(code: str) -> HolderCode:
    known = PLACES.get(code)
    return HolderCode(kind=known.kind if known else "rider", code=code)


def wanted(source: str = "outlet", target: str | None = "rider", kind: Any = "transfer", **more: Any) -> NewMove:
    return replace(
        NewMove(
            move_id=uid(300), kind=kind, campaign_id=CAMPAIGN, material_code="M", source=named(source),
            target=named(target) if target else None, copies=50,
        ),
        **more,
    )  # fmt: skip


def errors_of(*moves: NewMove, who: str = "planner", book: CodeBook = BOOK) -> list[tuple[str, str]]:
    """(pointer, reason) of everything wrong with a request."""
    try:
        judge_moves(CALLERS[who], moves, book, NOW)
    except MovesRefused as refused:
        return [(error["pointer"], error["reason"]) for error in refused.extensions["errors"]]
    return []


@pytest.mark.parametrize(
    ("move", "at", "reason"),
    [
        (wanted(move_id=uid(300)), None, None),
        (wanted(move_id=UUID("11111111-1111-4111-8111-111111111111")), "move_id", "not-version-7"),
        (wanted(material_code="none"), "material_code", "unknown-material"),
        (wanted(campaign_id=OTHER_CAMPAIGN), "material_code", "unknown-material"),
        (wanted(moved_at=NOW + timedelta(minutes=10)), None, None),
        (wanted(moved_at=NOW + timedelta(minutes=10, microseconds=1)), "moved_at", "in-the-future"),
        (wanted(moved_at=NOW - timedelta(days=400)), None, None),
        (wanted(target=None, kind="write_off", reason="受潮"), None, None),
        (wanted(target=None, kind="write_off"), "reason", "reason-needed"),
        (wanted(target=None, kind="write_off", reason=""), "reason", "reason-needed"),
        (wanted(target=None, kind="activity"), None, None),
        (wanted("nobody"), "from", "unknown-holder"),
        (wanted(target="nobody"), "to", "unknown-holder"),
        (wanted(target=None), "to", "unknown-holder"),
        (wanted(target=None, kind="return"), "to", "unknown-holder"),
        (wanted(kind="write_off", reason="受潮"), "to", "no-target"),
        (wanted(kind="activity"), "to", "no-target"),
        (wanted("outlet", "outlet"), "to", "same-holder"),
        (wanted("rider", "rider"), "to", "same-holder"),
        (wanted("depot", "depot"), "to", "same-holder"),
        (wanted("outlet", "stranger"), "to", "other-firm"),
        (wanted("outlet", "strangers-rider"), "to", "other-firm"),
        (wanted("rider", "strangers-rider"), "to", "other-firm"),
        (wanted("rider", "sisters-rider"), None, None),
        (wanted("depot", "second-depot"), None, None),
        (wanted("outlet", "depot", "return"), None, None),
    ],
)
def test_a_move_is_refused_at_the_field_that_is_wrong(move: NewMove, at: str | None, reason: str | None) -> None:
    assert errors_of(move) == ([(f"/moves/0/{at}", reason)] if at else [])


@pytest.mark.parametrize(
    ("kind", "ways"),
    [
        ("transfer", {("outlet", "sisters-rider"), ("rider", "sisters-rider"), ("outlet", "sister"), ("depot", "second-depot")}),
        ("return", {("rider", "sister"), ("outlet", "second-depot")}),
    ],
)  # fmt: skip
def test_copies_go_only_the_ways_of_the_trade(kind: str, ways: set[tuple[str, str]]) -> None:
    ends = [
        (source, target)
        for source in ("depot", "outlet", "rider")
        for target in ("second-depot", "sister", "sisters-rider")
    ]
    refused = {way: errors_of(wanted(*way, kind)) for way in ends}
    assert {way for way, errors in refused.items() if not errors} == ways
    assert {way for way, errors in refused.items() if errors == [("/moves/0/kind", "wrong-way")]} == set(ends) - ways


def test_copies_are_taken_back_from_who_has_left_and_not_given_to_them() -> None:
    gone = replace(PLACES["rider"], active=False)
    book = replace(BOOK, places={**BOOK.places, ("rider", "rider"): gone})
    assert errors_of(wanted("outlet", "rider"), book=book) == [("/moves/0/to", "inactive-holder")]
    assert errors_of(wanted("rider", "outlet", "return"), book=book) == []


@pytest.mark.parametrize(
    ("who", "move", "at"),
    [
        ("rider", wanted("colleague", "rider"), "from"),
        ("rider", wanted("rider", None, "write_off", reason="丢失"), "from"),
        ("rider", wanted("rider", "sister", "return"), "to"),
        ("outlet", wanted("outlet", "sister"), "to"),
        ("firm", wanted("outlet", "stranger"), "to"),
        ("district", wanted("depot", "second-depot"), "from"),
    ],
)
def test_what_is_not_ones_own_is_as_if_it_did_not_exist(who: str, move: NewMove, at: str) -> None:
    assert errors_of(move, who=who) == [(f"/moves/0/{at}", "unknown-holder")]


CARTON = ["HB-1"]  # three bundles of 50


@pytest.mark.parametrize(
    ("copies", "codes", "errors"),
    [
        (150, CARTON, []),
        (149, CARTON, [("copies", "bundle-count")]),
        (151, CARTON, [("copies", "bundle-count")]),
        (100, ["HB-1-02", "HB-2-01"], []),
        (50, ["HB-0"], [("bundle_codes/0", "unknown-bundle")]),
        (50, ["HB-1-01", "HB-9-01"], [("bundle_codes/1", "unknown-bundle")]),  # of another material
        (150, ["HB-1", "HB-1-02"], [("bundle_codes/1", "unknown-bundle")]),
        (100, ["HB-1-02", "HB-1-02"], [("bundle_codes/1", "unknown-bundle")]),
        (50, ["HB-0", "HB-00"], [("bundle_codes/0", "unknown-bundle"), ("bundle_codes/1", "unknown-bundle")]),
    ],
)
def test_named_bundles_exist_once_and_hold_exactly_the_copies(
    copies: int, codes: list[str], errors: list[tuple[str, str]]
) -> None:
    move = wanted(copies=copies, bundle_codes=codes)
    assert errors_of(move) == [(f"/moves/0/{at}", reason) for at, reason in errors]


def test_bundles_of_a_material_nobody_knows_are_no_error_of_their_own() -> None:
    move = wanted(material_code="none", bundle_codes=["HB-0"])
    assert errors_of(move) == [("/moves/0/material_code", "unknown-material")]


def test_everything_wrong_with_all_moves_is_said_at_once() -> None:
    good, again = wanted(), wanted(copies=1)
    wrong = wanted("nobody", material_code="none", moved_at=NOW + timedelta(days=1), move_id=uid(301))
    assert errors_of(good, again, wrong) == [
        ("/moves/1/move_id", "repeated-id"),
        ("/moves/2/material_code", "unknown-material"),
        ("/moves/2/moved_at", "in-the-future"),
        ("/moves/2/from", "unknown-holder"),
    ]


def test_an_error_points_at_a_field_with_a_stable_reason_and_a_sentence() -> None:
    with pytest.raises(MovesRefused) as caught:
        judge_moves(CALLERS["planner"], [wanted("outlet", "depot")], BOOK, NOW)
    sentence = "a transfer does not go from outlet to depot"
    assert caught.value.extensions == {
        "errors": [{"pointer": "/moves/0/kind", "reason": "wrong-way", "detail": sentence}]
    }


def test_a_move_by_codes_becomes_a_move_by_ids() -> None:
    earlier = NOW - timedelta(hours=1)
    codes = ["HB-2-01", "HB-1-03", "HB-1-01"]
    asked = [
        wanted(copies=150, bundle_codes=codes, moved_at=earlier, reason="早班"),
        wanted("outlet", None, "write_off", reason="受潮", move_id=uid(301), copies=7),
        wanted("sister", None, "activity", move_id=uid(302), material_code="other"),
        wanted("outlet", "depot", "return", move_id=uid(303)),
    ]
    first = moved(
        holder("outlet"), holder("rider"), 150, move_id=uid(300), moved_at=earlier, reason="早班",
        bundles=(bundle(1).bundle_id, bundle(3).bundle_id, bundle(1, carton=2).bundle_id),
    )  # fmt: skip
    lost = moved(
        holder("outlet"), Holder("written_off", CAMPAIGN), 7, move_id=uid(301), kind="write_off", reason="受潮"
    )
    used = moved(
        holder("sister"), Holder("activity", CAMPAIGN), 50, move_id=uid(302), kind="activity",
        material_id=OTHER_MATERIAL,
    )  # fmt: skip
    back = moved(holder("outlet"), holder("depot"), 50, move_id=uid(303), kind="return")
    assert judge_moves(CALLERS["planner"], asked, BOOK, NOW) == [first, lost, used, back]


# ---- what moves do to balances

OUTLET, RIDER, DEPOT = holder("outlet"), holder("rider"), holder("depot")
PRINTER, VARIANCE = Holder("printer", CAMPAIGN), Holder("variance", CAMPAIGN)


def holding(of: Holder) -> BalanceKey:
    return BalanceKey(of.id, of.kind, CAMPAIGN, MATERIAL)


def test_a_move_touches_the_balance_it_leaves_and_the_one_it_reaches_once_each() -> None:
    moves = [moved(OUTLET, RIDER, 10), moved(RIDER, OUTLET, 4), moved(OUTLET, DEPOT, 1)]
    assert holdings_of(moves) == [holding(OUTLET), holding(RIDER), holding(DEPOT)]
    assert changes_of(moves) == {holding(OUTLET): -7, holding(RIDER): 6, holding(DEPOT): 1}
    assert holding(OUTLET).holder == OUTLET
    assert holding(OUTLET).unexplained == holding(VARIANCE)


def test_balances_are_locked_by_holder_first() -> None:
    first, second = BalanceKey(uid(1), "rider", uid(9), uid(9)), BalanceKey(uid(2), "depot", uid(1), uid(1))
    assert sorted([second, first]) == [first, second]


@pytest.mark.parametrize(
    ("moves", "short"),
    [
        ([moved(OUTLET, RIDER, 100)], []),
        ([moved(OUTLET, RIDER, 101)], [(0, 100)]),
        ([moved(RIDER, OUTLET, 1)], [(0, 0)]),  # no balance is none
        ([moved(OUTLET, RIDER, 60), moved(OUTLET, RIDER, 40)], []),
        ([moved(OUTLET, RIDER, 60), moved(OUTLET, RIDER, 41)], [(1, 40)]),
        # What falls short is not taken, so the next may have it; what arrives may go on.
        ([moved(OUTLET, RIDER, 101), moved(OUTLET, RIDER, 100)], [(0, 100)]),
        ([moved(OUTLET, RIDER, 30), moved(RIDER, DEPOT, 30)], []),
        ([moved(OUTLET, RIDER, 30), moved(RIDER, DEPOT, 31)], [(1, 30)]),
        ([moved(OUTLET, RIDER, 101), moved(RIDER, DEPOT, 1)], [(0, 100), (1, 0)]),
        # The far ends owe nothing.
        ([moved(PRINTER, DEPOT, 5), moved(VARIANCE, DEPOT, 5)], []),
    ],
)
def test_nobody_gives_more_than_is_there_when_the_turn_comes(moves: list[Move], short: list[tuple[int, int]]) -> None:
    found = shortages_of(moves, {holding(OUTLET): 100})
    assert [(shortage.position, shortage.available) for shortage in found] == short
    assert [shortage.move for shortage in found] == [moves[position] for position, _ in short]


@pytest.mark.parametrize("kind", ["depot", "transit", "outlet", "rider", "activity", "written_off"])
def test_only_the_far_ends_of_the_ledger_may_owe_copies(kind: Any) -> None:
    assert len(shortages_of([moved(Holder(kind, uid(50)), DEPOT, 1)], {})) == 1


def test_a_refusal_names_what_each_move_wants_and_what_is_there() -> None:
    short = [Shortage(2, moved(OUTLET, RIDER, 9), 5), Shortage(4, moved(RIDER, DEPOT, 3), 0)]
    document = not_enough_stock(short, "/moves/{index}/copies").document()
    assert (document["type"], document["status"], document["available"]) == ("/problems/not-enough-stock", 409, 5)
    assert document["errors"] == [
        {"pointer": "/moves/2/copies", "detail": "9 copies are wanted, 5 are there.", "available": 5},
        {"pointer": "/moves/4/copies", "detail": "3 copies are wanted, 0 are there.", "available": 0},
    ]
    assert not_enough_stock(short, "").extensions["errors"][0]["pointer"] == ""


BASE = moved(OUTLET, RIDER, 10)


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "return"},
        {"campaign_id": OTHER_CAMPAIGN},
        {"material_id": OTHER_MATERIAL},
        {"source": DEPOT},
        {"target": DEPOT},
        {"copies": 11},
        {"reason": "别的"},
        {"print_run_id": uid(60)},
        {"waybill_id": uid(61)},
        {"reversal_of": uid(62)},
        {"bundles": (uid(63),)},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_a_move_sent_again_says_the_same_in_everything_but_its_instant(changes: dict[str, Any]) -> None:
    assert same_content(BASE, replace(BASE, moved_at=NOW + timedelta(days=1)))
    assert not same_content(BASE, replace(BASE, **changes))


def test_the_second_move_of_a_request_has_an_id_of_its_own_at_the_same_instant() -> None:
    first = companion_id(uid(1))
    assert first == companion_id(uid(1))
    assert len({first, uid(1), companion_id(uid(2))}) == 3
    assert str(first)[:13] == str(uid(1))[:13], "the same millisecond"
    # A retry may reach a newer server than the first attempt did.
    known = UUID("019644f2-7d80-7000-8000-000000000001")
    assert companion_id(known) == UUID("019644f2-7d80-7e27-a2b1-d2e70e4746eb")


# ---- differences, and the balance law


@pytest.mark.parametrize(
    ("found", "reason", "refused"),
    [
        (100, None, False),
        (99, None, True),
        (101, None, True),
        (99, "", True),
        (99, "破损", False),
        (101, "多送", False),
    ],
)
def test_a_difference_needs_its_reason(found: int, reason: str | None, refused: bool) -> None:
    if not refused:
        require_variance(100, found, reason)
        return
    with pytest.raises(VarianceReasonNeeded) as caught:
        require_variance(100, found, reason)
    assert caught.value.extensions == {"field": "variance_reason", "expected": 100}


WHEREABOUTS = [
    "in_depots", "in_transit", "with_outlets", "with_riders", "handed_out", "activities", "written_off", "variance",
]  # fmt: skip
FIGURES = {name: 10 + number for number, name in enumerate(WHEREABOUTS)}


@pytest.mark.parametrize("name", WHEREABOUTS)
def test_the_law_balances_only_when_every_printed_copy_is_somewhere(name: str) -> None:
    printed = sum(FIGURES.values())
    assert is_balanced({"printed": printed, **FIGURES})
    assert not is_balanced({"printed": printed, **FIGURES, name: FIGURES[name] + 1})
    assert not is_balanced({"printed": printed, **FIGURES, name: FIGURES[name] - 1})
    assert is_balanced({"printed": printed + 1, **FIGURES, name: FIGURES[name] + 1})


def test_the_total_is_the_sum_of_all_materials_and_balances_when_they_do() -> None:
    first, second = {"printed": 108, **FIGURES}, {"printed": 3, **dict.fromkeys(WHEREABOUTS, 0), "variance": 3}
    total = total_of([{**first, "material_code": "M"}, second])
    assert total == {**first, "printed": 111, "variance": 20}
    assert is_balanced(total)
    assert total_of([]) == dict.fromkeys(["printed", *WHEREABOUTS], 0)


def test_an_auditor_moves_nothing() -> None:
    """Let in by no guard; should one be forgotten, the rules let nobody through."""
    auditor = caller("auditor")
    assert not any(may_give(auditor, "transfer", place) for place in PLACES.values())
