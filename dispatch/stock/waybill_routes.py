"""Deliveries of the printer to the depot, and hand-overs from the depot to an outlet by waybill."""

from datetime import datetime
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.params import FromPath, FromQuery, JSONBody

from dispatch.batches.rules import ClaimNotHeld
from dispatch.campaigns.rules import CampaignClosed
from dispatch.database import Connection, Database, Retry
from dispatch.database.changes import touch
from dispatch.database.queries import Scope
from dispatch.problems import InvalidRequest, NotFound
from dispatch.server.caller import Caller, allow
from dispatch.server.client_ids import IdUnusable, require_id
from dispatch.server.dependencies import (
    CallerDependency,
    DatabaseDependency,
    NowDependency,
    SettingsDependency,
)
from dispatch.server.pages import CursorText, Limit, decode_cursor, encode_cursor
from dispatch.server.refusals import refusals
from dispatch.server.source_ids import IdOrSourceId, id_of_request
from dispatch.stock import store, waybill_rules, waybill_store
from dispatch.stock.ledger import lock_balances, read_recorded, record_moves
from dispatch.stock.moves import BalanceKey, Move, companion_id
from dispatch.stock.packs import Bundle, BundleCount, BundleNotHere, UnknownBundle, pack
from dispatch.stock.rules import (
    MoveChanged,
    NotEnoughStock,
    Place,
    UnknownHolder,
    VarianceReasonNeeded,
    require_variance,
)
from dispatch.stock.waybill_rules import (
    ClaimToIssue,
    MoreThanClaimed,
    OrderedRun,
    WaybillCancelled,
    WaybillChanged,
    WaybillReceived,
    WholeBundles,
)
from schemas.stock import (
    HolderCode,
    NewWaybill,
    PrintRunDelivery,
    PrintRunReceipt,
    Waybill,
    WaybillPage,
    WaybillReceipt,
    WaybillStatus,
)

_READERS = allow("planner", "auditor", "firm_manager", "outlet_manager", "partner_system", scope="waybills")


@post(
    "/api/print-runs/{print_run_id:uuid}/receive",
    guards=[allow("planner", whole_city=True)],
    responses=refusals(IdUnusable, NotFound, VarianceReasonNeeded, MoveChanged, NotEnoughStock, BundleNotHere),
)
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
        run = await waybill_store.lock_print_run(connection, caller.city_id, print_run_id)
        if run is None:
            raise NotFound("There is no such print run.")
        before = await waybill_store.read_delivered(connection, caller.city_id, run, data.move_id)
        known = (await read_recorded(connection, caller.city_id, [data.move_id])).get(data.move_id)
        if known is None:
            require_variance(run.ordered, before + data.copies, data.variance_reason)
        bundles = await _take_in(connection, caller, run, data, known, now)
        await touch(connection, caller.city_id, run.campaign_id)
        return PrintRunReceipt(
            print_run_id=print_run_id, code=run.code, move_id=data.move_id, copies=data.copies, ordered=run.ordered,
            delivered=before + data.copies, bundles=bundles,
        )  # fmt: skip

    return await database.transact(receive)


async def _take_in(
    connection: Connection, caller: Caller, run: OrderedRun, data: PrintRunDelivery, known: Move | None, now: datetime
) -> int:
    """Write a delivery and its bundles; return how many the run has now."""
    packing = await waybill_store.read_packing(connection, caller.city_id, run.print_run_id)
    move = waybill_rules.receipt(run, data, now)
    if known:
        # The bundles of a delivery are made with it; sent again it is compared without them.
        move = msgspec.structs.replace(move, bundles=known.bundles)
    done = await record_moves(
        connection, caller.city_id, [move], recorded_at=now, recorded_by=caller.subject_id, pointer="/copies"
    )
    if not done.recorded:
        return packing.made
    bundles = pack(run.code, packing, data.copies)
    await waybill_store.insert_bundles(
        connection, caller.city_id, run, data.move_id, bundles, packing.bundle_copies, now
    )
    return packing.made + len(bundles)


@post(
    "/api/claims/{claim_id:uuid}/issue",
    guards=[allow("planner")],
    responses=refusals(
        IdUnusable, NotFound, WaybillChanged, UnknownHolder, CampaignClosed, ClaimNotHeld, MoreThanClaimed,
        WholeBundles, UnknownBundle, BundleCount, MoveChanged, NotEnoughStock, BundleNotHere,
    ),
)  # fmt: skip
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

    async def issue(connection: Connection) -> None:
        claim = await waybill_store.lock_claim_to_issue(connection, caller.scope, claim_id, settings.claim_lease_hours)
        if claim is None:
            raise NotFound("There is no such claim.")
        outlet = await _read_outlet(connection, caller, data.outlet_code)
        if not await _was_issued(connection, caller, claim_id, data, outlet):
            await _issue(connection, caller, claim, data, outlet, now)

    await database.transact(issue)
    return await _read_waybill(database, caller, data.waybill_id)


async def _issue(
    connection: Connection, caller: Caller, claim: ClaimToIssue, data: NewWaybill, outlet: Place | None, now: datetime
) -> None:
    """Write the waybill and its move."""
    outlet_id = waybill_rules.judge_issue(claim, data, outlet, now)
    bundles = await _bundles_to_issue(connection, caller, claim, data)
    if not await waybill_store.insert_waybill(
        connection, caller.city_id, claim, outlet_id, data, now, caller.subject_id
    ):
        raise Retry
    move = waybill_rules.issue(claim, data.waybill_id, outlet_id, data.copies, bundles, now)
    await record_moves(
        connection, caller.city_id, [move], recorded_at=now, recorded_by=caller.subject_id, pointer="/copies"
    )
    await touch(connection, caller.city_id, claim.campaign_id)


