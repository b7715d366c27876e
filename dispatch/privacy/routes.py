"""The notice, agreeing and withdrawing, and the rider's own look at everything that is kept."""

from datetime import datetime
from uuid import UUID

from litestar import get, post
from litestar.params import FromQuery, JSONBody
from msgspec.structs import replace

from dispatch.database import Connection, queries_for, rows
from dispatch.privacy import records, rules
from dispatch.problems import NotFound
from dispatch.server.caller import allow
from dispatch.server.dependencies import CallerDependency, DatabaseDependency, NowDependency
from dispatch.server.options import ANYONE
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


@get("/api/privacy/notice", opt={ANYONE: True})
async def read_privacy_notice(database: DatabaseDependency, city_code: FromQuery[Code | None] = None) -> PrivacyNotice:
    """What riders are told, in the version in force; before anybody signs in."""
    async with database.read() as connection:
        city_id = await connection.fetchval(SQL.read_city_id, city_code)
        if city_id is None:
            raise NotFound("Name the city by its code.")
        return await records.read_newest(connection, city_id) or rules.standard()


@get("/api/privacy/notices", guards=[allow("planner", "auditor", whole_city=True)])
async def read_privacy_notices(caller: CallerDependency, database: DatabaseDependency) -> list[NoticeVersion]:
    """Every version, newest first, with how many riders agree by it now; never who."""
    async with database.read() as connection:
        found = rows(NoticeVersion, await connection.fetch(SQL.read_notices, caller.city_id))
    standard = rules.standard()
    return found or [
        NoticeVersion(
            version=standard.version, text_zh=standard.text_zh, text_en=standard.text_en, published_at=None,
            riders_agreed=0, riders_agreed_to_location=0, riders_withdrawn=0,
        )
    ]  # fmt: skip


@post("/api/privacy/notices", guards=[allow("planner", whole_city=True)])
async def publish_privacy_notice(
    data: JSONBody[NewPrivacyNotice], caller: CallerDependency, database: DatabaseDependency, now: NowDependency
) -> PrivacyNotice:
    """Publish the next version; riders are asked again. The same once more changes nothing."""

    async def work(connection: Connection) -> PrivacyNotice:
        newest = await records.read_newest(connection, caller.city_id)
        if rules.judge_notice(data, newest):
            if newest is None and data.version > rules.standard().version:
                await _keep_standard(connection, caller.city_id, now)
            made = await connection.fetchval(
                SQL.insert_notice, caller.city_id, data.version, data.text_zh, data.text_en, now, caller.subject_id
            )
            if made is None:
                raise rules.NoticeVersionTaken("Somebody published this version just now.", newest=data.version)
        return await records.read_newest(connection, caller.city_id) or rules.standard()

    return await database.transact(work)


@get("/api/privacy/consent", guards=[allow("rider")])
async def read_privacy_consent(caller: CallerDependency, database: DatabaseDependency) -> OwnConsent:
    """What the rider agreed to and withdrew, and the version of the notice in force."""
    async with database.read() as connection:
        newest = await records.read_newest(connection, caller.city_id) or rules.standard()
        return await records.read_own_consent(connection, caller.city_id, caller.subject_id, newest.version)


@post("/api/privacy/consent", status_code=200, guards=[allow("rider")])
async def answer_privacy_notice(
    data: JSONBody[ConsentAnswer], caller: CallerDependency, database: DatabaseDependency, now: NowDependency
) -> OwnConsent:
    """Agree to taking part or to the use of location, or withdraw it; at any time, and each by itself.

    After withdrawing taking part no later handout is taken; after withdrawing location no later cell is kept.
    """

    async def work(connection: Connection) -> OwnConsent:
        newest = await records.read_newest(connection, caller.city_id)
        if newest is None:
            newest = await _keep_standard(connection, caller.city_id, now)
        known = await connection.fetchval(SQL.is_notice_kept, caller.city_id, data.version)
        version = rules.judge_answer(data, newest.version, known)
        await _keep_answer(connection, caller.city_id, caller.subject_id, replace(data, version=version), now)
        return await records.read_own_consent(connection, caller.city_id, caller.subject_id, newest.version)

    return await database.transact(work)


async def _keep_standard(connection: Connection, city_id: int, now: datetime) -> PrivacyNotice:
    """From the first answer on the standard's words are the city's own, whatever a later program comes with."""
    notice = rules.standard()
    await connection.execute(SQL.insert_notice, city_id, notice.version, notice.text_zh, notice.text_en, now, None)
    return notice


async def _keep_answer(
    connection: Connection, city_id: int, rider_id: UUID, data: ConsentAnswer, now: datetime
) -> None:
    made = await connection.fetchval(
        SQL.insert_consent, city_id, data.consent_id, rider_id, data.purpose, data.version, data.given, now
    )
    if made is None:
        known = await connection.fetchrow(SQL.read_consent, city_id, data.consent_id)
        # A withdrawal may have been recorded under newer words than the phone names; it is the same withdrawal.
        version = data.version if data.given or known is None else known["version"]
        if known is None or tuple(known) != (rider_id, data.purpose, version, data.given):
            raise rules.ConsentChanged("Make a new id for another answer.", field="consent_id")
        return
    if data.given:
        await connection.execute(SQL.end_withdrawal, city_id, rider_id, data.purpose)
        return
    await connection.execute(SQL.note_withdrawal, city_id, rider_id, data.purpose, now)


@get("/api/privacy/own", guards=[allow("rider")])
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
