"""What riders hand out in the fictional city, day by day, and what goes wrong there."""

from typing import Any, cast

import numpy as np
import pytest
import shapely as untyped_shapely

from dispatch.demo.campaign import CHANNELS, DAYS
from dispatch.demo.field import FEWEST_COPIES, MOST_COPIES, Handouts, handouts_of_day, until
from dispatch.demo.households import ORDER_RATE_VARIATION, Households
from dispatch.demo.mishaps import GAP_DAY, wrong_datum_geojson
from dispatch.demo.riders import REPORTING_STYLES
from dispatch.demo.variants import VariantName
from dispatch.demo.world import World, make_world
from dispatch.geo.datum import convert, suspect_datum

shapely = cast(Any, untyped_shapely)


@pytest.fixture(scope="module", params=["full", "small"])
def world(request: pytest.FixtureRequest) -> World:
    return make_world(cast(VariantName, request.param))


@pytest.fixture(scope="module")
def days(world: World) -> list[Handouts]:
    return [handouts_of_day(world.field, day) for day in range(1, DAYS + 1)]


def copies_by_zone(world: World, days: list[Handouts]) -> Any:
    return sum(np.bincount(day.zone, day.copies, len(world.city.zones)) for day in days)


def test_every_record_lies_in_its_zone_or_has_no_place_when_the_outlet_reports(
    world: World, days: list[Handouts]
) -> None:
    by_outlet = REPORTING_STYLES.index("by_outlet")
    for day in days:
        placed = day.cell >= 0
        assert np.array_equal(world.city.cells.zone[day.cell[placed]], day.zone[placed])
        assert (world.city.cells.housing[day.cell[placed]] > 0).all()
        assert np.array_equal(~placed, world.partners.riders.style[day.rider] == by_outlet)


def test_an_active_rider_hands_out_fourteen_to_forty(world: World, days: list[Handouts]) -> None:
    riders = world.partners.riders
    for day in days[::7]:
        honest = ~riders.odd[day.rider]
        per_rider = np.bincount(day.rider[honest], day.copies[honest])
        active = per_rider[per_rider > 0]
        assert active.min() >= FEWEST_COPIES
        assert active.max() <= MOST_COPIES
        assert day.copies.min() >= 1


def test_a_material_only_goes_through_its_channels(world: World, days: list[Handouts]) -> None:
    allowed = np.array(
        [[channel in material.channels for channel in CHANNELS] for material in world.campaign.materials]
    )
    family = np.array([material.family for material in world.campaign.materials])
    for day in days:
        assert allowed[day.material, day.channel].all()
        meal = world.partners.riders.meal[day.rider]
        assert (family[day.material] == np.where(meal, "meal", "parcel")).all()
        for row, material in enumerate(world.campaign.materials):
            assert day.day >= material.from_day or not (day.material == row).any()


def test_a_fifth_of_the_parcels_goes_over_the_doorstep(world: World, days: list[Handouts]) -> None:
    at_door = copies = 0
    for day in days:
        courier = ~world.partners.riders.meal[day.rider]
        at_door += int(day.copies[courier & (day.channel == CHANNELS.index("in_person"))].sum())
        copies += int(day.copies[courier].sum())
    assert 0.15 < at_door / copies < 0.22


def test_the_pilot_stays_in_the_pilot_zones(world: World, days: list[Handouts]) -> None:
    for day in days[:14]:
        assert set(day.zone.tolist()) <= set(world.mishaps.pilot_zones)
    assert len(set(np.concatenate([day.zone for day in days[14:45]]).tolist())) > 0.9 * len(world.city.zones)


def test_no_more_copies_are_wanted_than_were_printed(world: World, days: list[Handouts]) -> None:
    wanted = sum(np.bincount(day.material, day.copies, len(world.campaign.materials)) for day in days)
    for row, material in enumerate(world.campaign.materials):
        if material.family != "site":
            assert 0.75 * material.copies < float(np.asarray(wanted)[row]) < 1.03 * material.copies


def test_honest_riders_are_never_at_two_places_in_one_minute(world: World, days: list[Handouts]) -> None:
    riders = world.partners.riders
    for day in days[::9]:
        honest = ~riders.odd[day.rider]
        visits = np.column_stack([day.rider, day.minute])[honest]
        assert len(np.unique(visits, axis=0)) == len(visits)
        assert np.array_equal(day.minute, np.sort(day.minute))
        assert day.minute.max() < 1440


def test_some_records_come_late_twice_or_are_taken_back(days: list[Handouts]) -> None:
    late = np.concatenate([day.delay_minutes >= 1440 for day in days]).mean()
    repeated = np.concatenate([day.repeats > 0 for day in days]).mean()
    undone = np.concatenate([day.undone_after_minutes >= 0 for day in days]).mean()
    assert 0.04 < late < 0.08
    assert 0.03 < repeated < 0.05
    assert 0.003 < undone < 0.010


def test_a_morning_holds_what_has_arrived_by_then_and_no_undo_from_later(days: list[Handouts]) -> None:
    half_past_ten = 10 * 60 + 30
    mornings = [until(day, half_past_ten) for day in days]
    for day, morning in zip(days, mornings, strict=True):
        assert (morning.minute + morning.delay_minutes <= half_past_ten).all()
        undone = morning.undone_after_minutes >= 0
        assert ((morning.minute + morning.undone_after_minutes)[undone] <= half_past_ten).all()
        assert len(morning.rider) == (day.minute + day.delay_minutes <= half_past_ten).sum()
    whole, before = (sum(int(day.copies.sum()) for day in part) for part in (days, mornings))
    assert 0.01 < before / whole < 0.5


