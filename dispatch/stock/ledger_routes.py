"""Reading the ledger: who holds what, every move, the ledger as a file, and the balance law."""

from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from litestar import get
from litestar.params import FromPath, FromQuery
from litestar.response import Stream

from dispatch.database import Connection, Database, one, queries_for, rows
from dispatch.problems import InvalidRequest, NotFound
from dispatch.server.caller import Caller, allow
from dispatch.server.dependencies import CallerDependency, DatabaseDependency, NowDependency
from dispatch.server.pages import CodeFilter, CursorText, LongLimit, decode_cursor, encode_cursor
from dispatch.server.refusals import refusals
from dispatch.stock import ledger_csv, rules
from schemas.stock import (
    Balance,
    BalanceLaw,
    BalancePage,
    HolderKind,
    MaterialWhereabouts,
    MoveKind,
    StockMove,
    StockMovePage,
    Whereabouts,
)

SQL = queries_for(__file__)
_CSV_ROWS = 5_000


class LedgerHead(msgspec.Struct, frozen=True, kw_only=True):
    """What the file of a campaign's ledger is named and dated by."""

    code: str
    timezone: str


@get(
    "/api/campaigns/{campaign_id:uuid}/stock/balances",
    guards=[allow("planner", "auditor", "firm_manager", "outlet_manager", "rider", "partner_system", scope="read")],
    responses=refusals(NotFound, InvalidRequest),
)
async def read_balances(
    campaign_id: FromPath[UUID],
    caller: CallerDependency,
    database: DatabaseDependency,
    holder_kind: FromQuery[HolderKind | None] = None,
    outlet_code: CodeFilter = None,
    material_code: CodeFilter = None,
    limit: LongLimit = 200,
    cursor: CursorText = None,
) -> BalancePage:
    """Who holds what, in the caller's scope; riders see their own copies."""
    after = decode_cursor(cursor, tuple[str, str, str]) if cursor else (None, None, None)
    async with database.read() as connection:
        await _read_head(connection, caller, campaign_id)
        statement = SQL.read_balances(
            caller.scope, campaign_id=campaign_id, holder_kind=holder_kind, outlet_code=outlet_code,
            material_code=material_code, after_holder_kind=after[0], after_holder_code=after[1],
            after_material_code=after[2], rows=limit + 1,
        )  # fmt: skip
        found = rows(Balance, await connection.fetch(*statement))
    balances, last = found[:limit], found[limit - 1] if len(found) > limit else None
    return BalancePage(
        balances=balances,
        next_cursor=encode_cursor(last.holder_kind, last.holder_code, last.material_code) if last else None,
    )


async def _read_head(connection: Connection, caller: Caller, campaign_id: UUID) -> LedgerHead:
    row = await connection.fetchrow(*SQL.read_campaign(city_id=caller.city_id, campaign_id=campaign_id))
    head = one(LedgerHead, row)
    if head is None:
        raise NotFound("There is no such campaign here.")
    return head


@get(
    "/api/campaigns/{campaign_id:uuid}/stock/moves",
    guards=[allow("planner", "auditor", "firm_manager", "outlet_manager")],
    responses=refusals(NotFound, InvalidRequest),
)
async def read_moves(
    campaign_id: FromPath[UUID],
    caller: CallerDependency,
    database: DatabaseDependency,
    kind: FromQuery[MoveKind | None] = None,
    holder_code: CodeFilter = None,
    material_code: CodeFilter = None,
    story_of: FromQuery[UUID | None] = None,
    limit: LongLimit = 100,
    cursor: CursorText = None,
) -> StockMovePage:
    """The ledger, newest first: for managers the moves that touch their outlets and riders.

    `story_of`: one move with its reversal, what it reverses, and the other moves of its waybill.
    """
    after = decode_cursor(cursor, tuple[datetime, UUID]) if cursor else (None, None)
    async with database.read() as connection:
        await _read_head(connection, caller, campaign_id)
        statement = SQL.read_moves(
            caller.scope, campaign_id=campaign_id, kind=kind, holder_code=holder_code, material_code=material_code,
            story_of=story_of, after_recorded_at=after[0], after_move_id=after[1], rows=limit + 1,
        )  # fmt: skip
        found = rows(StockMove, await connection.fetch(*statement))
    moves, last = found[:limit], found[limit - 1] if len(found) > limit else None
    return StockMovePage(moves=moves, next_cursor=encode_cursor(last.recorded_at, last.move_id) if last else None)


@get(
    "/api/campaigns/{campaign_id:uuid}/stock/moves.csv",
    media_type="text/csv",
    guards=[allow("planner", "auditor", "firm_manager", "outlet_manager")],
    responses=refusals(NotFound),
)
async def read_moves_csv(
    campaign_id: FromPath[UUID],
    caller: CallerDependency,
    database: DatabaseDependency,
    now: NowDependency,
    kind: FromQuery[MoveKind | None] = None,
    holder_code: CodeFilter = None,
    material_code: CodeFilter = None,
) -> Stream:
    """The whole ledger in the caller's scope as a file, newest first."""
    async with database.read() as connection:
        head = await _read_head(connection, caller, campaign_id)
    timezone = ZoneInfo(head.timezone)
    filters = {"campaign_id": campaign_id, "kind": kind, "holder_code": holder_code, "material_code": material_code}
    name = f"stock-moves-{head.code}-{now.astimezone(timezone):%Y%m%d}.csv"
    return Stream(
        _csv_parts(database, caller, timezone, filters),
        media_type="text/csv",
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )


async def _csv_parts(
    database: Database, caller: Caller, timezone: ZoneInfo, filters: dict[str, Any]
) -> AsyncGenerator[str]:
    yield ledger_csv.head()
    after: StockMove | None = None
    while True:
        statement = SQL.read_moves(
            caller.scope, **filters, rows=_CSV_ROWS,
            after_recorded_at=after and after.recorded_at, after_move_id=after and after.move_id,
        )  # fmt: skip
        # A page at a time and the connection given back between, so that a slow reader holds nothing up.
        async with database.read() as connection:
            moves = rows(StockMove, await connection.fetch(*statement))
        yield ledger_csv.lines(moves, timezone)
        if len(moves) < _CSV_ROWS:
            return
        after = moves[-1]


@get(
    "/api/campaigns/{campaign_id:uuid}/stock/balance-law",
    guards=[allow("planner", "auditor", whole_city=True)],
    responses=refusals(NotFound),
)
async def read_balance_law(
    campaign_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency, now: NowDependency
) -> BalanceLaw:
    """Where every printed copy is. It always balances."""
    async with database.read() as connection:
        await _read_head(connection, caller, campaign_id)
        statement = SQL.read_balance_law(city_id=caller.city_id, campaign_id=campaign_id)
        figures = [dict(row) for row in await connection.fetch(*statement)]
    materials = [MaterialWhereabouts(balanced=rules.is_balanced(material), **material) for material in figures]
    totals = rules.total_of(figures)
    return BalanceLaw(as_of=now, materials=materials, total=Whereabouts(balanced=rules.is_balanced(totals), **totals))


ROUTES = [read_balances, read_moves, read_moves_csv, read_balance_law]
