"""The rules the design leans on hold in the database alone, also for two who write at the same moment past the program."""

import asyncio
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from dispatch.database import Database
from dispatch.identity.secrets import digest_pin
from tests.database.one_of_each import LAST_RESULT, MONDAY, one_of_each
from tests.database.test_refusals import constraint_of, rows_of
from tests.make import SECRET, Make, World


async def insert(make: Make, table: str, **values: Any) -> None:
    """One row; the transaction around goes on when it is refused."""
    places = ", ".join(f"${place}" for place in range(1, len(values) + 1))
    async with make.database.read() as connection, connection.transaction():
        await connection.execute(f"insert into {table} ({', '.join(values)}) values ({places})", *values.values())


async def refused(make: Make, table: str, **values: Any) -> str:
    """The constraint that refuses this row; the table stays as it was."""
    before = await rows_of(make, table)
    with pytest.raises(asyncpg.IntegrityConstraintViolationError) as error:
        await insert(make, table, **values)
    assert await rows_of(make, table) == before
    return constraint_of(error.value)


async def row(make: Make, table: str, where: str = "true", **changes: Any) -> dict[str, Any]:
    """A row of the table, to be written again with changes."""
    found = await make.fetch(f"select * from {table} where {where} limit 1")
    return found[0] | changes


async def at_once(make: Make, table: str, *rows: dict[str, Any]) -> list[Any]:
    """The constraint that refused each of several rows written on connections of their own; None: taken."""
    answers = await asyncio.gather(*(insert(make, table, **values) for values in rows), return_exceptions=True)
    return [constraint_of(answer) if isinstance(answer, asyncpg.PostgresError) else answer for answer in answers]


def holding(make: Make, world: World, batch: UUID, partner: int) -> dict[str, Any]:
    return {
        "city_id": world.city_id, "claim_id": make.id(), "batch_id": batch, "partner_id": world.partners[partner],
        "copies": 500, "status": "held", "lease_until": make.now, "claimed_at": make.now, "claimed_by": make.id(),
    }  # fmt: skip


async def test_a_batch_has_one_holder(make: Make, world: World) -> None:
    batch = await make.batch(world)
    first = await make.claim(world, batch, world.partners[0])
    assert await refused(make, "claim", **holding(make, world, batch, 1)) == "claim_one_holder"
    await make.fetch("update claim set status = 'released', ended_at = $2 where claim_id = $1", first, make.now)
    await insert(make, "claim", **holding(make, world, batch, 1))


async def test_of_two_who_claim_a_batch_at_the_same_moment_one_holds_it(clone: Database, make: Make) -> None:
    there = Make(clone, make.now)
    world = await there.world()
    batch = await there.batch(world)
    answers = await at_once(there, "claim", *(holding(there, world, batch, place % 2) for place in range(6)))
    assert sorted(answers, key=str) == [None, *["claim_one_holder"] * 5]
    assert await there.value("select count(*) from claim") == 1


async def test_a_move_is_reversed_once_and_at_the_same_moment_too(clone: Database, make: Make) -> None:
    there = Make(clone, make.now)
    world = await there.world()
    depot, outlet = ("depot", world.depot), ("outlet", world.outlets[0])
    issued = await there.move(world, "issue", depot, outlet, 100)
    values = await row(there, "stock_move", kind="reversal", reason="误记", reversal_of=issued)
    answers = await at_once(there, "stock_move", *(values | {"move_id": there.id()} for _ in range(4)))
    assert sorted(answers, key=str) == [None, *["stock_move_reversed_once"] * 3]
    assert await refused(there, "stock_move", **values | {"move_id": there.id()}) == "stock_move_reversed_once"


async def test_a_reversal_reverses_a_move_that_exists(make: Make, world: World) -> None:
    await make.move(world, "issue", ("depot", world.depot), ("outlet", world.outlets[0]), 100)
    values = await row(make, "stock_move", move_id=make.id(), kind="reversal", reason="误记", reversal_of=make.id())
    assert await refused(make, "stock_move", **values) == "stock_move_reverses"


