"""The page at every problem's `type`: what this refusal means, made from the classes that are raised."""

from collections.abc import Iterator
from inspect import cleandoc

from litestar import get
from litestar.params import FromPath

from dispatch.problems import NotFound, Problem
from dispatch.server.options import ANYONE
from schemas.problems import ProblemKind

# What HTTP itself refuses has no class of its own; see problems.py.
_OF_HTTP = (
    ("method-not-allowed", "This address does not take this method", 405, "Use a method that the Allow header names."),
)


def problem_classes(base: type[Problem] = Problem) -> Iterator[type[Problem]]:
    """Every public problem of the product that has been imported, each once, in no order."""
    found: set[type[Problem]] = set()
    waiting = base.__subclasses__()
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if kind in found or kind.__name__.startswith("_") or not kind.__module__.startswith("dispatch."):
            continue
        found.add(kind)
        yield kind


def problem_kinds() -> dict[str, ProblemKind]:
    """{slug: its description}, in the order of the slugs."""
    kinds = [(kind.slug, kind.title, kind.status, cleandoc(kind.__doc__ or "")) for kind in problem_classes()]
    return {
        slug: ProblemKind(type=f"/problems/{slug}", slug=slug, title=title, status=status, description=description)
        for slug, title, status, description in sorted([*kinds, *_OF_HTTP])
    }


@get("/problems", opt={ANYONE: True})
async def read_problems() -> list[ProblemKind]:
    """Every kind of refusal there is, by slug."""
    return list(problem_kinds().values())


@get("/problems/{slug:str}", opt={ANYONE: True})
async def read_problem(slug: FromPath[str]) -> ProblemKind:
    """What one kind of refusal means: the address that answers carry as `type`."""
    kind = problem_kinds().get(slug)
    if kind is None:
        raise NotFound("There is no problem of this name; /problems lists them all.")
    return kind


ROUTES = [read_problems, read_problem]
