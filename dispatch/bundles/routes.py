"""Looking bundles up, following them, and what is printed for them: labels and the sheet of a waybill."""

import asyncio
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import get
from litestar.params import FromPath, FromQuery, QueryParameter

from dispatch.bundles import rules
from dispatch.database import queries_for, rows
from dispatch.problems import NotFound
from dispatch.qr import symbol_of
from dispatch.server.caller import Caller, allow
from dispatch.server.dependencies import CallerDependency, DatabaseDependency
from dispatch.server.pages import CodeFilter, CursorText, LongLimit, decode_cursor, encode_cursor
from schemas.bundles import BundlePage, BundleRow, BundleStep, BundleWay, LabelSheet, WaybillBundle, WaybillSheet
from schemas.stock import HolderKind

SQL = queries_for(__file__)
_HOLDERS = allow("planner", "auditor", "firm_manager", "outlet_manager", "rider")
BundleCodeFilter = Annotated[
    list[str] | None,
    QueryParameter(
        max_length=200, description="Only these bundles, or those of these cartons; may stand several times"
    ),
]


@get("/api/campaigns/{campaign_id:uuid}/bundles", guards=[_HOLDERS])
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
    """The bundles that are sealed where they are, in the caller's scope; a rider sees the own ones."""
    behind = decode_cursor(cursor, tuple[str])[0] if cursor else None
    async with database.read() as connection:
        if await connection.fetchval(SQL.read_campaign, caller.city_id, campaign_id) is None:
            raise NotFound("There is no such campaign here.")
        found = await connection.fetch(
            SQL.read_bundles, caller.city_id, campaign_id, *_scope(caller), holder_kind, holder_code, material_code,
            code, behind, limit + 1,
        )  # fmt: skip
    bundles = rows(BundleRow, found[:limit])
    more = len(found) > limit
    return BundlePage(bundles=bundles, next_cursor=encode_cursor(bundles[-1].code) if more else None)


def _scope(caller: Caller) -> tuple[UUID | None, UUID | None, UUID | None, str | None]:
    return caller.partner_id, caller.outlet_id, caller.rider_id, caller.division_code


@get("/api/campaigns/{campaign_id:uuid}/bundles/{code:str}", guards=[_HOLDERS])
async def read_bundle(
    campaign_id: FromPath[UUID], code: FromPath[str], caller: CallerDependency, database: DatabaseDependency
) -> BundleWay:
    """One bundle: where it is, whether it is sealed, and its way. Managers find those their own holders have."""
    limited = any((caller.partner_id, caller.outlet_id, caller.division_code))
    async with database.read() as connection:
        found = await connection.fetchrow(SQL.read_bundle, caller.city_id, campaign_id, code, *_scope(caller))
        if found is None:
            raise NotFound("There is no such bundle here.")
        values = dict(found)
        steps = await connection.fetch(
            SQL.read_way, caller.city_id, values.pop("bundle_id"), caller.partner_id, caller.outlet_id,
            caller.division_code, limited,
        )  # fmt: skip
    return msgspec.convert({**values, "way": rows(BundleStep, steps)}, BundleWay)


@get("/api/waybills/{waybill_id:uuid}/sheet", guards=[allow("planner", "auditor", "firm_manager", "outlet_manager")])
async def read_waybill_sheet(
    waybill_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency
) -> WaybillSheet:
    """The waybill's symbol and the bundles issued with it, for its sheet and for its receipt."""
    async with database.read() as connection:
        waybill = await connection.fetchrow(
            SQL.read_waybill, caller.city_id, waybill_id, caller.partner_id, caller.outlet_id, caller.division_code
        )
        if waybill is None:
            raise NotFound("There is no such waybill.")
        found = await connection.fetch(SQL.read_waybill_bundles, caller.city_id, waybill_id)
    bundles = rows(WaybillBundle, found)
    return WaybillSheet(
        waybill_id=waybill_id,
        symbol=symbol_of(waybill["code"]),
        bundles_a_carton=waybill["bundles_a_carton"],
        bundles=bundles,
        loose_copies=waybill["copies"] - sum(bundle.copies for bundle in bundles),
    )


@get("/api/print-runs/{print_run_id:uuid}/labels", guards=[allow("planner", whole_city=True)])
async def read_labels(
    print_run_id: FromPath[UUID],
    caller: CallerDependency,
    database: DatabaseDependency,
    first_carton: Annotated[int, QueryParameter(ge=1, le=1_000_000)] = 1,
    cartons: Annotated[int, QueryParameter(ge=1, le=50, description="How many cartons, with their bundles")] = 10,
) -> LabelSheet:
    """Labels of some cartons of a print run and of the bundles inside, to print and stick on."""
    async with database.read() as connection:
        found = await connection.fetchrow(SQL.read_print_run, caller.city_id, print_run_id)
        if found is None:
            raise NotFound("There is no such print run.")
        run = dict(found)
        inside: int = run.pop("bundles_a_carton")
        first, last = (first_carton - 1) * inside + 1, (first_carton - 1 + cartons) * inside
        bundles = await connection.fetch(
            SQL.read_run_bundles, caller.city_id, run.pop("print_run_id"), first, min(last, 2_000_000_000)
        )
    # Hundreds of symbols take a while to compute; others are served meanwhile.
    labels = await asyncio.to_thread(rules.labels_of, rows(WaybillBundle, bundles))
    return LabelSheet(first_carton=first_carton, labels=labels, **run)


ROUTES = [read_bundles, read_bundle, read_waybill_sheet, read_labels]
