"""What a delivery, an issue and an acceptance are made of, and what they refuse: the way from the printer to the
outlet. rules.py has what happens to the copies afterwards."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from dispatch.batches.rules import ClaimNotHeld, is_held
from dispatch.campaigns.rules import require_still_taking
from dispatch.problems import Problem
from dispatch.stock.moves import Holder, Move, companion_id
from dispatch.stock.packs import Bundle, BundleCount, PlacedBundle, UnknownBundle, named_of, part_bundles
from dispatch.stock.rules import Place, UnknownHolder, require_variance
from schemas.campaigns import CampaignStatus
from schemas.stock import MoveKind, NewWaybill, PrintRunDelivery, WaybillReceipt


class WholeBundles(Problem):
    """Copies leave the depot in whole bundles of `bundle_copies`, or as all that is left of the claim."""

    slug, title, status = "whole-bundles", "Only whole bundles leave the depot", 422


class MoreThanClaimed(Problem):
    """The claim has only `uncollected` copies left to collect."""

    slug, title, status = "more-than-claimed", "The claim has fewer copies left", 409


class WaybillChanged(Problem):
    """The waybill id was used before for other copies, another outlet or claim."""

    slug, title, status = "waybill-changed", "This waybill id belongs to another waybill", 409


class WaybillReceived(Problem):
    """The waybill was received before with another count; `received_copies`."""

    slug, title, status = "waybill-received", "This waybill was received already", 409


class WaybillCancelled(Problem):
    """The issue of the waybill was reversed; nothing is on its way."""

    slug, title, status = "waybill-cancelled", "This waybill was cancelled", 409


class OrderedRun(Struct, frozen=True, kw_only=True):
    """A print run as ordered."""

    print_run_id: UUID
    code: str
    campaign_id: UUID
    material_id: UUID
    depot_id: UUID
    ordered: int


class ClaimToIssue(Struct, frozen=True, kw_only=True):
    """A claim whose copies are to leave the depot; `lease_until` is already renewed by the last collection."""

    claim_id: UUID
    partner_id: UUID
    outlet_id: UUID | None
    copies: int
    collected: int
    status: str
    lease_until: datetime
    campaign_id: UUID
    campaign_code: str
    campaign_status: CampaignStatus
    batch_code: str
    material_id: UUID
    depot_id: UUID
    bundle_copies: int
    waybills: int


class IssuedWaybill(Struct, frozen=True, kw_only=True):
    """A waybill whose copies are on the way or have arrived."""

    waybill_id: UUID
    code: str
    campaign_id: UUID
    material_id: UUID
    depot_id: UUID
    outlet_id: UUID
    claim_id: UUID
    copies: int
    received_copies: int | None
    received_at: datetime | None


def receipt(run: OrderedRun, delivery: PrintRunDelivery, now: datetime) -> Move:
    """The move of a delivery: printer to depot."""
    return Move(
        move_id=delivery.move_id,
        kind="receipt",
        campaign_id=run.campaign_id,
        material_id=run.material_id,
        source=Holder("printer", run.campaign_id),
        target=Holder("depot", run.depot_id),
        copies=delivery.copies,
        reason=delivery.variance_reason or "",
        print_run_id=run.print_run_id,
        moved_at=now,
    )


def judge_issue(claim: ClaimToIssue, wanted: NewWaybill, outlet: Place | None, now: datetime) -> UUID:
    """Return the outlet's id, or refuse to hand over: not the claim's outlet, ended, too many, not whole bundles."""
    if outlet is None or outlet.partner_id != claim.partner_id or claim.outlet_id not in (None, outlet.id):
        raise UnknownHolder("outlet_code names no outlet that this claim was made for.", field="outlet_code")
    require_still_taking(claim.campaign_status)
    if not is_held(claim.status, claim.lease_until, claim.collected, claim.copies, now):
        status = "expired" if claim.status == "held" else claim.status
        raise ClaimNotHeld(f"The claim was {status}; the batch must be claimed again first.", claim_status=status)
    uncollected = claim.copies - claim.collected
    if wanted.copies > uncollected:
        raise MoreThanClaimed(
            f"{uncollected} copies of the claim are left to collect.", field="copies", uncollected=uncollected
        )
    if wanted.copies % claim.bundle_copies and wanted.copies != uncollected:
        raise WholeBundles(
            f"Hand over whole bundles of {claim.bundle_copies}, or all {uncollected} copies that are left.",
            field="copies",
            bundle_copies=claim.bundle_copies,
        )
    return outlet.id


def judge_bundles(
    claim: ClaimToIssue, wanted: NewWaybill, meaning: Mapping[tuple[UUID, str], Sequence[Bundle]]
) -> list[Bundle]:
    """The bundles named for the waybill, or refuse: unknown ones, more than the copies, or a whole bundle loose."""
    named, wrong = named_of(wanted.bundle_codes, claim.campaign_id, claim.material_id, meaning)
    if wrong:
        position, why = wrong[0]
        raise UnknownBundle(f"{why}.", field=f"bundle_codes/{position}")
    held = sum(bundle.copies for bundle in named)
    if named and not 0 <= wanted.copies - held < claim.bundle_copies:
        raise BundleCount(
            f"The bundles hold {held} copies, the waybill is for {wanted.copies}.", field="copies", bundle_copies=held
        )
    return named


def require_same_waybill(known: IssuedWaybill, claim_id: UUID, copies: int, outlet_id: UUID | None) -> None:
    """Refuse a waybill id that was used for other copies, another outlet or claim."""
    if (known.claim_id, known.copies, known.outlet_id) != (claim_id, copies, outlet_id):
        raise WaybillChanged("This waybill_id was used before; make a new one.", field="waybill_id")


def code_of(claim: ClaimToIssue) -> str:
    """Code of the claim's next waybill: campaign, batch, and how many the batch has had.

    Codes contain no slash, so no two waybills of the city get the same.
    """
    return f"{claim.campaign_code}/{claim.batch_code}/{claim.waybills + 1}"


def issue(
    claim: ClaimToIssue, waybill_id: UUID, outlet_id: UUID, copies: int, bundles: Sequence[Bundle], now: datetime
) -> Move:
    """The move of an issue: depot to transit. Its id is the waybill's: reversing it cancels the waybill."""
    return Move(
        move_id=waybill_id,
        kind="issue",
        campaign_id=claim.campaign_id,
        material_id=claim.material_id,
        source=Holder("depot", claim.depot_id),
        target=Holder("transit", outlet_id),
        copies=copies,
        waybill_id=waybill_id,
        moved_at=now,
        bundles=tuple(sorted(bundle.bundle_id for bundle in bundles)),
    )


