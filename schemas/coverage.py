"""Figures of a campaign: how much was handed out where, how many households that reached, and as of when.

Shares are fractions (0.46 is 46 %). `as_of` is the cut-off: nothing learnt later is in the figure. A figure that does
not apply is null, never 0 or 1: a zone without registered households has no coverage. Figures that are not the
caller's to see are null as well; `scope` says whose figures these are.
"""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

from schemas.common import Channel, Datum, MaterialKind, Outline, PartnerKind
from schemas.reach import ReachFigure, VerifiedReach

FigureScope = Literal["city", "district", "own"]
"""city: all zones; district: the zones of the caller's division; own: only copies the caller's outlets handed out."""


class PlanFigure(Struct, frozen=True, kw_only=True):
    """Copies handed out against the plan's curve at the end of the cut-off day."""

    planned_total: int
    """Copies of the whole plan: approved allocations, or what was ordered while there are none."""
    planned: float
    """Copies the curve asks for by the cut-off day."""
    handed_out: int
    ratio: float | None
    """handed_out ÷ planned; null before the plan begins."""


class CoverageSummary(Struct, frozen=True, kw_only=True):
    """The campaign in one view."""

    as_of: datetime
    scope: FigureScope
    households: int | None
    """Registered households of the zones in scope; null where none is known, or for a firm."""
    population: int | None
    handed_out: int
    """Copies, corrections subtracted."""
    handed_out_with_households: int | None
    """Of these, copies in zones whose households are known: the numerator of `reported`."""
    issued: int | None
    """Copies that left the depots less those brought back; null for a district, whose stock is the city's."""
    distribution_rate: float | None
    """handed_out ÷ issued."""
    copies_per_household: float | None
    reported: float | None
    """handed_out_with_households ÷ households; may pass 1 and is never called coverage alone."""
    reach: ReachFigure | None
    """Household-weighted over the zones."""
    estimated_at: datetime | None
    """When `reach` was computed from the evidence; null where it was not kept (past day, one material)."""
    verified_reach: VerifiedReach | None
    """Null where no check is closed, for one material, and for a firm."""
    verified_rounds: list[VerifiedReach]
    """The same as of each day on which checks were closed, oldest first: at most twelve, the last is
    `verified_reach`."""
    first_copy_asked: int | None
    """First-copy questions answered yes or no; null outside the present and for a firm."""
    first_copy_unknown_share: float | None
    """Answers "don't know" ÷ all answers: they are left out of the estimate."""
    target_reach: float
    due_reach: float
    """What the plan's curve makes due by the cut-off day: target × the share of the plan; 0 before the campaign."""
    saturation: float | None
    """Zones whose median reach meets the target ÷ zones with households."""
    in_person_share: float | None
    plan_vs_actual: PlanFigure | None
    stock_on_hand: int | None
    """Copies in depots, in transit, with outlets and with riders."""
    days_left: float | None
    """stock_on_hand ÷ mean daily handouts of the last seven whole days; null when nothing went out in them."""
    zones: int
    zones_with_households: int | None
    gaps: int | None
    """Zones that are gaps, see ZoneCoverage.standing; null where no zone has households."""
    undecided: int | None
    """Zones of which nobody can say whether they are gaps."""


Standing = Literal["gap", "undecided", "on_course", "not_due"]
"""Where a zone stands against what the plan's curve makes due by the cut-off day. gap: behind it with a probability of
80 % or more; on_course: at or over it with as much; undecided: neither; not_due: nothing is due there yet."""


