"""Map cells: ancestors by bit arithmetic, contiguous ranges, ownership by zones, households that sum exactly."""

from typing import Any

import h3.api.basic_int as untyped_h3
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from dispatch.geo.cells import (
    assign_cells,
    boundary,
    cell_of,
    cells_of,
    cells_of_polygon,
    centres,
    children_range,
    is_cell,
    parent,
    resolution_of,
    spread_households,
)
from dispatch.geo.datum import CoordinateError

h3: Any = untyped_h3

longitudes = st.floats(73.5, 135.0)
latitudes = st.floats(18.2, 53.5)
resolutions = st.integers(5, 9)
JILIN = (126.55, 43.84)
TOWN = shapely.box(126.5, 43.8, 126.6, 43.9)


def square(west: float, south: float, side: float) -> shapely.Polygon:
    return shapely.box(west, south, west + side, south + side)


@given(longitudes, latitudes, resolutions)
def test_a_cell_is_the_one_h3_names_and_fits_a_signed_bigint(
    longitude: float, latitude: float, resolution: int
) -> None:
    cell = cell_of(longitude, latitude, resolution)
    assert cell == h3.latlng_to_cell(latitude, longitude, resolution)
    assert 0 < cell < 2**63
    assert is_cell(cell, resolution)
    assert resolution_of(cell) == resolution


def test_the_default_resolution_is_nine() -> None:
    assert resolution_of(cell_of(*JILIN)) == 9
    assert cells_of(np.array([JILIN, JILIN])).tolist() == [cell_of(*JILIN)] * 2
    assert cells_of(np.empty((0, 2))).dtype == np.int64


def test_latitude_written_first_is_refused() -> None:
    with pytest.raises(CoordinateError, match="swapped"):
        cell_of(43.84, 126.55)


@pytest.mark.parametrize("number", [0, -1, 9, 2**62, 2**63, 2**70, cell_of(*JILIN, 8), cell_of(*JILIN) | 1 << 56])
def test_other_numbers_are_no_cells_of_resolution_nine(number: int) -> None:
    assert not is_cell(number)


@given(st.lists(st.tuples(longitudes, latitudes), max_size=20), resolutions)
def test_parents_by_bit_arithmetic_are_h3s_parents(places: list[tuple[float, float]], resolution: int) -> None:
    cells = cells_of(np.array(places, dtype=np.float64).reshape(-1, 2))
    expected = [h3.cell_to_parent(cell, resolution) for cell in cells.tolist()]
    assert parent(cells, resolution).tolist() == expected
    assert [parent(cell, resolution) for cell in cells.tolist()] == expected


def test_a_coarse_cell_has_no_finer_parent() -> None:
    coarse = cell_of(*JILIN, 7)
    with pytest.raises(ValueError, match="coarser"):
        parent(coarse, 8)
    with pytest.raises(ValueError, match="coarser"):
        parent(np.array([coarse]), 8)
    assert parent(coarse, 7) == coarse


@given(longitudes, latitudes, st.integers(6, 9))
def test_descendants_are_exactly_the_cells_within_the_range(longitude: float, latitude: float, resolution: int) -> None:
    cell = cell_of(longitude, latitude, resolution)
    low, high = children_range(cell)
    children = h3.cell_to_children(cell, 9)
    assert (min(children), max(children)) == (low, high)
    around = {leaf for near in h3.grid_disk(cell, 1) for leaf in h3.cell_to_children(near, 9)}
    assert {leaf for leaf in around if low <= leaf <= high} == set(children)


def test_the_range_of_a_finest_cell_is_itself() -> None:
    cell = cell_of(*JILIN)
    assert children_range(cell) == (cell, cell)
    with pytest.raises(ValueError, match="finer"):
        children_range(cell, 8)


@given(longitudes, latitudes, resolutions)
def test_a_cells_centre_lies_in_its_outline_and_in_the_cell(longitude: float, latitude: float, resolution: int) -> None:
    cells = cells_of(np.array([[longitude, latitude]]), resolution)
    middle = centres(cells)
    assert cells_of(middle, resolution).tolist() == cells.tolist()
    outline = shapely.Polygon(boundary(cells)[0])
    assert outline.exterior.is_ccw
    assert outline.covers(shapely.Point(middle[0]))


def test_outlines_of_seven_and_more_vertices_are_kept_whole() -> None:
    crossed = next(
        cell for cell in h3.geo_to_cells(shapely.box(105.0, 20.0, 125.0, 50.0), 5) if len(h3.cell_to_boundary(cell)) > 6
    )
    ordinary = cell_of(*JILIN, 5)
    outlines = boundary(np.array([ordinary, crossed]))
    assert outlines.shape == (2, len(h3.cell_to_boundary(crossed)), 2)
    assert [(lat, lng) for lng, lat in outlines[1].tolist()] == list(h3.cell_to_boundary(crossed))
    assert np.array_equal(outlines[0, 5], outlines[0, 6])
    assert boundary(np.array([ordinary])).shape == (1, 6, 2)


def test_no_cells_have_no_centres_and_no_outlines() -> None:
    none = np.zeros(0, dtype=np.int64)
    assert centres(none).shape == (0, 2)
    assert boundary(none).shape == (0, 6, 2)


