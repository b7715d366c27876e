"""Importing households, incident counts and priority groups: by zone code, whole or not at all."""

from datetime import date

import httpx
import pytest

from tests.make import Make, World
from tests.zones.files import CSV, held, reasons

PATHS = {
    "households": "/api/zones/households/import",
    "incidents": "/api/zones/incidents/import",
    "priority-groups": "/api/zones/priority-groups/import",
}

RIGHT = {
    "households": "zone_code,households\n990101000,1\n",
    "incidents": "zone_code,month,scam_type,incidents\n990101000,2027-03,x,1\n",
    "priority-groups": "zone_code,priority_group,share\n990101000,elderly,18%\n",
}
"""A table of each kind that is taken from those who may send it."""


async def send(api: httpx.AsyncClient, headers: dict[str, str], kind: str, text: str) -> httpx.Response:
    return await api.post(PATHS[kind], content=text.encode("gbk"), headers={**headers, **CSV})


async def zone(make: Make, code: str) -> dict[str, object]:
    return (await make.fetch("select * from zone where city_id = 99 and code = $1", code))[0]


async def test_households_are_taken_and_spread_over_the_cells_again(
    api: httpx.AsyncClient, make: Make, world: World
) -> None:
    text = "片区代码,片区名称,户数,人口,数据来源,截止日期\n990101000,一,７，００１,,户籍,2027年3月1日\n990101001,二,6000,15000,,\n合计,,13001,,,\n"
    answer = await send(api, await make.planner(99), "households", text)
    assert answer.json() == {"created": 0, "changed": 1, "unchanged": 1}
    found = await zone(make, "990101000")
    assert (found["households"], found["population"]) == (7001, 15000)
    assert (found["households_source"], found["households_as_of"]) == ("户籍", date(2027, 3, 1))
    sums = "select sum(households)::int from zone_cell where city_id = 99 and zone_id = $1"
    assert await make.value(sums, world.zones[0]) == 7001
    assert await make.value("select revision from campaign where city_id = 99") == 1


async def test_incident_counts_are_replaced_month_by_month(api: httpx.AsyncClient, make: Make, world: World) -> None:
    headers = await make.planner(99)
    first = "片区代码,月份,诈骗类型,发案数\n990101000,2027年3月,刷单返利,12\n990101000,2027-03,虚假贷款,0\n990101001,2027/2,刷单返利,3\n"
    assert (await send(api, headers, "incidents", first)).json() == {"created": 3, "changed": 0, "unchanged": 0}
    second = "zone_code,month,scam_type,incidents\n990101000,202703,刷单返利,13\n990101001,2027-2,刷单返利,3\n990101002,2027-2,刷单返利,1\n"
    assert (await send(api, headers, "incidents", second)).json() == {"created": 1, "changed": 1, "unchanged": 1}
    assert (await send(api, headers, "incidents", second)).json() == {"created": 0, "changed": 0, "unchanged": 3}
    found = {
        (row["zone_id"], row["month"], row["scam_type"]): row["incidents"]
        for row in (await held(make))["incident_count"]
    }
    assert found == {
        (world.zones[0], date(2027, 3, 1), "刷单返利"): 13,
        (world.zones[0], date(2027, 3, 1), "虚假贷款"): 0,
        (world.zones[1], date(2027, 2, 1), "刷单返利"): 3,
        (world.zones[2], date(2027, 2, 1), "刷单返利"): 1,
    }


async def test_shares_of_priority_groups_join_those_there_are(api: httpx.AsyncClient, make: Make, world: World) -> None:
    headers = await make.planner(99)
    await send(api, headers, "priority-groups", "片区代码,重点人群,占比\n990101000,老年人,18%\n990101000,学生,0.1\n")
    answer = await send(
        api, headers, "priority-groups", "zone_code,priority_group,share\n990101000,elderly,0.2\n990101001,Women,51%\n"
    )
    assert answer.json() == {"created": 0, "changed": 2, "unchanged": 0}
    assert (await zone(make, "990101000"))["priority_groups"] == {"elderly": 0.2, "students": 0.1}
    assert (await zone(make, "990101001"))["priority_groups"] == {"women": 0.51}


