"""What each figure means, once: ratios, zone rows, the city's summary, gaps, map classes.

Formulas: dispatch/reach/README.md, sections "Figures from counts" and "Gaps and the map".
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any, Final
from uuid import UUID

import numpy as np
from msgspec import Struct, structs
from numpy.typing import NDArray

from dispatch.coverage.check_figures import NO_FINDINGS, Findings, area_rounds, zone_rounds
from dispatch.coverage.gaps import standing_of
from dispatch.coverage.shown_reach import ShownReach, ZoneTallies, shown_area_reach, shown_reach
from dispatch.reach.checked import Floats
from dispatch.reach.due import reaches
from dispatch.reach.risk_weights import shrunk_risk_weights
from schemas.common import Channel, MaterialKind, PartnerKind
from schemas.coverage import (
    ChannelCoverage,
    CoverageSummary,
    FigureScope,
    MaterialCoverage,
    PartnerCoverage,
    PlanFigure,
    Standing,
    VerifiedReach,
    ZoneCoverage,
)

RECENT_DAYS: Final = 7
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# Under these a cell says nothing about its households; wider than this an interval is hatched.
FEWEST_HOUSEHOLDS: Final = 50
FEWEST_COPIES: Final = 10
WIDE_INTERVAL: Final = 0.25
GREY: Final = 0


class CutOff(Struct, frozen=True, kw_only=True):
    """Until when something must have been learnt to be in a figure."""

    as_of: datetime
    """The instant, in the city's time zone; the last of the day for a past day."""
    known_on: date | None
    """A past day's figures come from what was known by its end; None: now."""
    day: date
    """The cut-off's local day."""

    @property
    def last_whole_day(self) -> date:
        """The last local day that is over by the cut-off."""
        return self.day if self.known_on else self.day - timedelta(days=1)


class Due(Struct, frozen=True, kw_only=True):
    """What the plan's curve makes due by the cut-off."""

    plan_share: float = 1.0
    """Share of the plan's copies."""
    reach: float | None = None
    """Reach of the campaign: target × plan_share; None: the target itself."""
    zones: dict[UUID, float] = {}
    """Reach of each zone; a zone that is not named is due what the campaign is."""


EVERYTHING_DUE: Final = Due()


class StockTotals(Struct, frozen=True, kw_only=True):
    """Copies ordered, received from the printer (`printed`), issued from depots and moved into hands (handouts not yet
    subtracted). None: not divisible."""

    ordered: int | None
    printed: int | None
    issued: int | None
    moved_in: int | None


NOT_DIVIDED: Final[dict[str, Any]] = dict.fromkeys(("ordered", "printed", "issued", "moved_in", "activities"))
"""The copies of a material where they are not divided: of a district, of a zone."""


class MaterialStock(StockTotals, frozen=True, kw_only=True):
    """One material of the campaign and its copies."""

    material_id: UUID
    code: str
    name: str
    kind: MaterialKind
    counts_for_reach: bool
    activities: int | None


class Mix(Struct, frozen=True, kw_only=True):
    """Copies of one material handed out in one way."""

    material_id: UUID
    channel: Channel
    copies: int


class PartnerCounts(Struct, frozen=True, kw_only=True):
    """One partner's counts as read."""

    partner_id: UUID
    code: str
    name: str
    kind: PartnerKind
    copies: int
    in_person: int
    zones: int
    outlets: int
    planned: int | None
    claimed: int
    collected: int


def cut_off(now: datetime, timezone: tzinfo, as_of: date | None) -> CutOff:
    """The cut-off for an asked day, which is the present when it is today, later or not given."""
    local = now.astimezone(timezone)
    if as_of is None or as_of >= local.date():
        return CutOff(as_of=local, known_on=None, day=local.date())
    return CutOff(as_of=datetime.combine(as_of, time.max, tzinfo=timezone), known_on=as_of, day=as_of)


def scope_of(partner_id: UUID | None, division_code: str | None) -> FigureScope:
    """Whose figures a caller of this firm, or of this district, sees."""
    if partner_id is not None:
        return "own"
    return "city" if division_code is None else "district"


def shows_estimates(scope: FigureScope, material: str | None, cut: CutOff) -> bool:
    """Whether reach comes from the stored estimates: now, of all that counts, and not for a firm, which sees none."""
    return scope != "own" and material is None and cut.known_on is None


def ratio(part: float | None, whole: float | None) -> float | None:
    """part ÷ whole; None ("not applicable") when either is unknown or the whole is nothing."""
    return part / whole if part is not None and whole is not None and whole > 0 else None


