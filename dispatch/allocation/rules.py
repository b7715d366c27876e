"""When a plan may be made, changed and approved."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import msgspec

from dispatch.allocation.records import ANY_PARTNER, Basis, LineState, PlanInputs, PlanRow, PlanZone, Printed
from dispatch.campaigns.rules import require_still_taking
from dispatch.materials.rules import DepotUnknown, MaterialUnknown
from dispatch.problems import NotFound, Problem
from dispatch.reach.curve import zone_reach
from schemas.allocation import Allocation, AllocationStatus, LineChange, NewAllocation, Sizing


class NotEnoughPrinted(Problem):
    """The plan needs more copies than were printed or ordered, less those already in batches."""

    slug, title, status = "not-enough-printed", "Not enough copies are printed or ordered", 409


class PlanInfeasible(Problem):
    """Floor, capacity and copies contradict each other; `reason` names which, nothing is relaxed silently."""

    slug, title, status = "plan-infeasible", "No plan keeps to these limits", 422


class PlanOptions(Problem):
    """Options of a plan that contradict each other or name what there is not."""

    slug, title, status = "plan-options", "The plan's options do not fit together", 422


class PlanPeriodOver(Problem):
    """The days of the plan are over."""

    slug, title, status = "plan-period-over", "The plan's days are over", 409


class WaveUnknown(Problem):
    """The campaign has no wave with this number."""

    slug, title, status = "wave-unknown", "The campaign has no such wave", 422


class AllocationChanged(Problem):
    """The id is already that of a plan with other content."""

    slug, title, status = "allocation-changed", "This id is that of another plan", 409


class AllocationNotDraft(Problem):
    """Only a draft is changed, approved or dropped."""

    slug, title, status = "allocation-not-draft", "The plan is no draft any more", 409


class AllocationStale(Problem):
    """Somebody changed the plan since it was looked at; `revision` is the one it is at now."""

    slug, title, status = "allocation-stale", "The plan was changed meanwhile", 409


class LinesExceedCopies(Problem):
    """The lines together would pass the plan's copies; `left_copies` is how many are left."""

    slug, title, status = "lines-exceed-copies", "The lines would pass the plan's copies", 409


class NotWholeBundles(Problem):
    """Copies move in whole bundles; `bundle_copies` is how many make one."""

    slug, title, status = "not-whole-bundles", "These are no whole bundles", 422


class PartnerDoesNotServe(Problem):
    """The partner declared no capacity in the zone."""

    slug, title, status = "partner-does-not-serve", "The partner does not serve this zone", 422


class NothingToApprove(Problem):
    """Every line of the plan is zero."""

    slug, title, status = "nothing-to-approve", "The plan has no copies", 409


class AllocationNotApproved(Problem):
    """Only an approved plan has batches to take back; a draft is dropped."""

    slug, title, status = "allocation-not-approved", "The plan is not approved", 409


class DueDate(Problem):
    """A batch cannot be due before today."""

    slug, title, status = "due-date", "The due date is not usable", 422


def judge_plan_inputs(wanted: NewAllocation, row: PlanRow | None) -> PlanInputs:
    """The days and zones of the plan, or refuse an unknown material or wave, or days that are over."""
    if row is None:
        raise NotFound("There is no such campaign here.")
    require_still_taking(row.status)
    if row.material_id is None or row.bundle_copies is None or row.counts_for_reach is None:
        raise MaterialUnknown(f"The campaign has no material {wanted.material_code}.", field="material_code")
    if wanted.wave_number is not None and row.wave_starts_on is None:
        raise WaveUnknown(f"The campaign has no wave {wanted.wave_number}.", field="wave_number")
    if wanted.assign_partners and not wanted.within_capacity:
        raise PlanOptions(
            "Partners can only be assigned within their declared capacity; leave within_capacity on.",
            field="within_capacity",
        )
    starts_on = max(row.wave_starts_on or row.starts_on, row.today)
    ends_on = row.wave_ends_on or row.ends_on
    if starts_on > ends_on:
        raise PlanPeriodOver(f"The plan's last day was {ends_on}; plan a later wave.", ends_on=ends_on)
    return PlanInputs(
        material_id=row.material_id,
        bundle_copies=row.bundle_copies,
        counts_for_reach=row.counts_for_reach,
        starts_on=starts_on,
        ends_on=ends_on,
        today=row.today,
        zone_codes=row.zone_codes or [],
    )


