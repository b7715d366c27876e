"""Builds the fictional city in the product before its campaign begins: zones, partners, campaign, capacity.

Everything goes through the functions and routes that a real city would use, so that the demonstration cannot show
what the product cannot do.
"""

import csv
import io
import random
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx
import msgspec

from dispatch.campaigns.capacity_store import declare_capacity
from dispatch.campaigns.store import change_status, create_campaign, invite_partners
from dispatch.database import Database, new_id, queries_for
from dispatch.database.queries import Scope
from dispatch.demo.campaign import date_of_day
from dispatch.demo.mishaps import wrong_datum_geojson
from dispatch.demo.world import World
from dispatch.identity.accounts import ensure_account
from dispatch.materials.store import create_material, create_print_run
from dispatch.partners.imports import write_depots, write_outlets, write_partners, write_riders
from dispatch.tables.sheets import ImportRefused
from dispatch.zones.imports import create_city, import_incidents, import_priority_groups, import_zones
from schemas.campaigns import CapacityRow, NewCampaign, Wave
from schemas.materials import NewMaterial, NewPrintRun
from schemas.partners import NewDepot, NewOutlet, NewPartner, NewRider

SQL = queries_for(__file__)
TIMEZONE = ZoneInfo("Asia/Shanghai")
CITY_ID, CITY_CODE, CITY_DATUM = 99, "99", "gcj02"
PLANNER, AUDITOR, MANAGER, PASSWORD = "planner", "auditor", "manager", "demo-2027-yunchuan"
# Weeks of incident counts the city has when it plans: none of the months that are still to come.
_HISTORY_MONTHS = 12


class Ids:
    """UUIDv7s that are the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)  # noqa: S311  ids of a demonstration, not secrets  # nosec B311

    def make(self, at: datetime) -> UUID:
        """The next id, with `at` inside."""
        return new_id(at, self._chance.getrandbits(74))


class Clock:
    """The demonstration's clock while its days are made."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """The instant the application takes for now."""
        return self.now


class Stage(msgspec.Struct):
    """Ids of what was built, each list in the order of the world's tuples."""

    world: World
    ids: Ids
    clock: Clock
    campaign_id: UUID
    zone_ids: list[UUID]
    outlet_ids: list[UUID]
    partner_ids: list[UUID]
    rider_ids: list[UUID]
    depot_id: UUID
    material_ids: list[UUID]
    refused_imports: list[str]
    """Reasons of the imports that were refused: the one in the wrong datum."""


def instant(day: int, hour: int = 8, minute: int = 0) -> datetime:
    """An hour of campaign day `day` (1 is the first; 0 and less lie before it), in the city's time."""
    at = datetime.combine(date_of_day(1), time(hour, minute), tzinfo=TIMEZONE)
    return at + timedelta(days=day - 1)


def pin_of(number: int) -> str:
    """The demonstration's PIN of rider `number`: spread over all six digits, so no two of an outlet are alike."""
    return f"{(number * 7919 + 104_729) % 1_000_000:06d}"


async def build(database: Database, world: World, secret: str, seed: int) -> Stage:
    """Everything up to the evening before the first day."""
    ids, clock = Ids(seed), Clock(instant(-30))
    await create_city(database, CITY_ID, CITY_CODE, "云川市", CITY_DATUM, clock.now, demonstration=True)
    refused = await _zones(database, world, clock)
    await _partners(database, world, clock, secret)
    codes = {
        "zones": [zone.code for zone in world.city.zones],
        "outlets": [outlet.code for outlet in world.partners.outlets],
        "partners": [partner.code for partner in world.partners.partners],
        "riders": list(world.partners.riders.code),
        "depots": [depot.code for depot in world.partners.depots],
    }
    async with database.read() as connection:
        places = await connection.fetch(*SQL.read_places(city_id=CITY_ID))
    id_of = {f"{place['kind']}:{place['code']}": place["id"] for place in places}
    known = {kind: [id_of[f"{kind}:{code}"] for code in listed] for kind, listed in codes.items()}
    await _accounts(database, world, known, clock)
    campaign_id, materials = await _campaign(database, world, ids, clock, known["partners"])
    return Stage(
        world=world, ids=ids, clock=clock, campaign_id=campaign_id, zone_ids=known["zones"],
        outlet_ids=known["outlets"],
        partner_ids=known["partners"], rider_ids=known["riders"], depot_id=known["depots"][0], material_ids=materials,
        refused_imports=refused,
    )  # fmt: skip


