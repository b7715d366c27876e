"""Makers fill every field sensibly; a test states only what it is about. Rows are written by plain SQL, so that a test of
one slice does not depend on the routes of another."""

from datetime import date, datetime, timedelta
from typing import Any, cast
from uuid import UUID

import h3.api.basic_int as h3
import shapely
from msgspec import Struct

from dispatch.database import Database, new_id
from dispatch.identity.secrets import digest_pin, hash_password, hash_token, new_token
from tests.log_watch import tell

SECRET = "test-secret-test-secret-test-secret!"
ORIGIN = (104.20, 36.90)
SIDE = 0.02  # degrees: about 1.8 km by 2.2 km, some forty cells
LEAFLET_CHANNELS = ["in_person", "with_parcel", "with_meal", "placed", "home_visit"]


def square(column: int, row: int = 0) -> shapely.Polygon:
    """The zone-sized square in the given column and row of the test city."""
    west, south = ORIGIN[0] + column * SIDE, ORIGIN[1] + row * SIDE
    return shapely.box(west, south, west + SIDE, south + SIDE)


class World(Struct):
    """A city with four square zones, two firms with two outlets and two riders each, one open campaign, one leaflet."""

    city_id: int
    zones: list[UUID]
    cells: list[list[int]]
    partners: list[UUID]
    outlets: list[UUID]
    riders: list[UUID]
    depot: UUID
    campaign: UUID
    material: UUID


