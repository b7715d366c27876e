"""`dispatch demo` builds the fictional city 云川市, runs its campaign to a day, and serves it."""

import argparse
import asyncio
import json
import os
import shutil
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec

from dispatch.app import create_app
from dispatch.commands.connection import for_playing, migrated_database
from dispatch.commands.serve import serve, shifted_clock
from dispatch.commands.subparsers import Subparsers
from dispatch.coverage.estimate_refresh import refresh_estimates
from dispatch.database import Database
from dispatch.demo.campaign import DAYS
from dispatch.demo.days import Days
from dispatch.demo.field import handouts_of_day, until
from dispatch.demo.open_work import leave_open_work
from dispatch.demo.sign_ins import demonstration_sign_ins
from dispatch.demo.spot_checks import CHECK_DAYS, spot_check
from dispatch.demo.stage import (
    CITY_CODE,
    CITY_ID,
    MANAGER,
    PASSWORD,
    PLANNER,
    SQL,
    Stage,
    build,
    expect,
    instant,
    pin_of,
)
from dispatch.demo.supply import Supply, supply_days
from dispatch.demo.world import make_world
from dispatch.flags.weekly import raise_flags
from dispatch.handouts.partitions import ensure_partitions
from dispatch.server.logs import start_logging
from dispatch.settings import Settings

FIGURES = "figures.json"
MORNING = (10, 30)
"""When the last day is opened: early enough to work in it, late enough that desks show a morning's taps."""