async def _zones(database: Database, world: World, clock: Clock) -> list[str]:
    from dispatch.demo.city import zones_geojson

    city = world.city
    await import_zones(database, CITY_ID, msgspec.json.encode(zones_geojson(city)), CITY_DATUM, clock.now)
    shares = _table(
        ["zone_code", "priority_group", "share"],
        (
            [zone.code, group, round(people / zone.population, 4)]
            for zone in city.zones
            for group, people in zone.priority_groups.items()
        ),
    )
    await import_priority_groups(database, CITY_ID, shares, clock.now)
    months = [number for number, month in enumerate(city.incidents.months) if month < f"{instant(0):%Y-%m}"]
    counts = _table(
        ["zone_code", "month", "scam_type", "incidents"],
        (
            [zone.code, city.incidents.months[month], scam_type, int(city.incidents.count[index, month, kind])]
            for index, zone in enumerate(city.zones)
            for month in months[-_HISTORY_MONTHS:]
            for kind, scam_type in enumerate(city.incidents.scam_types)
        ),
    )
    await import_incidents(database, CITY_ID, counts)
    try:
        # One of the mishaps: a colleague sends the zones again, in another datum and saying nothing of it.
        await import_zones(database, CITY_ID, msgspec.json.encode(wrong_datum_geojson(city)), CITY_DATUM, clock.now)
    except ImportRefused as problem:
        return [str(error.reason if hasattr(error, "reason") else error) for error in problem.extensions["errors"][:1]]
    return []


