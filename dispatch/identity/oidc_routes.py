"""Signing in with the organisation's own account: off unless DISPATCH_OIDC_ISSUER is set."""

from litestar import Response, post
from litestar.datastructures import Cookie
from litestar.params import JSONBody

from dispatch.identity import oidc, rules
from dispatch.identity.credentials import recognise_subject
from dispatch.identity.sessions import begin_session
from dispatch.problems import NotFound
from dispatch.server.dependencies import DatabaseDependency, NowDependency, SettingsDependency
from dispatch.server.options import ANYONE, LIMIT
from dispatch.server.refusals import refusals
from dispatch.server.requests import AnyRequest
from dispatch.server.subject import note
from schemas.identity import OidcAddress, OidcAnswer, SignedIn

_OPEN = {ANYONE: True, LIMIT: "sign_in"}


def _provider(request: AnyRequest) -> oidc.Provider:
    provider: oidc.Provider | None = request.app.state.oidc
    if provider is None:
        raise NotFound("This server takes logins and passwords only.")
    return provider


@post("/api/sign-in/oidc/begin", status_code=200, opt=_OPEN, responses=refusals(NotFound, rules.OidcRefused))
async def begin_oidc_sign_in(
    request: AnyRequest, settings: SettingsDependency, now: NowDependency
) -> Response[OidcAddress]:
    """Begin at the organisation's provider: the page goes to the address, and comes back with a code."""
    provider, pending = _provider(request), oidc.begin(now)
    address = await provider.address(pending)
    cookie = Cookie(
        key=oidc.COOKIE, value=oidc.cookie_of(pending, settings.secret), httponly=True, samesite="strict",
        path="/api/sign-in/oidc", secure=settings.secure_cookie, max_age=oidc.MOST_SECONDS,
    )  # fmt: skip
    return Response(OidcAddress(address=address), cookies=[cookie])


@post(
    "/api/sign-in/oidc",
    status_code=200,
    opt=_OPEN,
    responses=refusals(NotFound, rules.OidcRefused, rules.SignInRefused),
)
async def sign_in_by_oidc(
    request: AnyRequest,
    data: JSONBody[OidcAnswer],
    database: DatabaseDependency,
    settings: SettingsDependency,
    now: NowDependency,
) -> Response[SignedIn]:
    """Begin a session with what the provider answered. The account must exist: the provider makes no planners."""
    provider = _provider(request)
    pending = oidc.pending_in(request.cookies.get(oidc.COOKIE), settings.secret, data.state, now)
    identity = await provider.identify(data.code, pending, now)
    city_id, person = await recognise_subject(database, settings.oidc_city_code or None, identity)
    note(city_id=city_id)
    return await begin_session(request, database, settings, now, city_id, person, "oidc")


ROUTES = [begin_oidc_sign_in, sign_in_by_oidc]
