"""Lets whoever answers a request sign every transaction of it, in the same commit: the trail is kept so, and no slice
has to think of it. The database knows nothing of what is signed."""

from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Any

# Writes the signature on the connection it is given, before the commit. Called again when the transaction is done
# again, so it must write the same.
Signature = Callable[[Any], Awaitable[None]]
# Asked once for each transaction of the request under way; None outside of requests and where nothing is signed.
WITNESS: ContextVar[Callable[[], Signature] | None] = ContextVar("witness", default=None)


def signature() -> Signature | None:
    """The signature for one transaction that begins now, or None."""
    witness = WITNESS.get()
    return witness() if witness is not None else None
