"""What a page draws and how it stays fresh: cells, GeoJSON, tiles, the events."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Annotated
from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath, QueryParameter
from litestar.response import Stream

from dispatch.coverage import events, figures
from dispatch.coverage import map as maps
from dispatch.coverage.answers import GEOJSON, conditional
from dispatch.coverage.estimate_refresh import ensure_estimated
from dispatch.coverage.map_figures import drawn_zones
from dispatch.coverage.outlines import outlines_of
from dispatch.coverage.view import AsOf, MaterialCode, Question, View, ZoneCode, open_view, read_version
from dispatch.coverage.zone_files import zones_geojson
from dispatch.database import Connection, Database
from dispatch.database.changes import Changes
from dispatch.problems import NotFound
from dispatch.server.caller import Caller, CallerRequest, allow
from dispatch.server.conditional import cached_response, client_has, etag_of, not_modified
from dispatch.server.dependencies import CallerDependency, ChangesDependency, DatabaseDependency, NowDependency
from dispatch.server.options import BACKGROUND, STREAM
from dispatch.server.refusals import refusals
from schemas.coverage import CellCoverages, GeoFeatures

Resolution = Annotated[
    int, QueryParameter(ge=7, le=9, description="H3 resolution: 9 is finest, 8 and 7 are its parents")
]
CellLimit = Annotated[int, QueryParameter(ge=1, le=100_000, description="Most cells listed, ascending by cell")]
TILE = "application/vnd.mapbox-vector-tile"


@get(
    "/api/campaigns/{campaign_id:uuid}/coverage/zones.geojson",
    guards=[allow("planner", "firm_manager", "outlet_manager")], responses=refusals(NotFound),
)  # fmt: skip
async def read_coverage_zones_geojson(
    request: CallerRequest, campaign_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency,
    now: NowDependency, material: MaterialCode = None, as_of: AsOf = None,
) -> Response[GeoFeatures]:  # fmt: skip
    """Boundaries with figures, as GeoJSON in the city's datum, which is named."""
    question = Question(caller=caller, campaign_id=campaign_id, now=now, material=material, as_of=as_of)

    async def read(connection: Connection, view: View) -> GeoFeatures:
        zones = await figures.read_zone_figures(connection, view)
        outlines = await outlines_of(request.app.state).zones(connection, caller, view.version.outlines_version)
        return zones_geojson(zones, outlines.boundaries, view.datum, view.cut.as_of)

    await ensure_estimated(database, question)
    return await conditional(database, request, question, read, file=GEOJSON)


@get(
    "/api/campaigns/{campaign_id:uuid}/coverage/cells",
    guards=[allow("planner")], responses=refusals(NotFound),
)  # fmt: skip
async def read_coverage_cells(
    request: CallerRequest, campaign_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency,
    now: NowDependency, resolution: Resolution = 9, zone_code: ZoneCode = None,
    limit: CellLimit = 20_000, as_of: AsOf = None,
) -> Response[CellCoverages]:  # fmt: skip
    """Cells as columns, of materials that count for reach."""
    question = Question(caller=caller, campaign_id=campaign_id, now=now, as_of=as_of)

    async def read(connection: Connection, view: View) -> CellCoverages:
        return await maps.read_cells(connection, view, resolution, zone_code, limit)

    return await conditional(database, request, question, read)


@get(
    "/api/campaigns/{campaign_id:uuid}/coverage/tiles/{zoom:int}/{x:int}/{row:str}",
    guards=[allow("planner")], responses=refusals(NotFound),
)  # fmt: skip
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
        outlines = outlines_of(request.app.state)
        tile = await maps.read_cell_tile(connection, outlines, caller, campaign_id, version, address)
    return _tile(request, tile)


@get(
    "/api/campaigns/{campaign_id:uuid}/coverage/zone-tiles/{zoom:int}/{x:int}/{row:str}",
    guards=[allow("planner")], responses=refusals(NotFound),
)  # fmt: skip
async def read_coverage_zone_tile(
    request: CallerRequest, campaign_id: FromPath[UUID], zoom: FromPath[int], x: FromPath[int], row: FromPath[str],
    caller: CallerDependency, database: DatabaseDependency, now: NowDependency,
    material: MaterialCode = None, as_of: AsOf = None,
) -> Response[bytes]:  # fmt: skip
    """A vector tile with the layer `zones`; `row` is "{y}.mvt". Empty: 204."""
    address = maps.tile_address(zoom, x, row)
    question = Question(caller=caller, campaign_id=campaign_id, now=now, material=material, as_of=as_of)
    await ensure_estimated(database, question)
    async with open_view(database, question) as (connection, view):
        zones = await figures.read_zone_figures(connection, view)
        outlines = await outlines_of(request.app.state).zones(connection, caller, view.version.outlines_version)
    return _tile(request, drawn_zones(outlines, zones, address, view.target_reach))


def _tile(request: CallerRequest, tile: bytes) -> Response[bytes]:
    # By content: a handout changes the version of all tiles, but the bytes of a few.
    etag = etag_of(tile)
    if client_has(request, etag):
        return not_modified(etag)
    if not tile:
        # MapLibre takes 204 for "nothing here", without asking again for every child tile.
        return Response(b"", status_code=204, headers={"etag": etag, "cache-control": "private, no-cache"})
    return cached_response(tile, etag, media_type=TILE)


# The browser opens the stream again by itself: that keeps nobody signed in.
@get(
    "/api/campaigns/{campaign_id:uuid}/events",
    guards=[allow("planner", "auditor", "firm_manager", "outlet_manager")], responses=refusals(NotFound),
    opt={BACKGROUND: True, STREAM: True},
)  # fmt: skip
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
