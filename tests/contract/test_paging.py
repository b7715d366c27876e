"""Every list that may be long pages in one way: `limit`, and `cursor` from the page before."""

from datetime import date, timedelta
from typing import Any

import httpx
import pytest

from dispatch.server.deprecations import PARAMETERS
from dispatch.server.pages import decode_cursor, encode_cursor, page_of
from tests.contract.test_contract import responses
from tests.contract.test_openapi import OPERATIONS, SCHEMA, Operation
from tests.make import Make, World

# Answers with a limit that are no pages of a list, each with the reason.
NOT_PAGED = {
    "read_coverage_cells": "the map's columns: so many cells as are drawn, and how many there are",
}
LIMITED = {
    operation.said["operationId"]: operation
    for operation in OPERATIONS
    if "limit" in {entry["name"] for entry in operation.said.get("parameters", [])}
}


def test_a_list_with_a_limit_has_a_cursor() -> None:
    without = {
        name
        for name, operation in LIMITED.items()
        if "cursor" not in {entry["name"] for entry in operation.said["parameters"]}
    }
    assert without == set(NOT_PAGED)


@pytest.mark.parametrize("name", sorted(set(LIMITED) - set(NOT_PAGED)))
def test_a_page_says_where_the_next_one_begins(name: str) -> None:
    answer = responses(LIMITED[name])["200"]
    schema = answer["content"]["application/json"]["schema"]
    if "items" in schema:
        assert "Next-Cursor" in answer["headers"]
    else:
        members = SCHEMA["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
        assert "next_cursor" in members["properties"]
        assert "next_cursor" in members["required"]


def test_other_ways_to_page_are_going() -> None:
    others = {
        (operation.said["operationId"], entry["name"])
        for operation in OPERATIONS
        for entry in operation.said.get("parameters", [])
        if entry["name"] in {"before", "offset", "page", "page_size", "start"}
    }
    assert others - set(PARAMETERS) == set()


def test_a_page_is_full_and_the_next_cursor_is_that_of_its_last_row() -> None:
    page, cursor = page_of([1, 2, 3], 2, lambda row: (row,))
    assert (page, cursor) == ([1, 2], encode_cursor(2))
    assert page_of([1, 2], 2, lambda row: (row,)) == ([1, 2], None)
    assert page_of([], 2, lambda row: (row,)) == ([], None)
    day = date(2027, 4, 19)
    assert decode_cursor(encode_cursor("a", day, -1.5), tuple[str, date, float]) == ("a", day, -1.5)


# ---- the lists that paged otherwise before


def rows_of(answer: httpx.Response) -> list[dict[str, Any]]:
    """The list itself, or the one in the envelope."""
    content: Any = answer.json()
    return content if answer.text.startswith("[") else content[ENVELOPES[answer.url.path.rsplit("/", 1)[1]]]


ENVELOPES = {"capacity": "rows", "audit": "entries"}


async def walk(api: httpx.AsyncClient, address: str, headers: dict[str, str], **query: Any) -> list[dict[str, Any]]:
    """Every page by its cursor, two rows at a time, joined; fails for a page too large and for one that never ends."""
    found: list[dict[str, Any]] = []
    for _ in range(20):
        answer = await api.get(address, params={**query, "limit": 2}, headers=headers)
        assert answer.status_code == 200, answer.text
        rows = rows_of(answer)
        assert len(rows) <= 2
        found += rows
        plain = answer.text.startswith("[")
        query["cursor"] = answer.headers.get("next-cursor") if plain else answer.json()["next_cursor"]
        if query["cursor"] is None:
            return found
    raise AssertionError("the pages do not end")


async def whole(api: httpx.AsyncClient, address: str, headers: dict[str, str], **query: Any) -> list[dict[str, Any]]:
    answer = await api.get(address, params={"limit": 500, **query}, headers=headers)
    assert "next-cursor" not in answer.headers
    return rows_of(answer)


async def flagged(make: Make, world: World) -> None:
    """Seven flags: of outlets with and without a zone, of two weeks, some with the same score."""
    await make.fetch("update outlet set zone_id = null where outlet_id = $1", world.outlets[1])
    await make.fetch("update outlet set zone_id = $2 where outlet_id = $1", world.outlets[0], world.zones[0])
    for number, (outlet, score) in enumerate([(0, 3.5), (0, 3.5), (1, 9.0), (1, 0.0), (0, 1 / 3), (1, 3.5), (0, 9.0)]):
        rider = await make.rider(world.city_id, world.outlets[outlet])
        await make.insert(
            "review_flag", city_id=world.city_id, flag_id=make.id(), campaign_id=world.campaign, rider_id=rider,
            outlet_id=world.outlets[outlet], week_starts_on=date(2027, 4, 5) + timedelta(weeks=number % 2), score=score,
            reasons=[], zone_copies={}, raised_at=make.now, changed_at=make.now,
        )  # fmt: skip


async def test_questions_are_read_page_by_page_in_each_order(api: httpx.AsyncClient, make: Make, world: World) -> None:
    await flagged(make, world)
    address = f"/api/campaigns/{world.campaign}/flags"
    planner, firm = await make.planner(world.city_id), await make.firm_manager(world.city_id, world.partners[0])
    for headers in (planner, firm):
        everything = await whole(api, address, headers)
        assert len(everything) == 7
        assert await walk(api, address, headers) == everything
    assert [flag["score"] for flag in await walk(api, address, planner)] == [9.0, 9.0, 3.5, 3.5, 3.5, 1 / 3, 0.0]
    week = {"week_starts_on": "2027-04-12"}
    assert await walk(api, address, firm, **week) == await whole(api, address, firm, **week)


async def test_declared_capacity_is_read_page_by_page(api: httpx.AsyncClient, make: Make, world: World) -> None:
    for outlet in world.outlets[:3]:
        for zone in world.zones[:2]:
            await make.capacity(world.city_id, world.campaign, outlet, zone, 10, date(2027, 4, 26))
    await make.capacity(world.city_id, world.campaign, world.outlets[0], world.zones[0], 20, date(2027, 5, 3))
    address, planner = f"/api/campaigns/{world.campaign}/capacity", await make.planner(world.city_id)
    everything = await whole(api, address, planner)
    assert len(everything) == 7
    assert await walk(api, address, planner) == everything
    part = await api.get(address, params={"limit": 2, "offset": 2}, headers=planner)
    assert part.json()["rows"] == everything[2:4]
    assert part.json()["total_rows"] == 7
    assert {"deprecation", "sunset"} <= set(part.headers)
    assert "sunset" not in (await api.get(address, headers=planner)).headers


async def test_the_trail_is_read_page_by_page(api: httpx.AsyncClient, make: Make, world: World) -> None:
    planner = await make.planner(world.city_id)
    for rider in world.riders[:5]:
        await api.post(f"/api/riders/{rider}/deactivate", headers=planner)
    reader = await make.session(world.city_id, account_id=await make.account(world.city_id, "auditor"))
    wanted = {"operation": "deactivate_rider"}
    everything = await whole(api, "/api/audit", reader, **wanted)
    assert len(everything) == 5
    assert await walk(api, "/api/audit", reader, **wanted) == everything
    first = await api.get("/api/audit", params={**wanted, "limit": 2}, headers=reader)
    before = {**wanted, "before": first.json()["next_before"]}
    rest = await api.get("/api/audit", params=before, headers=reader)
    assert rest.json()["entries"] == everything[2:]
    assert {"deprecation", "sunset"} <= set(rest.headers)
    assert "sunset" not in first.headers


async def test_handouts_are_read_page_by_page(api: httpx.AsyncClient, make: Make, world: World) -> None:
    for number in range(5):
        at = make.now - timedelta(hours=number)
        await make.insert(
            "handout", city_id=world.city_id, id_day=at.date(), handout_id=make.id(), campaign_id=world.campaign,
            cell=world.cells[0][0], zone_id=world.zones[0], outlet_id=world.outlets[0], holder_id=world.riders[0],
            holder_kind="rider", material_id=world.material, channel="with_parcel", copies=1, day=at.date(),
            handed_out_at=at, received_at=at,
        )  # fmt: skip
    address, planner = f"/api/campaigns/{world.campaign}/handouts", await make.planner(world.city_id)
    everything = await whole(api, address, planner)
    assert len(everything) == 5
    assert await walk(api, address, planner) == everything
    rest = await api.get(address, params={"before": everything[1]["handout_id"]}, headers=planner)
    assert rest.json() == everything[2:]
    assert {"deprecation", "sunset"} <= set(rest.headers)


async def test_refused_records_are_read_page_by_page(api: httpx.AsyncClient, make: Make, world: World) -> None:
    """Some at the same instant, and one record with two contents."""
    twice = make.id()
    for number, handout_id in enumerate([make.id(), twice, make.id(), twice, make.id()]):
        await make.insert(
            "handout_refused", city_id=world.city_id, handout_id=handout_id, content_digest=bytes([250 - number]) * 16,
            entry="sync", caller_role="rider", caller_id=world.riders[0], outlet_id=world.outlets[0],
            partner_id=world.partners[0], campaign_id=world.campaign, problem="not-enough-stock", detail="–",
            record={"id": str(handout_id)}, refused_at=make.now - timedelta(seconds=number // 4),
        )  # fmt: skip
    firm = await make.firm_manager(world.city_id, world.partners[0])
    everything = await whole(api, "/api/handouts/refused", firm)
    assert len(everything) == 5
    assert await walk(api, "/api/handouts/refused", firm) == everything


async def reader_of(make: Make, world: World, operation: Operation) -> dict[str, str]:
    """Headers of somebody who may read a list: of the centre where they may, else a firm's key with just its scope."""
    said = operation.said
    if "planner" in said["x-roles"]:
        return await make.planner(world.city_id)
    if "auditor" in said["x-roles"]:
        return await make.session(world.city_id, account_id=await make.account(world.city_id, "auditor"))
    return await make.partner_system(world.city_id, world.partners[0], scopes=said["x-key-scopes"])


@pytest.mark.parametrize("name", sorted(set(LIMITED) - set(NOT_PAGED)))
async def test_a_cursor_that_no_page_gave_is_refused(
    api: httpx.AsyncClient, make: Make, world: World, name: str
) -> None:
    operation = LIMITED[name]
    headers = await reader_of(make, world, operation)
    address = operation.path.replace("{campaign_id}", str(world.campaign))
    for cursor in ("nonsense", "%%", encode_cursor(1, 2), encode_cursor("a")[:-1]):
        answer = await api.get(address, params={"cursor": cursor}, headers=headers)
        assert (answer.status_code, answer.json()["type"]) == (400, "/problems/invalid-request"), cursor
        assert answer.json()["errors"][0]["pointer"] == "/cursor"