def months_before(day: date, months: int) -> date:
    """The first day of the month that lies so many months before the month of `day`."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, 1)


def require_printed(copies: int, printed: Printed) -> None:
    """Refuse a plan for copies that are neither printed nor ordered, or that other batches hold already."""
    left = max(0, printed.printed - printed.in_batches)
    if copies > left:
        raise NotEnoughPrinted(
            f"{copies} copies are wanted; {printed.printed} are printed or ordered and {printed.in_batches} of them"
            f" are in batches already, so {left} are left. Register a print run or plan fewer.",
            printed_copies=printed.printed,
            copies_in_batches=printed.in_batches,
            copies_in_depots=printed.in_depots,
            left_copies=left,
        )


def require_draft(status: AllocationStatus) -> None:
    """Refuse to touch a plan that is approved or dropped."""
    if status != "draft":
        raise AllocationNotDraft(f"The plan is {status}; make a new one.", current=status)


def is_changed_already(change: LineChange, lines: Sequence[LineState], zone_code: str, partner_id: UUID) -> bool:
    """Whether the line is as the change wants it: a request sent again after a lost answer changes nothing."""
    return any(
        (line.zone_code, line.partner_id, line.copies, line.change_reason)
        == (zone_code, partner_id, change.copies, change.reason)
        for line in lines
    )


def require_revision(seen: int | None, current: int) -> None:
    """Refuse to act on a view of the plan that is older than the plan; None: the caller does not say what was seen."""
    if seen is not None and seen != current:
        raise AllocationStale(
            "Somebody changed this plan since you opened it; look at it as it is now and decide again.",
            revision=current,
        )


def judge_repeated(campaign_id: UUID, wanted: NewAllocation, stored: Allocation | None) -> Allocation | None:
    """The plan stored under the wanted id, once it is sure to be the wanted one; None when there is none."""
    if stored is not None and (stored.campaign_id != campaign_id or stored.request != wanted):
        raise AllocationChanged(
            "allocation_id is that of a plan with other content; use a new id.", field="allocation_id"
        )
    return stored


def judge_drop(status: AllocationStatus) -> bool:
    """Whether the plan is to be dropped now; an approved one cannot be, a dropped one is already."""
    if status == "approved":
        require_draft(status)
    return status == "draft"


def judge_change(
    change: LineChange, lines: Sequence[LineState], zone_code: str, partner_id: UUID, most: int, bundle_copies: int
) -> LineState:
    """A line of the zone to take id and risk weight from, once the change is sure to keep the plan's copies.

    `most` is the plan's copies, `lines` are all its lines. Raises NotFound, NotWholeBundles, LinesExceedCopies.
    """
    sample = next((line for line in lines if line.zone_code == zone_code), None)
    if sample is None:
        raise NotFound(f"This plan has no line of zone {zone_code}.")
    if change.copies % bundle_copies:
        raise NotWholeBundles(
            f"{change.copies} are no whole bundles of {bundle_copies}.", field="copies", bundle_copies=bundle_copies
        )
    others = sum(line.copies for line in lines if (line.zone_code, line.partner_id) != (zone_code, partner_id))
    if others + change.copies > most:
        raise LinesExceedCopies(
            f"The plan has {most} copies and {max(0, most - others)} are left for this line; lower another line first.",
            left_copies=max(0, most - others),
        )
    return sample


def judge_serving(partner_code: str | None, partner_id: UUID | None) -> UUID:
    """The partner of the line to change; `partner_id` is None where the code names no partner that serves the zone."""
    if partner_code is None:
        return ANY_PARTNER
    if partner_id is None:
        raise PartnerDoesNotServe(
            f"{partner_code} declared no capacity in this zone; choose a partner that did.", field="partner_code"
        )
    return partner_id


def judge_depot(depot_code: str | None, depot_id: UUID | None) -> UUID:
    """The depot batches are collected from, or refuse."""
    if depot_id is None:
        named = f"No active depot has the code {depot_code}." if depot_code else "The city has no active depot."
        raise DepotUnknown(named, field="depot_code")
    return depot_id


def judge_due(wanted: date | None, last_day: date, today: date) -> date:
    """The day batches are due: the wanted one, else the plan's last day or today, whichever is later."""
    if wanted is not None and wanted < today:
        raise DueDate(f"due_on must not lie before today, {today}.", field="due_on")
    return wanted or max(last_day, today)


def judge_zones(wanted: NewAllocation | Sizing, zones: Sequence[PlanZone]) -> list[PlanZone]:
    """The zones as the plan counts on them, or refuse codes among those chosen that are no zone it may use."""
    unknown = sorted(set(wanted.zone_codes) - {zone.code for zone in zones})
    if unknown:
        raise PlanOptions(
            f"{', '.join(unknown[:5])} is no zone of the city, the wave or the district of this plan.",
            field="zone_codes",
            zone_codes=unknown,
        )
    if not zones and wanted.division_code is not None:
        raise PlanOptions(f"No zone lies in district {wanted.division_code}.", field="division_code")
    if not wanted.ignore_promises:
        return list(zones)
    return [msgspec.structs.replace(zone, committed_copies=zone.handed_out_copies) for zone in zones]


def delivered_reach_of(basis: Basis, zone_id: UUID) -> float | None:
    """Expected reach of a zone by what was handed out there; None: not applicable, or not kept with the plan."""
    zone, request = basis.zones[zone_id], basis.request
    if not zone.households or not basis.counts_for_reach or zone.handed_out_copies is None:
        return None
    return zone_reach(zone.handed_out_copies, zone.households, request.genuine_share, request.spread)


def reach_of(basis: Basis, zone_id: UUID, planned: int) -> float | None:
    """Expected reach of a zone with `planned` copies on top of what is committed; None: not applicable."""
    zone = basis.zones[zone_id]
    if not zone.households or not basis.counts_for_reach:
        return None
    request = basis.request
    return zone_reach(zone.committed_copies + planned, zone.households, request.genuine_share, request.spread)
