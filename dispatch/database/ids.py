"""Ids are UUIDv7 (RFC 9562): made by the client or here, sortable by time, with the time inside."""

import secrets
from datetime import UTC, date, datetime
from uuid import UUID


def new_id(now: datetime, entropy: int | None = None) -> UUID:
    """Make a UUIDv7 for the instant `now` (aware). `entropy` (74 bits used) makes it reproducible."""
    milliseconds = int(now.timestamp() * 1000) & (1 << 48) - 1
    random = secrets.randbits(74) if entropy is None else entropy & (1 << 74) - 1
    high, low = random >> 62, random & (1 << 62) - 1
    return UUID(int=milliseconds << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low)


def is_version_7(identifier: UUID) -> bool:
    """Tell whether the id is a UUIDv7 of the RFC's variant."""
    return identifier.version == 7


def time_of(identifier: UUID) -> datetime:
    """The instant (UTC, whole milliseconds) inside a UUIDv7."""
    return datetime.fromtimestamp((identifier.int >> 80) / 1000, tz=UTC)


def day_of(identifier: UUID) -> date:
    """The UTC day inside a UUIDv7: the same id always has the same day, whatever its record says."""
    return time_of(identifier).date()
