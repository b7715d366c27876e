"""Every figure by an example computed by hand, and what must hold for any counts."""

import math
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.coverage import plan_curve, rules
from dispatch.coverage.rules import CutOff, Mix, StockTotals
from dispatch.coverage.shown_reach import ZoneTallies
from dispatch.reach.copies_alone import estimate

NOW = datetime(2027, 4, 20, 2, 0, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")
STOCK = StockTotals(printed=10_000, issued=4000, moved_in=9000)


def zone(
    number: int, households: int | None, handed_out: int, in_person: int = 0, planned: int | None = 0
) -> ZoneTallies:
    return ZoneTallies(
        zone_id=UUID(int=number),
        code=f"99010100{number}",
        name=f"片区{number}",
        division_code="990101",
        households=households,
        population=None if households is None else 3 * households,
        handed_out=handed_out,
        in_person=in_person,
        planned=planned,
    )


@pytest.mark.parametrize("households", [None, 0])
def test_without_households_figures_do_not_apply_and_are_neither_nought_nor_all(households: int | None) -> None:
    (found,) = rules.zone_figures([zone(1, households, 500, 100)], 0.6, NOW, "city")
    assert (found.reported, found.copies_per_household, found.reach, found.meets_target, found.gap) == (None,) * 5
    assert found.handed_out == 500
    assert found.in_person_share == 0.2


def test_a_zone_row_by_hand() -> None:
    (found,) = rules.zone_figures([zone(1, 2000, 3000, 600, 4000)], 0.6, NOW, "city")
    assert found.reported == found.copies_per_household == 1.5  # more copies than households is no error
    assert found.in_person_share == 0.2
    assert found.planned == 4000
    assert found.reach is not None
    assert found.reach.median == pytest.approx(1 - 3.25 ** (-1 / 1.5))
    assert found.gap is False  # the interval reaches over 60 %
    assert found.as_of == NOW


def test_nothing_handed_out_has_no_in_person_share_and_reaches_nobody() -> None:
    (found,) = rules.zone_figures([zone(1, 2000, 0)], 0.6, NOW, "city")
    assert found.in_person_share is None
    assert found.reach is not None
    assert (found.reach.low, found.reach.median, found.reach.high) == (0, 0, 0)
    assert found.gap is True


def test_the_summary_by_hand() -> None:
    zones = [zone(1, 1000, 1000, 300), zone(2, 1000, 20_000, 700), zone(3, None, 400), zone(4, 0, 100)]
    plan = plan_curve.plan_to_date(40_000, [], date(2027, 4, 11), date(2027, 4, 20), date(2027, 4, 15), 21_500)
    stock = StockTotals(printed=50_000, issued=25_000, moved_in=35_500)
    found = rules.summarise(zones, target=0.6, as_of=NOW, scope="city", stock=stock, recent=7000, plan=plan)
    assert found.households == 2000
    assert found.population == 6000
    assert found.handed_out == 21_500
    assert found.handed_out_with_households == 21_000
    assert found.reported == found.copies_per_household == 10.5
    assert found.distribution_rate == 21_500 / 25_000
    assert found.in_person_share == 1000 / 21_500
    assert found.saturation == 0.5
    assert found.gaps == 1
    assert found.zones == 4
    assert found.zones_with_households == 2
    assert found.stock_on_hand == 14_000
    assert found.days_left == 14.0
    assert found.reach is not None
    assert found.reach.median == pytest.approx((1 - 2.5 ** (-1 / 1.5) + 1 - 31 ** (-1 / 1.5)) / 2)
    assert found.plan_vs_actual is not None
    assert found.plan_vs_actual.planned == pytest.approx(20_000)
    assert found.plan_vs_actual.ratio == pytest.approx(21_500 / 20_000)


def test_a_summary_of_nothing_divides_by_nothing() -> None:
    empty = StockTotals(printed=0, issued=0, moved_in=0)
    found = rules.summarise([], target=0.6, as_of=NOW, scope="city", stock=empty, recent=0, plan=None)
    assert (found.reported, found.distribution_rate, found.reach, found.saturation, found.days_left) == (None,) * 5
    assert (found.households, found.population, found.in_person_share) == (None,) * 3
    assert found.handed_out == 0


def test_the_present_is_the_cut_off_unless_a_past_local_day_is_asked() -> None:
    local = NOW.astimezone(SHANGHAI)
    for asked in (None, date(2027, 4, 20), date(2027, 5, 1)):
        assert rules.cut_off(NOW, SHANGHAI, asked) == CutOff(as_of=local, known_on=None, day=date(2027, 4, 20))
    past = rules.cut_off(NOW, SHANGHAI, date(2027, 4, 19))
    assert past.known_on == past.day == past.last_whole_day == date(2027, 4, 19)
    assert past.as_of.astimezone(UTC) == datetime(2027, 4, 19, 15, 59, 59, 999999, tzinfo=UTC)
    late = rules.cut_off(datetime(2027, 4, 19, 16, 30, tzinfo=UTC), SHANGHAI, None)
    assert late.day == date(2027, 4, 20)  # half past midnight there
    assert late.last_whole_day == date(2027, 4, 19)


def wave(number: int, start: int, end: int, share: float) -> plan_curve.PlannedWave:
    first = date(2027, 3, 14)
    return plan_curve.PlannedWave(
        number=number,
        name=f"第{number}波",
        starts_on=first + timedelta(days=start),
        ends_on=first + timedelta(days=end),
        planned_share=share,
    )


def test_the_plan_is_straight_inside_waves_and_level_between_them() -> None:
    waves = [wave(2, 21, 30, 1.0), wave(1, 1, 10, 0.2)]
    days = [date(2027, 3, 14) + timedelta(days=day) for day in (0, 5, 10, 15, 20, 25, 30, 60)]
    found = plan_curve.planned_share(waves, date(2027, 3, 15), date(2027, 6, 22), days)
    assert found == pytest.approx([0, 0.1, 0.2, 0.2, 0.2, 0.6, 1.0, 1.0])


def test_without_waves_the_plan_is_one_straight_line() -> None:
    days = [date(2027, 3, 14), date(2027, 3, 19), date(2027, 3, 24), date(2027, 4, 1)]
    assert plan_curve.planned_share([], date(2027, 3, 15), date(2027, 3, 24), days) == pytest.approx([0, 0.5, 1, 1])


@given(st.lists(st.tuples(st.integers(0, 90), st.integers(0, 30), st.floats(0, 1)), max_size=6))
def test_the_plan_never_falls_and_never_passes_the_whole(given_waves: list[tuple[int, int, float]]) -> None:
    waves = [wave(n, start, start + length, share) for n, (start, length, share) in enumerate(given_waves, 1)]
    days = [date(2027, 3, 1) + timedelta(days=day) for day in range(150)]
    found = plan_curve.planned_share(waves, date(2027, 3, 15), date(2027, 6, 22), days)
    assert all(0 <= share <= 1 for share in found)
    assert all(later >= earlier for earlier, later in pairwise(found))


def test_days_add_up_and_the_future_is_planned_but_not_counted() -> None:
    cut = CutOff(as_of=NOW, known_on=None, day=date(2027, 3, 17))
    copies = {date(2027, 3, 14): 5, date(2027, 3, 16): 10, date(2027, 3, 19): 2}
    found = plan_curve.day_figures(copies, 100, [], date(2027, 3, 15), date(2027, 3, 19), cut)
    assert [(day.day.day, day.handed_out, day.cumulative) for day in found] == [
        (14, 5, 5), (15, 0, 5), (16, 10, 15), (17, 2, 17), (18, None, None), (19, None, None),
    ]  # fmt: skip
    assert [day.planned for day in found] == pytest.approx([0, 20, 40, 60, 80, 100])


def test_the_plan_is_what_was_approved_and_only_a_city_falls_back_on_print_runs() -> None:
    none_approved = [zone(1, 10, 0), zone(2, 10, 0)]
    assert plan_curve.planned_copies(none_approved, STOCK, "city") == 10_000
    assert plan_curve.planned_copies(none_approved, STOCK, "district") is None
    assert plan_curve.planned_copies([zone(1, 10, 0, planned=700)], STOCK, "city") == 700
    assert plan_curve.planned_copies([zone(1, 10, 0, planned=None)], STOCK, "own") is None


def test_gaps_are_ranked_by_risk_times_missing_households() -> None:
    # Zone 2 misses three times the households of zone 1, zone 1 has four times its risk; zone 3 meets the target.
    zones = [zone(1, 1000, 0), zone(2, 3000, 0), zone(3, 1000, 9000), zone(4, None, 0)]
    figures = rules.zone_figures(zones, 0.6, NOW, "city")
    found = rules.rank_gaps(figures, {UUID(int=1): 2.0, UUID(int=2): 0.5}, 0.6)
    assert [(gap.rank, gap.code, gap.priority) for gap in found] == [
        (1, "990101001", pytest.approx(1200)),
        (2, "990101002", pytest.approx(900)),
    ]
    assert found[1].missing_households == pytest.approx(1800)


def test_risk_compares_a_zone_with_its_share_of_households_and_distrusts_small_counts() -> None:
    found = rules.risk_weights([300, 100, 0], [1000, 3000, 0])
    assert found[0] > 2
    assert found[1] < 1
    assert rules.risk_weights([1, 1], [1000, 1000]) == pytest.approx([1, 1])
    assert np.all(np.isfinite(rules.risk_weights([3], [0])))


def test_a_material_and_a_channel_are_shares_of_what_was_counted() -> None:
    leaflet, poster = UUID(int=1), UUID(int=2)
    mix = [
        Mix(material_id=leaflet, channel="in_person", copies=30),
        Mix(material_id=leaflet, channel="with_meal", copies=70),
        Mix(material_id=poster, channel="placed", copies=900),
    ]
    channels = rules.channel_figures(mix, [leaflet], NOW)
    assert [(found.channel, found.copies, found.share) for found in channels] == [
        ("with_meal", 70, 0.7),
        ("in_person", 30, 0.3),
    ]
    stock = rules.MaterialStock(
        material_id=leaflet, code="M1", name="折页", kind="leaflet", counts_for_reach=True, printed=500, issued=200,
        moved_in=500,
    )  # fmt: skip
    figure = rules.material_figure(stock, mix, NOW)
    assert (figure.handed_out, figure.distribution_rate, figure.in_person_share) == (100, 0.5, 0.3)


def test_the_map_is_coloured_by_the_lower_bound_grey_when_small_and_hatched_when_wide() -> None:
    households = np.array([1000.0, 1000.0, 49.0, 1000.0, 0.0, 1000.0])
    copies = np.array([10.0, 6_000_000.0, 100.0, 9.0, 50.0, 2000.0])
    reach = estimate(copies, households)
    classes, wide = rules.map_classes(reach.low, reach.high, households, copies, 0.6)
    assert classes.tolist() == [1, 5, 0, 0, 0, 1 + math.floor(reach.low[5] / 0.2)]
    assert wide.tolist()[:5] == [0, 0, 0, 0, 0]
    assert wide[5] == 1
    assert np.isnan(rules.per_cent(reach.low)[4])


def test_the_colours_are_set_around_the_campaigns_own_target() -> None:
    assert rules.class_edges(0.6) == pytest.approx((0.2, 0.4, 0.6, 0.8))
    assert rules.class_edges(0.12) == pytest.approx((0.04, 0.08, 0.12, 0.18))
    for target in (0.01, 0.5, 0.9, 1.0):
        edges = rules.class_edges(target)
        assert list(edges) == sorted(edges)
        assert edges[2] == target
        assert edges[3] <= 1
