"""Whatever stands in a query: an answer or a clear refusal, never an error of ours."""

from typing import Any
from urllib.parse import quote
from uuid import uuid4

import httpx
import msgspec
import pytest

from dispatch.commands.openapi import document
from dispatch.database import Database
from tests.conftest import Clock, serving
from tests.make import Make, World


def queries() -> list[tuple[str, str]]:
    """(path with made-up ids, query parameter) of every GET that takes a text."""
    schema: dict[str, Any] = msgspec.json.decode(document())
    return [
        (path, parameter["name"])
        for path, operations in schema["paths"].items()
        for parameter in operations.get("get", {}).get("parameters", [])
        if parameter["in"] == "query"
    ]


@pytest.mark.parametrize(
    "text", ["\x00", "a\x00b", "'; drop table handout; --", "%", "\u202e", "9" * 400, "💥", "-1", "NaN"]
)
async def test_no_text_in_a_query_is_an_error_of_ours(clone: Database, clock: Clock, text: str) -> None:
    make = Make(clone, clock.now)
    world = await make.world()
    headers = await make.planner(world.city_id)
    async with serving(clone, clock) as (api, _):
        assert await refused_by_accident(api, world, headers, text) == []
    assert len(queries()) > 20


async def refused_by_accident(api: httpx.AsyncClient, world: World, headers: dict[str, str], text: str) -> list[str]:
    """Every GET with this text in each of its query parameters that is answered as our own fault."""
    ids = {"campaign_id": str(world.campaign), "zone_id": str(world.zones[0])}
    wrong: list[str] = []
    for path, name in queries():
        address = path
        for part in path.split("{")[1:]:
            key = part.split("}")[0]
            address = address.replace("{" + key + "}", ids.get(key, str(uuid4())))
        answer = await api.get(f"{address}?{name}={quote(text)}", headers=headers)
        if answer.status_code >= 500:
            wrong.append(f"{address}?{name}: {answer.text[:200]}")
    return wrong
