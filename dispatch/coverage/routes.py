"""Figures of a campaign by zone, partner, material, channel, day and wave. Tiles and events: map_routes.py."""

from datetime import date
from typing import Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import FromPath

from dispatch.coverage import figures, plan_curve, rules
from dispatch.coverage.map_routes import ROUTES as MAP_ROUTES
from dispatch.coverage.sheet_routes import ROUTES as SHEET_ROUTES
from dispatch.coverage.view import AsOf, MaterialCode, View, answer_if_changed, open_view, read_view
from dispatch.coverage.zone_files import zones_csv
from dispatch.database import queries_for, rows
from dispatch.server.caller import Caller, allow
from dispatch.server.conditional import cached_response, client_has, not_modified
from dispatch.server.dependencies import CallerDependency, DatabaseDependency, NowDependency
from schemas.coverage import (
    ChannelCoverage,
    CoverageSummary,
    DayCoverage,
    Gap,
    MaterialCoverage,
    WaveCoverage,
    ZoneCoverages,
)

SQL = queries_for(__file__)
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
    async with open_view(database, caller, campaign_id, now, material=material, as_of=as_of) as (connection, view):
        etag = view.etag(request)
        if client_has(request, etag):
            return not_modified(etag)
        summary = await figures.read_summary(connection, view)
    return cached_response(summary, etag)


@get(f"{COVERAGE}/zones", guards=[planners_and_managers])
async def read_coverage_zones(
    request: CallerRequest, campaign_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency,
    now: NowDependency, material: MaterialCode = None, as_of: AsOf = None,
) -> Response[ZoneCoverages]:  # fmt: skip
    """One row per zone with all figures."""
    async with open_view(database, caller, campaign_id, now, material=material, as_of=as_of) as (connection, view):
        etag = view.etag(request)
        if client_has(request, etag):
            return not_modified(etag)
        zones = await figures.read_zone_figures(connection, view)
    answer = ZoneCoverages(
        as_of=view.cut.as_of,
        scope=view.scope,
        target_reach=view.target_reach,
        shade_edges=list(rules.class_edges(view.target_reach)),
        material=view.material,
        zones=zones,
    )
    return cached_response(answer, etag)


@get(f"{COVERAGE}/zones.csv", guards=[planners_and_managers])
async def read_coverage_zones_csv(
    request: CallerRequest, campaign_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency,
    now: NowDependency, material: MaterialCode = None, as_of: AsOf = None,
) -> Response[bytes]:  # fmt: skip
    """The zone rows as a CSV file that spreadsheets open as it is."""
    async with open_view(database, caller, campaign_id, now, material=material, as_of=as_of) as (connection, view):
        etag = view.etag(request)
        if client_has(request, etag):
            return not_modified(etag)
        zones = await figures.read_zone_figures(connection, view)
    content = zones_csv(
        zones, campaign=view.name, as_of=view.cut.as_of, scope=view.scope, demonstration=view.demonstration
    )
    name = f"coverage-zones-{view.cut.day.isoformat()}.csv"
    return cached_response(content, etag, media_type="text/csv", file_name=name)


@get(f"{COVERAGE}/materials", guards=[planners_and_managers])
async def read_coverage_materials(
    request: CallerRequest, campaign_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency,
    now: NowDependency, as_of: AsOf = None,
) -> Response[list[MaterialCoverage]]:  # fmt: skip
    """Every material of the campaign, by code."""
    async with database.read() as connection:
        view = await read_view(connection, caller, campaign_id, now, as_of=as_of)
        etag = view.etag(request)
        if client_has(request, etag):
            return not_modified(etag)
        materials = await figures.read_materials(connection, view)
    return cached_response(materials, etag)


@get(f"{COVERAGE}/channels", guards=[planners_and_managers])
async def read_coverage_channels(
    request: CallerRequest, campaign_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency,
    now: NowDependency, material: MaterialCode = None, as_of: AsOf = None,
) -> Response[list[ChannelCoverage]]:  # fmt: skip
    """The ways of handing out, the commonest first."""
    async with database.read() as connection:
        view = await read_view(connection, caller, campaign_id, now, material=material, as_of=as_of)
        etag = view.etag(request)
        if client_has(request, etag):
            return not_modified(etag)
        mix = await figures.read_mix(connection, view)
    return cached_response(rules.channel_figures(mix, view.material_ids, view.cut.as_of), etag)


@get(f"{COVERAGE}/days", guards=[planners_and_managers])
async def read_coverage_days(
    request: CallerRequest, campaign_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency,
    now: NowDependency, material: MaterialCode = None, as_of: AsOf = None,
) -> Response[list[DayCoverage]]:  # fmt: skip
    """Plan against actual, day by day."""
    async with database.read() as connection:
        view = await read_view(connection, caller, campaign_id, now, material=material, as_of=as_of)
        etag = view.etag(request)
        if client_has(request, etag):
            return not_modified(etag)
        found = await connection.fetch(SQL.read_days, *_counted(view))
        waves = await figures.read_waves(connection, view)
        total = await figures.read_planned_total(connection, view)
    copies: dict[date, int] = {row["day"]: row["copies"] for row in found}
    days = plan_curve.day_figures(copies, total, waves, view.starts_on, view.ends_on, view.cut)
    return cached_response(days, etag)


@get(f"{COVERAGE}/waves", guards=[planners_and_managers])
async def read_coverage_waves(
    request: CallerRequest, campaign_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency,
    now: NowDependency, material: MaterialCode = None, as_of: AsOf = None,
) -> Response[list[WaveCoverage]]:  # fmt: skip
    """The waves by number, planned and handed out."""
    async with database.read() as connection:
        view = await read_view(connection, caller, campaign_id, now, material=material, as_of=as_of)
        etag = view.etag(request)
        if client_has(request, etag):
            return not_modified(etag)
        waves = rows(plan_curve.WaveCounts, await connection.fetch(SQL.read_wave_copies, *_counted(view)))
        total = await figures.read_planned_total(connection, view)
    return cached_response(plan_curve.wave_figures(waves, total, view.cut.as_of), etag)


@get(f"{COVERAGE}/gaps", guards=[planners])
async def read_coverage_gaps(
    request: CallerRequest, campaign_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency,
    now: NowDependency, material: MaterialCode = None, as_of: AsOf = None,
) -> Response[list[Gap]]:  # fmt: skip
    """Zones behind their target, the most worthwhile first."""
    async with open_view(database, caller, campaign_id, now, material=material, as_of=as_of) as (connection, view):
        gaps = await figures.read_gaps(connection, view)
    return answer_if_changed(request, view, gaps)


def _counted(view: View) -> tuple[object, ...]:
    """The parameters of read_days and read_wave_copies."""
    caller = view.caller
    return (
        caller.city_id, view.campaign_id, view.material_ids, view.cut.known_on, caller.division_code,
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
