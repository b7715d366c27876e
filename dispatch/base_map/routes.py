"""The base map's file, given out in parts."""

import re
from typing import Any, Final

from litestar import Request, Response, get

from dispatch.base_map.ground import ADDRESS, WITH_MAPS, Ground
from dispatch.problems import NotFound, Problem
from dispatch.server.caller import allow
from dispatch.server.options import LIMIT, PACKED

# A reader asks for a directory or a picture at a time; nobody needs the whole file.
MOST_BYTES: Final = 8_000_000


class RangeNeeded(Problem):
    """The base map's file is given out in parts of at most eight megabytes: ask with a Range header."""

    slug, title, status = "range-needed", "Ask for a part of the file", 416


@get(
    ADDRESS,
    guards=[allow(*WITH_MAPS)],
    opt={PACKED: True, LIMIT: "tile"},
    media_type="application/octet-stream",
    sync_to_thread=True,
)
def read_base_map(request: Request[Any, Any, Any]) -> Response[bytes]:
    """A part of the base map's file, as the Range header names it. Not found when the operator has brought none."""
    ground: Ground | None = request.app.state.ground
    if ground is None or ground.file is None:
        raise NotFound("This server has no base map of its own.")
    state = ground.file.stat()
    size, etag = state.st_size, f'"{state.st_size:x}-{state.st_mtime_ns:x}"'
    headers = {"etag": etag, "accept-ranges": "bytes", "cache-control": "private, max-age=3600"}
    if request.headers.get("if-none-match") == etag:
        return Response(b"", status_code=304, headers=headers)
    first, last = _range_of(request.headers.get("range", ""), size)
    with ground.file.open("rb") as opened:
        opened.seek(first)
        part = opened.read(last - first + 1)
    headers["content-range"] = f"bytes {first}-{first + len(part) - 1}/{size}"
    return Response(part, status_code=206, media_type="application/octet-stream", headers=headers)


def _range_of(header: str, size: int) -> tuple[int, int]:
    """First and last byte asked for. Raises RangeNeeded for none, several, too many or those beyond the end."""
    asked = re.fullmatch(r"bytes=(\d{1,15})-(\d{1,15})", header.strip())
    first, last = (int(asked[1]), min(int(asked[2]), size - 1)) if asked else (0, -1)
    if first > last or last - first >= MOST_BYTES:
        raise RangeNeeded("Send Range: bytes=FIRST-LAST, eight megabytes at most.", size=size)
    return first, last


ROUTES = [read_base_map]
