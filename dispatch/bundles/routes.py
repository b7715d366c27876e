"""Finding bundles, following them, and what is printed for them: labels and the sheet of a waybill."""

import asyncio
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import get
from litestar.params import FromPath, FromQuery, QueryParameter

from dispatch.bundles import rules
from dispatch.bundles.rules import PackedRun, WaybillHead
from dispatch.database import one, queries_for, rows
from dispatch.problems import InvalidRequest, NotFound
from dispatch.server.caller import allow
from dispatch.server.dependencies import CallerDependency, DatabaseDependency
from dispatch.server.pages import CodeFilter, CursorText, LongLimit, decode_cursor, encode_cursor
from dispatch.server.refusals import refusals
from schemas.bundles import BundlePage, BundleRow, BundleStep, BundleWay, LabelSheet, WaybillBundle, WaybillSheet
from schemas.stock import HolderKind

SQL = queries_for(__file__)
_HOLDERS = allow("planner", "auditor", "firm_manager", "outlet_manager", "rider")
BundleCodeFilter = Annotated[
    list[str] | None,
    QueryParameter(
        max_length=200, description="Only these bundles, or those of these cartons; may be given several times"
    ),
]


@get("/api/campaigns/{campaign_id:uuid}/bundles", guards=[_HOLDERS], responses=refusals(NotFound, InvalidRequest))
async def read_bundles(
    campaign_id: FromPath[UUID],
    caller: CallerDependency,
    database: DatabaseDependency,
    holder_kind: FromQuery[HolderKind | None] = None,
    holder_code: CodeFilter = None,
    material_code: CodeFilter = None,
    code: BundleCodeFilter = None,
    limit: LongLimit = 500,
    cursor: CursorText = None,
) -> BundlePage:
    """The bundles that are sealed where they are, in the caller's scope; riders see their own."""
    after_code = decode_cursor(cursor, tuple[str])[0] if cursor else None
    statement = SQL.read_bundles(
        caller.scope, campaign_id=campaign_id, holder_kind=holder_kind, holder_code=holder_code,
        material_code=material_code, codes=code, after_code=after_code, rows=limit + 1,
    )  # fmt: skip
    async with database.read() as connection:
        campaign = SQL.read_campaign(city_id=caller.city_id, campaign_id=campaign_id)
        if await connection.fetchval(*campaign) is None:
            raise NotFound("There is no such campaign here.")
        found = rows(BundleRow, await connection.fetch(*statement))
    bundles, more = found[:limit], len(found) > limit
    return BundlePage(bundles=bundles, next_cursor=encode_cursor(bundles[-1].code) if more else None)


@get("/api/campaigns/{campaign_id:uuid}/bundles/{code:str}", guards=[_HOLDERS], responses=refusals(NotFound))
async def read_bundle(
    campaign_id: FromPath[UUID], code: FromPath[str], caller: CallerDependency, database: DatabaseDependency
) -> BundleWay:
    """One bundle: where it is, whether it is sealed, and its way. Managers find those their own holders have."""
    async with database.read() as connection:
        bundle = await connection.fetchrow(*SQL.read_bundle(caller.scope, campaign_id=campaign_id, code=code))
        if bundle is None:
            raise NotFound("There is no such bundle here.")
        steps = await connection.fetch(*SQL.read_way(caller.scope, bundle_id=bundle["bundle_id"]))
    return msgspec.convert({**bundle, "way": rows(BundleStep, steps)}, BundleWay)


@get(
    "/api/waybills/{waybill_id:uuid}/sheet",
    guards=[allow("planner", "auditor", "firm_manager", "outlet_manager")],
    responses=refusals(NotFound),
)
async def read_waybill_sheet(
    waybill_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency
) -> WaybillSheet:
    """The waybill's symbol and the bundles issued with it, for its sheet and for its receipt."""
    async with database.read() as connection:
        row = await connection.fetchrow(*SQL.read_waybill(caller.scope, waybill_id=waybill_id))
        waybill = one(WaybillHead, row)
        if waybill is None:
            raise NotFound("There is no such waybill.")
        statement = SQL.read_waybill_bundles(city_id=caller.city_id, waybill_id=waybill_id)
        bundles = rows(WaybillBundle, await connection.fetch(*statement))
    return rules.sheet_of(waybill_id, waybill, bundles)


@get(
    "/api/print-runs/{print_run_id:uuid}/labels",
    guards=[allow("planner", whole_city=True)],
    responses=refusals(NotFound),
)
async def read_labels(
    print_run_id: FromPath[UUID],
    caller: CallerDependency,
    database: DatabaseDependency,
    first_carton: Annotated[int, QueryParameter(ge=1, le=1_000_000)] = 1,
    cartons: Annotated[int, QueryParameter(ge=1, le=50, description="How many cartons, with their bundles")] = 10,
) -> LabelSheet:
    """Labels of some cartons of a print run and of the bundles inside, to print and stick on."""
    async with database.read() as connection:
        row = await connection.fetchrow(*SQL.read_print_run(city_id=caller.city_id, print_run_id=print_run_id))
        run = one(PackedRun, row)
        if run is None:
            raise NotFound("There is no such print run.")
        first, last = rules.numbers_of(first_carton, cartons, run.bundles_a_carton)
        statement = SQL.read_run_bundles(
            city_id=caller.city_id, print_run_id=print_run_id, first_number=first, last_number=last
        )
        bundles = rows(WaybillBundle, await connection.fetch(*statement))
    # Hundreds of symbols take a while to compute; others are served meanwhile.
    labels = await asyncio.to_thread(rules.labels_of, bundles)
    return LabelSheet(
        print_run_code=run.print_run_code, material_code=run.material_code, material_name=run.material_name,
        campaign_name=run.campaign_name, cartons=run.cartons, first_carton=first_carton, labels=labels,
    )  # fmt: skip


ROUTES = [read_bundles, read_bundle, read_waybill_sheet, read_labels]