class ZoneCoverage(Struct, frozen=True, kw_only=True):
    """One zone with all its figures."""

    zone_id: UUID
    code: str
    name: str
    division_code: str
    as_of: datetime
    households: int | None
    handed_out: int
    copies_per_household: float | None
    reported: float | None
    """handed_out ÷ households; may pass 1."""
    reach: ReachFigure | None
    meets_target: float | None
    """Probability that the reach is at or over the target."""
    estimated_at: datetime | None
    """When `reach` was computed from the evidence; copies recorded since are not in it. Null: see the summary."""
    verified_reach: VerifiedReach | None
    first_copy_asked: int | None
    first_copy_unknown_share: float | None
    in_person_share: float | None
    planned: int | None
    """Copies of approved allocation lines: all, or the caller's firm's; null for an outlet."""
    planned_to_date: float | None
    """planned × the share the campaign's curve asks for by the end of the cut-off day."""
    plan_ratio: float | None
    """handed_out ÷ planned_to_date; null before the plan begins and where nothing is planned."""
    due_reach: float | None
    """What the plan's curve makes due here by the cut-off day; 0 before the first wave that takes the zone in."""
    meets_due: float | None
    """Probability that the reach is at or over what is due."""
    standing: Standing | None
    gap: bool | None
    """Whether `standing` is gap."""
    shade: int | None
    """Colour class by the lower bound of reach: 1 under 20 %, 2 under 40 %, 3 under 60 %, 4 under 80 %, 5 from 80 %;
    0 (grey): under 50 households or 10 copies, too few to say. Null for a firm, which has no reach."""
    uncertain: bool | None
    """Whether the interval is wider than 25 points, which a map hatches; null for a firm."""
    risk_weight: float | None
    """Incidents against what chance would give, drawn towards 1 where counts are small; planners only."""


class ZoneCoverages(Struct, frozen=True, kw_only=True):
    """Zones by code."""

    as_of: datetime
    scope: FigureScope
    target_reach: float
    shade_edges: list[float]
    """Lower bounds of the map's classes 2 to 5, by the lower bound of reach: what a legend says of `shade`."""
    material: str | None
    """Code of the one material counted; null: every material that counts for reach."""
    zones: list[ZoneCoverage]


class CellCoverages(Struct, frozen=True, kw_only=True):
    """Map cells as columns of equal length, ascending by cell. For looking; the numbers belong to zones."""

    as_of: datetime
    resolution: int
    """H3 resolution."""
    total: int
    """Cells there are; more than listed when the limit cut them off."""
    cells: list[str]
    """H3 index as fifteen hexadecimal digits, in the city's datum."""
    households: list[int]
    copies: list[int]
    in_person: list[int] | None
    """In-person copies; null for a past day, which keeps copies only."""
    reported: list[float | None]
    reach_low: list[float | None]


class PartnerCoverage(Struct, frozen=True, kw_only=True):
    """What one partner undertook, collected and handed out. Firms, never riders."""

    as_of: datetime
    partner_id: UUID
    code: str
    name: str
    kind: PartnerKind
    copies: int
    in_person_share: float | None
    zones: int
    """Zones in which copies were handed out."""
    outlets: int
    """Outlets that handed out."""
    planned: int | None
    """Copies of approved allocation lines that name the partner; null where none does."""
    claimed: int
    """Copies of the claims it holds, and of those that ended what it had collected."""
    collected: int
    """Copies on its waybills, cancelled ones left out."""


class MaterialCoverage(Struct, frozen=True, kw_only=True):
    """One material."""

    as_of: datetime
    code: str
    name: str
    kind: MaterialKind
    counts_for_reach: bool
    ordered: int | None
    """Copies of the print runs as ordered; null outside the city's own view."""
    printed: int | None
    """Copies received from the printer, as the ledger has them; null outside the city's own view."""
    issued: int | None
    handed_out: int
    activities: int | None
    """Copies used in activities (stands, postings, letters), which nobody hands out singly; null outside the city's own
    view."""
    distribution_rate: float | None
    in_person_share: float | None


class ChannelCoverage(Struct, frozen=True, kw_only=True):
    """One way of handing out."""

    as_of: datetime
    channel: Channel
    copies: int
    share: float | None
    """copies ÷ copies by all channels."""


class DayCoverage(Struct, frozen=True, kw_only=True):
    """One local day of the city."""

    day: date
    as_of: datetime
    handed_out: int | None
    """Copies handed out on this day; null for days after the cut-off."""
    cumulative: int | None
    planned: float | None
    """Copies the plan's curve asks for by the end of this day."""


