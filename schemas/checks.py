"""Spot checks: the plan of a household sample, what was found, and the measured share with its interval.

Counts only. Nobody's name, address or position is asked for: a cluster is a map cell and a way to walk.
"""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from schemas.common import Code, Datum

SpotCheckStatus = Literal["open", "closed"]
Direction = Literal["north", "north_east", "east", "south_east", "south", "south_west", "west", "north_west"]
Asked = Annotated[int, Meta(ge=0, le=1000, description="Households")]


class NewSpotCheck(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A sample of a zone's households to be drawn. Sent again it is the same check."""

    spot_check_id: Annotated[UUID, Meta(description="UUIDv7 made by the client")]
    zone_code: Code
    sample: Annotated[int, Meta(ge=1, le=1000, description="Households to ask")] = 40
    clusters: Annotated[int, Meta(ge=1, le=200, description="Places to ask at")] | None = None
    """Null: one for every five households."""
    seed: Annotated[int, Meta(ge=0, le=2**53 - 1, description="Same seed, same registry: same clusters")]


class NewSpotCheckResult(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the households of one cluster said."""

    result_id: Annotated[UUID, Meta(description="UUIDv7 made by the client")]
    number: Annotated[int, Meta(ge=1, le=200, description="The cluster")]
    asked: Asked
    """Households that answered."""
    have: Asked
    """Of these, that have or had the material."""
    read_and_remembered: Asked | None = None
    """Of those that have it, where somebody read it and remembers; null: not asked."""
    replaces_id: UUID | None = None
    """The result of this cluster that was mistaken; null: the first one."""


class SpotCheckResult(Struct, frozen=True, kw_only=True):
    """The result of a cluster that counts: the last of its corrections."""

    result_id: UUID
    asked: int
    have: int
    read_and_remembered: int | None
    replaces_id: UUID | None
    recorded_at: datetime


class SpotCheckCluster(Struct, frozen=True, kw_only=True):
    """A place to ask at: begin at the centre of the cell and walk."""

    number: int
    cell: str
    """H3 index as fifteen hexadecimal digits, in the city's datum."""
    longitude: float
    latitude: float
    """Centre of the cell, in the check's datum."""
    households: int
    """Registered in the cell when the check was planned."""
    planned: int
    """Households to ask."""
    start_direction: Direction
    first_door: int
    """The first household asked, counted along the walk."""
    door_interval: int
    """Then every one after so many."""
    instruction: str
    """The same in words, for the sheet."""
    result: SpotCheckResult | None


class SampledShare(Struct, frozen=True, kw_only=True):
    """A share of sampled households with its Wilson interval (95 %), widened by the design effect."""

    share: float
    low: float
    high: float
    asked: int
    """Households it rests on."""


class SpotCheckFigures(Struct, frozen=True, kw_only=True):
    """What the sample shows. Intervals and risks are widened by the design effect: neighbours are alike."""

    measured: bool
    """Whether the check is closed and somebody was asked: only then it counts as verified reach."""
    asked: int
    have: int
    verified: SampledShare | None
    """have ÷ asked; null while nobody was asked."""
    corrected: float | None
    """The same corrected for what people misremember (Rogan–Gladen, sensitivity 0.90, specificity 0.98)."""
    effective: SampledShare | None
    """read_and_remembered ÷ asked, of the clusters where it was asked."""
    pass_at: int | None
    """Households that must have it for the zone to pass: the most by which a zone reached exactly at the campaign's
    target still passes in 95 of 100 cases. Null where so few were asked that no mark can tell anything."""
    passes: bool | None
    """Null until the check is measured, and without a mark."""
    good_zone_fails: float | None
    """Risk that a zone reached at the target fails under this rule."""
    poor_zone_passes: float | None
    """Risk that a zone reached at half the target passes under this rule."""
    target_reach: float
    """The campaign's target, which the rule comes from."""
    sample_needed: int
    """Households to ask so that a zone at half the target passes with a risk of 20 % at most; never over 1,000."""


class SpotCheckSummary(Struct, frozen=True, kw_only=True):
    """A spot check without its clusters."""

    spot_check_id: UUID
    campaign_id: UUID
    zone_code: str
    zone_name: str
    division_code: str
    sample: int
    clusters_planned: int
    clusters_answered: int
    seed: int
    status: SpotCheckStatus
    planned_at: datetime
    closed_at: datetime | None
    figures: SpotCheckFigures
    as_of: datetime


class SpotCheck(SpotCheckSummary, frozen=True, kw_only=True):
    """A spot check with its clusters."""

    datum: Datum
    clusters: list[SpotCheckCluster]


class SampleNeeded(Struct, frozen=True, kw_only=True):
    """What a sample for the campaign's target has to be, five households at a place."""

    target_reach: float
    sample: int
    """Households to ask so that a zone at half the target passes with a risk of 20 % at most; 40 to 1,000."""
    pass_at: int | None
    """Households of these that must have it."""
    good_zone_fails: float | None
    poor_zone_passes: float | None


class SpotCheckPage(Struct, frozen=True, kw_only=True):
    """Spot checks, newest first; `next_cursor` is null on the last page."""

    spot_checks: list[SpotCheckSummary]
    needed: SampleNeeded
    next_cursor: str | None
