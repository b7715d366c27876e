"""Cells, tiles and files: what is drawn, what may be opened in a spreadsheet, and what is kept in memory."""

import csv
import io
import json
import math
import struct
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import shape

from dispatch.coverage import map as maps
from dispatch.coverage.map_figures import in_sight
from dispatch.coverage.prepared import PreparedCache
from dispatch.coverage.rules import zone_figures
from dispatch.coverage.shown_reach import ZoneTallies
from dispatch.coverage.zone_files import zones_csv
from dispatch.geo.cells import children_range, parent
from dispatch.geo.tiles import prepare_cells
from dispatch.problems import NotFound
from dispatch.tables.cells import guarded
from tests.make import ORIGIN, SIDE, Make, World, square


def url(world: World, path: str) -> str:
    return f"/api/campaigns/{world.campaign}/coverage{path}"


def address(zoom: int, column: float = 0.5, row: float = 0.5) -> tuple[int, int, int]:
    """The tile that holds a place of the test city, counted in zone sides from its corner."""
    longitude, latitude = ORIGIN[0] + column * SIDE, ORIGIN[1] + row * SIDE
    y = 0.5 - math.asinh(math.tan(math.radians(latitude))) / (2 * math.pi)
    return zoom, int((longitude + 180) / 360 * 2**zoom), int(y * 2**zoom)


def tile_path(kind: str, where: tuple[int, int, int]) -> str:
    return f"/{kind}/{where[0]}/{where[1]}/{where[2]}.mvt"


