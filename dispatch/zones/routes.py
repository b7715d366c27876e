"""Zones over HTTP: importing the ground, and showing each role its part of it."""

import asyncio
from hashlib import sha256
from typing import Any
from uuid import UUID

import msgspec
import numpy as np
from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery

from dispatch.database import Connection, queries_for, rows
from dispatch.geo.cells import centres
from dispatch.geo.polygons import from_wkb, to_geojson
from dispatch.problems import NotFound
from dispatch.server.caller import Caller, allow, anybody_signed_in
from dispatch.server.dependencies import CallerDependency, DatabaseDependency, NowDependency
from dispatch.tables.uploads import GEOJSON, MOST_BYTES, read_upload, table_upload
from dispatch.zones import imports
from schemas.common import Datum, Imported
from schemas.zones import IncidentCount, Zone, ZoneCollection, ZoneDetail, ZoneFeature, ZonePack, ZonesPreview

SQL = queries_for(__file__)

Upload = Request[Caller, Any, Any]


@post(
    "/api/zones/import", status_code=200, guards=[allow("planner", whole_city=True)], request_max_body_size=MOST_BYTES
)
async def import_zones(
    request: Upload,
    datum: FromQuery[Datum],
    caller: CallerDependency,
    database: DatabaseDependency,
    now: NowDependency,
    datum_confirmed: FromQuery[bool] = False,
) -> Imported:
    """Take zones from a GeoJSON FeatureCollection in the body. `datum` is the file's; `datum_confirmed` says that
    somebody looked at the map after wrong-datum-suspected."""
    document = await read_upload(request, GEOJSON)
    return await imports.import_zones(database, caller.city_id, document, datum, now, datum_confirmed=datum_confirmed)


@post(
    "/api/zones/import/preview",
    status_code=200,
    guards=[allow("planner", whole_city=True)],
    request_max_body_size=MOST_BYTES,
)
async def preview_zones(
    request: Upload,
    datum: FromQuery[Datum],
    caller: CallerDependency,
    database: DatabaseDependency,
    now: NowDependency,
    datum_confirmed: FromQuery[bool] = False,
) -> ZonesPreview:
    """What an import of these zones would do, with the outlines to look at, also under the datum the file more likely
    has; nothing is written. Faults stand in the answer, so that they can be seen on the map."""
    document = await read_upload(request, GEOJSON)
    return await imports.preview_zones(
        database, caller.city_id, document, datum, now, datum_confirmed=datum_confirmed
    )  # fmt: skip


@post(
    "/api/zones/households/import",
    status_code=200,
    guards=[allow("planner", whole_city=True)],
    request_max_body_size=MOST_BYTES,
)
async def import_households(
    request: Upload,
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
)
async def import_incidents(
    request: Upload,
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
)
async def import_priority_groups(
    request: Upload,
    caller: CallerDependency,
    database: DatabaseDependency,
    now: NowDependency,
    preview: FromQuery[bool] = False,
) -> Imported:
    """Take shares of priority groups from a table (CSV or .xlsx): zone_code, priority_group, share
    (片区代码, 重点人群, 占比). With `preview` nothing is written."""
    async with table_upload(request) as document:
        return await imports.import_priority_groups(database, caller.city_id, document, now, preview=preview)


@get("/api/zones", guards=[anybody_signed_in])
async def read_zones(caller: CallerDependency, database: DatabaseDependency) -> list[Zone]:
    """The zones the caller has to do with, by code: partners see those they serve or hold claims in."""
    async with database.read() as connection:
        return await _read_zones(connection, caller, None)


@get("/api/zones.geojson", guards=[allow("planner")])
async def read_boundaries(request: Upload, caller: CallerDependency, database: DatabaseDependency) -> Response[bytes]:
    """The zones with their boundaries in the city's datum, as GeoJSON; 304 when the page has them already."""
    async with database.read() as connection:
        city = await connection.fetchrow(SQL.read_city, caller.city_id)
        records = await connection.fetch(SQL.read_boundaries, caller.city_id, caller.division_code)
    seen = sha256(msgspec.msgpack.encode([tuple(city), *(tuple(record) for record in records)])).hexdigest()
    headers = {"etag": f'"{seen[:32]}"', "cache-control": "private, no-cache"}
    if request.headers.get("if-none-match", "").removeprefix("W/") == headers["etag"]:
        return Response(b"", status_code=304, headers=headers)
    body = await asyncio.to_thread(_geojson, dict(city), [dict(record) for record in records])
    return Response(body, media_type="application/geo+json", headers=headers)


@get("/api/zones/{zone_id:uuid}", guards=[anybody_signed_in])
async def read_zone(zone_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency) -> ZoneDetail:
    """One zone; for planners with its incident counts."""
    async with database.read() as connection:
        zone = await _read_zone(connection, caller, zone_id)
        counts: list[IncidentCount] | None = None
        if caller.role == "planner":
            found = await connection.fetch(SQL.read_incident_counts, caller.city_id, [zone_id])
            counts = rows(IncidentCount, found)
    return ZoneDetail(**msgspec.structs.asdict(zone), incident_counts=counts)


@get("/api/zones/{zone_id:uuid}/pack", guards=[allow("planner", "firm_manager", "outlet_manager", "rider")])
async def read_zone_pack(zone_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency) -> ZonePack:
    """The cells of a zone with their centres, so that a phone knows without signal which zone it is in."""
    async with database.read() as connection:
        zone = await _read_zone(connection, caller, zone_id)
        city = await connection.fetchrow(SQL.read_city, caller.city_id)
        found = await connection.fetch(SQL.read_zone_cells, caller.city_id, [zone_id])
    cells = np.array([record["cell"] for record in found], dtype=np.int64)
    centred: list[list[float]] = centres(cells).round(6).tolist()
    return ZonePack(
        zone_id=zone_id,
        code=zone.code,
        name=zone.name,
        datum=city["datum"],
        cells=[
            (f"{cell:x}", longitude, latitude)
            for cell, (longitude, latitude) in zip(cells.tolist(), centred, strict=True)
        ],
    )


async def _read_zones(connection: Connection, caller: Caller, zone_id: UUID | None) -> list[Zone]:
    return rows(
        Zone,
        await connection.fetch(
            SQL.read_zones, caller.city_id, caller.partner_id, caller.outlet_id, caller.division_code,
            caller.role == "planner", zone_id,
        ),
    )  # fmt: skip


async def _read_zone(connection: Connection, caller: Caller, zone_id: UUID) -> Zone:
    found = await _read_zones(connection, caller, zone_id)
    if not found:
        raise NotFound("There is no such zone here.")
    return found[0]


def _geojson(city: dict[str, Any], records: list[dict[str, Any]]) -> bytes:
    features = [
        ZoneFeature(
            id=record["zone_id"],
            geometry=to_geojson(from_wkb(bytes(record["boundary"]))),
            properties={name: value for name, value in record.items() if name != "boundary"},
        )
        for record in records
    ]
    return msgspec.json.encode(
        ZoneCollection(features=features, datum=city["datum"], demonstration=city["demonstration"])
    )


ROUTES = [
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
