"""The fictional city: exact sums, zones without gaps, the same city for the same seed."""

import re
from typing import Any, cast

import numpy as np
import pytest
import shapely as untyped_shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.demo.city import City, make_city, zones_geojson
from dispatch.demo.parcels import draw_parcels
from dispatch.demo.people import MOST_PEOPLE_IN_A_ZONE
from dispatch.demo.samples import apportion
from dispatch.demo.variants import FULL, SMALL, VARIANTS, VariantName

shapely = cast(Any, untyped_shapely)


@pytest.fixture(scope="module", params=["full", "small"])
def city(request: pytest.FixtureRequest) -> City:
    return make_city(cast(VariantName, request.param))


def shapes(city: City) -> list[Any]:
    return [shapely.Polygon(rings[0], rings[1:]) for rings in city.rings]


def test_the_headline_numbers_add_up_to_the_believable_city() -> None:
    assert (FULL.population, FULL.households, FULL.zone_count, FULL.police_stations) == (3_600_000, 1_258_000, 144, 88)
    assert list(FULL.zones.values()) == [24, 22, 8, 18, 30, 42]
    assert sum(FULL.pieces.values()) == 2_610_000
    assert (SMALL.population, SMALL.zone_count, SMALL.meal_riders, SMALL.pieces["handbook"]) == (
        320_000,
        24,
        260,
        60_000,
    )


def test_people_households_and_orders_sum_exactly(city: City) -> None:
    variant = city.variant
    assert sum(zone.population for zone in city.zones) == variant.population
    assert sum(zone.households for zone in city.zones) == variant.households
    assert int(city.people.parcels.sum()) == variant.parcels_per_day
    assert int(city.people.meals.sum()) == variant.meals_per_day
    for kind, count in variant.zones.items():
        assert sum(zone.kind == kind for zone in city.zones) == count


def test_a_zone_holds_two_to_thirty_five_thousand_people(city: City) -> None:
    assert city.people.population.min() >= 2_000
    assert city.people.population.max() <= MOST_PEOPLE_IN_A_ZONE + 1
    for zone in city.zones:
        assert 0 < zone.households < zone.population
        assert all(0 < count < zone.population for count in zone.priority_groups.values())


def test_the_zones_tile_the_city_without_gap_or_overlap(city: City) -> None:
    polygons = shapes(city)
    assert all(shape.is_valid and shape.geom_type == "Polygon" for shape in polygons)
    assert bool(shapely.coverage_is_valid(polygons))
    whole = shapely.union_all(polygons)
    assert whole.geom_type == "Polygon"
    assert len(whole.interiors) == 0
    assert sum(shape.area for shape in polygons) == pytest.approx(whole.area, rel=1e-9)


@settings(max_examples=15)
@given(seed=st.integers(0, 2**32))
def test_any_seed_gives_a_valid_tiling(seed: int) -> None:
    polygons = [shapely.Polygon(parcel.rings[0], parcel.rings[1:]) for parcel in draw_parcels(SMALL, seed)]
    assert len(polygons) == SMALL.zone_count
    assert bool(shapely.coverage_is_valid(polygons))
    assert len(shapely.union_all(polygons).interiors) == 0


def test_areas_are_those_of_a_real_city(city: City) -> None:
    area = {
        kind: [zone.area_square_kilometres for zone in city.zones if zone.kind == kind] for kind in city.variant.zones
    }
    assert 0.8 <= min(area["old_core"]) <= max(area["old_core"]) <= 3.2
    assert 3 <= min(area["county_town"]) <= max(area["county_town"]) <= 10
    low, high = (30, 160) if city.variant.name == "full" else (12, 45)
    assert low <= min(area["township"]) <= max(area["township"]) <= high
    if city.variant.name == "small":
        assert sum(zone.area_square_kilometres for zone in city.zones) <= 300


