"""The catalogue of refusals."""

from msgspec import Struct


class ProblemKind(Struct, frozen=True, kw_only=True):
    """One kind of refusal. `type` is what answers carry and stays as it is for ever; programs branch on it."""

    type: str
    slug: str
    title: str
    status: int
    description: str
