"""One rider, new PINs, who takes part, and the lists each role may see, in SQL."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

import asyncpg

from dispatch.database import Connection, Retry, new_id, queries_for, rows
from dispatch.database.queries import Scope
from dispatch.identity import secrets
from dispatch.partners import rider_rules
from dispatch.partners.records import DealtPin, LockedRider, RiderByCode
from dispatch.problems import NotFound
from schemas.partners import Depot, Outlet, OutletProgress, Partner, Rider, RiderForm, RiderHolding, RiderHoldings

SQL = queries_for(__file__)


async def add_rider(connection: Connection, scope: Scope, wanted: RiderForm, now: datetime) -> Rider:
    """Add a rider; the same request again finds them there. Raises UnknownOutlet, RiderCodeTaken."""
    outlet_id = rider_rules.judge_outlet(
        await connection.fetchval(*SQL.read_outlet_for_rider(scope, outlet_code=wanted.outlet_code))
    )
    await connection.fetchval(
        *SQL.insert_rider(
            city_id=scope.city_id,
            rider_id=new_id(now),
            code=wanted.code,
            name=wanted.name,
            outlet_id=outlet_id,
            now=now,
        )
    )
    (kept,) = rows(RiderByCode, await connection.fetch(*SQL.read_rider_by_code(scope, code=wanted.code)))
    return rider_rules.judge_added(wanted, outlet_id, kept)


async def lock_riders(connection: Connection, scope: Scope, rider_ids: Iterable[UUID]) -> list[LockedRider]:
    """Hold these riders until the transaction ends. Raises NotFound when one of them is not within scope."""
    wanted = list(set(rider_ids))
    riders = rows(LockedRider, await connection.fetch(*SQL.lock_riders(scope, rider_ids=wanted)))
    if len(riders) < len(wanted):
        raise NotFound("There is no such rider here.")
    return riders


async def deal_pins(
    connection: Connection, city_id: int, riders: Sequence[LockedRider], secret: str, now: datetime
) -> dict[UUID, DealtPin]:
    """New PINs that nobody of the same outlet has or had until now, kept as digests; the riders' sessions end.

    Raises PinsExhausted, and Retry when a PIN was taken in the meantime.
    """
    outlet_ids = list({rider.outlet_id for rider in riders})
    in_use = await connection.fetch(*SQL.read_pins(city_id=city_id, outlet_ids=outlet_ids))

    def digest(outlet_id: UUID, pin: str) -> bytes:
        return secrets.digest_pin(secret, city_id, outlet_id, pin)

    dealt = rider_rules.deal_pins(riders, {row["pin_digest"] for row in in_use}, secrets.new_pin, digest)
    try:
        await connection.execute(
            *SQL.deal_pins(
                city_id=city_id,
                rider_ids=[each.rider_id for each in dealt],
                pin_digests=[each.digest for each in dealt],
                now=now,
            )
        )
    except asyncpg.UniqueViolationError as error:
        raise Retry from error
    return {each.rider_id: each for each in dealt}


async def read_rider_holdings(connection: Connection, scope: Scope) -> list[RiderHoldings]:
    """The riders within scope who hold copies or whose phone has called, with both."""
    found: dict[UUID, RiderHoldings] = {}
    for row in await connection.fetch(*SQL.read_rider_holdings(scope)):
        rider = found.setdefault(
            row["rider_id"], RiderHoldings(rider_id=row["rider_id"], last_seen_on=row["last_seen_on"], holdings=[])
        )
        if row["copies"] is not None:
            rider.holdings.append(
                RiderHolding(
                    campaign_id=row["campaign_id"], material_code=row["material_code"],
                    material_name=row["material_name"], copies=row["copies"],
                )
            )  # fmt: skip
    return list(found.values())


async def set_rider_active(connection: Connection, scope: Scope, rider_id: UUID, active: bool, now: datetime) -> None:
    """Let a rider in from now on, or keep them out; sessions of before have ended. Raises NotFound."""
    changed = await connection.fetchval(*SQL.set_rider_active(scope, rider_id=rider_id, active=active, now=now))
    if changed is None:
        raise NotFound("There is no such rider here.")


async def set_partner_active(
    connection: Connection, city_id: int, partner_id: UUID, active: bool, now: datetime
) -> None:
    """Let a partner take part from now on, or not; its people's sessions of before have ended. Raises NotFound."""
    changed = await connection.fetchval(
        *SQL.set_partner_active(city_id=city_id, partner_id=partner_id, active=active, now=now)
    )
    if changed is None:
        raise NotFound("There is no such partner here.")


async def read_partners(connection: Connection, scope: Scope) -> list[Partner]:
    """The partners within scope, by code."""
    return rows(Partner, await connection.fetch(*SQL.read_partners(scope)))


async def read_outlets(connection: Connection, scope: Scope) -> list[Outlet]:
    """The outlets within scope, by code."""
    return rows(Outlet, await connection.fetch(*SQL.read_outlets(scope)))


async def read_riders(connection: Connection, scope: Scope, outlet_id: UUID | None, *, with_names: bool) -> list[Rider]:
    """The riders within scope, by code: all of them, or those of one outlet."""
    return rows(Rider, await connection.fetch(*SQL.read_riders(scope, outlet_id=outlet_id, with_names=with_names)))


async def read_depots(connection: Connection, city_id: int) -> list[Depot]:
    """The depots of the city, by code."""
    return rows(Depot, await connection.fetch(*SQL.read_depots(city_id=city_id)))


async def find_campaign_day(connection: Connection, city_id: int, campaign_id: UUID, now: datetime) -> date:
    """What day it is in the city. Raises NotFound when there is no such campaign."""
    day: date | None = await connection.fetchval(
        *SQL.read_campaign_day(city_id=city_id, campaign_id=campaign_id, now=now)
    )
    if day is None:
        raise NotFound("There is no such campaign here.")
    return day


async def read_outlets_progress(
    connection: Connection, scope: Scope, campaign_id: UUID, day: date
) -> list[OutletProgress]:
    """The outlets within scope with what they have of the campaign and have handed out by the day."""
    found = await connection.fetch(*SQL.read_outlets_progress(scope, campaign_id=campaign_id, day=day))
    return rows(OutletProgress, found)
