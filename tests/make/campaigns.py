"""Makers of campaigns and of what is printed for them."""

from datetime import date
from typing import Any
from uuid import UUID

from tests.make.rows import Rows

LEAFLET_CHANNELS = ["in_person", "with_parcel", "with_meal", "placed", "home_visit"]


class CampaignMakers(Rows):
    """Campaigns, materials, print runs."""

    async def campaign(self, city_id: int, **more: Any) -> UUID:
        campaign_id = self.id()
        values = {
            "code": f"C{self.next()}",
            "name": "百日行动",
            "starts_on": date(2027, 3, 15),
            "ends_on": date(2027, 6, 22),
            "target_reach": 0.6,
            "status": "open",
            **more,
        }
        await self.insert("campaign", city_id=city_id, campaign_id=campaign_id, created_at=self.now, **values)
        return campaign_id

    async def material(self, city_id: int, campaign_id: UUID, **more: Any) -> UUID:
        material_id = self.id()
        values = {
            "code": f"M{self.next()}",
            "name": "折页",
            "kind": "leaflet",
            "channels": LEAFLET_CHANNELS,
            "bundle_copies": 50,
            "carton_copies": 400,
            **more,
        }
        await self.insert(
            "material", city_id=city_id, material_id=material_id, campaign_id=campaign_id, created_at=self.now, **values
        )
        return material_id

    async def print_run(
        self, city_id: int, campaign_id: UUID, material_id: UUID, depot_id: UUID, copies: int, **more: Any
    ) -> UUID:
        print_run_id = self.id()
        values = {"code": f"PR{self.next()}", "due_on": date(2027, 4, 1), **more}
        await self.insert(
            "print_run", city_id=city_id, print_run_id=print_run_id, campaign_id=campaign_id, material_id=material_id,
            depot_id=depot_id, copies=copies, created_at=self.now, **values,
        )  # fmt: skip
        return print_run_id
