"""Reach: how many households hold a copy, as it is estimated and as it was measured."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct


class ReachFigure(Struct, frozen=True, kw_only=True):
    """Estimated share of households holding at least one copy.

    Now, and of all materials that count, it rests on all the evidence and is kept until the evidence changes. Of a past
    day or of one material only the copies are known: level C, computed at the read.
    """

    median: float
    low: float
    """2.5 % quantile: what the map is coloured by."""
    high: float
    """97.5 % quantile."""
    level: Literal["A", "B", "C"]
    """Evidence: A first-copy question and spot check, B one of them, C copies alone."""
    sources_disagree: bool
    """The question and the spot check contradict each other: show both next to the figure, which uses neither."""
    first_copy: float | None
    """Reach by the first-copy question alone; null where nobody was asked."""
    spot_check: float | None
    """Reach by spot checks alone, corrected for what people misremember; null where there is none."""


Contradiction = Literal["measured_more", "measured_less", "memory", "failed_before", "passed_small_sample"]
"""Why a check and the estimate seem to say different things. measured_more, measured_less: their intervals of the same
day do not meet; memory: they do not, but would if everybody remembered; failed_before: the check failed the zone, and
the estimate now says that it meets the target; passed_small_sample: the check passed a zone that the estimate says
misses the target."""


class VerifiedReach(Struct, frozen=True, kw_only=True):
    """Measured by closed spot checks: of a zone its last round, of several zones the last round of each.

    Of a zone: households that have it ÷ asked, with Wilson's interval (95 %) widened by the design effect of asking in
    clusters. Of several zones: what the checked ones differ by from the estimate is carried to those like them
    (post-stratified by kind and third of estimated reach), and `covers` says of how many households that speaks.
    """

    share: float
    low: float
    high: float
    asked: int
    have: int
    zones: int
    """Zones whose last round is in it."""
    checked_at: datetime
    """When the last of the checks was closed; what was handed out since is not in it."""
    checked_since: datetime
    """When the first of them was closed: at most 14 days before the last."""
    covers: float
    """Share of the registered households in scope that it speaks for; 1 for a zone."""
    design_effect: float | None
    """By how much asking neighbours widened the variance; null for several zones."""
    estimate: ReachFigure | None
    """What the copies known by the end of the last check's day said of the same zones; null without households."""
    contradiction: Contradiction | None
    """Null: check and estimate agree."""
    spot_check_id: UUID | None
    """The check of a zone's round; null for several zones."""
    passes: bool | None
    """Whether the zone passes by the rule of the campaign's target; null for several zones and for a sample too small
    to tell."""
