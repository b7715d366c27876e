"""Whatever is done with copies, in whatever order: they neither appear nor vanish, and nobody holds less than nothing."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from dispatch.database import Connection, Database, new_id
from dispatch.stock.ledger import record_moves
from dispatch.stock.moves import (
    UNBOUNDED,
    Holder,
    Move,
    changes_of,
    companion_id,
    shortages_of,
)
from dispatch.stock.rules import NotEnoughStock
from schemas.stock import HolderKind, MoveKind
from tests.conftest import NOW
from tests.make import Make, World
from tests.stock.ledger import assert_ledger_is_sound, balance

CAMPAIGN, MATERIALS = new_id(NOW, 1), [new_id(NOW, 2), new_id(NOW, 3)]
KINDS: list[HolderKind] = ["printer", "depot", "transit", "outlet", "rider", "rider", "written_off", "variance"]
HOLDERS = [Holder(kind, new_id(NOW, 10 + position)) for position, kind in enumerate(KINDS)]


@st.composite
def ways(draw: st.DrawFn) -> tuple[int, int, int, int]:
    """(from, to, material, copies) as positions; most start at the printer, so that there is something to move."""
    source = draw(st.sampled_from([0, 0, *range(len(HOLDERS))]))
    target = draw(st.sampled_from([n for n in range(len(HOLDERS)) if n != source]))
    return source, target, draw(st.integers(0, 1)), draw(st.integers(1, 40))


def moves_along(
    steps: Sequence[tuple[int, int, int, int]],
    campaign_id: UUID,
    materials: Sequence[UUID],
    holders: Sequence[Holder],
) -> list[Move]:
    return [
        Move(
            move_id=new_id(NOW), kind="transfer", campaign_id=campaign_id, material_id=materials[material],
            source=holders[source], target=holders[target], copies=copies, moved_at=NOW,
        )
        for source, target, material, copies in steps
    ]  # fmt: skip


@given(st.lists(ways(), max_size=40))
def test_what_is_let_through_leaves_nobody_below_zero_and_copies_neither_appear_nor_vanish(
    steps: list[tuple[int, int, int, int]],
) -> None:
    moves = moves_along(steps, CAMPAIGN, MATERIALS, HOLDERS)
    short = {shortage.position for shortage in shortages_of(moves, {})}
    taken = [wanted for position, wanted in enumerate(moves) if position not in short]
    assert shortages_of(taken, {}) == []
    for end in range(len(taken) + 1):
        changes = changes_of(taken[:end])
        assert sum(changes.values()) == 0
        assert all(copies >= 0 for holding, copies in changes.items() if holding.holder_kind not in UNBOUNDED)


def test_a_shortage_says_what_earlier_moves_left() -> None:
    moves = moves_along([(0, 1, 0, 10), (1, 3, 0, 4), (1, 4, 0, 7), (1, 4, 0, 6)], CAMPAIGN, MATERIALS, HOLDERS)
    assert [(shortage.position, shortage.available) for shortage in shortages_of(moves, {})] == [(2, 6)]


def test_the_second_move_of_a_request_has_the_same_id_on_every_retry() -> None:
    first = new_id(NOW)
    assert companion_id(first) == companion_id(first) != first
    assert companion_id(first).version == 7


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.lists(ways(), min_size=1, max_size=6), min_size=1, max_size=8))
@example(steps=[[(0, 1, 0, 5)], [(1, 3, 0, 5), (3, 4, 0, 5), (4, 5, 0, 5)], [(4, 3, 0, 1)]])
async def test_any_sequence_of_requests_keeps_the_ledger_sound(
    database: Database, make: Make, steps: list[list[tuple[int, int, int, int]]]
) -> None:
    async with database.read() as connection:
        transaction = connection.transaction()
        await transaction.start()
    try:
        await make.city(97)
        campaign = await make.campaign(97)
        materials = [await make.material(97, campaign) for _ in range(2)]
        requests = [moves_along(request, campaign, materials, HOLDERS) for request in steps]
        taken = 0
        for moves in requests * 2:  # everything is sent twice
            taken += await try_to_record(database, 97, moves)
            await assert_ledger_is_sound(make)
        assert await make.value("select count(*)::int from stock_move") == taken
    finally:
        await transaction.rollback()


async def try_to_record(database: Database, city_id: int, moves: list[Move]) -> int:
    """Record one request; returns how many moves it wrote. Refused, it must have written none."""

    async def work(connection: Connection) -> int:
        done = await record_moves(connection, city_id, moves, recorded_at=NOW, recorded_by=new_id(NOW))
        return len(done.recorded)

    try:
        return await database.transact(work)
    except NotEnoughStock:
        return 0


async def test_tens_of_thousands_of_moves_go_in_one_call(database: Database, make: Make, world: World) -> None:
    printer, depot = Holder("printer", world.campaign), Holder("depot", world.depot)
    ends: list[tuple[MoveKind, Holder, Holder]] = [("receipt", printer, depot)]
    ends.extend(("return", depot, Holder("rider", rider)) for rider in world.riders)
    moves = [
        Move(
            move_id=new_id(NOW + timedelta(milliseconds=n)), kind=ends[n % 9][0], campaign_id=world.campaign,
            material_id=world.material, source=ends[n % 9][1], target=ends[n % 9][2], copies=8 if n % 9 == 0 else 1,
            moved_at=NOW,
        )
        for n in range(21_600)
    ]  # fmt: skip
    assert await try_to_record(database, world.city_id, moves) == 21_600
    assert await balance(make, "depot", world.depot) == 0
    assert await balance(make, "rider", world.riders[7]) == 2400
    await assert_ledger_is_sound(make)
