"""Sessions: how one begins, with its token, row and cookies, and how they end. The ways in differ in how they recognise
people only."""

from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from litestar import Response
from litestar.datastructures import Cookie

from dispatch.database import Connection, Database, new_id, queries_for
from dispatch.identity import rules
from dispatch.identity.authentication import cookie_name
from dispatch.identity.credentials import Person
from dispatch.identity.secrets import hash_token, key_of_token, new_token
from dispatch.server.address import address_of
from dispatch.server.caller import Caller
from dispatch.server.requests import AnyRequest
from dispatch.server.subject import note
from dispatch.settings import Settings
from schemas.identity import Session, SignedIn

SQL = queries_for(__file__)

DEVICE_COOKIE = "dispatch_phone"
_DEVICE_CHARACTERS = 200
_KNOWN_DAYS = 180


async def begin_session(
    request: AnyRequest,
    database: Database,
    settings: Settings,
    now: datetime,
    city_id: int,
    person: Person,
    method: Literal["password", "pin", "oidc"],
) -> Response[SignedIn]:
    """Keep a session and answer with its token, in the body for programs and as a cookie for pages."""
    hours = settings.session_hours if person.rider_id is None else settings.rider_session_hours
    device = _device_of(request)
    idle_seconds = rules.idle_seconds(
        person.role, device, minutes=settings.idle_minutes, phone_minutes=settings.phone_idle_minutes,
        rider_hours=settings.rider_idle_hours,
    )  # fmt: skip
    token, expires_at = new_token(city_id), now + timedelta(hours=hours)
    row = SQL.insert_session(
        city_id=city_id, token_hash=hash_token(token), session_id=new_id(now), account_id=person.account_id,
        rider_id=person.rider_id, method=method, device=device, address=address_of(request), now=now,
        expires_at=expires_at, idle_seconds=idle_seconds,
    )  # fmt: skip
    note(city_id=city_id, account_id=person.account_id, rider_id=person.rider_id, method=method)

    before = key_of_token(request.cookies.get(cookie_name(settings.secure_cookie), ""))

    async def begin(connection: Connection) -> None:
        await _note_sign_in(connection, city_id, person, now)
        if person.rider_id is not None and before is not None and before.city_id == city_id:
            # The phone forgets the session of whoever had it before: nobody could end it any more.
            await connection.execute(*SQL.delete_session(city_id=city_id, token_hash=before.token_hash))
        old = {"city_id": city_id, "account_id": person.account_id, "rider_id": person.rider_id, "now": now}
        await connection.execute(*SQL.delete_old_sessions(**old))
        await connection.execute(*row)

    await database.transact(begin)
    password = method == "password"
    answer = SignedIn(
        token=token, role=person.role, expires_at=expires_at, idle_seconds=idle_seconds, server_time=now,
        must_change_password=password and person.must_change_password,
        lacks_second_factor=password and settings.require_second_factor and person.lacks_second_factor,
    )  # fmt: skip
    cookies = [session_cookie(token, settings, hours * 3600)]
    if person.device is not None:
        cookies.append(_device_cookie(person.device, settings))
    return Response(answer, cookies=cookies)


async def _note_sign_in(connection: Connection, city_id: int, person: Person, now: datetime) -> None:
    """Looking at a password takes a while: an account that was shut out meanwhile, or whose password was changed, stays
    out."""
    if person.account_id is None:
        return
    statement = SQL.note_sign_in(
        city_id=city_id, account_id=person.account_id, now=now, password_hash=person.password_hash
    )
    if await connection.fetchval(*statement) is None:
        raise rules.SignInRefused("The account was changed just now; sign in again.")


async def read_sessions(connection: Connection, caller: Caller, now: datetime) -> list[Session]:
    """The caller's sessions that hold, the last used first."""
    rows_ = await connection.fetch(*SQL.read_sessions(city_id=caller.city_id, subject_id=caller.subject_id, now=now))
    return [Session(current=row["session_id"] == caller.session_id, **dict(row)) for row in rows_]


async def end_session(connection: Connection, city_id: int, subject_id: UUID, session_id: UUID) -> bool:
    """End one session; False when it is not the subject's, or has ended."""
    statement = SQL.end_session(city_id=city_id, subject_id=subject_id, session_id=session_id)
    return await connection.fetchval(*statement) is not None


async def end_sessions(
    connection: Connection, city_id: int, subject_id: UUID, kept_session_id: UUID | None = None
) -> None:
    """End all sessions of an account or rider, but one if it is to be kept."""
    statement = SQL.end_sessions(city_id=city_id, subject_id=subject_id, kept_session_id=kept_session_id)
    await connection.execute(*statement)


async def end_session_of_token(connection: Connection, city_id: int, token: str) -> None:
    """End the session of a token."""
    await connection.execute(*SQL.delete_session(city_id=city_id, token_hash=hash_token(token)))


def session_cookie(token: str, settings: Settings, seconds: int) -> Cookie:
    """The session's cookie; with 0 seconds the browser forgets it."""
    return Cookie(
        key=cookie_name(settings.secure_cookie), value=token, httponly=True, samesite="strict", path="/",
        secure=settings.secure_cookie, max_age=seconds,
    )  # fmt: skip


def _device_cookie(device: str, settings: Settings) -> Cookie:
    """Shows at the next sign-in that this device let somebody in before; it opens nothing by itself."""
    return Cookie(
        key=DEVICE_COOKIE, value=device, httponly=True, samesite="strict", path="/api/sign-in",
        secure=settings.secure_cookie, max_age=_KNOWN_DAYS * 86400,
    )  # fmt: skip


def _device_of(request: AnyRequest) -> str:
    agent = request.headers.get("user-agent", "")
    return "".join(character for character in agent if character.isprintable())[:_DEVICE_CHARACTERS]