class Make:
    """Makers bound to a database and an instant."""

    def __init__(self, database: Database, now: datetime) -> None:
        self.database = database
        self.now = now
        self._count = 0

    def next(self) -> int:
        """A number no earlier call gave."""
        self._count += 1
        return self._count

    def id(self) -> UUID:
        return new_id(self.now)

    async def insert(self, table: str, **values: Any) -> None:
        """Insert one row."""
        names = ", ".join(values)
        places = ", ".join(f"${i}" for i in range(1, len(values) + 1))
        async with self.database.read() as connection:
            await connection.execute(f"insert into {table} ({names}) values ({places})", *values.values())

    async def fetch(self, statement: str, *arguments: Any) -> list[dict[str, Any]]:
        """Rows of any statement, for looking at what a test did."""
        async with self.database.read() as connection:
            return [dict(row) for row in await connection.fetch(statement, *arguments)]

    async def value(self, statement: str, *arguments: Any) -> Any:
        """First value of any statement."""
        async with self.database.read() as connection:
            return await connection.fetchval(statement, *arguments)

    async def city(self, city_id: int = 99, datum: str = "gcj02") -> int:
        code = str(city_id)
        await self.insert(
            "city",
            city_id=city_id,
            code=code,
            name="云川市",
            datum=datum,
            timezone="Asia/Shanghai",
            created_at=self.now,
        )
        return city_id

    async def zone(
        self, city_id: int, column: int, *, households: int | None = 6000, row: int = 0, **more: Any
    ) -> tuple[UUID, list[int]]:
        """A square zone and its cells."""
        zone_id, boundary = self.id(), square(column, row)
        values = {
            "code": f"990101{column + 100 * row:03d}",
            "name": f"片区{column}",
            "division_code": "990101",
            "population": 15000,
            **more,
        }
        await self.insert(
            "zone", city_id=city_id, zone_id=zone_id, households=households, boundary=shapely.to_wkb(boundary),
            area_square_metres=4e6, created_at=self.now, changed_at=self.now, **values,
        )  # fmt: skip
        found: list[int] = sorted(cast("Any", h3).geo_to_cells(boundary, 9))
        share = (households or 0) // len(found)
        async with self.database.read() as connection:
            await connection.execute(
                "insert into zone_cell (city_id, cell, zone_id, households) select $1, x, $2, $4 from unnest($3::bigint[]) x",
                city_id, zone_id, found, share,
            )  # fmt: skip
        return zone_id, found

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

    async def session(
        self, city_id: int, *, account_id: UUID | None = None, rider_id: UUID | None = None, **more: Any
    ) -> dict[str, str]:
        """Headers of somebody signed in, for as long as a test may take: `idle_seconds=0` is no idle time."""
        token = new_token(city_id)
        values = {
            "method": "pin" if rider_id else "password",
            "created_at": self.now,
            "expires_at": self.now + timedelta(days=365),
            "last_used_at": self.now,
            "idle_seconds": 0,
            **more,
        }
        await self.insert(
            "session", city_id=city_id, token_hash=hash_token(token), session_id=self.id(), account_id=account_id,
            rider_id=rider_id, device="测试", address="127.0.0.1", **values,
        )  # fmt: skip
        return {"authorization": f"Bearer {token}"}

    async def account(self, city_id: int, role: str, *, password: str | None = None, **more: Any) -> UUID:
        account_id = self.id()
        values = {
            "login": f"user{self.next()}",
            "display_name": "某某",
            "password_hash": hash_password(password) if password else "-",
            **more,
        }
        tell("an account's login", values["login"])
        tell("an account's name", values["display_name"])
        await self.insert("account", city_id=city_id, account_id=account_id, role=role, created_at=self.now, **values)
        return account_id

    async def planner(self, city_id: int, **more: Any) -> dict[str, str]:
        """Headers of a planner (a district's with division_code=…)."""
        return await self.session(city_id, account_id=await self.account(city_id, "planner", **more))

    async def firm_manager(self, city_id: int, partner_id: UUID) -> dict[str, str]:
        return await self.session(
            city_id, account_id=await self.account(city_id, "firm_manager", partner_id=partner_id)
        )

    async def outlet_manager(self, city_id: int, partner_id: UUID, outlet_id: UUID) -> dict[str, str]:
        account = await self.account(city_id, "outlet_manager", partner_id=partner_id, outlet_id=outlet_id)
        return await self.session(city_id, account_id=account)

    async def rider_session(self, city_id: int, rider_id: UUID) -> dict[str, str]:
        return await self.session(city_id, rider_id=rider_id)

    async def partner_system(self, city_id: int, partner_id: UUID) -> dict[str, str]:
        key = new_token(city_id)
        await self.insert(
            "api_key", city_id=city_id, key_hash=hash_token(key), api_key_id=self.id(), partner_id=partner_id, name="接口",
            created_at=self.now, expires_at=self.now + timedelta(days=365), last_used_at=self.now,
        )  # fmt: skip
        return {"authorization": f"Bearer {key}"}

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

    async def tally(
        self, world: World, zone: int, copies: int, *, day: date = date(2027, 4, 19), known_on: date | None = None,
        outlet: int = 0, channel: str = "with_parcel", material_id: UUID | None = None, cell: int | None = None,
    ) -> None:  # fmt: skip
        """Copies handed out in a zone of the world, in every tally, as recording handouts leaves them."""
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

    async def serves(self, world: World, *outlets: int) -> None:
        """The world's outlets of these positions, all by default, declare capacity in every zone."""
        for position in outlets or range(len(world.outlets)):
            for zone in world.zones:
                await self.capacity(world.city_id, world.campaign, world.outlets[position], zone, 1000)

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

    async def spot_check(
        self, world: World, zone: int, *, asked: int, have: int, closed: bool = True, closed_at: datetime | None = None
    ) -> UUID:
        """A spot check of one cluster in a zone of the world, with a result unless nobody was asked."""
        check_id = self.id()
        ending = {"closed_at": closed_at or self.now, "closed_by": self.id()} if closed else {}
        await self.insert(
            "spot_check", city_id=world.city_id, spot_check_id=check_id, campaign_id=world.campaign,
            zone_id=world.zones[zone], sample=max(5, asked), clusters=1, seed=1, status="closed" if closed else "open",
            planned_at=self.now - timedelta(days=7), planned_by=self.id(), **ending,
        )  # fmt: skip
        await self.insert(
            "spot_check_cluster", city_id=world.city_id, spot_check_id=check_id, number=1, cell=world.cells[zone][0],
            households=150, planned=max(5, asked), start_direction="north", first_door=1, door_interval=1,
        )  # fmt: skip
        if asked:
            await self.insert(
                "spot_check_result", city_id=world.city_id, result_id=self.id(), spot_check_id=check_id, number=1,
                asked=asked, have=have, recorded_at=closed_at or self.now, recorded_by=self.id(),
            )  # fmt: skip
        async with self.database.read() as connection:
            await connection.execute(
                "update campaign set revision = revision + 1 where city_id = $1 and campaign_id = $2",
                world.city_id, world.campaign,
            )  # fmt: skip
        return check_id

    async def first_copies(self, world: World, zone: int, asked: int, yes: int, unknown: int = 0) -> None:
        """Answers to the first-copy question in a zone of the world that has copies already."""
        async with self.database.read() as connection:
            await connection.execute(
                "update zone_tally set first_asked = first_asked + $5, first_yes = first_yes + $6,"
                " first_unknown = first_unknown + $7, revision = revision + 1 where city_id = $1 and campaign_id = $2"
                " and zone_id = $3 and material_id = $4",
                world.city_id, world.campaign, world.zones[zone], world.material, asked, yes, unknown,
            )  # fmt: skip
