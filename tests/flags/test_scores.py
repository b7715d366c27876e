"""Each sign speaks where a week looks made up and is silent where riders work as they do; none is a verdict."""

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.flags.evidence import OUTSIDE, UNKNOWN, Week, count
from dispatch.flags.scores import HABIT, LARGEST_SCORE, THRESHOLD, Reason, Slug, reasons_of, score
from schemas.flags import (
    BeyondHeld,
    ClockAheadOfServer,
    FastBetweenCells,
    FlagFacts,
    ManyCellsInOneMinute,
    OneCellEvenly,
    OutsideUsualZones,
    RoundNumbers,
)
from tests.flags.confirmations import MONDAY, Confirmation, cell_at, honest, week


def points(of: Week, rider: int = 0) -> dict[Slug, float]:
    """Signs with points."""
    return {slug: float(column[rider]) for slug, column in score(count(of)).points.items() if column[rider] > 0}


def total(of: Week, rider: int = 0) -> float:
    return float(score(count(of)).score[rider])


def reasons(of: Week) -> list[Reason]:
    counts = count(of)
    return reasons_of(counts, score(counts), 0)


def only(of: Week) -> FlagFacts:
    """The facts of the one reason there is."""
    (reason,) = reasons(of)
    return reason.facts


def test_an_honest_week_has_no_sign() -> None:
    assert points(week(honest())) == {}
    assert total(week(honest())) == 0.0


def test_a_week_without_confirmations_has_no_sign() -> None:
    assert score(count(week([], riders=3))).score.tolist() == [0.0, 0.0, 0.0]


def test_copies_beyond_those_held_are_noticed_but_mostly_a_hand_over_nobody_recorded() -> None:
    made = week(honest(), waiting=150)
    assert only(made) == BeyondHeld(copies_beyond=150, copies_confirmed=300)
    assert total(week([], waiting=1000)) < THRESHOLD
    even = [Confirmation(minute=15.0 * stop, day=day) for day in range(3) for stop in range(10)]
    assert total(week(even, waiting=150)) > total(week(even))


@pytest.mark.parametrize("waiting", [1, 5, 9])
def test_a_few_copies_beyond_are_a_slip_of_counting(waiting: int) -> None:
    assert points(week(honest(), waiting=waiting)) == {}


def test_copies_recorded_without_a_place_count_as_held() -> None:
    made = week(honest(), waiting=20)
    assert "beyond-held" not in points(week([Confirmation(0, copies=300)], waiting=20))
    assert made.recorded_copies.tolist() == [150]


def test_a_clock_ahead_is_noticed_but_never_asked_about_alone() -> None:
    late = [each._replace(ahead=500) for each in honest(1)] + honest()[12:]
    assert only(week(late)) == ClockAheadOfServer(confirmations_ahead=12, confirmations=60)
    assert only(week(honest(), refused_ahead=40)) == ClockAheadOfServer(confirmations_ahead=40, confirmations=100)
    assert total(week(late, refused_ahead=40)) < THRESHOLD


def test_a_clock_two_minutes_ahead_is_any_clock() -> None:
    assert points(week([each._replace(ahead=120) for each in honest()])) == {}


def test_many_confirmations_in_one_minute_from_different_cells_are_a_sign() -> None:
    burst = [Confirmation(minute=stop / 12, cell=cell_at(stop % 8), day=day) for day in range(4) for stop in range(12)]
    facts = only(week(burst))
    assert facts == ManyCellsInOneMinute(minutes=4, most_cells=8, confirmations=48)
    assert total(week(burst)) >= THRESHOLD


def test_many_confirmations_in_one_minute_at_one_place_are_a_pile_of_parcels() -> None:
    burst = [
        Confirmation(minute=40 * day + stop / 12, cell=cell_at(stop % 2), day=day)
        for day in range(4)
        for stop in range(12)
    ]
    assert points(week(burst)) == {}


def test_steps_faster_than_any_ride_are_a_sign() -> None:
    jumps = [
        Confirmation(minute=5 * stop + stop * stop % 3, cell=cell_at(0 if stop % 2 else 40), day=day)
        for day in range(3)
        for stop in range(12)
    ]
    facts = only(week(jumps))
    assert isinstance(facts, FastBetweenCells)
    # Twice the night lies between.
    assert (facts.fast_steps, facts.steps) == (33, 35)
    # Some 350 m a ring, whatever the direction.
    assert 10 < facts.kilometres < 16
    assert facts.minutes == 4.0
    assert total(week(jumps)) >= THRESHOLD


def test_one_jump_of_a_phone_there_and_back_is_a_bad_fix() -> None:
    jump = [*honest(), Confirmation(minute=47.0, cell=cell_at(60))]
    facts = only(week(jump))
    assert isinstance(facts, FastBetweenCells)
    assert facts.fast_steps == 2
    assert total(week(jump)) < THRESHOLD / 2


def test_accuracy_is_taken_off_before_speed_is_judged() -> None:
    """Next but one cell within a minute: 700 m, of which 500 m may be the two phones'."""
    steps = [Confirmation(minute=float(stop * (1 + stop % 3)), cell=cell_at(2 * (stop % 2))) for stop in range(20)]
    assert points(week(steps)) == {}


def test_most_of_a_day_outside_the_outlets_zones_is_noticed_but_never_asked_about_alone() -> None:
    away = [each._replace(place=OUTSIDE) if each.day == 2 else each for each in honest()]
    assert only(week(away)) == OutsideUsualZones(day=MONDAY + timedelta(days=2), outside=12, confirmations=12)
    assert total(week([each._replace(place=OUTSIDE) for each in honest()])) < THRESHOLD


