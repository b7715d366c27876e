"""Households are drawn with probability proportional to the registry, in whole numbers, the same for the same seed."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.checks import rules
from dispatch.database.ids import new_id
from dispatch.reach.spot_checks import PassRule
from schemas.checks import NewSpotCheck
from tests.conftest import NOW

Households = st.lists(st.integers(0, 2000), min_size=1, max_size=60).filter(lambda found: sum(found) > 0)


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
def test_the_clusters_sum_to_the_sample_and_differ_by_one_at_most(sample: int, data: st.DataObject) -> None:
    clusters = data.draw(st.integers(1, sample))
    shares = rules.shares_of_sample(sample, clusters)
    assert sum(shares) == sample
    assert max(shares) - min(shares) <= 1


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


def test_another_seed_draws_other_cells() -> None:
    households = [100] * 50
    assert len({tuple(rules.draw_cells(households, 8, seed)) for seed in range(20)}) > 1


def test_forty_households_are_eight_cells_of_five() -> None:
    wanted = NewSpotCheck(spot_check_id=new_id(NOW), zone_code="Z", seed=1)
    assert rules.clusters_wanted(wanted) == 8
    drawn = rules.draw_clusters(list(range(20)), [300] * 20, 40, 8, 1)
    assert [cluster.planned for cluster in drawn] == [5] * 8
    assert "共问5户" in rules.instruction_of(drawn[0])
    assert "不记姓名" in rules.instruction_of(drawn[0])


def test_the_pass_rule_is_18_of_40_and_the_same_share_rounded_up_of_any_other_number() -> None:
    assert rules.pass_rule(40) == PassRule()
    assert [(asked, rules.pass_rule(asked).pass_at) for asked in (1, 10, 20, 39, 41, 80)] == [
        (1, 1), (10, 5), (20, 9), (39, 18), (41, 19), (80, 36),
    ]  # fmt: skip


def test_figures_by_hand() -> None:
    counts = rules.Counts(asked=40, have=20, remembered=9, remembered_asked=30)
    found = rules.figures_of(counts, "closed")
    assert found.verified is not None
    # Wilson for 20 of 40: (0.5 + 1.96²/80) / (1 + 1.96²/40) ± …
    assert (found.verified.share, found.verified.asked) == (0.5, 40)
    assert found.verified.low == pytest.approx(0.3520, abs=1e-4)
    assert found.verified.high == pytest.approx(0.6480, abs=1e-4)
    assert found.corrected == pytest.approx((0.5 + 0.98 - 1) / 0.88)
    assert found.effective is not None
    assert (found.effective.share, found.effective.asked) == (0.3, 30)
    assert (found.pass_at, found.passes, found.measured) == (18, True, True)
    assert rules.figures_of(rules.Counts(asked=40, have=17), "closed").passes is False
    still_open = rules.figures_of(counts, "open")
    assert (still_open.passes, still_open.measured) == (None, False)
    nobody = rules.figures_of(rules.Counts(), "closed")
    assert (nobody.measured, nobody.verified, nobody.corrected, nobody.effective, nobody.passes) == (
        False, None, None, None, None,
    )  # fmt: skip
