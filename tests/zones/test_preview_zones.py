"""Looking before importing zones: what would change, and both outlines when the datum is suspect."""

from typing import Any

import httpx
import pytest

from tests.make import Make, World, square
from tests.zones.files import GEOJSON, collection, feature, held, known

PREVIEW = "/api/zones/import/preview"


async def ask(api: httpx.AsyncClient, headers: dict[str, str], document: bytes, query: str) -> dict[str, Any]:
    answer = await api.post(f"{PREVIEW}?{query}", content=document, headers={**headers, **GEOJSON})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_preview_says_zone_by_zone_what_would_happen_and_writes_nothing(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    before = await held(make)
    document = collection(known(0, name="新名字"), feature("990101009", square(9)))
    seen = await ask(api, await make.planner(99), document, "datum=gcj02")
    assert (seen["created"], seen["changed"], seen["error_count"]) == (1, 1, 0)
    assert seen["suspected"] is None
    assert seen["likely"] == []
    assert [(zone["code"], zone["change"]) for zone in seen["declared"]] == [
        ("990101000", "changed"),
        ("990101009", "created"),
    ]
    assert len(seen["there"]) == 4
    assert await held(make) == before


async def test_a_file_in_the_wrong_datum_shows_both_outlines_hundreds_of_metres_apart(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    headers = await make.planner(99)
    before = await held(make)
    document = collection(*(known(column, datum="wgs84") for column in range(4)))
    seen = await ask(api, headers, document, "datum=gcj02")
    assert [error["reason"] for error in seen["errors"]] == ["wrong-datum-suspected"]
    suspected = seen["suspected"]
    assert isinstance(suspected, dict)
    assert (suspected["declared"], suspected["likely"]) == ("gcj02", "wgs84")
    assert 150 < suspected["shift_metres"] < 800
    assert suspected["declared_outside"] > 0.03 > 0.001 > suspected["likely_outside"]
    likely = {zone["code"]: zone["geometry"] for zone in seen["likely"]}
    there = {zone["code"]: zone["geometry"] for zone in seen["there"]}
    corner = min(likely["990101000"]["coordinates"][0])
    assert corner == pytest.approx(min(there["990101000"]["coordinates"][0]), abs=2e-5)
    corrected = await ask(api, headers, document, "datum=wgs84")
    assert (corrected["error_count"], corrected["suspected"]) == (0, None)
    assert await held(make) == before


async def test_a_planner_who_looked_may_insist_on_the_datum_and_still_sees_both_outlines(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    document = collection(*(known(column, datum="wgs84") for column in range(4)))
    seen = await ask(api, await make.planner(99), document, "datum=gcj02&datum_confirmed=true")
    assert seen["error_count"] == 0
    assert seen["suspected"] is not None


async def test_faults_come_with_the_outlines_that_could_be_read(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    broken = feature("990101008", square(8))
    broken["geometry"] = {"type": "Point", "coordinates": [110.0, 30.0]}
    seen = await ask(api, await make.planner(99), collection(known(0), broken, known(0)), "datum=gcj02")
    assert [(error["row"], error["reason"]) for error in seen["errors"]] == [
        (2, "invalid-geometry"),
        (3, "duplicate-code"),
    ]
    assert all(error["chinese"] for error in seen["errors"])
    assert [zone["code"] for zone in seen["declared"]] == ["990101000", "990101000"]
    nothing = await ask(api, await make.planner(99), b"no json", "datum=gcj02")
    assert (nothing["error_count"], nothing["declared"]) == (1, [])
    assert len(nothing["there"]) == 4


async def test_a_district_previews_no_import_of_the_whole_city(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    headers = await make.planner(99, division_code="990101")
    answer = await api.post(f"{PREVIEW}?datum=gcj02", content=collection(known(0)), headers={**headers, **GEOJSON})
    assert answer.status_code == 403
