"""What will go is marked in the contract, and every answer to a request that uses it says since when and until when."""

from datetime import date
from email.utils import parsedate_to_datetime

import httpx
import pytest

from dispatch.routes import PAGES, ROUTES
from dispatch.server import deprecations
from dispatch.server.deprecations import NOTICE, OPERATIONS, PARAMETERS, Deprecation
from tests.contract.test_contract import responses
from tests.contract.test_openapi import OPERATIONS as DESCRIBED
from tests.make import Make, World

ENTRIES = [*OPERATIONS.values(), *PARAMETERS.values()]
BY_NAME = {operation.said["operationId"]: operation for operation in DESCRIBED}
SOON = Deprecation(date(2026, 12, 1), date(2027, 6, 1), "`GET /api/outlets`")


def test_what_is_deprecated_is_what_the_contract_marks() -> None:
    assert {name for name, operation in BY_NAME.items() if operation.said.get("deprecated")} == set(OPERATIONS)
    marked = {
        (name, entry["name"])
        for name, operation in BY_NAME.items()
        for entry in operation.said.get("parameters", [])
        if entry.get("deprecated")
    }
    assert marked == set(PARAMETERS)
    by_hand = {handler.handler_name for handler in ROUTES if handler not in PAGES and handler.deprecated}
    assert by_hand <= set(OPERATIONS), "write it into the table: from there the answers get their headers"


def test_a_program_has_half_a_year_to_change_over() -> None:
    assert [entry for entry in ENTRIES if entry.until - entry.since < NOTICE] == []


def test_what_is_deprecated_says_what_to_use_instead_and_names_the_headers_of_its_answers() -> None:
    for name, entry in [*OPERATIONS.items(), *((name, entry) for (name, _), entry in PARAMETERS.items())]:
        answers = responses(BY_NAME[name])
        success = next(answer for status, answer in answers.items() if status.startswith("2"))
        assert {"Deprecation", "Sunset"} <= set(success["headers"])
        assert entry.words in str(BY_NAME[name].said)


def test_the_headers_are_those_of_the_standards() -> None:
    assert SOON.headers["deprecation"] == "@1796083200"
    assert SOON.headers["sunset"] == "Tue, 01 Jun 2027 00:00:00 GMT"
    assert parsedate_to_datetime(SOON.headers["sunset"]).date() == SOON.until
    assert SOON.headers["link"] == '</api/docs/changes>; rel="deprecation"; type="text/html"'


async def test_every_answer_of_a_deprecated_operation_says_so_refusals_too(
    api: httpx.AsyncClient, make: Make, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = await make.planner(world.city_id)
    assert "deprecation" not in (await api.get("/api/partners", headers=headers)).headers
    monkeypatch.setitem(deprecations.OPERATIONS, "read_partners", SOON)
    for answer in (await api.get("/api/partners", headers=headers), await api.get("/api/partners")):
        assert {name: answer.headers[name] for name in SOON.headers} == SOON.headers, answer.status_code
    assert "deprecation" not in (await api.get("/api/depots", headers=headers)).headers


async def test_only_a_request_that_uses_a_deprecated_parameter_is_told(
    api: httpx.AsyncClient, make: Make, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(deprecations.PARAMETERS, ("read_riders", "outlet_id"), SOON)
    headers, address = await make.planner(world.city_id), f"/api/riders?outlet_id={world.outlets[0]}"
    assert (await api.get(address, headers=headers)).headers["sunset"] == SOON.headers["sunset"]
    assert "sunset" not in (await api.get("/api/riders", headers=headers)).headers
    assert "sunset" not in (await api.get("/api/riders?outlet=1", headers=headers)).headers
