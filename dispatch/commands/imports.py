"""`dispatch import`: a city and its files, by the same code and with the same refusals as the pages."""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from dispatch.app import real_clock
from dispatch.commands.connection import address_of, kept_in, migrated_database
from dispatch.commands.subparsers import Subparsers
from dispatch.commands.trail import noted_as
from dispatch.database import Database
from dispatch.database.queries import Scope
from dispatch.geo.datum import DATUMS
from dispatch.identity.accounts import make_planner
from dispatch.identity.rules import LoginTaken, require_login, require_password
from dispatch.partners import imports as partners
from dispatch.problems import Problem
from dispatch.settings import Settings
from dispatch.zones import imports as zones
from schemas.common import Imported

Importer = Callable[[Database, int, bytes, Settings], Awaitable[Imported]]

# What a CSV table may hold, and who takes it.
_TABLES: dict[str, Importer] = {
    "households": lambda database, city, file, _: zones.import_households(database, city, file, real_clock()),
    "priority-groups": lambda database, city, file, _: zones.import_priority_groups(database, city, file, real_clock()),
    "incidents": lambda database, city, file, _: zones.import_incidents(database, city, file),
    "partners": lambda database, city, file, _: partners.import_partners(database, city, file, real_clock()),
    "outlets": lambda database, city, file, _: partners.import_outlets(
        database, Scope(city_id=city), file, real_clock()
    ),
    "depots": lambda database, city, file, _: partners.import_depots(database, city, file, real_clock()),
    "riders": lambda database, city, file, settings: partners.import_riders(
        database, Scope(city_id=city), file, real_clock(), secret=settings.secret
    ),
}


def add_to(subparsers: Subparsers) -> None:
    """Add `import` with one word for each kind of file."""
    parser = subparsers.add_parser("import", help="take a city and its files")
    kinds = parser.add_subparsers(title="what to take", required=True, metavar="WHAT")
    city = kinds.add_parser("city", help="make a city and its first planner")
    city.add_argument("--city", type=int, required=True, metavar="NUMBER", help="number of the city, forever")
    city.add_argument("--code", required=True, help="code prefix, e.g. 99")
    city.add_argument("--name", required=True)
    city.add_argument("--datum", choices=DATUMS, default="gcj02", help="datum in which everything is kept (gcj02)")
    city.add_argument("--planner", metavar="LOGIN", help="make this planner; the password is read from standard input")
    city.set_defaults(run=run_city)
    ground = kinds.add_parser("zones", help="zones as GeoJSON")
    ground.add_argument("file", type=Path)
    ground.add_argument("--city", type=int, required=True, metavar="NUMBER")
    ground.add_argument("--datum", choices=DATUMS, required=True, help="datum of the file; never guessed")
    ground.add_argument("--datum-confirmed", action="store_true", help="the datum was checked though it looks wrong")
    ground.set_defaults(run=run_file, what="zones")
    for what in _TABLES:
        table = kinds.add_parser(what, help=f"{what} as CSV")
        table.add_argument("file", type=Path)
        table.add_argument("--city", type=int, required=True, metavar="NUMBER")
        table.set_defaults(run=run_file, what=what)


def run_city(options: argparse.Namespace) -> int:
    """Make the city, and its planner where one is named."""
    password = sys.stdin.readline().rstrip("\n") if options.planner else ""
    if options.planner:
        try:
            require_login(options.planner)
            require_password(password, options.planner)
        except Problem as problem:
            return _say(f"{problem.detail} The password is read from standard input.")

    async def work(database: Database, settings: Settings) -> str:
        now = real_clock()
        made = await zones.create_city(database, options.city, options.code, options.name, options.datum, now)
        said = f"{options.name}（{options.city}）{'已建立 / made' if made else '已存在 / there already'}"
        then = next_steps(options.city, options.planner, kept_in(settings), address_of(settings))
        if options.planner:
            try:
                note = noted_as(options.city, now, "make_first_planner")
                await make_planner(database, options.city, options.planner, password, options.planner, now, note)
            except LoginTaken:
                # Run again it changes nothing: least of all somebody's password.
                said += f"\n{options.planner} 已存在，口令不变 / is there already and keeps the password"
        return f"{said}\n{then}"

    return _run(work)


def next_steps(city_id: int, planner: str | None, place: str, address: str) -> str:
    """What to do after a city was made, in both languages: where its data lies, how it is served, who signs in."""
    sign_in = (
        f"用账号 {planner} 登录，首次登录须改口令；首页的清单说明接下来做什么 / sign in as {planner} and choose a new "
        "password; the checklist on the home page says what comes next"
        if planner
        else "先建一个民警账号，口令从标准输入读入 / first make a planner, with the password on standard input: "
        f"uv run dispatch user create boss --city {city_id}"
    )
    return (
        f"数据写入 / data written to: {place}\n"
        "演示城市另存在自己的子目录里，不会与此混用 / "
        "the demonstration keeps its database in a subfolder of its own and never mixes with this\n"
        "下一步 / next: uv run dispatch serve\n"
        f"打开 / open: {address}\n"
        f"{sign_in}"
    )


def run_file(options: argparse.Namespace) -> int:
    """Take one file whole, or refuse it whole and say why row by row."""
    try:
        file: bytes = options.file.read_bytes()
    except OSError as error:
        return _say(f"{options.file}: {error.strerror}")

    async def work(database: Database, settings: Settings) -> str:
        if options.what == "zones":
            confirmed: bool = options.datum_confirmed
            taken = await zones.import_zones(
                database, options.city, file, options.datum, real_clock(), datum_confirmed=confirmed
            )
        else:
            taken = await _TABLES[options.what](database, options.city, file, settings)
        return f"{taken.created} new, {taken.changed} changed, {taken.unchanged} unchanged"

    return _run(work)


def _run(work: Callable[[Database, Settings], Awaitable[str]]) -> int:
    async def with_database(settings: Settings) -> str:
        database = await Database.open(settings.database_url, size=2)
        try:
            return await work(database, settings)
        finally:
            await database.close()

    try:
        with migrated_database() as settings:
            sys.stdout.write(asyncio.run(with_database(settings)) + "\n")
    except Problem as problem:
        rows: list[Any] = problem.extensions.get("errors", [])
        for error in rows:
            row = f"row {error.row} " if hasattr(error, "row") else ""
            sys.stderr.write(f"  {row}{getattr(error, 'code', None) or ''} {getattr(error, 'detail', error)}\n")
        return _say(problem.detail)
    return 0


def _say(message: str) -> int:
    sys.stderr.write(f"dispatch import: {message}\n")
    return 1
