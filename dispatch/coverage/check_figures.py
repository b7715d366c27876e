"""What spot checks measured, once for every screen and file: of a zone its last round, of an area its zones' last
rounds, each next to what the copies said on the same day.

Formulas: dispatch/reach/README.md, sections "Verified reach" and "Verified reach of an area".
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import cached_property
from typing import Final
from uuid import UUID

import numpy as np
from msgspec import Struct, structs

from dispatch.coverage.estimates import StoredArea, StoredReach
from dispatch.coverage.shown_reach import ZoneTallies, copies_figure
from dispatch.reach.clusters import ClusterAnswer, PassRule, area_share, correlation, pass_rule, sample_share
from dispatch.reach.copies_alone import AreaFigure, estimate, estimate_area
from dispatch.reach.spot_checks import unforgotten
from schemas.reach import Contradiction, ReachFigure, VerifiedReach

# Rounds older than this before an area's last one say little about its day, because copies keep going out.
COUNTED_WITHIN: Final = timedelta(days=14)
LIKELY: Final = 0.8
"""From this probability on the estimate takes a side."""
MOST_ROUNDS: Final = 12
"""Days of an area's rounds that its series shows, the newest."""


class Round(Struct, frozen=True, kw_only=True):
    """One closed spot check: households asked and having it, by cluster."""

    spot_check_id: UUID
    zone_id: UUID
    closed_at: datetime
    asked: list[int]
    have: list[int]
    in_scope: bool = True

    @property
    def clusters(self) -> list[ClusterAnswer]:
        """The same as pairs."""
        return [ClusterAnswer(have, asked) for have, asked in zip(self.have, self.asked, strict=True)]


class Checks(Struct, frozen=True, kw_only=True, dict=True):
    """All closed checks of a campaign by a cut-off, in the order of closing, and what is known of their days.

    `copies`: by zone and local day, as they were known by its end.
    """

    rounds: Sequence[Round]
    timezone: tzinfo
    copies: dict[tuple[UUID, date], int] = {}

    @cached_property
    def rho(self) -> float:
        """How alike the households of one cluster are."""
        return correlation([check.clusters for check in self.rounds])

    @property
    def in_scope(self) -> list[Round]:
        """Those of the caller's zones."""
        return [check for check in self.rounds if check.in_scope]

    def day_of(self, check: Round) -> date:
        """The local day a check was closed on."""
        return check.closed_at.astimezone(self.timezone).date()

    def last_rounds(self, until: date | None = None) -> dict[UUID, Round]:
        """The last round of each zone in scope, closed on this day at the latest."""
        return {check.zone_id: check for check in self.in_scope if until is None or self.day_of(check) <= until}


class Findings(Struct, frozen=True, kw_only=True):
    """What is known apart from the counts, by zone id. Nothing: reach is estimated from the copies alone."""

    stored: dict[UUID, StoredReach] = {}
    area: StoredArea | None = None
    checks: Checks = Checks(rounds=(), timezone=UTC)


NO_FINDINGS: Final = Findings()


def last_rounds(rounds: Iterable[Round], after: datetime) -> dict[UUID, Round]:
    """The last round of each zone, of those closed after an instant; rounds come in the order of closing."""
    return {check.zone_id: check for check in rounds if check.closed_at > after}


def zone_rounds(
    checks: Checks, zone: ZoneTallies, target: float, meets_target: float | None = None
) -> list[VerifiedReach]:
    """The zone's rounds, oldest first, each with the estimate of its own day.

    `meets_target`: what the estimate of the cut-off says of the target, which the last round is compared with.
    """
    own = [check for check in checks.in_scope if check.zone_id == zone.zone_id]
    figures = [_zone_round(checks, check, zone, target) for check in own]
    return [*figures[:-1], *(_against_now(figure, meets_target) for figure in figures[-1:])]


def _zone_round(checks: Checks, check: Round, zone: ZoneTallies, target: float) -> VerifiedReach:
    measured = sample_share(check.clusters, checks.rho)
    assert measured is not None, "a round is a check in which somebody was asked"
    rule = pass_rule(check.asked, checks.rho, target)
    expected = _estimate_of([zone], checks, [checks.day_of(check)])
    return VerifiedReach(
        share=measured.share,
        low=measured.low,
        high=measured.high,
        asked=sum(check.asked),
        have=sum(check.have),
        zones=1,
        checked_at=check.closed_at.astimezone(checks.timezone),
        checked_since=check.closed_at.astimezone(checks.timezone),
        covers=1.0,
        design_effect=measured.design_effect,
        estimate=expected,
        contradiction=contradiction(measured.low, measured.high, expected),
        spot_check_id=check.spot_check_id,
        passes=passes(rule, sum(check.have)),
    )


