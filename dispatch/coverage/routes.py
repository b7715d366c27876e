"""Figures of a campaign by zone, partner, material, channel, day and wave. Tiles and events: map_routes.py."""

from datetime import date
from typing import Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import FromPath

from dispatch.coverage import figures, plan_curve, rules
from dispatch.coverage.exports import zones_csv
from dispatch.coverage.frame import (
    AsOf,
    Frame,
    MaterialCode,
    answered,
    compared,
    framed,
    is_known,
    not_modified,
    read_frame,
)
from dispatch.coverage.map_routes import ROUTES as MAP_ROUTES
from dispatch.coverage.sheets.routes import ROUTES as SHEET_ROUTES
from dispatch.database import beside, rows
from dispatch.dependencies import CallerDependency, DatabaseDependency, NowDependency
from dispatch.identity.caller import Caller, allow
from schemas.coverage import (
    ChannelCoverage,
    CoverageSummary,
    DayCoverage,
    Gap,
    MaterialCoverage,
    WaveCoverage,
    ZoneCoverages,
)

SQL = beside(__file__)
COVERAGE = "/api/campaigns/{campaign_id:uuid}/coverage"
CallerRequest = Request[Caller, Any, Any]

planners = allow("planner")
planners_and_managers = allow("planner", "firm_manager", "outlet_manager")


@get(COVERAGE, guards=[planners_and_managers])
async def read_coverage(
    request: CallerRequest, campaign_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency,
    now: NowDependency, material: MaterialCode = None, as_of: AsOf = None,
) -> Response[CoverageSummary]:  # fmt: skip
    """The campaign in one view, as it stands now or stood at the end of a day."""
    async with framed(database, caller, campaign_id, now, material=material, as_of=as_of) as (connection, frame):
        etag = frame.etag(request)
        if is_known(request, etag):
            return not_modified(etag)
        summary = await figures.read_summary(connection, frame)
    return answered(summary, etag)


@get(f"{COVERAGE}/zones", guards=[planners_and_managers])
async def read_coverage_zones(
    request: CallerRequest, campaign_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency,
    now: NowDependency, material: MaterialCode = None, as_of: AsOf = None,
) -> Response[ZoneCoverages]:  # fmt: skip
    """One row per zone with all figures."""
    async with framed(database, caller, campaign_id, now, material=material, as_of=as_of) as (connection, frame):
        etag = frame.etag(request)
        if is_known(request, etag):
            return not_modified(etag)
        zones = await figures.read_zone_figures(connection, frame)
    answer = ZoneCoverages(
        as_of=frame.cut.as_of,
        scope=frame.scope,
        target_reach=frame.target_reach,
        shade_edges=list(rules.class_edges(frame.target_reach)),
        material=frame.material,
        zones=zones,
    )
    return answered(answer, etag)


@get(f"{COVERAGE}/zones.csv", guards=[planners_and_managers])
async def read_coverage_zones_csv(
    request: CallerRequest, campaign_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency,
    now: NowDependency, material: MaterialCode = None, as_of: AsOf = None,
) -> Response[bytes]:  # fmt: skip
    """The zone rows as a CSV file that spreadsheets open as it is."""
    async with framed(database, caller, campaign_id, now, material=material, as_of=as_of) as (connection, frame):
        etag = frame.etag(request)
        if is_known(request, etag):
            return not_modified(etag)
        zones = await figures.read_zone_figures(connection, frame)
    content = zones_csv(
        zones, campaign=frame.name, as_of=frame.cut.as_of, scope=frame.scope, demonstration=frame.demonstration
    )
    name = f"coverage-zones-{frame.cut.day.isoformat()}.csv"
    return answered(content, etag, media_type="text/csv", file_name=name)