def test_a_polygon_holds_the_cells_whose_centre_it_covers() -> None:
    cells = cells_of_polygon(TOWN)
    middle = centres(cells)
    assert shapely.intersects_xy(TOWN, middle[:, 0], middle[:, 1]).all()
    around = cells_of_polygon(square(126.48, 43.78, 0.14))
    inside: Any = shapely.intersects_xy(TOWN, centres(around)[:, 0], centres(around)[:, 1])
    assert cells.tolist() == around[inside].tolist()
    assert cells.tolist() == sorted(set(cells.tolist()))


def test_a_hole_holds_no_cells() -> None:
    hole = shapely.box(126.53, 43.83, 126.57, 43.87)
    ring = shapely.Polygon(TOWN.exterior.coords, [hole.exterior.coords])
    assert set(cells_of_polygon(ring).tolist()) == set(cells_of_polygon(TOWN).tolist()) - set(
        cells_of_polygon(hole).tolist()
    )
    assert cells_of_polygon(shapely.Polygon()).size == 0


def test_a_polygon_of_continental_size_is_refused() -> None:
    with pytest.raises(ValueError, match="more than 5000000 cells"):
        cells_of_polygon(shapely.box(80.0, 20.0, 130.0, 50.0))


def test_neighbouring_zones_share_all_cells_of_their_union_without_doubles() -> None:
    zones = [("02", square(126.5, 43.8, 0.05)), ("01", square(126.55, 43.8, 0.05))]
    assigned = assign_cells(zones)
    assert set(assigned) == set(cells_of_polygon(shapely.box(126.5, 43.8, 126.6, 43.85)).tolist())
    for cell, index in assigned.items():
        assert zones[index][1].covers(shapely.Point(centres(np.array([cell]))[0]))


@pytest.mark.parametrize(("first", "second", "owner"), [("01", "02", 0), ("02", "01", 1), ("10", "9", 0)])
def test_a_centre_on_the_line_goes_to_the_lowest_zone_code(first: str, second: str, owner: int) -> None:
    cell = cell_of(*JILIN)
    x, y = float(centres(np.array([cell]))[0, 0]), float(centres(np.array([cell]))[0, 1])
    left, right = shapely.box(x - 0.05, y - 0.05, x, y + 0.05), shapely.box(x, y - 0.05, x + 0.05, y + 0.05)
    assert assign_cells([(first, left), (second, right)])[cell] == owner


def test_a_tiny_zone_gets_the_cell_it_lies_in_unless_another_zone_owns_it() -> None:
    x, y = centres(np.array([cell_of(*JILIN)]))[0]
    tiny = square(x + 0.0005, y + 0.0005, 0.0001)
    assert assign_cells([("01", tiny)]) == {cell_of(*JILIN): 0}
    owned = assign_cells([("01", tiny), ("02", square(x - 0.05, y - 0.05, 0.1))])
    assert set(owned.values()) == {1}


def test_of_two_tiny_zones_in_one_cell_the_lowest_code_gets_it() -> None:
    x, y = centres(np.array([cell_of(*JILIN)]))[0]
    zones = [("07", square(x + 0.0005, y + 0.0005, 0.0001)), ("03", square(x - 0.0006, y + 0.0005, 0.0001))]
    assert assign_cells(zones) == {cell_of(*JILIN): 1}


def test_no_zones_own_no_cells() -> None:
    assert assign_cells([]) == {}


@given(
    st.integers(0, 2_000_000),
    st.lists(st.floats(0.0, 1e300) | st.integers(0, 1000).map(float), min_size=1, max_size=60),
)
def test_spread_households_sum_exactly_and_stay_near_their_share(households: int, weights: list[float]) -> None:
    weight = np.array(weights)
    spread = spread_households(households, weight)
    assert spread.dtype == np.int64
    assert spread.sum() == households
    assert (spread >= 0).all()
    if weight.max() > 0:
        share = weight / weight.max()
        assert (np.abs(spread - households * share / share.sum()) < 1.000001).all()


def test_equal_remainders_go_to_the_first_cells() -> None:
    assert spread_households(5, np.array([1.0, 1.0, 1.0])).tolist() == [2, 2, 1]
    assert spread_households(10, np.array([3.0, 1.0, 1.0])).tolist() == [6, 2, 2]


def test_cells_without_volume_get_no_households_unless_all_have_none() -> None:
    assert spread_households(7, np.array([0.0, 2.0, 0.0])).tolist() == [0, 7, 0]
    assert spread_households(7, np.array([0.0, 0.0, 0.0])).tolist() == [3, 2, 2]
    assert spread_households(0, np.zeros(0)).tolist() == []


@pytest.mark.parametrize(
    ("households", "weights"), [(-1, [1.0]), (1, [-1.0, 2.0]), (1, [float("nan")]), (1, [float("inf")]), (1, [])]
)
def test_households_that_cannot_be_spread_are_refused(households: int, weights: list[float]) -> None:
    with pytest.raises(ValueError, match=r"must|no cell"):
        spread_households(households, np.array(weights, dtype=np.float64))
