"""Lets the audit trail write into every transaction of a request, in the same commit, without any slice thinking of it.
The database knows nothing of what is written."""

from collections.abc import Awaitable, Callable
from contextvars import ContextVar

from dispatch.database.records import Connection

# Writes on the connection it is given, before the commit. Called again when the transaction is done again, so it must
# write the same.
AuditHook = Callable[[Connection], Awaitable[None]]
# Asked once for each transaction of the request under way; None outside of requests and where nothing is recorded.
MAKE_AUDIT_HOOK: ContextVar[Callable[[], AuditHook] | None] = ContextVar("make_audit_hook", default=None)


def new_audit_hook() -> AuditHook | None:
    """The hook for one transaction that begins now, or None."""
    make = MAKE_AUDIT_HOOK.get()
    return make() if make is not None else None
