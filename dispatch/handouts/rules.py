"""Which records are recorded, which are duplicates, which are refused and why. Pure: facts in, verdicts out.

sent ──decode──▶ Entry ──judge──▶ recorded   written with stock and tallies
                               ├▶ duplicate  already on disk with the same content
                               └▶ rejected   kept with its problem; may be taken up when the cause is gone
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta, tzinfo
from typing import Literal
from uuid import UUID

from msgspec import Struct

from dispatch.database.ids import day_of, is_version_7
from dispatch.geo.cells import is_cell
from dispatch.problems import InvalidRequest, Problem
from dispatch.stock.rules import NotEnoughStock


class HandoutChanged(Problem):
    """The id is on record with other content. An id stands for one confirmation forever."""

    slug, title, status = "handout-changed", "This id was used for another handout", 409


class AnotherRider(Problem):
    """The records are another rider's than the one signed in. Nothing of the call was taken; the phone keeps them."""

    slug, title, status = "another-rider", "Somebody else is signed in", 409


class IdNotVersion7(Problem):
    """The id carries no time, or one far from now."""

    slug, title, status = "id-not-version-7", "The record's id is not a usable UUIDv7", 422


class ClockAhead(Problem):
    """The handout lies in the future: the device's clock is wrong."""

    slug, title, status = "clock-ahead", "The device's clock is ahead", 422


class OutsideCampaign(Problem):
    """The handout's day is not within the campaign."""

    slug, title, status = "outside-campaign", "The day is not within the campaign", 422


class CampaignNotOpen(Problem):
    """The campaign is not open; a closed one takes corrections only."""

    slug, title, status = "campaign-not-open", "The campaign is not open", 409


class NotHeld(Problem):
    """The holder has none of this material: the hand-over was not recorded, or the material is another campaign's."""

    slug, title, status = "not-held", "This material was not handed over to you", 409


class ChannelNotForMaterial(Problem):
    """The material does not go out this way."""

    slug, title, status = "channel-not-for-material", "The material does not go out this way", 422


class ZoneMissing(Problem):
    """Neither zone nor cell."""

    slug, title, status = "zone-missing", "Neither zone nor cell is given", 422


class UnknownZone(Problem):
    """No such zone in this city."""

    slug, title, status = "unknown-zone", "There is no such zone", 422


class NotACell(Problem):
    """The digits look like a map cell and are none: no place on the map has them."""

    slug, title, status = "not-a-cell", "There is no such map cell", 422


class OutsideZones(Problem):
    """The cell's centre lies in no zone of the city, and no zone was named."""

    slug, title, status = "outside-zones", "The place lies in no zone", 422


class UnknownHandout(Problem):
    """The handout to correct is not on record, or not in the caller's scope. It may still arrive."""

    slug, title, status = "unknown-handout", "The handout to correct is not on record", 409


class NothingToCorrect(Problem):
    """Fewer copies are left of the handout than the correction takes back."""

    slug, title, status = "nothing-to-correct", "Fewer copies are left to correct", 409


class ConsentWithdrawn(Problem):
    """The rider withdrew from taking part before this was confirmed."""

    slug, title, status = "consent-withdrawn", "You withdrew from taking part", 409


class LocationWithdrawn(Problem):
    """The rider withdrew the use of location before this was confirmed, and the record names no zone."""

    slug, title, status = "location-withdrawn", "You withdrew the use of location", 422


class PrecisePosition(Problem):
    """The record brings coordinates. A phone turns its position into a map cell and sends only that."""

    slug, title, status = "precise-position", "Coordinates have no place in a record", 422


# A later event can remove these causes, so such records are tried again.
CURABLE = frozenset(
    kind.slug
    for kind in (NotHeld, NotEnoughStock, UnknownHandout, OutsideZones, UnknownZone, CampaignNotOpen, ClockAhead)
)

CLOCK_TOLERANCE = timedelta(minutes=10)
# An id's own time may be off by a slow phone clock or a long silence, not by years.
ID_EARLIEST, ID_LATEST = timedelta(days=500), timedelta(days=2)

HolderKind = Literal["rider", "outlet"]


class Holder(Struct, frozen=True):
    """Whose copies they were."""

    kind: HolderKind
    id: UUID
    outlet_id: UUID


class Entry(Struct, frozen=True, kw_only=True):
    """One record ready to be judged, by whatever door it came. `copies` None: a correction of all that is left."""

    id: UUID
    holder: Holder
    campaign_id: UUID | None
    material_id: UUID | None
    channel: str
    copies: int | None
    handed_out_at: datetime
    zone_id: UUID | None = None
    cell: int | None = None
    first_copy_answer: str | None = None
    corrects_id: UUID | None = None
    reason: str | None = None


