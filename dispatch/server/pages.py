"""Pages of a list: their size, and where the next one begins, as text the caller passes back unread."""

import base64
from typing import Annotated, Any, TypeVar

import msgspec
from litestar.params import QueryParameter

from dispatch.problems import InvalidRequest

T = TypeVar("T")

Limit = Annotated[int, QueryParameter(ge=1, le=200, description="Rows on a page")]
LongLimit = Annotated[int, QueryParameter(ge=1, le=1000, description="Rows on a page")]
CursorText = Annotated[str | None, QueryParameter(max_length=400, description="next_cursor of the page before")]
CodeFilter = Annotated[
    str | None,
    QueryParameter(
        min_length=1, max_length=40, pattern="^[A-Za-z0-9][A-Za-z0-9._-]*$", description="Only what has this code"
    ),
]


def encode_cursor(*key: Any) -> str:
    """The sort key of the last row on a page, as URL-safe text."""
    return base64.urlsafe_b64encode(msgspec.json.encode(key)).decode().rstrip("=")


def decode_cursor(cursor: str, kind: type[T]) -> T:
    """The sort key a cursor holds. Raises InvalidRequest for text that encode_cursor did not make."""
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        return msgspec.json.decode(text, type=kind)
    except (ValueError, msgspec.MsgspecError):
        detail = "Pass next_cursor of the page before, unchanged, or leave it out for the first page."
        raise InvalidRequest(detail, errors=[{"pointer": "/cursor", "detail": detail}]) from None
