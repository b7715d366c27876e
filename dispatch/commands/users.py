"""`dispatch user`: the first planner of a city, and a way back in when nobody is left who could give one."""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable

from dispatch.app import real_clock
from dispatch.commands.connection import city_number, migrated_database
from dispatch.commands.subparsers import Subparsers
from dispatch.commands.trail import noted_as
from dispatch.database import Database
from dispatch.identity.accounts import make_planner, reset_account
from dispatch.identity.rules import require_login, require_password
from dispatch.problems import Problem
from dispatch.settings import Settings


def add_to(subparsers: Subparsers) -> None:
    """Add `user create` and `user reset`."""
    parser = subparsers.add_parser("user", help="make the first planner, or let one back in")
    actions = parser.add_subparsers(title="what to do", required=True, metavar="WHAT")
    create = actions.add_parser("create", help="make a planner of the whole city, or of a district")
    create.add_argument("login")
    create.add_argument("--name", help="name shown on the pages (the login)")
    create.add_argument("--district", metavar="CODE", help="division code of the district (the whole city)")
    reset = actions.add_parser("reset", help="give an account a new password and lift its lock; its sessions end")
    reset.add_argument("login")
    reset.add_argument("--second-factor", action="store_true", help="take away its second factor too")
    for action, run in ((create, run_create), (reset, run_reset)):
        action.add_argument("--city", type=city_number, required=True, metavar="NUMBER", help="number of the city")
        action.set_defaults(run=run)
        action.epilog = "The password is read from standard input; whoever signs in with it must change it."


def run_create(options: argparse.Namespace) -> int:
    """Make the planner; a login that is there already is refused."""

    async def work(database: Database, _: Settings, password: str) -> str:
        name = options.name or options.login
        now = real_clock()
        note = noted_as(options.city, now, "make_first_planner")
        await make_planner(
            database, options.city, options.login, password, name, now, note, division_code=options.district
        )
        return f"{options.login} signs in with this password and must change it then"

    return _run(options, work)


def run_reset(options: argparse.Namespace) -> int:
    """Give the account the password."""

    async def work(database: Database, settings: Settings, password: str) -> str:
        now = real_clock()
        note = noted_as(options.city, now, "let_account_back_in", second_factor_taken=options.second_factor)
        await reset_account(
            database, settings.secret, options.city, options.login, password, now, note,
            second_factor=options.second_factor,
        )  # fmt: skip
        return f"{options.login} signs in with this password and must change it then"

    return _run(options, work)


def _run(options: argparse.Namespace, work: Callable[[Database, Settings, str], Awaitable[str]]) -> int:
    if sys.stdin.isatty():
        sys.stderr.write("password: ")
        sys.stderr.flush()
    password = sys.stdin.readline().rstrip("\r\n")

    async def with_database(settings: Settings) -> str:
        database = await Database.open(settings.database_url, size=2)
        try:
            return await work(database, settings, password)
        finally:
            await database.close()

    try:
        require_password(password, options.login)
        if options.run is run_create:
            require_login(options.login)
        with migrated_database() as settings:
            sys.stdout.write(asyncio.run(with_database(settings)) + "\n")
    except Problem as problem:
        sys.stderr.write(f"dispatch user: {problem.detail}\n")
        return 1
    return 0