@pytest.mark.parametrize("holder", ["depot", "transit", "outlet", "rider", "activity", "written_off"])
async def test_nobody_holds_fewer_than_no_copies(make: Make, world: World, holder: str) -> None:
    values: dict[str, Any] = {
        "city_id": world.city_id, "holder_id": make.id(), "holder_kind": holder, "campaign_id": world.campaign,
        "material_id": world.material,
    }  # fmt: skip
    assert await refused(make, "stock_balance", **values, quantity=-1) == "stock_balance_not_negative"
    await insert(make, "stock_balance", **values, quantity=0)


@pytest.mark.parametrize("end", ["printer", "variance"])
async def test_the_far_ends_of_the_ledger_may_be_below_zero(make: Make, world: World, end: str) -> None:
    await insert(
        make, "stock_balance", city_id=world.city_id, holder_id=make.id(), holder_kind=end, campaign_id=world.campaign,
        material_id=world.material, quantity=-1,
    )  # fmt: skip


async def test_of_those_who_take_the_last_copies_at_the_same_moment_one_gets_them(clone: Database, make: Make) -> None:
    there = Make(clone, make.now)
    world = await there.world()
    await there.stock(world.city_id, world.campaign, world.material, "rider", world.riders[0], 10)

    async def take() -> None:
        async with clone.read() as connection:
            await connection.execute("update stock_balance set quantity = quantity - 7 where holder_kind = 'rider'")

    answers = await asyncio.gather(*(take() for _ in range(4)), return_exceptions=True)
    errors = [answer for answer in answers if isinstance(answer, asyncpg.CheckViolationError)]
    assert [constraint_of(error) for error in errors] == ["stock_balance_not_negative"] * 3
    assert await there.value("select quantity from stock_balance where holder_kind = 'rider'") == 3


async def test_a_print_run_has_each_bundle_number_once(make: Make) -> None:
    world = await one_of_each(make)
    again = await row(make, "bundle", bundle_id=make.id(), code="PR1-01-999")
    assert await refused(make, "bundle", **again) == "bundle_number_unique"
    other = await make.print_run(world.city_id, world.campaign, world.material, world.depot, 500)
    await insert(make, "bundle", **again | {"print_run_id": other})


async def test_a_cluster_has_one_first_result_and_each_result_one_replacement(make: Make) -> None:
    await one_of_each(make)
    first = await row(make, "spot_check_result", "replaces_id is null", result_id=make.id())
    assert await refused(make, "spot_check_result", **first) == "spot_check_result_first"
    second = await row(make, "spot_check_result", "replaces_id is not null", result_id=make.id())
    assert await refused(make, "spot_check_result", **second) == "spot_check_result_replaced_once"
    await insert(make, "spot_check_result", **second | {"replaces_id": LAST_RESULT})


async def test_a_zone_never_has_fewer_than_no_copies(make: Make, world: World) -> None:
    await make.tally(world, 0, 3)
    values = await row(make, "zone_tally", zone_id=world.zones[1])
    assert await refused(make, "zone_tally", **values | {"copies": -1}) == "zone_tally_not_negative"
    await insert(make, "zone_tally", **values | {"copies": 0})


async def test_a_handout_is_recorded_once_on_the_day_its_id_was_made(make: Make) -> None:
    await one_of_each(make)
    again = await row(make, "handout", copies=2)
    name = await refused(make, "handout", **again)
    # The key of the partition the row falls into.
    assert name == "handout_other_days_pkey"
    await insert(make, "handout", **again | {"handout_id": make.id()})


async def test_a_session_is_of_an_account_or_of_a_rider(make: Make, world: World) -> None:
    account = await make.account(world.city_id, "planner")
    await make.session(world.city_id, account_id=account)
    values = await row(make, "session", token_hash=b"other", session_id=make.id())
    both = values | {"rider_id": world.riders[0]}
    assert await refused(make, "session", **both) == "session_has_one_subject"
    assert await refused(make, "session", **both | {"rider_id": None, "account_id": None}) == "session_has_one_subject"
    await insert(make, "session", **both | {"account_id": None})


