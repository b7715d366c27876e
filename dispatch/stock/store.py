"""What the ledger's writers read before they judge: what codes name, waybills, and whose a move is."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from dispatch.database import Connection, one, queries_for, rows
from dispatch.database.queries import Scope
from dispatch.stock.correction_rules import MoveRecord
from dispatch.stock.moves import Move
from dispatch.stock.packs import Bundle, PlacedBundle, meaning_of
from dispatch.stock.rules import CodeBook, Place
from dispatch.stock.waybill_rules import IssuedWaybill
from schemas.stock import HolderCode, NewMove, NewStockCount

SQL = queries_for(__file__)

# By campaign and code.
Codes = Iterable[tuple[UUID, str]]


async def read_codes_of_moves(connection: Connection, scope: Scope, moves: Sequence[NewMove]) -> CodeBook:
    """What the codes in these moves name, places within the scope."""
    city_id, ends = scope.city_id, [end for move in moves for end in (move.source, move.target) if end]
    return CodeBook(
        places=await read_places(connection, scope, ends),
        materials=await read_materials(connection, city_id, {(move.campaign_id, move.material_code) for move in moves}),
        bundles=await read_named_bundles(
            connection, city_id, {(move.campaign_id, code) for move in moves for code in move.bundle_codes}
        ),
    )


async def read_codes_of_count(connection: Connection, scope: Scope, count: NewStockCount) -> CodeBook:
    """What the codes in a count name, the place within the scope."""
    return CodeBook(
        places=await read_places(connection, scope, [count.holder]),
        materials=await read_materials(connection, scope.city_id, [(count.campaign_id, count.material_code)]),
    )


async def read_places(
    connection: Connection, scope: Scope, holders: Iterable[HolderCode]
) -> dict[tuple[str, str], Place]:
    """{(kind, code): place} of those holders that exist within the scope."""
    codes: dict[str, set[str]] = {"depot": set(), "outlet": set(), "rider": set()}
    for holder in holders:
        codes[holder.kind].add(holder.code)
    found = await connection.fetch(
        *SQL.read_places(
            scope,
            depot_codes=sorted(codes["depot"]),
            outlet_codes=sorted(codes["outlet"]),
            rider_codes=sorted(codes["rider"]),
        )
    )
    return {(place.kind, place.code): place for place in rows(Place, found)}


async def read_materials(connection: Connection, city_id: int, named: Codes) -> dict[tuple[UUID, str], UUID]:
    """{(campaign id, code): material id} of those that exist."""
    campaign_ids, codes = _columns(named)
    found = await connection.fetch(*SQL.read_materials(city_id=city_id, campaign_ids=campaign_ids, codes=codes))
    return {(row["campaign_id"], row["code"]): row["material_id"] for row in found}


async def read_named_bundles(
    connection: Connection, city_id: int, named: Codes
) -> dict[tuple[UUID, str], list[Bundle]]:
    """{(campaign id, code): bundles} that codes of bundles and cartons name."""
    campaign_ids, codes = _columns(named)
    if not codes:
        return {}
    found = await connection.fetch(*SQL.read_named_bundles(city_id=city_id, campaign_ids=campaign_ids, codes=codes))
    return meaning_of(rows(Bundle, found))


def _columns(named: Codes) -> tuple[list[UUID], list[str]]:
    pairs = sorted(named)
    return [campaign_id for campaign_id, _ in pairs], [code for _, code in pairs]


async def lock_waybill(connection: Connection, scope: Scope, waybill_id: UUID) -> IssuedWaybill | None:
    """A waybill within the scope, locked until the end of the transaction."""
    return one(IssuedWaybill, await connection.fetchrow(*SQL.lock_waybill(scope, waybill_id=waybill_id)))


async def read_move_record(connection: Connection, city_id: int, move_id: UUID) -> MoveRecord | None:
    """Who recorded a move, and what reversed it."""
    return one(MoveRecord, await connection.fetchrow(*SQL.read_move_record(city_id=city_id, move_id=move_id)))


async def are_ends_in_scope(connection: Connection, scope: Scope, move: Move) -> bool:
    """Whether the ends of a move that are outlets or riders, or on the way to an outlet, lie within the scope."""
    ends = list({end.id for end in (move.source, move.target) if end.kind in ("outlet", "rider", "transit")})
    inside = await connection.fetchval(*SQL.count_ends_in_scope(scope, holder_ids=ends))
    return inside == len(ends)


async def read_bundles_of_move(connection: Connection, city_id: int, move_id: UUID) -> list[PlacedBundle]:
    """Where the bundles that a move carried are now, by code."""
    found = await connection.fetch(*SQL.read_bundles_of_move(city_id=city_id, move_id=move_id))
    return rows(PlacedBundle, found)
