"""Review flags as they are stored: SQL in, structs out."""

from datetime import date, datetime
from uuid import UUID

import msgspec

from dispatch.database import Connection, one, queries_for, rows
from dispatch.database.queries import Scope
from dispatch.flags import rules
from dispatch.flags.scores import Reason
from dispatch.problems import NotFound
from schemas.flags import FlagDecision, FlagOpinion, FlagStatus

SQL = queries_for(__file__)
FlagKey = tuple[float, bool, str, str, date, str]
"""Below zero by the score, or 0 where it orders nothing; whether there is no zone; zone, outlet, week, rider."""


class LockedFlag(msgspec.Struct, frozen=True, kw_only=True):
    """A flag held for an answer or an opinion."""

    campaign_id: UUID
    status: FlagStatus
    rider_answer: str | None
    rider_answered_at: datetime | None
    outlet_answer: str | None
    outlet_answered_at: datetime | None


class FlagRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A flag with everything that some caller may see of it."""

    flag_id: UUID
    campaign_id: UUID
    week_starts_on: date
    rider_code: str
    outlet_code: str
    zone_code: str | None
    status: FlagStatus
    score: float
    reasons: list[Reason]
    rider_answer: str | None
    rider_answered_at: datetime | None
    outlet_answer: str | None
    outlet_answered_at: datetime | None
    opinions: list[FlagOpinion]
    decision: FlagDecision | None
    decided_at: datetime | None
    raised_at: datetime

    def key(self, *, by_score: bool) -> FlagKey:
        """What the flags are ordered by."""
        score = -self.score if by_score else 0.0
        zone = self.zone_code
        return score, zone is None, zone or "", self.outlet_code, self.week_starts_on, self.rider_code


class OwnFlagRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A question to a rider, with the rider's answer so far."""

    flag_id: UUID
    campaign_id: UUID
    campaign_name: str
    week_starts_on: date
    reasons: list[Reason]
    rider_answer: str | None
    rider_answered_at: datetime | None


async def read_flags(
    connection: Connection, scope: Scope, campaign_id: UUID, *, by_score: bool, page_size: int,
    flag_id: UUID | None = None, week_starts_on: date | None = None, status: FlagStatus | None = None,
    after: FlagKey | None = None,
) -> list[FlagRecord]:  # fmt: skip
    """Flags of the campaign in scope: those not yet decided, of one status, or one flag alone; after a key, where one
    is given."""
    names = ("after_score", "after_without_zone", "after_zone", "after_outlet", "after_week", "after_rider")
    key = dict(zip(names, after or (None,) * len(names), strict=True))
    found = await connection.fetch(
        *SQL.read_flags(
            scope, campaign_id=campaign_id, flag_id=flag_id, week_starts_on=week_starts_on, status=status,
            by_score=by_score, page_size=page_size, **key,
        )
    )  # fmt: skip
    return rows(FlagRecord, found)


async def read_own_flags(connection: Connection, scope: Scope) -> list[OwnFlagRecord]:
    """What the rider is asked and is not yet decided, the newest week first."""
    return rows(OwnFlagRecord, await connection.fetch(*SQL.read_own_flags(scope)))


async def lock_flag(connection: Connection, scope: Scope, flag_id: UUID) -> LockedFlag:
    """The flag, held until the transaction ends. Raises NotFound."""
    flag = one(LockedFlag, await connection.fetchrow(*SQL.lock_flag(scope, flag_id=flag_id)))
    if flag is None:
        raise NotFound("There is no such question here.")
    return flag


async def write_rider_answer(
    connection: Connection, city_id: int, flag_id: UUID, answer: str, answered_at: datetime
) -> None:
    """Store the rider's own words."""
    statement = SQL.answer_as_rider(city_id=city_id, flag_id=flag_id, answer=answer, answered_at=answered_at)
    await connection.execute(*statement)


async def write_outlet_answer(
    connection: Connection, city_id: int, flag_id: UUID, answer: str, answered_at: datetime, answered_by: UUID
) -> None:
    """Store the words of the outlet's manager."""
    await connection.execute(
        *SQL.answer_as_outlet(
            city_id=city_id, flag_id=flag_id, answer=answer, answered_at=answered_at, answered_by=answered_by
        )
    )


async def read_opinions(connection: Connection, city_id: int, flag_id: UUID) -> list[rules.Opinion]:
    """Every opinion on the flag, the oldest first."""
    found = await connection.fetch(*SQL.read_opinions(city_id=city_id, flag_id=flag_id))
    return rows(rules.Opinion, found)


async def insert_opinion(
    connection: Connection, city_id: int, flag_id: UUID, opinion: rules.Opinion, given_at: datetime
) -> bool:
    """Store an opinion; False when its id is taken."""
    stored = await connection.fetchval(
        *SQL.insert_opinion(
            city_id=city_id, flag_id=flag_id, given_at=given_at, **msgspec.structs.asdict(opinion)
        )
    )  # fmt: skip
    return stored is not None


async def decide_flag(
    connection: Connection, city_id: int, flag_id: UUID, decision: FlagDecision, decided_at: datetime
) -> None:
    """Store what two planners agree on."""
    statement = SQL.decide_flag(city_id=city_id, flag_id=flag_id, decision=decision, decided_at=decided_at)
    await connection.execute(*statement)
