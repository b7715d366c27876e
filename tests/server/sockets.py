"""The application behind a real socket: for what a client in the same process cannot do, such as sending half a head."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import uvicorn

from dispatch.app import create_app
from dispatch.database import Database
from dispatch.server.slow_heads import protocol_of
from dispatch.settings import Settings
from tests.conftest import Clock
from tests.waiting import HANG_SECONDS, listens


@asynccontextmanager
async def listening(database: Database, clock: Clock, settings: Settings) -> AsyncGenerator[str]:
    """The application behind a real socket, with the protocol `dispatch serve` uses."""
    configuration = uvicorn.Config(
        create_app(settings, database, clock), host="127.0.0.1", port=0, log_config=None, access_log=False,
        server_header=False, proxy_headers=False, http=protocol_of(settings.header_seconds), lifespan="on",
        timeout_keep_alive=settings.keep_alive_seconds, timeout_graceful_shutdown=1,
    )  # fmt: skip
    server = uvicorn.Server(configuration)
    task = asyncio.create_task(server.serve())
    await listens(server, task)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await task


async def spoken(address: str, *parts: bytes) -> bytes:
    """What the server says to these bytes until it closes the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(address.rpartition(":")[2]))
    for part in parts:
        writer.write(part)
        await writer.drain()
    try:
        return await asyncio.wait_for(reader.read(), timeout=HANG_SECONDS)
    except ConnectionResetError:
        return b""
    finally:
        writer.close()
