"""Ground for tests about whole cities: a made one for every clone, and where recorded deliveries of Jilin may be found."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

JILIN = Path(os.environ.get("DISPATCH_SHARED", Path(__file__).parents[2] / "shared")) / "data" / "jilin"

needs_jilin = pytest.mark.skipif(
    not (JILIN / "delivery_jl.csv.xz").exists(),
    reason="the recorded deliveries of Jilin are not on this machine; DISPATCH_SHARED names the folder with data/jilin",
)


def made_subdistricts(west: float = 126.4, south: float = 43.7, count: int = 45) -> list[shapely.Polygon]:
    """Subdistricts of a made city, in GCJ-02: as uneven in size and shape as real ones, small in the middle, without gaps,
    within an outline that is no rectangle."""
    chance = np.random.default_rng(45)
    directions = np.linspace(0.0, 2.0 * np.pi, 60, endpoint=False)
    radii = 0.15 + 0.02 * np.sin(5.0 * directions) + 0.02 * chance.random(len(directions))
    outline = shapely.Polygon(np.column_stack((np.cos(directions), np.sin(directions))) * radii[:, None])
    centres = chance.normal(0.0, 0.06, (count, 2)).clip(-0.1, 0.1)
    cells: list[Any] = shapely.get_parts(
        shapely.voronoi_polygons(shapely.MultiPoint(centres), extend_to=outline)
    ).tolist()
    place = np.array([west + 0.2, south + 0.2])
    return [shapely.transform(cell.intersection(outline), lambda points: points + place) for cell in cells]
