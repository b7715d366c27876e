"""What stands beside the map: a zone's sheet, the days gone by for the time slider, the firms' progress."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get
from litestar.params import FromPath

from dispatch.coverage import rules
from dispatch.coverage.frame import (
    AsOf,
    MaterialCode,
    answered,
    compared,
    etag_of,
    framed,
    is_known,
    not_modified,
    read_frame,
)
from dispatch.coverage.sheets.history import histories_of, read_history
from dispatch.coverage.sheets.zone_sheet import read_zone_sheet
from dispatch.database import beside, rows
from dispatch.dependencies import CallerDependency, DatabaseDependency, NowDependency, SettingsDependency
from dispatch.identity.caller import Caller, allow
from schemas.coverage import CoverageHistory, PartnerCoverage, ZoneSheet

SQL = beside(__file__)
COVERAGE = "/api/campaigns/{campaign_id:uuid}/coverage"
CallerRequest = Request[Caller, Any, Any]


@get(f"{COVERAGE}/partners", guards=[allow("planner")])
async def read_coverage_partners(
    request: CallerRequest, campaign_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency,
    now: NowDependency, settings: SettingsDependency, material: MaterialCode = None, as_of: AsOf = None,
) -> Response[list[PartnerCoverage]]:  # fmt: skip
    """What each partner claimed, collected and handed out, by partner code. Firms are shown, riders never."""
    async with database.read() as connection:
        frame = await read_frame(connection, caller, campaign_id, now, material=material, as_of=as_of)
        found = await connection.fetch(
            SQL.read_partners, caller.city_id, campaign_id, frame.material_ids, frame.cut.known_on,
            caller.division_code, frame.cut.as_of, settings.claim_lease_hours,
        )  # fmt: skip
    counted = rows(rules.PartnerCounts, found)
    return compared(request, frame, [rules.partner_figure(partner, frame.cut.as_of) for partner in counted])


@get(f"{COVERAGE}/zones/{{zone_code:str}}", guards=[allow("planner", "firm_manager", "outlet_manager")])
async def read_zone_coverage(
    campaign_id: FromPath[UUID], zone_code: FromPath[str], caller: CallerDependency, database: DatabaseDependency,
    now: NowDependency, material: MaterialCode = None, as_of: AsOf = None,
) -> Response[ZoneSheet]:  # fmt: skip
    """A zone's sheet: its figures and what they are made of. A firm sees its own copies, and only zones of its own."""
    async with framed(database, caller, campaign_id, now, material=material, as_of=as_of) as (connection, frame):
        sheet = await read_zone_sheet(connection, frame, zone_code)
    return Response(sheet, headers={"cache-control": "private, no-cache"})


@get(f"{COVERAGE}/history", guards=[allow("planner")])
async def read_coverage_history(
    request: CallerRequest, campaign_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency,
    now: NowDependency, material: MaterialCode = None,
) -> Response[CoverageHistory]:  # fmt: skip
    """The zones' figures at the end of every past day in columns, for a time slider. Today: read_coverage_zones."""
    async with database.read() as connection:
        frame = await read_frame(connection, caller, campaign_id, now, material=material)
        history = await read_history(connection, histories_of(request.app.state), frame)
    # Compared without the cut-off, which moves on while the past stays as it was.
    etag = etag_of(msgspec.json.encode((request.url.path, msgspec.structs.replace(history, as_of=rules.EPOCH))))
    return not_modified(etag) if is_known(request, etag) else answered(history, etag)


ROUTES = [read_coverage_partners, read_zone_coverage, read_coverage_history]
