"""What a page draws and how it stays fresh: cells, GeoJSON, tiles, the events. Apart from routes.py for length."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import FromPath, QueryParameter
from litestar.response import Stream

from dispatch.coverage import events, figures
from dispatch.coverage import map as maps
from dispatch.coverage.view import AsOf, MaterialCode, ZoneCode, open_view, read_version, read_view
from dispatch.coverage.zone_files import zones_geojson
from dispatch.database import Database, queries_for
from dispatch.database.changes import Changes
from dispatch.problems import NotFound
from dispatch.server.caller import Caller, allow
from dispatch.server.conditional import cached_response, client_has, etag_of, not_modified
from dispatch.server.dependencies import CallerDependency, ChangesDependency, DatabaseDependency, NowDependency
from dispatch.server.options import BACKGROUND, STREAM
from schemas.coverage import CellCoverages, GeoFeatures

SQL = queries_for(__file__)
CAMPAIGN = "/api/campaigns/{campaign_id:uuid}"
CallerRequest = Request[Caller, str, Any]
Resolution = Annotated[
    int, QueryParameter(ge=7, le=9, description="H3 resolution: 9 is finest, 8 and 7 are its parents")
]
CellLimit = Annotated[int, QueryParameter(ge=1, le=100_000, description="Most cells listed, ascending by cell")]
TILE = "application/vnd.mapbox-vector-tile"


@get(f"{CAMPAIGN}/coverage/zones.geojson", guards=[allow("planner", "firm_manager", "outlet_manager")])
async def read_coverage_zones_geojson(
    request: CallerRequest, campaign_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency,
    now: NowDependency, material: MaterialCode = None, as_of: AsOf = None,
) -> Response[GeoFeatures]:  # fmt: skip
    """Boundaries with figures, as GeoJSON in the city's datum, which is named."""
    async with open_view(database, caller, campaign_id, now, material=material, as_of=as_of) as (connection, view):
        etag = view.etag(request)
        if client_has(request, etag):
            return not_modified(etag)
        zones = await figures.read_zone_figures(connection, view)
        ground = await maps.maps_of(request.app.state).zones(connection, caller, view.version.ground)
    content = zones_geojson(zones, ground.boundaries, view.datum, view.cut.as_of)
    name = f"coverage-zones-{view.cut.day.isoformat()}.geojson"
    return cached_response(content, etag, media_type="application/geo+json", file_name=name)


@get(f"{CAMPAIGN}/coverage/cells", guards=[allow("planner")])
async def read_coverage_cells(
    request: CallerRequest, campaign_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency,
    now: NowDependency, resolution: Resolution = 9, zone_code: ZoneCode = None,
    limit: CellLimit = 20_000, as_of: AsOf = None,
) -> Response[CellCoverages]:  # fmt: skip
    """Cells as columns, of materials that count for reach."""
    async with database.read() as connection:
        view = await read_view(connection, caller, campaign_id, now, as_of=as_of)
        etag = view.etag(request)
        if client_has(request, etag):
            return not_modified(etag)
        zone_id: UUID | None = None
        if zone_code is not None:
            zone_id = await connection.fetchval(SQL.read_zone_id, caller.city_id, zone_code, caller.division_code)
            if zone_id is None:
                raise NotFound(f"There is no zone {zone_code} here.", field="zone_code")
        row = await connection.fetchrow(
            SQL.read_cells, caller.city_id, campaign_id, *maps.parent_bits(resolution), view.cut.known_on,
            caller.division_code, zone_id, limit,
        )  # fmt: skip
    return cached_response(maps.cell_columns(row, resolution, view.cut.as_of, view.orders), etag)


