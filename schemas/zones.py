"""Zones: what a planner imports and what each role sees of the city's ground."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from schemas.common import Datum, Name, Outline, RowError

Phone = Annotated[
    str,
    Meta(pattern=r"^[0-9+][0-9 ()+-]{2,29}$", description="Digits, blanks and + - ( )", examples=["0433-96110"]),
]


class CityContact(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who asks riders for their PIN, as slips and the riders' page say it, and whom they can call. Null: not said."""

    centre_name: Name | None
    centre_phone: Phone | None


class Zone(Struct, frozen=True, kw_only=True):
    """A delivery zone without its boundary. What nobody has said is null, never zero."""

    zone_id: UUID
    code: str
    name: str
    kind: str
    division_code: str
    police_station: str
    households: int | None
    population: int | None
    households_source: str
    households_as_of: date | None
    priority_groups: dict[str, float]
    """Share of the population (0 to 1) by priority group: elderly, students, migrant_workers, …"""
    area_square_kilometres: float
    cells: int
    """Map cells of the zone (H3, resolution 9)."""
    incidents: int | None
    """Fraud cases of all months kept; planners only, null for everybody else."""


class IncidentCount(Struct, frozen=True, kw_only=True):
    """Fraud cases of one month and scam type in a zone."""

    month: date
    """First day of the month."""
    scam_type: str
    incidents: int


class ZoneDetail(Zone, frozen=True, kw_only=True):
    """A zone with its incident counts by month and scam type; null for everybody but planners."""

    incident_counts: list[IncidentCount] | None


class District(Struct, frozen=True, kw_only=True):
    """A district of the city: every zone whose division code begins with `code`."""

    code: str
    """The first six digits of the division codes of its zones."""
    name: str | None
    """Null: no file has named it, and nobody has."""
    zones: int
    households: int | None
    """Of the zones whose households are known; null: of none."""


class DistrictName(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a district is called on every page."""

    name: Name


class ZonePack(Struct, frozen=True, kw_only=True):
    """What a phone keeps to name the zone it is in without signal."""

    zone_id: UUID
    code: str
    name: str
    datum: str
    """The city's datum; a phone converts its own position into it before choosing a cell."""
    cells: list[tuple[str, float, float]]
    """Each cell (hexadecimal H3 index) with longitude and latitude of its centre, in degrees of `datum`."""


class ZoneProperties(Struct, frozen=True, kw_only=True):
    """What a map shows of a zone. What nobody has said is null, never zero."""

    zone_id: UUID
    code: str
    name: str
    kind: str
    division_code: str
    police_station: str
    households: int | None
    population: int | None


class ZoneFeature(Struct, frozen=True, kw_only=True):
    """One zone of the GeoJSON that `GET /api/zones.geojson` answers with; coordinates in the city's datum."""

    id: UUID
    properties: ZoneProperties
    geometry: Outline
    type: str = "Feature"


class ZoneCollection(Struct, frozen=True, kw_only=True):
    """A GeoJSON FeatureCollection. `datum` names the datum of every coordinate in it."""

    features: list[ZoneFeature]
    datum: str
    demonstration: bool
    type: str = "FeatureCollection"


class DatumSuspected(Struct, frozen=True, kw_only=True):
    """Another datum than the declared one puts the file clearly better inside the city's zones."""

    declared: Datum
    likely: Datum
    declared_outside: float
    """Share (0 to 1) of the file's area outside the city's zones, read as declared."""
    likely_outside: float
    shift_metres: float
    """How far the two readings lie apart."""


class OutlinedZone(Struct, frozen=True, kw_only=True):
    """A zone's outline in the city's datum, simplified for the eye."""

    code: str
    name: str
    change: Literal["created", "changed", "unchanged", "there"]
    """What the import would do to the zone; `there`: a zone of the city as it is."""
    geometry: Outline


class ZonesPreview(Struct, frozen=True, kw_only=True):
    """What an import of zones would do. Nothing was written. With errors the counts say what was read."""

    created: int
    changed: int
    unchanged: int
    errors: list[RowError]
    """The first 500 reasons why the file would be refused; empty: it would be taken."""
    error_count: int
    suspected: DatumSuspected | None
    city_datum: Datum
    demonstration: bool
    there: list[OutlinedZone]
    declared: list[OutlinedZone]
    """The file's zones read in the declared datum."""
    likely: list[OutlinedZone]
    """The same read in the suspected datum; empty without suspicion."""