def test_a_fifth_of_the_day_outside_is_a_border() -> None:
    away = [each._replace(place=OUTSIDE) if index % 6 == 0 else each for index, each in enumerate(honest())]
    assert points(week(away)) == {}


def test_an_outlet_that_declared_nothing_has_no_outside() -> None:
    assert points(week([each._replace(place=UNKNOWN) for each in honest()])) == {}


def test_one_cell_all_day_at_even_times_is_a_sign() -> None:
    even = [Confirmation(minute=15.0 * stop, day=day) for day in range(3) for stop in range(10)]
    assert only(week(even)) == OneCellEvenly(days=3, minutes_apart=15.0)
    assert total(week(even)) >= THRESHOLD


def test_one_cell_all_day_at_any_time_is_a_tower_block() -> None:
    assert points(week([each._replace(cell=cell_at(0)) for each in honest()])) == {}


def test_even_times_in_several_cells_are_a_round() -> None:
    assert points(week([Confirmation(minute=15.0 * stop, cell=cell_at(stop // 3)) for stop in range(10)])) == {}


def test_round_numbers_are_noticed_but_never_asked_about_alone() -> None:
    heaped = [each._replace(copies=10) for each in honest()]
    assert only(week(heaped)) == RoundNumbers(round_numbers=60, confirmations=60)
    assert total(week(heaped)) < THRESHOLD


def test_single_copies_are_no_round_numbers() -> None:
    assert points(week([each._replace(copies=1) for each in honest()])) == {}


def test_no_sign_passes_what_its_innocent_reasons_allow() -> None:
    """However overwhelming the counts."""
    worst = week(
        [Confirmation(stop / 20, cell_at(stop % 30), 500, day, ahead=900, place=OUTSIDE) for day in range(7) for stop in range(60)],
        waiting=1_000_000, refused_ahead=1000,
    )  # fmt: skip
    found = points(worst)
    assert {"beyond-held", "clock-ahead", "many-cells-in-one-minute", "outside-usual-zones", "round-numbers"} <= set(
        found
    )
    assert all(value <= np.log(1 / HABIT[slug]) + 1e-6 for slug, value in found.items())
    assert total(worst) == LARGEST_SCORE


def test_signs_that_have_a_common_innocent_reason_stay_below_the_threshold() -> None:
    for slug in ("beyond-held", "clock-ahead", "outside-usual-zones", "round-numbers"):
        assert np.log(1 / HABIT[slug]) < THRESHOLD


def test_reasons_come_the_strongest_first_and_make_up_the_score() -> None:
    even = [Confirmation(minute=15.0 * stop, copies=5, day=day) for day in range(3) for stop in range(10)]
    found = reasons(week(even))
    assert [type(reason.facts) for reason in found] == [OneCellEvenly, RoundNumbers]
    assert sum(reason.points for reason in found) == pytest.approx(total(week(even)))


def test_a_rider_is_judged_by_their_own_week_alone() -> None:
    even = [Confirmation(minute=15.0 * stop, day=day, rider=1) for day in range(3) for stop in range(10)]
    both = week([*honest(), *even, *honest(rider=2)], riders=3)
    assert total(both, 0) == total(both, 2) == 0.0
    assert total(both, 1) == total(week([each._replace(rider=0) for each in even]))


confirmations = st.lists(
    st.builds(
        Confirmation,
        minute=st.integers(0, 600).map(float),
        cell=st.integers(0, 40).map(cell_at),
        copies=st.integers(1, 50),
        day=st.integers(0, 6),
        rider=st.integers(0, 2),
        ahead=st.integers(-600, 600),
        place=st.sampled_from([-1, 0, 1]),
    ),
    max_size=40,
)


@settings(max_examples=60)
@given(made=confirmations, waiting=st.integers(0, 500), data=st.data())
def test_the_order_of_records_does_not_matter(made: list[Confirmation], waiting: int, data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(made))
    one, other = (week(rows, waiting=waiting, riders=3) for rows in (made, shuffled))
    assert score(count(one)).score.tolist() == score(count(other)).score.tolist()
    first, second = count(one), count(other)
    assert [reasons_of(first, score(first), rider) for rider in range(3)] == [
        reasons_of(second, score(second), rider) for rider in range(3)
    ]


@settings(max_examples=60)
@given(made=confirmations, waiting=st.integers(0, 500))
def test_a_score_is_capped_and_never_below_nothing(made: list[Confirmation], waiting: int) -> None:
    found = score(count(week(made, waiting=waiting, riders=3)))
    assert (found.score >= 0.0).all()
    assert (found.score <= LARGEST_SCORE).all()
    for column in found.points.values():
        assert ((column == 0.0) | (column >= 1.0)).all()


@settings(max_examples=60)
@given(made=confirmations, waiting=st.integers(0, 500), more=st.integers(0, 500))
def test_more_of_a_sign_never_lowers_a_score(made: list[Confirmation], waiting: int, more: int) -> None:
    before = score(count(week(made, waiting=waiting, riders=3))).score
    after = score(count(week(made, waiting=waiting + more, riders=3))).score
    assert (after >= before).all()
    outside = [each._replace(place=OUTSIDE) if each.place != UNKNOWN else each for each in made]
    round_ = [each._replace(copies=5 * ((each.copies + 4) // 5)) if each.copies >= 3 else each for each in made]
    for worse in (outside, round_, [each._replace(ahead=600) for each in made]):
        assert (score(count(week(worse, riders=3))).score >= score(count(week(made, riders=3))).score).all()
