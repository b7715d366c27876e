"""The start page: its files, read once when the server starts, and what it asks before anybody has signed in."""

from pathlib import Path
from typing import Any, Final, NamedTuple

from litestar import Request, Response, get

from dispatch.coverage.frame import etag_of, is_known
from dispatch.database import beside
from dispatch.dependencies import DatabaseDependency
from schemas.start import DemonstrationSignIn, Start

SQL = beside(__file__)
FOLDER = Path(__file__).parent
SCRIPT: Final = "text/javascript"

HEADERS: Final = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    # Asked about again each time: after an update nobody works with half of the old page.
    "cache-control": "no-cache",
}


class File(NamedTuple):
    """A file as it is sent."""

    content: bytes
    media_type: str
    etag: str


def _file(name: str, media_type: str) -> File:
    content = (FOLDER / name).read_bytes()
    return File(content, media_type, etag_of(content))


FILES: Final = {
    "/": _file("start.html", "text/html"),
    "/start.css": _file("start.css", "text/css"),
    **{f"/{name}": _file(name, SCRIPT) for name in ("start.js", "parts.js", "zone_map.js", "messages.js")},
    "/favicon.svg": _file("favicon.svg", "image/svg+xml"),
}


@get(list(FILES), opt={"anyone": True}, include_in_schema=False, sync_to_thread=False)
def read_page(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The start page and its parts."""
    # "/start.css/" leads here too.
    file = FILES[request.url.path.rstrip("/") or "/"]
    headers = {**HEADERS, "etag": file.etag}
    if is_known(request, file.etag):
        return Response(b"", status_code=304, headers=headers)
    return Response(file.content, media_type=file.media_type, headers=headers)


@get("/api/start", opt={"anyone": True})
async def read_start(request: Request[Any, Any, Any], database: DatabaseDependency) -> Start:
    """What the page shows a stranger: the city's name, and the way into a demonstration."""
    # A real city's server has no use for the demonstration's code before somebody asks.
    from dispatch.demo.stage import CITY_CODE

    async with database.read() as connection:
        cities = await connection.fetch(SQL.read_cities)
        demonstration = await connection.fetchval(SQL.is_demonstration, CITY_CODE)
    return Start(
        signed_in=request.user is not None,
        cities=len(cities),
        city_name=cities[0]["name"] if len(cities) == 1 else None,
        demonstration=demonstration,
        demonstration_sign_ins=demonstration_sign_ins() if demonstration else [],
    )


def demonstration_sign_ins() -> list[DemonstrationSignIn]:
    """One of each face of the fictional city: the planner, the manager of its first firm, that firm's first rider."""
    from dispatch.demo.firms import COURIER_FIRMS
    from dispatch.demo.stage import CITY_CODE, MANAGER, PASSWORD, PLANNER, pin_of

    firm = next(iter(COURIER_FIRMS))
    return [
        DemonstrationSignIn(role="planner", login=PLANNER, password=PASSWORD, city_code=CITY_CODE),
        DemonstrationSignIn(
            role="firm_manager", login=f"{firm.lower()}-{MANAGER}", password=PASSWORD, city_code=CITY_CODE
        ),
        DemonstrationSignIn(role="rider", outlet_code=f"{firm}-0001", pin=pin_of(0), city_code=CITY_CODE),
    ]


# Pages are read by people: no part of the contract that programs are built on.
PAGES = [read_page]
ROUTES = [read_start, *PAGES]
