"""Print runs received, waybills, moves of copies, counts, balances, the ledger and its law."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from schemas.common import Code, Copies, Count, Instant, Reason, SourceId

HolderKind = Literal["printer", "depot", "transit", "outlet", "rider", "activity", "written_off", "variance"]
MoveKind = Literal[
    "receipt", "issue", "acceptance", "transfer", "return", "write_off", "activity", "variance", "reversal"
]
WaybillStatus = Literal["issued", "received", "cancelled"]
BundleCode = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=60,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$",
        description="Code of a bundle, or of a carton for all its bundles",
        examples=["HB1-0001-03"],
    ),
]
BundleCodes = Annotated[list[BundleCode], Meta(max_length=2000)]


class PrintRunDelivery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A delivery of the printer to the depot. A run may come in several."""

    move_id: UUID
    copies: Copies
    variance_reason: Reason | None = None
    """Needed when the run, with this delivery, is not exactly what was ordered."""


class PrintRunReceipt(Struct, frozen=True, kw_only=True):
    """What has come of a print run."""

    print_run_id: UUID
    code: str
    move_id: UUID
    copies: int
    ordered: int
    delivered: int
    bundles: int
    """Bundles made of all deliveries of the run."""


class NewWaybill(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Copies of a claim handed over at the depot: whole bundles, or all that is left of the claim."""

    waybill_id: UUID
    outlet_code: Code
    copies: Copies
    bundle_codes: BundleCodes = []
    """The bundles and cartons handed over; what they do not hold of the copies goes loose."""
    pick_bundles: bool = False
    """Let the next sealed bundles of the depot be taken, for the waybill to name."""


class WaybillReceipt(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What arrived of a waybill, under `move_id` or `source_id`."""

    received_copies: Count
    move_id: UUID | None = None
    """UUIDv7 made by the client."""
    source_id: SourceId | None = None
    variance_reason: Reason | None = None
    """Needed when it is not what the waybill says."""
    missing_bundle_codes: BundleCodes = []
    """Which bundles of the waybill did not come, where that is known."""


class Waybill(Struct, frozen=True, kw_only=True):
    """A hand-over from a depot to an outlet. `cancelled`: its issue was reversed before anything arrived."""

    waybill_id: UUID
    code: str
    status: WaybillStatus
    campaign_id: UUID
    claim_id: UUID
    batch_code: str
    zone_code: str
    zone_name: str
    material_code: str
    material_name: str
    bundle_copies: int
    depot_code: str
    depot_name: str
    outlet_code: str
    outlet_name: str
    partner_code: str
    partner_name: str
    copies: int
    received_copies: int | None
    variance_reason: str | None
    issued_at: datetime
    received_at: datetime | None


class WaybillPage(Struct, frozen=True, kw_only=True):
    """Waybills, newest first; `next_cursor` is null on the last page."""

    waybills: list[Waybill]
    next_cursor: str | None


class HolderCode(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody who holds copies, by code."""

    kind: Literal["depot", "outlet", "rider"]
    code: Code


class NewMove(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"source": "from", "target": "to"}):
    """Copies going from one holder to another, lost (write_off) or used up on an activity."""

    move_id: UUID
    kind: Literal["transfer", "return", "write_off", "activity"]
    campaign_id: UUID
    material_code: Code
    source: HolderCode
    target: HolderCode | None = None
    """Left out for write_off and activity."""
    copies: Copies
    bundle_codes: BundleCodes = []
    """The sealed bundles and cartons that are moved; none: loose copies, for which bundles are opened as needed."""
    reason: Reason | None = None
    """Needed for write_off."""
    moved_at: Instant | None = None
    """When it happened; now, if left out."""


class NewMoves(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Moves recorded together or not at all, judged in the given order."""

    moves: Annotated[list[NewMove], Meta(min_length=1, max_length=500)]


class MovesRecorded(Struct, frozen=True, kw_only=True):
    """Ids written now, and ids that had been written before with the same content."""

    recorded: list[UUID]
    already_recorded: list[UUID]


class NewStockCount(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Copies counted at a holder. What differs from the balance becomes a variance."""

    move_id: UUID
    campaign_id: UUID
    material_code: Code
    holder: HolderCode
    counted_copies: Count
    reason: Reason


class StockCount(Struct, frozen=True, kw_only=True):
    """A count and what it changed. `move_id` is null when the balance was right."""

    move_id: UUID | None
    counted: int
    expected: int
    difference: int


class NewReversal(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Undoing a move by a linked one the other way."""

    move_id: UUID
    reason: Reason


class Balance(Struct, frozen=True, kw_only=True):
    """Copies of one material at one holder. Riders are shown by code only."""

    holder_kind: HolderKind
    holder_code: str
    """Empty for printer, activity, written_off and variance."""
    holder_name: str
    outlet_code: str | None
    partner_code: str | None
    material_code: str
    material_name: str
    copies: int


class BalancePage(Struct, frozen=True, kw_only=True):
    """Balances by holder kind, code and material; `next_cursor` is null on the last page."""

    balances: list[Balance]
    next_cursor: str | None


class StockMove(Struct, frozen=True, kw_only=True):
    """One row of the ledger."""

    move_id: UUID
    kind: MoveKind
    material_code: str
    material_name: str
    from_kind: HolderKind
    from_code: str
    from_name: str
    to_kind: HolderKind
    to_code: str
    to_name: str
    copies: int
    reason: str
    waybill_code: str | None
    print_run_code: str | None
    reversal_of: UUID | None
    reversed_by: UUID | None
    moved_at: datetime
    recorded_at: datetime


class StockMovePage(Struct, frozen=True, kw_only=True):
    """The ledger, newest first; `next_cursor` is null on the last page."""

    moves: list[StockMove]
    next_cursor: str | None


class Whereabouts(Struct, frozen=True, kw_only=True):
    """Where the printed copies are. printed = all the others together."""

    printed: int
    in_depots: int
    in_transit: int
    with_outlets: int
    with_riders: int
    handed_out: int
    activities: int
    written_off: int
    variance: int
    """Below zero where more was found than should be there."""
    balanced: bool


class MaterialWhereabouts(Whereabouts, frozen=True, kw_only=True):
    """The same for one material."""

    material_code: str
    material_name: str


class BalanceLaw(Struct, frozen=True, kw_only=True):
    """The balance law, per material and in total, as of the time of the answer."""

    as_of: datetime
    materials: list[MaterialWhereabouts]
    total: Whereabouts
