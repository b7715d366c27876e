"""Answers that are asked about again before they are used: ETag in, 304 or the whole answer out."""

from hashlib import blake2b
from typing import Any, TypeVar

from litestar import Response

from dispatch.server.requests import AnyRequest

T = TypeVar("T")
_CACHING = {"cache-control": "private, no-cache"}


def etag_of(content: bytes) -> str:
    """The ETag of an answer that depends on more than the campaign's version."""
    return f'W/"{blake2b(content, digest_size=12).hexdigest()}"'


def client_has(request: AnyRequest, etag: str) -> bool:
    """Whether the client already has this, by its If-None-Match."""
    known = [entry.strip().removeprefix("W/") for entry in request.headers.get("if-none-match", "").split(",")]
    return etag.removeprefix("W/") in known or "*" in known


def not_modified(etag: str) -> Response[Any]:
    """304: what the client has is still right."""
    return Response(None, status_code=304, headers={"etag": etag, **_CACHING})


def cached_response(
    content: T, etag: str, *, media_type: str | None = None, file_name: str | None = None
) -> Response[T]:
    """The answer, to be asked about again before it is reused."""
    headers = {"etag": etag, **_CACHING}
    if file_name is not None:
        headers["content-disposition"] = f'attachment; filename="{file_name}"'
    return Response(content, headers=headers, media_type=media_type)
