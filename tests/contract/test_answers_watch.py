"""No answer that any test gets is missing from the contract: how the watch over all tests judges."""

from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest

from dispatch.server import problem_pages
from dispatch.web.routes import PagesNotBuilt
from tests.answers_watch import Answer, AnswersWatch, fault_of

JSON, PROBLEM = "application/json", "application/problem+json"


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (Answer("read_problem", 200, JSON, None), None),
        (Answer("read_problem", 404, PROBLEM, "not-found"), None),
        (Answer("read_problem", 404, PROBLEM, "batch-taken"), "refuses with 404 as batch-taken"),
        (Answer("read_problem", 409, PROBLEM, "batch-taken"), "answers 409 (batch-taken)"),
        (Answer("read_problem", 201, JSON, None), "answers 201"),
        (Answer("read_problem", 200, "text/html", None), "answers 200 as text/html"),
        (Answer("sync_handouts", 200, "", "unknown-zone", of_record=True), None),
        (Answer("sync_handouts", 200, "", "batch-taken", of_record=True), "refuses a record as batch-taken"),
        (Answer("import_zones", 415, PROBLEM, "unsupported-media-type"), None),
        (Answer("read_zones", 415, PROBLEM, "unsupported-media-type"), "answers 415"),
        (Answer("serve_page", 418, "text/html", None), None),
    ],
    ids=lambda value: "-".join(str(part) for part in value if part) if isinstance(value, Answer) else "",
)
def test_what_the_contract_does_not_list_is_a_fault(answer: Answer, fault: str | None) -> None:
    assert (fault_of(answer) is None) == (fault is None)
    assert fault is None or fault in str(fault_of(answer))


async def test_a_test_that_gets_an_unlisted_refusal_fails(
    api: httpx.AsyncClient, answers_watch: AnswersWatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(problem_pages, "NotFound", PagesNotBuilt)
    assert (await api.get("/problems/nothing")).json()["type"] == "/problems/pages-not-built"
    with pytest.raises(pytest.fail.Exception, match=r"read_problem .* pages-not-built"):
        answers_watch.judge()


async def test_a_test_whose_record_gets_an_unlisted_refusal_fails(answers_watch: AnswersWatch) -> None:
    scope: Any = {"type": "http", "route_handler": SimpleNamespace(handler_name="sync_handouts")}
    body = b'{"outcomes":[{"outcome":"refused","problem":{"type":"/problems/batch-taken","title":"-"}}]}'
    answers_watch.note(scope, cast("Any", {"type": "http.response.body", "body": body}))
    with pytest.raises(pytest.fail.Exception, match="refuses a record as batch-taken"):
        answers_watch.judge()
