"""Every answer that any test meets is one the contract lists: its status, its media type and, of a refusal, its problem."""

import gzip
import re
from collections.abc import Generator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest
from litestar.types import Message, Receive, Scope, Send

from dispatch.server.entrance import Entrance

CONTRACT = Path(__file__).parents[1] / "schemas" / "openapi.json"
# Answers of status 200 in which single records may be refused.
OF_RECORDS = {"sync_handouts", "report_handouts", "correct_handout"}


class Answer(NamedTuple):
    """What came back from one operation."""

    operation: str
    status: int
    media_type: str
    problem: str | None
    of_record: bool = False
    """Whether one record was refused, inside an answer."""


class Listed(NamedTuple):
    """What the contract says of one status of an operation."""

    media_types: frozenset[str]
    problems: frozenset[str]
    of_records: frozenset[str]


@cache
def listed() -> dict[str, dict[int, Listed]]:
    """{operation's name: {status: what is listed}} of the contract."""
    contract: dict[str, Any] = msgspec.json.decode(CONTRACT.read_bytes())
    shared = contract["components"]["responses"]
    found: dict[str, dict[int, Listed]] = {}
    for operation in (operation for item in contract["paths"].values() for operation in item.values()):
        described = {
            int(status): shared[answer["$ref"].rsplit("/", 1)[1]] if "$ref" in answer else answer
            for status, answer in operation["responses"].items()
        }
        of_records = frozenset(operation.get("x-record-problems", []))
        found[operation["operationId"]] = {
            status: Listed(frozenset(answer.get("content", {})), frozenset(answer.get("x-problems", [])), of_records)
            for status, answer in described.items()
        }
    return found


def fault_of(answer: Answer) -> str | None:
    """Why the contract does not list an answer; None when it does, or when the operation is none of the contract."""
    statuses = listed().get(answer.operation)
    if statuses is None:
        return None
    if answer.status not in statuses:
        return f"{answer.operation} answers {answer.status} ({answer.problem}), which the contract does not list"
    known = statuses[answer.status]
    if answer.problem not in {None, *(known.of_records if answer.of_record else known.problems)}:
        what = "a record" if answer.of_record else f"with {answer.status}"
        return f"{answer.operation} refuses {what} as {answer.problem}, which the handler does not list"
    if answer.media_type and known.media_types and answer.media_type not in known.media_types:
        return f"{answer.operation} answers {answer.status} as {answer.media_type}, which the contract does not list"
    return None


class AnswersWatch:
    """The answers of this worker's tests."""

    def __init__(self) -> None:
        self._met: set[Answer] = set()
        self._good: set[Answer] = set()

    def note(self, scope: Scope, message: Message) -> None:
        """Remember the beginning of an answer, and the records that are refused in it."""
        handler: Any = scope.get("route_handler")
        if handler is None:
            return
        if message["type"] == "http.response.body" and handler.handler_name in OF_RECORDS:
            body: bytes = message.get("body", b"")
            text = gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body
            for slug in set(re.findall(rb'"problem":\{"type":"/problems/([a-z0-9-]+)"', text)):
                self._met.add(Answer(handler.handler_name, 200, "", slug.decode(), of_record=True))
        if message["type"] != "http.response.start" or message["status"] == 405:
            return
        headers = {name.lower(): value for name, value in message.get("headers", ())}
        media_type = headers.get(b"content-type", b"").decode().partition(";")[0]
        problem: str | None = scope.get("state", {}).get("problem")
        self._met.add(Answer(handler.handler_name, message["status"], media_type, problem))

    def judge(self) -> None:
        """Fail for what was met since the last time and is not listed."""
        new, self._met = self._met - self._good, set()
        faults = {answer: fault for answer in new if (fault := fault_of(answer)) is not None}
        self._good |= new - set(faults)
        if faults:
            said = "\n".join(sorted(set(faults.values())))
            pytest.fail(f"{said}\nList it by refusals(…), or in schemas/files.py.", pytrace=False)


@contextmanager
def watching() -> Generator[AnswersWatch]:
    """Watch every application of this process from its entrance."""
    watch, original = AnswersWatch(), Entrance.__call__

    async def watched(self: Entrance, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_noted(message: Message) -> None:
            watch.note(scope, message)
            await send(message)

        await original(self, scope, receive, send_noted)

    Entrance.__call__ = watched  # type: ignore[method-assign]
    try:
        yield watch
    finally:
        Entrance.__call__ = original  # type: ignore[method-assign]