@pytest.mark.parametrize(
    ("kind", "text", "found"),
    [
        ("households", "zone_code,households\n990101000,1\n990101009,2\n", [(2, "990101009", "unknown-zone")]),
        ("households", "zone_code,households\n990101000,1\n990101000,1\n", [(2, "990101000", "double-row")]),
        ("households", "zone_code,households\n990101000,-1\n990101001,\n", [(1, "990101000", "negative"), (2, "990101001", "missing-value")]),
        # Unreadable cells and unknown codes come back in one round, and the good row among them is not taken.
        ("households", "zone_code,households\n990101000,-1\n990101009,2\n990101001,777\n", [(1, "990101000", "negative"), (2, "990101009", "unknown-zone")]),
        ("incidents", "zone_code,month,scam_type,incidents\nZ,2027-3,x,1\n990101000,2027-13,x,1\n", [(1, "Z", "unknown-zone"), (2, "990101000", "not-a-date")]),
        ("priority-groups", "zone_code,priority_group,share\n990101009,elderly,1%\n990101000,外星人,1%\n", [(1, "990101009", "unknown-zone"), (2, "990101000", "unknown-choice")]),
        ("households", "zone_code,人口\n990101000,1\n", [(0, None, "missing-column")]),
        ("incidents", "zone_code,month,scam_type,incidents\n990101000,2027-13,x,1\n", [(1, "990101000", "not-a-date")]),
        ("incidents", "zone_code,month,scam_type,incidents\n990101000,2027-3,x,1\n990101000,2027年3月,x,2\n", [(2, "990101000", "double-row")]),
        ("incidents", "zone_code,month,scam_type,incidents\nZ,2027-3,x,1\n", [(1, "Z", "unknown-zone")]),
        ("priority-groups", "zone_code,priority_group,share\n990101000,elderly,18\n", [(1, "990101000", "out-of-range")]),
        ("priority-groups", "zone_code,priority_group,share\n990101000,外星人,1%\n", [(1, "990101000", "unknown-choice")]),
        ("priority-groups", "zone_code,priority_group,share\n990101000,elderly,1%\n990101000,老年人,2%\n", [(2, "990101000", "double-row")]),
    ],
)  # fmt: skip
async def test_a_table_with_a_fault_is_refused_whole(
    api: httpx.AsyncClient, make: Make, world: World, kind: str, text: str, found: list[tuple[int, str | None, str]]
) -> None:
    before = await held(make)
    assert reasons(await send(api, await make.planner(99), kind, text)) == found
    assert await held(make) == before
    assert await make.value("select revision from campaign where city_id = 99") == 0


async def test_another_citys_zone_codes_are_unknown(api: httpx.AsyncClient, make: Make, world: World) -> None:
    await make.city(98)
    await make.zone(98, 0, code="ELSEWHERE")
    before = await held(make), await held(make, 98)
    answer = await send(api, await make.planner(99), "households", "zone_code,households\nELSEWHERE,1\n")
    assert reasons(answer) == [(1, "ELSEWHERE", "unknown-zone")]
    assert (await held(make), await held(make, 98)) == before


@pytest.mark.parametrize("kind", list(PATHS))
async def test_only_planners_of_the_whole_city_import(
    api: httpx.AsyncClient, make: Make, world: World, kind: str
) -> None:
    before = await held(make)
    for headers in (
        await make.planner(99, division_code="990101"),
        await make.firm_manager(99, world.partners[0]),
        await make.rider_session(99, world.riders[0]),
    ):
        answer = await send(api, headers, kind, RIGHT[kind])
        assert (answer.status_code, answer.json()["type"]) == (403, "/problems/not-allowed")
    assert await held(make) == before
    assert (await send(api, await make.planner(99), kind, RIGHT[kind])).status_code == 200, "from whom may, it is taken"
    assert await held(make) != before


async def test_a_table_is_sent_as_csv(api: httpx.AsyncClient, make: Make, world: World) -> None:
    headers = {**await make.planner(99), "content-type": "application/json"}
    before = await held(make)
    answer = await api.post(PATHS["households"], content=RIGHT["households"].encode(), headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (415, "/problems/unsupported-media-type")
    assert await held(make) == before
