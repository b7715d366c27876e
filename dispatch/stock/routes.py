"""Moving copies among holders, counting them, and undoing a move; and the list of all routes of the slice."""

from datetime import datetime
from uuid import UUID

from litestar import post
from litestar.params import FromPath, JSONBody

from dispatch.database import Connection
from dispatch.database.changes import touch
from dispatch.problems import NotFound
from dispatch.server.caller import Caller, allow
from dispatch.server.client_ids import IdUnusable, require_id
from dispatch.server.dependencies import CallerDependency, DatabaseDependency, NowDependency
from dispatch.server.refusals import refusals
from dispatch.stock import correction_rules, ledger_routes, rules, store, waybill_routes
from dispatch.stock.correction_rules import AlreadyReversed, NotReversible, UnknownMaterial
from dispatch.stock.ledger import lock_balances, read_recorded, record_moves
from dispatch.stock.moves import BalanceKey, Move, holdings_of
from dispatch.stock.packs import BundleNotHere, still_sealed
from dispatch.stock.rules import MoveChanged, MovesRefused, NotEnoughStock, UnknownHolder
from schemas.stock import MovesRecorded, NewMoves, NewReversal, NewStockCount, StockCount


@post(
    "/api/stock/moves",
    guards=[allow("planner", "firm_manager", "outlet_manager", "rider")],
    responses=refusals(MovesRefused, MoveChanged, NotEnoughStock, BundleNotHere),
)
async def record_stock_moves(
    data: JSONBody[NewMoves],
    caller: CallerDependency,
    database: DatabaseDependency,
    now: NowDependency,
) -> MovesRecorded:
    """Record up to 500 moves together or not at all."""
    async with database.read() as connection:
        book = await store.read_codes_of_moves(connection, rules.scope_of_moves(caller), data.moves)
    moves = rules.judge_moves(caller, data.moves, book, now)

    async def record(connection: Connection) -> MovesRecorded:
        done = await record_moves(connection, caller.city_id, moves, recorded_at=now, recorded_by=caller.subject_id)
        await touch(connection, caller.city_id, *{move.campaign_id for move in moves})
        return done

    return await database.transact(record)


@post(
    "/api/stock/counts",
    guards=[allow("planner", "firm_manager", "outlet_manager")],
    responses=refusals(IdUnusable, UnknownHolder, UnknownMaterial, MoveChanged, NotEnoughStock, BundleNotHere),
)
async def record_stock_count(
    data: JSONBody[NewStockCount],
    caller: CallerDependency,
    database: DatabaseDependency,
    now: NowDependency,
) -> StockCount:
    """Bring a balance to what was counted; the difference is a variance with its reason."""
    require_id(data.move_id, "move_id")
    async with database.read() as connection:
        book = await store.read_codes_of_count(connection, rules.scope_of_moves(caller), data)
    place, material_id = correction_rules.judge_count(caller, data, book)
    holding = BalanceKey(place.id, place.kind, data.campaign_id, material_id)

    async def count(connection: Connection) -> StockCount:
        return await _count(connection, caller, data, holding, now)

    return await database.transact(count)


async def _count(
    connection: Connection, caller: Caller, data: NewStockCount, holding: BalanceKey, now: datetime
) -> StockCount:
    held = await lock_balances(connection, caller.city_id, [holding, holding.unexplained])
    known = (await read_recorded(connection, caller.city_id, [data.move_id])).get(data.move_id)
    expected = correction_rules.expected_before(data, known, holding, held[holding].quantity)
    difference = data.counted_copies - expected
    if difference:
        move = correction_rules.count_move(data, holding, expected, now)
        await record_moves(
            connection, caller.city_id, [move], recorded_at=now, recorded_by=caller.subject_id,
            pointer="/counted_copies",
        )  # fmt: skip
        await touch(connection, caller.city_id, data.campaign_id)
    return StockCount(
        move_id=data.move_id if difference else None, counted=data.counted_copies, expected=expected,
        difference=difference,
    )  # fmt: skip


@post(
    "/api/stock/moves/{move_id:uuid}/reverse",
    guards=[allow("planner", "firm_manager", "outlet_manager", "rider")],
    responses=refusals(
        IdUnusable, NotFound, NotReversible, AlreadyReversed, MoveChanged, NotEnoughStock, BundleNotHere
    ),
)
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
        back = correction_rules.reversal_of(original, data.move_id, data.reason, bundles, now)
        done = await record_moves(
            connection, caller.city_id, [back], recorded_at=now, recorded_by=caller.subject_id, pointer=""
        )
        await touch(connection, caller.city_id, original.campaign_id)
        return done

    return await database.transact(reverse)


async def _require_reversal(connection: Connection, caller: Caller, move: Move, data: NewReversal) -> None:
    # Locked, so that nobody receives it while it is being cancelled.
    waybill = await store.lock_waybill(connection, caller.scope, move.waybill_id) if move.waybill_id else None
    in_scope = await store.are_ends_in_scope(connection, rules.scope_of_moves(caller), move)
    record = await store.read_move_record(connection, caller.city_id, move.move_id)
    assert record is not None, "the move was read before, and moves are never deleted"
    correction_rules.require_reversal(
        caller, move, data.move_id, in_scope=in_scope, record=record, received=bool(waybill and waybill.received_at)
    )


async def _bundles_to_take_back(
    connection: Connection, caller: Caller, move: Move, known: Move | None
) -> tuple[UUID, ...]:
    """Those of the move's bundles that are sealed where it took them; for a reversal sent again, what it took back."""
    if known is not None or not move.bundles:
        return known.bundles if known else ()
    await lock_balances(connection, caller.city_id, holdings_of([move]))
    return still_sealed(await store.read_bundles_of_move(connection, caller.city_id, move.move_id), move.target)


ROUTES = [
    *waybill_routes.ROUTES,
    record_stock_moves,
    record_stock_count,
    reverse_stock_move,
    *ledger_routes.ROUTES,
]
