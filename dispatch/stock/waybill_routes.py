"""Deliveries of the printer to the depot, and hand-overs from the depot to an outlet by waybill."""

from datetime import datetime
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.params import FromPath, FromQuery, JSONBody

from dispatch.database import Connection, Database, Retry, new_id, one, queries_for, rows
from dispatch.database.changes import touch
from dispatch.problems import NotFound
from dispatch.server.caller import Caller, allow
from dispatch.server.client_ids import require_id
from dispatch.server.dependencies import (
    CallerDependency,
    DatabaseDependency,
    NowDependency,
    SettingsDependency,
)
from dispatch.server.pages import CursorText, Limit, decode_cursor, encode_cursor
from dispatch.stock import rules, waybill_rules
from dispatch.stock.ledger import lock_balances, read_recorded, record_moves
from dispatch.stock.moves import Holding, companion_id
from dispatch.stock.packs import Bundle, PlacedBundle, meaning_of, pack
from schemas.stock import (
    NewWaybill,
    PrintRunDelivery,
    PrintRunReceipt,
    Waybill,
    WaybillPage,
    WaybillReceipt,
    WaybillStatus,
)

SQL = queries_for(__file__)


@post("/api/print-runs/{print_run_id:uuid}/receive", guards=[allow("planner")])
async def receive_print_run(
    print_run_id: FromPath[UUID],
    data: JSONBody[PrintRunDelivery],
    caller: CallerDependency,
    database: DatabaseDependency,
    now: NowDependency,
) -> PrintRunReceipt:
    """Take a delivery of the printer into the depot of its run."""
    require_id(data.move_id, "move_id")

    async def receive(connection: Connection) -> PrintRunReceipt:
        run = one(waybill_rules.PrintRun, await connection.fetchrow(SQL.lock_print_run, caller.city_id, print_run_id))
        if run is None:
            raise NotFound("There is no such print run.")
        before: int = await connection.fetchval(
            SQL.read_delivered, caller.city_id, print_run_id, run.campaign_id, data.move_id
        )
        delivered = before + data.copies
        if data.move_id not in await read_recorded(connection, caller.city_id, [data.move_id]):
            rules.require_variance(run.ordered, delivered, data.variance_reason)
        bundles = await _take_in(connection, caller, run, data, now)
        await touch(connection, caller.city_id, run.campaign_id)
        return PrintRunReceipt(
            print_run_id=print_run_id, code=run.code, move_id=data.move_id, copies=data.copies, ordered=run.ordered,
            delivered=delivered, bundles=bundles,
        )  # fmt: skip

    return await database.transact(receive)


async def _take_in(
    connection: Connection, caller: Caller, run: waybill_rules.PrintRun, data: PrintRunDelivery, now: datetime
) -> int:
    """Write a delivery and its bundles; return how many the run has now."""
    packing = await connection.fetchrow(SQL.read_packing, caller.city_id, run.print_run_id)
    packs = pack(run.code, packing["made"], data.copies, packing["bundle_copies"], packing["carton_copies"])
    move = waybill_rules.receipt(run, data, now)
    known = await read_recorded(connection, caller.city_id, [data.move_id])
    if known:
        # The bundles of a delivery are made with it; sent again it is compared without them.
        move = msgspec.structs.replace(move, bundles=known[data.move_id].bundles)
    done = await record_moves(
        connection, caller.city_id, [move], recorded_at=now, recorded_by=caller.subject_id, pointer="/copies"
    )
    if not done.recorded:
        return packing["made"]
    await connection.execute(
        SQL.insert_bundles, caller.city_id, run.print_run_id, data.move_id, run.campaign_id, run.material_id,
        run.depot_id, packing["bundle_copies"],
        [new_id(now) for _ in packs],
        [bundle.number for bundle in packs],
        [bundle.carton_code for bundle in packs],
        [bundle.code for bundle in packs],
    )  # fmt: skip
    return packing["made"] + len(packs)


