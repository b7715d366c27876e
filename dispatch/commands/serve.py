"""`dispatch serve` answers the API and the pages; `dispatch migrate` brings the database up to date."""

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta
from socket import socket
from types import FrameType

import uvicorn
from litestar import Litestar

from dispatch.app import Clock, create_app, real_clock
from dispatch.base_map.source import check_base_map
from dispatch.commands.connection import address_of, database_of, kept_in, migrated_database
from dispatch.commands.subparsers import Subparsers
from dispatch.database.migrate import migrate
from dispatch.server.logs import start_logging
from dispatch.server.slow_heads import protocol_of
from dispatch.settings import Settings, read_settings
from schemas.start import DemonstrationSignIn


def add_to(subparsers: Subparsers) -> None:
    """Add `serve` and `migrate`."""
    parser = subparsers.add_parser("serve", help="answer the API and the pages")
    parser.add_argument("--host", help="address to listen on (DISPATCH_HOST)")
    parser.add_argument("--port", type=int, help="port to listen on (DISPATCH_PORT)")
    parser.set_defaults(run=run)
    migrating = subparsers.add_parser("migrate", help="bring the database up to date")
    migrating.set_defaults(run=run_migrate)


def run(options: argparse.Namespace) -> int:
    """Serve until stopped."""
    with migrated_database(host=options.host, port=options.port) as settings:
        sys.stderr.write(opened(address_of(settings), kept_in(settings)))
        serve(settings)
    return 0


def opened(address: str, place: str) -> str:
    """What `serve` says first: where the pages are, and whose data they show."""
    return (
        f"打开 / open: {address}  Ctrl+C 停止 / stops it\n"
        f"数据在 / data in: {place}（演示城市另存一处 / the demonstration keeps its own elsewhere）\n"
    )


def run_migrate(_: argparse.Namespace) -> int:
    """Apply what is missing and say what was applied."""
    with database_of(read_settings(os.environ)) as settings:
        applied = asyncio.run(migrate(settings.database_url))
    sys.stdout.write("".join(f"applied {name}\n" for name in applied) or "the database is up to date\n")
    return 0


def serve(
    settings: Settings, clock: Clock = real_clock, demonstration_sign_ins: Sequence[DemonstrationSignIn] = ()
) -> None:
    """Run the HTTP server in this process until it is told to stop."""
    start_logging(settings.log_level)
    check_base_map(settings)
    app = create_app(settings, clock=clock, demonstration_sign_ins=demonstration_sign_ins)
    configuration = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        loop="auto",
        http=protocol_of(settings.header_seconds),
        log_config=None,
        access_log=False,
        server_header=False,
        # Who a proxy speaks for is judged by DISPATCH_TRUSTED_PROXIES alone.
        proxy_headers=False,
        timeout_keep_alive=settings.keep_alive_seconds,
        timeout_graceful_shutdown=5,
    )
    _Server(configuration, app).run()


class _Server(uvicorn.Server):
    """Tells the open event streams to end as soon as it is told to stop, so that nobody waits for them."""

    def __init__(self, configuration: uvicorn.Config, app: Litestar) -> None:
        super().__init__(configuration)
        self._app = app
        self._loop: asyncio.AbstractEventLoop | None = None

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Remember the loop that the signal must reach."""
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """A signal arrives outside the loop."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._app.state.stopping.set)
        super().handle_exit(sig, frame)


def shifted_clock(started_at: datetime) -> Clock:
    """A clock that reads `started_at` now and goes on from there: the demo's campaign lies in another year."""
    offset: timedelta = started_at - real_clock()
    return lambda: real_clock() + offset
