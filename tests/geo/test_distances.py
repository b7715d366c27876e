"""Distances: the geodesic, between cells, and the nearest of many."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.geo.cells import cell_of
from dispatch.geo.datum import CoordinateError
from dispatch.geo.distances import cell_distance_kilometres, distance_metres, haversine_metres, nearest

places = st.tuples(st.floats(73.0, 135.0), st.floats(18.0, 53.0))


def test_a_degree_of_latitude_is_as_long_as_the_ellipsoid_says() -> None:
    # The usual series for a degree centred on φ: 111132.954 − 559.822 cos 2φ + 1.175 cos 4φ, here φ = 43.5°.
    assert distance_metres(126.0, 43.0, 126.0, 44.0) == pytest.approx(111_102.49, abs=0.5)
    assert distance_metres(100.0, 0.0, 101.0, 0.0) == pytest.approx(111_319.491, abs=0.01)


@given(places, places)
def test_the_sphere_is_within_its_promised_margin(first: tuple[float, float], second: tuple[float, float]) -> None:
    rough = float(haversine_metres(*first, np.array([second]))[0])
    exact = distance_metres(*first, *second)
    assert rough == pytest.approx(exact, rel=0.0057, abs=0.001)
    assert exact == pytest.approx(distance_metres(*second, *first), abs=1e-6)


@given(places, st.lists(places, min_size=1, max_size=30))
def test_the_nearest_is_the_one_no_other_undercuts(
    place: tuple[float, float], others: list[tuple[float, float]]
) -> None:
    index, metres = nearest(*place, np.array(others))
    distances = [distance_metres(*place, *other) for other in others]
    assert metres == min(distances)
    assert index == distances.index(metres)


def test_nothing_is_near_when_there_is_nothing() -> None:
    with pytest.raises(ValueError, match="no points"):
        nearest(126.0, 43.0, np.empty((0, 2)))


def test_swapped_coordinates_have_no_distance() -> None:
    with pytest.raises(CoordinateError, match="swapped"):
        distance_metres(126.0, 43.0, 43.0, 126.0)


def test_a_cell_is_no_distance_from_itself_and_a_few_hundred_metres_from_its_neighbour() -> None:
    cell, neighbour = cell_of(126.55, 43.84), cell_of(126.554, 43.84)
    assert cell_distance_kilometres(cell, cell) == 0.0
    assert cell != neighbour
    assert 0.2 < cell_distance_kilometres(cell, neighbour) < 0.8
    assert cell_distance_kilometres(cell, neighbour) == cell_distance_kilometres(neighbour, cell)