@post("/api/claims/{claim_id:uuid}/issue", guards=[allow("planner")])
async def issue_waybill(
    claim_id: FromPath[UUID],
    data: JSONBody[NewWaybill],
    caller: CallerDependency,
    database: DatabaseDependency,
    now: NowDependency,
    settings: SettingsDependency,
) -> Waybill:
    """Hand copies of a claim over at the depot: a waybill, and the copies on their way to the outlet."""
    require_id(data.waybill_id, "waybill_id")

    async def work(connection: Connection) -> UUID:
        return await _issue(connection, caller, claim_id, data, now, settings.claim_lease_hours)

    await database.transact(work)
    return await _read_waybill(database, caller, data.waybill_id)


async def _issue(
    connection: Connection, caller: Caller, claim_id: UUID, data: NewWaybill, now: datetime, lease_hours: int
) -> UUID:
    """Write the waybill and its move; return the campaign's id."""
    batch = await connection.fetchrow(SQL.lock_batch_of_claim, caller.city_id, claim_id, caller.division_code)
    if batch is None:
        raise NotFound("There is no such claim.")
    claim = one(
        waybill_rules.ClaimToIssue,
        await connection.fetchrow(SQL.read_claim_to_issue, caller.city_id, claim_id, lease_hours),
    )
    assert claim is not None
    outlet = await _read_outlet(connection, caller, data.outlet_code)
    if await _was_issued(connection, caller, claim_id, data, outlet):
        return claim.campaign_id
    outlet_id = waybill_rules.judge_issue(claim, data, outlet and outlet.id, outlet and outlet.partner_id, now)
    bundles = await _bundles_to_issue(connection, caller, claim, data)
    made = await connection.fetchval(
        SQL.insert_waybill, caller.city_id, data.waybill_id, waybill_rules.code_of(claim), claim.campaign_id, claim_id,
        claim.material_id, claim.depot_id, outlet_id, data.copies, now, caller.subject_id,
    )  # fmt: skip
    if made is None:
        raise Retry
    move = waybill_rules.issue(claim, data.waybill_id, outlet_id, data.copies, bundles, now)
    await record_moves(
        connection, caller.city_id, [move], recorded_at=now, recorded_by=caller.subject_id, pointer="/copies"
    )
    await touch(connection, caller.city_id, claim.campaign_id)
    return claim.campaign_id


async def _bundles_to_issue(
    connection: Connection, caller: Caller, claim: waybill_rules.ClaimToIssue, data: NewWaybill
) -> list[Bundle]:
    """The bundles named for the waybill, or the next of the depot where they are to be picked."""
    if data.pick_bundles and not data.bundle_codes:
        # The depot's balance first: two waybills must not pick the same bundles.
        holding = Holding(claim.depot_id, "depot", claim.campaign_id, claim.material_id)
        await lock_balances(connection, caller.city_id, [holding])
        wanted = data.copies // claim.bundle_copies
        return rows(
            Bundle,
            await connection.fetch(SQL.read_bundles_to_pick, caller.city_id, claim.depot_id, claim.material_id, wanted),
        )
    found = await connection.fetch(
        SQL.read_named_bundles, caller.city_id, [claim.campaign_id] * len(data.bundle_codes), data.bundle_codes
    )
    return waybill_rules.judge_bundles(claim, data, meaning_of(rows(Bundle, found)))


async def _read_outlet(connection: Connection, caller: Caller, code: str) -> rules.Place | None:
    # The claim's zone is what a district is limited by; the outlet may stand elsewhere.
    found = await connection.fetch(SQL.read_places, caller.city_id, [], [code], [], None, None, None)
    return one(rules.Place, found[0]) if found else None


async def _was_issued(
    connection: Connection, caller: Caller, claim_id: UUID, data: NewWaybill, outlet: rules.Place | None
) -> bool:
    """Whether this very waybill was issued before. Raises WaybillChanged when its id stands for another."""
    known = one(
        waybill_rules.IssuedWaybill,
        await connection.fetchrow(SQL.lock_waybill, caller.city_id, data.waybill_id, None, None, None),
    )
    if known is None:
        return False
    if (known.claim_id, known.copies, known.outlet_id) != (claim_id, data.copies, outlet and outlet.id):
        raise waybill_rules.WaybillChanged("This waybill_id was used before; make a new one.", field="waybill_id")
    return True


