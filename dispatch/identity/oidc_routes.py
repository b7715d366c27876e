"""Signing in with the organisation's own account: off unless DISPATCH_OIDC_ISSUER is set."""

from typing import Any

from litestar import Request, Response, post
from litestar.datastructures import Cookie
from litestar.params import JSONBody

from dispatch.database import Connection, queries_for
from dispatch.identity import oidc, rules
from dispatch.identity.credentials import Person
from dispatch.identity.new_session import begin_session
from dispatch.problems import NotFound
from dispatch.server.dependencies import DatabaseDependency, NowDependency, SettingsDependency
from dispatch.server.options import ANYONE, LIMIT
from dispatch.server.subject import note
from schemas.identity import OidcAddress, OidcAnswer, SignedIn

SQL = queries_for(__file__)

_OPEN = {ANYONE: True, LIMIT: "sign_in"}


def _provider(request: Request[Any, Any, Any]) -> oidc.Provider:
    provider: oidc.Provider | None = request.app.state.oidc
    if provider is None:
        raise NotFound("This server takes logins and passwords only.")
    return provider


@post("/api/sign-in/oidc/begin", status_code=200, opt=_OPEN)
async def begin_oidc_sign_in(
    request: Request[Any, Any, Any], settings: SettingsDependency, now: NowDependency
) -> Response[OidcAddress]:
    """Begin at the organisation's provider: the page goes to the address, and comes back with a code."""
    provider, pending = _provider(request), oidc.begin(now)
    address = await provider.address(pending)
    cookie = Cookie(
        key=oidc.COOKIE, value=oidc.sign(pending, settings.secret), httponly=True, samesite="strict",
        path="/api/sign-in/oidc", secure=settings.secure_cookie, max_age=oidc.MOST_SECONDS,
    )  # fmt: skip
    return Response(OidcAddress(address=address), cookies=[cookie])


@post("/api/sign-in/oidc", status_code=200, opt=_OPEN)
async def sign_in_by_oidc(
    request: Request[Any, Any, Any],
    data: JSONBody[OidcAnswer],
    database: DatabaseDependency,
    settings: SettingsDependency,
    now: NowDependency,
) -> Response[SignedIn]:
    """Begin a session with what the provider answered. The account must be there: the provider makes no planners."""
    provider = _provider(request)
    pending = oidc.read(request.cookies.get(oidc.COOKIE), settings.secret, data.state, now)
    identified = await provider.identify(data.code, pending, now)

    async def work(connection: Connection) -> tuple[int, Person]:
        city_id = await connection.fetchval(SQL.read_city, settings.oidc_city_code or None)
        account = city_id and await connection.fetchrow(
            SQL.read_account_by_subject, city_id, identified.subject, identified.login
        )
        if not account:
            raise rules.OidcRefused("No active account here belongs to this one; ask whoever makes accounts.")
        if account["oidc_subject"] is None:
            await connection.execute(SQL.bind_subject, city_id, account["account_id"], identified.subject)
        return city_id, Person(role=account["role"], account_id=account["account_id"])

    city_id, person = await database.transact(work, audited=False)
    note(city_id=city_id)
    return await begin_session(request, database, settings, now, city_id, person, "oidc")


ROUTES = [begin_oidc_sign_in, sign_in_by_oidc]