def require_arrival(waybill: IssuedWaybill, *, again: bool, cancelled: bool) -> None:
    """Refuse to receive what was cancelled, or a second time; `again`: the same request came before."""
    if cancelled:
        raise WaybillCancelled("The issue of this waybill was reversed; nothing is on its way.")
    if waybill.received_at and not again:
        raise WaybillReceived(
            "The waybill was received before; a mistake is corrected by a stock count.",
            received_copies=waybill.received_copies,
        )


def missing_of(received: WaybillReceipt, carried: Sequence[PlacedBundle]) -> list[PlacedBundle]:
    """The bundles of the waybill named as missing. Raises UnknownBundle."""
    on_it = {bundle.code: bundle for bundle in carried}
    for position, code in enumerate(received.missing_bundle_codes):
        if code not in on_it:
            raise UnknownBundle(f"{code} is no bundle of this waybill.", field=f"missing_bundle_codes/{position}")
    return [on_it[code] for code in sorted(set(received.missing_bundle_codes))]


def acceptance(
    waybill: IssuedWaybill, received: WaybillReceipt, carried: Sequence[PlacedBundle], now: datetime
) -> list[Move]:
    """The moves of a waybill's arrival: what came goes from transit to the outlet, what did not to variance; what came
    beyond it comes from variance. `carried`: its bundles, sealed and on their way.

    Raises VarianceReasonNeeded, UnknownBundle, BundleCount.
    """
    assert received.move_id is not None, "the handler says which id source_id stands for"
    require_variance(waybill.copies, received.received_copies, received.variance_reason)
    transit, outlet = Holder("transit", waybill.outlet_id), Holder("outlet", waybill.outlet_id)
    unexplained = Holder("variance", waybill.campaign_id)
    arrived = min(waybill.copies, received.received_copies)
    came, lost = part_bundles(carried, missing_of(received, carried), arrived, waybill.copies - arrived)
    parts: list[tuple[MoveKind, Holder, Holder, int, list[UUID]]] = [
        ("acceptance", transit, outlet, arrived, came),
        ("variance", transit, unexplained, waybill.copies - arrived, lost),
        ("variance", unexplained, outlet, received.received_copies - arrived, []),
    ]
    parts = [part for part in parts if part[3] > 0]
    # At most two are left; the first carries the client's id, which is how a retry is known.
    ids = [received.move_id, companion_id(received.move_id)]
    return [
        Move(
            move_id=move_id,
            kind=kind,
            campaign_id=waybill.campaign_id,
            material_id=waybill.material_id,
            source=source,
            target=target,
            copies=copies,
            reason=(received.variance_reason or "") if kind == "variance" else "",
            waybill_id=waybill.waybill_id,
            moved_at=now,
            bundles=tuple(sorted(bundles)),
        )
        for move_id, (kind, source, target, copies, bundles) in zip(ids, parts, strict=False)
    ]
