"""The operator's base map: none by default; with a datum and an approval number or not at all; never over zones of another
datum; its file given out in parts."""

import gzip
import struct
import zlib
from pathlib import Path

import httpx
import msgspec
import pytest

from dispatch.app import create_app
from dispatch.base_map.ground import check_datum, ground_of
from dispatch.database import Database
from dispatch.settings import Settings, SettingsError, read_settings
from dispatch.web.routes import HEADERS, headers_with
from tests.conftest import NOW, SETTINGS, Clock, serving
from tests.make import Make, World

NUMBER = "GS(2024)0650号"
TEMPLATE = "https://tiles.example.cn/wmts?z={z}&x={x}&y={y}"


def picture(red: int, green: int, blue: int, side: int = 256) -> bytes:
    """A square of one colour with a darker frame, as PNG."""
    rows: list[bytes] = []
    for y in range(side):
        frame = y in (0, side - 1)
        edge, inside = bytes((90, 90, 90)), bytes((red, green, blue))
        rows.append(b"\0" + (edge * side if frame else edge + inside * (side - 2) + edge))

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"".join(rows))) + chunk(b"IEND", b"")


def varint(number: int) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])


def pmtiles(path: Path, content: bytes, kind: int = 2, zooms: tuple[int, int] = (0, 14)) -> Path:
    """A PMTiles file (version 3) with one picture everywhere, from the whole world down to the last zoom."""
    tiles = (4 ** (zooms[1] + 1) - 1) // 3
    # One entry, run over all tiles: count, then deltas of ids, run lengths, lengths, offsets + 1.
    directory = gzip.compress(varint(1) + varint(0) + varint(tiles) + varint(len(content)) + varint(1))
    metadata = gzip.compress(b"{}")
    root, rest = 127, 127 + len(directory)
    head = b"PMTiles\x03" + struct.pack(
        "<11Q", root, len(directory), rest, len(metadata), rest + len(metadata), 0, rest + len(metadata), len(content),
        tiles, 1, 1,
    )  # fmt: skip
    head += struct.pack("<6B", 1, 2, 1, kind, zooms[0], zooms[1])[:3] + struct.pack("<3B", kind, *zooms)
    head += struct.pack("<4iB2i", -1800000000, -850000000, 1800000000, 850000000, 10, 1170000000, 400000000)
    path.write_bytes(head.ljust(127, b"\0") + directory + metadata + content)
    return path


def with_base_map(base_map: str, datum: str = "gcj02", number: str = NUMBER) -> Settings:
    return msgspec.structs.replace(
        SETTINGS, base_map=base_map, base_map_datum=datum, base_map_approval_no=number, base_map_max_zoom=17
    )


