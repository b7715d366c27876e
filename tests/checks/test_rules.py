"""How households are drawn, which plans and results fit, and what the sample shows. No database."""

from collections import Counter
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from dispatch.checks import rules
from dispatch.checks.rules import Cluster, StoredCheck, StoredResult
from dispatch.database.ids import new_id
from dispatch.problems import Problem
from dispatch.server.client_ids import IdUnusable
from schemas.checks import NewSpotCheck, NewSpotCheckResult
from tests.conftest import NOW

Households = st.lists(st.integers(0, 2000), min_size=1, max_size=60).filter(lambda found: sum(found) > 0)
CAMPAIGN, OTHER = UUID(int=1), UUID(int=2)
VERSION_4 = UUID("8e8a7f5e-6d53-4a8e-9d3c-0f4f6f2a1b11")
CHECK_ID, RESULT_ID, FIRST_ID = new_id(NOW), new_id(NOW), new_id(NOW)


# ---- drawing


@given(households=Households, clusters=st.integers(1, 60), seed=st.integers(0, 2**53 - 1))
def test_a_cell_is_drawn_in_proportion_to_its_households_within_rounding(
    households: list[int], clusters: int, seed: int
) -> None:
    drawn = rules.draw_cells(households, clusters, seed)
    assert len(drawn) == clusters
    assert drawn == sorted(drawn)
    total, times = sum(households), Counter(drawn)
    for place, homes in enumerate(households):
        assert clusters * homes // total <= times[place] <= -(-clusters * homes // total)