@post("/api/waybills/{waybill_id:uuid}/receive", guards=[allow("planner", "firm_manager", "outlet_manager")])
async def receive_waybill(
    waybill_id: FromPath[UUID],
    data: JSONBody[WaybillReceipt],
    caller: CallerDependency,
    database: DatabaseDependency,
    now: NowDependency,
) -> Waybill:
    """Confirm what arrived of a waybill at its outlet. Short and over go to variance with their reason."""
    require_id(data.move_id, "move_id")

    async def work(connection: Connection) -> UUID:
        return await _receive(connection, caller, waybill_id, data, now)

    await database.transact(work)
    return await _read_waybill(database, caller, waybill_id)


async def _receive(
    connection: Connection, caller: Caller, waybill_id: UUID, data: WaybillReceipt, now: datetime
) -> UUID:
    """Write what arrived; return the campaign's id."""
    waybill = one(
        waybill_rules.IssuedWaybill,
        await connection.fetchrow(
            SQL.lock_waybill, caller.city_id, waybill_id, caller.partner_id, caller.outlet_id, caller.division_code
        ),
    )
    if waybill is None:
        raise NotFound("There is no such waybill.")
    issued = await connection.fetchrow(SQL.read_move, caller.city_id, waybill_id)
    known = await read_recorded(connection, caller.city_id, [data.move_id, companion_id(data.move_id)])
    waybill_rules.require_arrival(
        waybill, again=data.move_id in known, cancelled=bool(issued and issued["reversed_by"])
    )
    carried = await connection.fetch(SQL.read_bundles_of_move, caller.city_id, waybill_id)
    moves = waybill_rules.acceptance(waybill, data, rows(PlacedBundle, carried), now)
    await record_moves(
        connection, caller.city_id, moves, recorded_at=now, recorded_by=caller.subject_id, pointer="/received_copies"
    )
    reason = data.variance_reason if data.received_copies != waybill.copies else None
    await connection.execute(
        SQL.receive_waybill, caller.city_id, waybill_id, data.received_copies, reason, now, caller.subject_id
    )
    await touch(connection, caller.city_id, waybill.campaign_id)
    return waybill.campaign_id


@get("/api/waybills", guards=[allow("planner", "auditor", "firm_manager", "outlet_manager")])
async def read_waybills(
    caller: CallerDependency,
    database: DatabaseDependency,
    campaign_id: FromQuery[UUID | None] = None,
    claim_id: FromQuery[UUID | None] = None,
    status: FromQuery[WaybillStatus | None] = None,
    limit: Limit = 50,
    cursor: CursorText = None,
) -> WaybillPage:
    """Waybills in the caller's scope, newest first."""
    behind = decode_cursor(cursor, tuple[datetime, UUID]) if cursor else (None, None)
    async with database.read() as connection:
        found = await connection.fetch(
            SQL.read_waybills, caller.city_id, caller.partner_id, caller.outlet_id, caller.division_code, None,
            campaign_id, claim_id, status, *behind, limit + 1,
        )  # fmt: skip
    waybills = rows(Waybill, found[:limit])
    last = waybills[-1] if len(found) > limit else None
    return WaybillPage(waybills=waybills, next_cursor=encode_cursor(last.issued_at, last.waybill_id) if last else None)


@get("/api/waybills/{waybill_id:uuid}", guards=[allow("planner", "auditor", "firm_manager", "outlet_manager")])
async def read_waybill(waybill_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency) -> Waybill:
    """One waybill."""
    return await _read_waybill(database, caller, waybill_id)


async def _read_waybill(database: Database, caller: Caller, waybill_id: UUID) -> Waybill:
    async with database.read() as connection:
        found = await connection.fetchrow(
            SQL.read_waybills, caller.city_id, caller.partner_id, caller.outlet_id, caller.division_code, waybill_id,
            None, None, None, None, None, 1,
        )  # fmt: skip
    waybill = one(Waybill, found)
    if waybill is None:
        raise NotFound("There is no such waybill.")
    return waybill


ROUTES = [receive_print_run, issue_waybill, receive_waybill, read_waybills, read_waybill]