# Which of firm, outlet and district an account of each role has.
FITTING = {
    "planner": [(), ("district",)],
    "auditor": [(), ("district",)],
    "firm_manager": [("firm",)],
    "outlet_manager": [("firm", "outlet")],
}
SCOPES = [(), ("firm",), ("outlet",), ("district",), ("firm", "outlet"), ("firm", "district"), ("outlet", "district"), ("firm", "outlet", "district")]  # fmt: skip


@pytest.mark.parametrize("scope", SCOPES, ids="+".join)
@pytest.mark.parametrize("role", FITTING)
async def test_an_accounts_scope_fits_its_role(make: Make, world: World, role: str, scope: tuple[str, ...]) -> None:
    values = {
        "city_id": world.city_id, "account_id": make.id(), "role": role, "login": "new", "password_hash": "-",
        "display_name": "某某", "created_at": make.now,
        "partner_id": world.partners[0] if "firm" in scope else None,
        "outlet_id": world.outlets[0] if "outlet" in scope else None,
        "division_code": "990101" if "district" in scope else None,
    }  # fmt: skip
    if scope in FITTING[role]:
        await insert(make, "account", **values)
    else:
        assert await refused(make, "account", **values) == "account_scope_fits_role"


async def test_two_riders_of_an_outlet_never_have_one_pin(make: Make, world: World) -> None:
    await make.rider(world.city_id, world.outlets[0], pin="246810")
    values = await row(make, "rider", "pin_digest is not null", rider_id=make.id(), code="NEW")
    assert await refused(make, "rider", **values) == "rider_pin_unique"
    # The same digits elsewhere have another digest, and riders without a PIN do not get in each other's way.
    elsewhere = digest_pin(SECRET, world.city_id, world.outlets[1], "246810")
    await insert(make, "rider", **values | {"outlet_id": world.outlets[1], "pin_digest": elsewhere})
    for code in ("NEW1", "NEW2"):
        await insert(make, "rider", **values | {"rider_id": make.id(), "code": code, "pin_digest": None})


async def test_two_logins_of_a_city_never_differ_only_in_case(make: Make, world: World) -> None:
    await make.account(world.city_id, "planner", login="wang")
    values = await row(make, "account", account_id=make.id(), login="WANG")
    assert await refused(make, "account", **values) == "account_login_in_any_case"
    other = await make.city(98)
    await insert(make, "account", **values | {"city_id": other})


async def test_a_riders_week_is_asked_about_once(make: Make) -> None:
    await one_of_each(make)
    values = await row(make, "review_flag", flag_id=make.id())
    assert values["week_starts_on"] == MONDAY
    assert await refused(make, "review_flag", **values) == "review_flag_once_a_week"


@pytest.mark.parametrize(
    ("table", "column", "constraint"),
    [
        ("batch", "zone_id", "batch_zone"),
        ("claim", "partner_id", "claim_partner"),
        ("outlet", "partner_id", "outlet_partner"),
        ("rider", "outlet_id", "rider_outlet"),
        ("waybill", "outlet_id", "waybill_outlet"),
        ("bundle", "print_run_id", "bundle_print_run"),
        ("stock_balance", "material_id", "stock_balance_material"),
        ("spot_check", "zone_id", "spot_check_zone"),
    ],
)
async def test_a_row_refers_to_rows_of_its_own_city_only(make: Make, table: str, column: str, constraint: str) -> None:
    world = await one_of_each(make)
    other = await make.world(98)
    theirs = {
        "zone_id": other.zones[0], "partner_id": other.partners[0], "outlet_id": other.outlets[0],
        "material_id": other.material,
        "print_run_id": await make.print_run(98, other.campaign, other.material, other.depot, 500),
    }[column]  # fmt: skip
    before = await rows_of(make, table)
    with pytest.raises(asyncpg.ForeignKeyViolationError) as error:
        async with make.database.read() as connection, connection.transaction():
            await connection.execute(f"update {table} set {column} = $1 where city_id = $2", theirs, world.city_id)
    assert constraint_of(error.value) == constraint
    assert await rows_of(make, table) == before
