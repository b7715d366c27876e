"""Print runs, claims and waybills as deliveries and hand-overs read and write them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from dispatch.database import Connection, new_id, one, one_row, queries_for, rows
from dispatch.database.queries import Scope
from dispatch.stock.packs import Bundle, NewBundle, RunPacking
from dispatch.stock.waybill_rules import ClaimToIssue, OrderedRun, code_of
from schemas.stock import NewWaybill, Waybill, WaybillReceipt

SQL = queries_for(__file__)


async def lock_print_run(connection: Connection, city_id: int, print_run_id: UUID) -> OrderedRun | None:
    """A print run, locked: its deliveries are counted one after the other."""
    return one(OrderedRun, await connection.fetchrow(*SQL.lock_print_run(city_id=city_id, print_run_id=print_run_id)))


async def read_delivered(connection: Connection, city_id: int, run: OrderedRun, without_move_id: UUID) -> int:
    """Copies that have come of a print run, without this one delivery."""
    statement = SQL.read_delivered(
        city_id=city_id, print_run_id=run.print_run_id, campaign_id=run.campaign_id, without_move_id=without_move_id
    )
    return await connection.fetchval(*statement)


async def read_packing(connection: Connection, city_id: int, print_run_id: UUID) -> RunPacking:
    """How the material of a print run that exists is packed, and how many bundles were made of the run."""
    return one(RunPacking, await one_row(connection, SQL.read_packing(city_id=city_id, print_run_id=print_run_id)))


async def insert_bundles(
    connection: Connection,
    city_id: int,
    run: OrderedRun,
    move_id: UUID,
    bundles: Sequence[NewBundle],
    bundle_copies: int,
    now: datetime,
) -> None:
    """Write the bundles of the delivery `move_id`; the depot's balance was locked before."""
    await connection.execute(
        *SQL.insert_bundles(
            city_id=city_id,
            print_run_id=run.print_run_id,
            move_id=move_id,
            campaign_id=run.campaign_id,
            material_id=run.material_id,
            depot_id=run.depot_id,
            bundle_copies=bundle_copies,
            bundle_ids=[new_id(now) for _ in bundles],
            numbers=[bundle.number for bundle in bundles],
            carton_codes=[bundle.carton_code for bundle in bundles],
            codes=[bundle.code for bundle in bundles],
        )
    )


async def lock_claim_to_issue(
    connection: Connection, scope: Scope, claim_id: UUID, lease_hours: int
) -> ClaimToIssue | None:
    """A claim within the scope, its batch locked: whatever changes what is open of a batch follows one another."""
    if await connection.fetchval(*SQL.lock_batch_of_claim(scope, claim_id=claim_id)) is None:
        return None
    # A statement of its own, after the lock: only so does it see what the one who held the lock has written.
    statement = SQL.read_claim_to_issue(city_id=scope.city_id, claim_id=claim_id, lease_hours=lease_hours)
    return one(ClaimToIssue, await connection.fetchrow(*statement))


async def read_bundles_to_pick(connection: Connection, city_id: int, claim: ClaimToIssue, bundles: int) -> list[Bundle]:
    """The first sealed bundles of the claim's material in its depot, by code."""
    statement = SQL.read_bundles_to_pick(
        city_id=city_id, depot_id=claim.depot_id, material_id=claim.material_id, bundles=bundles
    )
    return rows(Bundle, await connection.fetch(*statement))


async def insert_waybill(
    connection: Connection,
    city_id: int,
    claim: ClaimToIssue,
    outlet_id: UUID,
    data: NewWaybill,
    now: datetime,
    issued_by: UUID,
) -> bool:
    """Write a waybill; False when its id or its code is taken."""
    statement = SQL.insert_waybill(
        city_id=city_id, waybill_id=data.waybill_id, code=code_of(claim), campaign_id=claim.campaign_id,
        claim_id=claim.claim_id, material_id=claim.material_id, depot_id=claim.depot_id, outlet_id=outlet_id,
        copies=data.copies, issued_at=now, issued_by=issued_by,
    )  # fmt: skip
    return await connection.fetchval(*statement) is not None


async def receive_waybill(
    connection: Connection,
    city_id: int,
    waybill_id: UUID,
    data: WaybillReceipt,
    variance_reason: str | None,
    now: datetime,
    received_by: UUID,
) -> None:
    """Write down what arrived of a waybill; a waybill received before stays as it is."""
    await connection.execute(
        *SQL.receive_waybill(
            city_id=city_id, waybill_id=waybill_id, received_copies=data.received_copies,
            variance_reason=variance_reason, received_at=now, received_by=received_by,
        )
    )  # fmt: skip


async def read_waybills(connection: Connection, scope: Scope, **filters: object) -> list[Waybill]:
    """Waybills within the scope, newest first; `filters` are the statement's parameters."""
    return rows(Waybill, await connection.fetch(*SQL.read_waybills(scope, **filters)))
