"""Moving copies among holders, counting them, undoing a move, and reading who holds what."""

from collections.abc import AsyncGenerator, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from litestar import get, post
from litestar.params import FromPath, FromQuery, JSONBody
from litestar.response import Stream

from dispatch.database import Connection, Database, one, queries_for, rows
from dispatch.database.changes import touch
from dispatch.problems import NotFound
from dispatch.server.caller import Caller, allow
from dispatch.server.client_ids import require_id
from dispatch.server.dependencies import CallerDependency, DatabaseDependency, NowDependency
from dispatch.server.pages import CodeFilter, CursorText, LongLimit, decode_cursor, encode_cursor
from dispatch.stock import ledger_csv, rules, waybill_routes
from dispatch.stock.ledger import lock_balances, read_recorded, record_moves
from dispatch.stock.moves import Holding, Move, holdings_of
from dispatch.stock.packs import Bundle, PlacedBundle, meaning_of
from dispatch.stock.waybill_rules import IssuedWaybill
from schemas.stock import (
    Balance,
    BalanceLaw,
    BalancePage,
    HolderCode,
    HolderKind,
    MaterialWhereabouts,
    MoveKind,
    MovesRecorded,
    NewMoves,
    NewReversal,
    NewStockCount,
    StockCount,
    StockMove,
    StockMovePage,
    Whereabouts,
)

SQL = queries_for(__file__)
_CSV_ROWS = 5_000


@post("/api/stock/moves", guards=[allow("planner", "firm_manager", "outlet_manager", "rider")])
async def record_stock_moves(
    data: JSONBody[NewMoves],
    caller: CallerDependency,
    database: DatabaseDependency,
    now: NowDependency,
) -> MovesRecorded:
    """Record up to 500 moves together or not at all."""
    holders = [end for item in data.moves for end in (item.source, item.target) if end]
    async with database.read() as connection:
        places = await _read_places(connection, caller, holders)
        named = {(item.campaign_id, item.material_code) for item in data.moves}
        materials = await _read_materials(connection, caller, named)
        meaning = await _read_named_bundles(connection, caller, data)
    moves = rules.judge_moves(caller, data.moves, places, materials, meaning, now)
    campaigns = list({move.campaign_id for move in moves})

    async def work(connection: Connection) -> MovesRecorded:
        done = await record_moves(connection, caller.city_id, moves, recorded_at=now, recorded_by=caller.subject_id)
        await touch(connection, caller.city_id, *campaigns)
        return MovesRecorded(recorded=done.recorded, already_recorded=done.already_recorded)

    return await database.transact(work)


async def _read_places(
    connection: Connection, caller: Caller, holders: Iterable[HolderCode]
) -> dict[tuple[str, str], rules.Place]:
    codes = {kind: sorted({h.code for h in holders if h.kind == kind}) for kind in ("depot", "outlet", "rider")}
    found = await connection.fetch(
        SQL.read_places, caller.city_id, *codes.values(), caller.partner_id, _outlet_scope(caller), caller.division_code
    )
    return {(place.kind, place.code): place for place in rows(rules.Place, found)}


def _outlet_scope(caller: Caller) -> UUID | None:
    """An outlet manager stays inside the outlet; a rider may hand copies to a colleague of another outlet."""
    return caller.outlet_id if caller.role == "outlet_manager" else None


async def _read_materials(
    connection: Connection, caller: Caller, named: Iterable[tuple[UUID, str]]
) -> dict[tuple[UUID, str], UUID]:
    pairs = sorted(named)
    found = await connection.fetch(
        SQL.read_materials, caller.city_id, [campaign for campaign, _ in pairs], [code for _, code in pairs]
    )
    return {(row["campaign_id"], row["code"]): row["material_id"] for row in found}


async def _read_named_bundles(
    connection: Connection, caller: Caller, data: NewMoves
) -> dict[tuple[UUID, str], list[Bundle]]:
    named = sorted({(item.campaign_id, code) for item in data.moves for code in item.bundle_codes})
    if not named:
        return {}
    columns = [campaign for campaign, _ in named], [code for _, code in named]
    return meaning_of(rows(Bundle, await connection.fetch(SQL.read_named_bundles, caller.city_id, *columns)))


