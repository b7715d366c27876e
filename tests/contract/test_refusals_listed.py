"""What a handler raises is what it lists. Read from the sources."""

from typing import Any

import pytest

from dispatch.problems import Problem
from dispatch.routes import PAGES, ROUTES
from dispatch.server.problem_pages import problem_classes
from dispatch.server.refusals import Asked, Refusals, of_any_request
from tests.contract.call_graph import raised, reached
from tests.contract.test_contract import refused
from tests.contract.test_openapi import OPERATIONS

HANDLERS = [handler for handler in ROUTES if handler not in PAGES]
every_handler = pytest.mark.parametrize("handler", HANDLERS, ids=lambda handler: handler.handler_name)

# Problems that no operation of the contract gives, each with the reason.
NOT_IN_THE_CONTRACT = {
    "pages-not-built": "of the pages, which people read",
    "unknown-datum": "of the command line: requests name the datum by a type of the contract",
    "city-differs": "of the command line, which sets a city up",
}

_NOT_WHEN_JUDGED_AGAIN = (
    "record_calls answers it for a single call; who judges again leaves that call waiting as it was"
)

# (handler, slug) of what a function can raise, but never for this handler, each with the reason.
NEVER_RAISED_THERE = {
    ("preview_zones", "import-refused"): "a preview catches it and shows the faults",
    ("report_handouts", "unknown-handout"): "a report holds no corrections",
    ("report_handouts", "nothing-to-correct"): "a report holds no corrections",
    ("retry_refused_handouts", "too-many-waiting"): _NOT_WHEN_JUDGED_AGAIN,
    ("take_up_refused", "too-many-waiting"): _NOT_WHEN_JUDGED_AGAIN,
    ("retry_chosen_refused", "too-many-waiting"): _NOT_WHEN_JUDGED_AGAIN,
}


def listed(handler: Any) -> Refusals:
    """What the handler itself lists; nothing, when it lists nothing."""
    return handler.responses if isinstance(handler.responses, Refusals) else Refusals((), ())


def can_raise(handler: Any) -> set[str]:
    """Names of everything the handler can reach, by module."""
    return {f"{module}.{name}" for module, name in reached(handler.fn.__module__, handler.fn.__name__)}


@every_handler
def test_a_handler_lists_nothing_it_cannot_raise(handler: Any) -> None:
    own = listed(handler)
    names, can = {f"{kind.__module__}.{kind.__name__}" for kind in own.problems | own.of_records}, can_raise(handler)
    assert names - can == set()


@every_handler
def test_what_a_handler_lists_is_declared_as_refusals(handler: Any) -> None:
    """The contract reads the problems, not the framework's own description of a response."""
    assert handler.responses is None or isinstance(handler.responses, Refusals)


@every_handler
def test_a_handler_lists_what_it_and_the_functions_it_names_raise(handler: Any) -> None:
    operation = next(operation for operation in OPERATIONS if operation.said["operationId"] == handler.handler_name)
    kinds = {(kind.__module__, kind.__name__): kind.slug for kind in problem_classes()}
    found = {kinds[name] for name in raised(handler.fn.__module__, handler.fn.__name__) if name in kinds}
    excused = {slug for name, slug in NEVER_RAISED_THERE if name == handler.handler_name}
    of_records = set(operation.said.get("x-record-problems", []))
    assert found - set(refused(operation)) - of_records - excused == set(), (
        "list it at the handler, or say below why it cannot come"
    )


def test_every_excuse_is_still_needed() -> None:
    kinds = {(kind.__module__, kind.__name__): kind.slug for kind in problem_classes()}
    for name, slug in NEVER_RAISED_THERE:
        handler = next(handler for handler in HANDLERS if handler.handler_name == name)
        found = {kinds.get(inner) for inner in raised(handler.fn.__module__, name)}
        assert slug in found, f"{name} no longer reaches {slug}: take it off the list"


def test_every_problem_of_the_product_is_listed_where_it_may_be_met() -> None:
    anywhere = of_any_request(
        Asked(
            roles=frozenset({"planner", "partner_system"}), before_password_change=False, before_second_factor=False,
            has_body=True, takes_text=True, is_addressed=True, takes_file=True,
        )
    )  # fmt: skip
    met = {kind.slug for kind in anywhere} | {slug for operation in OPERATIONS for slug in refused(operation)}
    met |= {slug for operation in OPERATIONS for slug in operation.said.get("x-record-problems", [])}
    known: set[type[Problem]] = set(problem_classes())
    assert {kind.slug for kind in known} - met - set(NOT_IN_THE_CONTRACT) == set(), "list it at its handlers"
    assert set(NOT_IN_THE_CONTRACT) & met == set(), "an operation gives it: take it off the list"