def add_to(subparsers: Subparsers) -> None:
    """Add `demo`."""
    parser = subparsers.add_parser("demo", help="build the fictional city 云川市 and serve it")
    parser.add_argument("--city", choices=("small", "full"), default="small", help="24 zones (default) or 144")
    parser.add_argument("--day", type=int, default=45, help=f"campaign day to run to, 1 to {DAYS} (45)")
    parser.add_argument("--seed", type=int, default=2027, help="the same seed gives the same city")
    parser.add_argument("--no-serve", action="store_true", help="build, print the figures and stop")
    parser.add_argument("--json", action="store_true", help="print the figures as one JSON object")
    parser.add_argument("--fresh", action="store_true", help="build again even if this city is there already")
    parser.add_argument("--host", help="address to listen on (DISPATCH_HOST)")
    parser.add_argument("--port", type=int, help="port to listen on (DISPATCH_PORT)")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Build what is not there yet, then serve it or print its figures."""
    if not 1 <= options.day <= DAYS:
        sys.stderr.write(f"dispatch demo: --day must lie between 1 and {DAYS}\n")
        return 2
    start_logging("warning")
    with _city_database(options) as (settings, kept):
        figures = _read_kept(kept)
        if figures is None:
            figures = asyncio.run(_build(options, settings))
            if kept is not None:
                kept.write_text(json.dumps(figures, ensure_ascii=False), encoding="utf-8")
        sys.stdout.write(json.dumps(figures, ensure_ascii=False) + "\n" if options.json else _summary(figures))
        sys.stdout.flush()
        if not options.no_serve:
            sys.stderr.write(f"云川市 (演示数据) → http://{settings.host}:{settings.port}/  Ctrl+C stops it\n")
            started_at = asyncio.run(clock_start(options.day, settings))
            serve(settings, shifted_clock(started_at), demonstration_sign_ins())
    return 0


async def clock_start(day: int, settings: Settings) -> datetime:
    """The morning of the last day, or, when the city was opened before, after its last record: what is recorded later
    must not lie before what is there, or sign-ins and limits judge it by a time that has gone."""
    database = await Database.open(settings.database_url, size=1)
    try:
        async with database.read() as connection:
            last: datetime | None = await connection.fetchval(*SQL.read_last_record(city_id=CITY_ID))
    finally:
        await database.close()
    morning = instant(day, *MORNING)
    return morning if last is None else max(morning, last + timedelta(seconds=1))


@contextmanager
def _city_database(options: argparse.Namespace) -> Generator[tuple[Settings, Path | None]]:
    """The settings of a database that holds this city or nothing, and where its figures are kept."""
    overrides: dict[str, Any] = {"host": options.host, "port": options.port, "secure_cookie": False}
    if os.environ.get("DISPATCH_DATABASE_URL"):
        with migrated_database(**overrides) as settings:
            yield settings, None
        return
    folder = Path(os.environ.get("DISPATCH_DATA", ".dispatch"), f"demo-{options.city}-{options.seed}-{options.day}")
    kept = folder / FIGURES
    if options.fresh or not kept.exists():
        # Without figures the last build was cut short: half a city is no demonstration.
        shutil.rmtree(folder, ignore_errors=True)
    with migrated_database(data=str(folder), **overrides) as settings:
        yield settings, kept


def _read_kept(kept: Path | None) -> dict[str, Any] | None:
    return json.loads(kept.read_text(encoding="utf-8")) if kept is not None and kept.exists() else None


def _progress(message: str) -> None:
    sys.stderr.write(message + "\n")


async def _build(options: argparse.Namespace, settings: Settings) -> dict[str, Any]:
    started = time.perf_counter()
    database = await Database.open(settings.database_url, size=settings.pool_size, statement_timeout_seconds=60)
    try:
        async with database.read() as connection:
            if await connection.fetch(*SQL.read_city(city_id=CITY_ID)):
                raise SystemExit(
                    "dispatch demo: this database holds city 99 already; give the demonstration one of its own"
                )
        world = make_world(options.city, options.seed)
        _progress(f"云川市: {len(world.city.zones)} zones, {len(world.partners.riders.code)} riders")
        await ensure_partitions(database, instant(-1).date(), instant(DAYS + 7).date())
        stage = await build(database, world, settings.secret, options.seed)
        # A bulk load leaves the planner without statistics; the server's own analysis comes too late for it.
        async with database.read() as connection:
            await connection.execute("analyze")
        _progress(f"built after {time.perf_counter() - started:.0f} s")
        # Batches are collected over weeks here, so claims must live that long.
        demo_settings = msgspec.structs.replace(for_playing(settings), claim_lease_hours=720)
        app = create_app(demo_settings, database, stage.clock)
        transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        async with app.lifespan(), httpx.AsyncClient(transport=transport, base_url="http://demo") as api:
            days = await _run_days(options, stage, database, api)
            await refresh_estimates(database, CITY_ID, stage.campaign_id, stage.clock.now)
            return await _figures(options, stage, days, api, started)
    finally:
        await database.close()


async def _run_days(options: argparse.Namespace, stage: Stage, database: Database, api: httpx.AsyncClient) -> Days:
    supply, days = Supply(stage, api, database), Days(stage, database)
    starts = supply_days(options.day, options.city == "full")
    records = {day: handouts_of_day(stage.world.field, day) for day in range(1, options.day + 1)}
    for day in range(1, options.day + 1):
        stage.clock.now = instant(day, 7)
        await supply.receive_print_runs(day)
        if day in starts:
            stop = min([later for later in starts if later > day] or [options.day + 1])
            await supply.supply([records[each] for each in range(day, stop)])
        await supply.use_at_sites(day)
        if day == options.day:
            await leave_open_work(stage, supply, api)
            await days.play(until(records[day], MORNING[0] * 60 + MORNING[1]), instant(day, *MORNING))
        else:
            await days.play(records[day])
        if stage.clock.now.weekday() == 6 and day < options.day:
            # On the night from Sunday to Monday the week is over, and its questions can be asked.
            await raise_flags(
                database,
                CITY_ID,
                stage.campaign_id,
                (stage.clock.now - timedelta(days=6)).date(),
                instant(day + 1, 0, 1),
            )
        if day in CHECK_DAYS:
            await spot_check(stage, api, await supply.sign_in(PLANNER), days.households)
        if day % 5 == 0 or day == options.day:
            _progress(f"day {day}: {days.tally.recorded} recorded, {sum(days.tally.refused.values())} refused")
    return days


async def _figures(
    options: argparse.Namespace, stage: Stage, days: Days, api: httpx.AsyncClient, started: float
) -> dict[str, Any]:
    planner = await Supply(stage, api, days.database).sign_in(PLANNER)
    path = f"/api/campaigns/{stage.campaign_id}"
    coverage = await expect(await api.get(f"{path}/coverage", headers=planner))
    zones = (await expect(await api.get(f"{path}/coverage/zones", headers=planner)))["zones"]
    law = await expect(await api.get(f"{path}/stock/balance-law", headers=planner))
    return {
        "city": "云川市", "demonstration": True, "variant": options.city, "seed": options.seed, "day": options.day,
        "campaign_id": str(stage.campaign_id), "as_of": coverage["as_of"], "zones": len(zones),
        "riders": len(stage.rider_ids), "outlets": len(stage.outlet_ids), "recorded": days.tally.recorded,
        "duplicates": days.tally.duplicates, "refused": dict(days.tally.refused), "coverage": coverage,
        "gap_zones": [zone["code"] for zone in zones if zone["gap"]], "balance": law["total"],
        "mishaps": _mishaps(stage), "sign_in": _sign_in(stage), "seconds": round(time.perf_counter() - started, 1),
    }  # fmt: skip


def _mishaps(stage: Stage) -> dict[str, Any]:
    mishaps, zones = stage.world.mishaps, stage.world.city.zones
    return {
        "late_firms": [late.partner_code for late in mishaps.late_firms],
        "oversupplied_zone": zones[mishaps.oversupplied_zone].code,
        "planted_gap_zones": [zones[zone].code for zone in mishaps.gap_zones],
        "refused_imports": stage.refused_imports,
    }


def _sign_in(stage: Stage) -> dict[str, Any]:
    partners = stage.world.partners
    return {
        "city_code": CITY_CODE,
        "planner": PLANNER,
        "password": PASSWORD,
        "managers": [f"{partner.code.lower()}-{MANAGER}" for partner in partners.partners if partner.invited],
        "rider": {"outlet_code": partners.outlets[int(partners.riders.outlet[0])].code, "pin": pin_of(0)},
    }


def _summary(figures: dict[str, Any]) -> str:
    coverage, sign_in = figures["coverage"], figures["sign_in"]
    reach = coverage["reach"]
    shown = "–" if reach is None else f"约 {reach['median']:.0%}（{reach['low']:.0%}–{reach['high']:.0%}）"
    return (
        f"云川市（演示数据） 第 {figures['day']} 天，{figures['zones']} 个片区，{figures['riders']} 名骑手\n"
        f"发放 {coverage['handed_out']:,} 份，户均 {coverage['copies_per_household'] or 0:.2f}，估计触达 {shown}，"
        f"盲区 {len(figures['gap_zones'])} 个\n"
        f"台账平衡: {'是' if figures['balance']['balanced'] else '否'}；用时 {figures['seconds']} 秒\n"
        f"民警登录 / planner: {sign_in['planner']} / {sign_in['password']}\n"
        f"负责人 / managers: {', '.join(sign_in['managers'][:3])}…，同一口令 / same password\n"
        f"骑手 / rider: {sign_in['rider']['outlet_code']} + {sign_in['rider']['pin']}\n"
    )