def _table(header: Sequence[str], lines: Iterable[Sequence[Any]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows(lines)
    return text.getvalue().encode()


async def _partners(database: Database, world: World, clock: Clock, secret: str) -> None:
    partners, zones = world.partners, world.city.zones
    await write_partners(
        database, CITY_ID, [NewPartner(code=p.code, name=p.name, kind=p.kind) for p in partners.partners], clock.now
    )
    outlets = [
        NewOutlet(
            code=o.code, name=o.name, partner_code=partners.partners[o.partner].code, zone_code=zones[o.zone].code
        )
        for o in partners.outlets
    ]
    await write_outlets(database, CITY_ID, outlets, clock.now)
    await write_depots(database, CITY_ID, [NewDepot(code=d.code, name=d.name) for d in partners.depots], clock.now)
    outlet_of: list[int] = partners.riders.outlet.tolist()
    riders = [
        NewRider(code=code, name=name, outlet_code=partners.outlets[outlet].code, pin=pin_of(number))
        for number, (code, name, outlet) in enumerate(
            zip(partners.riders.code, partners.riders.name, outlet_of, strict=True)
        )
    ]
    await write_riders(database, CITY_ID, riders, clock.now, secret=secret)


async def _accounts(database: Database, world: World, known: dict[str, list[UUID]], clock: Clock) -> None:
    await ensure_account(database, CITY_ID, "planner", PLANNER, PASSWORD, "反诈中心值班员", clock.now)
    await ensure_account(database, CITY_ID, "auditor", AUDITOR, PASSWORD, "审计员", clock.now)
    for number, partner in enumerate(world.partners.partners):
        login = f"{partner.code.lower()}-{MANAGER}"
        if partner.invited:
            await ensure_account(
                database, CITY_ID, "firm_manager", login, PASSWORD, f"{partner.name}负责人", clock.now,
                partner_id=known["partners"][number],
            )  # fmt: skip
    first = world.partners.outlets[0]
    await ensure_account(
        database, CITY_ID, "outlet_manager", first.code.lower(), PASSWORD, f"{first.name}站长", clock.now,
        partner_id=known["partners"][first.partner], outlet_id=known["outlets"][0],
    )  # fmt: skip


async def _campaign(
    database: Database, world: World, ids: Ids, clock: Clock, partner_ids: Sequence[UUID]
) -> tuple[UUID, list[UUID]]:
    plan = world.campaign
    campaign_id = ids.make(clock.now)
    await create_campaign(database, CITY_ID, _new_campaign(world, campaign_id), clock.now)
    materials: list[UUID] = []
    for material in plan.materials:
        wanted = NewMaterial(
            code=material.code, name=material.name, kind=material.kind, channels=list(material.channels or ("placed",)),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
            bundle_copies=material.bundle, carton_copies=material.carton, counts_for_reach=material.family != "site",
        )  # fmt: skip
        materials.append((await create_material(database, CITY_ID, campaign_id, wanted, clock.now)).material_id)
    for run in plan.print_runs:
        wanted_run = NewPrintRun(
            print_run_id=ids.make(clock.now), code=run.code, material_code=run.material_code, copies=run.copies,
            depot_code=world.partners.depots[0].code, due_on=run.delivered_on,
        )  # fmt: skip
        await create_print_run(database, CITY_ID, campaign_id, wanted_run, clock.now)
    invited = [invitation.partner_code for invitation in world.capacity.invitations]
    await invite_partners(database, CITY_ID, campaign_id, invited, clock.now)
    await change_status(database, CITY_ID, campaign_id, "open", clock.now)
    clock.now = instant(-14)
    for number, partner in enumerate(world.partners.partners):
        declared = _declared(world, number)
        if partner.code in invited and declared:
            for start in range(0, len(declared), 20_000):
                part = declared[start : start + 20_000]
                scope = Scope(city_id=CITY_ID, scope_partner=partner_ids[number])
                await declare_capacity(database, scope, campaign_id, part, clock.now)
    return campaign_id, materials


def _new_campaign(world: World, campaign_id: UUID) -> NewCampaign:
    plan, done = world.campaign, 0.0
    waves: list[Wave] = []
    for number, wave in enumerate(plan.waves, start=1):
        done += wave.share
        pilot = wave.code == "pilot"
        waves.append(
            Wave(
                number=number,
                name=wave.name,
                starts_on=date_of_day(wave.first_day),
                ends_on=date_of_day(wave.last_day),
                planned_share=1.0 if number == len(plan.waves) else round(done, 6),
                zone_codes=[world.city.zones[zone].code for zone in plan.pilot_zones] if pilot else [],
            )
        )
    return NewCampaign(
        campaign_id=campaign_id, code=plan.code, name=plan.name, starts_on=plan.first_day, ends_on=plan.last_day,
        target_reach=plan.target_reach, waves=waves,
    )  # fmt: skip


def _declared(world: World, partner: int) -> list[CapacityRow]:
    capacity, outlets = world.capacity, world.partners.outlets
    weeks: list[tuple[int, date]] = [
        (number, week) for number, week in enumerate(capacity.weeks) if week <= world.campaign.last_day
    ]
    outlet_of: list[int] = capacity.outlet.tolist()
    zone_of: list[int] = capacity.zone.tolist()
    return [
        CapacityRow(
            outlet_code=outlets[outlet].code,
            zone_code=world.city.zones[zone].code,
            week_starts_on=week,
            copies=int(capacity.copies[row, number]),
        )
        for row, (outlet, zone) in enumerate(zip(outlet_of, zone_of, strict=True))
        if outlets[outlet].partner == partner
        for number, week in weeks
        if capacity.copies[row, number] > 0
    ]


async def expect(answer: httpx.Response) -> Any:
    """The JSON of an answer of the product; anything but success is a fault of the demonstration."""
    if not answer.is_success:
        raise RuntimeError(
            f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {answer.text[:600]}"
        )
    return answer.json()
