"""The notice, agreeing and withdrawing, and the rider's own look at everything that is kept."""

from datetime import datetime
from uuid import UUID

from litestar import get, post
from litestar.params import FromQuery, JSONBody
from msgspec.structs import replace

from dispatch.database import Connection, one, queries_for, rows
from dispatch.privacy import records, rules
from dispatch.problems import NotFound
from dispatch.server.caller import allow
from dispatch.server.dependencies import CallerDependency, DatabaseDependency, NowDependency
from dispatch.server.options import ANYONE
from dispatch.server.refusals import refusals
from schemas.common import Code
from schemas.privacy import (
    ConsentAnswer,
    NewPrivacyNotice,
    NoticeVersion,
    OwnConsent,
    PrivacyNotice,
    RiderRecord,
)

SQL = queries_for(__file__)


@get("/api/privacy/notice", opt={ANYONE: True}, responses=refusals(NotFound))
async def read_privacy_notice(database: DatabaseDependency, city_code: FromQuery[Code | None] = None) -> PrivacyNotice:
    """The notice to riders in the version in force; readable before signing in."""
    async with database.read() as connection:
        city_id = await connection.fetchval(*SQL.read_city_id(city_code=city_code))
        if city_id is None:
            raise NotFound("Name the city by its code.")
        return await records.read_newest(connection, city_id) or rules.standard()


@get("/api/privacy/notices", guards=[allow("planner", "auditor", whole_city=True)])
async def read_privacy_notices(caller: CallerDependency, database: DatabaseDependency) -> list[NoticeVersion]:
    """Every version, newest first, with how many riders agree by it now; never who."""
    async with database.read() as connection:
        versions = rows(NoticeVersion, await connection.fetch(*SQL.read_notices(city_id=caller.city_id)))
    standard = rules.standard()
    return versions or [
        NoticeVersion(
            version=standard.version, text_zh=standard.text_zh, text_en=standard.text_en, published_at=None,
            riders_agreed=0, riders_agreed_to_location=0, riders_withdrawn=0,
        )
    ]  # fmt: skip


@post(
    "/api/privacy/notices",
    guards=[allow("planner", whole_city=True)],
    responses=refusals(rules.NoticeVersionTaken),
)
async def publish_privacy_notice(
    data: JSONBody[NewPrivacyNotice], caller: CallerDependency, database: DatabaseDependency, now: NowDependency
) -> PrivacyNotice:
    """Publish the next version; riders are asked again. The same once more changes nothing."""

    async def publish(connection: Connection) -> PrivacyNotice:
        newest = await records.read_newest(connection, caller.city_id)
        if rules.judge_notice(data, newest):
            if newest is None and data.version > rules.standard().version:
                await _keep_standard(connection, caller.city_id, now)
            if not await _insert_notice(connection, caller.city_id, data, now, caller.subject_id):
                raise rules.NoticeVersionTaken("This version was published a moment ago.", newest=data.version)
        return await records.read_newest(connection, caller.city_id) or rules.standard()

    return await database.transact(publish)


@get("/api/privacy/consent", guards=[allow("rider")])
async def read_privacy_consent(caller: CallerDependency, database: DatabaseDependency) -> OwnConsent:
    """What the rider agreed to and withdrew, and the version of the notice in force."""
    async with database.read() as connection:
        newest = await records.read_newest(connection, caller.city_id) or rules.standard()
        return await records.read_own_consent(connection, caller.city_id, caller.subject_id, newest.version)


@post(
    "/api/privacy/consent",
    status_code=200,
    guards=[allow("rider")],
    responses=refusals(rules.NoticeUnknown, rules.ConsentChanged),
)
async def answer_privacy_notice(
    data: JSONBody[ConsentAnswer], caller: CallerDependency, database: DatabaseDependency, now: NowDependency
) -> OwnConsent:
    """Agree to taking part or to the use of location, or withdraw it; at any time, and each by itself.

    After withdrawing taking part no later handout is taken; after withdrawing location no later cell is kept.
    """

    async def keep(connection: Connection) -> OwnConsent:
        newest = await records.read_newest(connection, caller.city_id)
        if newest is None:
            newest = await _keep_standard(connection, caller.city_id, now)
        kept = await connection.fetchval(*SQL.is_notice_kept(city_id=caller.city_id, version=data.version))
        version = rules.judge_answer(data, newest.version, kept)
        await _keep_answer(connection, caller.city_id, caller.subject_id, replace(data, version=version), now)
        return await records.read_own_consent(connection, caller.city_id, caller.subject_id, newest.version)

    return await database.transact(keep)


async def _keep_standard(connection: Connection, city_id: int, now: datetime) -> PrivacyNotice:
    """From the first answer on the standard's words are the city's own, whatever a later program comes with."""
    notice = rules.standard()
    await _insert_notice(connection, city_id, notice, now, None)
    return notice


async def _insert_notice(
    connection: Connection,
    city_id: int,
    notice: PrivacyNotice | NewPrivacyNotice,
    now: datetime,
    published_by: UUID | None,
) -> bool:
    """Keep a version; False: it is taken."""
    statement = SQL.insert_notice(
        city_id=city_id, version=notice.version, text_zh=notice.text_zh, text_en=notice.text_en, now=now,
        published_by=published_by,
    )  # fmt: skip
    return await connection.fetchval(*statement) is not None


async def _keep_answer(
    connection: Connection, city_id: int, rider_id: UUID, answer: ConsentAnswer, now: datetime
) -> None:
    whose = {"city_id": city_id, "rider_id": rider_id, "purpose": answer.purpose}
    inserted = await connection.fetchval(
        *SQL.insert_consent(consent_id=answer.consent_id, version=answer.version, given=answer.given, now=now, **whose)
    )
    if inserted is None:
        found = await connection.fetchrow(*SQL.read_consent(city_id=city_id, consent_id=answer.consent_id))
        rules.require_same_answer(answer, rider_id, one(rules.StoredAnswer, found))
        return
    await connection.execute(*(SQL.end_withdrawal(**whose) if answer.given else SQL.note_withdrawal(now=now, **whose)))


@get("/api/privacy/own", guards=[allow("rider")], responses=refusals(NotFound))
async def read_own_record(caller: CallerDependency, database: DatabaseDependency, now: NowDependency) -> RiderRecord:
    """Everything that is kept on the rider who asks, to look at and to take along."""
    async with database.read() as connection:
        record = await records.read_record(connection, caller.city_id, caller.subject_id, now)
    if record is None:
        raise NotFound("There is no such rider here.")
    return record


ROUTES = [
    read_privacy_notice,
    read_privacy_notices,
    publish_privacy_notice,
    read_privacy_consent,
    answer_privacy_notice,
    read_own_record,
]