def zone_figures(
    zones: Sequence[ZoneTallies], target: float, as_of: datetime, scope: FigureScope, findings: Findings = NO_FINDINGS,
    *, due: Due = EVERYTHING_DUE, weights: Mapping[UUID, float] | None = None,
) -> list[ZoneCoverage]:  # fmt: skip
    """All figures of every zone. For a firm (`own`) everything that divides by households is None.

    `due`: what the campaign's curve asks for by the cut-off; `weights`: risk weights, where the caller may see them.
    """
    if scope == "own":
        return [_zone_figure(zone, None, as_of, [], due.plan_share) for zone in zones]
    shown = shown_reach(zones, target, findings.stored)
    shades, wide = _looks(zones, shown, target)
    return [
        structs.replace(
            _zone_figure(zone, reach, as_of, _rounds(findings, zone, target, reach), due.plan_share),
            **_due_figures(reach, due.zones.get(zone.zone_id, target if due.reach is None else due.reach)),
            shade=int(shades[place]),
            uncertain=bool(wide[place]),
            risk_weight=None if weights is None else weights.get(zone.zone_id),
        )
        for place, (zone, reach) in enumerate(zip(zones, shown, strict=True))
    ]


def _rounds(findings: Findings, zone: ZoneTallies, target: float, shown: ShownReach | None) -> list[VerifiedReach]:
    return zone_rounds(findings.checks, zone, target, shown and shown.meets_target)


def _due_figures(shown: ShownReach | None, due_reach: float) -> dict[str, Any]:
    """What is due in a zone, and where it stands; nothing where reach does not apply."""
    if shown is None:
        return {}
    figure = shown.figure
    meets_due = float(reaches(figure.low, figure.median, figure.high, due_reach))
    standing = standing_of(due_reach, meets_due)
    return {"due_reach": due_reach, "meets_due": meets_due, "standing": standing, "gap": standing == "gap"}


