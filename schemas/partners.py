"""Partners, their outlets and riders, and the depots: what is imported, and what each role sees of it."""

from datetime import date
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from schemas.common import Code, Name, PartnerKind, Symbol


class NewPartner(Struct, frozen=True, kw_only=True):
    """A partner as a file or the demonstration describes it."""

    code: str
    name: str
    kind: PartnerKind


class NewOutlet(Struct, frozen=True, kw_only=True):
    """An outlet of a partner. `partner_code` may be left out where the writer is the partner; no zone: it stays."""

    code: str
    name: str
    partner_code: str | None = None
    zone_code: str | None = None


class NewRider(Struct, frozen=True, kw_only=True):
    """A rider of an outlet. `outlet_code` may be left out where the writer is the outlet; no PIN: it stays."""

    code: str
    name: str
    outlet_code: str | None = None
    pin: str | None = None


class NewDepot(Struct, frozen=True, kw_only=True):
    """A depot that partners collect from. No address: it stays."""

    code: str
    name: str
    address: str | None = None


class Partner(Struct, frozen=True, kw_only=True):
    """A partner of the city."""

    partner_id: UUID
    code: str
    name: str
    kind: PartnerKind
    active: bool


class Outlet(Struct, frozen=True, kw_only=True):
    """An outlet with the number of its active riders."""

    outlet_id: UUID
    code: str
    name: str
    partner_id: UUID
    partner_code: str
    partner_name: str
    zone_id: UUID | None
    zone_code: str | None
    active: bool
    riders: int


class Rider(Struct, frozen=True, kw_only=True):
    """A rider. The name is for the rider's own managers; planners get null."""

    rider_id: UUID
    code: str
    name: str | None
    outlet_id: UUID
    outlet_code: str
    active: bool
    has_pin: bool


class RiderHolding(Struct, frozen=True, kw_only=True):
    """Copies of one material that are in a rider's hands on record."""

    campaign_id: UUID
    material_code: str
    material_name: str
    copies: int


class RiderHoldings(Struct, frozen=True, kw_only=True):
    """What a rider holds, for whoever takes it back when the rider leaves."""

    rider_id: UUID
    last_seen_on: date | None
    """The day on which the phone called last; later taps, if there are any, are still on it. A day, no time: nobody is
    watched."""
    holdings: list[RiderHolding]


class RiderPin(Struct, frozen=True, kw_only=True):
    """A rider's new PIN, for the slip; shown this once."""

    rider_id: UUID
    code: str
    outlet_code: str
    pin: str


class Depot(Struct, frozen=True, kw_only=True):
    """A place where cartons are kept and collected."""

    depot_id: UUID
    code: str
    name: str
    address: str
    active: bool


class RiderForm(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One rider to be added. `outlet_code` may be left out by the outlet's own manager."""

    code: Code
    name: Name
    outlet_code: Code | None = None


class SlipsWanted(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Riders who get a new PIN and a slip with it."""

    rider_ids: Annotated[list[UUID], Meta(min_length=1, max_length=500)]


class RiderSlip(Struct, frozen=True, kw_only=True):
    """What a rider's slip says. The PIN is shown only in this answer and is in no link or symbol."""

    rider_id: UUID
    code: str
    name: str | None
    """For the rider's own managers; null for planners."""
    outlet_code: str
    outlet_name: str
    partner_name: str
    city_code: str
    city_name: str
    centre_name: str | None
    """Who asks for the PIN, and where to call; null: the city has not said."""
    centre_phone: str | None
    pin: str
    address: str
    """This server's page for riders, short enough to be typed where a camera is broken."""
    link: str
    """Where the symbol leads: that page, with the codes of city, outlet and rider."""
    symbol: Symbol


class OutletProgress(Struct, frozen=True, kw_only=True):
    """An outlet in a campaign: what it has and what it has handed out. Outlets are the smallest that is compared."""

    outlet_id: UUID
    code: str
    name: str
    partner_code: str
    zone_code: str | None
    zone_name: str | None
    active: bool
    riders: int
    in_transit: int
    with_outlet: int
    with_riders: int
    sealed_copies: int
    """Of those with the outlet itself, in sealed bundles."""
    handed_out: int
    handed_out_today: int
    handed_out_last_days: int
    """In the seven days before today."""
    days_left: float | None
    """Stock with the outlet and its riders ÷ mean daily handouts of those seven days; null when there were none."""
    capacity_this_week: int


class OutletsProgress(Struct, frozen=True, kw_only=True):
    """The outlets of the caller's scope in a campaign, by code."""

    day: date
    outlets: list[OutletProgress]
