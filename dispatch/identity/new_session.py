"""Beginning a session: the token, its row and its cookie. The ways in differ in how they recognise people only."""

from datetime import datetime, timedelta
from typing import Any, Literal

from litestar import Request, Response
from litestar.datastructures import Cookie

from dispatch.database import Connection, Database, new_id, queries_for
from dispatch.identity import rules
from dispatch.identity.authentication import cookie_name
from dispatch.identity.credentials import Person
from dispatch.identity.secrets import hash_token, new_token
from dispatch.server.address import address_of
from dispatch.server.subject import note
from dispatch.settings import Settings
from schemas.identity import SignedIn

SQL = queries_for(__file__)

PHONE_COOKIE = "dispatch_phone"
_DEVICE_CHARACTERS = 200
_PHONE_DAYS = 180


async def begin_session(
    request: Request[Any, Any, Any],
    database: Database,
    settings: Settings,
    now: datetime,
    city_id: int,
    person: Person,
    method: Literal["password", "pin", "oidc"],
) -> Response[SignedIn]:
    """Keep a session and answer with its token, in the body for programs and as a cookie for pages."""
    rider = person.rider_id is not None
    hours = settings.rider_session_hours if rider else settings.session_hours
    idle_seconds = settings.rider_idle_hours * 3600 if rider else settings.idle_minutes * 60
    token, expires_at = new_token(city_id), now + timedelta(hours=hours)
    device = "".join(c for c in request.headers.get("user-agent", "") if c.isprintable())[:_DEVICE_CHARACTERS]
    address, session_id = address_of(request), new_id(now)
    note(city_id=city_id, account_id=person.account_id, rider_id=person.rider_id, method=method)

    async def work(connection: Connection) -> None:
        if person.account_id is not None:
            # Looking at a password takes a while: who was shut out meanwhile, or whose password was changed, stays out.
            account = (city_id, person.account_id)
            if await connection.fetchval(SQL.note_sign_in, *account, now, person.password_hash) is None:
                raise rules.SignInRefused("The account was changed just now; sign in again.")
        await connection.execute(SQL.delete_old_sessions, city_id, person.account_id, person.rider_id, now)
        await connection.execute(
            SQL.insert_session, city_id, hash_token(token), session_id, person.account_id, person.rider_id, method,
            device, address, now, expires_at, idle_seconds,
        )  # fmt: skip

    await database.transact(work)
    password = method == "password"
    answer = SignedIn(
        token=token,
        role=person.role,
        expires_at=expires_at,
        idle_seconds=idle_seconds,
        must_change_password=password and person.must_change_password,
        lacks_second_factor=password
        and settings.require_second_factor
        and person.role == "planner"
        and not person.has_second_factor,
        server_time=now,
    )
    cookies = [session_cookie(token, settings, hours * 3600)]
    if person.phone is not None:
        cookies.append(_phone_cookie(person.phone, settings))
    return Response(answer, cookies=cookies)


def session_cookie(token: str, settings: Settings, seconds: int) -> Cookie:
    """The session's cookie; with 0 seconds the browser forgets it."""
    return Cookie(
        key=cookie_name(settings.secure_cookie), value=token, httponly=True, samesite="strict", path="/",
        secure=settings.secure_cookie, max_age=seconds,
    )  # fmt: skip


def _phone_cookie(phone: str, settings: Settings) -> Cookie:
    """Says at the next sign-in that this phone was let in before; it opens nothing by itself."""
    return Cookie(
        key=PHONE_COOKIE, value=phone, httponly=True, samesite="strict", path="/api/sign-in",
        secure=settings.secure_cookie, max_age=_PHONE_DAYS * 86400,
    )  # fmt: skip
