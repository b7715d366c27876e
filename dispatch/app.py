"""create_app: the only wiring of routes, dependencies, lifespan and refusals."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
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
from litestar.openapi.spec import License, Server
from litestar.routes import HTTPRoute

from dispatch import problems
from dispatch.audit.trail import Trail
from dispatch.base_map.source import base_map_for, source_of
from dispatch.coverage.outlines import Outlines
from dispatch.database import Database
from dispatch.database.changes import Changes
from dispatch.handouts.coalescer import HandoutCoalescer
from dispatch.handouts.own_days import OwnDays
from dispatch.identity.authentication import Authentication, CallerReader
from dispatch.identity.last_use import LastUses
from dispatch.identity.oidc import Provider
from dispatch.identity.rules import CrossSiteRequest
from dispatch.routes import ROUTERS, TAGS
from dispatch.server.address import networks_of
from dispatch.server.contract import Contract
from dispatch.server.contract_words import INTRODUCTION
from dispatch.server.dependencies import DEPENDENCIES
from dispatch.server.entrance import Entrance
from dispatch.server.limits import LimitCalls, Limits
from dispatch.server.logs import RequestLog
from dispatch.server.options import PACKED, REFUSALS_OF_WRITES
from dispatch.settings import Settings
from dispatch.upkeep import start_upkeep
from schemas import VERSION
from schemas.start import DemonstrationSignIn

Clock = Callable[[], datetime]


def real_clock() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


def create_app(
    settings: Settings,
    database: Database | None = None,
    clock: Clock = real_clock,
    demonstration_sign_ins: Sequence[DemonstrationSignIn] = (),
) -> Litestar:
    """Wire the application. With `database` given (tests, benchmarks) it is used and left open; the sign-ins are shown
    to strangers when the server holds the demonstration they belong to.

    Database and clock are in the application's state: everything else that lives in memory begins again with each
    start of it, so one application may be started again with another database and another clock.
    """
    base_map = source_of(settings)
    given: dict[str, Any] = {"settings": settings, "given_database": database, "clock": clock}
    made: dict[str, Any] = {"base_map": base_map, "base_map_for": partial(base_map_for, base_map)}
    made["demonstration_sign_ins"] = list(demonstration_sign_ins)
    app = Litestar(
        route_handlers=ROUTERS,
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
            version=VERSION,
            description=INTRODUCTION,
            license=License(name="MIT", identifier="MIT"),
            servers=[Server(url="/", description="This server")],
            tags=TAGS,
            path="/api/schema",
            render_plugins=[Contract()],
            use_handler_docstrings=True,
            operation_id_creator=_operation_id,
        ),
        compression_config=CompressionConfig(
            backend="gzip", minimum_size=1000, gzip_compress_level=4, exclude_opt_key=PACKED
        ),
        request_max_body_size=2_000_000,
        opt={REFUSALS_OF_WRITES: (CrossSiteRequest,)},
        state=State(given | made, deep_copy=False),
        logging_config=None,
    )
    _resolve_in_turn(app)
    app.asgi_handler = Entrance(app.asgi_handler, settings)
    return app


def _resolve_in_turn(app: Litestar) -> None:
    """What a handler asks for by name is at hand, so it is given one after the other: the framework would start a task
    for each at every request, and the smallest call of a phone would cost 1.3 times the processor time.

    This leans on the inside of Litestar 2.25, whose version pyproject.toml bounds: each HTTPRoute keeps in
    `route_handler_map` a (handler, parameters) by method, and the parameters' `dependency_batches` are sets whose
    members are resolved as tasks where there are several. tests/contract/test_cheap_calls.py counts the tasks.
    """
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            inside: Any = route
            for _, parameters in inside.route_handler_map.values():
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
    app.state.coverage_outlines = Outlines()
    app.state.changes = Changes(opened)
    app.state.handout_coalescer = HandoutCoalescer(
        opened, clock, most_records=settings.coalesce_records, coalesce=settings.coalesce
    )
    app.state.own_days = OwnDays(opened, clock)
    upkeep = start_upkeep(app.state)
    try:
        yield
    finally:
        app.state.stopping.set()
        for task in upkeep:
            task.cancel()
        await asyncio.gather(*upkeep, return_exceptions=True)
        await app.state.changes.stop()
        await app.state.last_uses.settle()
        if app.state.given_database is None:
            await opened.close()


def _open_door(app: Litestar, database: Database, settings: Settings, clock: Clock) -> None:
    """What knows who calls, from where and how often."""
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