@get(f"{CAMPAIGN}/coverage/tiles/{{zoom:int}}/{{x:int}}/{{row:str}}", guards=[allow("planner")])
async def read_coverage_tile(
    request: CallerRequest, campaign_id: FromPath[UUID], zoom: FromPath[int], x: FromPath[int], row: FromPath[str],
    caller: CallerDependency, database: DatabaseDependency,
) -> Response[bytes]:  # fmt: skip
    """A vector tile with the layer `cells`, at the resolution that fits the zoom; `row` is "{y}.mvt". Empty: 204."""
    address = maps.tile_address(zoom, x, row)
    async with database.read() as connection:
        version = await read_version(connection, caller.city_id, campaign_id)
        if version is None:
            raise NotFound("There is no such campaign here.")
        kept = maps.maps_of(request.app.state)
        tile = await maps.read_cell_tile(connection, kept, caller, campaign_id, version, address)
    return _tile(request, tile)


@get(f"{CAMPAIGN}/coverage/zone-tiles/{{zoom:int}}/{{x:int}}/{{row:str}}", guards=[allow("planner")])
async def read_coverage_zone_tile(
    request: CallerRequest, campaign_id: FromPath[UUID], zoom: FromPath[int], x: FromPath[int], row: FromPath[str],
    caller: CallerDependency, database: DatabaseDependency, now: NowDependency,
    material: MaterialCode = None, as_of: AsOf = None,
) -> Response[bytes]:  # fmt: skip
    """A vector tile with the layer `zones`; `row` is "{y}.mvt". Empty: 204."""
    address = maps.tile_address(zoom, x, row)
    async with open_view(database, caller, campaign_id, now, material=material, as_of=as_of) as (connection, view):
        zones = await figures.read_zone_figures(connection, view)
        ground = await maps.maps_of(request.app.state).zones(connection, caller, view.version.ground)
    return _tile(request, maps.drawn_zones(ground, zones, address, view.target_reach))


def _tile(request: CallerRequest, tile: bytes) -> Response[bytes]:
    # By content: a handout changes the version of all tiles, but the bytes of a few.
    etag = etag_of(tile)
    if client_has(request, etag):
        return not_modified(etag)
    if not tile:
        # MapLibre takes 204 for "nothing here", without asking again forevery child tile.
        return Response(b"", status_code=204, headers={"etag": etag, "cache-control": "private, no-cache"})
    return cached_response(tile, etag, media_type=TILE)


# The browser opens the stream again by itself: that keeps nobody signed in.
@get(
    f"{CAMPAIGN}/events",
    guards=[allow("planner", "auditor", "firm_manager", "outlet_manager")],
    opt={BACKGROUND: True, STREAM: True},
)
async def read_events(
    request: CallerRequest, campaign_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency,
    changes: ChangesDependency,
) -> Stream:  # fmt: skip
    """Server-Sent Events: `changed` with {"version": "…"} at once and whenever the campaign's figures may differ."""
    if await _version(database, caller, campaign_id) is None:
        raise NotFound("There is no such campaign here.")
    state = request.app.state
    stopping: asyncio.Event = state.get("stopping") or asyncio.Event()

    async def is_signed_in() -> bool:
        return await state.callers.find(request.auth) == caller

    headers = {"cache-control": "private, no-store", "x-accel-buffering": "no"}
    content = _events(database, changes, caller, campaign_id, stopping, is_signed_in)
    return Stream(content, media_type="text/event-stream", headers=headers)


async def _events(
    database: Database, changes: Changes, caller: Caller, campaign_id: UUID, stopping: asyncio.Event,
    is_signed_in: events.SignedIn,
) -> AsyncGenerator[bytes]:  # fmt: skip
    async with changes.subscribe(caller.city_id, campaign_id) as woken:

        async def current_version() -> str | None:
            return await _version(database, caller, campaign_id)

        async for event in events.follow(woken, stopping, current_version, is_signed_in):
            yield event


async def _version(database: Database, caller: Caller, campaign_id: UUID) -> str | None:
    async with database.read() as connection:
        version = await read_version(connection, caller.city_id, campaign_id)
    # Salted by the subject: two firms cannot tell from equal texts that they look at the same moment.
    return None if version is None else version.digest(caller.subject_id)


ROUTES = [
    read_coverage_zones_geojson,
    read_coverage_cells,
    read_coverage_tile,
    read_coverage_zone_tile,
    read_events,
]
