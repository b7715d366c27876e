"""How long vector tiles take: `python tests/benchmarks/tiles.py`. Prints the best of seven runs; nothing is asserted."""

import time
from collections.abc import Callable

import numpy as np
import shapely

from dispatch.geo.cells import boundary, cells_of_polygon
from dispatch.geo.tiles import CellGeometry, cell_tile, prepare_cells, prepare_zones, zone_tile


def best_milliseconds(work: Callable[[], object], runs: int = 7) -> float:
    taken: list[float] = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return min(taken) * 1000.0


def tile_holding(zoom: int, longitude: float, latitude: float) -> tuple[int, int]:
    x = (longitude + 180.0) / 360.0
    y = 0.5 - np.arcsinh(np.tan(np.radians(latitude))) / (2.0 * np.pi)
    return int(x * 2**zoom), int(y * 2**zoom)


def report(name: str, geometry: CellGeometry, zoom: int) -> None:
    random = np.random.default_rng(7)
    count = len(geometry.cells)
    reach = random.integers(0, 101, count).astype(np.float64)
    reach[random.random(count) < 0.1] = np.nan
    attributes = {
        "reach": reach,
        "households": random.integers(0, 900, count),
        "copies": random.integers(0, 3000, count),
    }
    x, y = tile_holding(zoom, 126.9, 43.6)
    for label, chosen in (("one attribute", {"reach": reach}), ("three attributes", attributes)):
        size = len(cell_tile(zoom, x, y, geometry, chosen))
        spent = best_milliseconds(lambda chosen=chosen: cell_tile(zoom, x, y, geometry, chosen))
        print(f"{name}, zoom {zoom}, {label}: {spent:.1f} ms, {size / 1024:.0f} KiB")


def main() -> None:
    everything = cells_of_polygon(shapely.box(126.0, 43.0, 127.95, 44.35))[:300_000]
    for count in (60_000, 300_000):
        cells = everything[:count]
        outlines = best_milliseconds(lambda cells=cells: boundary(cells), runs=1)
        prepared = best_milliseconds(lambda cells=cells: prepare_cells(cells), runs=1)
        print(f"{count} cells: prepared in {prepared:.0f} ms, once per city (outlines alone {outlines:.0f} ms)")
        geometry = prepare_cells(cells)
        for zoom in (6, 9, 11, 14):
            report(f"{count} cells", geometry, zoom)
    blobs = [
        shapely.Point(126.0 + 0.1 * column, 43.0 + 0.1 * row).buffer(0.055, quad_segs=200)
        for column in range(12)
        for row in range(12)
    ]
    zones = prepare_zones(blobs)
    codes = [f"zone {index:03d}" for index in range(len(blobs))]
    for zoom in (8, 10, 12, 14):
        x, y = tile_holding(zoom, 126.5, 43.5)
        first = best_milliseconds(lambda zoom=zoom, x=x, y=y: zone_tile(zoom, x, y, zones, {"code": codes}), runs=1)
        spent = best_milliseconds(lambda zoom=zoom, x=x, y=y: zone_tile(zoom, x, y, zones, {"code": codes}))
        size = len(zone_tile(zoom, x, y, zones, {"code": codes}))
        print(f"144 zones, zoom {zoom}: {spent:.1f} ms ({first:.1f} the first time), {size / 1024:.1f} KiB")


if __name__ == "__main__":
    main()
