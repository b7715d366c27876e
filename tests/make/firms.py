"""Makers of firms, their outlets and riders, and of what they take part in."""

from datetime import date
from typing import Any
from uuid import UUID

from dispatch.identity.secrets import digest_pin
from tests.log_watch import tell
from tests.make.rows import Rows
from tests.make.world import World

SECRET = "test-secret-test-secret-test-secret!"


class FirmMakers(Rows):
    """Firms, outlets, riders, depots; invitations and declared capacity."""

    async def partner(self, city_id: int, *, kind: str = "parcel", **more: Any) -> UUID:
        partner_id, number = self.id(), self.next()
        values = {"code": f"P{number}", "name": f"快递{number}", **more}
        await self.insert("partner", city_id=city_id, partner_id=partner_id, kind=kind, created_at=self.now, **values)
        return partner_id

    async def outlet(self, city_id: int, partner_id: UUID, **more: Any) -> UUID:
        outlet_id, number = self.id(), self.next()
        values = {"code": f"O{number}", "name": f"网点{number}", **more}
        await self.insert(
            "outlet", city_id=city_id, outlet_id=outlet_id, partner_id=partner_id, created_at=self.now, **values
        )
        return outlet_id

    async def rider(self, city_id: int, outlet_id: UUID, *, pin: str | None = None, **more: Any) -> UUID:
        rider_id, number = self.id(), self.next()
        digest = digest_pin(SECRET, city_id, outlet_id, pin) if pin else None
        values = {"code": f"R{number}", "name": f"骑手{number}", "pin_digest": digest, **more}
        tell("a rider's PIN", pin)
        tell("a rider's name", values["name"])
        await self.insert(
            "rider", city_id=city_id, rider_id=rider_id, outlet_id=outlet_id, created_at=self.now, **values
        )
        return rider_id

    async def depot(self, city_id: int, **more: Any) -> UUID:
        depot_id = self.id()
        values = {"code": f"D{self.next()}", "name": "中心库", **more}
        await self.insert("depot", city_id=city_id, depot_id=depot_id, created_at=self.now, **values)
        return depot_id

    async def invitation(self, city_id: int, campaign_id: UUID, partner_id: UUID, status: str = "accepted") -> None:
        await self.insert(
            "invitation", city_id=city_id, campaign_id=campaign_id, partner_id=partner_id, status=status,
            invited_at=self.now, answered_at=None if status == "invited" else self.now,
        )  # fmt: skip

    async def capacity(
        self, city_id: int, campaign_id: UUID, outlet_id: UUID, zone_id: UUID, copies: int, week: date | None = None
    ) -> None:
        """Declared for the week that begins on `week`, by default that of 26 April 2027."""
        await self.insert(
            "capacity", city_id=city_id, campaign_id=campaign_id, outlet_id=outlet_id, zone_id=zone_id, copies=copies,
            week_starts_on=week or date(2027, 4, 26), declared_at=self.now,
        )  # fmt: skip

    async def serves(self, world: World, *outlets: int) -> None:
        """The world's outlets of these positions, all by default, declare capacity in every zone."""
        for position in outlets or range(len(world.outlets)):
            for zone in world.zones:
                await self.capacity(world.city_id, world.campaign, world.outlets[position], zone, 1000)
