"""How households are drawn, which results fit, and what they say.

Drawn in two steps: cells of the zone with probability proportional to their registered households (systematic, in the
order of H3, which spreads the sample over the zone), then so many households along a walk inside each cell. Formulas:
dispatch/reach/README.md, sections "Drawing households", "Verified reach" and "Pass rule of a zone".
"""

from collections.abc import Sequence
from typing import Final, get_args
from uuid import UUID

import numpy as np
from msgspec import Struct

from dispatch.problems import Problem
from dispatch.reach import clusters as cluster_laws
from dispatch.reach.spot_checks import rogan_gladen
from dispatch.server.client_ids import require_id
from schemas.checks import (
    Direction,
    NewSpotCheck,
    NewSpotCheckResult,
    SampledShare,
    SampleNeeded,
    SpotCheckFigures,
    SpotCheckStatus,
)

HOUSEHOLDS_PER_CLUSTER: Final = 5
# One more household than planned may have opened before anybody counted.
ASKED_BEYOND_PLAN: Final = 2
LONGEST_DOOR_INTERVAL: Final = 10
DIRECTIONS: Final[tuple[Direction, ...]] = get_args(Direction)
_SPOKEN: Final = dict(zip(DIRECTIONS, ("北", "东北", "东", "东南", "南", "西南", "西", "西北"), strict=True))


class SamplePlan(Problem):
    """The sample cannot be drawn: more clusters than households, or more households than the registry has."""

    slug, title, status = "sample-plan", "This sample cannot be drawn", 422


class SpotCheckTooEarly(Problem):
    """Nothing is handed out before the campaign is open, so there is nothing to ask about."""

    slug, title, status = "spot-check-too-early", "The campaign has not begun", 409


class SpotCheckChanged(Problem):
    """The id was used before for another spot check."""

    slug, title, status = "spot-check-changed", "This id belongs to another spot check", 409


class SpotCheckClosed(Problem):
    """A closed check takes corrections of the results it has, and nothing new."""

    slug, title, status = "spot-check-closed", "The spot check is closed", 409


class ClusterUnknown(Problem):
    """The check has no cluster with this number; `clusters` is how many it has."""

    slug, title, status = "cluster-unknown", "There is no such cluster", 422


class MoreThanAsked(Problem):
    """A part is larger than its whole: have over asked, or read_and_remembered over have."""

    slug, title, status = "more-than-asked", "More households than were asked", 422


class MoreThanPlanned(Problem):
    """More households than the cluster was planned for, with two to spare; `most` is the limit."""

    slug, title, status = "more-than-planned", "More households than planned", 422


class ResultChanged(Problem):
    """The result id was used before for another result."""

    slug, title, status = "result-changed", "This result id belongs to another result", 409


class ClusterAnswered(Problem):
    """The cluster has a result that `replaces_id` does not name; `current_result_id` is the one to replace."""

    slug, title, status = "cluster-answered", "The cluster has another result", 409


class Cluster(Struct, frozen=True, kw_only=True):
    """A place to ask at; see SpotCheckCluster."""

    number: int
    cell: int
    households: int
    planned: int
    start_direction: Direction
    first_door: int
    door_interval: int


class StoredCheck(Struct, frozen=True, kw_only=True):
    """A spot check as it was planned, with its status."""

    spot_check_id: UUID
    campaign_id: UUID
    zone_code: str
    sample: int
    clusters: int
    seed: int
    status: SpotCheckStatus


class StoredResult(Struct, frozen=True, kw_only=True):
    """A result as stored; `current` unless another one replaces it."""

    result_id: UUID
    number: int
    asked: int
    have: int
    read_and_remembered: int | None
    replaces_id: UUID | None
    current: bool = True


class ClusterResults(Struct, frozen=True, kw_only=True):
    """The current results by cluster; `remembered` is None where reading was not asked about."""

    asked: list[int] = []
    have: list[int] = []
    remembered: list[int | None] = []


