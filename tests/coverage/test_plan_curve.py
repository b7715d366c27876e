"""The plan's curve: what is due by when, and days and waves against it. No database."""

from datetime import date, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from dispatch.coverage import plan_curve
from dispatch.coverage.rules import CutOff, MaterialStock, StockTotals
from dispatch.coverage.stock_figures import total_stock
from tests.conftest import NOW
from tests.coverage.zones import zone

STOCK = StockTotals(ordered=10_000, printed=6_000, issued=4000, moved_in=9000)


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


def test_waves_that_overlap_never_take_back_what_was_due() -> None:
    waves = [wave(1, 1, 10, 0.5), wave(2, 6, 20, 0.4), wave(3, 15, 20, 1.0)]
    days = [date(2027, 3, 14) + timedelta(days=day) for day in (5, 10, 15, 20)]
    found = plan_curve.planned_share(waves, date(2027, 3, 15), date(2027, 6, 22), days)
    assert found[:2] == pytest.approx([0.25, 0.5])
    assert all(later >= earlier for earlier, later in pairwise(found))
    assert found[-1] == 1.0


def test_before_the_first_wave_nothing_is_due_and_after_the_last_its_share() -> None:
    days = [date(2027, 3, 1), date(2027, 3, 14), date(2027, 8, 1)]
    found = plan_curve.planned_share([wave(1, 1, 10, 0.2)], date(2027, 3, 15), date(2027, 6, 22), days)
    assert found == pytest.approx([0.0, 0.0, 0.2])


def test_the_plan_to_date_is_compared_once_something_is_due() -> None:
    first, last = date(2027, 3, 15), date(2027, 3, 24)
    assert plan_curve.plan_to_date(None, [], first, last, first, 5) is None
    begun = plan_curve.plan_to_date(1000, [], first, last, date(2027, 3, 19), 250)
    assert begun is not None
    assert (begun.planned_total, begun.planned, begun.handed_out, begun.ratio) == (1000, 500.0, 250, 0.5)
    early = plan_curve.plan_to_date(1000, [], first, last, date(2027, 3, 14), 5)
    assert early is not None
    assert (early.planned, early.ratio) == (0.0, None)


def test_days_after_the_campaigns_end_are_shown_while_something_is_still_recorded() -> None:
    cut = CutOff(as_of=NOW, known_on=None, day=date(2027, 3, 25))
    found = plan_curve.day_figures({date(2027, 3, 21): 4}, None, [], date(2027, 3, 19), date(2027, 3, 20), cut)
    assert [(day.day.day, day.handed_out, day.cumulative, day.planned) for day in found] == [
        (19, 0, 0, None), (20, 0, 0, None), (21, 4, 4, None),
    ]  # fmt: skip


def test_a_wave_has_the_copies_of_its_share() -> None:
    counted = plan_curve.WaveCounts(**structs.asdict(wave(1, 1, 10, 0.2)), handed_out=70, cumulative=90)
    (found,) = plan_curve.wave_figures([counted], 5000, NOW)
    assert (found.number, found.planned, found.handed_out, found.cumulative) == (1, 1000.0, 70, 90)
    (without,) = plan_curve.wave_figures([counted], None, NOW)
    assert without.planned is None


def test_nothing_approved_and_nothing_printed_is_no_plan() -> None:
    assert plan_curve.planned_copies([zone(1, 10, 0)], structs.replace(STOCK, ordered=0), "city") is None
    assert plan_curve.planned_copies([zone(1, 10, 0)], structs.replace(STOCK, ordered=None), "city") is None


def material(**counts: int | None) -> MaterialStock:
    known: dict[str, int | None] = {"ordered": 10, "printed": 10, "issued": 4, "moved_in": 8, "activities": 0, **counts}
    return MaterialStock(
        material_id=UUID(int=1), code="M", name="折页", kind="leaflet", counts_for_reach=True, **known
    )  # fmt: skip


def test_stock_of_all_materials_is_known_when_that_of_each_is() -> None:
    assert total_stock([material(), material(printed=5)]) == StockTotals(ordered=20, printed=15, issued=8, moved_in=16)
    assert total_stock([material(), material(printed=None)]) == StockTotals(
        ordered=20, printed=None, issued=8, moved_in=16
    )
    assert total_stock([]) == StockTotals(ordered=None, printed=None, issued=None, moved_in=None)
