"""Pages of a list: their size, and where the next one begins, as text the caller passes back unread.

Every list that may be long pages in this one way. Lists with an envelope give `next_cursor` in it; those that were made
as plain lists give it in the header `Next-Cursor`, which breaks no program.
"""

import base64
from collections.abc import Callable, Sequence
from typing import Annotated, Final, TypeVar

import msgspec
from litestar import Response
from litestar.params import QueryParameter

from dispatch.problems import InvalidRequest

T = TypeVar("T")
NEXT_CURSOR: Final = "next-cursor"

Limit = Annotated[int, QueryParameter(ge=1, le=200, description="Rows on a page")]
LongLimit = Annotated[int, QueryParameter(ge=1, le=1000, description="Rows on a page")]
CursorText = Annotated[
    str | None,
    QueryParameter(max_length=400, description="Where the page before ended: its `next_cursor`, or `Next-Cursor`"),
]
CodeFilter = Annotated[
    str | None,
    QueryParameter(
        min_length=1, max_length=40, pattern="^[A-Za-z0-9][A-Za-z0-9._-]*$", description="Only what has this code"
    ),
]


DryRun = Annotated[
    bool,
    QueryParameter(
        description="Answer as if it were done, and do nothing: nothing is written, nothing refused is kept. The "
        "answer says so"
    ),
]


def encode_cursor(*key: object) -> str:
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


def page_of(found: Sequence[T], limit: int, key: Callable[[T], tuple[object, ...]]) -> tuple[list[T], str | None]:
    """The page, and the cursor of the next one or None, of one row more than the page may hold."""
    page = list(found[:limit])
    return page, encode_cursor(*key(page[-1])) if len(found) > limit else None


def plain_list(content: list[T], next_cursor: str | None) -> Response[list[T]]:
    """A list without an envelope; its header says where the next page begins, if there is one."""
    return Response(content, headers={NEXT_CURSOR: next_cursor} if next_cursor else None)
