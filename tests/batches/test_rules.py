"""Who holds a batch and for how long, what is open of it, who may claim it, and what a claimant who is late may know."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from dispatch.batches.rules import (
    BatchCollected,
    BatchTaken,
    ClaimChanged,
    ClaimNotHeld,
    HeldClaim,
    LeaseLimit,
    NotAssignable,
    Offer,
    came_too_late,
    extended_lease,
    facts_of_holder,
    holder_of,
    is_held,
    lapsed_of,
    open_copies,
    require_held,
    require_offer,
    require_same_claim,
    shown_to,
)
from dispatch.campaigns.rules import CampaignClosed
from dispatch.database import new_id
from dispatch.problems import NotFound, Problem
from dispatch.server.caller import Caller, Role
from schemas.batches import Batch
from schemas.campaigns import CampaignStatus
from tests.conftest import NOW

TICK, HOUR = timedelta(microseconds=1), timedelta(hours=1)


def uid(number: int) -> UUID:
    return new_id(NOW, number)


FIRM, OTHER_FIRM, OUTLET, BATCH = uid(1), uid(2), uid(3), uid(4)


def caller(role: Role, **more: Any) -> Caller:
    return Caller(city_id=99, role=role, subject_id=uid(30), **more)


PLANNER, MANAGER = caller("planner"), caller("firm_manager", partner_id=FIRM)


def claim(number: int = 10, **more: Any) -> HeldClaim:
    """A running claim of the firm on 500 copies, made just now."""
    return replace(
        HeldClaim(
            claim_id=uid(number), batch_id=BATCH, partner_id=FIRM, partner_code="P1", partner_name="甲快递",
            partner_kind="parcel", outlet_id=None, copies=500, collected=0, status="held", lease_until=NOW + HOUR,
            claimed_at=NOW,
        ),
        **more,
    )  # fmt: skip


# ---- who holds a batch


@pytest.mark.parametrize(
    ("known", "held"),
    [
        (claim(), True),
        (claim(lease_until=NOW + TICK), True),
        (claim(lease_until=NOW), False),
        (claim(lease_until=NOW - TICK), False),
        (claim(lease_until=NOW, collected=499), False),
        (claim(lease_until=NOW, collected=500), True),  # nothing left that could come free
        (claim(status="released"), False),
        (claim(status="expired"), False),
        (claim(status="released", collected=500), False),
    ],
)
def test_a_claim_keeps_others_away_until_it_ends_or_its_lease_does_with_copies_left(
    known: HeldClaim, held: bool
) -> None:
    assert is_held(known.status, known.lease_until, known.collected, known.copies, NOW) == held
    assert (holder_of([known], NOW) is known) == held
    assert (lapsed_of([known], NOW) is known) == (known.status == "held" and not held)
    if held:
        require_held(known, NOW)
        return
    with pytest.raises(ClaimNotHeld) as caught:
        require_held(known, NOW)
    status = "expired" if known.status == "held" else known.status
    assert caught.value.extensions == {"claim_status": status}
    assert status in caught.value.detail


LAPSED, RUNNING = claim(11, lease_until=NOW, collected=100), claim(12)
ENDED = claim(13, status="expired", collected=200)


@pytest.mark.parametrize(
    ("claims", "copies"),
    [
        ([], 500),
        ([RUNNING], 0),
        ([LAPSED], 400),
        ([ENDED], 300),
        ([ENDED, LAPSED], 200),
        ([ENDED, RUNNING], 0),
        ([replace(ENDED, collected=500)], 0),
        ([replace(LAPSED, collected=500)], 0),
    ],
)
def test_what_was_never_collected_is_open_unless_somebody_holds_the_batch(claims: list[HeldClaim], copies: int) -> None:
    assert open_copies(500, claims, NOW) == copies
    assert open_copies(500, iter(claims), NOW) == copies


def test_of_many_claims_the_one_that_runs_holds_and_the_one_that_ran_out_is_to_be_written_down() -> None:
    claims = [ENDED, LAPSED, RUNNING]
    assert holder_of(claims, NOW) is RUNNING
    assert lapsed_of(claims, NOW) is LAPSED
    assert holder_of([ENDED, LAPSED], NOW) is None
    assert lapsed_of([ENDED, RUNNING], NOW) is None


# ---- who may claim it

OFFER = Offer(
    batch_id=BATCH, campaign_id=uid(5), campaign_status="open", zone_code="Z1", copies=500, reserved_partner_id=None,
    served=True,
)  # fmt: skip


@pytest.mark.parametrize(
    ("offer", "of_a_firm", "of_a_planner"),
    [
        (OFFER, None, None),
        (replace(OFFER, reserved_partner_id=FIRM), None, None),
        (replace(OFFER, reserved_partner_id=OTHER_FIRM), NotFound, NotAssignable),
        (replace(OFFER, served=False), NotFound, NotAssignable),
        (replace(OFFER, served=False, reserved_partner_id=OTHER_FIRM), NotFound, NotAssignable),
        (replace(OFFER, campaign_status="draft"), None, None),
        (replace(OFFER, campaign_status="closed"), CampaignClosed, CampaignClosed),
        # What one cannot claim is not there, even when its campaign is over.
        (replace(OFFER, served=False, campaign_status="closed"), NotFound, NotAssignable),
    ],
)
def test_a_batch_is_claimed_by_and_assigned_to_whom_it_is_meant_for(
    offer: Offer, of_a_firm: type[Problem] | None, of_a_planner: type[Problem] | None
) -> None:
    for who, refusal in ((MANAGER, of_a_firm), (PLANNER, of_a_planner)):
        if refusal is None:
            require_offer(who, offer, FIRM)
            continue
        with pytest.raises(refusal) as caught:
            require_offer(who, offer, FIRM)
        assert caught.value.extensions == ({"field": "partner_code"} if refusal is NotAssignable else {})


def test_a_planner_learns_why_a_partner_cannot_be_assigned_the_batch() -> None:
    with pytest.raises(NotAssignable, match="reserved for another partner"):
        require_offer(PLANNER, replace(OFFER, reserved_partner_id=OTHER_FIRM, served=False), FIRM)
    with pytest.raises(NotAssignable, match="no capacity in zone Z1"):
        require_offer(PLANNER, replace(OFFER, served=False), FIRM)


@pytest.mark.parametrize(
    ("batch_id", "partner_id", "outlet_id", "same"),
    [
        (BATCH, FIRM, OUTLET, True),
        (uid(99), FIRM, OUTLET, False),
        (BATCH, OTHER_FIRM, OUTLET, False),
        (BATCH, FIRM, None, False),
        (BATCH, FIRM, uid(98), False),
    ],
)
def test_the_id_of_a_claim_is_used_for_nothing_else(
    batch_id: UUID, partner_id: UUID, outlet_id: UUID | None, same: bool
) -> None:
    known = claim(outlet_id=OUTLET)
    if same:
        require_same_claim(known, batch_id, partner_id, outlet_id)
        return
    with pytest.raises(ClaimChanged) as caught:
        require_same_claim(known, batch_id, partner_id, outlet_id)
    assert caught.value.extensions == {"field": "claim_id"}


# ---- what a claimant who is late may know

KIND = {"holder_kind": "parcel", "lease_until": "2027-04-20T03:00:00+00:00"}
NAME = {"holder_code": "P1", "holder_name": "甲快递"}


@pytest.mark.parametrize(
    ("who", "facts"),
    [
        (PLANNER, {**KIND, **NAME}),
        (MANAGER, {**KIND, **NAME}),
        (caller("outlet_manager", partner_id=FIRM, outlet_id=OUTLET), {**KIND, **NAME}),
        (caller("firm_manager", partner_id=OTHER_FIRM), KIND),
    ],
)
def test_who_holds_a_batch_is_named_to_its_own_firm_and_to_planners_alone(who: Caller, facts: dict[str, str]) -> None:
    assert facts_of_holder(who, claim()) == facts


def batch(number: int, **more: Any) -> Batch:
    return replace(
        Batch(
            batch_id=uid(number), code=f"B{number}", status="open", copies=500, copies_open=number, zone_code="Z1",
            zone_name="东关", material_code="M", material_name="折页", bundle_copies=50, depot_code="D",
            depot_name="中心库", depot_address="", reserved_partner_code=None, priority=2.5, priority_reason="发案较多",
            change_reason=None, unreached_households=None, due_on=date(2027, 5, 10), claim=None, withdrawn_copies=0,
            withdrawn_at=None, withdrawn_reason=None,
        ),
        **more,
    )  # fmt: skip


def named(number: int) -> dict[str, Any]:
    return {
        "batch_id": str(uid(number)), "code": f"B{number}", "zone_code": "Z1", "zone_name": "东关", "copies": number,
    }  # fmt: skip


def test_a_claimant_who_is_late_learns_of_five_other_batches_in_their_order() -> None:
    others = [batch(50), replace(batch(51), batch_id=BATCH), *(batch(number) for number in range(52, 57))]
    taken = came_too_late(MANAGER, claim(), BATCH, others)
    assert isinstance(taken, BatchTaken)
    assert taken.extensions == {**KIND, **NAME, "open_batches": [named(n) for n in (50, 52, 53, 54, 55)]}
    collected = came_too_late(MANAGER, None, BATCH, others[:1])
    assert isinstance(collected, BatchCollected)
    assert collected.extensions == {"open_batches": [named(50)]}


def test_the_priority_of_a_batch_is_shown_to_planners_alone() -> None:
    batches = [batch(50), batch(51)]
    assert shown_to(PLANNER, batches) == batches
    for role in ("auditor", "firm_manager", "outlet_manager"):
        assert shown_to(caller(role), batches) == [replace(entry, priority=None) for entry in batches]


# ---- prolonging


@pytest.mark.parametrize(
    ("known", "lease_until"),
    [
        (claim(), NOW + 72 * HOUR),
        (claim(lease_until=NOW + 71 * HOUR), NOW + 72 * HOUR),
        # A lease that a collection renewed beyond that is not shortened.
        (claim(lease_until=NOW + 72 * HOUR + TICK), NOW + 72 * HOUR + TICK),
        (claim(claimed_at=NOW - timedelta(weeks=3) + 72 * HOUR), NOW + 72 * HOUR),
        (claim(lease_until=NOW, collected=500), NOW + 72 * HOUR),
    ],
)
def test_a_claim_is_prolonged_by_a_lease_from_now(known: HeldClaim, lease_until: datetime) -> None:
    assert extended_lease(known, NOW, 72) == lease_until


@pytest.mark.parametrize(
    ("known", "refusal", "facts"),
    [
        (claim(claimed_at=NOW - timedelta(weeks=3) + 72 * HOUR - TICK), LeaseLimit, {"latest": "2027-04-23T01:59:59.999999+00:00"}),
        (claim(lease_until=NOW), ClaimNotHeld, {"claim_status": "expired"}),
        (claim(status="released"), ClaimNotHeld, {"claim_status": "released"}),
    ],
)  # fmt: skip
def test_a_claim_is_held_three_weeks_at_most_and_not_after_it_ended(
    known: HeldClaim, refusal: type[Problem], facts: dict[str, str]
) -> None:
    with pytest.raises(refusal) as caught:
        extended_lease(known, NOW, 72)
    assert caught.value.extensions == facts


@pytest.mark.parametrize("status", ["draft", "open"])
def test_a_campaign_that_is_not_over_takes_claims(status: CampaignStatus) -> None:
    require_offer(MANAGER, replace(OFFER, campaign_status=status), FIRM)
