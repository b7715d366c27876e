"""Importing zones: a file is taken whole or refused whole, with every reason by row."""

import asyncio
from datetime import date
from typing import Any

import httpx
import msgspec
import pytest
import shapely

from dispatch.database import Database
from dispatch.geo.datum import Datum
from dispatch.geo.polygons import from_wkb, to_geojson
from dispatch.problems import NotFound, Problem
from dispatch.tables.sheets import ImportRefused
from dispatch.zones.imports import create_city, import_zones
from schemas.common import Imported
from tests.jilin import JILIN, made_subdistricts, needs_jilin
from tests.make import Make, World, square
from tests.zones.files import GEOJSON, collection, feature, held, known, reasons


async def send(
    api: httpx.AsyncClient, headers: dict[str, str], document: bytes, query: str = "datum=gcj02"
) -> httpx.Response:
    return await api.post(f"/api/zones/import?{query}", content=document, headers={**headers, **GEOJSON})


async def refused(
    api: httpx.AsyncClient, make: Make, world: World, document: bytes, query: str = "datum=gcj02"
) -> list[tuple[int, str | None, str]]:
    """The reasons of a refusal that changed nothing."""
    before = await held(make)
    answer = await send(api, await make.planner(world.city_id), document, query)
    assert await held(make) == before
    return reasons(answer)


async def test_zones_are_taken_with_all_a_file_says_of_them(api: httpx.AsyncClient, make: Make) -> None:
    city_id = await make.city()
    document = collection(
        feature(
            990101001, square(0), 户数="６,001", 人口=15000.0, 类型="老城区", 行政区划代码="990101", 派出所="东关派出所",
            households_source="户籍", 户数截止日期="2027年3月1日", priority_groups={"elderly": 0.18, "学生": "5%"},
        ),
        feature("990101002", square(1), households=None, colour="red"),
    )  # fmt: skip
    answer = await send(api, await make.planner(city_id), document)
    assert answer.json() == {"created": 2, "changed": 0, "unchanged": 0}
    first, second = (await held(make))["zone"]
    wanted = {
        "code": "990101001", "households": 6001, "population": 15000, "kind": "old_core", "division_code": "990101",
        "police_station": "东关派出所", "households_source": "户籍", "households_as_of": date(2027, 3, 1),
        "priority_groups": {"elderly": 0.18, "students": 0.05},
    }  # fmt: skip
    assert {name: first[name] for name in wanted} == wanted
    assert from_wkb(first["boundary"]).equals_exact(square(0), 1e-8)
    assert first["area_square_metres"] == pytest.approx(3.96e6, rel=0.01)
    assert (second["households"], second["population"], second["kind"]) == (None, None, "other")


async def test_every_cell_has_one_zone_and_the_households_of_a_zone_sum_exactly(
    api: httpx.AsyncClient, make: Make
) -> None:
    city_id = await make.city()
    document = collection(*(feature(f"Z{column}", square(column), households=6001 + column) for column in range(3)))
    await send(api, await make.planner(city_id), document)
    found = await make.fetch(
        "select z.code, sum(c.households)::int as households, max(c.households) - min(c.households) as uneven"
        " from zone z join zone_cell c using (city_id, zone_id) where z.city_id = $1 group by z.code order by z.code",
        city_id,
    )
    assert [(row["code"], row["households"]) for row in found] == [("Z0", 6001), ("Z1", 6002), ("Z2", 6003)]
    assert all(row["uneven"] <= 1 for row in found)


async def test_the_same_file_again_writes_nothing(api: httpx.AsyncClient, make: Make, world: World) -> None:
    headers = await make.planner(world.city_id)
    document = collection(feature("Z8", square(8), households=100), feature("Z9", square(9)))
    await send(api, headers, document)
    before, revision = await held(make), await make.value("select revision from campaign where city_id = 99")
    make.now = make.now.replace(year=2028)
    again = await send(api, headers, document)
    assert again.json() == {"created": 0, "changed": 0, "unchanged": 2}
    assert await held(make) == before
    assert await make.value("select revision from campaign where city_id = 99") == revision


