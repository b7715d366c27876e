"""Partners, print runs, capacity and sites of the fictional city."""

from datetime import date
from typing import cast

import numpy as np
import pytest

from dispatch.demo.campaign import DAYS, date_of_day, desired_copies, wave_of_day
from dispatch.demo.variants import VariantName
from dispatch.demo.world import World, make_world


@pytest.fixture(scope="module", params=["full", "small"])
def world(request: pytest.FixtureRequest) -> World:
    return make_world(cast(VariantName, request.param))


def test_riders_sum_exactly_and_follow_the_market_shares(world: World) -> None:
    riders, variant = world.partners.riders, world.city.variant
    assert int((~riders.meal).sum()) == variant.couriers
    assert int(riders.meal.sum()) == variant.meal_riders
    enrolled = np.bincount(riders.partner, minlength=len(world.partners.partners))
    for number, partner in enumerate(world.partners.partners):
        pool = variant.meal_riders if partner.kind == "meal" else variant.couriers
        assert abs(enrolled[number] - partner.share * pool) < 1


def test_the_full_city_has_its_eight_firms_and_three_platforms() -> None:
    partners = make_world("full").partners.partners
    assert [partner.name for partner in partners[:8]] == [
        "中通",
        "圆通",
        "韵达",
        "申通",
        "极兔",
        "邮政",
        "顺丰",
        "京东",
    ]
    assert [round(partner.share * 100) for partner in partners[:8]] == [20, 16, 13, 13, 12, 10, 8, 8]
    assert [round(partner.share * 100) for partner in partners[8:11]] == [45, 44, 11]


def test_every_rider_works_where_the_outlet_delivers(world: World) -> None:
    partners = world.partners
    served = set(zip(partners.served_outlet.tolist(), partners.served_zone.tolist(), strict=True))
    riders = partners.riders
    assert set(zip(riders.outlet.tolist(), riders.zone.tolist(), strict=True)) <= served
    assert set(zip(riders.outlet.tolist(), riders.second_zone.tolist(), strict=True)) <= served
    assert len(set(riders.code)) == len(riders.code)
    for index in range(0, len(riders.code), 97):
        assert riders.code[index].startswith(partners.outlets[int(riders.outlet[index])].code)


def test_every_firm_serves_every_zone_and_its_volume_sums_up(world: World) -> None:
    partners, city = world.partners, world.city
    owner = np.array([outlet.partner for outlet in partners.outlets])[partners.served_outlet]
    for number, partner in enumerate(partners.partners):
        if partner.kind == "printer":
            continue
        own = owner == number
        assert set(partners.served_zone[own].tolist()) == set(range(len(city.zones)))
        daily = city.variant.meals_per_day if partner.kind == "meal" else city.variant.parcels_per_day
        assert partners.served_volume[own].sum() == pytest.approx(daily * partner.share)


def test_print_runs_are_whole_cartons_and_sum_to_the_pieces(world: World) -> None:
    campaign = world.campaign
    for material in campaign.materials:
        runs = [run for run in campaign.print_runs if run.material_code == material.code]
        assert sum(run.copies for run in runs) == material.copies == world.city.variant.pieces[material.kind]
        assert material.carton % material.bundle == 0
        for run in runs:
            assert run.cartons > 0
            assert run.cartons * material.carton == run.copies
            assert run.ordered_on < run.delivered_on


def test_copies_are_delivered_before_they_are_wanted(world: World) -> None:
    desired = desired_copies(world.campaign).cumsum(axis=1)
    for row, material in enumerate(world.campaign.materials):
        for day in range(1, DAYS + 1):
            delivered = sum(
                run.copies
                for run in world.campaign.print_runs
                if run.material_code == material.code and run.delivered_on <= date_of_day(day)
            )
            assert delivered >= desired[row, day - 1] - 1e-6


def test_the_waves_cover_the_hundred_days_from_15_march_to_22_june(world: World) -> None:
    assert (date_of_day(1), date_of_day(DAYS)) == (date(2027, 3, 15), date(2027, 6, 22))
    assert (world.campaign.first_day, world.campaign.last_day) == (date(2027, 3, 15), date(2027, 6, 22))
    ends = [(wave.first_day, wave.last_day) for wave in world.campaign.waves]
    assert ends == [(1, 14), (15, 45), (46, 70), (71, 95), (96, 100)]
    assert sum(wave.share for wave in world.campaign.waves) == pytest.approx(1)
    assert wave_of_day(45).code == "roll_out"
    assert len(world.campaign.pilot_zones) == (16 if world.city.variant.name == "full" else 4)


def test_capacity_is_declared_per_outlet_zone_and_monday(world: World) -> None:
    capacity = world.capacity
    assert all(week.isoweekday() == 1 for week in capacity.weeks)
    assert capacity.copies.shape == (len(capacity.outlet), 15)
    assert capacity.copies.min() == 0
    assert not (capacity.copies % 10).any()
    silent = np.array([answer != "accepted" for answer in capacity.answer])
    assert 0 < silent.mean() < 0.25
    assert not capacity.copies[silent[capacity.outlet]].any()
    assert capacity.copies.sum() > sum(world.city.variant.pieces.values())


def test_letters_find_a_pupil_each_and_posters_do_not_run_out(world: World) -> None:
    kinds = [material.kind for material in world.campaign.materials]
    pieces = world.city.variant.pieces
    used = {
        kind: sum(a.copies for a in world.sites.activities if a.material == kinds.index(kind))
        for kind in ("letter", "poster")
    }
    assert used["letter"] == pieces["letter"]
    assert used["poster"] <= pieces["poster"]
    assert all(1 <= activity.day <= DAYS for activity in world.sites.activities)
    assert [activity.day for activity in world.sites.activities] == sorted(a.day for a in world.sites.activities)


def test_twenty_banks_post_at_their_counters(world: World) -> None:
    banks = [institution for institution in world.sites.institutions if institution.kind == "bank"]
    counters = [site for site in world.sites.sites if site.kind == "bank_counter"]
    assert len(banks) == 20
    assert len(counters) == world.city.variant.bank_outlets
    assert {site.institution for site in counters} == set(range(20))
    posted = {activity.site for activity in world.sites.activities if activity.kind == "posting"}
    share = sum(index in posted for index, site in enumerate(world.sites.sites) if site.kind == "bank_counter") / len(
        counters
    )
    assert 0.75 < share < 1
