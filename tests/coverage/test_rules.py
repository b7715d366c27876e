"""Every figure by an example computed by hand, and what must hold for any counts. No database."""

import math
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from msgspec import structs

from dispatch.coverage import plan_curve, rules
from dispatch.coverage.check_figures import Checks, Findings, Round
from dispatch.coverage.gaps import rank_gaps
from dispatch.coverage.rules import CutOff, Due, Mix, StockTotals
from dispatch.coverage.shown_reach import ZoneTallies
from dispatch.reach.copies_alone import estimate
from schemas.coverage import FigureScope
from tests.coverage.zones import NOW, stored_area, stored_reach, zone

SHANGHAI = ZoneInfo("Asia/Shanghai")
STOCK = StockTotals(ordered=10_000, printed=6_000, issued=4000, moved_in=9000)


@pytest.mark.parametrize(
    ("part", "whole", "share"),
    [(1, 4, 0.25), (0, 4, 0.0), (9, 4, 2.25), (1, 0, None), (1, -4, None), (None, 4, None), (1, None, None)],
)
def test_a_ratio_applies_where_both_are_known_and_the_whole_is_something(
    part: float | None, whole: float | None, share: float | None
) -> None:
    assert rules.ratio(part, whole) == share


@pytest.mark.parametrize(
    ("partner", "division", "scope"),
    [(None, None, "city"), (None, "9901", "district"), (UUID(int=1), None, "own"), (UUID(int=1), "9901", "own")],
)
def test_a_firm_sees_its_own_a_district_its_zones_and_the_city_all(
    partner: UUID | None, division: str | None, scope: FigureScope
) -> None:
    assert rules.scope_of(partner, division) == scope


PRESENT = CutOff(as_of=NOW, known_on=None, day=date(2027, 4, 20))
PAST = CutOff(as_of=NOW, known_on=date(2027, 4, 19), day=date(2027, 4, 19))


@pytest.mark.parametrize(
    ("scope", "material", "cut", "shown"),
    [
        ("city", None, PRESENT, True), ("district", None, PRESENT, True), ("own", None, PRESENT, False),
        ("city", "LEAFLET", PRESENT, False), ("city", None, PAST, False),
    ],
)  # fmt: skip
def test_stored_estimates_are_of_now_of_all_that_counts_and_for_planners(
    scope: FigureScope, material: str | None, cut: CutOff, shown: bool
) -> None:
    assert rules.shows_estimates(scope, material, cut) is shown


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
    stock = StockTotals(ordered=60_000, printed=50_000, issued=25_000, moved_in=35_500)
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
    empty = StockTotals(ordered=0, printed=0, issued=0, moved_in=0)
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


@pytest.mark.parametrize(
    ("now", "day"),
    [
        (datetime(2027, 4, 19, 15, 59, 59, 999999, tzinfo=UTC), date(2027, 4, 19)),
        (datetime(2027, 4, 19, 16, 0, tzinfo=UTC), date(2027, 4, 20)),
    ],
    ids=["the last microsecond of the 19th", "the first instant of the 20th"],
)
def test_the_day_is_the_citys_and_its_last_whole_one_is_the_day_before(now: datetime, day: date) -> None:
    cut = rules.cut_off(now, SHANGHAI, None)
    assert (cut.day, cut.known_on) == (day, None)
    assert cut.last_whole_day.toordinal() == day.toordinal() - 1
    assert rules.cut_off(now, SHANGHAI, day).known_on is None
    before = rules.cut_off(now, SHANGHAI, cut.last_whole_day)
    assert before.known_on == before.last_whole_day == cut.last_whole_day


def test_gaps_are_ranked_by_risk_times_missing_households() -> None:
    # Zone 2 misses three times the households of zone 1, zone 1 has four times its risk; zone 3 meets the target.
    zones = [zone(1, 1000, 0), zone(2, 3000, 0), zone(3, 1000, 9000), zone(4, None, 0)]
    figures = rules.zone_figures(zones, 0.6, NOW, "city")
    found = rank_gaps(figures, {UUID(int=1): 2.0, UUID(int=2): 0.5}, 0.6)
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
        material_id=leaflet, code="M1", name="折页", kind="leaflet", counts_for_reach=True, ordered=600, printed=500,
        issued=200, moved_in=500, activities=70,
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


@pytest.mark.parametrize(
    ("low", "shade"),
    [(0.0, 1), (0.1999, 1), (0.2, 2), (0.3999, 2), (0.4, 3), (0.5999, 3), (0.6, 4), (0.7999, 4), (0.8, 5), (1.0, 5)],
)
def test_a_colour_begins_with_its_lower_edge(low: float, shade: int) -> None:
    assert rules.class_edges(0.6) == pytest.approx((0.2, 0.4, 0.6, 0.8))
    edges = rules.class_edges(0.6)
    exact = next((edge for edge in edges if abs(edge - low) < 1e-9), low)
    classes, _ = rules.map_classes(np.array([exact]), np.array([exact]), np.array([50.0]), np.array([10.0]), 0.6)
    assert classes.tolist() == [shade]


