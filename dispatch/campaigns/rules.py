"""When a campaign makes sense, how its status moves, which declared capacity can be taken."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Final
from uuid import UUID

import msgspec

from dispatch.problems import NotFound, Problem
from dispatch.server.client_ids import require_id, same_content
from dispatch.tables.cells import code, day, whole_number
from dispatch.tables.sheets import Column, refuse
from schemas.campaigns import (
    Campaign,
    CampaignStatus,
    CapacityRow,
    InvitationStatus,
    MissingItem,
    MissingKind,
    NewCampaign,
    Wave,
)
from schemas.common import RowError


class CampaignDates(Problem):
    """The campaign ends before it starts, or lasts longer than two years."""

    slug, title, status = "campaign-dates", "The campaign's dates are not usable", 422


class WavePlan(Problem):
    """Waves are numbered 1…n, lie in order inside the campaign, and their planned shares rise to 1."""

    slug, title, status = "wave-plan", "The waves do not fit together", 422


class WaveZones(Problem):
    """A wave names zones the city does not have; `zone_codes` lists them."""

    slug, title, status = "wave-zones", "A wave names unknown zones", 422


class CampaignChanged(Problem):
    """The id is already that of a campaign with other content."""

    slug, title, status = "campaign-changed", "This id is that of another campaign", 409


class CampaignCodeTaken(Problem):
    """Another campaign of the city has this code."""

    slug, title, status = "campaign-code-taken", "This campaign code is taken", 409


class CampaignStatusOrder(Problem):
    """A campaign goes from draft to open to closed, never back."""

    slug, title, status = "campaign-status-order", "The campaign cannot take this step", 409


class CampaignNotDraft(Problem):
    """Dates, waves and target are changed while the campaign is a draft; afterwards plans and figures rest on them."""

    slug, title, status = "campaign-not-draft", "The campaign is no draft any more", 409


class CampaignClosed(Problem):
    """A closed campaign takes corrections and reports only."""

    slug, title, status = "campaign-closed", "The campaign is closed", 409


class PartnersUnknown(Problem):
    """Codes that name no active partner of the city; `partner_codes` lists them."""

    slug, title, status = "partners-unknown", "Some partners are unknown", 422


class PartnersEngaged(Problem):
    """Partners that hold claims, have batches reserved for them, or were given copies; `partner_codes` lists them."""

    slug, title, status = "partners-engaged", "Some partners have begun already", 409


class PartnerNotInvited(Problem):
    """Capacity is entered for partners that are invited."""

    slug, title, status = "partner-not-invited", "The partner is not invited", 409


class ToldLater(Problem):
    """Somebody cannot have said so on a day that has not come."""

    slug, title, status = "told-later", "The day of the call is not usable", 422


class MissingUnconfirmed(Problem):
    """Something is missing that the caller did not confirm; `missing` lists all of it, as the read of it does."""

    slug, title, status = "missing-unconfirmed", "Something is missing", 409


class InvitedPartner(msgspec.Struct, frozen=True, kw_only=True):
    """A partner whose invitation this transaction holds."""

    code: str
    partner_id: UUID
    engaged: bool


class PartnerState(msgspec.Struct, frozen=True, kw_only=True):
    """An active partner that is invited: its answer, and how many accounts it can sign in with."""

    code: str
    status: InvitationStatus
    accounts: int


class CampaignState(msgspec.Struct, frozen=True, kw_only=True):
    """What a campaign, or one plan of it, has to begin with."""

    zones: int
    zones_without_households: list[str]
    unserved_zones: list[str]
    materials: int
    depots: int
    printed: int
    plans: int
    plan_copies: int | None
    """Of the plan it is about; None: about the campaign as a whole."""
    in_depots: int
    """Copies of the plan's material there."""


