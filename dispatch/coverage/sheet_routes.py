"""What stands beside the map: a zone's sheet, the days gone by for the time slider, the firms' progress."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get
from litestar.params import FromPath

from dispatch.coverage import rules
from dispatch.coverage.history import histories_of, read_history
from dispatch.coverage.view import AsOf, MaterialCode, answer_if_changed, open_view, read_view
from dispatch.coverage.zone_sheet import read_zone_sheet
from dispatch.database import queries_for, rows
from dispatch.server.caller import Caller, allow
from dispatch.server.conditional import cached_response, client_has, etag_of, not_modified
from dispatch.server.dependencies import CallerDependency, DatabaseDependency, NowDependency, SettingsDependency
from schemas.coverage import CoverageHistory, PartnerCoverage, ZoneSheet

SQL = queries_for(__file__)
COVERAGE = "/api/campaigns/{campaign_id:uuid}/coverage"
CallerRequest = Request[Caller, Any, Any]


@get(f"{COVERAGE}/partners", guards=[allow("planner")])
async def read_coverage_partners(
    request: CallerRequest, campaign_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency,
    now: NowDependency, settings: SettingsDependency, material: MaterialCode = None, as_of: AsOf = None,
) -> Response[list[PartnerCoverage]]:  # fmt: skip
    """What each partner claimed, collected and handed out, by partner code. Firms are shown, riders never."""
    async with database.read() as connection:
        view = await read_view(connection, caller, campaign_id, now, material=material, as_of=as_of)
        found = await connection.fetch(
            SQL.read_partners, caller.city_id, campaign_id, view.material_ids, view.cut.known_on,
            caller.division_code, view.cut.as_of, settings.claim_lease_hours,
        )  # fmt: skip
    counted = rows(rules.PartnerCounts, found)
    return answer_if_changed(request, view, [rules.partner_figure(partner, view.cut.as_of) for partner in counted])


@get(f"{COVERAGE}/zones/{{zone_code:str}}", guards=[allow("planner", "firm_manager", "outlet_manager")])
async def read_zone_coverage(
    campaign_id: FromPath[UUID], zone_code: FromPath[str], caller: CallerDependency, database: DatabaseDependency,
    now: NowDependency, material: MaterialCode = None, as_of: AsOf = None,
) -> Response[ZoneSheet]:  # fmt: skip
    """A zone's sheet: its figures and what they are made of. A firm sees its own copies, and only zones of its own."""
    async with open_view(database, caller, campaign_id, now, material=material, as_of=as_of) as (connection, view):
        sheet = await read_zone_sheet(connection, view, zone_code)
    return Response(sheet, headers={"cache-control": "private, no-cache"})


@get(f"{COVERAGE}/history", guards=[allow("planner")])
async def read_coverage_history(
    request: CallerRequest, campaign_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency,
    now: NowDependency, material: MaterialCode = None,
) -> Response[CoverageHistory]:  # fmt: skip
    """The zones' figures at the end of every past day in columns, for a time slider. Today: read_coverage_zones."""
    async with database.read() as connection:
        view = await read_view(connection, caller, campaign_id, now, material=material)
        history = await read_history(connection, histories_of(request.app.state), view)
    # Compared without the cut-off, which moves on while the past stays as it was.
    etag = etag_of(msgspec.json.encode((request.url.path, msgspec.structs.replace(history, as_of=rules.EPOCH))))
    return not_modified(etag) if client_has(request, etag) else cached_response(history, etag)


ROUTES = [read_coverage_partners, read_zone_coverage, read_coverage_history]
