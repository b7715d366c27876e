"""Partners, their outlets and riders, and the depots: what is imported, and what each role sees of it."""

from uuid import UUID

from msgspec import Struct

from schemas.common import PartnerKind


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
