"""Makers of copies on their way: plans, batches, claims, waybills, stock, bundles."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from tests.make.rows import Rows
from tests.make.world import World


class CopyMakers(Rows):
    """Copies from the plan to the rider's hands."""

    async def approved(
        self, world: World, copies_by_zone: dict[int, int], *, partner: int | None = None, **more: Any
    ) -> UUID:
        """An approved allocation with a line for each zone of the world named."""
        allocation_id = self.id()
        values = {"approved_at": self.now, **more}
        await self.insert(
            "allocation", city_id=world.city_id, allocation_id=allocation_id, campaign_id=world.campaign,
            material_id=world.material, status="approved", copies=sum(copies_by_zone.values()), parameters={},
            certificate={}, created_at=self.now, created_by=self.id(), approved_by=self.id(), **values,
        )  # fmt: skip
        named = {} if partner is None else {"partner_id": world.partners[partner]}
        for zone, copies in copies_by_zone.items():
            await self.insert(
                "allocation_line", city_id=world.city_id, allocation_id=allocation_id, zone_id=world.zones[zone],
                copies=copies, proposed_copies=copies, risk_weight=1.0, **named,
            )  # fmt: skip
        return allocation_id

    async def batch(
        self, world: World, *, copies: int = 500, zone: int = 0, reserved: UUID | None = None, **more: Any
    ) -> UUID:
        """A batch for the world's zone in the given column, from an approved allocation of its own."""
        batch_id, allocation_id = self.id(), self.id()
        of = {"city_id": world.city_id, "campaign_id": world.campaign, "material_id": world.material}
        values = {
            "code": f"B{self.next()}",
            "priority": 1.0,
            "priority_reason": "发案较多，尚未触达",
            "due_on": date(2027, 5, 10),
            **more,
        }
        await self.insert(
            "allocation", **of, allocation_id=allocation_id, status="approved", copies=copies, parameters={}, certificate={},
            created_at=self.now, created_by=self.id(), approved_at=self.now, approved_by=self.id(),
        )  # fmt: skip
        await self.insert(
            "batch", **of, batch_id=batch_id, allocation_id=allocation_id, zone_id=world.zones[zone], depot_id=world.depot,
            copies=copies, reserved_partner_id=reserved, created_at=self.now, **values,
        )  # fmt: skip
        return batch_id

    async def claim(self, world: World, batch_id: UUID, partner_id: UUID, *, copies: int = 500, **more: Any) -> UUID:
        """A held claim, made now for three days."""
        claim_id = self.id()
        values = {"lease_until": self.now + timedelta(hours=72), "status": "held", "claimed_at": self.now, **more}
        await self.insert(
            "claim", city_id=world.city_id, claim_id=claim_id, batch_id=batch_id, partner_id=partner_id, copies=copies,
            claimed_by=self.id(), **values,
        )  # fmt: skip
        return claim_id

    async def waybill(self, world: World, claim_id: UUID, outlet_id: UUID, copies: int, **more: Any) -> UUID:
        """A waybill alone, without moves of stock."""
        waybill_id = self.id()
        values = {"code": f"W{self.next()}", "issued_at": self.now, **more}
        await self.insert(
            "waybill", city_id=world.city_id, waybill_id=waybill_id, campaign_id=world.campaign, claim_id=claim_id,
            material_id=world.material, depot_id=world.depot, outlet_id=outlet_id, copies=copies, issued_by=self.id(),
            **values,
        )  # fmt: skip
        return waybill_id

    async def stock(
        self, city_id: int, campaign_id: UUID, material_id: UUID, holder_kind: str, holder_id: UUID, quantity: int
    ) -> None:
        """Copies in somebody's hands, printed for the purpose, so that the balance law still holds."""
        move = {"city_id": city_id, "campaign_id": campaign_id, "material_id": material_id}
        await self.insert(
            "stock_move", **move, move_id=self.id(), kind="transfer", from_kind="printer", from_id=campaign_id, to_kind=holder_kind,
            to_id=holder_id, copies=quantity, moved_at=self.now, recorded_at=self.now, recorded_by=self.id(),
        )  # fmt: skip
        async with self.database.read() as connection:
            await connection.execute(
                "insert into stock_balance as b (city_id, campaign_id, material_id, holder_kind, holder_id, quantity)"
                " values ($1, $2, $3, $4, $5, $6), ($1, $2, $3, 'printer', $2, -$6)"
                " on conflict on constraint stock_balance_key do update set quantity = b.quantity + excluded.quantity",
                city_id, campaign_id, material_id, holder_kind, holder_id, quantity,
            )  # fmt: skip

    async def move(
        self, world: World, kind: str, source: tuple[str, UUID], target: tuple[str, UUID], copies: int, **more: Any
    ) -> UUID:
        """One stock move of the world's material, without balances."""
        move_id = self.id()
        values = {"moved_at": self.now, "recorded_at": self.now, "material_id": world.material, **more}
        await self.insert(
            "stock_move", city_id=world.city_id, move_id=move_id, campaign_id=world.campaign, kind=kind,
            from_kind=source[0], from_id=source[1], to_kind=target[0], to_id=target[1], copies=copies,
            recorded_by=self.id(), **values,
        )  # fmt: skip
        return move_id

    async def bundle(
        self, world: World, print_run_id: UUID, code: str, holder_kind: str, holder_id: UUID, *, copies: int = 50,
        carried_by: UUID | None = None, **more: Any,
    ) -> UUID:  # fmt: skip
        """A sealed bundle of copies the holder has already."""
        bundle_id = self.id()
        values = {"carton_code": code[:-3], "material_id": world.material, **more}
        await self.insert(
            "bundle", city_id=world.city_id, bundle_id=bundle_id, campaign_id=world.campaign, print_run_id=print_run_id,
            number=self.next(), code=code, copies=copies, holder_kind=holder_kind, holder_id=holder_id, **values,
        )  # fmt: skip
        async with self.database.read() as connection:
            await connection.execute(
                "update stock_balance set sealed_copies = sealed_copies + $1 where city_id = $2 and holder_kind = $3"
                " and holder_id = $4 and material_id = $5",
                copies, world.city_id, holder_kind, holder_id, values["material_id"],
            )  # fmt: skip
        if carried_by:
            await self.insert("bundle_move", city_id=world.city_id, bundle_id=bundle_id, move_id=carried_by)
        return bundle_id
