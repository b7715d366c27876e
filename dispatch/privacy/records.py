"""Everything that is kept on one rider, and taking out of it what names a person. For the rider's own page and for
`dispatch privacy`."""

from datetime import datetime
from typing import TypeVar
from uuid import UUID

from dispatch.database import Connection, Database, one, queries_for, rows
from dispatch.database.queries import Statement
from dispatch.privacy.notice import STANDARD_VERSION
from schemas.privacy import (
    ConsentState,
    OwnConsent,
    PrivacyNotice,
    RiderConsent,
    RiderDeed,
    RiderFace,
    RiderHandout,
    RiderMove,
    RiderQuestion,
    RiderRecord,
    RiderRefused,
    RiderSession,
    RiderVisit,
)

SQL = queries_for(__file__)
T = TypeVar("T")


async def read_record(connection: Connection, city_id: int, rider_id: UUID, now: datetime) -> RiderRecord | None:
    """Everything on one rider; None: there is none."""
    face = one(RiderFace, await connection.fetchrow(*SQL.read_rider(city_id=city_id, rider_id=rider_id)))
    if face is None:
        return None

    async def listed(kind: type[T], statement: Statement) -> list[T]:
        return rows(kind, await connection.fetch(*statement(city_id=city_id, rider_id=rider_id)))

    return RiderRecord(
        as_of=now,
        rider=face,
        sessions=await listed(RiderSession, SQL.read_sessions),
        consents=await listed(RiderConsent, SQL.read_consents),
        handouts=await listed(RiderHandout, SQL.read_rider_handouts),
        visits=await listed(RiderVisit, SQL.read_rider_visits),
        refused=await listed(RiderRefused, SQL.read_rider_refused),
        questions=await listed(RiderQuestion, SQL.read_rider_questions),
        moves=await listed(RiderMove, SQL.read_rider_moves),
        trail=await listed(RiderDeed, SQL.read_rider_trail),
    )


async def find_rider(database: Database, city_id: int, outlet_code: str, rider_code: str) -> UUID | None:
    """The rider with this code in this outlet."""
    statement = SQL.find_rider(city_id=city_id, outlet_code=outlet_code, rider_code=rider_code)
    async with database.read() as connection:
        return await connection.fetchval(*statement)


async def erase_rider(connection: Connection, city_id: int, rider_id: UUID, now: datetime) -> None:
    """Take name, code, PIN, sign-ins and words of a rider out, in the transaction under way. Copies, handouts, tallies
    and the trail stay as they are: the id they hold no longer leads to a person."""
    # Codes are unique in a city; the id is no secret and means nothing outside.
    code = f"erased-{rider_id.hex}"
    await connection.execute(*SQL.erase_rider(city_id=city_id, rider_id=rider_id, code=code, now=now))
    await connection.execute(*SQL.erase_sessions(city_id=city_id, rider_id=rider_id))
    await connection.execute(*SQL.erase_answers(city_id=city_id, rider_id=rider_id))
    await connection.execute(*SQL.erase_refused(city_id=city_id, rider_id=rider_id, now=now))


async def read_newest(connection: Connection, city_id: int) -> PrivacyNotice | None:
    """The notice in force, as the city keeps it; None: the standard is shown and no rider has answered it yet. A kept
    standard of an earlier version is no longer in force."""
    statement = SQL.read_newest_notice(city_id=city_id, standard_version=STANDARD_VERSION)
    return one(PrivacyNotice, await connection.fetchrow(*statement))


async def read_own_consent(connection: Connection, city_id: int, rider_id: UUID, newest: int) -> OwnConsent:
    """What a rider agreed to and withdrew: the newest answer for each purpose counts."""
    states: dict[str, ConsentState] = {}
    answers = rows(RiderConsent, await connection.fetch(*SQL.read_consents(city_id=city_id, rider_id=rider_id)))
    for answer in answers:
        states.setdefault(
            answer.purpose,
            ConsentState(given=answer.given, version=answer.version, answered_at=answer.answered_at),
        )
    return OwnConsent(newest_version=newest, taking_part=states.get("taking_part"), location=states.get("location"))