def test_codes_are_unique_begin_with_99_and_point_at_what_exists(city: City) -> None:
    districts = {district.code for district in city.districts}
    stations = {station.code: station for station in city.police_stations}
    assert len(stations) == len(city.police_stations) == city.variant.police_stations
    assert len({zone.code for zone in city.zones}) == len(city.zones)
    assert [zone.code for zone in city.zones] == sorted(zone.code for zone in city.zones)
    for zone in city.zones:
        assert re.fullmatch(r"99\d{7}", zone.code)
        assert re.fullmatch(r"99\d{10}", zone.division_code)
        assert zone.code.startswith(zone.district_code)
        assert zone.district_code in districts
        assert stations[zone.police_station_code].district_code == zone.district_code
    assert {zone.police_station_code for zone in city.zones} == set(stations)


def test_two_zones_of_the_full_city_share_a_name_so_only_codes_match() -> None:
    zones = make_city("full").zones
    namesakes = [zone for zone in zones if zone.name == zones[-1].name]
    assert len(namesakes) == 2
    assert namesakes[0].district_code != namesakes[1].district_code


def test_a_cell_belongs_to_the_one_zone_that_holds_its_centre(city: City) -> None:
    cells = city.cells
    assert len(np.unique(cells.cell)) == len(cells.cell)
    assert len(cells.cell) <= (60_000 if city.variant.name == "full" else 4_000)
    polygons = shapes(city)
    for index in range(0, len(cells.cell), max(1, len(cells.cell) // 400)):
        longitude, latitude = cells.centre(index)
        assert polygons[int(cells.zone[index])].intersects(shapely.Point(longitude, latitude))
    per_zone = np.add.reduceat(cells.housing, cells.offset[:-1])
    assert (per_zone > 0).all()


def test_the_point_of_a_zone_lies_inside_it(city: City) -> None:
    for zone, shape in zip(city.zones, shapes(city), strict=True):
        assert shape.contains(shapely.Point(zone.longitude, zone.latitude))


def test_incident_counts_are_sparse_whole_numbers_by_zone_month_and_type(city: City) -> None:
    incidents = city.incidents
    assert incidents.count.shape == (len(city.zones), 16, 9)
    assert incidents.months[0] == "2026-03"
    assert incidents.months[-1] == "2027-06"
    assert incidents.count.min() == 0
    yearly = incidents.count[:, :12].sum() / city.variant.population * 1000
    assert 0.6 < yearly < 1.6


def test_the_geojson_names_its_datum_and_closes_its_rings(city: City) -> None:
    collection = zones_geojson(city)
    assert collection["datum"] == "gcj02"
    assert len(collection["features"]) == len(city.zones)
    for feature in collection["features"]:
        for ring in feature["geometry"]["coordinates"]:
            assert ring[0] == ring[-1]
            assert all(113.5 < longitude < 115.5 and 42 < latitude < 43.5 for longitude, latitude in ring)


@pytest.mark.parametrize("name", list(VARIANTS))
def test_the_same_seed_gives_the_same_city_and_another_seed_another(name: VariantName) -> None:
    one, again, other = make_city(name, 7), make_city(name, 7), make_city(name, 8)
    assert zones_geojson(one) == zones_geojson(again)
    assert one.zones == again.zones
    assert np.array_equal(one.incidents.count, again.incidents.count)
    assert np.array_equal(one.cells.housing, again.cells.housing)
    assert zones_geojson(one) != zones_geojson(other)


@given(
    total=st.integers(0, 10**7),
    weights=st.lists(st.floats(0, 1e6), min_size=1, max_size=60).filter(lambda found: sum(found) > 1e-3),
)
def test_apportioned_shares_sum_exactly_and_miss_by_less_than_one(total: int, weights: list[float]) -> None:
    array = np.array(weights)
    shares = apportion(total, array)
    assert int(shares.sum()) == total
    assert (shares >= 0).all()
    assert np.abs(shares - array * (total / array.sum())).max() < 1 + 1e-6
