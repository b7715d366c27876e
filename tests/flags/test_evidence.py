"""What is counted of a week, with both sides of every boundary. No database."""

import numpy as np
import pytest

from dispatch.flags.evidence import OUTSIDE, UNKNOWN, count
from dispatch.geo.cells import centres
from dispatch.geo.distances import distance_metres
from tests.flags.confirmations import Confirmation, cell_at, week


def metres_apart(rings: int) -> float:
    here, there = centres(np.array([cell_at(0), cell_at(rings)], dtype=np.int64)).tolist()
    return distance_metres(*here, *there)


# 60 km/h is 1,000 m a minute; both accuracies and 100 m are 500 m more.
@pytest.mark.parametrize("minutes", [1, 2])
def test_a_step_is_fast_beyond_sixty_kilometres_an_hour_and_half_a_kilometre(minutes: int) -> None:
    allowed = 1000.0 * minutes + 500.0
    rings = next(rings for rings in range(1, 20) if metres_apart(rings) > allowed)
    assert metres_apart(rings - 1) > allowed - 500.0, "an ordinary step without the accuracies would be fast"

    def steps(rings: int) -> tuple[int, int]:
        counts = count(week([Confirmation(0.0, cell_at(0)), Confirmation(float(minutes), cell_at(rings))]))
        return int(counts.steps[0]), int(counts.fast_steps[0])

    assert steps(rings - 1) == (1, 0)
    assert steps(rings) == (1, 1)


def test_no_step_is_shorter_than_a_minute() -> None:
    seconds = [Confirmation(0.0, cell_at(0)), Confirmation(0.1, cell_at(4))]
    assert metres_apart(4) < 1500
    assert count(week(seconds)).fast_steps.tolist() == [0]


@pytest.mark.parametrize(("cells", "busy", "extra"), [(1, 0, 0), (2, 0, 0), (3, 1, 1), (5, 1, 3)])
def test_two_cells_in_a_minute_are_ordinary_and_more_are_counted(cells: int, busy: int, extra: int) -> None:
    counts = count(week([Confirmation(stop / 10, cell_at(stop)) for stop in range(cells)]))
    assert (counts.busy_minutes.tolist(), counts.extra_cells.tolist()) == ([busy], [extra])
    assert counts.most_cells.tolist() == [cells]
    # What a busy minute is asked about is not asked about again as speed.
    assert counts.steps.tolist() == [0 if busy else cells - 1]


@pytest.mark.parametrize(
    ("copies", "chosen", "round_"), [(1, 0, 0), (2, 0, 0), (3, 1, 0), (5, 1, 1), (6, 1, 0), (10, 1, 1)]
)
def test_numbers_from_three_copies_on_are_chosen_and_multiples_of_five_are_round(
    copies: int, chosen: int, round_: int
) -> None:
    counts = count(week([Confirmation(0.0, copies=copies)]))
    assert (counts.chosen_numbers.tolist(), counts.round_numbers.tolist()) == ([chosen], [round_])


@pytest.mark.parametrize(("confirmations", "judged"), [(5, False), (6, True)])
def test_six_confirmations_a_day_have_a_rhythm(confirmations: int, judged: bool) -> None:
    days = count(week([Confirmation(10.0 * stop) for stop in range(confirmations)])).days
    assert np.isfinite(days.variation).tolist() == [judged]
    assert days.minutes_apart.tolist() == [10.0]


def test_the_variation_is_the_standard_deviation_of_the_times_between_over_their_mean() -> None:
    minutes = [0.0, 5.0, 15.0, 20.0, 30.0, 35.0]
    days = count(week([Confirmation(minute) for minute in minutes])).days
    gaps = np.diff(minutes)
    assert days.variation[0] == pytest.approx(gaps.std() / gaps.mean())


@pytest.mark.parametrize(("ahead", "counted"), [(120, 0), (121, 1)])
def test_a_clock_is_ahead_by_more_than_two_minutes(ahead: int, counted: int) -> None:
    counts = count(week([Confirmation(0.0, ahead=ahead)], refused_ahead=3))
    assert (counts.ahead.tolist(), counts.confirmations.tolist()) == ([counted + 3], [4])


def test_each_day_of_each_rider_is_counted_by_itself() -> None:
    made = [
        Confirmation(0.0, place=OUTSIDE), Confirmation(5.0, place=UNKNOWN), Confirmation(9.0, cell_at(1)),
        Confirmation(0.0, day=1), Confirmation(0.0, rider=1, place=OUTSIDE),
    ]  # fmt: skip
    days = count(week(made, riders=2)).days
    assert days.rider.tolist() == [0, 0, 1]
    assert (days.known.tolist(), days.outside.tolist(), days.cells.tolist()) == ([2, 1, 1], [1, 0, 1], [2, 1, 1])