class CapacityKey(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """A row of declared capacity with ids for codes; sorts by its key."""

    outlet_id: UUID
    zone_id: UUID
    week_starts_on: date
    copies: int


CAPACITY_COLUMNS: Final = (
    Column("outlet_code", "网点代码", code, aliases=("站点代码",)),
    Column("zone_code", "片区代码", code),
    Column("week_starts_on", "周一日期", day, aliases=("周", "周起始日", "日期")),
    Column("copies", "承接份数", whole_number(10_000_000), aliases=("承接能力", "份数", "数量")),
)
_LONGEST = timedelta(days=731)
_ROUNDING = 1e-9  # five shares added up need not give 1 to the last digit


def require_same_id(addressed: UUID, wanted: NewCampaign) -> None:
    """Refuse a body that speaks of another campaign than the address."""
    if addressed != wanted.campaign_id:
        raise CampaignChanged("campaign_id is not that of the address.", field="campaign_id")


def require_code_free(changed: UUID | None, code: str) -> None:
    """Refuse a code that is another campaign's; `changed` is None when nothing was changed because of it."""
    if changed is None:
        raise CampaignCodeTaken(f"Another campaign has the code {code}; choose another.", field="code")


def require_campaign(wanted: NewCampaign) -> None:
    """Refuse a campaign whose id, dates or waves make no sense."""
    require_id(wanted.campaign_id, "campaign_id")
    if not timedelta(0) <= wanted.ends_on - wanted.starts_on <= _LONGEST:
        raise CampaignDates("ends_on must be on or after starts_on, and within two years of it.", field="ends_on")
    _require_waves(wanted)


def _require_waves(wanted: NewCampaign) -> None:
    waves = wanted.waves
    for place, wave in enumerate(waves, start=1):
        if wave.number != place:
            raise _wave_problem(wave, "number", f"waves are numbered 1 to {len(waves)} in order; this one is {place}.")
        if wave.ends_on < wave.starts_on:
            raise _wave_problem(wave, "ends_on", "it ends before it starts.")
        if wave.starts_on < wanted.starts_on or wave.ends_on > wanted.ends_on:
            raise _wave_problem(wave, "starts_on", f"it must lie within {wanted.starts_on} to {wanted.ends_on}.")
        if len(set(wave.zone_codes)) < len(wave.zone_codes):
            raise _wave_problem(wave, "zone_codes", "a zone is named twice.")
    for earlier, later in pairwise(waves):
        if later.starts_on <= earlier.ends_on:
            raise _wave_problem(later, "starts_on", f"it begins before wave {earlier.number} has ended.")
        if later.planned_share < earlier.planned_share:
            raise _wave_problem(later, "planned_share", "planned shares are cumulative and never fall.")
    if waves and waves[-1].planned_share < 1 - _ROUNDING:
        raise _wave_problem(waves[-1], "planned_share", "the last wave must end at 1: all copies are handed out then.")


def _wave_problem(wave: Wave, field: str, detail: str) -> WavePlan:
    return WavePlan(f"Wave {wave.number}: {detail}", wave=wave.number, field=field)


def require_wave_zones(unknown: Sequence[str]) -> None:
    """Refuse waves that name zones the city does not have."""
    if unknown:
        raise WaveZones(
            f"The city has no zone {', '.join(unknown[:5])}; import zones first or correct the codes.",
            zone_codes=list(unknown),
        )


def judge_stored(wanted: NewCampaign, stored: Campaign | None) -> Campaign:
    """The campaign stored under the wanted id, once it is sure to be the wanted one.

    `stored` is None when there is none with this id, which after an insert means that the code is taken.
    """
    if stored is None:
        raise CampaignCodeTaken(f"Another campaign has the code {wanted.code}; choose another.", field="code")
    if not same_content(wanted, stored):
        raise CampaignChanged(
            f"campaign_id is that of campaign {stored.code} with other content; use a new id.", field="campaign_id"
        )
    return stored


def judge_status(current: CampaignStatus, wanted: CampaignStatus) -> bool:
    """Whether the step to `wanted` is to be made; False when the campaign has this status already."""
    if current == wanted:
        return False
    if (current, wanted) not in {("draft", "open"), ("open", "closed")}:
        raise CampaignStatusOrder(
            f"The campaign is {current} and cannot become {wanted}; it goes from draft to open to closed.",
            current=current,
        )
    return True


def require_draft(status: CampaignStatus) -> None:
    """Refuse to change a campaign that was opened."""
    if status != "draft":
        raise CampaignNotDraft(
            f"The campaign is {status}; only a draft's dates, waves and target are changed.", current=status
        )


def require_still_taking(status: CampaignStatus) -> None:
    """Refuse changes to a closed campaign."""
    if status == "closed":
        raise CampaignClosed("The campaign is closed; only corrections and reports are left.")


def require_touched(touched: Mapping[UUID, str]) -> None:
    """Refuse to change what belongs to a campaign unless `changes.touch` answers that it is there and not closed; the
    touch holds it open until the commit."""
    require_still_taking("closed" if "closed" in touched.values() or not touched else "open")


def judge_firm(partner_id: UUID | None) -> UUID:
    """The firm a caller speaks for, or refuse."""
    if partner_id is None:
        raise NotFound("You belong to no firm.")
    return partner_id


def judge_partners(wanted: Iterable[str], known: Mapping[str, UUID]) -> list[UUID]:
    """Ids of the wanted partners in a fixed order, or refuse the unknown ones."""
    unknown = sorted({code for code in wanted if code not in known})
    if unknown:
        raise PartnersUnknown(
            f"No active partner has the code {', '.join(unknown[:5])}; nobody was invited.", partner_codes=unknown
        )
    return sorted({known[code] for code in wanted})


def judge_withdrawn(wanted: Sequence[str], invited: Sequence[InvitedPartner]) -> list[UUID]:
    """Whose invitations are taken back: those of the codes that are invited. Refuses partners that have begun."""
    engaged = [partner.code for partner in invited if partner.engaged and partner.code in wanted]
    if engaged:
        raise PartnersEngaged(
            f"{', '.join(engaged[:5])} hold or have handed out copies; take the batches back, and let them return or"
            " finish what they have.",
            partner_codes=engaged,
        )
    return [partner.partner_id for partner in invited]


def judge_telephoned(code: str, invited: Sequence[InvitedPartner], told_on: date, now: datetime) -> UUID:
    """The partner to enter capacity for. Clocks are at most 14 hours ahead of UTC: no later day has come."""
    if not invited:
        raise PartnerNotInvited(f"{code} is not invited to this campaign; invite it first.", field="partner_code")
    if told_on > (now + timedelta(hours=14)).date():
        raise ToldLater("told_on lies in the future.", field="told_on")
    return invited[0].partner_id


_CODES_SHOWN = 200


def missing_of(state: CampaignState, partners: Sequence[PartnerState]) -> list[MissingItem]:
    """What is missing before a campaign is opened or a plan approved, in the order in which it is put right."""
    waiting = [partner.code for partner in partners if partner.status == "invited"]
    shut_out = [partner.code for partner in partners if not partner.accounts and partner.status != "declined"]
    found: list[tuple[MissingKind, bool, Sequence[str]]] = [
        ("zones", not state.zones, []),
        ("households", bool(state.zones_without_households), state.zones_without_households),
        ("materials", not state.materials, []),
        ("depots", not state.depots, []),
        ("printed", not state.printed, []),
        ("invitations", not partners, []),
        ("accounts", bool(shut_out), shut_out),
        ("accepted", bool(partners) and all(each.status != "accepted" for each in partners), []),
        ("answers", bool(waiting), waiting),
        ("unserved_zones", bool(state.unserved_zones), state.unserved_zones),
        ("plans", state.plan_copies is None and not state.plans, []),
    ]
    items = [
        MissingItem(kind=kind, count=len(codes), codes=sorted(codes)[:_CODES_SHOWN])
        for kind, is_missing, codes in found
        if is_missing
    ]
    if state.plan_copies is not None and state.in_depots < state.plan_copies:
        items.append(MissingItem(kind="stock", count=state.plan_copies - state.in_depots, codes=[]))
    return items


def require_confirmed(confirmed: Sequence[MissingKind] | None, missing: Sequence[MissingItem]) -> None:
    """Refuse to go on without what the caller did not confirm; None: the caller does not say what was seen."""
    if confirmed is not None and {item.kind for item in missing} - set(confirmed):
        raise MissingUnconfirmed(
            "Look at what is missing, and confirm what you go on without.", missing=msgspec.to_builtins(missing)
        )


def judge_capacity(
    listed: Sequence[tuple[int, CapacityRow]],
    outlets: Mapping[str, UUID],
    zones: Mapping[str, UUID],
    starts_on: date,
    ends_on: date,
) -> list[CapacityKey]:
    """Rows with ids, sorted by key, or all that is wrong with them at once (ImportRefused).

    `listed` holds rows with their numbers, `outlets` the outlets the caller may declare for; `starts_on` and `ends_on`
    are the campaign's days.
    """
    errors: list[RowError] = []
    found: list[CapacityKey] = []
    seen: dict[tuple[str, str, date], int] = {}
    for number, row in listed:
        wrong = _wrong_with(row, outlets, zones, starts_on, ends_on)
        first = seen.setdefault((row.outlet_code, row.zone_code, row.week_starts_on), number)
        if first != number:
            wrong.append(("week_starts_on", "duplicate-row", f"the same outlet, zone and week are in row {first}"))
        errors.extend(
            RowError(row=number, code=row.outlet_code, field=field, reason=reason, detail=detail)
            for field, reason, detail in wrong
        )
        if not wrong:
            found.append(
                CapacityKey(
                    outlet_id=outlets[row.outlet_code],
                    zone_id=zones[row.zone_code],
                    week_starts_on=row.week_starts_on,
                    copies=row.copies,
                )
            )
    refuse(errors)
    return sorted(found)


def _wrong_with(
    row: CapacityRow, outlets: Mapping[str, object], zones: Mapping[str, object], starts_on: date, ends_on: date
) -> list[tuple[str, str, str]]:
    wrong: list[tuple[str, str, str]] = []
    if row.outlet_code not in outlets:
        wrong.append(("outlet_code", "unknown-outlet", f"{row.outlet_code} is no active outlet of yours"))
    if row.zone_code not in zones:
        wrong.append(("zone_code", "unknown-zone", f"the city has no zone {row.zone_code}"))
    if row.week_starts_on.weekday() != 0:
        wrong.append(("week_starts_on", "not-a-monday", f"{row.week_starts_on} is not a Monday"))
    elif not starts_on - timedelta(days=6) <= row.week_starts_on <= ends_on:
        wrong.append(("week_starts_on", "outside-campaign", f"no day of that week lies in {starts_on} to {ends_on}"))
    return wrong
