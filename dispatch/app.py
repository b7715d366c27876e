"""create_app: the only wiring of routes, dependencies, lifespan and refusals."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any

import asyncpg
from litestar import Litestar
from litestar.config.compression import CompressionConfig
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.middleware import DefineMiddleware
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin

from dispatch import problems
from dispatch.audit.sealing import keep_sealing
from dispatch.audit.trail import Trail
from dispatch.base_map.ground import base_map_for, ground_of
from dispatch.coverage.keeping import keep_estimates
from dispatch.coverage.map import Maps
from dispatch.database import Database
from dispatch.database.changes import Changes
from dispatch.dependencies import DEPENDENCIES
from dispatch.entrance import Entrance
from dispatch.handouts.folding import HandoutFolder
from dispatch.handouts.partitions import keep_partitions
from dispatch.handouts.refused import keep_taking_up
from dispatch.identity.address import networks_of
from dispatch.identity.authentication import Authentication, CallerReader
from dispatch.identity.last_use import LastUses
from dispatch.identity.limits import LimitCalls, Limits
from dispatch.identity.oidc import Provider
from dispatch.logs import RequestLog
from dispatch.retention_runs import keep_retention
from dispatch.routes import ROUTES
from dispatch.settings import Settings

Clock = Callable[[], datetime]


def real_clock() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


def create_app(settings: Settings, database: Database | None = None, clock: Clock = real_clock) -> Litestar:
    """Wire the application. With `database` given (tests, benchmarks) it is used and left open.

    Both stand in the application's state: everything else that lives in memory begins anew with each start of it, so
    one application may be started again with another database and another clock.
    """
    ground = ground_of(settings)
    given: dict[str, Any] = {"settings": settings, "given_database": database, "clock": clock}
    made: dict[str, Any] = {"ground": ground, "base_map_for": partial(base_map_for, ground)}
    app = Litestar(
        route_handlers=ROUTES,
        lifespan=[_lifespan],
        dependencies=DEPENDENCIES,
        middleware=[RequestLog, Trail, DefineMiddleware(Authentication), LimitCalls],
        exception_handlers={
            problems.Problem: problems.handle_problem,
            HTTPException: problems.handle_http_exception,
            asyncpg.CharacterNotInRepertoireError: problems.handle_unstorable,
            RecursionError: problems.handle_deep_nesting,
            Exception: problems.handle_unexpected,
        },
        openapi_config=OpenAPIConfig(
            title="Dispatch",
            version="1",
            path="/api/schema",
            render_plugins=[JsonRenderPlugin()],
            use_handler_docstrings=True,
            operation_id_creator=_operation_id,
        ),
        compression_config=CompressionConfig(
            backend="gzip", minimum_size=1000, gzip_compress_level=4, exclude_opt_key="packed"
        ),
        request_max_body_size=2_000_000,
        state=State(given | made, deep_copy=False),
        logging_config=None,
    )
    _resolve_in_turn(app)
    app.asgi_handler = Entrance(app.asgi_handler, settings)
    return app


def _resolve_in_turn(app: Litestar) -> None:
    """What a handler asks for by name is at hand, so it is given one after the other: the framework would start a task
    for each, at every request, which costs more than what they bring."""
    for route in app.routes:
        handlers: Any = getattr(route, "route_handler_map", {})
        for _, parameters in handlers.values():
            parameters.dependency_batches = [{each} for batch in parameters.dependency_batches for each in batch]


@asynccontextmanager
async def _lifespan(app: Litestar) -> AsyncGenerator[None]:
    """What lives in memory, from the start of the application to its end."""
    settings: Settings = app.state.settings
    clock: Clock = app.state.clock
    opened: Database = app.state.given_database or await Database.open(
        settings.database_url, size=settings.pool_size, statement_timeout_seconds=settings.statement_timeout_seconds
    )
    app.state.database = opened
    app.state.stopping = asyncio.Event()
    _open_door(app, opened, settings, clock)
    app.state.coverage_maps = Maps()
    app.state.changes = Changes(opened)
    app.state.handout_folder = HandoutFolder(
        opened, app.state.changes, clock, most_records=settings.folding_records, folding=settings.folding
    )
    housekeeping = _start_housekeeping(app, opened, clock, settings)
    try:
        yield
    finally:
        app.state.stopping.set()
        for task in housekeeping:
            task.cancel()
        await asyncio.gather(*housekeeping, return_exceptions=True)
        await app.state.changes.stop()
        await app.state.last_uses.settle()
        if app.state.given_database is None:
            await opened.close()


def _open_door(app: Litestar, database: Database, settings: Settings, clock: Clock) -> None:
    """What tells who calls, from where and how often."""
    app.state.proxies = networks_of(settings.trusted_proxies)
    app.state.limits = Limits(database, settings, clock)
    app.state.last_uses = LastUses(database)
    app.state.callers = CallerReader(
        database, clock, second_factor=settings.require_second_factor, uses=app.state.last_uses
    )
    app.state.oidc = Provider(settings) if settings.oidc_issuer else None


def _operation_id(handler: Any, method: str, _: Any) -> str:
    """The handler's own name: one word names the thing in URL, SQL, Python and TypeScript."""
    return handler.handler_name if len(handler.http_methods) == 1 else f"{handler.handler_name}_{str(method).lower()}"


def _start_housekeeping(
    app: Litestar, database: Database, clock: Clock, settings: Settings
) -> list[asyncio.Task[None]]:
    """What the server does unasked. Tests and drills switch it off by its interval of 0."""
    changes, tasks = app.state.changes, list[asyncio.Task[None]]()
    if settings.refused_retry_seconds:
        tasks.append(asyncio.create_task(keep_taking_up(database, changes, clock, settings.refused_retry_seconds)))
    if settings.estimate_seconds:
        tasks.append(asyncio.create_task(keep_estimates(database, changes, clock, settings.estimate_seconds)))
    if settings.audit_seal_seconds:
        every = settings.audit_seal_seconds
        tasks.append(asyncio.create_task(keep_sealing(database, clock, settings.secret, every)))
    if settings.retention_hours:
        tasks.append(asyncio.create_task(keep_retention(database, clock, settings)))
    if settings.partition_days_ahead:
        tasks.append(asyncio.create_task(keep_partitions(database, clock, settings.partition_days_ahead)))
    return tasks
