"""Zones over HTTP: importing a city's base data, and showing each role its part of it."""

import asyncio
from uuid import UUID

import msgspec
from litestar import Response, get, post, put
from litestar.params import FromPath, FromQuery, JSONBody

from dispatch.database import Connection
from dispatch.problems import NotFound
from dispatch.server.caller import CallerRequest, allow, anybody_signed_in
from dispatch.server.conditional import cached_response, client_has, etag_of, not_modified
from dispatch.server.dependencies import CallerDependency, DatabaseDependency, NowDependency
from dispatch.server.refusals import refusals
from dispatch.tables.sheets import ImportRefused
from dispatch.tables.uploads import GEOJSON, MOST_BYTES, read_upload, table_upload
from dispatch.zones import city_routes, imports, rules, store
from dispatch.zones.outlines import centred_cells, zones_geojson
from schemas.common import Datum, Imported
from schemas.zones import District, DistrictName, Zone, ZoneDetail, ZonePack, ZonesPreview


@post(
    "/api/zones/import",
    status_code=200,
    guards=[allow("planner", whole_city=True)],
    request_max_body_size=MOST_BYTES,
    responses=refusals(ImportRefused, NotFound),
)
async def import_zones(
    request: CallerRequest,
    datum: FromQuery[Datum],
    caller: CallerDependency,
    database: DatabaseDependency,
    now: NowDependency,
    datum_confirmed: FromQuery[bool] = False,
) -> Imported:
    """Take zones from a GeoJSON FeatureCollection in the body. `datum` is the file's; `datum_confirmed` means that
    somebody looked at the map after wrong-datum-suspected."""
    document = await read_upload(request, GEOJSON)
    return await imports.import_zones(database, caller.city_id, document, datum, now, datum_confirmed=datum_confirmed)


@post(
    "/api/zones/import/preview",
    status_code=200,
    guards=[allow("planner", whole_city=True)],
    request_max_body_size=MOST_BYTES,
    responses=refusals(NotFound),
)
async def preview_zones(
    request: CallerRequest,
    datum: FromQuery[Datum],
    caller: CallerDependency,
    database: DatabaseDependency,
    now: NowDependency,
    datum_confirmed: FromQuery[bool] = False,
) -> ZonesPreview:
    """What an import of these zones would do, with the outlines to look at, also under the datum the file more likely
    has; nothing is written. Faults are in the answer, so that they can be seen on the map."""
    document = await read_upload(request, GEOJSON)
    return await imports.preview_zones(database, caller.city_id, document, datum, now, datum_confirmed=datum_confirmed)


@post(
    "/api/zones/households/import",
    status_code=200,
    guards=[allow("planner", whole_city=True)],
    request_max_body_size=MOST_BYTES,
    responses=refusals(ImportRefused, NotFound),
)
async def import_households(
    request: CallerRequest,
    caller: CallerDependency,
    database: DatabaseDependency,
    now: NowDependency,
    preview: FromQuery[bool] = False,
) -> Imported:
    """Take households and population per zone from a table (CSV or .xlsx): zone_code, households, population,
    households_source, households_as_of (片区代码, 户数, 人口, 户数来源, 户数截止日期). With `preview` nothing is
    written."""
    async with table_upload(request) as document:
        return await imports.import_households(database, caller.city_id, document, now, preview=preview)


@post(
    "/api/zones/incidents/import",
    status_code=200,
    guards=[allow("planner", whole_city=True)],
    request_max_body_size=MOST_BYTES,
    responses=refusals(ImportRefused, NotFound),
)
async def import_incidents(
    request: CallerRequest,
    caller: CallerDependency,
    database: DatabaseDependency,
    preview: FromQuery[bool] = False,
) -> Imported:
    """Take incident counts from a table (CSV or .xlsx): zone_code, month, scam_type, incidents
    (片区代码, 月份, 诈骗类型, 发案数). With `preview` nothing is written."""
    async with table_upload(request) as document:
        return await imports.import_incidents(database, caller.city_id, document, preview=preview)