@pytest.mark.parametrize(("households", "copies", "grey"), [(50, 10, False), (49, 10, True), (50, 9, True)])
def test_fifty_households_and_ten_copies_are_enough_for_a_colour(households: float, copies: float, grey: bool) -> None:
    classes, wide = rules.map_classes(
        np.array([0.1]), np.array([0.9]), np.array([households]), np.array([copies]), 0.6
    )  # fmt: skip
    assert classes.tolist() == [0 if grey else 1]
    assert wide.tolist() == [0 if grey else 1], "what is grey is not hatched"


@pytest.mark.parametrize(("high", "wide"), [(0.5, 0), (0.5001, 1)])
def test_an_interval_wider_than_a_quarter_is_hatched(high: float, wide: int) -> None:
    _, hatched = rules.map_classes(np.array([0.25]), np.array([high]), np.array([50.0]), np.array([10.0]), 0.6)
    assert hatched.tolist() == [wide]


HIDDEN = ("households", "copies_per_household", "reported", "reach", "meets_target", "estimated_at", "verified_reach",
          "gap", "shade", "uncertain", "risk_weight")  # fmt: skip


def test_a_firm_sees_copies_and_plan_of_a_zone_and_nothing_that_divides_by_households() -> None:
    own = structs.replace(zone(1, None, 300, 100, 600), population=None)
    findings = Findings(stored={own.zone_id: stored_reach(own)}, checks=CHECKS)
    (found,) = rules.zone_figures([own], 0.6, NOW, "own", findings, due=Due(plan_share=0.5), weights={own.zone_id: 2.0})
    assert [getattr(found, name) for name in HIDDEN] == [None] * len(HIDDEN)
    assert (found.handed_out, found.planned, found.planned_to_date, found.plan_ratio) == (300, 600, 300.0, 1.0)


CHECK = Round(spot_check_id=UUID(int=9), zone_id=UUID(int=1), asked=[5] * 8, have=[2, 3] * 4, closed_at=NOW)
CHECKS = Checks(rounds=[CHECK], timezone=SHANGHAI, copies={(UUID(int=1), date(2027, 4, 20)): 900})


def test_a_zones_figures_come_from_what_is_stored_checked_and_planned() -> None:
    own = structs.replace(zone(1, 1000, 900, 300, 1200), first_asked=60, first_unknown=20)
    findings = Findings(stored={own.zone_id: stored_reach(own, low=0.1, high=0.5)}, checks=CHECKS)
    (found,) = rules.zone_figures(
        [own], 0.6, NOW, "city", findings, due=Due(plan_share=0.25), weights={own.zone_id: 2.0}
    )
    assert found.reach is not None
    assert (found.reach.low, found.reach.median, found.reach.high, found.reach.level) == (0.1, 0.3, 0.5, "B")
    assert (found.meets_target, found.gap, found.estimated_at) == (0.1, True, NOW)
    assert found.verified_reach is not None
    assert (found.verified_reach.share, found.verified_reach.zones) == (0.5, 1)
    assert (found.first_copy_asked, found.first_copy_unknown_share) == (60, 0.25)
    assert (found.planned_to_date, found.plan_ratio) == (300.0, 3.0)
    assert (found.shade, found.uncertain, found.risk_weight) == (1, True, 2.0)
    (without,) = rules.zone_figures([own], 0.6, NOW, "city", findings)
    assert without.risk_weight is None
    (nobody,) = rules.zone_figures([zone(2, 1000, 900)], 0.6, NOW, "city", weights={})
    assert (nobody.first_copy_asked, nobody.first_copy_unknown_share, nobody.risk_weight) == (None, None, None)


def test_a_plan_nobody_may_see_has_no_ratio() -> None:
    (found,) = rules.zone_figures([zone(1, 1000, 900, planned=None)], 0.6, NOW, "city", due=Due(plan_share=0.5))
    assert (found.planned, found.planned_to_date, found.plan_ratio) == (None, None, None)
    (nothing,) = rules.zone_figures([zone(1, 1000, 900, planned=0)], 0.6, NOW, "city")
    assert (nothing.planned_to_date, nothing.plan_ratio) == (0.0, None)


def summary(zones: list[ZoneTallies], scope: FigureScope = "city", **more: Any) -> Any:
    stock = more.pop("stock", STOCK)
    return rules.summarise(
        zones, target=0.6, as_of=NOW, scope=scope, stock=stock, recent=more.pop("recent", 700), plan=None, **more
    )


