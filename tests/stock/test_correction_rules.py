"""A count becomes the variance that explains it, and a move is undone by those who could have recorded it, once."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from dispatch.problems import NotFound, Problem
from dispatch.stock.correction_rules import (
    AlreadyReversed,
    MoveRecord,
    NotReversible,
    UnknownMaterial,
    count_move,
    expected_before,
    judge_count,
    require_reversal,
    reversal_of,
)
from dispatch.stock.moves import BalanceKey, Holder, Move
from dispatch.stock.rules import MoveChanged, UnknownHolder
from schemas.stock import HolderCode, NewStockCount
from tests.conftest import NOW
from tests.stock.samples import (
    BOOK,
    CALLERS,
    CAMPAIGN,
    MATERIAL,
    OTHER_CAMPAIGN,
    OTHER_MATERIAL,
    PLACES,
    bundle,
    holder,
    moved,
    uid,
)

OUTLET, RIDER, DEPOT, SISTER = holder("outlet"), holder("rider"), holder("depot"), holder("sister")
TRANSIT, PRINTER = Holder("transit", OUTLET.id), Holder("printer", CAMPAIGN)
VARIANCE = Holder("variance", CAMPAIGN)

# ---- counts


def counted(copies: int = 90, code: str = "outlet", **more: Any) -> NewStockCount:
    return replace(
        NewStockCount(
            move_id=uid(300), campaign_id=CAMPAIGN, material_code="M",
            holder=HolderCode(kind=PLACES[code].kind, code=code), counted_copies=copies, reason="月末盘点",
        ),
        **more,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("who", "code"),
    [("planner", "depot"), ("district", "outlet"), ("firm", "sister"), ("outlet", "rider"), ("outlet", "outlet")],
)
def test_who_may_take_copies_from_a_holder_may_count_it(who: str, code: str) -> None:
    assert judge_count(CALLERS[who], counted(code=code), BOOK) == (PLACES[code], MATERIAL)


@pytest.mark.parametrize(
    ("who", "count", "refusal", "field"),
    [
        ("planner", counted(holder=HolderCode(kind="outlet", code="nobody")), UnknownHolder, "holder"),
        ("planner", counted(holder=HolderCode(kind="rider", code="outlet")), UnknownHolder, "holder"),
        ("district", counted(code="depot"), UnknownHolder, "holder"),
        ("firm", counted(code="stranger"), UnknownHolder, "holder"),
        ("outlet", counted(code="sister"), UnknownHolder, "holder"),
        ("rider", counted(code="rider"), UnknownHolder, "holder"),
        ("firm", counted(material_code="none"), UnknownMaterial, "material_code"),
        ("firm", counted(campaign_id=OTHER_CAMPAIGN), UnknownMaterial, "material_code"),
    ],
)
def test_nobody_counts_what_is_not_theirs_or_what_is_unknown(
    who: str, count: NewStockCount, refusal: type[Problem], field: str
) -> None:
    with pytest.raises(refusal) as caught:
        judge_count(CALLERS[who], count, BOOK)
    assert caught.value.extensions == {"field": field}


HOLDING = BalanceKey(OUTLET.id, "outlet", CAMPAIGN, MATERIAL)


@pytest.mark.parametrize(
    ("copies", "source", "target", "difference"),
    [(99, OUTLET, VARIANCE, 1), (0, OUTLET, VARIANCE, 100), (101, VARIANCE, OUTLET, 1), (130, VARIANCE, OUTLET, 30)],
)
def test_what_is_missing_goes_to_variance_and_what_is_over_comes_from_it(
    copies: int, source: Holder, target: Holder, difference: int
) -> None:
    assert count_move(counted(copies), HOLDING, 100, NOW) == moved(
        source, target, difference, move_id=uid(300), kind="variance", reason=f"盘点{copies}份：月末盘点"
    )


@pytest.mark.parametrize("expected", [89, 91, 0])
def test_a_count_sent_again_is_answered_with_the_balance_it_met_the_first_time(expected: int) -> None:
    known = count_move(counted(90), HOLDING, expected, NOW - timedelta(hours=1))
    assert expected_before(counted(90), known, HOLDING, balance=90) == expected


@pytest.mark.parametrize("balance", [0, 90, 1000])
def test_a_new_count_meets_the_balance(balance: int) -> None:
    assert expected_before(counted(90), None, HOLDING, balance) == balance


KNOWN = count_move(counted(90), HOLDING, 100, NOW)


@pytest.mark.parametrize(
    ("count", "known", "holding"),
    [
        (counted(91), KNOWN, HOLDING),
        (counted(90, reason="别的"), KNOWN, HOLDING),
        (counted(90), replace(KNOWN, kind="write_off"), HOLDING),
        (counted(90), replace(KNOWN, target=SISTER), HOLDING),
        (counted(90), replace(KNOWN, bundles=(uid(1),)), HOLDING),
        (counted(90), KNOWN, HOLDING._replace(holder_id=SISTER.id)),
        (counted(90), KNOWN, HOLDING._replace(material_id=OTHER_MATERIAL)),
        (counted(90), KNOWN, HOLDING._replace(campaign_id=OTHER_CAMPAIGN)),
    ],
)
def test_the_id_of_a_count_is_used_for_nothing_else(count: NewStockCount, known: Move, holding: BalanceKey) -> None:
    with pytest.raises(MoveChanged) as caught:
        expected_before(count, known, holding, 90)
    assert caught.value.extensions == {"field": "move_id"}


# ---- reversals

RIDER_ID, SOMEBODY, REVERSAL = PLACES["rider"].id, uid(40), uid(41)


def refusal_of(
    who: str,
    move: Move,
    *,
    in_scope: bool = True,
    recorded_by: Any = SOMEBODY,
    reversed_by: Any = None,
    received: bool = False,
) -> type[Problem] | None:
    record = MoveRecord(recorded_by=recorded_by, reversed_by=reversed_by)
    try:
        require_reversal(CALLERS[who], move, REVERSAL, in_scope=in_scope, record=record, received=received)
    except Problem as refused:
        return type(refused)
    return None


ENDS = {
    "delivery": moved(PRINTER, DEPOT, kind="receipt"),
    "between depots": moved(DEPOT, holder("second-depot")),
    "written off in the depot": moved(DEPOT, Holder("written_off", CAMPAIGN), kind="write_off"),
    "found in the depot": moved(VARIANCE, DEPOT, kind="variance"),
    "issue": moved(DEPOT, TRANSIT, kind="issue"),
    "acceptance": moved(TRANSIT, OUTLET, kind="acceptance"),
    "to a rider": moved(OUTLET, RIDER),
    "between riders": moved(RIDER, holder("colleague")),
    "back to the depot": moved(OUTLET, DEPOT, kind="return"),
    "back to the outlet": moved(RIDER, OUTLET, kind="return"),
    "written off by a rider": moved(RIDER, Holder("written_off", CAMPAIGN), kind="write_off"),
    "used up": moved(OUTLET, Holder("activity", CAMPAIGN), kind="activity"),
    "missing at an outlet": moved(OUTLET, VARIANCE, kind="variance"),
    "found at an outlet": moved(VARIANCE, OUTLET, kind="variance"),
    "found with a rider": moved(VARIANCE, RIDER, kind="variance"),
}
OF_DEPOTS = {"delivery", "between depots", "written off in the depot", "found in the depot"}
OF_MANAGERS = set(ENDS) - OF_DEPOTS - {"issue", "acceptance"}


@pytest.mark.parametrize(
    ("who", "recorded_by", "allowed"),
    [
        ("planner", SOMEBODY, set(ENDS)),
        ("district", SOMEBODY, set(ENDS) - OF_DEPOTS),
        ("firm", SOMEBODY, OF_MANAGERS),
        ("outlet", SOMEBODY, OF_MANAGERS),
        ("rider", RIDER_ID, {"between depots", "to a rider", "between riders", "back to the depot", "back to the outlet"}),
        ("rider", SOMEBODY, set[str]()),
    ],
)  # fmt: skip
def test_only_who_could_have_recorded_a_move_undoes_it(who: str, recorded_by: Any, allowed: set[str]) -> None:
    answers = {name: refusal_of(who, move, recorded_by=recorded_by) for name, move in ENDS.items()}
    assert {name for name, answer in answers.items() if answer is None} == allowed
    assert {answer for name, answer in answers.items() if name not in allowed} <= {NotFound}


@pytest.mark.parametrize("who", ["planner", "firm", "rider"])
def test_a_move_outside_the_scope_is_not_there(who: str) -> None:
    assert refusal_of(who, ENDS["to a rider"], recorded_by=RIDER_ID) is None
    assert refusal_of(who, ENDS["to a rider"], recorded_by=RIDER_ID, in_scope=False) is NotFound


ISSUE = replace(ENDS["issue"], move_id=uid(70), waybill_id=uid(70))
ARRIVAL = replace(ENDS["acceptance"], waybill_id=uid(70))
LOST = replace(moved(TRANSIT, VARIANCE, kind="variance"), waybill_id=uid(70))


@pytest.mark.parametrize(
    ("move", "received", "refusal"),
    [
        (ISSUE, False, None),
        (ISSUE, True, NotReversible),
        (ARRIVAL, False, NotReversible),
        (ARRIVAL, True, NotReversible),
        (LOST, True, NotReversible),
        (ENDS["acceptance"], True, None),  # of no waybill
        (moved(RIDER, OUTLET, kind="reversal"), False, NotReversible),
    ],
)
def test_a_waybill_is_cancelled_by_undoing_its_issue_before_anything_arrived_and_a_reversal_stays(
    move: Move, received: bool, refusal: type[Problem] | None
) -> None:
    assert refusal_of("planner", move, received=received) is refusal


def test_a_refusal_names_the_waybill_that_was_received() -> None:
    record = MoveRecord(recorded_by=SOMEBODY, reversed_by=None)
    with pytest.raises(NotReversible) as caught:
        require_reversal(CALLERS["planner"], ARRIVAL, REVERSAL, in_scope=True, record=record, received=True)
    assert caught.value.extensions == {"waybill_id": str(uid(70))}


def test_a_move_is_undone_once_and_the_same_reversal_may_be_sent_again() -> None:
    move = ENDS["to a rider"]
    assert refusal_of("firm", move, reversed_by=REVERSAL) is None
    assert refusal_of("firm", move, reversed_by=uid(42)) is AlreadyReversed
    record = MoveRecord(recorded_by=SOMEBODY, reversed_by=uid(42))
    with pytest.raises(AlreadyReversed) as caught:
        require_reversal(CALLERS["firm"], move, REVERSAL, in_scope=True, record=record, received=False)
    assert caught.value.extensions == {"reversed_by": str(uid(42))}


def test_a_reversal_is_the_same_copies_the_other_way_with_what_is_still_sealed() -> None:
    earlier = NOW - timedelta(days=1)
    move = moved(
        OUTLET, RIDER, 150, moved_at=earlier, reason="早班", print_run_id=uid(80), waybill_id=uid(81),
        bundles=(bundle(1).bundle_id, bundle(2).bundle_id),
    )  # fmt: skip
    assert reversal_of(move, REVERSAL, "给错了人", (bundle(2).bundle_id,), NOW) == moved(
        RIDER, OUTLET, 150, move_id=REVERSAL, kind="reversal", reason="给错了人", print_run_id=uid(80),
        waybill_id=uid(81), reversal_of=move.move_id, bundles=(bundle(2).bundle_id,),
    )  # fmt: skip
