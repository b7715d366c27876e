"""Signing in and out, and the list of the slice's routes."""

from litestar import Response, post
from litestar.params import JSONBody

from dispatch.identity import (
    account_routes,
    key_routes,
    me_routes,
    oidc_routes,
    partner_accounts,
    place_routes,
    rules,
    second_factor_routes,
    sessions,
)
from dispatch.identity.credentials import find_city, recognise_account
from dispatch.identity.riders import recognise_rider
from dispatch.identity.sessions import DEVICE_COOKIE, begin_session, session_cookie
from dispatch.server.address import address_of
from dispatch.server.caller import CallerRequest, anybody_signed_in
from dispatch.server.dependencies import DatabaseDependency, NowDependency, SettingsDependency
from dispatch.server.options import ANYONE, BEFORE_ALL_ELSE, LIMIT
from dispatch.server.refusals import refusals
from dispatch.server.requests import AnyRequest
from dispatch.server.subject import note
from schemas.identity import PasswordSignIn, PinSignIn, SignedIn


@post(
    "/api/sign-in",
    status_code=200,
    opt={ANYONE: True, LIMIT: "sign_in"},
    responses=refusals(
        rules.SignInRefused,
        rules.OutletUnknown,
        rules.RiderLeft,
        rules.SignInLocked,
        rules.SecondFactorAsked,
        rules.SecondFactorRefused,
    ),
)
async def sign_in(
    request: AnyRequest,
    data: JSONBody[PasswordSignIn | PinSignIn],
    database: DatabaseDependency,
    settings: SettingsDependency,
    now: NowDependency,
) -> Response[SignedIn]:
    """Begin a session, by login and password (and second factor), or by what a rider's slip says."""
    async with database.read() as connection:
        city_id = await find_city(connection, data.city_code)
    if city_id is None and isinstance(data, PinSignIn):
        raise rules.OutletUnknown("Check the city's and the outlet's codes.", field="city_code")
    if city_id is None:
        raise rules.SignInRefused("Name the city by its code, and check login and password.")
    # From here on the attempt is in the trail; what was typed as a login may be a password and is not.
    note(city_id=city_id, outlet_code=data.outlet_code if isinstance(data, PinSignIn) else None)
    address = address_of(request)
    device = request.cookies.get(DEVICE_COOKIE)
    if isinstance(data, PasswordSignIn):
        person = await recognise_account(database, settings.secret, city_id, data, address, device, now)
        return await begin_session(request, database, settings, now, city_id, person, "password")
    person = await recognise_rider(database, settings.secret, city_id, data, address, device, now)
    return await begin_session(request, database, settings, now, city_id, person, "pin")


@post("/api/sign-out", status_code=204, guards=[anybody_signed_in], opt={BEFORE_ALL_ELSE: True})
async def sign_out(
    request: CallerRequest, database: DatabaseDependency, settings: SettingsDependency
) -> Response[None]:
    """End the session the request came with."""
    city_id, token = request.user.city_id, request.auth
    await database.transact(lambda connection: sessions.end_session_of_token(connection, city_id, token))
    return Response(None, status_code=204, cookies=[session_cookie("", settings, 0)])


ROUTES = [
    sign_in, *place_routes.ROUTES, *oidc_routes.ROUTES, sign_out, *me_routes.ROUTES, *second_factor_routes.ROUTES,
    *account_routes.ROUTES, *partner_accounts.ROUTES, *key_routes.ROUTES,
]  # fmt: skip