def test_the_summary_of_a_firm_has_no_households_in_it() -> None:
    found = summary([structs.replace(zone(1, None, 300, 100), population=None)], "own")
    assert (found.handed_out, found.in_person_share, found.zones) == (300, pytest.approx(1 / 3), 1)
    hidden = ("households", "population", "reported", "reach", "saturation", "zones_with_households", "gaps")
    assert [getattr(found, name) for name in hidden] == [None] * 7


@pytest.mark.parametrize(("median", "saturation"), [(0.5999, 0.0), (0.6, 0.5), (0.7, 0.5)])
def test_a_zone_meets_the_target_when_its_median_does(median: float, saturation: float) -> None:
    zones = [zone(1, 1000, 900), zone(2, 1000, 0)]
    found = summary(zones, findings=Findings(stored={zones[0].zone_id: stored_reach(zones[0], median=median)}))
    assert found.saturation == saturation


def test_the_summary_shows_the_stored_area_with_its_time_and_all_checks_together() -> None:
    zones = [zone(1, 1000, 900), zone(2, 1000, 0)]
    other = structs.replace(CHECK, spot_check_id=UUID(int=8), zone_id=UUID(int=2), asked=[10], have=[0])
    checks = structs.replace(CHECKS, rounds=[CHECK, other])
    found = summary(zones, findings=Findings(area=stored_area(median=0.42), checks=checks))
    assert found.reach.median == 0.42
    assert found.estimated_at == NOW
    # Two zones of equal households, both checked: the mean of 20 of 40 and none of 10.
    assert (found.verified_reach.share, found.verified_reach.zones) == (pytest.approx(0.25), 2)
    assert (found.verified_reach.asked, found.verified_reach.have, found.verified_reach.covers) == (50, 20, 1.0)
    assert found.verified_rounds == [found.verified_reach]


def test_stock_that_is_not_divided_leaves_days_and_rates_open() -> None:
    found = summary(
        [zone(1, 1000, 900)], "district", stock=StockTotals(ordered=None, printed=None, issued=None, moved_in=None)
    )
    assert (found.issued, found.distribution_rate, found.stock_on_hand, found.days_left) == (None,) * 4
    assert summary([zone(1, 1000, 900)], recent=0).days_left is None
    assert summary([zone(1, 1000, 900)], recent=700).days_left == pytest.approx(8100 / 100)


def test_gaps_of_equal_priority_come_by_code_and_weigh_one_where_nothing_is_known() -> None:
    figures = rules.zone_figures([zone(2, 1000, 0), zone(1, 1000, 0), zone(3, 1000, 60_000)], 0.6, NOW, "city")
    found = rank_gaps(figures, {}, 0.6)
    assert [(gap.rank, gap.code, gap.risk_weight, gap.priority) for gap in found] == [
        (1, "990101001", 1.0, pytest.approx(600)),
        (2, "990101002", 1.0, pytest.approx(600)),
    ]
    assert (found[0].meets_target, found[0].households, found[0].handed_out) == (0.0, 1000, 0)


def test_the_households_a_gap_misses_are_those_between_its_reach_and_the_target() -> None:
    behind = zone(1, 1000, 900)
    findings = Findings(stored={behind.zone_id: stored_reach(behind, median=0.25)})
    (found,) = rank_gaps(rules.zone_figures([behind], 0.6, NOW, "city", findings), {behind.zone_id: 2.0}, 0.6)
    assert (found.missing_households, found.priority) == (pytest.approx(350), pytest.approx(700))


def test_channels_of_equal_copies_come_by_name_and_uncounted_materials_are_left_out() -> None:
    leaflet, poster = UUID(int=1), UUID(int=2)
    mix = [
        Mix(material_id=leaflet, channel="with_parcel", copies=5), Mix(material_id=leaflet, channel="in_person", copies=3),
        Mix(material_id=leaflet, channel="in_person", copies=2), Mix(material_id=poster, channel="placed", copies=9),
    ]  # fmt: skip
    assert [(found.channel, found.copies, found.share) for found in rules.channel_figures(mix, [leaflet], NOW)] == [
        ("in_person", 5, 0.5), ("with_parcel", 5, 0.5),
    ]  # fmt: skip
    assert rules.channel_figures(mix, [], NOW) == []


def test_a_partners_share_in_person_is_of_its_own_copies() -> None:
    counts = rules.PartnerCounts(
        partner_id=UUID(int=1), code="F1", name="快递", kind="parcel", copies=40, in_person=10, zones=2, outlets=3,
        planned=None, claimed=60, collected=50,
    )  # fmt: skip
    figure = rules.partner_figure(counts, NOW)
    assert (figure.in_person_share, figure.planned, figure.claimed, figure.collected) == (0.25, None, 60, 50)
    nothing = rules.partner_figure(structs.replace(counts, copies=0, in_person=0), NOW)
    assert nothing.in_person_share is None
