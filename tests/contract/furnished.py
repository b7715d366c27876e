"""One of everything somebody has, marked, so that it can be looked for where it must not be."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from tests.contract.test_access import filled
from tests.make import Make, World

MARK = "KEEP-OUT"
SCAM, INCIDENTS = f"刷单{MARK}", 97_531_864
# What an address needs besides its ids to be answered.
QUERY = {
    "/api/sign-in/place": "?city_code={things.world.city_id}&outlet_code={things.outlet_code}",
    "/api/campaigns/{campaign_id:uuid}/handouts/hours": "?day=2027-04-19&outlet_code={things.outlet_code}",
}


@dataclass
class Things:
    """One of everything a first firm, its first outlet and its first rider have in a city."""

    world: World
    ids: dict[str, UUID] = field(default_factory=dict[str, UUID])
    """By the names that addresses use."""
    outlet_code: str = ""
    """The first outlet's, as its riders' slips show it."""

    def marks(self, *names: str) -> set[str]:
        """What must not be read: the mark, and the ids of these names (all but the shared ones when none are named)."""
        return {MARK, *(str(self.ids[name]) for name in names or self.ids)}


async def furnish(make: Make, city_id: int) -> Things:
    """A world in which the first rider of the first firm has handed out, and everything that leads there."""
    world = await make.world(city_id)
    partner, outlet, rider = world.partners[0], world.outlets[0], world.riders[0]
    await make.invitation(city_id, world.campaign, partner)
    await make.serves(world, 0)
    batch = await make.batch(world)
    claim = await make.claim(world, batch, partner, outlet_id=outlet)
    waybill = await make.waybill(world, claim, outlet, 400, code=f"{MARK}-W{city_id}")
    run = await make.print_run(city_id, world.campaign, world.material, world.depot, 5000)
    move = await make.move(world, "transfer", ("outlet", outlet), ("rider", rider), 100)
    await make.stock(city_id, world.campaign, world.material, "outlet", outlet, 300)
    await make.bundle(world, run, "HB-0001-01", "outlet", outlet, carton_code=f"{MARK}-0001", carried_by=move)
    await make.stock(city_id, world.campaign, world.material, "rider", rider, 100)
    await make.tally(world, 0, 7, cell=world.cells[0][0])
    handout, refused, key = make.id(), make.id(), make.id()
    await make.insert(
        "handout", city_id=city_id, id_day=make.now.date(), handout_id=handout, campaign_id=world.campaign, zone_id=world.zones[0],
        cell=world.cells[0][0], outlet_id=outlet, holder_id=rider, holder_kind="rider", material_id=world.material,
        channel="with_parcel", copies=7, day=date(2027, 4, 19), handed_out_at=make.now, received_at=make.now,
    )  # fmt: skip
    await make.insert(
        "handout_refused", city_id=city_id, handout_id=refused, content_digest=b"d", entry="sync", caller_role="rider", caller_id=rider,
        partner_id=partner, outlet_id=outlet, campaign_id=world.campaign, record={"id": MARK}, problem="unknown-zone", detail=MARK,
        refused_at=make.now,
    )  # fmt: skip
    reported = make.id()
    await make.insert(
        "handout_refused", city_id=city_id, handout_id=reported, content_digest=b"r", entry="report",
        caller_role="outlet_manager", caller_id=make.id(), partner_id=partner, outlet_id=outlet, campaign_id=world.campaign,
        record={"id": MARK}, problem="unknown-code", detail=MARK, refused_at=make.now, holder_kind="outlet",
        holder_id=outlet, holder_outlet_id=outlet, material_id=world.material, copies=7,
    )  # fmt: skip
    flag = make.id()
    await make.insert(
        "review_flag", city_id=city_id, flag_id=flag, campaign_id=world.campaign, rider_id=rider, outlet_id=outlet,
        week_starts_on=date(2027, 4, 12), score=8.0, zone_copies={}, status="open", raised_at=make.now, changed_at=make.now,
        reasons=[{"points": 6.2, "facts": {"slug": "beyond-held", "copies_beyond": 60, "copies_confirmed": 200}}],
    )  # fmt: skip
    await make.insert(
        "partner_reference", city_id=city_id, partner_id=partner, kind="handout", source_id=f"{MARK}-1", reference_id=handout,
        campaign_id=world.campaign, day=date(2027, 4, 19), made_at=make.now, made_by=key,
    )  # fmt: skip
    await make.insert(
        "api_key", city_id=city_id, key_hash=b"k", api_key_id=key, partner_id=partner, name=MARK, created_at=make.now,
        expires_at=make.now.replace(year=2028),
    )  # fmt: skip
    await make.insert(
        "incident_count",
        city_id=city_id,
        zone_id=world.zones[0],
        month=date(2027, 3, 1),
        scam_type=SCAM,
        incidents=INCIDENTS,
    )
    session = make.id()
    account = await make.account(city_id, "outlet_manager", partner_id=partner, outlet_id=outlet, display_name=MARK)
    await make.insert(
        "session", city_id=city_id, token_hash=b"s", session_id=session, rider_id=rider, method="pin", device=MARK, address=MARK,
        created_at=make.now, last_used_at=make.now, expires_at=make.now.replace(year=2028), idle_seconds=0,
    )  # fmt: skip
    check = await make.spot_check(world, 0, asked=0, have=0, closed=False)
    return Things(
        world,
        {
            "campaign_id": world.campaign, "zone_id": world.zones[0], "material_id": world.material, "depot_id": world.depot,
            "partner_id": partner, "outlet_id": outlet, "rider_id": rider, "batch_id": batch, "claim_id": claim,
            "waybill_id": waybill, "print_run_id": run, "move_id": move, "handout_id": handout, "refused_id": refused, "reported_id": reported,
            "flag_id": flag, "api_key_id": key, "session_id": session, "account_id": account, "spot_check_id": check,
            "allocation_id": await make.value("select allocation_id from batch where batch_id = $1", batch),
        },
        await make.value("select code from outlet where outlet_id = $1", outlet),
    )  # fmt: skip


async def mark(make: Make, statement: str, *arguments: Any) -> None:
    """Put the mark on rows: `update … set code = $1 || code`."""
    await make.fetch(statement, f"{MARK}-", *arguments)


async def state_of(make: Make, city_id: int) -> dict[str, Any]:
    """{table: digest of all its rows of the city}."""
    tables = await make.fetch(
        "select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'city_id'"
        " where c.relkind in ('r', 'p') and not c.relispartition"
        # The trail of the attempt itself.
        " and c.relname not in ('audit_entry', 'audit_unsealed') order by 1"
    )
    return {
        row["name"]: await make.value(
            f"select md5(coalesce(string_agg(t::text, '|' order by t::text), '')) from {row['name']} t where city_id = $1"
            # Who asks has a session, and makes new ones or ends them.
            + (" and token_hash = 's'" if row["name"] == "session" else ""),
            city_id,
        )
        for row in tables
    }


def address(path: str, things: Things) -> str:
    """The template with the ids of these things; a new kind of id has to be furnished first."""
    unknown = {part.strip("{}").partition(":")[0] for part in path.split("/") if part.endswith(":uuid}")} - set(
        things.ids
    )
    assert unknown == set(), f"{path}: furnish one and name its id"
    return filled(path, things.ids) + QUERY.get(path, "").format(things=things)


async def other_firm(make: Make, world: World) -> dict[str, dict[str, str]]:
    """Everybody of the second firm."""
    partner, outlet = world.partners[1], world.outlets[2]
    return {
        "firm_manager": await make.firm_manager(world.city_id, partner),
        "outlet_manager": await make.outlet_manager(world.city_id, partner, outlet),
        "rider": await make.rider_session(world.city_id, world.riders[4]),
        "partner_system": await make.partner_system(world.city_id, partner),
    }
