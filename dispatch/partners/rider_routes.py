"""Riders over HTTP: the list, one added by hand, new PINs and slips, and who is no longer with us."""

from uuid import UUID

import msgspec
from litestar import get, post
from litestar.params import FromPath, FromQuery, JSONBody

from dispatch.database import Connection
from dispatch.partners import rider_rules, store
from dispatch.partners.records import DealtPin, LockedRider
from dispatch.partners.rider_rules import PinsExhausted, RiderCodeTaken, RiderInactive, UnknownOutlet
from dispatch.problems import NotFound
from dispatch.qr import symbol_of
from dispatch.server.caller import Caller, CallerRequest, allow
from dispatch.server.dependencies import CallerDependency, DatabaseDependency, NowDependency, SettingsDependency
from dispatch.server.refusals import refusals
from schemas.partners import Rider, RiderForm, RiderHoldings, RiderPin, RiderSlip, SlipsWanted

_READERS = allow("planner", "firm_manager", "outlet_manager", "partner_system", scope="riders")
_MANAGERS = allow("planner", "firm_manager", "outlet_manager", whole_city=True)


@get("/api/riders", guards=[_READERS], responses=refusals())
async def read_riders(
    caller: CallerDependency, database: DatabaseDependency, outlet_id: FromQuery[UUID | None] = None
) -> list[Rider]:
    """The riders in the caller's scope, or of one outlet in it. Their names are for their own managers."""
    async with database.read() as connection:
        return await store.read_riders(connection, caller.scope, outlet_id, with_names=caller.role != "planner")


@get("/api/riders/holdings", guards=[allow("firm_manager", "outlet_manager")])
async def read_rider_holdings(caller: CallerDependency, database: DatabaseDependency) -> list[RiderHoldings]:
    """What the riders in the caller's scope hold, and on which day their phones called last: whoever leaves hands the
    copies back first."""
    async with database.read() as connection:
        return await store.read_rider_holdings(connection, caller.scope)


@post("/api/riders", guards=[_MANAGERS], responses=refusals(UnknownOutlet, RiderCodeTaken))
async def add_rider(
    data: JSONBody[RiderForm], caller: CallerDependency, database: DatabaseDependency, now: NowDependency
) -> Rider:
    """Add one rider; the PIN comes with the slip. The same request again changes nothing."""

    async def add(connection: Connection) -> Rider:
        return await store.add_rider(connection, caller.scope, data, now)

    rider = await database.transact(add)
    return msgspec.structs.replace(rider, name=rider_rules.name_for(caller.role, data.name))


@post(
    "/api/riders/slips",
    status_code=200,
    guards=[_MANAGERS],
    responses=refusals(NotFound, RiderInactive, PinsExhausted),
)
async def renew_slips(
    request: CallerRequest,
    data: JSONBody[SlipsWanted],
    caller: CallerDependency,
    database: DatabaseDependency,
    settings: SettingsDependency,
    now: NowDependency,
) -> list[RiderSlip]:
    """Make new PINs for riders, with their slips; the old PINs end. Each PIN is shown this once."""
    address = rider_rules.link_address(
        settings.public_address, request.headers.get("host", ""), secure=settings.secure_cookie
    )

    async def renew(connection: Connection) -> list[RiderSlip]:
        riders = await store.lock_riders(connection, caller.scope, data.rider_ids)
        rider_rules.require_active(riders)
        pins = await store.deal_pins(connection, caller.city_id, riders, settings.secret, now)
        slips = {rider.rider_id: _slip(caller, rider, pins[rider.rider_id], address) for rider in riders}
        return [slips[rider_id] for rider_id in dict.fromkeys(data.rider_ids)]

    return await database.transact(renew)


@post(
    "/api/riders/{rider_id:uuid}/pin",
    status_code=200,
    guards=[_MANAGERS],
    responses=refusals(NotFound, PinsExhausted),
)
async def renew_pin(
    rider_id: FromPath[UUID],
    caller: CallerDependency,
    database: DatabaseDependency,
    settings: SettingsDependency,
    now: NowDependency,
) -> RiderPin:
    """Make a rider a new PIN for the slip; the old one ends. It is shown this once."""

    async def renew(connection: Connection) -> RiderPin:
        (rider,) = await store.lock_riders(connection, caller.scope, [rider_id])
        pins = await store.deal_pins(connection, caller.city_id, [rider], settings.secret, now)
        return RiderPin(rider_id=rider_id, code=rider.code, outlet_code=rider.outlet_code, pin=pins[rider_id].pin)

    return await database.transact(renew)


@post("/api/riders/{rider_id:uuid}/deactivate", status_code=204, guards=[_MANAGERS], responses=refusals(NotFound))
async def deactivate_rider(
    rider_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency, now: NowDependency
) -> None:
    """A rider who left signs in no more and is signed out at once; what was handed out stays."""

    async def deactivate(connection: Connection) -> None:
        await store.set_rider_active(connection, caller.scope, rider_id, False, now)

    await database.transact(deactivate)


@post("/api/riders/{rider_id:uuid}/activate", status_code=204, guards=[_MANAGERS], responses=refusals(NotFound))
async def activate_rider(
    rider_id: FromPath[UUID], caller: CallerDependency, database: DatabaseDependency, now: NowDependency
) -> None:
    """A rider is back."""

    async def activate(connection: Connection) -> None:
        await store.set_rider_active(connection, caller.scope, rider_id, True, now)

    await database.transact(activate)


def _slip(caller: Caller, rider: LockedRider, dealt: DealtPin, address: str) -> RiderSlip:
    link = rider_rules.slip_link(address, rider.city_code, rider.outlet_code, rider.code)
    return RiderSlip(
        rider_id=rider.rider_id, code=rider.code, name=rider_rules.name_for(caller.role, rider.name),
        outlet_code=rider.outlet_code, outlet_name=rider.outlet_name, partner_name=rider.partner_name,
        city_code=rider.city_code, city_name=rider.city_name, centre_name=rider.centre_name,
        centre_phone=rider.centre_phone, pin=dealt.pin, address=f"{address}/r", link=link, symbol=symbol_of(link),
    )  # fmt: skip


ROUTES = [read_riders, read_rider_holdings, add_rider, renew_slips, renew_pin, deactivate_rider, activate_rider]
