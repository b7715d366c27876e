"""The operator's base map: none by default; with a datum and an approval number or not at all; never over zones of another
datum; its file given out in parts."""

from pathlib import Path

import httpx
import msgspec
import pytest

from dispatch.app import create_app
from dispatch.base_map.source import check_datum, source_of
from dispatch.database import Database
from dispatch.settings import SettingsError, read_settings
from dispatch.web.routes import HEADERS, headers_with
from tests.base_map.made import NUMBER, TEMPLATE, picture, pmtiles, with_base_map
from tests.conftest import NOW, Clock, serving
from tests.make import Make, World


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
        source_of(with_base_map(base_map))


def test_a_file_of_vector_tiles_and_one_of_anything_else_stop_the_start(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="holds no pictures"):
        source_of(with_base_map(str(pmtiles(tmp_path / "vector.pmtiles", b"x", kind=1))))
    (tmp_path / "other.pmtiles").write_bytes(b"PK" * 200)
    with pytest.raises(SettingsError, match="no PMTiles file"):
        source_of(with_base_map(str(tmp_path / "other.pmtiles")))


async def test_a_base_map_in_another_datum_than_a_citys_zones_stops_the_start(clone: Database) -> None:
    await Make(clone, NOW).city(99)
    source = source_of(with_base_map(TEMPLATE, "wgs84"))
    assert source is not None
    with pytest.raises(SettingsError, match="in wgs84, but 云川市 keeps its zones in gcj02"):
        await check_datum(clone.url, source)
    agreeing = source_of(with_base_map(TEMPLATE, "gcj02"))
    assert agreeing is not None
    await check_datum(clone.url, agreeing)


async def test_a_template_lets_in_its_one_server_and_no_other(
    database: Database, clock: Clock, make: Make, world: World
) -> None:
    async with serving(database, clock, with_base_map(TEMPLATE)) as (api, app):
        shown = (await api.get("/api/me", headers=await make.planner(world.city_id))).json()["base_map"]
        assert shown == {
            "kind": "raster", "address": TEMPLATE, "datum": "gcj02", "approval_no": NUMBER, "min_zoom": 0, "max_zoom": 17,
        }  # fmt: skip
        headers = headers_with(app.state.base_map.origin)
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
        assert app.state.base_map.origin == ""
        planner = await make.planner(world.city_id)
        shown = (await api.get("/api/me", headers=planner)).json()["base_map"]
        assert (shown["kind"], shown["address"], shown["max_zoom"]) == ("pmtiles", "/api/base-map.pmtiles", 14)
        assert str(tmp_path) not in str(shown)
        part = await api.get(shown["address"], headers={**planner, "range": "bytes=0-126"})
        assert (part.status_code, part.content) == (206, content[:127])
        assert part.headers["content-range"] == f"bytes 0-126/{len(content)}"
        beyond = await api.get(shown["address"], headers={**planner, "range": f"bytes=100-{10 * len(content)}"})
        assert (beyond.status_code, beyond.content) == (206, content[100:])
        again = await api.get(shown["address"], headers={**planner, "if-none-match": part.headers["etag"]})
        assert again.status_code == 304
        for asked in (
            "",
            "bytes=-5",
            "bytes=5-",
            "bytes=9-3",
            f"bytes={len(content)}-{len(content) + 5}",
            "bytes=0-1,4-5",
        ):
            refused = await api.get(shown["address"], headers={**planner, "range": asked})
            assert (refused.status_code, refused.json()["type"]) == (416, "/problems/range-needed"), asked
