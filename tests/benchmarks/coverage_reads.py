"""Time at the server of zone rows and the worst tile, after one million and ten million handouts.

`python -m tests.benchmarks.coverage_reads [--raw] [--only 1000000] [--zones 10000]` builds a city of 144 zones and some
60,000 cells in an embedded PostgreSQL in a temporary folder. Tallies are written as recording that many handouts over 100 days would
leave them; `--raw` also writes the handouts themselves (one million take about a minute). Every request goes through
the whole application (sign-in, SQL, figures, JSON or tile, compression) without a socket; medians of 30.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import shapely

from dispatch.app import create_app
from dispatch.database import Database
from dispatch.database.embedded import embedded_postgres
from dispatch.database.migrate import migrate
from dispatch.geo.cells import Cells, cells_of_polygon, centres
from dispatch.geo.tiles import prepare_cells, resolution_for_zoom
from dispatch.settings import Settings
from tests.make import Make

CITY, SIDE, CELLS, DAYS, RUNS = 99, 12, 60_000, 100, 30
OUTLETS, CHANNELS = 1152, ("with_parcel", "in_person", "with_meal")
WEST, SOUTH, EAST, NORTH = 104.0, 36.5, 104.92, 37.22
NOW = datetime(2027, 6, 22, 4, 0, tzinfo=UTC)
SETTINGS = Settings(
    secret="benchmark-secret-benchmark-secret-!!", secure_cookie=False, refused_retry_seconds=0, estimate_seconds=0
)
ZONES_LIMIT, TILE_LIMIT = 15.0, 60.0


class Ground:
    """Ids of what stands still: the city, its zones, outlets and cells."""

    zones: list[UUID]
    outlets_a_zone: int
    outlets: list[UUID]
    cells: Cells
    owner: list[int]


async def build_ground(make: Make, side: int) -> Ground:
    """Square zones, 60,000 cells given to them by position, eight outlets for each of 144 zones (one, if there are many)."""
    ground = Ground()
    ground.outlets_a_zone = max(1, OUTLETS // side**2)
    await make.city(CITY)
    cells = cells_of_polygon(shapely.box(WEST, SOUTH, EAST, NORTH))[:CELLS]
    middle = centres(cells)
    column = np.clip(((middle[:, 0] - WEST) / (EAST - WEST) * side).astype(int), 0, side - 1)
    row = np.clip(((middle[:, 1] - SOUTH) / (NORTH - SOUTH) * side).astype(int), 0, side - 1)
    ground.cells, ground.owner = cells, (row * side + column).tolist()
    ground.zones = [make.id() for _ in range(side * side)]
    for number, zone_id in enumerate(ground.zones):
        west, south = WEST + number % side * (EAST - WEST) / side, SOUTH + number // side * (NORTH - SOUTH) / side
        shape = shapely.box(west, south, west + (EAST - WEST) / side, south + (NORTH - SOUTH) / side)
        await make.insert(
            "zone", city_id=CITY, zone_id=zone_id, code=f"990101{number:05d}", name=f"片区{number}", households=8736,
            division_code=f"9901{number % 8:02d}", population=25_000, boundary=shapely.to_wkb(shapely.segmentize(shape, 0.001)),
            area_square_metres=4e7, created_at=NOW, changed_at=NOW,
        )  # fmt: skip
    owners = [ground.zones[owner] for owner in ground.owner]
    await make.fetch(
        "insert into zone_cell (city_id, cell, zone_id, households)"
        " select $1, c, z, (20 + abs(c / 64 % 900))::int from unnest($2::bigint[], $3::uuid[]) u(c, z)",
        CITY, cells.tolist(), owners,
    )  # fmt: skip
    partners = [await make.partner(CITY) for _ in range(11)]
    ground.outlets = [
        await make.outlet(CITY, partners[number % 11]) for number in range(ground.outlets_a_zone * len(ground.zones))
    ]
    return ground


async def build_campaign(make: Make, ground: Ground, handouts: int, raw: bool) -> tuple[UUID, int]:
    """A campaign whose tallies hold `handouts` handouts of one copy; its id and the number of its day rows."""
    campaign = await make.campaign(CITY)
    material = await make.material(CITY, campaign)
    places = len(ground.outlets)
    per_row = -(-handouts // (places * DAYS * len(CHANNELS)))
    zones_of_outlets = [ground.zones[number // ground.outlets_a_zone] for number in range(places)]
    days = [date(2027, 3, 15) + timedelta(days=day) for day in range(DAYS)]
    # Few handouts leave a row on some days only; the rows are bounded by outlets × days × channels.
    every = max(1, places * DAYS * len(CHANNELS) // handouts)
    await make.fetch(
        "insert into zone_day_tally (city_id, campaign_id, zone_id, day, known_on, outlet_id, material_id, channel, copies)"
        " select $1, $2, z, d, d, o, $3, c, $4 from unnest($5::uuid[], $6::uuid[]) with ordinality u(z, o, n)"
        " cross join unnest($7::date[]) d cross join unnest($8::text[]) c where (n + (d - date '2027-01-01')) % $9 = 0",
        CITY, campaign, material, per_row * every, zones_of_outlets, ground.outlets, days, list(CHANNELS), every,
    )  # fmt: skip
    await make.fetch(
        "insert into zone_tally (city_id, campaign_id, zone_id, material_id, channel, copies, revision)"
        " select $1, $2, zone_id, material_id, channel, sum(copies), count(*) from zone_day_tally"
        " where city_id = $1 and campaign_id = $2 group by zone_id, material_id, channel",
        CITY, campaign,
    )  # fmt: skip
    await make.fetch(
        "insert into cell_tally (city_id, campaign_id, cell, copies, in_person)"
        " select $1, $2, c, $4 + abs(c / 64 % 50), $4 / 3 from unnest($3::bigint[]) c",
        CITY, campaign, ground.cells.tolist(), handouts // CELLS,
    )  # fmt: skip
    if raw:
        await write_handouts(make, ground, campaign, material, handouts)
    await make.fetch("analyze")
    return campaign, await make.value(
        "select count(*) from zone_day_tally where city_id = $1 and campaign_id = $2", CITY, campaign
    )


async def write_handouts(make: Make, ground: Ground, campaign: UUID, material: UUID, handouts: int) -> None:
    """The handouts themselves, a hundred thousand at a time, so that no statement runs into its limit."""
    owners = [ground.zones[owner] for owner in ground.owner]
    for start in range(0, handouts, 100_000):
        await make.fetch(
            "insert into handout (city_id, id_day, handout_id, campaign_id, zone_id, cell, outlet_id, holder_id, holder_kind,"
            " material_id, channel, copies, day, handed_out_at, received_at)"
            " select $1, date '2027-03-15' + n % 100, gen_random_uuid(), $2, ($5::uuid[])[1 + n % $7], ($6::bigint[])[1 + n % $7],"
            " ($4::uuid[])[1 + n % $8], ($4::uuid[])[1 + n % $8], 'outlet', $3, 'with_parcel', 1, date '2027-03-15' + n % 100,"
            " $9, $9 from generate_series($10::int, $11::int) n",
            CITY, campaign, material, ground.outlets, owners[:5000], ground.cells[:5000].tolist(), 5000,
            len(ground.outlets), NOW, start, min(handouts, start + 100_000) - 1,
        )  # fmt: skip


class Client:
    """Asks the application as a server would, without a socket and without a client's own work."""

    def __init__(self, app: Any, headers: dict[str, str]) -> None:
        self._app = app
        self._headers = [(key.encode(), value.encode()) for key, value in headers.items()]

    async def get(
        self, path: str, query: str = "", extra: tuple[tuple[bytes, bytes], ...] = ()
    ) -> tuple[int, bytes, Any]:
        """Status, body as sent, headers."""
        sent: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        scope: dict[str, Any] = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http", "path": path,
            "raw_path": path.encode(), "query_string": query.encode(), "root_path": "", "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 80), "headers": [*self._headers, *extra],
        }  # fmt: skip
        await self._app(scope, receive, send)
        return sent[0]["status"], b"".join(message["body"] for message in sent[1:]), dict(sent[0]["headers"])

    async def median(self, path: str, query: str = "", *, runs: int = RUNS, known: bool = False) -> tuple[float, int]:
        """Milliseconds (median of `runs`) and bytes sent. `known`: the client has the answer already."""
        status, body, headers = await self.get(path, query)
        assert status in (200, 204), (status, body[:200])
        extra = ((b"if-none-match", headers[b"etag"]),) if known else ()
        taken: list[float] = []
        for _ in range(runs):
            start = time.perf_counter()
            status, body, _ = await self.get(path, query, extra)
            taken.append((time.perf_counter() - start) * 1000)
        assert status == (304 if known else status)
        return statistics.median(taken), len(body)


