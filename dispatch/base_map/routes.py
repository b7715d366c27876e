"""The base map's file, given out in parts."""

from litestar import Response, get

from dispatch.base_map.rules import ADDRESS, WITH_MAPS, RangeNeeded, judge_range
from dispatch.base_map.source import MapSource
from dispatch.problems import NotFound
from dispatch.server.caller import allow
from dispatch.server.conditional import client_has
from dispatch.server.options import LIMIT, PACKED
from dispatch.server.refusals import refusals
from dispatch.server.requests import AnyRequest


@get(
    ADDRESS,
    guards=[allow(*WITH_MAPS)],
    opt={PACKED: True, LIMIT: "tile"},
    media_type="application/octet-stream",
    sync_to_thread=True,
    responses=refusals(NotFound, RangeNeeded),
)
def read_base_map(request: AnyRequest) -> Response[bytes]:
    """A part of the base map's file, as the Range header names it. Not found when the operator has brought none."""
    source: MapSource | None = request.app.state.base_map
    if source is None or source.file is None:
        raise NotFound("This server has no base map of its own.")
    state = source.file.stat()
    size, etag = state.st_size, f'"{state.st_size:x}-{state.st_mtime_ns:x}"'
    headers = {"etag": etag, "accept-ranges": "bytes", "cache-control": "private, max-age=3600"}
    if client_has(request, etag):
        return Response(b"", status_code=304, headers=headers)
    first, last = judge_range(request.headers.get("range", ""), size)
    with source.file.open("rb") as opened:
        opened.seek(first)
        part = opened.read(last - first + 1)
    headers["content-range"] = f"bytes {first}-{first + len(part) - 1}/{size}"
    return Response(part, status_code=206, media_type="application/octet-stream", headers=headers)


ROUTES = [read_base_map]
