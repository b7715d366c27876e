"""Zones and stored estimates as they are read, for tests without a database."""

from datetime import UTC, datetime
from uuid import UUID

from dispatch.coverage.estimates import StoredArea, StoredReach
from dispatch.coverage.shown_reach import ZoneTallies

NOW = datetime(2027, 4, 20, 2, 0, tzinfo=UTC)


def zone(
    number: int, households: int | None, handed_out: int, in_person: int = 0, planned: int | None = 0
) -> ZoneTallies:
    """A zone of one division, three people in every household."""
    return ZoneTallies(
        zone_id=UUID(int=number),
        code=f"99010100{number}",
        name=f"片区{number}",
        division_code="990101",
        households=households,
        population=None if households is None else 3 * households,
        handed_out=handed_out,
        in_person=in_person,
        planned=planned,
    )


def stored_reach(of: ZoneTallies, median: float | None = 0.3, low: float = 0.2, high: float = 0.4) -> StoredReach:
    """What was estimated of a zone; median None: not applicable."""
    known = median is not None
    return StoredReach(
        zone_id=of.zone_id,
        division_code=of.division_code,
        households=of.households,
        copies=of.handed_out,
        first_yes=30,
        first_asked=60,
        have=0,
        sampled=0,
        median=median,
        low=low if known else None,
        high=high if known else None,
        meets_target=0.1 if known else None,
        level="B",
        sources_disagree=False,
        first_copy_share=0.31,
        spot_check_share=None,
        estimated_at=NOW,
    )


def stored_area(median: float = 0.3) -> StoredArea:
    """What was estimated of all zones together."""
    return StoredArea(
        division_prefix="", median=median, low=0.2, high=0.5, level="A", sources_disagree=True, first_copy_share=0.31,
        spot_check_share=0.2, estimated_at=NOW,
    )  # fmt: skip
