"""Refusals: the document every one of them is, and the catalogue of their kinds."""

from msgspec import UNSET, Struct, UnsetType


class ProblemError(Struct, frozen=True, kw_only=True):
    """One thing that is wrong with a request."""

    pointer: str
    """JSON pointer into the body, or the name of a parameter."""
    detail: str


class ProblemDocument(Struct, frozen=True, kw_only=True):
    """A refusal (RFC 9457). Programs branch on `type`; further members carry the facts of this kind of problem."""

    type: str
    """`/problems/<slug>`, stable: the address is a page that explains it."""
    title: str
    """What kind of problem it is, the same each time."""
    status: int
    detail: str
    """What is wrong here, where, and how to put it right."""
    errors: list[ProblemError] | UnsetType = UNSET
    """With `invalid-request`: what is wrong, place by place."""


class ProblemKind(Struct, frozen=True, kw_only=True):
    """One kind of refusal. `type` is what answers carry and stays as it is forever; programs branch on it."""

    type: str
    slug: str
    title: str
    status: int
    description: str