@get(f"{COVERAGE}/materials", guards=[planners_and_managers])
async def read_coverage_materials(
    request: CallerRequest, campaign_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency,
    now: NowDependency, as_of: AsOf = None,
) -> Response[list[MaterialCoverage]]:  # fmt: skip
    """Every material of the campaign, by code."""
    async with database.read() as connection:
        frame = await read_frame(connection, caller, campaign_id, now, as_of=as_of)
        etag = frame.etag(request)
        if is_known(request, etag):
            return not_modified(etag)
        materials = await figures.read_materials(connection, frame)
    return answered(materials, etag)


@get(f"{COVERAGE}/channels", guards=[planners_and_managers])
async def read_coverage_channels(
    request: CallerRequest, campaign_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency,
    now: NowDependency, material: MaterialCode = None, as_of: AsOf = None,
) -> Response[list[ChannelCoverage]]:  # fmt: skip
    """The ways of handing out, the commonest first."""
    async with database.read() as connection:
        frame = await read_frame(connection, caller, campaign_id, now, material=material, as_of=as_of)
        etag = frame.etag(request)
        if is_known(request, etag):
            return not_modified(etag)
        mix = await figures.read_mix(connection, frame)
    return answered(rules.channel_figures(mix, frame.material_ids, frame.cut.as_of), etag)


@get(f"{COVERAGE}/days", guards=[planners_and_managers])
async def read_coverage_days(
    request: CallerRequest, campaign_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency,
    now: NowDependency, material: MaterialCode = None, as_of: AsOf = None,
) -> Response[list[DayCoverage]]:  # fmt: skip
    """Plan against actual, day by day."""
    async with database.read() as connection:
        frame = await read_frame(connection, caller, campaign_id, now, material=material, as_of=as_of)
        etag = frame.etag(request)
        if is_known(request, etag):
            return not_modified(etag)
        found = await connection.fetch(SQL.read_days, *_counted(frame))
        waves = await figures.read_waves(connection, frame)
        total = await figures.read_planned_total(connection, frame)
    copies: dict[date, int] = {row["day"]: row["copies"] for row in found}
    days = plan_curve.day_figures(copies, total, waves, frame.starts_on, frame.ends_on, frame.cut)
    return answered(days, etag)


@get(f"{COVERAGE}/waves", guards=[planners_and_managers])
async def read_coverage_waves(
    request: CallerRequest, campaign_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency,
    now: NowDependency, material: MaterialCode = None, as_of: AsOf = None,
) -> Response[list[WaveCoverage]]:  # fmt: skip
    """The waves by number, planned and handed out."""
    async with database.read() as connection:
        frame = await read_frame(connection, caller, campaign_id, now, material=material, as_of=as_of)
        etag = frame.etag(request)
        if is_known(request, etag):
            return not_modified(etag)
        waves = rows(plan_curve.WaveCounts, await connection.fetch(SQL.read_wave_copies, *_counted(frame)))
        total = await figures.read_planned_total(connection, frame)
    return answered(plan_curve.wave_figures(waves, total, frame.cut.as_of), etag)


@get(f"{COVERAGE}/gaps", guards=[planners])
async def read_coverage_gaps(
    request: CallerRequest, campaign_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency,
    now: NowDependency, material: MaterialCode = None, as_of: AsOf = None,
) -> Response[list[Gap]]:  # fmt: skip
    """Zones behind their target, the most worthwhile first."""
    async with framed(database, caller, campaign_id, now, material=material, as_of=as_of) as (connection, frame):
        gaps = await figures.read_gaps(connection, frame)
    return compared(request, frame, gaps)


def _counted(frame: Frame) -> tuple[object, ...]:
    """The parameters of read_days and read_wave_copies."""
    caller = frame.caller
    return (
        caller.city_id, frame.campaign_id, frame.material_ids, frame.cut.known_on, caller.division_code,
        caller.partner_id, caller.outlet_id,
    )  # fmt: skip


ROUTES = [
    read_coverage,
    read_coverage_zones,
    read_coverage_zones_csv,
    read_coverage_materials,
    read_coverage_channels,
    read_coverage_days,
    read_coverage_waves,
    read_coverage_gaps,
    *SHEET_ROUTES,
    *MAP_ROUTES,
]
