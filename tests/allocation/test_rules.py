"""When a plan may be made, changed, dropped and approved, and what it is measured by."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, get_args
from uuid import UUID

import msgspec
import pytest

from dispatch.allocation import rules
from dispatch.allocation.records import ANY_PARTNER, Basis, LineState, PlanInputs, PlanRow, Printed, ZoneBasis
from dispatch.campaigns.rules import CampaignClosed
from dispatch.database.ids import new_id
from dispatch.materials.rules import DepotUnknown, MaterialUnknown
from dispatch.problems import NotFound
from dispatch.reach.curve import zone_reach
from schemas.allocation import Allocation, AllocationStatus, Certificate, LineChange, NewAllocation, RuleComparison

NOW = datetime(2027, 4, 20, 2, 0, tzinfo=UTC)
TODAY = date(2027, 4, 20)
DAY = timedelta(days=1)
CAMPAIGN, MATERIAL, DEPOT, ZTO = UUID(int=1), UUID(int=2), UUID(int=3), UUID(int=4)
STATUSES: tuple[AllocationStatus, ...] = get_args(AllocationStatus)
WANTED = NewAllocation(allocation_id=new_id(NOW, 1), material_code="M", copies=6_000)
OF_WAVE = msgspec.structs.replace(WANTED, wave_number=2)


def row(**more: Any) -> PlanRow:
    values: dict[str, Any] = {
        "status": "open", "starts_on": date(2027, 3, 15), "ends_on": date(2027, 6, 22), "today": TODAY,
        "material_id": MATERIAL, "bundle_copies": 50, "counts_for_reach": True, "wave_starts_on": None,
        "wave_ends_on": None, "zone_codes": None,
    }  # fmt: skip
    return PlanRow(**{**values, **more})


# ---- what a plan is made from


@pytest.mark.parametrize("counts_for_reach", [True, False])
def test_a_plan_is_for_the_days_from_today_to_the_campaigns_last(counts_for_reach: bool) -> None:
    assert rules.judge_plan_inputs(WANTED, row(counts_for_reach=counts_for_reach)) == PlanInputs(
        material_id=MATERIAL,
        bundle_copies=50,
        counts_for_reach=counts_for_reach,
        starts_on=TODAY,
        ends_on=date(2027, 6, 22),
        today=TODAY,
        zone_codes=[],
    )


def test_a_plan_made_before_the_campaign_begins_is_for_all_of_its_days() -> None:
    early = rules.judge_plan_inputs(WANTED, row(status="draft", today=date(2027, 3, 1)))
    assert (early.starts_on, early.today) == (date(2027, 3, 15), date(2027, 3, 1))


def test_a_plan_of_a_wave_is_for_the_waves_days_and_zones() -> None:
    inputs = rules.judge_plan_inputs(
        OF_WAVE, row(wave_starts_on=TODAY + DAY, wave_ends_on=TODAY + 9 * DAY, zone_codes=["Z1", "Z2"])
    )
    assert (inputs.starts_on, inputs.ends_on, inputs.zone_codes) == (TODAY + DAY, TODAY + 9 * DAY, ["Z1", "Z2"])


@pytest.mark.parametrize("last_day", [TODAY, TODAY - DAY])
def test_a_plan_may_be_made_on_its_last_day_and_not_afterwards(last_day: date) -> None:
    wave = row(wave_starts_on=TODAY - 9 * DAY, wave_ends_on=last_day)
    if last_day == TODAY:
        assert rules.judge_plan_inputs(OF_WAVE, wave).starts_on == TODAY
        return
    with pytest.raises(rules.PlanPeriodOver) as refused:
        rules.judge_plan_inputs(OF_WAVE, wave)
    assert (refused.value.status, refused.value.extensions) == (409, {"ends_on": last_day})


@pytest.mark.parametrize("missing", ["material_id", "bundle_copies", "counts_for_reach"])
def test_a_plan_is_for_a_material_of_the_campaign(missing: str) -> None:
    with pytest.raises(MaterialUnknown) as refused:
        rules.judge_plan_inputs(WANTED, row(**{missing: None}))
    assert refused.value.extensions == {"field": "material_code"}


def test_there_is_no_plan_of_a_campaign_or_a_wave_that_is_not_there_or_of_one_that_is_closed() -> None:
    with pytest.raises(NotFound):
        rules.judge_plan_inputs(WANTED, None)
    with pytest.raises(CampaignClosed):
        rules.judge_plan_inputs(WANTED, row(status="closed"))
    with pytest.raises(rules.WaveUnknown) as refused:
        rules.judge_plan_inputs(OF_WAVE, row())
    assert (refused.value.status, refused.value.extensions) == (422, {"field": "wave_number"})


@pytest.mark.parametrize("assign", [False, True])
@pytest.mark.parametrize("within", [False, True])
def test_partners_are_assigned_within_their_capacity_only(assign: bool, within: bool) -> None:
    wanted = msgspec.structs.replace(WANTED, assign_partners=assign, within_capacity=within)
    if not assign or within:
        rules.judge_plan_inputs(wanted, row())
        return
    with pytest.raises(rules.PlanOptions) as refused:
        rules.judge_plan_inputs(wanted, row())
    assert (refused.value.status, refused.value.extensions) == (422, {"field": "within_capacity"})


@pytest.mark.parametrize(
    ("day", "months", "first"),
    [
        (date(2027, 4, 20), 1, date(2027, 3, 1)),
        (date(2027, 4, 1), 3, date(2027, 1, 1)),
        (date(2027, 4, 30), 4, date(2026, 12, 1)),
        (date(2027, 1, 31), 1, date(2026, 12, 1)),
        (date(2027, 12, 31), 12, date(2026, 12, 1)),
        (date(2027, 4, 20), 120, date(2017, 4, 1)),
    ],
)
def test_incidents_are_counted_from_the_first_of_a_month(day: date, months: int, first: date) -> None:
    assert rules.months_before(day, months) == first


@pytest.mark.parametrize("copies", [1, 500])
def test_copies_that_are_printed_and_in_no_batch_may_be_planned(copies: int) -> None:
    rules.require_printed(copies, Printed(printed=2_000, in_batches=1_500, in_depots=0))


@pytest.mark.parametrize(
    ("copies", "in_batches", "left"),
    [(501, 1_500, 500), (1, 2_000, 0), (1, 2_500, 0)],
    ids=["one more", "none", "over"],
)
def test_copies_that_are_not_left_may_not_be_planned(copies: int, in_batches: int, left: int) -> None:
    with pytest.raises(rules.NotEnoughPrinted) as refused:
        rules.require_printed(copies, Printed(printed=2_000, in_batches=in_batches, in_depots=7))
    assert (refused.value.status, refused.value.extensions) == (
        409,
        {"printed_copies": 2_000, "copies_in_batches": in_batches, "copies_in_depots": 7, "left_copies": left},
    )


# ---- a plan that is there already

CERTIFICATE = Certificate(
    objective=1, best_next=None, worst_last=None, multiplier=0, dual_bound=1, relative_gap=0, largest_feasible_floor=0,
    comparison=RuleComparison(
        optimum=1, by_households=1, by_risk_times_households=1, gain_over_households=0, gain_over_risk_times_households=0
    ),
    incidents_used=0, unallocated_copies=0, zones_without_households=[], zones_without_capacity=[], partners=None,
)  # fmt: skip
STORED = Allocation(
    allocation_id=WANTED.allocation_id, campaign_id=CAMPAIGN, material_code="M", material_name="手册", status="draft",
    revision=0, copies=6_000, planned_copies=6_000, wave_number=None, changed_by_hand=False, withdrawn_copies=0, batches=0,
    created_at=NOW,
    approved_at=None, request=WANTED, starts_on=TODAY, ends_on=TODAY, certificate=CERTIFICATE, lines=[],
)  # fmt: skip


def test_the_same_plan_again_is_the_one_that_is_kept() -> None:
    assert rules.judge_repeated(CAMPAIGN, WANTED, STORED) is STORED
    assert rules.judge_repeated(CAMPAIGN, WANTED, None) is None


@pytest.mark.parametrize(
    ("campaign_id", "wanted"),
    [(MATERIAL, WANTED), (CAMPAIGN, msgspec.structs.replace(WANTED, copies=6_050))],
    ids=["of another campaign", "other content"],
)
def test_an_id_that_is_another_plans_is_refused(campaign_id: UUID, wanted: NewAllocation) -> None:
    with pytest.raises(rules.AllocationChanged) as refused:
        rules.judge_repeated(campaign_id, wanted, STORED)
    assert (refused.value.status, refused.value.extensions) == (409, {"field": "allocation_id"})


@pytest.mark.parametrize("status", STATUSES)
def test_only_a_draft_is_changed_or_approved(status: AllocationStatus) -> None:
    if status == "draft":
        rules.require_draft(status)
        return
    with pytest.raises(rules.AllocationNotDraft) as refused:
        rules.require_draft(status)
    assert (refused.value.status, refused.value.extensions) == (409, {"current": status})


def test_a_draft_is_dropped_once_and_an_approved_plan_never() -> None:
    assert rules.judge_drop("draft") is True
    assert rules.judge_drop("dropped") is False
    with pytest.raises(rules.AllocationNotDraft):
        rules.judge_drop("approved")


@pytest.mark.parametrize("seen", [None, 3])
def test_a_plan_is_changed_as_it_was_seen(seen: int | None) -> None:
    rules.require_revision(seen, 3)


@pytest.mark.parametrize("seen", [2, 4, 0])
def test_a_plan_that_changed_since_it_was_seen_is_looked_at_again(seen: int) -> None:
    with pytest.raises(rules.AllocationStale) as refused:
        rules.require_revision(seen, 3)
    assert (refused.value.status, refused.value.extensions) == (409, {"revision": 3})


# ---- changing a line


def line(zone: str, copies: int, partner_id: UUID = ANY_PARTNER, reason: str | None = None) -> LineState:
    return LineState(
        zone_id=UUID(int=ord(zone)), zone_code=zone, zone_name="片区", partner_id=partner_id, partner_code=None,
        partner_name=None, copies=copies, proposed_copies=copies, risk_weight=1.0, change_reason=reason,
    )  # fmt: skip


LINES = [line("A", 500, reason="社区自行发放"), line("B", 300), line("B", 200, ZTO)]


@pytest.mark.parametrize(
    ("zone", "partner_id", "copies", "reason", "already"),
    [
        ("A", ANY_PARTNER, 500, "社区自行发放", True),
        ("A", ANY_PARTNER, 450, "社区自行发放", False),
        ("A", ANY_PARTNER, 500, "别的", False),
        ("A", ZTO, 500, "社区自行发放", False),
        ("B", ANY_PARTNER, 500, "社区自行发放", False),
    ],
)
def test_a_change_sent_again_after_a_lost_answer_changes_nothing(
    zone: str, partner_id: UUID, copies: int, reason: str, already: bool
) -> None:
    change = LineChange(copies=copies, reason=reason)
    assert rules.is_changed_already(change, LINES, zone, partner_id) is already


@pytest.mark.parametrize(
    ("zone", "partner_id", "copies", "taken_from"),
    [
        ("A", ANY_PARTNER, 0, 0),
        ("A", ANY_PARTNER, 700, 0),
        ("B", ZTO, 400, 1),
        ("B", ANY_PARTNER, 500, 1),
        # A line that is new takes nothing from those that are there.
        ("A", ZTO, 200, 0),
    ],
)
def test_a_line_may_be_changed_up_to_the_plans_copies(
    zone: str, partner_id: UUID, copies: int, taken_from: int
) -> None:
    change = LineChange(copies=copies, reason="调整")
    assert rules.judge_change(change, LINES, zone, partner_id, 1_200, 50) is LINES[taken_from]


@pytest.mark.parametrize(
    ("zone", "partner_id", "copies", "left"),
    [("A", ANY_PARTNER, 750, 700), ("B", ZTO, 450, 400), ("A", ZTO, 250, 200)],
)
def test_the_lines_never_pass_the_plans_copies(zone: str, partner_id: UUID, copies: int, left: int) -> None:
    change = LineChange(copies=copies, reason="调整")
    with pytest.raises(rules.LinesExceedCopies) as refused:
        rules.judge_change(change, LINES, zone, partner_id, 1_200, 50)
    assert (refused.value.status, refused.value.extensions) == (409, {"left_copies": left})


def test_where_nothing_is_left_nothing_is_said_to_be() -> None:
    with pytest.raises(rules.LinesExceedCopies) as refused:
        rules.judge_change(LineChange(copies=50, reason="调整"), LINES, "A", ANY_PARTNER, 400, 50)
    assert refused.value.extensions == {"left_copies": 0}


@pytest.mark.parametrize("copies", [25, 51, 99])
def test_copies_move_in_whole_bundles(copies: int) -> None:
    with pytest.raises(rules.NotWholeBundles) as refused:
        rules.judge_change(LineChange(copies=copies, reason="零头"), LINES, "A", ANY_PARTNER, 1_200, 50)
    assert (refused.value.status, refused.value.extensions) == (422, {"field": "copies", "bundle_copies": 50})


def test_a_plan_is_changed_in_its_own_zones() -> None:
    with pytest.raises(NotFound):
        rules.judge_change(LineChange(copies=50, reason="没有"), LINES, "C", ANY_PARTNER, 1_200, 50)


def test_a_line_is_for_any_partner_or_for_one_that_serves_the_zone() -> None:
    assert rules.judge_serving(None, None) == rules.judge_serving(None, ZTO) == ANY_PARTNER
    assert rules.judge_serving("ZTO", ZTO) == ZTO
    with pytest.raises(rules.PartnerDoesNotServe) as refused:
        rules.judge_serving("ZTO", None)
    assert (refused.value.status, refused.value.extensions) == (422, {"field": "partner_code"})


# ---- approving


@pytest.mark.parametrize(("code", "word"), [("D1", "has the code D1"), (None, "has no active depot")])
def test_batches_are_collected_from_an_active_depot(code: str | None, word: str) -> None:
    assert rules.judge_depot(code, DEPOT) == DEPOT
    with pytest.raises(DepotUnknown) as refused:
        rules.judge_depot(code, None)
    assert word in refused.value.detail
    assert refused.value.extensions == {"field": "depot_code"}


@pytest.mark.parametrize(
    ("wanted", "last_day", "due"),
    [
        (TODAY, TODAY + 9 * DAY, TODAY),
        (TODAY + 30 * DAY, TODAY + 9 * DAY, TODAY + 30 * DAY),
        (None, TODAY + 9 * DAY, TODAY + 9 * DAY),
        (None, TODAY, TODAY),
        # A plan approved late is due today.
        (None, TODAY - DAY, TODAY),
    ],
)
def test_batches_are_due_as_wanted_or_on_the_plans_last_day(wanted: date | None, last_day: date, due: date) -> None:
    assert rules.judge_due(wanted, last_day, TODAY) == due


def test_no_batch_is_due_before_today() -> None:
    with pytest.raises(rules.DueDate) as refused:
        rules.judge_due(TODAY - DAY, TODAY + 9 * DAY, TODAY)
    assert (refused.value.status, refused.value.extensions) == (422, {"field": "due_on"})


# ---- expected reach


def basis(households: int | None, committed: int, counts_for_reach: bool = True) -> Basis:
    return Basis(
        request=WANTED, starts_on=TODAY, ends_on=TODAY, counts_for_reach=counts_for_reach,
        zones={ZTO: ZoneBasis(households=households, committed_copies=committed, capacity_copies=0)},
    )  # fmt: skip


def test_a_zones_reach_is_expected_of_planned_and_committed_copies_together() -> None:
    assert rules.reach_of(basis(6_000, 1_000), ZTO, 500) == zone_reach(1_500, 6_000, 0.95, 1.5)
    assert rules.reach_of(basis(6_000, 0), ZTO, 0) == 0


@pytest.mark.parametrize("known", [basis(None, 5), basis(0, 5), basis(6_000, 5, counts_for_reach=False)])
def test_reach_does_not_apply_without_households_or_to_a_material_that_does_not_count(known: Basis) -> None:
    assert rules.reach_of(known, ZTO, 500) is None


@pytest.mark.parametrize(
    ("problem", "status"), [(rules.PlanInfeasible, 422), (rules.NothingToApprove, 409), (rules.PlanPeriodOver, 409)]
)
def test_what_the_solver_and_the_batches_refuse_has_its_status(problem: Any, status: int) -> None:
    assert problem.status == status
