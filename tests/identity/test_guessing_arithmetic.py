"""What somebody with n addresses can try against six digits: computed with the rules themselves, without a database."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from dispatch.identity import rules
from dispatch.identity.lockout import Counters, LockoutKey, login_counters, outlet_counters, slip_counters
from dispatch.identity.rules import Failures
from tests.conftest import NOW

SECRET, CITY = "s" * 32, 99
DAY = timedelta(days=1)
PINS = 10**6


class Guesser:
    """Guesses as soon as no lock is in the way; what is counted is what the server counts."""

    def __init__(self) -> None:
        self.states: dict[LockoutKey, tuple[Failures, datetime]] = {}

    def count(self, key: LockoutKey, now: datetime) -> Failures:
        state, failed_at = self.states.get(key, (Failures(0, 0, None), now))
        counted = rules.counted(key.kind, state.failures, state.locks, failed_at, state.locked_until, now)
        self.states[key] = (counted, now)
        return counted

    def locked_until(self, counters: Counters) -> datetime | None:
        ends = [self.states[key][0].locked_until for key in counters.all if key in self.states]
        return max((end for end in ends if end is not None), default=None)

    def guess(self, counters: Counters, now: datetime) -> bool:
        """Whether the guess was taken; it is always wrong."""
        until = self.locked_until(counters)
        if until is not None and until > now:
            return False
        own = [self.count(key, now) for key in counters.own]
        if counters.place is not None and (own[0].failures, own[0].locks) == (1, 0):
            self.count(counters.place, now)
        return True


def minutes(days: int) -> Iterator[tuple[int, datetime]]:
    """(day, instant) every five minutes: no lock is shorter or ends between."""
    for number in range(days * 288):
        yield number // 288, NOW + timedelta(minutes=5) * number


def slip(rider: int, address: int) -> Counters:
    return slip_counters(
        SECRET, CITY, ("ZTO-1", f"R-{rider}", b"digest"), f"10.{address // 250}.{address % 250}.1", None
    )


def outlet(address: int) -> Counters:
    return outlet_counters(SECRET, CITY, "ZTO-1", f"10.{address // 250}.{address % 250}.1", None)


def by_day(each: Iterator[tuple[int, bool]]) -> list[int]:
    taken = Counter[int]()
    for day, was_taken in each:
        taken[day] += was_taken
    return [taken[day] for day in sorted(taken)]


def test_at_one_rider_thirty_pins_are_tried_on_the_first_day_and_five_on_each_later_one_by_however_many_addresses() -> (
    None
):
    guesser, addresses = Guesser(), iter(range(1_000_000))

    def tries() -> Iterator[tuple[int, bool]]:
        for day, now in minutes(4):
            for _ in range(12):  # a fresh address each time
                yield day, guesser.guess(slip(0, next(addresses)), now)

    assert by_day(tries()) == [30, 5, 5, 5]


def test_at_an_outlet_without_rider_codes_fifty_are_tried_on_the_first_day_and_five_on_each_later_one() -> None:
    guesser, addresses = Guesser(), iter(range(1_000_000))

    def tries() -> Iterator[tuple[int, bool]]:
        for day, now in minutes(4):
            for _ in range(32):
                yield day, guesser.guess(outlet(next(addresses)), now)

    assert by_day(tries()) == [50, 5, 5, 5]


def test_one_address_tries_less_than_a_thousand_pins_on_the_first_day_over_all_slips_of_the_city() -> None:
    """So n addresses try less than n × 1,000, and no more than 30 at each rider: 900 for all of a city's 30,000."""
    guesser, riders = Guesser(), iter(range(1_000_000))
    tried: list[int] = []

    def tries() -> Iterator[tuple[int, bool]]:
        for day, now in minutes(1):
            for rider in tried:  # what is counted for the address already costs nothing more there
                while guesser.guess(slip(rider, 0), now):
                    yield day, True
            while guesser.guess(slip(rider := next(riders), 0), now):
                tried.append(rider)
                yield day, True
                while guesser.guess(slip(rider, 0), now):
                    yield day, True

    (first,) = by_day(tries())
    assert len(tried) == 50, "so many different slips an address can fail at"
    assert 900 < first < 1000
    assert first / PINS < 1 / 1000
    assert 30_000 * 30 / 1000 == 900


def test_the_station_goes_on_while_each_of_its_riders_mistypes_five_times() -> None:
    """Thirty different slips is the bound of an address; colleagues are not locked by anybody's typos."""
    guesser = Guesser()
    for rider in range(29):
        assert [guesser.guess(slip(rider, 0), NOW) for _ in range(6)] == [True] * 5 + [False]
    assert guesser.guess(slip(29, 0), NOW)


def test_a_new_pin_is_a_new_slip_with_nothing_counted() -> None:
    guesser = Guesser()
    old = slip_counters(SECRET, CITY, ("ZTO-1", "R-1", b"old"), "10.0.0.1", None)
    new = slip_counters(SECRET, CITY, ("ZTO-1", "R-1", b"new"), "10.0.0.1", None)
    assert [guesser.guess(old, NOW) for _ in range(6)] == [True] * 5 + [False]
    assert guesser.guess(new, NOW)


@pytest.mark.parametrize("known", ["phone", "desk"])
def test_strangers_do_not_lock_a_known_device_and_it_has_five_tries_of_its_own(known: str) -> None:
    guesser = Guesser()
    for address in range(50):
        strange = (
            slip(0, address)
            if known == "phone"
            else login_counters(SECRET, CITY, "auditor", "h", f"10.{address}.0.1", None)
        )
        guesser.guess(strange, NOW)
    own = (
        slip_counters(SECRET, CITY, ("ZTO-1", "R-0", b"digest"), "10.0.0.1", "name")
        if known == "phone"
        else login_counters(SECRET, CITY, "auditor", "h", "10.0.0.1", "name")
    )
    assert [guesser.guess(own, NOW) for _ in range(6)] == [True] * 5 + [False]


def test_a_password_is_tried_480_times_a_day_from_strange_devices() -> None:
    guesser, addresses = Guesser(), iter(range(1_000_000))

    def tries() -> Iterator[tuple[int, bool]]:
        for day, now in minutes(2):
            for _ in range(7):
                near = next(addresses)
                address = f"10.{near // 250 % 250}.{near % 250}.{near // 62500}"
                yield day, guesser.guess(login_counters(SECRET, CITY, "planner", "h", address, None), now)

    assert by_day(tries()) == [480, 480]
