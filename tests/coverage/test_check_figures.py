"""What spot checks measured: the last round of each zone, of an area with the households it speaks for, and the words
where a check and the estimate seem to say different things."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from msgspec import structs

from dispatch.coverage.check_figures import (
    Checks,
    Round,
    area_rounds,
    contradiction,
    last_rounds,
    thirds,
    zone_rounds,
)
from dispatch.reach.copies_alone import estimate
from schemas.coverage import ReachFigure
from tests.coverage.zones import zone

SHANGHAI = ZoneInfo("Asia/Shanghai")
MARCH, APRIL = datetime(2027, 3, 28, 8, 0, tzinfo=UTC), datetime(2027, 4, 26, 8, 0, tzinfo=UTC)


def check(number: int, of: int, have: list[int], closed_at: datetime = APRIL, asked: int = 5) -> Round:
    return Round(
        spot_check_id=UUID(int=number), zone_id=UUID(int=of), asked=[asked] * len(have), have=have, closed_at=closed_at
    )


FIRST = check(1, 1, [0, 1, 0, 0, 0, 1, 0, 0], MARCH)
LAST = check(2, 1, [2, 1, 0, 1, 2, 1, 1, 2])
COPIES = {(UUID(int=1), date(2027, 3, 28)): 30, (UUID(int=1), date(2027, 4, 26)): 300}
CHECKS = Checks(rounds=[FIRST, LAST], timezone=SHANGHAI, copies=COPIES)
ZONE = zone(1, 1000, 400)


def test_a_zone_is_measured_by_its_last_round_alone_and_older_ones_are_a_series() -> None:
    older, newest = zone_rounds(CHECKS, ZONE, 0.12)
    assert (newest.have, newest.asked, newest.share) == (10, 40, 0.25)
    assert (older.have, older.asked, older.share) == (2, 40, 0.05)
    assert (newest.checked_at, newest.spot_check_id) == (APRIL, UUID(int=2))
    assert newest.checked_at.utcoffset() == timedelta(hours=8)


def test_each_round_has_the_estimate_of_its_own_day_which_holds_nothing_of_the_check() -> None:
    for found, copies in zip(zone_rounds(CHECKS, ZONE, 0.12), (30, 300), strict=True):
        assert found.estimate is not None
        assert found.estimate.median == pytest.approx(float(estimate([copies], [1000]).median[0]))
        assert found.estimate.spot_check is None


def test_neighbours_are_alike_so_that_the_interval_is_wider_than_that_of_single_homes() -> None:
    found = zone_rounds(CHECKS, ZONE, 0.12)[-1]
    assert found.design_effect is not None
    assert found.design_effect > 1.3
    assert found.low < 0.1419  # Wilson for 10 of 40 homes drawn one by one: 14.2 to 40.2 %
    assert found.high > 0.4019


def test_three_times_the_target_passes_and_a_sample_too_small_to_tell_says_nothing() -> None:
    assert zone_rounds(CHECKS, ZONE, 0.12)[-1].passes is True
    assert zone_rounds(CHECKS, ZONE, 0.6)[-1].passes is False
    assert zone_rounds(CHECKS, ZONE, 0.01)[-1].passes is None


def figure(low: float, median: float, high: float) -> ReachFigure:
    return ReachFigure(
        median=median, low=low, high=high, level="C", sources_disagree=False, first_copy=None, spot_check=None
    )


@pytest.mark.parametrize(
    ("low", "high", "word"),
    [
        (0.25, 0.35, None), (0.30, 0.40, None), (0.10, 0.20, None), (0.30001, 0.4, "measured_more"),
        (0.05, 0.15, "measured_less"), (0.45, 0.60, "measured_more"),
    ],
)  # fmt: skip
def test_a_measured_interval_away_from_the_estimate_of_its_day_has_a_word(
    low: float, high: float, word: str | None
) -> None:
    assert contradiction(low, high, figure(0.2, 0.25, 0.3)) == word


def test_answers_lie_below_a_high_reach_because_some_forget() -> None:
    assert contradiction(0.70, 0.78, figure(0.79, 0.82, 0.85)) == "memory"
    assert contradiction(0.1, 0.2, None) is None


@pytest.mark.parametrize(
    ("target", "now", "word"),
    [
        (0.6, 0.8, "failed_before"), (0.6, 0.79, None), (0.6, None, None), (0.12, 0.2, "passed_small_sample"),
        (0.12, 0.21, None), (0.01, 0.0, None),
    ],
)  # fmt: skip
def test_opposite_verdicts_of_check_and_estimate_have_a_word(
    target: float, now: float | None, word: str | None
) -> None:
    older, newest = zone_rounds(CHECKS, ZONE, target, now)
    assert newest.contradiction == word
    assert older.contradiction is None


def area(rounds: list[Round], copies: int = 300) -> Checks:
    days = {row.closed_at.astimezone(SHANGHAI).date() for row in rounds}
    return Checks(
        rounds=rounds, timezone=SHANGHAI, copies={(UUID(int=n), day): copies for n in range(1, 7) for day in days}
    )


ZONES = [structs.replace(zone(n, 1000 * n, 900), kind="township" if n > 3 else "old_core") for n in range(1, 7)]


def test_an_area_is_measured_by_last_rounds_and_says_of_how_many_households_it_speaks() -> None:
    found = area_rounds(area([FIRST, LAST]), ZONES)
    assert [(row.checked_at, row.asked, row.have, row.zones) for row in found] == [
        (MARCH, 40, 2, 1), (APRIL, 40, 10, 1),
    ]  # fmt: skip
    assert found[-1].covers == pytest.approx(3000 / 21_000)  # with the other zone of its kind in the top third of reach
    assert (found[-1].passes, found[-1].spot_check_id, found[-1].design_effect) == (None, None, None)
    assert found[-1].estimate is not None


def test_rounds_of_an_area_more_than_a_fortnight_apart_are_not_mixed() -> None:
    near, far = check(3, 2, [1] * 8, APRIL - timedelta(days=14)), check(4, 3, [1] * 8, APRIL - timedelta(days=15))
    found = area_rounds(area([far, near, LAST]), ZONES)[-1]
    assert (found.zones, found.asked, found.checked_since) == (2, 80, APRIL - timedelta(days=14))


def test_zones_without_households_and_zones_of_others_are_in_no_area() -> None:
    assert area_rounds(area([LAST]), [zone(1, None, 400)]) == []
    foreign = structs.replace(LAST, in_scope=False)
    assert area_rounds(area([foreign]), ZONES) == []
    assert zone_rounds(structs.replace(CHECKS, rounds=[foreign]), ZONE, 0.12) == []


def test_only_the_last_round_after_an_instant_is_evidence_of_today() -> None:
    assert last_rounds([FIRST, LAST], MARCH) == {UUID(int=1): LAST}
    assert last_rounds([FIRST, LAST], APRIL) == {}


def test_thirds_go_by_rank() -> None:
    assert thirds([0.3, 0.1, 0.2, 0.1, 0.9, 0.5]) == [1, 0, 1, 0, 2, 2]
    assert thirds([0.3, 0.1]) == [1, 0]
    assert thirds([]) == []
