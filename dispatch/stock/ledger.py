"""The one way into stock_move and stock_balance: lock, judge, write, as sets. In a file of its own because routes,
waybills and the demonstration's replay all go through it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from dispatch.database import Connection, Retry, beside
from dispatch.stock import rules
from dispatch.stock.moves import Holder, Holding, Move, changes_of, holdings_of, same_content, shortages_of

SQL = beside(__file__)

# Rows per statement: large enough to be cheap, small enough for the statement timeout.
_CHUNK = 10_000


class Recorded(Struct, frozen=True, kw_only=True):
    """What became of the moves: ids newly written, and ids that stood there already with the same content."""

    recorded: list[UUID]
    already_recorded: list[UUID]


async def record_moves(
    connection: Connection,
    city_id: int,
    moves: Sequence[Move],
    *,
    recorded_at: datetime,
    recorded_by: UUID,
    pointer: str = "/moves/{index}/copies",
) -> Recorded:
    """Write moves and their balances; call it inside a transaction. All or nothing, in the order given.

    Raises NotEnoughStock when a physical holder would fall below zero (`errors` point by `pointer`), MoveChanged when
    an id stands there with other content. A move that stands there already is not written again. The copies of a
    chain (depot → transit → outlet) may go in one call. Campaign revisions are the caller's to touch.
    """
    balances = await lock_balances(connection, city_id, holdings_of(moves))
    # Read after the locks: a twin of this request, held up by them until now, sees what the first one wrote.
    known = await read_recorded(connection, city_id, [move.move_id for move in moves])
    for move in moves:
        if move.move_id in known and not same_content(known[move.move_id], move):
            raise rules.MoveChanged(
                f"{move.move_id} was recorded with other content; give a new move a new id.", move_id=str(move.move_id)
            )
    fresh = [(index, move) for index, move in enumerate(moves) if move.move_id not in known]
    if short := shortages_of([move for _, move in fresh], balances):
        raise rules.not_enough_stock(
            [shortage._replace(position=fresh[shortage.position][0]) for shortage in short], pointer
        )
    await _write(connection, city_id, [move for _, move in fresh], recorded_at, recorded_by)
    return Recorded(recorded=[move.move_id for _, move in fresh], already_recorded=list(known))


async def lock_balances(connection: Connection, city_id: int, holdings: Iterable[Holding]) -> dict[Holding, int]:
    """Lock these balances in key order, making those that are missing, and return them in copies.

    Two passes in the same order (make, then lock) and everybody's locks in that order: no deadlock among writers.
    """
    columns = _columns(sorted(holdings), 4)
    await connection.execute(SQL.insert_missing_balances, city_id, *columns)
    found = await connection.fetch(SQL.lock_balances, city_id, *columns)
    return {
        Holding(row["holder_id"], row["holder_kind"], row["campaign_id"], row["material_id"]): row["quantity"]
        for row in found
    }


async def read_recorded(connection: Connection, city_id: int, move_ids: Sequence[UUID]) -> dict[UUID, Move]:
    """The moves among these ids that stand in the ledger."""
    return {row["move_id"]: _move(row) for row in await connection.fetch(SQL.read_moves_by_id, city_id, move_ids)}


def _move(row: Any) -> Move:
    values = dict(row)
    source = Holder(values.pop("from_kind"), values.pop("from_id"))
    target = Holder(values.pop("to_kind"), values.pop("to_id"))
    return Move(source=source, target=target, **values)


async def _write(
    connection: Connection, city_id: int, moves: Sequence[Move], recorded_at: datetime, recorded_by: UUID
) -> None:
    for start in range(0, len(moves), _CHUNK):
        chunk = moves[start : start + _CHUNK]
        written = await connection.fetchval(
            SQL.insert_moves, city_id, *_columns(map(_row, chunk), 14), recorded_at, recorded_by
        )
        if written != len(chunk):
            # Somebody used one of the ids between our reading and our writing: read again.
            raise Retry
    changes = sorted((*holding, change) for holding, change in changes_of(moves).items() if change)
    await connection.execute(SQL.change_balances, city_id, *_columns(changes, 5))


def _row(move: Move) -> tuple[Any, ...]:
    return (
        move.move_id, move.campaign_id, move.material_id, move.kind, *move.source, *move.target, move.copies,
        move.reason, move.print_run_id, move.waybill_id, move.reversal_of, move.moved_at,
    )  # fmt: skip


def _columns(rows: Iterable[tuple[Any, ...]], width: int) -> list[list[Any]]:
    """Rows as one list per column; `width` speaks for no rows at all."""
    columns = [list(column) for column in zip(*rows, strict=True)]
    return columns or [[] for _ in range(width)]