def fullest_tiles(cells: Cells) -> Iterator[tuple[int, int, int]]:
    """At every zoom the tile in which most cells begin."""
    for zoom in range(5, 15):
        resolution = resolution_for_zoom(zoom)
        bounds = (
            prepare_cells(cells).bounds
            if resolution == 9
            else prepare_cells(cells[:: 7 if resolution == 8 else 49]).bounds
        )
        tiles = np.floor(bounds[:2] * 2**zoom).astype(np.int64)
        found, count = np.unique(tiles, axis=1, return_counts=True)
        x, y = found[:, int(np.argmax(count))].tolist()
        yield zoom, x, y


async def measure(
    database: Database, headers: dict[str, str], campaign: UUID, tiles: list[tuple[int, int, int]]
) -> None:
    """Print the times of one campaign."""
    app = create_app(SETTINGS, database, lambda: NOW)
    address = f"/api/campaigns/{campaign}/coverage"
    async with app.lifespan():
        client = Client(app, headers | {"accept-encoding": "gzip"})
        rows, size = await client.median(f"{address}/zones")
        print(
            f"  zone rows: {rows:.1f} ms, {size / 1024:.1f} KiB (limit {ZONES_LIMIT:.0f} ms: {verdict(rows, ZONES_LIMIT)})"
        )
        spent, _ = await client.median(f"{address}/zones", known=True)
        print(f"  zone rows, 304: {spent:.1f} ms")
        worst = (0.0, 0, (0, 0, 0))
        for zoom, x, y in tiles:
            start = time.perf_counter()
            await client.get(f"{address}/tiles/{zoom}/{x}/{y}.mvt")
            first = (time.perf_counter() - start) * 1000
            spent, size = await client.median(f"{address}/tiles/{zoom}/{x}/{y}.mvt")
            print(f"    tile {zoom}/{x}/{y}: {spent:.1f} ms, {size / 1024:.1f} KiB, the first {first:.0f} ms")
            worst = max(worst, (spent, size, (zoom, x, y)))
        print(
            f"  worst tile: {worst[0]:.1f} ms at zoom {worst[2][0]} (limit {TILE_LIMIT:.0f} ms: {verdict(worst[0], TILE_LIMIT)})"
        )
        zoom, x, y = tiles[5]
        for name, path, query in (
            ("zone tile", f"/zone-tiles/{zoom}/{x}/{y}.mvt", ""), ("summary", "", ""), ("gaps", "/gaps", ""),
            ("channels", "/channels", ""), ("zone rows as of day 50", "/zones", "as_of=2027-05-03"),
            ("days", "/days", ""), ("waves", "/waves", ""), ("partners", "/partners", ""), ("60,000 cells", "/cells", "limit=60000"),
        ):  # fmt: skip
            spent, size = await client.median(f"{address}{path}", query, runs=7)
            print(f"  {name}: {spent:.1f} ms, {size / 1024:.1f} KiB")


