"""Partners, outlets, riders and depots as they are kept, and what a list makes of them."""

from collections.abc import Sequence
from typing import Generic, Protocol, TypeVar
from uuid import UUID

import msgspec

from schemas.common import PartnerKind


class PartnerRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A partner as it is kept."""

    partner_id: UUID
    code: str
    name: str
    kind: PartnerKind


class OutletRecord(msgspec.Struct, frozen=True, kw_only=True):
    """An outlet as it is kept."""

    outlet_id: UUID
    partner_id: UUID
    code: str
    name: str
    zone_id: UUID | None = None


class ListedRider(msgspec.Struct, frozen=True, kw_only=True):
    """A rider as kept; `pin_digest` is keyed with the outlet, so a PIN is of no use at another outlet."""

    rider_id: UUID
    outlet_id: UUID
    code: str
    name: str
    pin_digest: bytes | None = None


class DepotRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A depot as it is kept."""

    depot_id: UUID
    code: str
    name: str
    address: str = ""


class Coded(Protocol):
    """Anything that is matched by its code."""

    @property
    def code(self) -> str: ...


Record = TypeVar("Record", bound=Coded)
Wanted = TypeVar("Wanted", bound=Coded)
Listed = Sequence[tuple[int, Wanted]]


class ListChanges(msgspec.Struct, Generic[Record], frozen=True):
    """What a list does to the records that are kept."""

    created: list[Record]
    changed: list[Record]
    unchanged: int


class LockedRider(msgspec.Struct, frozen=True, kw_only=True):
    """A rider held by this transaction, with their outlet, firm and city."""

    rider_id: UUID
    code: str
    name: str
    active: bool
    outlet_id: UUID
    outlet_code: str
    outlet_name: str
    partner_name: str
    city_code: str
    city_name: str
    centre_name: str | None
    centre_phone: str | None


class RiderByCode(msgspec.Struct, frozen=True, kw_only=True):
    """The rider who has a code, and whether the caller may know them."""

    rider_id: UUID
    code: str
    name: str
    outlet_id: UUID
    outlet_code: str
    active: bool
    has_pin: bool
    in_scope: bool


class DealtPin(msgspec.Struct, frozen=True):
    """A new PIN of a rider, and the digest of it that is kept."""

    rider_id: UUID
    pin: str
    digest: bytes
