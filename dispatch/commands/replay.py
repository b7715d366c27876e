"""`dispatch replay` plays recorded courier deliveries through the HTTP API and prints the product's figures."""

import argparse
import asyncio
import json
import secrets
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, time
from hashlib import sha256
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import msgspec
import uvicorn

from dispatch.app import Clock, create_app
from dispatch.commands.connection import for_playing, migrated_database
from dispatch.commands.subparsers import Subparsers
from dispatch.coverage.estimate_refresh import refresh_estimates
from dispatch.database import Database
from dispatch.geo.datum import DATUMS
from dispatch.geo.polygons import transform
from dispatch.identity.accounts import ensure_account
from dispatch.problems import Problem
from dispatch.replay import city, deliveries, field
from dispatch.replay.deliveries import Placed, Reading, ReplayError
from dispatch.server.logs import start_logging
from dispatch.settings import Settings
from dispatch.zones.features import read_features
from dispatch.zones.imports import create_city

TIMEZONE = ZoneInfo("Asia/Shanghai")
CITY_DATUM = "gcj02"


def add_to(subparsers: Subparsers) -> None:
    """Add `replay`."""
    parser = subparsers.add_parser("replay", help="play recorded deliveries through the API")
    parser.add_argument("deliveries", type=Path, metavar="DELIVERIES.csv")
    parser.add_argument("--zones", type=Path, required=True, metavar="ZONES.geojson")
    parser.add_argument("--datum", required=True, choices=DATUMS, help="datum of zones and deliveries; never guessed")
    parser.add_argument(
        "--map", required=True, metavar="time=…,courier=…,lng=…,lat=…", help="columns of the deliveries"
    )
    parser.add_argument("--households", metavar="FIELD", help="property of the zones that holds their households")
    parser.add_argument("--handout-share", type=float, default=0.6, help="share of deliveries with a handout (0.6)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--year", type=int, default=2026, help="year of times that name none (2026)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Play, then print the figures; progress goes to standard error."""
    start_logging("warning")
    if not 0 <= options.handout_share <= 1:
        return _refuse("--handout-share must lie between 0 and 1")
    try:
        with migrated_database() as settings:
            figures = asyncio.run(_play(options, for_playing(settings)))
    except (ReplayError, OSError, UnicodeDecodeError) as error:
        return _refuse(str(error))
    except Problem as problem:
        return _refuse(f"{problem.detail} {problem.extensions or ''}")
    sys.stdout.write(json.dumps(figures, ensure_ascii=False) + "\n" if options.json else _table(figures))
    return 0


def _refuse(message: str) -> int:
    sys.stderr.write(f"dispatch replay: {message}\n")
    return 1


def _progress(message: str) -> None:
    sys.stderr.write(message + "\n")


async def _play(options: argparse.Namespace, settings: Settings) -> dict[str, Any]:
    zones, codes, areas = _read_zones(options)
    reading = _read_deliveries(options)
    placed, outside = deliveries.place(reading.deliveries, options.datum, CITY_DATUM, codes, areas)
    chosen = deliveries.choose(placed, options.handout_share, options.seed)
    _progress(
        f"{reading.rows} deliveries, {len(chosen)} with a handout, {outside} outside every zone,"
        f" {sum(reading.dirty.values())} dirty {reading.dirty or ''}"
    )
    first, last = _days(reading)
    started_at = datetime.combine(first, time(0), tzinfo=TIMEZONE).astimezone(UTC)
    clock = field.Clock(started_at)
    city_id, city_code = _city_of(options, zones)
    database = await Database.open(settings.database_url, size=settings.pool_size)
    try:
        await create_city(
            database,
            city_id,
            city_code,
            f"回放 {options.deliveries.stem}"[:60],
            CITY_DATUM,
            started_at,
            demonstration=True,
        )
        password = secrets.token_urlsafe(18)
        await ensure_account(database, city_id, "planner", "replay", password, "回放", started_at)
        async with _serving(settings, database, clock) as api:
            async with _planning(api, city_code, password) as planner:
                stage = await city.set_stage(
                    planner,
                    database,
                    city_id,
                    city_code,
                    chosen,
                    options.seed,
                    zones,
                    options.datum,
                    first,
                    last,
                    started_at,
                )
            tally = await field.play(api, stage, clock, chosen, codes, options.seed, TIMEZONE, _progress)
            await refresh_estimates(database, city_id, stage.campaign_id, clock.now)
            # Months have passed on the replay's clock, and the planner's session with them.
            async with _planning(api, city_code, password) as planner:
                return await _figures(planner, stage, reading, chosen, outside, tally)
    finally:
        await database.close()


@asynccontextmanager
async def _planning(api: httpx.AsyncClient, city_code: str, password: str) -> AsyncGenerator[httpx.AsyncClient]:
    """A client signed in as the city's planner."""
    details = {"kind": "password", "login": "replay", "password": password, "city_code": city_code}
    token = (await city.expect(await api.post("/api/sign-in", json=details)))["token"]
    headers = {"authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=api.base_url, headers=headers, timeout=120) as planner:
        yield planner


def _read_zones(options: argparse.Namespace) -> tuple[bytes, list[str], list[Any]]:
    document = options.zones.read_bytes()
    if options.households:
        collection: Any = msgspec.json.decode(document)
        for feature in collection.get("features", []):
            properties: Any = feature.get("properties") or {}
            if options.households not in properties:
                raise ReplayError(
                    f"no property {options.households} in the zones; leave --households out or name another"
                )
            properties["households"] = properties[options.households]
        document = msgspec.json.encode(collection)
    found = read_features(document)
    if found.errors:
        raise ReplayError(f"the zones cannot be used: {found.errors[0].detail} (row {found.errors[0].row})")
    codes = [feature.code for feature in found.features]
    return document, codes, [transform(feature.polygon, options.datum, CITY_DATUM) for feature in found.features]


def _read_deliveries(options: argparse.Namespace) -> Reading:
    with options.deliveries.open(encoding="utf-8-sig", newline="") as file:
        return deliveries.read_deliveries(file, deliveries.read_mapping(options.map), options.year, TIMEZONE)


def _days(reading: Reading) -> tuple[Any, Any]:
    if not reading.deliveries:
        raise ReplayError("no row of the deliveries can be used; check --map")
    local = [delivery.at.astimezone(TIMEZONE).date() for delivery in (reading.deliveries[0], reading.deliveries[-1])]
    return local[0], local[1]


def _city_of(options: argparse.Namespace, zones: bytes) -> tuple[int, str]:
    """A city of its own for these files and choices: the same again finds it, anything else starts afresh."""
    parts = [
        zones,
        options.deliveries.read_bytes(),
        f"{options.map}|{options.handout_share}|{options.seed}|{options.year}".encode(),
    ]
    digest = sha256(b"".join(sha256(part).digest() for part in parts)).hexdigest()
    return 1_000_000 + int(digest[:7], 16) % 900_000_000, f"R{digest[:10]}"


@asynccontextmanager
async def _serving(settings: Settings, database: Database, clock: Clock) -> AsyncGenerator[httpx.AsyncClient]:
    """The real server on a loopback port, in this process so that its clock can be the deliveries'."""
    configuration = uvicorn.Config(
        create_app(settings, database, clock),
        host="127.0.0.1",
        port=0,
        log_config=None,
        access_log=False,
        proxy_headers=False,
        timeout_keep_alive=120,
    )
    server = uvicorn.Server(configuration)
    task = asyncio.create_task(server.serve())
    while not server.started:
        if task.done():
            await task
            raise ReplayError("the server did not start")
        await asyncio.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    limits = httpx.Limits(max_connections=32, max_keepalive_connections=32)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=120, limits=limits) as client:
        try:
            yield client
        finally:
            server.should_exit = True
            await task


async def _figures(
    api: httpx.AsyncClient, stage: city.Stage, reading: Reading, chosen: list[Placed], outside: int, tally: field.Tally
) -> dict[str, Any]:
    coverage = await city.expect(await api.get(f"/api/campaigns/{stage.campaign_id}/coverage/zones"))
    law = await city.expect(await api.get(f"/api/campaigns/{stage.campaign_id}/stock/balance-law"))
    zones = [
        {
            "code": zone["code"],
            "households": zone["households"],
            "handed_out": zone["handed_out"],
            "reported": zone["reported"],
            "reach": None
            if zone["reach"] is None
            else {name: zone["reach"][name] for name in ("median", "low", "high")},
        }
        for zone in coverage["zones"]
    ]
    return {
        "deliveries": reading.rows, "eligible": len(chosen), "recorded": tally.recorded, "duplicates": tally.duplicates,
        "refused": dict(tally.refused), "outside_zones": outside, "dirty": sum(reading.dirty.values()),
        "balance": law["total"], "zones": zones,
    }  # fmt: skip


def _table(figures: dict[str, Any]) -> str:
    head = [
        f"{name:>14}  {figures[name]}"
        for name in ("deliveries", "eligible", "recorded", "duplicates", "refused", "outside_zones", "dirty")
    ]
    balance = [f"{'balance':>14}  " + ", ".join(f"{name} {value}" for name, value in figures["balance"].items())]
    rows = [f"{'zone':>14}  {'households':>10} {'handed out':>10} {'reported':>9}  reach"]
    for zone in figures["zones"]:
        reported = "–" if zone["reported"] is None else f"{zone['reported']:.1%}"
        reach = zone["reach"]
        shown = "not applicable" if reach is None else f"{reach['median']:.0%} ({reach['low']:.0%}–{reach['high']:.0%})"
        rows.append(
            f"{zone['code']:>14}  {zone['households'] or '–':>10} {zone['handed_out']:>10} {reported:>9}  {shown}"
        )
    return "\n".join([*head, *balance, "", *rows]) + "\n"
