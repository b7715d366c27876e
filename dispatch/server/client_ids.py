"""Ids made by the client, so that every write can be sent again: what they must be, and whether a repeat has the same
content."""

from uuid import UUID

import msgspec

from dispatch.database.ids import is_version_7
from dispatch.problems import Problem


class IdUnusable(Problem):
    """Ids made by the client are UUIDv7, so that they sort by time."""

    slug, title, status = "id-unusable", "The id is not a UUIDv7", 422


def require_id(identifier: UUID, field: str) -> None:
    """Refuse an id the client made that is not a UUIDv7."""
    if not is_version_7(identifier):
        raise IdUnusable(f"{field} must be a UUIDv7; make one at the moment the request is made.", field=field)


def same_content(wanted: msgspec.Struct, stored: msgspec.Struct) -> bool:
    """Whether everything asked for is what is stored; what the server added is not compared."""
    return all(getattr(wanted, name) == getattr(stored, name) for name in wanted.__struct_fields__)