def fields(content: bytes) -> list[tuple[int, Any]]:
    """(number, value) of a protocol buffer's fields: integers, bytes, or eight bytes of a double as a float."""
    found: list[tuple[int, Any]] = []
    at = 0

    def varint() -> int:
        nonlocal at
        value = shift = 0
        while True:
            byte = content[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while at < len(content):
        key = varint()
        if key & 7 == 0:
            found.append((key >> 3, varint()))
            continue
        size = 8 if key & 7 == 1 else varint()
        piece = content[at : at + size]
        at += size
        found.append((key >> 3, struct.unpack("<d", piece)[0] if key & 7 == 1 else piece))
    return found


def packed(content: bytes) -> list[int]:
    """Integers of a packed field, read as fields of an imaginary message with key 0."""
    return [value for byte in [content] for value in _varints(byte)]


def _varints(content: bytes) -> list[int]:
    found, value, shift = list[int](), 0, 0
    for byte in content:
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            found.append(value)
            value = shift = 0
    return found


def decoded(tile: bytes) -> tuple[str, list[dict[str, Any]]]:
    """The layer's name and its features' attributes with their id."""
    ((_, layer),) = fields(tile)
    parts = fields(layer)
    keys = [value.decode() for number, value in parts if number == 3]
    values: list[Any] = []
    for number, value in parts:
        if number == 4:
            ((kind, what),) = fields(value)
            values.append(what.decode() if kind == 1 else what)
    features: list[dict[str, Any]] = []
    for number, value in parts:
        if number == 2:
            feature = dict(fields(value))
            tags = packed(feature[2])
            pairs = zip(tags[::2], tags[1::2], strict=True)
            features.append({"id": feature.get(1, 0), **{keys[key]: values[what] for key, what in pairs}})
    return next(value.decode() for number, value in parts if number == 1), features


async def test_a_tile_holds_the_cells_in_sight_with_their_copies(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    planner = await make.planner(world.city_id)
    await make.tally(world, 0, 90, cell=world.cells[0][0])
    await make.tally(world, 1, 30, cell=world.cells[1][5], channel="in_person")
    answer = await api.get(url(world, tile_path("tiles", address(11))), headers=planner)
    assert answer.headers["content-type"] == "application/vnd.mapbox-vector-tile"
    name, features = decoded(answer.content)
    assert name == "cells"
    assert len(features) == len({feature["id"] for feature in features}) > 80
    assert sorted(feature["copies"] for feature in features)[-2:] == [30, 90]
    households = 6000 // len(world.cells[0])
    (full,) = [feature for feature in features if feature["copies"] == 90]
    assert full["households"] == households
    assert full["reported"] == round(100 * 90 / households)
    assert full["low"] <= full["reported"]
    assert full["class"] in range(1, 6)
    (empty, *_) = [feature for feature in features if feature["copies"] == 0]
    assert empty["class"] == 0  # too few copies to say anything


@pytest.mark.parametrize(("zoom", "resolution"), [(8, 7), (9, 8), (10, 8), (11, 9)])
async def test_coarser_tiles_add_up_the_same_copies_and_households(
    api: httpx.AsyncClient, make: Make, world: World, zoom: int, resolution: int
) -> None:
    planner = await make.planner(world.city_id)
    for zone in range(4):
        for cell in world.cells[zone]:
            await make.tally(world, zone, 7, cell=cell)
    seen: dict[int, dict[str, Any]] = {}
    _, x, y = address(zoom)
    for column in (x - 1, x, x + 1):
        for row in (y - 1, y, y + 1):
            answer = await api.get(url(world, f"/tiles/{zoom}/{column}/{row}.mvt"), headers=planner)
            if answer.status_code == 200:
                seen |= {feature["id"]: feature for feature in decoded(answer.content)[1]}
    every = np.array(sorted(cell for cells in world.cells for cell in cells), dtype=np.int64)
    assert len(seen) == len(np.unique(parent(every, resolution)))
    assert sum(feature["copies"] for feature in seen.values()) == 7 * len(every)
    expected = sum(len(cells) * (6000 // len(cells)) for cells in world.cells)
    assert sum(feature["households"] for feature in seen.values()) == expected


async def test_clickable_tiles_name_their_cells(api: httpx.AsyncClient, make: Make, world: World) -> None:
    answer = await api.get(url(world, tile_path("tiles", address(14))), headers=await make.planner(world.city_id))
    names = {feature["cell"] for feature in decoded(answer.content)[1]}
    assert names & {f"{cell:x}" for cell in world.cells[0]}


async def test_a_districts_tile_has_no_cell_or_copy_of_its_neighbours(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    await make.fetch("update zone set division_code = '990202' where zone_id = $1", world.zones[0])
    district = await make.planner(world.city_id, division_code="9902")
    for zone in range(4):
        for cell in world.cells[zone]:
            await make.tally(world, zone, 10, cell=cell)
    for zoom in (9, 11):
        answer = await api.get(url(world, tile_path("tiles", address(zoom))), headers=district)
        features = decoded(answer.content)[1]
        assert 0 < sum(feature["copies"] for feature in features) <= 10 * len(world.cells[0])
        share = 6000 // len(world.cells[0])
        assert sum(feature["households"] for feature in features) <= share * len(world.cells[0])
        if "cell" in features[0]:
            assert {feature["cell"] for feature in features} <= {f"{cell:x}" for cell in world.cells[0]}
    zones = await api.get(url(world, tile_path("zone-tiles", address(10))), headers=district)
    assert [feature["code"] for feature in decoded(zones.content)[1]] == ["990101000"]


async def test_zone_tiles_carry_the_same_figures_as_the_rows(api: httpx.AsyncClient, make: Make, world: World) -> None:
    planner = await make.planner(world.city_id)
    await make.tally(world, 2, 9000)
    answer = await api.get(url(world, tile_path("zone-tiles", address(10))), headers=planner)
    name, features = decoded(answer.content)
    rows = (await api.get(url(world, "/zones"), headers=planner)).json()["zones"]
    assert name == "zones"
    by_code = {feature["code"]: feature for feature in features}
    for row in rows:
        drawn = by_code[row["code"]]
        assert drawn["copies"] == row["handed_out"]
        assert drawn["low"] == round(100 * row["reach"]["low"])
        assert drawn["gap"] == int(row["gap"])


async def test_an_unchanged_tile_is_not_sent_again_and_an_empty_one_has_no_content(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    planner = await make.planner(world.city_id)
    for kind in ("tiles", "zone-tiles"):
        path = url(world, tile_path(kind, address(12)))
        etag = (await api.get(path, headers=planner)).headers["etag"]
        assert (await api.get(path, headers=planner | {"if-none-match": etag})).status_code == 304
        await make.tally(world, 0, 50, cell=world.cells[0][0])
        answers = [
            await api.get(
                url(world, tile_path(kind, address(12, column, 0.5))), headers=planner | {"if-none-match": etag}
            )
            for column in (0.2, 0.5, 0.8)
        ]
        assert 200 in {answer.status_code for answer in answers}
        empty = await api.get(url(world, f"/{kind}/12/0/0.mvt"), headers=planner)
        assert (empty.status_code, empty.content) == (204, b"")


@pytest.mark.parametrize(
    "path", ["/tiles/3/8/0.mvt", "/tiles/3/0/8.mvt", "/tiles/23/0/0.mvt", "/tiles/3/0/0.png", "/tiles/3/0/-1.mvt",
             "/zone-tiles/3/0/x.mvt", "/tiles/3/0/٣.mvt", "/tiles/-1/0/0.mvt"],
)  # fmt: skip
async def test_there_are_no_tiles_beyond_the_world(api: httpx.AsyncClient, make: Make, world: World, path: str) -> None:
    answer = await api.get(url(world, path), headers=await make.planner(world.city_id))
    assert answer.status_code == 404
    assert answer.json()["type"] == "/problems/not-found"


async def test_cells_come_as_columns_and_say_when_the_limit_cut_them_off(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    planner = await make.planner(world.city_id)
    await make.tally(world, 0, 90, cell=world.cells[0][0], channel="in_person")
    found = (await api.get(url(world, "/cells"), headers=planner)).json()
    assert found["total"] == len(found["cells"]) == sum(len(cells) for cells in world.cells)
    at = found["cells"].index(f"{world.cells[0][0]:x}")
    assert (found["copies"][at], found["in_person"][at]) == (90, 90)
    assert found["reported"][at] == pytest.approx(90 / found["households"][at])
    assert found["reach_low"][at] > 0
    few = (await api.get(url(world, "/cells"), headers=planner, params={"limit": 3})).json()
    assert few["cells"] == found["cells"][:3]
    assert few["total"] == found["total"]
    one = (await api.get(url(world, "/cells"), headers=planner, params={"zone_code": "990101001"})).json()
    assert one["cells"] == [f"{cell:x}" for cell in world.cells[1]]
    coarse = (await api.get(url(world, "/cells"), headers=planner, params={"resolution": 8})).json()
    assert sum(coarse["copies"]) == 90
    assert sum(coarse["households"]) == sum(found["households"])


async def test_geojson_names_its_datum_and_carries_boundaries_and_figures(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    await make.tally(world, 0, 600)
    answer = await api.get(url(world, "/zones.geojson"), headers=await make.planner(world.city_id))
    assert answer.headers["content-type"].startswith("application/geo+json")
    found = json.loads(answer.content)
    assert found["type"] == "FeatureCollection"
    assert found["datum"] == "gcj02"
    first = found["features"][0]
    assert (first["type"], first["id"]) == ("Feature", "990101000")
    assert shape(first["geometry"]).equals(square(0))
    assert first["properties"]["handed_out"] == 600
    assert first["properties"]["as_of"]


async def test_a_zone_with_another_boundary_is_drawn_again(api: httpx.AsyncClient, make: Make, world: World) -> None:
    planner = await make.planner(world.city_id)
    before = (await api.get(url(world, "/zones.geojson"), headers=planner)).json()["features"][0]["geometry"]
    await make.fetch(
        "update zone set boundary = (select boundary from zone where zone_id = $2), changed_at = changed_at + interval '1s'"
        " where zone_id = $1",
        world.zones[0], world.zones[1],
    )  # fmt: skip
    after = (await api.get(url(world, "/zones.geojson"), headers=planner)).json()["features"][0]["geometry"]
    assert shape(before).equals(square(0))
    assert shape(after).equals(square(1))


async def test_the_csv_opens_in_excel_with_title_cut_off_and_words_for_not_applicable(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    await make.fetch(
        "update zone set name = '=HYPERLINK(\"http://x\")', households = null where zone_id = $1", world.zones[0]
    )
    await make.fetch("update city set demonstration = true where city_id = $1", world.city_id)
    await make.tally(world, 0, 40)
    await make.tally(world, 1, 3000, channel="in_person")
    answer = await api.get(url(world, "/zones.csv"), headers=await make.planner(world.city_id))
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="coverage-zones-2027-04-20.csv"'
    assert answer.content.startswith(b"\xef\xbb\xbf")
    lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert lines[0] == ["百日行动 片区覆盖情况（演示数据）"]
    assert lines[1] == ["截止时间：2027年4月20日 10:00"]
    header, first, second = lines[3], lines[4], lines[5]
    assert header[:2] == ["片区代码", "片区名称"]
    row = dict(zip(header, first, strict=True))
    assert row["片区名称"] == '\'=HYPERLINK("http://x")'
    assert row["上报覆盖"] == row["估计触达"] == row["盲区"] == "不适用"
    row = dict(zip(header, second, strict=True))
    assert (row["户数"], row["发放份数"], row["上报覆盖"], row["当面率"]) == ("6000", "3000", "50.0%", "100.0%")
    assert row["截止时间"] == "2027年4月20日 10:00"


@pytest.mark.parametrize("text", ["=1+1", "+86", "-2", "@SUM(A1)", "\tx", "\r=1", "＝1+1", "  =1", "\u3000＋1"])
def test_no_text_runs_as_a_formula(text: str) -> None:
    assert guarded(text) == f"'{text}"


@given(st.text(max_size=20))
def test_no_cell_of_a_file_starts_like_a_formula(name: str) -> None:
    zone = ZoneTallies(zone_id=UUID(int=1), code="990101001", name=name, division_code="990101", households=10)
    rows = zone_figures([zone], 0.6, datetime(2027, 4, 20, tzinfo=UTC), "city")
    content = zones_csv(rows, campaign=name, as_of=datetime(2027, 4, 20, tzinfo=UTC), scope="city", demonstration=False)
    for line in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")):
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) for cell in line)


def test_the_bits_that_make_a_parent_are_those_of_h3(world: World) -> None:
    cells = np.array(world.cells[0], dtype=np.int64)
    for resolution in (7, 8, 9):
        bits = maps.parent_bits(resolution)
        assert ((cells & bits["kept_bits"]) | bits["set_bits"]).tolist() == parent(cells, resolution).tolist()


def test_ranges_hold_every_cell_in_sight(world: World) -> None:
    cells = np.array(sorted(cell for found in world.cells for cell in found), dtype=np.int64)
    geometry = prepare_cells(cells)
    where = address(14)
    lows, highs = maps.ranges_in_sight(geometry, 9, *where)
    seen = cells[in_sight(geometry.bounds, *where)]
    assert 0 < len(seen) < len(cells)
    assert all(any(low <= cell <= high for low, high in zip(lows, highs, strict=True)) for cell in seen.tolist())
    assert lows[0] == children_range(int(parent(seen[:1], 7)[0]))[0]


def test_a_name_that_is_no_tile_is_not_found() -> None:
    assert maps.tile_address(3, 2, "1.mvt") == (3, 2, 1)
    for row in ("1", "1.mvt.gz", ".mvt", "1e1.mvt", "99999999999999.mvt"):
        with pytest.raises(NotFound):
            maps.tile_address(3, 2, row)


async def test_outlines_are_prepared_once_and_the_least_used_are_forgotten() -> None:
    kept: PreparedCache[int] = PreparedCache(2)
    made: list[int] = []

    def prepare(number: int) -> int:
        made.append(number)
        return number

    for key in (1, 2, 1, 3, 1, 2):
        assert await kept.prepared(key, lambda key=key: prepare(key)) == key
    assert made == [1, 2, 3, 2]
    assert len(kept) == 2
