"""Handouts that were refused: why they could not be taken, what they wait for, and how they are settled."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta, Struct

from schemas.handouts import REPORT_LIMIT, WaitsFor

RefusedFilter = Literal["waiting", "recorded_later", "taken_up", "dismissed", "withdrawn"]


class RefusedRow(Struct, frozen=True, kw_only=True):
    """A record that could not be taken, with the reason; it is kept until it is recorded later, dismissed by somebody
    who looked at it, or withdrawn by who reported it."""

    handout_id: UUID
    content_digest: str
    entry: str
    problem: str
    detail: str
    record: dict[str, Any] | list[Any] | str
    refused_at: datetime
    tries: int
    status: str
    own: bool
    """Whether the caller sent it."""
    waits_for: WaitsFor | None
    """Null once it is settled."""
    holder_kind: Literal["rider", "outlet"] | None
    """Whose copies it would take; null where the record names nobody who is known."""
    outlet_code: str | None
    """Of the holder, else of the sender."""
    outlet_name: str | None
    rider_code: str | None
    rider_name: str | None
    """For the rider's own managers; null for everybody else."""
    material_code: str | None
    copies: int | None


class RefusedReason(Struct, frozen=True, kw_only=True):
    """Refused records of one problem that came in one way."""

    problem: str
    entry: str
    waits_for: WaitsFor | None
    """Null once they are settled."""
    records: int
    copies: int
    """Those of the records that say how many."""


class RefusedTotals(Struct, frozen=True, kw_only=True):
    """All refused records in scope with one status, by reason, the most frequent first."""

    records: int
    reasons: list[RefusedReason]


class RetryResult(Struct, frozen=True, kw_only=True):
    """What became of the waiting records that were tried again."""

    tried: int
    recorded: int
    duplicates: int
    still_refused: dict[str, int]


class ChosenRefused(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Refused records that a person wants judged again as they are."""

    handout_ids: Annotated[list[UUID], Meta(min_length=1, max_length=100)]


class Withdrawal(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Own reported records that were refused and shall not count."""

    handout_ids: Annotated[list[UUID], Meta(min_length=1, max_length=REPORT_LIMIT)]


class Dismissal(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Refused records somebody looked at and leaves be."""

    handout_ids: Annotated[list[UUID], Meta(min_length=1, max_length=500)]
