"""Makers of what was handed out, as the tallies keep it, and of spot checks."""

from datetime import date, datetime, timedelta
from uuid import UUID

from tests.make.rows import Rows
from tests.make.world import World


class HandoutMakers(Rows):
    """Tallies and checks in zones of the world."""

    async def tally(
        self, world: World, zone: int, copies: int, *, day: date = date(2027, 4, 19), known_on: date | None = None,
        outlet: int = 0, channel: str = "with_parcel", material_id: UUID | None = None, cell: int | None = None,
    ) -> None:  # fmt: skip
        """Copies handed out in a zone of the world, in every tally, as recording hand-outs leaves them."""
        place = (world.city_id, world.campaign, world.zones[zone])
        material, known = material_id or world.material, known_on or day
        async with self.database.read() as connection:
            await connection.execute(
                "insert into zone_tally (city_id, campaign_id, zone_id, material_id, channel) values ($1, $2, $3, $4, $5)"
                " on conflict do nothing",
                *place, material, channel,
            )  # fmt: skip
            await connection.execute(
                "update zone_tally set copies = copies + $6, revision = revision + 1 where city_id = $1 and campaign_id = $2"
                " and zone_id = $3 and material_id = $4 and channel = $5",
                *place, material, channel, copies,
            )  # fmt: skip
            await connection.execute(
                "insert into zone_day_tally as t (city_id, campaign_id, zone_id, day, known_on, outlet_id, material_id, channel,"
                " copies) values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict on constraint zone_day_tally_key"
                " do update set copies = t.copies + excluded.copies",
                *place, day, known, world.outlets[outlet], material, channel, copies,
            )  # fmt: skip
            if cell is None:
                return
            in_person = copies if channel == "in_person" else 0
            await connection.execute(
                "insert into cell_tally (city_id, campaign_id, cell) values ($1, $2, $3) on conflict do nothing",
                world.city_id, world.campaign, cell,
            )  # fmt: skip
            await connection.execute(
                "update cell_tally set copies = copies + $4, in_person = in_person + $5"
                " where city_id = $1 and campaign_id = $2 and cell = $3",
                world.city_id, world.campaign, cell, copies, in_person,
            )  # fmt: skip
            await connection.execute(
                "insert into cell_day_tally as t (city_id, campaign_id, cell, known_on, copies) values ($1, $2, $3, $4, $5)"
                " on conflict on constraint cell_day_tally_key do update set copies = t.copies + excluded.copies",
                world.city_id, world.campaign, cell, known, copies,
            )  # fmt: skip

    async def first_copies(self, world: World, zone: int, asked: int, yes: int, unknown: int = 0) -> None:
        """Answers to the first-copy question in a zone of the world that has copies already."""
        async with self.database.read() as connection:
            await connection.execute(
                "update zone_tally set first_asked = first_asked + $5, first_yes = first_yes + $6,"
                " first_unknown = first_unknown + $7, revision = revision + 1 where city_id = $1 and campaign_id = $2"
                " and zone_id = $3 and material_id = $4",
                world.city_id, world.campaign, world.zones[zone], world.material, asked, yes, unknown,
            )  # fmt: skip

    async def spot_check(
        self, world: World, zone: int, *, asked: int, have: int, closed: bool = True,
        closed_at: datetime | None = None, clusters: int = 1,
    ) -> UUID:  # fmt: skip
        """A spot check in a zone of the world, its households spread over clusters, with results unless nobody was
        asked."""
        check_id = self.id()
        ending = {"closed_at": closed_at or self.now, "closed_by": self.id()} if closed else {}
        await self.insert(
            "spot_check", city_id=world.city_id, spot_check_id=check_id, campaign_id=world.campaign,
            zone_id=world.zones[zone], sample=max(5, asked), clusters=clusters, seed=1, status="closed" if closed else "open",
            planned_at=self.now - timedelta(days=7), planned_by=self.id(), **ending,
        )  # fmt: skip
        for number in range(1, clusters + 1):
            of_asked, of_have = (number * of // clusters - (number - 1) * of // clusters for of in (asked, have))
            await self.insert(
                "spot_check_cluster", city_id=world.city_id, spot_check_id=check_id, number=number,
                cell=world.cells[zone][0], households=150, planned=max(5, of_asked), start_direction="north",
                first_door=1, door_interval=1,
            )  # fmt: skip
            if of_asked:
                await self.insert(
                    "spot_check_result", city_id=world.city_id, result_id=self.id(), spot_check_id=check_id,
                    number=number, asked=of_asked, have=min(of_asked, of_have), recorded_at=closed_at or self.now,
                    recorded_by=self.id(),
                )  # fmt: skip
        async with self.database.read() as connection:
            await connection.execute(
                "update campaign set revision = revision + 1 where city_id = $1 and campaign_id = $2",
                world.city_id, world.campaign,
            )  # fmt: skip
        return check_id