async def test_without_a_setting_there_is_no_base_map_and_nothing_comes_from_elsewhere(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    planner = await make.planner(world.city_id)
    assert (await api.get("/api/me", headers=planner)).json()["base_map"] is None
    refused = await api.get("/api/base-map.pmtiles", headers={**planner, "range": "bytes=0-126"})
    assert (refused.status_code, refused.json()["type"]) == (404, "/problems/not-found")
    assert headers_with("") == HEADERS


@pytest.mark.parametrize(
    ("missing", "variable"),
    [("base_map_datum", "DISPATCH_BASE_MAP_DATUM"), ("base_map_approval_no", "DISPATCH_BASE_MAP_APPROVAL_NO")],
)
def test_a_base_map_without_its_datum_or_its_approval_number_stops_the_start(missing: str, variable: str) -> None:
    settings = msgspec.structs.replace(with_base_map(TEMPLATE), **{missing: ""})
    with pytest.raises(SettingsError, match=variable):
        create_app(settings)


@pytest.mark.parametrize("number", ["GS(2024)0650号", "GS京（2022）0098号", "京S(2024)023号", "苏S[2021]024号"])
def test_an_approval_number_is_taken_as_it_is_printed(number: str) -> None:
    assert read_settings({"DISPATCH_BASE_MAP_APPROVAL_NO": number}).base_map_approval_no == number


@pytest.mark.parametrize("number", ["none", "GS 2024 0650", "(2024)号"])
def test_what_is_no_approval_number_is_refused_by_name(number: str) -> None:
    with pytest.raises(SettingsError, match="DISPATCH_BASE_MAP_APPROVAL_NO"):
        read_settings({"DISPATCH_BASE_MAP_APPROVAL_NO": number})


@pytest.mark.parametrize(
    "base_map",
    [
        "https://tiles.example.cn/{z}/{x}.png", "https://tiles.example.cn/{z}/{x}/{y}/{s}.png", "ftp://a/{z}/{x}/{y}",
        "https://user:word@tiles.example.cn/{z}/{x}/{y}", "https://a.cn/{z}/{x}/{y}; script-src *", "tiles/{z}/{x}/{y}",
        "https:///{z}/{x}/{y}", "https://*.cn/{z}/{x}/{y}", "/nowhere/at/all.pmtiles",
    ],
)  # fmt: skip
def test_what_is_neither_a_file_nor_a_template_of_one_server_stops_the_start(base_map: str) -> None:
    with pytest.raises(SettingsError, match="DISPATCH_BASE_MAP:"):
        ground_of(with_base_map(base_map))


def test_a_file_of_vector_tiles_and_one_of_anything_else_stop_the_start(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="holds no pictures"):
        ground_of(with_base_map(str(pmtiles(tmp_path / "vector.pmtiles", b"x", kind=1))))
    (tmp_path / "other.pmtiles").write_bytes(b"PK" * 200)
    with pytest.raises(SettingsError, match="no PMTiles file"):
        ground_of(with_base_map(str(tmp_path / "other.pmtiles")))


async def test_a_base_map_in_another_datum_than_a_citys_zones_stops_the_start(clone: Database) -> None:
    await Make(clone, NOW).city(99)
    ground = ground_of(with_base_map(TEMPLATE, "wgs84"))
    assert ground is not None
    with pytest.raises(SettingsError, match="in wgs84, but 云川市 keeps its zones in gcj02"):
        await check_datum(clone.url, ground)
    agreeing = ground_of(with_base_map(TEMPLATE, "gcj02"))
    assert agreeing is not None
    await check_datum(clone.url, agreeing)


async def test_a_template_lets_in_its_one_server_and_no_other(
    database: Database, clock: Clock, make: Make, world: World
) -> None:
    async with serving(database, clock, with_base_map(TEMPLATE)) as (api, app):
        told = (await api.get("/api/me", headers=await make.planner(world.city_id))).json()["base_map"]
        assert told == {
            "kind": "raster", "address": TEMPLATE, "datum": "gcj02", "approval_no": NUMBER, "min_zoom": 0, "max_zoom": 17,
        }  # fmt: skip
        headers = headers_with(app.state.ground.origin)
    policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
    assert policy["img-src"] == "'self' https://tiles.example.cn data: blob:"
    assert policy["connect-src"] == "'self' https://tiles.example.cn"
    assert headers["content-security-policy"].count("tiles.example.cn") == 2


async def test_riders_and_cities_of_another_datum_get_no_base_map(
    database: Database, clock: Clock, make: Make, world: World
) -> None:
    other = await make.planner(await make.city(41))
    await make.fetch("update city set datum = 'wgs84' where city_id = 41 returning code")
    async with serving(database, clock, with_base_map(TEMPLATE)) as (api, _):
        for headers in (await make.rider_session(world.city_id, world.riders[0]), other):
            assert (await api.get("/api/me", headers=headers)).json()["base_map"] is None


async def test_a_file_is_given_out_in_parts_and_never_as_a_whole(
    database: Database, clock: Clock, make: Make, world: World, tmp_path: Path
) -> None:
    file = pmtiles(tmp_path / "city.pmtiles", picture(200, 210, 220))
    content = file.read_bytes()
    async with serving(database, clock, with_base_map(str(file))) as (api, app):
        assert app.state.ground.origin == ""
        planner = await make.planner(world.city_id)
        told = (await api.get("/api/me", headers=planner)).json()["base_map"]
        assert (told["kind"], told["address"], told["max_zoom"]) == ("pmtiles", "/api/base-map.pmtiles", 14)
        assert str(tmp_path) not in str(told)
        part = await api.get(told["address"], headers={**planner, "range": "bytes=0-126"})
        assert (part.status_code, part.content) == (206, content[:127])
        assert part.headers["content-range"] == f"bytes 0-126/{len(content)}"
        beyond = await api.get(told["address"], headers={**planner, "range": f"bytes=100-{10 * len(content)}"})
        assert (beyond.status_code, beyond.content) == (206, content[100:])
        again = await api.get(told["address"], headers={**planner, "if-none-match": part.headers["etag"]})
        assert again.status_code == 304
        for asked in (
            "",
            "bytes=-5",
            "bytes=5-",
            "bytes=9-3",
            f"bytes={len(content)}-{len(content) + 5}",
            "bytes=0-1,4-5",
        ):
            refused = await api.get(told["address"], headers={**planner, "range": asked})
            assert (refused.status_code, refused.json()["type"]) == (416, "/problems/range-needed"), asked
