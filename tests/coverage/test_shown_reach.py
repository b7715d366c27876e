"""Which reach is shown: the stored one, or what copies alone say; and what was measured. No database."""

import pytest

from dispatch.coverage.shown_reach import shown_area_reach, shown_reach
from dispatch.reach.copies_alone import estimate, estimate_area
from tests.coverage.zones import NOW, stored_area, stored_reach, zone


def test_the_stored_estimate_is_shown_and_a_zone_newer_than_it_has_its_copies() -> None:
    known, new = zone(1, 1000, 900), zone(2, 1000, 900)
    first, second = shown_reach([known, new], 0.6, {known.zone_id: stored_reach(known)})
    assert first is not None
    assert (first.figure.median, first.figure.first_copy, first.meets_target, first.estimated_at) == (
        0.3,
        0.31,
        0.1,
        NOW,
    )
    assert second is not None
    alone = estimate([900], [1000], 0.6)
    assert second.figure.median == pytest.approx(alone.median[0])
    assert second.meets_target == pytest.approx(alone.meets_target[0])
    assert (second.figure.level, second.estimated_at, second.figure.first_copy) == ("C", None, None)


@pytest.mark.parametrize("households", [None, 0])
def test_a_zone_without_households_has_no_reach_even_if_one_was_stored(households: int | None) -> None:
    without = zone(1, households, 900)
    assert shown_reach([without], 0.6, {without.zone_id: stored_reach(without)}) == [None]


def test_what_did_not_apply_when_it_was_stored_is_shown_by_copies() -> None:
    registered = zone(1, 1000, 900)
    (found,) = shown_reach([registered], 0.6, {registered.zone_id: stored_reach(registered, median=None)})
    assert found is not None
    assert (found.figure.level, found.estimated_at) == ("C", None)


def test_an_area_is_shown_as_stored_or_by_its_copies_and_without_households_not_at_all() -> None:
    zones = [zone(1, 1000, 900), zone(2, 3000, 0)]
    stored = shown_area_reach(zones, stored_area(0.42))
    assert stored is not None
    assert (stored.median, stored.level, stored.sources_disagree, stored.spot_check) == (0.42, "A", True, 0.2)
    alone = shown_area_reach(zones)
    expected = estimate_area([900, 0], [1000, 3000])
    assert alone is not None
    assert expected is not None
    assert (alone.median, alone.low, alone.high, alone.level) == (*expected, "C")
    assert shown_area_reach([zone(1, None, 5), zone(2, 0, 5)], stored_area()) is None
    assert shown_area_reach([]) is None