@post("/api/stock/counts", guards=[allow("planner", "firm_manager", "outlet_manager")])
async def record_stock_count(
    data: JSONBody[NewStockCount],
    caller: CallerDependency,
    database: DatabaseDependency,
    now: NowDependency,
) -> StockCount:
    """Bring a balance to what was counted; the difference is a variance with its reason."""
    require_id(data.move_id, "move_id")
    async with database.read() as connection:
        places = await _read_places(connection, caller, [data.holder])
        materials = await _read_materials(connection, caller, [(data.campaign_id, data.material_code)])
    place, material_id = rules.judge_count(caller, data, places, materials)

    async def work(connection: Connection) -> StockCount:
        holding = Holding(place.id, place.kind, data.campaign_id, material_id)
        balances = await lock_balances(connection, caller.city_id, [holding, holding.unexplained])
        known = (await read_recorded(connection, caller.city_id, [data.move_id])).get(data.move_id)
        expected = rules.expected_before(data, known, holding, balances[holding].quantity)
        if data.counted_copies != expected:
            move = rules.count_move(data, holding, expected, now)
            await record_moves(
                connection, caller.city_id, [move], recorded_at=now, recorded_by=caller.subject_id,
                pointer="/counted_copies",
            )  # fmt: skip
            await touch(connection, caller.city_id, data.campaign_id)
        difference = data.counted_copies - expected
        return StockCount(
            move_id=data.move_id if difference else None, counted=data.counted_copies, expected=expected,
            difference=difference,
        )  # fmt: skip

    return await database.transact(work)


@post("/api/stock/moves/{move_id:uuid}/reverse", guards=[allow("planner", "firm_manager", "outlet_manager", "rider")])
async def reverse_stock_move(
    move_id: FromPath[UUID],
    data: JSONBody[NewReversal],
    caller: CallerDependency,
    database: DatabaseDependency,
    now: NowDependency,
) -> MovesRecorded:
    """Undo a move by a linked one the other way, while the copies are still where they went."""
    require_id(data.move_id, "move_id")

    async def reverse(connection: Connection) -> MovesRecorded:
        known = await read_recorded(connection, caller.city_id, [move_id, data.move_id])
        if move_id not in known:
            raise NotFound("There is no such move.")
        original = known[move_id]
        await _require_reversal(connection, caller, original, data)
        bundles = await _bundles_to_take_back(connection, caller, original, known.get(data.move_id))
        back = rules.reversal_of(original, data.move_id, data.reason, bundles, now)
        done = await record_moves(
            connection, caller.city_id, [back], recorded_at=now, recorded_by=caller.subject_id, pointer=""
        )
        await touch(connection, caller.city_id, original.campaign_id)
        return MovesRecorded(recorded=done.recorded, already_recorded=done.already_recorded)

    return await database.transact(reverse)


async def _bundles_to_take_back(
    connection: Connection, caller: Caller, move: Move, known: Move | None
) -> tuple[UUID, ...]:
    """Those of the move's bundles that are sealed where it took them; for a reversal sent again, what it took back."""
    if known is not None or not move.bundles:
        return known.bundles if known else ()
    await lock_balances(connection, caller.city_id, holdings_of([move]))
    found = await connection.fetch(SQL.read_bundles_of_move, caller.city_id, move.move_id)
    there = [
        bundle
        for bundle in rows(PlacedBundle, found)
        if not bundle.opened and (bundle.holder_kind, bundle.holder_id) == move.target
    ]
    return tuple(sorted(bundle.bundle_id for bundle in there))


async def _require_reversal(connection: Connection, caller: Caller, move: Move, data: NewReversal) -> None:
    waybill = None
    if move.waybill_id:
        # Locked, so that nobody receives it while it is being cancelled.
        row = await connection.fetchrow(
            SQL.lock_waybill, caller.city_id, move.waybill_id, caller.partner_id, caller.outlet_id, caller.division_code
        )
        waybill = one(IssuedWaybill, row)
    ends = list({end.id for end in (move.source, move.target) if end.kind in ("outlet", "rider", "transit")})
    inside: int = await connection.fetchval(
        SQL.count_ends_in_scope, caller.city_id, ends, caller.partner_id, _outlet_scope(caller), caller.division_code
    )
    state = await connection.fetchrow(SQL.read_move, caller.city_id, move.move_id)
    rules.require_reversal(
        caller, move, data.move_id, in_scope=inside == len(ends), recorded_by=state["recorded_by"],
        reversed_by=state["reversed_by"], received=bool(waybill and waybill.received_at),
    )  # fmt: skip


