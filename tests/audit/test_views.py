"""The trail calls an export what left as a file and a view a view, once, and says names where ids have them."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from dispatch.audit.rules import KEPT_READS, VIEWED, kind_of_read
from tests.conftest import Clock
from tests.make import Make, World

PAGE = {"x-requested-with": "dispatch"}
ROOT = Path(__file__).parents[2]


async def told(make: Make) -> list[tuple[str, str]]:
    found = await make.fetch("select kind, operation from audit_entry order by entry_id")
    return [(entry["kind"], entry["operation"]) for entry in found]


@pytest.mark.parametrize("operation", sorted(KEPT_READS))
def test_only_what_a_page_draws_is_a_view_and_only_for_a_page(operation: str) -> None:
    assert kind_of_read(operation, by_a_page=False) == KEPT_READS[operation]
    expected = "read" if operation in VIEWED else KEPT_READS[operation]
    assert kind_of_read(operation, by_a_page=True) == expected
    assert kind_of_read("read_coverage", by_a_page=True) is None


async def test_looking_at_the_overview_again_and_again_is_one_view(
    api: httpx.AsyncClient, make: Make, world: World, clock: Clock
) -> None:
    planner = await make.planner(world.city_id) | PAGE
    layer = f"/api/campaigns/{world.campaign}/coverage/zones.geojson"
    for _ in range(5):
        assert (await api.get(layer, headers=planner)).status_code == 200
        await make.tally(world, 0, 10)  # the layer is another one each time
    assert await told(make) == [("read", "read_coverage_zones_geojson")]
    other = await make.planner(world.city_id) | PAGE
    await api.get(layer, headers=other)
    assert len(await told(make)) == 2, "another person's look is another one"
    clock.now += timedelta(minutes=61)
    await api.get(layer, headers=planner)
    assert len(await told(make)) == 3, "an hour later it is a new one"


async def test_what_a_program_takes_along_is_an_export_each_time_unless_it_has_it_already(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    planner = await make.planner(world.city_id)
    layer = f"/api/campaigns/{world.campaign}/coverage/zones.geojson"
    first = await api.get(layer, headers=planner)
    await api.get(layer, headers=planner)
    assert await told(make) == [("export", "read_coverage_zones_geojson")] * 2
    again = await api.get(layer, headers=planner | {"if-none-match": first.headers["etag"]})
    assert again.status_code == 304
    assert len(await told(make)) == 2, "nothing left the server"
    await api.get(f"/api/campaigns/{world.campaign}/coverage/zones.csv", headers=planner | PAGE)
    assert ("export", "read_coverage_zones_csv") in await told(make)


async def test_the_auditor_reads_names_where_the_trail_keeps_ids(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    planner = await make.planner(world.city_id)
    await api.get(f"/api/campaigns/{world.campaign}/coverage/zones.csv", headers=planner)
    auditor = await make.session(
        world.city_id, account_id=await make.account(world.city_id, "auditor", login="auditor-1")
    )
    (entry,) = (await api.get("/api/audit", headers=auditor)).json()["entries"]
    assert entry["names"] == {str(world.campaign): "百日行动"}
    lines = (await api.get("/api/audit.csv", headers=auditor)).text.splitlines()
    assert "对象名称" in lines[0]
    assert any("百日行动" in line for line in lines[1:])


async def test_an_id_of_another_city_or_of_nothing_has_no_name(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    planner = await make.planner(world.city_id)
    await make.city(98)
    foreign = await make.campaign(98)
    await api.get(f"/api/campaigns/{foreign}/coverage/zones.csv", headers=planner)
    auditor = await make.session(world.city_id, account_id=await make.account(world.city_id, "auditor", login="a-1"))
    (entry,) = (await api.get("/api/audit", headers=auditor)).json()["entries"]
    assert (entry["result"], entry["names"]) == ("not-found", {})


def test_everything_the_trail_may_hold_has_words_for_the_auditor() -> None:
    contract: dict[str, Any] = msgspec.json.decode((ROOT / "schemas/openapi.json").read_bytes())
    kept = set(KEPT_READS)
    for methods in contract["paths"].values():
        kept |= {of["operationId"] for method, of in methods.items() if method in ("post", "put", "patch", "delete")}
    words = (ROOT / "dispatch/web/src/console/audit/messages.ts").read_text(encoding="utf-8")
    known = set(re.findall(r"^  (\w+): \[", words[words.index("export const OPERATIONS") :], re.MULTILINE))
    assert kept - known == set()