class Stored(Struct, frozen=True, kw_only=True):
    """A handout on record."""

    id: UUID
    id_day: date
    campaign_id: UUID
    zone_id: UUID
    cell: int | None
    outlet_id: UUID
    holder_id: UUID
    holder_kind: HolderKind
    material_id: UUID
    channel: str
    copies: int
    """Negative in a correction."""
    day: date
    handed_out_at: datetime
    counts: bool
    """Whether the material counts for reach."""
    corrects_id: UUID | None = None
    reason: str | None = None
    first_copy_answer: str | None = None


class Held(Struct):
    """What a holder has of one material, with the facts that bind its handout. Lowered while judging."""

    quantity: int
    campaign_open: bool
    starts_on: date
    ends_on: date
    channels: list[str]
    counts: bool


HeldKey = tuple[UUID, UUID, UUID]
"""Holder, campaign, material."""


class Facts(Struct, kw_only=True):
    """What the database knows about the records in hand, read under the holders' locks. Judging updates it."""

    now: datetime
    timezone: tzinfo
    held: dict[HeldKey, Held]
    stored: dict[UUID, Stored]
    """Records on file with the ids in hand, and the handouts that corrections in hand refer to."""
    corrected: dict[UUID, int]
    """Copies already taken back, by handout."""
    zone_of_cell: Mapping[int, UUID]
    zones: frozenset[UUID]


class Verdict(Struct, frozen=True):
    """`stored` when recorded, neither when a duplicate, `problem` when refused."""

    outcome: Literal["recorded", "duplicate", "rejected"]
    stored: Stored | None = None
    problem: Problem | None = None


def judge(entries: Sequence[Entry], facts: Facts) -> list[Verdict]:
    """Judge records in the order sent. What is recorded lowers `facts.held` and joins `facts.stored`, so that several
    calls can be judged one after the other against the same facts."""
    verdicts: list[Verdict] = []
    for entry in entries:
        try:
            verdicts.append(_judge_one(entry, facts))
        except Problem as problem:
            verdicts.append(Verdict("rejected", problem=problem))
    return verdicts


def _judge_one(entry: Entry, facts: Facts) -> Verdict:
    known = facts.stored.get(entry.id)
    if known is not None:
        if _same(entry, known):
            return Verdict("duplicate")
        raise HandoutChanged("This id stands for a handout with other content; make a new id.", handout_id=entry.id)
    check_clock(entry.id, entry.handed_out_at, facts.now)
    stored = _judge_correction(entry, facts) if entry.corrects_id else _judge_handout(entry, facts)
    facts.stored[stored.id] = stored
    return Verdict("recorded", stored=stored)


def _same(entry: Entry, stored: Stored) -> bool:
    """Whether the sender says the same again. A zone the server found from the cell is not the sender's word."""
    if entry.corrects_id is not None:
        return stored.corrects_id == entry.corrects_id and entry.copies in (None, -stored.copies)
    return (
        stored.corrects_id is None
        and stored.holder_id == entry.holder.id
        and stored.campaign_id == entry.campaign_id
        and stored.material_id == entry.material_id
        and stored.channel == entry.channel
        and stored.copies == entry.copies
        and stored.cell == entry.cell
        and stored.handed_out_at == entry.handed_out_at
        and stored.first_copy_answer == _answer_of(entry)
        and entry.zone_id in (None, stored.zone_id)
    )


def check_clock(identifier: UUID, at: datetime, now: datetime) -> None:
    """Refuse an id that is no UUIDv7 of about now, and a time that lies ahead."""
    if not is_version_7(identifier):
        raise IdNotVersion7("Make the id a UUIDv7 at the moment of the confirmation.", field="id")
    if not (now - ID_EARLIEST).date() <= day_of(identifier) <= (now + ID_LATEST).date():
        raise IdNotVersion7("The time inside the id is far from now; set the device's clock.", field="id")
    if at > now + CLOCK_TOLERANCE:
        raise ClockAhead(
            "The handout lies in the future; set the device's clock.", field="handed_out_at", server_time=now
        )


# The share of single-copy handouts on which the rider is asked whether this is the household's first copy. Three in a
# hundred are enough for the estimate (coverage-methods, section 2).
QUESTION_SHARE = 0.03


def carries_question(campaign_id: UUID, handout_id: UUID) -> bool:
    """Whether this handout carries the first-copy question. The choice is the campaign's, not the rider's.

    32-bit FNV-1a over the campaign's and the handout's 16 bytes, finished as in MurmurHash3: a phone without a
    network finds the same answer in a few lines, and the server checks it again.
    """
    value = 0x811C9DC5
    for byte in campaign_id.bytes + handout_id.bytes:
        value = (value ^ byte) * 0x01000193 & 0xFFFFFFFF
    value = (value ^ value >> 16) * 0x85EBCA6B & 0xFFFFFFFF
    value = (value ^ value >> 13) * 0xC2B2AE35 & 0xFFFFFFFF
    return (value ^ value >> 16) < QUESTION_SHARE * 2**32


