"""The one way into stock_move and stock_balance: lock, judge, write, as sets. In a file of its own because routes,
waybills and the demonstration's replay all go through it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from dispatch.database import Connection, Retry, queries_for, rows
from dispatch.stock import packs, rules
from dispatch.stock.moves import Holder, Holding, Move, changes_of, holdings_of, same_content, shortages_of
from dispatch.stock.packs import PlacedBundle, Standing

SQL = queries_for(__file__)

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
    an id stands there with other content, BundleNotHere when a named bundle is not sealed at its source. A move that
    stands there already is not written again. The copies of a chain (depot → transit → outlet) may go in one call.
    Nobody is left with more copies in sealed bundles than it holds: what no longer fits is opened. Campaign revisions
    are the caller's to touch.
    """
    standings = await lock_balances(connection, city_id, holdings_of(moves))
    # Read after the locks: a twin of this request, held up by them until now, sees what the first one wrote.
    known = await read_recorded(connection, city_id, [move.move_id for move in moves])
    for move in moves:
        if move.move_id in known and not same_content(known[move.move_id], move):
            raise rules.MoveChanged(
                f"{move.move_id} was recorded with other content; give a new move a new id.", move_id=str(move.move_id)
            )
    fresh = [(index, move) for index, move in enumerate(moves) if move.move_id not in known]
    balances = {holding: standing.quantity for holding, standing in standings.items()}
    if short := shortages_of([move for _, move in fresh], balances):
        raise rules.not_enough_stock(
            [shortage._replace(position=fresh[shortage.position][0]) for shortage in short], pointer
        )
    wanted = [move for _, move in fresh]
    placed = await read_placed(connection, city_id, [bundle_id for move in wanted for bundle_id in move.bundles])
    if absent := packs.absent_of(wanted, placed):
        raise packs.bundle_not_here(
            [(fresh[position][0], codes) for position, codes in absent], pointer.replace("/copies", "/bundle_codes")
        )
    await _write(connection, city_id, wanted, standings, placed, recorded_at, recorded_by)
    return Recorded(recorded=[move.move_id for _, move in fresh], already_recorded=list(known))


async def lock_balances(connection: Connection, city_id: int, holdings: Iterable[Holding]) -> dict[Holding, Standing]:
    """Lock these balances in key order, making those that are missing, and return them.

    Two passes in the same order (make, then lock) and everybody's locks in that order: no deadlock among writers.
    """
    columns = _columns(sorted(holdings), 4)
    await connection.execute(SQL.insert_missing_balances, city_id, *columns)
    found = await connection.fetch(SQL.lock_balances, city_id, *columns)
    return {_holding(row): Standing(row["quantity"], row["sealed_copies"]) for row in found}


async def read_placed(connection: Connection, city_id: int, bundle_ids: Sequence[UUID]) -> dict[UUID, PlacedBundle]:
    """Where these bundles are. Only the locks on their holders' balances keep them there."""
    if not bundle_ids:
        return {}
    found = await connection.fetch(SQL.read_placed_bundles, city_id, bundle_ids)
    return {bundle.bundle_id: bundle for bundle in rows(PlacedBundle, found)}


async def read_recorded(connection: Connection, city_id: int, move_ids: Sequence[UUID]) -> dict[UUID, Move]:
    """The moves among these ids that stand in the ledger."""
    return {row["move_id"]: _move(row) for row in await connection.fetch(SQL.read_moves_by_id, city_id, move_ids)}


def _holding(row: Any) -> Holding:
    return Holding(row["holder_id"], row["holder_kind"], row["campaign_id"], row["material_id"])


def _move(row: Any) -> Move:
    values = dict(row)
    values["bundles"] = tuple(values["bundles"])
    source = Holder(values.pop("from_kind"), values.pop("from_id"))
    target = Holder(values.pop("to_kind"), values.pop("to_id"))
    return Move(source=source, target=target, **values)


async def _write(
    connection: Connection,
    city_id: int,
    moves: Sequence[Move],
    standings: dict[Holding, Standing],
    placed: dict[UUID, PlacedBundle],
    recorded_at: datetime,
    recorded_by: UUID,
) -> None:
    for start in range(0, len(moves), _CHUNK):
        chunk = moves[start : start + _CHUNK]
        written = await connection.fetchval(
            SQL.insert_moves, city_id, *_columns(map(_row, chunk), 14), recorded_at, recorded_by
        )
        if written != len(chunk):
            # Somebody used one of the ids between our reading and our writing: read again.
            raise Retry
    touched = {holding: standings[holding] for holding in holdings_of(moves)}
    # What handouts opened before is written down first, or copies that now arrive would seal it again.
    touched = await _open(connection, city_id, touched, list(placed), recorded_at)
    changes, sealed = changes_of(moves), packs.sealed_changes_of(moves, placed)
    changed = sorted((*holding, change, sealed.get(holding, 0)) for holding, change in changes.items())
    await connection.execute(SQL.change_balances, city_id, *_columns(changed, 6))
    if placed:
        await _carry(connection, city_id, moves)
    after = {
        holding: Standing(standing.quantity + changes[holding], standing.sealed + sealed.get(holding, 0))
        for holding, standing in touched.items()
    }
    await _open(connection, city_id, after, [], recorded_at)


async def _open(
    connection: Connection,
    city_id: int,
    standings: dict[Holding, Standing],
    carried: Sequence[UUID],
    opened_at: datetime,
) -> dict[Holding, Standing]:
    """Open what lies sealed beyond a balance, the first by code first, but not what is being `carried` as sealed."""
    excess = packs.beyond(standings)
    if not excess:
        return standings
    columns = _columns(sorted((*holding, copies) for holding, copies in excess.items()), 5)
    found = await connection.fetch(SQL.open_bundles, city_id, *columns, carried, opened_at)
    opened = {_holding(row): row["opened_copies"] for row in found}
    return {
        holding: standing._replace(sealed=standing.sealed - opened.get(holding, 0))
        for holding, standing in standings.items()
    }


async def _carry(connection: Connection, city_id: int, moves: Sequence[Move]) -> None:
    """Say which move carried which bundle, and where each has come to."""
    links = [(bundle_id, move.move_id) for move in moves for bundle_id in move.bundles]
    await connection.execute(SQL.insert_bundle_moves, city_id, *_columns(sorted(links), 2))
    ends = {bundle_id: move.target for move in moves for bundle_id in move.bundles}
    placed = sorted((bundle_id, *holder) for bundle_id, holder in ends.items())
    await connection.execute(SQL.place_bundles, city_id, *_columns(placed, 3))


def _row(move: Move) -> tuple[Any, ...]:
    return (
        move.move_id, move.campaign_id, move.material_id, move.kind, *move.source, *move.target, move.copies,
        move.reason, move.print_run_id, move.waybill_id, move.reversal_of, move.moved_at,
    )  # fmt: skip


def _columns(rows: Iterable[tuple[Any, ...]], width: int) -> list[list[Any]]:
    """Rows as one list per column; `width` speaks for no rows at all."""
    columns = [list(column) for column in zip(*rows, strict=True)]
    return columns or [[] for _ in range(width)]
