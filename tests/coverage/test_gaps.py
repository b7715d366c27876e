"""A gap is a zone behind what the plan's curve makes due by today; before anything is due there is none."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from msgspec import structs

from dispatch.coverage import plan_curve, rules
from dispatch.coverage.check_figures import Findings
from dispatch.coverage.gaps import rank_gaps, standing_of, standings
from dispatch.coverage.rules import Due
from tests.coverage.zones import NOW, stored_reach, zone

FIRST = date(2027, 3, 15)


@pytest.mark.parametrize(
    ("due", "meets_due", "standing"),
    [
        (0.1, 0.0, "gap"), (0.1, 0.2, "gap"), (0.1, 0.2000001, "undecided"), (0.1, 0.7999, "undecided"),
        (0.1, 0.8, "on_course"), (0.1, 1.0, "on_course"), (0.0, 1.0, "not_due"), (0.1, None, None), (0.0, None, None),
    ],
)  # fmt: skip
def test_from_four_fifths_on_a_zone_is_behind_or_on_course_and_between_nobody_can_say(
    due: float, meets_due: float | None, standing: str | None
) -> None:
    assert standing_of(due, meets_due) == standing
    gap, undecided = standings(np.array([due]), np.array([np.nan if meets_due is None else meets_due]))
    assert (gap[0] == 1, undecided[0] == 1) == (standing == "gap", standing == "undecided")


def figures(share: float, median: float = 0.1, **more: Any) -> Any:
    own = zone(1, 1000, 900)
    findings = Findings(stored={own.zone_id: stored_reach(own, median=median, low=median / 2, high=median * 2)})
    due = Due(plan_share=share, reach=0.6 * share, **more)
    return rules.zone_figures([own], 0.6, NOW, "city", findings, due=due)[0]


def test_the_yardstick_is_what_is_due_today_and_not_the_final_target() -> None:
    early, late = figures(0.1), figures(1.0)
    assert (early.due_reach, early.standing, early.gap) == (pytest.approx(0.06), "on_course", False)
    assert (late.due_reach, late.standing, late.gap) == (0.6, "gap", True)
    assert early.meets_target == late.meets_target  # the final target stays a line of its own


def test_nothing_is_due_before_the_campaign_and_before_a_zones_first_wave() -> None:
    before = figures(0.0, median=0.0)
    assert (before.standing, before.gap, before.meets_due) == ("not_due", False, 1.0)
    waiting = figures(0.5, median=0.0, zones={UUID(int=1): 0.0})
    assert (waiting.standing, waiting.gap) == ("not_due", False)


def wave(first: int, *codes: str) -> plan_curve.PlannedWave:
    return plan_curve.PlannedWave(
        number=first, name="波次", starts_on=FIRST + timedelta(days=first), ends_on=FIRST + timedelta(days=first + 9),
        planned_share=0.5, zone_codes=list(codes),
    )  # fmt: skip


def test_a_zone_is_due_from_the_first_wave_that_takes_it_in() -> None:
    days = [FIRST + timedelta(days=step) for step in (0, 9, 10, 20)]
    waves = [wave(0, "A"), wave(10, "A", "B"), wave(20)]
    assert plan_curve.zones_begun(waves, ["A", "B", "C"], days).tolist() == [
        [True, True, True, True], [False, False, True, True], [False, False, False, True],
    ]  # fmt: skip
    # The plan has left a zone out: it is due like any other, and will show as a gap.
    assert plan_curve.zones_begun(waves[:2], ["C"], days).tolist() == [[True] * 4]
    assert plan_curve.zones_begun([], ["A"], days).tolist() == [[True] * 4]
    assert plan_curve.zones_begun(waves, [], days).shape == (0, 4)


def test_gaps_are_ranked_by_risk_times_households_short_of_what_is_due() -> None:
    # At a third of the curve 20 % is due: zone 2 is short of three times the households, zone 1 has four times its risk.
    zones = [zone(1, 1000, 0), zone(2, 3000, 0), zone(3, 1000, 9000), zone(4, None, 0)]
    rows = rules.zone_figures(zones, 0.6, NOW, "city", due=Due(plan_share=1 / 3, reach=0.2))
    found = rank_gaps(rows, {UUID(int=1): 2.0, UUID(int=2): 0.5}, 0.6)
    assert [(gap.rank, gap.code, gap.priority) for gap in found] == [
        (1, "990101001", pytest.approx(400)), (2, "990101002", pytest.approx(300)),
    ]  # fmt: skip
    assert (found[1].missing_households, found[1].missing_to_target) == (pytest.approx(600), pytest.approx(1800))
    assert (found[0].due_reach, found[0].meets_due) == (0.2, 0.0)


def test_the_summary_counts_what_the_rows_say_and_an_empty_scope_counts_nothing() -> None:
    zones = [zone(1, 1000, 0), zone(2, 3000, 60_000), zone(3, None, 5)]
    stock = rules.StockTotals(ordered=1, printed=1, issued=1, moved_in=1)

    def summary(of: list[Any], due: Due) -> Any:
        return rules.summarise(
            of, target=0.6, as_of=NOW, scope="city", stock=stock, recent=0, plan=None, due=due
        )  # fmt: skip

    found = summary(zones, Due(plan_share=0.5, reach=0.3))
    assert (found.gaps, found.undecided, found.due_reach) == (1, 0, 0.3)
    before = summary(zones, Due(plan_share=0.0, reach=0.0))
    assert (before.gaps, before.undecided, before.due_reach) == (0, 0, 0.0)
    nothing = summary([], Due(plan_share=0.5, reach=0.3))
    assert (nothing.gaps, nothing.undecided, nothing.saturation, nothing.zones) == (None, None, None, 0)
    only = structs.replace(zones[2], households=0)
    assert summary([only], Due(plan_share=0.5, reach=0.3)).gaps is None