def passes(rule: PassRule | None, have: int) -> bool | None:
    """Whether the zone passes; None where the sample was too small for any rule."""
    return None if rule is None else have >= rule.pass_at


def contradiction(low: float, high: float, expected: ReachFigure | None) -> Contradiction | None:
    """How the measured interval and the estimate of the same zones and day differ; None where they meet."""
    if expected is None or (low <= expected.high and expected.low <= high):
        return None
    # Not everybody who got one remembers it: answers are expected to lie somewhat below a high reach.
    if unforgotten(low) <= expected.high and expected.low <= unforgotten(high):
        return "memory"
    return "measured_more" if low > expected.high else "measured_less"


def _against_now(measured: VerifiedReach, meets_target: float | None) -> VerifiedReach:
    """The last round with what it and the present estimate say of the target, where they say opposite things."""
    if measured.contradiction is not None or measured.passes is None or meets_target is None:
        return measured
    if measured.passes is False and meets_target >= LIKELY:
        return structs.replace(measured, contradiction="failed_before")
    if measured.passes and 1.0 - meets_target >= LIKELY:
        return structs.replace(measured, contradiction="passed_small_sample")
    return measured


def area_rounds(checks: Checks, zones: Sequence[ZoneTallies]) -> list[VerifiedReach]:
    """What was measured of all these zones together, as of each day on which a round was closed, oldest first."""
    homes = [zone for zone in zones if zone.households]
    known = {zone.zone_id for zone in homes}
    days = sorted({checks.day_of(check) for check in checks.in_scope if check.zone_id in known})[-MOST_ROUNDS:]
    return [figure for day in days if (figure := _area_round(checks, homes, day)) is not None]


def _area_round(checks: Checks, zones: Sequence[ZoneTallies], day: date) -> VerifiedReach | None:
    last = checks.last_rounds(day)
    counted = {
        place: check
        for place, check in ((place, last.get(zone.zone_id)) for place, zone in enumerate(zones))
        if check is not None and day - checks.day_of(check) <= COUNTED_WITHIN
    }
    copies = np.array([checks.copies.get((zone.zone_id, day), 0) for zone in zones], dtype=np.float64)
    households = [float(zone.households or 0) for zone in zones]
    estimated = estimate(copies, households).median
    # Of an earlier round only the difference to its own day's estimate is carried to this day.
    strata = [(zone.kind, third) for zone, third in zip(zones, thirds(estimated.tolist()), strict=True)]
    found = area_share(
        households, strata, estimated.tolist(), {place: check.clusters for place, check in counted.items()}, checks.rho,
        [_expected_then(checks, zones[place], counted.get(place), float(estimated[place]))
         for place in range(len(zones))],
    )  # fmt: skip
    if found is None:
        return None
    spoken_for = {strata[place] for place in counted}
    inside = [zone for zone, stratum in zip(zones, strata, strict=True) if stratum in spoken_for]
    expected = _estimate_of(inside, checks, [day] * len(inside))
    return VerifiedReach(
        share=found.share,
        low=found.low,
        high=found.high,
        asked=sum(sum(check.asked) for check in counted.values()),
        have=sum(sum(check.have) for check in counted.values()),
        zones=len(counted),
        checked_at=max(check.closed_at for check in counted.values()).astimezone(checks.timezone),
        checked_since=min(check.closed_at for check in counted.values()).astimezone(checks.timezone),
        covers=found.covers,
        design_effect=None,
        estimate=expected,
        contradiction=contradiction(found.low, found.high, expected),
        spot_check_id=None,
        passes=None,
    )


def _expected_then(checks: Checks, zone: ZoneTallies, check: Round | None, now: float) -> float:
    if check is None:
        return now
    return float(
        estimate([checks.copies.get((zone.zone_id, checks.day_of(check)), 0)], [zone.households or 0]).median[0]
    )


def thirds(values: Sequence[float]) -> list[int]:
    """Which third of the values each lies in, 0 to 2, by rank; equal values come in their own order."""
    ranked = sorted(range(len(values)), key=lambda place: values[place])
    found = [0] * len(values)
    for rank, place in enumerate(ranked):
        found[place] = 3 * rank // len(values)
    return found


def _estimate_of(zones: Sequence[ZoneTallies], checks: Checks, days: Sequence[date]) -> ReachFigure | None:
    """What the copies known by the end of these days said of these zones together; None without households."""
    copies = [checks.copies.get((zone.zone_id, day), 0) for zone, day in zip(zones, days, strict=True)]
    households = [zone.households or 0 for zone in zones]
    if len(zones) == 1 and households[0]:
        alone = estimate(copies, households)
        return copies_figure(AreaFigure(float(alone.median[0]), float(alone.low[0]), float(alone.high[0])))
    together = estimate_area(copies, households)
    return together and copies_figure(together)