def _looks(
    zones: Sequence[ZoneTallies], shown: Sequence[ShownReach | None], target: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """How the zones look on a map: see map_classes."""
    low, high = (
        np.array([getattr(reach.figure, name) if reach else np.nan for reach in shown], dtype=np.float64)
        for name in ("low", "high")
    )
    households = np.array([zone.households or 0 for zone in zones], dtype=np.float64)
    return map_classes(low, high, households, np.array([zone.handed_out for zone in zones], dtype=np.float64), target)


def _zone_figure(
    zone: ZoneTallies, shown: ShownReach | None, as_of: datetime, rounds: Sequence[VerifiedReach], plan_share: float
) -> ZoneCoverage:
    reported = ratio(zone.handed_out, zone.households)
    to_date = None if zone.planned is None else zone.planned * plan_share
    return ZoneCoverage(
        zone_id=zone.zone_id,
        code=zone.code,
        name=zone.name,
        division_code=zone.division_code,
        as_of=as_of,
        households=zone.households,
        handed_out=zone.handed_out,
        copies_per_household=reported,
        reported=reported,
        reach=shown and shown.figure,
        meets_target=shown and shown.meets_target,
        estimated_at=shown and shown.estimated_at,
        verified_reach=rounds[-1] if rounds else None,
        first_copy_asked=zone.first_asked or None,
        first_copy_unknown_share=ratio(zone.first_unknown, zone.first_asked + zone.first_unknown),
        in_person_share=ratio(zone.in_person, zone.handed_out),
        planned=zone.planned,
        planned_to_date=to_date,
        plan_ratio=ratio(zone.handed_out, to_date),
        due_reach=None,
        meets_due=None,
        standing=None,
        gap=None,
        shade=None,
        uncertain=None,
        risk_weight=None,
    )


def summarise(
    zones: Sequence[ZoneTallies],
    *,
    target: float,
    as_of: datetime,
    scope: FigureScope,
    stock: StockTotals,
    recent: int,
    plan: PlanFigure | None,
    findings: Findings = NO_FINDINGS,
    due: Due = EVERYTHING_DUE,
) -> CoverageSummary:
    """The campaign's figures in one view. `recent`: copies of the last seven whole days."""
    homes = [zone for zone in zones if zone.households]
    figures = zone_figures(homes, target, as_of, scope, findings, due=due)
    rounds = area_rounds(findings.checks, homes)
    handed_out = sum(zone.handed_out for zone in zones)
    asked, unknown = (sum(getattr(zone, name) for zone in zones) for name in ("first_asked", "first_unknown"))
    reached = None if scope == "own" else shown_area_reach(homes, findings.area)
    households = sum(zone.households or 0 for zone in homes) or None
    counted = sum(zone.handed_out for zone in homes) if homes else None
    people = [zone.population for zone in zones if zone.population is not None]
    on_hand = None if stock.moved_in is None else stock.moved_in - handed_out
    met = sum(1 for figure in figures if figure.reach is not None and figure.reach.median >= target)
    return CoverageSummary(
        as_of=as_of,
        scope=scope,
        households=households,
        population=sum(people) if people else None,
        handed_out=handed_out,
        handed_out_with_households=counted,
        issued=stock.issued,
        distribution_rate=ratio(handed_out, stock.issued),
        copies_per_household=ratio(counted, households),
        reported=ratio(counted, households),
        reach=reached,
        estimated_at=findings.area and findings.area.estimated_at,
        verified_reach=rounds[-1] if rounds else None,
        verified_rounds=rounds,
        first_copy_asked=asked or None,
        first_copy_unknown_share=ratio(unknown, asked + unknown),
        target_reach=target,
        due_reach=target if due.reach is None else due.reach,
        saturation=ratio(met, len(homes)) if reached else None,
        in_person_share=ratio(sum(zone.in_person for zone in zones), handed_out),
        plan_vs_actual=plan,
        stock_on_hand=on_hand,
        days_left=ratio(on_hand, recent / RECENT_DAYS),
        zones=len(zones),
        zones_with_households=None if scope == "own" else len(homes),
        gaps=_counted(figures, "gap"),
        undecided=_counted(figures, "undecided"),
    )


def _counted(figures: Sequence[ZoneCoverage], standing: Standing) -> int | None:
    """Zones with households that stand there; None where there is none, or none the caller may see."""
    judged = [figure for figure in figures if figure.standing is not None]
    return sum(1 for figure in judged if figure.standing == standing) if judged else None


def material_figure(stock: MaterialStock, mix: Sequence[Mix], as_of: datetime) -> MaterialCoverage:
    """One material's figures out of the campaign's mix."""
    own = [entry for entry in mix if entry.material_id == stock.material_id]
    handed_out = sum(entry.copies for entry in own)
    return MaterialCoverage(
        as_of=as_of,
        code=stock.code,
        name=stock.name,
        kind=stock.kind,
        counts_for_reach=stock.counts_for_reach,
        ordered=stock.ordered,
        printed=stock.printed,
        issued=stock.issued,
        handed_out=handed_out,
        activities=stock.activities,
        distribution_rate=ratio(handed_out, stock.issued),
        in_person_share=ratio(sum(entry.copies for entry in own if entry.channel == "in_person"), handed_out),
    )


def partner_figure(partner: PartnerCounts, as_of: datetime) -> PartnerCoverage:
    """What one partner's outlets handed out."""
    return PartnerCoverage(
        as_of=as_of,
        partner_id=partner.partner_id,
        code=partner.code,
        name=partner.name,
        kind=partner.kind,
        copies=partner.copies,
        in_person_share=ratio(partner.in_person, partner.copies),
        zones=partner.zones,
        outlets=partner.outlets,
        planned=partner.planned,
        claimed=partner.claimed,
        collected=partner.collected,
    )


def channel_figures(mix: Sequence[Mix], counted: Sequence[UUID], as_of: datetime) -> list[ChannelCoverage]:
    """Every way of handing out that was used for the counted materials, the commonest first."""
    copies: dict[Channel, int] = {}
    for entry in mix:
        if entry.material_id in counted:
            copies[entry.channel] = copies.get(entry.channel, 0) + entry.copies
    total = sum(copies.values())
    ordered = sorted(copies.items(), key=lambda item: (-item[1], item[0]))
    return [
        ChannelCoverage(as_of=as_of, channel=channel, copies=number, share=ratio(number, total))
        for channel, number in ordered
    ]


def risk_weights(incidents: Sequence[int], households: Sequence[int]) -> Floats:
    """Risk weight of every zone of the city: incidents against what its share of households would bring by chance."""
    homes = np.array(households, dtype=np.float64)
    counts = np.where(homes > 0.0, np.array(incidents, dtype=np.float64), 0.0)
    total = homes.sum()
    return shrunk_risk_weights(counts, counts.sum() * homes / total if total > 0.0 else homes)


def class_edges(target: float) -> tuple[float, float, float, float]:
    """Lower bounds of the map's classes 2 to 5: a third and two thirds of the target, the target, and half as much
    again or half the way to everybody, whichever is less. Fixed steps would paint a campaign that aims at 12 % in one
    colour; for a target of 60 % these are 20, 40, 60 and 80 %."""
    return target / 3, 2 * target / 3, target, target + min(target, 1 - target) / 2


def map_classes(
    low: Floats, high: Floats, households: Floats, copies: Floats, target: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Colour class by the lower bound (0 grey: too few to say; 1 to 5, see class_edges), and 1 where hatched.

    Args:
        low, high: bounds of reach, shape (n,).
        households, copies: shape (n,); too few of either are grey.
        target: share of households to be reached.
    """
    known = (households >= FEWEST_HOUSEHOLDS) & (copies >= FEWEST_COPIES)
    classes = np.where(known, 1 + np.searchsorted(class_edges(target), low, side="right"), GREY)
    return classes, (known & (high - low > WIDE_INTERVAL)).astype(np.int64)


def per_cent(shares: Floats) -> Floats:
    """Shares as whole per cents; NaN stays NaN."""
    return np.rint(100.0 * shares)
