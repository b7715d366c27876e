"""What is shown next to the map: a zone's sheet, past days for the time slider, the firms' progress."""

from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath

from dispatch.coverage import rules
from dispatch.coverage.answers import answer_if_changed
from dispatch.coverage.estimate_refresh import ensure_estimated
from dispatch.coverage.history import histories_of, read_history
from dispatch.coverage.view import AsOf, MaterialCode, Question, View, open_view
from dispatch.coverage.zone_sheet import read_zone_sheet
from dispatch.database import Connection, queries_for, rows
from dispatch.problems import NotFound
from dispatch.server.caller import CallerRequest, allow
from dispatch.server.dependencies import CallerDependency, DatabaseDependency, NowDependency, SettingsDependency
from dispatch.server.refusals import refusals
from schemas.coverage import CoverageHistory, PartnerCoverage, ZoneSheet

SQL = queries_for(__file__)


@get(
    "/api/campaigns/{campaign_id:uuid}/coverage/partners",
    guards=[allow("planner")], responses=refusals(NotFound),
)  # fmt: skip
async def read_coverage_partners(
    request: CallerRequest, campaign_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency,
    now: NowDependency, settings: SettingsDependency, material: MaterialCode = None, as_of: AsOf = None,
) -> Response[list[PartnerCoverage]]:  # fmt: skip
    """What each partner claimed, collected and handed out, by partner code. Firms are shown, riders never."""
    question = Question(caller=caller, campaign_id=campaign_id, now=now, material=material, as_of=as_of)
    async with open_view(database, question) as (connection, view):
        partners = await _read_partners(connection, view, settings.claim_lease_hours)
    return answer_if_changed(request, partners, view.cut.day, view.cut.known_on)


async def _read_partners(connection: Connection, view: View, lease_hours: int) -> list[PartnerCoverage]:
    found = await connection.fetch(
        *SQL.read_partners(
            view.caller.scope, campaign_id=view.campaign_id, material_ids=view.material_ids,
            known_on=view.cut.known_on, as_of=view.cut.as_of, lease_hours=lease_hours,
        )
    )  # fmt: skip
    return [rules.partner_figure(partner, view.cut.as_of) for partner in rows(rules.PartnerCounts, found)]


@get(
    "/api/campaigns/{campaign_id:uuid}/coverage/zones/{zone_code:str}",
    guards=[allow("planner", "firm_manager", "outlet_manager")], responses=refusals(NotFound),
)  # fmt: skip
async def read_zone_coverage(
    campaign_id: FromPath[UUID], zone_code: FromPath[str], caller: CallerDependency, database: DatabaseDependency,
    now: NowDependency, material: MaterialCode = None, as_of: AsOf = None,
) -> Response[ZoneSheet]:  # fmt: skip
    """A zone's sheet: its figures and what they are made of. A firm sees its own copies, and only zones of its own."""
    question = Question(caller=caller, campaign_id=campaign_id, now=now, material=material, as_of=as_of)
    await ensure_estimated(database, question)
    async with open_view(database, question) as (connection, view):
        sheet = await read_zone_sheet(connection, view, zone_code)
    return Response(sheet, headers={"cache-control": "private, no-cache"})


@get(
    "/api/campaigns/{campaign_id:uuid}/coverage/history",
    guards=[allow("planner")], responses=refusals(NotFound),
)  # fmt: skip
async def read_coverage_history(
    request: CallerRequest, campaign_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency,
    now: NowDependency, material: MaterialCode = None,
) -> Response[CoverageHistory]:  # fmt: skip
    """The zones' figures at the end of every past day in columns, for a time slider. Today: read_coverage_zones."""
    question = Question(caller=caller, campaign_id=campaign_id, now=now, material=material)
    async with open_view(database, question) as (connection, view):
        history = await read_history(connection, histories_of(request.app.state), view)
    return answer_if_changed(request, history)


ROUTES = [read_coverage_partners, read_zone_coverage, read_coverage_history]
