"""Sets a replay's city up: zones, one firm, its couriers as riders, a campaign, and every rider's copies.

Everything goes through the product's own doors; only the walk of the copies from depot to outlet is written straight
into the ledger, because a claim needs a plan and a plan needs households, which recorded deliveries may not have.
Every id is made from the seed, so that a second run finds everything there.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import httpx
import msgspec

from dispatch.database import Connection, Database, new_id, one_row, queries_for
from dispatch.replay.deliveries import Placed, ReplayError
from dispatch.stock.ledger import record_moves
from dispatch.stock.moves import Holder, Move
from schemas.stock import MoveKind

SQL = queries_for(__file__)

PARTNER, OUTLET, DEPOT, MATERIAL, PRINT_RUN = "REPLAY", "REPLAY-01", "REPLAY-DEPOT", "LEAFLET", "REPLAY-RUN"
BUNDLE = 50


class Stage(msgspec.Struct, frozen=True):
    """What the field needs to know."""

    city_id: int
    city_code: str
    campaign_id: UUID
    material_id: UUID
    zone_ids: dict[str, UUID]
    pins: dict[str, str]
    """PIN by courier."""


def named_id(seed: int, name: str, at: datetime) -> UUID:
    """A UUIDv7 that is the same in every run."""
    return new_id(at, int.from_bytes(sha256(f"{seed}:{name}".encode()).digest()[:10], "big"))


def rider_code(courier: str) -> str:
    """A code of letters, digits, dots and dashes for whatever the file calls a courier."""
    plain = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in courier)[:24]
    return f"K-{plain}" if plain == courier else f"K-{plain}-{sha256(courier.encode()).hexdigest()[:6]}"


def pins_of(couriers: Sequence[str], seed: int) -> dict[str, str]:
    """Six digits for each courier, no two alike."""
    taken: dict[str, str] = {}
    used: set[str] = set()
    for courier in sorted(couriers):
        attempt = 0
        while True:
            digest = sha256(f"{seed}:pin:{courier}:{attempt}".encode()).digest()
            pin = f"{int.from_bytes(digest[:4], 'big') % 1_000_000:06d}"
            if pin not in used:
                break
            attempt += 1
        used.add(pin)
        taken[courier] = pin
    return taken


async def expect(answer: httpx.Response) -> Any:
    """The JSON of an answer; a refusal stops the replay with the problem's own words."""
    if answer.is_success:
        return answer.json() if answer.content else None
    errors = "; ".join(f"{error}" for error in answer.json().get("errors", [])[:5])
    raise ReplayError(
        f"{answer.request.method} {answer.request.url.path}: {answer.json().get('detail')} {errors}".strip()
    )


async def set_stage(
    api: httpx.AsyncClient, database: Database, city_id: int, city_code: str, chosen: Sequence[Placed], seed: int,
    zones: bytes, datum: str, first: date, last: date, started_at: datetime,
) -> Stage:  # fmt: skip
    """Make or find everything the field needs. `api` is signed in as the city's planner."""
    upload = {"content-type": "application/geo+json"}
    await expect(
        await api.post("/api/zones/import", params={"datum": datum}, content=zones, headers=upload, timeout=600)
    )
    copies = Counter(each.delivery.courier for each in chosen)
    pins = pins_of(list(copies), seed)
    await _import(api, "partners", ["code,name,kind", f"{PARTNER},回放快递,parcel"])
    await _import(api, "outlets", ["code,name,partner_code", f"{OUTLET},回放网点,{PARTNER}"])
    await _import(api, "depots", ["code,name,address", f"{DEPOT},回放库,"])
    riders = [f"{rider_code(courier)},{rider_code(courier)},{OUTLET},{pin}" for courier, pin in pins.items()]
    await _import(api, "riders", ["code,name,outlet_code,pin", *riders])
    campaign_id = named_id(seed, "campaign", started_at)
    await expect(
        await api.post("/api/campaigns", json={
            "campaign_id": str(campaign_id), "code": "REPLAY", "name": "回放", "starts_on": f"{first}",
            "ends_on": f"{last}", "target_reach": 0.5,
        })
    )  # fmt: skip
    await expect(
        await api.post(f"/api/campaigns/{campaign_id}/materials", json={
            "code": MATERIAL, "name": "反诈折页", "kind": "leaflet", "channels": ["in_person", "with_parcel"],
            "bundle_copies": BUNDLE, "carton_copies": 8 * BUNDLE,
        })
    )  # fmt: skip
    await expect(await api.post(f"/api/campaigns/{campaign_id}/open"))
    material_id = await _hand_over(api, database, city_id, campaign_id, copies, seed, started_at, first)
    listed = await expect(await api.get("/api/zones"))
    zone_ids = {zone["code"]: UUID(zone["zone_id"]) for zone in listed}
    return Stage(city_id, city_code, campaign_id, material_id, zone_ids, pins)


async def _import(api: httpx.AsyncClient, what: str, lines: list[str]) -> None:
    await expect(
        await api.post(f"/api/{what}/import", content="\n".join(lines).encode(), headers={"content-type": "text/csv"})
    )


async def _hand_over(
    api: httpx.AsyncClient, database: Database, city_id: int, campaign_id: UUID, copies: Counter[str], seed: int,
    at: datetime, due_on: date,
) -> UUID:  # fmt: skip
    """Print whole bundles, bring them to the outlet, and give every rider exactly what will be handed out."""
    print_run_id, printed = named_id(seed, "print run", at), max(1, -(-copies.total() // BUNDLE)) * BUNDLE
    await expect(
        await api.post(f"/api/campaigns/{campaign_id}/print-runs", json={
            "print_run_id": str(print_run_id), "code": PRINT_RUN, "material_code": MATERIAL, "copies": printed,
            "depot_code": DEPOT, "due_on": f"{due_on}",
        })
    )  # fmt: skip
    receipt = {"move_id": str(named_id(seed, "receipt", at)), "copies": printed}
    await expect(await api.post(f"/api/print-runs/{print_run_id}/receive", json=receipt))
    async with database.read() as connection:
        places = await one_row(
            connection,
            SQL.read_places(
                city_id=city_id, campaign_id=campaign_id, depot_code=DEPOT, outlet_code=OUTLET, material_code=MATERIAL
            ),
        )
        listed = await connection.fetch(*SQL.read_riders(city_id=city_id))
    riders: dict[str, UUID] = {row["code"]: row["rider_id"] for row in listed}
    depot, outlet = Holder("depot", places["depot_id"]), Holder("outlet", places["outlet_id"])
    material_id: UUID = places["material_id"]

    def move(name: str, kind: MoveKind, source: Holder, target: Holder, number: int) -> Move:
        return Move(
            move_id=named_id(seed, name, at), kind=kind, campaign_id=campaign_id, material_id=material_id,
            source=source, target=target, copies=number, moved_at=at,
        )  # fmt: skip

    transit = Holder("transit", outlet.id)
    moves = [
        move("issue", "issue", depot, transit, printed),
        move("acceptance", "acceptance", transit, outlet, printed),
    ]
    moves += [
        move(f"rider {courier}", "transfer", outlet, Holder("rider", riders[rider_code(courier)]), number)
        for courier, number in sorted(copies.items())
    ]

    async def record(connection: Connection) -> None:
        await record_moves(connection, city_id, moves, recorded_at=at + timedelta(minutes=1), recorded_by=campaign_id)

    await database.transact(record)
    return material_id
