"""The pages: built files, read once when the server starts, and what a page asks before anybody has signed in."""

import mimetypes
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from litestar import Response, get
from litestar.params import FromPath

from dispatch.problems import NotFound, Problem
from dispatch.server.conditional import client_has, etag_of
from dispatch.server.options import ANYONE, PACKED
from dispatch.server.requests import AnyRequest

DIST = Path(__file__).parent / "dist"

# Addresses that are no pages: what is not there is not found, and no page may stand in for it.
NO_PAGES: Final = ("api", "assets", "problems")

HEADERS: Final = {
    "content-security-policy": (
        # No script may come from a string or from elsewhere; nothing of ours is WebAssembly.
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
        "connect-src 'self'; worker-src 'self'; manifest-src 'self'; media-src 'self' blob:; font-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}


@cache
def headers_with(origin: str) -> dict[str, str]:
    """The headers of every page; pictures of a base map may come from the operator's one other server."""
    policy = HEADERS["content-security-policy"]
    for source in ("img-src 'self'", "connect-src 'self'") if origin else ():
        policy = policy.replace(source, f"{source} {origin}")
    return {**HEADERS, "content-security-policy": policy}


# Named by their content: what was read once never changes.
FOR_EVER: Final = "public, max-age=31536000, immutable"
# Asked about again each time: after an update nobody works with half of the old page.
ASK_AGAIN: Final = "no-cache"
# As the build packs them, the better one first.
ENCODINGS: Final = (("br", ".br"), ("gzip", ".gz"))

mimetypes.add_type("application/manifest+json", ".webmanifest")
mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("text/javascript", ".mjs")


class PagesNotBuilt(Problem):
    """The server runs from sources whose pages were not built: `npm ci` and `npm run build` in dispatch/web."""

    slug, title, status = "pages-not-built", "The pages are not built", 503


class File(NamedTuple):
    """A file as it is sent: its content by encoding ("" is plain), its media type, how long it may be kept."""

    contents: dict[str, bytes]
    media_type: str
    cache_control: str
    etag: str


@cache
def files(folder: Path = DIST) -> dict[str, File]:
    """Every built file by its address below "/"; empty when nothing was built."""
    found: dict[str, File] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if not path.is_file() or path.name.startswith(".") or path.suffix in {".br", ".gz"}:
            continue
        contents = {"": path.read_bytes()}
        for encoding, ending in ENCODINGS:
            packed = path.with_name(path.name + ending)
            if packed.is_file():
                contents[encoding] = packed.read_bytes()
        media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        kept = FOR_EVER if name.startswith("assets/") else ASK_AGAIN
        found[name] = File(contents, media_type, kept, etag_of(contents[""]))
    return found


def file_of(address: str) -> File:
    """What stands at an address: a built file, the rider's page below /r, else the console, which draws "no such page".

    Raises NotFound below addresses that are no pages, PagesNotBuilt without any built file.
    """
    built, name = files(), address.strip("/")
    if name in built:
        return built[name]
    first, last = name.partition("/")[0], name.rpartition("/")[2]
    if first in NO_PAGES or "." in last:
        raise NotFound("There is no such address.")
    if not built:
        raise PagesNotBuilt("Run `npm ci` and `npm run build` in dispatch/web, or install the package.")
    return built["rider.html" if first == "r" else "console.html"]


def _answer(request: AnyRequest, file: File) -> Response[bytes]:
    accepted = {each.partition(";")[0].strip() for each in request.headers.get("accept-encoding", "").split(",")}
    encoding = next((name for name, _ in ENCODINGS if name in accepted and name in file.contents), "")
    base_map = request.app.state.base_map
    headers = {
        **headers_with(base_map.origin if base_map else ""),
        "cache-control": file.cache_control,
        "vary": "accept-encoding",
    }
    headers["etag"] = file.etag
    if client_has(request, file.etag):
        return Response(b"", status_code=304, headers=headers)
    if encoding:
        headers["content-encoding"] = encoding
    return Response(file.contents[encoding], media_type=file.media_type, headers=headers)


# The files are packed already: `packed` keeps the application from doing it again.
@get("/", opt={ANYONE: True, PACKED: True}, include_in_schema=False, sync_to_thread=False)
def read_home(request: AnyRequest) -> Response[bytes]:
    """The console's page."""
    return _answer(request, file_of("/"))


@get("/{address:path}", opt={ANYONE: True, PACKED: True}, include_in_schema=False, sync_to_thread=False)
def read_page(request: AnyRequest, address: FromPath[str]) -> Response[bytes]:
    """A page or a part of one."""
    return _answer(request, file_of(address))


# Pages are read by people: no part of the contract that programs are built on.
PAGES = [read_home, read_page]