@post(
    "/api/zones/priority-groups/import",
    status_code=200,
    guards=[allow("planner", whole_city=True)],
    request_max_body_size=MOST_BYTES,
    responses=refusals(ImportRefused, NotFound),
)
async def import_priority_groups(
    request: CallerRequest,
    caller: CallerDependency,
    database: DatabaseDependency,
    now: NowDependency,
    preview: FromQuery[bool] = False,
) -> Imported:
    """Take shares of priority groups from a table (CSV or .xlsx): zone_code, priority_group, share
    (片区代码, 重点人群, 占比). With `preview` nothing is written."""
    async with table_upload(request) as document:
        return await imports.import_priority_groups(database, caller.city_id, document, now, preview=preview)


@get("/api/zones", guards=[anybody_signed_in], responses=refusals())
async def read_zones(caller: CallerDependency, database: DatabaseDependency) -> list[Zone]:
    """The zones the caller has to do with, by code: partners see those they serve or hold claims in."""
    async with database.read() as connection:
        return await store.read_zones(connection, caller.scope, with_incidents=caller.role == "planner")


@get("/api/zones.geojson", guards=[allow("planner")], responses=refusals(NotFound))
async def read_boundaries(
    request: CallerRequest, caller: CallerDependency, database: DatabaseDependency
) -> Response[bytes]:
    """The zones with their boundaries in the city's datum, as GeoJSON; 304 when the page has them already."""
    async with database.read() as connection:
        city = await store.find_city(connection, caller.city_id)
        boundaries = await store.read_boundaries(connection, caller.scope)
    etag = etag_of(msgspec.msgpack.encode((city, boundaries)))
    if client_has(request, etag):
        return not_modified(etag)
    content = await asyncio.to_thread(zones_geojson, city, boundaries)
    return cached_response(content, etag, media_type="application/geo+json")


@get("/api/zones/{zone_id:uuid}", guards=[anybody_signed_in], responses=refusals(NotFound))
async def read_zone(zone_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency) -> ZoneDetail:
    """One zone; for planners with its incident counts."""
    is_planner = caller.role == "planner"
    async with database.read() as connection:
        zone = await store.find_zone(connection, caller.scope, zone_id, with_incidents=is_planner)
        counts = await store.read_incident_counts(connection, caller.city_id, zone_id) if is_planner else None
    return ZoneDetail(**msgspec.structs.asdict(zone), incident_counts=counts)


@get(
    "/api/zones/{zone_id:uuid}/pack",
    guards=[allow("planner", "firm_manager", "outlet_manager", "rider")],
    responses=refusals(NotFound),
)
async def read_zone_pack(zone_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency) -> ZonePack:
    """The cells of a zone with their centres, so that a phone knows without signal which zone it is in."""
    async with database.read() as connection:
        zone = await store.find_zone(connection, caller.scope, zone_id)
        city = await store.find_city(connection, caller.city_id)
        owners = await store.read_cells(connection, caller.city_id, [zone_id])
    return ZonePack(
        zone_id=zone_id, code=zone.code, name=zone.name, datum=city.datum, cells=centred_cells(list(owners))
    )


@get("/api/districts", guards=[allow("planner")], responses=refusals())
async def read_districts(caller: CallerDependency, database: DatabaseDependency) -> list[District]:
    """The districts in which the city's zones lie, by number, with their names: what an account may be limited to."""
    async with database.read() as connection:
        return await store.read_districts(connection, caller.scope)


@put(
    "/api/districts/{district_code:str}",
    guards=[allow("planner", whole_city=True)],
    responses=refusals(rules.DivisionUnknown),
)
async def name_district(
    district_code: FromPath[str],
    data: JSONBody[DistrictName],
    caller: CallerDependency,
    database: DatabaseDependency,
    now: NowDependency,
) -> District:
    """Say what a district is called. A file of zones that names it otherwise changes the name again."""

    async def name(connection: Connection) -> District:
        there = await store.read_districts(connection, caller.scope, district_code)
        rules.require_division(district_code, bool(there))
        await store.name_districts(connection, caller.city_id, {district_code: data.name}, now)
        (district,) = await store.read_districts(connection, caller.scope, district_code)
        return district

    return await database.transact(name)


ROUTES = [
    *city_routes.ROUTES,
    read_districts,
    name_district,
    import_zones,
    preview_zones,
    import_households,
    import_incidents,
    import_priority_groups,
    read_zones,
    read_boundaries,
    read_zone,
    read_zone_pack,
]
