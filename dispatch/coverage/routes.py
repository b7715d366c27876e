"""Figures of a campaign by zone, material, channel, day and wave; map_routes.py and sheet_routes.py have the others."""

from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath

from dispatch.coverage import figures, plan_figures
from dispatch.coverage.answers import CSV, answer_if_changed, conditional
from dispatch.coverage.estimate_refresh import ensure_estimated
from dispatch.coverage.map_routes import ROUTES as MAP_ROUTES
from dispatch.coverage.sheet_routes import ROUTES as SHEET_ROUTES
from dispatch.coverage.view import AsOf, MaterialCode, Question, View, open_view
from dispatch.coverage.zone_files import zones_csv
from dispatch.database import Connection
from dispatch.problems import NotFound
from dispatch.server.caller import CallerRequest, allow
from dispatch.server.dependencies import CallerDependency, DatabaseDependency, NowDependency
from dispatch.server.refusals import refusals
from schemas.coverage import (
    ChannelCoverage,
    CoverageSummary,
    DayCoverage,
    Gap,
    MaterialCoverage,
    WaveCoverage,
    ZoneCoverages,
)

planners = allow("planner")
planners_and_managers = allow("planner", "firm_manager", "outlet_manager")


@get(
    "/api/campaigns/{campaign_id:uuid}/coverage",
    guards=[planners_and_managers], responses=refusals(NotFound),
)  # fmt: skip
async def read_coverage(
    request: CallerRequest, campaign_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency,
    now: NowDependency, material: MaterialCode = None, as_of: AsOf = None,
) -> Response[CoverageSummary]:  # fmt: skip
    """The campaign in one view, as it is now or was at the end of a day."""
    question = Question(caller=caller, campaign_id=campaign_id, now=now, material=material, as_of=as_of)
    await ensure_estimated(database, question)
    return await conditional(database, request, question, figures.read_summary)


@get(
    "/api/campaigns/{campaign_id:uuid}/coverage/zones",
    guards=[planners_and_managers], responses=refusals(NotFound),
)  # fmt: skip
async def read_coverage_zones(
    request: CallerRequest, campaign_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency,
    now: NowDependency, material: MaterialCode = None, as_of: AsOf = None,
) -> Response[ZoneCoverages]:  # fmt: skip
    """One row per zone with all figures."""
    question = Question(caller=caller, campaign_id=campaign_id, now=now, material=material, as_of=as_of)
    await ensure_estimated(database, question)
    return await conditional(database, request, question, figures.read_zones)


@get(
    "/api/campaigns/{campaign_id:uuid}/coverage/zones.csv",
    guards=[planners_and_managers], responses=refusals(NotFound),
)  # fmt: skip
async def read_coverage_zones_csv(
    request: CallerRequest, campaign_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency,
    now: NowDependency, material: MaterialCode = None, as_of: AsOf = None,
) -> Response[bytes]:  # fmt: skip
    """The zone rows as a CSV file that spreadsheets open as it is."""
    question = Question(caller=caller, campaign_id=campaign_id, now=now, material=material, as_of=as_of)

    async def read(connection: Connection, view: View) -> bytes:
        zones = await figures.read_zone_figures(connection, view)
        return zones_csv(
            zones, campaign=view.name, as_of=view.cut.as_of, scope=view.scope, demonstration=view.demonstration
        )

    await ensure_estimated(database, question)
    return await conditional(database, request, question, read, file=CSV)


@get(
    "/api/campaigns/{campaign_id:uuid}/coverage/materials",
    guards=[planners_and_managers], responses=refusals(NotFound),
)  # fmt: skip
async def read_coverage_materials(
    request: CallerRequest, campaign_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency,
    now: NowDependency, as_of: AsOf = None,
) -> Response[list[MaterialCoverage]]:  # fmt: skip
    """Every material of the campaign, by code."""
    question = Question(caller=caller, campaign_id=campaign_id, now=now, as_of=as_of)
    return await conditional(database, request, question, figures.read_materials)


@get(
    "/api/campaigns/{campaign_id:uuid}/coverage/channels",
    guards=[planners_and_managers], responses=refusals(NotFound),
)  # fmt: skip
async def read_coverage_channels(
    request: CallerRequest, campaign_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency,
    now: NowDependency, material: MaterialCode = None, as_of: AsOf = None,
) -> Response[list[ChannelCoverage]]:  # fmt: skip
    """The ways of handing out, the commonest first."""
    question = Question(caller=caller, campaign_id=campaign_id, now=now, material=material, as_of=as_of)
    return await conditional(database, request, question, figures.read_channels)


@get(
    "/api/campaigns/{campaign_id:uuid}/coverage/days",
    guards=[planners_and_managers], responses=refusals(NotFound),
)  # fmt: skip
async def read_coverage_days(
    request: CallerRequest, campaign_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency,
    now: NowDependency, material: MaterialCode = None, as_of: AsOf = None,
) -> Response[list[DayCoverage]]:  # fmt: skip
    """Plan against actual, day by day."""
    question = Question(caller=caller, campaign_id=campaign_id, now=now, material=material, as_of=as_of)

    async def read(connection: Connection, view: View) -> list[DayCoverage]:
        total = await figures.read_planned_total(connection, view)
        return await plan_figures.read_days(connection, view, total)

    return await conditional(database, request, question, read)


@get(
    "/api/campaigns/{campaign_id:uuid}/coverage/waves",
    guards=[planners_and_managers], responses=refusals(NotFound),
)  # fmt: skip
async def read_coverage_waves(
    request: CallerRequest, campaign_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency,
    now: NowDependency, material: MaterialCode = None, as_of: AsOf = None,
) -> Response[list[WaveCoverage]]:  # fmt: skip
    """The waves by number, planned and handed out."""
    question = Question(caller=caller, campaign_id=campaign_id, now=now, material=material, as_of=as_of)

    async def read(connection: Connection, view: View) -> list[WaveCoverage]:
        total = await figures.read_planned_total(connection, view)
        return await plan_figures.read_wave_figures(connection, view, total)

    return await conditional(database, request, question, read)


@get(
    "/api/campaigns/{campaign_id:uuid}/coverage/gaps",
    guards=[planners], responses=refusals(NotFound),
)  # fmt: skip
async def read_coverage_gaps(
    request: CallerRequest, campaign_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency,
    now: NowDependency, material: MaterialCode = None, as_of: AsOf = None,
) -> Response[list[Gap]]:  # fmt: skip
    """Zones that probably miss their target, the most worthwhile first."""
    question = Question(caller=caller, campaign_id=campaign_id, now=now, material=material, as_of=as_of)
    await ensure_estimated(database, question)
    async with open_view(database, question) as (connection, view):
        gaps = await figures.read_gaps(connection, view)
    return answer_if_changed(request, gaps, view.cut.day, view.cut.known_on)


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