async def _bundles_to_issue(
    connection: Connection, caller: Caller, claim: ClaimToIssue, data: NewWaybill
) -> list[Bundle]:
    """The bundles named for the waybill, or the next of the depot where they are to be picked."""
    if data.pick_bundles and not data.bundle_codes:
        # The depot's balance first: two waybills must not pick the same bundles.
        holding = BalanceKey(claim.depot_id, "depot", claim.campaign_id, claim.material_id)
        await lock_balances(connection, caller.city_id, [holding])
        wanted = data.copies // claim.bundle_copies
        return await waybill_store.read_bundles_to_pick(connection, caller.city_id, claim, wanted)
    named = [(claim.campaign_id, code) for code in data.bundle_codes]
    meaning = await store.read_named_bundles(connection, caller.city_id, named)
    return waybill_rules.judge_bundles(claim, data, meaning)


async def _read_outlet(connection: Connection, caller: Caller, code: str) -> Place | None:
    # The claim's zone is what a district is limited by; the outlet may be elsewhere.
    outlet = HolderCode(kind="outlet", code=code)
    places = await store.read_places(connection, Scope(city_id=caller.city_id), [outlet])
    return places.get(("outlet", code))


async def _was_issued(
    connection: Connection, caller: Caller, claim_id: UUID, data: NewWaybill, outlet: Place | None
) -> bool:
    """Whether this very waybill was issued before. Raises WaybillChanged when its id belongs to another."""
    known = await store.lock_waybill(connection, Scope(city_id=caller.city_id), data.waybill_id)
    if known is not None:
        waybill_rules.require_same_waybill(known, claim_id, data.copies, outlet and outlet.id)
    return known is not None


@post(
    "/api/waybills/{waybill_id:uuid}/receive",
    guards=[allow("planner", "firm_manager", "outlet_manager", "partner_system", scope="waybills")],
    responses=refusals(
        IdUnusable, IdOrSourceId, NotFound, WaybillCancelled, WaybillReceived, VarianceReasonNeeded, UnknownBundle,
        BundleCount, MoveChanged, NotEnoughStock, BundleNotHere,
    ),
)  # fmt: skip
async def receive_waybill(
    waybill_id: FromPath[UUID],
    data: JSONBody[WaybillReceipt],
    caller: CallerDependency,
    database: DatabaseDependency,
    now: NowDependency,
) -> Waybill:
    """Confirm what arrived of a waybill at its outlet. Short and over go to variance with their reason."""
    move_id = await id_of_request(database, caller, "receipt", data.move_id, data.source_id, now, field="move_id")
    arrived = msgspec.structs.replace(data, move_id=move_id)

    async def receive(connection: Connection) -> None:
        await _receive(connection, caller, waybill_id, arrived, now)

    await database.transact(receive)
    return await _read_waybill(database, caller, waybill_id)


async def _receive(
    connection: Connection, caller: Caller, waybill_id: UUID, data: WaybillReceipt, now: datetime
) -> None:
    """Write down what arrived."""
    waybill = await store.lock_waybill(connection, caller.scope, waybill_id)
    if waybill is None:
        raise NotFound("There is no such waybill.")
    issue = await store.read_move_record(connection, caller.city_id, waybill_id)
    assert data.move_id is not None
    known = await read_recorded(connection, caller.city_id, [data.move_id, companion_id(data.move_id)])
    waybill_rules.require_arrival(waybill, again=data.move_id in known, cancelled=bool(issue and issue.reversed_by))
    carried = await store.read_bundles_of_move(connection, caller.city_id, waybill_id)
    moves = waybill_rules.acceptance(waybill, data, carried, now)
    await record_moves(
        connection, caller.city_id, moves, recorded_at=now, recorded_by=caller.subject_id, pointer="/received_copies"
    )
    reason = data.variance_reason if data.received_copies != waybill.copies else None
    await waybill_store.receive_waybill(connection, caller.city_id, waybill_id, data, reason, now, caller.subject_id)
    await touch(connection, caller.city_id, waybill.campaign_id)


@get(
    "/api/waybills",
    guards=[_READERS],
    responses=refusals(InvalidRequest),
)
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
    after = decode_cursor(cursor, tuple[datetime, UUID]) if cursor else (None, None)
    async with database.read() as connection:
        found = await waybill_store.read_waybills(
            connection, caller.scope, campaign_id=campaign_id, claim_id=claim_id, status=status,
            after_issued_at=after[0], after_waybill_id=after[1], rows=limit + 1,
        )  # fmt: skip
    waybills, last = found[:limit], found[limit - 1] if len(found) > limit else None
    return WaybillPage(waybills=waybills, next_cursor=encode_cursor(last.issued_at, last.waybill_id) if last else None)


@get(
    "/api/waybills/{waybill_id:uuid}",
    guards=[_READERS],
    responses=refusals(NotFound),
)
async def read_waybill(waybill_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency) -> Waybill:
    """One waybill."""
    return await _read_waybill(database, caller, waybill_id)


async def _read_waybill(database: Database, caller: Caller, waybill_id: UUID) -> Waybill:
    async with database.read() as connection:
        waybills = await waybill_store.read_waybills(connection, caller.scope, waybill_id=waybill_id, rows=1)
    if not waybills:
        raise NotFound("There is no such waybill.")
    return waybills[0]


ROUTES = [receive_print_run, issue_waybill, receive_waybill, read_waybills, read_waybill]
