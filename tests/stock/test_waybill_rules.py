"""From the printer to the depot, from the depot to an outlet: what may be issued and received, and the moves of it."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from dispatch.batches.rules import ClaimNotHeld
from dispatch.campaigns.rules import CampaignClosed
from dispatch.problems import Problem
from dispatch.stock.moves import Holder, Move, companion_id
from dispatch.stock.packs import BundleCount, UnknownBundle, meaning_of
from dispatch.stock.rules import Place, UnknownHolder, VarianceReasonNeeded
from dispatch.stock.waybill_rules import (
    ClaimToIssue,
    IssuedWaybill,
    MoreThanClaimed,
    OrderedRun,
    WaybillCancelled,
    WaybillChanged,
    WaybillReceived,
    WholeBundles,
    acceptance,
    code_of,
    issue,
    judge_bundles,
    judge_issue,
    missing_of,
    receipt,
    require_arrival,
    require_same_waybill,
)
from schemas.stock import NewWaybill, PrintRunDelivery, WaybillReceipt
from tests.conftest import NOW
from tests.stock.samples import BUNDLES, CAMPAIGN, FIRM, MATERIAL, PLACES, bundle, holder, moved, placed, uid

DEPOT, OUTLET = holder("depot"), holder("outlet")
TRANSIT, VARIANCE, PRINTER = Holder("transit", OUTLET.id), Holder("variance", CAMPAIGN), Holder("printer", CAMPAIGN)
TICK = timedelta(microseconds=1)


def claim(**more: Any) -> ClaimToIssue:
    """500 copies in bundles of 50, of which 130 were collected."""
    return replace(
        ClaimToIssue(
            claim_id=uid(20), partner_id=FIRM, outlet_id=None, copies=500, collected=130, status="held",
            lease_until=NOW + TICK, campaign_id=CAMPAIGN, campaign_code="C1", campaign_status="open",
            batch_code="B7", material_id=MATERIAL, depot_id=DEPOT.id, bundle_copies=50, waybills=2,
        ),
        **more,
    )  # fmt: skip


def waybill(copies: int = 100, *codes: str) -> NewWaybill:
    return NewWaybill(waybill_id=uid(70), outlet_code="outlet", copies=copies, bundle_codes=list(codes))


# ---- deliveries


def test_a_delivery_goes_from_the_printer_to_the_depot_of_its_run() -> None:
    run = OrderedRun(
        print_run_id=uid(80), code="HB", campaign_id=CAMPAIGN, material_id=MATERIAL, depot_id=DEPOT.id, ordered=1000
    )
    delivery = PrintRunDelivery(move_id=uid(81), copies=900, variance_reason="少送")
    wanted = moved(PRINTER, DEPOT, 900, move_id=uid(81), kind="receipt", reason="少送", print_run_id=uid(80))
    assert receipt(run, delivery, NOW) == wanted
    assert receipt(run, replace(delivery, variance_reason=None), NOW) == replace(wanted, reason="")


# ---- issue


@pytest.mark.parametrize(
    ("known", "wanted"),
    [
        (claim(), waybill(50)),
        (claim(campaign_status="draft"), waybill()),
        (claim(outlet_id=OUTLET.id), waybill()),
        (claim(), waybill(370)),  # all that is left, though no whole bundles
        (claim(), waybill(350)),
        (claim(collected=0), waybill(500)),
    ],
)
def test_whole_bundles_or_all_that_is_left_leave_the_depot_while_the_claim_is_held(
    known: ClaimToIssue, wanted: NewWaybill
) -> None:
    assert judge_issue(known, wanted, PLACES["outlet"], NOW) == OUTLET.id


@pytest.mark.parametrize(
    ("known", "wanted", "outlet", "refusal", "facts"),
    [
        (claim(), waybill(), None, UnknownHolder, {"field": "outlet_code"}),
        (claim(), waybill(), PLACES["stranger"], UnknownHolder, {"field": "outlet_code"}),
        (claim(outlet_id=OUTLET.id), waybill(), PLACES["sister"], UnknownHolder, {"field": "outlet_code"}),
        (claim(campaign_status="closed"), waybill(), PLACES["outlet"], CampaignClosed, {}),
        (claim(lease_until=NOW), waybill(), PLACES["outlet"], ClaimNotHeld, {"claim_status": "expired"}),
        (claim(status="released"), waybill(), PLACES["outlet"], ClaimNotHeld, {"claim_status": "released"}),
        (claim(status="expired"), waybill(), PLACES["outlet"], ClaimNotHeld, {"claim_status": "expired"}),
        (claim(), waybill(371), PLACES["outlet"], MoreThanClaimed, {"field": "copies", "uncollected": 370}),
        (claim(), waybill(400), PLACES["outlet"], MoreThanClaimed, {"field": "copies", "uncollected": 370}),
        # Collected whole, the claim is held for good, with nothing left.
        (
            claim(collected=500, lease_until=NOW), waybill(50), PLACES["outlet"], MoreThanClaimed,
            {"field": "copies", "uncollected": 0},
        ),
        (claim(), waybill(369), PLACES["outlet"], WholeBundles, {"field": "copies", "bundle_copies": 50}),
        (claim(), waybill(51), PLACES["outlet"], WholeBundles, {"field": "copies", "bundle_copies": 50}),
        (claim(), waybill(49), PLACES["outlet"], WholeBundles, {"field": "copies", "bundle_copies": 50}),
    ],
)  # fmt: skip
def test_nothing_else_leaves_it(
    known: ClaimToIssue, wanted: NewWaybill, outlet: Place | None, refusal: type[Problem], facts: dict[str, Any]
) -> None:
    with pytest.raises(refusal) as caught:
        judge_issue(known, wanted, outlet, NOW)
    assert caught.value.extensions == facts


@pytest.mark.parametrize(
    ("wanted", "codes"),
    [
        (waybill(150, "HB-1"), ["HB-1-01", "HB-1-02", "HB-1-03"]),
        (waybill(100, "HB-2-01", "HB-1-03"), ["HB-2-01", "HB-1-03"]),
        (waybill(99, "HB-1-01"), ["HB-1-01"]),  # 49 loose ones, less than a bundle
        (waybill(20), []),
        (waybill(500), []),
    ],
)
def test_the_bundles_named_for_a_waybill_hold_its_copies_but_for_less_than_a_bundle(
    wanted: NewWaybill, codes: list[str]
) -> None:
    assert [entry.code for entry in judge_bundles(claim(), wanted, meaning_of(BUNDLES))] == codes


@pytest.mark.parametrize(
    ("wanted", "refusal", "facts"),
    [
        (waybill(100, "HB-1-01"), BundleCount, {"field": "copies", "bundle_copies": 50}),
        (waybill(49, "HB-1-01"), BundleCount, {"field": "copies", "bundle_copies": 50}),
        (waybill(100, "HB-1-01", "HB-0"), UnknownBundle, {"field": "bundle_codes/1"}),
        (waybill(100, "HB-9", "HB-0"), UnknownBundle, {"field": "bundle_codes/0"}),  # of another material
        (waybill(100, "HB-1", "HB-1-01"), UnknownBundle, {"field": "bundle_codes/1"}),
    ],
)
def test_other_bundles_are_refused(wanted: NewWaybill, refusal: type[Problem], facts: dict[str, Any]) -> None:
    with pytest.raises(refusal) as caught:
        judge_bundles(claim(), wanted, meaning_of(BUNDLES))
    assert caught.value.extensions == facts


def test_a_waybill_is_numbered_on_within_its_batch() -> None:
    assert code_of(claim()) == "C1/B7/3"
    assert code_of(claim(waybills=0)) == "C1/B7/1"


def test_an_issue_goes_from_the_depot_into_transit_under_the_waybills_own_id() -> None:
    bundles = [bundle(2), bundle(1)]
    assert issue(claim(), uid(70), OUTLET.id, 120, bundles, NOW) == moved(
        DEPOT, TRANSIT, 120, move_id=uid(70), kind="issue", waybill_id=uid(70), reason="",
        bundles=(bundle(1).bundle_id, bundle(2).bundle_id),
    )  # fmt: skip


ISSUED = IssuedWaybill(
    waybill_id=uid(70), code="C1/B7/3", campaign_id=CAMPAIGN, material_id=MATERIAL, depot_id=DEPOT.id,
    outlet_id=OUTLET.id, claim_id=uid(20), copies=100, received_copies=None, received_at=None,
)  # fmt: skip


@pytest.mark.parametrize(
    ("claim_id", "copies", "outlet_id", "same"),
    [
        (uid(20), 100, OUTLET.id, True),
        (uid(21), 100, OUTLET.id, False),
        (uid(20), 99, OUTLET.id, False),
        (uid(20), 100, PLACES["sister"].id, False),
        (uid(20), 100, None, False),
    ],
)
def test_the_id_of_a_waybill_is_used_for_nothing_else(
    claim_id: UUID, copies: int, outlet_id: UUID | None, same: bool
) -> None:
    if same:
        require_same_waybill(ISSUED, claim_id, copies, outlet_id)
        return
    with pytest.raises(WaybillChanged) as caught:
        require_same_waybill(ISSUED, claim_id, copies, outlet_id)
    assert caught.value.extensions == {"field": "waybill_id"}


# ---- arrival

RECEIVED = replace(ISSUED, received_copies=90, received_at=NOW)


@pytest.mark.parametrize(
    ("known", "again", "cancelled", "refusal"),
    [
        (ISSUED, False, False, None),
        (RECEIVED, True, False, None),
        (RECEIVED, False, False, WaybillReceived),
        (ISSUED, False, True, WaybillCancelled),
        (ISSUED, True, True, WaybillCancelled),
    ],
)
def test_a_waybill_is_received_once_and_not_once_cancelled(
    known: IssuedWaybill, again: bool, cancelled: bool, refusal: type[Problem] | None
) -> None:
    if refusal is None:
        require_arrival(known, again=again, cancelled=cancelled)
        return
    with pytest.raises(refusal) as caught:
        require_arrival(known, again=again, cancelled=cancelled)
    assert caught.value.extensions == ({"received_copies": 90} if refusal is WaybillReceived else {})


WAY = [placed(bundle(number), TRANSIT) for number in (1, 2)]


def arrived(copies: int, reason: str | None = None, *missing: str) -> WaybillReceipt:
    return WaybillReceipt(
        move_id=uid(90), received_copies=copies, variance_reason=reason, missing_bundle_codes=list(missing)
    )


def arrival(source: Holder, target: Holder, copies: int, **more: Any) -> Move:
    return moved(source, target, copies, **{"waybill_id": uid(70), "move_id": uid(90), **more})


IDS = tuple(entry.bundle_id for entry in WAY)
SECOND = companion_id(uid(90))


@pytest.mark.parametrize(
    ("received", "moves"),
    [
        (arrived(100), [arrival(TRANSIT, OUTLET, 100, kind="acceptance", bundles=IDS)]),
        # A reason without a difference explains nothing.
        (arrived(100, "多写了"), [arrival(TRANSIT, OUTLET, 100, kind="acceptance", bundles=IDS)]),
        (
            arrived(99, "少一份"),
            [
                arrival(TRANSIT, OUTLET, 99, kind="acceptance", bundles=IDS[:1]),
                arrival(TRANSIT, VARIANCE, 1, kind="variance", reason="少一份", move_id=SECOND),
            ],
        ),
        (
            arrived(50, "一捆未到", "HB-1-01"),
            [
                arrival(TRANSIT, OUTLET, 50, kind="acceptance", bundles=IDS[1:]),
                arrival(TRANSIT, VARIANCE, 50, kind="variance", reason="一捆未到", move_id=SECOND, bundles=IDS[:1]),
            ],
        ),
        (
            arrived(101, "多一份"),
            [
                arrival(TRANSIT, OUTLET, 100, kind="acceptance", bundles=IDS),
                arrival(VARIANCE, OUTLET, 1, kind="variance", reason="多一份", move_id=SECOND),
            ],
        ),
        # Nothing came: one move, which carries the request's own id.
        (arrived(0, "车没来"), [arrival(TRANSIT, VARIANCE, 100, kind="variance", reason="车没来", bundles=IDS)]),
    ],
)
def test_what_came_is_the_outlets_and_the_difference_is_a_variance(received: WaybillReceipt, moves: list[Move]) -> None:
    assert acceptance(ISSUED, received, WAY[::-1], NOW) == moves


@pytest.mark.parametrize(
    ("received", "refusal", "facts"),
    [
        (arrived(99), VarianceReasonNeeded, {"field": "variance_reason", "expected": 100}),
        (arrived(101), VarianceReasonNeeded, {"field": "variance_reason", "expected": 100}),
        (arrived(50, "少", "HB-1-01", "HB-1-03"), UnknownBundle, {"field": "missing_bundle_codes/1"}),
        (arrived(51, "少", "HB-1-01"), BundleCount, {"field": "missing_bundle_codes", "bundle_copies": 50}),
    ],
)
def test_an_arrival_that_does_not_add_up_is_refused(
    received: WaybillReceipt, refusal: type[Problem], facts: dict[str, Any]
) -> None:
    with pytest.raises(refusal) as caught:
        acceptance(ISSUED, received, WAY, NOW)
    assert caught.value.extensions == facts


def test_the_bundles_of_an_arrival_are_in_the_order_of_their_ids_whatever_their_codes() -> None:
    """A request that is sent again is compared with what was recorded."""
    crossed = [replace(WAY[0], code="HB-1-09"), WAY[1]]
    assert acceptance(ISSUED, arrived(100), crossed, NOW)[0].bundles == IDS


def test_a_bundle_named_twice_is_missing_once() -> None:
    assert missing_of(arrived(0, "没来", "HB-1-02", "HB-1-01", "HB-1-02"), WAY) == WAY
    assert missing_of(arrived(100), WAY) == []
