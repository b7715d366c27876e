"""Says in the contract what a handler may refuse: `@post(…, responses=refusals(BatchTaken, ClaimChanged))`.

A handler lists what its own rules raise. What any request may meet (not signed in, too many calls, a busy server)
follows from its guards, its method and what it takes; server.contract adds it by `of_any_request`.
"""

from collections import defaultdict
from collections.abc import Iterable

import msgspec
from litestar.openapi.datastructures import ResponseSpec

from dispatch.problems import (
    Busy,
    InvalidRequest,
    NotAllowed,
    NotFound,
    NotSignedIn,
    Problem,
    TooLarge,
    Unexpected,
    UnsupportedMediaType,
)
from dispatch.server.caller import KeyScope, PasswordChangeRequired, SecondFactorRequired
from dispatch.server.entrance import BodyTooSlow
from dispatch.server.limits import TooManyRequests
from schemas.problems import ProblemDocument

PROBLEM_JSON = "application/problem+json"
# Of these an account may have to choose a password first; riders and partners' systems have none.
_WITH_PASSWORD = frozenset({"planner", "auditor", "firm_manager", "outlet_manager"})


class Refusals(dict[int, ResponseSpec]):
    """Responses by status, as the framework takes them, and the problems they are made of."""

    def __init__(self, problems: Iterable[type[Problem]], of_records: Iterable[type[Problem]]) -> None:
        self.problems = frozenset(problems)
        self.of_records = frozenset(of_records)
        by_status: dict[int, list[type[Problem]]] = defaultdict(list)
        for problem in sorted(self.problems, key=lambda problem: problem.slug):
            by_status[problem.status].append(problem)
        super().__init__(
            {
                status: ResponseSpec(
                    data_container=ProblemDocument,
                    media_type=PROBLEM_JSON,
                    description="; ".join(f"`{problem.slug}`: {problem.title}" for problem in same),
                    generate_examples=False,
                )
                for status, same in by_status.items()
            }
        )


def refusals(*problems: type[Problem], of_records: Iterable[type[Problem]] = ()) -> Refusals:
    """The problems a handler's own rules may raise.

    Args:
        problems: each refuses the whole request.
        of_records: each refuses one record of the request, inside an answer of status 200.
    """
    return Refusals(problems, of_records)


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What of an operation decides which refusals any request to it may meet."""

    roles: frozenset[str]
    """Empty: answered before anybody signs in."""
    before_password_change: bool
    before_second_factor: bool
    has_body: bool
    takes_text: bool
    """Whether a parameter holds more than an id: it may not fit its schema."""
    is_addressed: bool
    """Whether the address holds a parameter: what does not fit it is not found."""
    takes_file: bool
    """Whether the body is a file, of which an address takes some media types only."""


def of_any_request(asked: Asked) -> frozenset[type[Problem]]:
    """What a request may meet before, or whatever, the handler's own rules judge."""
    found: set[type[Problem]] = {TooManyRequests, Busy, Unexpected}
    if asked.roles:
        found |= {NotSignedIn, NotAllowed}
        if asked.roles & _WITH_PASSWORD and not asked.before_password_change:
            found.add(PasswordChangeRequired)
        if "planner" in asked.roles and not asked.before_second_factor:
            found.add(SecondFactorRequired)
        if "partner_system" in asked.roles and not asked.before_password_change:
            found.add(KeyScope)
    if asked.has_body:
        found |= {InvalidRequest, TooLarge, BodyTooSlow}
    if asked.takes_file:
        found.add(UnsupportedMediaType)
    if asked.takes_text:
        found.add(InvalidRequest)
    if asked.is_addressed:
        found.add(NotFound)
    return frozenset(found)