@given(st.lists(st.integers(0, 12), min_size=1, max_size=6).filter(lambda found: sum(found) > 0), st.integers(1, 8))
def test_over_all_starts_every_household_is_drawn_equally_often(households: list[int], clusters: int) -> None:
    # What the seed decides is the start alone, so that all of them can be tried.
    total = sum(households)
    taken = Counter((start + step * total) // clusters for start in range(total) for step in range(clusters))
    assert taken == dict.fromkeys(range(total), clusters)


@given(sample=st.integers(1, 1000), data=st.data())
def test_the_clusters_sum_to_the_sample_and_differ_by_one_at_most_the_larger_ones_first(
    sample: int, data: st.DataObject
) -> None:
    clusters = data.draw(st.integers(1, sample))
    shares = rules.shares_of_sample(sample, clusters)
    assert sum(shares) == sample
    assert all(0 <= earlier - later <= 1 for earlier, later in pairwise(shares))
    assert shares[0] - shares[-1] <= 1


@given(households=Households, sample=st.integers(1, 60), seed=st.integers(0, 2**53 - 1))
def test_a_drawn_sample_can_be_walked_and_comes_out_the_same_again(
    households: list[int], sample: int, seed: int
) -> None:
    cells, clusters = list(range(100, 100 + len(households))), min(8, sample)
    if sum(households) < sample:
        with pytest.raises(rules.SamplePlan):
            rules.draw_clusters(cells, households, sample, clusters, seed)
        return
    drawn = rules.draw_clusters(cells, households, sample, clusters, seed)
    assert drawn == rules.draw_clusters(cells, households, sample, clusters, seed)
    assert sum(cluster.planned for cluster in drawn) == sample
    assert [cluster.number for cluster in drawn] == list(range(1, clusters + 1))
    for cluster in drawn:
        assert cluster.households == households[cluster.cell - 100] > 0
        assert 1 <= cluster.first_door <= cluster.door_interval <= 10
        assert cluster.start_direction in rules.DIRECTIONS


def test_another_seed_draws_other_cells_and_other_walks() -> None:
    households = [100] * 50
    assert len({tuple(rules.draw_cells(households, 8, seed)) for seed in range(20)}) > 1
    walks = {rules.draw_clusters([7], [300], 1, 1, seed)[0] for seed in range(40)}
    assert {walk.first_door for walk in walks} == set(range(1, 11))
    assert {walk.start_direction for walk in walks} == set(rules.DIRECTIONS)


@pytest.mark.parametrize(
    ("households", "planned", "interval"),
    [(5, 5, 1), (9, 5, 1), (10, 5, 2), (49, 5, 9), (50, 5, 10), (55, 5, 10), (5000, 5, 10)],
)
def test_doors_lie_as_far_apart_as_the_households_allow_and_ten_at_most(
    households: int, planned: int, interval: int
) -> None:
    (drawn,) = rules.draw_clusters([7], [households], planned, 1, 3)
    assert drawn.door_interval == interval


def test_where_fewer_live_than_are_asked_the_walk_takes_every_door() -> None:
    drawn = rules.draw_clusters([7, 8], [1, 9], 10, 2, 0)
    assert {cluster.door_interval for cluster in drawn} == {1}


@pytest.mark.parametrize(("registered", "drawn"), [(39, False), (40, True)])
def test_a_sample_is_no_larger_than_the_zones_registry(registered: int, drawn: bool) -> None:
    if drawn:
        assert len(rules.draw_clusters([7], [registered], 40, 8, 1)) == 8
        return
    with pytest.raises(rules.SamplePlan, match="39 registered households, fewer than 40") as refused:
        rules.draw_clusters([7], [registered], 40, 8, 1)
    assert refused.value.extensions == {"households": 39, "field": "sample"}


@pytest.mark.parametrize("households", [[], [0, 0]])
def test_nothing_is_drawn_where_nobody_is_registered(households: list[int]) -> None:
    with pytest.raises(rules.SamplePlan, match="No households"):
        rules.draw_cells(households, 8, 1)


def test_forty_households_are_eight_cells_of_five() -> None:
    wanted = NewSpotCheck(spot_check_id=CHECK_ID, zone_code="Z", seed=1)
    assert rules.clusters_wanted(wanted) == 8
    drawn = rules.draw_clusters(list(range(20)), [300] * 20, 40, 8, 1)
    assert [cluster.planned for cluster in drawn] == [5] * 8


def test_the_walk_is_described_in_words_and_asks_for_no_name() -> None:
    cluster = Cluster(
        number=1, cell=7, households=60, planned=5, start_direction="south_west", first_door=3, door_interval=9
    )
    text = rules.instruction_of(cluster)
    assert "向西南走，从遇到的第3户问起，此后每9户问一户，共问5户" in text
    assert "不记姓名和门牌" in text
    words = [rules.instruction_of(structs.replace(cluster, start_direction=way)) for way in rules.DIRECTIONS]
    assert len(set(words)) == 8


# ---- planning


@pytest.mark.parametrize(
    ("sample", "clusters", "wanted"),
    [(1, None, 1), (5, None, 1), (6, None, 2), (40, None, 8), (40, 3, 3), (4, 4, 4)],
)
def test_a_plan_has_one_cluster_for_every_five_households_unless_it_says_how_many(
    sample: int, clusters: int | None, wanted: int
) -> None:
    plan = NewSpotCheck(spot_check_id=CHECK_ID, zone_code="Z", seed=1, sample=sample, clusters=clusters)
    assert rules.clusters_wanted(plan) == wanted


def test_more_clusters_than_households_are_refused() -> None:
    plan = NewSpotCheck(spot_check_id=CHECK_ID, zone_code="Z", seed=1, sample=4, clusters=5)
    with pytest.raises(rules.SamplePlan, match="5 clusters for 4 households") as refused:
        rules.clusters_wanted(plan)
    assert refused.value.extensions == {"field": "clusters"}


def test_a_plan_needs_an_id_that_sorts_by_time() -> None:
    with pytest.raises(IdUnusable, match="spot_check_id"):
        rules.clusters_wanted(NewSpotCheck(spot_check_id=VERSION_4, zone_code="Z", seed=1))


def test_a_campaign_is_checked_once_it_has_begun_and_also_after_its_end() -> None:
    with pytest.raises(rules.SpotCheckTooEarly):
        rules.require_campaign_begun("draft")
    for status in ("open", "closed"):
        rules.require_campaign_begun(status)


PLANNED = StoredCheck(
    spot_check_id=CHECK_ID, campaign_id=CAMPAIGN, zone_code="Z", sample=40, clusters=8, seed=7, status="open"
)
PLAN = NewSpotCheck(spot_check_id=CHECK_ID, zone_code="Z", seed=7)


def test_the_same_plan_again_is_the_same_check_closed_or_not() -> None:
    rules.require_same_check(PLAN, CAMPAIGN, 8, PLANNED)
    rules.require_same_check(PLAN, CAMPAIGN, 8, structs.replace(PLANNED, status="closed"))


@pytest.mark.parametrize(
    "change", [{"campaign_id": OTHER}, {"zone_code": "Y"}, {"sample": 41}, {"clusters": 9}, {"seed": 8}], ids=str
)
def test_an_id_is_one_check(change: dict[str, Any]) -> None:
    with pytest.raises(rules.SpotCheckChanged) as refused:
        rules.require_same_check(PLAN, CAMPAIGN, 8, structs.replace(PLANNED, **change))
    assert refused.value.extensions == {"field": "spot_check_id"}


# ---- results


def wanted(**changes: Any) -> NewSpotCheckResult:
    values: dict[str, Any] = {"result_id": RESULT_ID, "number": 2, "asked": 5, "have": 3, **changes}
    return NewSpotCheckResult(**values)


def stored(**changes: Any) -> StoredResult:
    first: dict[str, Any] = {
        "result_id": FIRST_ID,
        "number": 2,
        "asked": 5,
        "have": 4,
        "read_and_remembered": None,
        "replaces_id": None,
    }
    return StoredResult(**{**first, **changes})


CLOSED = structs.replace(PLANNED, status="closed")


@pytest.mark.parametrize(
    ("result", "check", "results"),
    [
        (wanted(), PLANNED, []),
        (wanted(asked=7, have=7, read_and_remembered=7), PLANNED, []),
        (wanted(asked=0, have=0), PLANNED, []),
        (wanted(replaces_id=FIRST_ID), PLANNED, [stored()]),
        (wanted(replaces_id=FIRST_ID), CLOSED, [stored()]),
        # One that was replaced is not current, and another cluster's does not count.
        (wanted(replaces_id=FIRST_ID), PLANNED, [stored(result_id=OTHER, current=False), stored()]),
        (wanted(), PLANNED, [stored(number=3)]),
    ],
    ids=["first", "two more than planned", "nobody at home", "correction", "correction after closing", "second correction", "other cluster"],
)  # fmt: skip
def test_a_result_that_fits_is_new(result: NewSpotCheckResult, check: StoredCheck, results: list[StoredResult]) -> None:
    assert rules.judge_result(result, check, 5, results) is True


@pytest.mark.parametrize("check", [PLANNED, CLOSED], ids=["open", "closed"])
def test_a_result_sent_again_is_recorded_already(check: StoredCheck) -> None:
    again = stored(result_id=RESULT_ID, have=3, current=False)
    assert rules.judge_result(wanted(), check, 5, [again]) is False
    # Also when the check has no such cluster any more, as far as the caller can see.
    assert rules.judge_result(wanted(), check, None, [again]) is False


REFUSED: list[tuple[str, NewSpotCheckResult, StoredCheck, int | None, list[StoredResult], type[Problem]]] = [
    ("an id that does not sort by time", wanted(result_id=VERSION_4), PLANNED, 5, [], IdUnusable),
    ("a cluster the check does not have", wanted(number=9), PLANNED, None, [], rules.ClusterUnknown),
    ("more have it than were asked", wanted(have=6), PLANNED, 5, [], rules.MoreThanAsked),
    ("more read it than have it", wanted(read_and_remembered=4), PLANNED, 5, [], rules.MoreThanAsked),
    ("three more than planned", wanted(asked=8), PLANNED, 5, [], rules.MoreThanPlanned),
    ("a second first result", wanted(), PLANNED, 5, [stored()], rules.ClusterAnswered),
    ("a correction of nothing", wanted(replaces_id=FIRST_ID), PLANNED, 5, [], rules.ClusterAnswered),
    ("a correction of one that was replaced", wanted(replaces_id=FIRST_ID), PLANNED, 5,
     [stored(current=False), stored(result_id=OTHER, replaces_id=FIRST_ID)], rules.ClusterAnswered),
    ("a first result after closing", wanted(), CLOSED, 5, [], rules.SpotCheckClosed),
    *(
        (f"another result under the id: {name}", wanted(**{name: value}), PLANNED, 5,
         [stored(result_id=RESULT_ID, have=3)], rules.ResultChanged)
        for name, value in (("number", 1), ("asked", 4), ("have", 2), ("read_and_remembered", 1), ("replaces_id", OTHER))
    ),
]  # fmt: skip


@pytest.mark.parametrize(("result", "check", "planned", "results", "problem"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])  # fmt: skip
def test_a_result_that_does_not_fit_is_refused(
    result: NewSpotCheckResult,
    check: StoredCheck,
    planned: int | None,
    results: list[StoredResult],
    problem: type[Problem],
) -> None:
    with pytest.raises(problem):
        rules.judge_result(result, check, planned, results)


def test_a_refusal_names_what_would_fit() -> None:
    with pytest.raises(rules.MoreThanPlanned) as most:
        rules.judge_result(wanted(asked=8), PLANNED, 5, [])
    assert (most.value.extensions["most"], most.value.extensions["field"]) == (7, "asked")
    with pytest.raises(rules.ClusterUnknown) as unknown:
        rules.judge_result(wanted(number=9), PLANNED, None, [])
    assert (unknown.value.extensions["clusters"], unknown.value.extensions["field"]) == (8, "number")
    with pytest.raises(rules.ClusterAnswered) as answered:
        rules.judge_result(wanted(), PLANNED, 5, [stored()])
    assert answered.value.extensions["current_result_id"] == FIRST_ID
    with pytest.raises(rules.ClusterAnswered) as nothing:
        rules.judge_result(wanted(replaces_id=FIRST_ID), PLANNED, 5, [])
    assert nothing.value.extensions["current_result_id"] is None


# ---- figures


RHO = 1 / 6
TWENTY = rules.ClusterResults(
    asked=[5] * 8, have=[2, 3] * 4, remembered=[1, 2, 1, 2, 1, 2, None, None]
)  # fmt: skip


def test_figures_by_hand() -> None:
    found = rules.figures_of(TWENTY, "closed", 0.6, RHO)
    assert found.verified is not None
    assert (found.verified.share, found.verified.asked) == (0.5, 40)
    # Wilson for 12 of 24: five at a place count for 40 ÷ (1 + 4 ÷ 6) homes drawn one by one.
    assert found.verified.low == pytest.approx(0.3143, abs=1e-4)
    assert found.verified.high == pytest.approx(0.6857, abs=1e-4)
    assert found.corrected == pytest.approx((0.5 + 0.98 - 1) / 0.88)
    assert found.effective is not None
    assert (found.effective.share, found.effective.asked) == (0.3, 30)
    assert (found.asked, found.have, found.pass_at, found.passes, found.measured) == (40, 20, 15, True, True)
    assert found.good_zone_fails == pytest.approx(0.0349, abs=1e-4)
    assert found.poor_zone_passes == pytest.approx(0.1953, abs=1e-4)
    assert (found.target_reach, found.sample_needed) == (0.6, 40)


@pytest.mark.parametrize(
    ("target", "have", "passes"),
    [(0.6, 14, False), (0.6, 15, True), (0.12, 15, True), (0.12, 1, True), (0.12, 0, False), (0.05, 0, None)],
)
def test_the_rule_comes_from_the_campaigns_target(target: float, have: int, passes: bool | None) -> None:
    counts = rules.ClusterResults(
        asked=[5] * 8, have=[have // 8 + (number < have % 8) for number in range(8)], remembered=[None] * 8
    )
    found = rules.figures_of(counts, "closed", target, RHO)
    assert (found.passes, found.target_reach) == (passes, target)
    assert (found.pass_at is None) is (passes is None)


def test_the_sample_a_target_needs_is_printed_with_its_mark_and_risks() -> None:
    found = rules.sample_needed(0.12, RHO)
    assert (found.sample, found.target_reach) == (355, 0.12)
    assert found.pass_at is not None
    assert found.good_zone_fails is not None
    assert found.poor_zone_passes is not None
    assert found.good_zone_fails <= 0.05
    assert found.poor_zone_passes <= 0.2


def test_an_open_check_is_counted_but_not_measured() -> None:
    found = rules.figures_of(TWENTY, "open", 0.6, RHO)
    assert (found.passes, found.measured, found.pass_at, found.have) == (None, False, 15, 20)
    assert found.verified is not None


@pytest.mark.parametrize("status", ["open", "closed"])
def test_where_nobody_was_asked_nothing_is_measured(status: Any) -> None:
    found = rules.figures_of(rules.ClusterResults(), status, 0.6, RHO)
    assert (found.measured, found.verified, found.corrected, found.effective) == (False, None, None, None)
    assert (found.pass_at, found.passes, found.good_zone_fails, found.poor_zone_passes) == (None,) * 4


def test_where_reading_was_not_asked_about_nothing_is_said_of_it() -> None:
    silent = structs.replace(TWENTY, remembered=[None] * 8)
    assert rules.figures_of(silent, "closed", 0.6, RHO).effective is None
    nobody = rules.figures_of(structs.replace(silent, remembered=[0, *[None] * 7]), "closed", 0.6, RHO).effective
    assert nobody is not None
    assert (nobody.share, nobody.low, nobody.asked) == (0.0, 0.0, 5)
