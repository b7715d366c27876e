"""The one way into stock_move and stock_balance: lock, judge, write, as sets. The routes, the demonstration and the
replay all use it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from dispatch.database import Connection, Record, Retry, queries_for, rows
from dispatch.stock import packs, rules
from dispatch.stock.moves import BalanceKey, Holder, Move, Shortage, changes_of, holdings_of, same_content, shortages_of
from dispatch.stock.packs import HeldCopies, PlacedBundle
from schemas.stock import MovesRecorded

SQL = queries_for(__file__)

# Rows per statement: large enough to be cheap, small enough for the statement timeout.
_CHUNK = 10_000

# Parameters of the statements: the columns of a holding, and those of a move.
_HOLDING = ("holder_ids", "holder_kinds", "campaign_ids", "material_ids")
_MOVE = (
    "move_ids", "campaign_ids", "material_ids", "kinds", "from_kinds", "from_ids", "to_kinds", "to_ids", "copies",
    "reasons", "print_run_ids", "waybill_ids", "reversals_of", "moved_at",
)  # fmt: skip


async def record_moves(
    connection: Connection,
    city_id: int,
    moves: Sequence[Move],
    *,
    recorded_at: datetime,
    recorded_by: UUID,
    pointer: str = "/moves/{index}/copies",
) -> MovesRecorded:
    """Write moves and their balances; call it inside a transaction. All or nothing, in the order given.

    Raises NotEnoughStock when a physical holder would fall below zero (`errors` point by `pointer`), MoveChanged when
    an id was recorded before with other content, BundleNotHere when a named bundle is not sealed at its source. A move
    that was recorded before is not written again. The copies of a chain (depot → transit → outlet) may go in one call.
    Nobody is left with more copies in sealed bundles than it holds: what no longer fits is opened. Campaign revisions
    are the caller's to touch.
    """
    held = await lock_balances(connection, city_id, holdings_of(moves))
    # Read after the locks: a twin of this request, held up by them until now, sees what the first one wrote.
    known = await read_recorded(connection, city_id, [move.move_id for move in moves])
    _require_same_content(moves, known)
    # Positions in the request, which errors point at, and the moves to be written.
    positions = [position for position, move in enumerate(moves) if move.move_id not in known]
    fresh = [moves[position] for position in positions]
    if short := shortages_of(fresh, {holding: copies.quantity for holding, copies in held.items()}):
        raise rules.not_enough_stock([_at(positions, shortage) for shortage in short], pointer)
    placed = await read_placed(connection, city_id, [bundle_id for move in fresh for bundle_id in move.bundles])
    if absent := packs.absent_of(fresh, placed):
        raise packs.bundle_not_here(
            [(positions[position], codes) for position, codes in absent], pointer.replace("/copies", "/bundle_codes")
        )
    await _write(connection, city_id, fresh, held, placed, recorded_at, recorded_by)
    return MovesRecorded(recorded=[move.move_id for move in fresh], already_recorded=list(known))


def _require_same_content(moves: Sequence[Move], known: dict[UUID, Move]) -> None:
    for move in moves:
        if move.move_id in known and not same_content(known[move.move_id], move):
            raise rules.MoveChanged(
                f"{move.move_id} was recorded with other content; give a new move a new id.", move_id=str(move.move_id)
            )


def _at(positions: Sequence[int], shortage: Shortage) -> Shortage:
    return shortage._replace(position=positions[shortage.position])


async def lock_balances(
    connection: Connection, city_id: int, holdings: Iterable[BalanceKey]
) -> dict[BalanceKey, HeldCopies]:
    """Lock these balances in key order, making those that are missing, and return what is in them.

    Two passes in the same order (make, then lock) and everybody's locks in that order: no deadlock among writers.
    """
    columns = _columns(sorted(holdings), *_HOLDING)
    await connection.execute(*SQL.insert_missing_balances(city_id=city_id, **columns))
    found = await connection.fetch(*SQL.lock_balances(city_id=city_id, **columns))
    return {_holding(row): HeldCopies(row["quantity"], row["sealed_copies"]) for row in found}


async def read_placed(connection: Connection, city_id: int, bundle_ids: Sequence[UUID]) -> dict[UUID, PlacedBundle]:
    """Where these bundles are. Only the locks on their holders' balances keep them there."""
    if not bundle_ids:
        return {}
    found = await connection.fetch(*SQL.read_placed_bundles(city_id=city_id, bundle_ids=bundle_ids))
    return {bundle.bundle_id: bundle for bundle in rows(PlacedBundle, found)}


