"""Nothing personal in the log: one run through the whole API, with names, phones, PINs, passwords and tokens that can be
looked for, and every line that was written searched for them. And an event is a word."""

import ast
import json
import logging
import re
from pathlib import Path
from typing import Any

import pytest

import dispatch
from dispatch.database import Database
from dispatch.server.logs import JsonFormatter
from tests.conftest import Clock, serving
from tests.contract.furnished import address, furnish
from tests.contract.test_access import ACCESS, everybody
from tests.make import Make

NAME, PHONE, PIN, PASSWORD = "欧阳不留痕", "13800138000", "482913", "Correct-horse-battery-9"
# A mobile number in China; an identity card's number.
PATTERNS = (re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)"), re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)"))


class Lines(logging.Handler):
    """Everything that is logged, as it would be written."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.setFormatter(JsonFormatter())
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture
def lines() -> Any:
    handler, root = Lines(), logging.getLogger()
    # As start_logging does: here it would tell of the test's own client.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield handler.lines
    root.removeHandler(handler)
    root.setLevel(level)


async def test_a_failure_in_the_database_is_logged_without_the_row_it_was_about(
    clone: Database, clock: Clock, lines: list[str]
) -> None:
    make = Make(clone, clock.now)
    world = await make.world()
    await make.fetch("alter table rider add constraint broken check (code <> 'NEWCOMER') not valid")
    code = await make.value("select code from outlet where outlet_id = $1", world.outlets[0])
    body = {"code": "NEWCOMER", "name": NAME, "outlet_code": code}
    async with serving(clone, clock) as (api, _):
        answer = await api.post("/api/riders", json=body, headers=await make.planner(99))
    assert answer.status_code == 500
    (failure,) = [line for line in lines if "CheckViolationError" in line]
    assert "broken" in failure, "what went wrong is there"
    assert NAME not in "".join(lines)


async def test_a_run_through_the_whole_api_leaves_nothing_personal_in_the_log(
    clone: Database, clock: Clock, lines: list[str]
) -> None:
    make = Make(clone, clock.now)
    things = await furnish(make, 99)
    world, tokens = things.world, list[str]()
    await make.fetch("update rider set name = $1 where rider_id = $2", NAME, things.ids["rider_id"])
    await make.account(99, "planner", login="planner", password=PASSWORD, display_name=NAME)
    outlet = await make.outlet(99, world.partners[0], code="ZTO-1")
    await make.rider(99, outlet, pin=PIN, name=NAME)
    nasty = {
        "name": NAME,
        "phone": PHONE,
        "pin": PIN,
        "password": PASSWORD,
        "id": PHONE,
        "records": [
            {"id": PHONE, "name": NAME},
            {
                "id": PHONE,
                "position": {"longitude": 104.2073188, "latitude": 36.9, "datum": "wgs84", "accuracy_metres": 5},
            },
        ],
    }
    async with serving(clone, clock) as (api, _):
        for method, path in ACCESS:
            if path.endswith("/events"):
                continue
            for headers in (await everybody(make, world)).values():
                tokens.append(headers["authorization"].removeprefix("Bearer "))
                url = address(path, things)
                body: dict[str, Any] = {} if method == "GET" else {"json": nasty}
                await api.request(method, f"{url}{'&' if '?' in url else '?'}search={PHONE}", headers=headers, **body)
        for sent in (
            {"kind": "password", "login": "planner", "password": PASSWORD},
            {"kind": "password", "login": PHONE, "password": f"{PASSWORD}x"},
            {"kind": "pin", "outlet_code": "ZTO-1", "pin": PIN},
        ):
            answer = await api.post("/api/sign-in", json=sent)
            tokens.append(answer.json().get("token", PASSWORD))
        await api.get(f"/api/riders/{PHONE}", headers={"authorization": f"Bearer {tokens[0]}"})
        table = f"code,name,outlet_code\nR-1,{NAME},{PHONE}\n".encode()
        planner = {**await make.planner(99), "content-type": "text/csv"}
        await api.post("/api/riders/import", content=table, headers=planner)
    text = "\n".join(lines)
    assert text.count('"event":"request"') > 500, "the run was logged"
    assert all(json.loads(line) for line in lines)
    for secret in (NAME, PHONE, PIN, PASSWORD, "104.2073", *tokens):
        assert secret not in text, next(line for line in lines if secret in line)
    for pattern in PATTERNS:
        found = pattern.search(re.sub(r'"(at|request_id|trace)":"[^"]*"', "", text))
        assert found is None, found


def events() -> dict[str, str]:
    """{place: the first argument} of every call of a logger in the product."""
    root = Path(dispatch.__file__).parent
    return {
        f"{path.relative_to(root)}:{node.lineno}": ast.unparse(node.args[0])
        for path in sorted(root.rglob("*.py"))
        if "node_modules" not in path.parts
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and ast.unparse(node.func.value).lower().endswith(("logger", "log", "logging"))
        and node.func.attr in {"debug", "info", "warning", "error", "exception", "critical", "log"}
    }


def test_an_event_is_a_fixed_word_and_all_that_varies_is_a_field() -> None:
    """A sentence cannot be counted or alarmed on, and one with values in it is another line each time."""
    found = events()
    assert len(found) > 10
    assert {place: event for place, event in found.items() if not re.fullmatch(r"'[a-z]+(_[a-z]+)*'", event)} == {}
