"""A city's districts: known from the zones, named by their files or by the planner, chosen and never typed."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from dispatch.database import Database
from dispatch.database.migrate import FOLDER
from dispatch.zones.features import ZONE_COLUMNS
from tests.make import Make, square
from tests.zones.files import GEOJSON, collection, feature

STREETS = (("220202001000", 220202, "昌邑区"), ("220202003000", 220202, "昌邑区"), ("220203001000", 220203, "龙潭区"))


def street_file(*streets: tuple[str, int, str]) -> bytes:
    """Streets as a real city's file has them: a code of twelve digits, the district as number and name."""
    return collection(
        *(
            feature(code, square(column), adcode=adcode, district=name)
            for column, (code, adcode, name) in enumerate(streets)
        )
    )


async def import_file(api: httpx.AsyncClient, document: bytes, headers: dict[str, str]) -> dict[str, Any]:
    answer = await api.post("/api/zones/import?datum=gcj02", content=document, headers={**headers, **GEOJSON})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def districts(api: httpx.AsyncClient, headers: dict[str, str]) -> list[tuple[str, str | None, int]]:
    answer = await api.get("/api/districts", headers=headers)
    assert answer.status_code == 200, answer.text
    return [(each["code"], each["name"], each["zones"]) for each in answer.json()]


async def test_a_real_citys_file_says_which_districts_there_are(api: httpx.AsyncClient, make: Make) -> None:
    await make.city(99)
    planner = await make.planner(99)
    assert await districts(api, planner) == []
    await import_file(api, street_file(*STREETS), planner)
    assert await districts(api, planner) == [("220202", "昌邑区", 2), ("220203", "龙潭区", 1)]
    zones = (await api.get("/api/zones", headers=planner)).json()
    assert [zone["division_code"] for zone in zones] == [code for code, _, _ in STREETS]
    own = await make.planner(99, division_code="220203")
    assert await districts(api, own) == [("220203", "龙潭区", 1)]
    assert len((await api.get("/api/zones", headers=own)).json()) == 1, "the district's planner sees its street"
    me = (await api.get("/api/me", headers=own)).json()
    assert (me["division_code"], me["division_name"]) == ("220203", "龙潭区")
    assert (await api.get("/api/me", headers=planner)).json()["division_name"] is None


async def test_a_file_that_only_names_the_districts_names_them(api: httpx.AsyncClient, make: Make) -> None:
    await make.city(99)
    planner = await make.planner(99)
    await import_file(api, collection(*(feature(code, square(at)) for at, (code, _, _) in enumerate(STREETS))), planner)
    assert [name for _, name, _ in await districts(api, planner)] == [None, None]
    again = await import_file(api, street_file(*STREETS), planner)
    assert again["unchanged"] == 3
    assert [name for _, name, _ in await districts(api, planner)] == ["昌邑区", "龙潭区"]


async def test_the_planner_names_a_district_and_no_other_place(api: httpx.AsyncClient, make: Make) -> None:
    world = await make.world(99)
    planner = await make.planner(99)
    for _ in range(2):
        named = await api.put("/api/districts/990101", json={"name": "东湖区"}, headers=planner)
        assert (named.status_code, named.json()["name"]) == (200, "东湖区"), named.text
    assert await districts(api, planner) == [("990101", "东湖区", len(world.zones))]
    unknown = await api.put("/api/districts/440305", json={"name": "南山区"}, headers=planner)
    assert (unknown.status_code, unknown.json()["type"]) == (422, "/problems/division-unknown")
    assert await make.fetch("select code, name from district") == [{"code": "990101", "name": "东湖区"}]


async def test_a_city_that_was_imported_before_gets_its_divisions_and_keeps_the_rest(
    database: Database, make: Make
) -> None:
    """Zones kept by an earlier version with whole codes and no division: their district planners saw nothing."""
    await make.city(99)
    await make.zone(99, 0, code="220202001000", division_code="")
    await make.zone(99, 1, code="Z2", division_code="")
    await make.zone(99, 2, code="220203001000", division_code="220204")
    before = await make.fetch("select code, name, households, kind from zone order by code")
    statement = next(
        line for line in (FOLDER / "0030_districts.sql").read_text(encoding="utf-8").split(";") if "update zone" in line
    )
    await make.fetch(statement)
    assert await make.fetch("select code, name, households, kind from zone order by code") == before
    kept = await make.fetch("select code, division_code from zone order by code")
    assert [(zone["code"], zone["division_code"]) for zone in kept] == [
        ("220202001000", "220202001000"), ("220203001000", "220204"), ("Z2", ""),
    ]  # fmt: skip


@pytest.mark.parametrize("column", ZONE_COLUMNS, ids=lambda column: column.name)
def test_the_page_says_every_property_name_that_is_read(column: Any) -> None:
    page = Path("dispatch/web/src/console/imports/messages.properties.ts").read_text(encoding="utf-8")
    for name in (column.name, column.header, *column.aliases):
        assert f"'{name}'" in page, f"{name} is read and the page does not say so"
