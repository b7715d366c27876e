"""Which rider signs in: by what the slip says. Failures are counted for the slip, or by a slip without a rider's code
for the outlet."""

import hmac
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from dispatch.database import Connection, Database, queries_for
from dispatch.identity import known_devices, lockout, rules, secrets
from dispatch.identity.credentials import Person
from dispatch.identity.lockout import Counters
from dispatch.problems import Problem
from schemas.identity import PinSignIn

SQL = queries_for(__file__)


class _Found(NamedTuple):
    """The rider whose PIN is right, if there is one, and for what a failure counts."""

    rider_id: UUID | None
    active: bool
    counters: Counters


class _Slip(NamedTuple):
    """What is sent from a slip, from where, and by which phone."""

    secret: str
    city_id: int
    sent: PinSignIn
    address: str
    known: list[str]
    """Names of the phone at the outlet."""


async def recognise_rider(
    database: Database, secret: str, city_id: int, data: PinSignIn, address: str, cookie: str | None, now: datetime
) -> Person:
    """The rider of this slip. Raises SignInRefused, SignInLocked, OutletUnknown or RiderLeft."""
    slip = _Slip(secret, city_id, data, address, known_devices.known_at(secret, city_id, data.outlet_code, cookie))

    async def recognise(connection: Connection) -> UUID | Problem:
        outlet = await connection.fetchrow(*SQL.read_outlet_for_sign_in(city_id=city_id, outlet_code=data.outlet_code))
        outlet_id = outlet["outlet_id"] if outlet else None
        find = _find_by_pin if data.rider_code is None else _find_by_slip
        found = await find(connection, slip, outlet_id)
        await lockout.refuse_locked(connection, city_id, found.counters.all, now)
        if found.rider_id is None:
            own = await lockout.count_own(connection, city_id, found.counters, now)
            await lockout.count_place(connection, city_id, found.counters, own, now)
        # Raised, it would take back what was counted.
        refusal = rules.refusal_of_pin(
            outlet_known=outlet is not None, rider_found=found.rider_id is not None,
            active=found.active and outlet is not None and outlet["active"], rider_named=data.rider_code is not None,
        )  # fmt: skip
        if refusal is not None or found.rider_id is None:
            return refusal or rules.SignInRefused("Check outlet code and PIN.")
        if data.rider_code is None:
            await lockout.heal(connection, secret, city_id, found.rider_id, found.counters.own, now)
        else:
            earlier = await lockout.failures_of(connection, city_id, found.counters.own[0])
            await lockout.clear(connection, city_id, found.counters, earlier)
        return found.rider_id

    found = await database.transact(recognise, audited=False)
    if isinstance(found, Problem):
        raise found
    phone = known_devices.phone_of(secret, city_id, found)
    device = known_devices.with_name(secret, city_id, data.outlet_code, cookie, phone)
    return Person(role="rider", rider_id=found, device=device)


async def _find_by_pin(connection: Connection, slip: _Slip, outlet_id: UUID | None) -> _Found:
    """Any rider of the outlet with this PIN."""
    counters = lockout.outlet_counters(
        slip.secret, slip.city_id, slip.sent.outlet_code, slip.address, slip.known[0] if slip.known else None
    )
    if outlet_id is None:
        return _Found(None, False, counters)
    digest = secrets.digest_pin(slip.secret, slip.city_id, outlet_id, slip.sent.pin)
    row = await connection.fetchrow(
        *SQL.read_rider_by_pin(city_id=slip.city_id, outlet_id=outlet_id, pin_digest=digest)
    )
    return _Found(row["rider_id"], row["active"], counters) if row else _Found(None, False, counters)


async def _find_by_slip(connection: Connection, slip: _Slip, outlet_id: UUID | None) -> _Found:
    """The rider with this code at the outlet, if the PIN is theirs. Nobody with this code: counted alike."""
    assert slip.sent.rider_code is not None
    row = outlet_id and await connection.fetchrow(
        *SQL.read_rider_by_code(city_id=slip.city_id, outlet_id=outlet_id, rider_code=slip.sent.rider_code)
    )
    phone = known_devices.phone_of(slip.secret, slip.city_id, row["rider_id"]) if row else None
    counters = lockout.slip_counters(
        slip.secret, slip.city_id, (slip.sent.outlet_code, slip.sent.rider_code, row["pin_digest"] if row else None),
        slip.address, phone if phone in slip.known else None,
    )  # fmt: skip
    if not row or outlet_id is None:
        return _Found(None, False, counters)
    digest = secrets.digest_pin(slip.secret, slip.city_id, outlet_id, slip.sent.pin)
    is_right = row["pin_digest"] is not None and hmac.compare_digest(digest, bytes(row["pin_digest"]))
    return _Found(row["rider_id"] if is_right else None, row["active"], counters)