def _judge_handout(entry: Entry, facts: Facts) -> Stored:
    assert entry.campaign_id is not None
    assert entry.material_id is not None
    assert entry.copies is not None
    held = facts.held.get((entry.holder.id, entry.campaign_id, entry.material_id))
    if held is None:
        raise NotHeld("Record the hand-over of this material first; the confirmation is kept and counted then.")
    if not held.campaign_open:
        raise CampaignNotOpen("Handouts are recorded while the campaign is open.")
    day = entry.handed_out_at.astimezone(facts.timezone).date()
    if not held.starts_on <= day <= held.ends_on:
        raise OutsideCampaign(
            f"The campaign runs from {held.starts_on} to {held.ends_on}.", field="handed_out_at", day=day
        )
    if entry.channel not in held.channels:
        raise ChannelNotForMaterial(f"This material goes out by {', '.join(held.channels)}.", field="channel")
    zone_id = zone_of(entry.zone_id, entry.cell, facts)
    if entry.copies > held.quantity:
        raise NotEnoughStock(
            f"{held.quantity} copies are left on record. If more were handed over, have the hand-over recorded; "
            "the confirmation is kept and counted then.",
            field="copies",
            held=held.quantity,
        )
    held.quantity -= entry.copies
    return Stored(
        id=entry.id, id_day=day_of(entry.id), campaign_id=entry.campaign_id, zone_id=zone_id, cell=entry.cell,
        outlet_id=entry.holder.outlet_id, holder_id=entry.holder.id, holder_kind=entry.holder.kind,
        material_id=entry.material_id, channel=entry.channel, copies=entry.copies, day=day,
        handed_out_at=entry.handed_out_at, counts=held.counts,
        first_copy_answer=_answer_of(entry),
    )  # fmt: skip


def _answer_of(entry: Entry) -> str | None:
    """The answer, where the question was due: an answer nobody asked for would let the rider choose the sample."""
    assert entry.campaign_id is not None
    due = entry.copies == 1 and carries_question(entry.campaign_id, entry.id)
    return entry.first_copy_answer if due else None


def zone_of(named: UUID | None, cell: int | None, facts: Facts) -> UUID:
    """The zone named, else the zone that owns the cell's centre."""
    if cell is not None and not is_cell(cell):
        raise NotACell("Send an H3 cell of resolution 9, or none and the zone.", field="cell")
    if named is not None:
        if named not in facts.zones:
            raise UnknownZone("There is no such zone in this city.", field="zone_id")
        return named
    if cell is None:
        raise ZoneMissing("Send the cell, or name the zone.", field="zone_id")
    zone_id = facts.zone_of_cell.get(cell)
    if zone_id is None:
        raise OutsideZones("The cell lies in no zone of the city; name the zone if it was on its border.", field="cell")
    return zone_id


def _judge_correction(entry: Entry, facts: Facts) -> Stored:
    assert entry.corrects_id is not None
    original = facts.stored.get(entry.corrects_id)
    if original is None or original.corrects_id is not None or original.holder_id != entry.holder.id:
        raise UnknownHandout(
            "There is no such handout of yours yet; it is corrected when it arrives.", field="corrects_id"
        )
    left = original.copies - facts.corrected.get(original.id, 0)
    copies = left if entry.copies is None else entry.copies
    if copies > left or left == 0:
        raise NothingToCorrect(f"{left} copies of this handout are left to take back.", field="copies", left=left)
    held = facts.held.get((original.holder_id, original.campaign_id, original.material_id))
    if held is not None:
        held.quantity += copies
    facts.corrected[original.id] = facts.corrected.get(original.id, 0) + copies
    return Stored(
        id=entry.id, id_day=day_of(entry.id), campaign_id=original.campaign_id, zone_id=original.zone_id,
        cell=original.cell, outlet_id=original.outlet_id, holder_id=original.holder_id,
        holder_kind=original.holder_kind, material_id=original.material_id, channel=original.channel,
        copies=-copies, day=original.day,
        handed_out_at=entry.handed_out_at, counts=original.counts, corrects_id=original.id, reason=entry.reason,
        # The question is asked on single copies only, so that a correction always takes the whole answer back.
        first_copy_answer=original.first_copy_answer,
    )  # fmt: skip


def invalid_record(message: str, errors: Iterable[dict[str, str]]) -> Problem:
    """The problem of a record that does not fit its schema."""
    return InvalidRequest(f"This record does not fit its schema: {message}", errors=list(errors))