def test_two_firms_begin_late(world: World, days: list[Handouts]) -> None:
    codes = [partner.code for partner in world.partners.partners]
    assert len(world.mishaps.late_firms) == 2
    for late in world.mishaps.late_firms:
        number = codes.index(late.partner_code)
        active = [day.day for day in days if (world.partners.riders.partner[day.rider] == number).any()]
        assert late.first_day == late.days + 1
        assert late.first_day <= min(active) <= late.first_day + 5
        own = [outlet.partner == number for outlet in world.partners.outlets]
        assert not world.capacity.copies[np.array(own)[world.capacity.outlet], : late.days // 7].any()


def test_the_gap_zones_and_only_they_miss_the_target_on_day_45(world: World, days: list[Handouts]) -> None:
    households = Households(world.city)
    for day in days[:GAP_DAY]:
        households.hand_out(day.zone, day.copies)
    reach = households.reached() / world.city.people.households
    assert len(world.mishaps.gap_zones) == (12 if world.city.variant.name == "full" else 2)
    assert tuple(np.flatnonzero(reach < world.campaign.target_reach).tolist()) == world.mishaps.gap_zones
    assert reach[list(world.mishaps.gap_zones)].max() < world.campaign.target_reach / 2


def test_the_gap_zones_are_mopped_up_by_the_end(world: World, days: list[Handouts]) -> None:
    per_household = copies_by_zone(world, days) / world.city.people.households
    assert per_household[list(world.mishaps.gap_zones)].min() > 0.3 * np.median(per_household)


def test_one_zone_is_supplied_one_point_eight_times_over(world: World, days: list[Handouts]) -> None:
    mishaps, households = world.mishaps, world.city.people.households
    assert mishaps.oversupply == 1.8
    assert mishaps.oversupplied_zone not in (*mishaps.gap_zones, *mishaps.pilot_zones)
    wish = world.field.pace.zone[:, :, 14:45].sum(axis=(0, 2)) / households
    assert wish[mishaps.oversupplied_zone] > 1.4 * np.median(wish)
    given = copies_by_zone(world, days[14:45]) / households
    assert given[mishaps.oversupplied_zone] > 1.15 * np.median(given)


def test_the_map_in_the_wrong_datum_lies_half_a_kilometre_off_and_is_noticed(world: World) -> None:
    collection = wrong_datum_geojson(world.city)
    assert collection["datum"] == "gcj02"
    right = [shapely.Polygon(rings[0], rings[1:]) for rings in world.city.rings]
    wrong = [shapely.Polygon(*_rings(feature)) for feature in collection["features"]]
    for feature, rings in zip(collection["features"], world.city.rings, strict=True):
        moved = np.array(feature["geometry"]["coordinates"][0])
        metres = np.hypot(*((moved - rings[0]) * 111_195 * np.array([np.cos(np.radians(42.8)), 1])).T)
        assert 400 < metres.min() <= metres.max() < 750
        assert np.allclose(convert(moved, "wgs84", "gcj02"), rings[0], atol=2e-6)
    outline = shapely.union_all(right)
    suspicion = suspect_datum(wrong, "gcj02", outline, "gcj02")
    assert suspicion is not None
    assert suspicion.likely in ("wgs84", "cgcs2000")
    assert suspect_datum(right, "gcj02", outline, "gcj02") is None


def test_truth_follows_the_curve_of_gamma_order_rates(world: World, days: list[Handouts]) -> None:
    households = Households(world.city)
    for day in days:
        households.hand_out(day.zone, day.copies)
    count = world.city.people.households
    mean = copies_by_zone(world, days) / count
    expected = 1 - (1 + ORDER_RATE_VARIATION * mean) ** (-1 / ORDER_RATE_VARIATION)
    assert np.abs(households.reached() / count - expected).max() < 0.03


def test_first_copies_count_every_household_once(world: World, days: list[Handouts]) -> None:
    households = Households(world.city)
    firsts = sum(
        np.bincount(day.zone, households.hand_out(day.zone, day.copies), len(world.city.zones)) for day in days[:40]
    )
    assert np.array_equal(firsts, households.reached())
    found = households.spot_check(int(np.argmax(households.reached())), 400)
    assert 0 < found < 400


def test_a_day_is_the_same_in_whatever_order_days_are_drawn(world: World, days: list[Handouts]) -> None:
    again = handouts_of_day(make_world(world.city.variant.name).field, 61)
    for name in Handouts.__struct_fields__:
        assert np.array_equal(getattr(again, name), getattr(days[60], name))


@pytest.mark.parametrize("day", [0, 101, -3])
def test_days_outside_the_campaign_are_refused(world: World, day: int) -> None:
    with pytest.raises(ValueError, match="days 1 to 100"):
        handouts_of_day(world.field, day)


def test_another_seed_gives_another_field() -> None:
    one, other = (handouts_of_day(make_world("small", seed).field, 30) for seed in (1, 2))
    assert len(one.rider) != len(other.rider) or not np.array_equal(one.rider, other.rider)


def _rings(feature: dict[str, Any]) -> tuple[Any, list[Any]]:
    outer, *holes = feature["geometry"]["coordinates"]
    return outer, holes
