"""What a command did to an account stands in the trail too: the trail is a slice, and identity knows none of them."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID

from dispatch.audit.store import own_entry, write_entry
from dispatch.database import Connection


def noted_as(
    city_id: int, now: datetime, operation: str, **facts: bool
) -> Callable[[Connection, UUID], Awaitable[None]]:
    """Writes the entry `operation` about an account, in the transaction that changes it."""

    async def note(connection: Connection, account_id: UUID) -> None:
        entry = own_entry(city_id, now, operation, kind="command", account_id=account_id, **facts)
        await write_entry(connection, entry)

    return note