def clusters_wanted(wanted: NewSpotCheck) -> int:
    """How many clusters a plan asks for. Raises IdUnusable or SamplePlan."""
    require_id(wanted.spot_check_id, "spot_check_id")
    clusters = wanted.clusters or -(-wanted.sample // HOUSEHOLDS_PER_CLUSTER)
    if clusters > wanted.sample:
        raise SamplePlan(
            f"{clusters} clusters for {wanted.sample} households leave some without any.", field="clusters"
        )
    return clusters


def require_campaign_begun(status: str) -> None:
    """Refuse a check of a campaign that is still being set up; a closed one may well be checked."""
    if status == "draft":
        raise SpotCheckTooEarly("Open the campaign first; after its end it can still be checked.")


def require_same_check(wanted: NewSpotCheck, campaign_id: UUID, clusters: int, stored: StoredCheck) -> None:
    """Refuse an id that belongs to another check."""
    asked = (campaign_id, wanted.zone_code, wanted.sample, clusters, wanted.seed)
    if asked != (stored.campaign_id, stored.zone_code, stored.sample, stored.clusters, stored.seed):
        raise SpotCheckChanged("The id belongs to another check; use a new one.", field="spot_check_id")


def draw_cells(households: Sequence[int], clusters: int, seed: int) -> list[int]:
    """Places of the cells drawn with probability proportional to their households, ascending; a place may appear twice.

    Systematic: the households are put in a row and every T/k-th is taken, from a start drawn with the seed. All in
    whole numbers, so a cell of h households is drawn ⌊k·h/T⌋ or ⌈k·h/T⌉ times, exactly k·h/T in the mean.

    Raises:
        SamplePlan: no cell has households.
    """
    ends = np.cumsum(np.asarray(households, dtype=np.int64))
    total = int(ends[-1]) if len(ends) else 0
    if total == 0:
        raise SamplePlan("No households are registered in the zone's cells; import them first.", households=0)
    start = int(np.random.default_rng(seed).integers(total))
    taken = [(start + step * total) // clusters for step in range(clusters)]
    return np.searchsorted(ends, taken, side="right").tolist()


def shares_of_sample(sample: int, clusters: int) -> list[int]:
    """Households per cluster, as even as whole numbers allow, the larger ones first."""
    least, more = divmod(sample, clusters)
    return [least + (number < more) for number in range(clusters)]


def draw_clusters(
    cells: Sequence[int], households: Sequence[int], sample: int, clusters: int, seed: int
) -> list[Cluster]:
    """The clusters of a sample, numbered from 1 in the order of their cells.

    Where a cell holds fewer households than are to be asked there, the walk goes on in the next cell.

    Args:
        cells: H3 cells of the zone, ascending, shape (n,).
        households: registered in each of them, shape (n,), ≥ 0.
        sample: households to ask in all.
        clusters: places to ask at, 1 to `sample`.
        seed: the same seed and registry give the same clusters.

    Raises:
        SamplePlan: the zone has fewer households than the sample.
    """
    places = draw_cells(households, clusters, seed)
    if sum(households) < sample:
        raise SamplePlan(
            f"The zone has {sum(households)} registered households, fewer than {sample}; ask fewer.",
            households=sum(households),
            field="sample",
        )
    # A stream of its own: the walks must not depend on how the start of the draw is made.
    chance = np.random.default_rng([seed, clusters])
    drawn: list[Cluster] = []
    for number, (place, planned) in enumerate(zip(places, shares_of_sample(sample, clusters), strict=True), start=1):
        interval = min(LONGEST_DOOR_INTERVAL, max(1, households[place] // planned))
        direction = DIRECTIONS[int(chance.integers(len(DIRECTIONS)))]
        drawn.append(
            Cluster(
                number=number,
                cell=cells[place],
                households=households[place],
                planned=planned,
                start_direction=direction,
                first_door=int(chance.integers(1, interval + 1)),
                door_interval=interval,
            )
        )
    return drawn


def instruction_of(cluster: Cluster) -> str:
    """The walk in words, for the interviewer's sheet."""
    return (
        f"从格子中心出发向{_SPOKEN[cluster.start_direction]}走，从遇到的第{cluster.first_door}户问起，"
        f"此后每{cluster.door_interval}户问一户，共问{cluster.planned}户；"
        "遇路口右转，无人应答换下一户，走出格子仍不足时转入相邻格子。不记姓名和门牌。"
    )


def judge_result(
    wanted: NewSpotCheckResult, check: StoredCheck, planned: int | None, stored: Sequence[StoredResult]
) -> bool:
    """Whether the result is new and may be recorded; False when it is recorded already. Raises what is against it.

    Args:
        wanted: what was sent.
        check: the check, locked.
        planned: households planned for the cluster, None when the check has no such cluster.
        stored: results of this cluster, and the one stored under the wanted id.
    """
    require_id(wanted.result_id, "result_id")
    known = next((result for result in stored if result.result_id == wanted.result_id), None)
    if known is not None:
        _require_same_result(wanted, known)
        return False
    if planned is None:
        raise ClusterUnknown(f"The check has clusters 1 to {check.clusters}.", field="number", clusters=check.clusters)
    _require_counts(wanted, planned)
    current = next((result for result in stored if result.current and result.number == wanted.number), None)
    if (current.result_id if current else None) != wanted.replaces_id:
        raise ClusterAnswered(
            "To correct a result name it in replaces_id; a cluster's first result replaces none.",
            field="replaces_id",
            current_result_id=current.result_id if current else None,
        )
    if check.status == "closed" and current is None:
        raise SpotCheckClosed("The check is closed; only results it has can be corrected.")
    return True


def _require_same_result(wanted: NewSpotCheckResult, known: StoredResult) -> None:
    names = ("number", "asked", "have", "read_and_remembered", "replaces_id")
    if any(getattr(wanted, name) != getattr(known, name) for name in names):
        raise ResultChanged("The id belongs to another result; use a new one.", field="result_id")


def _require_counts(wanted: NewSpotCheckResult, planned: int) -> None:
    if wanted.have > wanted.asked:
        raise MoreThanAsked(f"{wanted.have} of {wanted.asked} cannot have it.", field="have")
    if (wanted.read_and_remembered or 0) > wanted.have:
        raise MoreThanAsked("Only households that have it can have read it.", field="read_and_remembered")
    most = planned + ASKED_BEYOND_PLAN
    if wanted.asked > most:
        raise MoreThanPlanned(
            f"{planned} households were planned here; at most {most} are taken.", field="asked", most=most
        )


def figures_of(counts: ClusterResults, status: SpotCheckStatus, target: float, rho: float) -> SpotCheckFigures:
    """What the sample says so far; it is measured once the check is closed.

    `rho`: how alike the households of a cluster are, of all the campaign's checks (reach.clusters.correlation).
    """
    asked, have = sum(counts.asked), sum(counts.have)
    measured = status == "closed" and asked > 0
    rule = cluster_laws.pass_rule(counts.asked, rho, target)
    return SpotCheckFigures(
        measured=measured,
        asked=asked,
        have=have,
        verified=sampled_share(counts.have, counts.asked, rho),
        corrected=rogan_gladen(have, asked),
        effective=_effective(counts, rho),
        pass_at=rule and rule.pass_at,
        passes=have >= rule.pass_at if rule and measured else None,
        good_zone_fails=rule and 1.0 - rule.pass_probability(target),
        poor_zone_passes=rule and rule.pass_probability(target / 2.0),
        target_reach=target,
        sample_needed=cluster_laws.sample_needed(rho, target),
    )


def sample_needed(target: float, rho: float) -> SampleNeeded:
    """The sample a check of this target needs, with its mark and its risks."""
    sample = cluster_laws.sample_needed(rho, target)
    rule = cluster_laws.pass_rule(shares_of_sample(sample, sample // HOUSEHOLDS_PER_CLUSTER), rho, target)
    return SampleNeeded(
        target_reach=target,
        sample=sample,
        pass_at=rule and rule.pass_at,
        good_zone_fails=rule and 1.0 - rule.pass_probability(target),
        poor_zone_passes=rule and rule.pass_probability(target / 2.0),
    )


def sampled_share(have: Sequence[int], asked: Sequence[int], rho: float) -> SampledShare | None:
    """have ÷ asked with its interval, by clusters; None when nobody was asked."""
    sample = [cluster_laws.ClusterAnswer(*pair) for pair in zip(have, asked, strict=True)]
    found = cluster_laws.sample_share(sample, rho)
    return found and SampledShare(share=found.share, low=found.low, high=found.high, asked=sum(asked))


def _effective(counts: ClusterResults, rho: float) -> SampledShare | None:
    about = [(read, asked) for read, asked in zip(counts.remembered, counts.asked, strict=True) if read is not None]
    return sampled_share([read for read, _ in about], [asked for _, asked in about], rho)
