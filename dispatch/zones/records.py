"""A city and its zones as they are kept, and what an import makes of them."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

import msgspec

from dispatch.geo.datum import Datum

IncidentKey = tuple[UUID, date, str]
"""Zone, first day of the month, scam type."""
CellOwners = Mapping[int, tuple[UUID, int]]
"""Every map cell with its zone and its part of the zone's households: tuples, for a city has 300,000 of them."""


class CityRecord(msgspec.Struct, frozen=True):
    """A city as it was made. Its datum never changes."""

    code: str
    name: str
    datum: Datum
    demonstration: bool


class ZoneRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A zone as it is kept; the boundary is WKB in the city's datum."""

    zone_id: UUID
    code: str
    name: str
    kind: str = "other"
    division_code: str = ""
    police_station: str = ""
    households: int | None = None
    population: int | None = None
    households_source: str = ""
    households_as_of: date | None = None
    priority_groups: dict[str, float] = msgspec.field(default_factory=dict[str, float])
    boundary: bytes
    area_square_metres: float


class ZoneChanges(msgspec.Struct, frozen=True):
    """What an import does to the zones. `everything`: all zones of the city as they are afterwards."""

    created: list[ZoneRecord]
    changed: list[ZoneRecord]
    unchanged: int
    everything: list[ZoneRecord]


class CellChanges(msgspec.Struct, frozen=True):
    """What must be written so that map cells have the zones and households they should have."""

    gone: list[int]
    """Cells that belong to no zone any more."""
    written: list[tuple[int, UUID, int]]
    """Cell, zone and households where they differ from what is kept, sorted by cell."""


class IncidentChanges(msgspec.Struct, frozen=True):
    """What a table of incident counts does to those that are kept."""

    written: list[tuple[UUID, date, str, int]]
    """Zone, month, scam type and count where the count is new or another one, sorted by key."""
    created: int
    changed: int
    unchanged: int
