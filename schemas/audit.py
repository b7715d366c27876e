"""The audit trail: who did what to whom, from where, and what came of it."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

AuditKind = Literal["change", "request", "read", "export", "refusal", "command", "upkeep"]


class AuditEntry(Struct, frozen=True, kw_only=True):
    """One line of the trail. What is kept holds ids and codes only; names are read when it is."""

    entry_id: UUID
    position: int | None
    """Its place in the chain; null for a moment, until it is sealed."""
    at: datetime
    kind: AuditKind
    operation: str
    """The operation's name in this contract; of commands and upkeep their own."""
    result: str
    """`done`, or the slug of the problem."""
    caller_role: str
    """Also `stranger` (not signed in), `operator` (at the command line), `server` (by itself)."""
    caller_id: UUID | None
    caller_login: str | None
    caller_code: str | None
    """A rider's."""
    caller_key: str | None
    """What the key is called with which a partner's system called; `caller_id` is the key's."""
    partner_id: UUID | None
    partner_code: str | None
    outlet_id: UUID | None
    outlet_code: str | None
    request_id: str
    address: str
    """Of riders the network only."""
    subject: dict[str, str]
    """On whom or what, by ids and codes."""
    names: dict[str, str]
    """What the ids of `subject` are called now: logins, names, a rider's code. What is gone has none."""


class AuditPage(Struct, frozen=True, kw_only=True):
    """Part of the trail, newest first."""

    entries: list[AuditEntry]
    next_cursor: str | None
    """Send it as `cursor` for the next page; null: there is none."""
    next_before: UUID | None
    """Deprecated with the parameter `before`."""


class AuditHead(Struct, frozen=True, kw_only=True):
    """The end of the chain. Kept elsewhere as `position:hash`, it shows later whether the trail was rewritten."""

    position: int
    hash: str
    sealed_at: datetime
    begins_after: int
    """Entries up to this position have expired."""
    waiting: int
    """Entries that have no seal yet."""


class AuditFault(Struct, frozen=True, kw_only=True):
    """Something that is not as it was written, and where."""

    kind: Literal["altered", "missing", "reordered", "unsealed", "head"]
    position: int | None
    entry_id: UUID | None
    detail: str


class AuditVerification(Struct, frozen=True, kw_only=True):
    """What a check of the chain found. Not `complete`: go on with `after` = `checked_to`."""

    checked_after: int
    checked_to: int
    complete: bool
    faults: list[AuditFault]