async def test_an_import_gives_every_campaign_of_the_city_a_new_revision(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    await send(api, await make.planner(world.city_id), collection(feature("Z9", square(9))))
    assert await make.value("select revision from campaign where city_id = 99") == 1


@pytest.mark.parametrize("datum", ["gcj02", "wgs84", "cgcs2000", "bd09"])
async def test_coordinates_are_kept_in_the_citys_datum_whatever_the_file_is_in(
    api: httpx.AsyncClient, make: Make, datum: Datum
) -> None:
    city_id = await make.city(datum="gcj02")
    document = collection(feature("Z1", square(0), datum=datum))
    answer = await send(api, await make.planner(city_id), document, f"datum={datum}")
    assert answer.json()["created"] == 1
    boundary = from_wkb((await held(make))["zone"][0]["boundary"])
    assert boundary.hausdorff_distance(square(0)) < 1e-7


async def test_a_known_code_changes_its_zone_and_what_the_file_does_not_say_stays(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    smaller = shapely.box(104.20, 36.90, 104.21, 36.92)
    cells = {row["cell"] for row in (await held(make))["zone_cell"] if row["zone_id"] == world.zones[0]}
    await make.insert("cell_tally", city_id=99, campaign_id=world.campaign, cell=world.cells[0][-1], copies=7)
    answer = await send(api, await make.planner(99), collection(feature("990101000", smaller)))
    assert answer.json() == {"created": 0, "changed": 1, "unchanged": 0}
    zone = await make.fetch("select * from zone where city_id = 99 and code = '990101000'")
    assert (zone[0]["zone_id"], zone[0]["households"], zone[0]["population"]) == (world.zones[0], 6000, 15000)
    kept = {
        row["cell"]: row["households"] for row in (await held(make))["zone_cell"] if row["zone_id"] == world.zones[0]
    }
    assert kept.keys() < cells
    assert sum(kept.values()) == 6000
    # What was handed out in a cell the zone no longer has stays counted.
    assert await make.value("select copies from cell_tally where city_id = 99") == 7


async def test_a_cell_on_the_line_belongs_to_the_lowest_code_also_when_it_comes_later(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    """Cells are dealt out over all zones of the city, not over those of one file."""
    await send(api, await make.planner(99), collection(feature("Z9", square(4), households=10)))
    cells = await make.fetch(
        "select cell, count(*) from zone_cell where city_id = 99 group by cell having count(*) > 1"
    )
    assert cells == []
    assert await make.value(
        "select count(*) > 20 from zone_cell c join zone z using (city_id, zone_id) where z.code = 'Z9' and c.city_id = 99"
    )


BOWTIE = {"type": "Polygon", "coordinates": [[[104, 36], [104.1, 36.1], [104.1, 36], [104, 36.1], [104, 36]]]}
SWAPPED = {"type": "Polygon", "coordinates": [[[36.9, 104.2], [36.92, 104.2], [36.92, 104.22], [36.9, 104.2]]]}
FAR = {"type": "Polygon", "coordinates": [[[904, 36], [904.1, 36], [904.1, 36.1], [904, 36]]]}
HUGE = {"type": "Polygon", "coordinates": [[[80, 30], [120, 30], [120, 45], [80, 45], [80, 30]]]}


def shaped(geometry: Any) -> dict[str, Any]:
    return {**feature("BAD", square(9)), "geometry": geometry}


@pytest.mark.parametrize(
    ("geometry", "reason"),
    [
        (BOWTIE, "invalid-geometry"),
        (SWAPPED, "invalid-geometry"),
        (FAR, "invalid-geometry"),
        (HUGE, "too-large"),
        (None, "invalid-geometry"),
        ({"type": "Point", "coordinates": [104, 36]}, "invalid-geometry"),
        ({"type": "Polygon", "coordinates": [[[104, 36], ["NaN", 36], [104, 37]]]}, "invalid-geometry"),
    ],
)
async def test_a_geometry_that_is_no_area_refuses_the_whole_file(
    api: httpx.AsyncClient, make: Make, world: World, geometry: Any, reason: str
) -> None:
    document = collection(feature("Z8", square(8)), shaped(geometry))
    assert await refused(api, make, world, document) == [(2, "BAD", reason)]


async def test_latitude_before_longitude_is_named(api: httpx.AsyncClient, make: Make, world: World) -> None:
    answer = await send(api, await make.planner(99), collection(shaped(SWAPPED)))
    assert "swapped" in answer.json()["errors"][0]["detail"]


async def test_overlaps_are_refused_in_the_file_and_with_zones_it_does_not_mention(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    inside_two = shapely.box(104.21, 36.91, 104.23, 36.915)
    document = collection(
        known(0), feature("Z8", square(8)), feature("Z9", inside_two), feature("Z10", square(8).buffer(-0.005))
    )
    assert await refused(api, make, world, document) == [
        (3, "Z9", "overlap"),
        (3, "Z9", "overlap"),
        (4, "Z10", "overlap"),
    ]


async def test_touching_neighbours_and_hair_thin_overlaps_are_no_fault(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    west, south, east, north = square(4).bounds
    answer = await send(
        api, await make.planner(99), collection(feature("Z4", shapely.box(west - 1e-8, south, east, north)))
    )
    assert answer.json()["created"] == 1


async def test_two_zones_that_change_places_do_not_overlap_what_they_were(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    document = collection(feature("990101000", square(1)), feature("990101001", square(0)))
    answer = await send(api, await make.planner(99), document)
    assert answer.json() == {"created": 0, "changed": 2, "unchanged": 0}


@pytest.mark.parametrize(("drawn_in", "declared"), [("wgs84", "gcj02"), ("gcj02", "wgs84"), ("bd09", "gcj02")])
async def test_a_wrong_datum_is_suspected_when_another_one_fits_the_city(
    api: httpx.AsyncClient, make: Make, world: World, drawn_in: Datum, declared: Datum
) -> None:
    document = collection(*(known(column, datum=drawn_in) for column in range(4)))
    assert await refused(api, make, world, document, f"datum={declared}") == [(0, None, "wrong-datum-suspected")]


async def test_one_zone_in_the_middle_of_the_city_is_compared_with_what_it_was(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    document = collection(known(1, datum="wgs84"))
    assert await refused(api, make, world, document) == [(0, None, "wrong-datum-suspected")]


async def test_somebody_who_looked_may_confirm_the_datum(api: httpx.AsyncClient, make: Make, world: World) -> None:
    """When the first import was the wrong one, the right one looks suspicious."""
    document = collection(*(known(column, datum="wgs84") for column in range(4)))
    answer = await send(api, await make.planner(99), document, "datum=gcj02&datum_confirmed=true")
    assert answer.json()["changed"] == 4


async def test_a_file_that_names_another_datum_than_the_import_is_refused(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    document = collection(feature("Z9", square(9)), datum="WGS84")
    assert await refused(api, make, world, document) == [(0, None, "datum-contradicted")]
    assert await refused(api, make, world, collection(feature("Z9", square(9)), datum="mars")) == [
        (0, None, "unknown-datum")
    ]


async def test_an_unknown_datum_is_refused(api: httpx.AsyncClient, make: Make, world: World) -> None:
    headers, before = await make.planner(99), await held(make)
    for query in ("datum=mars", ""):
        answer = await send(api, headers, collection(feature("Z9", square(9))), query)
        assert (answer.status_code, answer.json()["type"]) == (400, "/problems/invalid-request")
        assert "datum" in answer.text
    assert await held(make) == before


async def test_duplicate_codes_and_bad_properties_are_reported_by_row(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    document = collection(
        feature("Z7", square(7)),
        feature("Z7", square(8)),
        feature("Z9", square(9), households=-1, population="很多"),
        feature("Z10", square(10), 代码="Z11"),
        feature("Z12", square(12), households=True, priority_groups={"elderly": 1.5}),
        {"type": "Feature", "properties": None, "geometry": to_geojson(square(13))},
        feature("片区", square(14), name="x" * 200),
        "nonsense",
    )
    found = await refused(api, make, world, document)
    assert found == [
        (2, "Z7", "duplicate-code"),
        (3, "Z9", "negative"),
        (3, "Z9", "not-a-number"),
        (4, "Z10", "double-property"),
        (5, "Z12", "invalid-value"),
        (5, "Z12", "out-of-range"),
        (6, None, "missing-value"),
        (6, None, "missing-value"),
        (7, None, "invalid-code"),
        (7, None, "too-long"),
        (8, None, "malformed"),
    ]


@pytest.mark.parametrize(
    ("document", "row", "reason"),
    [
        (b"", 0, "malformed"),
        (b"zone_code,households\nZ1,1\n", 0, "malformed"),
        (b'{"type": "FeatureCollection", "features": []}', 0, "no-rows"),
        (b'{"type": "Feature", "features": []}', 0, "malformed"),
        (b'{"type": "FeatureCollection", "features": {}}', 0, "malformed"),
        (b"[" * 100_000, 0, "malformed"),
        (b'{"type":"FeatureCollection","features":[' + b'{"a":' * 50_000, 0, "malformed"),
        (collection(known(0), known(1)).replace(b"36.92", b"NaN", 1), 1, "malformed"),
        (collection(known(0), known(1))[:-20], 0, "malformed"),
        (b'{"type":"FeatureCollection","features":["' + b"x" * 10_000_000 + b'"]}', 1, "malformed"),
        (b"\xff" * 10_000_000, 0, "malformed"),
    ],
    ids=["empty", "csv", "no-features", "one-feature", "no-list", "deep", "deep-feature", "nan", "cut-off", "10MB", "10MB-binary"],
)  # fmt: skip
async def test_a_malformed_file_changes_nothing(
    api: httpx.AsyncClient, make: Make, world: World, document: bytes, row: int, reason: str
) -> None:
    assert await refused(api, make, world, document) == [(row, None, reason)]


async def test_a_body_beyond_the_limit_is_not_read(api: httpx.AsyncClient, make: Make, world: World) -> None:
    before = await held(make)
    answer = await send(api, await make.planner(99), b" " * 64_000_001)
    assert (answer.status_code, answer.json()["type"]) == (413, "/problems/too-large")
    assert await held(make) == before


async def test_a_file_of_another_kind_is_not_taken_for_geojson(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    headers, before = {**await make.planner(99), "content-type": "text/csv"}, await held(make)
    document = collection(feature("Z9", square(9)))
    answer = await api.post("/api/zones/import?datum=gcj02", content=document, headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (415, "/problems/unsupported-media-type")
    assert await held(make) == before


async def test_only_planners_of_the_whole_city_import_its_zones(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    document = collection(feature("Z9", square(9)))
    strangers = [
        await make.planner(99, division_code="990101"),
        await make.firm_manager(99, world.partners[0]),
        await make.rider_session(99, world.riders[0]),
        await make.partner_system(99, world.partners[0]),
    ]
    before = await held(make)
    for headers in strangers:
        assert (await send(api, headers, document)).json()["type"] == "/problems/not-allowed"
    assert (await send(api, {}, document)).status_code == 401
    assert await held(make) == before


async def test_another_citys_zones_are_neither_compared_nor_touched(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    await make.city(98, datum="wgs84")
    before = await held(make)
    answer = await send(api, await make.planner(98), collection(known(0), known(1)), "datum=wgs84")
    assert answer.json()["created"] == 2
    assert await held(make) == before
    assert len((await held(make, 98))["zone"]) == 2


async def test_a_city_is_made_once_and_its_datum_never_changes(database: Database, make: Make) -> None:
    assert await create_city(database, 7, "07", "云川市", "gcj02", make.now, demonstration=True)
    assert not await create_city(database, 7, "07", "云川市", "gcj02", make.now, demonstration=True)
    before = await held(make, 7)
    for number, code, datum, slug in (
        (7, "07", "wgs84", "city-differs"),
        (7, "08", "gcj02", "city-differs"),
        (8, "07", "gcj02", "city-differs"),
        (9, "09", "mars", "unknown-datum"),
    ):
        with pytest.raises(Problem) as caught:
            await create_city(database, number, code, "云川市", datum, make.now, demonstration=True)
        assert caught.value.slug == slug
    assert await held(make, 7) == before


async def test_the_command_line_gets_the_same_refusals(database: Database, make: Make, world: World) -> None:
    with pytest.raises(ImportRefused) as caught:
        await import_zones(database, 99, b"{}", "gcj02", make.now)
    assert msgspec.json.decode(msgspec.json.encode(caught.value.document()))["error_count"] == 1
    with pytest.raises(NotFound):
        await import_zones(database, 12, collection(known(0)), "gcj02", make.now)
    assert await import_zones(database, 99, collection(feature("Z9", square(9))), "gcj02", make.now) == Imported(
        created=1, changed=0, unchanged=0
    )


async def test_two_imports_of_one_file_at_the_same_moment_make_its_zones_once(clone: Database, make: Make) -> None:
    await create_city(clone, 1, "1", "云川市", "gcj02", make.now)
    document = collection(*(feature(f"Z{column}", square(column), households=100) for column in range(3)))
    answers = await asyncio.gather(*(import_zones(clone, 1, document, "gcj02", make.now) for _ in range(4)))
    assert sorted(answer.created for answer in answers) == [0, 0, 0, 3]
    assert sorted(answer.unchanged for answer in answers) == [0, 3, 3, 3]
    async with clone.read() as connection:
        assert await connection.fetchval("select sum(households)::int from zone_cell where city_id = 1") == 300


async def taken_and_taken_again(database: Database, make: Make, document: bytes) -> None:
    """45 subdistricts in GCJ-02 for a city kept in WGS-84: all new, then all known, then refused as another datum."""
    await create_city(database, 1, "1", "吉林市", "wgs84", make.now)
    assert await import_zones(database, 1, document, "gcj02", make.now) == Imported(created=45, changed=0, unchanged=0)
    assert await import_zones(database, 1, document, "gcj02", make.now) == Imported(created=0, changed=0, unchanged=45)
    before = await held(make, 1)
    with pytest.raises(ImportRefused) as caught:
        await import_zones(database, 1, document, "wgs84", make.now)
    assert [error.reason for error in caught.value.extensions["errors"]] == ["wrong-datum-suspected"]
    assert await held(make, 1) == before


async def test_a_whole_citys_subdistricts_are_taken_and_taken_again(database: Database, make: Make) -> None:
    zones = made_subdistricts()
    await taken_and_taken_again(database, make, collection(*(feature(f"J{n}", zone) for n, zone in enumerate(zones))))


@needs_jilin
async def test_a_real_citys_subdistricts_are_taken_and_taken_again(database: Database, make: Make) -> None:
    await taken_and_taken_again(database, make, (JILIN / "jilin_subdistrict_voronoi_gcj02.geojson").read_bytes())
