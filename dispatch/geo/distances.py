"""Distances on the ground, by the geodesic of the WGS-84 ellipsoid.

Both ends must be in the same datum. Between two GCJ-02 points the result is off by the local distortion of that datum,
which stays below 1 % and which no rule of the product can feel.
"""

from typing import Any, Final

import numpy as np
from geopy import distance as untyped_distance
from numpy.typing import NDArray

from dispatch.geo.cells import centres
from dispatch.geo.datum import Points, check_points

geopy_distance: Any = untyped_distance

MEAN_EARTH_RADIUS_METRES: Final = 6_371_008.8
# The sphere and the ellipsoid differ by at most 0.56 %, in either direction: twice that and a little.
HAVERSINE_MARGIN: Final = 0.012


def distance_metres(longitude: float, latitude: float, other_longitude: float, other_latitude: float) -> float:
    """Geodesic metres between two points in degrees. Raises CoordinateError for impossible coordinates."""
    check_points(np.array([[longitude, latitude], [other_longitude, other_latitude]], dtype=np.float64))
    return float(geopy_distance.geodesic((latitude, longitude), (other_latitude, other_longitude)).meters)


def cell_distance_kilometres(cell: int, other: int) -> float:
    """Geodesic kilometres between the centres of two map cells, 0 for the same cell."""
    if cell == other:
        return 0.0
    (longitude, latitude), (other_longitude, other_latitude) = centres(np.array([cell, other], dtype=np.int64)).tolist()
    return distance_metres(longitude, latitude, other_longitude, other_latitude) / 1000.0


def haversine_metres(longitude: float, latitude: float, points: Points) -> NDArray[np.float64]:
    """Metres (n,) on the sphere from one point to each of points (n, 2); within 0.56 % of the geodesic."""
    here = np.radians(np.array([longitude, latitude], dtype=np.float64))
    there = np.radians(points)
    half = (there - here) / 2.0
    chord = np.sin(half[:, 1]) ** 2 + np.cos(here[1]) * np.cos(there[:, 1]) * np.sin(half[:, 0]) ** 2
    return 2.0 * MEAN_EARTH_RADIUS_METRES * np.arcsin(np.sqrt(np.minimum(chord, 1.0)))


def nearest(longitude: float, latitude: float, points: Points) -> tuple[int, float]:
    """Index of the geodesically nearest of points (n, 2), and the metres to it; of equals the first.

    The sphere picks the few that can win, the ellipsoid decides. Raises ValueError when there are no points and
    CoordinateError for impossible coordinates.
    """
    if len(points) == 0:
        raise ValueError("no points to be near to")
    check_points(points)
    rough = haversine_metres(longitude, latitude, points)
    possible = np.flatnonzero(rough <= float(rough.min()) * (1.0 + HAVERSINE_MARGIN) + 0.001)
    exact = [(distance_metres(longitude, latitude, *points[index].tolist()), int(index)) for index in possible]
    metres, index = min(exact)
    return index, metres