@get(
    "/api/campaigns/{campaign_id:uuid}/stock/balances",
    guards=[allow("planner", "auditor", "firm_manager", "outlet_manager", "rider", "partner_system")],
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
    """Who holds what, in the caller's scope; a rider sees the own copies."""
    behind = decode_cursor(cursor, tuple[str, str, str]) if cursor else (None, None, None)
    async with database.read() as connection:
        await _require_campaign(connection, caller, campaign_id)
        found = await connection.fetch(
            SQL.read_balances, caller.city_id, campaign_id, caller.partner_id, caller.outlet_id, caller.rider_id,
            caller.division_code, holder_kind, outlet_code, material_code, *behind, limit + 1,
        )  # fmt: skip
    balances = rows(Balance, found[:limit])
    last = balances[-1] if len(found) > limit else None
    return BalancePage(
        balances=balances,
        next_cursor=encode_cursor(last.holder_kind, last.holder_code, last.material_code) if last else None,
    )


async def _require_campaign(connection: Connection, caller: Caller, campaign_id: UUID) -> Any:
    """The campaign's code and its city's time zone."""
    row = await connection.fetchrow(SQL.read_campaign, caller.city_id, campaign_id)
    if row is None:
        raise NotFound("There is no such campaign here.")
    return row


@get(
    "/api/campaigns/{campaign_id:uuid}/stock/moves",
    guards=[allow("planner", "auditor", "firm_manager", "outlet_manager")],
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
    behind = decode_cursor(cursor, tuple[datetime, UUID]) if cursor else (None, None)
    async with database.read() as connection:
        await _require_campaign(connection, caller, campaign_id)
        found = await _fetch_moves(
            connection, caller, campaign_id, (kind, holder_code, material_code), behind, limit + 1, story_of
        )
    moves = rows(StockMove, found[:limit])
    last = moves[-1] if len(found) > limit else None
    return StockMovePage(moves=moves, next_cursor=encode_cursor(last.recorded_at, last.move_id) if last else None)


async def _fetch_moves(
    connection: Connection,
    caller: Caller,
    campaign_id: UUID,
    filters: tuple[str | None, str | None, str | None],
    behind: tuple[datetime | None, UUID | None],
    limit: int,
    story_of: UUID | None = None,
) -> list[Any]:
    limited = any((caller.partner_id, caller.outlet_id, caller.division_code))
    return await connection.fetch(
        SQL.read_moves, caller.city_id, campaign_id, caller.partner_id, caller.outlet_id, caller.division_code, limited,
        *filters, *behind, limit, story_of,
    )  # fmt: skip


@get(
    "/api/campaigns/{campaign_id:uuid}/stock/moves.csv",
    media_type="text/csv",
    guards=[allow("planner", "auditor", "firm_manager", "outlet_manager")],
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
        campaign = await _require_campaign(connection, caller, campaign_id)
    timezone = ZoneInfo(campaign["timezone"])
    lines = _csv_lines(database, caller, campaign_id, (kind, holder_code, material_code), timezone)
    name = f"stock-moves-{campaign['code']}-{now.astimezone(timezone):%Y%m%d}.csv"
    return Stream(lines, media_type="text/csv", headers={"content-disposition": f'attachment; filename="{name}"'})


async def _csv_lines(
    database: Database,
    caller: Caller,
    campaign_id: UUID,
    filters: tuple[str | None, str | None, str | None],
    timezone: ZoneInfo,
) -> AsyncGenerator[str]:
    behind: tuple[datetime | None, UUID | None] = (None, None)
    yield ledger_csv.head()
    while True:
        # A page at a time and the connection given back between, so that a slow reader holds nothing up.
        async with database.read() as connection:
            found = await _fetch_moves(connection, caller, campaign_id, filters, behind, _CSV_ROWS)
        moves = rows(StockMove, found)
        yield ledger_csv.lines(moves, timezone)
        if len(moves) < _CSV_ROWS:
            return
        behind = (moves[-1].recorded_at, moves[-1].move_id)


@get("/api/campaigns/{campaign_id:uuid}/stock/balance-law", guards=[allow("planner", "auditor", whole_city=True)])
async def read_balance_law(
    campaign_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency, now: NowDependency
) -> BalanceLaw:
    """Where every printed copy is. It always balances."""
    async with database.read() as connection:
        await _require_campaign(connection, caller, campaign_id)
        found = await connection.fetch(SQL.read_balance_law, caller.city_id, campaign_id)
    materials = [MaterialWhereabouts(balanced=rules.is_balanced(values := dict(row)), **values) for row in found]
    totals = rules.total_of([msgspec.to_builtins(material) for material in materials])
    return BalanceLaw(as_of=now, materials=materials, total=Whereabouts(balanced=rules.is_balanced(totals), **totals))


ROUTES = [
    *waybill_routes.ROUTES,
    record_stock_moves,
    record_stock_count,
    reverse_stock_move,
    read_balances,
    read_moves,
    read_moves_csv,
    read_balance_law,
]