class WaveCoverage(Struct, frozen=True, kw_only=True):
    """One wave of the campaign."""

    as_of: datetime
    number: int
    name: str
    starts_on: date
    ends_on: date
    planned_share: float
    """Share of the campaign's copies to be handed out by the end of the wave."""
    planned: float | None
    """The same in copies."""
    handed_out: int
    """Copies handed out during the wave, in its zones where it is confined to some."""
    cumulative: int
    """Copies handed out anywhere by the end of the wave or the cut-off."""


class Gap(Struct, frozen=True, kw_only=True):
    """A zone that is behind what is due by the cut-off day, the most worthwhile first."""

    as_of: datetime
    rank: int
    zone_id: UUID
    code: str
    name: str
    division_code: str
    households: int
    handed_out: int
    reach: ReachFigure
    estimated_at: datetime | None
    due_reach: float
    meets_due: float
    meets_target: float
    missing_households: float
    """households × (what is due − median reach)."""
    missing_to_target: float
    """households × (target − median reach)."""
    risk_weight: float
    """Incidents against what chance would give, drawn towards 1 where counts are small."""
    priority: float
    """risk_weight × missing_households: what the list is ordered by."""


class ZonePartner(Struct, frozen=True, kw_only=True):
    """What one firm's outlets handed out in a zone."""

    partner_id: UUID
    code: str
    name: str
    kind: PartnerKind
    copies: int
    share: float | None
    """copies ÷ copies handed out in the zone."""
    in_person_share: float | None
    outlets: int


class ZoneSheet(Struct, frozen=True, kw_only=True):
    """All there is to say of one zone: the figures of its row and what they are made of, for the same cut-off."""

    as_of: datetime
    scope: FigureScope
    target_reach: float
    zone: ZoneCoverage
    verified_rounds: list[VerifiedReach]
    """The zone's closed spot checks, oldest first; the last is `zone.verified_reach`."""
    days: list[DayCoverage]
    """Day by day as for the campaign, with the zone's own plan."""
    materials: list[MaterialCoverage]
    """Every material of the campaign, by code, with the copies handed out here; what was printed and issued is not
    divided by zone and null."""
    channels: list[ChannelCoverage]
    partners: list[ZonePartner] | None
    """Firms that handed out here, the most first; planners only."""


class AreaHistory(Struct, frozen=True, kw_only=True):
    """All zones in scope together, one value a day."""

    handed_out: list[int]
    reported: list[int | None]
    median: list[int | None]
    low: list[int | None]
    high: list[int | None]
    gaps: list[int]
    undecided: list[int]
    due_reach: list[float]


class CoverageHistory(Struct, frozen=True, kw_only=True):
    """Past days in columns, so that a time slider need not ask for each: what `as_of` answers for these days.

    Shares are whole per cents here, as they are shown. Each entry of a zone's column is a list along `days`.
    """

    as_of: datetime
    scope: FigureScope
    target_reach: float
    days: list[date]
    """From the first day of the campaign to yesterday or its last day; empty before."""
    area: AreaHistory
    zones: list[str]
    """Codes, ascending; the order of the columns below."""
    handed_out: list[list[int]]
    reported: list[list[int | None]]
    median: list[list[int | None]]
    low: list[list[int | None]]
    high: list[list[int | None]]
    shade: list[list[int]]
    uncertain: list[list[int]]
    """1: the interval is wider than 25 points."""
    gap: list[list[int]]
    """1: a gap."""
    undecided: list[list[int]]
    """1: nobody can say whether it is one."""
    plan_ratio: list[list[int | None]]


class CoverageChanged(Struct, frozen=True, kw_only=True):
    """Sent on the event stream. An opaque version: fetch again when it differs from the last one seen."""

    version: str


class GeoFeature(Struct, frozen=True, kw_only=True, tag="Feature", tag_field="type"):
    """A zone's boundary with its figures, GeoJSON."""

    id: str
    """The zone's code."""
    geometry: Outline
    properties: ZoneCoverage


class GeoFeatures(Struct, frozen=True, kw_only=True, tag="FeatureCollection", tag_field="type"):
    """Zones as GeoJSON. Coordinates are in `datum`, longitude first: not WGS-84 unless it says so."""

    datum: Datum
    as_of: datetime
    features: list[GeoFeature]
