"""Datums: every coordinate names the one it is in, because WGS-84 taken for GCJ-02 puts each event some 520 m off.

Coordinates are degrees, longitude before latitude. `cgcs2000` equals `wgs84` to within centimetres and is treated
as the same. The GCJ-02 and BD-09 formulas are the published reverse-engineered ones (Krasovsky 1940 ellipsoid); their
inverses have no closed form and are solved by fixed-point iteration, which contracts by a factor of 40 or more a step.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

import numpy as np
import shapely as half_typed_shapely
from numpy.typing import NDArray
from shapely import MultiPoint, MultiPolygon, Polygon

# Its stubs leave keyword arguments unknown, which strict checking refuses.
shapely: Any = half_typed_shapely

Datum = Literal["gcj02", "wgs84", "cgcs2000", "bd09"]
DATUMS: Final[tuple[Datum, ...]] = get_args(Datum)

Points = NDArray[np.float64]

KRASOVSKY_SEMI_MAJOR_AXIS_METRES: Final = 6_378_245.0
KRASOVSKY_ECCENTRICITY_SQUARED: Final = 0.00669342162296594323
CHINA_LONGITUDES: Final = (72.004, 137.8347)
CHINA_LATITUDES: Final = (0.8293, 55.8271)
# The shift is below 0.01° everywhere in the box: a GCJ-02 point farther out cannot stem from inside it.
LARGEST_SHIFT_DEGREES: Final = 0.02
BAIDU_ANGULAR_FREQUENCY: Final = np.pi * 3000.0 / 180.0

# A ten-thousandth of a millimetre on the ground: far below the promised millimetre, far above float64 noise.
ITERATION_TOLERANCE_DEGREES: Final = 1e-12
MAXIMUM_ITERATIONS: Final = 30

# The Arctic box that Chinese coordinates land in when latitude is written first. Nobody delivers there.
SWAPPED_LONGITUDES: Final = (3.0, 54.0)
SWAPPED_LATITUDES: Final = (73.0, 136.0)

SUSPICIOUS_SHARE_OUTSIDE: Final = 0.001
CLEARLY_BETTER_RATIO: Final = 0.1
FEWEST_POINTS_OUTSIDE: Final = 3

CoordinateReason = Literal["not-finite", "swapped", "out-of-range"]


class CoordinateError(ValueError):
    """Coordinates that cannot be degrees on the Earth, or are plainly in the wrong order.

    `reason` is stable for programs; `detail` is a sentence that names the offending point.
    """

    def __init__(self, reason: CoordinateReason, detail: str) -> None:
        super().__init__(detail)
        self.reason: CoordinateReason = reason
        self.detail = detail


def check_points(points: Points) -> None:
    """Judge an (n, 2) array of longitude, latitude in degrees; the first bad point is named, counted from 0.

    Raises CoordinateError: `not-finite`, `swapped` (latitude first) or `out-of-range`.
    """
    if points.ndim != 2 or points.shape[1] != 2:
        raise ValueError(f"points must have shape (n, 2), not {points.shape}")
    finite = np.isfinite(points).all(axis=1)
    if not finite.all():
        index = int(np.argmin(finite))
        raise CoordinateError("not-finite", f"point {index}: {_written(points[index])} is not a pair of finite numbers")
    longitude, latitude = points[:, 0], points[:, 1]
    swapped = _within(longitude, SWAPPED_LONGITUDES) & _within(latitude, SWAPPED_LATITUDES)
    outside = (np.abs(longitude) > 180.0) | (np.abs(latitude) > 90.0)
    wrong = swapped | outside
    if wrong.any():
        index = int(np.argmax(wrong))
        raise _range_error(index, points[index], bool(swapped[index]))


def convert(points: Points, source: Datum, target: Datum) -> Points:
    """Carry an (n, 2) array of longitude, latitude in degrees from one datum to another; a new array comes back.

    Outside the box 72.004–137.8347° E, 0.8293–55.8271° N, GCJ-02 equals WGS-84; within some 700 m of that box's edge
    (nowhere in China) the inverse is ambiguous and the shifted reading wins. Round trips hold to less than 1 mm.

    Raises ValueError for an unknown datum and CoordinateError (a ValueError) for impossible coordinates.
    """
    _check_datum(source)
    _check_datum(target)
    values = np.array(points, dtype=np.float64)
    check_points(values)
    for step in _path(_canonical(source), _canonical(target)):
        values = step(values)
    return values


@dataclass(frozen=True, slots=True)
class DatumSuspicion:
    """Another datum than the declared one puts the shapes clearly better inside the city.

    The shares (0…1) are of area for polygons and of points for points, lying outside the city's outline.
    """

    declared: Datum
    likely: Datum
    declared_outside: float
    likely_outside: float


def suspect_datum(
    shapes: Sequence[Polygon | MultiPolygon] | MultiPoint,
    declared: Datum,
    city_outline: Polygon | MultiPolygon,
    city_datum: Datum,
) -> DatumSuspicion | None:
    """Tell whether imported shapes were probably drawn in another datum than the file declares.

    `shapes` are as written in the file, not yet converted: zone polygons, or a MultiPoint of sites or centroids.
    `city_outline` is in `city_datum`. Suspicion needs both: more than 0.1 % of the shapes lies outside the outline as
    declared (for points also at least three of them), and another datum leaves at most a tenth of that outside.
    Shapes far inside the outline fit under every datum, so None means "no sign of an error", not "proven right".

    Raises ValueError for an unknown datum and CoordinateError for impossible coordinates.
    """
    _check_datum(declared)
    _check_datum(city_datum)
    are_points = isinstance(shapes, MultiPoint)
    parts: NDArray[np.object_] = np.array(list(shapes.geoms) if are_points else list(shapes), dtype=object)
    if parts.size == 0:
        return None
    candidates: tuple[Datum, ...] = ("gcj02", "wgs84", "bd09")
    outside: dict[Datum, float] = {
        datum: _share_outside(parts, datum, city_outline, city_datum) for datum in candidates
    }
    as_declared = outside[_canonical(declared)]
    likely = min(candidates, key=lambda candidate: outside[candidate])
    enough = SUSPICIOUS_SHARE_OUTSIDE
    if are_points:
        enough = max(enough, (FEWEST_POINTS_OUTSIDE - 0.5) / len(parts))
    if as_declared <= enough or outside[likely] > CLEARLY_BETTER_RATIO * as_declared:
        return None
    return DatumSuspicion(declared, likely, as_declared, outside[likely])


def _share_outside(
    parts: NDArray[np.object_], datum: Datum, outline: Polygon | MultiPolygon, city_datum: Datum
) -> float:
    """Share of the parts' area (or number, for points) outside the outline.

    Areas stay in square degrees: within one city the cosine of latitude cancels in the share.
    """

    def place(points: Points) -> Points:
        return convert(points, datum, city_datum)

    placed: NDArray[np.object_] = shapely.transform(parts, place)
    if all(part.geom_type == "Point" for part in parts):
        shapely.prepare(outline)
        covered: NDArray[np.bool_] = shapely.covers(outline, placed)
        return float(1.0 - covered.mean())
    # A valid polygon may cross itself by a hair once its vertices are moved.
    mended: NDArray[np.object_] = shapely.make_valid(placed)
    total = float(shapely.area(mended).sum())
    beyond = float(shapely.area(shapely.difference(mended, outline)).sum())
    return beyond / total if total > 0.0 else 0.0


def _check_datum(datum: str) -> None:
    if datum not in DATUMS:
        raise ValueError(f"unknown datum {datum!r}; known are {', '.join(DATUMS)}")


def _canonical(datum: Datum) -> Datum:
    return "wgs84" if datum == "cgcs2000" else datum


def _path(source: Datum, target: Datum) -> list[Callable[[Points], Points]]:
    """The steps between two canonical datums; all lie on the line wgs84 – gcj02 – bd09."""
    line: list[Datum] = ["wgs84", "gcj02", "bd09"]
    forward = [_gcj02_from_wgs84, _bd09_from_gcj02]
    backward = [_wgs84_from_gcj02, _gcj02_from_bd09]
    start, end = line.index(source), line.index(target)
    return forward[start:end] if start <= end else backward[end:start][::-1]


def _gcj02_from_wgs84(points: Points) -> Points:
    inside = _in_china(points, margin=0.0)
    shifted = points.copy()
    shifted[inside] += _gcj02_shift(points[inside])
    return shifted


def _wgs84_from_gcj02(points: Points) -> Points:
    near = _in_china(points, margin=LARGEST_SHIFT_DEGREES)
    guess = _solve(points[near], lambda values: values + _gcj02_shift(values))
    unshifted = points.copy()
    unshifted[near] = np.where(_in_china(guess, margin=0.0)[:, np.newaxis], guess, points[near])
    return unshifted


def _gcj02_shift(points: Points) -> Points:
    """The shift (n, 2) in degrees that GCJ-02 adds to WGS-84."""
    east, north = points[:, 0] - 105.0, points[:, 1] - 35.0
    pi = np.pi
    ripple = (20.0 * np.sin(6.0 * pi * east) + 20.0 * np.sin(2.0 * pi * east)) * 2.0 / 3.0
    root = np.sqrt(np.abs(east))
    eastward = 300.0 + east + 2.0 * north + 0.1 * east * east + 0.1 * east * north + 0.1 * root + ripple
    eastward += (20.0 * np.sin(pi * east) + 40.0 * np.sin(pi * east / 3.0)) * 2.0 / 3.0
    eastward += (150.0 * np.sin(pi * east / 12.0) + 300.0 * np.sin(pi * east / 30.0)) * 2.0 / 3.0
    northward = -100.0 + 2.0 * east + 3.0 * north + 0.2 * north * north + 0.1 * east * north + 0.2 * root + ripple
    northward += (20.0 * np.sin(pi * north) + 40.0 * np.sin(pi * north / 3.0)) * 2.0 / 3.0
    northward += (160.0 * np.sin(pi * north / 12.0) + 320.0 * np.sin(pi * north / 30.0)) * 2.0 / 3.0
    latitude = np.radians(points[:, 1])
    flattening = 1.0 - KRASOVSKY_ECCENTRICITY_SQUARED * np.sin(latitude) ** 2
    across = KRASOVSKY_SEMI_MAJOR_AXIS_METRES / np.sqrt(flattening) * np.cos(latitude)
    along = KRASOVSKY_SEMI_MAJOR_AXIS_METRES * (1.0 - KRASOVSKY_ECCENTRICITY_SQUARED) / flattening**1.5
    return np.degrees(np.column_stack((eastward / across, northward / along)))


def _bd09_from_gcj02(points: Points) -> Points:
    longitude, latitude = points[:, 0], points[:, 1]
    radius = np.hypot(longitude, latitude) + 0.00002 * np.sin(latitude * BAIDU_ANGULAR_FREQUENCY)
    angle = np.arctan2(latitude, longitude) + 0.000003 * np.cos(longitude * BAIDU_ANGULAR_FREQUENCY)
    return np.column_stack((radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006))


def _gcj02_from_bd09(points: Points) -> Points:
    return _solve(points, _bd09_from_gcj02)


def _solve(wanted: Points, forward: Callable[[Points], Points]) -> Points:
    """Find the points that `forward` carries to `wanted`, by correcting a guess with what it still misses."""
    guess = wanted
    for _ in range(MAXIMUM_ITERATIONS):
        missing = wanted - forward(guess)
        guess = guess + missing
        if missing.size == 0 or float(np.abs(missing).max()) < ITERATION_TOLERANCE_DEGREES:
            break
    return guess


def _in_china(points: Points, margin: float) -> NDArray[np.bool_]:
    longitudes = (CHINA_LONGITUDES[0] - margin, CHINA_LONGITUDES[1] + margin)
    latitudes = (CHINA_LATITUDES[0] - margin, CHINA_LATITUDES[1] + margin)
    return _within(points[:, 0], longitudes) & _within(points[:, 1], latitudes)


def _within(values: Points, bounds: tuple[float, float]) -> NDArray[np.bool_]:
    return (values >= bounds[0]) & (values <= bounds[1])


def _range_error(index: int, point: Points, swapped: bool) -> CoordinateError:
    hint = "; longitude and latitude look swapped (longitude comes first)"
    if swapped:
        return CoordinateError("swapped", f"point {index}: {_written(point)}{hint}")
    detail = f"point {index}: {_written(point)} is outside longitude −180…180, latitude −90…90"
    # A latitude beyond the pole whose partner would pass for one: the pair was most likely written the other way round.
    if abs(point[1]) > 90.0 and abs(point[1]) <= 180.0 and abs(point[0]) <= 90.0:
        return CoordinateError("swapped", detail + hint)
    return CoordinateError("out-of-range", detail)


def _written(point: Points) -> str:
    return f"({float(point[0]):.6g}, {float(point[1]):.6g})"