def verdict(spent: float, limit: float) -> str:
    return "kept" if spent < limit else "NOT KEPT"


async def run(url: str, sizes: list[int], raw: bool, side: int) -> None:
    """Build and measure, one size after the other in the same database."""
    await migrate(url)
    database = await Database.open(url, statement_timeout_seconds=300)
    try:
        make = Make(database, NOW)
        ground = await build_ground(make, side)
        headers = await make.planner(CITY)
        tiles = list(fullest_tiles(ground.cells))
        for handouts in sizes:
            start = time.perf_counter()
            campaign, day_rows = await build_campaign(make, ground, handouts, raw)
            print(
                f"{handouts:,} handouts ({'raw rows and ' if raw else ''}tallies, {day_rows:,} day rows, built in"
                f" {time.perf_counter() - start:.0f} s), {len(ground.zones)} zones, {len(ground.cells):,} cells:"
            )
            await measure(database, headers, campaign, tiles)
    finally:
        await database.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--raw", action="store_true", help="also write the handouts themselves")
    parser.add_argument("--only", type=int, help="measure this many handouts only")
    parser.add_argument("--zones", type=int, default=SIDE**2, help="a square number; the limits are those of 144")
    chosen = parser.parse_args()
    sizes = [chosen.only] if chosen.only else [1_000_000, 10_000_000]
    with (
        tempfile.TemporaryDirectory(prefix="dispatch-benchmark-", ignore_cleanup_errors=True) as folder,
        embedded_postgres(Path(folder)) as url,
    ):
        asyncio.run(run(url, sizes, chosen.raw, round(chosen.zones**0.5)))


if __name__ == "__main__":
    main()
