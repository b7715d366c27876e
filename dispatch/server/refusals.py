"""Says in the contract what a handler may refuse: `@post(…, responses=refusals(BatchTaken, ClaimChanged))`.

What any request may meet (not signed in, too many calls, a busy server) is added to every operation where the contract
is put together; a handler lists what its own rules raise.
"""

from collections import defaultdict

from litestar.openapi.datastructures import ResponseSpec

from dispatch.problems import Problem
from schemas.problems import ProblemDocument

PROBLEM_JSON = "application/problem+json"


class Refusals(dict[int, ResponseSpec]):
    """Responses by status, as the framework takes them, and the problems they stand for."""

    def __init__(self, *problems: type[Problem]) -> None:
        self.problems = frozenset(problems)
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


def refusals(*problems: type[Problem]) -> Refusals:
    """The problems a handler's own rules may raise."""
    return Refusals(*problems)
