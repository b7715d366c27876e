"""Adding a rider, and slips with new PINs for many. Apart from routes.py because a slip is more than a list."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
from litestar import Request, post
from litestar.params import JSONBody

from dispatch.database import Connection, Retry, new_id, queries_for
from dispatch.identity import secrets
from dispatch.partners import rules
from dispatch.problems import NotFound
from dispatch.qr import symbol_of
from dispatch.server.caller import Caller, allow
from dispatch.server.dependencies import CallerDependency, DatabaseDependency, NowDependency, SettingsDependency
from dispatch.settings import Settings
from schemas.partners import Rider, RiderForm, RiderSlip, SlipsWanted

SQL = queries_for(__file__)
_MANAGERS = allow("planner", "firm_manager", "outlet_manager", whole_city=True)
# Each rider of the outlet holds one PIN in a million; so many draws fail only when something is wrong.
_DRAWS = 50
_HOST = re.compile(r"[A-Za-z0-9.:\[\]-]{1,253}")


@post("/api/riders", guards=[_MANAGERS])
async def add_rider(
    data: JSONBody[RiderForm], caller: CallerDependency, database: DatabaseDependency, now: NowDependency
) -> Rider:
    """Add one rider; the PIN comes with the slip. Said again with the same content it changes nothing."""

    async def work(connection: Connection) -> Rider:
        return await _add(connection, caller, data, now)

    return await database.transact(work)


async def _add(connection: Connection, caller: Caller, wanted: RiderForm, now: datetime) -> Rider:
    outlet_id = await connection.fetchval(
        SQL.read_outlet_for_rider, caller.city_id, wanted.outlet_code, caller.partner_id, caller.outlet_id
    )
    if outlet_id is None:
        raise rules.UnknownOutlet("outlet_code names no active outlet of yours.", field="outlet_code")
    await connection.fetchval(SQL.insert_rider, caller.city_id, new_id(now), wanted.code, wanted.name, outlet_id, now)
    kept = dict(
        await connection.fetchrow(
            SQL.read_rider_by_code, caller.city_id, wanted.code, caller.partner_id, caller.outlet_id
        )
    )
    if not kept.pop("in_scope") or (kept["name"], kept["outlet_id"]) != (wanted.name, outlet_id):
        raise rules.RiderCodeTaken("Another rider has this code; choose another.", field="code")
    if caller.role == "planner":
        kept["name"] = None
    return Rider(**kept)


@post("/api/riders/slips", status_code=200, guards=[_MANAGERS])
async def renew_slips(
    request: Request[Caller, Any, Any],
    data: JSONBody[SlipsWanted],
    caller: CallerDependency,
    database: DatabaseDependency,
    settings: SettingsDependency,
    now: NowDependency,
) -> list[RiderSlip]:
    """Make new PINs for riders and what their slips say; the old PINs end. Each PIN is shown this once."""
    address = _address(settings, request.headers.get("host", ""))

    async def work(connection: Connection) -> list[RiderSlip]:
        wanted = list(set(data.rider_ids))
        found = await connection.fetch(SQL.lock_riders, caller.city_id, wanted, caller.partner_id, caller.outlet_id)
        if len(found) < len(wanted):
            raise NotFound("There is no such rider here.")
        if gone := [rider["code"] for rider in found if not rider["active"]]:
            raise rules.RiderInactive("Activate riders first who are back.", rider_codes=gone)
        pins = await _deal(connection, caller.city_id, settings.secret, found, now)
        order = {rider_id: place for place, rider_id in enumerate(data.rider_ids)}
        slips = [_slip(caller, rider, pins[rider["rider_id"]], address) for rider in found]
        return sorted(slips, key=lambda slip: order[slip.rider_id])

    return await database.transact(work)


async def _deal(
    connection: Connection, city_id: int, secret: str, riders: Sequence[Any], now: datetime
) -> dict[UUID, str]:
    """New PINs that nobody of the same outlet has or had until now, kept as digests; the old one's sessions end."""
    outlet_ids = list({rider["outlet_id"] for rider in riders})
    # Digests are keyed with the outlet, so one set tells for all of them which are taken.
    taken = {row["pin_digest"] for row in await connection.fetch(SQL.read_pins, city_id, outlet_ids)}
    pins: dict[UUID, str] = {}
    digests: list[bytes] = []
    for rider in riders:
        for _ in range(_DRAWS):
            pin = secrets.new_pin()
            digest = secrets.digest_pin(secret, city_id, rider["outlet_id"], pin)
            if digest not in taken:
                break
        else:
            raise rules.PinsExhausted("Deactivate riders who left, or split the outlet.")
        taken.add(digest)
        pins[rider["rider_id"]] = pin
        digests.append(digest)
    try:
        await connection.execute(SQL.deal_pins, city_id, [rider["rider_id"] for rider in riders], digests, now)
    except asyncpg.UniqueViolationError as error:
        raise Retry from error
    return pins


def _slip(caller: Caller, rider: Any, pin: str, address: str) -> RiderSlip:
    link = f"{address}/r#{rider['outlet_code']}"
    return RiderSlip(
        rider_id=rider["rider_id"], code=rider["code"], name=None if caller.role == "planner" else rider["name"],
        outlet_code=rider["outlet_code"], outlet_name=rider["outlet_name"], pin=pin, link=link, symbol=symbol_of(link),
    )  # fmt: skip


def _address(settings: Settings, host: str) -> str:
    """Where phones find this server: as set, or as the caller found it."""
    if settings.public_address:
        return settings.public_address
    if not _HOST.fullmatch(host):
        raise NotFound("The request names no host that a link could lead to; set DISPATCH_PUBLIC_ADDRESS.")
    return f"{'https' if settings.secure_cookie else 'http'}://{host}"


ROUTES = [add_rider, renew_slips]
