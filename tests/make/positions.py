"""Makers of precise positions: permits, agreements, positions."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from tests.make.ground import ORIGIN
from tests.make.rows import Rows
from tests.make.world import World


class PositionMakers(Rows):
    """Precise positions in the world's campaign."""

    async def position_permit(self, world: World, **more: Any) -> UUID:
        """Precise positions are on in the world's campaign."""
        permit_id = self.id()
        values = {"reason": "核对老城区楼栋的发放点位", "keep_days": 7, **more}
        await self.insert(
            "position_permit", city_id=world.city_id, permit_id=permit_id, campaign_id=world.campaign, given_at=self.now,
            given_by=self.id(), **values,
        )  # fmt: skip
        return permit_id

    async def position_agreement(self, world: World, permit_id: UUID, rider_id: UUID, *, version: int = 1) -> None:
        """The rider agrees to a permit, as his answer leaves it."""
        async with self.database.read() as connection:
            await connection.execute(
                "insert into position_notice (city_id, version, text_zh, text_en, shown_since) values ($1, $2, '说明', 'words', $3)"
                " on conflict do nothing",
                world.city_id, version, self.now,
            )  # fmt: skip
        await self.insert(
            "position_answer", city_id=world.city_id, answer_id=self.id(), rider_id=rider_id, permit_id=permit_id,
            version=version, given=True, answered_at=self.now,
        )  # fmt: skip
        await self.insert(
            "position_agreement", city_id=world.city_id, permit_id=permit_id, rider_id=rider_id, version=version,
            since=self.now,
        )  # fmt: skip

    async def position(self, world: World, rider_id: UUID, *, zone: int = 0, **more: Any) -> UUID:
        """A precise position in a zone of the world, as a hand-out leaves it."""
        handout_id = self.id()
        values: dict[str, Any] = {
            "day": date(2027, 4, 19), "longitude": ORIGIN[0] + 0.01, "latitude": ORIGIN[1] + 0.01, "accuracy_metres": 8.0,
            "erase_at": self.now + timedelta(days=7), **more,
        }  # fmt: skip
        await self.insert(
            "handout_position", city_id=world.city_id, handout_id=handout_id, campaign_id=world.campaign,
            zone_id=world.zones[zone], rider_id=rider_id, **values,
        )  # fmt: skip
        return handout_id
