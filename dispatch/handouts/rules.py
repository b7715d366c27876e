"""What every record is judged by: clock, hand-over, campaign, day, place, and what is left to take back. The rules of
handouts (handout_rules) and of visits without a handout (visit_rules) are built on these.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta, tzinfo
from typing import ClassVar, Literal
from uuid import UUID

from msgspec import Struct

from dispatch.database.ids import day_of, is_version_7
from dispatch.geo.cells import is_cell
from dispatch.problems import Problem
from dispatch.stock.rules import NotEnoughStock


class HandoutChanged(Problem):
    """The id is on record with other content. An id belongs to one confirmation forever."""

    slug, title, status = "handout-changed", "This id was used for another handout", 409


class AnotherRider(Problem):
    """The records belong to another rider than the one signed in. Nothing of the call was taken; the phone keeps
    them."""

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


# A later event can remove these causes, so such records are tried again.
CURABLE = frozenset(
    kind.slug
    for kind in (NotHeld, NotEnoughStock, UnknownHandout, OutsideZones, UnknownZone, CampaignNotOpen, ClockAhead)
)

CLOCK_TOLERANCE = timedelta(minutes=10)
# An id's own time may be off by a slow phone clock or a long silence, not by years.
ID_EARLIEST, ID_LATEST = timedelta(days=500), timedelta(days=2)

HolderKind = Literal["rider", "outlet"]


class CopiesHolder(Struct, frozen=True):
    """Whose copies they were."""

    kind: HolderKind
    id: UUID
    outlet_id: UUID


class Confirmation(Struct, frozen=True, kw_only=True):
    """What happened at doors, ready to be judged: the part that a handout and a visit share."""

    time_field: ClassVar[str] = "handed_out_at"
    """The field of the record that gave `at`."""

    id: UUID
    holder: CopiesHolder
    campaign_id: UUID
    at: datetime
    zone_id: UUID | None = None
    cell: int | None = None


class HandoutEntry(Confirmation, frozen=True, kw_only=True):
    """A handout ready to be judged, whether a phone, an outlet or a partner's system sent it."""

    material_id: UUID
    channel: str
    copies: int
    first_copy_answer: str | None = None


class CorrectionEntry(Struct, frozen=True, kw_only=True):
    """A correction ready to be judged. `copies` None: all that is left of what it corrects."""

    time_field: ClassVar[str] = "corrected_at"

    id: UUID
    holder: CopiesHolder
    corrects_id: UUID
    copies: int | None
    at: datetime
    reason: str


class Stored(Struct, frozen=True, kw_only=True):
    """A handout on record, or the correction of one."""

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
"""CopiesHolder, campaign, material."""


class Facts(Struct, kw_only=True):
    """What the database knows about the records in hand, read under the holders' locks. Judging updates it, so that a
    later record sees what an earlier one took."""

    now: datetime
    timezone: tzinfo
    held: dict[HeldKey, Held]
    stored: dict[UUID, Stored]
    """Handouts and corrections on record under the ids in hand, and the handouts that corrections in hand refer to."""
    corrected: dict[UUID, int]
    """Copies already taken back, by handout."""
    zone_of_cell: Mapping[int, UUID]
    zones: frozenset[UUID]
    withdrawn: Mapping[tuple[UUID, str], datetime]
    """Since when riders withdrew what they had agreed to, by rider and purpose."""

    @property
    def today(self) -> date:
        """The city's day."""
        return self.now.astimezone(self.timezone).date()


class Occasion(Struct, frozen=True):
    """What is known of a confirmation once its campaign, day and place are judged."""

    held: Held
    day: date
    zone_id: UUID


def judge_occasion(entry: Confirmation, held: Held | None, facts: Facts, *, channel: str | None = None) -> Occasion:
    """Judge what a handout and a visit have in common: the clock, the hand-over, the campaign, the day and the place.

    `held`: what was handed over to the holder, None when nothing was. `channel`: how copies went out, None when none
    did. Raises the problem that keeps the record out.
    """
    require_clock(entry, facts.now)
    if held is None:
        raise NotHeld("Have the hand-over to you recorded first.")
    if not held.campaign_open:
        raise CampaignNotOpen("Records are taken while the campaign is open; after its end, corrections only.")
    day = entry.at.astimezone(facts.timezone).date()
    if not held.starts_on <= day <= held.ends_on:
        raise OutsideCampaign(
            f"The campaign runs from {held.starts_on} to {held.ends_on}.", field=entry.time_field, day=day
        )
    if channel is not None and channel not in held.channels:
        raise ChannelNotForMaterial(f"This material goes out by {', '.join(held.channels)}.", field="channel")
    return Occasion(held, day, _zone_of(entry.zone_id, entry.cell, facts))


def require_clock(entry: Confirmation | CorrectionEntry, now: datetime) -> None:
    """Refuse an id that is no UUIDv7 of about now, and a time that lies ahead."""
    if not is_version_7(entry.id):
        raise IdNotVersion7("Make the id a UUIDv7 at the moment of the confirmation.", field="id")
    if not (now - ID_EARLIEST).date() <= day_of(entry.id) <= (now + ID_LATEST).date():
        raise IdNotVersion7("The time inside the id is far from now; set the device's clock.", field="id")
    if entry.at > now + CLOCK_TOLERANCE:
        raise ClockAhead(
            "The time lies in the future; set the device's clock.", field=entry.time_field, server_time=now
        )


def _zone_of(named: UUID | None, cell: int | None, facts: Facts) -> UUID:
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


def require_same(same: bool, identifier: UUID) -> None:
    """Refuse an id that is on record with other content."""
    if not same:
        raise HandoutChanged("This id was used for a record with other content; make a new id.", handout_id=identifier)


def require_own_records(named: UUID | None, rider_id: UUID) -> None:
    """Refuse records that a phone two riders share made for the other one. `named`: whose the phone says they are."""
    if named not in (None, rider_id):
        raise AnotherRider("These records were made by another rider; that rider has to sign in to send them.")


def judge_taking_back(entry: CorrectionEntry, recorded: int, corrected: dict[UUID, int], what: str) -> int:
    """How many of the `recorded` copies or doors the correction takes back; `corrected` is raised by them."""
    left = recorded - corrected.get(entry.corrects_id, 0)
    taken = left if entry.copies is None else entry.copies
    if taken > left or left == 0:
        raise NothingToCorrect(f"{left} {what} are left to take back.", field="copies", left=left)
    corrected[entry.corrects_id] = recorded - left + taken
    return taken
