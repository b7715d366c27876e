"""Ids carry their instant: phones make them offline, the server files them by the day inside."""

from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.database.ids import day_of, is_version_7, new_id, time_of

INSTANTS = st.integers(min_value=0, max_value=221_845_219_200_000_000).map(  # microseconds, to the year 9000
    lambda microseconds: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
)
ENTROPY = st.integers(min_value=0, max_value=(1 << 74) - 1)
CHINA = timezone(timedelta(hours=8))


@given(INSTANTS, ENTROPY)
def test_an_id_has_the_version_and_variant_of_the_rfc(now: datetime, entropy: int) -> None:
    made = new_id(now, entropy)
    assert made.version == 7
    assert made.variant == "specified in RFC 4122"
    assert is_version_7(made)


@given(INSTANTS, ENTROPY)
def test_the_instant_comes_back_to_the_millisecond(now: datetime, entropy: int) -> None:
    assert abs(time_of(new_id(now, entropy)) - now) <= timedelta(milliseconds=1)
    assert time_of(new_id(now, entropy)).tzinfo is UTC


@given(INSTANTS, INSTANTS, ENTROPY, ENTROPY)
def test_ids_sort_by_time(one: datetime, other: datetime, first: int, second: int) -> None:
    if other - one >= timedelta(milliseconds=2):
        assert new_id(one, first) < new_id(other, second)
        assert str(new_id(one, first)) < str(new_id(other, second))


@given(INSTANTS, ENTROPY)
def test_the_same_instant_and_entropy_give_the_same_id(now: datetime, entropy: int) -> None:
    assert new_id(now, entropy) == new_id(now.astimezone(CHINA), entropy)


@given(INSTANTS, ENTROPY, ENTROPY)
def test_all_74_bits_of_entropy_count(now: datetime, one: int, other: int) -> None:
    assert (new_id(now, one) == new_id(now, other)) == (one == other)


@given(st.integers(min_value=1 << 74), INSTANTS)
def test_more_entropy_than_fits_does_not_reach_time_or_version(entropy: int, now: datetime) -> None:
    made = new_id(now, entropy)
    assert is_version_7(made)
    assert made.int >> 80 == new_id(now, 0).int >> 80


def test_ids_made_at_one_instant_differ() -> None:
    now = datetime(2027, 4, 20, 2, 0, tzinfo=UTC)
    assert len({new_id(now) for _ in range(1000)}) == 1000


def test_the_day_inside_is_the_utc_day_wherever_the_phone_is() -> None:
    early = datetime(2027, 4, 20, 7, 59, 59, tzinfo=CHINA)
    assert day_of(new_id(early)).isoformat() == "2027-04-19"
    assert day_of(new_id(early + timedelta(seconds=1))).isoformat() == "2027-04-20"


def test_the_example_of_the_rfc_is_read_as_the_rfc_says() -> None:
    example = UUID("017F22E2-79B0-7CC3-98C4-DC0C0C07398F")  # RFC 9562, appendix A.6
    assert is_version_7(example)
    assert time_of(example) == datetime(2022, 2, 22, 19, 22, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    "other",
    [
        uuid4(),
        UUID(int=0),
        UUID("ffffffff-ffff-ffff-ffff-ffffffffffff"),
        UUID("017f22e2-79b0-7cc3-08c4-dc0c0c07398f"),  # says 7, but of another variant
    ],
)
def test_other_uuids_are_not_taken_for_ours(other: UUID) -> None:
    assert not is_version_7(other)


@given(st.uuids())
def test_reading_the_time_of_any_id_answers_or_fails_cleanly(identifier: UUID) -> None:
    """What a stranger sends as an id is checked by is_version_7; a far future inside it must be a plain error."""
    try:
        assert time_of(identifier).tzinfo is UTC
    except (ValueError, OverflowError):
        assert identifier.int >> 80 > 253_402_300_799_000, "an instant before the year 10000 is an instant"
