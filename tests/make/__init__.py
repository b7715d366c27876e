"""Makers fill every field sensibly; a test states only what it is about. Rows are written by plain SQL, so that a test of
one slice does not depend on the routes of another."""

from tests.make.callers import CallerMakers
from tests.make.campaigns import LEAFLET_CHANNELS, CampaignMakers
from tests.make.copies import CopyMakers
from tests.make.firms import SECRET, FirmMakers
from tests.make.ground import ORIGIN, SIDE, GroundMakers, square
from tests.make.handouts import HandoutMakers
from tests.make.world import World

__all__ = ["LEAFLET_CHANNELS", "ORIGIN", "SECRET", "SIDE", "Make", "World", "square"]


class Make(GroundMakers, FirmMakers, CampaignMakers, CallerMakers, CopyMakers, HandoutMakers):
    """Makers bound to a database and an instant."""

    async def world(self, city_id: int = 99) -> World:
        await self.city(city_id)
        made = [await self.zone(city_id, column) for column in range(4)]
        partners = [await self.partner(city_id) for _ in range(2)]
        outlets = [await self.outlet(city_id, partner) for partner in partners for _ in range(2)]
        riders = [await self.rider(city_id, outlet) for outlet in outlets for _ in range(2)]
        campaign = await self.campaign(city_id)
        return World(
            city_id=city_id, zones=[zone for zone, _ in made], cells=[found for _, found in made], partners=partners, outlets=outlets,
            riders=riders, depot=await self.depot(city_id), campaign=campaign, material=await self.material(city_id, campaign),
        )  # fmt: skip