async def read_recorded(connection: Connection, city_id: int, move_ids: Sequence[UUID]) -> dict[UUID, Move]:
    """The moves among these ids that have been recorded."""
    found = await connection.fetch(*SQL.read_moves_by_id(city_id=city_id, move_ids=move_ids))
    return {row["move_id"]: _move(row) for row in found}


def _holding(row: Record) -> BalanceKey:
    return BalanceKey(row["holder_id"], row["holder_kind"], row["campaign_id"], row["material_id"])


def _move(row: Record) -> Move:
    values = dict(row)
    values["bundles"] = tuple(values["bundles"])
    source = Holder(values.pop("from_kind"), values.pop("from_id"))
    target = Holder(values.pop("to_kind"), values.pop("to_id"))
    return Move(source=source, target=target, **values)


async def _write(
    connection: Connection,
    city_id: int,
    moves: Sequence[Move],
    held: dict[BalanceKey, HeldCopies],
    placed: dict[UUID, PlacedBundle],
    recorded_at: datetime,
    recorded_by: UUID,
) -> None:
    await _insert_moves(connection, city_id, moves, recorded_at, recorded_by)
    touched = {holding: held[holding] for holding in holdings_of(moves)}
    # What handouts opened before is written down first, or copies that now arrive would seal it again.
    touched = await _open(connection, city_id, touched, list(placed), recorded_at)
    changes, sealed = changes_of(moves), packs.sealed_changes_of(moves, placed)
    changed = sorted((*holding, change, sealed.get(holding, 0)) for holding, change in changes.items())
    columns = _columns(changed, *_HOLDING, "changes", "sealed_changes")
    await connection.execute(*SQL.change_balances(city_id=city_id, **columns))
    if placed:
        await _carry(connection, city_id, moves)
    after = {
        holding: HeldCopies(copies.quantity + changes[holding], copies.sealed + sealed.get(holding, 0))
        for holding, copies in touched.items()
    }
    await _open(connection, city_id, after, [], recorded_at)


async def _insert_moves(
    connection: Connection, city_id: int, moves: Sequence[Move], recorded_at: datetime, recorded_by: UUID
) -> None:
    for start in range(0, len(moves), _CHUNK):
        chunk = moves[start : start + _CHUNK]
        columns = _columns(map(_row, chunk), *_MOVE)
        statement = SQL.insert_moves(city_id=city_id, recorded_at=recorded_at, recorded_by=recorded_by, **columns)
        if await connection.fetchval(*statement) != len(chunk):
            # Somebody used one of the ids between our reading and our writing: read again.
            raise Retry


async def _open(
    connection: Connection,
    city_id: int,
    held: dict[BalanceKey, HeldCopies],
    carried: Sequence[UUID],
    opened_at: datetime,
) -> dict[BalanceKey, HeldCopies]:
    """Open what lies sealed beyond a balance, the first by code first, but not what is being `carried` as sealed."""
    excess = packs.excess_of(held)
    if not excess:
        return held
    columns = _columns(sorted((*holding, copies) for holding, copies in excess.items()), *_HOLDING, "excesses")
    statement = SQL.open_bundles(city_id=city_id, carried_ids=carried, opened_at=opened_at, **columns)
    opened = {_holding(row): row["opened_copies"] for row in await connection.fetch(*statement)}
    return {holding: copies._replace(sealed=copies.sealed - opened.get(holding, 0)) for holding, copies in held.items()}


async def _carry(connection: Connection, city_id: int, moves: Sequence[Move]) -> None:
    """Write down which move carried which bundle, and where each is now."""
    links = sorted((bundle_id, move.move_id) for move in moves for bundle_id in move.bundles)
    await connection.execute(*SQL.insert_bundle_moves(city_id=city_id, **_columns(links, "bundle_ids", "move_ids")))
    ends = {bundle_id: move.target for move in moves for bundle_id in move.bundles}
    placed = sorted((bundle_id, *holder) for bundle_id, holder in ends.items())
    columns = _columns(placed, "bundle_ids", "holder_kinds", "holder_ids")
    await connection.execute(*SQL.place_bundles(city_id=city_id, **columns))


def _row(move: Move) -> tuple[object, ...]:
    return (
        move.move_id, move.campaign_id, move.material_id, move.kind, *move.source, *move.target, move.copies,
        move.reason, move.print_run_id, move.waybill_id, move.reversal_of, move.moved_at,
    )  # fmt: skip


def _columns(table: Iterable[tuple[object, ...]], *names: str) -> dict[str, list[object]]:
    """Rows as one list per column, by the names of the statement's parameters; lists without an entry for no rows."""
    columns = [list(column) for column in zip(*table, strict=True)] or [[] for _ in names]
    return dict(zip(names, columns, strict=True))
